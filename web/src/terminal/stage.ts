/** What a terminal shows: one screen at a time, drawn anew in the other language at a touch, and gone without a trace when somebody leaves. */
import { make } from "../page.ts";
import { language, speak, t } from "./words.ts";

/** One screen. */
export interface Screen {
  /** For style sheets and tests. */
  name: string;
  title: string;
  parts: Node[];
  /** Buttons at the foot, the main one last. */
  foot?: HTMLElement[];
}

/** Whoever stood here has left: what was asked is not answered. */
export class Left extends Error {
  override name = "Left";
}

/** A button as terminals have them. */
export function button(words: string, act: () => void, kind: "main" | "quiet" | "danger" = "main"): HTMLButtonElement {
  const one = make("button", words, `t-button t-${kind}`);
  one.type = "button";
  one.addEventListener("click", act);
  return one;
}

/** The stage. */
export class Stage {
  private draw: () => Screen = () => ({ name: "wait", title: t("client-terminal-wait"), parts: [] });
  private leaveNow: (() => void) | undefined;
  private cleaning: (() => void)[] = [];
  private readonly body = make("section", "", "t-body");
  private readonly head = make("div", "", "t-head");
  private readonly paper = make("div", "", "t-slip");

  constructor(
    root: HTMLElement,
    /** What stands at the top besides the language. */
    private readonly top: () => Node[],
    private readonly startLang = language(),
  ) {
    this.body.tabIndex = -1;
    root.replaceChildren(this.head, this.body, this.paper);
  }

  /** Shows a screen; `draw` is called again when the language changes. */
  show(draw: () => Screen): void {
    this.draw = draw;
    this.redraw();
    this.body.focus({ preventScroll: true });
  }

  /** Draws what is shown anew. */
  redraw(): void {
    this.cleanUp();
    const { name, title, parts, foot = [] } = this.draw();
    this.drawTop();
    this.body.dataset["name"] = name;
    const heading = make("h1", title);
    const content = make("div", "", "t-content");
    content.append(heading, ...parts);
    const buttons = make("div", "", "t-foot");
    buttons.append(...foot);
    this.body.replaceChildren(content, ...(foot.length > 0 ? [buttons] : []));
  }

  /** Draws only the top anew: the network came or went. */
  redrawTop(): void {
    this.drawTop();
  }

  private drawTop(): void {
    const other = language() === "en" ? "zh-CN" : "en";
    const change = button(t("client-terminal-language"), () => {
      speak(other);
      this.redraw();
    }, "quiet");
    change.lang = other;
    this.head.replaceChildren(...this.top(), change);
  }

  /** What is shown now. */
  get name(): string {
    return this.body.dataset["name"] ?? "";
  }

  /** To be done when the screen that is shown gives way to another. */
  whenLeft(act: () => void): void {
    this.cleaning.push(act);
  }

  private cleanUp(): void {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
    for (const act of this.cleaning.splice(0)) act();
  }

  /** Asks for something; rejects with {@link Left} when whoever was asked has left. */
  ask<T>(draw: (answer: (value: T) => void) => Screen): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.leaveNow = () => reject(new Left());
      this.show(() =>
        draw((value) => {
          this.leaveNow = undefined;
          resolve(value);
        }),
      );
    });
  }

  /** Ends what somebody was asked. What follows shows another screen; until then nothing is shown. */
  leave(): void {
    this.cleanUp();
    this.body.replaceChildren();
    this.paper.replaceChildren();
    speak(this.startLang);
    const leave = this.leaveNow;
    this.leaveNow = undefined;
    leave?.();
  }

  /** Prints a slip, of which nothing stays in the page. */
  print(slip: Node[]): void {
    const clear = (): void => this.paper.replaceChildren();
    this.paper.replaceChildren(...slip);
    addEventListener("afterprint", clear, { once: true });
    this.whenLeft(clear);
    window.print();
  }
}

/** A paragraph. */
export const say = (words: string, className = ""): HTMLParagraphElement => make("p", words, className);
