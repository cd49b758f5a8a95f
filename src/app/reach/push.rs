//! Web Push (RFC 8030): a message to a browser by the push service that its maker runs. Sealed so that only that browser reads it
//! (RFC 8291 over RFC 8188, `aes128gcm`), and signed so that the service knows who sends (RFC 8292, "VAPID").

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes128Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::app::fetch::Client;
use crate::app::reach::{Text, Tried};
use crate::core::clock::{DAY_MS, Time};

/// Longest address of a push service's.
const LONGEST: usize = 1_024;
/// How long the service keeps a message for a browser that is off, in seconds: until it is of no use any more.
const TTL: &str = "86400";
/// How long a signature of ours holds (RFC 8292, section 2: at most 24 hours).
const SIGNED_MS: i64 = DAY_MS / 2;
/// One record holds the whole message (RFC 8188, section 2.1); services take 4,096 bytes.
const RECORD: u32 = 4_096;
/// Most bytes of a message: the record without its head (86), its tag (16) and its delimiter (1).
const MOST: usize = RECORD as usize - 86 - 16 - 1;
/// Bytes of an uncompressed point.
const POINT: u8 = 65;

/// Sends messages to browsers.
#[derive(Debug)]
pub struct Pusher {
    /// Whom a push service asks when something is wrong: `mailto:…` or `https://…`.
    pub contact: String,
    /// Asks the services: strangers name their addresses.
    pub client: Client,
    /// Whether a service may be on this machine, without TLS: where the server itself is there to be tried out.
    pub here: bool,
}

/// What a browser gives out (Push API, `PushSubscription.toJSON()`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where messages for it are handed in.
    pub endpoint: String,
    /// Its keys.
    pub keys: Keys,
}

/// A browser's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Its public key, base64url.
    pub p256dh: String,
    /// A secret of both sides, base64url.
    pub auth: String,
}

impl Keys {
    fn read(&self) -> Option<(PublicKey, [u8; 16])> {
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let public = PublicKey::from_sec1_bytes(&bytes(&self.p256dh)?).ok()?;
        Some((public, bytes(&self.auth)?.try_into().ok()?))
    }
}

impl Pusher {
    /// Reads what a browser gave out, if messages can be sent there.
    #[must_use]
    pub fn read(&self, json: &str) -> Option<Subscription> {
        let subscription: Subscription = serde_json::from_str(json).ok()?;
        let uri: axum::http::Uri = subscription.endpoint.parse().ok()?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = authority.host();
        let here = self.here && ["127.0.0.1", "localhost"].contains(&host);
        let safe = uri.scheme_str() == Some("https") || (here && uri.scheme_str() == Some("http"));
        let fits = safe && subscription.endpoint.len() <= LONGEST && subscription.keys.read().is_some();
        fits.then_some(subscription)
    }

    /// Sends a message, sealed with randomness from `rng`. `key`: ours, which the browser was told of when it subscribed.
    pub async fn send(
        &self,
        to: &Subscription,
        key: &SigningKey,
        (text, link): (&Text, &str),
        now: Time,
        rng: &mut impl CryptoRng,
    ) -> Tried {
        let message = json!({"title": text.subject, "body": text.body, "link": link}).to_string();
        let sealed = to.keys.read().and_then(|keys| seal(message.as_bytes(), &keys, rng));
        let (Some(body), Some(authorization)) = (sealed, self.authorization(&to.endpoint, key, now)) else {
            return Tried::Never("unfit".to_owned());
        };
        let headers = vec![
            ("content-type", "application/octet-stream".to_owned()),
            ("content-encoding", "aes128gcm".to_owned()),
            ("ttl", TTL.to_owned()),
            ("urgency", "normal".to_owned()),
            ("authorization", authorization),
        ];
        match self.client.tell(to.endpoint.clone(), headers, body).await {
            Ok(status) => Tried::of(status),
            Err(_) => Tried::Later("unreached".to_owned()),
        }
    }

    /// Who sends, for the service at this address (RFC 8292, sections 2 and 3).
    fn authorization(&self, endpoint: &str, key: &SigningKey, now: Time) -> Option<String> {
        let uri: axum::http::Uri = endpoint.parse().ok()?;
        let audience = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
        let expires = now.plus_ms(SIGNED_MS).ms().div_euclid(1_000);
        let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let signed = format!("{head}.{}", part(json!({"aud": audience, "exp": expires, "sub": self.contact})));
        let signature: Signature = key.sign(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes());
        Some(format!("vapid t={signed}.{signature}, k={}", public_text(key)))
    }
}

/// A new key of ours.
#[must_use]
pub fn new_key(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(secret(rng).to_bytes().into())
}

/// The public half as browsers want it.
#[must_use]
pub fn public_text(key: &SigningKey) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().to_sec1_point(false).as_bytes())
}

fn secret(rng: &mut impl CryptoRng) -> SecretKey {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        rng.fill_bytes(&mut *bytes);
        // All but a few of 2^256 numbers are one.
        if let Ok(key) = SecretKey::from_slice(&*bytes) {
            return key;
        }
    }
}

/// Seals a message for a browser with a key that is used once.
fn seal(message: &[u8], to: &(PublicKey, [u8; 16]), rng: &mut impl CryptoRng) -> Option<Vec<u8>> {
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    seal_with(message, to, &secret(rng), salt)
}

/// RFC 8291, section 3.4, and RFC 8188, section 2.
fn seal_with(
    message: &[u8],
    (browser, auth): &(PublicKey, [u8; 16]),
    once: &SecretKey,
    salt: [u8; 16],
) -> Option<Vec<u8>> {
    if message.len() > MOST {
        return None;
    }
    let own = once.public_key().to_sec1_point(false);
    let shared = once.diffie_hellman(browser);
    let info = [&b"WebPush: info\0"[..], browser.to_sec1_point(false).as_bytes(), own.as_bytes()].concat();
    let mut ikm = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(auth), shared.raw_secret_bytes()).expand(&info, &mut *ikm).ok()?;
    let keys = Hkdf::<Sha256>::new(Some(&salt), &*ikm);
    let (mut key, mut nonce) = (Zeroizing::new([0; 16]), [0; 12]);
    keys.expand(b"Content-Encoding: aes128gcm\0", &mut *key).ok()?;
    keys.expand(b"Content-Encoding: nonce\0", &mut nonce).ok()?;
    // The delimiter of the last record.
    let padded = [message, &[2]].concat();
    let cipher = Aes128Gcm::new((&*key).into());
    let sealed = cipher.encrypt(&Nonce::from(nonce), &padded[..]).ok()?;
    Some([&salt[..], &RECORD.to_be_bytes(), &[POINT], own.as_bytes(), &sealed].concat())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use p256::SecretKey;

    use super::{Keys, MOST, seal_with};

    fn bytes(text: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    fn keys() -> Keys {
        Keys {
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        }
    }

    fn once() -> SecretKey {
        SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key")
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_published_vector_comes_out() {
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let to = keys().read().expect("keys");
        let sealed = seal_with(b"When I grow up, I want to be a watermelon", &to, &once(), salt).expect("sealed");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn a_message_fits_one_record_or_is_not_sent() {
        let to = keys().read().expect("keys");
        let sealed = seal_with(&vec![7; MOST], &to, &once(), [0; 16]).expect("it fits");
        assert_eq!(sealed.len(), 4_096);
        assert_eq!(seal_with(&vec![7; MOST + 1], &to, &once(), [0; 16]), None);
    }

    #[test]
    fn keys_that_are_none_are_not_taken() {
        assert!(keys().read().is_some());
        let off = format!("BC{}", &keys().p256dh[2..].replace('V', "W"));
        for bad in ["", "BCV", &off] {
            assert!(Keys { p256dh: bad.to_owned(), ..keys() }.read().is_none(), "{bad}");
        }
        for bad in ["", "BTBZMqHH6r4Tts7J_aSI", "BTBZMqHH6r4Tts7J_aSIgggg"] {
            assert!(Keys { auth: bad.to_owned(), ..keys() }.read().is_none(), "{bad}");
        }
    }
}
