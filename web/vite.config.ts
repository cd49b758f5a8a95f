import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

export default defineConfig({
  // The server embeds dist and serves it under this prefix.
  base: "/assets/",
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "",
    target: "es2022",
    // As a library: else Vite's preload helper lives in app.js, and chunks that import it run app.js again under its plain address.
    lib: { entry: { app: fileURLToPath(new URL("src/app.ts", import.meta.url)) }, formats: ["es"] },
    rolldownOptions: {
      // The server gives app.js its hash; chunks carry theirs, since they name each other.
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].[hash].js", minify: true },
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Keys under a PIN and whole records take seconds on a machine that builds beside.
    testTimeout: 60_000,
  },
});
