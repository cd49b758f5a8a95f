/** QR codes as they are held before the door's camera: a printed card, or the number on a member's phone. */
import { sha256 } from "@noble/hashes/sha2.js";

import { hex, utf8 } from "../bytes.ts";
import { cardId, parseCard } from "../card.ts";

/** Which door it is. */
export interface Here {
  village: string;
  session: string;
  /** Roster numbers by the marks of their cards, see {@link doorMark}; empty for all but the clerk. */
  cards: ReadonlyMap<string, number>;
}

/** Why a code is nobody's here: `client-door-code-<fault>`. */
export type CodeFault = "card" | "village" | "session" | "other";

/** Whose code it is, or why it is nobody's here. */
export type Read = { no: number } | { fault: CodeFault };

/** How long a code must have been out of sight to count as held up again, in milliseconds. */
const AWAY_MS = 1_500;

/** What the door's page knows a card by: whoever comes upon the page learns no card's id, with which PINs could be tried. */
export const doorMark = (card: string, session: string): string => hex(sha256(utf8(`sunvote/door/v1\n${session}\n${card}`)));

/** Reads a code. Of a card only the id is worked out, here: its secret goes nowhere and is wiped. */
export function readCode(text: string, here: Here): Read {
  const card = parseCard(text);
  if (card !== undefined) {
    const id = hex(cardId(card));
    card.secret.fill(0);
    if (card.village !== here.village) return { fault: "village" };
    const no = here.cards.get(doorMark(id, here.session));
    return no === undefined ? { fault: "card" } : { no };
  }
  const number = /\/v\/(\d{12})\/s\/([0-9A-Z]{26})\/number#no=([1-9]\d{0,5})$/.exec(text);
  if (number === null) return { fault: "other" };
  if (number[1] !== here.village) return { fault: "village" };
  if (number[2] !== here.session) return { fault: "session" };
  return { no: Number(number[3]) };
}

/** Tells a code that is held up from one that is still there: a camera looks several times a second. */
export class Sight {
  private last = "";
  private at = Number.NEGATIVE_INFINITY;

  /** Whether what is seen at `now` (milliseconds) was not there just before. */
  isNew(text: string, now: number): boolean {
    const fresh = text !== this.last || now - this.at > AWAY_MS;
    this.last = text;
    this.at = now;
    return fresh;
  }
}
