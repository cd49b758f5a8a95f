/** The page of an evidence package: it carries the package within, needs no network, and checks it when it is opened. */
import common_en from "../../locales/client/en.ftl?raw";
import package_en from "../../locales/client/package/en.ftl?raw";
import package_zh from "../../locales/client/package/zh-CN.ftl?raw";
import record_en from "../../locales/client/record/en.ftl?raw";
import record_zh from "../../locales/client/record/zh-CN.ftl?raw";
import common_zh from "../../locales/client/zh-CN.ftl?raw";
import rules_en from "../../locales/en.ftl?rules";
import rules_zh from "../../locales/zh-CN.ftl?rules";
import { type Bytes, concat, fromBase64 } from "../bytes.ts";
import { make } from "../page.ts";
import { recordLines } from "../record-words.ts";
import { parseRoots } from "../roots.ts";
import { bundleOf, type Texts } from "../texts.ts";
import { shanghaiTime } from "../time.ts";
import { checkPackage, type Contents, type Found, type Listed, SOUND, type State } from "./check.ts";

const ENGLISH = bundleOf("en", common_en, record_en, rules_en, package_en);
const CHINESE = bundleOf("zh-CN", common_zh, record_zh, rules_zh, package_zh);
/** Endings of files that a browser shows; the others are saved. */
const SHOWN: Record<string, string> = {
  pdf: "application/pdf", jpg: "image/jpeg", png: "image/png", webp: "image/webp", mp4: "video/mp4", txt: "text/plain;charset=utf-8", json: "application/json",
};

/** Files that only programs read: receipts, and what documents' names are made with. */
const PROOFS = /^receipts\/|\.salt$/;

/** Everything the page knows. */
class Page {
  private english = false;
  private found: Found | undefined;
  private roots: string[] = [];
  private readonly urls = new Map<string, string>();

  constructor(
    private readonly contents: Contents,
    private readonly files: Map<string, Bytes>,
    private readonly main: HTMLElement,
  ) {}

  private get t(): Texts {
    return this.english ? ENGLISH : CHINESE;
  }

  /** Checks everything, then shows what was found. */
  async check(): Promise<void> {
    this.found = undefined;
    this.show();
    // The words that it is being checked are drawn first.
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    this.found = await checkPackage(this.contents, (path) => this.files.get(path), this.roots.length > 0 ? { roots: this.roots } : {});
    this.show();
  }

  private show(): void {
    document.documentElement.lang = this.english ? "en" : "zh-CN";
    document.title = this.name(this.contents.title);
    const head = make("header", "", "head");
    head.append(make("h1", document.title), make("p", this.t("client-package-lead", { time: shanghaiTime(this.contents.as_of) }), "lead"), this.languageButton());
    this.main.replaceChildren(head, this.verdict(), this.rootsForm(), this.list(), this.missing());
  }

  private name({ zh, en }: { zh: string; en: string }): string {
    return this.english ? en : zh;
  }

  private languageButton(): HTMLElement {
    const button = make("button", this.english ? "中文" : "English", "button button-quiet");
    button.lang = this.english ? "zh-CN" : "en";
    button.onclick = () => {
      this.english = !this.english;
      this.show();
    };
    return button;
  }

  private verdict(): HTMLElement {
    const box = make("div");
    box.dataset["outcome"] = "";
    box.setAttribute("role", "status");
    if (this.found === undefined) {
      box.dataset["tone"] = "busy";
      box.append(make("p", this.t("client-package-checking")));
      return box;
    }
    const { record, files } = this.found;
    const odd = [...files.values()].filter(({ state }) => !SOUND.includes(state));
    const wrong = odd.filter(({ state }) => state !== "absent").length;
    const sound = record.verdict === "lawful" && wrong === 0;
    box.dataset["tone"] = sound ? "good" : "bad";
    const about = wrong > 0 ? this.t("client-package-wrong", { count: wrong }) : this.t("client-package-sound", { count: files.size - odd.length });
    box.append(...[...recordLines(record, this.t), about].map((line) => make("p", line)));
    if (odd.length > wrong) box.append(make("p", this.t("client-package-absent", { count: odd.length - wrong })));
    return box;
  }

  private rootsForm(): HTMLElement {
    const details = make("details", "", "more no-print");
    const form = make("form", "", "form");
    const label = make("label", this.t("client-package-roots"));
    const text = make("textarea");
    text.rows = 3;
    text.spellcheck = false;
    text.value = this.roots.join("\n");
    const outcome = make("p");
    outcome.setAttribute("role", "alert");
    const field = make("p", "", "field");
    label.htmlFor = text.id = "roots";
    field.append(label, text);
    form.append(field, make("button", this.t("client-package-again"), "button"), outcome);
    form.onsubmit = (event) => {
      event.preventDefault();
      const roots = parseRoots(text.value);
      outcome.textContent = roots === undefined ? this.t("client-check-roots") : "";
      if (roots === undefined) return;
      this.roots = roots;
      void this.check();
    };
    details.append(make("summary", this.t("client-package-roots-title")), form);
    return details;
  }

  private list(): HTMLElement {
    const section = make("section", "", "band");
    const papers = this.contents.files.filter(({ path }) => !PROOFS.test(path));
    const proofs = this.contents.files.filter(({ path }) => PROOFS.test(path));
    const more = make("details", "", "more");
    more.open = proofs.some(({ path }) => !SOUND.includes(this.found?.files.get(path)?.state ?? "listed"));
    more.append(make("summary", this.t("client-package-proofs", { count: proofs.length })), this.rows(proofs));
    section.append(make("h2", this.t("client-package-files", { count: papers.length })), this.rows(papers), more);
    return section;
  }

  private rows(files: readonly Listed[]): HTMLElement {
    const rows = make("ul", "", "rows");
    rows.append(...files.map((listed) => this.row(listed)));
    return rows;
  }

  private row(listed: Listed): HTMLElement {
    const state = this.found?.files.get(listed.path);
    const sound = state !== undefined && SOUND.includes(state.state);
    const row = make("li", "", "row");
    const main = make("span", "", "row-main");
    main.append(this.title(listed), make("span", `${listed.path} · ${this.t("client-package-size", { kb: Math.max(1, Math.round(listed.bytes / 1024)) })}`, "row-sub"));
    const where = make("span", "", "row-where");
    where.append(make("span", this.stateWords(state), `state ${sound || state === undefined || state.state === "absent" ? "t-still" : "t-against"}`));
    const line = make("span", "", "row-link");
    line.append(main, where);
    row.append(line);
    return row;
  }

  private title(listed: Listed): HTMLElement {
    const bytes = this.files.get(listed.path);
    const words = this.name(listed);
    if (bytes === undefined) return make("span", words, "row-title");
    const link = make("a", words, "row-title tap");
    const media = SHOWN[listed.path.split(".").at(-1) ?? ""];
    const url = this.urls.get(listed.path) ?? URL.createObjectURL(new Blob([bytes], { type: media ?? "application/octet-stream" }));
    this.urls.set(listed.path, url);
    link.href = url;
    if (media === undefined) link.download = listed.path.split("/").at(-1) ?? "";
    else link.target = "_blank";
    return link;
  }

  private stateWords(state: State | undefined): string {
    if (state === undefined) return this.t("client-package-checking");
    return this.t(`client-package-state-${state.state}`, { entry: state.entry ?? 0 });
  }

  /** Files too large to be carried within: they lie beside this page, and are checked once they are chosen. */
  private missing(): HTMLElement {
    const absent = this.contents.files.filter(({ path }) => !this.files.has(path));
    const section = make("section", "", "band no-print");
    section.hidden = absent.length === 0;
    const label = make("label", this.t("client-package-choose", { count: absent.length }));
    const input = make("input");
    Object.assign(input, { type: "file", multiple: true });
    input.onchange = () => void this.takeIn([...(input.files ?? [])], absent);
    label.append(input);
    section.append(label);
    return section;
  }

  private async takeIn(chosen: File[], absent: Listed[]): Promise<void> {
    for (const file of chosen) {
      const listed = absent.find(({ path }) => path.split("/").at(-1) === file.name);
      if (listed !== undefined) this.files.set(listed.path, new Uint8Array(await file.arrayBuffer()));
    }
    await this.check();
  }
}

function carried(): Map<string, Bytes> {
  const blocks = [...document.querySelectorAll<HTMLScriptElement>("script[data-path]")];
  // Base64 in lines, each by itself: a film is too long for one.
  const lines = (block: HTMLScriptElement): string[] => (block.textContent ?? "").split("\n").filter(Boolean);
  const bytes = (block: HTMLScriptElement): [string, Bytes] => [block.dataset["path"] ?? "", concat(...lines(block).map(fromBase64))];
  const files = new Map(blocks.map(bytes));
  for (const block of blocks) block.remove();
  return files;
}

document.addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector("main");
  const list = document.querySelector("script[data-contents]")?.textContent;
  if (main === null || list === null || list === undefined) return;
  void new Page(JSON.parse(list) as Contents, carried(), main).check();
});
