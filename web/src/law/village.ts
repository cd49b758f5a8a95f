/** Roots, rules, profiles, calendars, delegations, annulments and corrections. */
import { isSoundKey } from "../curve.ts";
import type { Case, Judge } from "./case.ts";
import { formatDay, yearOf } from "./clock.ts";
import { CATEGORIES } from "./codes.ts";
import { isSaneCatalogue } from "./catalogue.ts";
import { checkRoots, keepApart } from "./people.ts";
import { isSane } from "./profile.ts";
import { length, need, sorted } from "./rules.ts";
import type { Papers } from "./state.ts";
import { type Kind, RULES_VERSION } from "./table.ts";

/** Kinds whose papers hold no plan, roster, question or result, so that a slip in them may be put right. */
const CORRECTABLE: readonly Kind[] = [
  "suggestion.entered", "enlarged_meeting.recorded", "joint_meeting.recorded", "visits.recorded", "plan.posted", "filing.reviewed", "filing.filed",
  "session.convened", "minutes.signed", "resolution.posted", "progress.recorded",
];

export const foundedAgain: Judge<"village.founded"> = () => {
  need(false, "founding.place", "entry 0 only", "a second founding");
  return () => {};
};

export const rootsChanged: Judge<"roots.changed"> = ({ state }, { roots }) => {
  checkRoots(roots);
  keepApart(state.people, roots, state.logKey);
  return () => void (state.roots = roots);
};

export const logKeyRotated: Judge<"log_key.rotated"> = ({ state }, { log_key: key }) => {
  const used = state.people.keys.has(key) || state.roots.includes(key);
  need(isSoundKey(key) && !used, "key.unfit", "a sound key of nobody else", key);
  return () => void (state.logKey = key);
};

export const rulesAdopted: Judge<"rules.adopted"> = ({ state }, { rules }) => {
  need(rules > state.rules && rules <= RULES_VERSION, "rules.unknown", RULES_VERSION, rules);
  return () => void (state.rules = rules);
};

export const profileAdopted: Judge<"profile.adopted"> = (one, { profile }) => {
  const { state, at } = one;
  need(isSane(profile), "value.range", "numbers that fit together", profile.code);
  sorted(profile.categories, 10, (category) => CATEGORIES.indexOf(category));
  const newest = Math.max(0, ...state.profiles.filter((other) => other.profile.code === profile.code).map((other) => other.profile.version));
  need(profile.version > newest, "value.range", "a rising version", profile.version);
  if (!profile.confirmed) one.remark("profile_unconfirmed");
  return () => void state.profiles.push({ leaf: at.leaf, profile });
};

export const catalogueAdopted: Judge<"catalogue.adopted"> = ({ state }, { catalogue }) => {
  need(isSaneCatalogue(catalogue), "value.range", "a catalogue that fits together", "another one");
  const newest = state.catalogues.at(-1)?.version ?? 0;
  need(catalogue.version > newest, "value.range", "a rising version", catalogue.version);
  return () => void state.catalogues.push(catalogue);
};

export const affairsDisclosed: Judge<"affairs.disclosed"> = ({ day }, { from, until, papers, places }) => {
  need(from <= until, "value.range", "a first day and a last day", formatDay(until));
  need(until <= day, "value.range", "a time that is over", formatDay(until));
  length(papers, 0, 50);
  length(places, 1, 9);
  return () => {};
};

export const calendarAdopted: Judge<"calendar.adopted"> = ({ state }, { year, holidays, workdays }) => {
  for (const days of [holidays, workdays]) sorted(days, 60, (day) => day);
  const odd = [...holidays, ...workdays].find((day) => yearOf(day) !== year);
  need(odd === undefined, "value.range", year, odd === undefined ? "" : formatDay(odd));
  return () => {
    for (const day of holidays) state.calendar.holidays.add(day);
    for (const day of workdays) state.calendar.workdays.add(day);
  };
};

export const merged: Judge<"village.merged"> = ({ state }, { into }) => {
  need(into !== state.village, "value.range", "another village", "this one");
  return () => void (state.merged = true);
};

export const delegationRecorded: Judge<"delegation.recorded"> = ({ state, at, day }, { from, to, categories, until }) => {
  sorted(categories, 10, (category) => CATEGORIES.indexOf(category));
  const own = (from === "villagers_assembly" && to === "representative_assembly") || (from === "members_assembly" && to === "members_representatives");
  need(own, "value.range", "from an assembly to its representatives", "other bodies");
  need(until >= day, "value.range", "a day to come", formatDay(until));
  return () => void state.delegations.push({ entry: at.leaf, to, categories, until });
};

export const entryAnnulled: Judge<"entry.annulled"> = (one, { entry, keys }) => {
  const { state } = one;
  const { people } = state;
  length(keys, 0, 200);
  need(keys.every((key) => people.keys.get(key)?.enrolled.leaf === entry), "key.unfit", "keys that the entry enrolled", "another key");
  const delegated = state.delegations.some((delegation) => delegation.entry === entry);
  const kin = [...people.kin].filter(([, at]) => at.leaf === entry).map(([pair]) => pair);
  const matter = one.statement.matter;
  need(keys.length > 0 || delegated || kin.length > 0 || matter !== undefined, "annulment.idle", "an annulment that changes something", "nothing to change");
  if (matter !== undefined) need(restsOn(one, matter, entry), "basis.stale", "an entry of the matter", entry);
  one.remark("annulled");
  const step = matter === undefined ? undefined : one.step((it) => void ([it.stage, it.outcome] = [undefined, "annulled"]));
  return () => {
    for (const key of keys) (people.keys.get(key) ?? { revoked: true }).revoked = true;
    for (const pair of kin) people.kin.delete(pair);
    state.delegations = state.delegations.filter((delegation) => delegation.entry !== entry);
    step?.();
  };
};

/** Whether a matter rests on an entry: one of its own, or of a session that has it on the agenda. */
function restsOn(one: Case, id: string, leaf: string): boolean {
  const { matter } = one;
  const named = (papers: Papers): boolean => [...papers.values()].some((paper) => paper.at.leaf === leaf);
  const own = [
    matter.opened, matter.updated, matter.planNotice?.at, matter.resolutionNotice?.at, ...matter.suggestions, ...matter.results.map(({ at }) => at),
    ...[...matter.open.values()].map(({ at }) => at),
  ];
  if (own.some((at) => at?.leaf === leaf) || named(matter.papers)) return true;
  return [...one.state.sessions.values()].some((session) => {
    const votes = [...session.votings.values()].filter((voting) => voting.matter === id);
    return session.agenda.some((item) => item.matter === id) && (named(session.papers) || votes.some((voting) => named(voting.papers)));
  });
}

export const clericalCorrected: Judge<"clerical.corrected"> = (one, { of, old }) => {
  need(CORRECTABLE.includes(of), "correction.forbidden", "a paper without plan, roster or result", of);
  const { matter, session, basis } = one.statement;
  const holds = (papers: Papers): boolean => papers.get(of)?.at.leaf === basis && papers.get(of)?.documents.includes(old) === true;
  const fits = (matter !== undefined && holds(one.matter.papers)) || (session !== undefined && holds(one.session.papers));
  need(fits, "basis.stale", "the entry with the slip", "another entry");
  return () => {};
};
