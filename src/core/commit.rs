//! Salted commitments: what the record holds in place of texts, names and hidden choices (PROTOCOL 2 and 8).

use sha2::{Digest as _, Sha256};

use crate::core::ids::Digest;
use crate::core::model::OptionCode;

fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn plain(bytes: &[u8]) -> Digest {
    sha256(&[bytes])
}

/// Commitment to a document: SHA-256("sunvote/doc/v1\n" ‖ salt ‖ bytes).
#[must_use]
pub fn document(salt: &[u8; 32], bytes: &[u8]) -> Digest {
    sha256(&[b"sunvote/doc/v1\n", salt, bytes])
}

/// Commitment to a person's name: SHA-256("sunvote/person/v1\n" ‖ salt ‖ name).
#[must_use]
pub fn person(salt: &[u8; 32], name: &str) -> Digest {
    sha256(&[b"sunvote/person/v1\n", salt, name.as_bytes()])
}

/// Commitment to a choice: SHA-256("sunvote/choice/v1\n" ‖ basis ‖ u32be voter ‖ u32be revision ‖ nonce ‖ choice).
#[must_use]
pub fn choice(basis: &Digest, voter: u32, revision: u32, nonce: &Digest, choice: &OptionCode) -> Digest {
    sha256(&[
        b"sunvote/choice/v1\n",
        &basis.0,
        &voter.to_be_bytes(),
        &revision.to_be_bytes(),
        &nonce.0,
        choice.as_str().as_bytes(),
    ])
}
