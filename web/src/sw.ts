/**
 * The service worker: pages of a hall (a terminal's, the door's) and what they are made of come back without the network once they were loaded.
 * Nothing else is kept, and nothing that the API answers: what such a page has learned it keeps itself. It also shows the notices that somebody
 * switched on for this browser. It stands alone, without imports.
 */

/** What it needs of a worker's world; the page's types have no room for it. */
interface WorkerScope {
  location: { origin: string };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; openWindow(address: string): Promise<unknown> };
  registration: { showNotification(title: string, options: NotificationOptions): Promise<void> };
  addEventListener(kind: "push", act: (event: Lasting & { data: { json(): unknown } | null }) => void): void;
  addEventListener(kind: "notificationclick", act: (event: Lasting & { notification: Notification }) => void): void;
  addEventListener(kind: "install" | "activate", act: (event: Lasting) => void): void;
  addEventListener(kind: "fetch", act: (event: Lasting & { request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
  addEventListener(kind: "message", act: (event: Lasting & { data: unknown; ports: readonly MessagePort[] }) => void): void;
}
interface Lasting {
  waitUntil(done: Promise<unknown>): void;
}

/** Pages that work without the network. */
const HALL = /^\/v\/\d{12}\/s\/[0-9A-HJKMNP-TV-Z]{26}\/(?:terminal|door)$/;
/** One cache for each page. Addresses of assets bear their content's hash, so a kept one is never out of date. */
const PREFIX = "sunvote-hall ";
/** So many pages are kept, the newest. */
const MOST_PAGES = 6;
/** How long the network may take for a page that is kept, in milliseconds. */
const PATIENCE = 5_000;
/** Answers name headers that they vary by; whatever a page asks with, what is kept here is meant. */
const ANY = { ignoreVary: true } as const;

const worker = self as unknown as WorkerScope;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate" && HALL.test(pathname)) event.respondWith(networkFirst(request, pathname));
  else if (pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
});

worker.addEventListener("message", (event) => {
  const { keep, assets } = event.data as { keep?: unknown; assets?: unknown };
  const port = event.ports[0];
  if (typeof keep !== "string" || !HALL.test(keep) || !Array.isArray(assets) || port === undefined) return;
  const own = assets.filter((one): one is string => typeof one === "string" && one.startsWith(`${worker.location.origin}/assets/`));
  const done = keepPage(keep, own).then(
    () => port.postMessage({ kept: true }),
    // Without the network what was kept before still is.
    async () => port.postMessage({ kept: (await caches.match(keep, ANY)) !== undefined }),
  );
  event.waitUntil(done);
});

worker.addEventListener("push", (event) => {
  if (event.data === null) return;
  const { title, body, link } = event.data.json() as { title: string; body: string; link: string };
  event.waitUntil(worker.registration.showNotification(title, { body, tag: link, data: link }));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = String(event.notification.data);
  // What came by a push service leads to pages of this server alone.
  if (link.startsWith(`${worker.location.origin}/`)) event.waitUntil(worker.clients.openWindow(link));
});

/** Keeps a page and its assets; what they no longer need goes. */
async function keepPage(page: string, assets: string[]): Promise<void> {
  const cache = await caches.open(PREFIX + page);
  const fresh = await fetch(page, { headers: { accept: "text/html" }, credentials: "same-origin", redirect: "error" });
  if (!fresh.ok) throw new Error(String(fresh.status));
  for (const asset of assets) if ((await cache.match(asset, ANY)) === undefined) await cache.add(asset);
  await cache.put(page, fresh);
  const needed = new Set([...assets, worker.location.origin + page]);
  for (const { url } of await cache.keys()) if (!needed.has(url)) await cache.delete(url, ANY);
  const pages = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  for (const old of pages.slice(0, -MOST_PAGES)) if (old !== PREFIX + page) await caches.delete(old);
}

/** The page as the server has it now; the kept one where the server can't be reached, is too slow, or has failed. */
async function networkFirst(request: Request, page: string): Promise<Response> {
  const kept = await caches.match(page, ANY);
  if (kept === undefined) return fetch(request);
  const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
  return fresh === undefined || fresh.status >= 500 ? kept : fresh;
}

async function keptFirst(request: Request): Promise<Response> {
  return (await caches.match(request, ANY)) ?? fetch(request);
}
