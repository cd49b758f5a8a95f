/** A district made for the client's tests: the pages and API of web/README.md with one village log, so that keys, ballots and receipts meet a strict counterpart. */
import { createPublicKey, randomBytes, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { type Recorded } from "../../web/src/api.ts";
import { base64, type Bytes, concat, fromBase64, fromHex, fromUtf8, hex, utf8 } from "../../web/src/bytes.ts";
import { publicKey, sign } from "../../web/src/curve.ts";
import { envelope, LOGIN_TYPE, pae, parseEnvelope, signers, STATEMENT_TYPE, statementId } from "../../web/src/dsse.ts";
import { formatEntry } from "../../web/src/entry.ts";
import { parse, parseObject } from "../../web/src/ijson.ts";
import { ALG_ED25519, formatVerifierKey, noteKeyId } from "../../web/src/note.ts";
import { root } from "../../web/src/prefix.ts";
import { leafHash } from "../../web/src/tree.ts";
import { Serving } from "../../web/test/serving.ts";

const DIST = fileURLToPath(new URL("../../web/dist/", import.meta.url));
/** What the server sends with every page; nothing looser may be needed. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
export const VILLAGE = "331102001200";
export const PERSON = "01J00000000000000000000000";

/** A received ballot, as the server of a real village would keep it. */
export interface Received {
  payload: Record<string, unknown>;
  opening?: { nonce: string; choice: string };
}

/** The server and what it received. */
export class District {
  readonly received: Received[] = [];
  readonly logins: Record<string, unknown>[] = [];
  readonly answers: Record<string, unknown>[] = [];
  readonly uploads: Bytes[] = [];
  /** Body of each page by path; the test writes them. */
  readonly pages = new Map<string, string>();
  /** Envelopes that the witness at `/vouch` was handed. */
  readonly handed: unknown[] = [];
  /** Checkpoints that the witness at `/witness` was handed. */
  readonly seen: string[] = [];
  /** What that witness answers; not there until it is set. */
  witness: string | undefined;
  /** Set to refuse every statement for this reason, with the log's signature. */
  refuses = "";
  /** Receipts by their entry's number; the newest ones that the server shows. */
  readonly shown = new Map<number, string>();
  /** Logs that are served as every log is; it remembers what it was asked for. */
  readonly served = new Serving();
  /** Set to alter what the log answers. */
  tamper: (receipt: string) => string = (receipt) => receipt;
  private readonly seed = randomBytes(32);
  private readonly entries: Bytes[] = [utf8("founding")];
  private challenge = "";
  private server: Server | undefined;
  origin = "";

  get logKey(): string {
    const key = publicKey(this.seed);
    return formatVerifierKey({ name: this.log, id: noteKeyId(this.log, ALG_ED25519, key), alg: ALG_ED25519, key });
  }

  private get log(): string {
    return `liandu.example/log/v/${VILLAGE}`;
  }

  /** A receipt for a statement of somebody else, as a neighbour might show it. */
  sampleReceipt(): { receipt: string; logKey: string } {
    const seed = randomBytes(32);
    const key = publicKey(seed);
    const payload = utf8(JSON.stringify({ kind: "ballot.cast", by: [{ person: PERSON, role: "representative", key: hex(key) }] }));
    const answer = this.append(envelope(STATEMENT_TYPE, payload, key, sign(seed, pae(STATEMENT_TYPE, payload))));
    return { receipt: answer.receipt, logKey: this.logKey };
  }

  /** Publishes the village's log; `odd` as one that its key signed too and that does not go on from what was answered. */
  publish(odd = false): void {
    const lines = odd ? [utf8("another founding"), ...this.entries.slice(1)] : [...this.entries];
    this.served.logs.set(`/log/v/${VILLAGE}`, { lines, note: this.checkpoint(lines) });
  }

  private checkpoint(lines: Bytes[]): string {
    const leaves = lines.map((line) => leafHash(line));
    return this.note(`${this.log}\n${leaves.length}\n${base64(root(leaves))}\n`);
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => problem(response, 400, String(error)));
    });
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((resolve) => this.server?.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", this.origin).pathname;
    if (request.method === "GET") return this.get(path, response);
    const body = await read(request);
    if (path === "/upload") {
      this.uploads.push(body);
      response.writeHead(303, { location: "/uploaded" }).end();
      return;
    }
    if (path === "/witness/seen") {
      this.seen.push(fromUtf8(body));
      return void response.writeHead(this.witness === undefined ? 404 : 200).end(this.witness);
    }
    if (this.pages.has(path)) return this.get(path, response);
    if (path === "/vouch") return void response.writeHead(200, { "content-type": "text/plain" }).end(this.vouch(body));
    if (request.headers["x-csrf"] !== "token") return problem(response, 403, "csrf");
    json(response, ...this.call(path, parse(body) as Record<string, never>));
  }

  /** What a witness answers that got nothing but a signed ballot. */
  private vouch(body: Bytes): string {
    const sent = parseEnvelope(parse(body));
    this.handed.push(sent);
    return this.note(`sunvote/vouch/v1\n${this.log}\n${VILLAGE}\n${hex(statementId(fromBase64(sent.payload)))}\n${new Date().toISOString()}\n`);
  }

  private note(text: string): string {
    const id = noteKeyId(this.log, ALG_ED25519, publicKey(this.seed));
    return `${text}\n— ${this.log} ${base64(concat(id, sign(this.seed, utf8(text))))}\n`;
  }

  private get(path: string, response: ServerResponse): void {
    const receipt = this.shown.get(Number(/^\/receipt\/\d+\/(\d+)\/file$/.exec(path)?.[1]));
    if (receipt !== undefined) return void response.writeHead(200, { "content-type": "text/plain" }).end(receipt);
    if (path.startsWith("/assets/")) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(readFileSync(DIST + path.slice("/assets/".length)));
    } else if (path.endsWith("/enrolments")) {
      json(response, 200, { answers: this.answers });
    } else if (path.startsWith("/log/")) {
      this.served.asked.push(path);
      const body = this.served.answer(path);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    } else {
      const body = this.pages.get(path);
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY };
      response.writeHead(body === undefined ? 404 : 200, headers).end(page(body ?? "<h1>404</h1>"));
    }
  }

  private call(path: string, body: Record<string, never>): [number, object] {
    if (path === "/api/v1/login/challenge") {
      this.challenge = randomBytes(16).toString("hex");
      return [200, { challenge: this.challenge }];
    }
    if (path === "/api/v1/login") return [200, this.logIn(body)];
    if (path.endsWith("/enrolments")) {
      this.answers.push(body);
      return [202, {}];
    }
    if (this.refuses !== "") return [422, this.refusal(body)];
    return [201, this.record(body)];
  }

  private logIn(body: Record<string, never>): object {
    const sent = parseEnvelope(body["envelope"]);
    const payload = parseObject(fromBase64(sent.payload));
    check(sent.payloadType === LOGIN_TYPE && payload["challenge"] === this.challenge && payload["origin"] === this.origin, "login");
    checkSignature(String(payload["key"]), pae(LOGIN_TYPE, fromBase64(sent.payload)), sent.signatures[0]?.sig ?? "");
    this.logins.push(payload);
    return {};
  }

  private refusal(body: Record<string, never>): object {
    const statement = hex(statementId(fromBase64(parseEnvelope(body["envelope"]).payload)));
    const text = `sunvote/refusal/v1\n${this.log}\n${statement}\n${new Date().toISOString()}\n${this.refuses}\n`;
    return { title: "Refused", detail: "The vote is not open.", rule: this.refuses, refusal: this.note(text) };
  }

  private record(body: Record<string, never>): object {
    const sent = parseEnvelope(body["envelope"]);
    const bytes = fromBase64(sent.payload);
    const payload = parseObject(bytes);
    const by = signers(payload);
    check(by.length === sent.signatures.length && sent.payloadType === STATEMENT_TYPE, "signers");
    by.forEach((signer, i) => checkSignature(signer.key, pae(STATEMENT_TYPE, bytes), sent.signatures[i]?.sig ?? ""));
    const opening = body["opening"] as Received["opening"];
    this.received.push(opening === undefined ? { payload } : { payload, opening });
    return this.append(sent);
  }

  private append(statement: ReturnType<typeof envelope>): Recorded {
    const seq = this.entries.length;
    const time = new Date().toISOString();
    const prev = hex(leafHash(this.entries[seq - 1] as Bytes));
    const entry = utf8(formatEntry({ seq, prev, time, statement }));
    this.entries.push(entry);
    const leaves = this.entries.map((one) => leafHash(one));
    const note = this.checkpoint(this.entries);
    const hashes = lastPath(leaves).map((hash) => `${base64(hash)}\n`).join("");
    const receipt = `c2sp.org/tlog-proof@v1\nextra ${base64(entry)}\nindex ${seq}\n${hashes}\n${note}`;
    this.shown.set(seq, receipt);
    return { seq, leaf: hex(leafHash(entry)), time, receipt: this.tamper(receipt) };
  }
}

/** Inclusion proof of the last leaf: the roots of the full subtrees to its left, nearest first. */
function lastPath(leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return [...lastPath(leaves.slice(split)), root(leaves.slice(0, split))];
}

/** Checks with Node's own crypto, so that client and counterpart do not share a mistake. */
function checkSignature(key: string, message: Uint8Array, signature: string): void {
  const der = concat(fromHex("302a300506032b6570032100"), fromHex(key, 32));
  const publicKey = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  check(verifySignature(null, message, publicKey, fromBase64(signature)), "signature");
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, title: string): void {
  json(response, status, { title, detail: "try again" });
}

async function read(request: IncomingMessage): Promise<Bytes> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Uint8Array.from(Buffer.concat(parts));
}

function page(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Village</title><link rel="icon" href="data:,"><main tabindex="-1">${body}</main><script type="module" src="/assets/app.js"></script></html>`;
}
