//! Fraud evidence: one file that proves that a log signed two histories (PROTOCOL section 6). Whoever has the log's
//! verifier key can judge it off line.
//!
//! It holds two checkpoints of one log and is of one of two forms. *Fork*: equal sizes, different roots. *Rewritten*: sizes
//! m < n and hashes that lead to the signed root of n; the root that they give for the first m leaves isn't the one signed.
//! No hashes but the tree's own lead to its root, so that an honest log can't be accused.

use std::fmt;

use crate::core::ids::Digest;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::{Note, NoteError, VerifierKey};
use crate::log::text::{array_from_base64, to_base64};
use crate::log::tree::{empty_root, prefix_roots};

const FIRST_LINE: &str = "sunvote/evidence/v1";
/// How the first line of every version begins.
const ANY_VERSION: &str = "sunvote/evidence/v";
/// The most hashes that rebuild a root: one for each level of a tree of 2^63 leaves, and the first.
const MAX_HASHES: usize = 64;
/// Longest file taken in, bytes: two notes with the cosignatures of a hundred witnesses each fit in many times over.
pub const MAX_EVIDENCE_BYTES: usize = 1 << 18;

/// Why a file is not fraud evidence that this program can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Not an evidence file; the word says where.
    #[error("not an evidence file: {0}")]
    Malformed(&'static str),
    /// Made for a later version of this program.
    #[error("evidence of a newer version")]
    Newer,
    /// One of the two notes is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<NoteError> for EvidenceError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}

/// What a log did, as its own signatures prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fraud {
    /// Two histories of one length.
    Fork {
        /// Number of entries in both.
        size: u64,
        /// The two signed roots, in the order of the notes.
        roots: [Digest; 2],
    },
    /// A history that doesn't begin with the one signed before.
    Rewritten {
        /// Entries in the shorter one.
        old: u64,
        /// Entries in the longer one.
        new: u64,
        /// What the log signed as the root of the shorter one.
        signed: Digest,
        /// What the root of the shorter one is by the signed root of the longer one.
        rebuilt: Digest,
    },
}

/// Why evidence that can be read proves nothing against the log whose key is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The first or second note is not a checkpoint that this key signed.
    #[error("checkpoint {number}: {error}")]
    NotTheLogs {
        /// 1 or 2.
        number: u8,
        /// What is wrong with it.
        error: CheckpointError,
    },
    /// Equal sizes and equal roots: the same history twice.
    #[error("both checkpoints have the same size and root")]
    Same,
    /// Too few or too many hashes for these sizes.
    #[error("the hashes don't fit the sizes")]
    Length,
    /// The hashes don't lead to the root of the larger checkpoint, so they say nothing.
    #[error("the hashes don't lead to the root of the larger checkpoint")]
    Unrelated,
    /// The smaller checkpoint is a prefix of the larger, as it must be.
    #[error("the larger checkpoint extends the smaller one, as it should")]
    Consistent,
}

impl Unproven {
    /// A word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotTheLogs { .. } => "not_the_logs",
            Self::Same => "same",
            Self::Length => "length",
            Self::Unrelated => "unrelated",
            Self::Consistent => "consistent",
        }
    }
}

/// Two checkpoints of one log, and what shows that they contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// See [`tree::prove_prefix`](crate::log::tree::prove_prefix); none where the sizes are equal or the smaller is 0.
    hashes: Vec<Digest>,
    /// The smaller first.
    notes: [Note; 2],
    checkpoints: [Checkpoint; 2],
}

impl Evidence {
    /// Evidence from two checkpoint notes of one log, in any order, and what
    /// [`tree::prove_prefix`](crate::log::tree::prove_prefix) gives for their sizes by the larger tree. Signatures other than the log's may be left out. Whether it proves anything [`judge`](Self::judge) says.
    ///
    /// # Errors
    /// A note that is no checkpoint, notes of two logs, or more hashes than any tree needs.
    pub fn new(one: Note, other: Note, hashes: Vec<Digest>) -> Result<Self, EvidenceError> {
        let (first, second) = (Checkpoint::parse(&one.text)?, Checkpoint::parse(&other.text)?);
        if first.origin != second.origin {
            return Err(EvidenceError::Malformed("checkpoints of two logs"));
        }
        if hashes.len() > MAX_HASHES {
            return Err(EvidenceError::Malformed("too many hashes"));
        }
        let evidence = if first.size <= second.size {
            Self { hashes, notes: [one, other], checkpoints: [first, second] }
        } else {
            Self { hashes, notes: [other, one], checkpoints: [second, first] }
        };
        if evidence.to_string().len() > MAX_EVIDENCE_BYTES {
            return Err(EvidenceError::Malformed("too long"));
        }
        Ok(evidence)
    }

    /// The two checkpoints, the smaller first. Nobody's signature is checked.
    #[must_use]
    pub fn checkpoints(&self) -> &[Checkpoint; 2] {
        &self.checkpoints
    }

    /// The log that both checkpoints name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.checkpoints[0].origin
    }

    /// Reads a file. Nothing is verified.
    ///
    /// # Errors
    /// Not an evidence file in its one spelling, or one of a newer version.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > MAX_EVIDENCE_BYTES {
            return Err(EvidenceError::Malformed("too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| EvidenceError::Malformed("not UTF-8"))?;
        // Neither checkpoints nor signature lines hold empty lines, so these divide.
        let mut blocks = text.splitn(4, "\n\n");
        let mut lines = blocks.next().unwrap_or_default().split('\n');
        match lines.next() {
            Some(FIRST_LINE) => {}
            Some(line) if is_newer(line) => return Err(EvidenceError::Newer),
            _ => return Err(EvidenceError::Malformed("first line")),
        }
        let hashes: Option<Vec<_>> = lines.map(|line| array_from_base64(line.as_bytes()).map(Digest)).collect();
        let hashes = hashes.ok_or(EvidenceError::Malformed("hashes"))?;
        let (Some(body), Some(signatures), Some(second)) = (blocks.next(), blocks.next(), blocks.next()) else {
            return Err(EvidenceError::Malformed("two checkpoints"));
        };
        let first = Note::parse(format!("{body}\n\n{signatures}\n").as_bytes())?;
        let evidence = Self::new(first, Note::parse(second.as_bytes())?, hashes)?;
        // Also refuses the larger checkpoint before the smaller.
        if evidence.to_string() == text { Ok(evidence) } else { Err(EvidenceError::Malformed("spelling")) }
    }

    /// What the evidence proves against the log whose verifier key this is. Needs no network and no clock.
    ///
    /// # Errors
    /// Why it proves nothing.
    pub fn judge(&self, log: &VerifierKey) -> Result<Fraud, Unproven> {
        for (number, note) in (1..).zip(&self.notes) {
            Checkpoint::open(note, log).map_err(|error| Unproven::NotTheLogs { number, error })?;
        }
        let [old, new] = &self.checkpoints;
        if old.size == new.size {
            return self.fork();
        }
        let rebuilt = self.rebuilt()?;
        if rebuilt == old.root {
            return Err(Unproven::Consistent);
        }
        Ok(Fraud::Rewritten { old: old.size, new: new.size, signed: old.root, rebuilt })
    }

    fn fork(&self) -> Result<Fraud, Unproven> {
        let [one, other] = &self.checkpoints;
        if !self.hashes.is_empty() {
            return Err(Unproven::Length);
        }
        if one.root == other.root {
            return Err(Unproven::Same);
        }
        Ok(Fraud::Fork { size: one.size, roots: [one.root, other.root] })
    }

    /// The root over the smaller checkpoint's leaves, by the root of the larger one.
    fn rebuilt(&self) -> Result<Digest, Unproven> {
        let [old, new] = &self.checkpoints;
        if old.size == 0 {
            return if self.hashes.is_empty() { Ok(empty_root()) } else { Err(Unproven::Length) };
        }
        let (first, path) = self.hashes.split_first().ok_or(Unproven::Length)?;
        let (rebuilt, root) = prefix_roots(old.size, new.size, first, path).map_err(|_| Unproven::Length)?;
        if root == new.root { Ok(rebuilt) } else { Err(Unproven::Unrelated) }
    }
}

fn is_newer(line: &str) -> bool {
    let version = line.strip_prefix(ANY_VERSION).unwrap_or_default();
    version.len() <= 9 && version.parse::<u32>().is_ok_and(|number| number > 1 && number.to_string() == version)
}

impl fmt::Display for Evidence {
    /// The file's exact text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", to_base64(&hash.0)))?;
        let [first, second] = &self.notes;
        write!(f, "\n{first}\n{second}")
    }
}
