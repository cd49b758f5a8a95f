/** Readers of typed values from strict JSON: each gives the value or refuses the statement under `statement.fields` (PROTOCOL 1). */
import { isObject, type Json } from "../ijson.ts";
import { parseDay, parseTime } from "./clock.ts";
import { Refused } from "./rules.ts";

/** Reads a value; hears undefined where a member is missing. */
export type Reader<T> = (value: Json | undefined) => T;
/** What a reader gives. */
export type Read<R> = R extends Reader<infer T> ? T : never;

/** Refuses a value that is not what its field must be. */
export function unfit(expected: string, found: Json | undefined): never {
  throw new Refused("statement.fields", expected, found === undefined ? "nothing" : typeof found === "object" ? "another value" : String(found).slice(0, 80));
}

function text<T extends string>(expected: string, pattern: RegExp): Reader<T> {
  return (value) => (typeof value === "string" && pattern.test(value) ? (value as T) : unfit(expected, value));
}

/** A text of any length. */
export const anyText: Reader<string> = (value) => (typeof value === "string" ? value : unfit("a text", value));
/** 32 bytes in lower-case hex: a digest or a public key. */
export const hex32 = text<string>("64 hex digits", /^[0-9a-f]{64}$/);
/** 64 bytes in lower-case hex: a signature. */
export const hex64 = text<string>("128 hex digits", /^[0-9a-f]{128}$/);
/** A ULID in its one spelling. */
export const ulid = text<string>("a ULID", /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
export const villageCode = text<string>("12 digits", /^\d{12}$/);
export const districtCode = text<string>("6 digits", /^\d{6}$/);
/** A code of a question or option. */
export const shortCode = text<string>("a code of 1 to 16 characters", /^[a-z0-9_-]{1,16}$/);
/** A code of a rule profile. */
export const profileCode = text<string>("a code of 1 to 48 characters", /^[a-z0-9_-]{1,48}$/);

/** A code of a paper that a catalogue asks for. */
export const paperCode = text<string>("a code of 1 to 16 characters", /^[a-z0-9_-]{1,16}$/);

export const bool: Reader<boolean> = (value) => (typeof value === "boolean" ? value : unfit("true or false", value));
/** A member that is written only where it holds. */
export const yes: Reader<true> = (value) => (value === true ? value : unfit("true, or no such member", value));
/** An instant, as milliseconds. */
export const time: Reader<number> = (value) => (typeof value === "string" ? parseTime(value) : undefined) ?? unfit("a time", value);
/** A day, as days since 1970. */
export const day: Reader<number> = (value) => (typeof value === "string" ? parseDay(value) : undefined) ?? unfit("a date", value);

/** An integer from 0 to `most`. */
function upTo(most: number): Reader<number> {
  return (value) => (typeof value === "number" && value >= 0 && value <= most ? value : unfit(`0 to ${most}`, value));
}
export const u8 = upTo(0xff);
export const u16 = upTo(0xffff);
export const u32 = upTo(0xffff_ffff);
/** A sum of money or a length: any integer from 0 that strict JSON can hold. */
export const natural = upTo(Number.MAX_SAFE_INTEGER);

/** One of some codes. */
export function oneOf<const T extends string>(codes: readonly T[]): Reader<T> {
  return (value) => ((codes as readonly unknown[]).includes(value) ? (value as T) : unfit(codes.join(", "), value));
}

/** A list of any length; how many are lawful is the law's to say. */
export function list<T>(item: Reader<T>): Reader<T[]> {
  return (value) => (Array.isArray(value) ? value.map((one) => item(one)) : unfit("a list", value));
}

/** A member that may be missing. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value) => (value === undefined ? undefined : reader(value));
}

/** A list that, when it is empty, may be missing. */
export function listOrNone<T>(item: Reader<T>): Reader<T[]> {
  const whole = list(item);
  return (value) => (value === undefined ? [] : whole(value));
}

/** An object with these members and no others. */
export function object<S extends Record<string, Reader<unknown>>>(shape: S): Reader<{ [K in keyof S]: Read<S[K]> }> {
  const names = Object.keys(shape);
  return (value) => {
    if (!isObject(value)) unfit("an object", value);
    const odd = Object.keys(value).find((name) => !Object.hasOwn(shape, name));
    if (odd !== undefined) unfit("no other member", odd);
    const read: Record<string, unknown> = {};
    for (const name of names) read[name] = (shape[name] as Reader<unknown>)(value[name]);
    return read as { [K in keyof S]: Read<S[K]> };
  };
}
