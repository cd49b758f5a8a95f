/** QR codes drawn in the browser. */
import encodeQR from "qr";

/** A QR code as a picture, drawn here: what is in it must not travel to the server. */
export function qrPicture(text: string, label: string): SVGElement {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", "qr");
  svg.setAttribute("shape-rendering", "crispEdges");
  const paper = document.createElementNS(name, "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", "#fff");
  const ink = document.createElementNS(name, "path");
  ink.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join(""));
  svg.append(paper, ink);
  return svg;
}
