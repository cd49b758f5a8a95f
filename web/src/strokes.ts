/** Counting marks: 正, one stroke a paper, five a character, drawn as lines in the order of writing (as the hall's screen draws them). */

/** The strokes in a square of 20: top, middle down, short to the right, short down, bottom. */
const LINES = ["M3 3.5h14", "M10 3.5v14", "M10 10h6", "M5 9v8.5", "M1.5 17.5h17"];
const SVG = "http://www.w3.org/2000/svg";

/** The path of each character that a count amounts to; the last may be begun only. */
export function strokes(count: number): string[] {
  const whole = Array.from({ length: Math.floor(count / LINES.length) }, () => LINES.join(""));
  const begun = LINES.slice(0, count % LINES.length).join("");
  return begun === "" ? whole : [...whole, begun];
}

/** A count as pictures, for the eye alone: the number stands beside them. */
export function drawn(count: number): SVGElement[] {
  return strokes(count).map((path) => {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["class", "zheng"], ["viewBox", "0 0 20 20"], ["aria-hidden", "true"]] as const) svg.setAttribute(name, value);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  });
}
