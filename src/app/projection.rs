//! Derived tables, made from the record: after each commit by the projector, and all at once by `rebuild`, with the same
//! code. Each row is a function of the entries and of the state they amount to, so both ways end in the same rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::alike;
use crate::app::error::AppError;
use crate::app::live::{Live, Lives};
use crate::app::names::TOWNSHIP_NAME;
use crate::app::reading;
use crate::app::steps::Steps;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::figures::{Fact, facts};
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::model::{Body, Category, Stage};
use crate::core::state::State;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::VotingStatus;
use crate::core::statement::Statement;
use crate::core::tasks::{self, Task};
use crate::core::warnings::{Warning, warnings};
use crate::log::entry::Entry;
use crate::log::signed::Signed;
use crate::store::board::{MatterRow, NoticeRow, SessionRow, TimelineRow};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::figures::FigureRow;
use crate::store::people::{KeyRow, RoleRow, TaskRow};
use crate::store::projection::VillageSummary;
use crate::store::record::PAGE;
use crate::store::talk::TalkRow;
use crate::store::tx::Tx;
use crate::store::vault::{Place, Vault};
use crate::store::warnings::WarningRow;

/// Kind of vault row that holds a village's name.
pub const VILLAGE_NAME: &str = "village-name";

/// Villages that are projected in one transaction.
pub(in crate::app) const TOGETHER: usize = 16;

/// A village to be projected: its state, and the state that the store should keep of it, with its size.
type Due = (Arc<Live>, Option<(u64, Vec<u8>)>);

/// Brings a village's derived tables up to date with its record.
///
/// # Errors
/// The store's; nothing of a page of entries is projected then.
pub async fn project(db: &Db, vault: &Vault, lives: &Lives, village: VillageCode) -> Result<(), AppError> {
    projected(db, vault, lives, &[village]).await.map(|_| ())
}

/// The same of some villages, at most [`TOGETHER`], with the states that the tables are made of.
///
/// # Errors
/// As [`project`], where one of them can't be projected.
pub(in crate::app) async fn projected(
    db: &Db,
    vault: &Vault,
    lives: &Lives,
    villages: &[VillageCode],
) -> Result<Vec<Arc<Live>>, AppError> {
    let (mut left, mut whole) = (villages.to_vec(), Vec::with_capacity(villages.len()));
    while !left.is_empty() {
        let mut due: Vec<Due> = Vec::with_capacity(left.len());
        for village in left.drain(..) {
            let live = lives.live(village).await?;
            let state = lives.due(village, live.state().size()).await?;
            due.push((live, state));
        }
        let done = write_page(db, vault, &due).await?;
        for ((live, _), done) in due.into_iter().zip(done) {
            if done { whole.push(live) } else { left.push(live.state().village) }
        }
    }
    Ok(whole)
}

/// Projects a page of each village's entries; which of them are as far as their states.
async fn write_page(db: &Db, vault: &Vault, villages: &[Due]) -> Result<Vec<bool>, AppError> {
    db.write("project", |tx| {
        Box::pin(async move {
            let mut done = Vec::with_capacity(villages.len());
            for (live, due) in villages {
                let village = live.state().village;
                let from = tx.lock_projected(village).await?;
                if let Some((size, state)) = due {
                    tx.put_state(village, *size, state).await?;
                }
                done.push(project_in(tx, vault, live.state(), from).await?);
            }
            Ok(done)
        })
    })
    .await
}

/// Brings the derived tables of every village that is behind its record up to date: after a stop between a commit and
/// its projection, and after many records were loaded. Costs one query where nothing is behind.
///
/// A village that can't be brought up to date, such as one whose record is damaged, is logged and left behind: it keeps no
/// other from being served.
///
/// # Errors
/// The store's, where it can't say which villages are behind.
pub async fn catch_up(db: &Db, vault: &Vault, lives: &Lives) -> Result<(), AppError> {
    catch_up_where(db, vault, lives, |_| true).await
}

/// The same in those villages of which `ours` says so.
///
/// # Errors
/// As [`catch_up`].
pub async fn catch_up_where(
    db: &Db,
    vault: &Vault,
    lives: &Lives,
    ours: impl Fn(VillageCode) -> bool,
) -> Result<(), AppError> {
    let mut after = None;
    loop {
        let behind = db.read("unprojected", |tx| Box::pin(tx.unprojected(after, PAGE))).await?;
        let Some(last) = behind.last() else { return Ok(()) };
        after = Some(*last);
        let ours: Vec<VillageCode> = behind.into_iter().filter(|village| ours(*village)).collect();
        for some in ours.chunks(TOGETHER) {
            projected_or_told(db, vault, lives, some).await;
        }
    }
}

/// Projects some villages together. Where one of them fails each is projected by itself, and what fails then is logged: the
/// record stands, and the tables catch up with the next entry, or at the next start.
pub(in crate::app) async fn projected_or_told(
    db: &Db,
    vault: &Vault,
    lives: &Lives,
    villages: &[VillageCode],
) -> Vec<Arc<Live>> {
    if let Ok(all) = projected(db, vault, lives, villages).await {
        return all;
    }
    let mut whole = Vec::new();
    for village in villages {
        match projected(db, vault, lives, &[*village]).await {
            Ok(live) => whole.extend(live),
            Err(error) => tracing::error!(%village, %error, "a village's tables could not be brought up to date"),
        }
    }
    whole
}

/// Empties a village's derived tables and makes them anew.
///
/// # Errors
/// As [`project`].
pub async fn rebuild(db: &Db, vault: &Vault, lives: &Lives, village: VillageCode) -> Result<(), AppError> {
    db.write("clear_derived", |tx| Box::pin(tx.clear_derived(village))).await.map_err(AppError::Store)?;
    lives.forget(village);
    project(db, vault, lives, village).await
}

/// Projects at most one page of entries after the first `from`. True when the tables are as far as `state`.
///
/// # Errors
/// The store's.
pub(in crate::app) async fn project_in(
    tx: &mut Tx<'_>,
    vault: &Vault,
    state: &State,
    from: u64,
) -> Result<bool, AppError> {
    let (village, size) = (state.village, state.size());
    if from >= size {
        return Ok(true);
    }
    let entries = tx.entries(village, from, PAGE.min(size - from)).await?;
    let (mut timeline, mut notices, mut naming, mut met) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    let (mut steps, mut asked, mut talks, mut pictures) = (Steps::default(), false, Vec::new(), Vec::new());
    for stored in &entries {
        let entry = Entry::parse(&stored.bytes).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let statement = Signed::read(entry.statement)?.statement;
        timeline.push(timeline_row(&statement, stored.seq, stored.time));
        naming.extend(reading::rows_of(&statement, stored.seq));
        pictures.extend(alike::pictures_of(&statement, stored.seq, stored.time));
        notices.extend(notice_row(state, &statement, stored.seq, stored.time));
        steps.add(state, &statement, stored.seq, stored.time);
        // What somebody asks is no step, and yet waits for an answer.
        asked |= statement.matter.is_some() && statement.session.is_none();
        if let Act::DocumentWithdrawn(act) = &statement.act {
            // It was done when the statement came in, unless that was cut short.
            tx.withdraw_document(village, act.document, stored.time).await?;
        }
        if statement.kind() == Kind::HallPosted {
            talks.push(TalkRow::of(village, statement.matter, stored.seq, stored.time));
        }
        met.extend(statement.session);
    }
    let upto = from + entries.len() as u64;
    tx.put_timeline(&timeline).await?;
    tx.put_notices(&notices).await?;
    tx.put_naming(&naming).await?;
    tx.add_posts(&talks).await?;
    if !steps.rows.is_empty() {
        tx.put_steps(&steps.rows, &steps.about).await?;
    }
    if asked || !steps.rows.is_empty() {
        tx.steps_known(village, upto).await?;
    }
    tx.set_projected(village, upto).await?;
    let (last, tasks) = (upto == size, tasks::tasks(state));
    // What is due of an open matter also depends on its session, so every open one is written again.
    let changed = |matter: &Matter| (from..upto).contains(&matter.updated.seq) || (last && matter.stage().is_some());
    let matters = state.matters.iter().filter(|(_, matter)| changed(matter));
    tx.put_matters(&matters.map(|(id, matter)| matter_row(state, &tasks, *id, matter)).collect::<Vec<_>>()).await?;
    let counted: Vec<_> =
        state.matters.iter().filter(|(_, matter)| (from..upto).contains(&matter.updated.seq)).collect();
    let ids: Vec<MatterId> = counted.iter().map(|(id, _)| **id).collect();
    let figures: Vec<_> = counted.into_iter().flat_map(|(id, matter)| figure_rows(state, *id, matter)).collect();
    let sessions = state.sessions.iter().filter(|(id, session)| met.contains(id) || (last && session.is_live()));
    tx.put_board(&sessions.map(|(id, session)| session_row(village, *id, session)).collect::<Vec<_>>()).await?;
    if last {
        tx.replace_people(village, &role_rows(state)).await?;
        tx.replace_keys(village, &key_rows(state)).await?;
        tx.replace_warnings(village, &warning_rows(state, &tasks)).await?;
        tx.replace_tasks(village, &task_rows(state, tasks)).await?;
    }
    // What other villages change, too, comes last: they wait for each other as shortly as can be.
    alike::note(tx, &pictures).await?;
    tx.put_figures(village, &ids, &figures).await?;
    if last {
        let name = name_of(tx, vault, VILLAGE_NAME, village).await?.unwrap_or_else(|| village.to_string());
        let township_name = name_of(tx, vault, TOWNSHIP_NAME, village).await?;
        let township_name = township_name.unwrap_or_else(|| village.township().to_string());
        tx.put_summary(&summary(state, name, township_name)).await?;
    }
    Ok(last)
}

async fn name_of(tx: &mut Tx<'_>, vault: &Vault, kind: &str, village: VillageCode) -> Result<Option<String>, AppError> {
    let name = tx.secret(vault, &Place { kind, village, name: "current" }).await?;
    Ok(name.map(|name| String::from_utf8_lossy(name.expose()).into_owned()))
}

pub(in crate::app) fn timeline_row(statement: &Statement, seq: u64, time: Time) -> TimelineRow {
    let persons: Vec<_> = statement.by.iter().map(|signer| (signer.person, signer.role)).collect();
    TimelineRow {
        village: statement.village,
        seq,
        time,
        kind: statement.kind().code().to_owned(),
        matter: statement.matter,
        session: statement.session,
        persons: serde_json::json!(persons).to_string(),
    }
}

/// Windows of objection depend on the state and are not copied here: a row must follow from its entry alone.
fn notice_row(state: &State, statement: &Statement, seq: u64, time: Time) -> Option<NoticeRow> {
    let until = match statement.kind() {
        Kind::PlanPosted | Kind::ResolutionPosted | Kind::DisclosurePosted | Kind::SessionFailed => None,
        Kind::SessionConvened => statement.session.and_then(|id| state.session(id)).map(|session| session.starts_at),
        _ => return None,
    };
    Some(NoticeRow {
        village: statement.village,
        seq,
        kind: statement.kind().code().to_owned(),
        matter: statement.matter,
        session: statement.session,
        posted_from: time,
        posted_until: until,
    })
}

fn warning_rows(state: &State, tasks: &[Task]) -> Vec<WarningRow> {
    let row = |warning: Warning| {
        let weight = warning.rule.weight();
        WarningRow {
            village: state.village,
            warning: warning.name(),
            rule: warning.rule.code().to_owned(),
            rank: weight.grade.rank(),
            personal: weight.personal,
            matter: warning.matter,
            session: warning.session,
            question: warning.question.map(|question| question.as_str().to_owned()),
            stands_from: warning.from,
            entries: serde_json::json!(warning.entries).to_string(),
            number: warning.number,
            whole: warning.of,
        }
    };
    warnings(state, tasks).into_iter().map(row).collect()
}

/// Category or body in figures, where there is none.
pub const NONE: &str = "none";

fn figure_rows(state: &State, id: MatterId, matter: &Matter) -> Vec<FigureRow> {
    let row = |fact: Fact| FigureRow {
        village: state.village,
        matter: id,
        seq: fact.seq,
        measure: fact.measure.code().to_owned(),
        code: fact.code.to_owned(),
        time: fact.time,
        session: fact.session,
        category: fact.category.map_or(NONE, Category::code).to_owned(),
        body: fact.body.map_or(NONE, Body::code).to_owned(),
        number: fact.number,
    };
    facts(state, id, matter).into_iter().map(row).collect()
}

fn matter_row(state: &State, tasks: &[Task], id: MatterId, matter: &Matter) -> MatterRow {
    let title = matter.proposal.as_ref().map(|proposal| proposal.title.sha256);
    let first = || matter.suggestions.first().map(|suggestion| suggestion.text.sha256);
    let (stage, outcome) = match matter.standing {
        Standing::At(stage) => (stage.code(), None),
        Standing::Ended(outcome) => ("ended", Some(outcome.code().to_owned())),
    };
    let settled = matter.settled.as_ref().map(|settled| settled.amount_fen);
    let due = tasks.iter().filter(|task| task.matter == Some(id)).filter_map(|task| task.due).min();
    MatterRow {
        village: state.village,
        matter: id,
        category: matter.proposal.as_ref().map_or("", |proposal| proposal.category.code()).to_owned(),
        stage: stage.to_owned(),
        outcome,
        amount: settled.or(matter.proposal.as_ref().map(|proposal| proposal.amount_fen)),
        title: title.or_else(first).unwrap_or(matter.opened.leaf),
        opened_seq: matter.opened.seq,
        opened: matter.opened.time,
        updated_seq: matter.updated.seq,
        updated: matter.updated.time,
        due,
    }
}

/// The stable code of a session's status.
#[must_use]
pub fn status_code(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::Convened => "convened",
        SessionStatus::RosterFixed => "roster_fixed",
        SessionStatus::Cancelled => "cancelled",
        SessionStatus::Failed => "failed",
        SessionStatus::Ended => "ended",
    }
}

/// Status in the calendar of a session in which a vote is open at this moment, however long ago the session began.
pub const VOTING: &str = "voting";

fn session_row(village: VillageCode, id: SessionId, session: &Session) -> SessionRow {
    let voting = session.votings.values().any(|voting| voting.status == VotingStatus::Open);
    SessionRow {
        village,
        session: id,
        body: session.body.code().to_owned(),
        starts_at: session.starts_at,
        status: if voting { VOTING } else { status_code(session.status) }.to_owned(),
        updated_seq: session.papers.iter().map(|(_, paper)| paper.at.seq).max().unwrap_or(session.convened.seq),
    }
}

fn role_rows(state: &State) -> Vec<RoleRow> {
    let mut rows = Vec::new();
    for (person, known) in &state.people.persons {
        for (nth, held) in known.roles.iter().enumerate() {
            rows.push(RoleRow {
                village: state.village,
                person: *person,
                role: held.role.code().to_owned(),
                since_seq: nth as u64,
                valid_from: held.from.start(),
                valid_until: held.until.map(|until| until.plus_days(1).start()),
            });
        }
    }
    rows
}

fn key_rows(state: &State) -> Vec<KeyRow> {
    let in_use = state.people.keys.iter().filter(|(_, key)| !key.revoked);
    in_use.map(|(public, key)| KeyRow { village: state.village, public_key: *public, person: key.person }).collect()
}

pub(in crate::app) fn task_rows(state: &State, tasks: Vec<Task>) -> Vec<TaskRow> {
    let mut rows = Vec::new();
    for task in tasks {
        for role in &task.roles {
            rows.push(TaskRow {
                village: state.village,
                task: format!("{}/{role}", task.name()),
                kind: task.kind.code().to_owned(),
                role: Some(role.code().to_owned()),
                person: None,
                matter: task.matter,
                session: task.session,
                due: task.due,
                since_seq: task.since,
            });
        }
    }
    rows
}

fn summary(state: &State, name: String, township_name: String) -> VillageSummary {
    let at = |stage: Stage| state.matters.values().filter(|matter| matter.stage() == Some(stage)).count() as u64;
    let overdue =
        |matter: &&Arc<Matter>| matter.stage().is_some() && matter.papers.paper(Kind::DeadlinePassed).is_some();
    VillageSummary {
        village: state.village,
        township: state.village.township(),
        township_name,
        name,
        suggestion: at(Stage::Suggestion),
        proposal: at(Stage::Proposal),
        consultation: at(Stage::Consultation),
        filing: at(Stage::Filing),
        ballot: at(Stage::Ballot),
        supervision: at(Stage::Supervision),
        finished: state.matters.values().filter(|matter| matter.stage().is_none()).count() as u64,
        warnings: state.matters.values().filter(overdue).count() as u64,
        newest: state.last.time,
        size: state.size(),
    }
}
