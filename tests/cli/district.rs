//! The whole district, founded from its files.

use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};

use crate::found::District;

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
