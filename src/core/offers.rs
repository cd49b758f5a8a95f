//! What may be begun about a matter or session without anybody waiting for it: a concern, a return, a withdrawal, a recusal,
//! a dispute, ballots that an inspector's witness received. Read off the law's table and the state. The judge still has the last word on what is then stated.

use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::judge::session::{has_quorum, may_have_box, profile_of};
use crate::core::judge::witness::takes_vouched;
use crate::core::model::{Channel, Outcome, Role};
use crate::core::state::State;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::table::{self, BasisIn, Field, Row};
use crate::core::tasks::{Task, tasks};

/// What may be begun about a matter at `now`, beyond the tasks that wait.
#[must_use]
pub fn of_matter(state: &State, id: MatterId, now: Time) -> Vec<Task> {
    let Some(matter) = state.matter(id) else { return Vec::new() };
    let waiting = tasks(state);
    let waits = |kind: Kind| waiting.iter().any(|task| task.matter == Some(id) && task.kind == kind);
    let kinds = Kind::ALL.iter().copied().filter(|kind| is_about_matter(table::row(*kind)));
    let offered = kinds.filter(|kind| !waits(*kind) && is_lawful_now(matter, *kind, now));
    offered.map(|kind| Task::new(kind, &signers(kind), matter.updated.seq).matter(id)).collect()
}

/// Kinds that name a matter and no session.
fn is_about_matter(row: &Row) -> bool {
    row.scope.matter != Field::Absent && row.scope.session != Field::Required
}

fn is_lawful_now(matter: &Matter, kind: Kind, now: Time) -> bool {
    let row = table::row(kind);
    let reached = match matter.standing {
        Standing::At(stage) => {
            let stages = row.stages.contains(&stage) || (row.stages.is_empty() && !row.opens);
            stages && (matter.open.is_empty() || !row.needs_clear(Some(stage)))
        }
        Standing::Ended(outcome) => row.ended || (row.rejected && outcome == Outcome::Rejected),
    };
    let papers = row.papers.iter().all(|kind| matter.papers.paper(*kind).is_some());
    let basis = row.basis.as_ref().is_none_or(|basis| {
        basis.place == BasisIn::Matter && basis.kinds.iter().any(|kind| matter.papers.paper(*kind).is_some())
    });
    reached && papers && basis && is_timely(matter, kind, now)
}

/// What the table doesn't say: windows of notices, and papers of which there is one at a time.
fn is_timely(matter: &Matter, kind: Kind, now: Time) -> bool {
    let open = [matter.plan_notice, matter.resolution_notice].into_iter().flatten().any(|notice| now < notice.ends);
    let waiting = matter.open.values().any(|point| point.kind == Kind::SupplementRequested);
    match kind {
        Kind::ObjectionEntered => open,
        Kind::MatterProposed => matter.papers.paper(Kind::MatterProposed).is_none(),
        Kind::FilingSubmitted => matter.plan_notice.is_some_and(|notice| notice.ends <= now),
        Kind::PlanPosted => matter.plan_notice.is_none(),
        Kind::ResolutionPosted => matter.resolution_notice.is_none(),
        Kind::SupplementRequested => !waiting,
        Kind::ImplementationSignedOff => {
            matter.progress == 100 && matter.resolution_notice.is_some_and(|notice| notice.ends <= now)
        }
        Kind::RatingEntered | Kind::ReturnVisitRecorded => {
            matches!(matter.standing, Standing::At(_) | Standing::Ended(Outcome::Finished))
        }
        _ => true,
    }
}

/// Everyone who may sign a kind, in whichever place; not roots and the log.
#[must_use]
pub fn signers(kind: Kind) -> Vec<Role> {
    let mut roles: Vec<Role> = table::row(kind).signers.iter().flatten().flatten().copied().collect();
    roles.retain(|role| !matches!(role, Role::Root | Role::Log | Role::Terminal));
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What may be begun about a session at `now`, beyond the tasks that wait.
#[must_use]
pub fn of_session(state: &State, id: SessionId, now: Time) -> Vec<Task> {
    let Some(session) = state.session(id) else { return Vec::new() };
    let mut offers = Vec::new();
    let mut offer = |kind: Kind| Task::new(kind, &signers(kind), session.convened.seq).session(id);
    offers.push(offer(Kind::ClericalCorrected));
    if session.is_live() {
        offers.extend(of_whole_session(state, session, now).into_iter().map(&mut offer));
        for item in &session.agenda {
            let recusal = profile_of(state, item).is_some_and(|profile| profile.recusal.allowed);
            let fixed = session.status == SessionStatus::RosterFixed;
            if recusal && fixed && !session.is_voting_on(item.matter) {
                offers.push(offer(Kind::RecusalDeclared).matter(item.matter));
            }
        }
        for ((matter, question), voting) in &session.votings {
            for (kind, basis) in of_voting(voting) {
                let about = Task { question: Some(question.clone()), basis, ..offer(kind) };
                offers.push(about.matter(*matter));
            }
        }
    }
    let waiting = tasks(state);
    offers.retain(|offer| !waiting.iter().any(|task| task.name() == offer.name()));
    offers
}

fn of_whole_session(state: &State, session: &Session, now: Time) -> Vec<Kind> {
    let counting = session.votings.values().any(|voting| voting.is_under_way());
    let voting = session.agenda.iter().any(|item| session.is_voting_on(item.matter));
    let fixed = session.status == SessionStatus::RosterFixed;
    let quorum = session.agenda.iter().any(|item| has_quorum(state, session, item));
    let mut kinds = Vec::new();
    let mut when = |holds: bool, kind: Kind| {
        if holds {
            kinds.push(kind);
        }
    };
    when(fixed && now >= session.starts_at && session.votings.is_empty() && !quorum, Kind::SessionFailed);
    when(!voting, Kind::SessionCancelled);
    when(fixed && !counting, Kind::TellersNamed);
    when(fixed && !counting && may_have_box(state, session), Kind::MobileBoxNamed);
    when(fixed && !session.attendance.is_empty(), Kind::AttendanceRecorded);
    when(fixed && session.channels.contains(&Channel::Online), Kind::AttendanceCheckedIn);
    when(fixed && !session.attendance.is_empty(), Kind::AttendanceCheckedOut);
    kinds
}

/// What may be begun about a vote, with the entry it answers where there is one.
fn of_voting(voting: &Voting) -> Vec<(Kind, Option<Digest>)> {
    if !voting.is_under_way() {
        return Vec::new();
    }
    let ended = voting.status == VotingStatus::DeliveriesEnded;
    let ripe = voting.waiting().filter(|(_, point)| ended || point.kind != Kind::BallotVouched);
    let mut kinds: Vec<_> = ripe.map(|(leaf, _)| (Kind::DisputeAnswered, Some(*leaf))).collect();
    if voting.status == VotingStatus::Open && voting.opening.channels.contains(&Channel::Paper) {
        kinds.push((Kind::PaperIssued, None));
    }
    if takes_vouched(voting) {
        kinds.push((Kind::BallotVouched, None));
    }
    kinds.extend([(Kind::BallotDisputed, None), (Kind::VotingVoided, None)]);
    kinds
}
