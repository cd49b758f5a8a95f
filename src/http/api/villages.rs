//! Townships and villages: sums, lists, search, one.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::error::AppError;
use crate::core::ids::{TownshipCode, VillageCode};
use crate::http::api::{Page, limit, rows};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::state::AppState;
use crate::store::places::PlaceSums;
use crate::store::projection::VillageSummary;

/// A township with sums over its villages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Township {
    /// Statistical code, 9 digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// Villages.
    pub villages: u64,
    /// Matters under way.
    pub underway: u64,
    /// Of these, at the ballot.
    pub ballot: u64,
    /// Matters that ended.
    pub finished: u64,
    /// Reviews that are overdue.
    pub warnings: u64,
}

/// A village with sums over its matters.
#[derive(Debug, Serialize, ToSchema)]
pub struct Village {
    /// Statistical code, 12 digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of its township.
    pub township: String,
    /// Matters at each of the six stages, in order.
    pub at_stage: [u64; 6],
    /// Matters that ended.
    pub finished: u64,
    /// Reviews that are overdue.
    pub warnings: u64,
    /// Entries on record.
    pub size: u64,
    /// Time of the newest entry, UTC.
    pub newest: String,
}

impl From<VillageSummary> for Village {
    fn from(row: VillageSummary) -> Self {
        Self {
            code: row.village.to_string(),
            name: row.name,
            township: row.township.to_string(),
            at_stage: [row.suggestion, row.proposal, row.consultation, row.filing, row.ballot, row.supervision],
            finished: row.finished,
            warnings: row.warnings,
            size: row.size,
            newest: row.newest.to_string(),
        }
    }
}

/// Most townships in one answer.
const TOWNSHIPS: u64 = 200;

/// Which townships are looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// The list goes on after this township.
    #[param(value_type = Option<String>)]
    after: Option<TownshipCode>,
}

/// `GET /api/v1/townships`.
///
/// # Errors
/// The store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/townships", tag = "villages", summary = "Townships with sums", params(After),
    responses((status = 200, description = "Townships in order of code, at most 200", body = Vec<Township>))
)]
pub async fn townships(
    State(state): State<AppState>,
    Query(After { after }): Query<After>,
) -> Result<Json<Vec<Township>>, Problem> {
    let read = state.app().db().read("townships", |tx| Box::pin(tx.townships("", after, TOWNSHIPS)));
    let row = |PlaceSums { code, name, sums }: PlaceSums| Township {
        name: name.unwrap_or_else(|| code.clone()),
        code,
        villages: sums.villages,
        underway: sums.open,
        ballot: sums.ballot,
        finished: sums.finished,
        warnings: sums.warnings,
    };
    Ok(Json(read.await.map_err(AppError::Store)?.into_iter().map(row).collect()))
}

/// `GET /api/v1/townships/{township}/villages`.
///
/// # Errors
/// There is no such township; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/townships/{township}/villages", tag = "villages", summary = "Villages of a township",
    params(("township" = String, Path, description = "9 digits")),
    responses((status = 200, description = "Its villages in order of code", body = Vec<Village>),
              (status = 404, description = "No such township"))
)]
pub async fn of_township(
    State(state): State<AppState>,
    At(township): At<TownshipCode>,
) -> Result<Json<Vec<Village>>, Problem> {
    let (_, villages) = state.app().township(township).await?;
    Ok(Json(villages.into_iter().map(Village::from).collect()))
}

/// What villages are looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Part of the name; then the list is not paged.
    #[serde(default)]
    q: String,
    /// The list goes on after this village.
    #[param(value_type = Option<String>)]
    after: Option<VillageCode>,
    /// Most rows, at most 200.
    limit: Option<u64>,
}

/// `GET /api/v1/villages`.
///
/// # Errors
/// The store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages", tag = "villages", summary = "Villages, all or by name", params(Wanted),
    responses((status = 200, description = "Villages in order of code", body = Page<Village>))
)]
pub async fn villages(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<Village>>, Problem> {
    let limit = limit(wanted.limit);
    let found = match wanted.q.trim() {
        "" => {
            let read = state.app().db().read("villages", |tx| Box::pin(tx.summaries_after(wanted.after, limit + 1)));
            read.await?
        }
        part => state.app().search(part, None, rows(limit)).await?.villages,
    };
    Ok(Page::of(found.into_iter().map(Village::from).collect(), rows(limit), |village| village.code.clone()))
}

/// `GET /api/v1/villages/{code}`.
///
/// # Errors
/// There is no such village; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}", tag = "villages", summary = "One village",
    params(("code" = String, Path, description = "12 digits")),
    responses((status = 200, description = "The village", body = Village), (status = 404, description = "No such village"))
)]
pub async fn village(State(state): State<AppState>, At(code): At<VillageCode>) -> Result<Json<Village>, Problem> {
    let row = state.app().db().read("village", |tx| Box::pin(tx.summary(code))).await.map_err(AppError::Store)?;
    row.map(|row| Json(Village::from(row))).ok_or_else(|| Problem::new(Code::NotFound))
}
