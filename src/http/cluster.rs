//! What servers on one database send each other.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};

use crate::app::cluster::peers::MEDIA;
use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;

/// `POST /cluster/append`: statements for lanes of this server, sealed with the vault key; the answer is sealed likewise.
///
/// # Errors
/// `NotAllowed` for anything else, which does nothing.
pub async fn append(
    State(state): State<AppState>,
    body: Bytes,
) -> Result<([(HeaderName, HeaderValue); 1], Vec<u8>), Problem> {
    let answer = state.app().take_forwarded(&body).await.map_err(|_| Problem::new(Code::NotAllowed))?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(MEDIA))], answer))
}
