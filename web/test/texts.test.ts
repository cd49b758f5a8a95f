import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { sentences } from "../src/aloud.ts";
import { bundleOf } from "../src/texts.ts";
import { fitted } from "../src/upload.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const ids = (source: string): string[] => [...source.matchAll(/^(client-[\w-]+) =/gm)].map((match) => match[1] as string).sort();
const both = (name: string): string => read(`../locales/client/${name}`) + read(`../locales/client/record/${name}`) + read(`../locales/client/card/${name}`) + read(`../locales/client/door/${name}`) + read(`../locales/client/terminal/${name}`) + read(`../locales/client/count/${name}`) + read(`../locales/client/package/${name}`) + read(`../locales/client/reach/${name}`);
const english = both("en.ftl");
const chinese = both("zh-CN.ftl");
const code = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => read(`../src/${name}`)).join("\n");

describe("texts of scripts", () => {
  it("are the same set in both languages, with the same values in them", () => {
    expect(ids(english)).toEqual(ids(chinese));
    for (const id of ids(english)) {
      const values = (source: string): string[] => (new RegExp(`^${id} =.*`, "m").exec(source)?.[0].match(/\$\w+/g) ?? []).sort();
      expect(values(english), id).toEqual(values(chinese));
    }
  });

  it("are all there and all used", () => {
    const used = new Set([...code.matchAll(/t\("(client-[\w-]+)"/g)].map((match) => match[1] as string));
    const faults = (type: string, prefix: string): string[] => {
      const names = new RegExp(`type ${type} =([^;]*);`).exec(code)?.[1]?.matchAll(/"([\w-]+)"/g) ?? [];
      return [...names].map((match) => `client-${prefix}-${match[1]}`);
    };
    for (const id of [...faults("ReceiptFault", "fault"), ...faults("Weakness", "card-pin"), ...faults("MarkSaid", "door-is"), ...faults("RowState", "door-row"), ...faults("CodeFault", "door-code"), ...faults("DoorOutcome", "door-signed"), ...faults("PackageState", "package-state")]) used.add(id);
    expect([...used].sort()).toEqual(ids(english));
  });

  it("carry their values without invisible marks", () => {
    const t = bundleOf("en", english);
    expect(t("client-recorded", { seq: 12 })).toContain("as entry 12.");
    expect(t("client-nothing")).toBe("client-nothing");
  });
});

describe("reading aloud", () => {
  it("goes sentence by sentence, none too long for the engine", () => {
    expect(sentences("赞成。反对!\n弃权")).toEqual(["赞成。", "反对!", "弃权"]);
    expect(sentences("好".repeat(400)).map((piece) => piece.length)).toEqual([180, 180, 40]);
  });
});

describe("photos", () => {
  it("are made to fit and never enlarged", () => {
    expect(fitted(5120, 3840)).toEqual({ width: 2560, height: 1920 });
    expect(fitted(100, 50)).toEqual({ width: 100, height: 50 });
    expect(fitted(1, 100_000)).toEqual({ width: 1, height: 2560 });
  });
});
