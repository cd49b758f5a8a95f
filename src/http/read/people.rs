//! A village's people and roles: who holds which office, who stands on the assembly's roster, who stands in for whom.
//! Names of office holders are for everyone, other names for the village (DOMAIN, privacy).

use axum::extract::State;
use axum::response::Response;

use crate::core::act::Kind;
use crate::core::clock::Date;
use crate::core::ids::{PersonId, VillageCode};
use crate::core::model::{Body, Role};
use crate::core::state::State as Village;
use crate::http::access::HOUSEHOLDS;
use crate::http::act::begin;
use crate::http::pages::matter::Action;
use crate::http::pages::people::{CoverLine, DelegationLine, Member, PeoplePage};
use crate::http::pages::village::Office;
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::state::AppState;

/// Offices of a village in the order they are shown.
const OFFICES: [Role; 7] = [
    Role::BranchSecretary,
    Role::Chair,
    Role::CommitteeMember,
    Role::Clerk,
    Role::SupervisionCommittee,
    Role::GroupLeader,
    Role::GridWorker,
];
/// Officials who act for the village.
const OFFICIALS: [Role; 5] = [
    Role::TownshipDrafter,
    Role::TownshipApprover,
    Role::TownshipDisciplineOfficer,
    Role::DisciplineInspector,
    Role::DistrictAdmin,
];

/// `GET /v/{code}/people`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn people(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
) -> Result<Response, Problem> {
    let view = View::of(state.app(), &visit, code).await?;
    let today = view.now.date();
    let person = visit.person();
    let actions = person.map_or_else(Vec::new, |person| begin::about_people(view.state(), person, view.now));
    page(&PeoplePage {
        c: visit.c.clone(),
        place: view.place.clone(),
        term: term(view.state(), today),
        offices: offices(&view, today),
        officials: of_roles(&view, &OFFICIALS, today),
        members: members(&view, today),
        named: visit.belongs_to(code),
        covers: covers(&view, today),
        households: visit.roles(code).iter().any(|role| HOUSEHOLDS.contains(role)),
        kin: kin(&view),
        delegations: delegations(&view, today),
        actions,
    })
}

/// Who holds which office of the village; a cover stands in place of the holder.
#[must_use]
pub fn offices(view: &View<'_>, today: Date) -> Vec<Office> {
    of_roles(view, &OFFICES, today)
}

fn of_roles(view: &View<'_>, roles: &[Role], today: Date) -> Vec<Office> {
    let people = &view.state().people;
    let office = |role: &Role| {
        let cover = people.covers.iter().find(|cover| {
            cover.role == *role
                && cover.from <= today
                && today <= cover.until
                && people.holds_own(cover.holder, *role, today)
        });
        let own = people.holders(*role, today).filter(|person| cover.is_none_or(|cover| cover.holder != *person));
        let holders: Vec<_> =
            own.chain(cover.map(|cover| cover.person)).map(|person| view.who(person, *role)).collect();
        let office = Office { role: role.code().to_owned(), holders, cover_until: cover.map(|cover| cover.until) };
        (!office.holders.is_empty()).then_some(office)
    };
    roles.iter().filter_map(office).collect()
}

/// First and last day of the term: those of the offices that it gave.
#[must_use]
pub fn term(state: &Village, today: Date) -> Option<(Date, Date)> {
    let held = state.people.persons.values().flat_map(|person| &person.roles);
    let current = held.filter(|held| held.role.is_village() && held.from <= today);
    current
        .filter_map(|held| Some((held.from, held.until?)))
        .filter(|(_, until)| *until >= today)
        .max_by_key(|(_, until)| *until)
}

/// The representatives' assembly as its next roster will list it.
fn members(view: &View<'_>, today: Date) -> Vec<Member> {
    let (state, named) = (view.state(), view.visit.belongs_to(view.village()));
    let acts = |kind: Kind, person: PersonId| {
        // Who holds a key may revoke it, too: without the role a clerk would be offered the own one.
        let href = format!("/v/{}/do/{kind}?person={person}&role={}", view.village(), Role::Clerk);
        Action { kind: kind.code().to_owned(), href, about: None }
    };
    let clerk = view.visit.roles(view.village()).contains(&Role::Clerk);
    let has_key = |person: PersonId| state.people.keys.values().any(|key| key.person == person && !key.revoked);
    let member = |(person, no): (PersonId, u32)| {
        let held = Body::RepresentativeAssembly.roles().iter();
        let role = held.copied().find(|role| state.people.holds_own(person, *role, today));
        let who = view.who(person, role.unwrap_or(Role::Representative));
        let mut actions = Vec::new();
        if clerk {
            actions.push(acts(Kind::RolesEnded, person));
            actions.extend(has_key(person).then(|| acts(Kind::KeyRevoked, person)));
        }
        Member {
            no,
            who,
            group: state.people.persons.get(&person).and_then(|person| person.group),
            key: named.then(|| has_key(person)),
            actions,
        }
    };
    state.body_members(Body::RepresentativeAssembly, None, today).into_iter().zip(1..).map(member).collect()
}

fn covers(view: &View<'_>, today: Date) -> Vec<CoverLine> {
    let covers = view.state().people.covers.iter().filter(|cover| today <= cover.until);
    let line = |cover: &crate::core::state::people::Cover| CoverLine {
        role: cover.role.code().to_owned(),
        holder: view.who(cover.holder, cover.role),
        person: view.who(cover.person, cover.role),
        from: cover.from,
        until: cover.until,
    };
    covers.map(line).collect()
}

/// Declared near kin: for the village only.
fn kin(view: &View<'_>) -> Vec<(String, String)> {
    if !view.visit.belongs_to(view.village()) {
        return Vec::new();
    }
    let name = |person: &PersonId| view.names.get(person).cloned().unwrap_or_else(|| view.t("name-hidden"));
    view.state().people.kin.keys().map(|(a, b)| (name(a), name(b))).collect()
}

fn delegations(view: &View<'_>, today: Date) -> Vec<DelegationLine> {
    let in_force = view.state().law.delegations.iter().filter(|delegation| today <= delegation.until);
    let line = |delegation: &crate::core::state::Delegation| DelegationLine {
        to: delegation.to.code().to_owned(),
        categories: delegation.categories.iter().map(|category| category.code().to_owned()).collect(),
        until: delegation.until,
    };
    in_force.map(line).collect()
}
