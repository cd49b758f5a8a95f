//! The judge: whether a statement is lawful as the record stands, and what it changes. Pure: the server refuses with the
//! very function that a verifier judges with, so nothing accepted can later be called unlawful.

pub mod case;
pub mod count;
pub mod filing;
pub mod founding;
pub mod inquiry;
pub mod matter;
pub mod people;
pub mod plan;
pub mod session;
pub mod terminal;
pub mod village;
pub mod voting;
pub mod witness;
pub mod works;

use std::sync::Arc;

use crate::core::act::Act;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PublicKey, SessionId, VillageCode};
use crate::core::judge::case::Case;
use crate::core::model::{Channel, QuestionCode, codes};
use crate::core::reject::Rejection;
use crate::core::state::matter::Matter;
use crate::core::state::people::People;
use crate::core::state::session::Session;
use crate::core::state::voting::{Cast, FromTerminal, Voting};
use crate::core::state::{Anchor, Arriving, Law, Position, State};
use crate::core::statement::Statement;

codes!(
    /// What is lawful and still worth showing.
    Remark {
        /// The act was entered more than three working days after it was held.
        LateEntry = "late_entry",
        /// The township's review is overdue.
        ReviewOverdue = "review_overdue",
        /// The township's discipline officer signed for the supervision committee.
        Substituted = "substituted",
        /// Decided in an emergency, to be ratified.
        Emergency = "emergency",
        /// The rule profile's numbers are not yet confirmed by the district.
        ProfileUnconfirmed = "profile_unconfirmed",
        /// Fewer than five voted on paper: their choices can be inferred.
        FewPapers = "few_papers",
        /// A vote was declared void.
        Voided = "voided",
        /// An entry lost its effect.
        Annulled = "annulled",
        /// More paper ballots were found than issued.
        PaperExcess = "paper_excess",
        /// More was paid than the settled plan allows.
        Overpaid = "overpaid",
        /// More was agreed in contracts than the settled plan allows.
        OverContracted = "over_contracted",
        /// More was paid under a contract than its price.
        ContractOverpaid = "contract_overpaid",
        /// A ballot counts by when an inspector's witness received it.
        Vouched = "vouched",
        /// Papers were handed out before the closing, and that came on record after it.
        PaperDeliveredLate = "paper_delivered_late",
        /// The papers were counted a second time.
        Recounted = "recounted",
        /// A ballot that an inspector vouched for never came.
        VouchedMissing = "vouched_missing",
        /// A terminal sealed itself with more ballots than came.
        DeliveriesMissing = "deliveries_missing",
        /// A terminal's ballot has no effect: a later one of the voter is on record, or the voter's key was revoked before it came.
        BallotOvertaken = "ballot_overtaken",
    }
);

/// The new value of something a statement changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Law(Arc<Law>),
    People(Arc<People>),
    Roots(Vec<PublicKey>),
    LogKey(PublicKey),
    Anchor(Anchor),
    MergedInto(VillageCode),
    Matter(MatterId, Arc<Matter>),
    Session(SessionId, Arc<Session>),
    Voting(SessionId, (MatterId, QuestionCode), Arc<Voting>),
    Ballot(SessionId, (MatterId, QuestionCode), (u32, Channel), Cast),
    Terminal(SessionId, (MatterId, QuestionCode), u16, FromTerminal),
    Arriving(String, Option<Arriving>),
}

/// What a lawful statement changes. Can only be made by judging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    at: Position,
    id: Digest,
    known_until: Time,
    /// What is worth showing.
    pub remarks: Vec<Remark>,
    parts: Vec<Part>,
}

/// Judges a statement against the state it would be added to.
///
/// `id` is the statement's id (PROTOCOL 1), `at` the position its entry would have. Signatures are checked elsewhere:
/// here the keys named in `by` are taken as having signed.
///
/// # Errors
/// The first rule that it breaks.
pub fn judge(state: &State, statement: &Statement, id: Digest, at: Position) -> Result<Change, Rejection> {
    let mut case = Case::open(state, statement, id, at)?;
    decide(&mut case, &statement.act)?;
    Ok(case.into_change())
}

/// What goes beyond the table, kind by kind.
#[expect(clippy::too_many_lines, reason = "a line for each kind")]
fn decide(case: &mut Case<'_>, act: &Act) -> Result<(), Rejection> {
    match act {
        Act::VillageFounded(_) => founding::again(),
        Act::RootsChanged(act) => village::roots_changed(case, act),
        Act::LogKeyRotated(act) => village::log_key_rotated(case, act),
        Act::RulesAdopted(act) => village::rules_adopted(case, act),
        Act::ProfileAdopted(act) => village::profile_adopted(case, act),
        Act::CatalogueAdopted(act) => village::catalogue_adopted(case, act),
        Act::CalendarAdopted(act) => village::calendar_adopted(case, act),
        Act::OfficialsEnrolled(act) => people::officials_enrolled(case, act),
        Act::OfficialsEnded(act) => people::officials_ended(case, act),
        Act::VillageRenamed(_) => Ok(()),
        Act::HallPosted(act) => inquiry::posted(act),
        Act::DocumentWithdrawn(act) => matter::document_withdrawn(case, act),
        Act::VillageMerged(act) => village::merged(case, act),
        Act::EntryAnnulled(act) => village::entry_annulled(case, act),
        Act::TermOpened(act) => people::term_opened(case, act),
        Act::RolesGranted(act) => people::roles_granted(case, act),
        Act::RolesEnded(act) => people::roles_ended(case, act),
        Act::RoleCovered(act) => people::role_covered(case, act),
        Act::KinDeclared(act) => people::kin_declared(case, act),
        Act::KeysEnrolled(act) => people::keys_enrolled(case, act),
        Act::KeyRevoked(act) => people::key_revoked(case, act),
        Act::SubstituteRequested(act) => {
            people::substitute_requested(case, act);
            Ok(())
        }
        Act::AffairsDisclosed(act) => village::affairs_disclosed(case, act),
        Act::DelegationRecorded(act) => village::delegation_recorded(case, act),
        Act::ClericalCorrected(act) => village::clerical_corrected(case, act),
        Act::SuggestionReceived(act) => matter::suggestion_received(case, act),
        Act::SuggestionEntered(act) => matter::suggestion_entered(case, act),
        Act::SuggestionDeclined(_) => matter::suggestion_declined(case),
        Act::MatterProposed(act) => matter::proposed(case, act),
        Act::EnlargedMeetingRecorded(act) => matter::enlarged_meeting(case, act),
        Act::VisitsRecorded(act) => matter::visits(case, act),
        Act::OpinionsAnswered(act) => matter::opinions_answered(case, act),
        Act::JointMeetingRecorded(act) => matter::joint_meeting(case, act),
        Act::PlanSettled(act) => plan::settled(case, act),
        Act::PlanPosted(act) => plan::posted(case, act),
        Act::ObjectionReceived(_) => plan::objection(case),
        Act::ObjectionEntered(act) => plan::objection_entered(case, act),
        Act::ObjectionAnswered(_) | Act::ConcernAnswered(_) => plan::answered(case),
        Act::ConcernRaised(_) => plan::concern(case),
        Act::InquiryReceived(act) => inquiry::received(case, act),
        Act::InquiryEntered(act) => inquiry::entered(case, act),
        Act::InquiryAnswered(_) => inquiry::answered(case),
        Act::FilingSubmitted(act) => filing::submitted(case, act),
        Act::SupplementRequested(_) => filing::supplement_requested(case),
        Act::SupplementProvided(act) => filing::supplement_provided(case, act),
        Act::FilingReviewed(_) => case.step_matter(|_| {}),
        Act::FilingFiled(_) => filing::filed(case),
        Act::FilingReturned(act) => filing::returned(case, act),
        Act::DeadlinePassed(act) => filing::deadline_passed(case, act),
        Act::MatterWithdrawn(_) => matter::withdrawn(case),
        Act::ChangeRequested(_) => matter::change_requested(case),
        Act::MatterAnnulled(_) => matter::annulled(case),
        Act::EmergencyDecided(act) => plan::emergency(case, act),
        Act::DisclosurePosted(act) => plan::disclosure(case, act),
        Act::ResolutionPosted(act) => plan::resolution_posted(case, act),
        Act::ContractRecorded(act) => works::contract(case, act),
        Act::ProgressRecorded(act) => works::progress(case, act),
        Act::ImplementationSignedOff(_) => works::signed_off(case),
        Act::RatingReceived(act) => inquiry::rated(case, act.score, act.text.as_ref(), None),
        Act::RatingEntered(act) => inquiry::rated(case, act.score, act.text.as_ref(), Some(act.source)),
        Act::RatingAnswered(_) => inquiry::close(case),
        Act::ReturnVisitRecorded(act) => inquiry::return_visit(case, act),
        Act::SessionConvened(act) => session::convened(case, act),
        Act::SessionCancelled(_) => session::cancelled(case),
        Act::RosterFixed(act) => session::roster_fixed(case, act),
        Act::TerminalRegistered(act) => terminal::registered(case, *act),
        Act::RecusalDeclared(act) => session::recusal(case, act),
        Act::TellersNamed(act) => session::tellers(case, act),
        Act::MobileBoxNamed(act) => session::mobile_box(case, act),
        Act::AttendanceCheckedIn(act) => session::checked_in(case, act),
        Act::AttendanceCheckedOut(act) => session::checked_out(case, act),
        Act::AttendanceRecorded(act) => session::attendance(case, act),
        Act::SessionFailed(act) => session::failed(case, act),
        Act::MinutesSigned(_) => session::minutes(case),
        Act::VotingOpened(act) => voting::opened(case, act),
        Act::BallotCast(act) => voting::cast(case, act),
        Act::BallotVouched(act) => witness::vouched(case, act),
        Act::TimeAnchored(act) => witness::anchored(case, act),
        Act::TerminalSealed(act) => terminal::sealed(case, *act),
        Act::VotingClosed(_) => voting::closed(case),
        Act::DeliveriesEnded(_) => voting::deliveries_ended(case),
        Act::PaperIssued(act) => voting::paper_issued(case, act),
        Act::MobileBoxVisited(act) => voting::box_visited(case, act),
        Act::PaperCounted(act) => count::paper_counted(case, act),
        Act::PaperRecounted(act) => count::paper_recounted(case, act),
        Act::BallotDisputed(_) => count::disputed(case),
        Act::DisputeAnswered(_) => count::dispute_answered(case),
        Act::BallotsOpened(act) => count::ballots_opened(case, act),
        Act::BallotOpened(act) => count::ballot_opened(case, act),
        Act::ResultAnnounced(act) => count::announced(case, act),
        Act::VotingVoided(act) => count::voided(case, act),
    }
}

impl Change {
    /// The matters that it changes.
    pub fn matters(&self) -> impl Iterator<Item = MatterId> {
        self.parts.iter().filter_map(|part| match part {
            Part::Matter(id, _) | Part::Voting(_, (id, _), _) => Some(*id),
            _ => None,
        })
    }

    /// The sessions that it changes, ballots apart.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.parts.iter().filter_map(|part| match part {
            Part::Session(id, _) | Part::Voting(id, _, _) => Some(*id),
            _ => None,
        })
    }

    /// Whether it changes people, roles or keys.
    #[must_use]
    pub fn changes_people(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::People(_)))
    }
}

impl State {
    /// Applies a judged change. The change must have been judged against this very state.
    pub fn apply(&mut self, change: Change) {
        for part in change.parts {
            match part {
                Part::Law(law) => self.law = law,
                Part::People(people) => self.people = people,
                Part::Roots(roots) => self.roots = roots,
                Part::LogKey(key) => self.log_key = key,
                Part::Anchor(anchor) => self.anchor = Some(anchor),
                Part::MergedInto(village) => self.merged_into = Some(village),
                Part::Matter(id, matter) => {
                    self.matters.insert(id, matter);
                }
                Part::Session(id, session) => {
                    self.sessions.insert(id, session);
                }
                Part::Voting(id, key, voting) => {
                    if let Some(session) = self.sessions.get_mut(&id) {
                        Arc::make_mut(session).votings.insert(key, voting);
                    }
                }
                Part::Ballot(id, key, by, cast) => {
                    let session = self.sessions.get_mut(&id).map(Arc::make_mut);
                    if let Some(voting) = session.and_then(|session| session.votings.get_mut(&key)) {
                        Arc::make_mut(voting).ballots.insert(by, cast);
                    }
                }
                Part::Terminal(id, key, terminal, from) => {
                    let session = self.sessions.get_mut(&id).map(Arc::make_mut);
                    if let Some(voting) = session.and_then(|session| session.votings.get_mut(&key)) {
                        Arc::make_mut(voting).terminals.insert(terminal, from);
                    }
                }
                Part::Arriving(key, Some(arriving)) => {
                    self.arriving.insert(key, arriving);
                }
                Part::Arriving(key, None) => {
                    self.arriving.remove(&key);
                }
            }
        }
        self.recent.add(change.known_until, change.id, change.at.time);
        self.last = change.at;
    }
}
