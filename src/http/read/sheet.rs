//! One notice as the sheet for the board in the village: whoever stands before it reads the matter itself, not a link to it.

use axum::extract::State;
use axum::response::Response;

use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::matter::{PlanSettled, Question, RequiredBallot};
use crate::core::act::{Act, Kind};
use crate::core::ids::VillageCode;
use crate::core::model::Doc;
use crate::http::pages::parts::Paper;
use crate::http::pages::village::{Asked, Call, Decision, NoticePage, PlanSheet};
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{self, Opened};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::notices::Posted;
use crate::http::read::{acts, receipt, rows, session};
use crate::http::state::AppState;

/// `GET /v/{code}/notices/{seq}`: one notice, to be printed for the board and read out.
///
/// # Errors
/// There is no such village or notice; the store can't be read now.
pub async fn notice(
    State(state): State<AppState>,
    visit: Visit,
    At((code, seq)): At<(VillageCode, u64)>,
) -> Result<Response, Problem> {
    page(&read(&state, &visit, code, seq).await?)
}

/// One notice as this reader sees it.
///
/// # Errors
/// There is no such village or notice; the store can't be read now.
pub async fn read(state: &AppState, visit: &Visit, code: VillageCode, seq: u64) -> Result<NoticePage, Problem> {
    let app = state.app();
    let view = View::of(app, visit, code).await?;
    let told = app.told_from(code, seq, 1).await?.into_iter().next().ok_or_else(|| Problem::new(Code::NotFound))?;
    let text = posted_text(&told.statement.act);
    if text.is_none() && told.statement.kind() != Kind::SessionFailed {
        return Err(Problem::new(Code::NotFound));
    }
    let before = match told.statement.matter {
        Some(id) => app.told(code, About::Matter(id)).await?,
        None => Vec::new(),
    };
    let plan = plan_before(&before, seq);
    let mut wanted = Wanted::default();
    wanted.spoken.extend(text.map(|text| text.sha256));
    want_plan(plan, &mut wanted);
    let matter = told.statement.matter.and_then(|id| view.state().matter(id));
    rows::want_titles(matter, &mut wanted);
    let on_agenda = told.statement.session.and_then(|id| view.state().session(id));
    rows::want_agenda(view.state(), on_agenda, &mut wanted);
    let sessions = || view.state().sessions.values();
    let votes = told.statement.kind() == Kind::ResolutionPosted;
    for (session, item) in sessions().filter_map(|s| Some((s, s.item(told.statement.matter?)?))).filter(|_| votes) {
        ballots::want_questions(&view, session, item, &mut wanted);
    }
    let view = view.fetch(app, &wanted).await?;
    let origin = state.origin().to_string();
    notice_page(&view, &told, text, plan, &origin)
}

/// The words that an entry posts; `None` for entries that post nothing.
fn posted_text(act: &Act) -> Option<&Doc> {
    match act {
        Act::PlanPosted(act) | Act::ResolutionPosted(act) => Some(&act.notice),
        Act::DisclosurePosted(act) => Some(&act.text),
        Act::SessionConvened(act) => Some(&act.notice),
        _ => None,
    }
}

/// The plan as it stood when entry `seq` was made: a later round may have settled another.
fn plan_before(told: &[Told], seq: u64) -> Option<&PlanSettled> {
    told.iter().filter(|told| told.at.seq < seq).rev().find_map(|told| match &told.statement.act {
        Act::PlanSettled(act) => Some(act),
        _ => None,
    })
}

fn want_plan(plan: Option<&PlanSettled>, wanted: &mut Wanted) {
    let Some(plan) = plan else { return };
    wanted.spoken.insert(plan.plan.sha256);
    for question in plan.ballots.iter().flat_map(|ballot| &ballot.questions) {
        wanted.spoken.insert(question.title.sha256);
        wanted.spoken.extend(question.labels.iter().map(|label| label.sha256));
    }
}

fn notice_page(
    view: &View<'_>,
    told: &Told,
    text: Option<&Doc>,
    plan: Option<&PlanSettled>,
    origin: &str,
) -> Result<NoticePage, Problem> {
    let statement = &told.statement;
    let matter = statement.matter.and_then(|id| view.state().matter(id));
    let in_force = matter.into_iter().flat_map(|m| [m.plan_notice, m.resolution_notice]).flatten();
    let ends = in_force.filter(|notice| notice.at.seq == told.at.seq).map(|notice| notice.ends).next();
    let posted = Posted {
        kind: statement.kind(),
        seq: told.at.seq,
        time: told.at.time,
        matter: statement.matter,
        session: statement.session,
        ends,
    };
    let row = view.notice_row(&posted);
    let words = text.map_or_else(|| failed_words(view, told), |text| view.words(text.sha256));
    let sessions = view.state().sessions.values().filter(|_| statement.kind() == Kind::ResolutionPosted);
    let before = sessions.filter(|session| session.starts_at <= told.at.time);
    let last = before.filter_map(|s| Some((s, s.item(statement.matter?)?))).max_by_key(|(s, _)| s.starts_at);
    let questions = last.map(|(session, item)| view.questions(session, item, &Opened::default())).unwrap_or_default();
    let link = format!("{origin}{}", row.href);
    let ledger = &view.live.ledger;
    let mut papers = Vec::new();
    if let Some(text) = text.filter(|text| view.library.text(text.sha256).is_none()) {
        papers.push(view.paper(view.t("doc-notice"), text, &acts::persons(told)));
    }
    papers.extend(plan.and_then(|plan| plan_paper(view, plan)));
    Ok(NoticePage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        seq: told.at.seq,
        what: row.what,
        matter: statement.matter,
        loudspeaker: format!("{} {}", row.title, first_sentences(&words)),
        title: row.title,
        body: paragraphs(&words),
        plan: plan.map(|plan| plan_sheet(view, plan, statement.kind() == Kind::PlanPosted)),
        call: call(view, told, origin),
        questions,
        papers,
        posted: told.at.time,
        until: row.until,
        by: view.signers(&statement.by),
        qr_svg: receipt::qr(&link)?,
        link: link.clone(),
        checkpoint: Some((view.state().origin.clone(), ledger.frontier.size(), ledger.frontier.root().to_string())),
    })
}

/// What people of the village may read of a plan may hang in it; a plan for officials may not.
fn plan_text<'v>(view: &'v View<'_>, plan: &Doc) -> Option<&'v str> {
    view.library.text(plan.sha256).filter(|_| !plan.level.is_closed())
}

/// The same as paragraphs; none where it may not.
#[must_use]
pub fn plan_paragraphs(view: &View<'_>, plan: &Doc) -> Vec<String> {
    plan_text(view, plan).map(paragraphs).unwrap_or_default()
}

/// The plan as a paper, where its words can't stand on the sheet.
fn plan_paper(view: &View<'_>, plan: &PlanSettled) -> Option<Paper> {
    plan_text(view, &plan.plan).is_none().then(|| view.paper(view.t("doc-plan"), &plan.plan, &[]))
}

/// The plan and its amount; with what is to be voted on where the vote is still to come.
fn plan_sheet(view: &View<'_>, plan: &PlanSettled, ahead: bool) -> PlanSheet {
    PlanSheet {
        amount: Some(plan.amount_fen).filter(|fen| *fen > 0),
        text: plan_paragraphs(view, &plan.plan),
        decisions: plan.ballots.iter().filter(|_| ahead).map(|ballot| decision(view, ballot)).collect(),
    }
}

fn decision(view: &View<'_>, ballot: &RequiredBallot) -> Decision {
    let profile = view.state().law.profile(ballot.profile);
    let words = |doc: &Doc| view.words(doc.sha256);
    let asked = |question: &Question| {
        let own = question.labels.iter().map(words);
        Asked { title: words(&question.title), options: own.collect() }
    };
    Decision {
        body: ballot.body.code().to_owned(),
        group: ballot.group.map(u32::from),
        rule: profile.map(|profile| ballots::rule(profile, 0)),
        questions: ballot.questions.iter().map(asked).collect(),
    }
}

/// When and where a session is, and on what.
fn call(view: &View<'_>, told: &Told, origin: &str) -> Option<Call> {
    let id = told.statement.session.filter(|_| told.statement.kind() == Kind::SessionConvened)?;
    let session = view.state().session(id)?;
    let row = view.session_row(id, session, None);
    let ready = format!("{origin}/v/{}/s/{id}/ready", view.village());
    Some(Call { at: row.at, hall: row.hall, agenda: row.agenda, ready, again: session::again(view, session) })
}

/// That a session had no quorum, in words: what the record says of it, and when it is called again.
fn failed_words(view: &View<'_>, told: &Told) -> String {
    let c = &view.visit.c;
    let id = told.statement.session;
    let Some((session, Act::SessionFailed(act))) =
        id.and_then(|id| view.state().session(id)).map(|session| (session, &told.statement.act))
    else {
        return view.t("text-missing");
    };
    let text = c.t("text-failed").with("when", c.lang.time(session.starts_at));
    let text = text.with("body", c.named("body", session.body.code()));
    let mut words = text.with("eligible", act.eligible).with("present", act.present).to_string();
    let later = view.state().sessions.values().filter(|other| {
        let earlier = view.state().called_again_after(other);
        earlier.is_some_and(|(earlier, _)| Some(earlier) == id)
    });
    words.push('\n');
    words.push_str(&match later.max_by_key(|later| later.convened.seq) {
        Some(later) => c.t("text-failed-again").with("when", c.lang.time(later.starts_at)).to_string(),
        None => c.t("text-failed-later").to_string(),
    });
    words
}

fn paragraphs(words: &str) -> Vec<String> {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What can be read out in half a minute.
fn first_sentences(words: &str) -> String {
    const LONGEST: usize = 160;
    let mut said = String::new();
    for sentence in words.split_inclusive(['。', '！', '；', '\n']) {
        if said.chars().count() + sentence.chars().count() > LONGEST && !said.is_empty() {
            break;
        }
        said.push_str(sentence.trim());
    }
    said
}
