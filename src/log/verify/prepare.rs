//! What an entry shows by itself: spelling, hashes, payload and signatures. Entries are prepared side by side.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey};
use crate::core::reject::Rule;
use crate::log::dsse::{self, STATEMENT_TYPE, Signature};
use crate::log::entry::{self, Entry, MAX_ENTRY_BYTES};
use crate::log::ijson;
use crate::log::sigset::{self, Item, Key, KeyFault, Keyring};
use crate::log::verify::{Class, Judge, Refusal};

/// Entries whose signatures are verified in one batch: large enough to be cheap each, small enough to share out.
pub const BATCH: usize = 2_048;
/// Fewer aren't shared out: a batch of so few costs half as much again for each.
const LEAST: usize = 256;

/// An entry with all that it shows by itself.
pub struct Prepared<A> {
    /// Place in the file, from 0.
    pub seq: u64,
    /// Leaf hash of the line, whatever it says.
    pub leaf: Digest,
    /// What stands around the statement, if the line is an entry.
    pub head: Option<Head>,
    /// The statement, or why it could not be read; nothing if the line is no entry.
    pub statement: Option<Result<Read<A>, Refusal>>,
    /// What is wrong with line and signatures by themselves.
    pub refusals: Vec<Refusal>,
    /// How many signatures it has.
    pub signatures: usize,
}

/// What stands around an entry's statement.
pub struct Head {
    /// The place it claims.
    pub seq: u64,
    /// The leaf hash it follows.
    pub prev: Digest,
    /// When it was taken in.
    pub time: Time,
}

/// A statement that was read.
pub struct Read<A> {
    /// Its id.
    pub id: Digest,
    /// What it says.
    pub act: A,
}

/// Keeps the keys that were checked before.
#[derive(Default)]
pub struct Preparer {
    keys: Mutex<Keyring>,
}

/// What a batch amounts to, and room for what is needed on the way. Used for one batch after another: to give so much memory
/// back and to take it anew costs an eighth of the processor's time.
pub struct Room<A> {
    /// The entries, in their order.
    pub prepared: Vec<Prepared<A>>,
    /// What the entries' signatures sign, one after another.
    signed: Vec<u8>,
    /// Where each entry's part of it ends.
    ends: Vec<usize>,
    claims: Vec<Claim>,
}

impl<A> Default for Room<A> {
    fn default() -> Self {
        Self { prepared: Vec::new(), signed: Vec::new(), ends: Vec::new(), claims: Vec::new() }
    }
}

impl<A> Room<A> {
    fn signed(&self, entry: usize) -> &[u8] {
        let start = entry.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.signed[start..self.ends[entry]]
    }
}

/// Signatures still to be verified.
struct Claim {
    /// Position among the prepared.
    entry: usize,
    key: PublicKey,
    sig: [u8; 64],
}

impl Preparer {
    /// Prepares entries: batch after batch, in their order.
    pub fn prepare<J: Judge>(&self, lines: &[(u64, &[u8])]) -> Vec<Vec<Prepared<J::Act>>> {
        let batch = |lines| {
            let mut room = Room::default();
            self.batch::<J>(lines, &mut room);
            room.prepared
        };
        let share = lines.len().div_ceil(rayon::current_num_threads()).clamp(LEAST, BATCH);
        lines.par_chunks(share).with_max_len(1).map(batch).collect()
    }

    /// Prepares one batch of entries, in place of what is in `room`.
    pub fn batch<J: Judge>(&self, lines: &[(u64, &[u8])], room: &mut Room<J::Act>) {
        room.prepared.clear();
        room.signed.clear();
        room.ends.clear();
        room.claims.clear();
        for (seq, line) in lines {
            let prepared = read::<J>(*seq, line, room);
            room.ends.push(room.signed.len());
            room.prepared.push(prepared);
        }
        for (entry, refusal) in self.refuse(room) {
            room.prepared[entry].refusals.push(refusal);
        }
    }

    fn refuse<A>(&self, room: &Room<A>) -> Vec<(usize, Refusal)> {
        let claims = &room.claims;
        let keys: Vec<Result<Key, KeyFault>> = {
            // A thread that panicked left a map of checked keys: still right.
            let mut ring = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            claims.iter().map(|claim| ring.get(&claim.key)).collect()
        };
        let mut refusals = Vec::new();
        let mut items = Vec::with_capacity(claims.len());
        let mut owners = Vec::with_capacity(claims.len());
        for (claim, key) in claims.iter().zip(&keys) {
            match key {
                Ok(key) => {
                    items.push(Item { key, message: room.signed(claim.entry), signature: &claim.sig });
                    owners.push(claim);
                }
                Err(fault) => {
                    refusals.push((claim.entry, altered(Rule::StatementSignature, "a sound Ed25519 key", fault)));
                }
            }
        }
        for (i, fault) in sigset::verify_batch(&items).err().unwrap_or_default() {
            let expected = format!("a signature by {}", owners[i].key);
            refusals.push((owners[i].entry, altered(Rule::StatementSignature, expected, &fault)));
        }
        refusals
    }
}

fn altered(rule: Rule, expected: impl Into<String>, found: &dyn Display) -> Refusal {
    Refusal { rule: rule.code(), expected: expected.into(), found: found.to_string(), class: Class::Altered }
}

/// Reads one line, and adds to the room's what its signatures sign and claim.
fn read<J: Judge>(seq: u64, line: &[u8], room: &mut Room<J::Act>) -> Prepared<J::Act> {
    let place = room.prepared.len();
    let leaf = entry::leaf_hash(line);
    let mut prepared = Prepared { seq, leaf, head: None, statement: None, refusals: Vec::new(), signatures: 0 };
    let entry = match Entry::parse(line) {
        Ok(entry) => entry,
        Err(error) => {
            let (rule, class) = ("entry.format", Class::Altered);
            let refusal = Refusal { rule, expected: "the entry template".into(), found: error.to_string(), class };
            prepared.refusals.push(refusal);
            return prepared;
        }
    };
    let statement = entry.statement;
    let start = room.signed.len();
    dsse::push_pae(&mut room.signed, &statement.payload_type, &statement.payload);
    let pae = &room.signed[start..];
    prepared.head = Some(Head { seq: entry.seq, prev: entry.prev, time: entry.time });
    prepared.signatures = statement.signatures.len();
    let act = check_type(&statement.payload_type, prepared.seq).and_then(|()| {
        ijson::check(&statement.payload, MAX_ENTRY_BYTES)
            .map_err(|error| altered(Rule::StatementForm, "strict I-JSON", &error))?;
        J::read(&statement.payload)
    });
    match act {
        Ok(act) => {
            let keys = J::keys(&act);
            prepared.refusals.extend(check_signers(&keys, &statement.signatures));
            let pairs = keys.into_iter().zip(statement.signatures);
            room.claims.extend(pairs.map(|(key, signature)| Claim { entry: place, key, sig: signature.sig }));
            prepared.statement = Some(Ok(Read { id: dsse::statement_id(pae), act }));
        }
        Err(refusal) => prepared.statement = Some(Err(refusal)),
    }
    prepared
}

/// A later version of statements comes after rules that announce it, where nothing is judged any more, or from the founding on:
/// anywhere else it is no reason to stop judging, or one such line would hide all that follows.
fn check_type(found: &str, seq: u64) -> Result<(), Refusal> {
    if found == STATEMENT_TYPE {
        return Ok(());
    }
    let class = if dsse::is_later_statement(found) && seq == 0 { Class::Unknown } else { Class::Altered };
    Err(Refusal { rule: Rule::StatementForm.code(), expected: STATEMENT_TYPE.into(), found: found.into(), class })
}

/// One signature per signer in the same order, each with its key's id.
fn check_signers(keys: &[PublicKey], signatures: &[Signature]) -> Option<Refusal> {
    if keys.len() != signatures.len() {
        let expected = format!("{} signatures", keys.len());
        return Some(altered(Rule::SignerCount, expected, &signatures.len()));
    }
    let wrong = keys.iter().zip(signatures).find(|(key, signature)| dsse::keyid(key) != signature.keyid)?;
    Some(altered(Rule::StatementSignature, dsse::keyid(wrong.0).to_string(), &wrong.1.keyid))
}
