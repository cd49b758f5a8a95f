/** Finds one page of each kind by following links, so that a new page is looked at without a list to keep. */
import type { Page } from "playwright-core";

/** The kind of page at an address: its path with what names a place, matter or entry replaced; `kind` and `step` stay. */
export function kindOf(url: string): string {
  const { pathname, searchParams } = new URL(url);
  const path = pathname
    .split("/")
    .map((part) => (/^\d{9}$/.test(part) ? "{township}" : /^\d{12}$/.test(part) ? "{village}" : /^[0-9A-Z]{26}$/.test(part) ? "{id}" : /^[0-9a-f]{64}$/.test(part) ? "{hash}" : /^\d+$/.test(part) ? "{n}" : part))
    .join("/");
  const kept = ["kind", "step"].map((name) => searchParams.get(name)).filter((text) => text !== null);
  return kept.length > 0 ? `${path}?${kept.join("&")}` : path;
}

/** Ends of paths that are files, machine interfaces or switches, not pages. */
const NOT_PAGES = /^\/(api|assets|log|metrics|healthz|readyz|logout|settings)(\/|$)|\/file$|\.atom$/;

/** Links of a page that lead to further pages of this server. */
async function links(page: Page): Promise<string[]> {
  const all = await page.evaluate(() => [...document.querySelectorAll<HTMLAnchorElement>("a[href]:not([download])")].map((link) => link.href));
  const origin = new URL(page.url()).origin;
  return all.filter((href) => href.startsWith(`${origin}/`) && !NOT_PAGES.test(new URL(href).pathname)).map((href) => href.split("#")[0] as string);
}

/**
 * Visits pages from `start` on, one of each kind, and calls `look` on each. Gives the kinds it saw.
 * Breadth first: the pages that people reach with few clicks come first. Kinds in `known` were looked at before and are left out.
 */
export async function crawl(page: Page, start: string[], look: (kind: string) => Promise<void>, known: ReadonlySet<string> = new Set()): Promise<string[]> {
  const seen = new Set<string>();
  const queue = start.map((path) => new URL(path, page.url()).href);
  for (let url = queue.shift(); url !== undefined; url = queue.shift()) {
    const kind = kindOf(url);
    if (seen.has(kind) || known.has(kind)) continue;
    seen.add(kind);
    const response = await page.goto(url.replace(/([?&])lang=[^&]*&?/, "$1").replace(/[?&]$/, ""));
    if (response?.headers()["content-type"]?.startsWith("text/html") !== true) continue;
    await look(kind);
    queue.push(...(await links(page)));
  }
  return [...seen];
}
