//! Warnings, for programs that have a token.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::error::AppError;
use crate::app::programs::Program;
use crate::core::ids::VillageCode;
use crate::core::warnings::Rule;
use crate::http::api::{Page, limit, rows};
use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;
use crate::store::warnings::WarningRow;

/// Something in a lawful record that deserves a look. It doesn't say that anything is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Warning {
    /// Code of the village.
    pub village: String,
    /// A name that stays the same within the village while it stands.
    pub name: String,
    /// Code of the rule.
    pub rule: String,
    /// `notice`, `serious` or `grave`.
    pub grade: &'static str,
    /// The matter it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<String>,
    /// The session it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// From when on it stands, UTC.
    pub since: String,
    /// Indices of the entries behind it.
    pub entries: Vec<u64>,
    /// How many, or fen.
    pub number: u64,
    /// Of how many, or of how many fen.
    pub whole: u64,
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The list goes on after this one: village and name, as `next` says.
    after: Option<String>,
    /// Most rows, at most 200.
    limit: Option<u64>,
}

/// `GET /api/v1/warnings`.
///
/// # Errors
/// `BadRequest` for an `after` that no page has said; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/warnings", tag = "warnings", summary = "Warnings that stand in the token's place", params(Wanted),
    responses((status = 200, description = "By village and name, without those about persons", body = Page<Warning>))
)]
pub async fn warnings(
    State(state): State<AppState>,
    Extension(program): Extension<Arc<Program>>,
    Query(wanted): Query<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    let after = wanted.after.as_deref().map(|text| after(text).ok_or_else(|| Problem::new(Code::BadRequest)));
    let (after, limit, now) = (after.transpose()?, limit(wanted.limit), state.app().now());
    let read = state.app().db().read("warnings_in", |tx| {
        let (after, place) = (after.clone(), program.place.clone());
        Box::pin(async move {
            let after = after.as_ref().map(|(village, name)| (*village, name.as_str()));
            tx.warnings_in(&place, now, after, limit + 1).await
        })
    });
    let Json(Page { items, next }) =
        Page::of(read.await.map_err(AppError::Store)?, rows(limit), |row| format!("{}~{}", row.village, row.warning));
    // A rule that a later program knew is none of this one's.
    let page = Page { items: items.into_iter().filter_map(shown).collect(), next };
    Ok(([(CACHE_CONTROL, "no-store")], Json(page)))
}

/// Reads `331102001206~stalled/…`: where a page ended.
fn after(text: &str) -> Option<(VillageCode, String)> {
    let (village, name) = text.split_once('~')?;
    Some((village.parse().ok()?, name.to_owned()))
}

fn shown(row: WarningRow) -> Option<Warning> {
    let rule: Rule = row.rule.parse().ok()?;
    Some(Warning {
        village: row.village.to_string(),
        name: row.warning,
        rule: row.rule,
        grade: rule.weight().grade.code(),
        matter: row.matter.map(|id| id.to_string()),
        session: row.session.map(|id| id.to_string()),
        since: row.stands_from.to_string(),
        entries: serde_json::from_str(&row.entries).unwrap_or_default(),
        number: row.number,
        whole: row.whole,
    })
}
