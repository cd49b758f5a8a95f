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
const BATCH: usize = 512;

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
        lines.par_chunks(BATCH).map(|lines| self.batch::<J>(lines)).collect()
    }

    fn batch<J: Judge>(&self, lines: &[(u64, &[u8])]) -> Vec<Prepared<J::Act>> {
        let mut claims = Vec::with_capacity(lines.len());
        let mut signed = Vec::with_capacity(lines.len());
        let mut prepared: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(i, (seq, line))| {
                let (prepared, pae) = read::<J>(i, *seq, line, &mut claims);
                signed.push(pae);
                prepared
            })
            .collect();
        for (entry, refusal) in self.refuse(&claims, &signed) {
            prepared[entry].refusals.push(refusal);
        }
        prepared
    }

    fn refuse(&self, claims: &[Claim], signed: &[Vec<u8>]) -> Vec<(usize, Refusal)> {
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
                    items.push(Item { key, message: &signed[claim.entry], signature: &claim.sig });
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

/// Reads one line. The second value is what its signatures sign.
fn read<J: Judge>(i: usize, seq: u64, line: &[u8], claims: &mut Vec<Claim>) -> (Prepared<J::Act>, Vec<u8>) {
    let leaf = entry::leaf_hash(line);
    let mut prepared = Prepared { seq, leaf, head: None, statement: None, refusals: Vec::new(), signatures: 0 };
    let entry = match Entry::parse(line) {
        Ok(entry) => entry,
        Err(error) => {
            let (rule, class) = ("entry.format", Class::Altered);
            let refusal = Refusal { rule, expected: "the entry template".into(), found: error.to_string(), class };
            prepared.refusals.push(refusal);
            return (prepared, Vec::new());
        }
    };
    let statement = entry.statement;
    let pae = statement.pae();
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
            claims.extend(pairs.map(|(key, signature)| Claim { entry: i, key, sig: signature.sig }));
            prepared.statement = Some(Ok(Read { id: dsse::statement_id(&pae), act }));
        }
        Err(refusal) => prepared.statement = Some(Err(refusal)),
    }
    (prepared, pae)
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
