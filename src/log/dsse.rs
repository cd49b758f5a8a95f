//! DSSE envelopes (secure-systems-lab/dsse, protocol version 1.0): what a person signs, and the signatures under it.

use std::io::Write as _;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};

use crate::core::ids::{Digest, PublicKey};
use crate::log::ijson;
use crate::log::text::{push_base64, push_hex, sha256};

/// Payload type of every statement in a village's record.
pub const STATEMENT_TYPE: &str = "application/vnd.sunvote.statement.v1+json";

/// Longest JSON envelope taken in, bytes: an entry's limit and some room for a looser spelling.
pub const MAX_ENVELOPE_BYTES: usize = 96 * 1024;

/// A payload and the signatures over it. The payload's bytes are kept exactly as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// How to read the payload; visible ASCII without `"` and `\`.
    pub payload_type: String,
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// One per signer, in the order of the payload's `by`.
    pub signatures: Vec<Signature>,
}

/// One Ed25519 signature (RFC 8032).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// SHA-256 of the algorithm byte 0x01 and the public key: only a hint which key signed.
    pub keyid: Digest,
    /// R ‖ S over the envelope's PAE.
    pub sig: [u8; 64],
}

/// Why bytes are not an envelope that the record can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DsseError {
    /// Not strict I-JSON.
    #[error("envelope: {0}")]
    Json(#[from] ijson::IjsonError),
    /// Members missing, unknown or of the wrong type.
    #[error("envelope: {0}")]
    Shape(String),
    /// Payload or signature is not base64, or the signature is not 64 bytes.
    #[error("envelope: {0} is not valid base64 of the right length")]
    Base64(&'static str),
    /// The payload type holds characters that the entry template can't carry.
    #[error("envelope: payload type has characters that are not allowed")]
    PayloadType,
}

/// Pre-authentication encoding: the bytes that are signed.
/// `DSSEv1 <length of type> <type> <length of body> <body>`, lengths in bytes, decimal.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload_type.len() + payload.len() + 32);
    push_pae(&mut bytes, payload_type, payload);
    bytes
}

/// Writes [`pae`] to the end of `out`.
pub fn push_pae(out: &mut Vec<u8>, payload_type: &str, payload: &[u8]) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    out.extend_from_slice(payload);
}

/// The statement id of PAE bytes: their SHA-256, unique in a village.
#[must_use]
pub fn statement_id(pae: &[u8]) -> Digest {
    sha256(&[pae])
}

/// The key id of an Ed25519 public key: SHA-256(0x01 ‖ key).
#[must_use]
pub fn keyid(key: &PublicKey) -> Digest {
    sha256(&[&[0x01], &key.0])
}

/// Whether a payload type can stand in an entry: visible ASCII that needs no escape in JSON, 1 to 128 bytes.
#[must_use]
pub fn is_payload_type(text: &[u8]) -> bool {
    (1..=128).contains(&text.len()) && text.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
}

/// Whether a payload type is that of statements of a later version, which this program can't read.
#[must_use]
pub fn is_later_statement(payload_type: &str) -> bool {
    let version =
        payload_type.strip_prefix("application/vnd.sunvote.statement.v").and_then(|v| v.strip_suffix("+json"));
    let is_number = |v: &str| !v.is_empty() && !v.starts_with('0') && v.bytes().all(|b| b.is_ascii_digit());
    payload_type != STATEMENT_TYPE && version.is_some_and(is_number)
}

impl Signature {
    /// Signs PAE bytes.
    #[must_use]
    pub fn sign(pae: &[u8], key: &SigningKey) -> Self {
        let public = PublicKey(key.verifying_key().to_bytes());
        Self { keyid: keyid(&public), sig: key.sign(pae).to_bytes() }
    }
}

/// The JSON form of an envelope (DSSE, envelope.md). Unknown members are refused, since they would be lost.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EnvelopeJson {
    payload_type: String,
    payload: String,
    signatures: Vec<SignatureJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureJson {
    #[serde(default)]
    keyid: Option<Digest>,
    sig: String,
}

/// DSSE lets a signer use either alphabet; padding may be there or not. The record itself holds one spelling.
fn decode_either(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = GeneralPurpose::new(&alphabet::STANDARD, config);
    let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, config);
    standard.decode(text).or_else(|_| url_safe.decode(text)).ok()
}

impl Envelope {
    /// Signs a payload with each key in turn.
    #[must_use]
    pub fn sign(payload_type: &str, payload: Vec<u8>, keys: &[&SigningKey]) -> Self {
        let signed = pae(payload_type, &payload);
        let signatures = keys.iter().map(|key| Signature::sign(&signed, key)).collect();
        Self { payload_type: payload_type.to_owned(), payload, signatures }
    }

    /// The signed bytes, see [`pae`].
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// See [`statement_id`].
    #[must_use]
    pub fn id(&self) -> Digest {
        statement_id(&self.pae())
    }

    /// Reads the JSON form that a client sends. Base64 may use either alphabet, as DSSE demands of verifiers.
    /// A missing keyid becomes zeros: it is only a hint, set anew before the statement is appended.
    ///
    /// # Errors
    /// Not strict I-JSON, wrong members, bad base64, a signature that is not 64 bytes, or an odd payload type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DsseError> {
        ijson::check(bytes, MAX_ENVELOPE_BYTES)?;
        let json: EnvelopeJson = serde_json::from_slice(bytes).map_err(|e| DsseError::Shape(e.to_string()))?;
        if !is_payload_type(json.payload_type.as_bytes()) {
            return Err(DsseError::PayloadType);
        }
        let payload = decode_either(&json.payload).ok_or(DsseError::Base64("payload"))?;
        let signatures = json.signatures.into_iter().map(|signature| {
            let sig = decode_either(&signature.sig).and_then(|sig| sig.try_into().ok());
            let sig = sig.ok_or(DsseError::Base64("sig"))?;
            Ok(Signature { keyid: signature.keyid.unwrap_or(Digest([0; 32])), sig })
        });
        Ok(Self { payload_type: json.payload_type, payload, signatures: signatures.collect::<Result<_, DsseError>>()? })
    }

    /// The JSON form in canonical spelling, as it stands in an entry.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len() * 4 / 3 + 256 * self.signatures.len() + 128);
        self.write_json(&mut out);
        out
    }

    /// Writes [`to_json`](Self::to_json) to the end of `out`.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        debug_assert!(is_payload_type(self.payload_type.as_bytes()));
        out.extend_from_slice(b"{\"payloadType\":\"");
        out.extend_from_slice(self.payload_type.as_bytes());
        out.extend_from_slice(b"\",\"payload\":\"");
        push_base64(out, &self.payload);
        out.extend_from_slice(b"\",\"signatures\":[");
        for (i, signature) in self.signatures.iter().enumerate() {
            out.extend_from_slice(if i == 0 { b"{\"keyid\":\"" } else { b",{\"keyid\":\"" });
            push_hex(out, &signature.keyid.0);
            out.extend_from_slice(b"\",\"sig\":\"");
            push_base64(out, &signature.sig);
            out.extend_from_slice(b"\"}");
        }
        out.extend_from_slice(b"]}");
    }
}
