//! People, roles, covers, kin and keys.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::core::act::village::{
    KeyRevoked, KeysEnrolled, KinDeclared, OfficialsEnrolled, RoleCovered, RolesEnded, RolesGranted,
    SubstituteRequested, TermOpened, TermRow,
};
use crate::core::clock::Date;
use crate::core::ids::PersonId;
use crate::core::judge::case::{Case, length, sorted};
use crate::core::judge::founding;
use crate::core::model::Role;
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::people::{Cover, People, Person, Substitute};

/// The most rows a list in one entry may have.
pub const MAX_ROWS: usize = 200;
/// Members of a supervision committee (村务监督委员会, 3–5人).
pub const SUPERVISORS: RangeInclusive<usize> = 3..=5;
/// A term lasts five years; a little longer where an election is late.
const MAX_TERM_DAYS: i32 = 2_200;
/// The longest cover.
const MAX_COVER_DAYS: i32 = 90;

pub(crate) fn officials_enrolled(case: &mut Case<'_>, act: &OfficialsEnrolled) -> Result<(), Rejection> {
    length(&act.officials, 1, MAX_ROWS)?;
    let official = act.officials.iter().all(|row| row.role.is_official());
    ensure(official, Rule::RoleConflict, "officials' roles", "another role")?;
    let mut people = case.state.people.as_ref().clone();
    for row in &act.officials {
        let own = people.persons.contains_key(&row.person) && !people.is_official(row.person);
        ensure(
            !own,
            Rule::RoleConflict,
            "an official apart from the village's people",
            "someone with a village's key",
        )?;
        founding::enrol(&mut people, row, case.at)?;
    }
    founding::check_apart(&people, &case.state.roots, case.state.log_key)?;
    case.step_people(|slot| *slot = people);
    Ok(())
}

pub(crate) fn officials_ended(case: &mut Case<'_>, act: &RolesEnded) -> Result<(), Rejection> {
    let official = act.rows.iter().all(|row| row.role.is_official());
    ensure(official, Rule::RoleConflict, "officials' roles", "another role")?;
    end_rows(case, act)
}

pub(crate) fn roles_ended(case: &mut Case<'_>, act: &RolesEnded) -> Result<(), Rejection> {
    let village = act.rows.iter().all(|row| row.role.is_village());
    ensure(village, Rule::RoleConflict, "village roles", "another role")?;
    end_rows(case, act)
}

fn end_rows(case: &mut Case<'_>, act: &RolesEnded) -> Result<(), Rejection> {
    length(&act.rows, 1, MAX_ROWS)?;
    let (people, date) = (&case.state.people, case.date);
    let held = act.rows.iter().all(|row| people.holds_own(row.person, row.role, date));
    ensure(held, Rule::PersonUnknown, "roles that are held", "another role")?;
    case.step_people(|people| {
        for row in &act.rows {
            people.end(row.person, row.role, date);
        }
    });
    Ok(())
}

pub(crate) fn term_opened(case: &mut Case<'_>, act: &TermOpened) -> Result<(), Rejection> {
    length(&act.people, 1, MAX_ROWS)?;
    let head = serde_json::json!({"term": act.term, "from": act.from, "until": act.until, "result": act.result});
    let Some(rows) = case.assemble(head, &act.people)? else { return Ok(()) };
    let whole = TermOpened { people: rows, ..act.clone() };
    check_rows(&whole.people)?;
    check_no_officials(&case.state.people, &whole.people)?;
    let newer = whole.term > case.state.people.term;
    ensure(newer, Rule::ValueRange, "a rising term number", whole.term)?;
    let span =
        whole.from <= whole.until && whole.until <= whole.from.plus_days(MAX_TERM_DAYS) && whole.from <= case.date;
    ensure(span, Rule::ValueRange, "a term that has begun, of five years", whole.until)?;
    let mut people = case.state.people.as_ref().clone();
    people.open_term(&whole, case.date);
    let count = |role| people.holders(role, case.date).count();
    let supervisors = count(Role::SupervisionCommittee);
    ensure(SUPERVISORS.contains(&supervisors), Rule::RoleConflict, "3 to 5 on the supervision committee", supervisors)?;
    ensure(count(Role::Clerk) > 0, Rule::RoleConflict, "a clerk", "none")?;
    check_conflicts(&people, case.date, |_| true)?;
    case.step_people(|slot| *slot = people);
    Ok(())
}

pub(crate) fn roles_granted(case: &mut Case<'_>, act: &RolesGranted) -> Result<(), Rejection> {
    length(&act.people, 1, MAX_ROWS)?;
    check_rows(&act.people)?;
    check_no_officials(&case.state.people, &act.people)?;
    let mut people = case.state.people.as_ref().clone();
    for row in &act.people {
        let person = people.persons.entry(row.person);
        let person = person.or_insert_with(|| Person { name: row.name, group: None, roles: Vec::new() });
        person.group = row.group.or(person.group);
        for role in &row.roles {
            let held = people.holds_own(row.person, *role, case.date);
            ensure(!held, Rule::RoleConflict, "a role not held yet", role.code())?;
            people.grant(row.person, *role, case.date, None);
        }
    }
    let named = |person: PersonId| act.people.iter().any(|row| row.person == person);
    check_conflicts(&people, case.date, named)?;
    case.step_people(|slot| *slot = people);
    Ok(())
}

/// Who reviews and files for the township holds no office in the village.
fn check_no_officials(people: &People, rows: &[TermRow]) -> Result<(), Rejection> {
    let official = rows.iter().any(|row| people.is_official(row.person));
    ensure(!official, Rule::RoleConflict, "people of the village", "an official")
}

fn check_rows(rows: &[TermRow]) -> Result<(), Rejection> {
    let ids: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    sorted(&ids, MAX_ROWS * usize::from(crate::core::statement::MAX_PARTS))?;
    for row in rows {
        sorted(&row.roles, 10)?;
        ensure(row.roles.iter().all(|role| role.is_village()), Rule::RoleConflict, "village roles", "another role")?;
    }
    Ok(())
}

/// The supervision committee has no members of the village committee and none of their near kin. Only people of the act
/// are looked at: kin declared between two others is theirs to settle, and no bar to a third person's role.
fn check_conflicts(people: &People, date: Date, named: impl Fn(PersonId) -> bool) -> Result<(), Rejection> {
    let committee = || people.holders(Role::Chair, date).chain(people.holders(Role::CommitteeMember, date));
    for supervisor in people.holders(Role::SupervisionCommittee, date) {
        let looked_at = |member: &PersonId| named(*member) || named(supervisor);
        let mut committee = committee().filter(looked_at);
        let conflict = committee.any(|member| member == supervisor || people.are_kin(member, supervisor));
        ensure(
            !conflict,
            Rule::RoleConflict,
            "a supervision committee apart from the village committee",
            "a member or kin",
        )?;
    }
    Ok(())
}

pub(crate) fn role_covered(case: &mut Case<'_>, act: &RoleCovered) -> Result<(), Rejection> {
    let people = &case.state.people;
    ensure(act.role.can_be_covered(), Rule::RoleConflict, "a role that can be covered", act.role.code())?;
    ensure(people.holds_own(act.holder, act.role, case.date), Rule::PersonUnknown, "the holder", "someone else")?;
    let known = people.persons.contains_key(&act.person) && act.person != act.holder;
    ensure(known, Rule::PersonUnknown, "another person on record", "no such person")?;
    let apart = people.is_official(act.person) == people.is_official(act.holder);
    ensure(apart, Rule::RoleConflict, "village and township apart", "an official for a villager, or the reverse")?;
    let supervisor = people.holds_own(act.person, Role::SupervisionCommittee, case.date);
    ensure(!supervisor, Rule::RoleConflict, "nobody of the supervision committee", "a member")?;
    let span = case.date <= act.until && act.from <= act.until && act.until <= act.from.plus_days(MAX_COVER_DAYS);
    ensure(span, Rule::ValueRange, "at most 90 days, not over", act.until)?;
    let cover = Cover {
        holder: act.holder,
        role: act.role,
        person: act.person,
        from: act.from.max(case.date),
        until: act.until,
    };
    let date = case.date;
    case.step_people(|people| {
        people.covers.retain(|cover| cover.until >= date);
        people.covers.push(cover);
    });
    Ok(())
}

pub(crate) fn kin_declared(case: &mut Case<'_>, act: &KinDeclared) -> Result<(), Rejection> {
    length(&act.persons, 2, 2)?;
    sorted(&act.persons, 2)?;
    let (a, b) = (act.persons[0], act.persons[1]);
    let known = |person| case.state.people.persons.contains_key(&person);
    ensure(known(a) && known(b), Rule::PersonUnknown, "two persons on record", "another person")?;
    let alone = case.statement.by.len() == 1;
    let own = case.statement.by.iter().any(|signer| signer.person == Some(a) || signer.person == Some(b));
    ensure(!alone || own, Rule::SignerRole, "one of the two", "someone else")?;
    let at = case.at;
    case.step_people(|people| {
        people.kin.entry((a, b)).or_insert(at);
    });
    Ok(())
}

pub(crate) fn keys_enrolled(case: &mut Case<'_>, act: &KeysEnrolled) -> Result<(), Rejection> {
    length(&act.keys, 1, MAX_ROWS)?;
    let mut people = case.state.people.as_ref().clone();
    for row in &act.keys {
        ensure(people.persons.contains_key(&row.person), Rule::PersonUnknown, "a person on record", "no such person")?;
        // Else clerk and supervision committee could make themselves a key of the township's and file their own matters.
        let official = people.is_official(row.person);
        ensure(!official, Rule::RoleConflict, "officials' keys from the roots only", "an official")?;
        let special = case.state.roots.contains(&row.key) || case.state.log_key == row.key;
        let taken = special || people.keys.contains_key(&row.key);
        ensure(!taken, Rule::KeyUnfit, "a new key", row.key)?;
        founding::add_key(&mut people, row.person, row.key, row.key_kind, case.at)?;
    }
    case.step_people(|slot| *slot = people);
    Ok(())
}

pub(crate) fn key_revoked(case: &mut Case<'_>, act: &KeyRevoked) -> Result<(), Rejection> {
    let in_use = case.state.people.keys.get(&act.key).is_some_and(|key| !key.revoked);
    ensure(in_use, Rule::SignerKeyRevoked, "a key in use", act.key)?;
    let holder = case.state.people.keys.get(&act.key).map(|key| key.person);
    let foreign = case.statement.by.len() > 1 && holder.is_some_and(|holder| case.state.people.is_official(holder));
    ensure(!foreign, Rule::RoleConflict, "officials' keys by the official or the roots", "an official's key")?;
    case.step_people(|people| {
        people.keys.entry(act.key).and_modify(|key| key.revoked = true);
    });
    Ok(())
}

pub(crate) fn substitute_requested(case: &mut Case<'_>, act: &SubstituteRequested) {
    let time = case.at.time;
    case.step_people(|people| {
        people.substitute = Some(Substitute { cause: act.cause, asked: time, back: BTreeSet::new() });
    });
}
