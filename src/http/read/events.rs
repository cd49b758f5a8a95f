//! What a page that stays open is told: that the village's record has grown, or for a desk that one of its villages has changed
//! (server-sent events, HTML Standard 9.2).
//!
//! An event's id is the record's size, so a page that comes back with the last one it heard is told at once if something
//! has happened meanwhile, and one that comes without an id is told where the record stands. No database connection is held.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;

use crate::app::error::AppError;
use crate::app::growth::Watch;
use crate::core::ids::{SessionId, VillageCode};
use crate::http::gate::Caller;
use crate::http::limits::{Seat, no_seat};
use crate::http::metrics::Running;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::session::Identity;
use crate::http::state::AppState;

/// How often a connection on which nothing happens carries a sign of life. An event, not a comment: pages don't see comments,
/// and a page must notice that a connection is dead of which no end was heard.
const ALIVE_EVERY: Duration = Duration::from_secs(10);
/// When a browser whose connection broke tries again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// How long a desk is left alone after it was told: it is a page of queries, and a busy district changes every second.
const DESK_PAUSE: Duration = Duration::from_secs(5);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx and those that follow it to hand each event on at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /v/{code}/s/{session}/events`: `grown` when the record has more entries, `again` when the page is to look again
/// though it hasn't, `alive` while nothing happens. Ends when the server stops.
///
/// # Errors
/// There is no such village or session; no place is free (503), or none for this address (429).
pub async fn events(
    State(state): State<AppState>,
    Caller(address): Caller,
    headers: HeaderMap,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    state.app().lives().live(code).await?.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    listening(&state, address, &headers, code).await
}

/// `GET /v/{code}/talk/events`: the same for what is said in the hall.
///
/// # Errors
/// As [`events`].
pub async fn of_village(
    State(state): State<AppState>,
    Caller(address): Caller,
    headers: HeaderMap,
    At(code): At<VillageCode>,
) -> Result<Response, Problem> {
    listening(&state, address, &headers, code).await
}

async fn listening(
    state: &AppState,
    address: IpAddr,
    headers: &HeaderMap,
    code: VillageCode,
) -> Result<Response, Problem> {
    let seat = state.listeners().take(address).map_err(|full| no_seat(state, full))?;
    // Watched before the size is read: what is appended between the two is told.
    let mut watch = state.app().growth().watch(code);
    let live = state.app().lives().live(code).await?;
    let size = live.state().size();
    state.app().growth().grown(code, size);
    watch.settle();
    // A page that knows more than there is comes from elsewhere, or from before a restore: it is to look again.
    let known = last_heard(headers).filter(|known| *known <= size).unwrap_or(0);
    let alive = KeepAlive::new().interval(ALIVE_EVERY).event(Event::default().event("alive").data("alive"));
    let told = Sse::new(news(watch, known, (seat, state.metrics().listening()))).keep_alive(alive);
    Ok(([(BUFFERING, HeaderValue::from_static("no"))], told).into_response())
}

#[expect(clippy::disallowed_methods, reason = "spares the database; decides nothing")]
async fn pause() {
    tokio::time::sleep(DESK_PAUSE).await;
}

/// What a desk knows.
#[derive(Debug, Deserialize)]
pub struct Known {
    /// How much its villages' tables held when it was made; anything else is nothing.
    #[serde(default)]
    known: String,
}

/// `GET /desk/events?known=`: `grown` when one of the official's villages has changed, at once where the page is behind, and then at
/// most once in [`DESK_PAUSE`]; `alive` while nothing happens. Ends when the server stops.
///
/// # Errors
/// No place is free (503), or none for this address (429); the store's.
pub async fn desk(
    State(state): State<AppState>,
    Caller(address): Caller,
    identity: Identity,
    Query(asked): Query<Known>,
) -> Result<Response, Problem> {
    let seat = state.listeners().take(address).map_err(|full| no_seat(&state, full))?;
    let app = state.app().clone();
    // Watched before it is read how much there is: what is written between the two is told.
    let watch = app.watch_desk(identity.key).await.map_err(AppError::Store)?;
    let size = app.desk_size(identity.key).await.map_err(AppError::Store)?;
    let behind = asked.known.parse() != Ok(size);
    let held = (seat, state.metrics().listening());
    let news = stream::unfold((watch, behind, false, held), |(watch, behind, paused, held)| async move {
        if paused {
            pause().await;
        }
        if !behind && !watch.next().await {
            return None;
        }
        let event = Event::default().event("grown").data("grown").retry(AGAIN_AFTER);
        Some((Ok::<_, Infallible>(event), (watch, false, true, held)))
    });
    let alive = KeepAlive::new().interval(ALIVE_EVERY).event(Event::default().event("alive").data("alive"));
    Ok(([(BUFFERING, HeaderValue::from_static("no"))], Sse::new(news).keep_alive(alive)).into_response())
}

/// The size that the page heard of last.
fn last_heard(headers: &HeaderMap) -> Option<u64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

/// What one page is told; `held` is kept until the line ends.
fn news(watch: Watch, known: u64, held: (Seat, Running)) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((watch, known, held), |(mut watch, known, held)| async move {
        let size = watch.next(known).await?;
        let name = if size > known { "grown" } else { "again" };
        let event = Event::default().event(name).id(size.to_string()).data(size.to_string()).retry(AGAIN_AFTER);
        Some((Ok(event), (watch, size, held)))
    })
}
