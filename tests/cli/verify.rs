//! `sunvote verify`: 0 lawful, 1 not, 2 could not check.

use std::path::Path;
use std::process::{Output, Stdio};

use sunvote::core::commit;
use sunvote::core::model::{Body, Category};
use sunvote::log::scribe::matter::Draft;
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

/// `sunvote verify x | head` closes the pipe early.
#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.sunvote");
    std::fs::write(&path, record()).expect("written");
    for options in [&[][..], &["--json"]] {
        let mut command = sunvote();
        command.arg("verify").args(options).arg(&path).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{options:?}");
    }
}

#[test]
fn equal_remarks_are_one_line_in_words() {
    let mut scribe = scribe();
    let draft = Draft::of(Category::M02);
    for _ in 0..2 {
        let matter = scribe.bring_to_ballot(&draft).expect("a ballot");
        scribe.decide(Body::RepresentativeAssembly, matter, 30, &[("for", 20), ("against", 10)]).expect("a result");
    }
    let (code, text) = verify_bytes(&scribe.export().expect("written to memory"), &[]);
    let remarks: Vec<&str> = text.lines().filter(|line| line.starts_with("remark ")).collect();
    let unconfirmed: Vec<&&str> = remarks.iter().filter(|line| line.contains("profile_unconfirmed")).collect();
    assert_eq!((code, unconfirmed.len()), (0, 1), "{text}");
    assert!(unconfirmed[0].contains("the district has not confirmed") && unconfirmed[0].contains("entries "), "{text}");
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

/// The answer as JSON, with these root keys named.
fn answer(bytes: &[u8], roots: &[&str]) -> (i32, serde_json::Value) {
    let named: Vec<&str> = roots.iter().flat_map(|root| ["--root", root]).collect();
    let (code, text) = verify_bytes(bytes, &[&named[..], &["--json"]].concat());
    (code, serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn without_root_keys_the_second_line_says_that_they_were_not_checked() {
    let (code, text) = verify_bytes(&record(), &[]);
    let second = text.lines().nth(1).expect("a second line");
    assert!(second.starts_with("root keys   NOT CHECKED: you named none"), "{text}");
    let (json_code, json) = answer(&record(), &[]);
    assert_eq!(
        (code, json_code, json["roots"].as_str(), json["verdict"].as_str()),
        (0, 0, Some("not_named"), Some("lawful"))
    );
}

#[test]
fn both_root_keys_in_any_order_are_named() {
    let [first, second] = roots(&scribe());
    let (code, text) = verify_bytes(&record(), &["--root", &second, "--root", &first]);
    assert!(code == 0 && text.contains("root keys   those that you named"), "{text}");
    assert_eq!(answer(&record(), &[&first, &second]).1["roots"].as_str(), Some("named"));
}

#[test]
fn one_root_key_of_two_or_a_mistyped_one_is_a_verdict_of_its_own_and_ends_with_1() {
    let [first, second] = roots(&scribe());
    let mistyped = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    for (named, told) in [
        (vec![first.as_str()], "You named 1. This record was founded by 2, of which you named 1."),
        (vec![&first, &first], "You named 1. This record was founded by 2, of which you named 1."),
        (vec![&first, mistyped], "You named 2. This record was founded by 2, of which you named 1."),
        (vec![mistyped], "You named 1. This record was founded by 2, of which you named 0."),
    ] {
        let options: Vec<&str> = named.iter().flat_map(|root| ["--root", root]).collect();
        let (code, text) = verify_bytes(&record(), &options);
        assert_eq!(code, 1, "{text}");
        assert!(text.starts_with("verdict     founded by root keys that you did not name (根密钥不符)\n"), "{text}");
        assert!(text.contains(told) && text.contains("call the number on the notice"), "{text}");
        assert!(text.contains(&format!("founded by  {second}  you did not name it\n")), "{text}");
        assert_eq!(
            text.contains(&format!("you named   {mistyped}  did not found this record")),
            named.contains(&mistyped)
        );
        assert!(!text.contains("altered") && !text.contains("entry "), "nothing follows from it: {text}");
        let (code, json) = answer(&record(), &named);
        assert_eq!((code, json["verdict"].as_str(), json["roots"].as_str()), (1, Some("other_roots"), Some("other")));
        let findings = json["findings"].as_array().expect("findings");
        assert_eq!((findings.len(), findings[0]["rule"].as_str()), (1, Some("founding.other_roots")));
    }
}

#[test]
fn documents_are_not_held_against_a_record_that_was_not_judged() {
    let (folder, _) = folder();
    let (code, text) = verify(folder.path(), &["--root", &roots(&scribe())[0]]);
    assert!(code == 1 && text.contains("根密钥不符") && !text.contains("document "), "{text}");
}

/// The root keys that founded a village, in hex.
fn roots(scribe: &Scribe) -> [String; 2] {
    let hex = |n: usize| hex::encode(scribe.roots()[n].verifying_key().to_bytes());
    [hex(0), hex(1)]
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
