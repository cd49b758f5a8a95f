import { describe, expect, it } from "vitest";

import { merged } from "../src/desk.ts";

const line = (key: string): HTMLElement => ({ dataset: { warning: key } }) as unknown as HTMLElement;

describe("a desk that renews itself", () => {
  it("takes the fresh lines in their order, and keeps those in use", () => {
    const [a, b, c] = ["a", "b", "c"].map(line) as [HTMLElement, HTMLElement, HTMLElement];
    const fresh = ["new", "c", "a", "b"].map(line);
    expect(merged([a, b, c], fresh, () => false)).toEqual(fresh);
    expect(merged([a, b, c], fresh, (one) => one === a)).toEqual([fresh[0], fresh[1], a, fresh[3]]);
    expect(merged([a, b, c], fresh, (one) => one === a)[2]).toBe(a);
  });

  it("keeps a line in use that is gone, and no other", () => {
    const [a, b] = ["a", "b"].map(line) as [HTMLElement, HTMLElement];
    const lines = merged([a, b], [line("c")], (one) => one === b);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(b);
    expect(merged([a, b], [], () => false)).toEqual([]);
  });
});
