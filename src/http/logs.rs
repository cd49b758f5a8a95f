//! The logs for everyone's software (c2sp.org/tlog-tiles): checkpoints, tiles of hashes and bundles of entries of each
//! village's and the district's log. Public, the same for all readers, and kept by whoever likes: what a tile says never
//! changes.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::state::AppState;
use crate::log::text::decimal;
use crate::log::tile::TilePath;
use crate::store::district::LogOf;

/// Checkpoints are texts.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Tiles and bundles are bytes.
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Tiles never change: full ones for ever, partial ones until the full one takes their place.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A checkpoint is followed by another in a second.
const MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// Highest level of any tile.
const MAX_LEVEL: u64 = 63;

/// What is asked for below `tile/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Hashes of a level.
    Hashes(u8, TilePath),
    /// Entries.
    Entries(TilePath),
}

/// Reads `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`; `None` for any other spelling.
fn wanted(path: &str) -> Option<Wanted> {
    let (first, rest) = path.split_once('/')?;
    let tile = TilePath::parse(rest)?;
    if first == "entries" {
        return Some(Wanted::Entries(tile));
    }
    let level = decimal(first.as_bytes(), MAX_LEVEL)?;
    Some(Wanted::Hashes(u8::try_from(level).ok()?, tile))
}

fn served(kind: HeaderValue, keep: HeaderValue, body: Vec<u8>) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [(CONTENT_TYPE, kind), (CACHE_CONTROL, keep)];
    (headers, body).into_response()
}

async fn checkpoint_of(app: &App, log: LogOf) -> Result<Response, Problem> {
    Ok(served(TEXT, MOMENT, app.served_checkpoint(log).await?))
}

async fn tile_of(app: &App, log: LogOf, path: &str) -> Result<Response, Problem> {
    let bytes = match wanted(path).ok_or_else(|| Problem::new(Code::NotFound))? {
        Wanted::Hashes(level, tile) => app.served_tile(log, level, tile).await?,
        Wanted::Entries(tile) => app.served_bundle(log, tile).await?,
    };
    Ok(served(BYTES, FOR_EVER, bytes.ok_or_else(|| Problem::new(Code::NotFound))?))
}

/// `GET /log/v/{code}/checkpoint`: a village's newest published checkpoint.
///
/// # Errors
/// Nothing is published; the store can't be read now.
pub async fn village_checkpoint(State(state): State<AppState>, At(code): At<VillageCode>) -> Result<Response, Problem> {
    checkpoint_of(state.app(), LogOf::Village(code)).await
}

/// `GET /log/v/{code}/tile/…`: hashes or entries of a village's log.
///
/// # Errors
/// There is no such tile; the store can't be read now.
pub async fn village_tile(
    State(state): State<AppState>,
    At((code, path)): At<(VillageCode, String)>,
) -> Result<Response, Problem> {
    tile_of(state.app(), LogOf::Village(code), &path).await
}

/// `GET /log/d/{district}/checkpoint`: the district's newest checkpoint, with its cosignatures.
///
/// # Errors
/// Nothing is published; the store can't be read now.
pub async fn district_checkpoint(
    State(state): State<AppState>,
    At(district): At<DistrictCode>,
) -> Result<Response, Problem> {
    checkpoint_of(state.app(), LogOf::District(district)).await
}

/// `GET /log/d/{district}/tile/…`: hashes or leaves of the district's log.
///
/// # Errors
/// There is no such tile; the store can't be read now.
pub async fn district_tile(
    State(state): State<AppState>,
    At((district, path)): At<(DistrictCode, String)>,
) -> Result<Response, Problem> {
    tile_of(state.app(), LogOf::District(district), &path).await
}

/// `POST /log/v/{code}/cosignatures`: a published checkpoint with the cosignatures of witnesses who found the record lawful.
///
/// # Errors
/// Not a checkpoint that was published here, or cosigned by nobody whom the policy names.
pub async fn cosignatures(
    State(state): State<AppState>,
    At(code): At<VillageCode>,
    body: Bytes,
) -> Result<&'static str, Problem> {
    state.app().take_cosigned(code, &body).await?;
    Ok("kept\n")
}

#[cfg(test)]
mod tests {
    use super::{Wanted, wanted};
    use crate::log::tile::TilePath;

    #[test]
    fn a_tile_has_one_spelling() {
        let tile = |index, width| TilePath { index, width };
        assert_eq!(wanted("0/000"), Some(Wanted::Hashes(0, tile(0, 256))));
        assert_eq!(wanted("63/x001/234.p/8"), Some(Wanted::Hashes(63, tile(1_234, 8))));
        assert_eq!(wanted("entries/x001/x234/067.p/255"), Some(Wanted::Entries(tile(1_234_067, 255))));
        for bad in
            ["0", "0/", "00/000", "64/000", "-1/000", "0/0", "0/x000/001", "0/000.p/0", "0/000.p/256", "data/000"]
        {
            assert_eq!(wanted(bad), None, "{bad}");
        }
    }
}
