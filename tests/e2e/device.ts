/** A device in the hall: a Chromium with a profile of its own on disk, whose plug can be pulled. */
import { type ChildProcess, spawn } from "node:child_process";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** A tablet as terminals have it. */
const SIZE = { width: 1280, height: 800 };

/** One device. */
export class Device {
  private constructor(
    private readonly child: ChildProcess,
    private readonly browser: Browser,
    readonly page: Page,
    /** Script errors and policy violations, as they happened. */
    readonly faults: string[],
  ) {}

  /** Switches it on: what it kept in `profile` is there again. */
  static async start(profile: string, ...more: string[]): Promise<Device> {
    const args = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--lang=zh-CN", "--accept-lang=zh-CN", `--window-size=${SIZE.width},${SIZE.height}`];
    const own = ["--remote-debugging-port=0", `--user-data-dir=${profile}`, ...more, "about:blank"];
    const child = spawn(process.env["CHROMIUM"] ?? "/usr/bin/chromium", [...args, ...own], { stdio: ["ignore", "ignore", "pipe"], detached: true });
    const browser = await chromium.connectOverCDP(await address(child));
    const context = browser.contexts()[0] as BrowserContext;
    const page = context.pages()[0] ?? (await context.newPage());
    await page.setViewportSize(SIZE);
    page.setDefaultTimeout(30_000);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      // A network that is away, and a rule's refusal, are what the test is about.
      if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text())) faults.push(message.text());
    });
    // Leaving a terminal asks whether one is sure; the test is.
    page.on("dialog", (dialog) => void dialog.accept().catch(() => undefined));
    return new Device(child, browser, page, faults);
  }

  /** Pulls the plug: every process of it dies at once. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    process.kill(-(this.child.pid as number), "SIGKILL");
    await ended;
    await this.browser.close().catch(() => undefined);
  }

  /** Cuts it off from the network, or lets it back. */
  offline(cut: boolean): Promise<void> {
    return this.page.context().setOffline(cut);
  }
}

function address(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on("exit", (code) => reject(new Error(`the browser ended with ${code}:\n${output}`)));
  });
}
