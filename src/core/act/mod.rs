//! What can be stated: every kind with the fields that are its own. The fields that many kinds share (matter, session,
//! question, basis, date of the act, part) are in the statement's header, and the table in `law.json` says which kind has which.

pub mod inquiry;
pub mod matter;
pub mod session;
pub mod village;
pub mod voting;
pub mod works;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::core::act::{inquiry as i, matter as m, session as s, village as v, voting as b, works as w};
use crate::core::ids::IdError;

macro_rules! acts {
    ($($variant:ident($body:ty) = $code:literal,)+) => {
        /// The kind of a statement, `noun.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = concat!("`", $code, "`")] $variant,)+ }

        /// What a statement says, without its header.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Act { $(#[doc = concat!("`", $code, "`")] $variant($body),)+ }

        impl Kind {
            /// Every kind, in the order of the protocol page.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Reads the kind's own fields; unknown or missing fields are errors.
            ///
            /// # Errors
            /// The first field that doesn't fit.
            pub fn act<'de, D>(self, fields: D) -> Result<Act, serde_json::Error>
            where
                D: Deserializer<'de, Error = serde_json::Error>,
            {
                match self { $(Self::$variant => <$body>::deserialize(fields).map(Act::$variant),)+ }
            }
        }
        impl FromStr for Kind {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                match text { $($code => Ok(Self::$variant),)+ _ => Err(IdError { what: "Kind" }) }
            }
        }
        impl Act {
            /// Which kind it is.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)+ }
            }

            /// The kind's own fields as JSON.
            ///
            /// # Errors
            /// Never for acts built from their types; the signature is serde's.
            pub fn fields(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Self::$variant(body) => serde_json::to_value(body),)+ }
            }
        }
    };
}

acts! {
    VillageFounded(v::Founded) = "village.founded",
    RootsChanged(v::RootsChanged) = "roots.changed",
    LogKeyRotated(v::LogKeyRotated) = "log_key.rotated",
    RulesAdopted(v::RulesAdopted) = "rules.adopted",
    ProfileAdopted(v::ProfileAdopted) = "profile.adopted",
    CatalogueAdopted(v::CatalogueAdopted) = "catalogue.adopted",
    CalendarAdopted(v::CalendarAdopted) = "calendar.adopted",
    OfficialsEnrolled(v::OfficialsEnrolled) = "officials.enrolled",
    OfficialsEnded(v::RolesEnded) = "officials.ended",
    VillageRenamed(v::Renamed) = "village.renamed",
    VillageMerged(v::Merged) = "village.merged",
    EntryAnnulled(v::EntryAnnulled) = "entry.annulled",
    TermOpened(v::TermOpened) = "term.opened",
    RolesGranted(v::RolesGranted) = "roles.granted",
    RolesEnded(v::RolesEnded) = "roles.ended",
    RoleCovered(v::RoleCovered) = "role.covered",
    KinDeclared(v::KinDeclared) = "kin.declared",
    KeysEnrolled(v::KeysEnrolled) = "keys.enrolled",
    KeyRevoked(v::KeyRevoked) = "key.revoked",
    SubstituteRequested(v::SubstituteRequested) = "substitute.requested",
    DelegationRecorded(v::DelegationRecorded) = "delegation.recorded",
    AffairsDisclosed(v::AffairsDisclosed) = "affairs.disclosed",
    HallPosted(i::HallPosted) = "hall.posted",
    DocumentWithdrawn(v::DocumentWithdrawn) = "document.withdrawn",
    ClericalCorrected(v::ClericalCorrected) = "clerical.corrected",
    SuggestionReceived(m::SuggestionReceived) = "suggestion.received",
    SuggestionEntered(m::SuggestionEntered) = "suggestion.entered",
    SuggestionDeclined(m::Reason) = "suggestion.declined",
    MatterProposed(m::Proposed) = "matter.proposed",
    EnlargedMeetingRecorded(m::EnlargedMeeting) = "enlarged_meeting.recorded",
    VisitsRecorded(m::Visits) = "visits.recorded",
    OpinionsAnswered(m::OpinionsAnswered) = "opinions.answered",
    JointMeetingRecorded(m::JointMeeting) = "joint_meeting.recorded",
    PlanSettled(m::PlanSettled) = "plan.settled",
    PlanPosted(m::Posted) = "plan.posted",
    ObjectionReceived(m::ObjectionReceived) = "objection.received",
    ObjectionEntered(m::ObjectionEntered) = "objection.entered",
    ObjectionAnswered(m::Text) = "objection.answered",
    ConcernRaised(m::Text) = "concern.raised",
    ConcernAnswered(m::Text) = "concern.answered",
    InquiryReceived(i::InquiryReceived) = "inquiry.received",
    InquiryEntered(i::InquiryEntered) = "inquiry.entered",
    InquiryAnswered(m::Text) = "inquiry.answered",
    FilingSubmitted(m::Filing) = "filing.submitted",
    SupplementRequested(m::Text) = "supplement.requested",
    SupplementProvided(m::Materials) = "supplement.provided",
    FilingReviewed(m::Reviewed) = "filing.reviewed",
    FilingFiled(m::Text) = "filing.filed",
    FilingReturned(m::Returned) = "filing.returned",
    DeadlinePassed(m::DeadlinePassed) = "deadline.passed",
    MatterWithdrawn(m::Reason) = "matter.withdrawn",
    ChangeRequested(m::Reason) = "change.requested",
    MatterAnnulled(m::Annulled) = "matter.annulled",
    EmergencyDecided(m::Emergency) = "emergency.decided",
    DisclosurePosted(m::Disclosure) = "disclosure.posted",
    ResolutionPosted(m::Posted) = "resolution.posted",
    ContractRecorded(w::Contract) = "contract.recorded",
    ProgressRecorded(w::Progress) = "progress.recorded",
    ImplementationSignedOff(w::SignedOff) = "implementation.signed_off",
    RatingReceived(i::RatingReceived) = "rating.received",
    RatingEntered(i::RatingEntered) = "rating.entered",
    RatingAnswered(m::Text) = "rating.answered",
    ReturnVisitRecorded(i::ReturnVisit) = "return_visit.recorded",
    SessionConvened(s::Convened) = "session.convened",
    SessionCancelled(m::Reason) = "session.cancelled",
    RosterFixed(s::RosterFixed) = "roster.fixed",
    TerminalRegistered(s::TerminalRegistered) = "terminal.registered",
    RecusalDeclared(s::RecusalDeclared) = "recusal.declared",
    TellersNamed(s::TellersNamed) = "tellers.named",
    MobileBoxNamed(s::MobileBoxNamed) = "mobile_box.named",
    AttendanceCheckedIn(s::CheckedIn) = "attendance.checked_in",
    AttendanceCheckedOut(s::CheckedOut) = "attendance.checked_out",
    AttendanceRecorded(s::AttendanceRecorded) = "attendance.recorded",
    SessionFailed(s::SessionFailed) = "session.failed",
    MinutesSigned(s::MinutesSigned) = "minutes.signed",
    VotingOpened(b::VotingOpened) = "voting.opened",
    BallotCast(b::BallotCast) = "ballot.cast",
    BallotVouched(b::BallotVouched) = "ballot.vouched",
    TimeAnchored(b::TimeAnchored) = "time.anchored",
    TerminalSealed(b::TerminalSealed) = "terminal.sealed",
    VotingClosed(b::Nothing) = "voting.closed",
    DeliveriesEnded(b::Nothing) = "deliveries.ended",
    PaperIssued(b::PaperIssued) = "paper.issued",
    MobileBoxVisited(b::MobileBoxVisited) = "mobile_box.visited",
    PaperCounted(b::PaperCounted) = "paper.counted",
    PaperRecounted(b::PaperCounted) = "paper.recounted",
    BallotDisputed(m::Text) = "ballot.disputed",
    DisputeAnswered(m::Text) = "dispute.answered",
    BallotsOpened(b::BallotsOpened) = "ballots.opened",
    BallotOpened(b::Opening) = "ballot.opened",
    ResultAnnounced(b::ResultAnnounced) = "result.announced",
    VotingVoided(b::VotingVoided) = "voting.voided",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::core::ids::from_text(deserializer)
    }
}
