//! Papers that are filled in by hand file themselves: each bears a code that leads to the form for its photograph, with village,
//! matter or session, and kind chosen already.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::model::Stage;
use crate::core::state::State as Village;
use crate::core::state::matter::Matter;
use crate::http::pages::filled::{FilledPage, PaperGroup};
use crate::http::pages::printed::Printable;
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// Which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filled {
    /// A notice of the settled plan, to be hung.
    Notice,
    /// What households said.
    Visits,
    /// A notice of the resolution, to be hung.
    Resolution,
    /// Who came to a session.
    SignIn,
    /// The minutes of a session.
    Minutes,
}

impl Filled {
    /// Those about a matter.
    pub const OF_MATTERS: [Self; 3] = [Self::Visits, Self::Notice, Self::Resolution];
    /// Those about a session.
    pub const OF_SESSIONS: [Self; 2] = [Self::SignIn, Self::Minutes];

    /// Its code in addresses and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Visits => "visits",
            Self::Resolution => "resolution",
            Self::SignIn => "sign-in",
            Self::Minutes => "minutes",
        }
    }

    /// The statement that it becomes.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Notice => Kind::PlanPosted,
            Self::Visits => Kind::VisitsRecorded,
            Self::Resolution => Kind::ResolutionPosted,
            Self::SignIn => Kind::AttendanceRecorded,
            Self::Minutes => Kind::MinutesSigned,
        }
    }

    /// Text key of what is printed.
    fn printed(self) -> &'static str {
        match self {
            Self::Notice => "paper-print-notice",
            Self::Visits => "paper-print-visits",
            Self::Resolution => "paper-print-resolution",
            Self::SignIn => "paper-print-sign-in",
            Self::Minutes => "paper-print-minutes",
        }
    }

    /// What it is about, where the village has that.
    #[must_use]
    pub fn subject(self, state: &Village, id: &str) -> Option<Subject> {
        match self {
            Self::Notice | Self::Visits | Self::Resolution => {
                let id = id.parse().ok()?;
                state.matter(id).map(|_| Subject::Matter(id))
            }
            Self::SignIn | Self::Minutes => {
                let id = id.parse().ok()?;
                state.session(id).map(|_| Subject::Session(id))
            }
        }
    }
}

/// What a paper is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A matter.
    Matter(MatterId),
    /// A session.
    Session(SessionId),
}

/// The address that a paper's code says.
#[must_use]
pub fn address(state: &AppState, village: VillageCode, what: Filled, id: &impl std::fmt::Display) -> String {
    format!("{}/v/{village}/paper/{}/{id}", state.origin(), what.code())
}

/// `GET /v/{code}/paper/{what}/{id}`: to the form for the photograph.
///
/// # Errors
/// `NotFound` for a paper about nothing that the village has.
pub async fn open(
    State(state): State<AppState>,
    At((code, what, id)): At<(VillageCode, Filled, String)>,
) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    let subject = what.subject(live.state(), &id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let about = match subject {
        Subject::Matter(id) => format!("matter={id}"),
        Subject::Session(id) => format!("session={id}"),
    };
    Ok(Redirect::to(&format!("/v/{code}/do/{}?{about}&photo=true", what.kind())).into_response())
}

/// `GET /v/{code}/paper`: papers to print, and photographs of several filled ones.
///
/// # Errors
/// There is no such village; the store's.
pub async fn show(State(state): State<AppState>, visit: Visit, At(code): At<VillageCode>) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let mut wanted = Wanted::default();
    rows::want_titles(open_matters(view.state()).map(|(_, matter)| matter), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let print = |what: Filled, id: String| Printable {
        what: what.printed(),
        href: format!("/v/{code}/paper/{}/{id}/file", what.code()),
    };
    let mut groups = Vec::new();
    for (id, matter) in open_matters(view.state()) {
        let fitting = Filled::OF_MATTERS.into_iter().filter(|what| fits(*what, matter));
        let papers = fitting.map(|what| print(what, id.to_string())).collect();
        groups.push(PaperGroup { title: view.title(matter), href: format!("/v/{code}/m/{id}"), papers });
    }
    for (id, session) in view.state().sessions.iter().filter(|(_, session)| session.is_live()) {
        let papers =
            Filled::OF_SESSIONS.into_iter().filter(|what| *what == Filled::SignIn || !session.roster.is_empty());
        let papers = papers.map(|what| print(what, id.to_string())).collect();
        let body = visit.c.named("body", session.body.code());
        let title = format!("{} {body}", visit.c.lang.time(session.starts_at));
        groups.push(PaperGroup { title, href: format!("/v/{code}/s/{id}"), papers });
    }
    groups.retain(|group| !group.papers.is_empty());
    page(&FilledPage { c: visit.c.clone(), place: view.place.clone(), groups })
}

fn open_matters(state: &Village) -> impl Iterator<Item = (&MatterId, &Matter)> {
    state.matters.iter().rev().map(|(id, matter)| (id, matter.as_ref())).filter(|(_, matter)| matter.stage().is_some())
}

/// Whether a paper about a matter can be filled in now.
#[must_use]
pub fn fits(what: Filled, matter: &Matter) -> bool {
    match what {
        Filled::Visits => {
            let met = matter.papers.paper(Kind::EnlargedMeetingRecorded).is_some();
            met && matches!(matter.stage(), Some(Stage::Proposal | Stage::Consultation))
        }
        Filled::Notice => {
            matter.stage() == Some(Stage::Consultation) && matter.settled.is_some() && matter.plan_notice.is_none()
        }
        Filled::Resolution => matter.stage() == Some(Stage::Supervision) && matter.resolution_notice.is_none(),
        Filled::SignIn | Filled::Minutes => false,
    }
}
