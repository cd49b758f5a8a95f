//! Logging in and out.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::app::error::AppError;
use crate::app::login::LoggedIn;
use crate::http::act::draft::explain;
use crate::http::address::query_value;
use crate::http::pages::account::LoginPage;
use crate::http::problem::Problem;
use crate::http::read::frame::{Visit, page};
use crate::http::session::{Identity, set_cookie};
use crate::http::settings::own_path;
use crate::http::state::AppState;
use crate::log::dsse::Envelope;

/// Where to go after logging in.
#[derive(Debug, Deserialize)]
pub struct Next {
    /// A path of this server.
    #[serde(default)]
    pub next: String,
}

/// Where to go: the path asked for if it is one of ours, else what waits.
#[must_use]
pub fn next_path(next: &str) -> &str {
    if next.is_empty() { "/tasks" } else { own_path(next) }
}

/// The log-in page.
///
/// # Errors
/// The template's.
pub async fn show(State(state): State<AppState>, visit: Visit, Query(query): Query<Next>) -> Result<Response, Problem> {
    let next = next_path(&query.next).to_owned();
    let ask = || format!("/login/provider?next={}", query_value(&next));
    let provider = state.app().provider().map(|provider| (provider.name().to_owned(), ask()));
    page(&LoginPage { c: visit.c, next, provider })
}

/// A challenge.
///
/// # Errors
/// The store's.
#[utoipa::path(
    post,
    path = "/api/v1/login/challenge",
    tag = "log-in",
    summary = "A challenge to sign",
    responses((status = 200, description = "challenge: 32 bytes, hex"))
)]
pub async fn challenge(State(state): State<AppState>) -> Result<Response, Problem> {
    let challenge = state.app().challenge().await?;
    Ok(Json(serde_json::json!({"challenge": challenge})).into_response())
}

/// A signed challenge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    envelope: Box<RawValue>,
}

impl Answer {
    /// The envelope.
    ///
    /// # Errors
    /// `BadRequest` where it is none.
    pub fn read(&self, visit: &Visit) -> Result<Envelope, Problem> {
        Envelope::from_json(self.envelope.get().as_bytes()).map_err(|error| explain(visit, AppError::from(error)))
    }
}

/// Logs in.
///
/// # Errors
/// The signature, key or challenge doesn't count.
#[utoipa::path(
    post,
    path = "/api/v1/login",
    tag = "log-in",
    summary = "Log in with a signed challenge",
    request_body(content = Object, description = "envelope: a DSSE envelope of type application/vnd.sunvote.login.v1+json over origin, challenge, key and at", content_type = "application/json"),
    responses((status = 204, description = "Logged in: the session cookie is set"), (status = 422, description = "Signature, key or challenge does not count"))
)]
pub async fn log_in(
    State(state): State<AppState>,
    visit: Visit,
    Json(answer): Json<Answer>,
) -> Result<Response, Problem> {
    let envelope = answer.read(&visit)?;
    let began = state.app().log_in(&state.origin().to_string(), &envelope).await;
    let LoggedIn { token, lasts_ms } = began.map_err(|error| explain(&visit, error))?;
    let cookie = session_cookie(&state, &token, lasts_ms);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie)])).into_response())
}

/// The cookie of a session that begins and lasts so many milliseconds.
#[must_use]
pub fn session_cookie(state: &AppState, token: &str, lasts_ms: i64) -> String {
    let seconds = u64::try_from(lasts_ms / 1_000).unwrap_or(0);
    set_cookie(state.cookie_name(), token, seconds, state.secure())
}

/// Where somebody logs out.
#[derive(Debug, Deserialize)]
pub struct LogOut {
    /// Of every device that logged in with the same key, computers that it let in among them.
    everywhere: Option<String>,
}

/// Logs out.
///
/// # Errors
/// The store's.
pub async fn log_out(
    State(state): State<AppState>,
    identity: Identity,
    Form(asked): Form<LogOut>,
) -> Result<Response, Problem> {
    let (hash, key, db) = (identity.token.hash(), identity.key, state.app().db());
    // Whoever logs out everywhere is to see that this device is out, too.
    let (ended, leads) = if asked.everywhere.is_some() {
        (db.write("end_sessions_of_key", |tx| Box::pin(tx.end_sessions_of_key(key))).await.map(|_| ()), "/login")
    } else {
        let leads = if identity.by_account { "/login/provider/out" } else { "/" };
        (db.write("end_session", |tx| Box::pin(tx.end_session(hash))).await.map(|_| ()), leads)
    };
    ended.map_err(AppError::Store)?;
    Ok((AppendHeaders([(SET_COOKIE, session_cookie(&state, "", 0))]), Redirect::to(leads)).into_response())
}

#[cfg(test)]
mod tests {
    use super::next_path;

    #[test]
    fn a_log_in_leads_to_no_other_site() {
        assert_eq!(next_path("/v/331102001206?x=1"), "/v/331102001206?x=1");
        assert_eq!(next_path(""), "/tasks");
        // Browsers drop tabs and line ends and read a backslash as a slash.
        for bad in ["https://example.com/", "//example.com", "/\\example.com", "/\t/example.com", "/\n/example.com"] {
            assert_eq!(next_path(bad), "/", "{bad:?}");
        }
    }
}
