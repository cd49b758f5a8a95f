/** After a check: what this device was shown of the district's record goes to the witnesses that it knows, and what they answer is said. */
import { FormatError, fromUtf8 } from "../bytes.ts";
import { MAX_NOTE, parseVerifierKey, type VerifierKey } from "../note.ts";
import { make, saveAs } from "../page.ts";
import { get, put } from "../storage.ts";
import { recordTexts, type Texts } from "../texts.ts";
import { keptPolicy } from "../visit/pinned.ts";
import { NotServed, read } from "../visit/served.ts";
import { keyOf, type Known, meet, type Met, nameOf, ofPolicy, readWitnesses, type Witness } from "./known.ts";
import { holdAgainst, open, type Seen, type Signed } from "./shown.ts";
import { heardSaid, keyLines, type Said, seenSaid } from "./words.ts";
import { ask } from "./witness.ts";

/** The element with what the page says of districts and witnesses: `data-district-keys`, `data-witnesses`, `data-phone`. */
export interface Page {
  dataset: DOMStringMap;
}

/**
 * Looks at a district's record, keeps its newest checkpoint, and asks the witnesses; all of it is said in `place`, which is emptied first.
 * `shown` are notes of the district's log that the check itself was given.
 */
export async function gossip(place: HTMLElement, page: Page, district: string, shown: readonly string[] = []): Promise<void> {
  place.replaceChildren();
  place.setAttribute("aria-busy", "true");
  try {
    await gossipIn(place, page, district, shown, await recordTexts());
  } finally {
    place.removeAttribute("aria-busy");
  }
}

async function gossipIn(place: HTMLElement, { dataset }: Page, district: string, shown: readonly string[], t: Texts): Promise<void> {
  const phone = dataset["phone"] ?? "";
  const pageKey = keyOf(district, dataset["districtKeys"] ?? "");
  const named = { ...(pageKey !== undefined && { logKey: pageKey }), witnesses: readWitnesses(dataset["witnesses"] ?? "") };
  const own = ofPolicy(await keptPolicy());
  const met = meet(await get<Known>("districts", district), district, named, own, new Date().toISOString());
  if (met === undefined) return;
  await put("districts", met.known);
  const log = parseVerifierKey(met.known.logKey);
  if (met.otherKey !== undefined) offerKey(add(place, { tone: "bad", lines: keyLines(met, phone, t), files: [] }), met, met.otherKey, t);
  const at = `${location.origin}/log/d/${district}`;
  const seen = await look(met.known, [...shown, await served(at)], log, at, place, t);
  const said = seenSaid(seen, phone, t);
  if (said !== undefined) add(place, said);
  if (seen === undefined) return;
  const ground = { log, place: at, newest: seen.newest, ...("other" in seen && { other: seen.other }), now: Date.now() };
  const isOwn = ({ url }: Witness): boolean => own.some((one) => one.url === url);
  await Promise.all(met.known.witnesses.map(async (witness) => void add(place, heardSaid(await ask(witness, ground), isOwn(witness), phone, t))));
  for (const one of met.unnamed) linkTo(add(place, { tone: "", lines: [t("client-gossip-unnamed", { name: nameOf(one) })], files: [] }), one.url, t);
}

/** The newest checkpoint as the server shows it; "" where it shows none. */
async function served(at: string): Promise<string> {
  try {
    return fromUtf8(await read(`${at}/checkpoint`, MAX_NOTE, { cache: "no-store" }));
  } catch (error) {
    if (error instanceof NotServed || error instanceof FormatError) return "";
    throw error;
  }
}

/** Holds what is shown against what is kept, and keeps the newest. */
async function look(known: Known, notes: string[], log: VerifierKey, at: string, place: HTMLElement, t: Texts): Promise<Seen | undefined> {
  const before = known.note === undefined ? undefined : await open(known.note, log);
  const now: Signed[] = [];
  for (const note of notes.filter((one) => one !== "")) {
    const signed = await open(note, log);
    if (signed === undefined) add(place, { tone: "bad", lines: [t("client-district-unsigned")], files: [] });
    else now.push(signed);
  }
  const seen = await holdAgainst(before, now, log, at);
  if (seen !== undefined && seen.newest !== before) await put("districts", { ...known, note: seen.newest.text } satisfies Known);
  return seen;
}

function add(place: HTMLElement, { tone, lines, files }: Said): HTMLElement {
  const part = make("div");
  part.dataset["said"] = "";
  if (tone !== "") part.dataset["tone"] = tone;
  part.setAttribute("role", tone === "bad" ? "alert" : "status");
  part.append(...lines.map((line) => make("p", line)));
  for (const [words, name, text] of files) part.append(button(words, () => saveAs(name, text)));
  place.append(part);
  return part;
}

function button(words: string, act: () => void, look = "button"): HTMLButtonElement {
  const made = make("button", words, look);
  made.type = "button";
  made.onclick = act;
  return made;
}

/** After the reader compared the new key with what is printed or phoned. What was seen under the old key is let go. */
function offerKey(part: HTMLElement, { known }: Met, key: string, t: Texts): void {
  part.append(button(t("client-district-key-use"), () => {
    const { note: _, ...rest } = known;
    void put("districts", { ...rest, logKey: key, since: new Date().toISOString() } satisfies Known).then(() => location.reload());
  }, "button button-quiet"));
}

function linkTo(part: HTMLElement, url: string, t: Texts): void {
  const link = make("a", t("client-gossip-open"), "tap");
  link.href = new URL(url).origin;
  part.append(link);
}
