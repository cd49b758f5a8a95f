//! Signatures of Standard Webhooks 1.0: HMAC-SHA256 under a shared secret (`v1`), or Ed25519 (`v1a`), over
//! `{id}.{timestamp}.{body}`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::core::ids::VillageCode;

/// Begins a shared secret.
const SHARED: &str = "whsec_";
/// Begins an Ed25519 secret key.
const PRIVATE: &str = "whsk_";
/// Begins an Ed25519 public key.
const PUBLIC: &str = "whpk_";

/// What is signed with.
pub enum Secret {
    /// A secret that the receiver has, too: 24 to 64 bytes.
    Shared(Zeroizing<Vec<u8>>),
    /// An Ed25519 key of which the receiver has the public half.
    Private(Box<SigningKey>),
}

/// Never the secret itself.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(_) => f.write_str("Shared(…)"),
            Self::Private(_) => f.write_str("Private(…)"),
        }
    }
}

/// Reads `whsec_…` or `whsk_…`: 32 bytes of an Ed25519 secret key, or 64 with the public key behind it.
impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = |text: &str| STANDARD.decode(text).map(Zeroizing::new).map_err(|_| "is not base64");
        if let Some(text) = text.strip_prefix(SHARED) {
            let bytes = bytes(text)?;
            let fits = (24..=64).contains(&bytes.len());
            return if fits { Ok(Self::Shared(bytes)) } else { Err("must have 24 to 64 bytes") };
        }
        let Some(text) = text.strip_prefix(PRIVATE) else { return Err("must begin with whsec_ or whsk_") };
        let bytes = bytes(text)?;
        let key = match bytes.len() {
            32 => bytes.as_slice().try_into().map(SigningKey::from_bytes).ok(),
            64 => bytes.as_slice().try_into().ok().and_then(|pair| SigningKey::from_keypair_bytes(pair).ok()),
            _ => None,
        };
        key.map(|key| Self::Private(Box::new(key))).ok_or("is no Ed25519 key")
    }
}

impl Secret {
    /// One signature: `v1,…` or `v1a,…`.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let head = format!("{id}.{seconds}.");
        match self {
            Self::Shared(secret) => {
                // HMAC takes keys of any length.
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
                mac.update(head.as_bytes());
                mac.update(body);
                format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
            }
            Self::Private(key) => {
                let signed = [head.as_bytes(), body].concat();
                format!("v1a,{}", STANDARD.encode(key.sign(&signed).to_bytes()))
            }
        }
    }

    /// What a receiver of Ed25519 signatures checks them by.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        match self {
            Self::Shared(_) => None,
            Self::Private(key) => Some(format!("{PUBLIC}{}", STANDARD.encode(key.verifying_key().to_bytes()))),
        }
    }
}

/// The name of a message: the same at each try, and at every endpoint. It holds no full stop, as what is signed is divided by them.
#[must_use]
pub fn message_id(village: VillageCode, entry: u64) -> String {
    format!("step_{village}_{entry}")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use ed25519_dalek::{Signature, SigningKey, Verifier as _};

    use super::{Secret, message_id};

    /// The vector in the tests of the specification's own libraries.
    #[test]
    fn the_published_vector_comes_out() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("a secret");
        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret.public(), None);
    }

    #[test]
    fn a_receiver_with_the_public_key_can_check() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (seed, pair) = (STANDARD.encode([7; 32]), STANDARD.encode(key.to_keypair_bytes()));
        for text in [seed, pair] {
            let secret: Secret = format!("whsk_{text}").parse().expect("a key");
            let public = secret.public().expect("a public key");
            assert_eq!(public, format!("whpk_{}", STANDARD.encode(key.verifying_key().to_bytes())));
            let signed = secret.sign("step_1_2", 3, b"body");
            let signature = STANDARD.decode(signed.strip_prefix("v1a,").expect("its version")).expect("base64");
            let signature = Signature::from_slice(&signature).expect("a signature");
            key.verifying_key().verify(b"step_1_2.3.body", &signature).expect("it is right");
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_and_none_is_printed() {
        let short = format!("whsec_{}", STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut pair = key.to_keypair_bytes();
        pair[40] ^= 1;
        let torn = format!("whsk_{}", STANDARD.encode(pair));
        let odd = format!("whsk_{}", STANDARD.encode([1; 33]));
        for bad in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_???", &short, &long, &torn, &odd] {
            assert!(bad.parse::<Secret>().is_err(), "{bad}");
        }
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("a secret");
        assert_eq!(format!("{secret:?}"), "Shared(…)");
    }

    #[test]
    fn a_messages_name_holds_no_full_stop() {
        assert_eq!(message_id("331102001206".parse().expect("a code"), 45), "step_331102001206_45");
    }
}
