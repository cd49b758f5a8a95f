//! The entrance of rehearsals: names of villagers are behind it, so that every browser is asked for the code once.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::http::pages::chrome::Play;
use crate::http::pages::rehearsal::{EnterPage, Entering};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::rehearsal::{LASTS_MS, Rehearsals, Running, entrance_cookie};
use crate::http::settings::own_path;
use crate::http::state::AppState;

/// W3C Clear Site Data: what an earlier rehearsal left in the browser is no part of this one. Cookies stay.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Where a QR code leads, or somebody who is not in yet.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// The code, from the QR code.
    #[serde(default)]
    code: String,
    /// Where to go then.
    #[serde(default)]
    next: String,
}

/// The rehearsals, at their own address alone.
fn rehearsals(state: &AppState) -> Result<&Rehearsals, Problem> {
    let here = state.rehearsals().filter(|_| state.play() == Some(Play::Rehearsal));
    here.ok_or_else(|| Problem::new(Code::NotFound))
}

/// `GET /enter`: asks for the code; says in plain words when there is nothing to enter any more.
///
/// # Errors
/// `NotFound` at the real district's address.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rehearsals = rehearsals(&state)?;
    if let Some(within) = rehearsals.within(&headers) {
        let other = rehearsals.find(&wanted.code).filter(|found| found.session != within.session);
        if other.is_none() {
            return Ok(Redirect::to(&after(&wanted.next)).into_response());
        }
    }
    // Whoever has been in any rehearsal, or comes when none runs, is told that it is over.
    let been = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let been = been.contains(entrance_cookie(state.secure())) && rehearsals.within(&headers).is_none();
    let entering = if rehearsals.are_over() || (been && rehearsals.find(&wanted.code).is_none()) {
        Entering::Over
    } else {
        Entering::Asked
    };
    page(&EnterPage { c: visit.c, entering, code: wanted.code, next: wanted.next })
}

/// `POST /enter`: lets the browser in.
///
/// # Errors
/// `NotFound` at the real district's address.
pub async fn enter(
    State(state): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let rehearsals = rehearsals(&state)?;
    let Some(running) = rehearsals.find(&wanted.code) else {
        let entering = if rehearsals.are_over() { Entering::Over } else { Entering::Wrong };
        let shown = page(&EnterPage { c: visit.c, entering, code: wanted.code, next: wanted.next })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    };
    let mut response = Redirect::to(&after(&wanted.next)).into_response();
    let again = rehearsals.within(&headers).is_some_and(|within| within.session == running.session);
    if !again && let Ok(value) = "\"storage\"".parse() {
        response.headers_mut().insert(CLEAR_SITE_DATA, value);
    }
    Ok((AppendHeaders([(SET_COOKIE, let_in(&state, &running))]), response).into_response())
}

/// The cookie of a browser that was let in. Lax: people come by links and QR codes that other programs open.
fn let_in(state: &AppState, running: &Running) -> String {
    let flag = if state.secure() { "; Secure" } else { "" };
    let (name, seconds) = (entrance_cookie(state.secure()), LASTS_MS / 1_000);
    format!("{name}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{flag}", running.pass)
}

/// Whoever wanted no page in particular takes a part first.
fn after(next: &str) -> String {
    if next.is_empty() { "/demo".to_owned() } else { own_path(next).to_owned() }
}
