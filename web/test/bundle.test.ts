import { gzipSync } from "node:zlib";

import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

type Chunk = Rolldown.OutputChunk;

let chunks: Chunk[];

beforeAll(async () => {
  const built = (await build({ logLevel: "silent", build: { write: false } })) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];
  chunks = [built].flat().flatMap((one) => one.output.filter((file) => file.type === "chunk"));
}, 60_000);

/** Everything a page loads when it uses these source modules, gzipped, in bytes. */
function weight(...modules: string[]): number {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    const chunk = chunks.find((one) => one.fileName === name);
    if (chunk === undefined || loaded.has(name)) return;
    loaded.add(name);
    chunk.imports.forEach(load);
  };
  for (const module of modules) load(chunks.find((chunk) => chunk.moduleIds.some((id) => id.includes(`/${module}`)))?.fileName ?? "");
  return chunks.filter((chunk) => loaded.has(chunk.fileName)).reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
}

describe("the bundle", () => {
  it("never imports the entry, which the server serves under an address of its own", () => {
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.filter((chunk) => [...chunk.imports, ...chunk.dynamicImports].includes("app.js"))).toEqual([]);
  });

  it("runs under a strict content security policy", () => {
    for (const chunk of chunks) expect(chunk.code, chunk.fileName).not.toMatch(/\beval\(|new Function|WebAssembly|localStorage|innerHTML|\.style\.|setAttribute\(.style/);
  });

  it.each([
    ["a page to read", 1_500, ["src/app.ts"]],
    ["reading aloud", 15_000, ["src/app.ts", "src/texts.ts", "client/zh-CN.ftl", "src/aloud.ts"]],
    ["signing", 28_300, ["src/app.ts", "src/texts.ts", "client/zh-CN.ftl", "src/sign.ts"]],
    ["voting", 32_900, ["src/app.ts", "src/texts.ts", "client/zh-CN.ftl", "src/vote.ts"]],
    ["logging in with a card", 50_000, ["src/app.ts", "src/texts.ts", "client/zh-CN.ftl", "client/card/zh-CN.ftl", "src/card-page.ts"]],
    ["enrolling", 45_500, ["src/app.ts", "src/texts.ts", "client/zh-CN.ftl", "src/enrol.ts", "src/curve.ts"]],
  ])("for %s stays below %i bytes", (_, limit, modules) => {
    const bytes = weight(...modules);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(limit);
  });
});
