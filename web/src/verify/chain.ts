/** What entries show in order: places, times, hash chain and tree (PROTOCOL 2, 3 and 9). */
import { type Bytes, hex } from "../bytes.ts";
import { formatTime } from "../law/clock.ts";
import { root } from "../prefix.ts";
import { nodeHash } from "../tree.ts";
import { altered, type Prepared } from "./prepare.ts";
import type { Finding } from "./report.ts";

/** A link that does not hold: entry `later` does not follow the one before it. */
interface Broken {
  later: number;
  expected: string;
  found: string;
}

/** The entries so far; plain data. */
export interface Chain {
  size: number;
  /** Roots of the full subtrees so far, largest first, with their sizes. */
  peaks: { size: number; hash: Bytes }[];
  lastLeaf: string | undefined;
  lastTime: number;
  nextSeq: number;
  /** What the first entry says it follows. */
  firstPrev: string | undefined;
  broken: Broken | undefined;
}

export function newChain(): Chain {
  return { size: 0, peaks: [], lastLeaf: undefined, lastTime: 0, nextSeq: 0, firstPrev: undefined, broken: undefined };
}

/** Takes in the next entry; names what is wrong with its place, its time and the link to the one before it. */
export function link(chain: Chain, { seq, leaf, head }: Prepared): Finding[] {
  const faults: Finding[] = [];
  if (head === undefined) {
    chain.nextSeq++;
    faults.push(...settle(chain, undefined));
  } else {
    if (head.seq !== chain.nextSeq) faults.push(altered(seq, "entry.seq", String(chain.nextSeq), String(head.seq)));
    // Counting goes on from what is found, so that one missing entry is one finding.
    chain.nextSeq = head.seq + 1;
    if (head.time < chain.lastTime) faults.push(altered(seq, "entry.time", `not before ${formatTime(chain.lastTime)}`, head.timeText));
    chain.lastTime = Math.max(chain.lastTime, head.time);
    if (chain.lastLeaf === undefined) chain.firstPrev = head.prev;
    else faults.push(...settle(chain, chain.lastLeaf === head.prev ? undefined : { later: seq, expected: chain.lastLeaf, found: head.prev }));
  }
  chain.lastLeaf = hex(leaf);
  push(chain, leaf);
  return faults;
}

/**
 * Names the entry to which a broken link is due, once the next link is known: an entry whose own `prev` was changed breaks the links on
 * both sides, any other change breaks only the link after it.
 */
function settle(chain: Chain, next: Broken | undefined): Finding[] {
  const { broken } = chain;
  chain.broken = broken === undefined ? next : undefined;
  return broken === undefined ? [] : [brokenLink(broken, next === undefined ? broken.later - 1 : broken.later)];
}

function brokenLink({ later, expected, found }: Broken, seq: number): Finding {
  return altered(seq, "entry.prev", `${expected}, the leaf of entry ${later - 1}`, `${found}, the prev of entry ${later}`);
}

/** What is left to say about the chain when no entry follows. */
export function lastLink(chain: Chain): Finding[] {
  return chain.broken === undefined ? [] : [brokenLink(chain.broken, chain.broken.later)];
}

function push(chain: Chain, leaf: Bytes): void {
  let node = { size: 1, hash: leaf };
  for (let left = chain.peaks.at(-1); left?.size === node.size; left = chain.peaks.at(-1)) {
    chain.peaks.pop();
    node = { size: 2 * node.size, hash: nodeHash(left.hash, node.hash) };
  }
  chain.peaks.push(node);
  chain.size++;
}

/** Root of the tree over the entries so far. */
export function rootOf({ peaks }: Chain): Bytes {
  return peaks.length === 0 ? root([]) : peaks.map((peak) => peak.hash).reduceRight((right, left) => nodeHash(left, right));
}
