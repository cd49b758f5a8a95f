/** Several statements signed at one go: each is fetched from its own page, shown in full, and signed by the rules of that page. */
import { type AskPin } from "./keys.ts";
import { busy, explain, find, letSign, pinWindow, tell, Told } from "./page.ts";
import { signShown } from "./sign.ts";
import type { Texts } from "./texts.ts";

/** Takes over `form[data-sign-several]`, whose attribute names the list. */
export async function enhanceSeveral(form: HTMLFormElement, t: Texts): Promise<void> {
  const list = document.querySelector<HTMLElement>(form.dataset["signSeveral"] ?? "");
  const items = [...(list?.querySelectorAll<HTMLElement>("[data-signing]") ?? [])];
  // One after another: a phone on a weak network, and the order of the list.
  for (const item of items) await showInFull(item).catch((error: unknown) => tell(item, "bad", ...explain(error, t)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => signTicked(form, items, t));
  });
  letSign(form);
}

/** What can be ticked is what is shown. */
async function showInFull(item: HTMLElement): Promise<void> {
  const answer = await fetch(item.dataset["signing"] ?? "", { credentials: "same-origin", cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = page.querySelector<HTMLFormElement>("form[data-sign]");
  const [place, box] = [find(item, "[data-shown]", HTMLElement), find(item, "input[type=checkbox]", HTMLInputElement)];
  if (shown === null || place === undefined || box === undefined) throw new Told(page.querySelector("h1")?.textContent ?? String(answer.status));
  for (const part of shown.querySelectorAll(".form-end, .form-note, [data-elsewhere], noscript")) part.remove();
  place.replaceChildren(document.importNode(shown, true));
  const details = place.closest("details");
  if (details !== null) details.open = true;
  box.disabled = false;
}

async function signTicked(form: HTMLFormElement, items: HTMLElement[], t: Texts): Promise<void> {
  const ticked = items.filter((item) => find(item, "input[type=checkbox]:checked", HTMLInputElement) !== undefined);
  if (ticked.length === 0) throw new Told(t("client-sign-none"));
  const askPin = askedOnce(pinWindow(t));
  let signed = 0;
  for (const item of ticked) {
    const shown = find(item, "form[data-sign]", HTMLFormElement);
    if (shown === undefined) continue;
    try {
      await signShown(shown, t, askPin);
      signed += 1;
      item.dataset["signed"] = "";
      for (const box of item.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) Object.assign(box, { checked: false, disabled: true });
    } catch (error) {
      tell(item, "bad", ...explain(error, t));
    }
  }
  const left = ticked.length - signed;
  if (left > 0) tell(form, "bad", t("client-sign-some", { n: signed, left }));
  else tell(form, "good", t("client-sign-done", { n: signed }));
}

/** A PIN is asked for once for all that is signed together, and forgotten with it. */
function askedOnce(askPin: AskPin): AskPin {
  let asked: ReturnType<AskPin> | undefined;
  return (key) => (asked ??= askPin(key));
}
