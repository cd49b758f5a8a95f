/** What a check found, as a program reads it: the members and codes of `sunvote verify --json`. */
import { hex } from "../bytes.ts";
import type { Checked } from "./verifier.ts";

/** One JSON object. Words under `expected` and `found` are this verifier's own. */
export function asJson(checked: Checked): object {
  const { checkpoint } = checked;
  return {
    verdict: checked.verdict,
    witnessed: [],
    roots: checked.roots,
    checkpoint: checkpoint === undefined ? null : { origin: checkpoint.origin, size: checkpoint.size, root: hex(checkpoint.root) },
    entries: checked.entries,
    signatures: checked.signatures,
    findings: checked.findings,
    remarks: checked.remarks,
    omitted: checked.omitted,
    unreadable: checked.unreadable ?? null,
  };
}
