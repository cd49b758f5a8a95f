//! What the operator's tools ask: is it alive, can it take work, what has it done.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;

/// Media type of OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /healthz`: the process answers.
pub async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the server can take work.
///
/// # Errors
/// 503 when it can't; what stands against it goes to the log.
pub async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    state.app().db().ping().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Problem::new(Code::Unavailable)
    })?;
    Ok("ready\n")
}

/// `GET /metrics`, for programs on this machine.
///
/// # Errors
/// Never in practice.
pub async fn metrics(State(state): State<AppState>) -> Result<Response, Problem> {
    let text = state.metrics().text().map_err(|_| Problem::new(Code::Internal))?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS))], text).into_response())
}
