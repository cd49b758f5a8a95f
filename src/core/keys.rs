//! Which keys are fit to be enrolled (PROTOCOL 9, signature set).

use curve25519_dalek::edwards::CompressedEdwardsY;

use crate::core::ids::PublicKey;

/// Whether the key is canonically encoded, not of small order and free of torsion.
#[must_use]
pub fn is_fit(key: &PublicKey) -> bool {
    let Some(point) = CompressedEdwardsY(key.0).decompress() else { return false };
    point.compress().0 == key.0 && !point.is_small_order() && point.is_torsion_free()
}
