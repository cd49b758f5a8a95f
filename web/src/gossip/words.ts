/** What was heard of the district's record and of its witnesses, in words. */
import { shanghaiTime } from "../time.ts";
import type { Texts } from "../texts.ts";
import { cosignedAt } from "../visit/words.ts";
import { type Met, nameOf } from "./known.ts";
import type { Seen } from "./shown.ts";
import type { Heard } from "./witness.ts";

/** Some lines that belong together. */
export interface Said {
  tone: "good" | "bad" | "";
  lines: string[];
  /** Files that are offered with them: what the button says, the file's name, and what is in it. */
  files: [words: string, name: string, text: string][];
}

/** That the page names another key of the district's record than this device knows. */
export function keyLines({ known, otherKey }: Met, phone: string, t: Texts): string[] {
  if (otherKey === undefined) return [];
  const time = shanghaiTime(known.since);
  return [t("client-district-key", { time }), t("client-district-key-say"), t("client-district-key-known", { key: known.logKey }), t("client-district-key-now", { key: otherKey }), t("client-visit-phone", { phone })];
}

/** What this device was shown of the district's record, where that is not as it should be. */
export function seenSaid(seen: Seen | undefined, phone: string, t: Texts): Said | undefined {
  if (seen === undefined || seen.state === "fits") return undefined;
  const call = t("client-visit-phone", { phone });
  if (seen.state === "unknown") return { tone: "bad", lines: [t("client-visit-not-extended"), call], files: [] };
  const { size } = seen.newest.checkpoint;
  if (seen.state === "older") {
    const file: [string, string, string] = [t("client-visit-note-save"), "district-seen.checkpoint", seen.newest.text];
    return { tone: "bad", lines: [t("client-district-older", { before: size, size: seen.other.checkpoint.size }), call], files: [file] };
  }
  return { tone: "bad", lines: [t("client-visit-other-history"), t("client-visit-proven"), call], files: [[t("client-visit-evidence-save"), "district.evidence", seen.evidence]] };
}

/** What a witness had to say; `own` where the reader's own list has it. */
export function heardSaid(heard: Heard, own: boolean, phone: string, t: Texts): Said {
  const name = nameOf(heard.witness);
  const call = t("client-visit-phone", { phone });
  const timed = (seconds: number): { name: string; time: string } => ({ name, time: cosignedAt(seconds) });
  switch (heard.state) {
    case "same":
      return { tone: "good", lines: [t("client-gossip-same", timed(heard.time)), own ? "" : t("client-gossip-by-page")].filter(Boolean), files: [] };
    case "ahead":
      return { tone: "bad", lines: [t("client-gossip-ahead", timed(heard.time)), call], files: [[t("client-gossip-save"), `${name}.checkpoint`, heard.note]] };
    case "other":
      return { tone: "bad", lines: [t("client-gossip-other", { name }), t("client-visit-proven"), call], files: [[t("client-visit-evidence-save"), "district.evidence", heard.evidence]] };
    case "unknown":
      return { tone: "", lines: [t("client-gossip-unknown", { name })], files: [[t("client-gossip-save"), `${name}.checkpoint`, heard.note]] };
    case "nothing":
      return { tone: "", lines: [t("client-gossip-nothing", { name })], files: [] };
    case "odd":
      return { tone: "", lines: [t("client-gossip-odd", { name })], files: [] };
    case "silent":
      return { tone: "", lines: [t("client-gossip-silent", { name })], files: [] };
  }
}
