//! The witness protocol (c2sp.org/tlog-witness): every status, the example of the specification, and the log's side of it.

use rstest::rstest;
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Algorithm, Note, NoteError, NoteSignature, VerifierKey};
use sunvote::log::tree::{self, ProofError};
use sunvote::log::witness::{Answer, AnswerError, Held, Refusal, Request, SIZE_TYPE, answer, monitoring_path};

use crate::support::key;

const ORIGIN: &str = "localhost/log/d/331102";
const WITNESS: &str = "witness.example/w1";

/// The request printed in the specification.
const EXAMPLE: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

fn log_key(number: u8) -> VerifierKey {
    VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key(number).verifying_key().to_bytes())).unwrap()
}

fn witness_key() -> VerifierKey {
    VerifierKey::new(WITNESS, Algorithm::Cosignature, &PublicKey(key(9).verifying_key().to_bytes())).unwrap()
}

fn leaves(count: u8) -> Vec<Digest> {
    (0..count).map(|n| tree::leaf_hash(&[n])).collect()
}

fn checkpoint(size: u8) -> Note {
    Checkpoint::new(ORIGIN, size.into(), tree::root(&leaves(size))).sign(&key(1))
}

fn held(size: u8) -> Held {
    Held { size: size.into(), root: tree::root(&leaves(size)) }
}

fn honest(old: u8, new: u8) -> Request {
    let leaves = leaves(new);
    let proof = tree::prove_consistency(&mut leaves.as_slice(), old.into(), new.into()).unwrap();
    Request { old: old.into(), proof, note: checkpoint(new) }
}

/// What a witness that holds `size` and trusts the log's key 1 makes of a request that arrives as text.
fn judged(request: &Request, size: u8) -> Result<(), Refusal> {
    Request::parse(request.to_string().as_bytes())?.open(&[log_key(1)])?.decide(&held(size))
}

#[test]
fn the_specifications_example_is_read_and_written() {
    let request = Request::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len(), request.note.signatures.len()), (20_852_014, 4, 2));
    assert_eq!(request.to_string(), EXAMPLE);
}

#[test]
fn every_honest_step_is_cosigned_with_200() {
    assert_eq!(Held::default(), held(0));
    for new in 0..20 {
        for old in 0..=new {
            assert_eq!(judged(&honest(old, new), old), Ok(()), "{old} to {new}");
        }
    }
}

#[rstest]
#[case::empty("")]
#[case::no_old("\nx")]
#[case::other_word("new 1\n\n")]
#[case::leading_zero("old 01\n\n")]
#[case::sign("old +1\n\n")]
#[case::two_spaces("old  1\n\n")]
#[case::no_number("old \n\n")]
#[case::beyond("old 9223372036854775808\n\n")]
#[case::carriage_return("old 3\r\n\n")]
#[case::short_hash("old 3\nAAAA\n\n")]
#[case::odd_hash("old 3\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\n")]
#[case::no_empty_line("old 3\n")]
fn a_request_that_is_none_gets_400(#[case] head: &str) {
    let text = format!("{head}{}", checkpoint(5));
    let refusal = Request::parse(text.as_bytes()).and_then(|request| request.open(&[log_key(1)]));
    assert_eq!(refusal.map_err(|refusal| refusal.status()), Err(400), "{head}");
}

#[test]
fn more_than_63_hashes_or_an_old_size_above_the_checkpoints_get_400() {
    let with = |count: usize| Request { proof: vec![Digest([7; 32]); count], ..honest(3, 5) };
    assert!(Request::parse(with(63).to_string().as_bytes()).is_ok());
    assert_eq!(judged(&with(64), 3), Err(Refusal::Malformed("proof")));
    let backwards = Request { old: 6, ..honest(5, 5) };
    assert_eq!(judged(&backwards, 6).map_err(|r| r.status()), Err(400));
    assert_eq!(Request::parse(&vec![b'x'; 1 << 20]), Err(Refusal::Malformed("too long")));
    let no_checkpoint = Note { text: "one\ntwo\n".into(), ..checkpoint(5) };
    assert_eq!(judged(&Request { note: no_checkpoint, ..honest(3, 5) }, 3), Err(Refusal::Malformed("checkpoint")));
}

#[test]
fn an_unknown_log_gets_404_whoever_signed() {
    let other = Checkpoint::new("localhost/log/d/331103", 5, tree::root(&leaves(5))).sign(&key(1));
    let refusal = judged(&Request { note: other, ..honest(3, 5) }, 3).unwrap_err();
    assert_eq!((refusal.status(), &refusal), (404, &Refusal::UnknownLog));
}

#[test]
fn a_checkpoint_without_the_logs_good_signature_gets_403() {
    let resigned = Checkpoint::parse(&checkpoint(5).text).unwrap().sign(&key(2));
    let unsigned = judged(&Request { note: resigned, ..honest(3, 5) }, 3).unwrap_err();
    assert_eq!((unsigned.status(), &unsigned), (403, &Refusal::Forbidden(NoteError::Unsigned)));
    let mut request = honest(3, 5);
    request.note.signatures[0].bytes[7] ^= 1;
    let bad = judged(&request, 3).unwrap_err();
    assert_eq!((bad.status(), &bad), (403, &Refusal::Forbidden(NoteError::BadSignature(ORIGIN.into()))));
    // One good signature doesn't mend a bad one by a key that is trusted too.
    let mut request = honest(3, 5);
    let mut second = NoteSignature::sign(&request.note.text, ORIGIN, &key(2));
    second.bytes[0] ^= 1;
    request.note.signatures.push(second);
    let opened = Request::parse(request.to_string().as_bytes()).unwrap().open(&[log_key(1), log_key(2)]);
    assert_eq!(opened.unwrap_err().status(), 403);
}

#[test]
fn signatures_of_strangers_are_passed_over_and_not_kept() {
    let mut request = honest(3, 5);
    request.note.signatures.insert(0, NoteSignature::sign(&request.note.text, "stranger.example", &key(5)));
    request.note.signatures.push(NoteSignature { name: ORIGIN.into(), id: [6; 4], bytes: vec![6; 2_420] });
    let opened = request.open(&[log_key(1)]).unwrap();
    assert_eq!(opened.decide(&held(3)), Ok(()));
    assert_eq!(opened.note, checkpoint(5));
}

#[rstest]
#[case::behind(2, 5, 3)]
#[case::ahead(4, 5, 3)]
#[case::from_nothing(0, 5, 3)]
#[case::after_a_rollback(2, 2, 3)]
#[case::nothing_on_record(3, 5, 0)]
fn an_old_size_that_is_not_on_record_gets_409_with_the_one_that_is(#[case] old: u8, #[case] new: u8, #[case] size: u8) {
    let refusal = judged(&honest(old, new), size).unwrap_err();
    assert_eq!((refusal.status(), &refusal), (409, &Refusal::Conflict { size: size.into() }));
}

#[test]
fn what_is_not_consistent_gets_422() {
    let refused = |request: &Request, size: u8| judged(request, size).unwrap_err();
    let length = Refusal::Inconsistent(ProofError::Length);
    let root = Refusal::Inconsistent(ProofError::Root);
    let sign = |size: u8, root: Digest| Checkpoint::new(ORIGIN, size.into(), root).sign(&key(1));
    let extra = |request: Request| Request { proof: [request.proof, vec![Digest([1; 32])]].concat(), ..request };
    let mut other_hash = honest(3, 7);
    other_hash.proof[1].0[0] ^= 1;
    let mut short = honest(3, 7);
    short.proof.pop();
    let cases = [
        (other_hash, 3, &root),
        (short, 3, &length),
        (extra(honest(3, 7)), 3, &length),
        (extra(honest(0, 7)), 0, &length),
        (extra(honest(7, 7)), 7, &length),
        (Request { note: sign(7, Digest([1; 32])), ..honest(7, 7) }, 7, &root),
        (Request { note: sign(7, Digest([1; 32])), ..honest(3, 7) }, 3, &root),
        (Request { note: sign(0, Digest([1; 32])), ..honest(0, 0) }, 0, &root),
    ];
    for (number, (request, size, expected)) in cases.iter().enumerate() {
        let refusal = refused(request, *size);
        assert_eq!((refusal.status(), &refusal), (422, *expected), "case {number}");
    }
}

#[test]
fn the_log_reads_what_the_witness_answers() {
    let note = checkpoint(5);
    let own = NoteSignature::cosign(&note.text, WITNESS, &key(9), 1_700_000_000);
    let other = NoteSignature::cosign(&note.text, "witness.example/w2", &key(8), 1_700_000_000);
    let read = |status, media, body: &str| Answer::read(status, media, body.as_bytes(), &note, &witness_key());
    let both = answer(&[other.clone(), own.clone()]);
    assert_eq!(read(200, None, &both), Ok(Answer::Cosigned(vec![own.clone()])));
    assert_eq!(read(409, Some(SIZE_TYPE), "17\n"), Ok(Answer::Conflict { size: 17 }));
    assert_eq!(read(409, Some("text/plain"), "17\n"), Ok(Answer::Refused { status: 409 }));
    assert_eq!(read(422, None, "no"), Ok(Answer::Refused { status: 422 }));
    let malformed = |body| assert!(matches!(read(200, None, body), Err(AnswerError::Malformed(_))));
    malformed(both.trim_end());
    malformed("");
    let unsigned = AnswerError::Signature(NoteError::Unsigned);
    assert_eq!(read(200, None, &answer(&[other])), Err(unsigned));
    for bad in ["\n", "— x\n", "no\n"] {
        assert!(matches!(read(200, None, bad), Err(AnswerError::Signature(NoteError::Malformed(_)))), "{bad}");
    }
    for bad in ["17", "017\n", "17\n\n", "\n", "9223372036854775808\n"] {
        assert_eq!(read(409, Some(SIZE_TYPE), bad), Err(AnswerError::Malformed("size")), "{bad}");
    }
    let mut forged = own;
    forged.bytes[12] ^= 1;
    let bad = AnswerError::Signature(NoteError::BadSignature(WITNESS.into()));
    assert_eq!(read(200, None, &answer(&[forged])), Err(bad));
    assert_eq!(read(200, None, &" ".repeat(1 << 20)), Err(AnswerError::Malformed("too long")));
}

#[test]
fn the_monitoring_path_is_the_origins_fingerprint() {
    // printf example.com/behind-the-sofa | sha256sum
    let expected = "5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4/checkpoint";
    assert_eq!(monitoring_path("example.com/behind-the-sofa"), expected);
}
