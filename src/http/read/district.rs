//! The front page, the page of a province, prefecture or district, and a township.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::app::views::library::Wanted;
use crate::app::views::region::{Area, Region, Step};
use crate::core::ids::TownshipCode;
use crate::core::state::session::SessionStatus;
use crate::http::i18n::Lang;
use crate::http::pages::district::{DistrictPage, PlaceRow, TownshipPage, VillageRow};
use crate::http::pages::parts::{MatterRow, Place, SessionRow};
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;
use crate::store::board::SessionRow as BoardRow;
use crate::store::places::PlaceSums;
use crate::store::projection::VillageSummary;

/// Sessions on the front page.
const SESSIONS: usize = 4;
/// Sessions looked at for them: those that were voted on and wait for their minutes give way to others.
const LOOKED_AT: usize = 12;
/// Results on the front page.
const RESULTS: usize = 5;

/// `GET /`.
///
/// # Errors
/// The store can't be read now.
pub async fn district(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    let region = state.app().region(None).await?;
    page(&district_page(&state, visit, &region, None).await?)
}

/// `GET /p/{place}`: a province, prefecture or district.
///
/// # Errors
/// There is no such place; the store can't be read now.
pub async fn place(State(state): State<AppState>, visit: Visit, At(area): At<Area>) -> Result<Response, Problem> {
    let region = state.app().region(Some(area)).await?;
    let name = region.name.clone().unwrap_or_else(|| region.area.to_string());
    page(&district_page(&state, visit, &region, Some(name)).await?)
}

async fn district_page(
    state: &AppState,
    visit: Visit,
    region: &Arc<Region>,
    name: Option<String>,
) -> Result<DistrictPage, Problem> {
    let front = front(state, &visit, region).await?;
    let step = region.area.step();
    let below = |place: &PlaceSums| PlaceRow {
        href: format!("/{}/{}", if step == Step::Townships { 't' } else { 'p' }, place.code),
        name: place.name.clone().unwrap_or_else(|| place.code.clone()),
        villages: place.sums.villages,
        underway: place.sums.open,
    };
    Ok(DistrictPage {
        around: around(region),
        villages: region.sums.villages,
        decided: region.sums.finished,
        underway: region.sums.open,
        shows_sessions: region.shows_sessions,
        sessions: front.sessions.clone(),
        results: front.results.clone(),
        step: match step {
            Step::Provinces => "provinces",
            Step::Prefectures => "prefectures",
            Step::Districts => "districts",
            Step::Townships => "townships",
        },
        places: region.within.iter().map(below).collect(),
        search_in: region.area.district().filter(|_| name.is_some()),
        figures: name.as_ref().map_or_else(|| "/figures".to_owned(), |_| format!("/figures?place={}", region.area)),
        name,
        c: visit.c,
    })
}

/// Larger places with their addresses.
fn around(region: &Region) -> Vec<(String, String)> {
    region.around.iter().map(|(area, name)| (format!("/p/{area}"), name.clone())).collect()
}

/// What the front page lists from villages, as everyone may read it.
#[derive(Debug)]
struct Front {
    sessions: Vec<SessionRow>,
    results: Vec<MatterRow>,
}

/// Most places whose rows are kept, in each language.
const KEPT: usize = 64;

/// The rows of front pages by place and language, each with the region that they were made of.
#[derive(Debug, Default)]
pub struct KeptFront(Mutex<HashMap<(Area, bool, Lang), MadeOf>>);

/// Rows, and the region that they were made of.
type MadeOf = (Arc<Region>, Arc<Front>);

/// The front page's rows: made anew when the region was, so that a visit opens no documents.
async fn front(state: &AppState, visit: &Visit, region: &Arc<Region>) -> Result<Arc<Front>, Problem> {
    let key = (region.area.clone(), region.shows_sessions, visit.c.lang);
    let kept = || state.kept_front().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((made_of, front)) = kept().get(&key)
        && Arc::ptr_eq(made_of, region)
    {
        return Ok(Arc::clone(front));
    }
    let everyone = Visit { c: visit.c.clone(), identity: None };
    let front = Arc::new(read_front(state.app(), &everyone, region).await?);
    if kept().len() >= KEPT {
        kept().clear();
    }
    kept().insert(key, (Arc::clone(region), Arc::clone(&front)));
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
    let district = summaries.first().map(|summary| summary.village.district());
    let (mut above, mut votes) = (Vec::new(), Vec::new());
    if let Some(district) = district {
        votes = app.voting_in(district).await?;
        let (whole, own) = (app.region(None).await?, app.region(Some(district.into())).await?);
        above = around(&own);
        if whole.area != own.area {
            above.push((format!("/p/{district}"), own.name.clone().unwrap_or_else(|| district.to_string())));
        }
    }
    let row = |summary: VillageSummary| {
        let voting = votes.contains(&summary.village);
        village_row(summary, String::new(), voting)
    };
    let villages = summaries.into_iter().map(row).collect();
    page(&TownshipPage { c: visit.c, code, name, around: above, villages })
}

/// A village in a list.
pub(in crate::http::read) fn village_row(summary: VillageSummary, around: String, voting: bool) -> VillageRow {
    let underway = summary.open();
    let VillageSummary { village: code, township, township_name, name, .. } = summary;
    VillageRow { place: Place { code, name, township, township_name }, around, underway, voting }
}
