//! Paper is counted by double entry: counter and scrutineer each say on the own device what they found, neither sees the other's
//! figures before both have said theirs, and only figures that agree become a count to be signed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::Kind;
use crate::core::act::session::TellersNamed;
use crate::core::act::voting::{NamedPaper, PaperCounted};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::{Doc, QuestionCode, Role, codes};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::store::counts::Counted;
use crate::store::error::StoreError;

/// The most papers that a box is said to hold: more than any body has members.
pub const MOST_PAPERS: u32 = 5_000;
/// How often one teller may say what they found in one round.
const MOST_ENTRIES: usize = 30;
/// Most entries that are read of a session.
const MOST_READ: u64 = 2_000;

codes!(
    /// Why a paper is invalid. Kept with the count and printed in the minutes; the record has their sum.
    Invalid {
        /// 空白票
        Blank = "blank",
        /// 选了两项以上
        Several = "several",
        /// 看不清
        Illegible = "illegible",
        /// 写了名字或做了记号，能认出是谁
        Recognisable = "recognisable",
        /// 没写姓名，或者姓名对不上
        Unnamed = "unnamed",
    }
);

impl Invalid {
    /// Whether this can be said of named papers, or of secret ones.
    #[must_use]
    pub fn is_of(self, named: bool) -> bool {
        match self {
            Self::Blank | Self::Several | Self::Illegible => true,
            Self::Recognisable => !named,
            Self::Unnamed => named,
        }
    }
}

/// What was found in a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Papers in it.
    pub in_box: u32,
    /// Papers for each option, in the question's order.
    pub counts: Vec<u32>,
    /// Invalid ones, in the order of [`Invalid::ALL`].
    pub invalid: Vec<u32>,
    /// Where papers are named, each valid one, sorted by voter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<NamedPaper>,
}

impl Figures {
    /// Invalid papers in all.
    #[must_use]
    pub fn invalid_in_all(&self) -> u64 {
        self.invalid.iter().map(|n| u64::from(*n)).sum()
    }

    /// What the papers amount to, option by option and reason by reason.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.counts.iter().map(|n| u64::from(*n)).sum::<u64>() + self.invalid_in_all()
    }

    /// Whether these are the figures of a count on record.
    #[must_use]
    pub fn are_of(&self, count: &PaperCounted) -> bool {
        let same = self.counts.iter().copied().eq(count.counts.iter().map(|row| row.count));
        let all = self.in_box == count.in_box && self.invalid_in_all() == u64::from(count.invalid);
        same && all && self.rows == count.rows
    }
}

/// The vote whose papers are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Papers {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// The matter.
    pub matter: MatterId,
    /// The question.
    pub question: QuestionCode,
}

/// A count that can be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// `paper.counted` or `paper.recounted`.
    pub kind: Kind,
    /// The dispute that a recount answers.
    pub basis: Option<Digest>,
}

impl Due {
    /// The count that a vote is ready for, if it is for one.
    #[must_use]
    pub fn of(voting: &Voting) -> Option<Self> {
        let ended = voting.status == VotingStatus::DeliveriesEnded;
        if voting.paper_count.is_none() {
            let papers = ended && !voting.paper_issued.is_empty();
            return papers.then_some(Self { kind: Kind::PaperCounted, basis: None });
        }
        let basis = voting.disputes().next().filter(|_| voting.may_be_recounted())?;
        Some(Self { kind: Kind::PaperRecounted, basis: Some(basis) })
    }

    /// Its number in the vote: entries for the one say nothing about the other.
    #[must_use]
    pub fn round(self) -> u64 {
        if self.kind == Kind::PaperRecounted { 2 } else { 1 }
    }
}

/// What one teller said, one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Time,
    /// What.
    pub figures: Figures,
    /// Photographs of papers that came with it.
    pub photos: Vec<Doc>,
}

/// What is kept of it.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    #[serde(flatten)]
    figures: Figures,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    photos: Vec<Doc>,
}

/// What both tellers said in one round, in the order in which it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round(Vec<Entered>);

/// What a teller may know of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// This teller has said nothing yet.
    Nothing,
    /// This teller's own; the other has said nothing yet.
    Own(&'a Entered),
    /// Both, this teller's first: they differ.
    Differ(&'a Entered, &'a Entered),
    /// Both said this.
    Agree(&'a Figures),
}

impl Round {
    /// The last that a person said.
    fn last(&self, person: PersonId) -> Option<&Entered> {
        self.0.iter().rev().find(|entered| entered.person == person)
    }

    /// Photographs of the papers, sorted by commitment: the last that each teller took.
    #[must_use]
    pub fn photos(&self) -> Vec<Doc> {
        let taken = self.0.iter().filter(|entered| !entered.photos.is_empty());
        let last: BTreeMap<PersonId, &Vec<Doc>> = taken.map(|entered| (entered.person, &entered.photos)).collect();
        let all: BTreeMap<Digest, &Doc> = last.values().copied().flatten().map(|doc| (doc.sha256, doc)).collect();
        all.into_values().cloned().collect()
    }

    /// What a teller may know: nothing of the other's before both have said what they found.
    #[must_use]
    pub fn told(&self, teller: PersonId, other: PersonId) -> Told<'_> {
        match (self.last(teller), self.last(other)) {
            (None, _) => Told::Nothing,
            (Some(own), None) => Told::Own(own),
            (Some(own), Some(others)) if own.figures == others.figures => Told::Agree(&own.figures),
            (Some(own), Some(others)) => Told::Differ(own, others),
        }
    }

    /// Everything that was said, once both have said something: every change, with who and when.
    #[must_use]
    pub fn history(&self, teller: PersonId, other: PersonId) -> &[Entered] {
        let both = self.last(teller).is_some() && self.last(other).is_some();
        if both { &self.0 } else { &[] }
    }
}

/// The other of the two who count, and the role of the one who asks; `None` for everybody else.
#[must_use]
pub fn beside(tellers: &TellersNamed, person: PersonId) -> Option<(Role, PersonId)> {
    if tellers.counter == person {
        return Some((Role::Counter, tellers.scrutineer));
    }
    (tellers.scrutineer == person).then_some((Role::Scrutineer, tellers.counter))
}

impl App {
    /// What the tellers said of a vote's papers in one round.
    ///
    /// # Errors
    /// The store's.
    pub async fn round(&self, papers: &Papers, round: u64) -> Result<Round, AppError> {
        let (village, session) = (papers.village, papers.session);
        let rows = self.db().read("counted", |tx| Box::pin(tx.counted(village, session, MOST_READ))).await?;
        Ok(Round(rows.iter().filter(|row| is_of(row, papers, round)).filter_map(entered).collect()))
    }

    /// Keeps what a teller found, with photographs of it; what was said before stays beside it.
    ///
    /// # Errors
    /// `Invalid` where it was said too often; the store's.
    pub async fn enter_count(
        &self,
        papers: &Papers,
        round: u64,
        person: PersonId,
        figures: &Figures,
        photos: &[Doc],
    ) -> Result<(), AppError> {
        let body = Body { figures: figures.clone(), photos: photos.to_vec() };
        let row = Counted {
            village: papers.village,
            session: papers.session,
            matter: papers.matter,
            question: papers.question.to_string(),
            round,
            person,
            nth: 0,
            body: serde_json::json!(body).to_string(),
            entered: self.now(),
        };
        let write = self.db().write("enter_count", |tx| {
            let (row, papers) = (row.clone(), papers.clone());
            Box::pin(async move {
                let before = tx.counted(row.village, row.session, MOST_READ).await?;
                let own = before.iter().filter(|other| is_of(other, &papers, round) && other.person == person);
                let nth = own.count();
                if nth < MOST_ENTRIES {
                    tx.add_counted(&Counted { nth: nth as u64 + 1, ..row }).await?;
                }
                Ok::<_, StoreError>(nth < MOST_ENTRIES)
            })
        });
        if write.await? { Ok(()) } else { Err(AppError::Invalid { field: "counts", reason: "too-often" }) }
    }

    /// Why papers of a vote were invalid, as both tellers said, where that is what was then signed.
    ///
    /// # Errors
    /// The store's.
    pub async fn reasons(
        &self,
        papers: &Papers,
        tellers: &TellersNamed,
        voting: &Voting,
    ) -> Result<Vec<(Invalid, u32)>, AppError> {
        let Some(count) = &voting.paper_count else { return Ok(Vec::new()) };
        let round = self.round(papers, if voting.is_recounted() { 2 } else { 1 }).await?;
        let agreed = match round.told(tellers.counter, tellers.scrutineer) {
            Told::Agree(figures) if figures.are_of(count) => figures,
            _ => return Ok(Vec::new()),
        };
        let reasons = Invalid::ALL.iter().copied().zip(agreed.invalid.iter().copied());
        Ok(reasons.filter(|(_, count)| *count > 0).collect())
    }
}

fn is_of(row: &Counted, papers: &Papers, round: u64) -> bool {
    row.matter == papers.matter && row.question == papers.question.as_str() && row.round == round
}

/// A row as what it says; nothing where it can't be read.
fn entered(row: &Counted) -> Option<Entered> {
    let Body { figures, photos } = serde_json::from_str(&row.body).ok()?;
    Some(Entered { person: row.person, at: row.entered, figures, photos })
}

#[cfg(test)]
mod tests {
    use super::{Entered, Figures, Round, Told};
    use crate::core::act::voting::NamedPaper;
    use crate::core::clock::Time;
    use crate::core::ids::PersonId;

    fn figures(against: u32) -> Figures {
        Figures { in_box: 9, counts: vec![8 - against, against, 0], invalid: vec![1, 0, 0, 0, 0], rows: Vec::new() }
    }

    fn said(person: u8, at: i64, against: u32) -> Entered {
        Entered {
            person: PersonId::from_bytes([person; 16]),
            at: Time::from_ms(at).expect("a time"),
            figures: figures(against),
            photos: Vec::new(),
        }
    }

    #[test]
    fn a_teller_knows_nothing_of_the_other_before_both_have_counted() {
        let [one, two] = [1, 2].map(|n| PersonId::from_bytes([n; 16]));
        let first = said(1, 1, 2);
        let round = Round(vec![first.clone()]);
        assert_eq!(round.told(two, one), Told::Nothing);
        assert_eq!(round.told(one, two), Told::Own(&first));
        assert!(round.history(two, one).is_empty() && round.history(one, two).is_empty());
    }

    #[test]
    fn the_last_that_each_said_is_compared_and_every_change_stays() {
        let [one, two] = [1, 2].map(|n| PersonId::from_bytes([n; 16]));
        let all = [said(1, 1, 2), said(2, 2, 3), said(1, 3, 3)];
        let differing = Round(all[..2].to_vec());
        assert_eq!(differing.told(two, one), Told::Differ(&all[1], &all[0]));
        let settled = Round(all.to_vec());
        assert_eq!(settled.told(one, two), Told::Agree(&figures(3)));
        assert_eq!(settled.history(one, two), all);
        // Reasons are figures, too.
        let mut other = said(2, 4, 3);
        other.figures.invalid = vec![0, 1, 0, 0, 0];
        let round = Round([&all[..], &[other.clone()]].concat());
        assert_eq!(round.told(two, one), Told::Differ(&other, &all[2]));
    }

    #[test]
    fn who_is_named_on_papers_must_agree_too() {
        let [one, two] = [1, 2].map(|n| PersonId::from_bytes([n; 16]));
        let named = |person: u8, voter: u32| {
            let mut entered = said(person, 1, 2);
            entered.figures.rows = vec![NamedPaper { voter, choice: "for".parse().expect("a code") }];
            entered
        };
        let all = [named(1, 7), named(2, 8)];
        assert_eq!(Round(all.to_vec()).told(one, two), Told::Differ(&all[0], &all[1]));
    }

    #[test]
    fn figures_add_up() {
        assert_eq!((figures(3).sum(), figures(3).invalid_in_all()), (9, 1));
        let big = Figures { in_box: 0, counts: vec![u32::MAX; 3], invalid: vec![1], rows: Vec::new() };
        assert_eq!(big.sum(), 3 * u64::from(u32::MAX) + 1);
    }
}
