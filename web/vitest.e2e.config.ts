import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests in a real browser. They live beside the other suites of the project but use the packages installed here. */
export default defineConfig({
  root: here("../tests/e2e"),
  cacheDir: here("node_modules/.vite"),
  resolve: {
    alias: {
      "playwright-core": here("node_modules/playwright-core/index.mjs"),
      vitest: here("node_modules/vitest/dist/index.js"),
    },
  },
  server: { fs: { allow: [here("..")] } },
  test: {
    include: ["**/*.test.ts"],
    // Browser and server start once per file; two files at once would compete for the machine.
    fileParallelism: false,
    // Far above what a quiet machine needs: how busy the machine is must not decide a test.
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
