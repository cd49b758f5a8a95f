/** Where this device does not hold the key that must sign: the statement, or the vote, is opened on a phone that does. */
import { fetchJson, post } from "./api.ts";
import { fromBase64, hex } from "./bytes.ts";
import { showCode, until } from "./computer.ts";
import { statementId } from "./dsse.ts";
import { parseObject } from "./ijson.ts";
import { NoKey } from "./keys.ts";
import { busy, find, make, need, tell, value } from "./page.ts";
import { ownSigner } from "./sign.ts";
import type { Texts } from "./texts.ts";

/** On a draft that this device can't sign: offers to sign it on another one. */
export async function offerElsewhere(form: HTMLFormElement, t: Texts): Promise<void> {
  const part = find(form, "[data-elsewhere]", HTMLElement);
  if (part === undefined || find(form, "[data-server-signs]", HTMLButtonElement) !== undefined) return;
  const bytes = fromBase64(value(form, "payload"));
  const lacks = await ownSigner(parseObject(bytes)).then(
    () => false,
    (error: unknown) => error instanceof NoKey,
  );
  if (!lacks) return;
  part.hidden = false;
  for (const button of form.querySelectorAll<HTMLElement>("button.button-sign")) button.hidden = true;
  const show = find(part, "[data-show-code]", HTMLButtonElement);
  const id = hex(statementId(bytes));
  show?.addEventListener("click", () => {
    void busy(form, t, () => handOver(form, part, id, t)).then(() => waitFor(form, part, id, t));
  });
}

async function handOver(form: HTMLFormElement, part: HTMLElement, id: string, t: Texts): Promise<void> {
  const [api, village] = [need(part, "handOver"), need(form, "village")];
  if (form.dataset["pending"] === undefined) await post(api, { payload: value(form, "payload") }, value(form, "csrf"));
  await showCode(part, `${location.origin}/v/${village}/pending/${id}`, t("client-elsewhere-scan"));
  const show = find(part, "[data-show-code]", HTMLButtonElement);
  if (show !== undefined) show.hidden = true;
  tell(form, "busy", t("client-elsewhere-waits"));
}

/** Until it is signed, once its code is shown. */
async function waitFor(form: HTMLFormElement, part: HTMLElement, id: string, t: Texts): Promise<void> {
  if (find(part, "[data-code] svg", SVGElement) === undefined) return;
  const signed = await until(async () => (await fetchJson(`${need(part, "handOver")}/${id}`)).body["state"] !== "waits");
  if (signed) return location.assign(need(form, "done"));
  tell(form, "bad", t("client-elsewhere-gone"));
}

/** A ballot's secret is made where it is cast: the voter goes to the same vote on the phone. */
export async function voteElsewhere(form: HTMLFormElement, t: Texts): Promise<void> {
  tell(form, "bad", t("client-elsewhere-vote"));
  for (const button of form.querySelectorAll<HTMLElement>("button.button-sign")) button.hidden = true;
  const place = make("div", "", "elsewhere-code");
  place.dataset["code"] = "";
  find(form, "[data-outcome]", HTMLElement)?.append(place);
  await showCode(form, location.origin + location.pathname.replace(/\/confirm$/, ""), t("client-elsewhere-scan"));
}
