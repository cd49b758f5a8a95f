import { describe, expect, it } from "vitest";

import { countdown, ServerClock } from "../src/screen/clock.ts";
import { SIZES, sizeThatFits } from "../src/screen/fit.ts";

describe("a countdown", () => {
  it("is written as clocks show it, and ends at nothing only at the end", () => {
    expect([0, 1, 1000, 59_001, 60_000, 247_000, 3_599_999, 3_847_000].map(countdown)).toEqual(["0:00", "0:01", "0:01", "1:00", "1:00", "4:07", "1:00:00", "1:04:07"]);
  });

  it("goes by the server's clock, however wrong the device's is", () => {
    let here = 5_000;
    const clock = new ServerClock("2026-11-28T12:00:00.000Z", () => here);
    expect(clock.until("2026-11-28T12:30:00.000Z")).toBe(30 * 60_000);
    here += 29 * 60_000;
    expect(countdown(clock.until("2026-11-28T12:30:00.000Z"))).toBe("1:00");
    here += 2 * 60_000;
    expect(clock.until("2026-11-28T12:30:00.000Z")).toBe(0);
    expect(new Date(clock.now()).toISOString()).toBe("2026-11-28T12:31:00.000Z");
  });
});

describe("a text", () => {
  it("is shown as large as it fits, and turned by pages where it never does", () => {
    expect(sizeThatFits(() => true)).toBe(SIZES[0]);
    expect(sizeThatFits((size) => size < 80)).toBe(78);
    expect(sizeThatFits((size) => size < 50)).toBe(SIZES.at(-1));
    expect(sizeThatFits(() => false)).toBeUndefined();
  });
});
