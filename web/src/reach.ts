/** Notices on this phone: the browser is asked, subscribes with its push service, and what that gave out goes to the server with the page's form. */
import { type Bytes, equal, fromBase64 } from "./bytes.ts";
import { find, need, tell } from "./page.ts";
import { reachTexts } from "./texts.ts";

/** Shows the form where the browser can do it, and takes it over. */
export async function enhanceReach(form: HTMLFormElement): Promise<void> {
  const t = await reachTexts();
  form.hidden = false;
  const field = find(form, "[name=subscription]", HTMLInputElement);
  const button = find(form, "button", HTMLButtonElement);
  if (field === undefined || button === undefined) return;
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) {
    button.disabled = true;
    tell(form, "bad", t("client-reach-cannot"));
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void (async () => {
      tell(form, "busy", t("client-reach-asking"));
      try {
        if ((await Notification.requestPermission()) !== "granted") return tell(form, "bad", t("client-reach-denied"));
        field.value = JSON.stringify(await subscribe(need(form, "reachPush")));
        form.submit();
      } catch {
        tell(form, "bad", t("client-reach-failed"));
      }
    })();
  });
}

/** This browser's subscription for the server's key. One for another key, such as of a server that was here before, gives way. */
export async function subscribe(key: string): Promise<PushSubscriptionJSON> {
  await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = pointOf(key);
  const known = await pushManager.getSubscription();
  if (known !== null && !equal(new Uint8Array(known.options.applicationServerKey ?? new ArrayBuffer(0)), applicationServerKey)) await known.unsubscribe();
  return (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })).toJSON();
}

/** A point of 65 bytes from base64url without padding, as servers give it. */
function pointOf(key: string): Bytes {
  return fromBase64(`${key.replace(/-/g, "+").replace(/_/g, "/")}=`);
}
