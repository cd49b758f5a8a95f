//! The JSON API: one file a resource. What is listed comes in pages; what is on record comes with the bytes that were signed.

pub mod hall;
pub mod matters;
pub mod record;
pub mod sessions;
pub mod villages;
pub mod warnings;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::core::model::Doc;

/// Rows of a page unless asked otherwise.
const USUAL: u64 = 50;
/// Most rows of a page.
const MOST: u64 = 200;

/// Rows and where the next page begins.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Value for the paging parameter of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The first `limit` of `rows`, which were fetched one more than that; `key` names the last one shown.
    fn of(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Json<Self> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(key);
        Json(Self { items: rows, next })
    }
}

/// How many rows of a list are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// Most rows, at most 200.
    limit: Option<u64>,
}

fn limit(asked: Option<u64>) -> u64 {
    asked.unwrap_or(USUAL).clamp(1, MOST)
}

fn rows(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// A document as the record names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// Salted commitment, lower-case hex: its address is `/v/{village}/d/{sha256}`.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Media type.
    pub media: &'static str,
    /// `public`, `village` or `officials`.
    pub level: &'static str,
}

impl From<&Doc> for Document {
    fn from(doc: &Doc) -> Self {
        let Doc { sha256, size, media, level } = doc;
        Self { sha256: sha256.to_string(), size: *size, media: media.code(), level: level.code() }
    }
}

/// An entry by its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// Index in the village's log.
    pub seq: u64,
    /// Entry time, UTC.
    pub time: String,
    /// Leaf hash, lower-case hex.
    pub leaf: String,
}

impl From<crate::core::state::Position> for Place {
    fn from(at: crate::core::state::Position) -> Self {
        Self { seq: at.seq, time: at.time.to_string(), leaf: at.leaf.to_string() }
    }
}
