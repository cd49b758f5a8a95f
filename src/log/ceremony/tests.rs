use super::{CeremonyError, Fault, Item, Named, read, words, write};
use crate::core::act::Act;
use crate::core::ids::Digest;
use crate::log::district::{Directory, Says};
use crate::log::dsse::{Envelope, Signature};
use crate::log::entry::Entry;
use crate::log::note::{Algorithm, VerifierKey};
use crate::log::scribe::{Founding, Hand, Scribe};

fn scribe() -> Scribe {
    let (village, time) = ("331102001206".parse().unwrap(), "2026-03-02T01:00:00.000Z".parse().unwrap());
    let mut scribe = Scribe::found(Founding::invented(village, "liandu.example", time, 7)).unwrap();
    scribe.adopt_defaults().unwrap();
    scribe.enrol_township().unwrap();
    scribe
}

/// The statements that roots sign in a young record, with their two signatures.
fn items(scribe: &Scribe) -> Vec<Item> {
    let read = |bytes: &[u8]| {
        let envelope = Entry::parse(bytes).unwrap().statement;
        let mut item = Item::unsigned(envelope.payload, "黄泥墩村".to_owned(), Vec::new()).unwrap();
        let someone = |id| scribe.someone(id).unwrap();
        let named = |id| Named { person: id, name: someone(id).name.clone(), salt: Digest(someone(id).salt) };
        item.people = words::people(&item.statement.act).iter().map(|row| named(row.person)).collect();
        let whole = envelope.signatures;
        (0..2).for_each(|root| item.sign(scribe.key_of(Hand::Root(root)).unwrap()));
        assert_eq!(item.envelope.signatures, whole);
        item
    };
    scribe.entries.iter().map(|entry| read(&entry.bytes)).collect()
}

fn file(items: &[Item]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(items, &mut bytes).unwrap();
    bytes
}

fn fault(bytes: &[u8]) -> (usize, Fault) {
    match read(bytes) {
        Err(CeremonyError::Line { line, fault }) => (line, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_comes_back_as_it_was_with_signatures_in_the_order_of_signers() {
    let scribe = scribe();
    let mut items = items(&scribe);
    assert_eq!(read(file(&items).as_slice()).unwrap(), items);
    let whole = items.clone();
    for item in &mut items {
        item.envelope.signatures.clear();
        item.directory.clear();
        assert_eq!(item.missing().count(), 2);
        for root in [1, 0] {
            item.sign(scribe.key_of(Hand::Root(root)).unwrap());
        }
        item.directory.reverse();
    }
    assert_eq!(items, whole);
    assert!(words::missing(&items).is_empty());
}

#[test]
fn a_file_that_was_cut_or_added_to_is_refused() {
    let items = items(&scribe());
    let bytes = file(&items);
    let cut = bytes.iter().rposition(|b| *b == b'{').unwrap();
    assert!(read(&bytes[..cut]).is_err());
    let last = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    assert!(matches!(read(&bytes[..last]), Err(CeremonyError::Count { .. })));
    let added = [&bytes[..], &bytes[last..]].concat();
    assert!(matches!(read(added.as_slice()), Err(CeremonyError::Count { .. })));
    assert!(matches!(read(&b"sunvote/record/v1\n"[..]), Err(CeremonyError::Format)));
}

#[test]
fn a_payload_changed_after_signing_a_foreign_signature_and_a_false_name_are_named_with_their_line() {
    let scribe = scribe();
    let items = items(&scribe);
    let mut changed = items.clone();
    let payload = String::from_utf8(changed[1].envelope.payload.clone()).unwrap();
    changed[1].envelope.payload = payload.replacen("\"year\":2026", "\"year\":2025", 1).into_bytes();
    assert!(matches!(fault(&file(&changed)), (3, Fault::Statement(_, "calendar.adopted"))));
    let mut foreign = items.clone();
    let pae = foreign[0].envelope.pae();
    foreign[0].envelope.signatures = vec![Signature::sign(&pae, scribe.key_of(Hand::Log).unwrap())];
    assert!(matches!(fault(&file(&foreign)), (2, Fault::Shape(_))));
    let mut renamed = items.clone();
    renamed[0].people[0].name = "别人".to_owned();
    assert!(matches!(fault(&file(&renamed)), (2, Fault::Name(_))));
    renamed[0].people[0].name = "吴\u{202E}香".to_owned();
    assert!(matches!(fault(&file(&renamed)), (2, Fault::Text(_))));
}

#[test]
fn what_roots_do_not_sign_is_refused() {
    let mut scribe = scribe();
    scribe.settle(&crate::log::scribe::people::Term::default()).ok();
    let clerks = scribe.two();
    let statement = scribe.draft(&clerks, crate::core::statement::Header::default(), Act::KinDeclared(kin())).unwrap();
    let envelope = Envelope {
        payload_type: crate::log::dsse::STATEMENT_TYPE.to_owned(),
        payload: statement.to_payload().unwrap(),
        signatures: Vec::new(),
    };
    let item = Item { statement, envelope, place: String::new(), people: Vec::new(), directory: Vec::new() };
    assert!(matches!(fault(&file(&[item])), (2, Fault::NotForRoots)));
}

fn kin() -> crate::core::act::village::KinDeclared {
    let person = |n| crate::core::ids::PersonId::from_bytes([n; 16]);
    crate::core::act::village::KinDeclared { persons: vec![person(1), person(2)] }
}

#[test]
fn the_words_name_the_village_its_officers_and_the_numbers_of_a_profile() {
    let scribe = scribe();
    let text = words::summary(&items(&scribe));
    let clerk = scribe.someone(scribe.clerk()).unwrap();
    assert!(text.contains("founding of 331102001206 黄泥墩村"), "{text}");
    assert!(text.contains(&clerk.name) && text.contains(&words::fingerprint(&clerk.public())), "{text}");
    assert!(text.contains("quorum     2/3 of all; passes with more than 1/2 of those present"), "{text}");
    assert!(text.contains("NOT confirmed"), "{text}");
}

#[test]
fn who_founds_a_log_enters_its_key_in_the_directory() {
    let scribe = scribe();
    let items = items(&scribe);
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    let mut directory = Directory::new("liandu.example/log/d/331102", &scribe.state().roots, None).unwrap();
    assert_eq!(directory.take(&items[0].key_leaf().unwrap()), Ok(Says::Key(log)));
    assert!(items[1..].iter().all(|item| item.key_leaf().is_none() && item.directory.is_empty()));
    let (mut twice, mut foreign, mut beside) = (items.clone(), items.clone(), items.clone());
    twice[0].directory[1] = items[0].directory[0].clone();
    foreign[0].directory[1].bytes[9] ^= 1;
    beside[1].directory = items[0].directory.clone();
    for (items, line) in [(twice, 2), (foreign, 2), (beside, 3)] {
        assert!(matches!(fault(&file(&items)), (at, Fault::Shape(_)) if at == line));
    }
    let mut half = items[0].clone();
    half.directory.pop();
    assert_eq!(half.missing().collect::<Vec<_>>(), [half.statement.by[1].key], "one root has not entered it");
}
