//! A matter on its way through the six stages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::act::matter::RequiredBallot;
use crate::core::act::voting::ResultAnnounced;
use crate::core::act::{Kind, matter as act};
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, PersonId, SessionId};
use crate::core::model::{Category, Doc, Outcome, QuestionCode, Stage};
use crate::core::state::people::pairs;
use crate::core::state::{OpenPoint, Papers, Position};
use crate::core::table;

/// Where a matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Under way, at a stage.
    At(Stage),
    /// Ended.
    Ended(Outcome),
}

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Where it stands.
    pub at: Position,
    /// Its text.
    pub text: Doc,
}

/// What the branch proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// One of ten.
    pub category: Category,
    /// Its title.
    pub title: Doc,
    /// Money involved, in fen.
    pub amount_fen: u64,
}

/// The settled plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The plan.
    pub plan: Doc,
    /// Money involved, in fen.
    pub amount_fen: u64,
    /// Every ballot it needs.
    pub ballots: Vec<RequiredBallot>,
}

/// A result of this round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Where it was announced.
    pub at: Position,
    /// In which session.
    pub session: SessionId,
    /// Round of the matter: rises when it is returned or changed.
    pub round: u32,
    /// Index of the required ballot.
    pub ballot: u8,
    /// Which question.
    pub question: QuestionCode,
    /// The leaf hash of the rule profile's adoption.
    pub profile: Digest,
    /// The result.
    pub result: ResultAnnounced,
}

/// A public notice and when its window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Where it stands.
    pub at: Position,
    /// First instant after its window.
    pub ends: Time,
}

/// A milestone, and where it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// What it is, by its document's commitment.
    pub title: Digest,
    /// The last day for it.
    pub due: Date,
    /// The report by which it was reached.
    pub at: Option<Position>,
}

/// A contract, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracted {
    /// Where it stands.
    pub at: Position,
    /// What it is about, by its document's commitment.
    pub title: Digest,
    /// Its price, in fen.
    pub amount_fen: u64,
    /// Paid under it so far, in fen.
    pub paid_fen: u64,
    /// Its milestones, in order.
    pub milestones: Vec<Reached>,
}

/// How villagers rate what was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratings {
    /// The last score of each person who signed it.
    #[serde(with = "pairs")]
    own: BTreeMap<PersonId, u8>,
    /// How often each score from 1 was given without a key.
    others: [u32; 5],
}

impl Ratings {
    /// Takes a score from 1 to 5: a person's, in place of an earlier one, or one without a key.
    pub fn rate(&mut self, person: Option<PersonId>, score: u8) {
        match person {
            Some(person) => {
                self.own.insert(person, score);
            }
            None => {
                if let Some(count) = usize::from(score).checked_sub(1).and_then(|nth| self.others.get_mut(nth)) {
                    *count = count.saturating_add(1);
                }
            }
        }
    }

    /// How often each score from 1 to 5 stands.
    #[must_use]
    pub fn scores(&self) -> [u32; 5] {
        let mut scores = self.others;
        for score in self.own.values() {
            if let Some(count) = usize::from(*score).checked_sub(1).and_then(|nth| scores.get_mut(nth)) {
                *count = count.saturating_add(1);
            }
        }
        scores
    }
}

/// A turn in a matter's course: where it came to, and by which entry. Kept for the figures (统计); no judgement rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Where it has stood since.
    pub to: Standing,
    /// Kind of the entry.
    pub by: Kind,
    /// Index of the entry.
    pub seq: u64,
    /// Time of the entry.
    pub time: Time,
    /// Money that it was about then, in fen: by the plan in force, or else by the proposal.
    pub fen: u64,
}

/// What was paid by one entry. Kept for the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Index of the entry.
    pub seq: u64,
    /// Time of the entry.
    pub time: Time,
    /// How much, in fen.
    pub fen: u64,
}

/// A matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// Where it stands.
    pub standing: Standing,
    /// Rises when it is returned or changed; 1 at first.
    pub round: u32,
    /// How often the township returned it.
    pub returned: u32,
    /// How often a session had no quorum.
    pub without_quorum: u32,
    /// Whether it was decided in an emergency, to be ratified.
    pub emergency: bool,
    /// When it was first on record.
    pub opened: Position,
    /// The latest entry of the matter.
    pub updated: Position,
    /// Suggestions, in order.
    pub suggestions: Vec<Suggestion>,
    /// What the branch proposed, in this or the last round.
    pub proposal: Option<Proposal>,
    /// The settled plan, in force.
    pub settled: Option<Settled>,
    /// Notice of the plan, in force.
    pub plan_notice: Option<Notice>,
    /// Notice of the resolution.
    pub resolution_notice: Option<Notice>,
    /// Until when the township should have reviewed.
    pub filing_due: Option<Time>,
    /// Papers in force.
    pub papers: Papers,
    /// What waits for an answer, by leaf hash.
    #[serde(with = "pairs")]
    pub open: BTreeMap<Digest, OpenPoint>,
    /// What villagers asked or said beside the steps and what waits for an answer, by leaf hash: it holds nothing up.
    #[serde(with = "pairs")]
    pub asked: BTreeMap<Digest, OpenPoint>,
    /// Results, of all rounds.
    pub results: Vec<Decided>,
    /// Ballots of this round whose session has signed minutes, by index: whether all their required questions passed.
    #[serde(with = "pairs")]
    pub ballots_decided: BTreeMap<u8, bool>,
    /// Progress of carrying it out, in hundredths.
    pub progress: u8,
    /// Paid so far, in fen.
    pub paid_fen: u64,
    /// Where slips of the pen in its papers were put right.
    pub corrected: Vec<Position>,
    /// Contracts, in order, of all rounds: a change undoes none.
    pub contracts: Vec<Contracted>,
    /// How villagers rate what was carried out.
    pub ratings: Ratings,
    /// Of a disclosure inside a voted budget: the entry that voted it.
    pub budget: Option<Digest>,
    /// Where it has stood, in order, the place where it stands included.
    pub course: Vec<Turn>,
    /// What was paid, in order.
    pub payments: Vec<Payment>,
}

impl Matter {
    /// A matter that begins at `at`, at `stage`.
    #[must_use]
    pub fn begin(at: Position, stage: Stage) -> Self {
        Self {
            standing: Standing::At(stage),
            round: 1,
            returned: 0,
            without_quorum: 0,
            emergency: false,
            opened: at,
            updated: at,
            suggestions: Vec::new(),
            proposal: None,
            settled: None,
            plan_notice: None,
            resolution_notice: None,
            filing_due: None,
            papers: Papers::default(),
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            results: Vec::new(),
            ballots_decided: BTreeMap::new(),
            progress: 0,
            paid_fen: 0,
            corrected: Vec::new(),
            contracts: Vec::new(),
            ratings: Ratings::default(),
            budget: None,
            course: Vec::new(),
            payments: Vec::new(),
        }
    }

    /// Notes where it has come to, if that is elsewhere than before, and what was paid beyond the `paid_fen` of before.
    pub(crate) fn note_turn(&mut self, by: Kind, at: Position, paid_fen: u64) {
        let fen = self.paid_fen.saturating_sub(paid_fen);
        self.payments.extend((fen > 0).then_some(Payment { seq: at.seq, time: at.time, fen }));
        if self.course.last().is_none_or(|turn| turn.to != self.standing) {
            let proposed = self.proposal.as_ref().map_or(0, |proposal| proposal.amount_fen);
            let fen = self.settled.as_ref().map_or(proposed, |plan| plan.amount_fen);
            self.course.push(Turn { to: self.standing, by, seq: at.seq, time: at.time, fen });
        }
    }

    /// The stage, while it is under way.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        match self.standing {
            Standing::At(stage) => Some(stage),
            Standing::Ended(_) => None,
        }
    }

    /// The outcome, once it has ended.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match self.standing {
            Standing::At(_) => None,
            Standing::Ended(outcome) => Some(outcome),
        }
    }

    /// Steps back to `stage`: a new round, in which papers of that stage and later ones are out of force.
    pub fn step_back(&mut self, stage: Stage) {
        self.standing = Standing::At(stage);
        self.round += 1;
        self.papers.clear(|kind| table::row(kind).belongs().is_some_and(|belongs| belongs >= stage));
        // What people asked still waits for its answer; what concerned the old papers alone is over.
        let asked = [Kind::ConcernRaised, Kind::ObjectionEntered, Kind::ObjectionReceived];
        self.open.retain(|_, point| asked.contains(&point.kind));
        self.settled = None;
        self.plan_notice = None;
        self.resolution_notice = None;
        self.filing_due = None;
        self.ballots_decided.clear();
    }

    /// What waits for an answer under this leaf hash.
    #[must_use]
    pub fn waiting(&self, leaf: Digest) -> Option<&OpenPoint> {
        self.open.get(&leaf).or_else(|| self.asked.get(&leaf))
    }

    /// The money that the settled plan allows, in fen; 0 without one.
    #[must_use]
    pub fn allowed_fen(&self) -> u64 {
        self.settled.as_ref().map_or(0, |settled| settled.amount_fen)
    }

    /// Whether `leaf` is the filing in force (or the emergency decision) that opened the ballot stage.
    #[must_use]
    pub fn is_filed_by(&self, leaf: Digest) -> bool {
        self.papers.is_one_of(leaf, &[Kind::FilingFiled, Kind::EmergencyDecided])
    }

    /// The result of a question in this round, once announced.
    #[must_use]
    pub fn decided(&self, ballot: u8, question: &QuestionCode) -> Option<&Decided> {
        let same = |decided: &&Decided| {
            decided.round == self.round && decided.ballot == ballot && decided.question == *question
        };
        self.results.iter().find(same)
    }

    /// A question of a required ballot.
    #[must_use]
    pub fn question(&self, ballot: u8, code: &QuestionCode) -> Option<&act::Question> {
        let ballot = self.settled.as_ref()?.ballots.get(usize::from(ballot))?;
        ballot.questions.iter().find(|question| question.code == *code)
    }
}
