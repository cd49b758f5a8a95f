/** Whole records, lawful and not: this verifier says of each what the Rust verifier says (tests/vectors/README.md). */
import { describe, expect, it } from "vitest";

import type { Bytes } from "../src/bytes.ts";
import type { Finding } from "../src/verify/report.ts";
import { verifyRecord } from "../src/verify/verifier.ts";
import { fileOf, readVectors, type Vector } from "./vectors-of-records.ts";

const vectors = readVectors();

async function* pieces(file: Bytes, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

const said = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ entry, rule }) => `${entry ?? "-"} ${rule}`))].sort();

/** What a verifier must say. */
const expected = ({ verdict, findings }: Vector): object => ({ verdict, findings: [...findings].sort() });

describe("a record", () => {
  it.each([...vectors.keys()])("%s is judged as agreed", async (name) => {
    const vector = vectors.get(name) as Vector;
    const { verdict, findings, remarks } = await verifyRecord(pieces(fileOf(vector)), { ...(vector.roots && { roots: vector.roots }), known: vector.known });
    expect({ verdict, findings: said(findings) }).toEqual(expected(vector));
    if (vector.remarks !== undefined) expect(said(remarks)).toEqual([...vector.remarks].sort());
  });
});
