/**
 * The ballots that this device keeps, each checked here against what the server signed, and against the newest record it shows; and for each of
 * their villages, whether that record goes on from everything that this device saw of it.
 */
import { parseVerifierKey } from "./note.ts";
import { gossip } from "./gossip/page.ts";
import { make, saveAs } from "./page.ts";
import { verifyReceipt } from "./proof.ts";
import { verdictLines } from "./receipt-page.ts";
import { ballots, type Kept, type Pin, pinned } from "./receipts.ts";
import { checkRefusal, vouchedAt } from "./refusal.ts";
import { get, put } from "./storage.ts";
import { recordTexts, type Texts } from "./texts.ts";
import { shanghaiTime } from "./time.ts";
import { goesOn, type Held } from "./visit/goes-on.ts";
import type { Kept as Visited } from "./visit/visit.ts";

/** Takes over `[data-my-ballots]`. */
export async function enhanceMyBallots(place: HTMLElement): Promise<void> {
  const [t, all] = [await recordTexts(), await ballots()];
  if (all.length === 0) place.append(make("p", t("client-mine-none")));
  for (const kept of all) {
    const part = make("section", "", "band");
    part.dataset["ballot"] = kept.id;
    place.append(part);
    part.append(make("h2", kept.about ?? t("client-mine-village", { village: kept.village })));
    part.append(make("p", t("client-mine-signed", { time: shanghaiTime(kept.signed) })));
    await (kept.recorded === undefined ? showUntaken(part, kept, t) : showTaken(part, kept, kept.recorded.receipt, t));
  }
  const villages = [...new Set(all.filter(({ recorded }) => recorded !== undefined).map(({ village }) => village))];
  for (const village of villages) await showRecord(place, village, all, t);
  const witnesses = make("section", "", "band");
  place.append(witnesses);
  for (const district of new Set(villages.map((village) => village.slice(0, 6)))) {
    const part = make("div");
    part.dataset["gossip"] = "";
    witnesses.append(part);
    await gossip(part, place, district);
  }
}

/** Whether the record of a village goes on from all that this device holds of it. */
async function showRecord(place: HTMLElement, village: string, all: Kept[], t: Texts): Promise<void> {
  const pin = await get<Pin>("pins", village);
  if (pin === undefined) return;
  const part = make("section", "", "band");
  part.dataset["record"] = village;
  place.append(part);
  part.append(make("h2", t("client-mine-record", { village })));
  const waiting = say(part, "", t("client-mine-checking"));
  const visit = await get<Visited>("visits", village);
  const receipts = all.filter((one) => one.village === village).flatMap(({ recorded, signed }) => (recorded ? noteOf(recorded.receipt, signed) : []));
  const held = [...receipts, ...(visit ? [{ note: visit.note, at: visit.at }] : []), ...(pin.seen ? [pin.seen] : [])];
  const found = await goesOn({ server: location.origin, village }, parseVerifierKey(pin.logKey), held, Date.now());
  waiting.remove();
  if (found.state === "not_served") return void say(part, "", t("client-mine-offline"));
  if (found.state === "unsigned") return void say(part, "bad", t("client-visit-unsigned"), t("client-visit-phone", { phone: place.dataset["phone"] ?? "" }));
  if (found.state === "hidden") return void say(part, "bad", t("client-mine-hidden"), t("client-visit-phone", { phone: place.dataset["phone"] ?? "" }));
  const { size } = found.newest.checkpoint;
  if (found.state === "extends") {
    await put("pins", { ...pin, seen: { note: found.newest.text, at: new Date().toISOString() } } satisfies Pin);
    return void say(part, "good", t("client-mine-extends", { size }));
  }
  const facts = { before: found.held.checkpoint.size, time: shanghaiTime(found.at), size };
  const proof = t(found.evidence === undefined ? "client-visit-unproven" : "client-visit-proven");
  const phone = t("client-visit-phone", { phone: place.dataset["phone"] ?? "" });
  say(part, "bad", t("client-visit-other"), t(found.state === "shorter" ? "client-visit-shorter" : "client-visit-changed", facts), proof, phone);
  if (found.evidence === undefined) offer(part, t("client-visit-note-save"), `${village}-seen.checkpoint`, found.held.text);
  else offer(part, t("client-visit-evidence-save"), `${village}.evidence`, found.evidence);
}

/** The checkpoint in a receipt: what stands behind its first empty line. Whether it is one shows where it is compared. */
function noteOf(receipt: string, at: string): Held[] {
  const divide = receipt.indexOf("\n\n");
  return divide < 0 ? [] : [{ note: receipt.slice(divide + 2), at }];
}

function say(part: HTMLElement, tone: "good" | "bad" | "", ...lines: string[]): HTMLElement {
  const words = make("div");
  if (tone !== "") {
    words.dataset["said"] = "";
    words.dataset["tone"] = tone;
  }
  words.append(...lines.filter(Boolean).map((line) => make("p", line)));
  part.append(words);
  return words;
}

function offer(part: HTMLElement, words: string, name: string, text: string): void {
  const button = make("button", words, "button button-quiet");
  button.type = "button";
  button.onclick = () => saveAs(name, text);
  part.append(button);
}

async function showTaken(part: HTMLElement, kept: Kept, receipt: string, t: Texts): Promise<void> {
  const key = await pinned(kept.village);
  const expected = { logKey: key ?? "", payload: kept.payload };
  const verdict = await verifyReceipt(receipt, expected);
  say(part, verdict.fault === undefined ? "good" : "bad", ...verdictLines(verdict, t));
  offer(part, t("client-mine-save"), `${kept.village}-${String(kept.recorded?.seq)}.tlog-proof`, receipt);
  if (verdict.fault !== undefined) return;
  const waiting = say(part, "", t("client-mine-checking"));
  const newest = await newestReceipt(kept);
  waiting.remove();
  if (newest === undefined) return void say(part, "", t("client-mine-offline"));
  const now = newest === "" ? undefined : await verifyReceipt(newest, expected);
  const shown = now !== undefined && now.fault === undefined && now.leaf === verdict.leaf ? (now.checkpoint?.size ?? 0) : 0;
  const still = shown >= (verdict.checkpoint?.size ?? 0);
  say(part, still ? "good" : "bad", still ? t("client-mine-still", { size: shown }) : t("client-mine-gone"));
  if (!still && newest !== "") offer(part, t("client-mine-save"), `${kept.village}-${String(kept.recorded?.seq)}-now.tlog-proof`, newest);
}

/** The entry's receipt in the newest record; "" where the server says there is none, undefined where it does not answer. */
async function newestReceipt({ village, recorded }: Kept): Promise<string | undefined> {
  try {
    const answer = await fetch(`/receipt/${village}/${String(recorded?.seq)}/file`, { credentials: "same-origin", cache: "no-store" });
    if (answer.ok) return await answer.text();
    return answer.status === 404 ? "" : undefined;
  } catch {
    return undefined;
  }
}

async function showUntaken(part: HTMLElement, kept: Kept, t: Texts): Promise<void> {
  const { refusal, vouches = [] } = kept;
  if (refusal === undefined && vouches.length === 0) say(part, "bad", t("client-mine-unanswered"));
  if (refusal !== undefined) {
    const good = await checkRefusal(refusal.note, kept.id, (await pinned(kept.village)) ?? "");
    const words = good && t("client-mine-refused", { time: shanghaiTime(good.time), why: refusal.words });
    say(part, "bad", words ?? t("client-mine-refused-unsigned"));
    offer(part, t("client-mine-save-refusal"), `${kept.id.slice(0, 16)}.refusal`, refusal.note);
  }
  for (const note of vouches.filter((one) => vouchedAt(one, kept.id) !== undefined)) {
    say(part, "good", t("client-mine-vouched"));
    offer(part, t("client-mine-save-vouch"), `${kept.id.slice(0, 16)}.vouch`, note);
  }
  const link = make("a", t("client-dispute-link"), "tap");
  link.href = "/dispute";
  part.append(link);
}
