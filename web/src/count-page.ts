/**
 * A teller's tally: a large button for each option and each reason, 正 strokes, and the last tap taken back. Only sums are kept, and only
 * until they are sent: which paper came when is nobody's business. Named papers are a choice at each number, found by number or name.
 */
import { find, make } from "./page.ts";
import { enhancePhotos } from "./count-photos.ts";
import { drawn } from "./strokes.ts";
import { countTexts } from "./texts.ts";

/** One line of the tally: its field, and the button that stands for it. */
export interface Line {
  input: HTMLInputElement;
  words: string;
  button: HTMLButtonElement;
  marks: HTMLElement;
  number: HTMLElement;
}

const numberOf = ({ value }: HTMLInputElement): number => Math.max(0, Math.trunc(Number(value)) || 0);

/** A form of the count: taps instead of typing, as long as its teller wants that. */
export async function enhanceCount(form: HTMLFormElement): Promise<void> {
  const box = find(form, "input[name=in_box]", HTMLInputElement);
  const lines = [...form.querySelectorAll<HTMLElement>("[data-count-row]")].flatMap((row) => lineOf(row) ?? []);
  const part = (name: string): HTMLElement | undefined => find(form, `[data-count-${name}]`, HTMLElement);
  const undo = find(form, "[data-count-undo]", HTMLButtonElement);
  const ways = [...form.querySelectorAll<HTMLButtonElement>("[data-count-way]")];
  if (box === undefined || undo === undefined || ways.length !== 2) return;
  const taps: Line[] = [];
  const kept = `count ${location.pathname}`;
  const papers = [...form.querySelectorAll<HTMLElement>("[data-count-paper]")];
  const choices = papers.flatMap((paper) => [...paper.querySelectorAll<HTMLInputElement>("input")]);
  const named = (): number => choices.filter(({ checked, value }) => checked && value !== "").length;
  const fresh = box.value === "" && lines.every(({ input }) => input.value === "") && named() === 0;

  const show = (): void => {
    for (const line of lines) draw(line);
    const sum = lines.reduce((all, { input }) => all + numberOf(input), named());
    part("counted")?.replaceChildren(String(sum));
    part("whole")?.replaceChildren(String(numberOf(box)));
    part("sum")?.toggleAttribute("data-whole", sum > 0 && sum === numberOf(box));
    const last = taps.at(-1);
    undo.disabled = last === undefined;
    part("undoes")?.replaceChildren(last === undefined ? "" : `· ${last.words}`);
    // Figures that come to be corrected are the server's: kept here they would turn up in the form of a recount.
    if (fresh) sessionStorage.setItem(kept, JSON.stringify([...[box, ...lines.map(({ input }) => input)].map(({ value }) => value), ...choices.map(({ checked }) => (checked ? "1" : ""))]));
  };
  const add = (line: Line, more: 1 | -1): void => {
    line.input.value = String(Math.max(0, numberOf(line.input) + more));
    part("say")?.replaceChildren(`${line.words} ${line.input.value}`);
    show();
  };
  const byTapping = (tapping: boolean): void => {
    form.toggleAttribute("data-tapping", tapping);
    for (const { input, button } of lines) [input.hidden, button.hidden] = [tapping, !tapping];
    undo.hidden = !tapping;
    ways.forEach((way, i) => (way.hidden = (i === 0) !== tapping));
    // What was typed meanwhile can't be taken back tap by tap.
    taps.length = 0;
    show();
  };

  for (const line of lines) {
    line.button.onclick = () => {
      taps.push(line);
      add(line, 1);
    };
  }
  undo.onclick = () => {
    const last = taps.pop();
    if (last !== undefined) add(last, -1);
  };
  for (const way of ways) way.onclick = () => byTapping(!form.hasAttribute("data-tapping"));
  form.addEventListener("input", show);
  form.addEventListener("submit", () => sessionStorage.removeItem(kept));

  for (const name of ["how", "sum"]) part(name)?.removeAttribute("hidden");
  enhanceFind(part("find"), papers);
  enhancePhotos(form, lines, add, await countTexts());
  if (fresh) restore([box, ...lines.map(({ input }) => input)], choices, sessionStorage.getItem(kept));
  // Figures that are corrected are typed; a count that begins is tapped.
  byTapping(fresh);
}

/** Takes up a tally that a reload interrupted. */
function restore(fields: HTMLInputElement[], choices: HTMLInputElement[], text: string | null): void {
  const values: unknown = JSON.parse(text ?? "null");
  if (!Array.isArray(values) || values.length !== fields.length + choices.length) return;
  fields.forEach((field, i) => (field.value = typeof values[i] === "string" ? values[i] : ""));
  choices.forEach((choice, i) => (choice.checked = values[fields.length + i] === "1"));
}

/** A field that leaves those papers in sight whose number or name begins so. */
function enhanceFind(part: HTMLElement | undefined, papers: HTMLElement[]): void {
  const field = part && find(part, "input", HTMLInputElement);
  if (part === undefined || field === undefined) return;
  part.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim();
    for (const paper of papers) {
      const parts = (paper.dataset["countPaper"] ?? "").split(" ");
      paper.hidden = wanted !== "" && !parts.some((one) => one.startsWith(wanted));
    }
  });
  field.addEventListener("keydown", (event) => {
    // Enter looks for a paper and sends nothing.
    if (event.key === "Enter") event.preventDefault();
  });
}

function lineOf(row: HTMLElement): Line | undefined {
  const input = find(row, "input", HTMLInputElement);
  const label = find(row, "label", HTMLLabelElement);
  if (input === undefined || label === undefined) return undefined;
  const words = label.textContent ?? "";
  const button = make("button", "", "count-tap");
  button.type = "button";
  const [marks, number] = [make("span", "", "marks"), make("b")];
  button.append(make("span", words, "count-word"), marks, number);
  row.append(button);
  return { input, words, button, marks, number };
}

function draw({ input, marks, number }: Line): void {
  const count = numberOf(input);
  marks.replaceChildren(...drawn(count));
  number.textContent = String(count);
}
