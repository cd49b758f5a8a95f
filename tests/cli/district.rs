//! The whole district, founded from its files, and its own log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};
use sunvote::core::ids::PublicKey;
use sunvote::log::district::Directory;
use sunvote::log::note::VerifierKey;
use sunvote::log::tile::bundle_entries;

use crate::found::District;
use crate::serve::Serving;

const LIANDU: &str = include_str!("../../demo/liandu_villages.csv");

/// A clerk and a supervision committee member for each village, each with a key.
fn officers(villages: &[&str]) -> String {
    let mut text = "place,name,role,key\n".to_owned();
    for village in villages {
        for (role, name) in [("clerk", "吴桂香"), ("supervision_committee", "季永福")] {
            let seed = Sha256::digest(format!("{village} {role}"));
            let key = SigningKey::from_bytes(&seed.into()).verifying_key();
            text.push_str(&format!("{village},{name},{role},{}\n", hex::encode(key.to_bytes())));
        }
    }
    text
}

#[test]
fn all_211_villages_are_founded_from_their_files_and_lawful() {
    let villages: Vec<&str> = LIANDU.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(villages.len(), 211);
    let district = District::with_two_roots();
    district.write("villages.csv", LIANDU);
    district.write("officers.csv", &officers(&villages));
    district.ok(&district.import());
    district.enact("founding.request");
    district.ok(&["export", "--all", "--output", "records"]);
    assert_eq!(std::fs::read_dir(district.path("records")).expect("a folder").count(), 211);
    for village in [villages[0], villages[105], villages[210]] {
        let text = district.lawful(&format!("records/{village}.sunvote"));
        assert!(text.contains(&format!("/log/v/{village}\n")), "{text}");
    }
}

/// The body of an answer to a plain request.
pub fn body(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{path}: {}", String::from_utf8_lossy(&answer));
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    answer.split_off(end + 4)
}

#[test]
fn a_founded_district_has_a_log_and_takes_releases_that_were_signed_off_line() {
    let district = District::founded();
    let printed = district.ok(&["admin", "district"]);
    let key = VerifierKey::parse(printed.trim()).expect("a verifier key");
    assert_eq!(key.name(), "127.0.0.1:8080/log/d/331102");
    district.ok(&["root", "new", "release.root", "--passphrase-file", "passphrase"]);
    district.write("release.txt", &district.ok(&["admin", "files"]));
    let release = |text: &'static str| {
        let name = ["--name", "release.example", "-o", "release.note", "--passphrase-file", "passphrase"];
        [&["root", "release", "release.root", text], &name[..]].concat()
    };
    district.write("other.txt", "sunvote/release/v2\n0.1.0\n");
    assert!(district.refused(&release("other.txt")).contains("not the text"), "anything else is not signed");
    let said = district.ok(&release("release.txt"));
    let pinned = said.lines().find_map(|line| line.strip_prefix("pin          ")).expect("a key to pin").to_owned();
    district.ok(&["admin", "release", "331102", "release.note"]);
    assert!(district.refused(&["admin", "release", "331102", "release.txt"]).contains("release-leaf"), "not signed");

    let serving = Serving::start(&district.path("config.toml"));
    // Two keys and a release are there before anything is published.
    let leaves = body(&serving.address, "/log/d/331102/tile/entries/000.p/3");
    let leaves = bundle_entries(&leaves).expect("a bundle");
    let roots: Vec<PublicKey> = district.roots().iter().map(|root| root.parse().expect("a key")).collect();
    let mut directory =
        Directory::new(key.name(), &roots, Some(VerifierKey::parse(&pinned).expect("a key"))).expect("sound keys");
    for leaf in leaves {
        directory.take(leaf).expect("a leaf that belongs there");
    }
    assert_eq!(directory.logs().len(), 2);
    let (_, files) = directory.release().expect("a release");
    let style = body(&serving.address, "/assets/app.css");
    assert_eq!(
        files["/assets/app.css"].to_string(),
        hex::encode(Sha256::digest(&style)),
        "what is served is what was released"
    );
}
