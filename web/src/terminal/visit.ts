/** A voter at the terminal: the PIN, then one decision a screen for each open question, then the receipt. Then nothing of it is left here. */
import { Refused } from "../api.ts";
import { enhanceAloud } from "../aloud.ts";
import { hex } from "../bytes.ts";
import type { Card } from "../card.ts";
import { OtherServer } from "../card-key.ts";
import { optionWords } from "../confirm.ts";
import type { Thing } from "../hall/queue.ts";
import { LockedHere, NotReady, type Signing } from "../hall/ready.ts";
import { make } from "../page.ts";
import { WrongPin } from "../pin.ts";
import { qrPicture } from "../qr-picture.ts";
import { askNumber, askPin, tellAll } from "./ask.ts";
import { openCard } from "./card.ts";
import { barOf, hasNamedPapers, type Member, memberOf, type Opened, type Question, type Words } from "./hall.ts";
import { countOf, type Kept, Moved, stop, take } from "./kept.ts";
import { button, say, type Stage } from "./stage.ts";
import { ballot } from "./statements.ts";
import type { Terminal } from "./terminal.ts";
import { clock, money, t } from "./words.ts";

/** A question that can be put, with its words. */
export type Put = Opened & { words: Words; plan: Words };

/** Asks for the PIN until the card opens; undefined for back. Throws `Left`. */
export async function unlock(stage: Stage, at: Terminal, card: Card, title = ""): Promise<Signing | undefined> {
  let wrong = "";
  for (;;) {
    const pin = await askPin(stage, title || t("client-terminal-pin-say"), wrong);
    if (pin === undefined) return undefined;
    stage.show(() => ({ name: "working", title: t("client-card-working"), parts: [] }));
    try {
      return await openCard(card, pin, at.place());
    } catch (error) {
      if (error instanceof WrongPin) wrong = t("client-terminal-wrong");
      else return tellAll(stage, "no", t("client-terminal-no"), why(error)).then(() => undefined);
    }
  }
}

function why(error: unknown): string {
  if (error instanceof NotReady) return t("client-terminal-not-ready");
  if (error instanceof LockedHere) return t("client-terminal-locked-here");
  if (error instanceof OtherServer) return t("client-card-server");
  if (error instanceof Refused) return [error.message, error.detail].filter(Boolean).join(" ");
  throw error;
}

/** A visit, from the card to the receipt. Throws `Left` when whoever came has left. */
export async function visit(stage: Stage, at: Terminal, card: Card): Promise<void> {
  const signing = await unlock(stage, at, card);
  if (signing === undefined) return;
  try {
    await serve(stage, at, signing);
  } finally {
    signing.forget();
  }
}

async function serve(stage: Stage, at: Terminal, signing: Signing): Promise<void> {
  const key = hex(signing.public);
  const member = memberOf(at.kept.hall, key);
  if (member === undefined) return tellAll(stage, "no", t("client-terminal-no"), t("client-terminal-no-member"));
  const open = at.open();
  if (open.length === 0) return tellAll(stage, "ready", t("client-terminal-no-vote"), at.keeps(key) ? t("client-terminal-made-ready", { no: member.no }) : "");
  const taken: { question: Put; thing: Thing }[] = [];
  for (const question of open) {
    const bar = barOf(question.vote, member.no, key);
    if (bar !== undefined) await tellAll(stage, "bar", question.words.text, barWords(bar));
    else {
      const thing = await decide(stage, at, question, member, signing);
      if (thing !== undefined) taken.push({ question, thing });
    }
  }
  if (taken.length > 0) await receipt(stage, at, member, taken);
}

function barWords(bar: ReturnType<typeof barOf>): string {
  if (bar === "paper") return t("client-terminal-bar-paper");
  return bar === "new-key" ? t("client-terminal-bar-new-key") : t("client-terminal-bar-absent");
}

/** One question: the plan, the choice, one last look. The ballot that was taken; undefined where the voter passed on. */
async function decide(stage: Stage, at: Terminal, question: Put, member: Member, signing: Signing): Promise<Thing | undefined> {
  let helper: Member | undefined;
  for (;;) {
    const next = await showPlan(stage, at, question, member);
    if (next === "skip") return undefined;
    if (next === "help") {
      helper = await askHelper(stage, at, member);
      continue;
    }
    const choice = await choose(stage, question, helper);
    if (choice === undefined) continue;
    if (!(await confirm(stage, question, choice, helper))) continue;
    const thing = await cast(at, question, member, choice, helper, signing);
    if (thing !== undefined) return thing;
    await tellAll(stage, "over", t("client-terminal-over"), t("client-terminal-over-say"));
    return undefined;
  }
}

const matterOf = (question: Question): Node[] => [say(question.title, "t-matter"), ...(question.amount_fen > 0 ? [say(money(question.amount_fen), "t-amount")] : [])];

/** A button that reads a part of the screen aloud. */
function aloud(id: string): HTMLElement {
  const one = button(t("client-read-aloud"), () => undefined, "quiet");
  one.dataset["readAloud"] = `#${id}`;
  one.hidden = true;
  // Once it stands in the page: it looks there for what it reads.
  queueMicrotask(() => one.isConnected && enhanceAloud(one, t));
  return one;
}

function part(id: string, className: string, ...inside: Node[]): HTMLElement {
  const one = make("div", "", className);
  one.id = id;
  one.append(...inside);
  return one;
}

function showPlan(stage: Stage, at: Terminal, question: Put, member: Member): Promise<"next" | "skip" | "help"> {
  return stage.ask((answer) => {
    const { vote, plan } = question;
    const text = part("t-read", "t-plan", ...matterOf(question), ...plan.text.split("\n").filter((line) => line.trim() !== "").map((line) => say(line)));
    text.tabIndex = 0;
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", t("client-terminal-plan"));
    const again = at.revision(question, member.no) > 1 ? say(t("client-terminal-again"), "t-note") : undefined;
    const phone = vote.online.includes(member.no) ? say(t("client-terminal-phone"), "t-note") : undefined;
    const papers = !vote.channels.includes("paper") ? "" : hasNamedPapers(vote) ? t("client-terminal-told-named-papers") : t("client-terminal-told-secret-papers");
    const told = say([t("client-terminal-told", { no: member.no, clock: clock(Date.parse(vote.closes_at)) }), papers].join(" ").trim(), "t-told");
    const parts = [text, told, again, phone].filter((one) => one !== undefined);
    const foot = [button(t("client-terminal-skip"), () => answer("skip"), "quiet"), button(t("client-terminal-help"), () => answer("help"), "quiet"), aloud("t-read"), button(t("client-terminal-next"), () => answer("next"))];
    return { name: "plan", title: t("client-terminal-plan-of", { n: at.open().findIndex((one) => one.vote.basis === vote.basis) + 1, of: at.open().length }), parts, foot };
  });
}

/** Who helps: another member, by roster number; undefined for nobody. */
async function askHelper(stage: Stage, at: Terminal, member: Member): Promise<Member | undefined> {
  const no = await askNumber(stage, t("client-terminal-helper"), t("client-terminal-helper-say"), 4);
  const found = at.kept.hall.members.find((one) => one.no === no && one.no !== member.no);
  if (no !== undefined && found === undefined) await tellAll(stage, "no", t("client-terminal-no"), t("client-terminal-helper-none"));
  return found;
}

const helped = (helper: Member | undefined): Node[] => (helper === undefined ? [] : [say(t("client-terminal-helped", { no: helper.no }), "t-note")]);

const words = (question: Put, choice: string): string => question.options.find(({ code }) => code === choice)?.label?.text ?? optionWords(choice, t);

function choose(stage: Stage, question: Put, helper: Member | undefined): Promise<string | undefined> {
  return stage.ask((answer) => {
    const options = make("div", "", "t-options");
    for (const { code } of question.options) {
      const one = button(words(question, code), () => answer(code));
      one.className = `t-option t-option-${code}`;
      one.value = code;
      options.append(one);
    }
    const read = part("t-read", "t-asked", say(question.words.text, "t-question"));
    return { name: "choose", title: t("client-terminal-choose"), parts: [read, options, ...helped(helper)], foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet"), aloud("t-read")] };
  });
}

function confirm(stage: Stage, question: Put, choice: string, helper: Member | undefined): Promise<boolean> {
  return stage.ask((answer) => {
    const read = part("t-read", "t-asked", say(question.words.text, "t-question"), say(t("client-vote-choice")), say(words(question, choice), "t-chosen"));
    const foot = [button(t("client-terminal-change"), () => answer(false), "quiet"), aloud("t-read"), button(t("client-vote-cast"), () => answer(true))];
    return { name: "confirm", title: t("client-terminal-confirm"), parts: [read, ...helped(helper)], foot };
  });
}

/** Signs the ballot and takes it: counted and on disk before anything is said. Undefined where the vote has closed. */
async function cast(at: Terminal, question: Put, member: Member, choice: string, helper: Member | undefined, signing: Signing): Promise<Thing | undefined> {
  const { basis } = question.vote;
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  for (;;) {
    const { kept } = at;
    const count = countOf(kept, basis);
    if (count.stopped !== undefined || !at.takes(question)) return undefined;
    const revision = at.revision(question, member.no);
    const decided = { voter: member.no, revision, choice, helper: helper?.person, nonce, at: at.time(question.vote.opened_at) };
    const voter = { person: member.person, role: "voter", key: hex(signing.public), sign: signing.sign };
    const thing = await ballot(kept, question, count, decided, voter, at.deliveries);
    try {
      at.kept = await take(kept.session, { basis, counter: count.counter + 1, prev: count.last, voter: member.no, revision }, thing);
      at.taken();
      return thing;
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
      await at.reload();
    }
  }
}

/** Where the receipt of a statement is found. */
const receiptLink = (kept: Kept, id: string): string => `${location.origin}/receipt/${kept.village}/of/${id}`;

function receipt(stage: Stage, at: Terminal, member: Member, taken: { question: Put; thing: Thing }[]): Promise<void> {
  const link = ({ thing }: { thing: Thing }): string => receiptLink(at.kept, thing.id);
  const slip = (): Node[] => [
    say(t("client-terminal-slip", { village: at.kept.hall.village_name, no: at.kept.no }), "t-slip-title"),
    ...taken.flatMap((one) => [say(one.question.title), say(t("client-terminal-slip-ballot", { no: member.no, clock: clock(Date.parse(one.thing.signed)) })), say(t("client-terminal-mark", { mark: mark(one.thing.id) })), qrPicture(link(one), t("client-terminal-qr"))]),
    say(t("client-terminal-slip-say")),
  ];
  return stage.ask<void>((answer) => {
    const list = make("div", "", "t-receipts");
    for (const one of taken) {
      const figure = make("figure");
      const under = make("figcaption", t("client-terminal-mark", { mark: mark(one.thing.id) }));
      figure.append(qrPicture(link(one), t("client-terminal-qr")), under);
      list.append(figure);
    }
    const parts = [say(t("client-terminal-done-say"), "t-say"), list];
    return { name: "receipt", title: t("client-terminal-done-title"), parts, foot: [button(t("client-terminal-print"), () => stage.print(slip()), "quiet"), button(t("client-terminal-done"), () => answer())] };
  });
}

/** The first of a statement's id, for two people to compare by eye. */
export const mark = (id: string): string => (id.slice(0, 16).match(/.{4}/g) ?? []).join(" ");

/** Stops the votes whose time has come. */
export async function stopDue(at: Terminal): Promise<void> {
  for (const question of at.kept.hall.questions) {
    const { vote } = question;
    if (vote === null || !vote.channels.includes("kiosk") || countOf(at.kept, vote.basis).stopped !== undefined) continue;
    const end = at.end(vote);
    if (at.now() >= end) at.kept = await stop(at.kept.session, vote.basis, new Date(end).toISOString());
  }
}
