//! The page of a session.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::app::service::members;
use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::Kind;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::model::{Channel, Role, Stage};
use crate::core::offers;
use crate::core::state::phase::Phase;
use crate::core::state::session::{Attendance, Session};
use crate::core::tasks::{self, Task};
use crate::http::act::begin;
use crate::http::act::service::prepared;
use crate::http::act::tasks::role_in;
use crate::http::package;
use crate::http::pages::matter::{Action, Question};
use crate::http::pages::parts::{Paper, Who};
use crate::http::pages::printed::Printable;
use crate::http::pages::session::{Again, AgendaItem, AtTheDoor, Change, RosterLine, SessionPage};
use crate::http::print::minutes;
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{self, Opened};
use crate::http::read::context::View;
use crate::http::read::door::keeps_door;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{acts, rows};
use crate::http::state::AppState;

/// Fewer papers than this let choices be inferred (DOMAIN, ballot mode).
const FEW_PAPERS: usize = 5;
/// Who keeps the register of service, and who watches that it is kept.
const KEEPERS: [Role; 2] = [Role::Clerk, Role::SupervisionCommittee];

/// `GET /v/{code}/s/{session}`.
///
/// # Errors
/// There is no such village or session; the store can't be read now.
pub async fn session(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let told = app.told(code, About::Session(id)).await?;
    let mut wanted = Wanted::default();
    acts::want(&told, &mut wanted);
    rows::want_agenda(view.state(), [session], &mut wanted);
    for item in &session.agenda {
        ballots::want_questions(&view, session, item, &mut wanted);
    }
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let door = at_the_door(app, &view, id, session).await?;
    let mut shown = SessionPage { door, ..session_page(&view, id, session, &told) };
    let keeps = visit.roles(code).iter().any(|role| KEEPERS.contains(role));
    if keeps && is_prepared(view.state().phase(session, view.now)) {
        shown.prepared = Some(prepared(&app.register(code, id).await?, session, view.now));
    }
    page(&shown)
}

/// Whether it is still the time to prepare a session: before members are let in, and beside it as long as nobody votes.
fn is_prepared(phase: Phase) -> bool {
    matches!(phase, Phase::Called | Phase::CheckingIn)
}

/// What the door means to this reader.
async fn at_the_door(app: &App, view: &View<'_>, id: SessionId, session: &Session) -> Result<AtTheDoor, Problem> {
    let Some(person) = view.visit.person().filter(|_| session.is_live() && !session.roster.is_empty()) else {
        return Ok(AtTheDoor::default());
    };
    let (member, home) = (session.number_of(person).is_some(), session.waits_for_box(person));
    let meeting = if member { app.meeting_link(view.village(), id).await? } else { None };
    Ok(AtTheDoor { keeps: keeps_door(view.state(), id, person, view.now), member, home, meeting })
}

/// A session as this reader sees it.
#[must_use]
pub fn session_page(view: &View<'_>, id: SessionId, session: &Session, told: &[Told]) -> SessionPage {
    let opened = Opened::of(view, told);
    let there = session.there().len() as u64;
    let lines = told.iter().filter(|told| !acts::is_folded(told.statement.kind()));
    SessionPage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        hall: view.hall(session),
        state: view.state().phase(session, view.now),
        channels: session.channels.iter().map(|channel| channel.code().to_owned()).collect(),
        rule: view.session_rule(session),
        eligible: (!session.roster.is_empty()).then(|| u64::from(session.eligible())),
        present: (!session.attendance.is_empty()).then_some(there),
        agenda: session.agenda.iter().map(|item| agenda_item(view, session, item, &opened)).collect(),
        tellers: tellers(view, session),
        roster: roster(view, session),
        papers: papers(view, told),
        acts: lines.map(|one| view.act_line(one, told)).collect(),
        actions: actions(view, id, session),
        more: more(view, id, session),
        terminal: session.is_live()
            && session.channels.contains(&Channel::Kiosk)
            && view.visit.roles(view.village()).contains(&Role::Clerk),
        prints: prints(view, id, session),
        door: AtTheDoor::default(),
        again: again(view, session),
        prepared: None,
        rehearses: rehearses(view, session),
        tries_key: tries_key(view, session),
        changes: changes(view, session),
    }
}

/// The session without quorum that this one takes up again.
#[must_use]
pub fn again(view: &View<'_>, session: &Session) -> Option<Again> {
    let (id, earlier) = view.state().called_again_after(session)?;
    let present = earlier.there().len() as u64;
    Some(Again { id, at: earlier.starts_at, eligible: u64::from(earlier.eligible()), present })
}

/// Whether this reader leads the session, which has not begun. A rehearsal is not rehearsed.
fn rehearses(view: &View<'_>, session: &Session) -> bool {
    let leads = |role: &Role| matches!(role, Role::Clerk | Role::Chair);
    let ahead = view.state().phase(session, view.now) == Phase::Called;
    ahead && !view.visit.c.is_rehearsal() && view.visit.roles(view.village()).iter().any(leads)
}

fn tries_key(view: &View<'_>, session: &Session) -> bool {
    let (ahead, today) = (is_prepared(view.state().phase(session, view.now)), view.now.date());
    let member = |person| members(view.state(), session, today).iter().any(|(_, member)| *member == person);
    ahead && view.visit.person().is_some_and(member)
}

/// For each matter that is still to be decided, where its leaders put a slip right and where anything else goes.
fn changes(view: &View<'_>, session: &Session) -> Vec<Change> {
    let (state, code) = (view.state(), view.village());
    let Some(person) = view.visit.person().filter(|_| state.phase(session, view.now).is_ahead()) else {
        return Vec::new();
    };
    let address = |kind: Kind, matter: MatterId| {
        let task = Task::new(kind, &offers::signers(kind), session.convened.seq);
        let role = role_in(state, &task, person, view.now)?;
        Some(format!("/v/{code}/do/{kind}?role={role}&matter={matter}"))
    };
    let undecided = session.agenda.iter().filter(|item| !session.is_voting_on(item.matter));
    let change = undecided.filter_map(|item| {
        Some(Change {
            title: view.title(state.matter(item.matter).filter(|matter| matter.stage() == Some(Stage::Ballot))?),
            slip: address(Kind::ClericalCorrected, item.matter),
            back: address(Kind::ChangeRequested, item.matter),
        })
    });
    change.filter(|change| change.back.is_some()).collect()
}

/// Calls a session again that had no quorum or was called off.
fn call_again(view: &View<'_>, id: SessionId, session: &Session) -> Option<Action> {
    let (state, code, person) = (view.state(), view.village(), view.visit.person()?);
    let task = Task::new(Kind::SessionConvened, &offers::signers(Kind::SessionConvened), session.convened.seq);
    let role = role_in(state, &task, person, view.now).filter(|_| !state.to_call_again(session).is_empty())?;
    let href = format!("/v/{code}/do/{}?role={role}&again={id}", Kind::SessionConvened);
    Some(Action { kind: "session.again".to_owned(), href, about: None })
}

fn agenda_item(
    view: &View<'_>,
    session: &Session,
    item: &crate::core::act::session::AgendaItem,
    opened: &Opened,
) -> AgendaItem {
    let title = view.state().matter(item.matter).map(|matter| view.title(matter));
    let questions: Vec<Question> = view.questions(session, item, opened);
    let mode = view.mode(session, item);
    let issued = session.votings.iter().filter(|((matter, _), _)| *matter == item.matter);
    let few = |voting: &crate::core::state::voting::Voting| {
        !voting.opening.named_papers && (1..FEW_PAPERS).contains(&voting.paper_issued.len())
    };
    AgendaItem {
        matter: item.matter,
        title: title.unwrap_or_else(|| view.t("text-missing")),
        mode: mode.to_owned(),
        few_paper: issued.map(|(_, voting)| voting).any(|voting| few(voting)),
        questions,
    }
}

/// Caller, counter and scrutineer, and the three who carry the mobile box, where they are named.
#[must_use]
pub fn tellers(view: &View<'_>, session: &Session) -> Vec<Who> {
    let three = session.tellers.iter().flat_map(|tellers| {
        [(tellers.caller, Role::Caller), (tellers.counter, Role::Counter), (tellers.scrutineer, Role::Scrutineer)]
    });
    let carrying = session.mobile_box.iter().flat_map(|named| &named.scrutineers);
    let carrying = carrying.map(|person| (*person, Role::BoxScrutineer));
    three.chain(carrying).map(|(person, role)| view.who(person, role)).collect()
}

/// The roster with attendance: numbers for everyone, names for the village.
fn roster(view: &View<'_>, session: &Session) -> Vec<RosterLine> {
    let named = view.visit.belongs_to(view.village());
    let visited = |no: &u32| session.votings.values().any(|voting| voting.visited().any(|other| other == *no));
    let line = |(no, person): (&u32, &crate::core::ids::PersonId)| {
        let attendance = session.attendance.get(no).filter(|attendance| attendance.there);
        RosterLine {
            no: *no,
            name: view.names.get(person).filter(|_| named).cloned(),
            there: attendance.map(how).or_else(|| visited(no).then_some("mobile_box")).map(str::to_owned),
            recused: session.recused.iter().any(|(_, voter)| voter == no),
        }
    };
    session.roster.iter().map(line).collect()
}

/// How a member is there: signed in by two at the hall, or with the own key.
fn how(attendance: &Attendance) -> &'static str {
    if attendance.channel == Channel::Paper { "hall" } else { attendance.channel.code() }
}

fn papers(view: &View<'_>, told: &[Told]) -> Vec<Paper> {
    let papers = told.iter().map(|told| {
        let shown = acts::shown(&told.statement.act);
        view.papers(&shown.papers, &acts::persons(told))
    });
    papers.flatten().collect()
}

/// What the reader may do here now. Whoever stands on the roster is led to the voter's path.
fn actions(view: &View<'_>, id: SessionId, session: &Session) -> Vec<Action> {
    let Some(person) = view.visit.person() else { return Vec::new() };
    let waiting = tasks::tasks(view.state());
    let waiting = waiting.iter().filter(|task| task.session == Some(id));
    let mut actions = begin::links(view.state(), waiting, person, view.now, |task| about(view, session, task));
    actions.extend(call_again(view, id, session));
    actions
}

/// What the reader may begin besides.
fn more(view: &View<'_>, id: SessionId, session: &Session) -> Vec<Action> {
    let Some(person) = view.visit.person() else { return Vec::new() };
    let offers = offers::of_session(view.state(), id, view.now);
    begin::links(view.state(), &offers, person, view.now, |task| about(view, session, task))
}

/// Which matter a step is about, where the session has several, and which question.
fn about(view: &View<'_>, session: &Session, task: &Task) -> Option<String> {
    let several = session.agenda.len() > 1;
    let matter =
        task.matter.filter(|_| several).and_then(|id| view.state().matter(id)).map(|matter| view.title(matter));
    match (matter, view.question_of(task)) {
        (Some(matter), Some(question)) => Some(matter + &view.t("colon") + &question),
        (matter, question) => matter.or(question),
    }
}

/// What this reader may print.
fn prints(view: &View<'_>, id: SessionId, session: &Session) -> Vec<Printable> {
    let (code, mut prints) = (view.village(), Vec::new());
    let mut offer = |what: &'static str, href: String| prints.push(Printable { what, href });
    if view.visit.roles(code).contains(&Role::Clerk) && !view.sheets(session).is_empty() {
        offer("print-ballots", format!("/v/{code}/s/{id}/ballots"));
    }
    if !session.roster.is_empty() {
        offer("print-minutes", format!("/v/{code}/s/{id}/minutes/file"));
        if minutes::keeps_papers(view.visit, code) {
            offer("print-minutes-named", format!("/v/{code}/s/{id}/minutes/file?named=true"));
        }
    }
    if let Some(failed) = session.papers.paper(Kind::SessionFailed) {
        offer("print-failed", format!("/v/{code}/notices/{}", failed.at.seq));
    }
    offer("print-agenda", format!("/v/{code}/s/{id}/lists/agenda/file"));
    offer("print-seats", format!("/v/{code}/s/{id}/lists/seats/file"));
    if !session.is_live() {
        offer("print-package", format!("/v/{code}/s/{id}/package/file"));
        if package::keeps(view.visit, code) {
            offer("print-package-named", format!("/v/{code}/s/{id}/package/file?named=true"));
        }
    }
    prints
}
