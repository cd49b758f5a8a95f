import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

import { rulesOnly } from "./vite.config.ts";

/** The page of an evidence package as one script with everything in it: it is opened from a folder, where no page can fetch another file. */
export default defineConfig({
  publicDir: false,
  plugins: [rulesOnly],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: fileURLToPath(new URL("src/package/page.ts", import.meta.url)), formats: ["iife"], name: "sunvotePackage", fileName: () => "package.js" },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
});
