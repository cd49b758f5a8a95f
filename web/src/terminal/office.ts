/** What clerk and supervision committee do at a terminal: make it one, look after it, seal it, and end it. */
import { post, Refused } from "../api.ts";
import { hex } from "../bytes.ts";
import { type Card } from "../card.ts";
import type { Queued } from "../hall/queue.ts";
import { type KeyInfo, deviceKeys, signWith } from "../keys.ts";
import { explain, make, pinWindow } from "../page.ts";
import { askCode, askNumber, cardEye, type LastCard, type Looking, otherWays, tellAll } from "./ask.ts";
import { type Beside, besideOf, type Hall } from "./hall.ts";
import { change, countOf, seal, stop } from "./kept.ts";
import { button, say, type Screen, type Stage } from "./stage.ts";
import { type Person, registration, sealing } from "./statements.ts";
import type { Terminal } from "./terminal.ts";
import { mark, type Put, unlock } from "./visit.ts";
import { clock, t } from "./words.ts";

/** What these flows need. */
export interface Office {
  stage: Stage;
  looking: Looking;
  last: LastCard;
}

/** Two people who sign, the first two places of a statement after the terminal's; `forget` wipes their keys. */
interface Signers {
  people: [Person, Person];
  forget(): void;
}

/** In which offices the two may sign. */
type Offices = [string[], string[]];
const REGISTER: Offices = [["clerk"], ["supervision_committee"]];
const SEAL: Offices = [["clerk", "counter"], ["supervision_committee", "scrutineer"]];

function officeWords(role: string): string {
  if (role === "clerk") return t("client-terminal-clerk");
  if (role === "counter") return t("client-terminal-counter");
  return role === "scrutineer" ? t("client-terminal-scrutineer") : t("client-terminal-supervision");
}

const officesWords = (roles: string[]): string => roles.map(officeWords).join(t("client-terminal-or"));

/** How somebody signs: with a card here, with this device's key, or later on a device of the own. */
type Way = { card: Card } | { key: KeyInfo } | { later: Beside } | "type" | undefined;

function waysScreen(office: Office, title: string, roles: string[], besides: Node[]): (answer: (way: Way) => void) => Screen {
  const { stage, looking, last } = office;
  return (answer) => {
    const got = (card: Card): void => answer({ card });
    const parts = [say(t("client-terminal-signer", { who: officesWords(roles) })), cardEye(stage, looking, last, got), otherWays(looking, got, () => answer("type")), ...besides];
    return { name: "signer", title, parts, foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet")] };
  };
}

/** Asks one of two people to sign. Undefined for back. */
async function askSigner(office: Office, at: Terminal, title: string, roles: string[], other: Person | undefined): Promise<{ person: Person; forget: () => void } | undefined> {
  const { stage, last } = office;
  const may = at.kept.hall.people.filter((one) => one.person !== other?.person && one.roles.some((role) => roles.includes(role)));
  const own = (await deviceKeys()).filter((key) => may.some(({ keys }) => keys.includes(key.public)));
  for (;;) {
    const way = await stage.ask<Way>((answer) => {
      const keys = own.map((key) => button(t("client-terminal-device-key", { label: key.label }), () => answer({ key }), "quiet"));
      // Only who signs last may sign elsewhere: the server keeps it until then.
      const absent = other === undefined || !at.online ? [] : may.filter(({ keys: [first] }) => first !== undefined);
      const later = absent.map((one) => button(t("client-terminal-later", { who: one.name ?? officesWords(one.roles) }), () => answer({ later: one }), "quiet"));
      const besides = make("div", "", "t-ways");
      besides.append(...keys, ...later);
      return waysScreen(office, title, roles, [besides])(answer);
    });
    if (way === undefined) return undefined;
    if (way !== "type" && "later" in way) return { person: personOf(way.later, roles, way.later.keys[0] as string, undefined), forget: () => undefined };
    if (way !== "type" && "key" in way) {
      const { key } = way;
      const who = besideOf(at.kept.hall, key.public) as Beside;
      return { person: personOf(who, roles, key.public, (message) => signWith(key.public, message, pinWindow(t))), forget: () => undefined };
    }
    const card = way === "type" ? await askCode(stage, office.looking.village) : way.card;
    const signing = card === undefined ? undefined : await unlock(stage, at, card, officesWords(roles));
    if (card !== undefined) last.used(card);
    if (signing === undefined) continue;
    const key = hex(signing.public);
    const who = may.find(({ keys }) => keys.includes(key));
    if (who !== undefined) return { person: personOf(who, roles, key, signing.sign), forget: () => signing.forget() };
    signing.forget();
    await tellAll(stage, "no", t("client-terminal-no"), t("client-terminal-not-office", { who: officesWords(roles) }));
  }
}

function personOf({ person, roles: held }: Beside, roles: string[], key: string, sign: Person["sign"]): Person {
  return { person, role: roles.find((role) => held.includes(role)) as string, key, sign };
}

/** Asks two people to sign. Undefined for back. */
async function askSigners(office: Office, at: Terminal, title: string, [first, second]: Offices): Promise<Signers | undefined> {
  const one = await askSigner(office, at, title, first, undefined);
  if (one === undefined) return undefined;
  try {
    const two = await askSigner(office, at, title, second, one.person);
    if (two === undefined) {
      one.forget();
      return undefined;
    }
    const forget = (): void => [one, two].forEach((each) => each.forget());
    return { people: [one.person, two.person], forget };
  } catch (error) {
    one.forget();
    throw error;
  }
}

/** Why a session can't have a terminal now, and what to do; nothing where it can. */
export function notYet(hall: Hall): string[] {
  if (!hall.live) return [t("client-terminal-session-over")];
  if (!hall.kiosk) return [t("client-terminal-session-without"), t("client-terminal-session-without-do")];
  return hall.roster === null ? [t("client-terminal-no-roster")] : [];
}

/** Asks for the number on the device; undefined for back. */
export async function askTerminalNumber(stage: Stage, hall: Hall): Promise<number | undefined> {
  for (;;) {
    const no = await askNumber(stage, t("client-terminal-number"), t("client-terminal-number-say"), 2);
    if (no === undefined) return undefined;
    const taken = hall.terminals.some((one) => one.no === no);
    if (no >= 1 && !taken) return no;
    await tellAll(stage, "no", t("client-terminal-no"), taken ? t("client-terminal-number-taken", { no }) : t("client-terminal-number-range"));
  }
}

/** Registers the terminal: two people sign, here or the second one elsewhere. */
export async function register(office: Office, at: Terminal): Promise<void> {
  const { stage } = office;
  const signers = await askSigners(office, at, t("client-terminal-register", { no: at.kept.no }), REGISTER);
  if (signers === undefined) return;
  try {
    stage.show(() => ({ name: "working", title: t("client-signing"), parts: [] }));
    const { envelope } = await registration(at.kept, signers.people, at.time(at.kept.hall.now));
    await post(at.deliveries, { envelope });
  } catch (error) {
    if (error instanceof Refused && error.rule === "terminal.taken") {
      const no = await askTerminalNumber(stage, { ...at.kept.hall, terminals: [...at.kept.hall.terminals, { no: at.kept.no, key: "" }] });
      if (no !== undefined) at.kept = await change(at.kept.session, (kept) => ({ ...kept, no }));
    } else await tellAll(stage, "no", t("client-terminal-no"), ...explain(error, t));
  } finally {
    signers.forget();
  }
  await at.refresh();
}

/** What is ready, before ballots are taken. */
export function checks(at: Terminal, offline: boolean, lasting: boolean): HTMLElement {
  const list = make("ul", "", "t-checks");
  const row = (good: boolean, words: string): void => {
    const item = make("li", words);
    item.dataset["good"] = String(good);
    list.append(item);
  };
  const seconds = Math.round(at.kept.ahead / 1_000);
  row(at.online && !at.strange, at.strange ? t("client-error-log-key") : at.online ? t("client-terminal-check-network") : t("client-terminal-check-no-network"));
  row(Math.abs(seconds) < 120, t("client-terminal-check-clock", { seconds }));
  row(at.registered, at.registered ? t("client-terminal-check-registered", { no: at.kept.no }) : t("client-terminal-check-waits"));
  row(offline, offline ? t("client-terminal-check-offline") : t("client-terminal-check-no-offline"));
  row(lasting, lasting ? t("client-terminal-check-lasting") : t("client-terminal-check-no-lasting"));
  row(at.ready > 0, t("client-terminal-check-ready", { n: at.ready }));
  return list;
}

/** A slip to see whether the printer works. */
export const testSlip = (at: Terminal): Node[] => [say(t("client-terminal-slip", { village: at.kept.hall.village_name, no: at.kept.no }), "t-slip-title"), say(t("client-terminal-test-slip"))];

/** The slip of a seal, for the minutes. */
function sealSlip(at: Terminal, question: Put): Node[] {
  const { counter, last, stopped } = countOf(at.kept, question.vote.basis);
  const time = stopped === undefined ? "" : clock(Date.parse(stopped));
  return [
    say(t("client-terminal-seal-slip", { village: at.kept.hall.village_name, no: at.kept.no }), "t-slip-title"),
    say(question.title),
    say(question.words.text),
    say(t("client-terminal-seal-slip-count", { n: counter, clock: time })),
    say(t("client-terminal-mark", { mark: mark(last) })),
    say(t("client-terminal-seal-slip-sign")),
  ];
}

/** Seals a vote: the terminal takes no more in it, and two people sign how many it took. */
export async function sealVote(office: Office, at: Terminal, question: Put): Promise<void> {
  const { stage } = office;
  const { basis } = question.vote;
  const signers = await askSigners(office, at, t("client-terminal-seal-of", { title: question.words.text }), SEAL);
  if (signers === undefined) return;
  try {
    stage.show(() => ({ name: "working", title: t("client-signing"), parts: [] }));
    at.kept = await stop(at.kept.session, basis, new Date(Math.min(at.now(), at.end(question.vote))).toISOString());
    const count = countOf(at.kept, basis);
    // The time from which it takes nothing; where the vote was closed early that came first.
    const time = new Date(Math.min(Date.parse(count.stopped ?? ""), at.end(question.vote))).toISOString();
    const thing = await sealing(at.kept, question, count, signers.people, time, at.deliveries);
    at.kept = await seal(at.kept.session, basis, count, thing);
  } finally {
    signers.forget();
  }
  at.taken();
  const n = countOf(at.kept, basis).counter;
  await stage.ask<void>((answer) => ({
    name: "sealed",
    title: t("client-terminal-sealed"),
    parts: [say(t("client-terminal-sealed-say", { n }), "t-say")],
    foot: [button(t("client-terminal-print"), () => stage.print(sealSlip(at, question)), "quiet"), button(t("client-terminal-ok"), () => answer())],
  }));
}

/** What the clerk chose. */
type Chosen = "leave" | "camera" | "print" | { seal: Put } | { retry: Queued } | undefined;

/** What the clerk looks after. True where the terminal was ended. */
export async function menu(office: Office, at: Terminal): Promise<boolean> {
  const { stage } = office;
  for (;;) {
    const chosen = await stage.ask<Chosen>((answer) => {
      stage.whenLeft(at.onChange(() => stage.name === "menu" && stage.redraw()));
      return menuScreen(at, answer);
    });
    if (chosen === undefined) return false;
    if (chosen === "print") stage.print(testSlip(at));
    else if (chosen === "camera") at.kept = await change(at.kept.session, (kept) => ({ ...kept, camera: kept.camera === "user" ? "environment" : "user" }));
    else if (chosen === "leave") {
      at.kept = await change(at.kept.session, (kept) => ({ ...kept, mode: "setup" }));
      return true;
    } else if ("retry" in chosen) await at.retry(chosen.retry.id);
    else await sealVote(office, at, chosen.seal);
  }
}

function menuScreen(at: Terminal, answer: (chosen: Chosen) => void): Screen {
  const list = make("ul", "", "t-checks");
  const row = (good: boolean, words: string, ...buttons: HTMLElement[]): void => {
    const item = make("li", words);
    item.dataset["good"] = String(good);
    item.append(...buttons);
    list.append(item);
  };
  row(at.online, at.online ? t("client-terminal-check-network") : t("client-terminal-check-no-network"));
  const waits = at.queue.filter(({ state }) => state === "waiting");
  row(waits.length === 0, t("client-terminal-waiting", { n: waits.length }));
  const problem = waits.find((one) => one.problem?.words)?.problem;
  if (problem !== undefined) row(false, problem.words);
  for (const one of at.queue.filter(({ state }) => state === "refused")) {
    row(false, t("client-terminal-refused", { mark: mark(one.id), why: one.problem?.words ?? "" }), ...(one.body === undefined ? [] : [button(t("client-terminal-retry"), () => answer({ retry: one }), "quiet")]));
  }
  for (const question of at.votes()) {
    const { counter, seal: made, stopped } = countOf(at.kept, question.vote.basis);
    const sealed = at.isSealed(question.vote);
    const state = sealed ? t("client-terminal-vote-sealed") : made !== undefined ? t("client-terminal-vote-sealing") : stopped !== undefined ? t("client-terminal-vote-stopped") : t("client-terminal-vote-open");
    const may = !sealed && question.vote.status !== "over" && (made === undefined || at.awaitsSeal(question));
    row(sealed || counter === 0, t("client-terminal-vote", { title: question.words.text, n: counter, state }), ...(may ? [button(t("client-terminal-seal"), () => answer({ seal: question }), "quiet")] : []));
  }
  row(true, t("client-terminal-check-ready", { n: at.ready }));
  const foot = [
    button(t("client-terminal-end"), () => answer("leave"), "danger"),
    button(t("client-terminal-other-camera"), () => answer("camera"), "quiet"),
    button(t("client-terminal-test-print"), () => answer("print"), "quiet"),
    button(t("client-terminal-back"), () => answer(undefined)),
  ];
  return { name: "menu", title: t("client-terminal-menu", { no: at.kept.no }), parts: [list], foot };
}

/** Lets the clerk in; true where card and PIN are those of somebody who looks after terminals. */
export async function letIn(office: Office, at: Terminal, card: Card): Promise<boolean> {
  const signing = await unlock(office.stage, at, card, t("client-terminal-clerk-say"));
  office.last.used(card);
  if (signing === undefined) return false;
  const who = besideOf(at.kept.hall, hex(signing.public));
  signing.forget();
  if (who?.roles.some((role) => role === "clerk" || role === "supervision_committee") === true) return true;
  await tellAll(office.stage, "no", t("client-terminal-no"), t("client-terminal-not-office", { who: officesWords(["clerk", "supervision_committee"]) }));
  return false;
}
