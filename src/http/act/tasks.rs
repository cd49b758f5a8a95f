//! What waits for me, due when; what I signed and others must sign; my drafts; what I may begin.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::app::drafts::{self, MOST_DRAFTS};
use crate::app::error::AppError;
use crate::app::households;
use crate::app::live::Live;
use crate::app::login::holder;
use crate::app::service::Readiness;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::Role;
use crate::core::offers;
use crate::core::state::State as Village;
use crate::core::state::phase::Phase;
use crate::core::state::session::Session;
use crate::core::tasks::{self, Task as Waiting};
use crate::http::access::PAPERS;
use crate::http::act::service::{UNREADY, prepared};
use crate::http::act::{begin, count, prefill};
use crate::http::i18n::Lang;
use crate::http::pages::account::{Ahead, DraftRow, Due, HomesDue, Task, TaskGroup, TasksPage, Vouching};
use crate::http::problem::Problem;
use crate::http::read::frame::{Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// Most villages of one person looked at.
const MOST_VILLAGES: u64 = 60;
/// Most half-signed statements of one person in one village: what several others may have sent, each of them a limited number.
const MOST_SIGNED: u64 = 500;

/// The page.
///
/// # Errors
/// The store's.
pub async fn show(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    let app = state.app();
    let villages = villages(app, &identity).await?;
    let (mut all, mut waiting, mut drafts, mut begins, mut names) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut vouching, mut ahead, mut boxes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut homes, mut lists, mut papers) = (Vec::new(), Vec::new(), Vec::new());
    for village in villages {
        let live = app.lives().live(village).await?;
        // Whoever is called the same in another village is somebody else unless the key says so.
        let Some(person) = holder(live.state(), &identity.key) else { continue };
        let place = app.village_name(village).await?;
        tasks_in(app, visit.c.lang, &live, person, &place, &mut all).await?;
        signatures(app, visit.c.lang, &live, person, &place, &mut all, &mut waiting).await?;
        drafts_in(app, visit.c.lang, &live, person, &place, &mut drafts).await?;
        vouching_in(app, visit.c.lang, &live, person, &place, &mut vouching).await?;
        ahead_in(app, &live, person, &place, &mut ahead).await?;
        if PAPERS.iter().any(|role| live.state().people.holds(person, *role, app.now().date())) {
            papers.push((place.clone(), format!("/v/{village}/paper")));
        }
        if households::keeps(live.state(), person, app.now().date()) {
            lists.push((place.clone(), format!("/v/{village}/households")));
            homes_in(app, visit.c.lang, &live, person, &place, &mut homes).await?;
        }
        let coming =
            live.state().sessions.iter().filter(|(_, session)| session.is_live() && session.waits_for_box(person));
        boxes.extend(coming.map(|(id, session)| (session.starts_at, place.clone(), format!("/v/{village}/s/{id}"))));
        if begins.is_empty() {
            begins = begin::in_village(live.state(), person, app.now());
        }
        names.push((village, place));
    }
    vouching.sort_by_key(|vote| vote.until);
    let witnesses = if vouching.is_empty() { Vec::new() } else { app.witness_pages() };
    let desk = identity.grants.iter().any(|grant| grant.role.is_official());
    let to_sign = all.iter().filter(|found| found.signs).count();
    let (groups, begin, villages) = (grouped(all), begins, names);
    ahead.sort_by_key(|session| session.at);
    page(&TasksPage {
        c: visit.c,
        desk,
        files: identity.grants.iter().any(|grant| matches!(grant.role, Role::TownshipDrafter | Role::TownshipApprover)),
        reach: app.reach().is_some(),
        groups,
        homes,
        papers,
        lists,
        ahead,
        boxes,
        waiting,
        to_sign,
        drafts,
        vouching,
        witnesses,
        begin,
        villages,
        provider: app.provider().map(|provider| provider.name().to_owned()),
    })
}

/// All that waits for a person's signature, the most urgent first.
///
/// # Errors
/// The store's.
pub async fn to_sign(app: &App, lang: Lang, identity: &Identity) -> Result<Vec<Task>, Problem> {
    let (mut all, mut others) = (vec![], vec![]);
    for village in villages(app, identity).await? {
        let live = app.lives().live(village).await?;
        let Some(person) = holder(live.state(), &identity.key) else { continue };
        let place = app.village_name(village).await?;
        signatures(app, lang, &live, person, &place, &mut all, &mut others).await?;
    }
    all.sort_by_key(|found| found.due.map_or(i64::MAX, Time::ms));
    Ok(all.into_iter().map(|found| found.task).collect())
}

/// What a task is about: the heading that it stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Matter(MatterId),
    Session(SessionId),
    Village,
}

/// A task on its way to its group.
struct Found {
    due: Option<Time>,
    village: VillageCode,
    subject: Subject,
    /// Whether it is a statement that waits for a signature.
    signs: bool,
    task: Task,
}

/// A session on one matter only is that matter's.
fn subject(state: &Village, matter: Option<MatterId>, session: Option<SessionId>) -> Subject {
    let only = || match &session.and_then(|id| state.session(id))?.agenda[..] {
        [item] => Some(item.matter),
        _ => None,
    };
    match (matter.or_else(only), session) {
        (Some(matter), _) => Subject::Matter(matter),
        (None, Some(session)) => Subject::Session(session),
        (None, None) => Subject::Village,
    }
}

/// Tasks under what they are about, most urgent first.
fn grouped(mut all: Vec<Found>) -> Vec<TaskGroup> {
    all.sort_by_key(|found| found.due.map_or(i64::MAX, Time::ms));
    let mut groups: Vec<((VillageCode, Subject), TaskGroup)> = Vec::new();
    for Found { village, subject, task, .. } in all {
        let key = (village, subject);
        if let Some((_, group)) = groups.iter_mut().find(|(other, _)| *other == key && subject != Subject::Village) {
            group.tasks.push(task);
            continue;
        }
        let href = match subject {
            Subject::Matter(id) => Some(format!("/v/{village}/m/{id}")),
            Subject::Session(id) => Some(format!("/v/{village}/s/{id}")),
            Subject::Village => None,
        };
        let (title, place) = (task.title.clone(), task.place.clone());
        groups.push((key, TaskGroup { title, href, place, tasks: vec![task] }));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// How many tasks wait for a person, as the page counts them.
///
/// # Errors
/// The store's.
pub async fn how_many(app: &App, identity: &Identity) -> Result<usize, Problem> {
    let (mut all, now) = (0, app.now());
    for village in villages(app, identity).await? {
        let live = app.lives().live(village).await?;
        let Some(person) = holder(live.state(), &identity.key) else { continue };
        all += mine(live.state(), person, now).count();
        let read =
            app.db().read("half_signed_for", |tx| Box::pin(tx.half_signed_for(village, person, now, MOST_SIGNED)));
        all += read.await.map_err(AppError::Store)?.len();
    }
    Ok(all)
}

/// What a person may do now, each with the role in which.
fn mine(state: &Village, person: PersonId, now: Time) -> impl Iterator<Item = (Waiting, Role)> + '_ {
    let begun = move |task: &Waiting| task.from.is_none_or(|from| from <= now);
    let all = tasks::tasks(state).into_iter().filter(move |task| begun(task));
    all.filter_map(move |task| role_in(state, &task, person, now).map(|role| (task, role)))
}

/// The villages in which a person's key is enrolled.
///
/// # Errors
/// The store's.
pub async fn villages(app: &App, identity: &Identity) -> Result<Vec<VillageCode>, Problem> {
    let mut villages = app.villages_of(identity.key, MOST_VILLAGES).await?;
    let (hash, now) = (identity.token.hash(), app.now());
    let session = app.db().read("session", |tx| Box::pin(tx.session(hash, now))).await.map_err(AppError::Store)?;
    let own = session.and_then(|session| session.village);
    villages.extend(own.filter(|own| !villages.contains(own)));
    Ok(villages)
}

/// The role in which a person may do a task; nothing where it isn't theirs, or done already.
#[must_use]
pub fn role_in(state: &Village, task: &Waiting, person: PersonId, now: Time) -> Option<Role> {
    let session = task.session.and_then(|id| state.session(id));
    let date = now.date();
    state.people.serving(&task.roles, now).find(|role| match role {
        Role::Log | Role::Terminal => false,
        duty if duty.is_duty() => session.is_some_and(|session| session.has_duty(person, *duty)),
        Role::Voter => session.is_some_and(|session| may_as_voter(session, task, person)),
        Role::Villager => state.people.is_villager(person),
        role => state.people.holds(person, *role, date),
    })
}

/// Whether a member of the body has a part in a step of the session now.
fn may_as_voter(session: &Session, task: &Waiting, person: PersonId) -> bool {
    let Some(no) = session.number_of(person) else { return false };
    let there = session.there().contains(&no);
    let voting = task.matter.zip(task.question.as_ref()).and_then(|(m, q)| session.voting_of(m, q));
    match task.kind {
        Kind::AttendanceCheckedIn => !there,
        Kind::AttendanceCheckedOut => there,
        Kind::RecusalDeclared => true,
        Kind::BallotDisputed => voting.is_some_and(|v| v.present.contains(&no) || v.home.contains(&no)),
        Kind::BallotCast => {
            voting.is_some_and(|v| v.present.contains(&no) && !v.recused.contains(&no) && !v.has_voted(no))
        }
        _ => false,
    }
}

/// The page of the count, where a task is to count papers.
fn count_page(village: VillageCode, task: &Waiting) -> Option<String> {
    let counts = matches!(task.kind, Kind::PaperCounted | Kind::PaperRecounted);
    let (session, matter) = (task.session.filter(|_| counts)?, task.matter?);
    Some(count::address(village, session, matter, task.question.as_ref()?))
}

/// Where a task is done.
#[must_use]
pub fn address(village: VillageCode, task: &Waiting, role: Role) -> String {
    if let (Kind::BallotCast, Some(session)) = (task.kind, task.session) {
        // Straight to the question: the list of questions is for who comes by the session.
        let question = task.matter.zip(task.question.as_ref());
        let question = question.map(|(matter, code)| format!("/{matter}/{code}")).unwrap_or_default();
        return format!("/v/{village}/vote/{session}{question}");
    }
    if let (Kind::AttendanceRecorded | Kind::PaperIssued, Some(session)) = (task.kind, task.session) {
        return format!("/v/{village}/s/{session}/door");
    }
    if let Some(href) = count_page(village, task) {
        return href;
    }
    let mut href = format!("/v/{village}/do/{}?role={role}", task.kind);
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            href.push_str(&format!("&{name}={value}"));
        }
    };
    add("matter", task.matter.map(|id| id.to_string()));
    add("session", task.session.map(|id| id.to_string()));
    add("question", task.question.as_ref().map(ToString::to_string));
    add("basis", task.basis.map(|leaf| leaf.to_string()));
    href
}

async fn tasks_in(
    app: &App,
    lang: Lang,
    live: &Live,
    person: PersonId,
    place: &str,
    all: &mut Vec<Found>,
) -> Result<(), Problem> {
    let (state, now) = (live.state(), app.now());
    for (task, role) in mine(state, person, now) {
        let subject = subject(state, task.matter, task.session);
        let shown = Task {
            kind: task.kind.code().to_owned(),
            signs: false,
            title: title_of(app, lang, live, subject).await?,
            question: prefill::question(app, state, task.matter, task.question.as_ref()).await?,
            place: place.to_owned(),
            meeting: meeting(lang, live, subject, task.session),
            role: role.code().to_owned(),
            due: due(task.due, now),
            href: address(state.village, &task, role),
        };
        all.push(Found { due: task.due, village: state.village, subject, signs: false, task: shown });
    }
    Ok(())
}

/// What a task is about in words: the matter by its title, a session by what is on its agenda.
async fn title_of(app: &App, lang: Lang, live: &Live, subject: Subject) -> Result<String, Problem> {
    let state = live.state();
    let matters = match subject {
        Subject::Matter(id) => vec![id],
        Subject::Session(id) => {
            let agenda = state.session(id).map_or(&[][..], |session| &session.agenda);
            agenda.iter().map(|item| item.matter).collect()
        }
        Subject::Village => Vec::new(),
    };
    let mut titles = Vec::new();
    for matter in matters.into_iter().filter_map(|id| state.matter(id)) {
        titles.push(prefill::title(app, state.village, matter).await?);
    }
    Ok(titles.join(&lang.t("list-comma").to_string()))
}

/// When the meeting of a task is, and who meets where the task is about the whole of it.
fn meeting(lang: Lang, live: &Live, subject: Subject, session: Option<SessionId>) -> Option<String> {
    let session = live.state().session(session?)?;
    let when = lang.t("task-meeting").with("when", lang.time(session.starts_at)).to_string();
    if !matches!(subject, Subject::Session(_)) {
        return Some(when);
    }
    let body = lang.t(format!("body-{}", session.body.code().replace('_', "-")));
    Some(format!("{when} · {body}"))
}

fn due(due: Option<Time>, now: Time) -> Due {
    match due {
        None => Due::Open,
        Some(due) if due <= now => Due::Overdue(due),
        Some(due) => Due::Until(due),
    }
}

/// Statements that wait for a signature: mine, or others' under what I signed.
async fn signatures(
    app: &App,
    lang: Lang,
    live: &Live,
    person: PersonId,
    place: &str,
    mine: &mut Vec<Found>,
    others: &mut Vec<Task>,
) -> Result<(), Problem> {
    let (village, now) = (live.state().village, app.now());
    let rows =
        app.db().read("half_signed_of", |tx| Box::pin(tx.half_signed_of(village, person, now, MOST_SIGNED))).await;
    for row in rows.map_err(AppError::Store)? {
        let statement = crate::core::statement::Statement::parse(&row.payload).map_err(AppError::from)?;
        let Some(signer) = statement.by.iter().find(|signer| signer.person == Some(person)) else { continue };
        let subject = subject(live.state(), statement.matter, statement.session);
        let task = Task {
            kind: row.kind.clone(),
            signs: true,
            title: title_of(app, lang, live, subject).await?,
            question: prefill::question(app, live.state(), statement.matter, statement.question.as_ref()).await?,
            place: place.to_owned(),
            meeting: meeting(lang, live, subject, statement.session),
            role: signer.role.code().to_owned(),
            due: due(Some(row.expires), now),
            href: format!("/v/{village}/pending/{}", row.statement),
        };
        if row.waits_for.contains(&person) {
            mine.push(Found { due: Some(row.expires), village, subject, signs: true, task });
        } else {
            others.push(task);
        }
    }
    Ok(())
}

/// Votes under way in which the person, an inspector, can vouch for ballots. What a witness received only its own page says.
async fn vouching_in(
    app: &App,
    lang: Lang,
    live: &Live,
    person: PersonId,
    place: &str,
    rows: &mut Vec<Vouching>,
) -> Result<(), Problem> {
    let (state, now) = (live.state(), app.now());
    if !state.people.holds(person, Role::DisciplineInspector, now.date()) {
        return Ok(());
    }
    for id in state.sessions.iter().filter(|(_, session)| session.is_live()).map(|(id, _)| *id) {
        let offers = offers::of_session(state, id, now).into_iter();
        for offer in offers.filter(|offer| offer.kind == Kind::BallotVouched) {
            let title = title_of(app, lang, live, subject(state, offer.matter, None)).await?;
            let vote = offer.matter.zip(offer.question.as_ref());
            let voting = vote.and_then(|(matter, question)| state.session(id)?.voting_of(matter, question));
            let Some(until) = voting.map(|voting| voting.deliveries_end()) else { continue };
            let href = address(state.village, &offer, Role::DisciplineInspector);
            rows.push(Vouching { title, place: place.to_owned(), until, href });
        }
    }
    Ok(())
}

/// Sessions to come whose register the person keeps, as long as somebody is not told or a key was not tried.
async fn ahead_in(app: &App, live: &Live, person: PersonId, place: &str, rows: &mut Vec<Ahead>) -> Result<(), Problem> {
    let (state, now) = (live.state(), app.now());
    if !state.people.holds(person, Role::Clerk, now.date()) {
        return Ok(());
    }
    for (id, session) in state.sessions.iter().filter(|(_, session)| state.phase(session, now) == Phase::Called) {
        let register = app.register(state.village, *id).await?;
        let prepared = prepared(&register, session, now);
        if prepared.is_done() {
            continue;
        }
        let count = |state: &Readiness| register.count(|member| member.readiness == *state);
        let unready = UNREADY.iter().map(|state| (state.code().to_owned(), count(state))).filter(|(_, n)| *n > 0);
        let href = format!("/v/{}/s/{id}/service", state.village);
        rows.push(Ahead { at: session.starts_at, place: place.to_owned(), prepared, unready: unready.collect(), href });
    }
    Ok(())
}

/// Households of a representative that are to be asked before a vote, or told of a result.
async fn homes_in(
    app: &App,
    lang: Lang,
    live: &Live,
    person: PersonId,
    place: &str,
    rows: &mut Vec<HomesDue>,
) -> Result<(), Problem> {
    let (village, now) = (live.state().village, app.now());
    for waiting in app.households_waiting(village, person).await? {
        rows.push(HomesDue {
            what: waiting.what.code(),
            left: waiting.left,
            title: title_of(app, lang, live, Subject::Matter(waiting.matter)).await?,
            place: place.to_owned(),
            due: due(waiting.until, now),
            href: format!("/v/{village}/households?matter={}", waiting.matter),
        });
    }
    Ok(())
}

async fn drafts_in(
    app: &App,
    lang: Lang,
    live: &Live,
    person: PersonId,
    place: &str,
    rows: &mut Vec<DraftRow>,
) -> Result<(), Problem> {
    let (state, village) = (live.state(), live.state().village);
    let kept = app.db().read("drafts", |tx| Box::pin(tx.drafts(village, person, MOST_DRAFTS))).await;
    for draft in kept.map_err(AppError::Store)? {
        let joint = if draft.kind.contains('?') { "&" } else { "?" };
        let href = format!("/v/{village}/do/{}{joint}draft={}", draft.kind, draft.draft);
        let drop = format!("/v/{village}/drafts/{}/drop", draft.draft);
        let [matter, session] = ["matter", "session"].map(|name| drafts::named(&draft, name));
        let about = subject(state, matter.and_then(|id| id.parse().ok()), session.and_then(|id| id.parse().ok()));
        let title = match about {
            // A new proposal is about nothing yet but has a title perhaps.
            Subject::Village => drafts::typed(&draft).remove("title").unwrap_or_default().concat(),
            about => title_of(app, lang, live, about).await?,
        };
        let (kind, place, saved) = (drafts::kind(&draft).to_owned(), place.to_owned(), draft.updated);
        rows.push(DraftRow { kind, title, place, saved, href, drop });
    }
    Ok(())
}
