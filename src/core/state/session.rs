//! A session of a deciding body.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::core::act::session::{AgendaItem, MobileBoxNamed, TellersNamed};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::{MatterId, PersonId, PublicKey};
use crate::core::model::{Body, Channel, QuestionCode, Role};
use crate::core::state::people::pairs;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::state::{Papers, Position};

/// Votes open on the day of the session or the day after.
pub const OPENS_WITHIN_DAYS: i32 = 2;
/// The door opens two hours before the session.
const DOOR_MS: i64 = 120 * MINUTE_MS;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionStatus {
    /// Called; its roster may be fixed.
    Convened,
    /// Roster fixed: people check in and vote.
    RosterFixed,
    /// Called off.
    Cancelled,
    /// No quorum.
    Failed,
    /// Minutes signed.
    Ended,
}

/// One member's attendance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// How the member checked in last.
    pub channel: Channel,
    /// Index of the entry that checked the member in.
    pub since: u64,
    /// Index of the entry that last checked the member in at the hall.
    pub hall: Option<u64>,
    /// Whether the member is there.
    pub there: bool,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Where it stands.
    pub status: SessionStatus,
    /// Entry that called it.
    pub convened: Position,
    /// Who meets.
    pub body: Body,
    /// Villager group.
    pub group: Option<u16>,
    /// When.
    pub starts_at: Time,
    /// What is on.
    pub agenda: Vec<AgendaItem>,
    /// How members can take part.
    pub channels: Vec<Channel>,
    /// Members by roster number.
    #[serde(with = "pairs")]
    pub roster: BTreeMap<u32, PersonId>,
    /// Attendance by roster number.
    #[serde(with = "pairs")]
    pub attendance: BTreeMap<u32, Attendance>,
    /// Keys of the terminals in the hall, by number.
    #[serde(with = "pairs")]
    pub terminals: BTreeMap<u16, PublicKey>,
    /// Recused members by matter.
    pub recused: BTreeSet<(MatterId, u32)>,
    /// Who counts.
    pub tellers: Option<TellersNamed>,
    /// Who carries the mobile box, and to whom.
    pub mobile_box: Option<MobileBoxNamed>,
    /// Papers in force.
    pub papers: Papers,
    /// Where slips of the pen in its papers were put right.
    pub corrected: Vec<Position>,
    /// The latest vote on each question.
    #[serde(with = "pairs")]
    pub votings: BTreeMap<(MatterId, QuestionCode), Arc<Voting>>,
}

/// Until when the first votes of a session called for `starts_at` may open: it is to come, or under way, until then.
#[must_use]
pub fn opens_until(starts_at: Time) -> Time {
    starts_at.date().plus_days(OPENS_WITHIN_DAYS).start()
}

impl Session {
    /// Whether this person waits for the mobile box: on its list and not signed in before a first vote, at home and not visited in an open one.
    #[must_use]
    pub fn waits_for_box(&self, person: PersonId) -> bool {
        let Some(no) = self.number_of(person) else { return false };
        let listed = self.mobile_box.iter().any(|named| named.voters.contains(&no)) && !self.there().contains(&no);
        let waits = |voting: &Voting| {
            voting.status == VotingStatus::Open && voting.home.contains(&no) && !voting.paper_issued.contains(&no)
        };
        if self.votings.is_empty() { listed } else { self.votings.values().any(|voting| waits(voting)) }
    }

    /// From when members can check in.
    #[must_use]
    pub fn door(&self) -> Time {
        self.starts_at.plus_ms(-DOOR_MS)
    }

    /// Until when its first votes may open.
    #[must_use]
    pub fn opens_until(&self) -> Time {
        opens_until(self.starts_at)
    }

    /// The roster number of a person.
    #[must_use]
    pub fn number_of(&self, person: PersonId) -> Option<u32> {
        self.roster.iter().find(|(_, member)| **member == person).map(|(no, _)| *no)
    }

    /// The number of the terminal that has this key.
    #[must_use]
    pub fn terminal_of(&self, key: &PublicKey) -> Option<u16> {
        self.terminals.iter().find(|(_, registered)| *registered == key).map(|(no, _)| *no)
    }

    /// Whether a person was named for a duty of the session.
    #[must_use]
    pub fn has_duty(&self, person: PersonId, duty: Role) -> bool {
        let tellers = self.tellers.as_ref();
        match duty {
            Role::Caller => tellers.is_some_and(|tellers| tellers.caller == person),
            Role::Counter => tellers.is_some_and(|tellers| tellers.counter == person),
            Role::Scrutineer => tellers.is_some_and(|tellers| tellers.scrutineer == person),
            Role::BoxScrutineer => self.mobile_box.as_ref().is_some_and(|named| named.scrutineers.contains(&person)),
            _ => false,
        }
    }

    /// Members who are there.
    #[must_use]
    pub fn there(&self) -> BTreeSet<u32> {
        self.attendance.iter().filter(|(_, attendance)| attendance.there).map(|(no, _)| *no).collect()
    }

    /// Members due.
    #[must_use]
    pub fn eligible(&self) -> u32 {
        u32::try_from(self.roster.len()).unwrap_or(u32::MAX)
    }

    /// The agenda item of a matter.
    #[must_use]
    pub fn item(&self, matter: MatterId) -> Option<&AgendaItem> {
        self.agenda.iter().find(|item| item.matter == matter)
    }

    /// Whether the session is still to be held or under way.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.status {
            SessionStatus::Convened | SessionStatus::RosterFixed => true,
            SessionStatus::Cancelled | SessionStatus::Failed | SessionStatus::Ended => false,
        }
    }

    /// The vote that `opening` opened.
    #[must_use]
    pub fn voting_of(&self, matter: MatterId, question: &QuestionCode) -> Option<&Arc<Voting>> {
        self.votings.get(&(matter, question.clone()))
    }

    /// Whether a vote of the matter has been opened here and the minutes are not signed.
    #[must_use]
    pub fn is_voting_on(&self, matter: MatterId) -> bool {
        let counts = |(key, voting): (&(MatterId, QuestionCode), &Arc<Voting>)| {
            key.0 == matter && voting.status != VotingStatus::Voided
        };
        self.is_live() && self.votings.iter().any(counts)
    }
}
