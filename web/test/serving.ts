/** Serves a log as PROTOCOL 3 says, from its lines, over real HTTP: what a server would do, honest or not. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { type Bytes, concat, fromUtf8 } from "../src/bytes.ts";
import { root } from "../src/prefix.ts";
import { leafHash } from "../src/tree.ts";

/** What is served of one log. */
export interface Log {
  note: string;
  lines: readonly Bytes[];
}

/** `12` or `x001/234`, then `.p/7` where it is not full. */
export function wanted(path: string): { index: number; width: number } | undefined {
  const match = /^((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  return match?.[1] === undefined ? undefined : { index: Number(match[1].replaceAll(/[x/]/g, "")), width: Number(match[2] ?? 256) };
}

/** A bundle of entries, or nothing where the log is shorter. */
export function bundle({ lines }: Log, path: string): Bytes | undefined {
  const at = wanted(path);
  if (at === undefined || at.index * 256 + at.width > lines.length) return undefined;
  const own = lines.slice(at.index * 256, at.index * 256 + at.width);
  return concat(...own.flatMap((line) => [Uint8Array.of(line.length >> 8, line.length & 255), line]));
}

/** A tile of hashes, or nothing where the log is shorter. */
export function tile({ lines }: Log, path: string): Bytes | undefined {
  const [level = "", ...rest] = path.split("/");
  const at = wanted(rest.join("/"));
  const span = 256 ** Number(level);
  if (at === undefined || (at.index * 256 + at.width) * span > lines.length) return undefined;
  const hash = (i: number): Bytes => root(lines.slice(i * span, (i + 1) * span).map((line) => leafHash(line)));
  return concat(...Array.from({ length: at.width }, (_, i) => hash(at.index * 256 + i)));
}

/** A server of logs by their path, such as `/log/v/331102001206`; it remembers what it was asked for. */
export class Serving {
  readonly logs = new Map<string, Log>();
  /** Other files by path. */
  readonly files = new Map<string, string>();
  /** Paths under which nothing is served. */
  readonly missing = new Set<string>();
  readonly asked: string[] = [];
  /** What was sent, by path. */
  readonly sent: { path: string; body: string }[] = [];
  /** Answers to what is sent, by path; "" for an answer without a body. */
  readonly answers = new Map<string, string>();
  address = "";
  private server: Server | undefined;

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const path = request.url ?? "";
      if (request.method === "POST") return void this.take(path, request, response);
      this.asked.push(path);
      const body = this.answer(path);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  private async take(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece as Uint8Array);
    this.sent.push({ path, body: fromUtf8(concat(...pieces)) });
    const answer = this.answers.get(path);
    response.writeHead(answer === undefined ? 503 : answer === "" ? 204 : 200).end(answer);
  }

  stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((resolve) => this.server?.close(() => resolve()));
  }

  /** What is asked for since the last call, without the server's own address. */
  heard(): string[] {
    return this.asked.splice(0);
  }

  /** What is served under a path. */
  answer(path: string): Bytes | string | undefined {
    if (this.missing.has(path)) return undefined;
    const file = this.files.get(path);
    if (file !== undefined) return file;
    for (const [base, log] of this.logs) {
      if (!path.startsWith(`${base}/`)) continue;
      const rest = path.slice(base.length + 1);
      if (rest === "checkpoint") return log.note;
      if (rest.startsWith("tile/entries/")) return bundle(log, rest.slice("tile/entries/".length));
      if (rest.startsWith("tile/")) return tile(log, rest.slice("tile/".length));
    }
    return undefined;
  }
}
