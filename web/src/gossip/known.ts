/**
 * What this device knows of a district from its first visit on (PROTOCOL 7): the key of the district's log, the newest checkpoint that it was
 * shown, and every witness that a page or the reader's own list named. What a server names later adds to this and takes nothing away.
 */
import { FormatError } from "../bytes.ts";
import { parseVerifierKey } from "../note.ts";

/** Most witnesses remembered of one district. */
const MOST = 32;

/** A witness that takes what readers were shown. */
export interface Witness {
  /** Its cosigning key, as a verifier key. */
  key: string;
  /** Where it answers, without a slash at the end. */
  url: string;
}

/** What is kept. */
export interface Known {
  /** Code of the district. */
  district: string;
  /** Verifier key of its log, as the first page named it. */
  logKey: string;
  /** When that was, ISO 8601. */
  since: string;
  /** Its newest checkpoint that this device was shown. */
  note?: string;
  witnesses: Witness[];
}

/** What a page says of a district. */
export interface Named {
  logKey?: string;
  witnesses: Witness[];
}

/** What became of comparing a page with what was known. */
export interface Met {
  known: Known;
  /** The other key that the page names, where it does. */
  otherKey?: string;
  /** Witnesses that this device knows and the page does not name. */
  unnamed: Witness[];
}

/** Name of a witness as people know it: its key's, without the cosigner's part. */
export function nameOf({ key }: Witness): string {
  return (key.split("+")[0] ?? key).replace(/\/(?:consistency|lawful)$/, "");
}

/** Reads `<verifier key> <address>` lines; what is neither is passed over. */
export function readWitnesses(text: string): Witness[] {
  const lines = text.split("\n").map((line) => line.trim().split(/[ \t]+/));
  return lines.flatMap(([key = "", url = ""]) => (isKey(key) && isAddress(url) ? [{ key, url: url.replace(/\/+$/, "") }] : []));
}

/** The witnesses of a reader's own tlog-policy that have an address. */
export function ofPolicy(policy: string): Witness[] {
  const lines = policy.split("\n").filter((line) => /^[ \t]*witness[ \t]/.test(line));
  return readWitnesses(lines.map((line) => line.trim().split(/[ \t]+/).slice(2).join(" ")).join("\n"));
}

/** The key of this district's log among verifier keys, one a line. */
export function keyOf(district: string, keys: string): string | undefined {
  return keys.split("\n").map((line) => line.trim()).find((key) => isKey(key) && parseVerifierKey(key).name.endsWith(`/log/d/${district}`));
}

/**
 * Adds what a page says to what was known; the key that was known stays, and of a witness the key that the reader's own list has, else the first.
 * Nothing where no key is known and none is named.
 */
export function meet(before: Known | undefined, district: string, named: Named, own: Witness[], now: string): Met | undefined {
  const logKey = before?.logKey ?? named.logKey;
  if (logKey === undefined) return undefined;
  const witnesses: Witness[] = [];
  for (const one of [...own, ...(before?.witnesses ?? []), ...named.witnesses]) if (witnesses.length < MOST && !witnesses.some(({ url }) => url === one.url)) witnesses.push(one);
  const known: Known = { district, since: now, ...before, logKey, witnesses };
  const listed = [...own, ...named.witnesses];
  const unnamed = witnesses.filter(({ url }) => !listed.some((one) => one.url === url));
  return { known, unnamed, ...(named.logKey !== undefined && named.logKey !== logKey && { otherKey: named.logKey }) };
}

function isKey(text: string): boolean {
  try {
    return parseVerifierKey(text).name !== "";
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Whether it is an address that may be spoken to: encrypted, or on this machine. */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
}
