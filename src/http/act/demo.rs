//! The demo: any role with one click. Exists only on a server that was started as a demo.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::forms::draft::newest_key;
use crate::core::ids::{PersonId, VillageCode};
use crate::core::model::Role;
use crate::core::state::State as Village;
use crate::http::act::login::{own_path, session_cookie};
use crate::http::pages::account::{DemoPage, DemoPerson};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::state::AppState;

/// Representatives shown; all others hold the same role.
const REPRESENTATIVES: usize = 6;

/// Which village's people, and where to go then.
#[derive(Debug, Deserialize)]
pub struct Asked {
    village: Option<VillageCode>,
    #[serde(default)]
    next: String,
}

/// The roles that can be taken.
///
/// # Errors
/// `NotFound` outside the demo; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let first = state.demo_village().ok_or_else(|| Problem::new(Code::NotFound))?;
    let village = asked.village.unwrap_or(first);
    let app = state.app();
    let live = app.lives().live(village).await?;
    let names = app.names(village).await?;
    let place = app.village_place(village).await?;
    let (mut people, mut officials) = (Vec::new(), Vec::new());
    let date = app.now().date();
    let mut representatives = 0;
    for person in live.state().people.persons.keys() {
        let roles = roles(live.state(), *person, date);
        let Some(first) = roles.first() else { continue };
        if newest_key(live.state(), *person).is_none() {
            continue;
        }
        if roles == [Role::Representative] {
            representatives += 1;
            if representatives > REPRESENTATIVES {
                continue;
            }
        }
        let official = first.is_official();
        let shown = DemoPerson {
            id: format!("{village}/{person}"),
            name: names.get(person).cloned().unwrap_or_default(),
            roles: roles.iter().map(|role| role.code().to_owned()).collect(),
            place: if official { place.township_name.clone() } else { place.name.clone() },
            current: visit.identity.as_ref().is_some_and(|identity| identity.person == *person),
        };
        if official { officials.push(shown) } else { people.push((order(*first), shown)) }
    }
    people.sort_by_key(|(order, _)| *order);
    let village = people.into_iter().map(|(_, person)| person).collect();
    let next = own_path(&asked.next).to_owned();
    page(&DemoPage { c: visit.c, place: place.into(), village, officials, next })
}

fn roles(state: &Village, person: PersonId, date: crate::core::clock::Date) -> Vec<Role> {
    let held = Role::ALL.iter().copied().filter(|role| state.people.holds_own(person, *role, date));
    let mut roles: Vec<Role> = held.collect();
    roles.sort_by_key(|role| order(*role));
    roles
}

/// The order in which a walk through the six steps needs them.
fn order(role: Role) -> usize {
    let walk = [
        Role::Clerk,
        Role::BranchSecretary,
        Role::Chair,
        Role::SupervisionCommittee,
        Role::GridWorker,
        Role::Representative,
    ];
    walk.iter().position(|step| *step == role).unwrap_or(walk.len())
}

/// Takes a role.
#[derive(Debug, Deserialize)]
pub struct Taken {
    person: String,
    #[serde(default)]
    next: String,
}

/// Begins a session as a person of the demo.
///
/// # Errors
/// `NotFound` outside the demo, or for someone whose key the demo doesn't hold.
pub async fn take(State(state): State<AppState>, Form(taken): Form<Taken>) -> Result<Response, Problem> {
    let gone = || Problem::new(Code::NotFound);
    state.demo_village().ok_or_else(gone)?;
    let (village, person) = taken.person.split_once('/').ok_or_else(gone)?;
    let village: VillageCode = village.parse().map_err(|_| gone())?;
    let person: PersonId = person.parse().map_err(|_| gone())?;
    let app = state.app();
    app.demo_key(village, person).await?.ok_or_else(gone)?;
    let live = app.lives().live(village).await?;
    let key = newest_key(live.state(), person).ok_or_else(gone)?;
    let token = app.begin_session(Some(village), person, key).await?;
    let cookie = AppendHeaders([(SET_COOKIE, session_cookie(&state, &token))]);
    Ok((cookie, Redirect::to(own_path(&taken.next))).into_response())
}
