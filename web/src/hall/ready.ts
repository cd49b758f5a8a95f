/**
 * Cards made ready for a hall that may be cut off (PROTOCOL 14). A card's key needs the server's answer; so while the server can be reached, the
 * holder restores it once, and this browser keeps it for one session, sealed under the card's secret and the PIN. Wrong tries are counted
 * on disk before each one.
 */
import { fromHex, hex } from "../bytes.ts";
import { type Card, cardId, formatCardCode } from "../card.ts";
import { type CardKey, digits } from "../card-key.ts";
import { publicKey, sign } from "../curve.ts";
import { type Sealed, seal, unseal, WrongPin } from "../pin.ts";
import { list, together } from "../storage.ts";

/** How many wrong tries in a row lock a card here until the server counts them again. */
export const MOST_WRONG = 5;
/** How long a card stays ready, in milliseconds: the day of the session. */
const LIFE = 24 * 60 * 60_000;

/** One card, as it is kept. */
export interface Ready {
  /** The card's id, hex. */
  card: string;
  village: string;
  session: string;
  /** Its key, hex. */
  public: string;
  sealed: Sealed;
  /** Wrong tries in a row, the one under way included. */
  wrong: number;
  /** When it was made ready, in milliseconds since 1970. */
  made: number;
}

/** This card was not made ready here. */
export class NotReady extends Error {
  override name = "NotReady";
}

/** Too many wrong tries here: the card works again when the server can be reached. */
export class LockedHere extends Error {
  override name = "LockedHere";
}

/** A card's key that can sign; `forget` wipes it. */
export type Signing = Pick<CardKey, "public" | "sign" | "forget">;

/** Where cards are kept: `change` is one transaction and resolves when it is on disk. */
export interface Cards {
  change<T>(card: string, act: (kept: Ready | undefined) => { keep?: Ready; drop?: true; give: T }): Promise<T>;
  list(): Promise<Ready[]>;
}

/** The cards of this browser. */
export const here: Cards = {
  change: (card, act) =>
    together(["ready"], async (rows) => {
      const { keep, drop, give } = act(await rows.get<Ready>("ready", card));
      if (keep !== undefined) rows.put("ready", keep);
      if (drop === true) rows.remove("ready", card);
      return give;
    }),
  list: () => list<Ready>("ready"),
};

/** What the key is sealed under: both, so that neither the card nor the PIN opens it. */
const under = (card: Card, pin: string): string => `sunvote/ready/v1 ${card.village} ${formatCardCode(card.secret)} ${digits(pin)}`;

/** Keeps a restored key for a session. `now` in milliseconds since 1970. */
export async function makeReady(card: Card, pin: string, key: CardKey, session: string, now: number, cards = here): Promise<void> {
  const sealed = await key.lent((seed) => seal(seed, key.public, under(card, pin)));
  const kept = { card: hex(cardId(card)), village: card.village, session, public: hex(key.public), sealed, wrong: 0, made: now };
  await cards.change(kept.card, () => ({ keep: kept, give: undefined }));
}

/** The key of a card that was made ready for this session. Throws {@link NotReady}, {@link LockedHere} or `WrongPin`. */
export async function openReady(card: Card, pin: string, session: string, now: number, cards = here): Promise<Signing> {
  const id = hex(cardId(card));
  const kept = await cards.change(id, (one) => {
    if (one === undefined) return { give: undefined };
    if (one.session !== session || now - one.made > LIFE || now < one.made - LIFE) return { drop: true, give: undefined };
    if (one.wrong >= MOST_WRONG) throw new LockedHere();
    // Counted before it is tried: who pulls the plug has no try for nothing.
    return { keep: { ...one, wrong: one.wrong + 1 }, give: one };
  });
  if (kept === undefined) throw new NotReady();
  const seed = await unseal(kept.sealed, fromHex(kept.public, 32), under(card, pin));
  await cards.change(id, (one) => (one === undefined ? { give: undefined } : { keep: { ...one, wrong: 0 }, give: undefined }));
  const own = publicKey(seed);
  if (hex(own) !== kept.public) throw new WrongPin();
  return { public: own, sign: (message) => sign(seed, message), forget: () => void seed.fill(0) };
}

/** Forgets the cards of a session. */
export async function forgetReady(session: string, cards = here): Promise<void> {
  for (const one of await cards.list()) if (one.session === session) await cards.change(one.card, () => ({ drop: true, give: undefined }));
}

/** Forgets the cards whose day is over. */
export async function forgetOld(now: number, cards = here): Promise<void> {
  for (const one of await cards.list()) if (Math.abs(now - one.made) > LIFE) await cards.change(one.card, () => ({ drop: true, give: undefined }));
}
