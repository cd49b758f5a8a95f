//! Who read what of a village that is not public: for the inspector.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use ulid::Ulid;

use crate::app::accesses::Action;
use crate::app::reading;
use crate::core::ids::VillageCode;
use crate::core::model::Role;
use crate::http::pages::accesses::{AccessRow, AccessesPage};
use crate::http::pages::parts::Who;
use crate::http::problem::Problem;
use crate::http::read::context::{View, is_office};
use crate::http::read::frame::{At, Visit, page};
use crate::http::state::AppState;
use crate::store::journal::Access;

/// Readings on a page.
const SHOWN: usize = 50;

/// Which page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The last reading of the page before; anything else is the beginning.
    #[serde(default)]
    before: String,
}

/// `GET /v/{code}/accesses`. Who looks is noted, too.
///
/// # Errors
/// There is no such village; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    app.note_access(code, visit.known(), Action::Accesses, "accesses").await?;
    let mut rows = app.accesses(code, Ulid::from_string(&asked.before).ok(), SHOWN as u64 + 1).await?;
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let next = rows.last().filter(|_| more).map(|last| format!("/v/{code}/accesses?before={}", last.id));
    let rows = rows.iter().map(|access| row(&view, access)).collect();
    page(&AccessesPage { c: visit.c.clone(), place: view.place.clone(), rows, next })
}

fn row(view: &View<'_>, access: &Access) -> AccessRow {
    let who = access.person.map(|person| {
        let roles = reading::roles(view.state(), person, access.time.date());
        let role = roles.iter().find(|role| is_office(**role)).or(roles.first()).copied().unwrap_or(Role::Villager);
        Who { name: view.names.get(&person).cloned(), role: role.code().to_owned() }
    });
    let href = format!("/v/{}/{}", access.village, access.subject);
    AccessRow { at: access.time, who, action: access.action.clone(), href }
}
