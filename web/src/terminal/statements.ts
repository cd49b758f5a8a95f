/** The three statements that a terminal signs: that it is one, a ballot, and its seal. */
import { base64, type Bytes, fromHex, hex, utf8 } from "../bytes.ts";
import { choiceCommitment } from "../commit.ts";
import { type Envelope, keyId, pae, type Signer, STATEMENT_TYPE, statementId } from "../dsse.ts";
import type { Thing } from "../hall/queue.ts";
import type { Opened } from "./hall.ts";
import { type Count, type Kept, lineOf, signAsTerminal } from "./kept.ts";

/** Longest code of a choice (PROTOCOL 2): all ballots of a vote are of one length on their way. */
const LONGEST_CHOICE = 16;
/** Rules that keep a terminal's statement waiting: it must be sealed first, something before it is missing, or the clocks differ. */
const HOLDS = ["terminal.seal", "terminal.order", "statement.time"];

/** Somebody who signs beside the terminal. */
export interface Person {
  person: string;
  role: string;
  /** Hex. */
  key: string;
  /** Signs now; without it the person signs later, on a device of the own. */
  sign?: ((message: Bytes) => Bytes | Promise<Bytes>) | undefined;
}

/** A signed statement. */
export interface Made {
  id: string;
  envelope: Envelope;
}

const by = ({ person, role, key }: Person): Signer => ({ person, role, key });
const terminalSigner = (kept: Kept): Signer => ({ role: "terminal", key: kept.public });

async function signed(kept: Kept, payload: Bytes, people: Person[], terminalFirst: boolean): Promise<Made> {
  const message = pae(STATEMENT_TYPE, payload);
  const own = { keyid: keyId(fromHex(kept.public, 32)), sig: base64(await signAsTerminal(kept, message)) };
  const others: Envelope["signatures"] = [];
  for (const { key, sign } of people) if (sign !== undefined) others.push({ keyid: keyId(fromHex(key, 32)), sig: base64(await sign(message)) });
  const signatures = terminalFirst ? [own, ...others] : [...others, own];
  return { id: hex(statementId(payload)), envelope: { payloadType: STATEMENT_TYPE, payload: base64(payload), signatures } };
}

/** That this device is a terminal of the session: signed by itself, the clerk, and the supervision committee. */
export function registration(kept: Kept, people: [Person, Person], at: string): Promise<Made> {
  const { session, village, no, hall } = kept;
  const payload = { kind: "terminal.registered", village, session, basis: hall.roster, terminal: no, by: [terminalSigner(kept), ...people.map(by)], at };
  return signed(kept, utf8(JSON.stringify(payload)), people, true);
}

/** What a voter has decided on. */
export interface Decided {
  voter: number;
  revision: number;
  choice: string;
  /** Who helped: a person on record. */
  helper?: string | undefined;
  nonce: Bytes;
  at: string;
}

/** A ballot, signed by the voter and the terminal, ready for the queue. */
export async function ballot(kept: Kept, { matter, question, vote }: Opened, count: Count, decided: Decided, voter: Person, api: string): Promise<Thing> {
  const { session, village } = kept;
  const { revision, choice, nonce, at, helper } = decided;
  const commitment = hex(choiceCommitment({ basis: fromHex(vote.basis, 32), voter: decided.voter, revision, nonce, choice }));
  const place = { counter: count.counter + 1, prev: count.last };
  const header = { kind: "ballot.cast", village, matter, session, question, basis: vote.basis, by: [by(voter), terminalSigner(kept)], at };
  const payload = { ...header, voter: decided.voter, revision, channel: "kiosk", ...(helper === undefined ? {} : { helper }), terminal: place, commitment };
  const { id, envelope } = await signed(kept, utf8(JSON.stringify(payload)), [voter], false);
  const body = { envelope, opening: { nonce: hex(nonce), choice } };
  return { id, village, session, api, body, room: LONGEST_CHOICE - choice.length, signed: at, line: lineOf(vote.basis), holds: HOLDS };
}

/** The seal, ready for the queue: how many ballots the terminal took in a vote until `at`. */
export async function sealing(kept: Kept, { matter, question, vote }: Opened, count: Count, people: [Person, Person], at: string, api: string): Promise<Thing> {
  const { session, village } = kept;
  const header = { kind: "terminal.sealed", village, matter, session, question, basis: vote.basis, by: [terminalSigner(kept), ...people.map(by)], at };
  const { id, envelope } = await signed(kept, utf8(JSON.stringify({ ...header, counter: count.counter, last: count.last })), people, true);
  return { id, village, session, api, body: { envelope }, signed: at, line: lineOf(vote.basis), holds: ["statement.time"], waits: true };
}
