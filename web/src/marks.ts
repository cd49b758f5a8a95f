/**
 * Marks on a photographed ballot: its four corner marks are found, the picture is set straight by them, and the ink in each box is
 * measured. It suggests; a person decides each paper. Pure: pixels and a layout in, numbers out.
 */

/** Brightness of a picture, row by row, 0 black to 255 white. */
export interface Gray {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Where a ballot's boxes are, in millimetres from the centre of its first corner mark; how far apart the marks' centres are. */
export interface Layout {
  width: number;
  height: number;
  boxes: { x: number; y: number; side: number }[];
}

/** What a picture shows. */
export interface Reading {
  /** Part of each box that is ink, 0 to 1. */
  ink: number[];
  /** The one box that is clearly marked, the others being clearly empty. */
  suggests: number | undefined;
}

interface Point {
  x: number;
  y: number;
}
interface Spot extends Point {
  area: number;
}
/** From millimetres on the ballot to pixels. */
type Onto = (at: Point) => Point;

/** A pixel is dark that is darker than this part of its surroundings. */
const DARK = 0.72;
/** Surroundings: this part of the picture's longer edge. */
const AROUND = 1 / 8;
/** A corner mark's edge, as part of the picture's shorter edge. */
const MARK = { least: 0.008, most: 0.08 } as const;
/** How much of the rectangle around it a mark fills, held askew or seen aslant. */
const SOLID = 0.55;
/** Most spots that are tried as corners. */
const MOST_SPOTS = 24;
/** How much of every box's outline must be where the layout has it. */
const OUTLINE = 0.8;
/** Ink by which a box is marked, and by which it is empty; between the two nobody knows. */
const MARKED = 0.03;
const EMPTY = 0.012;
/** The inner part of a box in which ink is looked for: its own outline is none. */
const INSET = 0.2;

/** What a picture of a ballot of one of these layouts shows; undefined where none is found on it. */
export function readBallot(picture: Gray, layouts: readonly Layout[]): Reading | undefined {
  const sum = integral(picture);
  const isDark = darkness(picture, sum);
  const corners = quads(spots(picture, isDark));
  let best: { score: number; onto: Onto; layout: Layout } | undefined;
  for (const quad of corners) {
    for (const layout of layouts) {
      for (let turn = 0; turn < 4; turn++) {
        const onto = homography(layout, [0, 1, 2, 3].map((i) => quad[(i + turn) % 4] as Point));
        const score = onto === undefined ? 0 : outlined(layout, onto, isDark);
        if (onto !== undefined && score > (best?.score ?? 0)) best = { score, onto, layout };
      }
    }
  }
  if (best === undefined) return undefined;
  const { onto, layout } = best;
  const ink = layout.boxes.map((box) => inkIn(picture, onto, box));
  const marked = ink.flatMap((part, i) => (part >= MARKED ? [i] : []));
  const clear = ink.every((part) => part >= MARKED || part <= EMPTY);
  return { ink, suggests: clear && marked.length === 1 ? marked[0] : undefined };
}

/** Sums of all pixels above and to the left, one row and column more than the picture has. */
function integral({ width, height, data }: Gray): Float64Array {
  const sum = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += data[y * width + x] ?? 0;
      sum[(y + 1) * (width + 1) + x + 1] = (sum[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sum;
}

/** Whether a pixel is dark beside its surroundings: shadows and dim rooms change both. */
function darkness({ width, height, data }: Gray, sum: Float64Array): (x: number, y: number) => boolean {
  const half = Math.max(4, Math.round((Math.max(width, height) * AROUND) / 2));
  const at = (x: number, y: number): number => sum[y * (width + 1) + x] ?? 0;
  return (x, y) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return false;
    const [left, top] = [Math.max(0, x - half), Math.max(0, y - half)];
    const [right, bottom] = [Math.min(width, x + half + 1), Math.min(height, y + half + 1)];
    const mean = (at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)) / ((right - left) * (bottom - top));
    return (data[y * width + x] ?? 255) < mean * DARK;
  };
}

/** Solid spots about as wide as high: corner marks, and little else on a ballot. */
function spots({ width, height }: Gray, isDark: (x: number, y: number) => boolean): Spot[] {
  const dark = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) dark[y * width + x] = isDark(x, y) ? 1 : 0;
  const found: (Spot & { odd: number })[] = [];
  const [least, most] = [MARK.least * Math.min(width, height), MARK.most * Math.min(width, height)];
  const waiting: number[] = [];
  for (let start = 0; start < dark.length; start++) {
    if (dark[start] !== 1) continue;
    let [area, sumX, sumY, left, right, top, bottom] = [0, 0, 0, width, 0, height, 0];
    waiting.push(start);
    dark[start] = 0;
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const [x, y] = [one % width, Math.floor(one / width)];
      area++;
      sumX += x;
      sumY += y;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      for (const next of [x > 0 ? one - 1 : -1, x < width - 1 ? one + 1 : -1, one - width, one + width]) {
        if (dark[next] !== 1) continue;
        dark[next] = 0;
        waiting.push(next);
      }
    }
    const [wide, high, side] = [right - left + 1, bottom - top + 1, Math.sqrt(area)];
    const fits = side >= least && side <= most && Math.max(wide, high) < 1.6 * side && Math.max(wide, high) < 1.6 * Math.min(wide, high);
    if (fits && area / (wide * high) > SOLID) found.push({ x: sumX / area, y: sumY / area, area, odd: 1 - area / (wide * high) });
  }
  return found.sort((a, b) => a.odd - b.odd).slice(0, MOST_SPOTS);
}

/** Fours of spots that could be a ballot's corners, each in the order of walking around it. */
function quads(all: Spot[]): Point[][] {
  const found: Point[][] = [];
  for (let a = 0; a < all.length; a++) {
    for (let b = a + 1; b < all.length; b++) {
      for (let c = b + 1; c < all.length; c++) {
        for (let d = c + 1; d < all.length; d++) {
          const four = [a, b, c, d].map((i) => all[i] as Spot);
          const areas = four.map(({ area }) => area);
          if (Math.max(...areas) > 2.2 * Math.min(...areas)) continue;
          const around = walk(four);
          if (isSheet(around, Math.sqrt(Math.max(...areas)))) found.push(around);
        }
      }
    }
  }
  return found;
}

/** Clockwise as pictures count, from the one nearest the upper left. */
function walk(four: readonly Point[]): Point[] {
  const middle = { x: four.reduce((sum, { x }) => sum + x, 0) / 4, y: four.reduce((sum, { y }) => sum + y, 0) / 4 };
  const angle = ({ x, y }: Point): number => Math.atan2(y - middle.y, x - middle.x);
  return [...four].sort((a, b) => angle(a) - angle(b));
}

/** Whether four corners are those of a sheet seen more or less from above: nearly a rectangle, and far apart beside a mark's size. */
function isSheet(corners: readonly Point[], mark: number): boolean {
  const at = (i: number): Point => corners[i % 4] as Point;
  const sides = [0, 1, 2, 3].map((i) => Math.hypot(at(i + 1).x - at(i).x, at(i + 1).y - at(i).y));
  const [a = 0, b = 0, c = 0, d = 0] = sides;
  const alike = (one: number, other: number): boolean => one < 1.45 * other && other < 1.45 * one;
  if (!alike(a, c) || !alike(b, d) || Math.min(...sides) < 12 * mark) return false;
  return [0, 1, 2, 3].every((i) => {
    const [p, q, r] = [at(i), at(i + 1), at(i + 2)];
    const cross = (q.x - p.x) * (r.y - q.y) - (q.y - p.y) * (r.x - q.x);
    return Math.abs(cross) > 0.8 * (sides[i] ?? 0) * (sides[(i + 1) % 4] ?? 0);
  });
}

/** The projective map from a layout's millimetres onto these four corners (Heckbert 1989, square to quadrilateral); undefined where there is none. */
function homography({ width, height }: Layout, [p, q, r, s]: readonly Point[]): Onto | undefined {
  if (p === undefined || q === undefined || r === undefined || s === undefined) return undefined;
  const [dx1, dx2, dx3] = [q.x - r.x, s.x - r.x, p.x - q.x + r.x - s.x];
  const [dy1, dy2, dy3] = [q.y - r.y, s.y - r.y, p.y - q.y + r.y - s.y];
  const whole = dx1 * dy2 - dx2 * dy1;
  if (whole === 0) return undefined;
  const g = (dx3 * dy2 - dx2 * dy3) / whole;
  const h = (dx1 * dy3 - dx3 * dy1) / whole;
  return ({ x, y }) => {
    const [u, v] = [x / width, y / height];
    const w = g * u + h * v + 1;
    return { x: ((q.x - p.x + g * q.x) * u + (s.x - p.x + h * s.x) * v + p.x) / w, y: ((q.y - p.y + g * q.y) * u + (s.y - p.y + h * s.y) * v + p.y) / w };
  };
}

/** How much of its outline the least outlined box has where the layout says, none where that is too little; a third of a millimetre more or less is let pass. */
function outlined({ boxes }: Layout, onto: Onto, isDark: (x: number, y: number) => boolean): number {
  const hits = (at: Point): boolean => {
    const { x, y } = onto(at);
    return isDark(Math.round(x), Math.round(y));
  };
  let least = 1;
  for (const { x, y, side } of boxes) {
    let on = 0;
    for (let i = 0; i < 12; i++) {
      const along = ((i + 0.5) / 12) * side;
      for (const edge of [0, side]) {
        const near = [-0.35, 0, 0.35].map((off) => edge + off);
        if (near.some((across) => hits({ x: x + along, y: y + across }))) on++;
        if (near.some((across) => hits({ x: x + across, y: y + along }))) on++;
      }
    }
    least = Math.min(least, on / 48);
    if (least < OUTLINE) return 0;
  }
  return least;
}

/** How much of a box's inner part is darker than the paper around it. */
function inkIn({ width, height, data }: Gray, onto: Onto, { x, y, side }: Layout["boxes"][number]): number {
  const look = (from: number, to: number): number[] => {
    const seen: number[] = [];
    for (let i = 0; i < 48; i++) {
      for (let j = 0; j < 48; j++) {
        const along = (k: number): number => from + ((k + 0.5) / 48) * (to - from);
        const at = onto({ x: x + along(i) * side, y: y + along(j) * side });
        const [px, py] = [Math.round(at.x), Math.round(at.y)];
        seen.push(px < 0 || py < 0 || px >= width || py >= height ? 255 : (data[py * width + px] ?? 255));
      }
    }
    return seen;
  };
  const around = look(-0.25, 1.25).sort((a, b) => a - b);
  const paper = around[Math.floor(around.length * 0.85)] ?? 255;
  const inner = look(INSET, 1 - INSET);
  return inner.filter((value) => value < paper * DARK).length / inner.length;
}
