//! Rehearsing a session: who leads it makes the rehearsal, sees how to come in, and ends it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::error::AppError;
use crate::app::rehearsal::RehearsalError;
use crate::core::ids::{SessionId, VillageCode};
use crate::core::state::phase::Phase;
use crate::http::pages::rehearsal::{RehearsalPage, Standing, Tried, Within};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::receipt::qr;
use crate::http::rehearsal::front::ENTRANCE;
use crate::http::rehearsal::{MakeError, Rehearsals, Running};
use crate::http::state::AppState;

impl From<MakeError> for Problem {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Underway => Self::new(Code::Conflict).rule("rehearsal-underway"),
            MakeError::Full => Self::new(Code::Conflict).rule("rehearsal-full"),
            MakeError::Rehearsal(RehearsalError::Begun) => Self::new(Code::Conflict).rule("rehearsal-begun"),
            MakeError::Rehearsal(RehearsalError::NotAhead) => Self::new(Code::Conflict).rule("rehearsal-not-ahead"),
            MakeError::Rehearsal(RehearsalError::Law(rejection)) => {
                tracing::warn!(%rejection, "a session can't be rehearsed");
                Self::new(Code::Unprocessable).rule("rehearsal-law")
            }
            MakeError::Rehearsal(RehearsalError::App(error)) => error.into(),
            MakeError::Rehearsal(RehearsalError::Folder(error)) => {
                tracing::error!(%error, "a rehearsal's folder can't be made");
                Self::new(Code::Unavailable)
            }
        }
    }
}

/// `GET /v/{code}/s/{session}/rehearsal`.
///
/// # Errors
/// There is no such session; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    let session = live.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let place = state.app().village_place(code).await?;
    let standing = match state.rehearsals() {
        Some(rehearsals) => {
            let phase = live.state().phase(session, state.app().now());
            standing(rehearsals, code, id, phase).await?
        }
        None => Standing::NotSet,
    };
    let (body, at) = (session.body.code().to_owned(), session.starts_at);
    page(&RehearsalPage { c: visit.c, place: place.into(), id, body, at, standing })
}

async fn standing(
    rehearsals: &Rehearsals,
    code: VillageCode,
    id: SessionId,
    phase: Phase,
) -> Result<Standing, Problem> {
    Ok(match rehearsals.of(code) {
        Some(running) if running.session == id => Standing::Running(within(rehearsals, &running).await?),
        Some(running) => Standing::Other(running.session),
        None if phase.has_begun() => Standing::Begun,
        None if phase != Phase::Called => Standing::Over,
        None if rehearsals.are_full() => Standing::Full,
        None => Standing::Ready,
    })
}

/// How people come in, and what they have tried.
async fn within(rehearsals: &Rehearsals, running: &Arc<Running>) -> Result<Within, Problem> {
    let (origin, code) = (rehearsals.origin(), running.code.clone());
    let link = format!("{origin}{ENTRANCE}?code={code}");
    let tried = running.tried().await.into_iter();
    Ok(Within {
        address: origin.to_string(),
        qr_svg: qr(&link)?,
        link,
        code,
        until: running.until,
        tried: tried.map(|(part, done)| Tried { part: part.code().to_owned(), done }).collect(),
    })
}

fn back(code: VillageCode, id: SessionId) -> Response {
    Redirect::to(&format!("/v/{code}/s/{id}/rehearsal")).into_response()
}

fn set_up(state: &AppState) -> Result<&Rehearsals, Problem> {
    state.rehearsals().ok_or_else(|| Problem::new(Code::NotFound))
}

/// `POST /v/{code}/s/{session}/rehearsal`: makes the rehearsal.
///
/// # Errors
/// `NotFound` where rehearsals are not set up; one runs already, or too many do; the village's state doesn't allow it.
pub async fn make(
    State(state): State<AppState>,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    set_up(&state)?.make(code, id).await?;
    Ok(back(code, id))
}

/// `POST /v/{code}/s/{session}/rehearsal/end`: ends it.
///
/// # Errors
/// `NotFound` where rehearsals are not set up, or this session isn't rehearsed.
pub async fn end(
    State(state): State<AppState>,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let rehearsals = set_up(&state)?;
    let running = rehearsals.of(code).filter(|running| running.session == id);
    running.ok_or(AppError::NotFound { what: "rehearsal" })?;
    rehearsals.end(code).await;
    Ok(back(code, id))
}
