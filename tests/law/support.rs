//! A village to try the law on, and a short way to say what is refused.

use ed25519_dalek::SigningKey;
use sunvote::core::act::Act;
use sunvote::core::act::village::{KeyRow, KeysEnrolled};
use sunvote::core::act::voting::ResultAnnounced;
use sunvote::core::catalogue::Catalogue;
use sunvote::core::defaults::profiles;
use sunvote::core::ids::{Digest, MatterId, PersonId, PublicKey};
use sunvote::core::model::{Body, Category, KeyKind, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::rules::Profile;
use sunvote::core::state::matter::{Matter, Standing};
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};

/// The body that most tests meet in: 45 on the roster.
pub const ASSEMBLY: Body = Body::RepresentativeAssembly;

/// A founded village: nothing but entry 0, on a Monday morning.
pub fn founded() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let founding = Founding::invented("331102001206".parse().unwrap(), "liandu.example", time, 7);
    Scribe::found(founding).unwrap()
}

/// A village of real size: 45 on the roster, profiles and calendars shipped, everyone with a key.
pub fn village() -> Scribe {
    village_of(&Term::default())
}

/// A village with other numbers.
pub fn village_of(term: &Term) -> Scribe {
    let mut scribe = founded();
    scribe.settle(term).unwrap();
    scribe
}

/// A village with a matter that has been filed and waits for its ballot.
pub fn at_ballot() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    (scribe, matter)
}

/// Asserts that something was refused under this rule.
#[track_caller]
pub fn refused<T>(result: Result<T, Rejection>, rule: Rule) {
    match result {
        Err(rejection) => assert_eq!(rejection.rule, rule, "{rejection}"),
        Ok(_) => panic!("not refused under {rule}"),
    }
}

/// A session on one matter with so many signed in at the door and tellers named; the vote on `q1` is not open yet.
pub fn gathered(present: u32) -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], present).unwrap();
    (scribe, Vote::on(session, matter, "q1").unwrap())
}

/// As [`gathered`], with the vote open.
pub fn voting(present: u32) -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered(present);
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

/// As [`voting`], after everyone present has voted, closing and the end of deliveries.
pub fn delivered(present: u32, choices: &[(&str, usize)]) -> (Scribe, Vote) {
    let (mut scribe, vote) = voting(present);
    scribe.cast_all(&vote, choices).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    (scribe, vote)
}

/// The assembly's shipped profile in its next version, changed by `with`.
pub fn local_profile(with: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = profiles().into_iter().find(|profile| profile.body == ASSEMBLY).unwrap();
    profile.version += 1;
    with(&mut profile);
    profile
}

/// A catalogue as a district may adopt it, changed by `with`.
pub fn catalogue(with: impl FnOnce(&mut Catalogue)) -> Catalogue {
    let shown = include_str!("../../docs/catalogue.example.json");
    let mut catalogue: Catalogue = serde_json::from_str(shown).unwrap();
    catalogue.effective = "2026-01-01".parse().unwrap();
    with(&mut catalogue);
    catalogue
}

/// A session with so many present under a profile that was changed by `with` before the plan was settled.
pub fn gathered_under(present: u32, with: impl FnOnce(&mut Profile)) -> (Scribe, Vote) {
    let mut scribe = village();
    scribe.adopt(local_profile(with)).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], present).unwrap();
    (scribe, Vote::on(session, matter, "q1").unwrap())
}

/// Where the matter stands.
pub fn standing(scribe: &Scribe, matter: MatterId) -> Standing {
    scribe.state().matter(matter).unwrap().standing
}

/// The matter, to be looked at.
pub fn matter_of(scribe: &Scribe, matter: MatterId) -> &Matter {
    scribe.state().matter(matter).unwrap()
}

/// The latest result of a matter.
pub fn result_of(scribe: &Scribe, matter: MatterId) -> ResultAnnounced {
    matter_of(scribe, matter).results.last().unwrap().result.clone()
}

/// How many chose each option, in the question's order.
pub fn counts(result: &ResultAnnounced) -> Vec<u32> {
    result.counts.iter().map(|row| row.count).collect()
}

/// A person signs in a role.
pub fn hand(person: PersonId, role: Role) -> Hand {
    Hand::Person(person, role)
}

/// A header of a vote, resting on `basis`.
pub fn on_vote(vote: &Vote, basis: Digest) -> Header {
    let question = Some(vote.question.clone());
    Header { session: Some(vote.session), question, ..Header::of(vote.matter) }.on(basis)
}

/// A new key from a number.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// Its public half.
pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// Enrols a key for a person by clerk and supervision committee.
pub fn enrol(scribe: &mut Scribe, person: PersonId, key: PublicKey) -> Result<Appended, Rejection> {
    let act = KeysEnrolled { keys: vec![KeyRow { person, key, key_kind: KeyKind::Card }] };
    scribe.act(&scribe.two(), Header::default(), Act::KeysEnrolled(act))
}
