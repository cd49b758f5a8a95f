/** The terminal's words in both languages, so that the language changes at a touch, also without a network. */
import cardEn from "../../locales/client/card/en.ftl?raw";
import cardZh from "../../locales/client/card/zh-CN.ftl?raw";
import commonEn from "../../locales/client/en.ftl?raw";
import terminalEn from "../../locales/client/terminal/en.ftl?raw";
import terminalZh from "../../locales/client/terminal/zh-CN.ftl?raw";
import commonZh from "../../locales/client/zh-CN.ftl?raw";
import { bundleOf, type Texts } from "../texts.ts";

/** A language of the interface. */
export type Lang = "zh-CN" | "en";

const ALL: Record<Lang, Texts> = {
  "zh-CN": bundleOf("zh-CN", commonZh, cardZh, terminalZh),
  en: bundleOf("en", commonEn, cardEn, terminalEn),
};

/** The language that is shown. */
export const language = (): Lang => (document.documentElement.lang.startsWith("en") ? "en" : "zh-CN");

/** Shows another language from the next drawing on. */
export function speak(lang: Lang): void {
  document.documentElement.lang = lang;
}

/** A text in the language that is shown. */
export const t: Texts = (id, values) => ALL[language()](id, values);

/** An amount in words of the language. */
export function money(fen: number): string {
  const yuan = new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(fen / 100);
  return language() === "en" ? `¥${yuan}` : `${yuan}元`;
}

/** A time of day, as clocks in the village show it. */
export function clock(ms: number): string {
  return new Intl.DateTimeFormat(language(), { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
}
