//! The fields of each kind's form.

use crate::core::act::Kind;
use crate::core::model::Role;

/// How a field is filled, and what it becomes in the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A line of text that becomes a document.
    Line,
    /// A longer text that becomes a document.
    Long,
    /// Texts, one a line, each a document.
    Lines,
    /// A reply to each of the points that the basis holds, each a document.
    Replies,
    /// An amount, in fen in the statement.
    Yuan,
    /// A whole number.
    Number(u32, u32),
    /// A date.
    Date,
    /// A date and time of day.
    DateTime,
    /// Minutes from now, a time in the statement.
    Minutes,
    /// One of a few codes; their words are text keys `choice-<code>`.
    Choice(&'static [&'static str]),
    /// Several of a few codes.
    Several(&'static [&'static str]),
    /// One of what the record offers.
    Pick(Pool),
    /// Several of what the record offers.
    PickSeveral(Pool),
    /// Three of what the record offers.
    PickThree(Pool),
    /// Milestones of a contract, one a line.
    Milestones,
    /// Uploaded documents.
    Papers,
    /// Uploaded documents: each paper that the catalogue asks for, in a field of its own, and any others.
    Materials,
    /// The questions to be decided.
    Questions,
    /// Votes for each option of the question.
    Counts,
    /// Named papers, each as number and choice; filled on the page of the count.
    NamedPapers,
    /// People with their roles, one a line.
    People,
    /// Ballots that a witness received, one a line, as its page lists them.
    Vouched,
}

/// What the record offers to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// The ten categories.
    Categories,
    /// Office holders of the village.
    Officers,
    /// Everyone on the record of the village.
    Everyone,
    /// Suggestions that wait for an answer.
    Suggestions,
    /// Matters that are filed and on no agenda.
    Filed,
    /// Members on the session's roster, by number.
    Roster,
    /// Members on the roster who have not checked in, by number.
    RosterAway,
    /// Members who may take a paper ballot, by number.
    PaperVoters,
    /// Members whom the mobile box goes to and was not with yet, by number.
    BoxVoters,
    /// Keys in use: the actor's own, or all that the village may revoke.
    Keys,
    /// Roles that can be covered.
    CoverRoles,
    /// Roles that are held, each with its holder.
    Held,
    /// Documents of this matter or session in which a slip of the pen may be put right.
    Slips,
    /// Contracts of the matter, and their milestones that are not reached.
    Contracts,
    /// Annual plans that passed, for what lies inside their budget.
    Budgets,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name in form and statement; text key `field-<name>`.
    pub name: &'static str,
    /// How it is filled.
    pub input: Input,
    /// Whether it must be filled.
    pub required: bool,
}

const fn must(name: &'static str, input: Input) -> Spec {
    Spec { name, input, required: true }
}

const fn may(name: &'static str, input: Input) -> Spec {
    Spec { name, input, required: false }
}

const SOURCES: Input = Input::Choice(&["paper_box", "household_visit", "talk_session"]);
const PLACES: Input = Input::Several(&["board", "online", "hall", "loudspeaker"]);
const TEXT: &[Spec] = &[must("text", Input::Long)];
const REASON: &[Spec] = &[must("reason", Input::Long)];
const POSTED: &[Spec] = &[must("notice", Input::Long), must("places", PLACES)];
/// What villagers may ask of whom.
pub const INQUIRIES: &[&str] =
    &["interpellation", "complaint_supervision_committee", "complaint_township", "complaint_discipline"];
/// Scores of a rating, the best first.
pub const SCORES: &[&str] = &["score_5", "score_4", "score_3", "score_2", "score_1"];
const INQUIRY: Input = Input::Choice(INQUIRIES);
const SCORE: Input = Input::Choice(SCORES);
const PERCENT: Input = Input::Number(0, 100);

/// A list of fields that lives as long as the program.
macro_rules! form {
    ($($spec:expr),* $(,)?) => {
        const { &[$($spec),*] }
    };
}

/// The form of a kind for someone who acts in `role`; `None` for kinds that are stated otherwise: see [`elsewhere`].
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table, one arm a kind of statement")]
pub fn specs(kind: Kind, role: Role) -> Option<&'static [Spec]> {
    let own = matches!(role, Role::Villager | Role::Representative);
    Some(match kind {
        Kind::SuggestionEntered | Kind::ObjectionEntered if own => TEXT,
        Kind::SuggestionEntered | Kind::ObjectionEntered => {
            form![must("source", SOURCES), must("held_on", Input::Date), must("text", Input::Long)]
        }
        Kind::InquiryEntered if own => form![must("inquiry", INQUIRY), must("text", Input::Long)],
        Kind::InquiryEntered => form![
            must("source", SOURCES),
            must("held_on", Input::Date),
            must("inquiry", INQUIRY),
            must("text", Input::Long),
        ],
        Kind::RatingEntered if own => form![must("score", SCORE), may("text", Input::Long)],
        Kind::RatingEntered => {
            form![must("source", SOURCES), must("held_on", Input::Date), must("score", SCORE), may("text", Input::Long),]
        }
        Kind::ReturnVisitRecorded => form![
            must("held_on", Input::Date),
            must("households", Input::Number(1, 5_000)),
            must("satisfied", Input::Number(0, 5_000)),
            must("text", Input::Long),
        ],
        Kind::SuggestionDeclined | Kind::MatterWithdrawn | Kind::ChangeRequested | Kind::SessionCancelled => REASON,
        Kind::MatterProposed => form![
            must("category", Input::Pick(Pool::Categories)),
            must("title", Input::Line),
            must("plan", Input::Long),
            must("amount_fen", Input::Yuan),
            must("answers", Input::PickSeveral(Pool::Suggestions)),
        ],
        Kind::EnlargedMeetingRecorded => form![
            must("held_on", Input::Date),
            must("attendees", Input::PickSeveral(Pool::Officers)),
            must("nonvoting", Input::Number(0, 500)),
            may("opinions", Input::Long),
            must("minutes", Input::Long),
        ],
        Kind::VisitsRecorded => {
            form![
                must("held_on", Input::Date),
                must("households", Input::Number(1, 5_000)),
                may("opinions", Input::Lines)
            ]
        }
        Kind::OpinionsAnswered => form![must("answers", Input::Replies)],
        Kind::JointMeetingRecorded => form![
            must("held_on", Input::Date),
            must("attendees", Input::PickSeveral(Pool::Officers)),
            must("minutes", Input::Long),
        ],
        Kind::PlanSettled => {
            form![must("plan", Input::Long), must("amount_fen", Input::Yuan), must("questions", Input::Questions),]
        }
        Kind::PlanPosted | Kind::ResolutionPosted => POSTED,
        Kind::ObjectionAnswered
        | Kind::ConcernRaised
        | Kind::ConcernAnswered
        | Kind::InquiryAnswered
        | Kind::RatingAnswered
        | Kind::SupplementRequested
        | Kind::FilingFiled
        | Kind::BallotDisputed
        | Kind::DisputeAnswered => TEXT,
        Kind::FilingSubmitted => form![may("materials", Input::Materials)],
        Kind::SupplementProvided => form![must("materials", Input::Papers)],
        Kind::FilingReviewed => form![must("advice", Input::Choice(&["file", "return"])), must("opinion", Input::Long)],
        Kind::FilingReturned => {
            form![must("to", Input::Choice(&["proposal", "consultation"])), must("reason", Input::Long)]
        }
        Kind::SessionConvened => form![
            must("agenda", Input::PickSeveral(Pool::Filed)),
            must("starts_at", Input::DateTime),
            must("channels", Input::Several(&["online", "kiosk", "paper"])),
            must("notice", Input::Long),
        ],
        Kind::RosterFixed
        | Kind::AttendanceCheckedIn
        | Kind::AttendanceCheckedOut
        | Kind::SessionFailed
        | Kind::VotingClosed
        | Kind::ResultAnnounced => form![],
        Kind::RecusalDeclared => form![must("voter", Input::Pick(Pool::Roster)), must("reason", Input::Long)],
        Kind::TellersNamed => form![
            must("caller", Input::Pick(Pool::Everyone)),
            must("counter", Input::Pick(Pool::Everyone)),
            must("scrutineer", Input::Pick(Pool::Everyone)),
        ],
        Kind::MobileBoxNamed => form![
            must("scrutineers", Input::PickThree(Pool::Officers)),
            must("voters", Input::PickSeveral(Pool::RosterAway)),
        ],
        Kind::AttendanceRecorded => {
            form![may("present", Input::PickSeveral(Pool::RosterAway)), may("left", Input::PickSeveral(Pool::Roster))]
        }
        Kind::MinutesSigned => form![must("minutes", Input::Long)],
        Kind::VotingOpened => form![
            must("closes_at", Input::Minutes),
            may("grace_minutes", Input::Number(0, 120)),
            may("named_papers", Input::Choice(&["papers_secret", "papers_named"])),
        ],
        Kind::PaperIssued => form![must("voters", Input::PickSeveral(Pool::PaperVoters))],
        Kind::MobileBoxVisited => form![must("voters", Input::PickSeveral(Pool::BoxVoters))],
        Kind::PaperCounted | Kind::PaperRecounted => form![
            must("in_box", Input::Number(0, 5_000)),
            must("counts", Input::Counts),
            must("invalid", Input::Number(0, 5_000)),
            may("rows", Input::NamedPapers),
            may("photos", Input::Papers),
        ],
        Kind::BallotVouched => form![must("ballots", Input::Vouched)],
        Kind::VotingVoided => form![
            must("reason", Input::Choice(&["opening_missing", "too_many_papers", "dispute", "failure"])),
            must("text", Input::Long),
        ],
        Kind::ProgressRecorded => form![
            must("held_on", Input::Date),
            must("what", Input::Choice(&["works", "payment", "quality", "delivery"])),
            must("percent", PERCENT),
            must("paid_fen", Input::Yuan),
            may("contract", Input::Pick(Pool::Contracts)),
            may("witnesses", Input::PickSeveral(Pool::Everyone)),
            must("text", Input::Long),
            may("papers", Input::Papers),
        ],
        Kind::ContractRecorded => form![
            must("held_on", Input::Date),
            must("title", Input::Line),
            must("party", Input::Line),
            must("amount_fen", Input::Yuan),
            may("milestones", Input::Milestones),
            must("text", Input::Long),
            may("papers", Input::Papers),
        ],
        Kind::ImplementationSignedOff => form![must("report", Input::Long)],
        Kind::DisclosurePosted => form![
            must("category", Input::Pick(Pool::Categories)),
            must("title", Input::Line),
            must("text", Input::Long),
            must("amount_fen", Input::Yuan),
            may("budget", Input::Pick(Pool::Budgets)),
        ],
        Kind::KeyRevoked => form![
            must("key", Input::Pick(Pool::Keys)),
            must("reason", Input::Choice(&["lost", "replaced", "compromised", "ended"])),
        ],
        Kind::KinDeclared if own => form![must("other", Input::Pick(Pool::Everyone))],
        Kind::KinDeclared => {
            form![must("person", Input::Pick(Pool::Everyone)), must("other", Input::Pick(Pool::Everyone))]
        }
        Kind::TermOpened => form![
            must("term", Input::Number(1, 10_000)),
            must("from", Input::Date),
            must("until", Input::Date),
            must("people", Input::People),
            must("result", Input::Long),
        ],
        Kind::RolesGranted => form![
            must("reason", Input::Choice(&["by_election", "appointment", "registration"])),
            must("people", Input::People),
            must("text", Input::Long),
        ],
        Kind::RolesEnded => form![
            must("rows", Input::PickSeveral(Pool::Held)),
            must("reason", Input::Choice(&["resignation", "recall", "death", "office"])),
            may("text", Input::Long),
        ],
        Kind::DelegationRecorded => form![
            must("from", Input::Choice(&["villagers_assembly", "members_assembly"])),
            must("categories", Input::PickSeveral(Pool::Categories)),
            must("until", Input::Date),
            must("text", Input::Long),
        ],
        Kind::AffairsDisclosed => form![
            must("subject", Input::Choice(&["affairs", "finances"])),
            must("from", Input::Date),
            must("until", Input::Date),
            must("text", Input::Long),
            may("papers", Input::Papers),
            must("places", PLACES),
        ],
        Kind::HallPosted => form![must("text", Input::Long), may("papers", Input::Papers)],
        Kind::DocumentWithdrawn => form![
            must("reason", Input::Choice(&["personal_data", "error", "expired", "order", "conduct"])),
            may("replacement", Input::Long),
            may("papers", Input::Papers),
        ],
        Kind::ClericalCorrected => form![must("old", Input::Pick(Pool::Slips)), must("new", Input::Long)],
        Kind::MatterAnnulled => {
            form![must("authority", Input::Choice(&["court", "township"])), must("reason", Input::Long)]
        }
        Kind::EmergencyDecided => form![
            must("held_on", Input::Date),
            must("category", Input::Pick(Pool::Categories)),
            must("title", Input::Line),
            must("reason", Input::Long),
            must("plan", Input::Long),
            must("amount_fen", Input::Yuan),
            must("questions", Input::Questions),
        ],
        Kind::RoleCovered => form![
            must("role", Input::Pick(Pool::CoverRoles)),
            must("holder", Input::Pick(Pool::Officers)),
            must("person", Input::Pick(Pool::Everyone)),
            must("from", Input::Date),
            must("until", Input::Date),
            must("reason", Input::Long),
        ],
        Kind::SubstituteRequested => {
            form![must("cause", Input::Choice(&["absent", "near_kin", "vacant"])), must("reason", Input::Long)]
        }
        _ => return None,
    })
}

/// How a kind without a form is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// Signed by the district's roots off line, and carried over.
    Roots,
    /// By the server itself, when the time has come or somebody without a key writes.
    Log,
    /// On the pages of an enrolment.
    Enrolment,
    /// On the voter's own pages.
    VotersPath,
    /// At a terminal in the hall.
    Terminal,
}

/// Why a kind has no form; `None` where it must have one.
#[must_use]
pub fn elsewhere(kind: Kind) -> Option<Elsewhere> {
    match kind {
        Kind::VillageFounded
        | Kind::RootsChanged
        | Kind::LogKeyRotated
        | Kind::RulesAdopted
        | Kind::ProfileAdopted
        | Kind::CatalogueAdopted
        | Kind::CalendarAdopted
        | Kind::OfficialsEnrolled
        | Kind::OfficialsEnded
        | Kind::VillageRenamed
        | Kind::VillageMerged
        | Kind::EntryAnnulled => Some(Elsewhere::Roots),
        Kind::SuggestionReceived
        | Kind::ObjectionReceived
        | Kind::InquiryReceived
        | Kind::RatingReceived
        | Kind::DeadlinePassed
        | Kind::DeliveriesEnded
        | Kind::TimeAnchored
        | Kind::BallotsOpened => Some(Elsewhere::Log),
        Kind::KeysEnrolled => Some(Elsewhere::Enrolment),
        Kind::BallotCast | Kind::BallotOpened => Some(Elsewhere::VotersPath),
        Kind::TerminalRegistered | Kind::TerminalSealed => Some(Elsewhere::Terminal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Elsewhere, elsewhere, specs};
    use crate::core::act::Kind;
    use crate::core::model::Role;
    use crate::core::table;

    /// Everyone who may sign a kind in a browser finds its form, and nobody else needs one.
    #[test]
    fn every_kind_that_people_sign_has_a_form_or_a_reason_for_none() {
        for kind in Kind::ALL {
            let mut roles = table::row(*kind).signers.iter().flatten().flatten();
            match elsewhere(*kind) {
                None => {
                    let lacking: Vec<_> = roles
                        .filter(|role| !matches!(role, Role::Root | Role::Log) && specs(*kind, **role).is_none())
                        .collect();
                    assert!(lacking.is_empty(), "{kind} has no form for {lacking:?}");
                }
                Some(Elsewhere::Roots) => assert!(roles.any(|role| *role == Role::Root), "{kind} is not the roots'"),
                Some(Elsewhere::Log) => assert!(roles.all(|role| *role == Role::Log), "{kind} is not the log's alone"),
                Some(Elsewhere::VotersPath) => {
                    let own = roles.all(|role| matches!(role, Role::Voter | Role::Terminal));
                    assert!(own, "{kind} is no voter's");
                }
                Some(Elsewhere::Terminal) => {
                    assert!(roles.any(|role| *role == Role::Terminal), "{kind} is no terminal's");
                }
                Some(Elsewhere::Enrolment) => assert_eq!(*kind, Kind::KeysEnrolled),
            }
            assert!(elsewhere(*kind).is_none() || specs(*kind, Role::Clerk).is_none(), "{kind} has a form after all");
        }
    }
}
