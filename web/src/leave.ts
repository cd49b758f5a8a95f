/**
 * What a browser forgets when somebody logs out: doors of halls with members' names, which it kept for when the network is away. What was signed
 * there and waits for the network stays.
 */
import { list, remove } from "./storage.ts";

/** Pages of doors among those that the service worker keeps, see `sw.ts`. */
const DOOR = /^sunvote-hall .*\/door$/;

export async function forgetDoors(): Promise<void> {
  for (const { name } of await list<{ name: string }>("settings")) if (name.startsWith("door/")) await remove("settings", name);
  // Browsers have no caches where the connection isn't safe; then nothing was kept there.
  if (!("caches" in globalThis)) return;
  for (const name of await caches.keys()) if (DOOR.test(name)) await caches.delete(name);
}

/** Takes over a form that logs out. */
export function enhanceLogOut(form: HTMLFormElement): Promise<void> {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void leave(form);
  });
  return Promise.resolve();
}

/** Forgets, then lets the form go; whatever goes wrong, whoever wants to log out does. */
export async function leave(form: HTMLFormElement): Promise<void> {
  await forgetDoors().catch(() => undefined);
  form.submit();
}
