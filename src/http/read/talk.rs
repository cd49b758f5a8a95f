//! A village's hall between sessions (议事厅): committees and representatives talk, about a matter or of the village in general, and
//! everybody reads along.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::views::library::Wanted;
use crate::app::views::told::Told;
use crate::core::act::{Act, Kind};
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::{offers, tasks};
use crate::http::act::tasks::role_in;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::PaperState;
use crate::http::pages::talk::{Post, TalkPage, Thread};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{acts, rows};
use crate::http::state::AppState;
use crate::store::talk::TalkRow;

/// Posts on a page.
const SHOWN: u64 = 40;
/// Other things talked about that a page names.
const OTHERS: u64 = 20;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// About which matter; none: the village in general.
    matter: Option<MatterId>,
    /// What was said before this entry.
    before: Option<u64>,
}

/// The address of what is said about a matter, or of the village in general.
#[must_use]
pub fn address(code: VillageCode, matter: Option<MatterId>) -> String {
    matter.map_or_else(|| format!("/v/{code}/talk"), |id| format!("/v/{code}/talk?matter={id}"))
}

/// `GET /v/{code}/talk?matter=`.
///
/// # Errors
/// There is no such village or matter; the store can't be read now.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let matter = asked.matter.map(|id| view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound)));
    let matter = matter.transpose()?;
    let talk = app.talk(code, asked.matter, asked.before, (SHOWN, OTHERS)).await?;
    let mut wanted = Wanted::default();
    acts::want(&talk.posts, &mut wanted);
    let others = talk.others.iter().filter_map(|row| view.state().matter(row.matter.parse().ok()?));
    rows::want_titles(others.chain(matter), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let matter = asked.matter.and_then(|id| Some((id, view.state().matter(id)?)));
    let here = address(code, asked.matter);
    let joined = if asked.matter.is_some() { '&' } else { '?' };
    let first = talk.posts.first().filter(|_| talk.more);
    page(&TalkPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        about: matter.map(|(id, matter)| (id, view.title(matter))),
        posts: talk.posts.iter().filter_map(|told| post(&view, told)).collect(),
        size: view.state().size(),
        earlier: first.map(|told| format!("{here}{joined}before={}", told.at.seq)),
        newest: asked.before.map(|_| here),
        actions: may(&view, Kind::HallPosted, asked.matter, None).into_iter().collect(),
        threads: talk.others.iter().map(|row| thread(&view, row)).collect(),
        more: talk.more_others,
    })
}

fn post(view: &View<'_>, told: &Told) -> Option<Post> {
    let Act::HallPosted(act) = &told.statement.act else { return None };
    let shown = view.paper(String::new(), &act.text, &[]);
    let taken_down = match shown.state {
        PaperState::Withdrawn { at, reason, .. } => Some((at, reason)),
        PaperState::Open | PaperState::Closed => None,
    };
    let take_down = may(view, Kind::DocumentWithdrawn, None, Some(act.text.sha256));
    Some(Post {
        seq: told.at.seq,
        at: told.at.time,
        who: view.signers(&told.statement.by),
        text: if taken_down.is_some() { String::new() } else { view.words(act.text.sha256) },
        papers: act.papers.iter().map(|doc| view.paper(view.t("doc-posted"), doc, &[])).collect(),
        take_down: take_down.filter(|_| taken_down.is_none()).map(|action| action.href),
        taken_down,
    })
}

/// The form of an act that the reader may do here.
fn may(view: &View<'_>, kind: Kind, matter: Option<MatterId>, document: Option<Digest>) -> Option<Action> {
    let task = tasks::Task::new(kind, &offers::signers(kind), 0);
    let role = role_in(view.state(), &task, view.visit.person()?, view.now)?;
    let about = matter.map(|id| format!("&matter={id}")).unwrap_or_default();
    let document = document.map(|name| format!("&document={name}")).unwrap_or_default();
    let href = format!("/v/{}/do/{kind}?role={role}{about}{document}", view.village());
    Some(Action { kind: kind.code().to_owned(), href, about: None })
}

fn thread(view: &View<'_>, row: &TalkRow) -> Thread {
    let id = row.matter.parse().ok();
    Thread {
        href: address(view.village(), id),
        title: id.and_then(|id| view.state().matter(id)).map(|matter| view.title(matter)),
        posts: row.posts,
        last: row.last_time,
    }
}
