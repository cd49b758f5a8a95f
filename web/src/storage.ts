/**
 * What this device keeps: its keys, receipts with openings, pinned log keys, what visits to records left behind, what is known
 * of districts, and the clerk's open slips with the keys that answered them; in a hall what waits to be delivered, cards made ready,
 * and what a terminal is at; all in IndexedDB.
 * While somebody uses a printed card, receipts are kept with the card: whoever uses this browser next does not see them.
 * Never in localStorage: that is readable text, and a CryptoKey could not be kept there without being extractable.
 */

import { cardInUse, keptWithCard, keepWithCard } from "./card-in-use.ts";

/** Names of the stores; see the modules that own them. */
export type Store = "keys" | "receipts" | "pins" | "slips" | "answered" | "cards" | "settings" | "visits" | "districts" | "queue" | "ready" | "terminals";

const NAME = "sunvote";
const VERSION = 6;
/** Each store's key path. */
const STORES: Record<Store, string> = {
  keys: "public",
  receipts: "id",
  pins: "village",
  slips: "id",
  answered: "id",
  cards: "id",
  settings: "name",
  visits: "village",
  districts: "district",
  queue: "id",
  ready: "card",
  terminals: "session",
};

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const there = request.result.objectStoreNames;
      for (const [store, keyPath] of Object.entries(STORES)) if (!there.contains(store)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => {
      // A newer page in another tab may want to upgrade; holding on would block it for ever.
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      reject(request.error ?? new Error("the browser's store cannot be opened"));
    };
  });
  return opened;
}

async function run<T>(store: Store, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  return new Promise((resolve, reject) => {
    // "strict": a ballot's opening must be on disk before the ballot leaves the device.
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("the browser's store refused"));
  });
}

const withCard = (store: Store): boolean => store === "receipts" && cardInUse() !== undefined;

/** One record, or undefined. */
export async function get<T>(store: Store, key: string): Promise<T | undefined> {
  if (withCard(store)) return keptWithCard()[key] as T | undefined;
  return run(store, "readonly", (all) => all.get(key) as IDBRequest<T | undefined>);
}

/** Every record of a store. */
export async function list<T>(store: Store): Promise<T[]> {
  if (withCard(store)) return Object.values(keptWithCard()) as T[];
  return run(store, "readonly", (all) => all.getAll() as IDBRequest<T[]>);
}

/** Writes a record; resolves when it is on disk. */
export async function put(store: Store, record: object): Promise<void> {
  if (withCard(store)) return keepWithCard((record as Record<string, string>)[STORES[store]] ?? "", record);
  await run(store, "readwrite", (all) => all.put(record));
}

/** Deletes a record, if there is one. */
export async function remove(store: Store, key: string): Promise<void> {
  await run(store, "readwrite", (all) => all.delete(key));
}

/** Records of several stores within one transaction. */
export interface Rows {
  get<T>(store: Store, key: string): Promise<T | undefined>;
  list<T>(store: Store): Promise<T[]>;
  put(store: Store, record: object): void;
  remove(store: Store, key: string): void;
}

/**
 * Reads and writes in one transaction, which nothing else comes between: all of it is on disk when this resolves, or none of it. `act` must
 * wait for nothing but these rows. Where it throws, nothing is written.
 */
export async function together<T>(stores: Store[], act: (rows: Rows) => Promise<T>): Promise<T> {
  const db = await open();
  const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("the browser's store refused"));
  });
  const answered = <A>(request: IDBRequest): Promise<A> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result as A);
      request.onerror = () => reject(request.error ?? new Error("the browser's store refused"));
    });
  const rows: Rows = {
    get: (store, key) => answered(transaction.objectStore(store).get(key)),
    list: (store) => answered(transaction.objectStore(store).getAll()),
    put: (store, record) => void transaction.objectStore(store).put(record),
    remove: (store, key) => void transaction.objectStore(store).delete(key),
  };
  try {
    const result = await act(rows);
    await done;
    return result;
  } catch (error) {
    done.catch(() => undefined);
    // A transaction that has failed by itself can't be given up again.
    if (transaction.error === null) transaction.abort();
    throw error;
  }
}
