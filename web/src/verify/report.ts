/** What a check of a record finds, and the verdict on it (PROTOCOL 9). */
import type { Checkpoint } from "../checkpoint.ts";
import { type Remark, type Rule, RULES, type Weight, WEIGHTS } from "../law/rules.ts";

/** Rules about bytes, beside those of the law; whatever breaks one was altered. */
export const BYTE_RULES = [
  "entry.format", "entry.seq", "entry.prev", "entry.time", "record.end", "checkpoint.format", "checkpoint.key", "checkpoint.origin",
  "checkpoint.signature", "checkpoint.size", "checkpoint.root", "checkpoint.known",
] as const;
export type ByteRule = (typeof BYTE_RULES)[number];

/** One thing that was found. */
export interface Finding {
  /** The entry, from 0 by its place in the file; null if it is about the whole record. */
  entry: number | null;
  class: Weight;
  rule: Rule | ByteRule | Remark;
  expected: string;
  found: string;
}

export const VERDICTS = ["lawful", "procedure", "other_roots", "altered", "could_not_check"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why a file can't be read as a record. */
export type Unreadable = "not a record file" | "a record of a version that this program does not know";

/** Most findings and most remarks that are kept. */
const MOST = 1_000;

/** Findings as they come. Plain data, so that it can be written down and taken up again. */
export interface Report {
  findings: Finding[];
  remarks: Finding[];
  /** How often each remark was made, kept or not. */
  remarked: Map<Remark, number>;
  /** Findings and remarks beyond those kept. */
  omitted: number;
  worst: Weight | undefined;
  entries: number;
  signatures: number;
  /** Device ballots taken in, and results that were counted again. */
  ballots: number;
  results: number;
  checkpoint: Checkpoint | undefined;
  unreadable: Unreadable | undefined;
}

export function newReport(): Report {
  return {
    findings: [], remarks: [], remarked: new Map(), omitted: 0, worst: undefined, entries: 0, signatures: 0, ballots: 0, results: 0, checkpoint: undefined,
    unreadable: undefined,
  };
}

/** Adds a finding, or counts it beyond those kept. */
export function add(report: Report, finding: Finding): void {
  const rank = (weight: Weight | undefined): number => (weight === undefined ? -1 : WEIGHTS.indexOf(weight));
  if (rank(finding.class) > rank(report.worst)) report.worst = finding.class;
  const isRemark = finding.class === "remark";
  if (isRemark) report.remarked.set(finding.rule as Remark, (report.remarked.get(finding.rule as Remark) ?? 0) + 1);
  const list = isRemark ? report.remarks : report.findings;
  if (list.length < MOST) list.push(finding);
  else report.omitted++;
}

/** How a rule of the law weighs. */
export function weightOf(rule: Rule): Weight {
  return RULES[rule];
}

/** The worst finding decides; what is certain outweighs what could not be checked. */
export function verdictOf({ worst, unreadable }: Report): Verdict {
  if (worst === "altered" || worst === "other_roots" || worst === "procedure") return worst;
  return worst === "unknown" || unreadable !== undefined ? "could_not_check" : "lawful";
}

/** The exit code that goes with a verdict. */
export function exitCode(verdict: Verdict): 0 | 1 | 2 {
  return verdict === "lawful" ? 0 : verdict === "could_not_check" ? 2 : 1;
}
