//! The vote on one question.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::core::act::Kind;
use crate::core::act::voting::{PaperCounted, ResultAnnounced, VotingOpened, VouchedBallot};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::Digest;
use crate::core::model::{Channel, OptionCode};
use crate::core::state::people::pairs;
use crate::core::state::{OpenPoint, Papers, Position};

/// Where a vote stands (PROTOCOL 8, order at the end).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum VotingStatus {
    /// Ballots come in.
    Open,
    /// Closed; sealed terminals may still deliver, and vouched ballots come.
    Closed,
    /// Nothing more comes in; count and openings follow.
    DeliveriesEnded,
    /// The log has opened the ballots that count.
    BallotsOpened,
    /// The result is announced.
    Announced,
    /// Void; the vote can be held again.
    Voided,
}

/// A ballot that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// Revision.
    pub revision: u32,
    /// Commitment to the choice.
    pub commitment: Digest,
    /// Index of its entry.
    pub seq: u64,
    /// When that was made.
    pub time: Time,
}

/// Ballots that are looked at together.
pub const CLOSE: usize = 8;

/// Ballots by phone that came close together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closest {
    /// Milliseconds between the first of them and the last.
    pub ms: i64,
    /// How many ballots by phone there were in all.
    pub of: usize,
    /// Their entries.
    pub entries: Vec<u64>,
}

/// What came from a terminal in one vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromTerminal {
    /// Ballots on record.
    pub counter: u32,
    /// Statement id of the last of them; the opening of the vote where there is none.
    pub last: Digest,
    /// How many it took in all and the last of them, once it has sealed itself.
    pub sealed: Option<(u32, Digest)>,
}

/// What an inspector vouched for: who cast which ballot, and when a witness received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// Roster number.
    pub voter: u32,
    /// Of the ballot.
    pub revision: u32,
    /// When it was received.
    pub received_at: Time,
    /// Leaf hash of the entry that vouches.
    pub entry: Digest,
}

impl Vouched {
    /// A row of the entry `entry`.
    #[must_use]
    pub fn of(row: &VouchedBallot, entry: Digest) -> Self {
        Self { voter: row.voter, revision: row.revision, received_at: row.received_at, entry }
    }
}

/// The vote on one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voting {
    /// Where it stands.
    pub status: VotingStatus,
    /// The entry that opened it: basis of every ballot.
    pub opened: Position,
    /// What was opened.
    pub opening: VotingOpened,
    /// Members who were there at the opening, recused ones included.
    pub present: BTreeSet<u32>,
    /// Recused members among them.
    pub recused: BTreeSet<u32>,
    /// Members who were not there at the opening and may vote at the mobile box.
    pub home: BTreeSet<u32>,
    /// When it closed.
    pub closed_at: Option<Time>,
    /// Papers in force.
    pub papers: Papers,
    /// Disputes, and lists of vouched ballots, by leaf hash. Which of them wait for an answer: [`Voting::waiting`].
    #[serde(with = "pairs")]
    pub open: BTreeMap<Digest, OpenPoint>,
    /// Latest ballot by voter and channel.
    #[serde(with = "pairs")]
    pub ballots: BTreeMap<(u32, Channel), Cast>,
    /// What came from each terminal, by its number.
    #[serde(with = "pairs")]
    pub terminals: BTreeMap<u16, FromTerminal>,
    /// Ballots that an inspector vouched for, by statement id.
    #[serde(with = "pairs")]
    pub vouched: BTreeMap<Digest, Vouched>,
    /// Voters who were handed a paper ballot.
    pub paper_issued: BTreeSet<u32>,
    /// The count of paper ballots that holds: the recount where there was one.
    pub paper_count: Option<PaperCounted>,
    /// The count that a recount replaced.
    pub count_replaced: Option<PaperCounted>,
    /// Opened choices by voter.
    #[serde(with = "pairs")]
    pub choices: BTreeMap<u32, OptionCode>,
    /// The result.
    pub result: Option<ResultAnnounced>,
    /// Once it is announced: voters whose ballot that counts came from a terminal.
    at_terminals: BTreeSet<u32>,
    /// Once it is announced: voters who were handed a paper over a ballot.
    over_ballots: BTreeSet<u32>,
    /// Once it is announced: the ballots by phone that came closest together.
    closest: Option<Closest>,
    /// Votes on the same question that were declared void before: where each was opened and voided.
    pub voided: Vec<[Position; 2]>,
}

impl Voting {
    /// A vote that opens, with these members there and the mobile box on its way to those at home.
    pub(crate) fn new(
        opened: Position,
        opening: VotingOpened,
        present: BTreeSet<u32>,
        recused: BTreeSet<u32>,
        home: BTreeSet<u32>,
    ) -> Self {
        Self {
            status: VotingStatus::Open,
            opened,
            opening,
            present,
            recused,
            home,
            closed_at: None,
            papers: Papers::default(),
            open: BTreeMap::new(),
            vouched: BTreeMap::new(),
            ballots: BTreeMap::new(),
            terminals: BTreeMap::new(),
            paper_issued: BTreeSet::new(),
            paper_count: None,
            count_replaced: None,
            choices: BTreeMap::new(),
            result: None,
            at_terminals: BTreeSet::new(),
            over_ballots: BTreeSet::new(),
            closest: None,
            voided: Vec::new(),
        }
    }

    /// It ends with this result. Its ballots are not needed any more, only which of those that counted came from a terminal, over
    /// which papers were handed out, and which came closest together.
    pub(crate) fn announce(&mut self, result: ResultAnnounced) {
        self.at_terminals = self.counted_at_terminals();
        self.over_ballots = self.papers_over_ballots();
        self.closest = self.closest();
        self.status = VotingStatus::Announced;
        self.result = Some(result);
        self.ballots.clear();
        self.vouched.clear();
    }

    /// Votes on its question that were declared void, this one among them where it was.
    #[must_use]
    pub fn voided_so_far(&self) -> Vec<[Position; 2]> {
        let own = self.papers.paper(Kind::VotingVoided).map(|paper| [self.opened, paper.at]);
        self.voided.iter().copied().chain(own).collect()
    }

    /// Voters who were handed a paper and had a ballot by phone or from a terminal.
    #[must_use]
    pub fn papers_over_ballots(&self) -> BTreeSet<u32> {
        if self.result.is_some() {
            return self.over_ballots.clone();
        }
        let cast: BTreeSet<u32> = self.ballots.keys().map(|(voter, _)| *voter).collect();
        self.paper_issued.intersection(&cast).copied().collect()
    }

    /// The ballots by phone that came closest together, the last of each voter; nothing of fewer than [`CLOSE`].
    #[must_use]
    pub fn closest(&self) -> Option<Closest> {
        if self.result.is_some() {
            return self.closest.clone();
        }
        let online = self.ballots.iter().filter(|((_, channel), _)| *channel == Channel::Online);
        let mut casts: Vec<(Time, u64)> = online.map(|(_, cast)| (cast.time, cast.seq)).collect();
        casts.sort_unstable();
        let apart = |window: &&[(Time, u64)]| window[CLOSE - 1].0.ms() - window[0].0.ms();
        let window = casts.windows(CLOSE).min_by_key(apart)?;
        Some(Closest { ms: apart(&window), of: casts.len(), entries: window.iter().map(|(_, seq)| *seq).collect() })
    }

    /// Voters whose ballot that counts came from a terminal.
    #[must_use]
    pub fn counted_at_terminals(&self) -> BTreeSet<u32> {
        if self.result.is_some() {
            return self.at_terminals.clone();
        }
        let kiosk = self.ballots.keys().filter(|(_, channel)| *channel == Channel::Kiosk).map(|(voter, _)| *voter);
        kiosk.filter(|voter| !self.paper_issued.contains(voter)).collect()
    }

    /// The ballot of a voter that counts: none where the voter has a paper ballot; kiosk over online (PROTOCOL 8).
    #[must_use]
    pub fn counting_ballot(&self, voter: u32) -> Option<&Cast> {
        if self.paper_issued.contains(&voter) {
            return None;
        }
        self.ballots.get(&(voter, Channel::Kiosk)).or_else(|| self.ballots.get(&(voter, Channel::Online)))
    }

    /// Voters with a ballot that counts, other than on paper.
    #[must_use]
    pub fn counting_voters(&self) -> BTreeSet<u32> {
        self.ballots.keys().map(|(voter, _)| *voter).filter(|voter| self.counting_ballot(*voter).is_some()).collect()
    }

    /// Whether a voter has voted or been handed a paper ballot.
    #[must_use]
    pub fn has_voted(&self, voter: u32) -> bool {
        self.paper_issued.contains(&voter) || self.counting_ballot(voter).is_some()
    }

    /// Members who may vote: those who were there at the opening and are not recused, and those whom the mobile box goes to.
    pub fn entitled(&self) -> impl Iterator<Item = u32> {
        self.present.difference(&self.recused).chain(&self.home).copied()
    }

    /// Members whom the mobile box was with.
    pub fn visited(&self) -> impl Iterator<Item = u32> {
        self.home.intersection(&self.paper_issued).copied()
    }

    /// How many take part: who was there at the opening and is not recused, and whom the mobile box was with.
    #[must_use]
    pub fn taking_part(&self) -> usize {
        self.present.difference(&self.recused).count() + self.visited().count()
    }

    /// Whether everyone who may vote has voted.
    #[must_use]
    pub fn all_have_voted(&self) -> bool {
        self.entitled().all(|voter| self.has_voted(voter))
    }

    /// Whether it has been opened and neither announced nor declared void.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        match self.status {
            VotingStatus::Open | VotingStatus::Closed | VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened => {
                true
            }
            VotingStatus::Announced | VotingStatus::Voided => false,
        }
    }

    /// Whether what was signed in time may still come: the vote is open, or closed and deliveries go on.
    #[must_use]
    pub fn takes_deliveries(&self) -> bool {
        matches!(self.status, VotingStatus::Open | VotingStatus::Closed)
    }

    /// Whether it had not closed by this time, be it on time or early.
    #[must_use]
    pub fn had_not_closed_at(&self, time: Time) -> bool {
        time < self.opening.closes_at && self.closed_at.is_none_or(|closed| time <= closed)
    }

    /// Whether a paper could have been handed out that is not on record: somebody who may vote has none there.
    fn papers_may_come(&self) -> bool {
        let lacks = |voter: u32| !self.paper_issued.contains(&voter);
        self.opening.channels.contains(&Channel::Paper) && self.entitled().any(lacks)
    }

    /// Whether its papers may be counted a second time, where the count is disputed: once, and before the result.
    #[must_use]
    pub fn may_be_recounted(&self) -> bool {
        let before = matches!(self.status, VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened);
        before && self.paper_count.is_some() && !self.is_recounted()
    }

    /// Whether the papers were counted a second time.
    #[must_use]
    pub fn is_recounted(&self) -> bool {
        self.count_replaced.is_some()
    }

    /// Whether anyone could know choices by now: paper is counted, or the first ballots are opened.
    #[must_use]
    pub fn choices_known(&self) -> bool {
        self.paper_count.is_some() || self.papers.paper(Kind::BallotsOpened).is_some()
    }

    /// Whether a ballot of this voter and revision, or a later one, is on record, or one that goes before it.
    #[must_use]
    pub fn has_ballot(&self, voter: u32, revision: u32) -> bool {
        let online = self.ballots.get(&(voter, Channel::Online));
        self.ballots.contains_key(&(voter, Channel::Kiosk)) || online.is_some_and(|cast| cast.revision >= revision)
    }

    /// Vouched ballots that could still count and are not on record.
    pub fn missing(&self) -> impl Iterator<Item = &Vouched> {
        let rows = self.vouched.values();
        rows.filter(|row| !self.paper_issued.contains(&row.voter) && !self.has_ballot(row.voter, row.revision))
    }

    /// What waits for an answer: disputes, and lists of vouched ballots of which one is missing.
    pub fn waiting(&self) -> impl Iterator<Item = (&Digest, &OpenPoint)> {
        let lacks = |leaf: &Digest| self.missing().any(|row| row.entry == *leaf);
        self.open.iter().filter(move |(leaf, point)| point.kind != Kind::BallotVouched || lacks(leaf))
    }

    /// Disputes that wait for an answer, the first one first.
    pub fn disputes(&self) -> impl Iterator<Item = Digest> {
        let disputes = self.open.iter().filter(|(_, point)| point.kind == Kind::BallotDisputed);
        let mut leaves: Vec<(u64, Digest)> = disputes.map(|(leaf, point)| (point.at.seq, *leaf)).collect();
        leaves.sort_unstable();
        leaves.into_iter().map(|(_, leaf)| leaf)
    }

    /// What came from a terminal so far.
    #[must_use]
    pub fn from_terminal(&self, terminal: u16) -> FromTerminal {
        let none = FromTerminal { counter: 0, last: self.opened.leaf, sealed: None };
        self.terminals.get(&terminal).copied().unwrap_or(none)
    }

    /// Whether a terminal that sealed itself has ballots that did not come.
    #[must_use]
    pub fn lacks_deliveries(&self) -> bool {
        let lacks = |from: &FromTerminal| from.sealed.is_some_and(|(counter, _)| counter > from.counter);
        self.terminals.values().any(lacks)
    }

    /// From when the log may end deliveries, once the vote is closed. Where it closed early everyone had voted: nobody
    /// waits, unless a terminal's ballot, a vouched one or a paper that was handed out could still come.
    #[must_use]
    pub fn deliveries_until(&self) -> Option<Time> {
        let closed = self.closed_at?;
        let ballots_may_come = self.opening.channels.contains(&Channel::Kiosk) || self.missing().next().is_some();
        let at_once = closed < self.opening.closes_at && !ballots_may_come && !self.papers_may_come();
        let grace = if at_once { 0 } else { i64::from(self.opening.grace_minutes) };
        Some(closed.plus_ms(grace * MINUTE_MS))
    }

    /// When deliveries end at the latest, by what is known now: a vote that is open may close before its time.
    #[must_use]
    pub fn deliveries_end(&self) -> Time {
        let grace_ms = i64::from(self.opening.grace_minutes) * MINUTE_MS;
        self.deliveries_until().unwrap_or_else(|| self.opening.closes_at.plus_ms(grace_ms))
    }

    /// Whether a new vote on the question may be opened in place of this one.
    #[must_use]
    pub fn can_be_repeated(&self) -> bool {
        self.status == VotingStatus::Voided
    }
}
