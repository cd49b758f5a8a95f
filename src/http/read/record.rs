//! A village's record in plain words, page by page, and as one file.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::BoxStream;
use serde::Deserialize;

use crate::app::live::Live;
use crate::app::publish::served::Standing;
use crate::app::views::library::Wanted;
use crate::app::views::told::Told;
use crate::core::ids::VillageCode;
use crate::http::pages::parts::Pager;
use crate::http::pages::record::{EntryLine, RecordPage, Witness};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;
use crate::log::note::{Algorithm, VerifierKey};
use crate::store::error::StoreError;

/// Entries on a page.
const PAGE: u64 = 40;
/// Media type of a record file.
const RECORD_TYPE: &str = "application/vnd.sunvote.record";

/// Which page.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    /// From 1, newest first.
    page: Option<u64>,
    /// The page that has this entry.
    from: Option<u64>,
}

/// `GET /v/{code}/record`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn record(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let size = view.live.ledger.frontier.size();
    let pages = size.div_ceil(PAGE).max(1);
    let asked = chosen.from.map(|seq| size.saturating_sub(1).saturating_sub(seq) / PAGE + 1);
    let number = asked.or(chosen.page).unwrap_or(1).clamp(1, pages);
    let end = size.saturating_sub((number - 1) * PAGE);
    let start = end.saturating_sub(PAGE);
    let mut told = app.told_from(code, start, end - start).await?;
    told.reverse();
    let mut wanted = Wanted::default();
    let matters = told.iter().filter_map(|told| view.state().matter(told.statement.matter?));
    rows::want_titles(matters, &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    page(&RecordPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        origin: view.state().origin.clone(),
        log_key: log_key(&view.live)?,
        district_key: app.district_verifier(code.district()).await?.map(|key| key.to_string()),
        size,
        root: view.live.ledger.frontier.root(),
        at: Some(view.state().last.time),
        witnesses: app.standings(code).await?.into_iter().map(Witness::from).collect(),
        file_href: format!("/v/{code}/record/file"),
        file_size: None,
        runs: RecordPage::in_runs(told.iter().map(|told| view.entry_line(told)).collect()),
        pager: Pager::at(number, pages, |page| format!("/v/{code}/record?page={page}")),
    })
}

impl From<Standing> for Witness {
    fn from(Standing { name, lawful, at, current }: Standing) -> Self {
        Self { name, lawful, at, current }
    }
}

/// The key of a village's log as verifiers take it.
///
/// # Errors
/// `Internal` for a key that is none, which no founded village has.
pub fn log_key(live: &Live) -> Result<String, Problem> {
    verifier(live).map(|key| key.to_string())
}

/// The key of a village's log.
///
/// # Errors
/// As [`log_key`].
pub fn verifier(live: &Live) -> Result<VerifierKey, Problem> {
    let state = live.state();
    let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key);
    key.map_err(|_| Problem::new(Code::Internal))
}

impl View<'_> {
    /// An entry as a sentence.
    #[must_use]
    pub fn entry_line(&self, told: &Told) -> EntryLine {
        EntryLine {
            seq: told.at.seq,
            at: told.at.time,
            kind: told.statement.kind().code().to_owned(),
            by: self.signers(&told.statement.by),
            about: self.about(told),
            leaf: told.at.leaf,
        }
    }

    /// Title and page of the matter or session that an entry is about.
    #[must_use]
    pub fn about(&self, told: &Told) -> Option<(String, String)> {
        let code = self.village();
        let matter = told.statement.matter.and_then(|id| Some((id, self.state().matter(id)?)));
        if let Some((id, matter)) = matter {
            return Some((self.title(matter), format!("/v/{code}/m/{id}")));
        }
        let id = told.statement.session?;
        let session = self.state().session(id)?;
        let body = self.visit.c.named("body", session.body.code());
        Some((format!("{body} {}", self.visit.c.lang.time(session.starts_at)), format!("/v/{code}/s/{id}")))
    }
}

/// `GET /v/{code}/record/file`: the record as one file, read page by page while it is sent.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn file(State(state): State<AppState>, At(code): At<VillageCode>) -> Result<Response, Problem> {
    Ok(record_file(code, state.app().export(code).await?))
}

/// A record as a file to be kept.
pub fn record_file(code: VillageCode, stream: BoxStream<'static, Result<Vec<u8>, StoreError>>) -> Response {
    let disposition = format!("attachment; filename=\"{code}.sunvote\"");
    let headers = [(CONTENT_TYPE, RECORD_TYPE.to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(stream)).into_response()
}
