//! The signature set: vectors made here for every implementation, and agreement of single and batch verification.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, VerifyingKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use sunvote::core::ids::PublicKey;
use sunvote::log::sigset::{self, Item, Key, KeyFault, Keyring, SignatureFault};

use crate::support::{assert_vector_file, key};

const ABOUT: &str = "The signature set of PROTOCOL section 9. keys: the check at enrolment (ok, encoding, small_order, \
    torsion). signatures: accept, or the first rule broken (S: S is not below q; R: R is not the canonical encoding of \
    a point; equation: 8(SB - R - kA) is not 0), S judged before R. Messages are hex.";

/// A raw signer: any nonce, with points added to R after the nonce, so that R and A need not be of prime order.
pub struct Raw {
    secret: Scalar,
    pub public: [u8; 32],
}

impl Raw {
    pub fn new(number: u64, torsion: EdwardsPoint) -> Self {
        let secret = Scalar::from(number) + Scalar::from(1_u64 << 60) * Scalar::from(1_u64 << 61);
        let public = (ED25519_BASEPOINT_POINT * secret + torsion).compress().0;
        Self { secret, public }
    }

    pub fn sign(&self, message: &[u8], torsion: EdwardsPoint) -> [u8; 64] {
        let nonce = Scalar::from(0x1234_5678_u64) * self.secret;
        let r = (ED25519_BASEPOINT_POINT * nonce + torsion).compress().0;
        self.finish(message, r, nonce)
    }

    /// S for a given encoding of R, whose nonce is `nonce`.
    fn finish(&self, message: &[u8], r: [u8; 32], nonce: Scalar) -> [u8; 64] {
        let hash = Sha512::new().chain_update(r).chain_update(self.public).chain_update(message).finalize();
        let s = nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * self.secret;
        joined(r, s.to_bytes())
    }
}

fn joined(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    signature
}

/// The little-endian bytes of p + `more` (p = 2^255 − 19), for `more` up to 18.
fn p_plus(more: u8) -> [u8; 32] {
    let mut bytes = [0xFF; 32];
    bytes[0] = 0xED + more;
    bytes[31] = 0x7F;
    bytes
}

/// S + q, by plain addition with carry.
pub fn plus_q(s: [u8; 32]) -> [u8; 32] {
    let q = (-Scalar::ONE).to_bytes();
    let mut carry = 1_u16; // q is one more than q − 1
    std::array::from_fn(|i| {
        carry += u16::from(s[i]) + u16::from(q[i]);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    })
}

fn with_sign(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes[31] |= 0x80;
    bytes
}

fn key_cases() -> Vec<(String, [u8; 32], Option<KeyFault>)> {
    let mut cases = vec![
        ("an ordinary key".to_owned(), key(1).verifying_key().to_bytes(), None),
        ("the base point".to_owned(), ED25519_BASEPOINT_POINT.compress().0, None),
    ];
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        cases.push((format!("small order, {i} of 8"), torsion.compress().0, Some(KeyFault::SmallOrder)));
        if i > 0 {
            let mixed = Raw::new(5, *torsion).public;
            cases.push((format!("ordinary key plus torsion point {i} of 8"), mixed, Some(KeyFault::Torsion)));
        }
    }
    let mut one = [0; 32];
    one[0] = 1;
    cases.push(("y = 1 with the sign bit".into(), with_sign(one), Some(KeyFault::Encoding)));
    let mut minus_one = p_plus(0);
    minus_one[0] -= 1;
    cases.push(("y = -1 with the sign bit".into(), with_sign(minus_one), Some(KeyFault::Encoding)));
    for more in 0..=18 {
        cases.push((format!("y = p + {more}"), p_plus(more), Some(KeyFault::Encoding)));
        cases.push((format!("y = p + {more}, sign bit"), with_sign(p_plus(more)), Some(KeyFault::Encoding)));
    }
    let mut two = [0; 32];
    two[0] = 2;
    cases.push(("y = 2 is on no point".into(), two, Some(KeyFault::Encoding)));
    cases
}

struct SignatureCase {
    name: String,
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
    fault: Option<SignatureFault>,
}

fn signature_cases() -> Vec<SignatureCase> {
    let mut cases = Vec::new();
    let raw = Raw::new(5, EdwardsPoint::default());
    let message = "黄泥墩村 票决".as_bytes();
    let mut case = |name: &str, key: [u8; 32], message: &[u8], signature: [u8; 64], fault| {
        cases.push(SignatureCase { name: name.into(), key, message: message.to_vec(), signature, fault });
    };
    let ordinary = key(1).sign(message).to_bytes();
    let public = key(1).verifying_key().to_bytes();
    case("an ordinary signature", public, message, ordinary, None);
    case("over an empty message", public, b"", key(1).sign(b"").to_bytes(), None);
    case("over another message", public, b"x", ordinary, Some(SignatureFault::Equation));
    case("under another key", key(2).verifying_key().to_bytes(), message, ordinary, Some(SignatureFault::Equation));
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        let signature = raw.sign(message, *torsion);
        case(&format!("R moved by torsion point {i} of 8"), raw.public, message, signature, None);
    }
    let (r, s) = (ordinary[..32].try_into().unwrap(), ordinary[32..].try_into().unwrap());
    case("S + q", public, message, joined(r, plus_q(s)), Some(SignatureFault::S));
    let q = plus_q([0; 32]);
    case("S = q", public, message, joined(r, q), Some(SignatureFault::S));
    case("S all ones", public, message, joined(r, [0xFF; 32]), Some(SignatureFault::S));
    case("S = q - 1", public, message, joined(r, (-Scalar::ONE).to_bytes()), Some(SignatureFault::Equation));
    let zero = Scalar::ZERO;
    let mut one = [0; 32];
    one[0] = 1;
    case("R is the neutral point", raw.public, message, raw.finish(message, one, zero), None);
    case(
        "R = 1 with the sign bit",
        raw.public,
        message,
        raw.finish(message, with_sign(one), zero),
        Some(SignatureFault::R),
    );
    case(
        "R = p + 1, the neutral point again",
        raw.public,
        message,
        raw.finish(message, p_plus(1), zero),
        Some(SignatureFault::R),
    );
    case("R = p", raw.public, message, raw.finish(message, p_plus(0), zero), Some(SignatureFault::R));
    let mut minus_one = p_plus(0);
    minus_one[0] -= 1;
    case("R = -1, of order two", raw.public, message, raw.finish(message, minus_one, zero), None);
    case(
        "R = -1 with the sign bit",
        raw.public,
        message,
        raw.finish(message, with_sign(minus_one), zero),
        Some(SignatureFault::R),
    );
    let mut two = [0; 32];
    two[0] = 2;
    case("R on no point", public, message, joined(two, s), Some(SignatureFault::R));
    case("R and S both bad: S is named", public, message, joined(two, [0xFF; 32]), Some(SignatureFault::S));
    cases
}

fn key_verdict(fault: Option<KeyFault>) -> &'static str {
    match fault {
        None => "ok",
        Some(KeyFault::Encoding) => "encoding",
        Some(KeyFault::SmallOrder) => "small_order",
        Some(KeyFault::Torsion) => "torsion",
    }
}

fn verdict(fault: Option<SignatureFault>) -> &'static str {
    match fault {
        None => "accept",
        Some(SignatureFault::R) => "R",
        Some(SignatureFault::S) => "S",
        Some(SignatureFault::Equation) => "equation",
    }
}

#[test]
fn the_vector_file_is_what_the_cases_make() {
    let keys: Vec<Value> = key_cases()
        .iter()
        .map(|(name, key, fault)| json!({"name": name, "key": hex::encode(key), "verdict": key_verdict(*fault)}))
        .collect();
    let signatures: Vec<Value> = signature_cases()
        .iter()
        .map(|case| {
            json!({"name": case.name, "key": hex::encode(case.key), "message": hex::encode(&case.message),
                "signature": hex::encode(case.signature), "verdict": verdict(case.fault)})
        })
        .collect();
    assert_vector_file("ed25519.json", &json!({"about": ABOUT, "keys": keys, "signatures": signatures}));
}

#[test]
fn keys_are_judged_as_the_vectors_say() {
    for (name, bytes, fault) in key_cases() {
        assert_eq!(Key::check(&PublicKey(bytes)).err(), fault, "{name}");
    }
}

#[test]
fn signatures_are_judged_as_the_vectors_say_alone_and_in_a_batch() {
    let cases = signature_cases();
    let keys: Vec<Key> = cases.iter().map(|case| Key::check(&PublicKey(case.key)).unwrap()).collect();
    let items: Vec<Item<'_>> = cases
        .iter()
        .zip(&keys)
        .map(|(case, key)| Item { key, message: &case.message, signature: &case.signature })
        .collect();
    for (case, item) in cases.iter().zip(&items) {
        assert_eq!(sigset::verify_one(item).err(), case.fault, "{}", case.name);
        assert_eq!(sigset::verify_batch(&[*item; 3]).is_ok(), case.fault.is_none(), "{}", case.name);
    }
    let bad: Vec<_> = cases.iter().enumerate().filter_map(|(i, case)| Some((i, case.fault?))).collect();
    assert_eq!(sigset::verify_batch(&items), Err(bad));
}

/// Why the rule exists: the library's own verification refuses R moved by a torsion point, which RFC 8032 allows.
#[test]
fn plain_library_verification_is_not_the_signature_set() {
    for case in signature_cases().iter().filter(|case| case.name.contains("torsion point")).skip(1) {
        let key = VerifyingKey::from_bytes(&case.key).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&case.signature);
        assert!(key.verify_strict(&case.message, &signature).is_err(), "{}", case.name);
    }
}

#[test]
fn an_empty_batch_is_good() {
    assert_eq!(sigset::verify_batch(&[]), Ok(()));
}

/// Two bad signatures made to cancel each other in a plain sum do not cancel under the coefficients.
#[test]
fn errors_that_cancel_in_a_plain_sum_are_found() {
    let raw = Raw::new(9, EdwardsPoint::default());
    let key = Key::check(&PublicKey(raw.public)).unwrap();
    let shifted = |message: &[u8], by: Scalar| {
        let mut signature = raw.sign(message, EdwardsPoint::default());
        let s: [u8; 32] = signature[32..].try_into().unwrap();
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)).unwrap() + by;
        signature[32..].copy_from_slice(s.as_bytes());
        signature
    };
    let (first, second) = (shifted(b"a", Scalar::ONE), shifted(b"b", -Scalar::ONE));
    let good = raw.sign(b"c", EdwardsPoint::default());
    let mut items = vec![Item { key: &key, message: b"c", signature: &good }; 40];
    items[30] = Item { key: &key, message: b"a", signature: &first };
    items[31] = Item { key: &key, message: b"b", signature: &second };
    let both = vec![(30, SignatureFault::Equation), (31, SignatureFault::Equation)];
    assert_eq!(sigset::verify_batch(&items), Err(both));
}

#[test]
fn a_keyring_remembers_refusals() {
    let mut ring = Keyring::default();
    let bad = PublicKey(EIGHT_TORSION[3].compress().0);
    assert_eq!(ring.get(&bad), Err(KeyFault::SmallOrder));
    assert_eq!(ring.get(&bad), Err(KeyFault::SmallOrder));
    let good = PublicKey(key(3).verifying_key().to_bytes());
    assert_eq!(ring.get(&good).unwrap().public(), &good);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Batches of up to forty signatures by few keys, some of them spoilt in every way there is.
    #[test]
    fn one_by_one_and_batch_always_agree(plan in prop::collection::vec((0_u64..4, 0_u8..24, any::<u8>()), 1..40)) {
        let raws: Vec<Raw> = (0..4).map(|i| Raw::new(i + 2, EdwardsPoint::default())).collect();
        let keys: Vec<Key> = raws.iter().map(|raw| Key::check(&PublicKey(raw.public)).unwrap()).collect();
        let signed: Vec<(usize, Vec<u8>, [u8; 64])> = plan.iter().enumerate().map(|(i, &(who, how, bit))| {
            let who = usize::try_from(who).unwrap();
            let message = vec![bit; i];
            let torsion = if how < 8 { EIGHT_TORSION[usize::from(how)] } else { EdwardsPoint::default() };
            let mut signature = raws[who].sign(&message, torsion);
            match how {
                20 => signature[usize::from(bit % 64)] ^= 1 << (bit % 8),
                21 => {
                    let s = plus_q(signature[32..].try_into().unwrap());
                    signature[32..].copy_from_slice(&s);
                }
                22 => signature[..32].copy_from_slice(&p_plus(bit % 19)),
                _ => {}
            }
            (who, message, signature)
        }).collect();
        let items: Vec<Item<'_>> = signed.iter()
            .map(|(who, message, signature)| Item { key: &keys[*who], message, signature })
            .collect();
        let singly: Vec<_> = items.iter().enumerate()
            .filter_map(|(i, item)| Some((i, sigset::verify_one(item).err()?)))
            .collect();
        prop_assert_eq!(sigset::verify_batch(&items).err().unwrap_or_default(), singly);
    }
}
