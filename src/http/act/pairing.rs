//! A computer without a key: let in by a phone, and its drafts signed there.

use axum::Json;
use axum::extract::State;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::app::hand_over::HandedOver;
use crate::app::pairing::Answered;
use crate::core::ids::{Digest, VillageCode};
use crate::http::act::draft::explain;
use crate::http::act::{login, tasks};
use crate::http::pages::account::{LetInPage, SignSeveralPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// The phone's side: lets a computer in.
///
/// # Errors
/// The template's.
pub async fn let_in(visit: Visit) -> Result<Response, Problem> {
    page(&LetInPage { c: visit.c })
}

/// A computer asks to be let in.
///
/// # Errors
/// The store's.
#[utoipa::path(
    post,
    path = "/api/v1/login/computers",
    tag = "log-in",
    summary = "Ask to be let in by a phone",
    responses((status = 201, description = "code: nine digits to show; secret: for this computer alone; expires"))
)]
pub async fn ask(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asking = state.app().ask_in(agent).await?;
    let body = serde_json::json!({"code": asking.code, "secret": asking.secret, "expires": asking.expires});
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// What a phone is shown of a computer that asks.
///
/// # Errors
/// `NotFound` once it asks no more.
#[utoipa::path(
    get,
    path = "/api/v1/login/computers/{asking}",
    tag = "log-in",
    summary = "A computer that asks to be let in",
    params(("asking" = String, Path, description = "Nine digits")),
    responses((status = 200, description = "challenge: to be signed; agent: what its browser calls itself; seconds: how long ago it asked"), (status = 404, description = "None asks with this code"))
)]
pub async fn asking(State(state): State<AppState>, At(asking): At<String>) -> Result<Response, Problem> {
    let pairing = state.app().asking(&asking).await?;
    let (challenge, agent) = (pairing.challenge, pairing.agent);
    let seconds = (state.app().now().ms() - pairing.created.ms()) / 1_000;
    Ok(Json(serde_json::json!({"challenge": challenge, "agent": agent, "seconds": seconds})).into_response())
}

/// A phone lets a computer in.
///
/// # Errors
/// The signature, key or challenge doesn't count; the computer asks no more.
#[utoipa::path(
    post,
    path = "/api/v1/login/computers/{asking}",
    tag = "log-in",
    summary = "Let a computer in with a signed challenge",
    params(("asking" = String, Path, description = "Nine digits")),
    request_body(content = Object, description = "envelope: as for the log-in, over the computer's challenge", content_type = "application/json"),
    responses((status = 204, description = "It is let in"), (status = 404, description = "None asks with this code"), (status = 422, description = "Signature, key or challenge does not count"))
)]
pub async fn answer(
    State(state): State<AppState>,
    visit: Visit,
    At(asking): At<String>,
    Json(answer): Json<login::Answer>,
) -> Result<Response, Problem> {
    let envelope = answer.read(&visit)?;
    let answered = state.app().answer_asking(&state.origin().to_string(), &asking, &envelope).await;
    answered.map_err(|error| explain(&visit, error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What only the computer knows that asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    secret: String,
}

/// The computer looks whether it was let in.
///
/// # Errors
/// `NotFound` once it asks no more.
#[utoipa::path(
    post,
    path = "/api/v1/login/computers/{asking}/session",
    tag = "log-in",
    summary = "Begin the session of a computer that was let in",
    params(("asking" = String, Path, description = "Nine digits")),
    request_body(content = Object, description = "secret: as given to this computer", content_type = "application/json"),
    responses((status = 202, description = "Not let in yet"), (status = 204, description = "Logged in: the session cookie is set"), (status = 404, description = "Asks no more, or another computer's"))
)]
pub async fn asked(
    State(state): State<AppState>,
    At(asking): At<String>,
    Json(asked): Json<Asked>,
) -> Result<Response, Problem> {
    match state.app().asked(&asking, &asked.secret).await? {
        Answered::Waits => Ok(StatusCode::ACCEPTED.into_response()),
        Answered::In(began) => {
            let cookie = login::session_cookie(&state, &began.token, began.lasts_ms);
            Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie)])).into_response())
        }
    }
}

/// A draft to be signed on another device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsigned {
    payload: String,
}

/// Keeps a draft for signing on another device.
///
/// # Errors
/// The rule that refuses it.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/pending",
    tag = "statements",
    summary = "Keep a draft for signing on another device",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    request_body(content = Object, description = "payload: base64 of the exact bytes; one of its signers is who is logged in, with the key of this session", content_type = "application/json"),
    responses((status = 201, description = "pending: the statement's id"), (status = 422, description = "A rule of form or of the law refuses it, or only the device that made it can sign it"))
)]
pub async fn hand_over(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(village): At<VillageCode>,
    Json(unsigned): Json<Unsigned>,
) -> Result<Response, Problem> {
    let payload = BASE64_STANDARD.decode(unsigned.payload).map_err(|_| Problem::new(Code::BadRequest))?;
    let kept = state.app().hand_over(village, payload, identity.person, identity.key).await;
    let id = kept.map_err(|error| explain(&visit, error))?;
    Ok((StatusCode::CREATED, Json(serde_json::json!({"pending": id}))).into_response())
}

/// What became of a draft that was handed over.
///
/// # Errors
/// `NotFound` where it waits no more.
#[utoipa::path(
    get,
    path = "/api/v1/villages/{code}/pending/{id}",
    tag = "statements",
    summary = "Whether a statement was signed on the other device",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("id" = String, Path, description = "Statement id, hex")),
    responses((status = 200, description = "state: waits, signed or recorded"), (status = 404, description = "It waits no more"))
)]
pub async fn handed_over(
    State(state): State<AppState>,
    identity: Identity,
    At((village, id)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    let state = match state.app().handed_over(village, id, identity.person).await? {
        HandedOver::Waits => "waits",
        HandedOver::Signed => "signed",
        HandedOver::Recorded => "recorded",
    };
    Ok(Json(serde_json::json!({"state": state})).into_response())
}

/// Throws a draft away that was handed over and that nobody has signed.
///
/// # Errors
/// `Gone` where it doesn't wait unsigned for the reader.
pub async fn take_back(
    State(state): State<AppState>,
    identity: Identity,
    At((village, id)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    if !state.app().take_back(village, id, identity.person).await? {
        return Err(Problem::new(Code::Gone));
    }
    Ok(Redirect::to("/tasks").into_response())
}

/// All that waits for the reader's signature, to be signed at one go.
///
/// # Errors
/// The store's.
pub async fn several(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    let waiting = tasks::to_sign(state.app(), visit.c.lang, &identity).await?;
    page(&SignSeveralPage { c: visit.c, waiting })
}
