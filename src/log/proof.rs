//! Proof files (c2sp.org/tlog-proof@v1) and the receipt made of one: a thing the holder can check off line, for ever.

use std::fmt;

use crate::core::ids::Digest;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::entry::{Entry, EntryError, leaf_hash};
use crate::log::note::{Note, NoteError, Verified, VerifierKey};
use crate::log::text::{MAX_SAFE_INTEGER, array_from_base64, decimal, from_base64, to_base64};
use crate::log::tree::{self, ProofError};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 leaves has paths of 63 hashes.
const MAX_PATH: usize = 63;
/// Longest proof file taken in: an entry in base64, a path and a note of a hundred cosignatures.
pub const MAX_PROOF_BYTES: usize = 1 << 20;

/// Why a proof file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// Not a proof file; the word says where.
    #[error("not a proof file: {0}")]
    Malformed(&'static str),
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The path does not lead from leaf to root.
    #[error(transparent)]
    Path(#[from] ProofError),
    /// A receipt without its entry, or with one that is not an entry.
    #[error("the receipt's entry: {0}")]
    Entry(#[from] EntryError),
    /// The receipt's entry names another place than the proof.
    #[error("the entry says it is number {entry}, the proof says {index}")]
    Index {
        /// `seq` of the entry.
        entry: u64,
        /// Index in the proof file.
        index: u64,
    },
}

impl From<NoteError> for ProofFileError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}

/// A proof file: that some leaf is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// What the application needs to know the leaf; not authenticated by itself. In a receipt, the entry's bytes.
    pub extra: Option<Vec<u8>>,
    /// Number of the leaf, from 0.
    pub index: u64,
    /// Hashes from the leaf's sibling up.
    pub path: Vec<Digest>,
    /// The checkpoint, with the log's signature and perhaps cosignatures.
    pub checkpoint: Note,
}

impl ProofFile {
    /// A receipt: the entry, its place, and the checkpoint with the log's signature only.
    #[must_use]
    pub fn receipt(entry: Vec<u8>, index: u64, path: Vec<Digest>, checkpoint: Note) -> Self {
        Self { extra: Some(entry), index, path, checkpoint }
    }

    /// Reads a proof file. Nothing is verified.
    ///
    /// # Errors
    /// `Malformed` or the note's error.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(ProofFileError::Malformed("too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::Malformed("not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or(ProofFileError::Malformed("no empty line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ProofFileError::Malformed("first line"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(|line| from_base64(&line.as_bytes()[6..]));
        let extra = extra.map(|extra| extra.ok_or(ProofFileError::Malformed("extra"))).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|index| decimal(index.as_bytes(), MAX_SAFE_INTEGER));
        let index = index.ok_or(ProofFileError::Malformed("index"))?;
        let path: Option<Vec<Digest>> = lines.map(|line| array_from_base64(line.as_bytes()).map(Digest)).collect();
        let path = path.filter(|path| path.len() <= MAX_PATH).ok_or(ProofFileError::Malformed("hashes"))?;
        Ok(Self { extra, index, path, checkpoint: Note::parse(note.as_bytes())? })
    }

    /// Verifies that `leaf` is in the log, and returns the checkpoint and who among `cosigners` signed it too. Which of
    /// them are enough is the reader's policy.
    ///
    /// # Errors
    /// The log's signature or a known cosigner's doesn't fit, or the path doesn't.
    pub fn verify<'k>(
        &self,
        leaf: &Digest,
        log: &VerifierKey,
        cosigners: &'k [VerifierKey],
    ) -> Result<(Checkpoint, Vec<Verified<'k>>), ProofFileError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log)?;
        let verified = match self.checkpoint.verify(cosigners) {
            Err(NoteError::Unsigned) => Vec::new(),
            verified => verified?,
        };
        tree::check_inclusion(leaf, self.index, checkpoint.size, &self.path, &checkpoint.root)?;
        Ok((checkpoint, verified))
    }

    /// Verifies a receipt: that the entry it carries is in the log at the place it names. The entry's own signatures are
    /// not judged here.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), or the entry is missing, malformed or of another place.
    pub fn verify_receipt(&self, log: &VerifierKey) -> Result<(Entry, Checkpoint), ProofFileError> {
        let bytes = self.extra.as_deref().ok_or(ProofFileError::Malformed("extra"))?;
        let (checkpoint, _) = self.verify(&leaf_hash(bytes), log, &[])?;
        let entry = Entry::parse(bytes)?;
        if entry.seq != self.index {
            return Err(ProofFileError::Index { entry: entry.seq, index: self.index });
        }
        Ok((entry, checkpoint))
    }
}

impl fmt::Display for ProofFile {
    /// The file's exact text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", to_base64(&hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
