/** What a check of a record found, in words. */
import type { Texts } from "./texts.ts";
import type { Finding } from "./verify/report.ts";
import type { Checked } from "./verify/verifier.ts";

/** How many findings are listed; one change near the start makes many. */
const LISTED = 20;

/** A record's verdict in words, a line each; `limit` is what a good one leaves open. */
export function recordLines(checked: Checked, t: Texts, limit = t("client-record-limit")): string[] {
  const { entries, ballots, results, roots, remarked, verdict } = checked;
  const facts = t("client-record-facts", { entries, ballots, results });
  // Which roots they are has lines of its own.
  const findings = checked.findings.filter(({ rule }) => rule !== "founding.other_roots");
  const lines = [...(roots === "other" ? otherRoots(checked, t) : [verdictLine(checked, t)])];
  lines.push(...findings.slice(0, LISTED).map((finding) => findingLine(finding, t)));
  if (findings.length > LISTED) lines.push(t("client-record-more", { count: findings.length - LISTED }));
  if (roots === "not_named") lines.push(t("client-record-roots-own"));
  if (roots === "named") lines.push(t("client-record-roots-printed"));
  lines.push(...[...remarked].map(([code, count]) => t("client-record-remark", { what: t(textId("remark", code)), count })));
  return [...lines, facts, verdict === "lawful" ? limit : ""].filter(Boolean);
}

function verdictLine({ verdict, findings, unreadable, omitted }: Checked, t: Texts): string {
  const count = findings.length + omitted;
  if (verdict === "lawful") return t("client-record-lawful");
  if (verdict === "procedure") return t("client-record-procedure", { count });
  if (verdict === "altered" || verdict === "other_roots") return t("client-record-altered", { count });
  return unreadable === "not a record file" ? t("client-record-unreadable") : t("client-record-newer");
}

function findingLine({ entry, rule }: Finding, t: Texts): string {
  const what = t(textId("rule", rule));
  return entry === null ? what : t("client-record-finding", { seq: entry, what });
}

/** Id of the words for a rule or remark. */
export function textId(of: "rule" | "remark", code: string): string {
  return `${of}-${code.replace(/[._]/g, "-")}`;
}

/** That the record begins with other root keys than the reader named, key by key, and what to do. */
function otherRoots({ named, strangers }: Checked, t: Texts): string[] {
  const same = strangers.filter((key) => named.includes(key));
  return [
    t("client-record-roots-other", { given: named.length, founders: strangers.length, same: same.length }),
    ...strangers.map((key) => same.includes(key) ? t("client-record-roots-same", { key }) : t("client-record-roots-missing", { key })),
    ...named.filter((key) => !strangers.includes(key)).map((key) => t("client-record-roots-odd", { key })),
    t("client-record-roots-do"),
  ];
}
