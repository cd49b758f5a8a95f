//! The publicity window that other sites embed. Everyone gets the same: nobody is looked up, no cookie is read or set. Links open the
//! full page in a window of its own.

use axum::extract::{FromRequestParts, Query, State};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::app::App;
use crate::app::steps::{Followed, Step};
use crate::app::views::library::Wanted;
use crate::core::act::voting::ResultAnnounced;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::state::matter::Matter;
use crate::http::pages::chrome::{Chrome, Elder};
use crate::http::pages::embed::{EmbedPage, Figures, StepLine, Theme};
use crate::http::problem::{Code, Problem};
use crate::http::problem_page;
use crate::http::read::context::View;
use crate::http::read::feed::page_of;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{notices, rows};
use crate::http::state::AppState;

/// Steps in a window.
const STEPS: u64 = 10;
/// Steps of a village in a window, beside its matters and notices.
const STEPS_BESIDE: u64 = 5;
/// Matters of a village in a window.
const MATTERS: usize = 4;
/// Notices of a village in a window.
const NOTICES: usize = 3;
/// The options of a plain question: others have words of their own.
const PLAIN: [&str; 3] = ["for", "against", "abstain"];

/// Marks an answer that other sites may frame, as far as the settings name them, and that sets no cookie.
#[derive(Debug, Clone, Copy)]
pub struct Framed;

/// How the window is to look.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    size: String,
}

/// Who looks into a window: nobody in particular.
#[derive(Debug, Clone)]
pub struct Onlooker {
    visit: Visit,
    theme: Theme,
}

impl FromRequestParts<AppState> for Onlooker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let asked = Query::<Asked>::from_request_parts(parts, state).await;
        let Query(asked) = asked.map_err(|_| Problem::new(Code::BadRequest))?;
        // Of the browser only what it says of the reader's language: a site must not learn by a frame who reads.
        let offered = parts.headers.get(ACCEPT_LANGUAGE).map(|value| (ACCEPT_LANGUAGE, value.clone()));
        let config = state.config();
        let c = Chrome {
            lang: problem_page::language(parts.uri.query(), &offered.into_iter().collect::<HeaderMap>()),
            elder: if asked.size == "elder" { Elder::Large } else { Elder::Off },
            play: state.play(),
            csrf: String::new(),
            here: parts.uri.path().to_owned(),
            person: None,
            district: config.district_name.clone(),
            phone: config.inspector_phone.clone(),
        };
        Ok(Self { visit: Visit { c, identity: None }, theme: Theme::of(&asked.theme) })
    }
}

impl Onlooker {
    fn page(&self, heading: String, lead: String, href: String) -> EmbedPage {
        EmbedPage {
            c: self.visit.c.clone(),
            theme: self.theme,
            heading,
            lead,
            href,
            refused: false,
            figures: None,
            matter: None,
            counts: Vec::new(),
            notices: Vec::new(),
            matters: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A window in any case: a frame must not show what the browser says of a refusal.
    fn answer(&self, made: Result<EmbedPage, Problem>) -> Result<Response, Problem> {
        let (status, made) = match made {
            Ok(made) => (StatusCode::OK, made),
            Err(problem) => {
                let words = problem_page::text(problem.code(), self.visit.c.lang);
                let refused = EmbedPage { refused: true, ..self.page(words.title, words.what_to_do, "/".to_owned()) };
                (problem.code().status(), refused)
            }
        };
        let mut response = (status, page(&made)?).into_response();
        response.extensions_mut().insert(Framed);
        Ok(response)
    }
}

/// `GET /embed`: all villages.
///
/// # Errors
/// The template fails, which is a fault of ours; anything else is said in the window.
pub async fn all(State(state): State<AppState>, onlooker: Onlooker) -> Result<Response, Problem> {
    onlooker.answer(of_all(state.app(), &onlooker).await)
}

/// `GET /embed/v/{code}`: a village.
///
/// # Errors
/// As [`all`].
pub async fn village(
    State(state): State<AppState>,
    onlooker: Onlooker,
    At(code): At<VillageCode>,
) -> Result<Response, Problem> {
    onlooker.answer(of_village(state.app(), &onlooker, code).await)
}

/// `GET /embed/v/{code}/m/{matter}`: a matter.
///
/// # Errors
/// As [`all`].
pub async fn matter(
    State(state): State<AppState>,
    onlooker: Onlooker,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    onlooker.answer(of_matter(state.app(), &onlooker, code, id).await)
}

async fn of_all(app: &App, onlooker: &Onlooker) -> Result<EmbedPage, Problem> {
    let c = &onlooker.visit.c;
    let sums = app.region(None).await?.sums;
    let figures = Figures { villages: sums.villages, underway: sums.open, decided: sums.finished };
    let steps = app.steps(Followed::All, None, STEPS).await?;
    let line =
        |step: &Step| StepLine { village: Some(step.village.clone()), title: step.called.title.clone(), ..line(step) };
    Ok(EmbedPage {
        figures: Some(figures),
        steps: steps.iter().map(line).collect(),
        ..onlooker.page(c.home(), c.t("embed-title").to_string(), "/".to_owned())
    })
}

async fn of_village(app: &App, onlooker: &Onlooker, code: VillageCode) -> Result<EmbedPage, Problem> {
    let view = View::unnamed(app, &onlooker.visit, code).await?;
    let mut underway: Vec<(&MatterId, &Matter)> = view
        .state()
        .matters
        .iter()
        .map(|(id, matter)| (id, matter.as_ref()))
        .filter(|(_, matter)| matter.stage().is_some())
        .collect();
    underway.sort_by_key(|(_, matter)| std::cmp::Reverse(matter.updated.seq));
    let underway: Vec<MatterId> = underway.into_iter().take(MATTERS).map(|(id, _)| *id).collect();
    let mut posted = notices::standing(view.state(), view.now);
    posted.truncate(NOTICES);
    let mut wanted = Wanted::default();
    rows::want_titles(underway.iter().filter_map(|id| view.state().matter(*id)), &mut wanted);
    rows::want_titles(posted.iter().filter_map(|notice| view.state().matter(notice.matter?)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let steps = app.steps(Followed::Village(code), None, STEPS_BESIDE).await?;
    let row = |id: &MatterId| view.state().matter(*id).map(|matter| view.matter_row(*id, matter, None));
    let line = |step: &Step| StepLine { title: step.called.title.clone(), ..line(step) };
    Ok(EmbedPage {
        notices: posted.iter().map(|notice| view.notice_row(notice)).collect(),
        matters: underway.iter().filter_map(row).collect(),
        steps: steps.iter().map(line).collect(),
        ..onlooker.page(view.place.name.clone(), view.place.township_name.clone(), format!("/v/{code}"))
    })
}

async fn of_matter(app: &App, onlooker: &Onlooker, code: VillageCode, id: MatterId) -> Result<EmbedPage, Problem> {
    let view = View::unnamed(app, &onlooker.visit, code).await?;
    let mut wanted = Wanted::default();
    let known = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    rows::want_titles([known], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let steps = app.steps(Followed::Matter(code, id), None, STEPS).await?;
    let lead = format!("{} {}", view.place.township_name, view.place.name);
    Ok(EmbedPage {
        matter: Some(view.matter_row(id, matter, None)),
        counts: counts(matter),
        steps: steps.iter().map(line).collect(),
        ..onlooker.page(view.title(matter), lead, format!("/v/{code}/m/{id}"))
    })
}

/// The votes of a result, where the matter had one question with the options that everybody knows.
pub(in crate::http::read) fn counts(matter: &Matter) -> Vec<(String, u64)> {
    let Some(last) = matter.results.last() else { return Vec::new() };
    let of_last =
        matter.results.iter().filter(|decided| (decided.session, decided.round) == (last.session, last.round));
    let results: Vec<&ResultAnnounced> = of_last.map(|decided| &decided.result).collect();
    let [only] = results[..] else { return Vec::new() };
    if !only.counts.iter().all(|count| PLAIN.contains(&count.option.as_str())) {
        return Vec::new();
    }
    only.counts.iter().map(|one| (one.option.as_str().to_owned(), u64::from(one.count))).collect()
}

fn line(step: &Step) -> StepLine {
    StepLine { at: step.row.time, village: None, kind: step.kind.code(), title: None, href: page_of(&step.row) }
}
