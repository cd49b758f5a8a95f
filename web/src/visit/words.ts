/** What a visit found, in words. */
import { shanghaiTime } from "../time.ts";
import type { Texts } from "../texts.ts";
import type { Told } from "../verify/aside.ts";
import type { Above } from "./above.ts";
import type { Paper } from "./paper.ts";

/** A visit that ended with a verdict. */
export type Found = Extract<Told, { checked: unknown }>;
/** A visit that met another record than before. */
export type Other = Extract<Told, { other: unknown }>;

/** What stands above a record that nobody need worry about: witnessed, or not asked for. */
const CALM = ["witnessed", "unasked", "not_there", "not-witnessed"];

/** Whether all that was found is good. */
export function isGood({ checked, above, paper }: Found): boolean {
  return checked.verdict === "lawful" && CALM.includes(above.state) && paper !== "other" && paper !== "longer";
}

/** Whether what a printed notice says is on this record. */
export function paperLines({ paper, checked }: Found, typed: Paper | "", phone: string, t: Texts): string[] {
  if (paper === undefined || typed === "") return [];
  const facts = { size: typed.size, typed: typed.root.length, entries: checked.entries };
  if (paper === "same") return [t("client-paper-same", facts)];
  if (paper === "begins") return [t("client-paper-begins", facts)];
  return [paper === "longer" ? t("client-paper-longer", facts) : t("client-paper-other", facts), t("client-visit-phone", { phone })];
}

/** What was new, and what is kept for the next visit. */
export function seenLines({ seen, fresh, checked, above }: Found, t: Texts): string[] {
  if (checked.verdict === "could_not_check" || checked.roots === "other") return [];
  if (!checked.fits) return [t("client-visit-unsigned")];
  if (seen === undefined) return [t("client-visit-first")];
  const facts = { size: seen.size, time: shanghaiTime(seen.at) };
  const grown = checked.entries - seen.size;
  // More was judged than is new: the rules or the root keys are others than at the visit before.
  const anew = fresh > grown ? [t("client-visit-anew")] : [];
  const known = above.state === "other_history" ? [] : [grown === 0 ? t("client-visit-same", facts) : t("client-visit-extends", { ...facts, fresh: grown })];
  return [...known, ...anew];
}

/** Who else saw this record, by the reader's own policy. */
export function aboveLines({ state, by, evidence }: Above, phone: string, t: Texts): string[] {
  const names = by.map(({ name, time }) => t("client-visit-witness", { name, time: cosignedAt(time) }));
  if (state === "witnessed") return [t("client-visit-witnessed"), ...names];
  if (state === "unasked") return [t("client-visit-unwitnessed")];
  if (state === "not_there") return [t("client-visit-not-there")];
  if (state === "not-witnessed") return [t("client-visit-too-few"), ...names];
  if (state === "other-district") return [t("client-visit-other-district")];
  if (state === "not_extended") return [t("client-visit-not-extended"), t("client-visit-phone", { phone })];
  if (state !== "other_history") return [t("client-visit-not-above"), t("client-visit-phone", { phone })];
  const proof = evidence === undefined ? t("client-visit-unproven") : t("client-visit-proven");
  return [t("client-visit-other-history"), proof, t("client-visit-phone", { phone })];
}

/** A cosigner's Unix seconds in words; as a number where they are beyond all calendars. */
export function cosignedAt(seconds: number): string {
  const time = new Date(1000 * seconds);
  return Number.isNaN(time.getTime()) ? String(seconds) : shanghaiTime(time.toISOString());
}

/** That this is not the record seen before, what can be proven, and whom to phone. */
export function otherLines({ other, seen, size, evidence }: Other, phone: string, t: Texts): string[] {
  const facts = { before: seen.size, time: shanghaiTime(seen.at), size };
  return [
    t("client-visit-other"),
    other === "shorter" ? t("client-visit-shorter", facts) : t("client-visit-changed", facts),
    evidence === undefined ? t("client-visit-unproven") : t("client-visit-proven"),
    t("client-visit-phone", { phone }),
  ];
}
