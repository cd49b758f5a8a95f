//! At the door: its page and what changes on it, notes beside the record, the link to the meeting, a member's own number.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;

use crate::app::door::Noted;
use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::ids::{SessionId, VillageCode};
use crate::core::model::Channel;
use crate::http::act::draft::explain;
use crate::http::pages::door::{DoorPage, DoorRow, NumberPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::want_questions;
use crate::http::read::context::View;
use crate::http::read::door::{Keeper, keeps_door};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::receipt::qr;
use crate::http::read::record::log_key;
use crate::http::session::Identity;
use crate::http::state::AppState;

/// The village with the words of the session's questions.
async fn view_of<'v>(
    state: &AppState,
    visit: &'v Visit,
    code: VillageCode,
    id: SessionId,
) -> Result<View<'v>, Problem> {
    let view = View::of(state.app(), visit, code).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut wanted = Wanted::default();
    for item in &session.agenda {
        want_questions(&view, session, item, &mut wanted);
    }
    view.fetch(state.app(), &wanted).await
}

/// `GET /v/{code}/s/{session}/door`.
///
/// # Errors
/// `NotAllowed` for who doesn't keep the door; there is no such session; the store can't be read now.
pub async fn door(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = view_of(&state, &visit, code, id).await?;
    let keeper = Keeper::of(app, &view, &identity, id).await?;
    let session = keeper.session();
    let live = json(&keeper.live(app, identity.person).await?)?;
    let cards = keeper.cards(app).await?;
    let row = |(no, person): (&u32, &crate::core::ids::PersonId)| DoorRow {
        no: *no,
        name: view.names.get(person).cloned().unwrap_or_default(),
        state: keeper.state_of(*no),
        cards: cards.get(no).map(|cards| cards.join(" ")).unwrap_or_default(),
    };
    let held = match keeper.key() {
        Some(key) if state.play().is_some() => app.demo_holds(code, identity.person, key).await?,
        _ => false,
    };
    let form = format!("/v/{code}/do/{}?session={id}", Kind::AttendanceRecorded);
    page(&DoorPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        eligible: session.eligible().into(),
        present: session.there().len() as u64,
        quorum: view.session_rule(session).map(|rule| rule.quorum_needed),
        rows: session.roster.iter().map(row).collect(),
        live,
        signing: json(&keeper.signing())?,
        server_signs: held.then(|| format!("/v/{code}/sign")),
        log_key: log_key(&view.live)?,
        sets_link: keeper.is_clerk(),
        link: app.meeting_link(code, id).await?.unwrap_or_default(),
        remote: session.channels.contains(&Channel::Online),
        form: keeper.is_clerk().then_some(form),
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|_| Problem::new(Code::Internal))
}

/// What changes on the page.
///
/// # Errors
/// As [`door`].
#[utoipa::path(
    get,
    path = "/api/v1/villages/{code}/sessions/{session}/door",
    tag = "sessions",
    summary = "Who is there, who has a paper, what waits and what is noted, for those who keep the door",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("session" = String, Path, description = "ULID")),
    responses((status = 200, description = "there, left, recused, votes, waiting, notes; numbers of the roster only"), (status = 404, description = "No such session"))
)]
pub async fn live(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let view = view_of(&state, &visit, code, id).await?;
    let keeper = Keeper::of(state.app(), &view, &identity, id).await?;
    Ok(Json(keeper.live(state.app(), identity.person).await?).into_response())
}

/// A note beside the record, made or taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noting {
    note: Noted,
    /// Whether it is made, else it is taken back.
    on: bool,
    /// Who an observer is.
    #[serde(default)]
    words: Option<String>,
}

/// Notes something at the door, or takes the own note back.
///
/// # Errors
/// `NotAllowed` for who doesn't keep the door; `Unprocessable` for what can't be noted; the store's.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/sessions/{session}/door/notes",
    tag = "sessions",
    summary = "A note beside the record: called and seen, a scribe, an observer, a spoiled paper",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("session" = String, Path, description = "ULID")),
    request_body(content = Object, description = "note: kind called (no, since), scribe (no), observer (id) or spoiled (matter, question, id); on; words for an observer", content_type = "application/json"),
    responses((status = 204, description = "Noted, or taken back"), (status = 404, description = "No such session"), (status = 422, description = "It can not be noted"))
)]
pub async fn note(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
    Json(noting): Json<Noting>,
) -> Result<Response, Problem> {
    let app = state.app();
    allowed(&state, code, id, &identity, false).await?;
    let Noting { note, on, words } = noting;
    let done = if on {
        app.note_at_door(code, id, identity.person, &note, words.as_deref()).await
    } else {
        app.unnote_at_door(code, id, identity.person, &note).await
    };
    done.map_err(|error| explain(&visit, error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Refuses who doesn't keep the door; `clerk`: who isn't the clerk.
async fn allowed(
    state: &AppState,
    code: VillageCode,
    id: SessionId,
    identity: &Identity,
    clerk: bool,
) -> Result<(), Problem> {
    let (app, now) = (state.app(), state.app().now());
    let live = app.lives().live(code).await?;
    live.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let person = identity.person;
    let keeps = identity.enrolled && keeps_door(live.state(), id, person, now);
    let fits = !clerk || live.state().people.holds(person, crate::core::model::Role::Clerk, now.date());
    if keeps && fits { Ok(()) } else { Err(Problem::new(Code::NotAllowed)) }
}

/// The link to the meeting, as the clerk's form sends it.
#[derive(Debug, Deserialize)]
pub struct Meeting {
    link: String,
}

/// Keeps the link to the meeting; an empty one takes it away.
///
/// # Errors
/// `Unprocessable` for what is no https link; the store's.
pub async fn meeting(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
    Form(form): Form<Meeting>,
) -> Result<Response, Problem> {
    allowed(&state, code, id, &identity, true).await?;
    let set = state.app().set_meeting_link(code, id, &form.link).await;
    set.map_err(|error| explain(&visit, error))?;
    Ok(Redirect::to(&format!("/v/{code}/s/{id}/door")).into_response())
}

/// `GET /v/{code}/s/{session}/number`: a member's own number with a QR code that finds the row at the door. It proves nothing: a
/// person there looks at the face.
///
/// # Errors
/// `NotAllowed` for who is not on the roster; there is no such session; the store can't be read now.
pub async fn number(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let view = View::of(state.app(), &visit, code).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let no = visit.person().and_then(|person| session.number_of(person));
    let no = no.ok_or_else(|| Problem::new(Code::NotAllowed))?;
    page(&NumberPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        no,
        name: view.names.get(&identity.person).cloned().unwrap_or_default(),
        qr_svg: qr(&format!("{}/v/{code}/s/{id}/number#no={no}", state.origin()))?,
        there: session.there().contains(&no),
        meeting: state.app().meeting_link(code, id).await?.filter(|_| session.is_live()),
    })
}
