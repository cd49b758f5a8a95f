//! The witness protocol (c2sp.org/tlog-witness), both sides of `add-checkpoint`, without network or storage: the request
//! and its reader, what a witness decides, and the answer and its reader.

use std::fmt;

use crate::core::ids::Digest;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Note, NoteError, NoteSignature, VerifierKey};
use crate::log::text::{array_from_base64, decimal, sha256, to_base64};
use crate::log::tree::{self, ProofError};

/// Longest request taken in, bytes: 63 hashes, and a checkpoint with a good number of large signatures.
pub const MAX_REQUEST_BYTES: usize = 1 << 17;
/// Longest answer taken in, bytes.
pub const MAX_ANSWER_BYTES: usize = 1 << 16;
/// Media type of the answer that names the size on record.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
/// Most hashes of a proof.
const MAX_HASHES: usize = 63;
/// Largest tree size.
const MAX_SIZE: u64 = i64::MAX.cast_unsigned();

/// What a log asks of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Size of the checkpoint that the log believes the witness cosigned last; 0 for none.
    pub old: u64,
    /// The consistency proof from there to the checkpoint.
    pub proof: Vec<Digest>,
    /// The checkpoint, signed by its log and perhaps by others.
    pub note: Note,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request, or its old size is above the checkpoint's.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Not a log that this witness follows.
    #[error("unknown log")]
    UnknownLog,
    /// No good signature of the log, or a bad one by a key of it.
    #[error("forbidden: {0}")]
    Forbidden(NoteError),
    /// The old size is not that of the checkpoint cosigned last.
    #[error("the checkpoint cosigned last has size {size}")]
    Conflict {
        /// Its size.
        size: u64,
    },
    /// The proof does not lead from the checkpoint cosigned last to this one.
    #[error("inconsistent: {0}")]
    Inconsistent(ProofError),
}

impl Refusal {
    /// The HTTP status that the protocol gives it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Forbidden(_) => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }
}

/// The checkpoint that a witness cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its size; 0 where none was cosigned yet.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

impl Default for Held {
    /// Nothing cosigned yet.
    fn default() -> Self {
        Self { size: 0, root: tree::empty_root() }
    }
}

/// A request whose checkpoint is signed by a log that the witness follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What the log claims.
    pub checkpoint: Checkpoint,
    /// The note with the good signatures of the log, one a key, without anyone else's.
    pub note: Note,
    old: u64,
    proof: Vec<Digest>,
}

impl Request {
    /// Reads a request's body. Nothing is verified.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(Refusal::Malformed("too long"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Refusal::Malformed("not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or(Refusal::Malformed("no empty line"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(|old| decimal(old.as_bytes(), MAX_SIZE)).ok_or(Refusal::Malformed("old size"))?;
        let proof: Option<Vec<Digest>> =
            lines.take(MAX_HASHES + 1).map(|line| array_from_base64(line.as_bytes()).map(Digest)).collect();
        let proof = proof.filter(|proof| proof.len() <= MAX_HASHES).ok_or(Refusal::Malformed("proof"))?;
        let note = Note::parse(note.as_bytes()).map_err(|_| Refusal::Malformed("checkpoint note"))?;
        Ok(Self { old, proof, note })
    }

    /// Looks up the log among the keys that the witness trusts (a key's name is its log's origin) and checks its signature.
    ///
    /// # Errors
    /// `Malformed`, `UnknownLog` or `Forbidden`.
    pub fn open(self, logs: &[VerifierKey]) -> Result<Opened, Refusal> {
        let checkpoint = Checkpoint::parse(&self.note.text).map_err(|_| Refusal::Malformed("checkpoint"))?;
        let keys: Vec<VerifierKey> = logs.iter().filter(|log| log.name() == checkpoint.origin).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog);
        }
        let verified = self.note.verify(&keys).map_err(Refusal::Forbidden)?;
        if self.old > checkpoint.size {
            return Err(Refusal::Malformed("the old size is above the checkpoint's"));
        }
        // Each key's signature once: whoever repeats a line of a public note must not make ours too long to be read again.
        let line = |key: &VerifierKey| {
            self.note.signatures.iter().find(|line| line.name == key.name() && line.id == key.id()).cloned()
        };
        let signatures = verified.iter().filter_map(|one| line(one.key)).collect();
        let note = Note { text: self.note.text, signatures };
        Ok(Opened { checkpoint, note, old: self.old, proof: self.proof })
    }
}

impl fmt::Display for Request {
    /// The body's exact text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", to_base64(&hash.0)))?;
        write!(f, "\n{}", self.note)
    }
}

impl Opened {
    /// Whether a witness that holds `held` may cosign this checkpoint. Deciding and storing must be one atomic step.
    ///
    /// # Errors
    /// `Conflict` or `Inconsistent`.
    pub fn decide(&self, held: &Held) -> Result<(), Refusal> {
        let Checkpoint { size, root, .. } = &self.checkpoint;
        if self.old != held.size {
            return Err(Refusal::Conflict { size: held.size });
        }
        if *size == 0 && *root != tree::empty_root() {
            return Err(Refusal::Inconsistent(ProofError::Root));
        }
        tree::check_consistency(held.size, &held.root, *size, root, &self.proof).map_err(Refusal::Inconsistent)
    }

    /// What is held once this checkpoint is cosigned.
    #[must_use]
    pub fn held(&self) -> Held {
        Held { size: self.checkpoint.size, root: self.checkpoint.root }
    }

    /// The proof that came with the request, from size [`old`](Self::old).
    #[must_use]
    pub fn proof(&self) -> &[Digest] {
        &self.proof
    }

    /// The old size that the request named.
    #[must_use]
    pub fn old(&self) -> u64 {
        self.old
    }
}

/// The body of an answer that cosigns: the signature lines.
#[must_use]
pub fn answer(cosignatures: &[NoteSignature]) -> String {
    cosignatures.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n")
}

/// What a log makes of a witness's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The witness cosigned: its good signature lines.
    Cosigned(Vec<NoteSignature>),
    /// The witness has cosigned this size last: ask again from there.
    Conflict {
        /// Which size.
        size: u64,
    },
    /// The witness refuses.
    Refused {
        /// The HTTP status.
        status: u16,
    },
}

/// Why an answer can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not what the protocol has for that status.
    #[error("the witness's answer is malformed: {0}")]
    Malformed(&'static str),
    /// The cosignature by the key that is known doesn't fit or isn't there.
    #[error("the witness's answer: {0}")]
    Signature(#[from] NoteError),
}

impl Answer {
    /// Reads the answer to a request for `note`, by a witness of which this one key is known; lines of other keys are
    /// passed over.
    ///
    /// # Errors
    /// See [`AnswerError`].
    pub fn read(
        status: u16,
        media_type: Option<&str>,
        body: &[u8],
        note: &Note,
        witness: &VerifierKey,
    ) -> Result<Self, AnswerError> {
        if body.len() > MAX_ANSWER_BYTES {
            return Err(AnswerError::Malformed("too long"));
        }
        match (status, media_type) {
            (200, _) => Ok(Self::Cosigned(cosignatures(body, note, witness)?)),
            (409, Some(SIZE_TYPE)) => {
                let size = body.strip_suffix(b"\n").and_then(|size| decimal(size, MAX_SIZE));
                Ok(Self::Conflict { size: size.ok_or(AnswerError::Malformed("size"))? })
            }
            _ => Ok(Self::Refused { status }),
        }
    }
}

fn cosignatures(body: &[u8], note: &Note, witness: &VerifierKey) -> Result<Vec<NoteSignature>, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerError::Malformed("not UTF-8"))?;
    let lines = text.strip_suffix('\n').ok_or(AnswerError::Malformed("no newline at the end"))?;
    let lines: Vec<NoteSignature> = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
    let cosigned = Note { text: note.text.clone(), signatures: lines };
    cosigned.verify(std::slice::from_ref(witness))?;
    let own = |line: &NoteSignature| line.name == witness.name() && line.id == witness.id();
    Ok(cosigned.signatures.into_iter().filter(own).collect())
}

/// The path below a witness's monitoring prefix where it shows the newest checkpoint of a log that it cosigned.
#[must_use]
pub fn monitoring_path(origin: &str) -> String {
    format!("{}/checkpoint", sha256(&[origin.as_bytes()]))
}
