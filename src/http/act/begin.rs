//! What a person may begin: acts about the village and its people, and what nobody waits for about a matter or session.

use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, SessionId};
use crate::core::model::Role;
use crate::core::offers;
use crate::core::state::State;
use crate::core::tasks::Task;
use crate::http::act::tasks::{address, role_in};
use crate::http::pages::matter::Action;

/// Kinds about the village and its people, with the roles in which one begins them; the order is that of the page.
const VILLAGE: &[(Kind, &[Role])] = &[
    (Kind::SuggestionEntered, &[Role::Clerk, Role::GridWorker, Role::Representative]),
    (Kind::DisclosurePosted, &[Role::Clerk]),
    (Kind::EmergencyDecided, &[Role::BranchSecretary, Role::Chair]),
    (Kind::RoleCovered, &[Role::Chair, Role::BranchSecretary]),
    (Kind::KinDeclared, &[Role::Clerk, Role::Villager]),
    (Kind::RolesGranted, &[Role::Clerk]),
    (Kind::RolesEnded, &[Role::Clerk]),
    (Kind::TermOpened, &[Role::Clerk]),
    (Kind::DelegationRecorded, &[Role::Clerk]),
    (Kind::SubstituteRequested, &[Role::Clerk, Role::Chair]),
    (Kind::KeyRevoked, &[Role::Clerk, Role::Holder]),
];

/// Kinds whose place is the page of the village's people.
const PEOPLE: &[Kind] = &[
    Kind::RoleCovered,
    Kind::KinDeclared,
    Kind::RolesGranted,
    Kind::RolesEnded,
    Kind::TermOpened,
    Kind::DelegationRecorded,
    Kind::SubstituteRequested,
    Kind::KeysEnrolled,
    Kind::KeyRevoked,
];

/// What a person may begin in a village without being asked.
#[must_use]
pub fn in_village(state: &State, person: PersonId, now: Time) -> Vec<Action> {
    let date = now.date();
    let holds = |role: Role| match role {
        Role::Holder => state.people.keys.values().any(|key| key.person == person && !key.revoked),
        Role::Villager => state.people.persons.contains_key(&person),
        role => state.people.holds(person, role, date),
    };
    let village = state.village;
    let mut actions: Vec<Action> = Vec::new();
    for (kind, roles) in VILLAGE {
        if let Some(role) = roles.iter().copied().find(|role| holds(*role)) {
            let href = format!("/v/{village}/do/{kind}?role={role}");
            actions.push(Action { kind: kind.code().to_owned(), href });
        }
    }
    if holds(Role::Clerk) {
        let href = format!("/v/{village}/slips");
        actions.push(Action { kind: Kind::KeysEnrolled.code().to_owned(), href });
    }
    actions
}

/// Those of them that are about people, roles and keys.
#[must_use]
pub fn about_people(state: &State, person: PersonId, now: Time) -> Vec<Action> {
    let all = in_village(state, person, now).into_iter();
    all.filter(|action| PEOPLE.iter().any(|kind| kind.code() == action.kind)).collect()
}

/// The given steps as links, for a person who may take them now.
#[must_use]
pub fn links<'a>(state: &State, steps: impl IntoIterator<Item = &'a Task>, person: PersonId, now: Time) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for step in steps {
        let ready = step.from.is_none_or(|from| from <= now);
        let Some(role) = role_in(state, step, person, now).filter(|_| ready) else { continue };
        let action = Action { kind: step.kind.code().to_owned(), href: address(state.village, step, role) };
        if !actions.iter().any(|other| other.href == action.href) {
            actions.push(action);
        }
    }
    actions
}

/// What a person may begin about a matter besides what waits.
#[must_use]
pub fn about_matter(state: &State, id: MatterId, person: PersonId, now: Time) -> Vec<Action> {
    links(state, &offers::of_matter(state, id, now), person, now)
}

/// What a person may begin about a session besides what waits.
#[must_use]
pub fn about_session(state: &State, id: SessionId, person: PersonId, now: Time) -> Vec<Action> {
    links(state, &offers::of_session(state, id, now), person, now)
}
