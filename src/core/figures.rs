//! Figures (统计): what one village's record adds to the sums of its township and district. Each is a fact of one matter, dated by the entry
//! that made it so, so that every sum can be taken apart again into the matters behind it. Nothing here counts people by name: no points,
//! no ranks, no log-ins.
//!
//! Of a vote nothing is counted before its result is announced.

use crate::core::act::Kind;
use crate::core::clock::{DAY_MS, Date, Time};
use crate::core::ids::{MatterId, SessionId};
use crate::core::model::{Body, Category, codes};
use crate::core::state::State;
use crate::core::state::matter::{Decided, Matter, Standing};
use crate::core::state::session::Session;

codes!(
    /// What is counted; text keys `figure-<code>`.
    Measure {
        /// A matter was opened. Its code says where it stands now: a stage, or [`ENDED`].
        Opened = "opened",
        /// It left a stage, the code; the number is the days that it stood there.
        Left = "left",
        /// It ended; the code is the outcome, the number what it was about then, in fen.
        Ended = "ended",
        /// It passed its ballots; the number is what was decided, in fen.
        Decided = "decided",
        /// Something was paid for it; the number is how much, in fen.
        Paid = "paid",
        /// The township returned it.
        Returned = "returned",
        /// A result was announced. The code is one of [`VOTE`], the number counts members.
        Vote = "vote",
    }
);

/// Where a matter stands that ended.
pub const ENDED: &str = "ended";

/// What is counted of a vote: members due, there, voting; those by each way; papers handed out at the mobile box, which are among those on
/// paper; whether it passed.
pub const VOTE: [&str; 9] = ["due", "present", "voted", "online", "kiosk", "paper", "box", "passed", "failed"];

/// One thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// Index of the entry that made it so.
    pub seq: u64,
    /// When.
    pub time: Time,
    /// The session, for votes.
    pub session: Option<SessionId>,
    /// What is counted.
    pub measure: Measure,
    /// Which of its kind.
    pub code: &'static str,
    /// Category of the matter, as far as it is proposed.
    pub category: Option<Category>,
    /// The body that votes; for all but votes the first one that the plan in force names.
    pub body: Option<Body>,
    /// Days, fen or members; 1 where only the fact counts.
    pub number: u64,
}

/// Whole calendar days from one instant to another, in Asia/Shanghai: 0 on the same date.
#[must_use]
pub fn days_between(from: Time, to: Time) -> u64 {
    let start = |time: Time| -> i64 { Date::start(time.date()).ms() };
    u64::try_from((start(to) - start(from)).div_euclid(DAY_MS)).unwrap_or(0)
}

/// What a matter adds to the figures.
#[must_use]
pub fn facts(state: &State, id: MatterId, matter: &Matter) -> Vec<Fact> {
    let category = matter.proposal.as_ref().map(|proposal| proposal.category);
    let body = matter.settled.as_ref().and_then(|plan| plan.ballots.first()).map(|ballot| ballot.body);
    let fact =
        |seq, time, measure, code, number| Fact { seq, time, session: None, measure, code, category, body, number };
    let now = matter.stage().map_or(ENDED, |stage| stage.code());
    let mut facts = vec![fact(matter.opened.seq, matter.opened.time, Measure::Opened, now, 1)];
    for (nth, turn) in matter.course.iter().enumerate() {
        let before = nth.checked_sub(1).and_then(|nth| matter.course.get(nth));
        if let Some((before, Standing::At(stage))) = before.map(|before| (before, before.to)) {
            let days = days_between(before.time, turn.time);
            facts.push(fact(turn.seq, turn.time, Measure::Left, stage.code(), days));
        }
        match (turn.to, turn.by) {
            (Standing::Ended(outcome), _) => {
                facts.push(fact(turn.seq, turn.time, Measure::Ended, outcome.code(), turn.fen));
            }
            (_, Kind::MinutesSigned) => facts.push(fact(turn.seq, turn.time, Measure::Decided, "", turn.fen)),
            (_, Kind::FilingReturned) => facts.push(fact(turn.seq, turn.time, Measure::Returned, "", 1)),
            (Standing::At(_), _) => {}
        }
    }
    let paid = matter.payments.iter();
    facts.extend(paid.map(|paid| fact(paid.seq, paid.time, Measure::Paid, "", paid.fen)));
    for decided in &matter.results {
        let Some(session) = state.session(decided.session) else { continue };
        for (code, number) in counted(id, decided, session) {
            facts.push(Fact {
                session: Some(decided.session),
                body: Some(session.body),
                ..fact(decided.at.seq, decided.at.time, Measure::Vote, code, number)
            });
        }
    }
    facts
}

/// What is counted of a vote that is announced; of ways that nobody took, nothing.
fn counted(matter: MatterId, decided: &Decided, session: &Session) -> impl Iterator<Item = (&'static str, u64)> {
    let (result, voting) = (&decided.result, session.voting_of(matter, &decided.question));
    let (voted, paper) = (
        u64::from(result.voted),
        voting.and_then(|voting| voting.paper_count.as_ref()).map_or(0, |count| u64::from(count.in_box)),
    );
    let kiosk = voting.map_or(0, |voting| voting.counted_at_terminals().len() as u64);
    let visited = voting.map_or(0, |voting| voting.visited().count() as u64);
    let online = voted.saturating_sub(paper).saturating_sub(kiosk);
    let passed = if result.passed { "passed" } else { "failed" };
    let always = [("due", result.eligible.into()), ("present", result.present.into()), ("voted", voted), (passed, 1)];
    let ways = [("online", online), ("kiosk", kiosk), ("paper", paper), ("box", visited)];
    always.into_iter().chain(ways.into_iter().filter(|(_, number)| *number > 0))
}
