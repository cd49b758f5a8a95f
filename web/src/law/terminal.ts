/** Terminals in the hall: registered for one session, their ballots counted by themselves, sealed at the closing (PROTOCOL 8). */
import type { Case, Effect, Judge } from "./case.ts";
import { formatTime, later, MINUTE } from "./clock.ts";
import { given, need } from "./rules.ts";
import type { FromTerminal, Voting } from "./state.ts";

/** The highest number of a terminal. */
const MOST = 99;
/** How long after the closing a terminal may be sealed. */
const SEALS_WITHIN = 10 * MINUTE;

const signerOf = ({ by }: Case): string | undefined => by.find(({ role }) => role === "terminal")?.key;

/** The number of the terminal that signs, if one does. */
export function terminalOf(one: Case): number | undefined {
  const key = signerOf(one);
  return key === undefined ? undefined : [...one.session.terminals].find(([, registered]) => registered === key)?.[0];
}

const fromTerminal = (voting: Voting, no: number): FromTerminal =>
  voting.terminals.get(no) ?? { counter: 0, last: voting.opened.leaf, sealed: undefined };

export const registered: Judge<"terminal.registered"> = (one, { terminal }) => {
  const { session, state } = one;
  need(session.channels.includes("kiosk"), "ballot.channel", "a session with terminals", "one without");
  need(terminal >= 1 && terminal <= MOST, "value.range", `1 to ${MOST}`, terminal);
  need(!session.terminals.has(terminal), "terminal.taken", "a new number", terminal);
  const key = given(signerOf(one), "signer.role", "a terminal", "none");
  const taken = state.people.keys.has(key) || state.logKey === key || state.roots.includes(key) || [...session.terminals.values()].includes(key);
  need(!taken, "terminal.taken", "a key of its own", key);
  return one.stepSession(({ terminals }) => void terminals.set(terminal, key));
};

/** Takes a ballot into the count of its terminal. Once the terminal is sealed, or the vote is closed, the seal must cover it. */
export function delivery({ voting, id }: Case, no: number, { counter, prev }: { counter: number; prev: string }, inTime: boolean): Effect {
  const from = fromTerminal(voting, no);
  need(counter === from.counter + 1 && prev === from.last, "terminal.order", () => `${from.counter + 1} after ${from.last}`, () => `${counter} after ${prev}`);
  const { sealed } = from;
  if (sealed === undefined) need(inTime, "terminal.seal", "a sealed terminal", "a late ballot of one that is not");
  else need(counter < sealed.counter || (counter === sealed.counter && id === sealed.last), "terminal.seal", () => `${sealed.counter} ballots`, counter);
  return () => void voting.terminals.set(no, { counter, last: id, sealed });
}

export const sealed: Judge<"terminal.sealed"> = (one, { counter, last }) => {
  const { voting, statement } = one;
  const no = given(terminalOf(one), "signer.role", "a terminal", "none");
  need(voting.status === "open" || voting.status === "closed", "voting.state", "before deliveries end", voting.status);
  const from = fromTerminal(voting, no);
  need(from.sealed === undefined, "terminal.seal", "a terminal that is not sealed", "one that is");
  const latest = later(voting.closedAt ?? voting.opening.closes_at, SEALS_WITHIN);
  need(statement.at <= latest, "terminal.seal", () => `sealed by ${formatTime(latest)}`, () => formatTime(statement.at));
  const fits = counter > from.counter || (counter === from.counter && last === from.last);
  need(fits, "terminal.seal", () => `at least ${from.counter} ballots, the last ${from.last}`, () => `${counter}, the last ${last}`);
  return () => void voting.terminals.set(no, { ...from, sealed: { counter, last } });
};
