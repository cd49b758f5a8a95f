//! The notice board (公示栏).

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::state::State as Village;
use crate::http::pages::parts::Pager;
use crate::http::pages::village::{NoticeRow, NoticesPage};
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// Notices on a page of the board.
const PAGE: usize = 20;
/// Most notices of a village that the board goes back to.
const MOST: u64 = 1_000;

/// Something posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Kind of the entry that posted it.
    pub kind: Kind,
    /// Index of that entry.
    pub seq: u64,
    /// When.
    pub time: Time,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// First instant after its window, where it is in force.
    pub ends: Option<Time>,
}

/// What stands on a village's board now, newest first.
#[must_use]
pub fn standing(state: &Village, now: Time) -> Vec<Posted> {
    let mut posted = Vec::new();
    for (id, matter) in &state.matters {
        let notices = [(Kind::PlanPosted, matter.plan_notice), (Kind::ResolutionPosted, matter.resolution_notice)];
        for (kind, notice) in notices {
            let Some(notice) = notice.filter(|notice| now < notice.ends) else { continue };
            let (seq, time, ends) = (notice.at.seq, notice.at.time, Some(notice.ends));
            posted.push(Posted { kind, seq, time, matter: Some(*id), session: None, ends });
        }
    }
    for (id, session) in &state.sessions {
        // That a session had no quorum stands until its matters are called again.
        let failed = session.papers.paper(Kind::SessionFailed).filter(|_| !state.to_call_again(session).is_empty());
        if let Some(paper) = failed {
            let (kind, at) = (Kind::SessionFailed, paper.at);
            posted.push(Posted { kind, seq: at.seq, time: at.time, matter: None, session: Some(*id), ends: None });
        }
        if state.phase(session, now).is_ahead() {
            let (kind, at) = (Kind::SessionConvened, session.convened);
            let ends = Some(session.starts_at);
            posted.push(Posted { kind, seq: at.seq, time: at.time, matter: None, session: Some(*id), ends });
        }
    }
    posted.sort_by_key(|posted| std::cmp::Reverse(posted.seq));
    posted
}

impl View<'_> {
    /// A notice in a list.
    #[must_use]
    pub fn notice_row(&self, posted: &Posted) -> NoticeRow {
        let code = self.village();
        let matter = posted.matter.and_then(|id| Some((id, self.state().matter(id)?)));
        let session = posted.session.and_then(|id| Some((id, self.state().session(id)?)));
        let (title, href) = match (matter, session) {
            (Some((id, matter)), _) => (self.title(matter), format!("/v/{code}/m/{id}")),
            (None, Some((id, session))) => {
                let body = self.visit.c.named("body", session.body.code());
                (format!("{body} {}", self.visit.c.lang.time(session.starts_at)), format!("/v/{code}/s/{id}"))
            }
            (None, None) => (self.t("text-missing"), format!("/v/{code}/record?from={}", posted.seq)),
        };
        let window = posted.ends.filter(|_| posted.matter.is_some());
        NoticeRow {
            what: what(posted.kind).to_owned(),
            title,
            href,
            posted: posted.time,
            until: window.map(Time::last_day),
            open: window.is_some_and(|ends| self.now < ends),
        }
    }
}

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::PlanPosted => "plan",
        Kind::ResolutionPosted => "resolution",
        Kind::DisclosurePosted => "disclosure",
        Kind::SessionFailed => "failed",
        _ => "session",
    }
}

/// Which page of the board.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    /// From 1.
    page: Option<usize>,
}

/// `GET /v/{code}/notices`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn notices(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let open = standing(view.state(), view.now);
    let all = app.db().read("notices", |tx| Box::pin(tx.notices(code, None, MOST))).await?;
    let past = all.iter().filter_map(|row| {
        let (kind, seq) = (row.kind.parse().ok()?, row.seq);
        let (matter, session) = (row.matter, row.session);
        let stands = open.iter().any(|posted| posted.seq == seq);
        (!stands).then_some(Posted { kind, seq, time: row.posted_from, matter, session, ends: None })
    });
    let past: Vec<Posted> = past.collect();
    let (number, pages) = (chosen.page.unwrap_or(1).max(1), past.len().div_ceil(PAGE).max(1));
    let shown: Vec<Posted> = past.into_iter().skip((number - 1).saturating_mul(PAGE)).take(PAGE).collect();
    let mut wanted = Wanted::default();
    let named = open.iter().chain(&shown).filter_map(|posted| view.state().matter(posted.matter?));
    rows::want_titles(named, &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    page(&NoticesPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        open: open.iter().map(|posted| view.notice_row(posted)).collect(),
        past: shown.iter().map(|posted| view.notice_row(posted)).collect(),
        pager: Pager::at(number as u64, pages as u64, |page| format!("/v/{code}/notices?page={page}")),
    })
}
