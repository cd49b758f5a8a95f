import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

/** The verifier as one file for Node, with everything in it: `node verifier/verify.js record.sunvote`. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "verifier",
    emptyOutDir: true,
    target: "node20",
    ssr: fileURLToPath(new URL("src/verify/node.ts", import.meta.url)),
    rolldownOptions: { output: { entryFileNames: "verify.js", codeSplitting: false } },
  },
  ssr: { noExternal: true },
});
