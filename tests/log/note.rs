//! Signed notes: published vectors, each rule of the format, and the `signed_note` crate as a second opinion.

use proptest::prelude::*;
use signed_note::{StandardVerifier, Verifier, VerifierList};
use sunvote::core::ids::PublicKey;
use sunvote::log::note::{Algorithm, Note, NoteError, NoteSignature, VerifierKey, VerifierKeyError};
use sunvote::log::text::{from_base64, to_base64};

use crate::support::key;

/// Example of c2sp.org/signed-note, "Verifier keys".
const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn verifier(name: &str, number: u8, algorithm: Algorithm) -> VerifierKey {
    VerifierKey::new(name, algorithm, &PublicKey(key(number).verifying_key().to_bytes())).unwrap()
}

fn signed(text: &str, signers: &[(&str, u8)]) -> Note {
    let signatures = signers.iter().map(|(name, number)| NoteSignature::sign(text, name, &key(*number))).collect();
    Note { text: text.to_owned(), signatures }
}

#[test]
fn the_published_note_verifies() {
    let key = VerifierKey::parse(KEY).unwrap();
    assert_eq!((key.name(), key.algorithm(), key.to_string()), ("example.com/foo", Algorithm::Ed25519, KEY.to_owned()));
    let note = Note::parse(NOTE.as_bytes()).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    assert_eq!(note.to_string(), NOTE);
    let known = [key];
    let verified = note.verify(&known).unwrap();
    assert_eq!((verified.len(), verified[0].time), (1, None));
    let other = Note { text: "This is another message.\n".into(), ..note };
    assert_eq!(other.verify(&known), Err(NoteError::BadSignature("example.com/foo".into())));
}

#[test]
fn verifier_keys_are_split_at_the_first_two_plus_signs() {
    let keys = (0..=255).map(|number| verifier("log.example/v", number, Algorithm::Ed25519).to_string());
    let with_plus: Vec<_> = keys.filter(|key| key.matches('+').count() > 2).collect();
    assert!(!with_plus.is_empty());
    for text in with_plus {
        assert_eq!(VerifierKey::parse(&text).unwrap().to_string(), text);
    }
}

#[test]
fn malformed_verifier_keys_are_refused() {
    use VerifierKeyError as E;
    let odd = |byte: u8| to_base64(&[&[byte][..], &[1; 32]].concat());
    let cases = [
        ("example.com/foo".to_owned(), E::Malformed),
        ("example.com/foo+530d903a".to_owned(), E::Malformed),
        (KEY.replace("530d903a", "530D903A"), E::Id),
        (KEY.replace("530d903a", "530d903b"), E::Id),
        (KEY.replace("example.com/foo", "example.com/fop"), E::Id),
        (KEY.replace("example.com/foo", "example.com foo"), E::Malformed),
        (KEY.replace("example.com/foo", ""), E::Malformed),
        (KEY.replace("3U2k", "3U2"), E::Malformed),
        (KEY.replace("3U2k", ""), E::Malformed),
        (format!("a+00000000+{}", odd(6)), E::Algorithm),
        (format!("a+00000000+{}", odd(2)), E::Algorithm),
        (
            format!("a+00000000+{}", to_base64(&[&[1][..], &[0; 32]].concat())),
            E::Key(sunvote::log::sigset::KeyFault::SmallOrder),
        ),
    ];
    for (text, error) in cases {
        assert_eq!(VerifierKey::parse(&text), Err(error), "{text}");
    }
}

#[test]
fn the_last_empty_line_divides_text_and_signatures() {
    let text = "one\n\n— not.a/signature line\n\nlast\n";
    let note = signed(text, &[("a.example", 1)]);
    assert_eq!(Note::parse(note.to_string().as_bytes()).unwrap(), note);
}

#[test]
fn malformed_notes_are_refused() {
    let cases = [
        String::new(),
        "\n".to_owned(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        NOTE.trim_end().to_owned(),
        format!("{NOTE}\n"),
        format!("{NOTE}x"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— example.com/foo ", "— example.com/foo  "),
        NOTE.replace("— example.com/foo", "— example.com+foo"),
        NOTE.replace("— example.com/foo", "— "),
        NOTE.replace("— example.com/foo", "— example.com\u{2003}foo"),
        NOTE.replace("aQM=", "aQM"),
        NOTE.replace("aQM=", "aQN="),
        NOTE.replace("an example", "an\texample"),
        NOTE.replace("an example", "an\0example"),
        NOTE.replace('\n', "\r\n"),
        "text\n\n— a.example AAAAAA==\n".to_owned(),
    ];
    for text in cases {
        assert!(matches!(Note::parse(text.as_bytes()), Err(NoteError::Malformed(_))), "{text:?}");
        assert!(signed_note::Note::from_bytes(text.as_bytes()).is_err(), "{text:?}");
    }
    let not_utf8 = [NOTE.as_bytes(), b"\xff\n"].concat();
    assert!(Note::parse(&not_utf8).is_err());
}

#[test]
fn unknown_keys_and_algorithms_are_passed_over() {
    let mut note = signed("text\n", &[("a.example", 1), ("b.example", 2)]);
    // An ML-DSA cosignature (algorithm 0x06) has 2,428 bytes after its id.
    note.signatures.push(NoteSignature { name: "c.example".into(), id: [6; 4], bytes: vec![7; 2_428] });
    // A stranger may use a known name, or a known id, but not both.
    note.signatures.push(NoteSignature::sign("other\n", "b.example", &key(3)));
    let known = [verifier("b.example", 2, Algorithm::Ed25519)];
    let note = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(note.verify(&known).unwrap().len(), 1);
    assert_eq!(note.verify(&[verifier("b.example", 9, Algorithm::Ed25519)]), Err(NoteError::Unsigned));
    assert_eq!(note.verify(&[]), Err(NoteError::Unsigned));
}

#[test]
fn a_known_keys_bad_signature_rejects_the_note() {
    let mut note = signed("text\n", &[("a.example", 1), ("b.example", 2)]);
    note.signatures[1].bytes[40] ^= 1;
    let known = [verifier("a.example", 1, Algorithm::Ed25519), verifier("b.example", 2, Algorithm::Ed25519)];
    assert_eq!(note.verify(&known), Err(NoteError::BadSignature("b.example".into())));
    assert_eq!(note.verify(&known[..1]).unwrap().len(), 1);
    note.signatures[1].bytes.truncate(63);
    assert_eq!(note.verify(&known), Err(NoteError::BadSignature("b.example".into())));
}

#[test]
fn a_key_that_signs_twice_counts_once_and_keys_must_be_told_apart() {
    let note = signed("text\n", &[("a.example", 1), ("a.example", 1)]);
    let known = [verifier("a.example", 1, Algorithm::Ed25519)];
    assert_eq!(note.verify(&known).unwrap().len(), 1);
    let twice = [known[0].clone(), known[0].clone()];
    assert!(matches!(note.verify(&twice), Err(NoteError::Ambiguous(_))));
}

#[test]
fn many_signatures_are_accepted_up_to_a_limit() {
    let many = |count: u8| {
        let names: Vec<String> = (0..count).map(|i| format!("w{i}.example")).collect();
        let signers: Vec<(&str, u8)> = names.iter().map(String::as_str).zip(0..).collect();
        Note::parse(signed("text\n", &signers).to_string().as_bytes())
    };
    assert_eq!(many(100).unwrap().verify(&[verifier("w15.example", 15, Algorithm::Ed25519)]).unwrap().len(), 1);
    assert_eq!(many(101), Err(NoteError::Malformed("too many signatures")));
}

#[test]
fn a_cosignature_covers_its_time() {
    let text = "log.example/v1\n1\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n";
    let known = [verifier("w.example", 1, Algorithm::Cosignature)];
    let line = NoteSignature::cosign(text, "w.example", &key(1), 1_700_000_000);
    let mut note = Note { text: text.to_owned(), signatures: vec![line] };
    assert_eq!(note.verify(&known).unwrap()[0].time, Some(1_700_000_000));
    note.signatures[0].bytes[7] ^= 1;
    assert_eq!(note.verify(&known), Err(NoteError::BadSignature("w.example".into())));
    // The key of a cosigner is not that of a plain signer, though the bytes are the same.
    assert_eq!(note.verify(&[verifier("w.example", 1, Algorithm::Ed25519)]), Err(NoteError::Unsigned));
    let late = u64::MAX.to_be_bytes();
    note.signatures[0].bytes[..8].copy_from_slice(&late);
    assert_eq!(note.verify(&known), Err(NoteError::BadSignature("w.example".into())));
}

proptest! {
    /// One changed byte of a good note: both implementations take or refuse it, and see the same in it.
    #[test]
    fn parsing_agrees_with_signed_note(at in any::<prop::sample::Index>(), byte: u8, insert: bool) {
        let mut bytes = signed("log.example/v\n17\nAAAA\n", &[("log.example/v", 1), ("w.example", 2)]).to_string().into_bytes();
        let at = at.index(bytes.len());
        if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        match (Note::parse(&bytes), signed_note::Note::from_bytes(&bytes)) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert_eq!(ours.text.as_bytes(), theirs.text());
                prop_assert_eq!(ours.to_string().into_bytes(), bytes);
                let vkey = verifier("log.example/v", 1, Algorithm::Ed25519);
                let their_key = StandardVerifier::new(&vkey.to_string()).unwrap();
                prop_assert_eq!(their_key.key_id(), u32::from_be_bytes(vkey.id()));
                let their_list = VerifierList::new(vec![Box::new(their_key)]);
                prop_assert_eq!(ours.verify(&[vkey]).is_ok(), theirs.verify(&their_list).is_ok());
            }
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "ours {ours:?}, theirs {theirs:?}"),
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(bytes: Vec<u8>, text in "(— [a-z]{1,3} [A-Za-z0-9+/]{0,12}={0,2}\n|\n|[a-z]{1,3}\n){0,6}") {
        let _ = Note::parse(&bytes);
        let ours = Note::parse(text.as_bytes());
        prop_assert_eq!(ours.is_ok(), signed_note::Note::from_bytes(text.as_bytes()).is_ok());
        let _ = VerifierKey::parse(&text);
        let _ = from_base64(&bytes);
    }
}
