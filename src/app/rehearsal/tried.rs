//! How a rehearsal went: which parts of a session's day its record shows, and which nobody has tried yet.

use crate::core::model::{Channel, KeyKind};
use crate::core::state::State;
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Voting, VotingStatus};

/// Parts of a session's day, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A printed card is in use.
    Card,
    /// Somebody was signed in at the door.
    Door,
    /// Somebody checked in by phone.
    Phone,
    /// A terminal is registered.
    Terminal,
    /// A vote was opened.
    Vote,
    /// A ballot was cast by phone.
    PhoneBallot,
    /// A ballot was cast at a terminal.
    TerminalBallot,
    /// Paper ballots were given out.
    Paper,
    /// Papers were counted.
    PaperCount,
    /// A result was announced.
    Result,
    /// The minutes were signed.
    Minutes,
}

impl Part {
    /// Every part, in order.
    pub const ALL: [Self; 11] = [
        Self::Card,
        Self::Door,
        Self::Phone,
        Self::Terminal,
        Self::Vote,
        Self::PhoneBallot,
        Self::TerminalBallot,
        Self::Paper,
        Self::PaperCount,
        Self::Result,
        Self::Minutes,
    ];

    /// Its word in the texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Door => "door",
            Self::Phone => "phone",
            Self::Terminal => "terminal",
            Self::Vote => "vote",
            Self::PhoneBallot => "phone-ballot",
            Self::TerminalBallot => "terminal-ballot",
            Self::Paper => "paper",
            Self::PaperCount => "paper-count",
            Self::Result => "result",
            Self::Minutes => "minutes",
        }
    }

    /// Whether a session has a place for it: by the ways to take part that it was called with.
    #[must_use]
    pub fn belongs_to(self, session: &Session) -> bool {
        let by = |channel| session.channels.contains(&channel);
        match self {
            Self::Phone | Self::PhoneBallot => by(Channel::Online),
            Self::Terminal | Self::TerminalBallot => by(Channel::Kiosk),
            Self::Paper | Self::PaperCount => by(Channel::Paper),
            Self::Card | Self::Door | Self::Vote | Self::Result | Self::Minutes => true,
        }
    }

    /// Whether the record shows that it was tried.
    #[must_use]
    pub fn was_tried(self, state: &State, session: &Session) -> bool {
        let votings = || session.votings.values();
        match self {
            Self::Card => state.people.keys.values().any(|key| key.kind == KeyKind::Card),
            Self::Door => session.attendance.values().any(|attendance| attendance.hall.is_some()),
            Self::Phone => session.attendance.values().any(|attendance| attendance.channel == Channel::Online),
            Self::Terminal => !session.terminals.is_empty(),
            Self::Vote => !session.votings.is_empty(),
            Self::PhoneBallot => votings().any(|voting| came_by_phone(voting)),
            Self::TerminalBallot => votings().any(|voting| !voting.counted_at_terminals().is_empty()),
            Self::Paper => votings().any(|voting| !voting.paper_issued.is_empty()),
            Self::PaperCount => votings().any(|voting| voting.paper_count.is_some()),
            Self::Result => votings().any(|voting| voting.status == VotingStatus::Announced),
            Self::Minutes => session.status == SessionStatus::Ended,
        }
    }
}

/// Whether a ballot came by phone. Once the result is announced the ballots themselves are gone from the state: then what counted is
/// more than what terminals and papers gave.
fn came_by_phone(voting: &Voting) -> bool {
    let papers = voting.paper_count.as_ref().map_or(0, |count| count.in_box);
    let terminals = u32::try_from(voting.counted_at_terminals().len()).unwrap_or(u32::MAX);
    let counted = voting.result.as_ref().is_some_and(|result| result.voted > terminals.saturating_add(papers));
    counted || voting.ballots.keys().any(|(_, channel)| *channel == Channel::Online)
}

/// Each part that a session has a place for, and whether it was tried.
#[must_use]
pub fn tried(state: &State, session: &Session) -> Vec<(Part, bool)> {
    let parts = Part::ALL.into_iter().filter(|part| part.belongs_to(session));
    parts.map(|part| (part, part.was_tried(state, session))).collect()
}
