/** Notices on a phone, in Chromium: what comes by a push service is shown by the service worker, and the form says what the browser answered. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, open, ready, type Window } from "./browser.ts";
import { District } from "./district.ts";
import { type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
const district = new District();
const KEY = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
const FORM = `<form method="post" action="/reach" data-reach-push="${KEY}" hidden><input type="hidden" name="subscription" value=""><p><button>On</button></p></form>`;

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  await district.start();
  district.pages.set("/reach", FORM);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
  await district.stop();
});

/** Hands a message to the page's service worker as the browser's push service would, and gives what is shown then. */
async function pushed(window: Window, message: object): Promise<{ title: string; body: string; data: unknown }[]> {
  const { page, context } = window;
  const devtools = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      for (const { registrationId, isDeleted } of registrations) if (!isDeleted) resolve(registrationId);
    });
  });
  await devtools.send("ServiceWorker.enable");
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
  });
  const data = JSON.stringify(message);
  await devtools.send("ServiceWorker.deliverPushMessage", { origin: demo.origin, registrationId: await registered, data });
  await page.waitForFunction(async () => ((await (await navigator.serviceWorker.ready).getNotifications()).length > 0));
  return page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, data }) => ({ title, body, data: data as unknown })));
}

async function press(page: Page): Promise<string> {
  await page.goto("/reach");
  await ready(page);
  await page.click("form button");
  return page.innerText("[data-outcome][data-tone=bad]");
}

describe("notices on a phone", () => {
  it("are shown by the service worker as they came", async () => {
    const window = await open(browser, demo.origin, { width: 360 });
    await window.context.grantPermissions(["notifications"]);
    await window.page.goto("/");
    const link = `${demo.origin}/tasks`;
    const shown = await pushed(window, { title: "村里有事等您", body: "等您办：提出方案", link });
    expect(shown).toEqual([{ title: "村里有事等您", body: "等您办：提出方案", data: link }]);
    expect(window.faults).toEqual([]);
  });

  it("are not switched on where the browser doesn't allow them, or has no push service, and the form says which", async () => {
    const refused = await open(browser, district.origin, { width: 360, lang: "en" });
    expect(await press(refused.page)).toContain("The browser doesn't allow notices");
    expect(refused.faults).toEqual([]);
    const allowed = await open(browser, district.origin, { width: 360, lang: "en" });
    await allowed.context.grantPermissions(["notifications"]);
    expect(await press(allowed.page)).toContain("the browser can't reach its push service");
  });
});
