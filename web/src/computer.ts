/** A computer without a key is let in by a phone: its side shows a code and waits, the phone's signs what the computer was given. */
import { fetchJson, post, Refused } from "./api.ts";
import { utf8 } from "./bytes.ts";
import { keys } from "./keys.ts";
import { busy, csrf, find, make, need, pinWindow, tell, Told, value } from "./page.ts";
import { signLogin } from "./sign.ts";
import type { Texts } from "./texts.ts";

/** How often the computer looks whether it was let in, in milliseconds. */
const LOOK_EVERY = 2_000;
/** The page on which a phone lets a computer in. */
const LET_IN = "/login/computer";

/** Nine digits in groups of three. */
export function grouped(code: string): string {
  return (code.match(/.{1,3}/g) ?? []).join(" ");
}

/** The nine digits of what was typed or stands in a link; "" where there are none. */
export function codeOf(text: string): string {
  const digits = text.normalize("NFKC").replace(/[\s-]/g, "");
  return /^\d{9}$/.test(digits) ? digits : "";
}

/** Takes over `[data-computer]`: the computer's side, shown only where no key is. */
export async function enhanceComputer(part: HTMLElement, t: Texts): Promise<void> {
  if ((await keys()).length > 0) return;
  part.hidden = false;
  const button = find(part, "[data-ask]", HTMLButtonElement);
  if (button === undefined) return;
  button.onclick = () => {
    button.disabled = true;
    void ask(part, t)
      .catch((error: unknown) => tell(part, "bad", error instanceof Refused ? error.message : t("client-error-unreachable")))
      .finally(() => (button.disabled = false));
  };
}

async function ask(part: HTMLElement, t: Texts): Promise<void> {
  const api = need(part, "api");
  const { body } = await post(api, {}, csrf());
  const [code, secret] = [String(body["code"]), String(body["secret"])];
  await showCode(part, `${location.origin}${LET_IN}#c=${code}`, t("client-computer-scan", { address: location.host + LET_IN }));
  find(part, "[data-code]", HTMLElement)?.append(make("p", grouped(code), "elsewhere-digits"));
  tell(part, "busy", t("client-computer-waits"));
  const done = await until(async () => {
    const { status } = await post(`${api}/${code}/session`, { secret }, csrf());
    return status === 204;
  });
  if (done) return location.assign(part.dataset["next"] ?? "/tasks");
  find(part, "[data-code]", HTMLElement)?.replaceChildren();
  tell(part, "bad", t("client-computer-late"));
}

/** Shows a code to be scanned in `[data-code]`, with what to do. */
export async function showCode(part: HTMLElement, text: string, say: string): Promise<void> {
  const { qrPicture } = await import("./qr-picture.ts");
  find(part, "[data-code]", HTMLElement)?.replaceChildren(qrPicture(text, say), make("p", say));
}

/** Looks again and again until `look` says true; false once the server knows nothing of it any more. What can't be reached is asked again. */
export async function until(look: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    const seen = await look().catch((error: unknown) => (error instanceof Refused && error.status < 500 && error.status !== 429 ? undefined : false));
    if (seen !== false) return seen === true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** Takes over `form[data-let-in]`: the phone's side. */
export async function enhanceLetIn(form: HTMLFormElement, t: Texts): Promise<void> {
  const held = await keys();
  const choice = find(form, "select[data-key-choice]", HTMLSelectElement);
  choice?.replaceChildren(...held.map((key) => new Option(key.label, key.public)));
  const part = find(form, "[data-keys-part]", HTMLElement);
  if (part !== undefined) part.hidden = held.length < 2;
  form.hidden = false;
  if (held.length === 0) return tell(form, "bad", t("client-login-no-key"));
  const typed = find(form, "[name=code]", HTMLInputElement);
  const linked = codeOf(location.hash.replace(/^#c=/, ""));
  if (linked !== "") history.replaceState(null, "", location.pathname + location.search);
  const say = (): void => void busy(form, t, () => sayWhich(form, t));
  if (typed !== undefined && linked !== "") {
    typed.value = grouped(linked);
    say();
  }
  typed?.addEventListener("change", say);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => letIn(form, t));
  });
}

/** The computer that asks with the code on the form; throws `Told` where there is none. */
async function asking(form: HTMLFormElement, t: Texts): Promise<{ api: string; challenge: string; agent: string; seconds: number }> {
  const code = codeOf(value(form, "code"));
  if (code === "") throw new Told(t("client-computer-none"));
  const api = `${need(form, "api")}/${code}`;
  const { body } = await fetchJson(api).catch((error: unknown) => {
    throw error instanceof Refused && error.status === 404 ? new Told(t("client-computer-none")) : error;
  });
  return { api, challenge: String(body["challenge"]), agent: String(body["agent"]), seconds: Number(body["seconds"]) };
}

async function sayWhich(form: HTMLFormElement, t: Texts): Promise<void> {
  const { agent, seconds } = await asking(form, t);
  tell(form, "busy", t("client-computer-is", { agent: called(agent) || t("client-computer-some"), seconds }));
}

/** Browser and system by the names that people know them by; "" for others. */
export function called(agent: string): string {
  const first = (names: [RegExp, string][]): string => names.find(([pattern]) => pattern.test(agent))?.[1] ?? "";
  const browser = first([[/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/MicroMessenger\//, "微信"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]]);
  const system = first([[/Windows/, "Windows"], [/iPhone|iPad/, "iOS"], [/Mac OS/, "macOS"], [/Android/, "Android"], [/Linux/, "Linux"]]);
  return [browser, system].filter(Boolean).join(" · ");
}

async function letIn(form: HTMLFormElement, t: Texts): Promise<void> {
  const { api, challenge } = await asking(form, t);
  const key = value(form, "key");
  const payload = utf8(JSON.stringify({ origin: location.origin, challenge, key, at: new Date().toISOString() }));
  tell(form, "busy", t("client-signing"));
  const envelope = await signLogin(payload, key, pinWindow(t));
  await post(api, { envelope }, value(form, "csrf"));
  tell(form, "good", t("client-computer-in"));
  for (const part of form.querySelectorAll<HTMLElement>(".field, .notice-box, button")) part.hidden = true;
}
