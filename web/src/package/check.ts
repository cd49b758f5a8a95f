/**
 * An evidence package checked by itself: its record as any record is, its documents against what the record names, its receipts against the
 * entries of that record, and every file against the package's own list.
 */
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, fromBase64, fromHex, fromUtf8, hex } from "../bytes.ts";
import { documentCommitment } from "../commit.ts";
import { parseEntry } from "../entry.ts";
import { parse } from "../ijson.ts";
import { readStatement } from "../law/statement.ts";
import { ALG_ED25519, formatVerifierKey, verifierKey } from "../note.ts";
import { parseProof, verifyReceipt } from "../proof.ts";
import { readRecord } from "../verify/file.ts";
import { type Checked, type Options, Verifier } from "../verify/verifier.ts";

/** A file as the package's list has it. */
export interface Listed {
  path: string;
  bytes: number;
  /** Of its bytes, hex. */
  sha256: string;
  zh: string;
  en: string;
}

/** The package's own list. */
export interface Contents {
  title: { zh: string; en: string };
  /** Time of the record's newest entry. */
  as_of: string;
  files: Listed[];
}

/** What a file was found to be. */
export type PackageState = "record" | "named" | "receipt" | "listed" | "absent" | "other-bytes" | "not-named" | "bad-receipt";

/** What was found of one file, and of which entry it is. */
export interface State {
  state: PackageState;
  entry?: number;
}

/** States that nobody needs to worry about. */
export const SOUND: readonly PackageState[] = ["record", "named", "receipt", "listed"];

/** What was found of a package. */
export interface Found {
  record: Checked;
  /** By path. */
  files: Map<string, State>;
}

/** Where the record lies in a package. */
const RECORD = "record.sunvote";
const DOCUMENT = /^documents\/([0-9a-f]{64})\.[a-z0-9]+$/;
const RECEIPT = /^receipts\/\d+\.tlog-proof$/;

/** What the record says that files are compared with. */
interface Said {
  lines: Uint8Array[];
  /** The first entry that names a document. */
  named: Map<string, number>;
  logKey: string | undefined;
}

/** Checks a package whose files `bytesOf` gives, as far as they are at hand. */
export async function checkPackage(contents: Contents, bytesOf: (path: string) => Uint8Array | undefined, options: Options = {}): Promise<Found> {
  const { record, said } = await checkRecord(bytesOf(RECORD) ?? new Uint8Array(), options);
  const files = new Map<string, State>();
  for (const listed of contents.files) files.set(listed.path, await stateOf(listed, bytesOf, said));
  return { record, files };
}

async function checkRecord(bytes: Uint8Array, options: Options): Promise<{ record: Checked; said: Said }> {
  const verifier = new Verifier(options);
  const said: Said = { lines: [], named: new Map(), logKey: undefined };
  const ending = await readRecord(whole(bytes), async (lines) => {
    for (const line of lines) {
      for (const document of documentsOf(line)) if (!said.named.has(document)) said.named.set(document, said.lines.length);
      said.lines.push(line);
    }
    await verifier.take(lines);
  });
  const law = verifier.progress.law;
  if (law !== undefined) said.logKey = formatVerifierKey(verifierKey(law.origin, ALG_ED25519, fromHex(law.logKey)));
  return { record: await verifier.finish(ending), said };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Documents that an entry names; none where it can't be read, which the record's own check tells of. */
function documentsOf(line: Uint8Array): string[] {
  try {
    return readStatement(parse(fromBase64(parseEntry(line).statement.payload))).documents;
  } catch {
    return [];
  }
}

async function stateOf({ path, sha256: listed }: Listed, bytesOf: (path: string) => Uint8Array | undefined, said: Said): Promise<State> {
  const bytes = bytesOf(path);
  if (bytes === undefined) return { state: "absent" };
  if (hex(sha256(bytes)) !== listed) return { state: "other-bytes" };
  if (path === RECORD) return { state: "record" };
  const [, name] = DOCUMENT.exec(path) ?? [];
  if (name !== undefined && !path.endsWith(".salt")) return documentState(name, bytes, bytesOf(`documents/${name}.salt`), said);
  return RECEIPT.test(path) ? receiptState(bytes, said) : { state: "listed" };
}

function documentState(name: string, bytes: Uint8Array, salt: Uint8Array | undefined, { named }: Said): State {
  const entry = named.get(name);
  const same = salt?.length === 32 && hex(documentCommitment(salt, bytes)) === name;
  return same && entry !== undefined ? { state: "named", entry } : { state: "not-named" };
}

/** A receipt of this record is good by itself, and proves the very entry that the record has at its place. */
async function receiptState(bytes: Uint8Array, { lines, logKey }: Said): Promise<State> {
  const bad: State = { state: "bad-receipt" };
  if (logKey === undefined) return bad;
  try {
    const text = fromUtf8(bytes);
    const { extra, index } = parseProof(text);
    const line = lines[index];
    const same = extra !== undefined && line !== undefined && equal(extra, line);
    return same && (await verifyReceipt(text, { logKey })).fault === undefined ? { state: "receipt", entry: index } : bad;
  } catch {
    return bad;
  }
}
