/** An official's desk that stays open: told that one of its villages has changed, it fetches its page again and puts new lines in place of old ones. What somebody is typing, and where they are reading, stays. */
import { fetchPage } from "./screen/fetch.ts";
import { listen } from "./screen/line.ts";

const part = (root: ParentNode, name: string): HTMLElement | null => root.querySelector<HTMLElement>(`[data-desk-part=${name}]`);
const linesOf = (list: ParentNode): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(":scope > [data-warning]")];
const keyOf = (line: HTMLElement): string => line.dataset["warning"] ?? "";

/** Whether somebody is at work on a line: its form is open, or holds words. */
function inUse(line: HTMLElement): boolean {
  return line.querySelector("details[open]") !== null || line.contains(document.activeElement) || [...line.querySelectorAll("textarea")].some((field) => field.value !== "");
}

/** The lines in the order that the fresh page gives them; a line in use stays as it is, also one that the fresh page no longer has. */
export function merged(before: HTMLElement[], fresh: HTMLElement[], used: (line: HTMLElement) => boolean): HTMLElement[] {
  const held = new Map(before.filter(used).map((line) => [keyOf(line), line]));
  const lines = fresh.map((line) => held.get(keyOf(line)) ?? line);
  const gone = [...held.values()].filter((line) => !lines.includes(line));
  return [...gone, ...lines];
}

/** Puts lines into a list. The one in which somebody types is never taken out: that would end what they are composing. */
function place(list: HTMLElement, lines: HTMLElement[]): void {
  const still = lines.find((line) => line.isConnected && line.contains(document.activeElement));
  for (const child of [...list.children]) if (child !== still) child.remove();
  if (still === undefined) return list.append(...lines);
  const at = lines.indexOf(still);
  still.before(...lines.slice(0, at));
  still.after(...lines.slice(at + 1));
}

/** Puts a fresh page's parts in place of the old ones. False where it is no desk: the session has ended. */
export function renew(desk: HTMLElement, page: Document): boolean {
  const fresh = page.querySelector<HTMLElement>("[data-desk]");
  const [rows, freshRows] = [part(desk, "rows"), fresh === null ? null : part(fresh, "rows")];
  if (fresh === null || rows === null || freshRows === null) return false;
  const top = (line: HTMLElement): number => line.getBoundingClientRect().top;
  const read = linesOf(rows).find((line) => line.getBoundingClientRect().bottom > 0);
  const [key, before] = read === undefined ? ["", 0] : [keyOf(read), top(read)];
  for (const name of ["head", "foot"]) {
    const [old, made] = [part(desk, name), part(fresh, name)];
    // Who is in it with the keyboard would be thrown out.
    if (old !== null && made !== null && !old.contains(document.activeElement)) old.replaceChildren(...[...made.childNodes].map((node) => document.importNode(node, true)));
  }
  place(rows, merged(linesOf(rows), linesOf(freshRows).map((line) => document.importNode(line, true)), inUse));
  rows.hidden = rows.children.length === 0;
  const after = linesOf(rows).find((line) => keyOf(line) === key);
  if (after !== undefined) window.scrollBy(0, top(after) - before);
  return true;
}

/** Takes over `[data-desk]`. */
export function enhanceDesk(desk: HTMLElement): Promise<void> {
  let [stale, fetching, lost] = [false, false, false];
  const refresh = async (): Promise<void> => {
    stale = true;
    if (fetching) return;
    fetching = true;
    while (stale) {
      stale = false;
      // A page that doesn't come is fetched with the next news, or when the line stands again.
      const page = await fetchPage(location.href).catch(() => undefined);
      if (page === undefined) lost = true;
      else if (renew(desk, page)) document.dispatchEvent(new Event("sunvote:content"));
    }
    fetching = false;
  };
  listen(desk.dataset["desk"] ?? "", {
    open: () => {
      if (lost) void refresh();
      lost = false;
    },
    alive: () => undefined,
    news: () => void refresh(),
    lost: () => {
      lost = true;
    },
  });
  return Promise.resolve();
}
