//! What waits for whom, read off the state: the next lawful steps of every open matter and session.

use serde::{Deserialize, Serialize};

use crate::core::act::Kind;
use crate::core::act::inquiry::{Addressee, Asked};
use crate::core::catalogue::{Rhythm, Subject};
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::model::{QuestionCode, Role, Stage};
use crate::core::rules::Profile;
use crate::core::state::matter::Matter;
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::state::{OpenPoint, State};

/// A step that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The statement that would do it.
    pub kind: Kind,
    /// Who may: anyone with one of these roles. [`Role::Log`] stands for the server itself.
    pub roles: Vec<Role>,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// The question it is about.
    pub question: Option<QuestionCode>,
    /// The entry it answers, where it must name a certain one.
    pub basis: Option<Digest>,
    /// From when it can be done.
    pub from: Option<Time>,
    /// When it is due.
    pub due: Option<Time>,
    /// Index of the entry since which it waits.
    pub since: u64,
}

impl Task {
    /// A name that stays the same when tasks are computed again.
    #[must_use]
    pub fn name(&self) -> String {
        let text = |part: Option<String>| part.unwrap_or_default();
        format!(
            "{}/{}/{}/{}/{}",
            self.kind,
            text(self.matter.map(|id| id.to_string())),
            text(self.session.map(|id| id.to_string())),
            self.question.as_ref().map_or("", QuestionCode::as_str),
            text(self.basis.map(|leaf| leaf.to_string())),
        )
    }

    /// A step that is about nothing in particular yet.
    #[must_use]
    pub fn new(kind: Kind, roles: &[Role], since: u64) -> Self {
        let roles = roles.to_vec();
        Self { kind, roles, matter: None, session: None, question: None, basis: None, from: None, due: None, since }
    }

    pub(in crate::core) fn matter(self, id: MatterId) -> Self {
        Self { matter: Some(id), ..self }
    }

    pub(in crate::core) fn session(self, id: SessionId) -> Self {
        Self { session: Some(id), ..self }
    }

    fn from(self, time: Option<Time>) -> Self {
        Self { from: time, ..self }
    }

    fn due(self, time: Option<Time>) -> Self {
        Self { due: time, ..self }
    }
}

const CLERK: &[Role] = &[Role::Clerk];
const FIELD: &[Role] = &[Role::Clerk, Role::GridWorker];
const ANSWERS: &[Role] = &[Role::Clerk, Role::Chair, Role::BranchSecretary];
const CHAIR: &[Role] = &[Role::Chair];
const LOG: &[Role] = &[Role::Log];
/// The two who count papers, each on the own device.
const TELLERS: &[Role] = &[Role::Counter, Role::Scrutineer];

/// The three who carry the mobile box.
const BOX: &[Role] = &[Role::BoxScrutineer];

/// Every step that waits in a village.
#[must_use]
pub fn tasks(state: &State) -> Vec<Task> {
    let mut tasks = Vec::new();
    for (id, matter) in &state.matters {
        matter_tasks(state, *id, matter, &mut tasks);
    }
    for (id, session) in &state.sessions {
        if session.is_live() {
            session_tasks(state, *id, session, &mut tasks);
        }
    }
    tasks.extend(next_disclosure(state).map(|next| next.task));
    tasks
}

/// What is to be disclosed next of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosing {
    /// Of what.
    pub subject: Subject,
    /// First day of its period.
    pub from: Date,
    /// Last day of its period.
    pub until: Date,
    /// By which rhythm.
    pub rhythm: Rhythm,
    /// The step.
    pub task: Task,
}

/// The disclosure that is due first.
#[must_use]
pub fn next_disclosure(state: &State) -> Option<Disclosing> {
    disclosures(state).into_iter().min_by_key(|next| next.task.due)
}

/// The next disclosure of each subject, by the rhythm of the catalogue that was in force on the record's last day, or comes first.
#[must_use]
pub fn disclosures(state: &State) -> Vec<Disclosing> {
    let today = state.last.time.date();
    let Some((adopted, catalogue)) = state.law.disclosing(today) else { return Vec::new() };
    let Some(rhythm) = catalogue.rhythm else { return Vec::new() };
    let next = |subject: &Subject| {
        let last = state.law.disclosed.get(subject);
        let from = state.law.disclosure_begins(*subject, today).unwrap_or(today);
        let (until, due) = rhythm.period(*subject, from);
        let since = last.map_or(adopted.seq, |(at, _)| at.seq);
        let after = |day: Date| Some(day.plus_days(1).start());
        let task = Task::new(Kind::AffairsDisclosed, CLERK, since).from(after(until)).due(after(due));
        Disclosing { subject: *subject, from, until, rhythm, task }
    };
    Subject::ALL.iter().map(next).collect()
}

fn matter_tasks(state: &State, id: MatterId, matter: &Matter, tasks: &mut Vec<Task>) {
    let mut push = |task: Task| tasks.push(task.matter(id));
    for (leaf, point) in &matter.asked {
        push(Task { basis: Some(*leaf), ..answer_task(state, matter, point) });
    }
    let Some(stage) = matter.stage() else { return };
    let since = matter.updated.seq;
    let has = |kind| matter.papers.paper(kind).is_some();
    for (leaf, point) in &matter.open {
        push(Task { basis: Some(*leaf), ..answer_task(state, matter, point) });
    }
    match stage {
        Stage::Suggestion => push(Task::new(Kind::MatterProposed, &[Role::BranchSecretary], since)),
        Stage::Proposal if !has(Kind::MatterProposed) => {
            push(Task::new(Kind::MatterProposed, &[Role::BranchSecretary], since));
        }
        Stage::Proposal if !has(Kind::EnlargedMeetingRecorded) => {
            push(Task::new(Kind::EnlargedMeetingRecorded, CLERK, since));
        }
        Stage::Proposal => {
            push(Task::new(Kind::VisitsRecorded, FIELD, since));
            push(Task::new(Kind::JointMeetingRecorded, CLERK, since));
        }
        Stage::Consultation => consultation_tasks(matter, &mut push),
        Stage::Filing if matter.open.values().any(|point| point.kind == Kind::SupplementRequested) => {}
        Stage::Filing => {
            let (kind, role) = if has(Kind::FilingReviewed) {
                (Kind::FilingFiled, Role::TownshipApprover)
            } else {
                (Kind::FilingReviewed, Role::TownshipDrafter)
            };
            push(Task::new(kind, &[role], since).due(matter.filing_due));
            if !has(Kind::DeadlinePassed) {
                push(Task::new(Kind::DeadlinePassed, LOG, since).from(matter.filing_due).due(matter.filing_due));
            }
        }
        Stage::Ballot => {
            let planned = state.sessions.values().any(|session| session.is_live() && session.item(id).is_some());
            if !planned {
                push(Task::new(Kind::SessionConvened, CHAIR, since));
            }
        }
        Stage::Supervision => supervision_tasks(matter, &mut push),
    }
}

fn answer_task(state: &State, matter: &Matter, point: &OpenPoint) -> Task {
    let due = answer_due(state, matter, point);
    let (kind, roles) = match point.kind {
        Kind::InquiryReceived | Kind::InquiryEntered => {
            let to = point.inquiry.map_or(Addressee::Village, |(_, to)| to);
            (Kind::InquiryAnswered, to.roles())
        }
        Kind::RatingReceived | Kind::RatingEntered => (Kind::RatingAnswered, ANSWERS),
        Kind::VisitsRecorded => (Kind::OpinionsAnswered, ANSWERS),
        Kind::ConcernRaised => (Kind::ConcernAnswered, ANSWERS),
        Kind::SupplementRequested => (Kind::SupplementProvided, CLERK),
        _ => (Kind::ObjectionAnswered, ANSWERS),
    };
    Task::new(kind, roles, point.at.seq).due(due)
}

/// When an open point is to be answered: by the shortest term of the profiles that the settled plan is under, or, before one is settled,
/// of those in force.
fn answer_due(state: &State, matter: &Matter, point: &OpenPoint) -> Option<Time> {
    let ballots = matter.settled.iter().flat_map(|settled| &settled.ballots);
    let settled: Vec<&Profile> = ballots.filter_map(|ballot| state.law.profile(ballot.profile)).collect();
    let profiles = if settled.is_empty() { state.law.in_force(point.at.time.date()).collect() } else { settled };
    let term = |profile: &Profile| match point.inquiry {
        Some((Asked::Interpellation, _)) => profile.interpellation.unwrap_or(profile.answer),
        Some((Asked::Complaint, _)) => profile.complaint.unwrap_or(profile.answer),
        None => profile.answer,
    };
    profiles.into_iter().map(|profile| state.law.calendar.end_of(point.at.time, term(profile))).min()
}

fn consultation_tasks(matter: &Matter, push: &mut impl FnMut(Task)) {
    let since = matter.updated.seq;
    let has = |kind| matter.papers.paper(kind).is_some();
    if !has(Kind::VisitsRecorded) {
        push(Task::new(Kind::VisitsRecorded, FIELD, since));
    }
    if !has(Kind::JointMeetingRecorded) {
        push(Task::new(Kind::JointMeetingRecorded, CLERK, since));
    } else if !has(Kind::PlanSettled) {
        if has(Kind::VisitsRecorded) && matter.open.is_empty() {
            push(Task::new(Kind::PlanSettled, CLERK, since));
        }
    } else if !has(Kind::PlanPosted) {
        push(Task::new(Kind::PlanPosted, CLERK, since));
    } else if matter.open.is_empty() {
        push(Task::new(Kind::FilingSubmitted, CLERK, since).from(matter.plan_notice.map(|notice| notice.ends)));
    }
}

fn supervision_tasks(matter: &Matter, push: &mut impl FnMut(Task)) {
    let since = matter.updated.seq;
    let Some(notice) = matter.resolution_notice else {
        push(Task::new(Kind::ResolutionPosted, CLERK, since));
        return;
    };
    if matter.progress < 100 {
        push(Task::new(Kind::ProgressRecorded, FIELD, since));
    } else if matter.open.is_empty() {
        push(Task::new(Kind::ImplementationSignedOff, &[Role::SupervisionCommittee], since).from(Some(notice.ends)));
    }
}

fn session_tasks(state: &State, id: SessionId, session: &Session, tasks: &mut Vec<Task>) {
    let since = session.convened.seq;
    let mut push = |task: Task| tasks.push(task.session(id));
    let start = Some(session.starts_at);
    match session.status {
        SessionStatus::Convened => {
            push(Task::new(Kind::RosterFixed, CLERK, since).due(start));
            return;
        }
        SessionStatus::RosterFixed => {}
        SessionStatus::Cancelled | SessionStatus::Failed | SessionStatus::Ended => return,
    }
    if session.tellers.is_none() {
        push(Task::new(Kind::TellersNamed, CHAIR, since).due(start));
    }
    if session.votings.is_empty() {
        let door = session.door();
        push(Task::new(Kind::AttendanceCheckedIn, &[Role::Voter], since).from(Some(door)).due(start));
        push(Task::new(Kind::AttendanceRecorded, CLERK, since).from(Some(door)).due(start));
    }
    let (mut opened, mut unfinished) = (false, false);
    for item in &session.agenda {
        let Some(matter) = state.matter(item.matter).filter(|matter| matter.stage() == Some(Stage::Ballot)) else {
            continue;
        };
        let ballot = matter.settled.as_ref().and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
        for question in ballot.iter().flat_map(|ballot| &ballot.questions) {
            let task = |task: Task| Task { question: Some(question.code.clone()), ..task.matter(item.matter) };
            match session.voting_of(item.matter, &question.code) {
                None => push(task(Task::new(Kind::VotingOpened, CHAIR, since).from(start))),
                Some(voting) => {
                    opened = true;
                    unfinished |= !matches!(voting.status, VotingStatus::Announced | VotingStatus::Voided);
                    voting_tasks(voting, &mut |step| push(task(step)));
                }
            }
        }
    }
    if opened && !unfinished {
        push(Task::new(Kind::MinutesSigned, CHAIR, since).from(start));
    }
}

fn voting_tasks(voting: &Voting, push: &mut impl FnMut(Task)) {
    let since = voting.opened.seq;
    let closes = Some(voting.opening.closes_at);
    match voting.status {
        VotingStatus::Open => {
            push(Task::new(Kind::BallotCast, &[Role::Voter], since).due(closes));
            push(Task::new(Kind::VotingClosed, LOG, since).from(closes).due(closes));
            if voting.visited().count() < voting.home.len() {
                push(Task::new(Kind::MobileBoxVisited, BOX, since).due(closes));
            }
            if voting.all_have_voted() {
                push(Task::new(Kind::VotingClosed, CHAIR, since));
            }
        }
        VotingStatus::Closed => {
            let ends = voting.deliveries_until();
            push(Task::new(Kind::DeliveriesEnded, LOG, since).from(ends).due(ends));
        }
        VotingStatus::DeliveriesEnded => {
            let counted = voting.paper_issued.is_empty() || voting.paper_count.is_some();
            if !voting.choices_known() && voting.waiting().next().is_some() {
                push(Task::new(Kind::DisputeAnswered, CHAIR, since).due(voting.closed_at));
            } else if !counted {
                push(Task::new(Kind::PaperCounted, TELLERS, since));
            } else if voting.ballots.is_empty() {
                result_tasks(voting, push);
            } else {
                push(Task::new(Kind::BallotsOpened, LOG, since).due(voting.closed_at));
            }
        }
        VotingStatus::BallotsOpened => result_tasks(voting, push),
        VotingStatus::Announced | VotingStatus::Voided => {}
    }
}

/// Before the result every dispute is answered: in words, or by counting the papers again where that is still lawful.
fn result_tasks(voting: &Voting, push: &mut impl FnMut(Task)) {
    let since = voting.opened.seq;
    let Some(dispute) = voting.disputes().next() else {
        return push(Task::new(Kind::ResultAnnounced, CHAIR, since));
    };
    let about = |kind: Kind, roles: &[Role]| Task { basis: Some(dispute), ..Task::new(kind, roles, since) };
    push(about(Kind::DisputeAnswered, CHAIR));
    if voting.may_be_recounted() {
        push(about(Kind::PaperRecounted, TELLERS));
    }
}
