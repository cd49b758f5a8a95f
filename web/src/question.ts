/** What a vote is about, read from the entry that opened it and not from the page: the question's words and its options. */
import { equal, fromBase64, fromHex, hex, utf8 } from "./bytes.ts";
import { documentCommitment } from "./commit.ts";
import { STATEMENT_TYPE } from "./dsse.ts";
import { parseEntry } from "./entry.ts";
import { type JsonObject, parseObject } from "./ijson.ts";
import { leafHash } from "./tree.ts";

/** What the page gives to check. */
export interface Asked {
  /** Entry of `voting.opened`, base64. */
  opened: string;
  /** The question's words. */
  question: string;
  /** Salt of their commitment, hex. */
  salt: string;
  /** Words of the chosen option and salt of their commitment, where the question has options of its own. */
  label?: { words: string; salt: string } | undefined;
}

/** Fields that place a vote. */
const PLACE = ["village", "matter", "session", "question"];

/**
 * Whether a ballot draft's basis is this opening, for the same question, with these words and among its options this choice. The ballot is
 * bound to its basis, so an opening made up for the page would be of no use.
 */
export function isAsked(draft: JsonObject, choice: string, asked: Asked): boolean {
  try {
    const bytes = fromBase64(asked.opened);
    const { statement } = parseEntry(bytes);
    const opening = parseObject(fromBase64(statement.payload));
    const placed = PLACE.every((name) => opening[name] !== undefined && opening[name] === draft[name]);
    const title = hex(documentCommitment(fromHex(asked.salt, 32), utf8(asked.question)));
    const options = opening["options"];
    return (
      equal(leafHash(bytes), fromHex(String(draft["basis"]), 32)) &&
      statement.payloadType === STATEMENT_TYPE &&
      opening["kind"] === "voting.opened" &&
      placed &&
      opening["title"] === title &&
      Array.isArray(options) &&
      options.includes(choice) &&
      isLabelled(opening, options.filter((option) => option !== "abstain").indexOf(choice), asked.label)
    );
  } catch {
    return false;
  }
}

/** Whether an option's words are those committed to; for, against, abstain and options without words have none. */
function isLabelled(opening: JsonObject, index: number, label: Asked["label"]): boolean {
  const commitment = Array.isArray(opening["labels"]) ? opening["labels"][index] : undefined;
  if (commitment === undefined || label === undefined) return commitment === label;
  return commitment === hex(documentCommitment(fromHex(label.salt, 32), utf8(label.words)));
}
