/** Showing, checking and saving receipts: the page after a signature, and the page where anyone checks one. */
import { need, find, busy, make, saveAs, tell, Told, value } from "./page.ts";
import { parseVerifierKey } from "./note.ts";
import { type ReceiptVerdict, verifyReceipt } from "./proof.ts";
import { keptFor, pin, repin } from "./receipts.ts";
import type { Texts } from "./texts.ts";
import { shanghaiTime } from "./time.ts";

/** Takes over `[data-receipt]`: checks the receipt kept on this device, or the one the page links to, and offers it as a file. */
export async function enhanceReceipt(place: HTMLElement, t: Texts): Promise<void> {
  const [village, index] = [need(place, "village"), Number(need(place, "index"))];
  const kept = (await keptFor(village)).find((one) => one.recorded?.seq === index);
  const text = kept?.recorded?.receipt ?? (await fetchReceipt(place));
  if (text === undefined) return;
  const pinned = await pin(village, need(place, "logKey"));
  const verdict = await verifyReceipt(text, { logKey: pinned.logKey, ...(kept && { payload: kept.payload }) });
  const own = kept === undefined ? "" : t("client-receipt-own");
  // The page shows the fingerprint once: as the server wrote it, until this device has worked it out.
  const shown = find(place, "[data-leaf]", HTMLElement);
  if (shown !== undefined && verdict.leaf !== undefined) shown.textContent = verdict.leaf;
  tell(place, verdict.fault || pinned.changed ? "bad" : "good", ...verdictLines(verdict, t), own, pinned.changed ? t("client-error-log-key") : "");
  if (pinned.changed) offerRepin(place, village, t);
  const save = find(place, "[data-save-receipt]", HTMLButtonElement);
  if (save === undefined) return;
  save.hidden = false;
  save.onclick = () => saveAs(`${village}-${index}.tlog-proof`, text);
}

async function fetchReceipt(place: HTMLElement): Promise<string | undefined> {
  const url = place.dataset["receiptUrl"];
  if (url === undefined) return undefined;
  const answer = await fetch(url, { credentials: "same-origin" });
  return answer.ok ? answer.text() : undefined;
}

/** A rotated key is believed only after the reader has compared it with paper. */
function offerRepin(place: HTMLElement, village: string, t: Texts): void {
  const button = make("button", t("client-log-key-accept"), "button button-quiet");
  button.type = "button";
  button.onclick = () => {
    void repin(village, need(place, "logKey")).then(() => location.reload());
  };
  find(place, "[data-outcome]", HTMLElement)?.append(make("code", need(place, "logKey")), button);
}

/** A verdict in words, without the fingerprint. */
export function verdictLines({ fault, entry, checkpoint }: ReceiptVerdict, t: Texts): string[] {
  if (fault === "newer") return [t("client-receipt-newer"), t("client-fault-newer")];
  if (fault !== undefined) return [t("client-receipt-bad"), t(`client-fault-${fault}`)];
  const facts = { seq: entry?.seq ?? 0, size: checkpoint?.size ?? 0, time: shanghaiTime(entry?.time ?? "") };
  return [t("client-receipt-good"), t("client-receipt-facts", facts), t("client-receipt-limit")];
}

/** The fingerprint as a line of its own, where nothing else shows it. */
function leafLines({ fault, leaf }: ReceiptVerdict, t: Texts): string[] {
  return fault === undefined && leaf !== undefined ? [t("client-receipt-leaf", { leaf })] : [];
}

/** Whether a text is a verifier key. */
export function isLogKey(text: string): boolean {
  try {
    return parseVerifierKey(text).name !== "";
  } catch {
    return false;
  }
}

/** Takes over `form[data-check-receipt]`: a receipt and a printed log key, checked without sending anything. */
export function enhanceCheck(form: HTMLFormElement, t: Texts): void {
  form.hidden = false;
  const text = find(form, "textarea[name=receipt]", HTMLTextAreaElement);
  const file = find(form, "input[type=file]", HTMLInputElement);
  file?.addEventListener("change", () => {
    void file.files?.[0]?.text().then((content) => {
      if (text !== undefined) text.value = content;
    });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      // Text areas send CRLF line ends; a note has LF only.
      const receipt = value(form, "receipt").replace(/\r\n/g, "\n").trim() + "\n";
      const logKey = value(form, "log_key").trim();
      if (receipt.trim() === "" || logKey === "") throw new Told(t("client-check-need"));
      if (!isLogKey(logKey)) throw new Told(t("client-check-key"));
      const verdict = await verifyReceipt(receipt, { logKey });
      tell(form, verdict.fault ? "bad" : "good", ...verdictLines(verdict, t), ...leafLines(verdict, t));
    });
  });
}
