/** Logging in by signing a challenge, and the list of this device's keys. */
import { post } from "./api.ts";
import { utf8 } from "./bytes.ts";
import { deviceKeys, forget, type KeyInfo, rename } from "./keys.ts";
import { busy, find, make, need, pinWindow, tell, Told, value } from "./page.ts";
import { fingerprint } from "./shown.ts";
import { signLogin } from "./sign.ts";
import type { Texts } from "./texts.ts";

/** Takes over `form[data-login]`: fills `[data-key-choice]` and signs the server's challenge. */
export async function enhanceLogin(form: HTMLFormElement, t: Texts): Promise<void> {
  const all = await deviceKeys();
  const choice = find(form, "select[data-key-choice]", HTMLSelectElement);
  if (choice === undefined) throw new Told("data-key-choice");
  choice.replaceChildren(...all.map((key) => new Option(key.label, key.public)));
  if (all.length === 0) return tell(form, "bad", t("client-login-no-key"));
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => logIn(form, choice.value, t));
  });
}

async function logIn(form: HTMLFormElement, key: string, t: Texts): Promise<void> {
  const csrf = value(form, "csrf");
  const { body } = await post(need(form, "challengeApi"), { key }, csrf);
  const challenge = body["challenge"];
  if (typeof challenge !== "string") throw new Told("challenge");
  // The origin is this page's own, not one the server names: a signature made here is of no use elsewhere.
  const payload = utf8(JSON.stringify({ origin: location.origin, challenge, key, at: new Date().toISOString() }));
  tell(form, "busy", t("client-signing"));
  const envelope = await signLogin(payload, key, pinWindow(t));
  await post(need(form, "api"), { envelope }, csrf);
  location.assign(form.dataset["next"] ?? "/tasks");
}

/** Fills `[data-keys]` with this device's keys, each with label, rename and delete. */
export async function enhanceKeys(place: HTMLElement, t: Texts): Promise<void> {
  const all = await deviceKeys();
  const list = make("ul", "", "keys");
  list.append(...all.map((key) => keyItem(key, t, () => void enhanceKeys(place, t))));
  place.replaceChildren(all.length > 0 ? list : make("p", t("client-keys-none")));
  place.hidden = false;
}

function keyItem(key: KeyInfo, t: Texts, changed: () => void): HTMLLIElement {
  const item = make("li");
  const label = make("input");
  label.value = key.label;
  label.setAttribute("aria-label", t("client-key-label"));
  label.onchange = () => void rename(key.public, label.value.trim() || key.label).then(changed);
  const remove = make("button", t("client-key-delete"), "button button-quiet");
  remove.type = "button";
  remove.onclick = () => {
    // Twice on the same button: a window.confirm can be switched off by the browser.
    if (remove.dataset["sure"] === undefined) {
      remove.dataset["sure"] = "";
      remove.textContent = t("client-key-delete-sure");
      return;
    }
    void forget(key.public).then(changed);
  };
  const about = [key.village, key.created.slice(0, 10)].filter(Boolean).join(" · ");
  item.append(label, make("p", about), make("code", fingerprint(key.public)), remove);
  return item;
}
