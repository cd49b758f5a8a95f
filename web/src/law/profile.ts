/** Rule profiles: which one is in force, and what its shares ask for (PROTOCOL 9 and 11). */
import type { AgendaItem, Profile, Share } from "./acts.ts";
import { endOf, type Period } from "./calendar.ts";
import type { Body, Category } from "./codes.ts";
import type { Matter, State } from "./state.ts";

/** Longest period of a profile, in days. */
const MOST_DAYS = 366;

/** Whether `count` of `base` people reach a share. */
export function isReached({ num, den, more_than }: Share, count: number, base: number): boolean {
  return more_than ? count * den > base * num : count * den >= base * num && count > 0;
}

/** The smallest count that reaches a share of `base`. */
export function neededOf({ num, den, more_than }: Share, base: number): number {
  return more_than ? Math.floor((num * base) / den) + 1 : Math.max(1, Math.ceil((num * base) / den));
}

/** Whether a profile's numbers fit together. */
export function isSane(profile: Profile): boolean {
  const share = ({ num, den }: Share): boolean => den > 0 && num > 0 && num <= den;
  const { session_notice, plan_notice, resolution_notice, filing, answer, interpellation = answer, complaint = answer } = profile;
  const periods: Period[] = [session_notice, plan_notice, resolution_notice, filing, answer, interpellation, complaint];
  const citation = [...profile.citation].length;
  return share(profile.quorum) && share(profile.threshold) && profile.quorum.base === "all" && profile.categories.length > 0
    && (profile.below_fen === undefined || profile.below_fen > profile.from_fen) && periods.every(({ days }) => days <= MOST_DAYS)
    && citation >= 1 && citation <= 300;
}

/** The profile that the entry `leaf` adopted. */
export function profileOf(state: State, leaf: string): Profile | undefined {
  return state.profiles.find((one) => one.leaf === leaf)?.profile;
}

/** The profile in force for a body, category and amount on a day, with the leaf hash of its adoption. */
export function inForce(state: State, body: Body, category: Category, fen: number, day: number): { leaf: string; profile: Profile } | undefined {
  const effective = state.profiles.filter(({ profile }) => profile.effective <= day);
  const isNewest = ({ code, version }: Profile): boolean => effective.every(({ profile }) => profile.code !== code || profile.version <= version);
  const covers = ({ categories, from_fen, below_fen = Infinity }: Profile): boolean => categories.includes(category) && fen >= from_fen && fen < below_fen;
  return effective.reverse().find(({ profile }) => profile.body === body && isNewest(profile) && covers(profile));
}

/** The profile of an agenda item, by the matter's settled plan. */
export function profileOfItem(state: State, item: AgendaItem): Profile | undefined {
  const ballot = state.matters.get(item.matter)?.settled?.ballots[item.ballot];
  return ballot && profileOf(state, ballot.profile);
}

/** The first instant after the longest of a period over the profiles of a matter's ballots. */
export function longest(state: State, matter: Matter, from: number, period: (profile: Profile) => Period): number {
  const profiles = (matter.settled?.ballots ?? []).flatMap((ballot) => profileOf(state, ballot.profile) ?? []);
  return profiles.reduce((end, profile) => Math.max(end, endOf(state.calendar, from, period(profile))), from);
}
