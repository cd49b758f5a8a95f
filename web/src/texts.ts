/** The few texts that scripts show, in the page's language; the words are in web/locales/client. */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

/** A text by its id; the id itself when it is missing. */
export type Texts = (id: string, values?: Record<string, FluentVariable>) => string;

const isEnglish = (): boolean => document.documentElement.lang.startsWith("en");
const common = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/en.ftl?raw") : await import("../locales/client/zh-CN.ftl?raw")).default;
const ofRecords = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/record/en.ftl?raw") : await import("../locales/client/record/zh-CN.ftl?raw")).default;
const ofCards = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/card/en.ftl?raw") : await import("../locales/client/card/zh-CN.ftl?raw")).default;
const ofDoor = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/door/en.ftl?raw") : await import("../locales/client/door/zh-CN.ftl?raw")).default;
const ofCount = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/count/en.ftl?raw") : await import("../locales/client/count/zh-CN.ftl?raw")).default;
const ofReach = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/client/reach/en.ftl?raw") : await import("../locales/client/reach/zh-CN.ftl?raw")).default;
/** What each rule and remark says: the words of the server's pages, so that both checks say the same. */
const ofRules = async (): Promise<string> =>
  (isEnglish() ? await import("../locales/en.ftl?rules") : await import("../locales/zh-CN.ftl?rules")).default;
const language = (): string => (isEnglish() ? "en" : "zh-CN");

/** Loads the texts of the page's language. */
export async function texts(): Promise<Texts> {
  return bundleOf(language(), await common());
}

/** Loads them with those of the pages that check records and ballots: no other page should pay for these. */
export async function recordTexts(): Promise<Texts> {
  return bundleOf(language(), ...(await Promise.all([common(), ofRecords(), ofRules()])));
}

/** Loads them with those of printed cards. */
export async function cardTexts(): Promise<Texts> {
  return bundleOf(language(), ...(await Promise.all([common(), ofCards()])));
}

/** Loads them with those of the door, where cards are used, too. */
export async function doorTexts(): Promise<Texts> {
  return bundleOf(language(), ...(await Promise.all([common(), ofCards(), ofDoor()])));
}

/** Loads them with those of the count. */
export async function countTexts(): Promise<Texts> {
  return bundleOf(language(), ...(await Promise.all([common(), ofCount()])));
}

/** Loads those of notices on this phone. */
export async function reachTexts(): Promise<Texts> {
  return bundleOf(language(), await ofReach());
}

/** Texts of some Fluent sources. */
export function bundleOf(locale: string, ...sources: string[]): Texts {
  // No isolation marks: the values are numbers, names and hex, and the marks would end up in copied text.
  const bundle = new FluentBundle(locale, { useIsolating: false });
  for (const source of sources) bundle.addResource(new FluentResource(source));
  return (id, values) => {
    const pattern = bundle.getMessage(id)?.value;
    return pattern ? bundle.formatPattern(pattern, values) : id;
  };
}
