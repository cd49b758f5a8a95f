//! Signed acts as lines of a page: what each kind says in words, and which papers come with it.

use crate::app::views::library::Wanted;
use crate::app::views::told::Told;
use crate::core::act::{Act, Kind};
use crate::core::ids::{Digest, PersonId};
use crate::core::model::{Doc, Media};
use crate::http::pages::parts::{ActLine, Correction, Paper};
use crate::http::read::context::View;

/// What an act shows beside its kind, signers and time.
#[derive(Debug, Default)]
pub struct Shown<'a> {
    /// What is spoken out.
    pub said: Option<&'a Doc>,
    /// What is listed, each called by an interface text.
    pub papers: Vec<(&'static str, &'a Doc)>,
}

fn said(doc: &Doc) -> Shown<'_> {
    Shown { said: Some(doc), papers: Vec::new() }
}

fn listed<'a>(papers: impl IntoIterator<Item = (&'static str, &'a Doc)>) -> Shown<'a> {
    Shown { said: None, papers: papers.into_iter().collect() }
}

fn all<'a>(name: &'static str, docs: &'a [Doc]) -> Shown<'a> {
    listed(docs.iter().map(|doc| (name, doc)))
}

/// What an act of each kind shows.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a line for each kind")]
pub fn shown(act: &Act) -> Shown<'_> {
    match act {
        Act::SuggestionReceived(act) => said(&act.text),
        Act::SuggestionEntered(act) => said(&act.text),
        Act::SuggestionDeclined(act)
        | Act::MatterWithdrawn(act)
        | Act::ChangeRequested(act)
        | Act::SessionCancelled(act) => said(&act.reason),
        Act::MatterProposed(act) => listed([("doc-draft", &act.plan)]),
        Act::EnlargedMeetingRecorded(act) => {
            let opinions = act.opinions.iter().map(|doc| ("doc-attending", doc));
            listed([("doc-minutes", &act.minutes)].into_iter().chain(opinions))
        }
        Act::JointMeetingRecorded(act) => listed([("doc-minutes", &act.minutes)]),
        Act::PlanSettled(act) => listed([("doc-plan", &act.plan)]),
        Act::PlanPosted(act) | Act::ResolutionPosted(act) => listed([("doc-notice", &act.notice)]),
        Act::ObjectionReceived(act) => said(&act.text),
        Act::ObjectionEntered(act) => said(&act.text),
        Act::ObjectionAnswered(act)
        | Act::ConcernRaised(act)
        | Act::ConcernAnswered(act)
        | Act::InquiryAnswered(act)
        | Act::RatingAnswered(act)
        | Act::SupplementRequested(act)
        | Act::FilingFiled(act)
        | Act::BallotDisputed(act)
        | Act::DisputeAnswered(act) => said(&act.text),
        Act::FilingSubmitted(act) => all("doc-material", &act.materials),
        Act::SupplementProvided(act) => all("doc-material", &act.materials),
        Act::FilingReviewed(act) => said(&act.opinion),
        Act::FilingReturned(act) => said(&act.reason),
        Act::MatterAnnulled(act) => said(&act.reason),
        Act::EmergencyDecided(act) => Shown { said: Some(&act.reason), papers: vec![("doc-plan", &act.plan)] },
        Act::DisclosurePosted(act) => said(&act.text),
        Act::InquiryReceived(act) => said(&act.text),
        Act::InquiryEntered(act) => said(&act.text),
        Act::RatingReceived(act) => Shown { said: act.text.as_ref(), papers: Vec::new() },
        Act::RatingEntered(act) => Shown { said: act.text.as_ref(), papers: Vec::new() },
        Act::ReturnVisitRecorded(act) => said(&act.text),
        Act::ContractRecorded(act) => Shown { said: Some(&act.title), ..all("doc-contract", &act.papers) },
        Act::ProgressRecorded(act) => all("doc-progress", &act.papers),
        Act::ImplementationSignedOff(act) => said(&act.report),
        Act::SessionConvened(act) => listed([("doc-notice", &act.notice)]),
        Act::RecusalDeclared(act) => said(&act.reason),
        Act::MinutesSigned(act) => listed([("doc-minutes", &act.minutes)]),
        Act::VotingVoided(act) => said(&act.text),
        Act::PaperCounted(act) | Act::PaperRecounted(act) => all("doc-photos", &act.photos),
        Act::OfficialsEnded(act) | Act::RolesEnded(act) => Shown { said: act.text.as_ref(), papers: Vec::new() },
        Act::VillageRenamed(act) => said(&act.name),
        Act::VillageMerged(act) => listed([("doc-order", &act.order)]),
        Act::EntryAnnulled(act) => said(&act.reason),
        Act::TermOpened(act) => listed([("doc-result", &act.result)]),
        Act::RolesGranted(act) => listed([("doc-order", &act.text)]),
        Act::RoleCovered(act) => said(&act.reason),
        Act::SubstituteRequested(act) => said(&act.reason),
        Act::DelegationRecorded(act) => listed([("doc-resolution", &act.text)]),
        Act::AffairsDisclosed(act) => Shown { said: Some(&act.text), ..all("doc-disclosed", &act.papers) },
        Act::HallPosted(act) => Shown { said: Some(&act.text), ..all("doc-posted", &act.papers) },
        Act::DocumentWithdrawn(act) => listed(act.replacement.iter().map(|doc| ("doc-copy", doc))),
        Act::ClericalCorrected(act) => said(&act.new),
        Act::VisitsRecorded(act) => {
            let photographed = act.opinions.iter().filter(|doc| doc.media != Media::Text);
            listed(photographed.map(|doc| ("doc-visits", doc)))
        }
        Act::OpinionsAnswered(_)
        | Act::VillageFounded(_)
        | Act::RootsChanged(_)
        | Act::LogKeyRotated(_)
        | Act::RulesAdopted(_)
        | Act::ProfileAdopted(_)
        | Act::CatalogueAdopted(_)
        | Act::CalendarAdopted(_)
        | Act::OfficialsEnrolled(_)
        | Act::KinDeclared(_)
        | Act::KeysEnrolled(_)
        | Act::KeyRevoked(_)
        | Act::DeadlinePassed(_)
        | Act::RosterFixed(_)
        | Act::TerminalRegistered(_)
        | Act::TellersNamed(_)
        | Act::MobileBoxNamed(_)
        | Act::AttendanceCheckedIn(_)
        | Act::AttendanceCheckedOut(_)
        | Act::AttendanceRecorded(_)
        | Act::SessionFailed(_)
        | Act::VotingOpened(_)
        | Act::BallotCast(_)
        | Act::BallotVouched(_)
        | Act::TimeAnchored(_)
        | Act::TerminalSealed(_)
        | Act::VotingClosed(_)
        | Act::DeliveriesEnded(_)
        | Act::PaperIssued(_)
        | Act::MobileBoxVisited(_)
        | Act::BallotsOpened(_)
        | Act::BallotOpened(_)
        | Act::ResultAnnounced(_) => Shown::default(),
    }
}

/// The documents that these entries need on a page that shows them.
pub fn want(told: &[Told], wanted: &mut Wanted) {
    for one in told {
        wanted.listed.extend(one.statement.documents.iter().map(|doc| doc.sha256));
        wanted.spoken.extend(shown(&one.statement.act).said.map(|doc| doc.sha256));
        match &one.statement.act {
            Act::VisitsRecorded(act) => wanted.spoken.extend(act.opinions.iter().map(|doc| doc.sha256)),
            Act::OpinionsAnswered(act) => wanted.spoken.extend(act.answers.iter().map(|doc| doc.sha256)),
            Act::ProgressRecorded(act) => wanted.spoken.extend(act.papers.iter().map(|doc| doc.sha256)),
            Act::ContractRecorded(act) => {
                let titles = act.milestones.iter().map(|milestone| &milestone.title);
                wanted.spoken.extend(titles.chain([&act.party]).map(|doc| doc.sha256));
            }
            Act::ClericalCorrected(act) => wanted.spoken.extend([act.old, act.new.sha256]),
            _ => {}
        }
    }
}

/// Who signed, as persons.
#[must_use]
pub fn persons(told: &Told) -> Vec<PersonId> {
    told.statement.by.iter().filter_map(|signer| signer.person).collect()
}

impl View<'_> {
    /// The papers of an act; several of one name are numbered.
    #[must_use]
    pub fn papers(&self, papers: &[(&'static str, &Doc)], entered_by: &[PersonId]) -> Vec<Paper> {
        let many = |name: &str| papers.iter().filter(|(other, _)| *other == name).count() > 1;
        let title = |index: usize, name: &'static str| {
            let number = papers[..=index].iter().filter(|(other, _)| *other == name).count();
            if many(name) { format!("{} {number}", self.t(name)) } else { self.t(name) }
        };
        papers.iter().enumerate().map(|(at, (name, doc))| self.paper(title(at, name), doc, entered_by)).collect()
    }

    /// One signed act; corrections and annulment are found among `all`.
    #[must_use]
    pub fn act_line(&self, told: &Told, all: &[Told]) -> ActLine {
        let statement = &told.statement;
        let shown = shown(&statement.act);
        let calendar = &self.state().law.calendar;
        let late = statement.held_on.is_some_and(|held| calendar.is_late_entry(held, told.at.time.date()));
        let text = match &statement.act {
            Act::VisitsRecorded(act) => {
                let say = self.visit.c.t("act-visits").with("households", act.households);
                Some(say.with("n", act.opinions.len()).to_string())
            }
            Act::EnlargedMeetingRecorded(act) => {
                let say = self.visit.c.t("act-meeting").with("n", act.attendees.len());
                Some(say.with("nonvoting", act.nonvoting).to_string())
            }
            Act::ReturnVisitRecorded(act) => {
                let say = self.visit.c.t("act-return-visit").with("households", act.households);
                Some(format!("{}\n{}", say.with("satisfied", act.satisfied), self.words(act.text.sha256)))
            }
            Act::BallotVouched(act) => Some(self.visit.c.t("act-vouched").with("n", act.ballots.len()).to_string()),
            Act::MobileBoxNamed(act) => Some(self.numbers("act-box-named", &act.voters)),
            Act::MobileBoxVisited(act) => Some(self.numbers("act-box-visited", &act.voters)),
            Act::FilingReviewed(act) => {
                let advice = self.visit.c.named("advice", act.advice.code());
                Some(format!("{advice}\n{}", self.words(act.opinion.sha256)))
            }
            _ => shown.said.map(|doc| self.words(doc.sha256)),
        };
        ActLine {
            kind: statement.kind().code().to_owned(),
            at: told.at.time,
            held_on: statement.held_on,
            late,
            by: self.signers(&statement.by),
            seq: told.at.seq,
            text,
            papers: self.papers(&shown.papers, &persons(told)),
            corrections: self.corrections(told.at.leaf, all),
            annulled: self.annulled(told.at.leaf, all),
        }
    }

    fn numbers(&self, key: &'static str, numbers: &[u32]) -> String {
        let c = &self.visit.c;
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        c.t(key).with("numbers", numbers.join(&c.t("list-comma").to_string())).to_string()
    }

    /// Corrections of the entry `leaf`.
    #[must_use]
    pub fn corrections(&self, leaf: Digest, all: &[Told]) -> Vec<Correction> {
        let of = |told: &&Told| told.statement.basis == Some(leaf);
        all.iter().filter(of).filter_map(|told| self.correction(told)).collect()
    }

    /// A clerical correction as it is shown beside the original.
    #[must_use]
    pub fn correction(&self, told: &Told) -> Option<Correction> {
        let Act::ClericalCorrected(act) = &told.statement.act else { return None };
        Some(Correction {
            old: self.words(act.old),
            new: self.words(act.new.sha256),
            at: told.at.time,
            by: self.signers(&told.statement.by),
        })
    }

    fn annulled(&self, leaf: Digest, all: &[Told]) -> Option<String> {
        all.iter().find_map(|told| match &told.statement.act {
            Act::EntryAnnulled(act) if act.entry == leaf => Some(self.words(act.reason.sha256)),
            _ => None,
        })
    }
}

/// Whether a kind is shown as part of another (an answer beside its question, a correction beside its original) or in the
/// vote, rather than as a line of its own.
#[must_use]
pub fn is_folded(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SuggestionReceived
            | Kind::SuggestionEntered
            | Kind::OpinionsAnswered
            | Kind::ObjectionReceived
            | Kind::ObjectionEntered
            | Kind::ObjectionAnswered
            | Kind::ConcernRaised
            | Kind::ConcernAnswered
            | Kind::InquiryReceived
            | Kind::InquiryEntered
            | Kind::InquiryAnswered
            | Kind::RatingReceived
            | Kind::RatingEntered
            | Kind::RatingAnswered
            | Kind::ContractRecorded
            | Kind::BallotDisputed
            | Kind::DisputeAnswered
            | Kind::ProgressRecorded
            | Kind::ClericalCorrected
            | Kind::EntryAnnulled
            | Kind::BallotsOpened
            | Kind::BallotOpened
    )
}
