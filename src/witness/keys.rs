//! The witness's two cosigners and the seed of its own secrets: one file that only its user can read.

use std::fmt;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::core::ids::PublicKey;
use crate::log::note::{Algorithm, NoteSignature, VerifierKey};
use crate::log::text::sha256;

const FIRST_LINE: &str = "sunvote/witness-keys/v1";

/// The two cosigners. Can't be printed; dalek wipes the keys when they are dropped.
pub struct Keys {
    consistency: Cosigner,
    lawful: Cosigner,
    seed: Zeroizing<[u8; 32]>,
}

/// A key that cosigns, and its name.
struct Cosigner {
    name: String,
    key: SigningKey,
    public: VerifierKey,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({}, {})", self.consistency.name, self.lawful.name)
    }
}

impl Cosigner {
    fn new(name: &str, seed: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey(key.verifying_key().to_bytes());
        let public = VerifierKey::new(name, Algorithm::Cosignature, &public).ok()?;
        Some(Self { name: name.to_owned(), key, public })
    }
}

impl Keys {
    /// The text of a key file, from 32 random bytes for each cosigner.
    #[must_use]
    pub fn text(name: &str, consistency: &[u8; 32], lawful: &[u8; 32]) -> Zeroizing<String> {
        let line = |role: &str, seed: &[u8; 32]| format!("{name}/{role} {}\n", hex::encode(seed));
        Zeroizing::new(format!("{FIRST_LINE}\n{}{}", line("consistency", consistency), line("lawful", lawful)))
    }

    /// Reads a key file of the witness of this name; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str, name: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let mut read = |role: &str| {
            let seed = lines.next()?.strip_prefix(&format!("{name}/{role} "))?;
            let mut bytes = Zeroizing::new([0; 32]);
            hex::decode_to_slice(seed, &mut *bytes).ok()?;
            Some(bytes)
        };
        let (consistency, lawful) = (read("consistency")?, read("lawful")?);
        // One key for both would let a checkpoint that is merely consistent pass for a lawful one.
        if lines.next().is_some() || consistency == lawful {
            return None;
        }
        let seed = Zeroizing::new(sha256(&[b"sunvote/witness-seed/v1\n", &*consistency, &*lawful]).0);
        Some(Self {
            consistency: Cosigner::new(&format!("{name}/consistency"), &consistency)?,
            lawful: Cosigner::new(&format!("{name}/lawful"), &lawful)?,
            seed,
        })
    }

    /// Verifier key of the cosigner of consistent checkpoints.
    #[must_use]
    pub fn consistency(&self) -> &VerifierKey {
        &self.consistency.public
    }

    /// Verifier key of the cosigner of lawful village checkpoints.
    #[must_use]
    pub fn lawful(&self) -> &VerifierKey {
        &self.lawful.public
    }

    /// Cosigns the text of a checkpoint that is consistent.
    #[must_use]
    pub fn cosign_consistent(&self, text: &str, seconds: u64) -> NoteSignature {
        NoteSignature::cosign(text, &self.consistency.name, &self.consistency.key, seconds)
    }

    /// Cosigns the text of a village's checkpoint that is lawful.
    #[must_use]
    pub fn cosign_lawful(&self, text: &str, seconds: u64) -> NoteSignature {
        NoteSignature::cosign(text, &self.lawful.name, &self.lawful.key, seconds)
    }

    /// Signs a note that isn't a checkpoint, as the lawful cosigner's plain note key (0x01): what it vouches for. The text
    /// begins with a line that no checkpoint or cosigned message begins with.
    #[must_use]
    pub fn sign_note(&self, text: &str) -> NoteSignature {
        NoteSignature::sign(text, &self.vouch_name(), &self.lawful.key)
    }

    /// Verifier key of [`sign_note`](Self::sign_note).
    ///
    /// # Panics
    /// Never: the same public key passed the check as a cosigner's.
    #[must_use]
    pub fn vouching(&self) -> VerifierKey {
        VerifierKey::new(&self.vouch_name(), Algorithm::Ed25519, self.lawful.public.public()).expect("a checked key")
    }

    fn vouch_name(&self) -> String {
        format!("{}/vouch", self.lawful.name.strip_suffix("/lawful").unwrap_or(&self.lawful.name))
    }

    /// 32 bytes that only the holder of the file knows, for sealing what is kept beside it.
    #[must_use]
    pub fn seed(&self) -> &Zeroizing<[u8; 32]> {
        &self.seed
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn a_key_file_is_read_back_under_its_own_name_only() {
        let text = Keys::text("w.example", &[1; 32], &[2; 32]);
        let keys = Keys::parse(&text, "w.example").unwrap();
        assert_eq!(keys.consistency().name(), "w.example/consistency");
        assert_ne!(keys.consistency().public(), keys.lawful().public());
        assert!(Keys::parse(&text, "other.example").is_none());
        assert!(Keys::parse(text.trim_end(), "w.example").is_none());
        assert!(Keys::parse(&format!("{}x\n", text.as_str()), "w.example").is_none());
        assert!(Keys::parse(&Keys::text("w.example", &[1; 32], &[1; 32]), "w.example").is_none(), "one key for both");
        assert!(!format!("{keys:?}").contains(&hex::encode([1; 32])), "the keys can't be printed");
    }
}
