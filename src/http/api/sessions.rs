//! Sessions of a village's deciding bodies.

use axum::Json;
use axum::extract::{Query, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::projection::status_code;
use crate::core::ids::{SessionId, VillageCode};
use crate::core::state::session::Session as Known;
use crate::core::state::voting::VotingStatus;
use crate::http::api::{Limit, Page, Place, limit, rows};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::state::AppState;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Code of the body that meets.
    pub body: &'static str,
    /// When it begins, UTC.
    pub starts_at: String,
    /// `convened`, `roster_fixed`, `cancelled`, `failed` or `ended`.
    pub status: &'static str,
    /// The entry that called it.
    pub convened: Place,
    /// How members can take part.
    pub channels: Vec<&'static str>,
    /// Matters on the agenda.
    pub agenda: Vec<String>,
    /// Members on the roster (应到).
    pub eligible: u32,
    /// Members there now (实到).
    pub present: usize,
    /// Votes opened so far.
    pub votings: Vec<Voting>,
}

/// The vote on one question.
#[derive(Debug, Serialize, ToSchema)]
pub struct Voting {
    /// The matter.
    pub matter: String,
    /// The question.
    pub question: String,
    /// `open`, `closed`, `deliveries_ended`, `ballots_opened`, `announced` or `voided`.
    pub status: &'static str,
    /// `named` or `paper_secret`.
    pub mode: &'static str,
    /// The entry that opened it.
    pub opened: Place,
    /// When it closes by itself, UTC.
    pub closes_at: String,
    /// Whether it passed, once announced.
    pub passed: Option<bool>,
}

fn session_json(id: SessionId, session: &Known) -> Session {
    let votings = session.votings.iter().map(|((matter, question), voting)| Voting {
        matter: matter.to_string(),
        question: question.to_string(),
        status: match voting.status {
            VotingStatus::Open => "open",
            VotingStatus::Closed => "closed",
            VotingStatus::DeliveriesEnded => "deliveries_ended",
            VotingStatus::BallotsOpened => "ballots_opened",
            VotingStatus::Announced => "announced",
            VotingStatus::Voided => "voided",
        },
        mode: voting.opening.mode.code(),
        opened: voting.opened.into(),
        closes_at: voting.opening.closes_at.to_string(),
        passed: voting.result.as_ref().map(|result| result.passed),
    });
    Session {
        id: id.to_string(),
        body: session.body.code(),
        starts_at: session.starts_at.to_string(),
        status: status_code(session.status),
        convened: session.convened.into(),
        channels: session.channels.iter().map(|channel| channel.code()).collect(),
        agenda: session.agenda.iter().map(|item| item.matter.to_string()).collect(),
        eligible: session.eligible(),
        present: session.there().len(),
        votings: votings.collect(),
    }
}

/// `GET /api/v1/villages/{code}/sessions`.
///
/// # Errors
/// There is no such village; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/sessions", tag = "sessions", summary = "The latest sessions, latest first",
    params(("code" = String, Path, description = "12 digits"), Limit),
    responses((status = 200, description = "Sessions", body = Page<Session>), (status = 404, description = "No such village"))
)]
pub async fn sessions(
    State(state): State<AppState>,
    At(code): At<VillageCode>,
    Query(asked): Query<Limit>,
) -> Result<Json<Page<Session>>, Problem> {
    let live = state.app().lives().live(code).await?;
    let limit = rows(limit(asked.limit));
    let mut found: Vec<_> = live.state().sessions.iter().collect();
    found.sort_by_key(|(_, session)| std::cmp::Reverse(session.starts_at));
    let items = found.into_iter().take(limit).map(|(id, session)| session_json(*id, session)).collect();
    Ok(Json(Page { items, next: None }))
}

/// `GET /api/v1/villages/{code}/sessions/{session}`.
///
/// # Errors
/// There is no such village or session; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/sessions/{session}", tag = "sessions", summary = "One session",
    params(("code" = String, Path, description = "12 digits"), ("session" = String, Path, description = "ULID")),
    responses((status = 200, description = "The session", body = Session), (status = 404, description = "No such session"))
)]
pub async fn session(
    State(state): State<AppState>,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Json<Session>, Problem> {
    let live = state.app().lives().live(code).await?;
    let session = live.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(session_json(id, session)))
}
