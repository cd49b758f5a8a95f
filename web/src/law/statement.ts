/** A statement as the law reads it: header and own fields (PROTOCOL 1). */
import { isObject, type Json, type JsonObject } from "../ijson.ts";
import { type Acts, ACTS } from "./acts.ts";
import { ROLES, type Role } from "./codes.ts";
import { anyText, day, hex32, list, object, oneOf, optional, type Reader, shortCode, time, u16, ulid, unfit, villageCode } from "./read.ts";
import { Refused } from "./rules.ts";
import { isKind, type Kind, scopeOf } from "./table.ts";

/** Who signs, as what, with which key; roots and the log have no person. */
export interface Signer {
  person: string | undefined;
  role: Role;
  key: string;
}

/** A statement, read. */
export interface Statement<K extends Kind = Kind> {
  kind: K;
  village: string;
  by: Signer[];
  /** The signer's time. */
  at: number;
  matter: string | undefined;
  session: string | undefined;
  question: string | undefined;
  basis: string | undefined;
  /** Day of an act off line. */
  heldOn: number | undefined;
  part: { part: number; of: number } | undefined;
  act: Acts[K];
  /** Commitments of every document that it names. */
  documents: string[];
  /** The payload as it stands. */
  payload: JsonObject;
}

/** Most parts that one thing may come in. */
export const MOST_PARTS = 65;

/** Members that every payload has. */
const ALWAYS = ["kind", "village", "by", "at"];
const HEADER: Record<string, Reader<unknown>> = {
  matter: ulid, session: ulid, question: shortCode, basis: hex32, held_on: day, part: u16, of: u16,
};
const signers: Reader<Signer[]> = list(object({ person: optional(ulid), role: oneOf(ROLES), key: hex32 }));

/** Reads a payload that is strict JSON. Refuses it under `statement.fields` or `statement.kind`. */
export function readStatement(payload: Json): Statement {
  if (!isObject(payload)) unfit("an object", payload);
  const documents: string[] = [];
  gather(payload, documents);
  const kind = anyText(payload["kind"]);
  if (!isKind(kind)) throw new Refused("statement.kind", "a known kind", kind.slice(0, 80));
  const header: Record<string, unknown> = {};
  const own: JsonObject = Object.create(null) as JsonObject;
  for (const name of Object.keys(payload)) {
    if (ALWAYS.includes(name)) continue;
    if (isHeader(kind, name)) header[name] = HEADER[name]?.(payload[name]);
    else own[name] = payload[name] as Json;
  }
  for (const name of ["matter", "session", "question", "basis", "held_on"]) {
    if (scopeOf(kind, name) === "required" && header[name] === undefined) unfit(name, undefined);
  }
  return {
    kind,
    village: villageCode(payload["village"]),
    by: signers(payload["by"]),
    at: time(payload["at"]),
    ...(header as Pick<Statement, "matter" | "session" | "question" | "basis">),
    heldOn: header["held_on"] as number | undefined,
    part: part(kind, header["part"] as number | undefined, header["of"] as number | undefined),
    act: ACTS[kind](own),
    documents,
    payload,
  } as Statement;
}

function isHeader(kind: Kind, name: string): boolean {
  return Object.hasOwn(HEADER, name) && scopeOf(kind, name === "of" ? "part" : name) !== "absent";
}

function part(kind: Kind, part: number | undefined, of: number | undefined): Statement["part"] {
  if (scopeOf(kind, "part") === "absent" || (part === undefined && of === undefined && scopeOf(kind, "part") === "optional")) return undefined;
  if (part === undefined || of === undefined || part < 1 || part > of || of > MOST_PARTS) unfit(`1 ≤ part ≤ of ≤ ${MOST_PARTS}`, "another part");
  return { part, of };
}

/** Notes every document in a value, and refuses it for a null at any depth. */
function gather(value: Json, documents: string[]): void {
  if (value === null) unfit("no null", "null");
  if (typeof value !== "object") return;
  if (Array.isArray(value)) return value.forEach((item) => gather(item, documents));
  if (typeof value["sha256"] === "string") documents.push(value["sha256"]);
  for (const name in value) gather(value[name] as Json, documents);
}
