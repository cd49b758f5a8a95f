//! `sunvote verify`: 0 lawful, 1 not, 2 could not check.

use std::path::Path;
use std::process::Output;

use sunvote::core::commit;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};

use crate::sunvote;

/// A village with its term open.
fn scribe() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let village = "331102001206".parse().expect("a village code");
    let mut scribe = Scribe::found(Founding::invented(village, "liandu.example", time, 7)).expect("a lawful founding");
    scribe.settle(&Term::default()).expect("a lawful term");
    scribe
}

/// The same as an export file.
fn record() -> Vec<u8> {
    scribe().export().expect("written to memory")
}

fn verify(path: &Path, options: &[&str]) -> (i32, String) {
    let Output { status, stdout, .. } = sunvote().arg("verify").args(options).arg(path).output().expect("it runs");
    (status.code().expect("not killed"), String::from_utf8(stdout).expect("text"))
}

fn verify_bytes(bytes: &[u8], options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.sunvote");
    std::fs::write(&path, bytes).expect("written");
    verify(&path, options)
}

#[test]
fn a_lawful_record_ends_with_0() {
    let (code, text) = verify_bytes(&record(), &[]);
    assert!(text.starts_with("verdict     complete and lawful (记录完整)\n"), "{text}");
    assert!(text.contains("liandu.example/log/v/331102001206"), "{text}");
    assert!(text.contains("unwitnessed, may be truncated") && text.contains("--root"), "{text}");
    assert_eq!(code, 0);
}

#[test]
fn a_changed_byte_ends_with_1_and_names_the_entry() {
    let mut bytes = record();
    let second = bytes.windows(9).position(|window| window == b"{\"seq\":2,").expect("entry 2");
    let payload = bytes[second..].windows(11).position(|window| window == b"\"payload\":\"").expect("its payload");
    let at = second + payload + 20;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    let (code, text) = verify_bytes(&bytes, &["--json"]);
    let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, answer["verdict"].as_str()), (1, Some("altered")), "{text}");
    assert_eq!(answer["findings"][0]["entry"].as_u64(), Some(2), "{text}");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, _) = verify(&folder.path().join("nothing.sunvote"), &[]);
    assert_eq!(code, 2, "no such file");
    assert_eq!(verify_bytes(b"a holiday photo", &[]).0, 2, "another kind of file");
    let later = String::from_utf8(record()).expect("text").replacen("sunvote/record/v1", "sunvote/record/v2", 1);
    let (code, text) = verify_bytes(later.as_bytes(), &["--json"]);
    assert_eq!((code, text.contains("\"could_not_check\"")), (2, true), "a newer version");
}

#[test]
fn a_download_that_broke_off_is_never_lawful() {
    let whole = record();
    for part in [whole.len() / 2, whole.len() - 1, whole.iter().rposition(|b| *b == b'{').expect("an entry")] {
        let (code, text) = verify_bytes(&whole[..part], &[]);
        assert_ne!(code, 0, "{text}");
    }
}

#[test]
fn root_keys_that_the_reader_brings_are_the_ones_that_count() {
    let foreign = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let (code, text) = verify_bytes(&record(), &["--root", foreign, "--root", foreign]);
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains("taken from the record itself"), "{text}");
}

/// A folder export: the record, and every document that it names.
fn folder() -> (tempfile::TempDir, Scribe) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scribe = scribe();
    std::fs::write(folder.path().join("record.sunvote"), scribe.export().expect("written")).expect("written");
    std::fs::create_dir(folder.path().join("documents")).expect("made");
    for document in &scribe.documents {
        put(folder.path(), &document.salt, &document.bytes, &document.doc.sha256.to_string());
    }
    (folder, scribe)
}

fn put(folder: &Path, salt: &[u8; 32], bytes: &[u8], name: &str) {
    std::fs::write(folder.join("documents").join(name), [&salt[..], bytes].concat()).expect("written");
}

#[test]
fn a_folder_is_checked_with_its_documents() {
    let (folder, scribe) = folder();
    let (code, text) = verify(folder.path(), &[]);
    assert_eq!((code, text.contains(&format!("{} documents", scribe.documents.len()))), (0, true), "{text}");
    let first = &scribe.documents[0];
    put(folder.path(), &first.salt, b"other words", &first.doc.sha256.to_string());
    let (code, text) = verify(folder.path(), &[]);
    assert_eq!((code, text.contains("not what its name commits to")), (1, true), "{text}");
}

#[test]
fn a_document_that_the_record_does_not_name_is_told() {
    let (folder, _) = folder();
    let (salt, bytes) = ([3; 32], b"minutes of another village");
    put(folder.path(), &salt, bytes, &commit::document(&salt, bytes).to_string());
    let (code, text) = verify(folder.path(), &[]);
    assert_eq!((code, text.contains("the record does not name it")), (1, true), "{text}");
}

#[test]
fn public_documents_that_are_absent_are_counted_and_no_fault() {
    let (folder, scribe) = folder();
    for document in scribe.documents.iter().take(2) {
        std::fs::remove_file(folder.path().join("documents").join(document.doc.sha256.to_string())).expect("removed");
    }
    let (code, text) = verify(folder.path(), &[]);
    assert_eq!((code, text.contains("absent      2 public documents")), (0, true), "{text}");
}

#[test]
fn an_address_that_gives_nothing_ends_with_2() {
    // A port that nobody listens on: it was free a moment ago.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let address = format!("http://127.0.0.1:{port}/v/331102001206");
    assert_eq!(verify(Path::new(&address), &[]).0, 2);
    assert_eq!(verify(Path::new("https://vote.example/about"), &[]).0, 2, "not a village's page");
}
