//! A terminal in the hall. The page is the same for everyone; what a terminal knows and does is its browser's.

use axum::extract::State;
use axum::response::Response;

use crate::core::ids::{SessionId, VillageCode};
use crate::http::pages::terminal::TerminalPage;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::state::AppState;

/// `GET /v/{code}/s/{session}/terminal`.
///
/// # Errors
/// There is no such village or session; the store can't be read now.
pub async fn terminal(
    State(state): State<AppState>,
    visit: Visit,
    At((code, session)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(code).await?;
    live.state().session(session).ok_or_else(|| Problem::new(Code::NotFound))?;
    page(&TerminalPage { c: visit.c, place: app.village_place(code).await?.into(), session })
}
