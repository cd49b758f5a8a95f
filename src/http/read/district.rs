//! The front page, a township, and search by a village's name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::app::views::library::Wanted;
use crate::app::views::region::Region;
use crate::core::ids::TownshipCode;
use crate::core::state::session::SessionStatus;
use crate::http::i18n::Lang;
use crate::http::pages::district::{DistrictPage, SearchPage, TownshipPage, TownshipRow, VillageRow};
use crate::http::pages::parts::{MatterRow, Pager, Place, SessionRow};
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;
use crate::store::board::SessionRow as BoardRow;
use crate::store::projection::VillageSummary;

/// Sessions on the front page.
const SESSIONS: usize = 4;
/// Sessions looked at for them: those that were voted on and wait for their minutes give way to others.
const LOOKED_AT: usize = 12;
/// Results on the front page.
const RESULTS: usize = 5;
/// Most villages that a search shows.
const FOUND: u64 = 60;
/// Longest name searched for, in characters.
const LONGEST_QUERY: usize = 40;

/// `GET /`.
///
/// # Errors
/// The store can't be read now.
pub async fn district(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    let app = state.app();
    let region = app.region().await?;
    let front = front(&state, &visit, &region).await?;
    let sum = |of: fn(&crate::store::projection::TownshipSummary) -> u64| {
        region.townships.iter().map(|township| of(&township.sums)).sum()
    };
    page(&DistrictPage {
        villages: sum(|sums| sums.villages),
        decided: sum(|sums| sums.finished),
        underway: sum(|sums| sums.open),
        sessions: front.sessions.clone(),
        results: front.results.clone(),
        townships: region
            .townships
            .iter()
            .map(|township| TownshipRow {
                code: township.sums.township,
                name: township.name.clone(),
                villages: township.sums.villages,
                underway: township.sums.open,
            })
            .collect(),
        c: visit.c,
    })
}

/// What the front page lists from villages, as everyone may read it.
#[derive(Debug)]
struct Front {
    sessions: Vec<SessionRow>,
    results: Vec<MatterRow>,
}

/// The front page's rows by language, each with the region that they were made of.
#[derive(Debug, Default)]
pub struct KeptFront(Mutex<HashMap<Lang, MadeOf>>);

/// Rows, and the region that they were made of.
type MadeOf = (Arc<Region>, Arc<Front>);

/// The front page's rows: made anew when the region was, so that a visit opens no documents.
async fn front(state: &AppState, visit: &Visit, region: &Arc<Region>) -> Result<Arc<Front>, Problem> {
    let lang = visit.c.lang;
    let kept = || state.kept_front().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((made_of, front)) = kept().get(&lang)
        && Arc::ptr_eq(made_of, region)
    {
        return Ok(Arc::clone(front));
    }
    let everyone = Visit { c: visit.c.clone(), identity: None };
    let front = Arc::new(read_front(state.app(), &everyone, region).await?);
    kept().insert(lang, (Arc::clone(region), Arc::clone(&front)));
    Ok(front)
}

async fn read_front(app: &App, visit: &Visit, region: &Region) -> Result<Front, Problem> {
    let mut sessions = Vec::new();
    for row in &region.coming {
        if sessions.len() == LOOKED_AT {
            break;
        }
        sessions.extend(session_row(app, visit, row).await?);
    }
    sessions.sort_by_key(|session| session.phase);
    sessions.truncate(SESSIONS);
    let mut results = Vec::new();
    for row in &region.ended {
        if results.len() >= RESULTS {
            break;
        }
        results.extend(decided_in(app, visit, row).await?);
    }
    results.truncate(RESULTS);
    Ok(Front { sessions, results })
}

async fn session_row(app: &App, visit: &Visit, row: &BoardRow) -> Result<Option<SessionRow>, Problem> {
    let view = View::of(app, visit, row.village).await?;
    let Some(session) = view.state().session(row.session).filter(|session| session.is_live()) else { return Ok(None) };
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(row.session);
    Ok(session.map(|session| view.session_row(row.session, session, Some(view.place.clone()))))
}

/// Matters that a session decided.
async fn decided_in(app: &App, visit: &Visit, row: &BoardRow) -> Result<Vec<MatterRow>, Problem> {
    let view = View::of(app, visit, row.village).await?;
    let Some(session) = view.state().session(row.session) else { return Ok(Vec::new()) };
    if session.status != SessionStatus::Ended {
        return Ok(Vec::new());
    }
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let agenda = view.state().session(row.session).map_or(&[][..], |session| &session.agenda);
    let decided = agenda.iter().filter_map(|item| {
        let matter = view.state().matter(item.matter)?;
        let here = matter.results.iter().any(|result| result.session == row.session);
        here.then(|| view.matter_row(item.matter, matter, Some(view.place.clone())))
    });
    Ok(decided.collect())
}

/// `GET /t/{township}`.
///
/// # Errors
/// There is no such township; the store can't be read now.
pub async fn township(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<TownshipCode>,
) -> Result<Response, Problem> {
    let app = state.app();
    let (name, summaries) = app.township(code).await?;
    let region = app.region().await?;
    let mut villages = Vec::with_capacity(summaries.len());
    for summary in summaries {
        let begun = region.coming.iter().any(|row| row.village == summary.village && row.starts_at <= app.now());
        let voting = begun && app.is_voting(summary.village).await?;
        villages.push(village_row(summary, name.clone(), voting));
    }
    page(&TownshipPage { c: visit.c, code, name, villages })
}

fn village_row(summary: VillageSummary, township_name: String, voting: bool) -> VillageRow {
    let underway = summary.open();
    let VillageSummary { village: code, township, name, .. } = summary;
    VillageRow { place: Place { code, name, township, township_name }, underway, voting }
}

/// What is searched for.
#[derive(Debug, Deserialize)]
pub struct Search {
    /// Part of a village's name.
    #[serde(default)]
    q: String,
}

/// `GET /search?q=`.
///
/// # Errors
/// The store can't be read now.
pub async fn search(
    State(state): State<AppState>,
    visit: Visit,
    Query(search): Query<Search>,
) -> Result<Response, Problem> {
    let app = state.app();
    let query: String = search.q.trim().chars().take(LONGEST_QUERY).collect();
    let (mut villages, mut townships) = (Vec::new(), HashMap::new());
    for summary in app.search(&query, FOUND).await? {
        let name = match townships.get(&summary.township) {
            Some(name) => String::clone(name),
            None => app.township_name(summary.village).await?,
        };
        townships.insert(summary.township, name.clone());
        villages.push(village_row(summary, name, false));
    }
    page(&SearchPage { c: visit.c, query, villages, matters: Vec::new(), pager: Pager::default() })
}
