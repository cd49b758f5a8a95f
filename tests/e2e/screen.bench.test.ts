/** How soon a hundred screens hear that the record has grown, and have their new page. `npm run bench:screen`; `SUNVOTE` names another program than the debug build. */
import { Agent, get, request } from "node:http";

import { expect, it } from "vitest";

import { type Demo, startDemo } from "./server.ts";

const SCREENS = 100;
/** Entries that are appended, one after another; fewer than one address may send in an hour. */
const ENTRIES = 50;

const agent = new Agent({ keepAlive: true, maxSockets: SCREENS });

function page(demo: Demo, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(demo.origin + path, { agent, headers: { accept: "text/html" } }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
      answer.on("end", () => resolve(body));
    }).on("error", reject);
  });
}

/** Somebody suggests something: one entry. Ends when it is answered, so on disk. */
function append(demo: Demo, village: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const sent = request(`${demo.origin}/v/${village}/suggest`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === 303 ? resolve() : reject(new Error(String(answer.statusCode)))));
    });
    sent.on("error", reject);
    sent.end("csrf=&text=a+bench+under+the+tree");
  });
}

const told = (name: string, times: number[]): void => {
  const sorted = times.toSorted((a, b) => a - b);
  const [p50, p95, most] = [0.5, 0.95, 1].map((share) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 10) / 10);
  console.log(`${name}: p50 ${p50} ms, p95 ${p95} ms, at most ${most} ms (${times.length})`);
};

it(`measures ${SCREENS} screens`, async () => {
  const demo = await startDemo("--villages", "1");
  const village = /value="(\d{12})\//.exec(await page(demo, "/demo"))?.[1] ?? "";
  const session = /\/s\/([0-9A-Z]{26})/.exec(await page(demo, `/v/${village}`))?.[1] ?? "";
  const path = `/v/${village}/s/${session}`;
  const alone: number[] = [];
  for (let i = 0; i < 200; i++) {
    const begun = performance.now();
    expect(await page(demo, `${path}/screen`)).toContain('id="screen"');
    alone.push(performance.now() - begun);
  }
  let begun = 0;
  const heard: number[] = [], renewed: number[] = [];
  /** One after another has heard, and has its page. */
  let done = (): void => undefined;
  let left = 0;
  const hear = (): void => {
    heard.push(performance.now() - begun);
    void page(demo, `${path}/screen`).then(() => {
      renewed.push(performance.now() - begun);
      if (--left === 0) done();
    });
  };
  const lines = await Promise.all(
    Array.from({ length: SCREENS }, () =>
      new Promise<{ end: () => void }>((resolve, reject) => {
        const line = get(`${demo.origin}${path}/events`, { agent: false }, (answer) => {
          let first = true;
          answer.on("data", (chunk: Buffer) => {
            if (!chunk.toString().includes("event: grown")) return;
            if (!first) return hear();
            first = false;
            resolve({ end: () => line.destroy() });
          });
          answer.on("error", () => undefined);
        });
        line.on("error", reject);
      }),
    ),
  );
  const appended: number[] = [];
  for (let i = 0; i < ENTRIES; i++) {
    left = SCREENS;
    const all = new Promise<void>((resolve) => (done = resolve));
    begun = performance.now();
    await append(demo, village);
    appended.push(performance.now() - begun);
    await all;
  }
  told("a screen's page alone", alone);
  told("an entry, from sent to answered", appended);
  told(`an event, from the entry being sent to heard by each of ${SCREENS}`, heard);
  told(`a new page, from the entry being sent, all ${SCREENS} asking at once`, renewed);
  for (const line of lines) line.end();
  agent.destroy();
  await demo.stop();
});
