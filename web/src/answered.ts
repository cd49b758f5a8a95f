/** Which keys answered a slip that was made in this browser: the only keys that its clerk may enrol. */
import { isObject, type JsonObject } from "./ijson.ts";
import { get, put } from "./storage.ts";

interface Answered {
  /** `village person key`. */
  id: string;
  since: string;
}

function idOf(village: unknown, person: unknown, key: unknown): string {
  return [village, person, key].map(String).join(" ");
}

/** Remembers a key whose answer fitted its slip. */
export async function rememberAnswered(village: string, person: string, key: string): Promise<void> {
  await put("answered", { id: idOf(village, person, key), since: new Date().toISOString() } satisfies Answered);
}

/** Keys of a `keys.enrolled` payload that did not answer a slip of this browser for their person; of other kinds none. */
export async function unansweredKeys(payload: JsonObject): Promise<string[]> {
  const rows = payload["kind"] === "keys.enrolled" ? payload["keys"] : [];
  if (!Array.isArray(rows)) return [String(rows)];
  const unanswered: string[] = [];
  for (const row of rows) {
    const { person, key } = isObject(row) ? row : {};
    if ((await get<Answered>("answered", idOf(payload["village"], person, key))) === undefined) unanswered.push(String(key));
  }
  return unanswered;
}
