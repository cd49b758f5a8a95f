/** Small helpers for working on a server-made page: forms, outcomes, the PIN window. */
import { Refused, Unreachable } from "./api.ts";
import { Cancelled, type KeyInfo, NoKey } from "./keys.ts";
import { MIN_PIN, WrongPin } from "./pin.ts";
import type { Texts } from "./texts.ts";

/** An error whose text is already meant for the reader. */
export class Told extends Error {
  override name = "Told";
}

/** First element that matches, of the kind asked for. */
export function find<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T | undefined {
  const found = root.querySelector(selector);
  return found instanceof kind ? found : undefined;
}

/** Value of a form's field, "" when it has none. */
export function value(form: HTMLFormElement, name: string): string {
  const got = new FormData(form).get(name);
  return typeof got === "string" ? got : "";
}

/** The session's token on this page; "" for nobody in particular. */
export function csrf(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "";
}

/** A `data-` attribute that the template must carry; its absence is a fault of the page. */
export function need(element: HTMLElement, name: string): string {
  const got = element.dataset[name];
  if (!got) throw new Told(`data-${name}`);
  return got;
}

/** A new element with text and class. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** How an outcome is meant: shown by words and an attribute, for style sheets. */
export type Tone = "busy" | "good" | "bad";

/** Shows an outcome in the form's `[data-outcome]`, which is made when the template has none. Screen readers speak it. */
export function tell(form: HTMLElement, tone: Tone, ...lines: string[]): void {
  let place = find(form, "[data-outcome]", HTMLElement);
  if (place === undefined) {
    place = make("div");
    place.dataset["outcome"] = "";
    form.append(place);
  }
  place.setAttribute("role", tone === "bad" ? "alert" : "status");
  place.dataset["tone"] = tone;
  place.replaceChildren(...lines.filter(Boolean).map((line) => make("p", line)));
  place.hidden = false;
}

/** Lets a form's signing button be pressed. Before, the browser would send the form as it stands, unsigned: the page comes with it off. */
export function letSign(form: HTMLFormElement): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>("button.button-sign")) button.disabled = false;
}

/** Runs a form's action once at a time: buttons off, errors shown in the reader's words. */
export async function busy(form: HTMLFormElement, t: Texts, act: () => Promise<void>): Promise<void> {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
  for (const button of buttons) button.disabled = true;
  try {
    await act();
  } catch (error) {
    tell(form, "bad", ...explain(error, t));
  } finally {
    form.removeAttribute("aria-busy");
    for (const button of buttons) button.disabled = false;
  }
}

/** An error in words: what happened, then what to do. */
export function explain(error: unknown, t: Texts): string[] {
  if (error instanceof Told) return [error.message];
  if (error instanceof Refused) return [error.message, error.detail];
  if (error instanceof Unreachable) return [t("client-error-unreachable")];
  if (error instanceof NoKey) return [t("client-error-no-key")];
  if (error instanceof Cancelled) return [t("client-error-cancelled")];
  if (error instanceof WrongPin) return [t("client-error-pin")];
  return [t("client-error-page"), error instanceof Error ? error.message : ""];
}

/** Asks for the PIN of a key in a modal window; undefined when it is closed. */
export function pinWindow(t: Texts): (key: KeyInfo) => Promise<string | undefined> {
  return (key) =>
    new Promise((resolve) => {
      const dialog = make("dialog", "", "pin-window");
      const form = make("form");
      form.method = "dialog";
      const label = make("label", t("client-pin-ask", { label: key.label }));
      const input = pinInput("current-password");
      if (key.card === true) Object.assign(input, { type: "text", className: "pin-masked", autocomplete: "off" });
      const cancel = make("button", t("client-cancel"), "button button-quiet");
      cancel.type = "button";
      cancel.onclick = () => dialog.close();
      label.append(input);
      form.append(label, make("button", t("client-pin-sign"), "button"), cancel);
      form.onsubmit = () => {
        dialog.returnValue = "signed";
      };
      dialog.append(form);
      dialog.onclose = () => {
        resolve(dialog.returnValue === "signed" ? input.value : undefined);
        input.value = "";
        dialog.remove();
      };
      document.body.append(dialog);
      dialog.showModal();
    });
}

/** A field for a PIN. */
export function pinInput(autocomplete: "current-password" | "new-password"): HTMLInputElement {
  const input = make("input");
  input.type = "password";
  input.name = "pin";
  input.inputMode = "numeric";
  input.minLength = MIN_PIN;
  input.required = true;
  input.autocomplete = autocomplete;
  return input;
}

/** Offers a text as a file. */
export function saveAs(name: string, text: string): void {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
