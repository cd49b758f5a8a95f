/** A hall's page that works without the network once it was loaded: the service worker (`sw.ts`) keeps it and what it is made of. */

/** Whether the page will come back without the network. */
export async function keepOffline(page = location.pathname): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    if (active === null) return false;
    const { port1, port2 } = new MessageChannel();
    const kept = new Promise<boolean>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<{ kept: boolean }>) => resolve(data.kept);
    });
    active.postMessage({ keep: page, assets: loadedAssets() }, [port2]);
    return await kept;
  } catch {
    return false;
  }
}

/** Every asset that this page has loaded. What it would load only later must be loaded before: a hall's page imports all that it needs. */
function loadedAssets(): string[] {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet], link[rel=icon], link[rel=modulepreload]")].map(({ href }) => href);
  const scripts = [...document.scripts].map(({ src }) => src);
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = [...links, ...scripts, ...loaded].filter((address) => address.startsWith(`${location.origin}/assets/`));
  return [...new Set(own)];
}
