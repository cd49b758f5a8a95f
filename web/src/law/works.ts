/** A resolution as it is carried out: contracts, progress, payments, the sign-off. */
import type { Acts } from "./acts.ts";
import type { Case, Judge } from "./case.ts";
import { end } from "./matter.ts";
import { given, length, need, sorted } from "./rules.ts";
import type { Contract } from "./state.ts";

/** The sum of amounts in fen; refuses one that can't be counted exactly. */
function sum(amounts: readonly number[]): number {
  const all = amounts.reduce((before, fen) => before + fen, 0);
  need(all <= Number.MAX_SAFE_INTEGER, "value.range", "an amount", all);
  return all;
}

export const contract: Judge<"contract.recorded"> = (one, { amount_fen: fen, milestones, papers }) => {
  length(papers, 1, 50);
  length(milestones, 0, 20);
  const inOrder = milestones.every(({ due }, index) => index === 0 || (milestones[index - 1]?.due ?? due) <= due);
  need(inOrder, "list.form", "milestones by their days", "another order");
  const parts = sum(milestones.map((milestone) => milestone.amount_fen));
  need(parts <= fen, "value.range", fen, parts);
  const { contracts, settled } = one.matter;
  length(contracts, 0, 99);
  if (sum([...contracts.map((other) => other.fen), fen]) > (settled?.fen ?? 0)) one.remark("over_contracted");
  return one.step((matter) => void matter.contracts.push({ leaf: one.at.leaf, fen, paid: 0, reached: milestones.map(() => false) }));
};

export const progress: Judge<"progress.recorded"> = (one, act) => {
  length(act.papers, 1, 50);
  need(act.percent <= 100, "value.range", "0 to 100", act.percent);
  checkWitnesses(one, act);
  const paid = sum([one.matter.paid, act.paid_fen]);
  const under = contractWith(one, act);
  if (paid > (one.matter.settled?.fen ?? 0)) one.remark("overpaid");
  if (under !== undefined && under.paid > under.fen) one.remark("contract_overpaid");
  return one.step((matter) => {
    matter.percent = act.percent;
    matter.paid = paid;
    if (under !== undefined) matter.contracts = matter.contracts.map((other) => (other.leaf === under.leaf ? under : other));
  });
};

/** Who watches over the quality is on record, and isn't who reports it. */
function checkWitnesses({ state, by }: Case, { what, witnesses }: Acts["progress.recorded"]): void {
  sorted(witnesses, 20, (person) => person);
  need(what !== "quality" || witnesses.length > 0, "paper.missing", "who watched over the quality", "nobody");
  need(witnesses.every((person) => state.people.persons.has(person)), "person.unknown", "people on record", "someone else");
  const reports = by.some(({ person }) => person !== undefined && witnesses.includes(person));
  need(!reports, "signer.same", "witnesses besides who reports", "the same person");
}

/** The contract that a report is about, as it stands with it. */
function contractWith({ matter }: Case, { contract: leaf, milestone, paid_fen: fen }: Acts["progress.recorded"]): Contract | undefined {
  if (leaf === undefined) {
    need(milestone === undefined, "value.range", "a milestone of a contract", "of none");
    return undefined;
  }
  const before = given(matter.contracts.find((other) => other.leaf === leaf), "basis.stale", "a contract of this matter", leaf);
  const paid = sum([before.paid, fen]);
  if (milestone === undefined) return { ...before, paid };
  need(before.reached[milestone - 1] === false, "value.range", "a milestone not reached yet", milestone);
  return { ...before, paid, reached: before.reached.map((reached, index) => reached || index === milestone - 1) };
}

export const signedOff: Judge<"implementation.signed_off"> = (one) => {
  const { resolutionNotice, percent, paid, settled } = one.matter;
  one.notBefore(resolutionNotice?.ends, "notice.early");
  need(percent === 100, "paper.missing", 100, percent);
  if (paid > (settled?.fen ?? 0)) one.remark("overpaid");
  return one.step((matter) => end(matter, "finished"));
};
