/**
 * I-JSON (RFC 7493) as PROTOCOL 1 narrows it: integers up to 2^53 − 1 in one spelling, nesting at most 8 deep,
 * no name twice in an object, no lone surrogates or noncharacters. Stricter than `JSON.parse`, which silently keeps the last of two equal names.
 */
import { FormatError, fromUtf8 } from "./bytes.ts";

/** A value that the record may hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** An object; its prototype is null, so a name such as `constructor` is only a name. */
export interface JsonObject {
  [name: string]: Json;
}

const MAX_DEPTH = 8;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Parses payload bytes; throws `FormatError` with the place of the first fault. */
export function parse(bytes: Uint8Array): Json {
  const reader = new Reader(fromUtf8(bytes));
  return reader.document();
}

/** Parses payload bytes that must hold an object. */
export function parseObject(bytes: Uint8Array): JsonObject {
  const value = parse(bytes);
  if (!isObject(value)) throw new FormatError("expected a JSON object");
  return value;
}

/** Whether a value is an object (and not null or an array). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(1);
    this.take(SPACE);
    if (this.at < this.text.length) this.fail("something follows the value");
    return value;
  }

  private fail(what: string): never {
    throw new FormatError(`${what} at character ${this.at}`);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skip(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false;
    this.at += literal.length;
    return true;
  }

  private value(depth: number): Json {
    this.take(SPACE);
    switch (this.text[this.at]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return this.string();
      default:
        if (this.skip("true")) return true;
        if (this.skip("false")) return false;
        if (this.skip("null")) return null;
        return this.number();
    }
  }

  private number(): number {
    const text = this.take(NUMBER) ?? this.fail("expected a value");
    const value = Number(text);
    if (text === "-0" || !Number.isSafeInteger(value)) this.fail("number out of range");
    if (/[.eE0-9]/.test(this.text[this.at] ?? "")) this.fail("only integers are allowed");
    return value;
  }

  private string(): string {
    this.at++;
    let text = "";
    for (;;) {
      text += this.take(PLAIN) ?? "";
      const mark = this.text[this.at++];
      if (mark === '"') break;
      if (mark !== "\\") this.fail("unfinished string");
      text += this.escape();
    }
    // A surrogate can only be alone when it was written as an escape: the bytes were checked as UTF-8.
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) this.fail("lone surrogate");
    if (/\p{Noncharacter_Code_Point}/u.test(text)) this.fail("noncharacter");
    return text;
  }

  private escape(): string {
    const letter = this.text[this.at++] ?? this.fail("unfinished string");
    if (letter !== "u") return ESCAPES[letter] ?? this.fail("unknown escape");
    const digits = this.take(/[0-9a-fA-F]{4}/y) ?? this.fail("bad escape");
    return String.fromCharCode(parseInt(digits, 16));
  }

  private array(depth: number): Json[] {
    this.enter(depth);
    const items: Json[] = [];
    if (this.closes("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.separator("]"));
    return items;
  }

  private object(depth: number): JsonObject {
    this.enter(depth);
    const object = Object.create(null) as JsonObject;
    if (this.closes("}")) return object;
    do {
      this.take(SPACE);
      if (this.text[this.at] !== '"') this.fail("expected a name");
      const name = this.string();
      if (name in object) this.fail("a name appears twice");
      this.take(SPACE);
      if (!this.skip(":")) this.fail("expected a colon");
      object[name] = this.value(depth + 1);
    } while (this.separator("}"));
    return object;
  }

  private enter(depth: number): void {
    if (depth > MAX_DEPTH) this.fail("nested too deep");
    this.at++;
  }

  private closes(end: string): boolean {
    this.take(SPACE);
    return this.skip(end);
  }

  private separator(end: string): boolean {
    this.take(SPACE);
    if (this.skip(",")) return true;
    if (this.skip(end)) return false;
    return this.fail(`expected , or ${end}`);
  }
}
