/** The township's review (审议备案). */
import type { Case, Judge } from "./case.ts";
import { papersNeeded } from "./catalogue.ts";
import { formatDay, lastDayBefore, later } from "./clock.ts";
import { stepBack } from "./matter.ts";
import { areKin } from "./people.ts";
import { longest } from "./profile.ts";
import { length, need } from "./rules.ts";

export const filingSubmitted: Judge<"filing.submitted"> = (one, { papers, materials }) => {
  length(materials, 0, 50);
  const needed = papersNeeded(one.state, one.matter.proposal?.category, one.day);
  const there = papers.length === needed.length && papers.every((code, nth) => code === needed[nth]) && materials.length >= needed.length;
  const names = (codes: readonly string[]): string => codes.join(", ") || "none";
  need(there, "paper.missing", names(needed), names(papers));
  one.notBefore(one.matter.planNotice?.ends, "notice.early");
  const due = longest(one.state, one.matter, one.at.time, (profile) => profile.filing);
  return one.step((matter) => void (matter.filingDue = due));
};

/** Whether the township waits for papers that it asked for. */
const waitsForPapers = ({ matter }: Case): boolean => [...matter.open.values()].some((point) => point.kind === "supplement.requested");

export const supplementRequested: Judge<"supplement.requested"> = (one) => {
  need(!waitsForPapers(one), "open.point", "no supplement asked for", "one asked for");
  return one.step((matter) => void matter.open.set(one.at.leaf, one.point()));
};

export const supplementProvided: Judge<"supplement.provided"> = (one, { materials }) => {
  length(materials, 1, 50);
  const basis = one.statement.basis ?? "";
  const asked = one.matter.open.get(basis)?.at.time ?? one.at.time;
  return one.step((matter) => {
    matter.open.delete(basis);
    // The clock stood still while the township waited.
    if (matter.filingDue !== undefined) matter.filingDue = later(matter.filingDue, one.at.time - asked);
  });
};

export const filingFiled: Judge<"filing.filed"> = (one) => {
  const reviewer = one.matter.papers.get("filing.reviewed")?.signers[0];
  const approver = one.by[0]?.person;
  need(reviewer !== approver, "signer.same", "an approver who didn't review", "the reviewer");
  // Review and approval are one act of two people, given in two statements.
  const kin = reviewer !== undefined && approver !== undefined && areKin(one.state.people, reviewer, approver);
  need(!kin, "signer.kin", "an approver who is no near kin of the reviewer", "near kin");
  return one.step();
};

export const filingReturned: Judge<"filing.returned"> = (one, { to }) => {
  need(to === "proposal" || to === "consultation", "stage.wrong", "proposal or consultation", to);
  return one.step((matter) => stepBack(matter, to));
};

export const deadlinePassed: Judge<"deadline.passed"> = (one, { due }) => {
  const { filingDue, papers } = one.matter;
  const over = filingDue !== undefined && one.at.time >= filingDue && lastDayBefore(filingDue) === due;
  need(over, "value.range", "the last day of the review, after it", formatDay(due));
  need(!papers.has("deadline.passed") && !waitsForPapers(one), "value.range", "once, while the township's clock runs", "otherwise");
  one.remark("review_overdue");
  return one.step();
};
