//! Policy files (c2sp.org/tlog-policy): each rule of the format, and what a policy makes of a checkpoint.

use rstest::rstest;
use sunvote::core::ids::PublicKey;
use sunvote::log::checkpoint::{Checkpoint, CheckpointError};
use sunvote::log::note::{Algorithm, Note, NoteError, NoteSignature, VerifierKey, VerifierKeyError};
use sunvote::log::policy::{Fault, Policy};

use crate::support::{digest, key};

const ORIGIN: &str = "log.example/v1";

fn vkey(name: &str, number: u8, algorithm: Algorithm) -> VerifierKey {
    VerifierKey::new(name, algorithm, &PublicKey(key(number).verifying_key().to_bytes())).unwrap()
}

/// Writes `@n` as the verifier key of witness n and `@log` as that of the log.
fn filled(text: &str) -> String {
    let mut text = text.replace("@log2", &vkey(ORIGIN, 101, Algorithm::Ed25519).to_string());
    text = text.replace("@log", &vkey(ORIGIN, 100, Algorithm::Ed25519).to_string());
    for number in (1..10).rev() {
        text = text.replace(&format!("@{number}"), &witness(number).to_string());
    }
    text
}

fn witness(number: u8) -> VerifierKey {
    vkey(&format!("witness.example/w{number}"), number, Algorithm::Cosignature)
}

fn policy(text: &str) -> Policy {
    Policy::parse(filled(text).as_bytes()).unwrap()
}

/// A checkpoint signed by the log, cosigned by these witnesses at second 1700000000 + their number.
fn cosigned(log: u8, witnesses: &[u8]) -> Note {
    let mut note = Checkpoint::new(ORIGIN, 7, digest(9)).sign(&key(log));
    for number in witnesses {
        let time = 1_700_000_000 + u64::from(*number);
        let name = format!("witness.example/w{number}");
        note.signatures.push(NoteSignature::cosign(&note.text, &name, &key(*number), time));
    }
    note
}

/// The example of the specification, two of X and any of Y.
const TWO_LEVELS: &str = "log @log

witness X1 @1
witness X2 @2
witness X3 @3
group X-witnesses 2 X1 X2 X3

witness Y1 @4
witness Y2 @5
witness Y3 @6
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
";

#[rstest]
#[case(&[1, 2, 4], true)]
#[case(&[1, 3, 6], true)]
#[case(&[1, 2, 3, 4, 5, 6], true)]
#[case(&[1, 4, 5, 6], false)]
#[case(&[1, 2, 3], false)]
#[case(&[], false)]
#[case(&[7, 8, 9], false)]
fn the_specifications_example_asks_for_two_of_x_and_one_of_y(#[case] signers: &[u8], #[case] met: bool) {
    let policy = policy(TWO_LEVELS);
    let note = cosigned(100, signers);
    let judged = policy.judge(&note).unwrap();
    assert_eq!(judged.met, met);
    assert_eq!(judged.checkpoint.size, 7);
    let present: Vec<_> = judged.witnesses.iter().filter_map(|w| Some((w.witness.name.as_str(), w.time?))).collect();
    let names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"];
    let expected = signers.iter().filter(|number| **number <= 6);
    let expected: Vec<_> = expected.map(|n| (names[usize::from(*n) - 1], 1_700_000_000 + u64::from(*n))).collect();
    assert_eq!(present, expected);
}

#[rstest]
#[case::single("witness a @1\nquorum a\n", &[1], true)]
#[case::single_missing("witness a @1\nwitness b @2\nquorum a\n", &[2], false)]
#[case::none("quorum none\n", &[], true)]
#[case::none_among_witnesses("witness a @1\nquorum none\n", &[], true)]
#[case::all("witness a @1\nwitness b @2\ngroup g all a b\nquorum g\n", &[1], false)]
#[case::any("witness a @1\nwitness b @2\ngroup g any a b\nquorum g\n", &[2], true)]
#[case::number("witness a @1\nwitness b @2\ngroup g 2 a b\nquorum g\n", &[1, 2], true)]
#[case::quorum_may_name_a_groups_member("witness a @1\nwitness b @2\ngroup g all a b\nquorum a\n", &[1], true)]
#[case::lines_after_the_quorum("witness a @1\nquorum a\nwitness b @2\n", &[1], true)]
#[case::odd_names("witness all @1\nwitness any @2\ngroup 1 1 all any\nquorum 1\n", &[2], true)]
fn quorums_of_every_form(#[case] text: &str, #[case] signers: &[u8], #[case] met: bool) {
    let log = vkey(ORIGIN, 100, Algorithm::Ed25519);
    assert_eq!(policy(text).judge_of(&cosigned(100, signers), &log).unwrap().met, met);
}

#[test]
fn spaces_comments_and_octets_are_free() {
    let text = filled("# says 见证\n\n \t\n  #log\n\tlog\t@log  https://log.example/v1/ \nwitness 甲 @1\nquorum 甲\n");
    let read = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(read.logs()[0].url.as_deref(), Some("https://log.example/v1/"));
    assert_eq!(read.witnesses()[0].name, "甲");
    // Names are octets: K and the Kelvin sign are two names, and a name need not be UTF-8.
    let mut octets = b"witness \xFF ".to_vec();
    octets.extend_from_slice(filled("@1\nwitness K @2\nwitness \u{212A} @3\nquorum \u{212A}\n").as_bytes());
    let read = Policy::parse(&octets).unwrap();
    let log = vkey(ORIGIN, 100, Algorithm::Ed25519);
    assert!(!read.judge_of(&cosigned(100, &[1, 2]), &log).unwrap().met);
    assert!(read.judge_of(&cosigned(100, &[3]), &log).unwrap().met);
}

#[rstest]
#[case("", 1, Fault::NoQuorum)]
#[case("witness a @1\n", 2, Fault::NoQuorum)]
#[case("witness a @1\nquorum a", 2, Fault::Unended)]
#[case("quorum none\r\n", 1, Fault::Control)]
#[case("#\u{0}\nquorum none\n", 1, Fault::Control)]
#[case("#\u{7f}\nquorum none\n", 1, Fault::Control)]
#[case("quorum none\nQuorum none\n", 2, Fault::Keyword)]
#[case("quorum\u{a0}none\n", 1, Fault::Keyword)]
#[case("quorum none\nquorum none\n", 2, Fault::SecondQuorum)]
#[case("quorum\n", 1, Fault::Words("quorum <name>"))]
#[case("quorum none none\n", 1, Fault::Words("quorum <name>"))]
#[case("quorum none # nobody\n", 1, Fault::Words("quorum <name>"))]
#[case("log\n", 1, Fault::Words("log <vkey> [<url>]"))]
#[case("log @log a b\n", 1, Fault::Words("log <vkey> [<url>]"))]
#[case("log @log\nlog @log\n", 2, Fault::DuplicateKey)]
#[case("witness a\n", 1, Fault::Words("witness <name> <vkey> [<url>]"))]
#[case("witness a @1 b c\n", 1, Fault::Words("witness <name> <vkey> [<url>]"))]
#[case("witness a @log\n", 1, Fault::NotACosigner)]
#[case("witness a b\n", 1, Fault::Key(VerifierKeyError::Malformed))]
#[case("witness a @1\nwitness a @2\n", 2, Fault::DuplicateName("a".into()))]
#[case("witness a @1\nwitness b @1\n", 2, Fault::DuplicateKey)]
#[case("witness none @1\n", 1, Fault::DuplicateName("none".into()))]
#[case("witness a @1\ngroup a any a\n", 2, Fault::DuplicateName("a".into()))]
#[case("witness a @1\ngroup none any a\n", 2, Fault::DuplicateName("none".into()))]
#[case("witness a @1\ngroup g any a none\n", 2, Fault::UnknownName("none".into()))]
#[case("witness a @1\ngroup g any g\n", 2, Fault::UnknownName("g".into()))]
#[case("group g any a\nwitness a @1\n", 1, Fault::UnknownName("a".into()))]
#[case("quorum a\nwitness a @1\n", 1, Fault::UnknownName("a".into()))]
#[case("witness a @1\ngroup g any a a\n", 2, Fault::DuplicateMember("a".into()))]
#[case("witness a @1\ngroup g any a\ngroup h any a\n", 3, Fault::DuplicateMember("a".into()))]
#[case("witness a @1\ngroup g any\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g all\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g 0 a\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g 2 a\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g 01 a\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g +1 a\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g ALL a\n", 2, Fault::Threshold)]
#[case("witness a @1\ngroup g\n", 2, Fault::Words("group <name> all|any|<k> <name>…"))]
fn what_the_format_forbids_is_refused_with_its_line(#[case] text: &str, #[case] line: usize, #[case] fault: Fault) {
    let refused = Policy::parse(filled(text).as_bytes()).unwrap_err();
    assert_eq!((refused.line, refused.fault), (line, fault));
}

#[test]
fn one_key_under_two_names_is_a_duplicate() {
    let other = vkey("witness.example/other", 1, Algorithm::Cosignature);
    let text = filled(&format!("witness a @1\nwitness b {other}\nquorum none\n"));
    assert_eq!(Policy::parse(text.as_bytes()).unwrap_err().fault, Fault::DuplicateKey);
}

#[test]
fn thirty_two_of_everything_and_more_are_taken_in_but_not_any_number() {
    let many = |count: u32| {
        let mut text = String::new();
        for number in 0..count {
            let seed = [number.to_be_bytes().as_slice(), &[1; 28]].concat().try_into().unwrap();
            let public = PublicKey(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes());
            let witness = VerifierKey::new("w.example", Algorithm::Cosignature, &public).unwrap();
            let log = VerifierKey::new("l.example", Algorithm::Ed25519, &public).unwrap();
            text.push_str(&format!("log {log}\nwitness w{number} {witness}\ngroup g{number} any w{number}\n"));
        }
        let members: Vec<_> = (0..count).map(|number| format!("g{number}")).collect();
        text + &format!("group all {} {}\nquorum all\n", count / 2 + 1, members.join(" "))
    };
    let read = Policy::parse(many(64).as_bytes()).unwrap();
    assert!(read.is_met(&|witness| witness < 33) && !read.is_met(&|witness| witness < 32));
    let refused = Policy::parse(many(257).as_bytes()).unwrap_err();
    assert_eq!((refused.line, refused.fault), (256 * 3 + 1, Fault::TooMany));
    assert_eq!(Policy::parse(&vec![b' '; 1 << 20]).unwrap_err().fault, Fault::TooLong);
}

#[test]
fn a_checkpoint_is_judged_only_if_its_log_signed_and_no_known_signature_is_bad() {
    let policy = policy("log @log\nlog @log2\nwitness a @1\nquorum a\n");
    assert!(policy.judge(&cosigned(100, &[1])).unwrap().met && policy.judge(&cosigned(101, &[1])).unwrap().met);
    assert_eq!(policy.judge(&cosigned(102, &[1])), Err(NoteError::Unsigned.into()));
    // Of two keys of the log, one signed well and one badly: the note is malformed.
    let mut note = cosigned(100, &[1]);
    let mut second = NoteSignature::sign(&note.text, ORIGIN, &key(101));
    second.bytes[3] ^= 1;
    note.signatures.push(second);
    assert_eq!(policy.judge(&note), Err(NoteError::BadSignature(ORIGIN.into()).into()));
    let mut note = cosigned(100, &[1, 2]);
    note.signatures[2].bytes[20] ^= 1;
    assert!(policy.judge(&note).unwrap().met, "a witness that is not listed is passed over");
    note.signatures[1].bytes[20] ^= 1;
    let bad = NoteError::BadSignature("witness.example/w1".into());
    assert_eq!(policy.judge(&note), Err(bad.into()));
    let strange = Checkpoint::new("other.example/v1", 7, digest(9)).sign(&key(100));
    assert_eq!(policy.judge(&strange), Err(CheckpointError::Origin("other.example/v1".into())));
}
