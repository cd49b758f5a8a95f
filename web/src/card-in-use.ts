/**
 * The printed card that somebody uses in this tab. Kept in sessionStorage: gone with the tab, and at log-out. What is kept is what stands on
 * the card; PIN and key never are.
 */

/** What is kept of a card. */
export interface CardInUse {
  village: string;
  /** The typed code. */
  code: string;
  /** What the QR code says of the server's key, hex; "" where the code was typed. */
  mark: string;
  /** The public key that card and PIN restore, hex. */
  public: string;
  /** What windows call the key. */
  label: string;
  /** When it was read, ISO 8601. */
  since: string;
}

const NAME = "sunvote-card";
const RECEIPTS = "sunvote-card-receipts";
/** As long as the server's session of a card, in milliseconds. */
const LIFE = 30 * 60_000;

/** The card in use, if there is one. */
export function cardInUse(): CardInUse | undefined {
  const text = globalThis.sessionStorage?.getItem(NAME);
  if (!text) return undefined;
  const card = JSON.parse(text) as CardInUse;
  if (Date.parse(card.since) + LIFE > Date.now()) return card;
  forgetCard();
  return undefined;
}

/** Begins to use a card. */
export function useCard(card: CardInUse): void {
  forgetCard();
  sessionStorage.setItem(NAME, JSON.stringify(card));
}

/** Forgets card and receipts. */
export function forgetCard(): void {
  for (const name of [NAME, RECEIPTS]) sessionStorage.removeItem(name);
}

/** What was signed with the card in use, by id. */
export function keptWithCard(): Record<string, object> {
  return JSON.parse(sessionStorage.getItem(RECEIPTS) ?? "{}") as Record<string, object>;
}

/** Keeps something that was signed with the card in use. */
export function keepWithCard(id: string, record: object): void {
  sessionStorage.setItem(RECEIPTS, JSON.stringify({ ...keptWithCard(), [id]: record }));
}
