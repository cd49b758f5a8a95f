//! A village's log as it grows: judges, encodes, chains and hashes. The server, the generators of records and the tests
//! append through this one path.

use std::collections::HashMap;

use ed25519_dalek::SigningKey;

use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PublicKey, SessionId};
use crate::core::judge::{self, Change, Remark, founding};
use crate::core::reject::{Rejection, Rule};
use crate::core::state::{Position, State};
use crate::core::statement::Statement;
use crate::log::anchor;
use crate::log::checkpoint::Checkpoint;
use crate::log::entry::{self, Entry};
use crate::log::note::Note;
use crate::log::proof::ProofFile;
use crate::log::signed::Signed;
use crate::log::tree::{self, Frontier, ProofError, Subtrees};

/// A log's state and the right edge of its tree.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// What the entries so far amount to.
    pub state: State,
    /// Right edge of the tree.
    pub frontier: Frontier,
}

/// An entry just made.
#[derive(Debug, Clone)]
pub struct Appended {
    /// Where it stands.
    pub at: Position,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Id of its statement.
    pub id: Digest,
    /// What is worth showing.
    pub remarks: Vec<Remark>,
}

/// What a judged change touched, for whoever keeps tables of it.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// Matters.
    pub matters: Vec<MatterId>,
    /// Sessions.
    pub sessions: Vec<SessionId>,
    /// Whether people, roles or keys changed.
    pub people: bool,
}

impl Touched {
    fn by(change: &Change) -> Self {
        Self {
            matters: change.matters().collect(),
            sessions: change.sessions().collect(),
            people: change.changes_people(),
        }
    }
}

fn encode(signed: &Signed, seq: u64, prev: Digest, time: Time) -> Result<(Vec<u8>, Position), Rejection> {
    let entry = Entry { seq, prev, time, statement: signed.envelope.clone() };
    let bytes = entry.encode().map_err(|error| Rejection::new(Rule::StatementForm, "at most 65,535 bytes", error))?;
    let at = Position { seq, time, leaf: entry::leaf_hash(&bytes) };
    Ok((bytes, at))
}

/// Judges one entry's statement against the state before it: the same for a server that appends, for a rebuild and for
/// a verifier. `state` is `None` before entry 0.
///
/// # Errors
/// The first rule that it breaks; the state is unchanged then.
pub fn replay(
    state: &mut Option<State>,
    statement: &Statement,
    id: Digest,
    at: Position,
    roots: Option<&[PublicKey]>,
) -> Result<(Vec<Remark>, Touched), Rejection> {
    let Some(state) = state else {
        *state = Some(founding::found(statement, id, at, roots)?);
        return Ok((Vec::new(), Touched { people: true, ..Touched::default() }));
    };
    let change = judge::judge(state, statement, id, at)?;
    anchor::check(state, statement)?;
    let touched = Touched::by(&change);
    let remarks = change.remarks.clone();
    state.apply(change);
    Ok((remarks, touched))
}

impl Ledger {
    /// Begins a village's log with its founding.
    ///
    /// # Errors
    /// The first rule that the founding breaks.
    pub fn found(signed: &Signed, origin: &str, time: Time) -> Result<(Self, Appended), Rejection> {
        let (bytes, at) = encode(signed, 0, entry::genesis(origin), time)?;
        let state = founding::found(&signed.statement, signed.id, at, None)?;
        let mut frontier = Frontier::default();
        frontier.append(at.leaf);
        Ok((Self { state, frontier }, Appended { at, bytes, id: signed.id, remarks: Vec::new() }))
    }

    /// Appends a statement whose signatures have been checked. `now` is moved to the last entry's time if it is earlier.
    ///
    /// # Errors
    /// The first rule that it breaks; nothing is changed then.
    pub fn append(&mut self, signed: &Signed, now: Time) -> Result<(Appended, Touched), Rejection> {
        let last = self.state.last;
        let (bytes, at) = encode(signed, last.seq + 1, last.leaf, now.max(last.time))?;
        let change = judge::judge(&self.state, &signed.statement, signed.id, at)?;
        anchor::check(&self.state, &signed.statement)?;
        let touched = Touched::by(&change);
        let remarks = change.remarks.clone();
        self.state.apply(change);
        self.frontier.append(at.leaf);
        Ok((Appended { at, bytes, id: signed.id, remarks }, touched))
    }

    /// The checkpoint of the log as it is, signed by its key.
    #[must_use]
    pub fn checkpoint(&self, key: &SigningKey) -> Note {
        Checkpoint::new(&self.state.origin, self.frontier.size(), self.frontier.root()).sign(key)
    }
}

/// A tree of which only the right edge at some size and the leaves since are known: enough to prove the new leaves.
#[derive(Debug, Clone)]
pub struct Tail {
    before: Frontier,
    new: Vec<Digest>,
    /// Subtrees of new leaves that were hashed for an earlier proof, by level and index.
    hashed: HashMap<(u32, u64), Digest>,
}

impl Tail {
    /// From the edge before the new leaves.
    #[must_use]
    pub fn new(before: Frontier, new: Vec<Digest>) -> Self {
        Self { before, new, hashed: HashMap::new() }
    }

    /// The receipt of a new entry: its proof to `checkpoint`, which is of the size after all new leaves.
    ///
    /// # Errors
    /// When the entry is not one of the new ones.
    pub fn receipt(&mut self, appended: &Appended, checkpoint: Note) -> Result<ProofFile, ProofError> {
        let size = self.before.size() + self.new.len() as u64;
        let path = tree::prove_inclusion(self, appended.at.seq, size)?;
        Ok(ProofFile::receipt(appended.bytes.clone(), appended.at.seq, path, checkpoint))
    }
}

impl Subtrees for Tail {
    type Error = ProofError;

    fn subtree(&mut self, level: u32, index: u64) -> Result<Digest, ProofError> {
        let (start, end) = (index << level, (index + 1) << level);
        let old = self.before.size();
        if start >= old {
            if let Some(hash) = self.hashed.get(&(level, index)) {
                return Ok(*hash);
            }
            let skip = usize::try_from(start - old).map_err(|_| ProofError::Range)?;
            let mut new = self.new.get(skip..).ok_or(ProofError::Range)?;
            let hash = new.subtree(level, 0)?;
            self.hashed.insert((level, index), hash);
            return Ok(hash);
        }
        if end > old {
            let (left, right) = (self.subtree(level - 1, index * 2)?, self.subtree(level - 1, index * 2 + 1)?);
            return Ok(tree::node_hash(&left, &right));
        }
        // An old subtree is known only if it is a peak: the peaks are the bits of the size, largest first.
        let mut at = 0;
        for peak in self.before.peaks() {
            let height = (old - at).ilog2();
            if at == start && height == level {
                return Ok(*peak);
            }
            at += 1 << height;
        }
        Err(ProofError::Range)
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;
    use crate::core::ids::Digest;
    use crate::log::tree::{self, Frontier};

    #[test]
    fn a_tail_proves_every_new_leaf() {
        for old in 0..20_u8 {
            for new in 1..12_u8 {
                let leaves: Vec<Digest> = (0..old + new).map(|n| tree::leaf_hash(&[n])).collect();
                let mut before = Frontier::default();
                leaves[..usize::from(old)].iter().for_each(|leaf| before.append(*leaf));
                let mut tail = Tail::new(before, leaves[usize::from(old)..].to_vec());
                let (size, root) = (leaves.len() as u64, tree::root(&leaves));
                for index in u64::from(old)..size {
                    let path = tree::prove_inclusion(&mut tail, index, size).unwrap();
                    let leaf = &leaves[usize::try_from(index).unwrap()];
                    tree::check_inclusion(leaf, index, size, &path, &root).unwrap();
                }
            }
        }
    }
}
