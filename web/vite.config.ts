import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

import { clientTexts } from "./build/fluent.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Every sheet directly in styles, but those that others import (`_name.css`). */
const styles = (existsSync(here("styles")) ? readdirSync(here("styles")) : [])
  .filter((name) => name.endsWith(".css") && !name.startsWith("_"))
  .map((name) => here(`styles/${name}`));

export default defineConfig({
  // The server embeds dist and serves it under this prefix.
  base: "/assets/",
  publicDir: false,
  plugins: [clientTexts()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The server looks names up by source path here.
    manifest: "manifest.json",
    assetsDir: "",
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: { input: [here("src/app.ts"), ...styles] },
  },
  test: {
    include: ["test/**/*.test.ts"],
  },
});
