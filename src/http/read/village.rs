//! A village's front page.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::views::library::Wanted;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::model::{Body, Role};
use crate::core::state::State as Village;
use crate::core::state::matter::Matter;
use crate::core::tasks;
use crate::http::access::INSPECTORS;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::Pager;
use crate::http::pages::village::VillagePage;
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{notices, people, rows};
use crate::http::state::AppState;

/// Ended matters on the front page.
const ENDED: usize = 5;
/// Matters under way on one page.
const UNDERWAY: usize = 40;
/// Ended matters on a page of all of them.
const PAGE: usize = 20;
/// Notices on the front page.
const NOTICES: usize = 6;
/// Which part is looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Chosen {
    /// A stage, 1 to 6.
    stage: Option<u8>,
    /// Page of matters under way, from 1.
    page: Option<usize>,
    /// Page of ended matters, from 1.
    ended: Option<usize>,
}

/// `GET /v/{code}`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn village(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let matters = Matters::of(view.state(), &chosen);
    let posted = notices::standing(view.state(), view.now);
    let mut wanted = Wanted::default();
    let shown = matters.underway.iter().chain(&matters.ended);
    rows::want_titles(shown.filter_map(|id| view.state().matter(*id)), &mut wanted);
    rows::want_titles(posted.iter().filter_map(|notice| view.state().matter(notice.matter?)), &mut wanted);
    let coming = || view.state().sessions.values().map(AsRef::as_ref).filter(|session| session.is_live());
    rows::want_agenda(view.state(), coming(), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    page(&village_page(&view, &matters, &chosen))
}

/// Ids of a village's matters, sorted out for its page.
#[derive(Debug)]
struct Matters {
    at_stage: [u64; 6],
    underway: Vec<MatterId>,
    underway_in_all: usize,
    ended: Vec<MatterId>,
    ended_in_all: usize,
}

impl Matters {
    fn of(state: &Village, chosen: &Chosen) -> Self {
        let mut newest: Vec<(MatterId, &Matter)> = state.matters.iter().map(|(id, m)| (*id, m.as_ref())).collect();
        newest.sort_by_key(|(_, matter)| std::cmp::Reverse(matter.updated.seq));
        let mut at_stage = [0; 6];
        for stage in newest.iter().filter_map(|(_, matter)| matter.stage()) {
            at_stage[usize::from(rows::number(stage)) - 1] += 1;
        }
        let stage = chosen.stage.filter(|stage| (1..=6).contains(stage));
        let fits =
            |matter: &Matter| matter.stage().is_some_and(|at| stage.is_none_or(|stage| rows::number(at) == stage));
        let ended: Vec<MatterId> =
            newest.iter().filter(|(_, matter)| matter.stage().is_none()).map(|(id, _)| *id).collect();
        let ended_in_all = ended.len();
        let underway: Vec<MatterId> = newest.iter().filter(|(_, matter)| fits(matter)).map(|(id, _)| *id).collect();
        let underway_in_all = underway.len();
        let before = chosen.page.unwrap_or(1).saturating_sub(1).saturating_mul(UNDERWAY);
        let (skip, take) = chosen.ended.map_or((0, ENDED), |page| (page.saturating_sub(1).saturating_mul(PAGE), PAGE));
        Self {
            at_stage,
            underway: underway.into_iter().skip(before).take(UNDERWAY).collect(),
            underway_in_all,
            ended: ended.into_iter().skip(skip).take(take).collect(),
            ended_in_all,
        }
    }
}

fn village_page(view: &View<'_>, matters: &Matters, chosen: &Chosen) -> VillagePage {
    let (state, code) = (view.state(), view.village());
    let today = view.now.date();
    let row = |id: &MatterId| state.matter(*id).map(|matter| view.matter_row(*id, matter, None));
    let mut sessions: Vec<_> = state
        .sessions
        .iter()
        .filter(|(_, session)| session.is_live())
        .map(|(id, session)| view.session_row(*id, session, None))
        .collect();
    sessions.sort_by_key(|session| (session.phase, session.at));
    let mut board: Vec<_> = notices::standing(state, view.now).iter().map(|notice| view.notice_row(notice)).collect();
    board.truncate(NOTICES);
    let members = state.body_members(Body::RepresentativeAssembly, None, today).len() as u64;
    let more = matters.ended_in_all > matters.ended.len() && chosen.ended.is_none();
    VillagePage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        stage: chosen.stage.filter(|stage| (1..=6).contains(stage)),
        at_stage: matters.at_stage,
        sessions,
        underway: matters.underway.iter().filter_map(row).collect(),
        underway_pager: underway_pager(code, matters.underway_in_all, chosen),
        ended: matters.ended.iter().filter_map(row).collect(),
        more_ended: more.then(|| format!("/v/{code}?ended=1#ended")),
        ended_pager: ended_pager(code, matters.ended_in_all, chosen.ended),
        notices: board,
        offices: people::offices(view, today),
        term: people::term(state, today),
        representatives: Some(members).filter(|members| *members > 0),
        inspects: view.visit.roles(code).iter().any(|role| INSPECTORS.contains(role)),
        actions: actions(view),
    }
}

/// Other pages of the matters under way, of the chosen stage if any; none where one page has them all.
fn underway_pager(code: VillageCode, all: usize, chosen: &Chosen) -> Pager {
    let pages = all.div_ceil(UNDERWAY);
    if pages <= 1 {
        return Pager::default();
    }
    let page = chosen.page.unwrap_or(1).clamp(1, pages);
    let stage = chosen.stage.map(|stage| format!("&stage={stage}")).unwrap_or_default();
    Pager::at(page as u64, pages as u64, |page| format!("/v/{code}?page={page}{stage}#matters"))
}

fn ended_pager(code: VillageCode, all: usize, chosen: Option<usize>) -> Pager {
    let Some(page) = chosen else { return Pager::default() };
    let (page, pages) = (page.max(1), all.div_ceil(PAGE).max(1));
    Pager::at(page as u64, pages as u64, |page| format!("/v/{code}?ended={page}#ended"))
}

/// What the reader may begin here: acts that belong to no matter or session yet, and those that wait for the reader.
fn actions(view: &View<'_>) -> Vec<Action> {
    use crate::core::act::Kind;
    let roles = view.visit.roles(view.village());
    let code = view.village();
    let suggests = [Role::Villager, Role::Representative, Role::Clerk, Role::GridWorker];
    let mut kinds = Vec::new();
    let keyless = !roles.iter().any(|role| suggests.contains(role));
    if !keyless {
        kinds.push(Kind::SuggestionEntered);
    }
    let convenes =
        |task: &tasks::Task| task.kind == Kind::SessionConvened && task.roles.iter().any(|r| roles.contains(r));
    if tasks::tasks(view.state()).iter().any(convenes) {
        kinds.push(Kind::SessionConvened);
    }
    let action =
        |kind: Kind| Action { kind: kind.code().to_owned(), href: format!("/v/{code}/do/{kind}"), about: None };
    let mut actions: Vec<Action> = kinds.into_iter().map(action).collect();
    if keyless {
        let kind = Kind::SuggestionReceived.code().to_owned();
        actions.push(Action { kind, href: format!("/v/{code}/suggest"), about: None });
    }
    actions
}
