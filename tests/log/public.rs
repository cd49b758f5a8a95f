//! What the public bytes of a record tell nobody: names and texts, whether a guess at a document is right, and how a vote
//! stands before its ballots are opened.

use sunvote::core::commit;
use sunvote::core::model::{Body, Category};
use sunvote::log::entry::Entry;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};

use crate::lawful::village;

/// Every payload of a record, as text.
fn payloads(scribe: &Scribe) -> Vec<String> {
    let statement = |line: &[u8]| Entry::parse(line).unwrap().statement.payload;
    scribe.entries.iter().map(|entry| String::from_utf8(statement(&entry.bytes)).unwrap()).collect()
}

#[test]
fn public_bytes_hold_no_names_and_no_texts() {
    let scribe = village();
    let public = payloads(&scribe).join("\n") + &String::from_utf8(scribe.export().unwrap()).unwrap();
    let mut names = 0;
    for someone in scribe.everyone() {
        assert!(!public.contains(&someone.name), "{}", someone.name);
        assert!(!public.contains(&hex::encode(someone.salt)), "the salt of {}", someone.name);
        names += usize::from(public.contains(&commit::person(&someone.salt, &someone.name).to_string()));
    }
    assert!(names >= 10, "{names} names are committed to");
    assert!(scribe.documents.len() >= 10);
    for document in &scribe.documents {
        let text = String::from_utf8_lossy(&document.bytes);
        assert!(!public.contains(text.trim()), "{text}");
        assert!(!public.contains(&hex::encode(document.salt)), "the salt of {text}");
    }
}

#[test]
fn a_guessed_document_is_not_confirmed_by_public_bytes() {
    let scribe = village();
    let public = payloads(&scribe).join("\n");
    let salts: std::collections::BTreeSet<[u8; 32]> = scribe.documents.iter().map(|document| document.salt).collect();
    assert_eq!(salts.len(), scribe.documents.len(), "each has a salt of its own");
    let mut named = 0;
    for document in &scribe.documents {
        let known = commit::document(&document.salt, &document.bytes);
        named += usize::from(public.contains(&known.to_string()));
        let guesses = [commit::plain(&document.bytes), commit::document(&[0; 32], &document.bytes)];
        let others = scribe.documents.iter().filter(|other| other.bytes != document.bytes);
        let with_theirs = others.map(|other| commit::document(&other.salt, &document.bytes));
        for guess in guesses.into_iter().chain(with_theirs) {
            assert!(!public.contains(&guess.to_string()), "a guess is confirmed");
        }
    }
    assert!(named >= 10, "with their salts {named} are the documents named");
}

const VOTERS: u32 = 15;

/// An open vote in which everybody has cast the same choice.
fn voted(choice: &str) -> (Scribe, usize) {
    let begins = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let founding = Founding::invented("331102001206".parse().unwrap(), "liandu.example", begins, 7);
    let mut scribe = Scribe::found(founding).unwrap();
    scribe.settle(&Term { representatives: VOTERS as usize, ..Term::default() }).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], VOTERS).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    let before = scribe.entries.len();
    for voter in 1..=VOTERS {
        scribe.cast(&vote, voter, choice).unwrap();
    }
    (scribe, before)
}

#[test]
fn ballots_for_and_against_cant_be_told_apart_by_bytes_or_size() {
    let ((yes, before), (no, _)) = (voted("for"), voted("against"));
    assert_eq!(yes.entries.len(), no.entries.len());
    for (one, other) in yes.entries[before..].iter().zip(&no.entries[before..]) {
        assert_eq!(one.bytes.len(), other.bytes.len(), "equally long");
        let (one, other) = (Entry::parse(&one.bytes).unwrap(), Entry::parse(&other.bytes).unwrap());
        assert_eq!((one.time, one.statement.payload_type), (other.time, other.statement.payload_type));
        let masked = |payload: Vec<u8>| {
            let mut payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
            let commitment = payload["commitment"].take();
            assert_eq!(commitment.as_str().unwrap().len(), 64);
            (payload, commitment)
        };
        let ((one, hidden), (other, differs)) = (masked(one.statement.payload), masked(other.statement.payload));
        assert_eq!(one, other, "nothing else depends on the choice");
        assert_ne!(hidden, differs);
    }
    let open = String::from_utf8(yes.export().unwrap()).unwrap() + &payloads(&yes)[before..].join("\n");
    for opening in yes.openings.values() {
        assert!(!open.contains(&opening.nonce.to_string()), "a nonce in public bytes");
    }
    assert_eq!(yes.openings.len(), VOTERS as usize);
}
