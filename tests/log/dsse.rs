//! Envelopes: the published vector, the JSON form, key ids.

use sunvote::core::ids::PublicKey;
use sunvote::log::dsse::{self, DsseError, Envelope, STATEMENT_TYPE};

use crate::support::key;

/// Test vector of secure-systems-lab/dsse, protocol.md, section "Test Vectors". Its signature is ECDSA, which the record
/// does not use; type, body and PAE are what is compared.
#[test]
fn the_published_pae_vector_holds() {
    let pae = dsse::pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(pae, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn lengths_count_bytes_not_characters() {
    assert_eq!(dsse::pae("t", "黄泥墩".as_bytes()), "DSSEv1 1 t 9 黄泥墩".as_bytes());
    assert_eq!(dsse::pae("", b""), b"DSSEv1 0  0 ");
}

#[test]
fn a_keyid_is_the_hash_of_algorithm_and_key() {
    // SHA-256 over 0x01 and 32 zero bytes, computed with coreutils: (printf '\1'; head -c32 /dev/zero) | sha256sum
    let id = dsse::keyid(&PublicKey([0; 32]));
    assert_eq!(id.to_string(), "1a7dfdeaffeedac489287e85be5e9c049a2ff6470f55cf30260f55395ac1b159");
}

#[test]
fn an_envelope_survives_its_json_form() {
    let envelope = Envelope::sign(STATEMENT_TYPE, b"{\"kind\":\"x\"}".to_vec(), &[&key(1), &key(2)]);
    assert_eq!(Envelope::from_json(&envelope.to_json()).unwrap(), envelope);
    assert_eq!(envelope.id(), dsse::statement_id(&envelope.pae()));
    serde_json::from_slice::<serde_json::Value>(&envelope.to_json()).unwrap();
}

#[test]
fn url_safe_base64_and_missing_padding_are_transcoded() {
    let envelope = Envelope::sign(STATEMENT_TYPE, vec![0xFB, 0xFF, 0xFE, 0xFF], &[&key(1)]);
    let text = String::from_utf8(envelope.to_json()).unwrap();
    assert!(text.contains("+//+/w=="));
    let loose = text.replace("+//+/w==", "-__-_w");
    assert_eq!(Envelope::from_json(loose.as_bytes()).unwrap(), envelope);
}

#[test]
fn unknown_members_and_short_signatures_are_refused() {
    let envelope = Envelope::sign(STATEMENT_TYPE, b"{}".to_vec(), &[&key(1)]);
    let text = String::from_utf8(envelope.to_json()).unwrap();
    let more = text.replacen('{', "{\"note\":1,", 1);
    assert!(matches!(Envelope::from_json(more.as_bytes()), Err(DsseError::Shape(_))));
    let twice = text.replacen('{', "{\"payload\":\"\",", 1);
    assert!(matches!(Envelope::from_json(twice.as_bytes()), Err(DsseError::Json(_))));
    let sig = sunvote::log::text::to_base64(&envelope.signatures[0].sig);
    let short = text.replace(&sig, "AQID");
    assert_eq!(Envelope::from_json(short.as_bytes()), Err(DsseError::Base64("sig")));
    let odd = text.replace("vnd.sunvote", "vnd sunvote");
    assert_eq!(Envelope::from_json(odd.as_bytes()), Err(DsseError::PayloadType));
}
