/** The button that checks a village's record on the reader's own device, with no file to find. */
import { busy, find, make, need, saveAs, tell, Told, value } from "../page.ts";
import { recordLines } from "../record-words.ts";
import { keepRoots, keptRoots, parseRoots } from "../roots.ts";
import { recordTexts, type Texts } from "../texts.ts";
import { Failed, type Told as Found, visitAside } from "../verify/aside.ts";
import { gossip } from "../gossip/page.ts";
import { type Paper, readPaper } from "./paper.ts";
import { keepPolicy, keptPolicy, readPolicy } from "./pinned.ts";
import { aboveLines, isGood, otherLines, paperLines, seenLines } from "./words.ts";

/** Takes over `form[data-visit]`: fetches the village's record, judges it here and says in words what was found. */
export async function enhanceVisit(form: HTMLFormElement): Promise<void> {
  const t = await recordTexts();
  const roots = find(form, "textarea[name=roots]", HTMLTextAreaElement);
  const policy = find(form, "textarea[name=policy]", HTMLTextAreaElement);
  if (roots !== undefined && roots.value === "") roots.value = (await keptRoots()).join("\n");
  if (policy !== undefined && policy.value === "") policy.value = await keptPolicy();
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => visitNow(form, t));
  });
}

async function visitNow(form: HTMLFormElement, t: Texts): Promise<void> {
  const village = need(form, "visit");
  const roots = parseRoots(value(form, "roots"));
  const policy = readPolicy(value(form, "policy"));
  if (roots === undefined) throw new Told(t("client-check-roots"));
  if (policy === undefined) throw new Told(t("client-visit-policy"));
  const paper = readPaper(value(form, "paper_size"), value(form, "paper_root"));
  if (paper === undefined) throw new Told(t("client-paper-form"));
  await keepRoots(roots);
  await keepPolicy(policy);
  const stop = new AbortController();
  const show = underWay(form, t, () => stop.abort());
  const witnesses = placeForWitnesses(form);
  let shown: string[] = [];
  try {
    const asked = { server: location.origin, village, roots, ...(policy !== "" && { policy }), ...(paper !== "" && { paper }) };
    const found = await visitAside(asked, show, stop.signal);
    outcome(form, t, found, village, paper);
    shown = "above" in found && found.above.shown !== undefined ? [found.above.shown] : [];
  } catch (error) {
    tell(form, "bad", ...failedLines(error, t));
  }
  // Whatever came of the check, it is said by now: witnesses hold up nothing.
  if (!stop.signal.aborted) void gossip(witnesses, form, village.slice(0, 6), shown);
}

/** Where it is said what witnesses answer: behind the outcome, and empty again with each check. */
function placeForWitnesses(form: HTMLFormElement): HTMLElement {
  find(form, "[data-gossip]", HTMLElement)?.remove();
  const place = make("div");
  place.dataset["gossip"] = "";
  form.append(place);
  return place;
}

/** Shows that the check is under way, with a button that ends it; what it gives back shows how far it is. */
function underWay(form: HTMLFormElement, t: Texts, cancel: () => void): (step: { done: number; of: number }) => void {
  tell(form, "busy", t("client-visit-begins"));
  const place = find(form, "[data-outcome]", HTMLElement);
  const line = place?.firstElementChild;
  const bar = make("progress");
  bar.setAttribute("aria-label", t("client-visit-begins"));
  const button = make("button", t("client-cancel"), "button button-quiet");
  button.type = "button";
  button.onclick = cancel;
  place?.append(bar, button);
  return ({ done, of }) => {
    bar.max = of;
    bar.value = done;
    if (line) line.textContent = t("client-visit-step", { done, of });
  };
}

function outcome(form: HTMLFormElement, t: Texts, found: Found, village: string, paper: Paper | ""): void {
  const phone = form.dataset["phone"] ?? "";
  if ("other" in found) {
    tell(form, "bad", ...otherLines(found, phone, t));
    if (found.evidence !== undefined) offer(form, t("client-visit-evidence-save"), `${village}.evidence`, found.evidence);
    else offer(form, t("client-visit-note-save"), `${village}-seen.checkpoint`, found.note);
    return;
  }
  const { checked, above } = found;
  const [verdict = "", ...more] = recordLines(checked, t, "");
  tell(form, isGood(found) ? "good" : "bad", verdict, ...paperLines(found, paper, phone, t), ...seenLines(found, t), ...aboveLines(above, phone, t), ...more);
  if (above.evidence !== undefined) offer(form, t("client-visit-evidence-save"), `${village.slice(0, 6)}.evidence`, above.evidence);
}

/** Offers a file to keep and to hand to the inspector. */
function offer(form: HTMLFormElement, words: string, name: string, text: string): void {
  const button = make("button", words, "button");
  button.type = "button";
  button.onclick = () => saveAs(name, text);
  find(form, "[data-outcome]", HTMLElement)?.append(button);
}

/** Why there is no outcome; never said as if the record were good or bad. */
function failedLines(error: unknown, t: Texts): string[] {
  if (!(error instanceof Failed)) throw error;
  if (error.name === "AbortError") return [t("client-visit-cancelled")];
  if (error.name === "NotServed") return [t("client-visit-not-served")];
  if (error.name === "FormatError") return [t("client-visit-malformed"), error.message];
  if (error.name === "OtherVillage") return [t("client-visit-other-village")];
  throw error;
}
