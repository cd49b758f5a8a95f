//! A district root key in a file: sealed under a passphrase, since the file may be copied.
//!
//! JSON: the public key in the clear, and the 32-byte seed sealed with XChaCha20-Poly1305 under a key that Argon2id
//! (RFC 9106) makes from the passphrase. What stands in the clear is authenticated with the seed.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::core::ids::{Digest, PublicKey};

/// What the file says it is.
const FORMAT: &str = "sunvote/root-key/v1";
/// Memory, passes and lanes: the second recommended choice of RFC 9106 section 4, in one lane so that one core does.
const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 4, lanes: 1 };
/// The dearest cost taken from a file: 1 GiB and 16 passes.
const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };
/// The longest file, bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024;
/// The shortest passphrase, in characters.
pub const MIN_PASSPHRASE: usize = 12;

/// Why a root key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// Not a key file, or of a later version.
    #[error("not a root key file: {0}")]
    Format(String),
    /// Too easy to guess.
    #[error("a passphrase has at least {MIN_PASSPHRASE} characters")]
    Short,
    /// Another passphrase, or the file was changed.
    #[error("wrong passphrase, or the file was changed")]
    Sealed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A root key as it stands in its file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootKeyFile {
    format: String,
    /// The public key.
    pub public: PublicKey,
    argon2id: Cost,
    salt: Digest,
    /// 24 bytes, hex.
    nonce: String,
    /// Seed and tag, hex.
    sealed: String,
}

impl RootKeyFile {
    /// Makes a key and seals it.
    ///
    /// # Errors
    /// `Short` for a passphrase that is.
    pub fn make(passphrase: &str, rng: &mut impl CryptoRng) -> Result<Self, RootKeyError> {
        if passphrase.chars().count() < MIN_PASSPHRASE {
            return Err(RootKeyError::Short);
        }
        let (mut seed, mut salt, mut nonce) = (Zeroizing::new([0; 32]), [0; 32], [0; 24]);
        rng.fill_bytes(&mut *seed);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut nonce);
        let public = PublicKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes());
        let aad = aad(&public, COST, &salt);
        let cipher = cipher(passphrase, COST, &salt)?;
        let sealed =
            cipher.encrypt(&nonce.into(), Payload { msg: &*seed, aad: &aad }).map_err(|_| RootKeyError::Sealed)?;
        Ok(Self {
            format: FORMAT.to_owned(),
            public,
            argon2id: COST,
            salt: Digest(salt),
            nonce: hex::encode(nonce),
            sealed: hex::encode(sealed),
        })
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// `Format`.
    pub fn parse(text: &str) -> Result<Self, RootKeyError> {
        let file: Self = serde_json::from_str(text).map_err(|error| RootKeyError::Format(error.to_string()))?;
        let Cost { memory_kib, passes, lanes } = file.argon2id;
        let fits = memory_kib <= MOST.memory_kib && passes <= MOST.passes && lanes <= MOST.lanes;
        if file.format != FORMAT || !fits {
            return Err(RootKeyError::Format("of another kind or version".to_owned()));
        }
        Ok(file)
    }

    /// The file's text.
    ///
    /// # Errors
    /// Never for a key made or read here; the signature is serde's.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Opens the key.
    ///
    /// # Errors
    /// `Sealed` for another passphrase or changed bytes.
    pub fn open(&self, passphrase: &str) -> Result<SigningKey, RootKeyError> {
        let mut nonce = [0; 24];
        hex::decode_to_slice(&self.nonce, &mut nonce).map_err(|_| RootKeyError::Sealed)?;
        let sealed = hex::decode(&self.sealed).map_err(|_| RootKeyError::Sealed)?;
        let aad = aad(&self.public, self.argon2id, &self.salt.0);
        let cipher = cipher(passphrase, self.argon2id, &self.salt.0)?;
        let seed = cipher.decrypt(&nonce.into(), Payload { msg: &sealed, aad: &aad });
        let seed = Zeroizing::new(seed.map_err(|_| RootKeyError::Sealed)?);
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| RootKeyError::Sealed)?;
        Ok(SigningKey::from_bytes(seed))
    }
}

fn aad(public: &PublicKey, cost: Cost, salt: &[u8; 32]) -> Vec<u8> {
    let Cost { memory_kib, passes, lanes } = cost;
    format!("{FORMAT}\n{public}\n{memory_kib} {passes} {lanes}\n{}", hex::encode(salt)).into_bytes()
}

fn cipher(passphrase: &str, cost: Cost, salt: &[u8; 32]) -> Result<XChaCha20Poly1305, RootKeyError> {
    let wrong = |error: argon2::Error| RootKeyError::Format(error.to_string());
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(wrong)?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, &mut *key).map_err(wrong)?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::{RootKeyError, RootKeyFile};
    use crate::core::ids::PublicKey;

    #[test]
    fn a_key_comes_back_under_its_passphrase_only_and_unchanged() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        assert!(matches!(RootKeyFile::make("too short", &mut rng), Err(RootKeyError::Short)));
        let made = RootKeyFile::make("rice paper and ink", &mut rng).unwrap();
        let text = made.to_text().unwrap();
        let read = RootKeyFile::parse(&text).unwrap();
        let key = read.open("rice paper and ink").unwrap();
        assert_eq!(PublicKey(key.verifying_key().to_bytes()), made.public);
        assert!(!text.contains(&hex::encode(key.to_bytes())));
        assert!(matches!(read.open("rice paper and Ink"), Err(RootKeyError::Sealed)));
        let other = text.replace(&made.public.to_string(), &"d7".repeat(32));
        assert!(matches!(RootKeyFile::parse(&other).unwrap().open("rice paper and ink"), Err(RootKeyError::Sealed)));
        assert!(
            RootKeyFile::parse(&text.replace("65536", "4294967295")).is_err(),
            "a cost that would stop the machine"
        );
    }
}
