/** The few texts that scripts show, in the page's language; the words are in web/locales/client. */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

/** A text by its id; the id itself when it is missing. */
export type Texts = (id: string, values?: Record<string, FluentVariable>) => string;

/** Loads the texts of the page's language. */
export async function texts(): Promise<Texts> {
  const english = document.documentElement.lang.startsWith("en");
  const source = english ? await import("../locales/client/en.ftl?raw") : await import("../locales/client/zh-CN.ftl?raw");
  return bundleOf(english ? "en" : "zh-CN", source.default);
}

/** Texts of one Fluent source. */
export function bundleOf(locale: string, source: string): Texts {
  // No isolation marks: the values are numbers, names and hex, and the marks would end up in copied text.
  const bundle = new FluentBundle(locale, { useIsolating: false });
  bundle.addResource(new FluentResource(source));
  return (id, values) => {
    const pattern = bundle.getMessage(id)?.value;
    return pattern ? bundle.formatPattern(pattern, values) : id;
  };
}
