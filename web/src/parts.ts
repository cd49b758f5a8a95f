/** Lists that come in parts, each in an entry of its own (PROTOCOL 1, `part` and `of`). */
import type { Json, JsonObject } from "./ijson.ts";

/** A list that is not whole yet. */
interface Arriving {
  got: number;
  of: number;
  rows: Json[];
}

/** Follows lists that arrive, each under a name. */
export class Parts {
  private readonly arriving = new Map<string, Arriving>();

  /** Takes in the part that a statement carries; gives all rows with the last part, `arriving` before it, `order` for a part that does not follow. */
  add(name: string, payload: JsonObject): Json[] | "arriving" | "order" {
    const [part, of] = [Number(payload["part"]), Number(payload["of"])];
    const before = this.arriving.get(name);
    // Part 1 always begins anew.
    if (!(part <= of) || (part !== 1 && !(before?.got === part - 1 && before.of === of))) return "order";
    const rows = [...(part === 1 ? [] : (before?.rows ?? [])), ...(Array.isArray(payload["rows"]) ? payload["rows"] : [])];
    if (part === of) {
      this.arriving.delete(name);
      return rows;
    }
    this.arriving.set(name, { got: part, of, rows });
    return "arriving";
  }
}
