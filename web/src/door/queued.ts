/** Lists that were signed here and are not with the server yet, as the door shows them. */
import { fromBase64 } from "../bytes.ts";
import type { Envelope } from "../dsse.ts";
import type { Queued } from "../hall/queue.ts";
import { type JsonObject, parseObject } from "../ijson.ts";
import type { Waiting } from "./state.ts";

/** What of a queue is of this line and not on record, in its order. */
export function queuedLists(all: Queued[], line: string): Waiting[] {
  const open = all.filter((one) => one.line === line && (one.state === "waiting" || one.state === "refused"));
  return open.sort((a, b) => a.order - b.order).flatMap((one) => listOf(one) ?? []);
}

function listOf(one: Queued): Waiting | undefined {
  const { envelope } = (one.body ?? {}) as { envelope?: Envelope };
  if (envelope === undefined) return undefined;
  const payload = parseObject(fromBase64(envelope.payload));
  const kind = payload["kind"];
  if (kind !== "attendance.recorded" && kind !== "paper.issued") return undefined;
  const refused = one.state === "refused" ? { refused: one.problem?.words ?? "" } : {};
  return {
    statement: one.id, kind, present: numbers(payload, "present"), left: numbers(payload, "left"), voters: numbers(payload, "voters"),
    matter: text(payload, "matter"), question: text(payload, "question"), for_names: [], mine: false, queued: refused,
  };
}

function numbers(payload: JsonObject, name: string): number[] {
  const list = payload[name];
  return Array.isArray(list) ? list.filter((no): no is number => typeof no === "number") : [];
}

function text(payload: JsonObject, name: string): string | null {
  const value = payload[name];
  return typeof value === "string" ? value : null;
}
