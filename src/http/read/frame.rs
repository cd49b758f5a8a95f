//! What every page's handler begins with: its frame from cookies and log-in, and what this reader may see.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use crate::app::reading::Reader;
use crate::app::views::places::VillagePlace;
use crate::core::ids::{PersonId, VillageCode};
use crate::core::model::{Level, Role};
use crate::http::access::Scope;
use crate::http::act::tasks;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, Elder, SignedIn};
use crate::http::pages::parts::Place;
use crate::http::problem::{Code, Problem};
use crate::http::problem_page;
use crate::http::session::{Identity, cookie};
use crate::http::state::AppState;

/// Values of a path. One that doesn't parse names nothing that exists.
#[derive(Debug, Clone, Copy)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value)).map_err(|_| Problem::new(Code::NotFound))
    }
}

/// The language of whoever sends what no page answers.
#[derive(Debug, Clone, Copy)]
pub struct Speaks(pub Lang);

impl<S: Sync> FromRequestParts<S> for Speaks {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(problem_page::language(parts.uri.query(), &parts.headers)))
    }
}

/// A reader on a page.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The page's frame.
    pub c: Chrome,
    /// Who is logged in.
    pub identity: Option<Identity>,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let identity = parts.extensions.get::<Identity>().cloned();
        let lang = problem_page::language(parts.uri.query(), &parts.headers);
        let person = match &identity {
            Some(identity) => Some(signed_in(state, identity).await?),
            None => None,
        };
        let config = state.config();
        let c = Chrome {
            lang,
            elder: cookie(&parts.headers, "elder").and_then(Elder::parse).unwrap_or_default(),
            play: state.play(),
            csrf: identity.as_ref().map(|identity| identity.csrf.clone()).unwrap_or_default(),
            here: parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned(),
            person,
            district: config.district_name.clone(),
            phone: config.inspector_phone.clone(),
        };
        Ok(Self { c, identity })
    }
}

/// How much a role says of a person: the head of a page names the one that says most.
fn weight(role: Role) -> u8 {
    match role {
        Role::Villager => 0,
        Role::Member | Role::HouseholdRepresentative => 1,
        Role::Representative | Role::MemberRepresentative => 2,
        _ => 3,
    }
}

async fn signed_in(state: &AppState, identity: &Identity) -> Result<SignedIn, Problem> {
    let (app, person) = (state.app(), identity.person);
    let tasks = tasks::how_many(app, identity).await?;
    let grant = identity.grants.iter().max_by_key(|grant| weight(grant.role));
    let Some(Scope::Village(village)) = grant.map(|grant| grant.scope) else {
        let role = grant.map_or(Role::Villager, |grant| grant.role).code().to_owned();
        return Ok(SignedIn { name: String::new(), role, place: String::new(), tasks, by_card: false });
    };
    let name = app.person_name(village, person).await?.unwrap_or_default();
    let place = app.village_place(village).await?.name;
    let role = grant.map_or(Role::Villager, |grant| grant.role).code().to_owned();
    let by_card = app.is_card(village, identity.key).await?;
    Ok(SignedIn { name, role, place, tasks, by_card })
}

impl Visit {
    /// Whether the reader holds a role in this village.
    #[must_use]
    pub fn belongs_to(&self, village: VillageCode) -> bool {
        let place = Scope::Village(village);
        self.identity.iter().flat_map(|identity| &identity.grants).any(|grant| grant.scope.covers(place))
    }

    /// Whether the reader may open documents of a level; `entered_by`: who signed the entry that first named it.
    #[must_use]
    pub fn may_read(&self, village: VillageCode, level: Level, entered_by: &[PersonId]) -> bool {
        self.reader(village).may_read(level, entered_by)
    }

    /// What the reader is in this village.
    #[must_use]
    pub fn reader(&self, village: VillageCode) -> Reader {
        Reader { person: self.person(), roles: self.roles(village) }
    }

    /// Who is logged in, where the village asked about knows this person's key.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.identity.as_ref().filter(|identity| identity.enrolled).map(|identity| identity.person)
    }

    /// Who is logged in, wherever this person's key is known.
    #[must_use]
    pub fn known(&self) -> Option<PersonId> {
        self.identity.as_ref().map(|identity| identity.person)
    }

    /// Roles that the reader holds in this village.
    #[must_use]
    pub fn roles(&self, village: VillageCode) -> Vec<Role> {
        let place = Scope::Village(village);
        let grants = self.identity.iter().flat_map(|identity| &identity.grants);
        grants.filter(|grant| grant.scope.covers(place)).map(|grant| grant.role).collect()
    }
}

impl From<VillagePlace> for Place {
    fn from(place: VillagePlace) -> Self {
        let VillagePlace { code, name, township, township_name } = place;
        Self { code, name, township, township_name }
    }
}

/// A page as an answer.
///
/// # Errors
/// The template fails, which is a fault of ours.
pub fn page(page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::new(Code::Internal)
    })?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}
