/** What witnesses bring into a record: ballots of voters whom the server refused, and the time of their cosignatures (PROTOCOL 8). */
import { base64, fromHex, utf8 } from "../bytes.ts";
import { isSoundKey, verifyByEquation } from "../curve.ts";
import type { Acts, VouchedBallot } from "./acts.ts";
import type { Case, Judge } from "./case.ts";
import { formatTime, later, MINUTE } from "./clock.ts";
import { length, need, sorted } from "./rules.ts";
import type { State, Voting } from "./state.ts";
import { AHEAD } from "./tabled.ts";
import { checkMayVote } from "./voting.ts";

/** Least time between two anchors, and the longest that a cosignature may be under way. */
const ANCHOR_EVERY = 10 * MINUTE;
const ANCHOR_AGE = 20 * MINUTE;

export const ballotVouched: Judge<"ballot.vouched"> = (one, { ballots }) => {
  length(ballots, 1, 200);
  sorted(ballots, 200, ({ statement }) => statement);
  const { voting } = one;
  need(voting.status === "open" || voting.status === "closed", "ballot.late", "before deliveries end", "after that");
  const online = voting.opening.mode === "named" && voting.opening.channels.includes("online");
  need(online, "ballot.channel", "a vote with ballots by phone", "one without");
  for (const row of ballots) checkRow(one, voting, row);
  return one.stepVoting(({ vouched, open }) => {
    const entry = one.at.leaf;
    for (const { statement, voter, revision, received_at } of ballots) vouched.set(statement, { voter, revision, receivedAt: received_at, entry });
    open.set(entry, one.point());
  });
};

/** A witness can be wrong, or lie: what it says is bounded by the vote's own times, and said once. */
function checkRow({ session, at }: Case, voting: Voting, { statement, voter, received_at: received }: VouchedBallot): void {
  need(!voting.vouched.has(statement), "list.form", "each ballot vouched once", statement);
  need(session.roster.has(voter), "voter.unknown", "a number on the roster", voter);
  checkMayVote(voting, voter);
  need(received >= voting.opened.time && received <= at.time, "value.range", "received within the vote", formatTime(received));
  const inTime = received < voting.opening.closes_at && received <= (voting.closedAt ?? Infinity);
  need(inTime, "ballot.late", formatTime(voting.closedAt ?? voting.opening.closes_at), formatTime(received));
}

export const timeAnchored: Judge<"time.anchored"> = ({ state, at }, act) => {
  const { size, root, cosigned_at: cosigned } = act;
  const open = [...state.sessions.values()].some(({ votings }) => [...votings.values()].some(({ status }) => status === "open"));
  need(open, "voting.state", "an open vote", "none");
  need(cosigned % 1000 === 0, "anchor.wrong", "whole seconds", formatTime(cosigned));
  need(size > 0, "anchor.wrong", "a log with entries", size);
  const recent = cosigned >= later(at.time, -ANCHOR_AGE) && cosigned <= later(at.time, AHEAD);
  need(recent, "anchor.wrong", `about ${formatTime(at.time)}`, formatTime(cosigned));
  const last = state.anchor;
  if (last !== undefined) {
    need(at.time >= later(last.time, ANCHOR_EVERY), "anchor.wrong", "ten minutes after the last", formatTime(at.time));
    need(cosigned > last.cosignedAt, "anchor.wrong", `later than ${formatTime(last.cosignedAt)}`, formatTime(cosigned));
    need(size > last.size || (size === last.size && root === last.root), "anchor.wrong", `the log of size ${last.size}, or grown`, size);
  }
  need(isCosigned(state, act), "statement.signature", "a good cosignature", "another");
  return () => void (state.anchor = { time: at.time, size, root, cosignedAt: cosigned });
};

/** Whether the witness that it names cosigned that checkpoint of the district's log at that time. */
function isCosigned({ origin, village }: State, { size, root, witness, cosigned_at, signature }: Acts["time.anchored"]): boolean {
  const host = origin.slice(0, -`/log/v/${village}`.length);
  const checkpoint = `${host}/log/d/${village.slice(0, 6)}\n${size}\n${base64(fromHex(root))}\n`;
  const message = utf8(`cosignature/v1\ntime ${cosigned_at / 1000}\n${checkpoint}`);
  return isSoundKey(witness) && verifyByEquation(fromHex(witness), message, fromHex(signature));
}
