//! A matter as it is sent to a group (发到群里): a picture, a short text and a link. All of it as everyone may read it, whoever asks:
//! what is sent goes to people whom nobody here knows.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::app::print::card::{self, Card, Hue};
use crate::app::views::library::Wanted;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::state::matter::Matter;
use crate::http::i18n::Lang;
use crate::http::pages::parts::{Next, Outcome, Tone};
use crate::http::pages::share::SharePage;
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::embed::counts;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// `GET /v/{code}/m/{matter}/share`.
///
/// # Errors
/// There is no such village or matter; the store can't be read now.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    let card = card(&state, &visit, code, id).await?;
    let c = visit.c;
    let place = state.app().village_place(code).await?.into();
    let picture = format!("/v/{code}/m/{id}/share/file?lang={}", c.lang.code());
    let (text, link) = (text(c.lang, &card), card.link);
    page(&SharePage { c, place, id, title: card.title, picture, text, link })
}

/// `GET /v/{code}/m/{matter}/share/file`: the picture.
///
/// # Errors
/// As [`show`]; there is no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    let card = card(&state, &visit, code, id).await?;
    let picture = state.printer().print(move |fonts| card::png(fonts, &card)).await?;
    let disposition = format!("inline; filename=\"{id}.png\"");
    let headers = [(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, [(CONTENT_DISPOSITION, disposition)], picture).into_response())
}

/// What stands on the picture, as somebody sees the matter who is not logged in.
async fn card(state: &AppState, visit: &Visit, code: VillageCode, id: MatterId) -> Result<Card, Problem> {
    let app = state.app();
    let nobody = Visit { c: visit.c.clone(), identity: None };
    let view = View::unnamed(app, &nobody, code).await?;
    let mut wanted = Wanted::default();
    rows::want_titles([view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let (lang, emblem) = (visit.c.lang, view.emblem(id, matter));
    let number = emblem.stage.to_string();
    let state_words = match emblem.outcome {
        Outcome::Underway => {
            lang.t("matter-at").with("number", emblem.stage).with("stage", lang.named("stage", &number)).to_string()
        }
        outcome => lang.named("outcome", outcome.code()).to_string(),
    };
    Ok(Card {
        place: format!("{} {}", view.place.township_name, view.place.name),
        title: view.title(matter),
        state: state_words,
        hue: match emblem.outcome.tone() {
            Tone::Now => Hue::Now,
            Tone::Final => Hue::Final,
            Tone::Against | Tone::Still => Hue::Still,
        },
        facts: facts(&view, id, matter),
        scan: lang.t("share-scan").to_string(),
        as_of: lang.t("share-as-of").with("date", lang.date(view.now.date())).to_string(),
        link: format!("{}/v/{code}/m/{id}", state.origin()),
    })
}

/// Amount, votes, what comes next and where.
fn facts(view: &View<'_>, id: MatterId, matter: &Matter) -> Vec<(String, String)> {
    let lang = view.visit.c.lang;
    let mut facts = Vec::new();
    facts.extend(rows::amount(matter).map(|fen| (view.t("matter-amount"), lang.money(fen))));
    let counts = counts(matter);
    if !counts.is_empty() {
        let one = |(option, votes): &(String, u64)| format!("{} {votes}", lang.named("option", option));
        facts.push((view.t("matter-result"), counts.iter().map(one).collect::<Vec<_>>().join("  ")));
    }
    let next = rows::next(view.state(), id, matter, view.now);
    facts.extend(words(lang, next).map(|words| (view.t("share-next"), words)));
    if let (Next::Session(_) | Next::VotingUntil(_), Some((_, session))) = (next, rows::live_session(view.state(), id))
    {
        facts.push((view.t("notice-hall"), view.hall(session)));
    }
    facts
}

/// What comes next, in words; nothing where nothing does.
fn words(lang: Lang, next: Next) -> Option<String> {
    let text = match next {
        Next::None | Next::EndedOn(_) => return None,
        Next::Session(time) => lang.t("next-session").with("when", lang.time(time)),
        Next::Missed(time) => lang.t("next-missed").with("when", lang.time(time)),
        Next::VotingUntil(time) => lang.t("next-voting").with("when", lang.time(time)),
        Next::NoticeUntil(date) => lang.t("next-notice").with("date", lang.date(date)),
        Next::DueBy(date) => lang.t("next-due").with("date", lang.date(date)),
        Next::Overdue(date) => lang.t("next-overdue").with("date", lang.date(date)),
    };
    Some(text.to_string())
}

/// The same as a short text.
fn text(lang: Lang, card: &Card) -> String {
    let colon = lang.t("colon").to_string();
    let mut lines =
        vec![lang.t("share-head").with("place", card.place.as_str()).with("title", card.title.as_str()).to_string()];
    lines.push(card.state.clone());
    lines.extend(card.facts.iter().map(|(what, value)| format!("{what}{colon}{value}")));
    lines.push(lang.t("share-open").to_string());
    lines.push(card.link.clone());
    lines.join("\n")
}
