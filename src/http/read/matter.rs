//! The matter page.

use axum::extract::State;
use axum::response::Response;

use crate::app::received::objectable;
use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::{Act, Kind};
use crate::core::ids::{MatterId, VillageCode};
use crate::core::model::Doc;
use crate::core::state::matter::Matter;
use crate::core::{offers, tasks};
use crate::http::access::INSPECTORS;
use crate::http::act::begin;
use crate::http::act::received::ratable;
use crate::http::package;
use crate::http::pages::matter::{Action, MatterPage};
use crate::http::pages::parts::{Correction, Paper};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::steps::Steps;
use crate::http::read::{acts, ballots, rows};
use crate::http::state::AppState;

/// Characters of a plan that stand for it in brief.
const BRIEF: usize = 240;

/// `GET /v/{code}/m/{matter}`.
///
/// # Errors
/// There is no such village or matter; the store can't be read now.
pub async fn matter(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let told = app.told(code, About::Matter(id)).await?;
    let counts = (app.entries_about(code, id).await?, app.posts_about(code, id).await?);
    let mut wanted = Wanted::default();
    acts::want(&told, &mut wanted);
    rows::want_titles([matter], &mut wanted);
    wanted.spoken.extend(matter.suggestions.iter().map(|suggestion| suggestion.text.sha256));
    wanted.spoken.extend(plan(matter, &told).map(|(_, doc)| doc.sha256));
    for session in view.state().sessions.values() {
        if let Some(item) = session.item(id) {
            ballots::want_questions(&view, session, item, &mut wanted);
        }
    }
    let view = view.fetch(app, &wanted).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let households = app.households_about(code, id, matter).await?;
    page(&MatterPage { households, ..matter_page(&view, id, matter, &told, counts) })
}

fn matter_page(
    view: &View<'_>,
    id: MatterId,
    matter: &Matter,
    told: &[Told],
    (entries, posts): (u64, u64),
) -> MatterPage {
    let code = view.village();
    let plan = plan(matter, told);
    MatterPage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        id,
        title: view.title(matter),
        title_corrections: title_corrections(view, matter, told),
        category: rows::category(matter).to_owned(),
        amount: rows::amount(matter),
        brief: plan.and_then(|(_, doc)| view.library.text(doc.sha256)).map(in_brief),
        plan: plan.map(|(name, doc)| plan_paper(view, name, doc)),
        emergency: matter.emergency,
        emblem: view.emblem(id, matter),
        next: rows::next(view.state(), id, matter, view.now),
        households: None,
        reason: reason(view, matter, told),
        steps: Steps { view, id, matter, told }.steps(),
        entries,
        posts,
        print_href: print_href(code, matter, told),
        packages: packages(view, id, matter),
        actions: actions(view, id),
        more: more(view, id),
    }
}

/// The plan in force: the settled one, else the draft of the proposal.
fn plan<'a>(matter: &'a Matter, told: &'a [Told]) -> Option<(&'static str, &'a Doc)> {
    let settled = matter.settled.as_ref().map(|settled| ("doc-plan", &settled.plan));
    settled.or_else(|| {
        told.iter().rev().find_map(|told| match &told.statement.act {
            Act::MatterProposed(act) => Some(("doc-draft", &act.plan)),
            Act::DisclosurePosted(act) => Some(("doc-text", &act.text)),
            _ => None,
        })
    })
}

fn plan_paper(view: &View<'_>, name: &'static str, doc: &Doc) -> Paper {
    view.paper(view.t(name), doc, &[])
}

/// The first lines of a plan, whole sentences where they end in time.
fn in_brief(text: &str) -> String {
    if text.chars().count() <= BRIEF {
        return text.trim().to_owned();
    }
    let cut: String = text.chars().take(BRIEF).collect();
    let end = cut.rfind(['。', '\n', '！', '；']).map(|at| at + cut[at..].chars().next().map_or(0, char::len_utf8));
    match end.filter(|end| *end > cut.len() / 2) {
        Some(end) => cut[..end].trim().to_owned(),
        None => format!("{}…", cut.trim()),
    }
}

fn title_corrections(view: &View<'_>, matter: &Matter, told: &[Told]) -> Vec<Correction> {
    let title = matter.proposal.as_ref().map(|proposal| proposal.title.sha256);
    let of_title = |told: &&Told| match &told.statement.act {
        Act::ClericalCorrected(act) => Some(act.old) == title,
        _ => false,
    };
    told.iter().filter(of_title).filter_map(|told| view.correction(told)).collect()
}

/// Why the matter stands still or ended otherwise than by a vote.
fn reason(view: &View<'_>, matter: &Matter, told: &[Told]) -> Option<String> {
    let last = told.iter().rev().find_map(|told| match &told.statement.act {
        Act::FilingReturned(act) => Some((told, &act.reason)),
        Act::MatterWithdrawn(act) | Act::ChangeRequested(act) | Act::SuggestionDeclined(act) => {
            Some((told, &act.reason))
        }
        Act::MatterAnnulled(act) => Some((told, &act.reason)),
        Act::SupplementRequested(act) if matter.open.contains_key(&told.at.leaf) => Some((told, &act.text)),
        Act::EntryAnnulled(act) => Some((told, &act.reason)),
        _ => None,
    })?;
    // Once the plan is settled anew, why it was sent back is history; it stays among the acts.
    let settled_since =
        told.iter().any(|told| told.at.seq > last.0.at.seq && matches!(told.statement.act, Act::PlanSettled(_)));
    (!settled_since).then(|| view.words(last.1.sha256))
}

/// Packages for the archive, once the ballot is over; for an inspector evidence, at any time.
fn packages(view: &View<'_>, id: MatterId, matter: &Matter) -> Vec<(&'static str, String)> {
    let over = !matter.results.is_empty() || matter.stage().is_none();
    let href = format!("/v/{}/m/{id}/package/file", view.village());
    let named =
        package::keeps(view.visit, view.village()).then(|| ("print-package-named", format!("{href}?named=true")));
    let open = over.then_some(("print-package", href));
    let kept = open.into_iter().chain(named.filter(|_| over));
    let inspects = view.visit.roles(view.village()).iter().any(|role| INSPECTORS.contains(role));
    let evidence = format!("/v/{}/m/{id}/evidence/file", view.village());
    kept.chain(inspects.then_some(("print-evidence", evidence))).collect()
}

/// The newest notice of the matter, to be printed for the board.
fn print_href(code: VillageCode, matter: &Matter, told: &[Told]) -> Option<String> {
    let in_force =
        [matter.resolution_notice, matter.plan_notice].into_iter().flatten().map(|notice| notice.at.seq).next();
    let disclosed = || {
        let posted = told.iter().find(|told| matches!(told.statement.act, Act::DisclosurePosted(_)));
        posted.map(|told| told.at.seq)
    };
    in_force.or_else(disclosed).map(|seq| format!("/v/{code}/notices/{seq}"))
}

/// What the reader may do here now: the tasks that wait for one of the reader's roles.
fn actions(view: &View<'_>, id: MatterId) -> Vec<Action> {
    let Some(person) = view.visit.person().filter(|person| view.state().people.persons.contains_key(person)) else {
        return without_key(view, id);
    };
    let waiting = tasks::tasks(view.state());
    let waiting = waiting.iter().filter(|task| task.matter == Some(id));
    begin::links(view.state(), waiting, person, view.now, |task| view.question_of(task))
}

/// What somebody without a key here can do: object as long as a notice stands, rate what is carried out, ask at any time.
fn without_key(view: &View<'_>, id: MatterId) -> Vec<Action> {
    let Some(matter) = view.state().matter(id) else { return Vec::new() };
    let open = objectable(matter, view.now).map(|_| (Kind::ObjectionReceived, "object"));
    let rated = ratable(matter).then_some((Kind::RatingReceived, "rate"));
    let action = |(kind, path): (Kind, &str)| {
        let href = format!("/v/{}/m/{id}/{path}", view.village());
        Action { kind: kind.code().to_owned(), href, about: None }
    };
    open.into_iter().chain(rated).chain([(Kind::InquiryReceived, "ask")]).map(action).collect()
}

/// What the reader may begin besides.
fn more(view: &View<'_>, id: MatterId) -> Vec<Action> {
    let Some(person) = view.visit.person() else { return Vec::new() };
    let offers = offers::of_matter(view.state(), id, view.now);
    let mut more = begin::links(view.state(), &offers, person, view.now, |task| view.question_of(task));
    more.extend(begin::for_others(view.state(), &offers, person, view.now));
    more
}
