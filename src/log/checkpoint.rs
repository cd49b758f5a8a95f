//! Checkpoints (c2sp.org/tlog-checkpoint@v1.0.0): a signed note that fixes a log's size and root.

use std::fmt;

use ed25519_dalek::SigningKey;

use crate::core::ids::Digest;
use crate::log::note::{Note, NoteError, NoteSignature, VerifierKey, is_note_text};
use crate::log::text::{MAX_SAFE_INTEGER, array_from_base64, decimal, to_base64};

/// Why a note is not a checkpoint to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text is not origin, size, root and extension lines.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// It speaks of another log.
    #[error("the checkpoint is of another log: {0}")]
    Origin(String),
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// What a log's checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log: `<host>/log/v/<village code>`.
    pub origin: String,
    /// Number of entries, at most 2^53 − 1, so that a browser holds it exactly too.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Digest,
    /// Further lines. We write none; another log's are kept, since its signature covers them.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint as we write it, without extension lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Digest) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').filter(|_| is_note_text(text));
        let mut lines = lines.ok_or(CheckpointError::Malformed("text"))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Malformed("origin"))?;
        let size = lines.next().and_then(|line| decimal(line.as_bytes(), MAX_SAFE_INTEGER));
        let size = size.ok_or(CheckpointError::Malformed("size"))?;
        let root = lines.next().and_then(|line| array_from_base64(line.as_bytes()));
        let root = Digest(root.ok_or(CheckpointError::Malformed("root"))?);
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Malformed("extension lines"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// The note with the log's own signature; origin and key name are the same.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Note {
        let text = self.to_string();
        let signature = NoteSignature::sign(&text, &self.origin, key);
        Note { text, signatures: vec![signature] }
    }

    /// Reads a note that must be a checkpoint of the log whose key this is, signed by it.
    ///
    /// # Errors
    /// What is wrong with note, text, origin or signature.
    pub fn open(note: &Note, log: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin(checkpoint.origin));
        }
        note.verify(std::slice::from_ref(log))?;
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    /// The note's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, to_base64(&self.root.0))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
