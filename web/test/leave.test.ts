import { beforeEach, describe, expect, it, vi } from "vitest";

/** The browser's stores and caches, as far as they are needed. */
const kept = vi.hoisted(() => ({ settings: [] as { name: string }[] }));
vi.mock("../src/storage.ts", () => ({
  list: (store: string) => Promise.resolve(store === "settings" ? [...kept.settings] : []),
  remove: (store: string, name: string) => {
    if (store !== "settings") throw new Error(store);
    kept.settings = kept.settings.filter((one) => one.name !== name);
    return Promise.resolve();
  },
}));

import { forgetDoors, leave } from "../src/leave.ts";

const PAGE = "sunvote-hall /v/331102206201/s/01KKQG3MM048HTJXY5MSKMWM24";

describe("logging out", () => {
  let caches: Set<string>;

  beforeEach(() => {
    kept.settings = [{ name: "door/331102206201/S1" }, { name: "text-size" }];
    caches = new Set([`${PAGE}/door`, `${PAGE}/terminal`, "another"]);
    vi.stubGlobal("caches", { keys: () => Promise.resolve([...caches]), delete: (name: string) => Promise.resolve(caches.delete(name)) });
  });

  it("forgets doors and leaves what waits for the network", async () => {
    await forgetDoors();
    expect(kept.settings).toEqual([{ name: "text-size" }]);
    expect([...caches]).toEqual([`${PAGE}/terminal`, "another"]);
  });

  it("logs out, whatever fails", async () => {
    const form = { submit: vi.fn() };
    vi.stubGlobal("caches", { keys: () => Promise.reject(new Error("full")), delete: () => Promise.reject(new Error("full")) });
    await leave(form as unknown as HTMLFormElement);
    expect(form.submit).toHaveBeenCalledOnce();
  });
});
