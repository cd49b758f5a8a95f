//! C2SP signed notes (c2sp.org/signed-note@v1.0.0) and Ed25519 cosignatures (c2sp.org/tlog-cosignature, version 1).
//!
//! A note is text ending in a newline, an empty line, and signature lines `— <name> <base64(key id ‖ signature)>`.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};

use crate::core::ids::PublicKey;
use crate::log::sigset::{self, Item, Key, KeyFault};
use crate::log::text::{from_base64, sha256, to_base64};

/// Longest note taken in, bytes.
pub const MAX_NOTE_BYTES: usize = 1 << 20;
/// Most signature lines taken in. The format asks for at least 16.
pub const MAX_SIGNATURES: usize = 100;
/// Latest time of a cosignature, seconds: 2^63 − 1.
const MAX_COSIGNATURE_TIME: u64 = i64::MAX.cast_unsigned();

/// Why a text is not a note, or a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a note; the word says which part is wrong.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// A key that is known signed, but the signature does not fit.
    #[error("the signature of {0} does not fit")]
    BadSignature(String),
    /// No known key signed.
    #[error("no known key signed the note")]
    Unsigned,
    /// Two of the known keys share name and id.
    #[error("two known keys share the name and id {0}")]
    Ambiguous(String),
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Not `name+id+base64`, or the name is not allowed.
    #[error("not a verifier key")]
    Malformed,
    /// The id is not that of the name and key.
    #[error("the verifier key's id does not fit its name and key")]
    Id,
    /// An algorithm other than 0x01 and 0x04.
    #[error("the verifier key has an algorithm that is not supported")]
    Algorithm,
    /// The public key fails the key check.
    #[error("the verifier key's public key: {0}")]
    Key(#[from] KeyFault),
}

/// How a key signs notes; the number is part of the key's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: Ed25519 over a time and the text of a checkpoint.
    Cosignature,
}

impl Algorithm {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// Whether a key may have this name: not empty, no spaces, no `+`, no control characters.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c < ' ' || c == '+')
}

/// First four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key).
#[must_use]
pub fn key_id(name: &str, algorithm: Algorithm, public: &PublicKey) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[algorithm.byte()], &public.0]).0;
    [a, b, c, d]
}

/// A key that verifies notes, printed as `name+hex(id)+base64(algorithm ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: Key,
}

impl VerifierKey {
    /// A verifier key from its parts.
    ///
    /// # Errors
    /// A name that is not allowed, or a public key that fails the key check.
    pub fn new(name: &str, algorithm: Algorithm, public: &PublicKey) -> Result<Self, VerifierKeyError> {
        if !is_key_name(name) {
            return Err(VerifierKeyError::Malformed);
        }
        Ok(Self { name: name.to_owned(), algorithm, key: Key::check(public)? })
    }

    /// Reads the printed form. It is split at the first two `+` only, since base64 may hold more.
    ///
    /// # Errors
    /// See [`VerifierKeyError`].
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Malformed);
        };
        let key = from_base64(key.as_bytes()).ok_or(VerifierKeyError::Malformed)?;
        let (&byte, public) = key.split_first().ok_or(VerifierKeyError::Malformed)?;
        let algorithm = match byte {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::Cosignature,
            _ => return Err(VerifierKeyError::Algorithm),
        };
        let public = PublicKey(public.try_into().map_err(|_| VerifierKeyError::Malformed)?);
        let verifier = Self::new(name, algorithm, &public)?;
        if hex::encode(verifier.id()) == id { Ok(verifier) } else { Err(VerifierKeyError::Id) }
    }

    /// The name in signature lines.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the key signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        self.key.public()
    }

    /// See [`key_id`].
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.algorithm, self.key.public())
    }

    /// Checks that a line is this key's signature over `text`, and gives the time it carries if it is a cosignature.
    fn verify(&self, text: &str, line: &NoteSignature) -> Result<Option<u64>, NoteError> {
        let bad = || NoteError::BadSignature(line.name.clone());
        let (time, signature) = match self.algorithm {
            Algorithm::Ed25519 => (None, line.bytes.as_slice()),
            Algorithm::Cosignature => {
                let (time, signature) = line.bytes.split_first_chunk::<8>().ok_or_else(bad)?;
                (Some(u64::from_be_bytes(*time)), signature)
            }
        };
        if time > Some(MAX_COSIGNATURE_TIME) {
            return Err(bad());
        }
        let message = time.map_or_else(|| text.to_owned(), |time| cosigned_text(text, time));
        let signature = signature.try_into().map_err(|_| bad())?;
        let item = Item { key: &self.key, message: message.as_bytes(), signature };
        sigset::verify_one(&item).map_err(|_| bad())?;
        Ok(time)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.algorithm.byte()];
        key.extend_from_slice(&self.public().0);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), to_base64(&key))
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Who is said to have signed.
    pub name: String,
    /// See [`key_id`].
    pub id: [u8; 4],
    /// What follows the id; its form depends on the key's algorithm.
    pub bytes: Vec<u8>,
}

/// A signature that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that signed.
    pub key: &'k VerifierKey,
    /// When a cosigner signed, in seconds since 1970 UTC.
    pub time: Option<u64>,
}

/// A text with signatures that are not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The signed text; its last character is a newline.
    pub text: String,
    /// In the order of their lines.
    pub signatures: Vec<NoteSignature>,
}

/// What a cosigner signs (c2sp.org/tlog-cosignature, "Ed25519 signed message").
pub(in crate::log) fn cosigned_text(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl NoteSignature {
    /// Signs a text with a plain note key (0x01).
    #[must_use]
    pub fn sign(text: &str, name: &str, key: &SigningKey) -> Self {
        let public = PublicKey(key.verifying_key().to_bytes());
        let id = key_id(name, Algorithm::Ed25519, &public);
        Self { name: name.to_owned(), id, bytes: key.sign(text.as_bytes()).to_bytes().to_vec() }
    }

    /// Cosigns the text of a checkpoint (0x04) at a time in seconds since 1970 UTC, at most 2^63 − 1.
    #[must_use]
    pub fn cosign(text: &str, name: &str, key: &SigningKey, time: u64) -> Self {
        let public = PublicKey(key.verifying_key().to_bytes());
        let id = key_id(name, Algorithm::Cosignature, &public);
        let time = time.min(MAX_COSIGNATURE_TIME);
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&key.sign(cosigned_text(text, time).as_bytes()).to_bytes());
        Self { name: name.to_owned(), id, bytes }
    }

    /// Reads a signature line, without its newline.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let malformed = NoteError::Malformed("signature line");
        let (name, signature) =
            line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(malformed.clone())?;
        let bytes = from_base64(signature.as_bytes()).ok_or(malformed.clone())?;
        match bytes.split_first_chunk::<4>() {
            Some((id, bytes)) if is_key_name(name) && !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
            }
            _ => Err(malformed),
        }
    }
}

impl fmt::Display for NoteSignature {
    /// The line, without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, to_base64(&bytes))
    }
}

/// Whether a text can be a note's: ends with a newline and holds no other control characters.
#[must_use]
pub fn is_note_text(text: &str) -> bool {
    text.ends_with('\n') && !text.bytes().any(|b| b < b' ' && b != b'\n')
}

impl Note {
    /// Takes a note apart. Nothing is verified.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::Malformed("too long"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("not UTF-8"))?;
        if !is_note_text(note) {
            return Err(NoteError::Malformed("control characters or no newline at the end"));
        }
        // The last empty line divides, since the text may hold empty lines itself.
        let divide = note.rfind("\n\n").ok_or(NoteError::Malformed("no signatures"))?;
        let (text, lines) = (&note[..=divide], &note[divide + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("no signatures"))?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::Malformed("too many signatures"));
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Checks the signatures of known keys; those of unknown keys are passed over. Each known key counts once.
    ///
    /// # Errors
    /// A known key's signature that doesn't fit, no known key's signature at all, or two known keys of one name and id.
    pub fn verify<'k>(&self, known: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified: Vec<Verified<'k>> = Vec::new();
        for line in &self.signatures {
            let mut matching = known.iter().filter(|key| key.name == line.name && key.id() == line.id);
            let Some(key) = matching.next() else { continue };
            if matching.next().is_some() {
                return Err(NoteError::Ambiguous(format!("{}+{}", line.name, hex::encode(line.id))));
            }
            let time = key.verify(&self.text, line)?;
            if !verified.iter().any(|earlier| earlier.key == key) {
                verified.push(Verified { key, time });
            }
        }
        if verified.is_empty() { Err(NoteError::Unsigned) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    /// The note's exact bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
