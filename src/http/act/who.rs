//! Who acts here, in which capacity, with which key.

use crate::app::App;
use crate::app::forms::{About, Actor};
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{PersonId, PublicKey};
use crate::core::model::Role;
use crate::core::state::State;
use crate::core::table;
use crate::http::problem::{Code, Problem};
use crate::http::session::Identity;
use crate::store::sessions::LoginSession;

/// The kept session behind an identity.
///
/// # Errors
/// `NotSignedIn` when it has ended meanwhile; the store's.
pub async fn session(app: &App, identity: &Identity) -> Result<LoginSession, Problem> {
    let (hash, now) = (identity.token.hash(), app.now());
    let session = app.db().read("session", |tx| Box::pin(tx.session(hash, now))).await;
    let session = session.map_err(|error| Problem::from(crate::app::error::AppError::Store(error)))?;
    session.ok_or_else(|| Problem::new(Code::NotSignedIn))
}

/// The roles in which a person may sign a kind of statement here, the village's own before the general ones.
#[must_use]
pub fn roles_for(state: &State, about: &About, person: PersonId, now: Time) -> Vec<Role> {
    let session = about.session.and_then(|id| state.session(id));
    let holds = |role: Role| match role {
        Role::Root | Role::Log | Role::Terminal => false,
        Role::Voter => session.is_some_and(|session| session.number_of(person).is_some()),
        Role::Holder => state.people.persons.contains_key(&person) && about.kind == Kind::KeyRevoked,
        duty if duty.is_duty() => session.is_some_and(|session| session.has_duty(person, duty)),
        Role::Villager => {
            let kin = about.kind == Kind::KinDeclared && state.people.is_official(person);
            kin || state.people.is_villager(person)
        }
        role => state.people.holds(person, role, now.date()),
    };
    let ways = &table::row(about.kind).signers;
    let mut roles: Vec<Role> = Vec::new();
    for role in ways.iter().flatten().flat_map(|asked| state.people.serving(asked, now)) {
        if holds(role) && !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles.sort_by_key(|role| matches!(role, Role::Villager));
    roles
}

/// The person of this log-in as an actor in the role asked for, or the first that fits.
///
/// # Errors
/// `NotAllowed` for someone with no role in which this may be signed.
pub async fn actor(
    app: &App,
    identity: &Identity,
    state: &State,
    about: &About,
    wanted: Option<Role>,
) -> Result<Actor, Problem> {
    let roles = roles_for(state, about, identity.person, app.now());
    let role = wanted.filter(|role| roles.contains(role)).or_else(|| roles.first().copied());
    let role = role.ok_or_else(|| Problem::new(Code::NotAllowed))?;
    let login = session(app, identity).await?;
    let key = key_here(state, identity.person, login.public_key).ok_or_else(|| Problem::new(Code::NotAllowed))?;
    Ok(Actor { person: identity.person, role, key })
}

/// The key of the log-in if it is enrolled in this village, else the person's newest one here.
fn key_here(state: &State, person: PersonId, login: PublicKey) -> Option<PublicKey> {
    let own = state.people.keys.get(&login).is_some_and(|key| key.person == person && !key.revoked);
    if own { Some(login) } else { crate::app::forms::draft::newest_key(state, person) }
}
