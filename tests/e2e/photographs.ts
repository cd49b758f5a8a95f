/** Pictures of printed ballots as a camera would take them: marked with a pen, laid on a table, seen askew, dim or blurred. Drawn from seeds. */
import { execFileSync } from "node:child_process";
import { crc32, deflateSync } from "node:zlib";

import type { Gray, Layout } from "../../web/src/marks.ts";

/** Pixels to the millimetre of a rendered ballot, at 200 to the inch. */
const PX = 200 / 25.4;
/** What is torn off, and where the corner marks' centres are: millimetres. */
const [STUB, CORNER_AT] = [31, 8];

/** How somebody marks a box. */
export type Pen = "tick" | "cross" | "circle" | "dot";
/** How a ballot is held and seen. */
export interface View {
  /** Degrees, and how far each corner is pushed, as part of the sheet. */
  turn: number;
  aslant: number;
  /** Brightness at the darker edge, 1 for even light; blur in pixels; noise in levels. */
  light: number;
  blur: number;
  noise: number;
}

/** Numbers from 0 to 1 from a seed (mulberry32). */
export function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The first ballot of a PDF as it is cast: rendered, and the stub torn off. */
export function printed(pdf: string): Gray {
  const bytes = execFileSync("pdftoppm", ["-gray", "-r", "200", "-f", "1", "-l", "1", pdf], { maxBuffer: 1 << 26 });
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 32).toString("latin1"));
  if (head === null) throw new Error("no picture");
  const [width, whole] = [Number(head[1]), Number(head[2])];
  const from = Math.round(STUB * PX);
  const data = new Uint8Array(bytes.subarray(head[0].length + from * width, head[0].length + whole * width));
  return { width, height: whole - from, data };
}

/** The ballot with a mark in a box, in ink of this darkness. */
export function marked(ballot: Gray, box: Layout["boxes"][number], pen: Pen, random: () => number, ink = 60): Gray {
  const picture = { ...ballot, data: ballot.data.slice() };
  const at = (x: number, y: number): [number, number] => [(box.x + CORNER_AT + x * box.side) * PX, (box.y + CORNER_AT + y * box.side) * PX];
  const wide = (0.5 + 0.5 * random()) * PX;
  const off = (): number => (random() - 0.5) * 0.16;
  const line = (from: [number, number], to: [number, number]): void => {
    const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]));
    for (let i = 0; i <= steps; i++) blot(picture, from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps, wide / 2, ink);
  };
  if (pen === "tick") {
    const low = at(0.42 + off(), 0.78 + off());
    line(at(0.18 + off(), 0.5 + off()), low);
    line(low, at(0.9 + off(), 0.12 + off()));
  } else if (pen === "cross") {
    line(at(0.2 + off(), 0.2 + off()), at(0.8 + off(), 0.8 + off()));
    line(at(0.8 + off(), 0.2 + off()), at(0.2 + off(), 0.8 + off()));
  } else if (pen === "circle") {
    const [x, y] = [0.5 + off() / 2, 0.5 + off() / 2];
    for (let i = 0; i < 40; i++) {
      const point = (step: number): [number, number] => at(x + 0.3 * Math.cos((step / 40) * 2 * Math.PI), y + 0.3 * Math.sin((step / 40) * 2 * Math.PI));
      line(point(i), point(i + 1));
    }
  } else {
    line(at(0.4, 0.5), at(0.6, 0.5));
  }
  return picture;
}

function blot({ width, height, data }: Gray, x: number, y: number, radius: number, ink: number): void {
  for (let py = Math.max(0, Math.floor(y - radius)); py <= Math.min(height - 1, Math.ceil(y + radius)); py++) {
    for (let px = Math.max(0, Math.floor(x - radius)); px <= Math.min(width - 1, Math.ceil(x + radius)); px++) {
      if (Math.hypot(px - x, py - y) <= radius) data[py * width + px] = Math.min(data[py * width + px] ?? 255, ink);
    }
  }
}

/** The ballot on a table, as a camera sees it. */
export function photographed(ballot: Gray, view: View, random: () => number): Gray {
  const [width, height] = [1050, 1320];
  const table = 70 + 60 * random();
  const picture: Gray = { width, height, data: new Uint8Array(width * height) };
  const scale = (0.72 + 0.1 * random()) * Math.min(width / ballot.width, height / ballot.height);
  const [cos, sin] = [Math.cos((view.turn * Math.PI) / 180), Math.sin((view.turn * Math.PI) / 180)];
  const [lean, tilt] = [(random() - 0.5) * 2 * view.aslant, (random() - 0.5) * 2 * view.aslant];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // From the picture back to the sheet: perspective, turn, size.
      const [cx, cy] = [x - width / 2, y - height / 2];
      const depth = 1 + (lean * cx) / width + (tilt * cy) / height;
      const [u, v] = [cx / depth / scale, cy / depth / scale];
      const [sx, sy] = [cos * u + sin * v + ballot.width / 2, -sin * u + cos * v + ballot.height / 2];
      const dim = view.light + (1 - view.light) * (x / width);
      picture.data[y * width + x] = Math.max(0, Math.min(255, sampled(ballot, sx, sy, table) * dim + (random() - 0.5) * 2 * view.noise));
    }
  }
  return view.blur > 0 ? blurred(picture, view.blur) : picture;
}

function sampled({ width, height, data }: Gray, x: number, y: number, outside: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < 0 || top < 0 || left >= width - 1 || top >= height - 1) return outside;
  const [fx, fy, at] = [x - left, y - top, top * width + left];
  const upper = (data[at] ?? 0) * (1 - fx) + (data[at + 1] ?? 0) * fx;
  return upper * (1 - fy) + ((data[at + width] ?? 0) * (1 - fx) + (data[at + width + 1] ?? 0) * fx) * fy;
}

/** The mean of the square around each pixel. */
function blurred({ width, height, data }: Gray, radius: number): Gray {
  const pass = (from: Uint8Array, step: number, lines: number, across: number, length: number): Uint8Array => {
    const to = new Uint8Array(from.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        let [sum, count] = [0, 0];
        for (let k = Math.max(0, i - radius); k <= Math.min(length - 1, i + radius); k++) [sum, count] = [sum + (from[line * across + k * step] ?? 0), count + 1];
        to[line * across + i * step] = sum / count;
      }
    }
    return to;
  };
  return { width, height, data: pass(pass(data, 1, height, width, width), width, width, 1, height) };
}

/** The picture as a PNG file (W3C PNG, third edition). */
export function png({ width, height, data }: Gray): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) Buffer.from(data.buffer, data.byteOffset + y * width, width).copy(rows, y * (width + 1) + 1);
  const chunk = (name: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(name, "latin1"), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits, grey.
  head[8] = 8;
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** The picture as a film of one frame, for a camera to show (YUV4MPEG2, 4:2:0; its sides must be even). */
export function film({ width, height, data }: Gray): Buffer {
  const grey = Buffer.alloc((width * height) / 2, 128);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), data, grey]);
}
