//! Every rule code is reached: for each there is one statement that breaks it, and nothing before it.

use sunvote::core::act::matter::{Annulled, Authority, Disclosure, Place, Posted, Proposed};
use sunvote::core::act::village::{
    CalendarAdopted, ClericalCorrected, GrantReason, KeyRevoked, KinDeclared, RevokeReason, RolesGranted, RulesAdopted,
};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId, PersonId};
use sunvote::core::model::{Category, Level, Media, Role, Stage};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::{Header, Statement};
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::ledger::{Appended, replay};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;
use sunvote::log::sigset::Keyring;

use crate::rules_vote as vote;
use crate::support::{ASSEMBLY, at_ballot, enrol, founded, hand, key, public, village};
use crate::{boxes, terminals};

const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

/// What a statement that must be refused was refused for.
pub fn rejected<T: std::fmt::Debug>(result: Result<T, Rejection>) -> Rejection {
    result.unwrap_err()
}

/// Breaks one rule. Exhaustive: a rule that nothing breaks does not compile.
fn broken(rule: Rule) -> Rejection {
    match rule {
        Rule::StatementForm => a_duplicate_member(),
        Rule::StatementSignature => a_signature_of_other_bytes(),
        Rule::StatementKind => an_unknown_kind(),
        Rule::StatementFields => an_unknown_field(),
        Rule::StatementVillage => a_statement_for_another_village(),
        Rule::StatementReplayed => a_statement_entered_twice(),
        Rule::StatementTime => a_statement_signed_eleven_minutes_ago(),
        Rule::RulesUnknown => rules_of_a_later_version(),
        Rule::FoundingPlace => a_second_founding(),
        Rule::FoundingRoots => a_founding_by_a_root_that_it_does_not_name(),
        Rule::FoundingOtherRoots => a_founding_by_roots_that_the_reader_did_not_name(),
        Rule::SignerCount => one_signer_for_two(),
        Rule::SignerRole => a_proposal_by_the_clerk(),
        Rule::SignerKey => a_key_of_somebody_else(),
        Rule::SignerKeyRevoked => a_revoked_key(),
        Rule::SignerKin => two_near_kin(),
        Rule::SignerSame => one_person_in_two_roles(),
        Rule::KeyUnfit => one_key_for_two_persons(),
        Rule::PersonUnknown => a_key_for_nobody(),
        Rule::RoleConflict => the_chair_on_the_supervision_committee(),
        Rule::ListForm => a_session_without_an_agenda(),
        Rule::PartOrder => vote::a_second_part_without_a_first(),
        Rule::ValueRange => a_holiday_of_another_year(),
        Rule::MatterUnknown => a_proposal_out_of_nothing(),
        Rule::MatterEnded => a_proposal_after_withdrawal(),
        Rule::StageWrong => a_session_before_filing(),
        Rule::PaperMissing => visits_before_the_enlarged_meeting(),
        Rule::BasisStale => a_proposal_that_rests_on_nothing(),
        Rule::OpenPoint => a_proposal_over_a_concern(),
        Rule::HeldOnFuture => a_meeting_held_tomorrow(),
        Rule::NoticeEarly => a_filing_before_the_notice_is_over(),
        Rule::NoticeOver => an_objection_after_the_window(),
        Rule::ProfileWrong => land_contracting_before_representatives(),
        Rule::DelegationMissing => representatives_without_delegation(),
        Rule::DisclosureNotEnough => disclosure_instead_of_a_ballot(),
        Rule::SessionUnknown => vote::tellers_of_no_session(),
        Rule::SessionState => vote::a_roster_after_cancelling(),
        Rule::RosterWrong => vote::a_roster_without_its_last_member(),
        Rule::VoterUnknown => vote::a_ballot_in_another_voters_name(),
        Rule::VoterAbsent => vote::a_ballot_of_who_is_not_there(),
        Rule::VoterRecused => vote::a_ballot_of_a_recused_member(),
        Rule::VoterKeyNew => vote::a_ballot_by_a_key_from_after_the_opening(),
        Rule::QuorumMissing => vote::an_opening_with_29_of_45(),
        Rule::QuorumReached => vote::a_failure_with_30_of_45(),
        Rule::AttendanceWrong => vote::an_opening_that_counts_one_too_many(),
        Rule::TellersUnfit => vote::one_person_calls_and_counts(),
        Rule::QuestionWrong => vote::an_opening_with_another_plan(),
        Rule::VotingState => vote::a_second_opening(),
        Rule::VotingUnderway => vote::a_withdrawal_during_the_vote(),
        Rule::BallotLate => vote::a_ballot_after_closing(),
        Rule::BallotRevision => vote::an_older_revision(),
        Rule::BallotChannel => vote::a_ballot_by_a_closed_channel(),
        Rule::BallotPaper => vote::a_ballot_beside_paper(),
        Rule::BoxForbidden => boxes::a_box_where_no_profile_allows_it(),
        Rule::BoxVoter => boxes::a_visit_to_who_is_in_the_hall(),
        Rule::PaperNamed => vote::an_opening_with_named_papers_and_no_paper(),
        Rule::TerminalTaken => terminals::a_number_twice(),
        Rule::TerminalOrder => terminals::a_ballot_left_out(),
        Rule::TerminalSeal => terminals::a_late_ballot_without_a_seal(),
        Rule::AnchorWrong => a_second_anchor_at_once(),
        Rule::CloseEarly => vote::closing_before_all_have_voted(),
        Rule::OpeningWrong => vote::another_choice_than_was_cast(),
        Rule::OpeningMissing => vote::a_result_without_every_opening(),
        Rule::CountMissing => vote::openings_before_the_paper_count(),
        Rule::CountWrong => vote::a_count_without_every_option(),
        Rule::CountRows => vote::a_secret_paper_by_its_voter(),
        Rule::CountPhotos => vote::photographs_for_everyone(),
        Rule::CountExcess => vote::a_result_with_more_paper_than_issued(),
        Rule::ResultWrong => vote::a_result_that_is_not_the_ballots(),
        Rule::DocumentLevel => a_notice_that_villagers_can_not_read(),
        Rule::AnnulmentIdle => an_annulment_of_nothing(),
        Rule::CorrectionForbidden => a_correction_of_the_settled_plan(),
    }
}

#[test]
fn every_rule_is_reached_by_a_statement_that_breaks_it() {
    let others: Vec<_> =
        Rule::ALL.iter().map(|rule| (*rule, broken(*rule))).filter(|(rule, r)| r.rule != *rule).collect();
    assert!(others.is_empty(), "never reached: {others:#?}");
}

/// A founded village with township and term, and a suggestion on record.
fn suggested() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.suggest("建议硬化机耕路").unwrap();
    (scribe, matter)
}

fn proposed() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    (scribe, matter)
}

/// What anyone could sign: a declaration of kinship between two representatives.
fn kinship(scribe: &Scribe) -> (Vec<Hand>, Act) {
    let mut persons = vec![scribe.representative(0), scribe.representative(1)];
    persons.sort_unstable();
    (scribe.two().to_vec(), Act::KinDeclared(KinDeclared { persons }))
}

fn a_duplicate_member() -> Rejection {
    let payload = br#"{"kind":"village.founded","kind":"village.founded"}"#.to_vec();
    rejected(Signed::read(Envelope::sign(STATEMENT_TYPE, payload, &[&key(1)])))
}

fn a_notice_that_villagers_can_not_read() -> Rejection {
    let (mut scribe, draft) = (village(), Draft::of(Category::M02));
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.settle_plan(matter, &draft).unwrap();
    let notice = scribe.document(Level::Officials, Media::Text, "方案公示".into());
    let act = Act::PlanPosted(Posted { notice, places: vec![Place::Board] });
    let header = Header::of(matter).on(scribe.paper(matter, Kind::PlanSettled));
    rejected(scribe.act(&[scribe.hand(Role::Clerk)], header, act))
}

fn a_signature_of_other_bytes() -> Rejection {
    let scribe = village();
    let (by, act) = kinship(&scribe);
    let mut signed = scribe.sign(&by, &scribe.draft(&by, Header::default(), act).unwrap()).unwrap();
    signed.verify(&mut Keyring::default()).unwrap();
    signed.envelope.signatures[1].sig = signed.envelope.signatures[0].sig;
    rejected(signed.verify(&mut Keyring::default()))
}

/// The payload of a lawful statement with one text in place of another.
fn reread(from: &str, to: &str) -> Rejection {
    let scribe = village();
    let (by, act) = kinship(&scribe);
    let payload = scribe.draft(&by, Header::default(), act).unwrap().to_payload().unwrap();
    let payload = String::from_utf8(payload).unwrap();
    assert!(payload.contains(from), "{payload}");
    rejected(Statement::parse(payload.replacen(from, to, 1).as_bytes()))
}

fn an_unknown_kind() -> Rejection {
    reread("kin.declared", "kin.guessed")
}

fn an_unknown_field() -> Rejection {
    reread(r#""kind""#, r#""note":1,"kind""#)
}

fn a_statement_for_another_village() -> Rejection {
    let mut scribe = village();
    let (by, act) = kinship(&scribe);
    let mut statement = scribe.draft(&by, Header::default(), act).unwrap();
    statement.village = "331102001207".parse().unwrap();
    rejected(scribe.submit(&by, &statement))
}

fn a_statement_entered_twice() -> Rejection {
    let mut scribe = village();
    let (by, act) = kinship(&scribe);
    let statement = scribe.draft(&by, Header::default(), act).unwrap();
    scribe.submit(&by, &statement).unwrap();
    rejected(scribe.wait_days(2).submit(&by, &statement))
}

fn a_statement_signed_eleven_minutes_ago() -> Rejection {
    let (mut scribe, matter) = suggested();
    let text = scribe.text("关注");
    let by = [scribe.hand(Role::SupervisionCommittee)];
    let act = Act::ConcernRaised(sunvote::core::act::matter::Text { text });
    let statement = scribe.draft(&by, Header::of(matter), act).unwrap();
    rejected(scribe.wait_minutes(11).submit(&by, &statement))
}

fn rules_of_a_later_version() -> Rejection {
    rejected(village().act(ROOTS, Header::default(), Act::RulesAdopted(RulesAdopted { rules: 2 })))
}

fn founding_of(scribe: &Scribe) -> Signed {
    let entry = sunvote::log::entry::Entry::parse(&scribe.entries[0].bytes).unwrap();
    Signed::read(entry.statement).unwrap()
}

fn a_second_founding() -> Rejection {
    let mut scribe = founded();
    let again = founding_of(&scribe).statement.act;
    rejected(scribe.wait_minutes(1).act(ROOTS, Header::default(), again))
}

fn a_founding_by_a_root_that_it_does_not_name() -> Rejection {
    let scribe = founded();
    let (mut founding, first) = (founding_of(&scribe), &scribe.entries[0]);
    let Act::VillageFounded(act) = &mut founding.statement.act else { unreachable!("entry 0 is the founding") };
    act.roots[0] = public(&key(1));
    rejected(replay(&mut None, &founding.statement, founding.id, first.at, None))
}

fn a_founding_by_roots_that_the_reader_did_not_name() -> Rejection {
    let scribe = founded();
    let (founding, first) = (founding_of(&scribe), &scribe.entries[0]);
    let trusted = [public(&key(1)), public(&key(2))];
    let mut statement = founding.statement;
    // Whatever else a stranger writes, such as a later version: it is a stranger's.
    if let Act::VillageFounded(act) = &mut statement.act {
        act.rules = 2;
    }
    rejected(replay(&mut None, &statement, founding.id, first.at, Some(&trusted)))
}

fn one_signer_for_two() -> Rejection {
    let mut scribe = village();
    rejected(scribe.adopt_alone())
}

/// A profile adopted by one root.
trait Alone {
    fn adopt_alone(&mut self) -> Result<Appended, Rejection>;
}

impl Alone for Scribe {
    fn adopt_alone(&mut self) -> Result<Appended, Rejection> {
        let profile = crate::support::local_profile(|_| {});
        let act = Act::ProfileAdopted(sunvote::core::act::village::ProfileAdopted { profile });
        self.act(&[Hand::Root(0)], Header::default(), act)
    }
}

fn a_proposal_by_the_clerk() -> Rejection {
    let (mut scribe, matter) = suggested();
    scribe.prefer(Role::BranchSecretary, scribe.clerk());
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn a_key_of_somebody_else() -> Rejection {
    let (mut scribe, matter) = suggested();
    let clerks = scribe.someone(scribe.clerk()).unwrap().key.clone();
    scribe.use_key(scribe.secretary(), clerks);
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn a_revoked_key() -> Rejection {
    let (mut scribe, matter) = suggested();
    let lost = scribe.someone(scribe.secretary()).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&[hand(scribe.secretary(), Role::Holder)], Header::default(), act).unwrap();
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn two_near_kin() -> Rejection {
    let mut scribe = village();
    let mut persons = vec![scribe.clerk(), scribe.supervisor(0)];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    scribe.act(&[hand(scribe.clerk(), Role::Villager)], Header::default(), act).unwrap();
    rejected(scribe.record_delegations())
}

fn one_person_in_two_roles() -> Rejection {
    let mut scribe = village();
    let clerk = scribe.clerk();
    scribe.grant(clerk, &[Role::SupervisionCommittee], GrantReason::Appointment).unwrap();
    let (_, act) = kinship(&scribe);
    rejected(scribe.act(&[hand(clerk, Role::Clerk), hand(clerk, Role::SupervisionCommittee)], Header::default(), act))
}

fn one_key_for_two_persons() -> Rejection {
    let mut scribe = village();
    let taken = scribe.someone(scribe.representative(0)).unwrap().public();
    let other = scribe.representative(1);
    rejected(enrol(&mut scribe, other, taken))
}

fn a_key_for_nobody() -> Rejection {
    let mut scribe = village();
    rejected(enrol(&mut scribe, PersonId::from_bytes([1; 16]), public(&key(5))))
}

fn the_chair_on_the_supervision_committee() -> Rejection {
    let mut scribe = village();
    let chair = scribe.chair();
    rejected(scribe.grant(chair, &[Role::SupervisionCommittee], GrantReason::Appointment))
}

fn a_session_without_an_agenda() -> Rejection {
    rejected(village().convene(ASSEMBLY, &[]))
}

fn a_holiday_of_another_year() -> Rejection {
    let holidays = vec!["2029-01-01".parse().unwrap()];
    let act = Act::CalendarAdopted(CalendarAdopted { year: 2028, holidays, workdays: Vec::new() });
    rejected(village().act(ROOTS, Header::default(), act))
}

fn a_proposal_out_of_nothing() -> Rejection {
    let mut scribe = village();
    let matter = scribe.new_matter();
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn a_proposal_after_withdrawal() -> Rejection {
    let (mut scribe, matter) = suggested();
    scribe.withdraw(matter, "情况变化").unwrap();
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn a_session_before_filing() -> Rejection {
    let (mut scribe, matter) = proposed();
    rejected(scribe.convene(ASSEMBLY, &[matter]))
}

fn visits_before_the_enlarged_meeting() -> Rejection {
    let (mut scribe, matter) = proposed();
    rejected(scribe.visit(matter, &[]))
}

fn a_proposal_that_rests_on_nothing() -> Rejection {
    let (mut scribe, matter) = suggested();
    let answers = vec![scribe.paper(matter, Kind::SuggestionEntered)];
    let (title, plan) = (scribe.text("标题"), scribe.text("方案"));
    let act = Act::MatterProposed(Proposed { category: Category::M02, title, plan, amount_fen: 0, answers });
    rejected(scribe.act(&[scribe.hand(Role::BranchSecretary)], Header::of(matter).on(Digest([0; 32])), act))
}

fn a_proposal_over_a_concern() -> Rejection {
    let (mut scribe, matter) = suggested();
    scribe.raise_concern(matter, "是否重复建设").unwrap();
    rejected(scribe.propose(matter, &Draft::of(Category::M02)))
}

fn a_meeting_held_tomorrow() -> Rejection {
    let (mut scribe, matter) = proposed();
    let text = scribe.text("会议记录");
    let header = Header::of(matter).on(scribe.paper(matter, Kind::MatterProposed));
    let header = header.held(scribe.now().date().plus_days(1));
    let attendees = vec![scribe.clerk()];
    let act = sunvote::core::act::matter::EnlargedMeeting { attendees, nonvoting: 0, opinions: None, minutes: text };
    rejected(scribe.act(&[scribe.hand(Role::Clerk)], header, Act::EnlargedMeetingRecorded(act)))
}

fn a_filing_before_the_notice_is_over() -> Rejection {
    let (mut scribe, matter) = proposed();
    scribe.consult(matter, &Draft::of(Category::M02)).unwrap();
    let ends = scribe.plan_notice_ends(matter);
    rejected(scribe.at(ends.plus_ms(-1)).submit_filing(matter))
}

fn an_objection_after_the_window() -> Rejection {
    let (mut scribe, matter) = proposed();
    scribe.consult(matter, &Draft::of(Category::M02)).unwrap();
    let ends = scribe.plan_notice_ends(matter);
    scribe.at(ends.plus_ms(-1)).object(matter, "补偿标准偏低").unwrap();
    rejected(scribe.at(ends).object(matter, "补偿标准偏低"))
}

fn land_contracting_before_representatives() -> Rejection {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M05);
    draft.ballots[0].0 = ASSEMBLY;
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    rejected(scribe.consult(matter, &draft))
}

fn representatives_without_delegation() -> Rejection {
    let mut scribe = founded();
    scribe.adopt_defaults().unwrap();
    scribe.enrol_township().unwrap();
    scribe.open_term(&sunvote::log::scribe::people::Term::default()).unwrap();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    rejected(scribe.consult(matter, &draft))
}

fn disclosure_instead_of_a_ballot() -> Rejection {
    let mut scribe = village();
    let matter = scribe.new_matter();
    let (title, text) = (scribe.text("标题"), scribe.text("内容"));
    let act = Disclosure { category: Category::M02, title, text, amount_fen: 1, budget: None };
    rejected(scribe.act(&scribe.two(), Header::of(matter), Act::DisclosurePosted(act)))
}

fn an_annulment_of_nothing() -> Rejection {
    let mut scribe = village();
    rejected(crate::annulment::annul(&mut scribe, Header::default(), Digest([9; 32]), Vec::new()))
}

fn a_correction_of_the_settled_plan() -> Rejection {
    let (mut scribe, matter) = at_ballot();
    let paper = scribe.state().matter(matter).unwrap().papers.paper(Kind::PlanSettled).unwrap().clone();
    let new = scribe.text("改后的方案");
    let act = ClericalCorrected { of: Kind::PlanSettled, old: paper.documents[0], new };
    rejected(scribe.act(&scribe.two(), Header::of(matter).on(paper.at.leaf), Act::ClericalCorrected(act)))
}

fn a_second_anchor_at_once() -> Rejection {
    let (mut scribe, _) = crate::witnesses::inspected();
    scribe.anchor(crate::witnesses::anchor(&scribe, 400, 0)).unwrap();
    rejected(scribe.anchor(crate::witnesses::anchor(&scribe, 401, 0)))
}

#[test]
fn a_refusal_changes_nothing() {
    let (mut scribe, matter) = suggested();
    let before = (scribe.state().clone(), scribe.entries.len(), scribe.checkpoint().to_string());
    let text = scribe.text("撤销");
    let act = Act::MatterAnnulled(Annulled { authority: Authority::Township, reason: text });
    scribe.act(&scribe.two(), Header::of(matter), act).unwrap_err();
    let row = scribe.term_row(scribe.clerk(), &[Role::Clerk], None);
    let text = scribe.text("任职文件");
    let act = RolesGranted { people: vec![row], reason: GrantReason::Appointment, text };
    scribe.act(&scribe.two(), Header::default(), Act::RolesGranted(act)).unwrap_err();
    assert_eq!(before, (scribe.state().clone(), scribe.entries.len(), scribe.checkpoint().to_string()));
    assert_eq!(scribe.state().matter(matter).unwrap().stage(), Some(Stage::Suggestion));
}
