//! Entries of a village's record, its newest checkpoint, and receipts.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::core::ids::VillageCode;
use crate::http::api::{Page, Place, limit, rows};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::state::AppState;
use crate::log::entry::Entry;
use crate::store::error::StoreError;
use crate::store::record::StoredEntry;

/// Notes and proofs are texts.
const TEXT: &str = "text/plain; charset=utf-8";

/// An entry of the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordEntry {
    /// Where it stands.
    pub at: Place,
    /// Id of its statement, lower-case hex.
    pub id: String,
    /// The entry's exact bytes, base64.
    pub bytes: String,
    /// The statement as it was signed.
    #[schema(value_type = Object)]
    pub statement: serde_json::Value,
}

impl RecordEntry {
    fn read(stored: &StoredEntry) -> Result<Self, StoreError> {
        let damaged = |error: &dyn ToString| StoreError::Damaged(error.to_string());
        let entry = Entry::parse(&stored.bytes).map_err(|error| damaged(&error))?;
        let statement = serde_json::from_slice(&entry.statement.payload).map_err(|error| damaged(&error))?;
        let at = Place { seq: stored.seq, time: stored.time.to_string(), leaf: stored.leaf.to_string() };
        Ok(Self { at, id: stored.statement.to_string(), bytes: STANDARD.encode(&stored.bytes), statement })
    }
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Index of the first one.
    #[serde(default)]
    from: u64,
    /// Most rows, at most 200.
    limit: Option<u64>,
}

/// `GET /api/v1/villages/{code}/entries`.
///
/// # Errors
/// There is no such village; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/entries", tag = "record", summary = "Entries in order",
    params(("code" = String, Path, description = "12 digits"), Wanted),
    responses((status = 200, description = "Entries from `from` on; `next` is the next `from`", body = Page<RecordEntry>),
              (status = 404, description = "No such village"))
)]
pub async fn entries(
    State(state): State<AppState>,
    At(code): At<VillageCode>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<RecordEntry>>, Problem> {
    let (from, limit) = (wanted.from, limit(wanted.limit));
    let read = state.app().db().read("api_entries", |tx| {
        Box::pin(async move {
            let head = tx.head(code).await?;
            Ok::<_, StoreError>((head, tx.entries(code, from, limit).await?))
        })
    });
    let (head, stored) = read.await?;
    let head = head.ok_or_else(|| Problem::new(Code::NotFound))?;
    let items = stored.iter().map(RecordEntry::read).collect::<Result<Vec<_>, _>>()?;
    let end = from.saturating_add(items.len() as u64);
    let next = (end < head.size && items.len() == rows(limit)).then(|| end.to_string());
    Ok(Json(Page { items, next }))
}

/// `GET /api/v1/villages/{code}/checkpoint`.
///
/// # Errors
/// There is no such village; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/checkpoint", tag = "record", summary = "The newest checkpoint",
    params(("code" = String, Path, description = "12 digits")),
    responses((status = 200, description = "A signed note (c2sp.org/tlog-checkpoint)", content_type = "text/plain"),
              (status = 404, description = "No such village"))
)]
pub async fn checkpoint(State(state): State<AppState>, At(code): At<VillageCode>) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    Ok(([(CONTENT_TYPE, TEXT)], live.ledger.checkpoint(&live.key).to_string()).into_response())
}

/// `GET /api/v1/villages/{code}/receipts/{index}`.
///
/// # Errors
/// There is no such village or entry; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/receipts/{index}", tag = "record", summary = "The receipt of an entry",
    params(("code" = String, Path, description = "12 digits"), ("index" = u64, Path, description = "Index of the entry")),
    responses((status = 200, description = "A proof file (c2sp.org/tlog-proof)", content_type = "text/plain"),
              (status = 404, description = "No such entry"))
)]
pub async fn receipt(
    State(state): State<AppState>,
    At((code, index)): At<(VillageCode, u64)>,
) -> Result<Response, Problem> {
    Ok(([(CONTENT_TYPE, TEXT)], state.app().receipt(code, index).await?).into_response())
}
