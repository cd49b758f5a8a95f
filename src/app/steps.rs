//! The steps of the process that everyone may follow: which entries are one, and how feeds, the publicity window and what is sent
//! out read them. Ballots, the door, keys and roles are none.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::model::{Level, Media};
use crate::core::state::State;
use crate::core::statement::Statement;
use crate::store::board::MatterRow;
use crate::store::error::StoreError;
use crate::store::steps::{Before, MatterStepRow, StepRow};

/// Longest title that is told, in characters.
const TITLE: usize = 120;

/// Whether an entry of this kind is a step that everyone may follow. No arm for all others: a new kind must be decided on.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a line for each kind")]
pub fn is_step(kind: Kind) -> bool {
    match kind {
        Kind::VillageFounded
        | Kind::VillageRenamed
        | Kind::VillageMerged
        | Kind::EntryAnnulled
        | Kind::TermOpened
        | Kind::DelegationRecorded
        | Kind::CatalogueAdopted
        | Kind::AffairsDisclosed
        | Kind::ClericalCorrected
        | Kind::SuggestionReceived
        | Kind::SuggestionEntered
        | Kind::SuggestionDeclined
        | Kind::MatterProposed
        | Kind::EnlargedMeetingRecorded
        | Kind::VisitsRecorded
        | Kind::OpinionsAnswered
        | Kind::JointMeetingRecorded
        | Kind::PlanSettled
        | Kind::PlanPosted
        | Kind::ObjectionReceived
        | Kind::ObjectionEntered
        | Kind::ObjectionAnswered
        | Kind::ConcernRaised
        | Kind::ConcernAnswered
        | Kind::FilingSubmitted
        | Kind::SupplementRequested
        | Kind::SupplementProvided
        | Kind::FilingFiled
        | Kind::FilingReturned
        | Kind::DeadlinePassed
        | Kind::MatterWithdrawn
        | Kind::ChangeRequested
        | Kind::MatterAnnulled
        | Kind::EmergencyDecided
        | Kind::DisclosurePosted
        | Kind::ResolutionPosted
        | Kind::ContractRecorded
        | Kind::ProgressRecorded
        | Kind::ImplementationSignedOff
        | Kind::RatingReceived
        | Kind::RatingEntered
        | Kind::RatingAnswered
        | Kind::ReturnVisitRecorded
        | Kind::SessionConvened
        | Kind::SessionCancelled
        | Kind::SessionFailed
        | Kind::MinutesSigned
        | Kind::VotingOpened
        | Kind::VotingClosed
        | Kind::ResultAnnounced
        | Kind::VotingVoided => true,
        Kind::RootsChanged
        | Kind::LogKeyRotated
        | Kind::RulesAdopted
        | Kind::ProfileAdopted
        | Kind::CalendarAdopted
        | Kind::OfficialsEnrolled
        | Kind::OfficialsEnded
        | Kind::RolesGranted
        | Kind::RolesEnded
        | Kind::RoleCovered
        | Kind::KinDeclared
        | Kind::KeysEnrolled
        | Kind::KeyRevoked
        | Kind::SubstituteRequested
        | Kind::HallPosted
        | Kind::DocumentWithdrawn
        // Some are complaints that are not for everyone.
        | Kind::InquiryReceived
        | Kind::InquiryEntered
        | Kind::InquiryAnswered
        | Kind::FilingReviewed
        | Kind::RosterFixed
        | Kind::TerminalRegistered
        | Kind::RecusalDeclared
        | Kind::TellersNamed
        | Kind::MobileBoxNamed
        | Kind::AttendanceCheckedIn
        | Kind::AttendanceCheckedOut
        | Kind::AttendanceRecorded
        | Kind::BallotCast
        | Kind::BallotVouched
        | Kind::TimeAnchored
        | Kind::TerminalSealed
        | Kind::DeliveriesEnded
        | Kind::PaperIssued
        | Kind::MobileBoxVisited
        | Kind::PaperCounted
        | Kind::PaperRecounted
        | Kind::BallotDisputed
        | Kind::DisputeAnswered
        | Kind::BallotsOpened
        | Kind::BallotOpened => false,
    }
}

/// Steps of some entries, and the matters that each is about.
#[derive(Debug, Default)]
pub(in crate::app) struct Steps {
    /// The steps.
    pub rows: Vec<StepRow>,
    /// Their matters.
    pub about: Vec<MatterStepRow>,
}

impl Steps {
    /// Adds an entry, if it is a step. What a session's step is about is its agenda, which never changes once it is called.
    pub fn add(&mut self, state: &State, statement: &Statement, seq: u64, time: Time) {
        let kind = statement.kind();
        // A list in several parts is one step, told with its first.
        if !is_step(kind) || statement.part.is_some_and(|part| part.part > 1) {
            return;
        }
        let (village, matter, session) = (statement.village, statement.matter, statement.session);
        self.rows.push(StepRow { village, seq, time, kind: kind.code().to_owned(), matter, session });
        let agenda = match (&statement.act, session.and_then(|id| state.session(id))) {
            (Act::SessionConvened(act), _) => Some(&act.agenda),
            (_, session) => session.map(|session| &session.agenda),
        };
        let on_agenda = agenda.into_iter().flatten().map(|item| item.matter);
        let matters: BTreeSet<MatterId> = match matter {
            Some(matter) => [matter].into(),
            None => on_agenda.collect(),
        };
        self.about.extend(matters.into_iter().map(|matter| MatterStepRow { village, matter, seq }));
    }
}

/// Whose steps are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// All villages of this server.
    All,
    /// A village.
    Village(VillageCode),
    /// A matter.
    Matter(VillageCode, MatterId),
}

/// A matter as it is called in public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    /// Its title, once it is proposed, as far as everyone may read it.
    pub title: Option<String>,
    /// Its category's code, once it is proposed.
    pub category: Option<String>,
}

/// A step with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The step.
    pub row: StepRow,
    /// Its kind.
    pub kind: Kind,
    /// Name of its village.
    pub village: String,
    /// The matter that it names.
    pub called: Called,
}

impl App {
    /// The newest steps, those before `before`, at most `limit`. Reads derived tables alone, and of these what it answers.
    ///
    /// # Errors
    /// `NotFound` for a village or matter that isn't on record; the store's.
    pub async fn steps(&self, of: Followed, before: Option<Before>, limit: u64) -> Result<Vec<Step>, AppError> {
        let read = self.db().read("steps", |tx| {
            Box::pin(async move {
                let seq = before.map(|before| before.seq);
                match of {
                    Followed::All => Ok(tx.steps(before, limit).await?),
                    Followed::Village(village) => {
                        tx.summary(village).await?.ok_or(AppError::NotFound { what: "village" })?;
                        Ok(tx.steps_of_village(village, seq, limit).await?)
                    }
                    Followed::Matter(village, matter) => {
                        tx.matter(village, matter).await?.ok_or(AppError::NotFound { what: "matter" })?;
                        Ok(tx.steps_of_matter(village, matter, seq, limit).await?)
                    }
                }
            })
        });
        let rows: Result<Vec<StepRow>, AppError> = read.await;
        self.told_steps(rows?).await
    }

    async fn told_steps(&self, rows: Vec<StepRow>) -> Result<Vec<Step>, AppError> {
        let mut names: BTreeMap<VillageCode, String> = BTreeMap::new();
        let mut called: BTreeMap<(VillageCode, MatterId), Called> = BTreeMap::new();
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            // A kind that a later program knew is none of this one's.
            let Ok(kind) = row.kind.parse() else { continue };
            let name = match names.get(&row.village) {
                Some(name) => name.clone(),
                None => self.village_name(row.village).await?,
            };
            names.insert(row.village, name.clone());
            let matter = match row.matter.map(|matter| (row.village, matter)) {
                None => Called::default(),
                Some(key) => match called.entry(key) {
                    Entry::Occupied(known) => known.get().clone(),
                    Entry::Vacant(new) => new.insert(self.called(key.0, key.1).await?).clone(),
                },
            };
            steps.push(Step { row, kind, village: name, called: matter });
        }
        Ok(steps)
    }

    /// What a matter is called in public. Words of a suggestion are nobody's title yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn called(&self, village: VillageCode, matter: MatterId) -> Result<Called, AppError> {
        let Some(MatterRow { category, title, .. }) = self.matter_row(village, matter).await? else {
            return Ok(Called::default());
        };
        if category.is_empty() {
            return Ok(Called::default());
        }
        Ok(Called { title: self.public_line(village, title).await?, category: Some(category) })
    }

    /// The first line of a text that everyone may read; nothing of any other document.
    async fn public_line(&self, village: VillageCode, name: Digest) -> Result<Option<String>, AppError> {
        let (document, content) = match self.document(village, name).await {
            Ok(found) => found,
            Err(AppError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let public = document.media == Media::Text.code() && document.level == Level::Public.code();
        let Some(content) = content.filter(|_| public) else { return Ok(None) };
        let words =
            String::from_utf8(content.bytes).map_err(|_| StoreError::Damaged("a text is no text".to_owned()))?;
        let line = words.lines().next().unwrap_or_default().trim();
        Ok(Some(line.chars().take(TITLE).collect()))
    }
}
