//! What the suites share: keys from small seeds, and vector files that are made by the tests and kept in the tree.

use std::path::Path;

use ed25519_dalek::SigningKey;
use serde_json::Value;
use sunvote::core::ids::Digest;

/// An invented key, fixed by its number.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// A digest that is easy to tell from others.
pub fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

/// Compares a vector file with what the test's generator makes now. `SUNVOTE_WRITE_VECTORS=1` writes it instead.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever regenerates vectors, not a setting")]
pub fn assert_vector_file(name: &str, made: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let made = serde_json::to_string_pretty(made).unwrap() + "\n";
    if std::env::var_os("SUNVOTE_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "{name} differs from what its generator makes: run with SUNVOTE_WRITE_VECTORS=1 and look at the diff"
    );
}

/// Reads a vector file that is written by hand.
pub fn vectors(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
