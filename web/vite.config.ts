import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { REMARKS, RULES } from "./src/law/rules.ts";
import { BYTE_RULES } from "./src/verify/report.ts";

const RULE_TEXTS = new Set([...[...Object.keys(RULES), ...BYTE_RULES].map((code) => `rule-${code}`), ...REMARKS.map((code) => `remark-${code}`)].map((id) => id.replace(/[._]/g, "-")));

/** `….ftl?rules`: of all texts of the pages only what each rule and remark says. */
export const rulesOnly: Plugin = {
  name: "rules-only",
  async load(id) {
    if (!id.endsWith(".ftl?rules")) return undefined;
    const lines = (await readFile(id.slice(0, -"?rules".length), "utf8")).split("\n");
    return `export default ${JSON.stringify(lines.filter((line) => RULE_TEXTS.has(line.split(" ")[0] ?? "")).join("\n"))}`;
  },
};

export default defineConfig({
  // The server embeds dist and serves it under this prefix.
  base: "/assets/",
  publicDir: false,
  plugins: [rulesOnly],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "",
    target: "es2022",
    // As a library: else Vite's preload helper lives in app.js, and chunks that import it run app.js again under its plain address.
    lib: {
      entry: {
        app: fileURLToPath(new URL("src/app.ts", import.meta.url)),
        screen: fileURLToPath(new URL("src/screen/page.ts", import.meta.url)),
        terminal: fileURLToPath(new URL("src/terminal/page.ts", import.meta.url)),
        // Stands alone: the server also gives it at /sw.js.
        sw: fileURLToPath(new URL("src/sw.ts", import.meta.url)),
      },
      formats: ["es"],
    },
    rolldownOptions: {
      // The server gives the entries their hash; chunks carry theirs, since they name each other.
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].[hash].js", minify: true },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: { output: { entryFileNames: "[name].[hash].js", chunkFileNames: "[name].[hash].js", minify: true } },
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Keys under a PIN and whole records take seconds on a machine that builds beside.
    testTimeout: 60_000,
  },
});
