//! The edge cases that every version must get right (DOMAIN), with their numbers.

use sunvote::core::act::Act;
use sunvote::core::act::Kind;
use sunvote::core::act::matter::Advice;
use sunvote::core::act::village::{
    EndReason, GrantReason, KeyRevoked, KeyRow, KeysEnrolled, RevokeReason, RoleRow, RolesEnded, RolesGranted,
    SubstituteCause, SubstituteRequested,
};
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::{Progress, Work};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, Outcome, Role, Stage};
use sunvote::core::reject::Rule;
use sunvote::core::state::matter::Standing;
use sunvote::core::state::voting::VotingStatus;
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::voting::Vote;

use crate::support::{
    ASSEMBLY, at_ballot, counts, delivered, enrol, gathered, gathered_under, hand, key, matter_of, on_vote, public,
    refused, result_of, standing, village, voting,
};

#[test]
fn with_29_of_45_there_is_no_quorum() {
    let (mut scribe, vote) = gathered(29);
    refused(scribe.open_vote(&vote), Rule::QuorumMissing);
    scribe.fail(vote.session).unwrap();
    assert_eq!(matter_of(&scribe, vote.matter).without_quorum, 1);
    assert_eq!(standing(&scribe, vote.matter), Standing::At(Stage::Ballot));
    // The next session may decide it.
    scribe.wait_days(1).decide(ASSEMBLY, vote.matter, 30, &[("for", 16)]).unwrap();
    assert_eq!(standing(&scribe, vote.matter), Standing::At(Stage::Supervision));
}

#[test]
fn with_30_of_45_there_is_a_quorum() {
    let (mut scribe, vote) = gathered(30);
    refused(scribe.fail(vote.session), Rule::QuorumReached);
    scribe.open_vote(&vote).unwrap();
    let opening = &scribe.voting(&vote).unwrap().opening;
    assert_eq!((opening.eligible, opening.present), (45, 30));
}

#[test]
fn with_15_of_30_for_it_a_matter_is_not_passed() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 15), ("against", 14), ("abstain", 1)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((result.base, result.needed, result.passed), (30, 16, false));
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Rejected));
}

#[test]
fn with_16_of_30_for_it_a_matter_is_passed() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16), ("against", 14)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((result.base, result.needed, result.passed), (30, 16, true));
    assert_eq!(result.winner.unwrap().as_str(), "for");
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Supervision));
}

#[test]
fn who_is_there_and_does_not_vote_counts_against() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 32, &[("for", 16)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((result.voted, result.base, result.needed, result.passed), (16, 32, 17, false));
}

#[test]
fn a_tie_is_not_passed() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 44, &[("for", 22), ("against", 22)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((counts(&result), result.passed, result.winner), (vec![22, 22, 0], false, None));
}

#[test]
fn a_tie_between_a_questions_own_options_has_no_winner() {
    let mut scribe = village();
    // One vote of thirty is enough here, so that only the tie stands in the way.
    let profile = crate::support::local_profile(|profile| profile.threshold.den = 30);
    scribe.adopt(profile).unwrap();
    let mut draft = Draft::of(Category::M03);
    draft.ballots = vec![(ASSEMBLY, vec![Asked::choice("q1", "由谁领取误工补贴", &["wang", "li", "zhao"])])];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("wang", 12), ("li", 12), ("zhao", 6)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((counts(&result), result.passed, result.winner), (vec![12, 12, 6, 0], false, None));
}

#[test]
fn when_all_abstain_nothing_is_passed() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("abstain", 30)]).unwrap();
    let result = result_of(&scribe, matter);
    assert_eq!((counts(&result), result.base, result.passed), (vec![0, 0, 30], 30, false));
}

#[test]
fn when_all_abstain_and_abstentions_leave_the_base_nothing_is_passed_of_nothing() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.abstain_in_base = false);
    scribe.hold(&vote, &[("abstain", 30)]).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.base, result.needed, result.passed), (0, 1, false));
}

#[test]
fn a_voter_who_votes_online_and_then_takes_paper_counts_once_on_paper() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 16)]).unwrap();
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[0, 1, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.voted, counts(&result), result.passed), (16, vec![15, 1, 0], false));
}

#[test]
fn an_online_ballot_replaced_by_paper_is_not_opened() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 2)]).unwrap();
    let openings = scribe.counting_openings(&vote);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[1, 0, 0], 0).unwrap();
    refused(scribe.open_ballots_with(&vote, &openings), Rule::OpeningWrong);
    scribe.open_ballots_with(&vote, &openings[1..]).unwrap();
}

#[test]
fn a_paper_ballot_that_is_not_in_the_box_counts_as_no_vote() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 16)]).unwrap();
    scribe.issue_paper(&vote, &[1, 20]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[0, 0, 0], 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.voted, counts(&result), result.invalid, result.passed), (16, vec![15, 0, 0], 1, false));
}

#[test]
fn a_voter_with_a_paper_ballot_can_not_vote_online() {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    refused(scribe.cast(&vote, 1, "for"), Rule::BallotPaper);
    scribe.cast(&vote, 2, "for").unwrap();
}

#[test]
fn a_recused_member_counts_in_the_quorum_and_not_in_the_base() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    scribe.recuse(vote.session, vote.matter, 1).unwrap();
    scribe.open_vote(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().opening.present, 30);
    refused(scribe.cast(&vote, 1, "for"), Rule::VoterRecused);
    scribe.wait_minutes(1).cast_all(&vote, &[("for", 15), ("against", 14)]).unwrap();
    scribe.conclude(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.present, result.recused, result.base, result.needed, result.passed), (30, 1, 29, 15, true));
}

#[test]
fn where_the_profile_says_so_a_recused_member_is_missing_from_the_quorum() {
    let local = |profile: &mut sunvote::core::rules::Profile| {
        (profile.recusal.allowed, profile.recusal.in_quorum) = (true, false);
    };
    let (mut scribe, vote) = gathered_under(30, local);
    scribe.recuse(vote.session, vote.matter, 1).unwrap();
    refused(scribe.open_vote(&vote), Rule::QuorumMissing);
    scribe.fail(vote.session).unwrap();
}

#[test]
fn where_the_profile_says_so_a_recused_member_counts_in_the_base() {
    let local = |profile: &mut sunvote::core::rules::Profile| {
        (profile.recusal.allowed, profile.recusal.in_base) = (true, true);
    };
    let (mut scribe, vote) = gathered_under(30, local);
    scribe.recuse(vote.session, vote.matter, 1).unwrap();
    scribe.hold(&vote, &[("for", 15), ("against", 14)]).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.base, result.needed, result.passed), (30, 16, false));
}

#[test]
fn a_ballot_a_second_before_closing_counts_and_one_a_second_after_is_refused() {
    let (mut scribe, vote) = voting(30);
    let closes_at = scribe.voting(&vote).unwrap().opening.closes_at;
    scribe.at(closes_at.plus_ms(-1_000)).cast(&vote, 1, "for").unwrap();
    scribe.at(closes_at.plus_ms(-1)).cast(&vote, 2, "for").unwrap();
    refused(scribe.at(closes_at).cast(&vote, 3, "for"), Rule::BallotLate);
    refused(scribe.at(closes_at.plus_ms(1_000)).cast(&vote, 4, "for"), Rule::BallotLate);
    scribe.close(&vote).unwrap();
    refused(scribe.cast(&vote, 4, "for"), Rule::BallotLate);
    assert_eq!(scribe.voting(&vote).unwrap().counting_voters().len(), 2);
}

#[test]
fn a_card_lost_mid_session_is_replaced_at_the_hall_and_its_voter_counts_once() {
    let (mut scribe, vote) = voting(30);
    scribe.cast(&vote, 1, "for").unwrap();
    let lost = scribe.someone(scribe.voter(vote.session, 1)).unwrap().clone();
    let act = Act::KeyRevoked(KeyRevoked { key: lost.public(), reason: RevokeReason::Lost });
    scribe.act(&scribe.two(), Header::default(), act).unwrap();
    refused(scribe.cast(&vote, 1, "against"), Rule::SignerKeyRevoked);
    enrol(&mut scribe, lost.id, public(&key(9))).unwrap();
    scribe.use_key(lost.id, key(9));
    refused(scribe.cast(&vote, 1, "against"), Rule::VoterKeyNew);
    scribe.sign_in(vote.session, &[1], &[]).unwrap();
    scribe.cast(&vote, 1, "against").unwrap();
    scribe.cast_all(&vote, &[("against", 1), ("for", 15)]).unwrap();
    scribe.conclude(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.voted, counts(&result)), (16, vec![15, 1, 0]));
}

#[test]
fn a_change_of_people_after_the_session_opened_has_no_effect_on_its_roster() {
    let (mut scribe, vote) = voting(45);
    let leaver = scribe.voter(vote.session, 1);
    let role = *[Role::Representative, Role::CommitteeMember, Role::Chair]
        .iter()
        .find(|role| scribe.in_role(**role).contains(&leaver))
        .unwrap();
    let rows = vec![RoleRow { person: leaver, role }];
    let act = RolesEnded { rows, reason: EndReason::Resignation, text: None };
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(act)).unwrap();
    let newcomer = scribe.invent();
    scribe.grant(newcomer, &[Role::Representative], GrantReason::ByElection).unwrap();
    let session = scribe.state().session(vote.session).unwrap();
    assert_eq!((session.eligible(), session.number_of(newcomer)), (45, None));
    scribe.cast(&vote, 1, "for").unwrap();
    let (ballot, _) = scribe.ballot(&vote, 2, "for").unwrap();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    refused(scribe.act(&[hand(newcomer, Role::Voter)], header, Act::BallotCast(ballot)), Rule::SignerRole);
}

#[test]
fn a_paper_count_above_the_ballots_issued_leaves_nothing_but_a_void_vote() {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.cast_all(&vote, &[("for", 20)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let counted = scribe.count_paper(&vote, &[6, 0, 0], 0).unwrap();
    assert_eq!(counted.remarks, [Remark::PaperExcess]);
    scribe.open_ballots(&vote).unwrap();
    refused(scribe.announce(&vote), Rule::CountExcess);
    refused(scribe.void_vote(&vote, VoidReason::Failure), Rule::VotingState);
    scribe.void_vote(&vote, VoidReason::TooManyPapers).unwrap();
    scribe.wait_minutes(5).hold(&vote, &[("for", 16)]).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().status, VotingStatus::Announced);
}

#[test]
fn where_the_last_supervision_committee_member_is_absent_the_discipline_officer_signs_after_two_days() {
    let mut scribe = village();
    let act = SubstituteRequested { cause: SubstituteCause::Absent, reason: scribe.text("监委会成员均外出") };
    let officer = hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer);
    let enrolment = |scribe: &mut sunvote::log::scribe::Scribe, number| {
        let row = KeyRow {
            person: scribe.representative(0),
            key: public(&key(number)),
            key_kind: sunvote::core::model::KeyKind::Card,
        };
        let by = [scribe.hand(Role::Clerk), officer];
        scribe.act(&by, Header::default(), Act::KeysEnrolled(KeysEnrolled { keys: vec![row] }))
    };
    refused(enrolment(&mut scribe, 50), Rule::SignerRole);
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).unwrap();
    refused(enrolment(scribe.wait_ms(2 * 86_400_000 - 1), 50), Rule::SignerRole);
    let signed = enrolment(scribe.wait_ms(1), 50).unwrap();
    assert_eq!(signed.remarks, [Remark::Substituted]);
    // The request does not hold for ever.
    refused(enrolment(scribe.wait_days(31), 51), Rule::SignerRole);
}

#[test]
fn a_supervision_committee_member_who_signs_is_not_absent() {
    let mut scribe = village();
    let act = SubstituteRequested { cause: SubstituteCause::Absent, reason: scribe.text("监委会成员均外出") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).unwrap();
    let person = scribe.representative(0);
    enrol(scribe.wait_days(1), person, public(&key(50))).unwrap();
    let officer = scribe.discipline_officer();
    let row = KeyRow { person, key: public(&key(51)), key_kind: sunvote::core::model::KeyKind::Card };
    let by = [scribe.hand(Role::Clerk), hand(officer, Role::TownshipDisciplineOfficer)];
    let act = Act::KeysEnrolled(KeysEnrolled { keys: vec![row] });
    refused(scribe.wait_days(2).act(&by, Header::default(), act), Rule::SignerRole);
}

#[test]
fn where_nobody_is_on_the_supervision_committee_the_discipline_officer_signs_at_once() {
    let mut scribe = village();
    let rows = |people: &[sunvote::core::ids::PersonId]| RolesEnded {
        rows: people.iter().map(|person| RoleRow { person: *person, role: Role::SupervisionCommittee }).collect(),
        reason: EndReason::Resignation,
        text: None,
    };
    let all = scribe.in_role(Role::SupervisionCommittee).to_vec();
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(rows(&all))).unwrap();
    let act = SubstituteRequested { cause: SubstituteCause::Vacant, reason: scribe.text("无人在任") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).unwrap();
    let officer = scribe.discipline_officer();
    let newcomer = scribe.invent();
    let text = scribe.text("补选结果");
    let row = scribe.term_row(newcomer, &[Role::SupervisionCommittee], None);
    let act = Act::RolesGranted(RolesGranted { people: vec![row], reason: GrantReason::ByElection, text });
    let by = [scribe.hand(Role::Clerk), hand(officer, Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::default(), act).unwrap();
    // Now there is someone again, and the substitute's time is over.
    let text = scribe.text("任职文件");
    let row = scribe.term_row(newcomer, &[Role::GroupLeader], None);
    let act = Act::RolesGranted(RolesGranted { people: vec![row], reason: GrantReason::Appointment, text });
    refused(scribe.act(&by, Header::default(), act), Rule::SignerRole);
}

#[test]
fn an_act_three_weeks_before_its_entry_is_taken_in_and_marked_late() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16)]).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    scribe.wait_days(30);
    let held_on = scribe.now().date().plus_days(-21);
    let papers = vec![scribe.text("施工照片")];
    let act = Act::ProgressRecorded(Progress::of(Work::Works, 50, 0, papers));
    let header = Header::of(matter).on(scribe.paper(matter, Kind::ResolutionPosted)).held(held_on);
    let entered = scribe.act(&[scribe.hand(Role::GridWorker)], header, act).unwrap();
    assert_eq!(entered.remarks, [Remark::LateEntry]);
    let paper = matter_of(&scribe, matter).papers.paper(Kind::ProgressRecorded).unwrap();
    assert_eq!(paper.held_on, Some(held_on));
}

#[test]
fn after_a_change_request_the_matter_is_consulted_filed_and_voted_on_anew() {
    let (mut scribe, matter) = at_ballot();
    let draft = Draft::of(Category::M02);
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16)]).unwrap();
    scribe.wait_days(1).request_change(matter, "造价上涨,需调整方案").unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Consultation));
    // Nothing of the old plan serves the new one.
    let first = result_of(&scribe, matter);
    refused(scribe.convene(ASSEMBLY, &[matter]), Rule::StageWrong);
    refused(scribe.submit_filing(matter), Rule::PaperMissing);
    scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 10), ("against", 20)]).unwrap();
    let results = &matter_of(&scribe, matter).results;
    assert_eq!(results.iter().map(|decided| decided.round).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(results[0].result, first);
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Rejected));
}

#[test]
fn a_matter_returned_twice_by_the_township_goes_on_from_where_it_was_sent() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_filing(&draft).unwrap();
    scribe.wait_days(1).review(matter, Advice::Return).unwrap();
    scribe.return_to(matter, Stage::Consultation, "预算依据不足").unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Consultation));
    scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.wait_days(1).return_to(matter, Stage::Proposal, "事项类别不对").unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Proposal));
    // Back at the proposal everything after the suggestions begins anew.
    refused(scribe.visit(matter, &[]), Rule::PaperMissing);
    scribe.wait_days(1).propose(matter, &draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    let stands = matter_of(&scribe, matter);
    assert_eq!((stands.returned, stands.round, stands.stage()), (2, 3, Some(Stage::Ballot)));
}

#[test]
fn the_township_can_return_a_matter_to_no_other_stage() {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    for stage in [Stage::Suggestion, Stage::Filing, Stage::Ballot, Stage::Supervision] {
        refused(scribe.return_to(matter, stage, "退回"), Rule::StageWrong);
    }
}

#[test]
fn a_vote_on_a_third_of_the_questions_is_no_vote_on_the_matter() {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M03);
    draft.ballots = vec![(ASSEMBLY, ["q1", "q2", "q3"].map(|code| Asked::plain(code, "是否同意")).to_vec())];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    scribe.hold(&Vote::on(session, matter, "q1").unwrap(), &[("for", 30)]).unwrap();
    refused(scribe.sign_minutes(session), Rule::VotingState);
    let _ = delivered;
}
