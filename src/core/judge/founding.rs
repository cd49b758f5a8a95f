//! Entry 0: the village's record begins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::core::act::Act;
use crate::core::act::village::{Founded, Founder};
use crate::core::ids::{Digest, PublicKey};
use crate::core::judge::case::length;
use crate::core::keys;
use crate::core::model::{KeyKind, Role};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::people::{Key, People, Person};
use crate::core::state::recent::Recent;
use crate::core::state::{Law, Position, State};
use crate::core::statement::{Signer, Statement};
use crate::core::table::{self, Window};

/// The rules version that this program knows.
pub const RULES: u32 = 1;

/// Judges the founding statement and makes the first state. `roots` are the root keys that the reader trusts, got out of
/// band; without them the record's own are taken, and the reader must be told so.
///
/// # Errors
/// The first rule that it breaks.
pub fn found(statement: &Statement, id: Digest, at: Position, roots: Option<&[PublicKey]>) -> Result<State, Rejection> {
    let Act::VillageFounded(act) = &statement.act else {
        return Err(Rejection::new(Rule::FoundingPlace, "village.founded", statement.kind().code()));
    };
    ensure(at.seq == 0, Rule::FoundingPlace, "entry 0", at.seq)?;
    // First of all: what strangers founded deserves no other verdict, whatever else is wrong with it.
    check_named(&statement.by, roots)?;
    ensure(act.rules == RULES, Rule::RulesUnknown, RULES, act.rules)?;
    let suffix = format!("/log/v/{}", statement.village);
    ensure(act.origin.ends_with(&suffix) && is_origin(&act.origin), Rule::ValueRange, &suffix, &act.origin)?;
    ensure(statement.village.district() == act.district, Rule::ValueRange, "the village's district", "another")?;
    check_roots(&act.roots)?;
    let signed = statement.by.len() == 2
        && statement.by[0].key != statement.by[1].key
        && statement.by.iter().all(|s| s.role == Role::Root && s.person.is_none() && act.roots.contains(&s.key));
    ensure(signed, Rule::FoundingRoots, "two roots of the district", "other signers")?;
    ensure(keys::is_fit(&act.log_key), Rule::KeyUnfit, "a sound key", act.log_key)?;
    let ahead = statement.at.ms() - at.time.ms();
    ensure(ahead <= 120_000, Rule::StatementTime, at.time, statement.at)?;
    let known_until = statement.at.plus_ms(table::travel_ms(Window::Offline));
    ensure(at.time <= known_until, Rule::StatementTime, at.time, statement.at)?;
    let people = first_people(act, at)?;
    check_apart(&people, &act.roots, act.log_key)?;
    let mut recent = Recent::default();
    recent.add(known_until, id, at.time);
    Ok(State {
        village: statement.village,
        district: act.district,
        origin: act.origin.clone(),
        log_key: act.log_key,
        roots: act.roots.clone(),
        last: at,
        anchor: None,
        merged_into: None,
        law: Arc::new(Law { rules: act.rules, ..Law::default() }),
        people: Arc::new(people),
        matters: BTreeMap::new(),
        sessions: BTreeMap::new(),
        arriving: BTreeMap::new(),
        recent,
    })
}

/// A second founding is never lawful.
pub(crate) fn again() -> Result<(), Rejection> {
    Err(Rejection::new(Rule::FoundingPlace, "entry 0 only", "a second founding"))
}

/// Refuses root keys that are too few, too many, unsound or named twice.
pub(crate) fn check_roots(roots: &[PublicKey]) -> Result<(), Rejection> {
    length(roots, 2, 9)?;
    let distinct = roots.iter().collect::<BTreeSet<_>>().len() == roots.len();
    ensure(distinct && roots.iter().all(keys::is_fit), Rule::KeyUnfit, "2 to 9 sound keys", "other keys")
}

/// One key belongs to one holder: no root key, and not the log's, is a person's too (PROTOCOL 3).
pub(crate) fn check_apart(people: &People, roots: &[PublicKey], log_key: PublicKey) -> Result<(), Rejection> {
    let mut special = roots.iter().chain([&log_key]);
    let shared = special.find(|key| people.keys.contains_key(key));
    ensure(shared.is_none() && !roots.contains(&log_key), Rule::KeyUnfit, "keys of one holder each", "a shared key")
}

/// Both founders must be among the roots that the reader names. Names the first who isn't.
fn check_named(by: &[Signer], roots: Option<&[PublicKey]>) -> Result<(), Rejection> {
    let Some(roots) = roots else { return Ok(()) };
    let other = by.iter().find(|signer| !roots.contains(&signer.key));
    other.map_or(Ok(()), |other| Err(Rejection::new(Rule::FoundingOtherRoots, "roots that you named", other.key)))
}

fn is_origin(origin: &str) -> bool {
    origin.len() <= 200 && origin.bytes().all(|b| b.is_ascii_graphic() && b != b'+')
}

fn first_people(act: &Founded, at: Position) -> Result<People, Rejection> {
    let date = at.time.date();
    length(&act.people, 2, 20)?;
    let mut people = People::default();
    for row in &act.people {
        let first = matches!(row.role, Role::Clerk | Role::SupervisionCommittee);
        ensure(first, Rule::RoleConflict, "clerk or supervision_committee", row.role.code())?;
        enrol(&mut people, row, at)?;
    }
    for role in [Role::Clerk, Role::SupervisionCommittee] {
        ensure(people.holders(role, date).next().is_some(), Rule::RoleConflict, role.code(), "none")?;
    }
    Ok(people)
}

/// Enrols a person with a role and a key at once.
pub(crate) fn enrol(people: &mut People, row: &Founder, at: Position) -> Result<(), Rejection> {
    let date = at.time.date();
    let person = Person { name: row.name, group: None, roles: Vec::new() };
    people.persons.entry(row.person).or_insert(person);
    add_key(people, row.person, row.key, row.key_kind, at)?;
    if !people.holds_own(row.person, row.role, date) {
        people.grant(row.person, row.role, date, None);
    }
    Ok(())
}

/// Adds a key; the same key for the same person again changes nothing unless it was revoked.
pub(crate) fn add_key(
    people: &mut People,
    person: crate::core::ids::PersonId,
    key: PublicKey,
    kind: KeyKind,
    at: Position,
) -> Result<(), Rejection> {
    ensure(keys::is_fit(&key), Rule::KeyUnfit, "a sound key", key)?;
    match people.keys.get(&key) {
        Some(known) if known.person == person && !known.revoked => Ok(()),
        Some(_) => Err(Rejection::new(Rule::KeyUnfit, "a key of nobody else, never revoked", key)),
        None => {
            people.keys.insert(key, Key { person, kind, enrolled: at.seq, entry: at.leaf, revoked: false });
            Ok(())
        }
    }
}
