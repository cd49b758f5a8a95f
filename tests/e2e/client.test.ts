/** Keys, signatures, ballots, receipts, enrolment and photos in a real browser under the strictest security policy. */
import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { base64, type Bytes, fromHex, hex, utf8 } from "../../web/src/bytes.ts";
import { choiceCommitment, documentCommitment } from "../../web/src/commit.ts";
import { publicKey } from "../../web/src/curve.ts";
import { envelope, STATEMENT_TYPE } from "../../web/src/dsse.ts";
import { formatEntry } from "../../web/src/entry.ts";
import { judgeEvidence, parseEvidence } from "../../web/src/evidence.ts";
import { parseVerifierKey } from "../../web/src/note.ts";
import { answer, formatCode, parseCode } from "../../web/src/slip.ts";
import { leafHash } from "../../web/src/tree.ts";
import { axe, open, ready } from "./browser.ts";
import { District, PERSON, VILLAGE } from "./district.ts";
import { browser, district, onPhone, phone, readQr, show } from "./phone.ts";

const SALT = "05".repeat(32);
const QUESTION = "Do you agree to the plan?";
const PLACE = { matter: "01J0000000000000000000000M", session: "01J0000000000000000000000S", question: "main" };
/** The entry that opened the vote, and its leaf hash, on which ballots rest. */
const OPENED = (() => {
  const title = hex(documentCommitment(fromHex(SALT), utf8(QUESTION)));
  const payload = utf8(JSON.stringify({ kind: "voting.opened", village: VILLAGE, ...PLACE, title, options: ["for", "against", "abstain"] }));
  const statement = envelope(STATEMENT_TYPE, payload, new Uint8Array(32), new Uint8Array(64));
  return utf8(formatEntry({ seq: 0, prev: "00".repeat(32), time: "2026-11-21T09:00:00.000Z", statement }));
})();
const BASIS = hex(leafHash(OPENED));

onPhone();

const CSRF = '<input type="hidden" name="csrf" value="token">';
const DEVICE = `<form data-enrol-device data-api="/api/v1/villages/{village}/enrolments" hidden>${CSRF}
  <input name="village"><input name="person"><input name="role"><input name="code"><input name="label"><button>Go</button></form><div data-keys hidden></div>`;
const SLIPS = `<form data-enrol-slips data-village="${VILLAGE}" data-api="/api/v1/villages/${VILLAGE}/enrolments"><select name="person"><option value="${PERSON}">Wu Xin</option></select>
  <select name="role"><option value="representative">representative</option></select><button type="button" data-make-slip>Slip</button><div data-slips></div><button data-needs-enrolment disabled>Draft</button></form>`;
const LOGIN = `<form data-login hidden data-challenge-api="/api/v1/login/challenge" data-api="/api/v1/login" data-next="/tasks">${CSRF}<select data-key-choice></select><button>Log in</button></form>`;

/** Waits for the outcome of a form and gives its tone and words. */
async function outcome(page: Page, selector = "[data-outcome]:not([data-tone=busy])"): Promise<{ tone: string | null; words: string }> {
  const place = page.locator(selector);
  await place.waitFor();
  return { tone: await place.getAttribute("data-tone"), words: await place.innerText() };
}

/** Enrols a window's device with a typed code; gives its public key. */
async function enrol(page: Page, pin?: string): Promise<string> {
  await show(page, "/enrol", DEVICE);
  const fields = { village: VILLAGE, person: PERSON, role: "representative", code: formatCode(new Uint8Array(16)).toLowerCase(), label: "My phone", ...(pin && { pin }) };
  for (const [name, text] of Object.entries(fields)) await page.fill(`[name=${name}]`, text);
  await page.click("text=Go");
  expect(await outcome(page)).toMatchObject({ tone: "good" });
  return district.answers.at(-1)?.["key"] as string;
}

function statement(key: string, change: object = {}): Record<string, unknown> {
  const by = [{ key, person: PERSON, role: "representative" }];
  return { amount_fen: 1_250_000, at: "2026-11-21T10:00:00.000Z", by, kind: "matter.proposed", matter: "01J0000000000000000000000M", village: VILLAGE, ...change };
}

function signForm(payload: Record<string, unknown>, amount = "12,500.00 yuan"): string {
  return `<form data-sign data-village="${VILLAGE}" data-api="/api/v1/villages/${VILLAGE}/statements" data-done="/done" data-log-key="${district.logKey}">${CSRF}
    <input type="hidden" name="payload" value="${base64(utf8(JSON.stringify(payload)))}"><b data-field="kind" data-value="matter.proposed">Proposal</b>
    <b data-field="matter" data-value="01J0000000000000000000000M">Road</b><b data-field="amount_fen" data-value="1250000">${amount}</b>
    <pre data-exact></pre><button>Sign</button></form>`;
}

function ballot(key: string, change: object = {}): Record<string, unknown> {
  const { amount_fen: _, ...rest } = statement(key);
  const place = { ...PLACE, basis: BASIS, channel: "online", voter: 7, revision: 1 };
  return { ...rest, ...place, kind: "ballot.cast", commitment: "0".repeat(64), ...change };
}

function voteForm(payload: Record<string, unknown>, choice = "for"): string {
  const fields = ["kind", "matter", "session", "question", "voter", "revision", "channel"].filter((field) => field in payload);
  const shown = fields.map((field) => `<b data-field="${field}" data-value="${String(payload[field])}">${field} ${String(payload[field])}</b>`).join("");
  return `<form data-vote data-village="${VILLAGE}" data-api="/api/v1/villages/${VILLAGE}/statements" data-log-key="${district.logKey}" data-now="2026-11-21T10:00:00.000Z"
    data-opened="${base64(OPENED)}" data-question="${QUESTION}" data-question-salt="${SALT}">${CSRF}
    <input type="hidden" name="payload" value="${base64(utf8(JSON.stringify(payload)))}"><input type="hidden" name="choice" value="${choice}">${shown}<button>Press</button></form>`;
}

/** Presses the button of the program's own window. */
const cast = (): Promise<void> => phone.page.click("dialog .cast");

const RECEIPT = (index: number): string =>
  `<div data-receipt data-village="${VILLAGE}" data-index="${index}" data-log-key="${district.logKey}"><code data-leaf>as the server says</code><button data-save-receipt hidden>Save</button></div>`;

const MINE = '<h1>My ballots</h1><div data-my-ballots data-phone="0578-1234567"></div>';

describe("a device key", () => {
  it("never leaves the browser's store", async () => {
    await enrol(phone.page);
    const kept = await phone.page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open("sunvote");
        request.onsuccess = () => resolve(request.result);
      });
      const [key] = await new Promise<{ native: CryptoKey; label: string }[]>((resolve) => {
        const request = db.transaction("keys").objectStore("keys").getAll();
        request.onsuccess = () => resolve(request.result);
      });
      const exported = await crypto.subtle.exportKey("pkcs8", key!.native).then(() => true, () => false);
      return { label: key!.label, extractable: key!.native.extractable, exported, local: localStorage.length };
    });
    expect(kept).toEqual({ label: "My phone", extractable: false, exported: false, local: 0 });
  });

  it("is sealed under a PIN where WebCrypto has no Ed25519, and each signature asks for it", async () => {
    await phone.page.addInitScript(() => {
      const generate = crypto.subtle.generateKey.bind(crypto.subtle);
      const refuse = (algorithm: unknown): boolean => algorithm === "Ed25519";
      crypto.subtle.generateKey = ((algorithm: AlgorithmIdentifier, ...rest: [boolean, KeyUsage[]]) =>
        refuse(algorithm) ? Promise.reject(new DOMException("", "NotSupportedError")) : generate(algorithm, ...rest)) as typeof generate;
    });
    const key = await enrol(phone.page, "246810");
    await show(phone.page, "/draft", signForm(statement(key)));
    await phone.page.click("text=Sign");
    await phone.page.fill("dialog input", "246811");
    await phone.page.click("dialog button >> nth=0");
    expect((await outcome(phone.page)).words).toContain("PIN");
    expect(district.received).toEqual([]);
    await phone.page.click("form[data-sign] >> text=Sign");
    await phone.page.fill("dialog input", "246810");
    district.pages.set("/done", "<h1>Done</h1>");
    await phone.page.click("dialog button >> nth=0");
    await phone.page.waitForURL("**/done");
    expect(district.received).toHaveLength(1);
  });

  it("can be renamed and deleted", async () => {
    await enrol(phone.page);
    await show(phone.page, "/enrol", DEVICE);
    const label = await phone.page.waitForSelector("[data-keys] input");
    await label.fill("Old phone");
    await label.press("Tab");
    // The list is made anew once the name is on disk: before that, a reload would be too early.
    await label.waitForElementState("hidden");
    await phone.page.reload();
    expect(await phone.page.inputValue("[data-keys] input")).toBe("Old phone");
    await phone.page.click("[data-keys] button");
    await phone.page.click("[data-keys] button");
    await phone.page.waitForSelector("text=This device holds no key.");
  });

  it("logs in by signing the server's challenge for this origin only", async () => {
    const key = await enrol(phone.page);
    district.pages.set("/tasks", "<h1>Tasks</h1>");
    await show(phone.page, "/login", LOGIN);
    await phone.page.click("text=Log in");
    await phone.page.waitForURL("**/tasks");
    expect(district.logins).toMatchObject([{ key, origin: district.origin }]);
  });
});

describe("a draft", () => {
  it("is signed as shown, recorded, and its receipt checked", async () => {
    const key = await enrol(phone.page);
    const payload = statement(key);
    district.pages.set("/done", "<h1>Done</h1>");
    await show(phone.page, "/draft", signForm(payload));
    expect(await phone.page.innerText("[data-exact]")).toBe(JSON.stringify(payload));
    await phone.page.click("text=Sign");
    await phone.page.waitForURL("**/done");
    expect(district.received).toEqual([{ payload }]);
  });

  it.each([
    ["shows another amount", { }, "1,250.00 yuan"],
    ["asks for another matter", { matter: "01J0000000000000000000000X" }, undefined],
    ["is of another village", { village: "331102001201" }, undefined],
    ["does not show all", { paid_fen: 1 }, undefined, "does not show everything"],
    ["has parts out of sight", {}, "12,500.00 <i hidden>not</i> yuan"],
  ])("is refused when the page %s", async (_, change, amount, words = "differs") => {
    const key = await enrol(phone.page);
    await show(phone.page, "/draft", signForm(statement(key, change), amount));
    await phone.page.click("text=Sign");
    expect((await outcome(phone.page)).words).toContain(words);
    expect(district.received).toEqual([]);
  });

  it("is refused without a key that it names", async () => {
    await show(phone.page, "/draft", signForm(statement("11".repeat(32))));
    await phone.page.click("text=Sign");
    expect((await outcome(phone.page)).words).toContain("None of this device's keys");
  });

  it("keeps the page and says so when the receipt is bad", async () => {
    const key = await enrol(phone.page);
    district.tamper = (receipt) => receipt.replace(/\nindex \d+/, "\nindex 0");
    await show(phone.page, "/draft", signForm(statement(key)));
    await phone.page.click("text=Sign");
    expect(await outcome(phone.page)).toMatchObject({ tone: "bad", words: expect.stringContaining("phone the inspector") });
  });

  it("says what to do when the server cannot be reached, and can be sent again", async () => {
    const key = await enrol(phone.page);
    district.pages.set("/done", "<h1>Done</h1>");
    await show(phone.page, "/draft", signForm(statement(key)));
    await phone.context.setOffline(true);
    await phone.page.click("text=Sign");
    expect((await outcome(phone.page)).words).toContain("cannot be reached");
    await phone.context.setOffline(false);
    await phone.page.click("text=Sign");
    await phone.page.waitForURL("**/done");
    expect(phone.faults.splice(0).every((fault) => fault.includes("ERR_INTERNET_DISCONNECTED"))).toBe(true);
  });
});

describe("a ballot", () => {
  it("is a signed commitment with an opening that fits, and a receipt that this phone checks", async () => {
    const key = await enrol(phone.page);
    district.pages.set(`/receipt/${VILLAGE}/1`, RECEIPT(1));
    await show(phone.page, "/vote", voteForm(ballot(key)));
    await cast();
    await phone.page.waitForURL("**/receipt/**");
    const [{ payload, opening }] = district.received as [{ payload: Record<string, string>; opening: { nonce: string; choice: string } }];
    const made = choiceCommitment({ basis: fromHex(BASIS), voter: 7, revision: 1, nonce: fromHex(opening.nonce), choice: "for" });
    expect(payload["commitment"]).toBe(hex(made));
    expect(payload).toMatchObject({ kind: "ballot.cast", voter: 7, by: [{ key }] });
    // The page said ten o'clock; a phone's own clock does not matter.
    expect(Math.abs(Date.parse(payload["at"] as string) - Date.parse("2026-11-21T10:00:00.000Z"))).toBeLessThan(30_000);
    const checked = await outcome(phone.page);
    expect(checked.tone).toBe("good");
    expect(checked.words).toContain("exactly what this device signed");
    // The fingerprint stands there once, as this device worked it out.
    const leaf = await phone.page.innerText("[data-leaf]");
    expect(leaf).toMatch(/^[0-9a-f]{64}$/);
    expect(checked.words).not.toContain(leaf);
    const download = phone.page.waitForEvent("download");
    await phone.page.click("text=Save");
    expect((await download).suggestedFilename()).toBe(`${VILLAGE}-1.tlog-proof`);
  });

  it("that is refused is kept with the refusal, handed to the witness without its opening, and sent again until it is taken", async () => {
    const key = await enrol(phone.page);
    await phone.page.clock.install();
    district.refuses = "ballot.late";
    await show(phone.page, "/vote", voteForm(ballot(key)).replace("data-vote ", `data-vote data-vouching="${district.origin}/vouch" `));
    await cast();
    expect(await outcome(phone.page)).toMatchObject({ tone: "bad", words: expect.stringContaining("The vote is not open.") });
    expect(await phone.page.getAttribute("[data-outcome] a", "href")).toBe("/dispute");
    await phone.page.click("button >> text=Hand it to the inspector");
    await phone.page.waitForSelector("[data-tone=good]");
    expect(district.handed).toHaveLength(1);
    expect(JSON.stringify(district.handed)).not.toContain("nonce");
    const other = await phone.context.newPage();
    await show(other, "/my-ballots", MINE);
    const words = await other.innerText("[data-ballot]");
    for (const said of [QUESTION, "The server signed this refusal: The vote is not open.", "witness received it"]) expect(words).toContain(said);
    await other.close();
    district.refuses = "";
    district.pages.set(`/receipt/${VILLAGE}/1`, "<h1>Receipt</h1>");
    await phone.page.clock.fastForward(20_000);
    await phone.page.waitForURL("**/receipt/**");
    expect(district.received).toHaveLength(1);
  });

  it("is checked again at any time, with the newest record and without a network", async () => {
    const key = await enrol(phone.page);
    district.pages.set(`/receipt/${VILLAGE}/1`, "<h1>Receipt</h1>");
    await show(phone.page, "/vote", voteForm(ballot(key)));
    await cast();
    await phone.page.waitForURL("**/receipt/**");
    const said = async (): Promise<string> => {
      await show(phone.page, "/my-ballots", MINE);
      return phone.page.innerText("[data-ballot]");
    };
    const good = await said();
    for (const one of ["the receipt is good", "of 2 entries, still has this entry"]) expect(good).toContain(one);
    await phone.page.route("**/file", (route) => route.abort());
    expect(await said()).toMatch(/the receipt is good[^]*checked on this device alone/);
    await phone.page.unroute("**/file");
    district.shown.clear();
    expect(await said()).toContain("does not have this entry");
    phone.faults.splice(0);
  });

  it("must be on a record that goes on from what was answered, and if not, that is proven", async () => {
    const key = await enrol(phone.page);
    district.pages.set(`/receipt/${VILLAGE}/1`, "<h1>Receipt</h1>");
    await show(phone.page, "/vote", voteForm(ballot(key)));
    await cast();
    await phone.page.waitForURL("**/receipt/**");
    district.sampleReceipt();
    const said = async (tone: string): Promise<string> => {
      await show(phone.page, "/my-ballots", MINE);
      await phone.page.waitForSelector(`[data-record] [data-tone=${tone}]`);
      return phone.page.innerText("[data-record]");
    };
    district.publish();
    expect(await said("good")).toContain("of 3 entries, goes on from everything that this device saw");
    district.publish(true);
    expect(await said("bad")).toMatch(/^[^]*This is not the record you saw before[^]*prove it[^]*0578-1234567/);
    const [download] = await Promise.all([phone.page.waitForEvent("download"), phone.page.click('button:text-is("Save the proof")')]);
    expect(await judgeEvidence(parseEvidence(readFileSync(await download.path(), "utf8")), parseVerifierKey(district.logKey))).toBe("rewritten");
    expect(await axe(phone.page)).toEqual([]);
  });

  it("is asked for in the program's own words, whatever the page shows", async () => {
    const key = await enrol(phone.page);
    await show(phone.page, "/vote", `<h1>Against</h1>${voteForm(ballot(key)).replace("<button>", '<b data-choice="for">Against</b><button>')}`);
    expect(await phone.page.innerText("dialog .choice")).toBe("For");
    expect(await phone.page.innerText("dialog")).toContain(QUESTION);
    expect((await axe(phone.page)).filter(({ where }) => where.join().includes("dialog"))).toEqual([]);
    await phone.page.click("dialog button:has-text('Go back')");
    expect(district.received).toEqual([]);
    await phone.page.click("text=Press");
    expect(await phone.page.innerText("dialog .choice")).toBe("For");
  });

  it.each([
    ["words the question in another way", (form: string) => form.replace("Do you agree", "Do you object")],
    ["offers what the vote has not", (form: string) => form.replace('value="for"', 'value="later"')],
    ["hides the voter", (form: string) => form.replace('data-field="voter"', "")],
  ])("is not asked for when the page %s", async (_, change) => {
    const key = await enrol(phone.page);
    await show(phone.page, "/vote", change(voteForm(ballot(key))));
    expect((await outcome(phone.page)).words).toMatch(/^Not (cast|signed)/);
    expect(await phone.page.locator("dialog").count()).toBe(0);
    await phone.page.click("text=Press");
    expect(district.received).toEqual([]);
  });

  it("is not cast when the server chose the commitment", async () => {
    const key = await enrol(phone.page);
    await show(phone.page, "/vote", voteForm(ballot(key, { commitment: "12".repeat(32) })));
    await cast();
    expect((await outcome(phone.page)).tone).toBe("bad");
    expect(district.received).toEqual([]);
  });

  it("can be opened by the voter when the server does not", async () => {
    const key = await enrol(phone.page);
    district.pages.set(`/receipt/${VILLAGE}/1`, RECEIPT(1));
    await show(phone.page, "/vote", voteForm(ballot(key)));
    await cast();
    await phone.page.waitForURL("**/receipt/**");
    const { commitment: _c, channel: _h, ...place } = ballot(key);
    const draft = { ...place, kind: "ballot.opened", nonce: "", choice: "" };
    const form = voteForm(draft).replace("data-vote", "data-publish hidden").replace("Press", "Publish");
    await show(phone.page, "/open", form);
    await phone.page.click("text=Publish");
    expect((await outcome(phone.page)).tone).toBe("good");
    expect(district.received[1]?.payload).toMatchObject({ kind: "ballot.opened", choice: "for", nonce: district.received[0]?.opening?.nonce });
  });

  it("warns when the log's key is another than before", async () => {
    const key = await enrol(phone.page);
    district.pages.set(`/receipt/${VILLAGE}/1`, RECEIPT(1));
    await show(phone.page, "/vote", voteForm(ballot(key)));
    await cast();
    await phone.page.waitForURL("**/receipt/**");
    const other = new District();
    await show(phone.page, "/later", RECEIPT(1).replace(district.logKey, other.logKey));
    const checked = await outcome(phone.page);
    expect(checked.tone).toBe("bad");
    expect(checked.words).toContain("another key");
  });
});

/** Makes a slip on the phone's browser, which is the clerk's here; gives its secret. */
async function makeSlip(): Promise<Bytes> {
  await show(phone.page, "/do", SLIPS);
  await phone.page.click("text=Slip");
  return parseCode(await phone.page.innerText(".slip code"));
}

describe("enrolment", () => {
  it("binds the phone's key to the slip on the clerk's screen, without the secret on the network", async () => {
    const clerk = await open(browser, district.origin, { lang: "en" });
    const sent: string[] = [];
    for (const one of [clerk, phone]) one.page.on("request", (request) => sent.push(request.url(), request.postData() ?? ""));
    await show(clerk.page, "/do", SLIPS);
    await clerk.page.click("text=Slip");
    const code = await clerk.page.innerText(".slip code");
    const link = readQr(await clerk.page.locator(".slip svg").screenshot());
    expect(link).toContain(code);
    district.pages.set("/enrol", DEVICE);
    await phone.page.goto(link);
    await ready(phone.page);
    // The secret is out of the address bar, and the slip's fields are filled.
    expect(phone.page.url()).toBe(`${district.origin}/enrol`);
    expect(await phone.page.inputValue("[name=person]")).toBe(PERSON);
    await phone.page.click("text=Go");
    const answered = await outcome(phone.page);
    const field = clerk.page.locator("input[name=enrolment]");
    await field.waitFor({ state: "attached" });
    expect(await field.inputValue()).toBe(`${PERSON}:representative:${district.answers[0]?.["key"]}`);
    const print = (district.answers[0]?.["key"] as string).slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ");
    expect(answered.words).toContain(print);
    expect(await clerk.page.innerText(".slip-state")).toContain(print);
    expect(await clerk.page.isEnabled("text=Draft")).toBe(true);
    expect(sent.join("\n")).not.toContain(code);
    expect(clerk.faults).toEqual([]);
    await clerk.context.close();
  });

  it("waits, where the district asks for that, until the holder has said elsewhere who they are", async () => {
    const clerk = await open(browser, district.origin, { lang: "en" });
    await show(clerk.page, "/do", SLIPS.replace("data-api", 'data-check="required" data-api'));
    await clerk.page.click("text=Slip");
    const link = readQr(await clerk.page.locator(".slip svg").screenshot());
    district.pages.set("/enrol", DEVICE.replace("data-api", 'data-check="/login/provider?enrol=" data-check-by="Zhezhengding" data-api'));
    await phone.page.goto(link);
    await ready(phone.page);
    await phone.page.click("text=Go");
    const there = phone.page.locator("[data-outcome] a");
    await there.waitFor();
    const given = district.answers.at(-1) ?? {};
    expect(await there.getAttribute("href")).toBe(`/login/provider?enrol=${VILLAGE}~${PERSON}~${String(given["key"])}`);
    expect(await there.innerText()).toContain("Zhezhengding");
    await clerk.page.waitForSelector(".slip-state[data-tone=wait]");
    expect(await clerk.page.locator("input[name=enrolment]").count()).toBe(0);
    given["checked"] = { by: "Zhezhengding", at: "2026-11-21T10:00:00.000Z" };
    await clerk.page.waitForSelector(".slip-state[data-tone=good]");
    expect(await clerk.page.innerText(".slip-state")).toContain("Zhezhengding");
    expect(await clerk.page.locator("input[name=enrolment]").count()).toBe(1);
    await clerk.context.close();
  });

  it("lets the clerk sign for keys that answered a slip of this browser, and for no other", async () => {
    const key = await enrol(phone.page);
    const other = hex(publicKey(new Uint8Array(32).fill(3)));
    const mac = hex(answer({ village: VILLAGE, person: PERSON, role: "representative", secret: await makeSlip() }, fromHex(other)));
    const draft = (enrolled: string): string => {
      const payload = { kind: "keys.enrolled", village: VILLAGE, at: "2026-11-21T10:00:00.000Z", by: [{ key, person: PERSON, role: "clerk" }], keys: [{ person: PERSON, key: enrolled }] };
      return `<form data-sign data-village="${VILLAGE}" data-api="/api/v1/villages/${VILLAGE}/statements" data-done="/done" data-log-key="${district.logKey}">${CSRF}
        <input type="hidden" name="payload" value="${base64(utf8(JSON.stringify(payload)))}"><b data-field="kind" data-value="keys.enrolled">Keys</b>
        <b data-field="keys.0.person" data-value="${PERSON}">Wu Xin</b><b data-field="keys.0.key" data-value="${enrolled}">${enrolled.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ")}</b><button>Sign</button></form>`;
    };
    district.pages.set("/done", "<h1>Done</h1>");
    await show(phone.page, "/draft", draft(other));
    await phone.page.click("text=Sign");
    expect((await outcome(phone.page)).words).toContain("did not answer a slip");
    expect(district.received).toEqual([]);
    district.answers.push({ person: PERSON, role: "representative", key: other, mac });
    await show(phone.page, "/do", SLIPS);
    await phone.page.locator("input[name=enrolment]").waitFor({ state: "attached" });
    await show(phone.page, "/draft", draft(other));
    await phone.page.click("text=Sign");
    await phone.page.waitForURL("**/done");
    expect(district.received).toHaveLength(1);
  });

  it("shows the clerk an answer that does not fit, and enrols nothing", async () => {
    const clerk = await open(browser, district.origin, { lang: "en" });
    district.answers.push({ person: PERSON, role: "representative", key: "11".repeat(32), mac: "22".repeat(32) });
    await show(clerk.page, "/do", SLIPS);
    await clerk.page.click("text=Slip");
    await clerk.page.waitForSelector(".slip-state[data-tone=bad]");
    expect(await clerk.page.locator("input[name=enrolment]").count()).toBe(0);
    await clerk.context.close();
  });
});
