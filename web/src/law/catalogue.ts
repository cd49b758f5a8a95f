/** The district's catalogue: what is only disclosed, which papers a filing needs (PROTOCOL 9 and 11). */
import type { Catalogue } from "./acts.ts";
import { CATEGORIES, type Category } from "./codes.ts";
import type { State } from "./state.ts";

type Entry = Catalogue["entries"][number];

/** What members must decide themselves whatever it is worth. */
const ALWAYS_VOTED: readonly Category[] = ["M05", "M07", "M08"];
const LONGEST_TITLE = 30;
const MOST_PAPERS = 12;
const MOST_TOPICS = 20;
const MOST_MONTHS = 12;
const MOST_DAYS = 92;

const isWithin = (text: string, most: number): boolean => text !== "" && [...text].length <= most;
const isOnce = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;

function isSaneEntry({ category, disclose_below_fen: below, papers, topics }: Entry): boolean {
  const titles = [...papers.map(({ title }) => title), ...topics];
  const voted = below === undefined || !ALWAYS_VOTED.includes(category);
  return voted && below !== 0 && papers.length <= MOST_PAPERS && topics.length <= MOST_TOPICS && isOnce(papers.map(({ code }) => code)) && isOnce(topics)
    && titles.every((title) => isWithin(title, LONGEST_TITLE));
}

/** Whether a catalogue makes sense: texts of a fit length, entries in order of category, codes and topics each once. */
export function isSaneCatalogue({ citation, rhythm, entries }: Catalogue): boolean {
  const places = entries.map(({ category }) => CATEGORIES.indexOf(category));
  const isMonths = (months: number): boolean => months >= 1 && months <= MOST_MONTHS;
  const rhythmic = rhythm === undefined || (isMonths(rhythm.affairs_months) && isMonths(rhythm.finances_months) && rhythm.within_days <= MOST_DAYS);
  return isWithin(citation, 300) && rhythmic && entries.length > 0 && places.every((place, nth) => nth === 0 || place > (places[nth - 1] as number))
    && entries.every(isSaneEntry);
}

/** What the catalogue in force on a day says of a category: the newest that has become effective. */
function entryOf({ catalogues }: State, category: Category | undefined, day: number): Entry | undefined {
  return catalogues.findLast(({ effective }) => effective <= day)?.entries.find((entry) => entry.category === category);
}

/** Codes of the papers that a filing needs, in order. */
export function papersNeeded(state: State, category: Category | undefined, day: number): string[] {
  return entryOf(state, category, day)?.papers.map(({ code }) => code) ?? [];
}

/** Whether disclosure is enough for a category and amount. */
export function isBelowCatalogue(state: State, category: Category, fen: number, day: number): boolean {
  return fen < (entryOf(state, category, day)?.disclose_below_fen ?? 0);
}
