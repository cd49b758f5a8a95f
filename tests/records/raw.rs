//! Lines and signatures that no honest program makes.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha512};
use sunvote::core::ids::PublicKey;
use sunvote::core::reject::Rejection;
use sunvote::core::state::Position;
use sunvote::log::dsse::{Envelope, Signature, keyid};
use sunvote::log::entry::{self, Entry};
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::Scribe;

use crate::forge::Forge;

/// The envelope that `write` would append last, without appending it.
pub fn signed<T>(f: &Forge, write: impl FnOnce(&mut Scribe) -> Result<T, Rejection>) -> Envelope {
    let mut scribe: Scribe = (**f).clone();
    write(&mut scribe).unwrap();
    Entry::parse(&scribe.entries.last().unwrap().bytes).unwrap().statement
}

/// Appends a line whatever it says.
pub fn push_line(f: &mut Forge, bytes: Vec<u8>) {
    let last = f.state().last;
    let at = Position { seq: last.seq + 1, time: last.time, leaf: entry::leaf_hash(&bytes) };
    let ledger = f.ledger_mut();
    ledger.state.last = at;
    ledger.frontier.append(at.leaf);
    f.entries.push(Appended { at, bytes, id: at.leaf, remarks: Vec::new() });
}

/// S for a nonce and an encoding of R.
fn finish(key: &SigningKey, message: &[u8], r: [u8; 32], nonce: Scalar) -> [u8; 64] {
    let public = key.verifying_key().to_bytes();
    let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
    let s = nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * key.to_scalar();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s.to_bytes());
    signature
}

/// A signature whose R is moved by a torsion point, from 1 to 7 of 8.
pub fn torsion_signature(key: &SigningKey, message: &[u8], point: usize) -> [u8; 64] {
    let nonce = Scalar::from(0x1234_5678_u64) * key.to_scalar();
    finish(key, message, (ED25519_BASEPOINT_POINT * nonce + EIGHT_TORSION[point]).compress().0, nonce)
}

/// A signature whose R is the neutral point, y = 1; or y = p + 1, another spelling of the same.
pub fn neutral_r(key: &SigningKey, message: &[u8], other_spelling: bool) -> [u8; 64] {
    let mut r = [0; 32];
    r[0] = 1;
    if other_spelling {
        r = [0xFF; 32];
        (r[0], r[31]) = (0xEE, 0x7F);
    }
    finish(key, message, r, Scalar::ZERO)
}

/// Adds the group order to S.
pub fn add_q(signature: &mut [u8; 64]) {
    let minus_one = (-Scalar::ONE).to_bytes();
    let mut carry = 1_u16;
    for (byte, q) in signature[32..].iter_mut().zip(minus_one) {
        carry += u16::from(*byte) + u16::from(q);
        [*byte, _] = carry.to_le_bytes();
        carry >>= 8;
    }
}

/// Keys that count nowhere.
pub fn unfit_keys() -> [(&'static str, &'static str, PublicKey); 3] {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mixed = (ED25519_BASEPOINT_POINT + EIGHT_TORSION[1]).compress().0;
    let mut spelling = [0xFF; 32];
    (spelling[0], spelling[31]) = (0xEE, 0x7F);
    [
        ("small-order", "A key of small order signs: any signature fits it by the equation alone.", PublicKey(neutral)),
        ("torsion", "A key with torsion signs.", PublicKey(mixed)),
        ("not-canonical", "A key in another spelling signs.", PublicKey(spelling)),
    ]
}

/// A signature by such a key: R neutral, S zero.
pub fn signature_of(public: &PublicKey) -> Signature {
    let mut sig = [0; 64];
    sig[0] = 1;
    Signature { keyid: keyid(public), sig }
}
