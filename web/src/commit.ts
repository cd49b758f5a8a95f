/** Commitments: a hash that fixes a choice or a document before it is shown (PROTOCOL 2 and 8). */
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, concat, FormatError, u32be, utf8 } from "./bytes.ts";

const CHOICE = utf8("sunvote/choice/v1\n");
const DOCUMENT = utf8("sunvote/doc/v1\n");
const PERSON = utf8("sunvote/person/v1\n");

/** What opens a ballot: without the nonce nobody can tell the choice from the commitment. */
export interface Ballot {
  /** Leaf hash of the `voting.opened` entry, 32 bytes. */
  basis: Uint8Array;
  /** Roster number of the voter. */
  voter: number;
  /** Which of the voter's ballots on this question it is; the highest counts. */
  revision: number;
  /** 32 random bytes. */
  nonce: Uint8Array;
  /** Code of the chosen option. */
  choice: string;
}

/** Commitment to a choice; bound to voting, voter and revision, so it fits no other place. */
export function choiceCommitment(ballot: Ballot): Bytes {
  const { basis, voter, revision, nonce, choice } = ballot;
  return sha256(concat(CHOICE, exactly(basis), u32be(voter), u32be(revision), exactly(nonce), utf8(choice))) as Bytes;
}

/** Commitment to a document's bytes. */
export function documentCommitment(salt: Uint8Array, bytes: Uint8Array): Bytes {
  return sha256(concat(DOCUMENT, exactly(salt), bytes)) as Bytes;
}

/** Commitment to a person's name. */
export function personCommitment(salt: Uint8Array, name: string): Bytes {
  return sha256(concat(PERSON, exactly(salt), utf8(name))) as Bytes;
}

function exactly(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 32) throw new FormatError("expected 32 bytes");
  return bytes;
}
