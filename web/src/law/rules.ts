/** The rules of PROTOCOL 12 by their codes, and how each weighs in a verdict (PROTOCOL 9). */

/** How a finding weighs, in rising order. */
export const WEIGHTS = ["remark", "unknown", "procedure", "other_roots", "altered"] as const;
export type Weight = (typeof WEIGHTS)[number];

/** Every rule of the law; those without a word are faults of procedure. */
export const RULES = {
  "statement.form": "altered",
  "statement.signature": "altered",
  "statement.kind": "altered",
  "statement.fields": "altered",
  "statement.village": "altered",
  "statement.replayed": "altered",
  "statement.time": "procedure",
  "rules.unknown": "unknown",
  "founding.place": "altered",
  "founding.roots": "altered",
  "founding.other_roots": "other_roots",
  "signer.count": "altered",
  "signer.role": "procedure",
  "signer.key": "altered",
  "signer.key_revoked": "procedure",
  "signer.kin": "procedure",
  "signer.same": "procedure",
  "key.unfit": "procedure",
  "person.unknown": "procedure",
  "role.conflict": "procedure",
  "list.form": "procedure",
  "part.order": "procedure",
  "value.range": "procedure",
  "matter.unknown": "procedure",
  "matter.ended": "procedure",
  "stage.wrong": "procedure",
  "paper.missing": "procedure",
  "basis.stale": "procedure",
  "open.point": "procedure",
  "held_on.future": "procedure",
  "notice.early": "procedure",
  "notice.over": "procedure",
  "profile.wrong": "procedure",
  "delegation.missing": "procedure",
  "disclosure.not_enough": "procedure",
  "session.unknown": "procedure",
  "session.state": "procedure",
  "roster.wrong": "procedure",
  "voter.unknown": "procedure",
  "voter.absent": "procedure",
  "voter.recused": "procedure",
  "voter.key_new": "procedure",
  "quorum.missing": "procedure",
  "quorum.reached": "procedure",
  "attendance.wrong": "procedure",
  "tellers.unfit": "procedure",
  "box.forbidden": "procedure",
  "box.voter": "procedure",
  "question.wrong": "procedure",
  "voting.state": "procedure",
  "voting.underway": "procedure",
  "ballot.late": "procedure",
  "ballot.revision": "procedure",
  "ballot.channel": "procedure",
  "ballot.paper": "procedure",
  "paper.named": "procedure",
  "terminal.taken": "procedure",
  "terminal.order": "procedure",
  "terminal.seal": "procedure",
  "anchor.wrong": "procedure",
  "close.early": "procedure",
  "opening.wrong": "procedure",
  "opening.missing": "procedure",
  "count.missing": "procedure",
  "count.wrong": "procedure",
  "count.rows": "procedure",
  "count.photos": "procedure",
  "count.excess": "procedure",
  "result.wrong": "procedure",
  "document.level": "procedure",
  "annulment.idle": "procedure",
  "correction.forbidden": "procedure",
} as const satisfies Record<string, Weight>;

export type Rule = keyof typeof RULES;

/** What is lawful and still worth showing. */
export const REMARKS = [
  "late_entry", "review_overdue", "substituted", "emergency", "profile_unconfirmed", "few_papers", "voided", "annulled", "paper_excess", "overpaid", "over_contracted", "contract_overpaid",
  "vouched", "vouched_missing", "deliveries_missing", "ballot_overtaken", "paper_delivered_late", "recounted",
] as const;
export type Remark = (typeof REMARKS)[number];

/** What a rule expects, or what is there; as a function where it is only worth making for a refusal. */
export type Said = string | number | (() => string | number);

/** A statement that breaks a rule: it changes nothing. */
export class Refused extends Error {
  override name = "Refused";
  /** What the rule expects. */
  readonly expected: string | number;
  /** What is there. */
  readonly found: string | number;

  constructor(readonly rule: Rule, expected: Said, found: Said) {
    super(rule);
    this.expected = typeof expected === "function" ? expected() : expected;
    this.found = typeof found === "function" ? found() : found;
  }
}

/** Refuses under `rule` unless `holds`. */
export function need(holds: boolean, rule: Rule, expected: Said, found: Said): asserts holds {
  if (!holds) throw new Refused(rule, expected, found);
}

/** The value, if there is one; else refuses under `rule`. */
export function given<T>(value: T | undefined, rule: Rule, expected: Said, found: Said): T {
  if (value === undefined) throw new Refused(rule, expected, found);
  return value;
}

/** Refuses a list that is shorter than `least` or longer than `most`. */
export function length(list: readonly unknown[], least: number, most: number): void {
  need(list.length >= least && list.length <= most, "list.form", `${least} to ${most}`, list.length);
}

/** Refuses a list that is longer than `most`, or does not strictly rise by `rank`. */
export function sorted<T>(list: readonly T[], most: number, rank: (item: T) => string | number): void {
  const rises = list.every((item, i) => i === 0 || rank(list[i - 1] as T) < rank(item));
  need(rises && list.length <= most, "list.form", `at most ${most}, sorted, each once`, "another list");
}
