//! Strict I-JSON: the hand-written vectors, and what `serde_json` says of the same text.

use proptest::prelude::*;
use serde_json::Value;
use sunvote::log::ijson::{self, Fault};

use crate::support::vectors;

fn fault(text: &[u8]) -> Option<Fault> {
    ijson::check(text, 1 << 20).err().map(|error| error.fault)
}

#[test]
fn the_vectors_hold() {
    let file = vectors("ijson.json");
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 58);
    for case in cases {
        let bytes = match (&case["text"], &case["hex"]) {
            (Value::String(text), Value::Null) => text.clone().into_bytes(),
            (Value::Null, Value::String(digits)) => hex::decode(digits).unwrap(),
            _ => panic!("a case has either text or hex: {case}"),
        };
        let found = fault(&bytes).map(|fault| format!("{fault:?}"));
        assert_eq!(found.as_deref(), case["fault"].as_str(), "{}", case["name"]);
    }
}

#[test]
fn longer_than_the_limit_is_refused() {
    assert_eq!(ijson::check(b"[1]", 3), Ok(()));
    assert_eq!(ijson::check(b"[1] ", 3).unwrap_err().fault, Fault::TooLong);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-f\\\\\"名]{0,3}", inner, 0..24)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_accepted(value in any_value()) {
        prop_assert_eq!(fault(&serde_json::to_vec(&value).unwrap()), None);
        prop_assert_eq!(fault(&serde_json::to_vec_pretty(&value).unwrap()), None);
    }

    /// Whatever one changed byte makes of a text: what the scanner takes, `serde_json` takes, and reads without loss.
    #[test]
    fn what_is_accepted_serde_reads(value in any_value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at.index(text.len());
        text[at] = byte;
        let read = serde_json::from_slice::<Value>(&text);
        match fault(&text) {
            None => {
                let read = read.unwrap();
                prop_assert_eq!(fault(&serde_json::to_vec(&read).unwrap()), None);
            }
            // Only these faults are about JSON itself; the others narrow it.
            Some(Fault::Syntax | Fault::NotUtf8 | Fault::ControlCharacter | Fault::LoneSurrogate | Fault::ByteOrderMark) => {
                prop_assert!(read.is_err());
            }
            Some(_) => {}
        }
    }

    #[test]
    fn any_bytes_are_judged_without_panic(text in prop::collection::vec(any::<u8>(), 0..64)) {
        if fault(&text).is_none() {
            prop_assert!(serde_json::from_slice::<Value>(&text).is_ok());
        }
    }
}
