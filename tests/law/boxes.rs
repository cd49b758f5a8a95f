//! The mobile box: carried by three to members who can't come; they take part, don't make a quorum, and vote once.

use sunvote::core::act::session::MobileBoxNamed;
use sunvote::core::act::village::{KeyRevoked, RevokeReason};
use sunvote::core::act::voting::{MobileBoxVisited, Nothing, VoidReason, VotingOpened};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::PersonId;
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, Channel, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::kinship::kin;
use crate::rules::rejected;
use crate::support::{
    ASSEMBLY, at_ballot, counts, gathered, gathered_under, hand, local_profile, on_vote, refused, result_of, standing,
};

/// Members at home, of forty-five.
const AT_HOME: [u32; 3] = [41, 42, 43];

fn three(scribe: &Scribe, vote: &Vote) -> [PersonId; 3] {
    [1, 2, 3].map(|no| scribe.voter(vote.session, no))
}

/// Thirty are there, three at home and a box on its way to them; the vote is open.
fn on_its_way() -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered(30);
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(10);
    (scribe, vote)
}

fn opening(scribe: &mut Scribe, vote: &Vote, with: impl FnOnce(&mut VotingOpened)) -> Result<(), Rejection> {
    let mut act = scribe.opening_of(vote)?;
    with(&mut act);
    let by = [scribe.hand(Role::Chair)];
    scribe.act(&by, on_vote(vote, scribe.roster(vote.session)), Act::VotingOpened(act)).map(|_| ())
}

pub fn a_box_where_no_profile_allows_it() -> Rejection {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.mobile_box = false);
    let carriers = three(&scribe, &vote);
    rejected(scribe.name_box(vote.session, carriers, &AT_HOME))
}

pub fn a_visit_to_who_is_in_the_hall() -> Rejection {
    let (mut scribe, vote) = on_its_way();
    rejected(scribe.carry_box(&vote, &[30, 41]))
}

#[test]
fn who_is_visited_takes_part_and_counts_with_the_box_in_the_hall() {
    let (mut scribe, vote) = on_its_way();
    assert_eq!(scribe.carry_box(&vote, &[41, 43]).unwrap().remarks, []);
    scribe.issue_paper(&vote, &[1, 2, 3]).unwrap();
    scribe.cast_all(&vote, &[("for", 13), ("against", 14)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[4, 1, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((counts(&result), result.voted, result.present, result.base), (vec![17, 15, 0], 32, 32, 32));
    // 16 of 30 would have passed; of 32 it takes 17.
    assert_eq!((result.needed, result.passed), (17, true));
    let visited: Vec<u32> = scribe.voting(&vote).unwrap().visited().collect();
    assert_eq!(visited, [41, 43], "and it is known afterwards");
}

#[test]
fn members_at_home_make_no_quorum() {
    let (mut scribe, vote) = gathered(29);
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    refused(scribe.open_vote(&vote), Rule::QuorumMissing);
    scribe.sign_in(vote.session, &[44], &[]).unwrap();
    scribe.open_vote(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().opening.present, 30);
}

#[test]
fn a_box_is_named_before_anybody_votes_and_by_two() {
    let (mut scribe, vote) = gathered(30);
    let carriers = three(&scribe, &vote);
    let header = Header::at(vote.session).on(scribe.roster(vote.session));
    let mut named = MobileBoxNamed { scrutineers: carriers.to_vec(), voters: AT_HOME.to_vec() };
    named.scrutineers.sort_unstable();
    let by = [scribe.hand(Role::Chair)];
    refused(scribe.act(&by, header, Act::MobileBoxNamed(named)), Rule::SignerCount);
    scribe.open_vote(&vote).unwrap();
    refused(scribe.name_box(vote.session, carriers, &AT_HOME), Rule::VotingUnderway);
}

#[test]
fn three_people_apart_carry_it_to_numbers_on_the_roster() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    let [one, two, third] = three(&scribe, &vote);
    let all: &[u32] = &AT_HOME;
    let name = |scribe: &Scribe, people: [PersonId; 3], voters: &[u32], rule: Rule| {
        refused(scribe.clone().name_box(vote.session, people, voters), rule);
    };
    name(&scribe, [one, two, one], all, Rule::ListForm);
    name(&scribe, [one, two, PersonId::from_bytes([255; 16])], all, Rule::PersonUnknown);
    name(&scribe, [one, two, scribe.voter(vote.session, 41)], all, Rule::TellersUnfit);
    name(&scribe, [one, two, third], &[], Rule::ListForm);
    name(&scribe, [one, two, third], &[42, 41], Rule::ListForm);
    name(&scribe, [one, two, third], &[41, 46], Rule::VoterUnknown);
    scribe.clone().name_box(vote.session, [one, two, third], all).unwrap();
    scribe.recuse(vote.session, vote.matter, 20).unwrap();
    name(&scribe, [one, two, scribe.voter(vote.session, 20)], all, Rule::TellersUnfit);
    kin(&mut scribe, one, third);
    name(&scribe, [one, two, third], all, Rule::TellersUnfit);
    // Two people could not sign for a third.
    let named = MobileBoxNamed { scrutineers: vec![one.min(two), one.max(two)], voters: all.to_vec() };
    let by = [scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
    let header = Header::at(vote.session).on(scribe.roster(vote.session));
    refused(scribe.act(&by, header, Act::MobileBoxNamed(named)), Rule::ListForm);
}

#[test]
fn a_session_without_papers_has_no_box() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 30, &[Channel::Online]).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    let carriers = three(&scribe, &vote);
    refused(scribe.name_box(session, carriers, &AT_HOME), Rule::BoxForbidden);
}

#[test]
fn nobody_is_passed_over_who_waits_at_home_for_the_box() {
    let (mut scribe, vote) = gathered(30);
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    refused(opening(&mut scribe, &vote, |act| act.channels = vec![Channel::Online]), Rule::BallotChannel);
    let minutes =
        |ahead: i64| move |act: &mut VotingOpened| act.closes_at = act.closes_at.plus_ms((ahead - 60) * 60_000);
    refused(opening(&mut scribe.clone(), &vote, minutes(29)), Rule::ValueRange);
    opening(&mut scribe.clone(), &vote, minutes(31)).unwrap();
    // With nobody at home a vote by phone, and for a moment, is as good as ever.
    scribe.sign_in(vote.session, &AT_HOME, &[]).unwrap();
    opening(&mut scribe.clone(), &vote, minutes(6)).unwrap();
    opening(&mut scribe, &vote, |act| (act.channels, act.grace_minutes) = (vec![Channel::Online], 5)).unwrap();
}

#[test]
fn once_a_vote_was_held_the_three_may_change_and_the_list_may_not() {
    let (mut scribe, vote) = on_its_way();
    let [one, two, third] = three(&scribe, &vote);
    let fourth = scribe.voter(vote.session, 4);
    scribe.carry_box(&vote, &[41]).unwrap();
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    scribe.wait_minutes(1);
    let name =
        |people: [PersonId; 3], voters: &[u32]| scribe.clone().name_box(vote.session, people, voters).map(|_| ());
    for other in [&[41, 43][..], &[41, 42, 43, 44], &[44]] {
        refused(name([one, two, third], other), Rule::BoxForbidden);
    }
    name([one, two, fourth], &AT_HOME).unwrap();
    // Where nobody was listed before, nobody is listed now.
    let (mut scribe, vote) = gathered(30);
    scribe.open_vote(&vote).unwrap();
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    refused(scribe.wait_minutes(1).name_box(vote.session, [one, two, third], &AT_HOME), Rule::BoxForbidden);
}

#[test]
fn a_naming_that_was_held_back_undoes_none_that_came_since() {
    let (mut scribe, vote) = gathered(30);
    let [one, two, third] = three(&scribe, &vote);
    let sign = |scribe: &Scribe, act: Act| {
        // Tellers are named by the chair alone.
        let by = &[scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
        let by = if matches!(act, Act::TellersNamed(_)) { &by[..1] } else { &by[..] };
        let header = Header::at(vote.session).on(scribe.roster(vote.session));
        scribe.sign(by, &scribe.draft(by, header, act).unwrap()).unwrap()
    };
    let mut named = MobileBoxNamed { scrutineers: vec![one, two, third], voters: vec![41] };
    named.scrutineers.sort_unstable();
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    scribe.wait_minutes(1);
    let held_back = [Act::MobileBoxNamed(named), Act::TellersNamed(tellers)].map(|act| sign(&scribe, act));
    scribe.clone().append(&held_back[0]).unwrap();
    scribe.wait_minutes(1).name_box(vote.session, [one, two, third], &AT_HOME).unwrap();
    scribe.name_tellers(vote.session).unwrap();
    for late in &held_back {
        refused(scribe.wait_minutes(1).append(late), Rule::BasisStale);
    }
}

#[test]
fn who_carries_the_box_is_a_villager_with_a_key_who_did_not_send_it_out() {
    let (mut scribe, vote) = gathered(30);
    let [one, two, third] = three(&scribe, &vote);
    let name = |scribe: &Scribe, person: PersonId| {
        scribe.clone().name_box(vote.session, [one, two, person], &AT_HOME).map(|_| ())
    };
    let holder = |scribe: &Scribe, role: Role| match scribe.hand(role) {
        Hand::Person(person, _) => person,
        other => panic!("{other:?}"),
    };
    for role in [Role::SupervisionCommittee, Role::TownshipDrafter] {
        refused(name(&scribe, holder(&scribe, role)), Rule::TellersUnfit);
    }
    name(&scribe, third).unwrap();
    let lost = scribe.someone(third).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    let by = [hand(third, Role::Holder)];
    scribe.act(&by, Header::default(), act).unwrap();
    refused(name(&scribe, third), Rule::TellersUnfit);
}

#[test]
fn who_carries_it_is_still_fit_when_the_vote_opens() {
    let (mut scribe, vote) = gathered(30);
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    kin(&mut scribe, carriers[0], carriers[2]);
    refused(scribe.open_vote(&vote), Rule::TellersUnfit);
    // With nobody at home the box stays in the hall, and who would carry it is nothing to wait for.
    scribe.sign_in(vote.session, &AT_HOME, &[]).unwrap();
    scribe.open_vote(&vote).unwrap();
}

#[test]
fn a_box_that_goes_out_has_half_an_hour_to_come_back() {
    let (mut scribe, vote) = gathered(30);
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    refused(opening(&mut scribe, &vote, |act| act.grace_minutes = 29), Rule::ValueRange);
    scribe.open_vote(&vote).unwrap();
    let away = scribe.wait_minutes(50).sign_visit(&vote, &[41]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    let late = scribe.wait_minutes(1).sign_visit(&vote, &[42]).unwrap();
    assert_eq!(scribe.wait_minutes(20).append(&away).unwrap().remarks, [Remark::PaperDeliveredLate]);
    refused(scribe.append(&late), Rule::BallotLate);
    scribe.end_deliveries(&vote).unwrap();
}

#[test]
fn only_the_three_sign_for_a_visit_and_all_of_them() {
    let (mut scribe, vote) = on_its_way();
    let [one, two, _] = three(&scribe, &vote);
    let act = || Act::MobileBoxVisited(MobileBoxVisited { voters: vec![41] });
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let carrier = |person| hand(person, Role::BoxScrutineer);
    refused(scribe.act(&[carrier(one), carrier(two)], header.clone(), act()), Rule::SignerCount);
    let stranger = scribe.voter(vote.session, 4);
    let by = [carrier(one), carrier(two), carrier(stranger)];
    refused(scribe.act(&by, header.clone(), act()), Rule::SignerRole);
    let twice = [carrier(one), carrier(two), carrier(two)];
    refused(scribe.act(&twice, header, act()), Rule::SignerSame);
}

#[test]
fn a_member_at_home_votes_once_and_nowhere_else() {
    let (mut scribe, vote) = on_its_way();
    refused(scribe.cast(&vote, 41, "for"), Rule::VoterAbsent);
    refused(scribe.issue_paper(&vote, &[41]), Rule::VoterAbsent);
    scribe.carry_box(&vote, &[41]).unwrap();
    refused(scribe.wait_minutes(1).carry_box(&vote, &[41]), Rule::BallotPaper);
    // Who comes after all has voted already.
    scribe.sign_in(vote.session, &[41], &[]).unwrap();
    refused(scribe.issue_paper(&vote, &[41]), Rule::VoterAbsent);
    refused(scribe.cast(&vote, 41, "for"), Rule::VoterAbsent);
    for voters in [&[][..], &[43, 42], &[42, 42]] {
        refused(scribe.carry_box(&vote, voters), Rule::ListForm);
    }
}

#[test]
fn whom_nobody_visited_does_not_take_part() {
    let (mut scribe, vote) = on_its_way();
    scribe.cast_all(&vote, &[("for", 16), ("against", 14)]).unwrap();
    // The box is on its way: nobody closes early over those who wait for it.
    refused(scribe.close(&vote), Rule::CloseEarly);
    scribe.close_on_time(&vote).unwrap();
    let ended = Act::DeliveriesEnded(Nothing {});
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingClosed));
    refused(scribe.wait_minutes(29).act(&[Hand::Log], header, ended), Rule::CloseEarly);
    scribe.end_deliveries(&vote).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((result.present, result.base, result.needed, result.passed), (30, 30, 16, true));
}

#[test]
fn once_everyone_was_visited_the_vote_may_close_early() {
    let (mut scribe, vote) = on_its_way();
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    scribe.carry_box(&vote, &[41, 42]).unwrap();
    refused(scribe.close(&vote), Rule::CloseEarly);
    scribe.wait_minutes(1).carry_box(&vote, &[43]).unwrap();
    scribe.close(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
}

#[test]
fn of_two_matters_the_box_goes_out_for_the_one_whose_profile_knows_it() {
    let (mut scribe, with) = at_ballot();
    scribe.adopt(local_profile(|profile| profile.mobile_box = false)).unwrap();
    let without = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[with, without], 30).unwrap();
    let [with, without] = [with, without].map(|matter| Vote::on(session, matter, "q1").unwrap());
    let carriers = three(&scribe, &with);
    scribe.name_box(session, carriers, &AT_HOME).unwrap();
    scribe.open_vote(&with).unwrap();
    scribe.wait_minutes(1).open_vote(&without).unwrap();
    refused(scribe.carry_box(&without, &AT_HOME), Rule::BoxVoter);
    scribe.carry_box(&with, &AT_HOME).unwrap();
}

#[test]
fn a_recused_member_is_not_visited() {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    scribe.recuse(vote.session, vote.matter, 42).unwrap();
    let carriers = three(&scribe, &vote);
    scribe.name_box(vote.session, carriers, &AT_HOME).unwrap();
    scribe.open_vote(&vote).unwrap();
    refused(scribe.wait_minutes(1).carry_box(&vote, &[41, 42]), Rule::BoxVoter);
    scribe.carry_box(&vote, &[41, 43]).unwrap();
    assert!(matches!(standing(&scribe, vote.matter), sunvote::core::state::matter::Standing::At(_)));
}
