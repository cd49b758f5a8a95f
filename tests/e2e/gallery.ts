/** Serves the pages that the Rust suite `pages` has rendered from their samples, with the server's security policy. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TARGET = process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(new URL("../../target", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Where the suite puts them: `<page>.<language>.<size of text>.html`, and `app.css`. */
const FOLDER = join(TARGET, "tmp", "gallery");
const MEDIA: Record<string, string> = { ".css": "text/css; charset=utf-8", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
/** The policy as the server's source has it, where no witness is named. */
const POLICY = (/const POLICY: &str = "([^;]*;(?:[^"]|\\\n)*)";/.exec(readFileSync(join(ROOT, "src/http/security.rs"), "utf8"))?.[1] ?? "").replace(/\\\n\s*/g, "").replace("{witnesses}", "");

/** One rendered sample. */
export interface Sample {
  name: string;
  lang: "zh-CN" | "en";
  /** Size of the text: 0 plain, 3 the largest of elder mode. */
  size: string;
  path: string;
}

/** All rendered samples. Fails when there are none, rather than passing on nothing. */
export function samples(): Sample[] {
  if (!existsSync(FOLDER)) throw new Error(`no samples in ${FOLDER}: run the Rust suite first (cargo test --test pages)`);
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".html"));
  return names.map((file) => {
    const [name = "", lang = "", size = ""] = file.split(".");
    return { name, lang: lang as Sample["lang"], size, path: `/${file}` };
  });
}

/** Starts the server; gives its origin and how to stop it. */
export async function serveGallery(): Promise<{ origin: string; stop: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    // The server puts a hash of the content into the names of assets.
    const path = new URL(request.url ?? "/", "http://localhost").pathname.replace(/\.[0-9a-f]{16}(?=\.\w+$)/, "");
    const name = path.replace("/assets/", "/");
    const file = [FOLDER, join(ROOT, "web/dist"), join(ROOT, "web/styles")].map((folder) => join(folder, name)).find((one) => extname(one) !== "" && existsSync(one));
    // Nothing happens while a sample is looked at.
    if (path.endsWith("/events")) return void response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    const headers = { "content-type": MEDIA[extname(path)] ?? "application/octet-stream", "content-security-policy": POLICY };
    if (file === undefined) response.writeHead(404, headers).end();
    else response.writeHead(200, headers).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}
