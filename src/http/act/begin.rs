//! What a person may begin: acts about the village and its people, and what nobody waits for about a matter or session.

use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::PersonId;
use crate::core::model::Role;
use crate::core::state::State;
use crate::core::tasks::Task;
use crate::http::act::tasks::{address, role_in};
use crate::http::pages::matter::Action;

/// Kinds about the village and its people, with the roles in which one begins them; the order is that of the page.
const VILLAGE: &[(Kind, &[Role])] = &[
    (Kind::SuggestionEntered, &[Role::Clerk, Role::GridWorker, Role::Representative]),
    (Kind::DisclosurePosted, &[Role::Clerk]),
    (Kind::AffairsDisclosed, &[Role::Clerk]),
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
            actions.push(Action { kind: kind.code().to_owned(), href, about: None });
        }
    }
    if holds(Role::Clerk) {
        let href = format!("/v/{village}/slips");
        actions.push(Action { kind: Kind::KeysEnrolled.code().to_owned(), href, about: None });
    }
    actions
}

/// Those of them that are about people, roles and keys.
#[must_use]
pub fn about_people(state: &State, person: PersonId, now: Time) -> Vec<Action> {
    let all = in_village(state, person, now).into_iter();
    all.filter(|action| PEOPLE.iter().any(|kind| kind.code() == action.kind)).collect()
}

/// The given steps as links, for a person who may take them now; `about` names the question or matter where that must be said.
#[must_use]
pub fn links<'a>(
    state: &State,
    steps: impl IntoIterator<Item = &'a Task>,
    person: PersonId,
    now: Time,
    about: impl Fn(&Task) -> Option<String>,
) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for step in steps {
        let Some(href) = href(state, step, person, now) else { continue };
        if !actions.iter().any(|other| other.href == href) {
            actions.push(Action { kind: step.kind.code().to_owned(), href, about: about(step) });
        }
    }
    actions
}

/// What people put on paper or said, entered by an office for them: beside what whoever holds the office says for themselves.
#[must_use]
pub fn for_others(state: &State, steps: &[Task], person: PersonId, now: Time) -> Vec<Action> {
    let entered =
        |step: &&Task| matches!(step.kind, Kind::ObjectionEntered | Kind::InquiryEntered | Kind::RatingEntered);
    let action = |step: &Task| {
        let office = Task { roles: vec![Role::Clerk, Role::GridWorker], ..step.clone() };
        let href = href(state, &office, person, now)?;
        Some(Action { kind: format!("{}.for_others", step.kind), href, about: None })
    };
    steps.iter().filter(entered).filter_map(action).collect()
}

/// Where a person takes a step; nothing where that person may not, or not yet.
#[must_use]
pub fn href(state: &State, step: &Task, person: PersonId, now: Time) -> Option<String> {
    let ready = step.from.is_none_or(|from| from <= now);
    let role = role_in(state, step, person, now).filter(|_| ready)?;
    Some(address(state.village, step, role))
}
