/** Compares what a draft page shows with the exact payload that will be signed, so that nobody signs what they did not read. */
import { fromHex, hex, utf8 } from "./bytes.ts";
import { documentCommitment, personCommitment } from "./commit.ts";
import type { Json, JsonObject } from "./ijson.ts";
import { isObject } from "./ijson.ts";

/** One fact on the page: an element with `data-field` and `data-value`, and `data-salt` where its text opens a commitment. */
export interface Shown {
  /** Path in the payload, such as `amount_fen` or `ballots.0.questions.0.options`. */
  field: string;
  /** The value the page claims. */
  value: string;
  /** The visible text. */
  text: string;
  /** Salt of the commitment, hex. */
  salt?: string | undefined;
}

/** Fields of the payload that the page shows otherwise than they are, and those that it does not show. Both empty: the page is honest. */
export interface Differences {
  wrong: string[];
  hidden: string[];
}

/** Hex digits by which a commitment is named to people. */
const SHORT_HEX = 8;

/**
 * Fields that need no fact: the village is compared by the caller, the time is now, basis and parts are for the judge, and a document's
 * media type and size follow from its bytes. `src/http/act/facts.rs` has the same list.
 */
const SILENT = /^(village|at|basis|part|by\.\d+\.key)$/;
const OF_DOCUMENT = /\.(media|size)$/;

/** What differs. `mine` is the key that signs: its own row of `by` needs no fact. `silent` are fields that the caller fills in. */
export function differences(payload: JsonObject, shown: Shown[], mine: string, silent: string[] = []): Differences {
  const all = leaves(payload, "").filter(({ path, value }) => !silent.includes(path) && !isSilent(payload, path, value, mine));
  const values = new Map(all.map(({ path, value }) => [path, value]));
  const wrong = shown.filter((one) => !agrees(payload, one, values.get(one.field))).map((one) => one.field);
  const seen = new Set(shown.map((one) => one.field));
  const hidden = all.map(({ path }) => path).filter((path) => !around(path).some((outer) => seen.has(outer)));
  return { wrong: [...new Set(wrong)], hidden };
}

interface Leaf {
  path: string;
  value: Json;
}

/** Every plain value with its path. A list of plain values is one. */
function leaves(value: Json, path: string): Leaf[] {
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) return value.flatMap((item, i) => leaves(item, join(path, String(i))));
  if (!isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, join(path, name)));
}

/** A path and those of the rows that it stands in: a fact may show a whole row. */
function around(path: string): string[] {
  const parts = path.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isSilent(payload: JsonObject, path: string, value: Json, mine: string): boolean {
  // `of` counts parts; a correction's `of` is the kind that is put right, and must be shown.
  if (SILENT.test(path) || (path === "of" && typeof value === "number")) return true;
  const parent = at(payload, path.slice(0, path.lastIndexOf(".")));
  if (OF_DOCUMENT.test(path)) return isObject(parent) && "sha256" in parent;
  return /^by\.\d+\.(person|role)$/.test(path) && isObject(parent) && parent["key"] === mine;
}

/** Whether a fact says what stands at its path. A fact about a silent field must be right too. */
function agrees(payload: JsonObject, shown: Shown, leaf: Json | undefined): boolean {
  const value = leaf ?? at(payload, shown.field);
  if (value === undefined || spell(value) !== shown.value) return false;
  const name = shown.field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? "";
  if (shown.salt !== undefined) return typeof value === "string" && opens(name, value, shown.salt, shown.text);
  // A text that can be read must be shown whole, not by its commitment.
  const doc = name === "sha256" ? at(payload, shown.field.slice(0, -".sha256".length)) : undefined;
  if (isObject(doc) && doc["media"] === "text/plain") return false;
  if (isObject(value)) return Object.entries(value).every(([inner, item]) => says(inner, item, shown.text));
  return Array.isArray(value) ? listSays(name, value, shown.text) : says(name, value, shown.text);
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

/** Whether a text is the one committed to. HTML knows one line end; a file may have the other. */
function opens(name: string, commitment: string, salt: string, text: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(salt)) return false;
  const made = (words: string): string =>
    hex(name === "name" ? personCommitment(fromHex(salt), words) : documentCommitment(fromHex(salt), utf8(words)));
  return made(text) === commitment || made(text.replace(/\n/g, "\r\n")) === commitment;
}

function listSays(name: string, values: Json[], text: string): boolean {
  // All numbers and no others: a list of those present must not look longer than it is.
  if (values.length > 0 && values.every((value) => typeof value === "number")) return spell(numbersIn(text)) === spell(values.map(String));
  return text.trim() !== "" && values.every((value) => (isDigest(value) ? text.includes(value.slice(0, SHORT_HEX)) : says(name, value, text)));
}

/** Whether a visible text says a value: numbers, amounts, dates and keys are compared, codes are in the server's words. */
function says(name: string, value: Json, text: string): boolean {
  if (typeof value === "number") return numbersIn(text).includes(counted(name, value));
  if (typeof value !== "string") return typeof value === "boolean" && text.trim() !== "";
  if (name === "key") return text.includes(fingerprint(value));
  // The judge holds a profile to what was settled; all other hashes are shown as such.
  if (isDigest(value) && name !== "profile") return text.length >= SHORT_HEX && value.startsWith(text);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return saysDate(text, value);
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return saysTime(text, value);
  return text.trim() !== "";
}

/** A number as people read it: fen as yuan, and the ballots of a plan, which the payload counts from 0, from 1. */
function counted(name: string, value: number): string {
  if (name.endsWith("fen")) return yuan(value);
  return String(name === "ballot" ? value + 1 : value);
}

function isDigest(value: Json): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** First eight bytes of a public key in groups, for two people to compare by eye. */
export function fingerprint(publicKey: string): string {
  return (publicKey.slice(0, 16).match(/.{4}/g) ?? []).join(" ");
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

/** Date and time of day in Asia/Shanghai, which has been UTC+8 since 1991. */
function saysTime(text: string, time: string): boolean {
  const there = new Date(Date.parse(time) + 8 * 3_600_000).toISOString();
  return saysDate(text, there.slice(0, 10)) && text.includes(there.slice(11, 16));
}

/** Whether year, month and day stand in the text. Months may be words (21 November 2026). */
function saysDate(text: string, date: string): boolean {
  const [year, month, day] = date.split("-").map((part) => String(Number(part)));
  const word = new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(Date.parse(date));
  const numbers = numbersIn(text);
  return numbers.includes(year ?? "") && numbers.includes(day ?? "") && (numbers.includes(month ?? "") || text.includes(word));
}
