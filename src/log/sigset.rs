//! The signature set: which Ed25519 keys and signatures count, the same in every implementation and mode.
//!
//! RFC 8032 leaves room: libraries differ on encodings that are not canonical, on small-order points and on the cofactor,
//! and some differ with themselves between single and batch verification. One voter could then make verifiers disagree
//! about a village's record. So this is fixed: keys canonical, not of small order, torsion-free; signatures with canonical
//! R and S < q; and the cofactored equation 8(SB − R − kA) = 0 of RFC 8032 section 5.1.7, k = SHA-512(R ‖ A ‖ M) mod q.
//! Vectors: `tests/vectors/ed25519.json`.

use std::collections::HashMap;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use sha2::{Digest as _, Sha512};

use crate::core::ids::PublicKey;

/// Why a public key can't be enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not the one encoding of a point, or no point at all.
    #[error("not a canonical point")]
    Encoding,
    /// A point of order 1, 2, 4 or 8: anyone could sign for it.
    #[error("point of small order")]
    SmallOrder,
    /// A point outside the prime-order group.
    #[error("point with a torsion part")]
    Torsion,
}

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// R is not the one encoding of a point.
    #[error("R is not a canonical point")]
    R,
    /// S is not below the group order.
    #[error("S is not below the group order")]
    S,
    /// 8(SB − R − kA) is not zero.
    #[error("the signature does not fit key and message")]
    Equation,
}

/// A public key that passed the key check, decompressed and ready for use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    public: PublicKey,
    point: EdwardsPoint,
}

impl Key {
    /// The key check: canonical, not of small order, torsion-free. Costs about 60 µs: keep the result.
    ///
    /// # Errors
    /// The first rule that the key breaks.
    pub fn check(public: &PublicKey) -> Result<Self, KeyFault> {
        let point = canonical_point(&public.0).ok_or(KeyFault::Encoding)?;
        if point.is_small_order() {
            return Err(KeyFault::SmallOrder);
        }
        if !point.is_torsion_free() {
            return Err(KeyFault::Torsion);
        }
        Ok(Self { public: *public, point })
    }

    /// The bytes of the key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// Checked keys by their bytes, so that each is judged once. Holds refusals too.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: HashMap<PublicKey, Result<Key, KeyFault>>,
}

impl Keyring {
    /// The checked key.
    ///
    /// # Errors
    /// As [`Key::check`].
    pub fn get(&mut self, public: &PublicKey) -> Result<Key, KeyFault> {
        *self.keys.entry(*public).or_insert_with(|| Key::check(public))
    }

    /// The same, where another ring may have judged it before.
    ///
    /// # Errors
    /// As [`Key::check`].
    pub fn get_beside(&mut self, other: &Self, public: &PublicKey) -> Result<Key, KeyFault> {
        let judge = || other.keys.get(public).copied().unwrap_or_else(|| Key::check(public));
        *self.keys.entry(*public).or_insert_with(judge)
    }

    /// How many keys were judged, for whoever must bound it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none was judged yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// One signature to verify.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Who is said to have signed.
    pub key: &'a Key,
    /// What was signed.
    pub message: &'a [u8],
    /// R ‖ S.
    pub signature: &'a [u8; 64],
}

/// The encodings of a point that decompression takes although compression never makes them: y ≥ p, or x = 0 with the
/// sign bit set (RFC 8032 section 5.1.3).
fn is_canonical_encoding(bytes: &[u8; 32]) -> bool {
    let last = bytes[31] & 0x7F;
    let high_ones = last == 0x7F && bytes[1..31].iter().all(|&b| b == 0xFF);
    // p = 2^255 − 19, so its lowest byte is 0xED.
    let below_p = !(high_ones && bytes[0] >= 0xED);
    let is_one = bytes[0] == 1 && last == 0 && bytes[1..31].iter().all(|&b| b == 0);
    let is_minus_one = high_ones && bytes[0] == 0xEC;
    let x_is_zero = is_one || is_minus_one;
    below_p && !(x_is_zero && bytes[31] & 0x80 != 0)
}

fn canonical_point(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    if is_canonical_encoding(bytes) { CompressedEdwardsY(*bytes).decompress() } else { None }
}

/// A signature whose encodings are canonical, with its challenge k.
struct Parts {
    r: EdwardsPoint,
    s: Scalar,
    k: Scalar,
}

fn parts(item: &Item<'_>) -> Result<Parts, SignatureFault> {
    let (r_bytes, s_bytes) = halves(item.signature);
    let s = Option::from(Scalar::from_canonical_bytes(s_bytes)).ok_or(SignatureFault::S)?;
    let r = canonical_point(&r_bytes).ok_or(SignatureFault::R)?;
    let hash = Sha512::new().chain_update(r_bytes).chain_update(item.key.public.0).chain_update(item.message);
    Ok(Parts { r, s, k: Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) })
}

fn halves(signature: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    r.copy_from_slice(&signature[..32]);
    s.copy_from_slice(&signature[32..]);
    (r, s)
}

/// Judges one signature by the rule itself.
///
/// # Errors
/// The first rule that the signature breaks.
pub fn verify_one(item: &Item<'_>) -> Result<(), SignatureFault> {
    holds(&parts(item)?, &item.key.point)
}

fn holds(parts: &Parts, key: &EdwardsPoint) -> Result<(), SignatureFault> {
    let kb = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-parts.k, key, &parts.s);
    if (kb - parts.r).mul_by_cofactor().is_identity() { Ok(()) } else { Err(SignatureFault::Equation) }
}

/// Judges many signatures; the verdicts are those of [`verify_one`].
///
/// The fast path sums all equations, each times its own 128-bit coefficient that no signer could foresee, and multiplies
/// by the cofactor like the rule itself. A sum of zero means that each equation holds (but for a chance of 2^-128), so it
/// may accept; when it does not, the batch is halved, and at last every signature is judged by itself. Signatures under
/// one key share one term, which makes the many ballots of few voters cheaper than a general batch.
///
/// # Errors
/// The positions of the signatures that do not count, rising, each with the rule it breaks.
pub fn verify_batch(items: &[Item<'_>]) -> Result<(), Vec<(usize, SignatureFault)>> {
    let mut bad = Vec::new();
    let mut terms = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match parts(item) {
            Ok(parts) => terms.push(Term { place, key: item.key, parts }),
            Err(fault) => bad.push((place, fault)),
        }
    }
    judge(&terms, &mut bad);
    bad.sort_unstable_by_key(|(place, _)| *place);
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

/// One well-formed signature of a batch.
struct Term<'a> {
    place: usize,
    key: &'a Key,
    parts: Parts,
}

/// Below this, halving costs more than judging each.
const SMALL: usize = 4;

fn judge(terms: &[Term<'_>], bad: &mut Vec<(usize, SignatureFault)>) {
    if terms.len() > SMALL {
        if !sum_is_zero(terms) {
            let (left, right) = terms.split_at(terms.len() / 2);
            judge(left, bad);
            judge(right, bad);
        }
        return;
    }
    let verdicts = terms.iter().map(|term| (term.place, holds(&term.parts, &term.key.point)));
    bad.extend(verdicts.filter_map(|(place, verdict)| Some((place, verdict.err()?))));
}

/// Whether 8 Σ zᵢ(Sᵢ B − Rᵢ − kᵢ Aᵢ) = 0.
fn sum_is_zero(terms: &[Term<'_>]) -> bool {
    let coefficients = coefficients(terms);
    let mut base = Scalar::ZERO;
    let mut places: HashMap<&PublicKey, usize> = HashMap::new();
    let (mut scalars, mut points) = (Vec::with_capacity(terms.len() * 2 + 1), Vec::with_capacity(terms.len() * 2 + 1));
    for (term, z) in terms.iter().zip(&coefficients) {
        base += z * term.parts.s;
        let place = *places.entry(&term.key.public).or_insert_with(|| {
            scalars.push(Scalar::ZERO);
            points.push(term.key.point);
            points.len() - 1
        });
        scalars[place] += z * term.parts.k;
    }
    scalars.extend(coefficients);
    points.extend(terms.iter().map(|term| term.parts.r));
    scalars.push(-base);
    points.push(ED25519_BASEPOINT_POINT);
    EdwardsPoint::vartime_multiscalar_mul(scalars, points).mul_by_cofactor().is_identity()
}

/// The 128-bit factors of a batch, drawn from a hash over every k and S, so that they depend on all keys, messages
/// and signatures of the batch and nobody can choose a signature knowing its factor. Verification needs no randomness.
fn coefficients(terms: &[Term<'_>]) -> Vec<Scalar> {
    let mut transcript = Sha512::new_with_prefix(b"sunvote/batch/v1\n");
    for term in terms {
        transcript.update(term.parts.k.as_bytes());
        transcript.update(term.parts.s.as_bytes());
    }
    let seed = transcript.finalize();
    let mut coefficients = Vec::with_capacity(terms.len() + 3);
    for block in 0..terms.len().div_ceil(4) {
        let bytes = Sha512::new().chain_update(seed).chain_update((block as u64).to_be_bytes()).finalize();
        coefficients.extend(bytes.chunks_exact(16).map(|chunk| {
            let mut z = [0; 16];
            z.copy_from_slice(chunk);
            Scalar::from(u128::from_le_bytes(z))
        }));
    }
    coefficients.truncate(terms.len());
    coefficients
}
