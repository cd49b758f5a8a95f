//! Receipts judged off line (PROTOCOL section 7): alone, the entry's place in its village's log; as a pair, also the
//! village's checkpoint in the district's log, and who witnessed that.

use std::fmt;

use serde_json::Value;

use crate::core::ids::{Digest, PublicKey};
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::dsse::{self, Envelope, STATEMENT_TYPE};
use crate::log::entry::{Entry, MAX_ENTRY_BYTES, leaf_hash};
use crate::log::ijson;
use crate::log::note::{Note, NoteError, VerifierKey};
use crate::log::policy::{Attendance, Policy};
use crate::log::proof::ProofFile;
use crate::log::signed::check_signature;
use crate::log::sigset::Keyring;
use crate::log::tree;

/// Why a receipt proves nothing to this reader. The words for programs are the browser's too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// One of the files is not a proof file, or doesn't hold what its place in the pair asks for.
    Malformed,
    /// The entry is of a version that this program can't read.
    Newer,
    /// The receipt is of another village's log.
    OtherLog,
    /// The village's log did not sign.
    NotSigned,
    /// A signature by the village's log that is not its own.
    BadSignature,
    /// The entry is not at that place in the log.
    NotInTree,
    /// What stands in the entry was not signed by those it names.
    BadStatement,
    /// The entry holds another statement than the one asked for.
    NotMine,
    /// The second file is of another district's log.
    OtherDistrict,
    /// The district's log did not sign.
    DistrictNotSigned,
    /// A signature by the district's log or by a witness of the policy that is not its own.
    DistrictBadSignature,
    /// The village's checkpoint is not at that place in the district's log.
    NotInDistrict,
    /// Not enough of the policy's witnesses cosigned.
    NotWitnessed,
}

impl Fault {
    /// A word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Newer => "newer",
            Self::OtherLog => "other-log",
            Self::NotSigned => "not-signed",
            Self::BadSignature => "bad-signature",
            Self::NotInTree => "not-in-tree",
            Self::BadStatement => "bad-statement",
            Self::NotMine => "not-mine",
            Self::OtherDistrict => "other-district",
            Self::DistrictNotSigned => "district-not-signed",
            Self::DistrictBadSignature => "district-bad-signature",
            Self::NotInDistrict => "not-in-district",
            Self::NotWitnessed => "not-witnessed",
        }
    }

    /// Whether the receipt could not be judged, which says nothing about whether it is good.
    #[must_use]
    pub fn is_unreadable(self) -> bool {
        matches!(self, Self::Malformed | Self::Newer)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a file is not a receipt in its one spelling",
            Self::Newer => "the entry is of a version that this program does not know",
            Self::OtherLog => "the receipt is of another village's log",
            Self::NotSigned => "the village's log did not sign it",
            Self::BadSignature => "the signature of the village's log does not fit",
            Self::NotInTree => "the entry is not at that place in the village's log",
            Self::BadStatement => "the statement in it was not signed by those it names",
            Self::NotMine => "it is a receipt for another statement",
            Self::OtherDistrict => "the second file is of another district's log",
            Self::DistrictNotSigned => "the district's log did not sign the second file",
            Self::DistrictBadSignature => "a signature in the second file does not fit",
            Self::NotInDistrict => "the village's checkpoint is not at that place in the district's log",
            Self::NotWitnessed => "too few of the policy's witnesses cosigned it",
        })
    }
}

/// What the reader knows from elsewhere: printed, or from somebody trusted.
#[derive(Debug)]
pub struct Known {
    /// The village log's key.
    pub village: VerifierKey,
    /// The district log's key; without it the policy's logs are taken.
    pub district: Option<VerifierKey>,
    /// Which witnesses, and how many of them are enough. Without a policy nobody is asked.
    pub policy: Policy,
    /// Id of the statement that the receipt must be for: what it has as one of this program's version.
    pub statement: Option<Digest>,
}

/// The district's part of a pair that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above<'k> {
    /// Place of the village's checkpoint among the district log's leaves.
    pub index: u64,
    /// The district's checkpoint.
    pub checkpoint: Checkpoint,
    /// Every witness of the policy, and when it cosigned.
    pub witnesses: Vec<Attendance<'k>>,
}

/// A receipt that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<'k> {
    /// What is on record.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf: Digest,
    /// The village's checkpoint.
    pub checkpoint: Checkpoint,
    /// The district's part, if a second file came.
    pub above: Option<Above<'k>>,
}

impl Known {
    /// Judges a receipt: the first file alone, or with the second that leads to the district's log.
    ///
    /// # Errors
    /// The first fault.
    pub fn judge(&self, first: &[u8], second: Option<&[u8]>) -> Result<Receipt<'_>, Fault> {
        let first = ProofFile::parse(first).map_err(|_| Fault::Malformed)?;
        let second = second.map(ProofFile::parse).transpose().map_err(|_| Fault::Malformed)?;
        let bytes = first.extra.as_deref().ok_or(Fault::Malformed)?;
        let (entry, leaf) = (Entry::parse(bytes).map_err(|_| Fault::Malformed)?, leaf_hash(bytes));
        let checkpoint = Checkpoint::parse(&first.checkpoint.text).map_err(|_| Fault::Malformed)?;
        let second = second.map(Second::read).transpose()?;
        if checkpoint.origin != self.village.name() {
            return Err(Fault::OtherLog);
        }
        signed(&first.checkpoint, &self.village, Fault::NotSigned, Fault::BadSignature)?;
        let path = tree::check_inclusion(&leaf, first.index, checkpoint.size, &first.path, &checkpoint.root);
        if entry.seq != first.index || path.is_err() {
            return Err(Fault::NotInTree);
        }
        self.statement(&entry)?;
        let above = second.map(|second| self.above(second, &first.checkpoint)).transpose()?;
        Ok(Receipt { entry, leaf, checkpoint, above })
    }

    fn statement(&self, entry: &Entry) -> Result<(), Fault> {
        let payload = &entry.statement.payload;
        let id = dsse::statement_id(&dsse::pae(STATEMENT_TYPE, payload));
        let mine = if self.statement.is_none_or(|mine| mine == id) { Ok(()) } else { Err(Fault::NotMine) };
        if dsse::is_later_statement(&entry.statement.payload_type) {
            return mine.and(Err(Fault::Newer));
        }
        if is_signed(&entry.statement) { mine } else { Err(Fault::BadStatement) }
    }

    fn above(&self, second: Second, village: &Note) -> Result<Above<'_>, Fault> {
        let Second { proof, checkpoint } = second;
        // The leaf is the note as the village's log alone signed it; others may have cosigned the copy in the first file.
        let own =
            village.signatures.iter().find(|line| line.name == self.village.name() && line.id == self.village.id());
        let own = own.cloned().ok_or(Fault::NotSigned)?;
        let leaf = Note { text: village.text.clone(), signatures: vec![own] }.to_string();
        let judged = match &self.district {
            Some(key) => self.policy.judge_of(&proof.checkpoint, key),
            None => self.policy.judge(&proof.checkpoint),
        };
        let judged = judged.map_err(|error| match error {
            CheckpointError::Malformed(_) => Fault::Malformed,
            CheckpointError::Origin(_) => Fault::OtherDistrict,
            CheckpointError::Note(NoteError::Unsigned) => Fault::DistrictNotSigned,
            CheckpointError::Note(_) => Fault::DistrictBadSignature,
        })?;
        let leaf = tree::leaf_hash(leaf.as_bytes());
        tree::check_inclusion(&leaf, proof.index, checkpoint.size, &proof.path, &checkpoint.root)
            .map_err(|_| Fault::NotInDistrict)?;
        if !judged.met {
            return Err(Fault::NotWitnessed);
        }
        Ok(Above { index: proof.index, checkpoint, witnesses: judged.witnesses })
    }
}

/// The second file: from the village's checkpoint to the district's.
struct Second {
    proof: ProofFile,
    checkpoint: Checkpoint,
}

impl Second {
    /// It carries nothing along: its leaf is in the first file.
    fn read(proof: ProofFile) -> Result<Self, Fault> {
        let checkpoint = Checkpoint::parse(&proof.checkpoint.text).map_err(|_| Fault::Malformed)?;
        if proof.extra.is_some() { Err(Fault::Malformed) } else { Ok(Self { proof, checkpoint }) }
    }
}

/// Whether each signer that the payload names signed it, in order. What else it says the village's record is judged by.
fn is_signed(envelope: &Envelope) -> bool {
    if envelope.payload_type != STATEMENT_TYPE || ijson::check(&envelope.payload, MAX_ENTRY_BYTES).is_err() {
        return false;
    }
    let Some(keys) = signers(&envelope.payload) else { return false };
    let (mut ring, pae) = (Keyring::default(), envelope.pae());
    let mut pairs = keys.iter().zip(&envelope.signatures);
    keys.len() == envelope.signatures.len()
        && pairs.all(|(key, signature)| {
            dsse::keyid(key) == signature.keyid && check_signature(&mut ring, key, &pae, signature).is_ok()
        })
}

/// The keys in `by`, if it has its form.
fn signers(payload: &[u8]) -> Option<Vec<PublicKey>> {
    let payload: Value = serde_json::from_slice(payload).ok()?;
    let by = payload.as_object()?.get("by")?.as_array().filter(|by| !by.is_empty())?;
    let key = |signer: &Value| {
        let signer = signer.as_object()?;
        let is_named = signer.get("role")?.is_string() && signer.get("person").is_none_or(Value::is_string);
        signer.get("key")?.as_str().filter(|_| is_named)?.parse().ok()
    };
    by.iter().map(key).collect()
}

fn signed(note: &Note, key: &VerifierKey, missing: Fault, bad: Fault) -> Result<(), Fault> {
    match note.verify(std::slice::from_ref(key)) {
        Ok(_) => Ok(()),
        Err(NoteError::Unsigned) => Err(missing),
        Err(_) => Err(bad),
    }
}
