/** Photos, reading aloud and the page where anyone checks a receipt, in a real browser. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { concat, fromBase64, utf8 } from "../../web/src/bytes.ts";
import { district, onPhone, phone, readQr, show } from "./phone.ts";

onPhone();

/** A JPEG, 60 by 20, that says in its EXIF block to be turned by 90 degrees, and where it was taken. */
async function turnedPhoto(page: Page): Promise<Buffer> {
  const plain = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [60, 20];
    canvas.getContext("2d")?.fillRect(0, 0, 30, 20);
    return canvas.toDataURL("image/jpeg").split(",")[1] as string;
  });
  const jpeg = fromBase64(plain);
  const orientation = Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0);
  const exif = concat(utf8("Exif\0\0"), orientation, utf8("GPS 28.45N 119.91E"));
  const length = exif.length + 2;
  return Buffer.from(concat(jpeg.slice(0, 2), Uint8Array.of(0xff, 0xe1, length >> 8, length & 255), exif, jpeg.slice(2)));
}

/** Width and height of the JPEGs in an upload. */
function jpegSizes(body: Uint8Array): [number, number][] {
  const sizes: [number, number][] = [];
  for (let i = 0; i + 9 < body.length; i++) {
    const frame = body[i] === 0xff && (body[i + 1] === 0xc0 || body[i + 1] === 0xc2) && body[i + 2] === 0 && body[i + 4] === 8;
    if (frame) sizes.push([256 * body[i + 7]! + body[i + 8]!, 256 * body[i + 5]! + body[i + 6]!]);
  }
  return sizes;
}

const UPLOAD = `<form method="post" action="/upload" enctype="multipart/form-data"><input type="file" name="papers" multiple data-upload><button>Send</button></form>`;

describe("photos", () => {
  it("are turned, freed of place and camera data, and sent several at once", async () => {
    district.pages.set("/uploaded", "<h1>Uploaded</h1>");
    await show(phone.page, "/photos", UPLOAD);
    const photo = await turnedPhoto(phone.page);
    const files = [1, 2].map((n) => ({ name: `IMG_${n}.JPEG`, mimeType: "image/jpeg", buffer: photo }));
    await phone.page.setInputFiles("input[type=file]", [...files, { name: "minutes.txt", mimeType: "text/plain", buffer: Buffer.from("as it is") }]);
    await phone.page.waitForSelector("[data-tone=good]");
    await phone.page.click("text=Send");
    await phone.page.waitForURL("**/uploaded");
    const body = district.uploads[0] as Uint8Array;
    const text = Buffer.from(body).toString("latin1");
    expect(jpegSizes(photo)).toEqual([[60, 20]]);
    expect(jpegSizes(body)).toEqual([[20, 60], [20, 60]]);
    expect(text).not.toMatch(/Exif|GPS/);
    expect(text).toContain('filename="IMG_1.jpg"');
    expect(text).toContain("as it is");
  });

  it("that the browser cannot read are sent as they are, with a word about it", async () => {
    district.pages.set("/uploaded", "<h1>Uploaded</h1>");
    await show(phone.page, "/photos", UPLOAD);
    await phone.page.setInputFiles("input[type=file]", { name: "IMG_3.HEIC", mimeType: "image/heic", buffer: Buffer.from("ftypheic") });
    await phone.page.waitForSelector("text=cannot read IMG_3.HEIC");
    await phone.page.click("text=Send");
    await phone.page.waitForURL("**/uploaded");
    expect(Buffer.from(district.uploads[0] as Uint8Array).toString("latin1")).toContain("ftypheic");
  });

  it("are followed by what the server answers in place, and its parts work", async () => {
    await show(phone.page, "/photos", UPLOAD.replace("/upload", "/in-place"));
    district.pages.set("/in-place", `<h1>Draft</h1><p data-read-aloud>Read me.</p>`);
    await phone.page.setInputFiles("input[type=file]", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
    await phone.page.waitForSelector("[data-tone=good]");
    await phone.page.click("text=Send");
    await phone.page.waitForSelector("h1:has-text('Draft')");
    await phone.page.waitForSelector("button:has-text('Read aloud')");
    expect(phone.page.url()).toBe(`${district.origin}/photos`);
  });

  it("can be sent again when the connection broke", async () => {
    await show(phone.page, "/photos", UPLOAD);
    await phone.page.setInputFiles("input[type=file]", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
    await phone.context.setOffline(true);
    await phone.page.click("text=Send");
    await phone.page.waitForSelector("text=cannot be reached");
    await phone.context.setOffline(false);
    district.pages.set("/uploaded", "<h1>Uploaded</h1>");
    await phone.page.click("text=Send");
    await phone.page.waitForURL("**/uploaded");
    expect(phone.faults.splice(0).every((fault) => fault.includes("ERR_INTERNET_DISCONNECTED"))).toBe(true);
  });
});

describe("a long list of boxes", () => {
  const LIST = `<form><fieldset><button type="button" data-tick-all hidden>Tick all</button>
    ${[1, 2, 3].map((no) => `<label><input type="checkbox" name="present" value="${no}"> ${no}</label>`).join("")}</fieldset>
    <label><input type="checkbox" name="other" value="1"> other</label></form>`;

  it("is ticked at once, and unticked when all are ticked; other lists stay as they are", async () => {
    await show(phone.page, "/list", LIST);
    const ticked = (): Promise<string[]> => phone.page.locator("input:checked").evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
    await phone.page.locator("input").nth(1).check();
    await phone.page.click("text=Tick all");
    expect(await ticked()).toEqual(["1", "2", "3"]);
    await phone.page.click("text=Tick all");
    expect(await ticked()).toEqual([]);
  });
});

describe("the number of a first key", () => {
  it("is shown in fours for reading aloud, whole when copied, and as a QR code", async () => {
    await show(phone.page, "/enrol", `<form data-first-key hidden><input name="label"><div data-made></div><button>Make</button></form>`);
    await phone.page.click("text=Make");
    const code = phone.page.locator("[data-made] code");
    const number = (await code.textContent()) ?? "";
    expect(number).toMatch(/^[0-9a-f]{64}$/);
    expect(await code.locator("span").allTextContents()).toEqual(number.match(/.{4}/g));
    expect(readQr(await phone.page.locator("[data-made] svg").screenshot())).toBe(number);
  });
});

describe("reading aloud", () => {
  it("speaks the named part in its language, and stops when pressed again", async () => {
    await phone.page.addInitScript(() => {
      const spoken: string[] = ((window as unknown as { spoken: string[] }).spoken = []);
      speechSynthesis.speak = (one) => void spoken.push(`${one.lang} ${one.text}`);
      speechSynthesis.cancel = () => void spoken.push("stop");
    });
    await show(phone.page, "/read", `<p>Not this.</p><div data-read-aloud lang="zh-CN"><p>修路。</p><p>预算一万元。</p></div>`);
    await phone.page.click("text=Read aloud");
    expect(await phone.page.getAttribute("button", "aria-pressed")).toBe("true");
    await phone.page.click("text=Read aloud");
    expect(await phone.page.getAttribute("button", "aria-pressed")).toBe("false");
    expect(await phone.page.evaluate(() => (window as unknown as { spoken: string[] }).spoken)).toEqual(["stop", "zh-CN 修路。", "zh-CN 预算一万元。", "stop"]);
  });
});

describe("reading aloud by a button of the page", () => {
  it("speaks the part that the button names", async () => {
    await phone.page.addInitScript(() => {
      const spoken: string[] = ((window as unknown as { spoken: string[] }).spoken = []);
      speechSynthesis.speak = (one) => void spoken.push(one.text);
    });
    await show(phone.page, "/read", `<p id="plan">修路。</p><button data-read-aloud="#plan" hidden>Listen</button>`);
    await phone.page.click("text=Listen");
    expect(await phone.page.evaluate(() => (window as unknown as { spoken: string[] }).spoken)).toEqual(["修路。"]);
    expect(await phone.page.locator("button").count()).toBe(1);
  });
});

describe("the page that checks a receipt", () => {
  const CHECK = `<form data-check-receipt hidden><textarea name="receipt"></textarea><input type="file"><input name="log_key"><button>Check</button></form>`;

  it("judges it without sending anything", async () => {
    await show(phone.page, "/check", CHECK);
    const { receipt, logKey } = district.sampleReceipt();
    await phone.page.setInputFiles("input[type=file]", { name: "r.tlog-proof", mimeType: "text/plain", buffer: Buffer.from(receipt) });
    await phone.page.fill("[name=log_key]", ` ${logKey} `);
    const sent: string[] = [];
    phone.page.on("request", (request) => sent.push(request.url()));
    await phone.page.click("text=Check");
    await phone.page.waitForSelector("[data-tone=good]");
    expect(await phone.page.innerText("[data-outcome]")).toMatch(/Entry 1[^]*Fingerprint: [0-9a-f]{64}/);
    const other = receipt.replace("\n2\n", "\n3\n");
    expect(other).not.toBe(receipt);
    await phone.page.fill("[name=receipt]", other);
    await phone.page.click("text=Check");
    await phone.page.waitForSelector("[data-tone=bad]");
    expect(await phone.page.innerText("[data-outcome]")).toContain("signature is not good");
    expect(sent.filter((url) => !url.includes("/assets/"))).toEqual([]);
  });
});
