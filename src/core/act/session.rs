//! A session of a deciding body: convening, roster, attendance, minutes.

use serde::{Deserialize, Serialize};

use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId};
use crate::core::model::{Body, Channel, Doc};

/// One required ballot of one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// The matter.
    pub matter: MatterId,
    /// Index of the required ballot in the settled plan.
    pub ballot: u8,
    /// Leaf hash of the filing (or emergency decision) it rests on.
    pub filing: Digest,
}

/// A session is called. This is its notice: the period counts from the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convened {
    /// Who meets.
    pub body: Body,
    /// Villager group, for a group meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u16>,
    /// When.
    pub starts_at: Time,
    /// At least one, at most 50.
    pub agenda: Vec<AgendaItem>,
    /// The notice.
    pub notice: Doc,
    /// How members can take part.
    pub channels: Vec<Channel>,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterRow {
    /// Roster number, from 1, without gaps.
    pub no: u32,
    /// Who.
    pub person: PersonId,
}

/// The roster of the session, fixed: later changes of people have no effect on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterFixed {
    /// Sorted by number, at most 200 a part.
    pub rows: Vec<RosterRow>,
}

/// A terminal in the hall (投票终端) is told to the record: its key signs here for the first time, two people beside it. Its ballots
/// bear its signature besides the voter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalRegistered {
    /// The number on its case, 1 to 99.
    pub terminal: u16,
}

/// A member does not take part in one matter (回避).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecusalDeclared {
    /// Roster number.
    pub voter: u32,
    /// Why.
    pub reason: Doc,
}

/// Who calls, counts and watches; nobody recused, no near kin among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TellersNamed {
    /// 唱票人
    pub caller: PersonId,
    /// 计票人
    pub counter: PersonId,
    /// 监票人
    pub scrutineer: PersonId,
}

/// A box is carried to members who can't come (流动票箱): who carries it, and to whom. Numbers alone: why somebody can't come is nobody
/// else's affair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MobileBoxNamed {
    /// Three people, sorted; none of them on the list, no two of them near kin.
    pub scrutineers: Vec<PersonId>,
    /// Roster numbers, sorted, 1 to 200.
    pub voters: Vec<u32>,
}

/// A member checks in with the own key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedIn {
    /// Roster number.
    pub voter: u32,
    /// How.
    pub channel: Channel,
}

/// A member leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedOut {
    /// Roster number.
    pub voter: u32,
}

/// The sign-in sheet at the door, by two people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceRecorded {
    /// Roster numbers signed in, sorted.
    pub present: Vec<u32>,
    /// Roster numbers signed out, sorted.
    pub left: Vec<u32>,
}

/// No quorum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionFailed {
    /// Members due.
    pub eligible: u32,
    /// Members there.
    pub present: u32,
}

/// The minutes, after every question is announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinutesSigned {
    /// The minutes.
    pub minutes: Doc,
}
