//! The running witness: its own small server, and the loop that follows.

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::time::{MissedTickBehavior, interval};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::http::access::{Attempts, Endpoint};
use crate::http::gate::counted;
use crate::http::router::router_beside;
use crate::http::server::{Server, ServerError};
use crate::http::state::AppState;
use crate::log::entry::MAX_ENTRY_BYTES;
use crate::log::witness::MAX_REQUEST_BYTES;
use crate::witness::follower::{Progress, Round};
use crate::witness::seen::MAX_SEEN_BYTES;
use crate::witness::{Witness, handlers};

/// What of the server's own addresses a witness answers too: from its copies, and the same client.
const SHARED: &[Endpoint] = &[
    Endpoint::Health,
    Endpoint::Ready,
    Endpoint::Metrics,
    Endpoint::Asset,
    Endpoint::Settings,
    Endpoint::SettingsPage,
    Endpoint::Help,
    Endpoint::LogVillageTile,
    Endpoint::LogDistrictCheckpoint,
    Endpoint::LogDistrictTile,
    Endpoint::ReceiptDistrictFile,
];

/// How often it is looked whether the server is silent.
const MIND_EVERY: Duration = Duration::from_mins(1);

/// The witness as a service.
pub fn router(witness: Witness, state: AppState) -> Router {
    let district = witness.settings().server.clone();
    let seconds = Duration::from_secs(state.limits().request_seconds);
    let late = TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, seconds);
    let counted_in = from_fn_with_state((state.clone(), Attempts::HandedIn), counted);
    let vouch = post(handlers::vouch).route_layer(RequestBodyLimitLayer::new(MAX_ENTRY_BYTES)).route_layer(counted_in);
    let own = Router::new()
        .route("/", get(handlers::show))
        .route("/check", get(handlers::check))
        .route("/v/{code}/record/file", get(handlers::record))
        .route("/log/v/{code}/checkpoint", get(handlers::village_checkpoint))
        .route("/witness/evidence/{alarm}", get(handlers::evidence))
        .route("/witness/{origin}/checkpoint", get(handlers::checkpoint))
        .route("/witness/vouch", vouch)
        .route("/witness/seen", post(handlers::seen).route_layer(RequestBodyLimitLayer::new(MAX_SEEN_BYTES)))
        .route(
            "/witness/add-checkpoint",
            post(handlers::add_checkpoint).route_layer(RequestBodyLimitLayer::new(MAX_REQUEST_BYTES)),
        )
        .route_layer(DefaultBodyLimit::disable())
        .route_layer(late)
        .layer(Extension(witness));
    // A voter whom the district's server refuses hands the ballot over from that server's own page.
    router_beside(state, SHARED, &district, own)
}

/// Answers and follows until the server is stopped.
///
/// # Errors
/// The certificate can't be used, or the listener failed.
pub async fn serve(witness: Witness, server: Server, state: AppState) -> Result<(), ServerError> {
    let (following, minding) = (tokio::spawn(follow(witness.clone())), tokio::spawn(mind(witness.clone())));
    let (stop_following, stop_minding) = (following.abort_handle(), minding.abort_handle());
    let whole = router(witness.clone(), state.clone());
    let ended = tokio::select! {
        ended = server.run_router(whole, &state) => ended,
        // Neither ever ends but by a fault of ours: a witness that no longer looks must not seem to.
        _ = following => Err(ServerError::Ended(std::io::Error::other("the witness follows no longer"))),
        _ = minding => Err(ServerError::Ended(std::io::Error::other("the witness minds silence no longer"))),
    };
    stop_following.abort();
    stop_minding.abort();
    witness.app().stop().await;
    witness.db().close().await;
    ended
}

/// Follows for ever, one round after the other.
async fn follow(witness: Witness) {
    let mut ticks = interval(witness.settings().poll());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match witness.round(&told).await {
            Ok(round) if round == Round::default() => {}
            Ok(round) => tracing::info!(?round, "a round"),
            // What is left is done in the next round.
            Err(error) => tracing::error!(%error, "a round did not end"),
        }
    }
}

/// Minds for ever how long the server has given no good answer: a server that answers very slowly holds up a round for hours.
async fn mind(witness: Witness) {
    let mut ticks = interval(MIND_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = witness.mind_silence().await {
            tracing::error!(%error, "silence could not be minded");
        }
    }
}

/// A line for each tenth of a long round.
fn told(progress: Progress) {
    let Progress { done, of, entries } = progress;
    if of >= 10 && done.is_multiple_of(of.div_ceil(10)) {
        tracing::info!(done, of, entries, "villages read");
    }
}
