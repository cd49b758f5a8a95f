//! A township official's queue: what was submitted for filing, what a machine can check of it, and the routine ones prepared for
//! signing at one go.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::app::forms::{About, Actor};
use crate::app::login::holder;
use crate::core::act::matter::{Advice, Reviewed};
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, VillageCode};
use crate::core::model::Role;
use crate::core::state::State as Village;
use crate::core::state::matter::Matter;
use crate::core::tasks::{Task, tasks};
use crate::http::act::facts::text_for;
use crate::http::act::prefill;
use crate::http::act::prepare::prepare;
use crate::http::act::tasks::{address, role_in, villages};
use crate::http::pages::filings::{FilingLine, FilingsPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// Most filings prepared at one go.
const MOST: usize = 50;
/// Longest opinion, in characters.
const LONGEST: usize = 500;

/// `GET /filings`.
///
/// # Errors
/// The store's.
pub async fn show(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    let lines = lines(state.app(), &visit, &identity).await?;
    page(&FilingsPage { c: visit.c, lines, prepared: 0, refused: Vec::new() })
}

/// `POST /filings`: keeps a statement for each that was ticked, to be signed by who sent the form.
///
/// # Errors
/// `BadRequest` for what is no matter, too many, or too long an opinion; the store's.
pub async fn keep(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(Code::BadRequest);
    let words = sent.iter().find(|(name, _)| name == "words").map(|(_, words)| words.trim()).unwrap_or_default();
    let ticked = sent.iter().filter(|(name, _)| name == "one").map(|(_, one)| one);
    let ticked: Vec<(VillageCode, MatterId)> = ticked.map(|one| read(one).ok_or_else(bad)).collect::<Result<_, _>>()?;
    if ticked.len() > MOST || words.chars().count() > LONGEST {
        return Err(bad());
    }
    let (app, c) = (state.app(), &visit.c);
    // What was not written by the page prepares nothing, whatever stands before it.
    let mut found = Vec::with_capacity(ticked.len());
    for (code, id) in ticked {
        let live = app.lives().live(code).await?;
        let person = holder(live.state(), &identity.key).ok_or_else(|| Problem::new(Code::NotAllowed))?;
        live.state().matter(id).ok_or_else(bad)?;
        found.push((live, person, id));
    }
    let (mut prepared, mut refused) = (0, Vec::new());
    for (live, person, id) in found {
        let village = live.state();
        let (code, matter) = (village.village, village.matter(id).ok_or_else(bad)?);
        let waiting = filings(village, person, app.now()).find(|(task, _)| task.matter == Some(id));
        let review = review(app, village, matter).await?;
        let why = match waiting.filter(|_| is_routine(matter, review.as_ref())) {
            None => Some(c.t("filings-not-routine").to_string()),
            Some((task, role)) => {
                let about = About { matter: Some(id), by: Some(person), ..About::new(code, task.kind) };
                let actor = Actor { person, role, key: identity.key };
                let words = words.to_owned();
                match task.kind {
                    Kind::FilingReviewed => {
                        prepare(app, c, about, &actor, [("advice", "file".to_owned()), ("opinion", words)]).await?
                    }
                    _ => prepare(app, c, about, &actor, [("text", words)]).await?,
                }
            }
        };
        match why {
            None => prepared += 1,
            Some(why) => refused.push((prefill::title(app, code, matter).await?, why)),
        }
    }
    let lines = lines(app, &visit, &identity).await?;
    page(&FilingsPage { c: visit.c, lines, prepared, refused })
}

/// Reads `331102206201~01K…`.
fn read(one: &str) -> Option<(VillageCode, MatterId)> {
    let (village, matter) = one.split_once('~')?;
    Some((village.parse().ok()?, matter.parse().ok()?))
}

/// Reviews and filings that wait for a person, each with the role in which.
fn filings(village: &Village, person: PersonId, now: Time) -> impl Iterator<Item = (Task, Role)> + '_ {
    let filing = |task: &Task| matches!(task.kind, Kind::FilingReviewed | Kind::FilingFiled);
    let all = tasks(village).into_iter().filter(filing);
    all.filter_map(move |task| role_in(village, &task, person, now).map(|role| (task, role)))
}

/// The review that a matter's filing rests on.
async fn review(app: &App, village: &Village, matter: &Matter) -> Result<Option<Reviewed>, Problem> {
    let Some(paper) = matter.papers.paper(Kind::FilingReviewed) else { return Ok(None) };
    let told = app.told_from(village.village, paper.at.seq, 1).await?.into_iter().next();
    Ok(told.and_then(|told| match told.statement.act {
        Act::FilingReviewed(act) => Some(act),
        _ => None,
    }))
}

/// Whether nothing speaks against signing it beside others: never returned, nobody advised to return it, and no question or objection
/// waits.
fn is_routine(matter: &Matter, review: Option<&Reviewed>) -> bool {
    let advised = review.is_none_or(|review| review.advice == Advice::File);
    advised && matter.returned == 0 && matter.open.is_empty() && matter.asked.is_empty()
}

/// All that wait for the reader, the most urgent first.
async fn lines(app: &App, visit: &Visit, identity: &Identity) -> Result<Vec<FilingLine>, Problem> {
    let now = app.now();
    let mut lines = Vec::new();
    for code in villages(app, identity).await? {
        let live = app.lives().live(code).await?;
        let village = live.state();
        let Some(person) = holder(village, &identity.key) else { continue };
        for (task, role) in filings(village, person, now) {
            let Some((id, matter)) = task.matter.and_then(|id| Some((id, village.matter(id)?))) else { continue };
            lines.push(line(app, visit, village, (&task, role), (id, matter)).await?);
        }
    }
    lines.sort_by_key(|line| line.due.map_or(i64::MAX, Time::ms));
    Ok(lines)
}

async fn line(
    app: &App,
    visit: &Visit,
    village: &Village,
    (task, role): (&Task, Role),
    (id, matter): (MatterId, &Matter),
) -> Result<FilingLine, Problem> {
    let (code, now) = (village.village, app.now());
    let review = review(app, village, matter).await?;
    let advised = match &review {
        Some(review) => {
            let words = text_for(app, visit, code, review.opinion.sha256).await?.unwrap_or_default();
            Some((review.advice.code(), words))
        }
        None => None,
    };
    let submitted = matter.papers.paper(Kind::FilingSubmitted);
    let category = matter.proposal.as_ref().map(|proposal| proposal.category);
    let needed = category.map_or(&[][..], |category| village.law.papers_needed(category, now.date()));
    Ok(FilingLine {
        name: format!("{code}~{id}"),
        kind: task.kind.code().to_owned(),
        title: prefill::title(app, code, matter).await?,
        place: app.village_name(code).await?,
        category: category.map(|category| category.code().to_lowercase()),
        amount: matter.settled.as_ref().map(|settled| settled.amount_fen).filter(|fen| *fen > 0),
        submitted: submitted.map(|paper| paper.at.time),
        notice: matter.plan_notice.map(|notice| (notice.at.time, notice.ends)),
        papers: needed.iter().map(|paper| paper.title.clone()).collect(),
        materials: submitted.map_or(0, |paper| paper.documents.len()),
        returned: matter.returned,
        waiting: matter.open.len() + matter.asked.len(),
        routine: is_routine(matter, review.as_ref()),
        advised,
        due: task.due,
        late: task.due.is_some_and(|due| due <= now),
        href: address(code, task, role),
        matter: format!("/v/{code}/m/{id}"),
    })
}
