/** Cuts the shared Fluent files down to the texts that scripts show, so that phones do not load every page's words. */
import type { Plugin } from "vite";

/** Messages (with what belongs to them) whose id begins with this go into the bundle. */
const PREFIX = "client-";

/** Keeps the `client-` messages of a Fluent file; pages' own messages are the server's. */
export function clientMessages(source: string): string {
  const kept: string[] = [];
  let keeping = false;
  for (const line of source.split(/\r?\n/)) {
    // A message begins at the margin; its continuation lines are indented, blank lines may stand between them.
    if (/^\S/.test(line)) keeping = line.startsWith(PREFIX);
    if (keeping) kept.push(line);
  }
  return kept.join("\n").trimEnd() + "\n";
}

/** Vite plugin: importing an .ftl file gives its `client-` messages as a string. */
export function clientTexts(): Plugin {
  return {
    name: "client-texts",
    transform(source, id) {
      if (!id.endsWith(".ftl")) return undefined;
      return { code: `export default ${JSON.stringify(clientMessages(source))};`, map: null };
    },
  };
}
