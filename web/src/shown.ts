/** Compares what a draft page shows with the exact payload that will be signed, so that nobody signs what they did not read. */
import type { Json, JsonObject } from "./ijson.ts";
import { isObject } from "./ijson.ts";

/** One fact on the page: an element with `data-field`, `data-value` and, where its text can be compared too, `data-format`. */
export interface Shown {
  /** Path in the payload, such as `amount` or `questions.0.options`. */
  field: string;
  /** The value the page claims. */
  value: string;
  /** How the text spells it: `fen` (money), `date`, `time`, `number`; absent: the text is words. */
  format?: string | undefined;
  /** The visible text. */
  text: string;
}

/** Fields that must be shown whenever a payload has them, besides every amount: what is done, about what. */
const ALWAYS = new Set(["kind", "matter", "session", "question"]);

/** Names of payload fields that are missing from the page or shown otherwise than they will be signed. Empty: the page is honest. */
export function differences(payload: JsonObject, shown: Shown[]): string[] {
  const wrong = shown.filter((one) => !agrees(payload, one)).map((one) => one.field);
  const seen = new Set(shown.map((one) => one.field));
  const missing = required(payload, "").filter((field) => !seen.has(field));
  return [...new Set([...wrong, ...missing])];
}

function required(value: Json | undefined, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => required(item, `${path}${i}.`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const needed = (path === "" && ALWAYS.has(name)) || /(^|_)(amount|fen)(_|$)/.test(name);
    return needed && (typeof inner !== "object" || inner === null) ? [path + name] : required(inner, `${path}${name}.`);
  });
}

function agrees(payload: JsonObject, shown: Shown): boolean {
  const value = at(payload, shown.field);
  if (value === undefined || spell(value) !== shown.value) return false;
  return shown.format === undefined || textSays(shown.text, value, shown.format);
}

/** The value at a dotted path. */
export function at(payload: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = payload;
  for (const name of path.split(".")) {
    if (Array.isArray(value)) value = value[Number(name)];
    else value = isObject(value) ? value[name] : undefined;
  }
  return value;
}

/** How `data-value` spells a payload value. */
export function spell(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function textSays(text: string, value: Json, format: string): boolean {
  const numbers = numbersIn(text);
  switch (format) {
    case "fen":
      return typeof value === "number" && numbers.includes(yuan(value));
    case "number":
      return typeof value === "number" && numbers.includes(String(value));
    case "date":
      return typeof value === "string" && saysDate(text, value);
    case "time":
      return typeof value === "string" && saysDate(text, shanghai(value));
    default:
      return false;
  }
}

/** All numbers of a text without thousands separators, trailing zeros after the point or leading zeros. */
function numbersIn(text: string): string[] {
  const found = text.normalize("NFKC").replace(/(?<=\d),(?=\d{3})/g, "").match(/\d+(?:\.\d+)?/g) ?? [];
  return found.map((number) => (number.includes(".") ? number.replace(/\.?0+$/, "") : number).replace(/^0+(?=\d)/, ""));
}

function yuan(fen: number): string {
  const rest = fen % 100;
  return String((fen - rest) / 100) + (rest === 0 ? "" : `.${String(rest).padStart(2, "0")}`.replace(/0$/, ""));
}

/** Calendar date in Asia/Shanghai, which has been UTC+8 since 1991. */
function shanghai(time: string): string {
  return new Date(Date.parse(time) + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** Whether year and day stand in the text as numbers. Months may be words (21 November 2026). */
function saysDate(text: string, date: string): boolean {
  const [year, , day] = date.split("-").map((part) => String(Number(part)));
  const numbers = numbersIn(text);
  return numbers.includes(year ?? "") && numbers.includes(day ?? "");
}
