/** Marks on pictures drawn here: what is found, and what is not taken for a ballot. Printed ballots are read in tests/e2e. */
import { describe, expect, it } from "vitest";

import { batches, gray, shuffled } from "../src/count-photos.ts";
import { type Gray, type Layout, readBallot } from "../src/marks.ts";

const LAYOUT: Layout = { width: 132, height: 163, boxes: [0, 1, 2].map((i) => ({ x: 3, y: 50 + 18 * i, side: 13 })) };

/** A ballot of this layout, five pixels to the millimetre and eight millimetres around, with these boxes filled by so much. */
function drawn(filled: Record<number, number>): Gray {
  const [width, height] = [148 * 5, 179 * 5];
  const picture: Gray = { width, height, data: new Uint8Array(width * height).fill(240) };
  const fill = (x: number, y: number, w: number, h: number): void => {
    for (let py = Math.round((y + 8) * 5); py < Math.round((y + h + 8) * 5); py++) {
      for (let px = Math.round((x + 8) * 5); px < Math.round((x + w + 8) * 5); px++) picture.data[py * width + px] = 20;
    }
  };
  for (const [x, y] of [[0, 0], [LAYOUT.width, 0], [0, LAYOUT.height], [LAYOUT.width, LAYOUT.height]] as const) fill(x - 2.25, y - 2.25, 4.5, 4.5);
  LAYOUT.boxes.forEach(({ x, y, side }, i) => {
    for (const off of [0, side - 0.6]) {
      fill(x, y + off, side, 0.6);
      fill(x + off, y, 0.6, side);
    }
    fill(x + 4, y + 4, 5 * (filled[i] ?? 0), 5);
  });
  return picture;
}

/** The same picture, turned by a half. */
const upsideDown = ({ width, height, data }: Gray): Gray => ({ width, height, data: data.slice().reverse() });

describe("marks on a ballot", () => {
  it("suggest the one box that is clearly marked, whichever way up the picture is", () => {
    for (const one of [0, 1, 2]) {
      const picture = drawn({ [one]: 1 });
      expect(readBallot(picture, [LAYOUT])?.suggests).toBe(one);
      expect(readBallot(upsideDown(picture), [LAYOUT])?.suggests).toBe(one);
    }
  });

  it("suggest nothing where none or several stand out, or one is faint", () => {
    expect(readBallot(drawn({}), [LAYOUT])).toEqual({ ink: [0, 0, 0], suggests: undefined });
    expect(readBallot(drawn({ 0: 1, 2: 1 }), [LAYOUT])?.suggests).toBeUndefined();
    const faint = readBallot(drawn({ 1: 0.05 }), [LAYOUT]);
    expect(faint?.ink[1]).toBeGreaterThan(0);
    expect(faint?.suggests).toBeUndefined();
    expect(readBallot(drawn({ 0: 1, 1: 0.05 }), [LAYOUT])?.suggests).toBeUndefined();
  });

  it("are not read from what is no ballot of these layouts", () => {
    const other = { ...LAYOUT, boxes: LAYOUT.boxes.map((box) => ({ ...box, y: box.y + 7 })) };
    expect(readBallot(drawn({ 0: 1 }), [other])).toBeUndefined();
    expect(readBallot({ width: 300, height: 200, data: new Uint8Array(60_000).fill(200) }, [LAYOUT])).toBeUndefined();
    expect(readBallot(drawn({ 0: 1 }), [])).toBeUndefined();
  });
});

describe("photographs", () => {
  it("are read by brightness", () => {
    const data = new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255]);
    expect([...gray({ width: 2, height: 1, data }).data]).toEqual([255, 0]);
  });

  it("leave in an order that is drawn, each once", () => {
    const all = [1, 2, 3, 4, 5];
    expect(shuffled(all, () => 0)).toEqual([2, 3, 4, 5, 1]);
    expect(shuffled(all, (most) => most - 1)).toEqual(all);
    expect(all).toEqual([1, 2, 3, 4, 5]);
  });

  it("go fifty to a document, and fewer where they are heavy", () => {
    const light = Array.from({ length: 120 }, () => ({ size: 100_000 }));
    expect(batches(light).map((album) => album.length)).toEqual([50, 50, 20]);
    const heavy = Array.from({ length: 4 }, () => ({ size: 6 << 20 }));
    expect(batches(heavy).map((album) => album.length)).toEqual([2, 2]);
    expect(batches([])).toEqual([]);
  });
});
