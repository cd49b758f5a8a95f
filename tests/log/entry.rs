//! Entries: one spelling only.

use proptest::prelude::*;
use sunvote::core::clock::Time;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{self, Entry, EntryError, MAX_ENTRY_BYTES};

use crate::support::{digest, key};

fn sample(payload: Vec<u8>) -> Entry {
    let time: Time = "2026-11-21T08:30:00.125Z".parse().unwrap();
    Entry { seq: 17, prev: digest(0xab), time, statement: Envelope::sign(STATEMENT_TYPE, payload, &[&key(1), &key(2)]) }
}

#[test]
fn an_entry_is_one_line_of_json_by_the_template() {
    let entry = sample(b"{\"kind\":\"notice.posted\"}".to_vec());
    let line = String::from_utf8(entry.encode().unwrap()).unwrap();
    let head = format!(
        r#"{{"seq":17,"prev":"{}","time":"2026-11-21T08:30:00.125Z","statement":{{"payloadType":"{STATEMENT_TYPE}","payload":"eyJraW5kIjoibm90aWNlLnBvc3RlZCJ9","signatures":[{{"keyid":""#,
        "ab".repeat(32)
    );
    assert!(line.starts_with(&head), "{line}");
    assert!(line.ends_with(r#"=="}]}}"#), "{line}");
    assert_eq!(Entry::parse(line.as_bytes()).unwrap(), entry);
    serde_json::from_str::<serde_json::Value>(&line).unwrap();
}

#[test]
fn the_first_prev_is_the_hash_of_the_origin() {
    // printf 'localhost/log/v/331102001206' | sha256sum
    let expected = "cca7b0291a9ca216caf30148dca8f84135dceedbc1cc588d25b8269d4aafd4c4";
    assert_eq!(entry::genesis("localhost/log/v/331102001206").to_string(), expected);
}

#[test]
fn another_spelling_of_the_same_entry_is_refused() {
    let line = String::from_utf8(sample(b"{\"a\":1}x".to_vec()).encode().unwrap()).unwrap();
    let twisted = [
        line.replacen("\"seq\":17", "\"seq\": 17", 1),
        line.replacen("\"seq\":17", "\"seq\":017", 1),
        line.replacen("\"seq\":17", "\"seq\":17.0", 1),
        line.replacen("\"seq\":17", "\"seq\":9007199254740992", 1),
        line.replacen("abab", "ABab", 1),
        line.replacen("08:30:00.125Z", "08:30:00.1250Z", 1),
        line.replacen("08:30:00.125Z", "08:30:00.125z", 1),
        line.replacen("eyJhIjoxfXg=", "eyJhIjoxfXh=", 1),
        line.replacen("eyJhIjoxfXg=", "eyJhIjoxfXg", 1),
        line.replacen("vnd.sunvote", "vnd\\u002esunvote", 1),
        format!("{line} "),
        format!("{line}\n"),
        format!(" {line}"),
        line.replacen("\"payload\":", "\"payload\" :", 1),
        line.replacen("]}}", ",]}}", 1),
        line[..line.len() - 1].to_owned(),
    ];
    for text in twisted {
        assert_ne!(text, line);
        assert!(Entry::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn an_entry_has_at_most_65535_bytes() {
    let empty = sample(Vec::new()).encode().unwrap().len();
    let room = (MAX_ENTRY_BYTES - empty) / 4 * 3;
    let line = sample(vec![0; room]).encode().unwrap();
    assert!(Entry::parse(&line).is_ok());
    assert_eq!(sample(vec![0; room + 3]).encode(), Err(EntryError::TooLong));
    assert_eq!(Entry::parse(&vec![b' '; MAX_ENTRY_BYTES + 1]), Err(EntryError::TooLong));
}

#[test]
fn an_entry_without_signatures_or_with_an_odd_type_is_never_written() {
    let mut entry = sample(Vec::new());
    entry.statement.signatures.clear();
    assert_eq!(entry.encode(), Err(EntryError::Value("signatures")));
    let mut entry = sample(Vec::new());
    entry.statement.payload_type = "a\"b".into();
    assert_eq!(entry.encode(), Err(EntryError::Value("payloadType")));
}

proptest! {
    #[test]
    fn every_entry_survives(seq in 0_u64..1 << 53, ms in 0_i64..253_402_300_799_999, payload: Vec<u8>, sig: [u8; 32]) {
        let mut entry = sample(payload);
        entry.seq = seq;
        entry.time = Time::from_ms(ms).unwrap();
        entry.statement.signatures[0].sig[..32].copy_from_slice(&sig);
        let line = entry.encode().unwrap();
        prop_assert_eq!(Entry::parse(&line).unwrap(), entry);
    }

    /// Any changed byte is either refused or makes another entry: no two lines mean the same.
    #[test]
    fn a_changed_byte_changes_the_entry(at in any::<prop::sample::Index>(), byte: u8) {
        let entry = sample(b"{\"kind\":\"notice.posted\",\"n\":[1,2,3]}".to_vec());
        let mut line = entry.encode().unwrap();
        let at = at.index(line.len());
        prop_assume!(line[at] != byte);
        line[at] = byte;
        if let Ok(other) = Entry::parse(&line) {
            prop_assert_ne!(other, entry);
        }
    }
}
