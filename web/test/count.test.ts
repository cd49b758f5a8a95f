/** Counting marks, as both the hall's screen and a teller's tally draw them. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { strokes } from "../src/strokes.ts";

describe("正 marks", () => {
  it("have a stroke for each paper, five a character", () => {
    for (const count of [0, 1, 4, 5, 6, 16, 99]) {
      const drawn = strokes(count);
      expect(drawn.length).toBe(Math.ceil(count / 5));
      expect(drawn.join("").match(/M/g)?.length ?? 0).toBe(count);
    }
  });

  it("are written in the order of writing, as the server writes them", () => {
    const server = readFileSync(new URL("../../src/http/pages/strokes.rs", import.meta.url), "utf8");
    const lines = /const LINES[^=]*= \[([^\]]*)\]/.exec(server)?.[1]?.match(/"[^"]*"/g)?.map((line) => line.slice(1, -1));
    expect(strokes(5)).toEqual([lines?.join("")]);
    expect(strokes(3)).toEqual([lines?.slice(0, 3).join("")]);
  });
});
