/** The last question before a ballot, in a window of this program's own: what the page says around it cannot change what stands in it. */
import { enhanceAloud } from "./aloud.ts";
import { make } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Styles of the window. It stands in a shadow tree, where the page's styles do not reach. */
const STYLE = `
:host { all: initial !important; }
dialog { box-sizing: border-box; inline-size: min(34rem, 100vw - 1rem); max-block-size: calc(100vh - 1rem); overflow: auto; padding: 1.5rem; border: 0; border-radius: .75rem;
  color: #1d1d1b; background: #fff; font: max(1.125rem, 18px)/1.5 system-ui, sans-serif; text-align: center; }
dialog::backdrop { background: rgb(0 0 0 / .7); }
p { margin: 0 0 .75rem; overflow-wrap: anywhere; }
.choice { font-size: 2.5em; font-weight: 700; line-height: 1.2; }
button { display: block; inline-size: 100%; min-block-size: 3.5rem; margin-block-start: .75rem; padding: .5rem 1rem; font: inherit; cursor: pointer;
  color: inherit; background: #fff; border: 2px solid #1d1d1b; border-radius: .5rem; }
button.cast { font-weight: 700; color: #fff; background: #a3211d; border-color: #a3211d; }
:focus-visible { outline: 3px solid #1660a8; outline-offset: 3px; }
`;

/** What is asked. */
export interface Ballot {
  question: string;
  /** Code of the chosen option. */
  choice: string;
  /** Its words, where the question has options of its own. */
  label?: string | undefined;
}

/** Asks whether the ballot shall be cast as it is; false when the window is closed. */
export function confirmBallot(ballot: Ballot, t: Texts): Promise<boolean> {
  return new Promise((resolve) => {
    const host = make("div");
    const dialog = ballotWindow(ballot, t);
    dialog.onclose = () => {
      host.remove();
      resolve(dialog.returnValue === "cast");
    };
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    const shadow = host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [style];
    shadow.append(dialog);
    document.body.append(host);
    dialog.showModal();
  });
}

function ballotWindow({ question, choice, label }: Ballot, t: Texts): HTMLDialogElement {
  const dialog = make("dialog");
  const words = make("div");
  words.id = "words";
  words.lang = document.documentElement.lang;
  words.tabIndex = -1;
  words.autofocus = true;
  words.append(make("p", question), make("p", t("client-vote-choice")), make("p", label ?? optionWords(choice, t), "choice"));
  const form = make("form");
  form.method = "dialog";
  for (const [value, text] of [["cast", t("client-vote-cast")], ["", t("client-vote-back")]] as const) {
    const button = make("button", text, value);
    button.value = value;
    form.append(button);
  }
  dialog.setAttribute("aria-labelledby", words.id);
  dialog.append(words, form);
  enhanceAloud(words, t);
  return dialog;
}

/** An option in this program's words; an option that was given no words is its code. */
export function optionWords(choice: string, t: Texts): string {
  switch (choice) {
    case "for":
      return t("client-option-for");
    case "against":
      return t("client-option-against");
    case "abstain":
      return t("client-option-abstain");
    default:
      return choice;
  }
}
