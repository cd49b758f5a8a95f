/** The verifier as a program: `node verify.js <record.sunvote>`. Exit code 0 lawful, 1 not, 2 could not check, as `sunvote verify`. */
import { createReadStream } from "node:fs";
import { parseArgs } from "node:util";

import { fromHex } from "../bytes.ts";
import { parseVerifierKey } from "../note.ts";
import { exitCode, type Finding, type Verdict } from "./report.ts";
import { asJson } from "./told.ts";
import { type Checked, verifyRecord } from "./verifier.ts";

const USAGE = "usage: node verify.js [--root <hex>]… [--key <log key>] [--json] <record.sunvote>";
const WORDS: Record<Verdict, string> = {
  lawful: "complete and lawful (记录完整)",
  procedure: "a step is missing or late (程序有缺)",
  other_roots: "founded by root keys that you did not name (根密钥不符)",
  altered: "the record was altered (记录被改动)",
  could_not_check: "could not be checked (无法核验)",
};
const ROOTS: Record<Checked["roots"], string> = {
  named: "those that you named",
  not_named: "NOT CHECKED: you named none, so this does not say whose record it is",
  other: "NOT those that you named",
  not_checked: "NOT CHECKED: no founding could be read that they signed",
};

function line({ entry, class: weight, rule, expected, found }: Finding): string {
  const place = entry === null ? "record" : `entry ${entry}`;
  return `${weight.padEnd(11)} ${place}: ${rule}${expected === "" && found === "" ? "" : `: expected ${expected}, found ${found}`}`;
}

function asText(checked: Checked): string {
  const { verdict, roots, checkpoint, entries, signatures, findings, remarked, omitted, unreadable } = checked;
  const lines = [`verdict     ${WORDS[verdict]}`, `root keys   ${ROOTS[roots]}`];
  if (checkpoint !== undefined) lines.push(`record      ${checkpoint.origin}, ${checkpoint.size} entries`);
  lines.push(`checked     ${entries} entries, ${signatures} signatures`, "witnesses   unwitnessed, may be truncated");
  if (unreadable !== undefined) lines.push(`unreadable  ${unreadable}`);
  lines.push(...findings.map(line), ...[...remarked].map(([code, count]) => `remark      ${code} (${count})`));
  if (omitted > 0) lines.push(`            and ${omitted} more`);
  return lines.join("\n");
}

async function main(): Promise<number> {
  const options = { root: { type: "string", multiple: true }, key: { type: "string" }, json: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Error(USAGE);
  for (const root of values.root ?? []) fromHex(root, 32);
  if (values.key !== undefined) parseVerifierKey(values.key);
  const checked = await verifyRecord(createReadStream(path), { ...(values.root && { roots: values.root }), ...(values.key && { logKey: values.key }) });
  process.stdout.write(`${values.json ? JSON.stringify(asJson(checked)) : asText(checked)}\n`);
  return exitCode(checked.verdict);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
