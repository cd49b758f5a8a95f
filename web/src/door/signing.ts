/** Lists of the door as statements: written here from what was tapped, signed here, and by the second person here or elsewhere. */
import { type Answer, post, recorded, Refused, Unreachable } from "../api.ts";
import { base64, type Bytes, hex, utf8 } from "../bytes.ts";
import { cardInUse } from "../card-in-use.ts";
import { cardOf } from "../card-key.ts";
import { type Envelope, envelope, pae, type Signer, STATEMENT_TYPE, statementId } from "../dsse.ts";
import type { JsonObject } from "../ijson.ts";
import { enqueue, type Queued, waiting as waitingIn } from "../hall/queue.ts";
import { openReady, type Signing as HeldKey } from "../hall/ready.ts";
import { type AskPin, NoKey } from "../keys.ts";
import { Told } from "../page.ts";
import { checkAnswer, keep, keepAnswer, type Kept, pin } from "../receipts.ts";
import { signStatement } from "../sign.ts";
import { list } from "../storage.ts";
import type { Texts } from "../texts.ts";
import { keyOf, type Live, type Marks } from "./state.ts";

/** The kinds of statement that the door makes. */
export type Kind = "attendance.recorded" | "paper.issued";

/** Who can sign beside the reader. */
export interface Other {
  person: string;
  name: string;
  role: string;
  role_name: string;
  /** May sign for the paper of who has voted otherwise already. */
  watches: boolean;
  keys: { key: string; card: boolean }[];
}

/** What the reader can sign of a kind. */
export interface CanSign {
  person: string;
  role: string;
  key: string;
  /** The reader's place among the two. */
  place: number;
  basis: string | null;
  others: Other[];
}

/** What the page says the reader can sign. */
export type Signing = Partial<Record<Kind, CanSign>>;

/** One list, before it is known who signs beside the reader. */
export interface Sheet {
  kind: Kind;
  basis: string;
  /** Fields of the statement that are its own. */
  fields: JsonObject;
  /** Whether the second signer must be one who watches: somebody on it has voted otherwise, or may have. */
  watched: boolean;
}

/** Where the statements go. */
export interface Desk {
  village: string;
  session: string;
  api: string;
  logKey: string;
  csrf: string;
  /** Where the demo server signs for the reader; undefined on real servers. */
  serverSigns?: string | undefined;
}

/** The lists that the marks make, each a statement; `away`: nobody here can know who votes by phone meanwhile. */
export function sheets(live: Live, marks: Marks, signing: Signing, session: string, away = false): Sheet[] {
  const all: Sheet[] = [];
  const attendance = signing["attendance.recorded"];
  if (attendance?.basis != null && marks.arrive.length + marks.leave.length > 0) {
    all.push({ kind: "attendance.recorded", basis: attendance.basis, fields: { session, present: marks.arrive, left: marks.leave }, watched: false });
  }
  for (const vote of live.votes) {
    const voters = marks.papers[keyOf(vote)] ?? [];
    if (signing["paper.issued"] === undefined || voters.length === 0) continue;
    const { matter, question, basis } = vote;
    all.push({ kind: "paper.issued", basis, fields: { session, matter, question, voters }, watched: away || vote.watched || voters.some((no) => vote.voted.includes(no)) });
  }
  return all;
}

/** Who can sign a list beside the reader, and everything else the marks make. */
export function seconds(all: Sheet[], signing: Signing): Other[] {
  const lists = all.map(({ kind, watched }) => {
    const mine = signing[kind];
    const covered = mine?.role === "supervision_committee" || mine?.role === "township_discipline_officer";
    return (mine?.others ?? []).filter((other) => !watched || covered || other.watches);
  });
  return (lists[0] ?? []).filter((other) => lists.every((list) => list.some(({ person }) => person === other.person)));
}

/** A list as the statement that two people sign, at a time in ISO 8601. */
export function statementOf(sheet: Sheet, mine: CanSign, other: Signer, village: string, at: string): JsonObject {
  const me: JsonObject = { person: mine.person, role: mine.role, key: mine.key };
  const beside: JsonObject = { person: other.person ?? "", role: other.role, key: other.key };
  return { kind: sheet.kind, village, by: mine.place === 0 ? [me, beside] : [beside, me], at, basis: sheet.basis, ...sheet.fields };
}

/** What became of a list: on record; waiting for the second person; on this device's disk until the network is back. `client-door-signed-<outcome>`. */
export type DoorOutcome = "recorded" | "waiting" | "queued";

/** Signs a list and sends it: with the second signature where their card's key is here, else it waits for it. */
export async function signSheet(sheet: Sheet, mine: CanSign, other: Signer, card: HeldKey | undefined, desk: Desk, at: string, askPin: AskPin, t: Texts): Promise<DoorOutcome> {
  const bytes = utf8(JSON.stringify(statementOf(sheet, mine, other, desk.village, at)));
  const kept: Kept = { id: hex(statementId(bytes)), village: desk.village, kind: sheet.kind, payload: base64(bytes), signed: at };
  if (desk.serverSigns !== undefined) {
    await serverSigns(desk, bytes);
    return card === undefined ? "waiting" : sendSecond(kept, bytes, card, desk, t);
  }
  const signed = await signOwn(bytes, mine, desk.session, askPin);
  await keep(kept);
  const both = card === undefined ? signed : beside(signed, bytes, card, mine.place);
  const answer = await handIn(both, kept, desk);
  if (answer === undefined) return "queued";
  if (answer.status === 202) return "waiting";
  await acceptRecorded(kept, answer.body, desk, t);
  return "recorded";
}

/** The reader's own signature. With a card whose server is out of reach, the key that was made ready here signs. */
async function signOwn(bytes: Bytes, mine: CanSign, session: string, askPin: AskPin): Promise<Envelope> {
  let typed: string | undefined;
  try {
    return await signStatement(bytes, { role: mine.role, key: mine.key }, async (key) => (typed = await askPin(key)));
  } catch (error) {
    const card = cardInUse();
    if (!(error instanceof Unreachable) || card === undefined || typed === undefined) throw error;
    const key = await openReady(cardOf(card), typed, session, Date.now());
    try {
      if (hex(key.public) !== mine.key) throw new NoKey(mine.key);
      return envelope(STATEMENT_TYPE, bytes, key.public, key.sign(pae(STATEMENT_TYPE, bytes)));
    } finally {
      key.forget();
    }
  }
}

/** The line in which a door's lists are delivered, one after the other. */
export const lineOf = (desk: Pick<Desk, "session">): string => `door/${desk.session}`;

/** Sends what is signed; undefined where it waits on this device's disk: the network is away, or earlier lists wait still. */
async function handIn(signed: Envelope, kept: Kept, desk: Desk): Promise<Answer | undefined> {
  const { village, session } = desk;
  const [line, api, body] = [lineOf(desk), `${desk.api}/statements`, { envelope: signed }];
  const first = waitingIn(await list<Queued>("queue"), line).length === 0;
  const away = (error: unknown): undefined => {
    if (error instanceof Unreachable || (error instanceof Refused && error.status >= 500)) return undefined;
    throw error;
  };
  const answer = first ? await post(api, body, desk.csrf).catch(away) : undefined;
  if (answer === undefined) await enqueue({ id: kept.id, village, session, api, body, signed: kept.signed, line, waits: true });
  return answer;
}

/** The envelope with the card's signature, in the order of the signers. */
function beside(signed: Envelope, bytes: Bytes, card: HeldKey, place: number): Envelope {
  const second = cardSignature(bytes, card);
  const [mine] = signed.signatures;
  if (mine === undefined) return signed;
  return { ...signed, signatures: place === 0 ? [mine, second] : [second, mine] };
}

function cardSignature(bytes: Bytes, card: HeldKey): Envelope["signatures"][number] {
  const one = envelope(STATEMENT_TYPE, bytes, card.public, card.sign(pae(STATEMENT_TYPE, bytes))).signatures[0];
  if (one === undefined) throw new Error("an envelope has its signature");
  return one;
}

async function sendSecond(kept: Kept, bytes: Bytes, card: HeldKey, desk: Desk, t: Texts): Promise<DoorOutcome> {
  const answer = await post(`${desk.api}/pending/${kept.id}/signatures`, cardSignature(bytes, card), desk.csrf);
  if (answer.status === 202) return "waiting";
  await acceptRecorded(kept, answer.body, desk, t);
  return "recorded";
}

/** The demo server holds demo people's keys: it signs, and takes the statement in. */
async function serverSigns(desk: Desk, bytes: Bytes): Promise<void> {
  const body = new URLSearchParams({ csrf: desk.csrf, payload: base64(bytes) });
  const answer = await fetch(desk.serverSigns ?? "", { method: "POST", body, credentials: "same-origin", headers: { accept: "text/html" } });
  if (!answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    throw new Refused(answer.status, page.querySelector("h1")?.textContent ?? String(answer.status), page.querySelector("main .lead")?.textContent ?? "");
  }
}

/** Checks the log's answer as any receipt is checked. Kept even when it is bad: then it is evidence. */
async function acceptRecorded(kept: Kept, body: Record<string, unknown>, desk: Desk, t: Texts): Promise<void> {
  const answer = recorded(body);
  await keepAnswer(kept, answer);
  const pinned = await pin(kept.village, desk.logKey);
  const checked = await checkAnswer(answer, kept.payload, pinned.logKey);
  if (pinned.changed) throw new Told(t("client-error-log-key"));
  if (checked.fault !== undefined) throw new Told(t("client-error-receipt", { fault: t(`client-fault-${checked.fault}`) }));
}

/** The signer whose card's key this is, if it is one of theirs. */
export function holderOf(others: Other[], publicKey: string): Signer | undefined {
  const other = others.find(({ keys }) => keys.some(({ key }) => key === publicKey));
  return other === undefined ? undefined : { person: other.person, role: other.role, key: publicKey };
}

/** The key with which somebody signs on the own phone: the newest that is no card. */
export function phoneKey(other: Other): string | undefined {
  return other.keys.find(({ card }) => !card)?.key;
}
