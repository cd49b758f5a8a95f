//! What a village's state knows a day of: sessions, ends of notices, what is due and whom it waits for, milestones, terms. Read off the
//! state alone, without any text.

use std::collections::BTreeMap;

use crate::core::act::Kind;
use crate::core::clock::{Date, Time};
use crate::core::ids::{MatterId, SessionId};
use crate::core::model::{Role, Stage};
use crate::core::state::State;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::voting::VotingStatus;
use crate::core::tasks::{self, Task};

/// What has a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A session begins.
    Session(SessionId),
    /// A vote under way ends.
    VoteEnds(SessionId, MatterId),
    /// Last day of a plan's notice.
    PlanNotice(MatterId),
    /// Last day of a resolution's notice.
    ResolutionNotice(MatterId),
    /// Last day for the township's review.
    Review(MatterId),
    /// Last day for an answer, given by a statement of this kind.
    Answer(MatterId, Kind),
    /// Last day for a milestone of a contract: which contract, which milestone.
    Milestone(MatterId, usize, usize),
    /// A matter came to another stage, or ended, by an entry of this kind.
    Turn(MatterId, Kind),
    /// Last day of the term.
    Term,
    /// Last day of what an assembly delegated.
    Delegation,
}

impl What {
    /// The matter it is about.
    #[must_use]
    pub fn matter(self) -> Option<MatterId> {
        match self {
            Self::VoteEnds(_, matter)
            | Self::PlanNotice(matter)
            | Self::ResolutionNotice(matter)
            | Self::Review(matter)
            | Self::Answer(matter, _)
            | Self::Milestone(matter, ..)
            | Self::Turn(matter, _) => Some(matter),
            Self::Session(_) | Self::Term | Self::Delegation => None,
        }
    }

    /// The session it is about.
    #[must_use]
    pub fn session(self) -> Option<SessionId> {
        match self {
            Self::Session(session) | Self::VoteEnds(session, _) => Some(session),
            _ => None,
        }
    }
}

/// Something and its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The day in Asia/Shanghai: of a period, its last.
    pub day: Date,
    /// The time, where one is set.
    pub at: Option<Time>,
    /// What it is.
    pub what: What,
    /// Whom it waits for: anyone with one of these roles. Nobody where it waits for nobody, or no longer.
    pub waits: Vec<Role>,
    /// How many of the kind there are on that day.
    pub times: u64,
    /// Whether it is done.
    pub done: bool,
}

impl Dated {
    fn on(day: Date, what: What) -> Self {
        Self { day, at: None, what, waits: Vec::new(), times: 1, done: false }
    }
}

/// Everything that a state knows a day of, by day: first what has a time.
#[must_use]
pub fn dated(state: &State, term_ends: Option<Date>) -> Vec<Dated> {
    let mut all = Vec::new();
    for (id, session) in &state.sessions {
        let begins = Dated { at: Some(session.starts_at), ..Dated::on(session.starts_at.date(), What::Session(*id)) };
        all.push(begins);
        for ((matter, _), voting) in &session.votings {
            let (ends, open) = (voting.opening.closes_at, voting.status == VotingStatus::Open);
            let ends = Dated { at: Some(ends), ..Dated::on(ends.date(), What::VoteEnds(*id, *matter)) };
            // A matter's questions mostly end together.
            if open && !all.contains(&ends) {
                all.push(ends);
            }
        }
    }
    for (id, matter) in &state.matters {
        of_matter(*id, matter, &mut all);
    }
    all.extend(due(state));
    all.extend(term_ends.map(|day| Dated::on(day, What::Term)));
    let delegated: BTreeMap<Date, u64> = state.law.delegations.iter().fold(BTreeMap::new(), |mut days, one| {
        *days.entry(one.until).or_default() += 1;
        days
    });
    all.extend(delegated.into_iter().map(|(day, times)| Dated { times, ..Dated::on(day, What::Delegation) }));
    all.sort_by_key(|dated| (dated.day, dated.at.is_none(), dated.at, dated.what));
    all
}

fn of_matter(id: MatterId, matter: &Matter, all: &mut Vec<Dated>) {
    let notices = [(matter.plan_notice, What::PlanNotice(id)), (matter.resolution_notice, What::ResolutionNotice(id))];
    for (notice, what) in notices {
        all.extend(notice.map(|notice| Dated::on(notice.ends.last_day(), what)));
    }
    for (nth, contract) in matter.contracts.iter().enumerate() {
        let milestones = contract.milestones.iter().enumerate();
        all.extend(milestones.map(|(index, milestone)| Dated {
            done: milestone.at.is_some(),
            ..Dated::on(milestone.due, What::Milestone(id, nth, index))
        }));
    }
    // How a suggestion came in, and that it was declined, is on the matter's page: there can be any number in a day.
    let turns =
        matter.course.iter().filter(|turn| turn.to != Standing::At(Stage::Suggestion) && matter.proposal.is_some());
    all.extend(turns.map(|turn| Dated { done: true, ..Dated::on(turn.time.date(), What::Turn(id, turn.by)) }));
}

/// What of matters is due, as the tasks have it: answers of one kind that a matter's people wait for on one day stand together.
fn due(state: &State) -> Vec<Dated> {
    let mut due: BTreeMap<(Date, What), Dated> = BTreeMap::new();
    for task in tasks::tasks(state) {
        let Some((matter, ends)) = of_people(&task) else { continue };
        let reviewed = matches!(task.kind, Kind::FilingReviewed | Kind::FilingFiled);
        let what = if reviewed { What::Review(matter) } else { What::Answer(matter, task.kind) };
        let day = ends.last_day();
        let one = due.entry((day, what)).or_insert_with(|| Dated { times: 0, ..Dated::on(day, what) });
        one.times += 1;
        for role in task.roles {
            if !one.waits.contains(&role) {
                one.waits.push(role);
            }
        }
    }
    due.into_values().collect()
}

/// The matter and the end, where a matter's people have to do something by then.
fn of_people(task: &Task) -> Option<(MatterId, Time)> {
    let people = task.session.is_none() && !task.roles.contains(&Role::Log);
    Some((task.matter?, task.due?)).filter(|_| people)
}
