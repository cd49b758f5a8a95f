//! The demo: any role with one click; and a rehearsal, in which people take the parts of the session by name. Nothing of it exists
//! on a real server.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::forms::draft::newest_key;
use crate::app::login;
use crate::core::clock::DAY_MS;
use crate::core::ids::{PersonId, PublicKey, VillageCode};
use crate::core::model::Role;
use crate::core::state::State as Village;
use crate::http::act::login::{next_path, session_cookie};
use crate::http::pages::account::{DemoPage, DemoPerson};
use crate::http::pages::chrome::Play;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::session::Identity;
use crate::http::state::{AppState, Played};

/// How long a session of the demo lasts: its clock may be set ahead by years.
const SESSION_MS: i64 = 20 * 366 * DAY_MS;
/// Representatives of a demo shown; all others hold the same role.
const REPRESENTATIVES: usize = 6;
/// Members of a rehearsed session shown: each looks for the own name. Of a larger assembly they type it.
const MEMBERS: usize = 100;

/// Which village's people, and where to go then.
#[derive(Debug, Deserialize)]
pub struct Asked {
    village: Option<VillageCode>,
    #[serde(default)]
    next: String,
    /// Part of a name or of a role's word: everyone whom it fits is shown.
    #[serde(default)]
    q: String,
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
    let played = state.played().ok_or_else(gone)?;
    let village = asked.village.unwrap_or(played.village);
    let app = state.app();
    let live = app.lives().live(village).await?;
    let names = app.names(village).await?;
    let place = app.village_place(village).await?;
    let (mut people, mut officials) = (Vec::new(), Vec::new());
    let date = app.now().date();
    let (mut common, mut more) = (0, 0);
    let session = played.session.and_then(|id| live.state().session(id));
    let most = if session.is_some() { MEMBERS } else { REPRESENTATIVES };
    let wanted = asked.q.trim();
    for person in live.state().people.persons.keys() {
        let roles = roles(live.state(), *person, date);
        let Some(first) = roles.first() else { continue };
        if newest_key(live.state(), *person).is_none() {
            continue;
        }
        let name = names.get(person).cloned().unwrap_or_default();
        if !wanted.is_empty() {
            let words = |role: &Role| visit.c.named("role", role.code()).to_string();
            if !name.contains(wanted) && !roles.iter().any(|role| words(role).contains(wanted)) {
                continue;
            }
        } else if many(&roles) {
            // Of a demo's people some representatives are enough; at a rehearsal everyone who is called looks for the own name.
            let shown =
                session.map_or(roles.contains(&Role::Representative), |session| session.number_of(*person).is_some());
            common += usize::from(shown);
            if common > most || !shown {
                more += 1;
                continue;
            }
        }
        let official = first.is_official();
        let shown = DemoPerson {
            id: format!("{village}/{person}"),
            name,
            roles: roles.iter().map(|role| role.code().to_owned()).collect(),
            place: if official { place.township_name.clone() } else { place.name.clone() },
            current: visit.identity.as_ref().is_some_and(|identity| identity.person == *person),
        };
        if official { officials.push(shown) } else { people.push((order(*first), shown)) }
    }
    people.sort_by_key(|(order, _)| *order);
    page(&DemoPage {
        c: visit.c,
        place: place.into(),
        village: people.into_iter().map(|(_, person)| person).collect(),
        officials,
        next: if asked.next.is_empty() { played.begin().unwrap_or_default() } else { asked.next },
        today: app.now(),
        query: wanted.to_owned(),
        more,
        leads: leads(played, visit.identity.as_ref()),
    })
}

fn gone() -> Problem {
    Problem::new(Code::NotFound)
}

/// Whether somebody may set the clock ahead and let the others act: everybody in a demo, at a rehearsal clerk and chair.
fn leads(played: &Played, identity: Option<&Identity>) -> bool {
    let mut roles = identity.into_iter().flat_map(|identity| &identity.grants).map(|grant| grant.role);
    played.play == Play::Demo || roles.any(|role| matches!(role, Role::Clerk | Role::Chair))
}

/// What is played here, for who leads it.
fn led<'a>(state: &'a AppState, identity: Option<&Identity>) -> Result<&'a Played, Problem> {
    let played = state.played().ok_or_else(gone)?;
    if leads(played, identity) { Ok(played) } else { Err(Problem::new(Code::NotAllowed)) }
}

/// Whether a person is one of very many with the same role.
fn many(roles: &[Role]) -> bool {
    let common =
        [Role::Representative, Role::Member, Role::MemberRepresentative, Role::HouseholdRepresentative, Role::Villager];
    roles.iter().all(|role| common.contains(role))
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

/// Hours to skip.
#[derive(Debug, Deserialize)]
pub struct Skipped {
    hours: u16,
    #[serde(default)]
    next: String,
}

/// Sets the demo's clock ahead, so that nobody waits for a notice period, and does what is due by then.
///
/// # Errors
/// `NotFound` outside a demo or rehearsal; `NotAllowed` for who doesn't lead it; `Unprocessable` for more hours than a year has.
pub async fn skip(
    State(state): State<AppState>,
    identity: Option<Identity>,
    Form(skipped): Form<Skipped>,
) -> Result<Response, Problem> {
    let clock = &led(&state, identity.as_ref())?.clock;
    if skipped.hours > 366 * 24 {
        return Err(Problem::new(Code::Unprocessable));
    }
    clock.skip(skipped.hours).map_err(|_| Problem::new(Code::Unavailable))?;
    state.app().run_due().await?;
    state.app().growth().stir();
    Ok(Redirect::to(next_path(&skipped.next)).into_response())
}

/// Whose people.
#[derive(Debug, Deserialize)]
pub struct Others {
    village: VillageCode,
}

/// Lets everyone else of a village check in and vote, where they may now.
///
/// # Errors
/// `NotFound` outside a demo or rehearsal; `NotAllowed` for who doesn't lead it; the store's.
pub async fn others(
    State(state): State<AppState>,
    identity: Option<Identity>,
    Form(others): Form<Others>,
) -> Result<Response, Problem> {
    let played = led(&state, identity.as_ref())?;
    state.app().let_others_act(others.village).await?;
    let then = played.begin().unwrap_or_else(|| format!("/v/{}", others.village));
    Ok(Redirect::to(&then).into_response())
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
    state.played().ok_or_else(gone)?;
    let (village, person) = taken.person.split_once('/').ok_or_else(gone)?;
    let village: VillageCode = village.parse().map_err(|_| gone())?;
    let person: PersonId = person.parse().map_err(|_| gone())?;
    let app = state.app();
    // The key that the demo holds, also where the person has enrolled a phone since: a click can't use that.
    let held = app.demo_key(village, person).await?.ok_or_else(gone)?;
    let key = PublicKey(held.verifying_key().to_bytes());
    let token = app.begin_session(Some(village), person, key, SESSION_MS, login::Began::Key).await?;
    app.note_key_test(village, person, key).await?;
    let cookie = AppendHeaders([(SET_COOKIE, session_cookie(&state, &token, login::SESSION_MS))]);
    Ok((cookie, Redirect::to(next_path(&taken.next))).into_response())
}
