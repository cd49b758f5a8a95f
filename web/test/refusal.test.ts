/** What a refused voter holds in hand: checked on the device, by the same bytes as in `src/log/refusal.rs`. */
import { describe, expect, it } from "vitest";

import { base64, concat, utf8 } from "../src/bytes.ts";
import { publicKey, sign } from "../src/curve.ts";
import { ALG_ED25519, formatVerifierKey, noteKeyId } from "../src/note.ts";
import { checkRefusal, vouchedAt } from "../src/refusal.ts";

const ORIGIN = "vote.example/log/v/331102206201";
const SEED = new Uint8Array(32).fill(3);
const ID = "05".repeat(32);
const TEXT = `sunvote/refusal/v1\n${ORIGIN}\n${ID}\n2026-03-02T01:00:00.000Z\nballot.late\n`;
const KEY = formatVerifierKey({ name: ORIGIN, id: noteKeyId(ORIGIN, ALG_ED25519, publicKey(SEED)), alg: ALG_ED25519, key: publicKey(SEED) });
const signed = (text: string): string =>
  `${text}\n— ${ORIGIN} ${base64(concat(noteKeyId(ORIGIN, ALG_ED25519, publicKey(SEED)), sign(SEED, utf8(text))))}\n`;
/** PROTOCOL 6. */
const VECTOR = signed(TEXT);

describe("a refusal", () => {
  it("is good if the log signed it for this statement", async () => {
    expect(await checkRefusal(VECTOR, ID, KEY)).toEqual({ origin: ORIGIN, statement: ID, time: "2026-03-02T01:00:00.000Z", why: "ballot.late" });
    expect(VECTOR).toContain(`— ${ORIGIN} wzwCidZTqEGTn2eEsRtCKIP28BydA77hkmy2oeYY9aH+M1pyhc/w464DnFwFQUpDLQa7lY19AjvxARSDJ8En3lFgKAY=`);
  });

  it("is none if it was changed, is of another statement or log, or is no refusal", async () => {
    expect(await checkRefusal(VECTOR.replace("late", "paper"), ID, KEY)).toBeUndefined();
    expect(await checkRefusal(VECTOR, "06".repeat(32), KEY)).toBeUndefined();
    expect(await checkRefusal(VECTOR, ID, KEY.replace("201+", "202+"))).toBeUndefined();
    for (const text of [TEXT.replace("/v1", "/v2"), TEXT.replace("ballot.late", "So"), `${TEXT}x\n`, TEXT.replace(".000Z", "Z"), TEXT.replace(ORIGIN, "elsewhere")]) {
      expect(await checkRefusal(signed(text), ID, KEY), text).toBeUndefined();
    }
    expect(await checkRefusal("", ID, KEY)).toBeUndefined();
    expect(await checkRefusal(VECTOR, ID, "")).toBeUndefined();
  });
});

describe("a witness's note", () => {
  it("says when it received this ballot", () => {
    const note = signed(`sunvote/vouch/v1\n${ORIGIN}\n331102206201\n${ID}\n2026-03-02T01:00:05.000Z\n`);
    expect(vouchedAt(note, ID)).toBe("2026-03-02T01:00:05.000Z");
    expect(vouchedAt(note, "06".repeat(32))).toBeUndefined();
    expect(vouchedAt(VECTOR, ID)).toBeUndefined();
    expect(vouchedAt("no", ID)).toBeUndefined();
  });
});
