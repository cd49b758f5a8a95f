/** Parts of a page that stay up to date while it is open: told that the record has grown, a part is fetched and shown anew. */
import { fetchPage } from "./screen/fetch.ts";
import { listen } from "./screen/line.ts";

/** Shows the part as the server has it now, unless somebody is about to follow a link or to type in it. */
async function renew(part: HTMLElement): Promise<void> {
  const page = await fetchPage(location.href);
  const fresh = page.getElementById(part.id);
  if (fresh === null || part.contains(document.activeElement)) return;
  part.dataset["size"] = fresh.dataset["size"] ?? "";
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
}

export function enhanceFollow(part: HTMLElement): Promise<void> {
  let [stale, busy] = [false, false];

  /** What is heard while the page is fetched is fetched after it; what can't be fetched now comes with the next news. */
  async function follow(): Promise<void> {
    stale = true;
    if (busy) return;
    busy = true;
    while (stale) {
      stale = false;
      await renew(part).catch(() => undefined);
    }
    busy = false;
  }

  const nothing = (): void => undefined;
  listen(part.dataset["follow"] ?? "", {
    open: nothing,
    alive: nothing,
    lost: nothing,
    news: (size) => size !== part.dataset["size"] && void follow(),
  });
  return Promise.resolve();
}
