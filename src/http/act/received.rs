//! Suggestions and objections of people without a key: a form, and the page to come back to. Works without script; who has no
//! phone prints the form and puts it into the box.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::error::AppError;
use crate::app::received::{objectable, receipt_of};
use crate::app::views::library::Wanted;
use crate::core::act::Act;
use crate::core::ids::{MatterId, VillageCode};
use crate::http::act::draft::explain;
use crate::http::pages::received::{ReceivedPage, WritePage};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{receipt, rows};
use crate::http::state::AppState;

/// What was written.
#[derive(Debug, Default, Deserialize)]
pub struct Written {
    #[serde(default)]
    text: String,
}

/// `GET /v/{code}/suggest`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn suggest(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
) -> Result<Response, Problem> {
    write_page(&state, &visit, village, None, Written::default(), None).await
}

/// `POST /v/{code}/suggest`: puts the suggestion on record and leads to the page that shows it.
///
/// # Errors
/// As [`suggest`].
pub async fn send_suggestion(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
    Form(written): Form<Written>,
) -> Result<Response, Problem> {
    match state.app().receive_suggestion(village, &written.text).await {
        Ok(received) => Ok(kept(village, received.seq, &received.code)),
        Err(AppError::Invalid { reason, .. }) => write_page(&state, &visit, village, None, written, Some(reason)).await,
        Err(error) => Err(explain(&visit, error)),
    }
}

/// `GET /v/{code}/m/{matter}/object`.
///
/// # Errors
/// There is no such village or matter; `Gone` when no window for objections is open.
pub async fn object(
    State(state): State<AppState>,
    visit: Visit,
    At((village, matter)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    write_page(&state, &visit, village, Some(matter), Written::default(), None).await
}

/// `POST /v/{code}/m/{matter}/object`: puts the objection on record and leads to the page that shows it.
///
/// # Errors
/// As [`object`].
pub async fn send_objection(
    State(state): State<AppState>,
    visit: Visit,
    At((village, matter)): At<(VillageCode, MatterId)>,
    Form(written): Form<Written>,
) -> Result<Response, Problem> {
    match state.app().receive_objection(village, matter, &written.text).await {
        Ok(received) => Ok(kept(village, received.seq, &received.code)),
        Err(AppError::Invalid { reason, .. }) => {
            write_page(&state, &visit, village, Some(matter), written, Some(reason)).await
        }
        Err(AppError::NotFound { what: "notice" }) => Err(Problem::new(Code::Gone)),
        Err(error) => Err(explain(&visit, error)),
    }
}

fn kept(village: VillageCode, seq: u64, code: &str) -> Response {
    Redirect::to(&format!("/v/{village}/received/{seq}?receipt={code}")).into_response()
}

async fn write_page(
    state: &AppState,
    visit: &Visit,
    village: VillageCode,
    matter: Option<MatterId>,
    written: Written,
    wrong: Option<&'static str>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, visit, village).await?;
    let mut wanted = Wanted::default();
    rows::want_titles(matter.and_then(|id| view.state().matter(id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let (mut about, mut until, mut action) = (None, None, format!("/v/{village}/suggest"));
    if let Some(id) = matter {
        let found = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        let notice = objectable(found, view.now).ok_or_else(|| Problem::new(Code::Gone))?;
        about = Some((view.title(found), format!("/v/{village}/m/{id}")));
        until = Some(notice.ends.last_day());
        action = format!("/v/{village}/m/{id}/object");
    }
    let link = format!("{}{action}", state.origin());
    page(&WritePage {
        c: visit.c.clone(),
        place: view.place.clone(),
        kind: if matter.is_some() { "objection.received" } else { "suggestion.received" }.to_owned(),
        about,
        until,
        action,
        text: written.text,
        error: wrong.map(|reason| visit.c.named("invalid", reason).to_string()),
        qr_svg: receipt::qr(&link)?,
        link,
    })
}

/// What a writer's address carries beside village and index.
#[derive(Debug, Deserialize)]
pub struct Kept {
    receipt: Option<String>,
}

/// `GET /v/{code}/received/{seq}`: what was written, where it can be followed, and the receipt code for who has it.
///
/// # Errors
/// There is no such entry, or it isn't somebody's who wrote without a key; the store can't be read now.
pub async fn received(
    State(state): State<AppState>,
    visit: Visit,
    At((village, seq)): At<(VillageCode, u64)>,
    Query(kept): Query<Kept>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, village).await?;
    let gone = || Problem::new(Code::NotFound);
    let told = app.told_from(village, seq, 1).await?.into_iter().next().ok_or_else(gone)?;
    let (text, receipt_hash) = match &told.statement.act {
        Act::SuggestionReceived(act) => (act.text.sha256, act.receipt),
        Act::ObjectionReceived(act) => (act.text.sha256, act.receipt),
        _ => return Err(gone()),
    };
    let mut wanted = Wanted::default();
    wanted.spoken.insert(text);
    rows::want_titles(told.statement.matter.and_then(|id| view.state().matter(id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let code = kept.receipt.filter(|code| receipt_of(code) == receipt_hash);
    let mine = code.as_ref().map(|code| format!("?receipt={code}")).unwrap_or_default();
    let link = format!("{}/v/{village}/received/{seq}{mine}", state.origin());
    page(&ReceivedPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        kind: told.statement.kind().code().to_owned(),
        at: told.at.time,
        seq,
        words: view.words(text),
        about: view.about(&told),
        code,
        qr_svg: receipt::qr(&link)?,
        link,
    })
}
