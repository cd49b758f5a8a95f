/** Showing, checking and saving receipts: the page after a signature, and the page where anyone checks one. */
import { need, find, busy, make, saveAs, tell, Told, value } from "./page.ts";
import { parseVerifierKey } from "./note.ts";
import { type ReceiptVerdict, verifyReceipt } from "./proof.ts";
import type { RecordVerdict } from "./record.ts";
import { keepRoots, keptRoots, parseRoots } from "./roots.ts";
import { keptFor, pin, repin } from "./receipts.ts";
import { recordTexts, type Texts } from "./texts.ts";

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

function shanghaiTime(time: string): string {
  const language = document.documentElement.lang || "zh-CN";
  return new Intl.DateTimeFormat(language, { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "medium" }).format(Date.parse(time));
}

/** Takes over `form[data-check-record]`: a downloaded record, checked here while it is read. */
export async function enhanceRecordCheck(form: HTMLFormElement): Promise<void> {
  const t = await recordTexts();
  const printed = find(form, "textarea[name=roots]", HTMLTextAreaElement);
  if (printed !== undefined && printed.value === "") printed.value = (await keptRoots()).join("\n");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      const file = find(form, "input[type=file]", HTMLInputElement)?.files?.[0];
      const logKey = value(form, "log_key").trim();
      if (file === undefined || logKey === "") throw new Told(t("client-record-need"));
      const { verifyRecord } = await import("./record.ts");
      if (!isLogKey(logKey)) throw new Told(t("client-check-key"));
      const roots = parseRoots(value(form, "roots"));
      if (roots === undefined) throw new Told(t("client-check-roots"));
      await keepRoots(roots);
      const progress = (read: number): void => tell(form, "busy", t("client-record-reading", { percent: Math.floor((100 * read) / file.size) }));
      const verdict = await verifyRecord(pieces(file.stream()), logKey, { roots, progress });
      tell(form, verdict.findings.length > 0 ? "bad" : "good", ...recordLines(verdict, t));
    });
  });
}

function isLogKey(text: string): boolean {
  try {
    return parseVerifierKey(text).name !== "";
  } catch {
    return false;
  }
}

/** A stream's pieces; Safari's streams cannot be iterated. */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

/** How many findings are listed; one change near the start makes many. */
const LISTED = 20;

/** A record's verdict in words, a line each. */
export function recordLines(verdict: RecordVerdict, t: Texts): string[] {
  const { entries, ballots, results } = verdict;
  const facts = t("client-record-facts", { entries, ballots, results });
  const roots = verdict.roots === "not_named" ? [t("client-record-roots-own")] : verdict.founded ? [t("client-record-roots-printed")] : [];
  // Which roots they are has lines of its own.
  const findings = verdict.findings.filter(({ fault }) => fault !== "roots");
  const lines = findings.slice(0, LISTED).map(({ seq, fault }) => {
    const what = t(`client-record-fault-${fault}`);
    return seq === undefined ? what : t("client-record-finding", { seq, what });
  });
  // What is certain outweighs what could not be checked.
  const newer = findings.every(({ fault }) => fault === "version");
  if (findings.length > 0) lines.unshift(newer ? t("client-record-newer") : t("client-record-bad", { count: findings.length }));
  if (verdict.roots === "other") return [...otherRoots(verdict, t), ...lines];
  return findings.length === 0 ? [t("client-record-good"), ...roots, facts, t("client-record-limit")] : [...lines, ...roots, facts];
}

/** That the record begins with other root keys than the reader named, key by key, and what to do. */
function otherRoots({ named, strangers }: RecordVerdict, t: Texts): string[] {
  const same = strangers.filter((key) => named.includes(key));
  return [
    t("client-record-roots-other", { given: named.length, founders: strangers.length, same: same.length }),
    ...strangers.map((key) => same.includes(key) ? t("client-record-roots-same", { key }) : t("client-record-roots-missing", { key })),
    ...named.filter((key) => !strangers.includes(key)).map((key) => t("client-record-roots-odd", { key })),
    t("client-record-roots-do"),
  ];
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
