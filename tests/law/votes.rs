//! Sessions and votes under attack: what may not happen between the notice and the minutes.

use sunvote::core::act::session::RecusalDeclared;
use sunvote::core::act::voting::{BallotCast, PaperIssued, VoidReason};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::PersonId;
use sunvote::core::judge::Remark;
use sunvote::core::model::{Body, Category, Channel, Mode, Outcome, Role, Stage};
use sunvote::core::reject::Rule;
use sunvote::core::state::matter::Standing;
use sunvote::core::state::voting::VotingStatus;
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{
    ASSEMBLY, at_ballot, counts, delivered, gathered, gathered_under, hand, matter_of, on_vote, refused, result_of,
    standing, village, village_of, voting,
};

fn voter(scribe: &Scribe, vote: &Vote, no: u32) -> Hand {
    Hand::Person(scribe.voter(vote.session, no), Role::Voter)
}

#[test]
fn a_session_called_for_one_plan_can_not_vote_on_a_later_one() {
    let (mut scribe, matter) = at_ballot();
    // Called two months ahead, so that a new plan can be filed before it begins.
    let starts_at = scribe.now().plus_ms(60 * 86_400_000);
    let session = scribe.convene_at(ASSEMBLY, vec![scribe.item(matter, 0)], starts_at).unwrap();
    scribe.wait_days(1).request_change(matter, "改线").unwrap();
    scribe.wait_days(1).settle_and_post(matter, &Draft::of(Category::M02)).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe.at(starts_at).fix_roster(session).unwrap();
    scribe.sign_in(session, &(1..=45).collect::<Vec<_>>(), &[]).unwrap();
    scribe.name_tellers(session).unwrap();
    refused(scribe.open_vote(&Vote::on(session, matter, "q1").unwrap()), Rule::BasisStale);
}

#[test]
fn a_vote_opens_on_the_day_of_its_notice_or_the_day_after() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    let starts_at = scribe.state().session(session).unwrap().starts_at;
    scribe.fix_roster(session).unwrap();
    scribe.at(starts_at.plus_ms(-1)).sign_in(session, &(1..=30).collect::<Vec<_>>(), &[]).unwrap();
    scribe.name_tellers(session).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    refused(scribe.open_vote(&vote), Rule::NoticeEarly);
    let over = starts_at.date().plus_days(2).start();
    refused(scribe.at(over).open_vote(&vote), Rule::SessionState);
    scribe.at(over.plus_ms(-1)).open_vote(&vote).unwrap();
}

#[test]
fn a_result_of_this_round_stands_when_another_question_is_voted_on_again() {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M03);
    draft.ballots = vec![(ASSEMBLY, ["q1", "q2"].map(|code| Asked::plain(code, "是否同意")).to_vec())];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    scribe.hold(&Vote::on(session, matter, "q1").unwrap(), &[("for", 30)]).unwrap();
    let second = Vote::on(session, matter, "q2").unwrap();
    scribe.open_vote(&second).unwrap();
    scribe.void_vote(&second, VoidReason::Failure).unwrap();
    scribe.sign_minutes(session).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Ballot));
    let session = scribe.wait_days(1).gather(ASSEMBLY, &[matter], 31).unwrap();
    refused(scribe.open_vote(&Vote::on(session, matter, "q1").unwrap()), Rule::VotingState);
    scribe.hold(&Vote::on(session, matter, "q2").unwrap(), &[("for", 20)]).unwrap();
    scribe.sign_minutes(session).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Supervision));
}

#[test]
fn an_unwelcome_result_is_not_voided_as_a_failure_once_ballots_are_opened() {
    let (mut scribe, vote) = delivered(30, &[("against", 30)]);
    scribe.open_ballots(&vote).unwrap();
    for reason in [VoidReason::Failure, VoidReason::OpeningMissing, VoidReason::Dispute, VoidReason::TooManyPapers] {
        refused(scribe.void_vote(&vote, reason), Rule::VotingState);
    }
    scribe.dispute(&vote, 1, "我后悔了").unwrap();
    refused(scribe.void_vote(&vote, VoidReason::Dispute), Rule::VotingState);
    refused(scribe.announce(&vote), Rule::OpenPoint);
    scribe.answer_dispute(&vote, "票面无误").unwrap();
    scribe.announce(&vote).unwrap();
    refused(scribe.void_vote(&vote, VoidReason::Failure), Rule::VotingState);
}

#[test]
fn a_paper_count_ends_the_time_for_failures_too() {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[0, 1, 0], 0).unwrap();
    refused(scribe.void_vote(&vote, VoidReason::Failure), Rule::VotingState);
}

#[test]
fn a_dispute_may_void_the_vote_before_the_openings_while_it_is_not_answered() {
    let (mut scribe, vote) = delivered(30, &[("for", 30)]);
    scribe.dispute(&vote, 1, "不是我投的").unwrap();
    scribe.void_vote(&vote, VoidReason::Dispute).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().status, VotingStatus::Voided);
}

#[test]
fn who_counts_is_not_exchanged_during_a_vote() {
    let (mut scribe, vote) = voting(30);
    refused(scribe.name_tellers(vote.session), Rule::VotingUnderway);
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    scribe.conclude(&vote).unwrap();
    scribe.name_tellers(vote.session).unwrap();
}

#[test]
fn nobody_with_an_interest_and_no_near_kin_count() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    let [one, two, three, four] = [1, 2, 3, 4].map(|no| scribe.voter(vote.session, no));
    let mut kin = vec![one, two];
    kin.sort_unstable();
    let act = Act::KinDeclared(sunvote::core::act::village::KinDeclared { persons: kin });
    scribe.act(&[hand(one, Role::Villager)], Header::default(), act).unwrap();
    refused(scribe.name_tellers_as(vote.session, [one, two, three]), Rule::TellersUnfit);
    scribe.name_tellers_as(vote.session, [two, three, four]).unwrap();
    // A member recused later, or whose kin counts, stands in the way of the vote.
    scribe.recuse(vote.session, vote.matter, 1).unwrap();
    refused(scribe.open_vote(&vote), Rule::TellersUnfit);
    refused(scribe.wait_ms(1).name_tellers_as(vote.session, [two, three, four]), Rule::TellersUnfit);
    scribe.name_tellers(vote.session).unwrap();
    scribe.open_vote(&vote).unwrap();
}

#[test]
fn a_member_is_recused_by_own_word_or_by_chair_and_supervision_committee() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    let act = Act::RecusalDeclared(RecusalDeclared { voter: 5, reason: scribe.text("利害关系") });
    let header = || Header { session: Some(vote.session), ..Header::of(vote.matter) }.on(scribe.roster(vote.session));
    let header = header();
    let (chair, supervisor) = (scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee));
    refused(scribe.act(&[supervisor], header.clone(), act.clone()), Rule::SignerRole);
    let other = voter(&scribe, &vote, 6);
    refused(scribe.act(&[other], header.clone(), act.clone()), Rule::VoterUnknown);
    scribe.act(&[chair, supervisor], header, act).unwrap();
    scribe.open_vote(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().recused.len(), 1);
    refused(scribe.recuse(vote.session, vote.matter, 6), Rule::VotingUnderway);
}

#[test]
fn recusal_is_off_where_the_profile_does_not_allow_it() {
    let (mut scribe, vote) = gathered(30);
    refused(scribe.recuse(vote.session, vote.matter, 1), Rule::VoterRecused);
}

#[test]
fn the_chair_closes_early_only_when_all_present_have_voted_and_the_log_never() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 29)]).unwrap();
    refused(scribe.close(&vote), Rule::CloseEarly);
    scribe.cast(&vote, 30, "against").unwrap();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let nothing = sunvote::core::act::voting::Nothing {};
    refused(scribe.act(&[Hand::Log], header, Act::VotingClosed(nothing)), Rule::CloseEarly);
    scribe.close(&vote).unwrap();
}

#[test]
fn a_voter_publishes_the_opening_that_the_log_withheld() {
    let (mut scribe, vote) = delivered(30, &[("for", 16), ("against", 14)]);
    let openings = scribe.counting_openings(&vote);
    scribe.open_ballots_with(&vote, &openings[1..]).unwrap();
    refused(scribe.announce(&vote), Rule::OpeningMissing);
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::DeliveriesEnded));
    let stranger = voter(&scribe, &vote, 2);
    refused(scribe.act(&[stranger], header.clone(), Act::BallotOpened(openings[0].clone())), Rule::VoterUnknown);
    let own = voter(&scribe, &vote, 1);
    scribe.act(&[own], header.clone(), Act::BallotOpened(openings[0].clone())).unwrap();
    refused(scribe.wait_ms(1).act(&[own], header, Act::BallotOpened(openings[0].clone())), Rule::OpeningWrong);
    scribe.announce(&vote).unwrap();
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [16, 14, 0]);
}

#[test]
fn an_opening_that_nobody_publishes_leaves_nothing_but_a_void_vote() {
    let (mut scribe, vote) = delivered(30, &[("for", 30)]);
    let openings = scribe.counting_openings(&vote);
    scribe.open_ballots_with(&vote, &openings[1..]).unwrap();
    refused(scribe.announce(&vote), Rule::OpeningMissing);
    scribe.void_vote(&vote, VoidReason::OpeningMissing).unwrap();
    refused(scribe.announce(&vote), Rule::VotingState);
    refused(scribe.sign_off(vote.matter), Rule::StageWrong);
}

#[test]
fn a_ballot_copied_to_another_voter_can_not_be_opened() {
    let (mut scribe, vote) = voting(30);
    scribe.cast(&vote, 1, "for").unwrap();
    let commitment = scribe.voting(&vote).unwrap().counting_ballot(1).unwrap().commitment;
    let copy = BallotCast { voter: 2, revision: 1, channel: Channel::Online, helper: None, terminal: None, commitment };
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let thief = voter(&scribe, &vote, 2);
    scribe.act(&[thief], header, Act::BallotCast(copy)).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let mut openings = scribe.counting_openings(&vote);
    openings[1].voter = 2;
    refused(scribe.open_ballots_with(&vote, &openings), Rule::OpeningWrong);
}

#[test]
fn a_ballot_does_not_move_to_another_question_matter_or_session() {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M03);
    draft.ballots = vec![(ASSEMBLY, ["q1", "q2"].map(|code| Asked::plain(code, "是否同意")).to_vec())];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    let [one, two] = ["q1", "q2"].map(|code| Vote::on(session, matter, code).unwrap());
    scribe.open_vote(&one).unwrap();
    scribe.open_vote(&two).unwrap();
    let (ballot, _) = scribe.ballot(&one, 1, "for").unwrap();
    let basis = scribe.vote_paper(&one, Kind::VotingOpened);
    let by = voter(&scribe, &one, 1);
    let act = Act::BallotCast(ballot);
    refused(scribe.act(&[by], on_vote(&two, basis), act.clone()), Rule::BasisStale);
    let elsewhere = Vote { matter: scribe.new_matter(), ..one.clone() };
    refused(scribe.act(&[by], on_vote(&elsewhere, basis), act.clone()), Rule::MatterUnknown);
    let elsewhere = Vote { session: scribe.new_session(), ..one.clone() };
    refused(scribe.act(&[by], on_vote(&elsewhere, basis), act), Rule::SignerRole);
}

#[test]
fn of_several_ballots_the_last_revision_counts() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    scribe.cast(&vote, 1, "against").unwrap();
    scribe.cast(&vote, 1, "abstain").unwrap();
    scribe.conclude(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.voted, counts(&result)), (30, vec![29, 0, 1]));
}

#[test]
fn paper_for_someone_who_has_voted_needs_the_voter_or_the_supervision_committee() {
    let (mut scribe, vote) = voting(30);
    scribe.cast(&vote, 1, "for").unwrap();
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    let (clerk, scrutineer) = (scribe.hand(Role::Clerk), hand(tellers.scrutineer, Role::Scrutineer));
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let act = |voters: &[u32]| Act::PaperIssued(PaperIssued { voters: voters.to_vec() });
    refused(scribe.act(&[clerk, scrutineer], header.clone(), act(&[1])), Rule::SignerRole);
    scribe.act(&[clerk, scrutineer], header.clone(), act(&[2])).unwrap();
    let other = voter(&scribe, &vote, 3);
    refused(scribe.act(&[clerk, other], header.clone(), act(&[1])), Rule::SignerRole);
    let own = voter(&scribe, &vote, 1);
    scribe.act(&[clerk, own], header, act(&[1])).unwrap();
    refused(scribe.issue_paper(&vote, &[1]), Rule::BallotPaper);
}

#[test]
fn paper_is_for_those_who_signed_in_at_the_hall() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    scribe.check_in(session, 31).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().present.len(), 31);
    refused(scribe.issue_paper(&vote, &[31]), Rule::VoterAbsent);
    refused(scribe.issue_paper(&vote, &[32]), Rule::VoterAbsent);
    scribe.sign_in(session, &[31], &[]).unwrap();
    scribe.issue_paper(&vote, &[31]).unwrap();
}

#[test]
fn who_signs_out_before_the_opening_is_not_present_and_who_leaves_later_is() {
    let (mut scribe, vote) = gathered(31);
    scribe.check_out(vote.session, 31).unwrap();
    refused(scribe.wait_ms(1).check_out(vote.session, 31), Rule::VoterAbsent);
    scribe.open_vote(&vote).unwrap();
    scribe.sign_in(vote.session, &[], &[30]).unwrap();
    refused(scribe.cast(&vote, 31, "for"), Rule::VoterAbsent);
    scribe.cast(&vote, 30, "for").unwrap();
    scribe.conclude(&vote).unwrap();
    assert_eq!(result_of(&scribe, vote.matter).base, 30);
}

#[test]
fn nobody_checks_in_before_the_door_opens() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    scribe.fix_roster(session).unwrap();
    let door = scribe.state().session(session).unwrap().starts_at.plus_ms(-120 * 60_000);
    refused(scribe.at(door.plus_ms(-1)).check_in(session, 1), Rule::NoticeEarly);
    refused(scribe.sign_in(session, &[2], &[]), Rule::NoticeEarly);
    scribe.at(door).check_in(session, 1).unwrap();
}

#[test]
fn a_secret_vote_is_on_paper_alone_and_few_papers_are_warned_about() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.mode = Mode::PaperSecret);
    scribe.open_vote(&vote).unwrap();
    refused(scribe.cast(&vote, 1, "for"), Rule::BallotChannel);
    let issued = scribe.issue_paper(&vote, &(1..=30).collect::<Vec<_>>()).unwrap();
    assert_eq!(issued.remarks, []);
    scribe.close(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[16, 12, 1], 1).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((counts(&result), result.invalid, result.passed), (vec![16, 12, 1], 1, true));
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1, 2, 3, 4]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    assert_eq!(scribe.count_paper(&vote, &[4, 0, 0], 0).unwrap().remarks, [Remark::FewPapers]);
}

#[test]
fn minutes_wait_for_an_answer_to_the_supervision_committee() {
    let (mut scribe, vote) = gathered(30);
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    scribe.raise_concern(vote.matter, "签到人数有疑问").unwrap();
    refused(scribe.sign_minutes(vote.session), Rule::OpenPoint);
    scribe.answer_concern(vote.matter, "已核对签到表").unwrap();
    scribe.sign_minutes(vote.session).unwrap();
}

#[test]
fn a_matter_stands_on_one_agenda_at_a_time() {
    let (mut scribe, vote) = gathered(30);
    refused(scribe.convene(ASSEMBLY, &[vote.matter]), Rule::VotingUnderway);
}

#[test]
fn members_decide_land_contracting_by_two_thirds_of_all_after_ten_days_notice() {
    for (votes, passed) in [(19, false), (20, true)] {
        let mut scribe = village_of(&Term { members: 30, ..Term::default() });
        let matter = scribe.bring_to_ballot(&Draft::of(Category::M05)).unwrap();
        let day = scribe.now().date();
        let session = scribe.gather(Body::MembersAssembly, &[matter], 20).unwrap();
        let starts_on = scribe.state().session(session).unwrap().starts_at.date();
        assert!(starts_on > day.plus_days(10), "{starts_on} after {day}");
        scribe.hold(&Vote::on(session, matter, "q1").unwrap(), &[("for", votes)]).unwrap();
        scribe.sign_minutes(session).unwrap();
        let result = result_of(&scribe, matter);
        assert_eq!((result.eligible, result.base, result.needed, result.passed), (30, 30, 20, passed));
    }
}

#[test]
fn a_large_body_has_its_roster_and_openings_in_parts() {
    let mut scribe = village_of(&Term { members: 230, ..Term::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M07)).unwrap();
    let session = scribe.decide(Body::MembersAssembly, matter, 225, &[("for", 225)]).unwrap();
    assert_eq!(scribe.state().session(session).unwrap().eligible(), 230);
    assert_eq!(counts(&result_of(&scribe, matter)), [225, 0, 0]);
    assert_eq!(scribe.state().arriving.len(), 0);
}

#[test]
fn all_required_ballots_pass_each_by_its_own_body() {
    let outcome = |second: &[(&str, usize)]| {
        let mut scribe = village_of(&Term { member_representatives: 15, ..Term::default() });
        let mut draft = Draft::of(Category::M04);
        draft.ballots.push((Body::MembersRepresentatives, vec![Asked::plain("q2", "是否同意")]));
        let matter = scribe.bring_to_ballot(&draft).unwrap();
        scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
        assert_eq!(standing(&scribe, matter), Standing::At(Stage::Ballot));
        refused(scribe.convene(ASSEMBLY, &[matter]), Rule::VotingState);
        refused(scribe.post_resolution(matter), Rule::StageWrong);
        let session = scribe.gather(Body::MembersRepresentatives, &[matter], 12).unwrap();
        assert_eq!(scribe.state().session(session).unwrap().eligible(), 15);
        scribe.hold(&Vote::on(session, matter, "q2").unwrap(), second).unwrap();
        scribe.sign_minutes(session).unwrap();
        matter_of(&scribe, matter).standing
    };
    assert_eq!(outcome(&[("for", 10)]), Standing::At(Stage::Supervision));
    assert_eq!(outcome(&[("for", 9)]), Standing::Ended(Outcome::Rejected));
}

#[test]
fn a_question_with_options_of_its_own_names_its_winner_and_an_optional_one_does_not_decide() {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M03);
    let mut optional = Asked::plain("q2", "是否另发交通补贴");
    optional.required = false;
    draft.ballots = vec![(ASSEMBLY, vec![Asked::choice("q1", "由谁领取", &["wang", "li"]), optional])];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    scribe.hold(&Vote::on(session, matter, "q1").unwrap(), &[("li", 16), ("wang", 14)]).unwrap();
    assert_eq!(result_of(&scribe, matter).winner.unwrap().as_str(), "li");
    scribe.hold(&Vote::on(session, matter, "q2").unwrap(), &[("against", 30)]).unwrap();
    scribe.sign_minutes(session).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Supervision));
}

#[test]
fn who_helps_a_voter_is_another_person_on_record() {
    let (mut scribe, vote) = voting(30);
    let (own, other) = (scribe.voter(vote.session, 1), scribe.voter(vote.session, 2));
    let mut cast = |helper: PersonId| {
        let (ballot, _) = scribe.ballot(&vote, 1, "for").unwrap();
        let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
        let hand = voter(&scribe, &vote, 1);
        scribe.act(&[hand], header, Act::BallotCast(BallotCast { helper: Some(helper), ..ballot }))
    };
    refused(cast(own), Rule::PersonUnknown);
    refused(cast(PersonId::from_bytes([7; 16])), Rule::PersonUnknown);
    cast(other).unwrap();
}

#[test]
fn options_of_its_own_have_all_their_words_or_none() {
    let mut scribe = village();
    let mut draft = Draft::of(Category::M03);
    let asked = |labels: &[&str]| Asked {
        labels: labels.iter().map(|words| (*words).to_owned()).collect(),
        ..Asked::choice("q1", "先修哪一段", &["o1", "o2"])
    };
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    draft.ballots = vec![(ASSEMBLY, vec![asked(&["东段"])])];
    refused(scribe.settle_and_post(matter, &draft), Rule::QuestionWrong);
    draft.ballots = vec![(ASSEMBLY, vec![Asked { labels: vec!["同意".to_owned()], ..Asked::plain("q1", "是否同意") }])];
    refused(scribe.settle_and_post(matter, &draft), Rule::QuestionWrong);
    draft.ballots = vec![(ASSEMBLY, vec![asked(&["东段", "西段"])])];
    scribe.settle_and_post(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    let mut opening = scribe.opening_of(&vote).unwrap();
    opening.labels.swap(0, 1);
    let header = on_vote(&vote, scribe.roster(session));
    let chair = scribe.hand(Role::Chair);
    refused(scribe.act(&[chair], header, Act::VotingOpened(opening)), Rule::QuestionWrong);
    scribe.open_vote(&vote).unwrap();
}
