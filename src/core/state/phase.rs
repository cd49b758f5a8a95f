//! How far a session is at a moment, as everyone is told it: read off its votes, not only off its papers.

use crate::core::act::session::AgendaItem;
use crate::core::clock::Time;
use crate::core::model::Stage;
use crate::core::state::State;
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::VotingStatus;

/// How far a session is, in the order in which people look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// People are voting at this moment.
    Voting,
    /// Under way, between two votes or while one is counted.
    Sitting,
    /// Members are checking in.
    CheckingIn,
    /// Called, to come.
    Called,
    /// Every question is decided and announced; the minutes are still to be signed.
    Voted,
    /// No vote was opened in the time in which one lawfully could.
    Missed,
    /// Minutes are signed.
    Over,
    /// Called off.
    Cancelled,
    /// Ended without quorum.
    Failed,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 9] = [
        Self::Voting,
        Self::Sitting,
        Self::CheckingIn,
        Self::Called,
        Self::Voted,
        Self::Missed,
        Self::Over,
        Self::Cancelled,
        Self::Failed,
    ];

    /// Code in text keys: `session-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Voting => "voting-now",
            Self::Sitting => "open",
            Self::CheckingIn => "checking-in",
            Self::Called => "called",
            Self::Voted => "voted",
            Self::Missed => "missed",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether people still have to come or are there: its call stands on the board.
    #[must_use]
    pub fn is_ahead(self) -> bool {
        self <= Self::Called
    }

    /// Whether its day has come: members are let in, or have voted already.
    #[must_use]
    pub fn has_begun(self) -> bool {
        match self {
            Self::Voting | Self::Sitting | Self::CheckingIn | Self::Voted => true,
            Self::Called | Self::Missed | Self::Over | Self::Cancelled | Self::Failed => false,
        }
    }
}

impl State {
    /// How far a session is at `now`.
    #[must_use]
    pub fn phase(&self, session: &Session, now: Time) -> Phase {
        match session.status {
            SessionStatus::Cancelled => Phase::Cancelled,
            SessionStatus::Failed => Phase::Failed,
            SessionStatus::Ended => Phase::Over,
            SessionStatus::Convened | SessionStatus::RosterFixed
                if session.votings.is_empty() && session.opens_until() <= now =>
            {
                Phase::Missed
            }
            SessionStatus::Convened => Phase::Called,
            SessionStatus::RosterFixed if session.votings.is_empty() && now < session.door() => Phase::Called,
            SessionStatus::RosterFixed if session.votings.is_empty() => Phase::CheckingIn,
            SessionStatus::RosterFixed if session.votings.values().any(|v| v.status == VotingStatus::Open) => {
                Phase::Voting
            }
            SessionStatus::RosterFixed if session.agenda.iter().all(|item| self.is_decided(session, item)) => {
                Phase::Voted
            }
            SessionStatus::RosterFixed => Phase::Sitting,
        }
    }

    /// Whether nothing on an agenda item is left to vote on: each question has its announced result, or the matter left
    /// the ballot by another way.
    #[must_use]
    pub fn is_decided(&self, session: &Session, item: &AgendaItem) -> bool {
        let matter = self.matter(item.matter).filter(|matter| matter.stage() == Some(Stage::Ballot));
        let settled = matter.and_then(|matter| matter.settled.as_ref());
        let ballot = settled.and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
        let mut questions = ballot.iter().flat_map(|ballot| &ballot.questions);
        questions.all(|question| {
            let voting = session.voting_of(item.matter, &question.code);
            voting.is_some_and(|voting| voting.status == VotingStatus::Announced)
        })
    }
}
