//! A document: a page that says what it is, and its bytes.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::app::accesses::{Action as Read, is_noted};
use crate::app::views::library::{Known, Wanted};
use crate::app::views::told::Told;
use crate::core::act::Kind;
use crate::core::ids::{Digest, VillageCode};
use crate::core::judge::village::CORRECTABLE;
use crate::core::model::{Doc, Level, Media};
use crate::core::{offers, tasks};
use crate::http::act::tasks::role_in;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::PaperState;
use crate::http::pages::record::{Content, DocumentPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::acts;
use crate::http::read::context::{View, is_picture};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;
use crate::store::documents::Document;

/// `GET /v/{code}/d/{commitment}`.
///
/// # Errors
/// There is no such village or document; the store can't be read now.
pub async fn document(
    State(state): State<AppState>,
    visit: Visit,
    At((code, name)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let naming = naming(app, code, name).await?;
    let mut entered_by = naming.as_ref().map(acts::persons).unwrap_or_default();
    if naming.is_none() {
        // Nobody else has heard of it yet.
        open(app, &visit, code, name).await?;
        entered_by.extend(visit.person());
    }
    let mut wanted = Wanted::default();
    wanted.spoken.insert(name);
    let matter = naming.iter().filter_map(|told| view.state().matter(told.statement.matter?));
    rows::want_titles(matter, &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let known = view.library.known(name).ok_or_else(|| Problem::new(Code::NotFound))?;
    let doc = doc_of(known)?;
    let paper = view.paper(title(&view, naming.as_ref(), name), &doc, &entered_by);
    let open = matches!(paper.state, PaperState::Open);
    let file = format!("/v/{code}/d/{name}/file");
    let content = match doc.media {
        _ if !open => Content::Nothing,
        Media::Text => Content::Text(view.words(name)),
        media if is_picture(media) => Content::Picture(file.clone()),
        Media::Pdf | Media::Heic | Media::Mp4 | Media::Jpeg | Media::Png | Media::Webp => Content::File,
    };
    let entry = naming.as_ref().filter(|_| open).map(|told| view.entry_line(told));
    page(&DocumentPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        paper,
        content,
        entry,
        download: open.then_some(file),
        actions: actions(&view, naming.as_ref(), name, doc.media),
    })
}

/// What the reader may do about a document that is still shown: put a slip of the pen right, or withdraw it.
fn actions(view: &View<'_>, naming: Option<&Told>, name: Digest, media: Media) -> Vec<Action> {
    let Some(person) = view.visit.person() else { return Vec::new() };
    let withdrawn = view.library.known(name).is_some_and(|known| known.withdrawal.is_some());
    let statement = naming.map(|told| &told.statement);
    let correctable = statement.filter(|statement| CORRECTABLE.contains(&statement.kind()) && media == Media::Text);
    let mut actions = Vec::new();
    let mut offer = |kind: Kind, about: String| {
        let task = tasks::Task::new(kind, &offers::signers(kind), 0);
        if !withdrawn && role_in(view.state(), &task, person, view.now).is_some() {
            let href = format!("/v/{}/do/{kind}?document={name}{about}", view.village());
            actions.push(Action { kind: kind.code().to_owned(), href, about: None });
        }
    };
    if let Some(statement) = correctable {
        let matter = statement.matter.map(|id| format!("&matter={id}")).unwrap_or_default();
        let session = statement.session.map(|id| format!("&session={id}")).unwrap_or_default();
        offer(Kind::ClericalCorrected, format!("{matter}{session}"));
    }
    offer(Kind::DocumentWithdrawn, String::new());
    actions
}

fn doc_of(known: &Known) -> Result<Doc, Problem> {
    let media = known.media().ok_or_else(|| Problem::new(Code::Internal))?;
    let document = &known.document;
    Ok(Doc { sha256: document.commitment, size: document.size, media, level: known.level() })
}

/// What the entry that names a document calls it.
fn title(view: &View<'_>, naming: Option<&Told>, name: Digest) -> String {
    let called = naming.and_then(|told| {
        let shown = acts::shown(&told.statement.act);
        shown.papers.iter().find(|(_, doc)| doc.sha256 == name).map(|(called, _)| *called)
    });
    view.t(called.unwrap_or("doc-text"))
}

/// The first entry that names a document.
async fn naming(app: &App, village: VillageCode, name: Digest) -> Result<Option<Told>, Problem> {
    let Some(naming) = app.named(village, name).await? else { return Ok(None) };
    Ok(app.told_from(village, naming.seq, 1).await?.into_iter().next())
}

/// The document for this reader, or why not.
async fn open(
    app: &App,
    visit: &Visit,
    village: VillageCode,
    name: Digest,
) -> Result<(Document, Media, Level), Problem> {
    let document = app.db().read("document", |tx| Box::pin(tx.document(village, name))).await?;
    let document = document.ok_or_else(|| Problem::new(Code::NotFound))?;
    if document.withdrawn.is_some() || document.erased {
        return Err(Problem::new(Code::Gone));
    }
    if !app.may_open(&document, &visit.reader(village)).await? {
        let code = if visit.identity.is_some() { Code::NotAllowed } else { Code::NotSignedIn };
        return Err(Problem::new(code));
    }
    let known = Known { document, text: None, withdrawal: None };
    let media = known.media().ok_or_else(|| Problem::new(Code::Internal))?;
    let level = known.level();
    Ok((known.document, media, level))
}

/// `GET /v/{code}/d/{commitment}/file`: the bytes as they came.
///
/// # Errors
/// There is no such document, it was withdrawn, or it is not for this reader; the store can't be read now.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, name)): At<(VillageCode, Digest)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, media, level) = open(state.app(), &visit, code, name).await?;
    let tag = format!("\"{name}\"");
    if let Some(unchanged) = unchanged(&headers, &tag, level) {
        return Ok(unchanged);
    }
    note(state.app(), &visit, code, name, level).await?;
    let bytes = bytes(state.app(), code, name).await?;
    Ok(answer(bytes, media, level, &tag, disposition(media, name)))
}

/// `GET /v/{code}/d/{commitment}/thumb`: a picture made small.
///
/// # Errors
/// As [`file`]; `NotFound` for what is no picture.
pub async fn thumb(
    State(state): State<AppState>,
    visit: Visit,
    At((code, name)): At<(VillageCode, Digest)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (document, _, level) = open(state.app(), &visit, code, name).await?;
    let tag = format!("\"{name}-small\"");
    if let Some(unchanged) = unchanged(&headers, &tag, level) {
        return Ok(unchanged);
    }
    note(state.app(), &visit, code, name, level).await?;
    let small = state.app().small_picture(&document).await?;
    let (bytes, media) = small.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(answer(bytes, media, level, &tag, "inline".to_owned()))
}

/// Notes that this reader gets a document that is not public.
async fn note(app: &App, visit: &Visit, village: VillageCode, name: Digest, level: Level) -> Result<(), Problem> {
    if is_noted(level) {
        app.note_access(village, visit.known(), Read::Document, &format!("d/{name}")).await?;
    }
    Ok(())
}

async fn bytes(app: &App, village: VillageCode, name: Digest) -> Result<Vec<u8>, Problem> {
    let (_, content) = app.document(village, name).await?;
    content.map(|content| content.bytes).ok_or_else(|| Problem::new(Code::Gone))
}

/// Bytes of a commitment never change, but a document may be withdrawn: readers ask each time, and get the bytes once.
fn unchanged(headers: &HeaderMap, tag: &str, level: Level) -> Option<Response> {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok())?;
    let same = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    same.then(|| (StatusCode::NOT_MODIFIED, [(CACHE_CONTROL, kept(level)), (ETAG, tag.to_owned())]).into_response())
}

fn kept(level: Level) -> String {
    match level {
        Level::Public => "no-cache",
        Level::Village | Level::Officials | Level::Discipline => "private, no-cache",
    }
    .to_owned()
}

fn answer(bytes: Vec<u8>, media: Media, level: Level, tag: &str, disposition: String) -> Response {
    let kind = match media {
        Media::Text => "text/plain; charset=utf-8",
        other => other.code(),
    };
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CACHE_CONTROL, kept(level)), (ETAG, tag.to_owned())];
    let mut response = (headers, bytes).into_response();
    if let Ok(value) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// Pictures and texts show in the browser; what a browser might run or misread is saved.
fn disposition(media: Media, name: Digest) -> String {
    let (how, ending) = match media {
        Media::Text => ("inline", "txt"),
        Media::Jpeg => ("inline", "jpg"),
        Media::Png => ("inline", "png"),
        Media::Webp => ("inline", "webp"),
        Media::Mp4 => ("inline", "mp4"),
        Media::Pdf => ("inline", "pdf"),
        Media::Heic => ("attachment", "heic"),
    };
    let short: String = name.to_string().chars().take(12).collect();
    format!("{how}; filename=\"{short}.{ending}\"")
}
