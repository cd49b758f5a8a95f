/** A card at the terminal: its key from the server while that can be reached, else from what was made ready here. */
import { post, Refused, Unreachable } from "../api.ts";
import { hex } from "../bytes.ts";
import type { Card } from "../card.ts";
import { cardApi, type CardKey, digits, restore, signChallenge } from "../card-key.ts";
import { makeReady, openReady, type Signing } from "../hall/ready.ts";
import { WrongPin } from "../pin.ts";

/** How long the server may take before the card that was made ready serves, in milliseconds. */
const PATIENCE = 8_000;

/** What is known of the place. */
export interface Place {
  session: string;
  /** This device's time, in milliseconds since 1970. */
  now: number;
  /** Whether a key is on record as somebody's here. */
  isKnown(key: string): boolean;
  /** Whether the card shall be made ready for when there is no network. */
  keeps(key: string): boolean;
}

/** Whether a server answers that can't serve now: it has failed, or its limit for the hall's address is used up. A card's own lock is its word. */
const isAway = ({ status, rule }: Refused): boolean => status >= 500 || (status === 429 && rule === "");

/** The key of a card and PIN. Throws `WrongPin`, `NotReady`, `LockedHere`, `OtherServer` or `Refused`. */
export async function openCard(card: Card, pin: string, place: Place): Promise<Signing> {
  const key = await fromServer(card, digits(pin));
  if (key === undefined) return openReady(card, pin, place.session, place.now);
  if (!place.isKnown(hex(key.public))) {
    key.forget();
    throw new WrongPin();
  }
  // Only the count of tries hangs on it: where it doesn't arrive the voter goes on.
  await post(cardApi(card, "proof"), { envelope: signChallenge(key) }).catch(() => undefined);
  if (place.keeps(hex(key.public))) await makeReady(card, pin, key, place.session, place.now);
  return key;
}

/** The key as the server helps to restore it; undefined where it can't be reached, is too slow or has failed. */
async function fromServer(card: Card, pin: string): Promise<CardKey | undefined> {
  if (!navigator.onLine) return undefined;
  const asked = restore(card, pin);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE);
  });
  try {
    const key = await Promise.race([asked, late]);
    if (key === undefined) void asked.then((come) => come.forget()).catch(() => undefined);
    return key;
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Refused && isAway(error))) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
