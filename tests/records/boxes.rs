//! The mobile box: who carries it and to whom, visits at once and late, who may not; each rule broken.

use sunvote::core::act::session::MobileBoxNamed;
use sunvote::core::act::village::{KeyRevoked, RevokeReason};
use sunvote::core::act::voting::{MobileBoxVisited, Nothing, VoidReason, VotingOpened};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::MINUTE_MS;
use sunvote::core::ids::PersonId;
use sunvote::core::model::{Category, Channel, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::core::tally;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Set, hand};
use crate::good::{gathered_under, on_vote};
use crate::people::kin;
use crate::stages::{ASSEMBLY, Stages, local_profile};

/// Members who are at home, beside seven in the hall.
const AT_HOME: [u32; 2] = [8, 9];

fn three(scribe: &Scribe, vote: &Vote) -> [PersonId; 3] {
    [1, 2, 3].map(|no| scribe.voter(vote.session, no))
}

/// Seven in a hall, and a box that is named; the vote is not open.
fn named(stages: &Stages) -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered_under(stages, |profile| profile.recusal.allowed = true);
    let tellers = [4, 5, 6].map(|no| scribe.voter(vote.session, no));
    scribe.name_tellers_as(vote.session, tellers).unwrap();
    let three = three(&scribe, &vote);
    scribe.name_box(vote.session, three, &AT_HOME).unwrap();
    (scribe, vote)
}

/// A box is named in a session on two matters, one of them settled under a profile without one: gives the vote on that.
fn two_profiles(stages: &Stages) -> (Scribe, Vote) {
    let mut scribe = stages.village.clone();
    let with = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    scribe.adopt(local_profile(|profile| profile.mobile_box = false)).unwrap();
    let without = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[with, without], 7).unwrap();
    let three = [1, 2, 3].map(|no| scribe.voter(session, no));
    scribe.name_box(session, three, &AT_HOME).unwrap();
    (scribe, Vote::on(session, without, "q1").unwrap())
}

/// The box is on its way.
fn out(stages: &Stages) -> (Scribe, Vote) {
    let (mut scribe, vote) = named(stages);
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

/// One at home is visited and signed for at once, the other late; papers of hall and box are counted together. With them eight are
/// needed where seven would have been too few.
pub fn carried(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = out(stages);
    scribe.carry_box(&vote, &[9]).unwrap();
    scribe.issue_paper(&vote, &[1, 2]).unwrap();
    scribe.cast_all(&vote, &[("for", 3), ("against", 1)]).unwrap();
    let away = scribe.wait_minutes(50).sign_visit(&vote, &[8]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.wait_minutes(29).append(&away).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[2, 2, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    naming(set, stages);
    naming_anew(set, stages);
    opening(set, stages);
    visits(set, stages);
    closing(set, stages);
}

fn naming(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = gathered_under(stages, |profile| profile.recusal.allowed = true);
    let [one, two, third] = three(&scribe, &vote);
    set.bad(
        &scribe,
        "mobile-box-named-wrongly",
        "By one; not three, a stranger, one who is to be visited; nobody, not sorted, twice, off the roster; with an interest, kin; once voting began.",
        |f| {
            let mut sorted = vec![one, two, third];
            sorted.sort_unstable();
            let header = Header::at(vote.session).on(f.roster(vote.session));
            let by = [f.hand(Role::Chair), f.hand(Role::SupervisionCommittee)];
            let act = |people: &[PersonId]| {
                Act::MobileBoxNamed(MobileBoxNamed { scrutineers: people.to_vec(), voters: AT_HOME.to_vec() })
            };
            f.unlawful(Rule::SignerCount, &by[..1], header.clone(), act(&sorted));
            f.unlawful(Rule::ListForm, &by, header.clone(), act(&sorted[..2]));
            f.unlawful(Rule::ListForm, &by, header, act(&[sorted[1], sorted[0], sorted[2]]));
            let mut name = |rule, people, voters: &[u32]| {
                f.refused(rule, |s| s.name_box(vote.session, people, voters));
            };
            name(Rule::ListForm, [one, two, one], &AT_HOME);
            name(Rule::PersonUnknown, [one, two, PersonId::from_bytes([255; 16])], &AT_HOME);
            name(Rule::TellersUnfit, [one, two, scribe.voter(vote.session, 8)], &AT_HOME);
            name(Rule::ListForm, [one, two, third], &[]);
            name(Rule::ListForm, [one, two, third], &[9, 8]);
            name(Rule::ListForm, [one, two, third], &[8, 8]);
            name(Rule::VoterUnknown, [one, two, third], &[8, 10]);
            f.then(|s| s.recuse(vote.session, vote.matter, 3));
            f.refused(Rule::TellersUnfit, |s| s.name_box(vote.session, [one, two, third], &AT_HOME));
            let fourth = scribe.voter(vote.session, 6);
            f.then(|s| kin(s, one, fourth));
            f.refused(Rule::TellersUnfit, |s| s.name_box(vote.session, [one, two, fourth], &AT_HOME));
            let fifth = scribe.voter(vote.session, 7);
            f.then(|s| s.name_box(vote.session, [two, fourth, fifth], &AT_HOME)).wait_minutes(1);
            f.then(|s| s.name_box(vote.session, [one, two, fifth], &AT_HOME)).wait_minutes(1);
            f.then(|s| s.open_vote(&vote));
            f.refused(Rule::VotingUnderway, |s| s.name_box(vote.session, [one, two, fifth], &[8]));
        },
    );
    let (scribe, vote) = gathered_under(stages, |profile| profile.mobile_box = false);
    set.bad(&scribe, "mobile-box-without-a-profile", "The profile knows no mobile box.", |f| {
        let three = three(f, &vote);
        f.refused(Rule::BoxForbidden, |s| s.name_box(vote.session, three, &AT_HOME));
    });
    let (scribe, vote) = two_profiles(stages);
    set.bad(
        &scribe,
        "mobile-box-for-the-other-matter",
        "Of two matters on the agenda one profile knows no mobile box.",
        |f| {
            f.then(|s| s.open_vote(&vote)).wait_minutes(1).refused(Rule::BoxVoter, |s| s.carry_box(&vote, &[8]));
        },
    );
    let mut scribe = stages.filed.clone();
    let session = scribe.gather_by(ASSEMBLY, &[stages.matter], 7, &[Channel::Online]).unwrap();
    set.bad(&scribe, "mobile-box-without-paper", "A session that was called for phones alone.", |f| {
        let three = [1, 2, 3].map(|no| f.voter(session, no));
        f.refused(Rule::BoxForbidden, |s| s.name_box(session, three, &AT_HOME));
    });
}

fn naming_anew(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = gathered_under(stages, |_| {});
    let carriers = three(&scribe, &vote);
    set.bad(
        &scribe,
        "mobile-box-named-anew-wrongly",
        "Carried by who sends it out, an official, one without a key; by a naming that was held back; to others once a vote was held.",
        |f| {
            let mut name = |person| {
                f.refused(Rule::TellersUnfit, |s| s.name_box(vote.session, [carriers[0], carriers[1], person], &AT_HOME));
            };
            name(scribe.chair());
            name(scribe.drafter());
            let lost = scribe.someone(carriers[2]).unwrap().public();
            let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
            let by = [f.hand(Role::Chair), f.hand(Role::SupervisionCommittee)];
            let mut sorted = carriers.to_vec();
            sorted.sort_unstable();
            let held = Act::MobileBoxNamed(MobileBoxNamed { scrutineers: sorted, voters: vec![8] });
            let header = Header::at(vote.session).on(f.roster(vote.session));
            let held = f.sign(&by, &f.draft(&by, header, held).unwrap()).unwrap();
            f.wait_minutes(1).then(|s| s.name_box(vote.session, carriers, &AT_HOME)).wait_minutes(1);
            f.refused(Rule::BasisStale, |s| s.append(&held));
            f.then(|s| s.act(&[hand(carriers[2], Role::Holder)], Header::default(), act));
            f.refused(Rule::TellersUnfit, |s| s.open_vote(&vote));
            let fourth = f.voter(vote.session, 6);
            f.then(|s| s.name_box(vote.session, [carriers[0], carriers[1], fourth], &AT_HOME)).wait_minutes(1);
            f.then(|s| s.open_vote(&vote)).then(|s| s.void_vote(&vote, VoidReason::Failure)).wait_minutes(1);
            f.refused(Rule::BoxForbidden, |s| s.name_box(vote.session, [carriers[0], carriers[1], fourth], &[9]));
            let fifth = f.voter(vote.session, 7);
            f.then(|s| s.name_box(vote.session, [carriers[0], carriers[1], fifth], &AT_HOME));
        },
    );
}

fn opening(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = named(stages);
    set.bad(&scribe, "mobile-box-goes-out-wrongly", "With too short a grace; with two who became kin.", |f| {
        let act = VotingOpened { grace_minutes: 29, ..f.opening_of(&vote).unwrap() };
        let header = on_vote(&vote, f, Kind::VotingOpened).on(f.roster(vote.session));
        f.unlawful(Rule::ValueRange, &[f.hand(Role::Chair)], header, Act::VotingOpened(act));
        let [one, _, third] = three(f, &vote);
        f.then(|s| kin(s, one, third)).wait_minutes(1).refused(Rule::TellersUnfit, |s| s.open_vote(&vote));
        // Nobody is at home any more, and the box stays in the hall.
        f.then(|s| s.sign_in(vote.session, &AT_HOME, &[])).wait_minutes(1).then(|s| s.open_vote(&vote));
        f.wait_minutes(1).refused(Rule::SignerKin, |s| s.carry_box(&vote, &[8]));
    });
    set.bad(&scribe, "mobile-box-makes-no-quorum", "Five of nine are there, and two at home.", |f| {
        f.then(|s| s.sign_in(vote.session, &[], &[6, 7])).wait_minutes(1);
        f.refused(Rule::QuorumMissing, |s| s.open_vote(&vote));
    });
    let about = "A vote by phone alone, and one for half an hour less a minute, over members who wait at home.";
    set.bad(&scribe, "mobile-box-passed-over", about, |f| {
        let act = f.opening_of(&vote).unwrap();
        let by_phone = VotingOpened { channels: vec![Channel::Online], ..act.clone() };
        let short = VotingOpened { closes_at: act.closes_at.plus_ms(-31 * MINUTE_MS), ..act };
        for (rule, act) in [(Rule::BallotChannel, by_phone), (Rule::ValueRange, short)] {
            let header = on_vote(&vote, f, Kind::VotingOpened).on(f.roster(vote.session));
            f.unlawful(rule, &[f.hand(Role::Chair)], header, Act::VotingOpened(act));
        }
    });
}

fn visits(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = out(stages);
    let [one, two, _] = three(&scribe, &vote);
    set.bad(
        &scribe,
        "mobile-box-visits-that-are-wrong",
        "By two, by a stranger; nobody, not sorted; one in the hall, one who is not listed; twice; and nothing else for who is at home.",
        |f| {
            let carrier = |person| hand(person, Role::BoxScrutineer);
            let header = on_vote(&vote, f, Kind::VotingOpened);
            let act = || Act::MobileBoxVisited(MobileBoxVisited { voters: vec![8] });
            f.unlawful(Rule::SignerCount, &[carrier(one), carrier(two)], header.clone(), act());
            let stranger = carrier(f.voter(vote.session, 4));
            f.unlawful(Rule::SignerRole, &[carrier(one), carrier(two), stranger], header, act());
            f.refused(Rule::ListForm, |s| s.carry_box(&vote, &[]));
            f.refused(Rule::ListForm, |s| s.carry_box(&vote, &[9, 8]));
            f.refused(Rule::BoxVoter, |s| s.carry_box(&vote, &[7, 8]));
            f.refused(Rule::BoxVoter, |s| s.carry_box(&vote, &[8, 10]));
            f.refused(Rule::VoterAbsent, |s| s.issue_paper(&vote, &[8]));
            f.refused(Rule::VoterAbsent, |s| s.cast(&vote, 8, "for"));
            f.then(|s| s.carry_box(&vote, &[8])).wait_minutes(1);
            f.refused(Rule::BallotPaper, |s| s.carry_box(&vote, &[8, 9]));
            f.then(|s| s.sign_in(vote.session, &[8], &[])).wait_minutes(1);
            f.refused(Rule::VoterAbsent, |s| s.issue_paper(&vote, &[8]));
            f.refused(Rule::VoterAbsent, |s| s.cast(&vote, 8, "for"));
        },
    );
    let (mut scribe, vote) = named(stages);
    scribe.recuse(vote.session, vote.matter, 9).unwrap();
    scribe.open_vote(&vote).unwrap();
    set.bad(&scribe, "mobile-box-for-a-recused-member", "Who has an interest is not visited either.", |f| {
        f.wait_minutes(1).refused(Rule::BoxVoter, |s| s.carry_box(&vote, &[8, 9])).then(|s| s.carry_box(&vote, &[8]));
    });
}

fn closing(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = out(stages);
    set.bad(
        &scribe,
        "mobile-box-after-the-closing",
        "Closed over one who waits; handed out afterwards; deliveries that end before it can be back.",
        |f| {
            f.then(|s| s.cast_all(&vote, &[("for", 7)])).then(|s| s.carry_box(&vote, &[8])).wait_minutes(1);
            f.refused(Rule::CloseEarly, |s| s.close(&vote));
            f.then(|s| s.close_on_time(&vote)).wait_minutes(1);
            f.refused(Rule::BallotLate, |s| s.carry_box(&vote, &[9]));
            let header = on_vote(&vote, f, Kind::VotingClosed);
            f.wait_minutes(28).unlawful(Rule::CloseEarly, &[Hand::Log], header, Act::DeliveriesEnded(Nothing {}));
            f.then(|s| s.end_deliveries(&vote));
        },
    );
    set.bad(&scribe, "mobile-box-result-without-it", "Who was visited is left out of those who took part.", |f| {
        f.then(|s| s.carry_box(&vote, &AT_HOME)).then(|s| s.cast_all(&vote, &[("for", 4), ("against", 3)]));
        f.then(|s| s.close(&vote)).then(|s| s.end_deliveries(&vote)).then(|s| s.count_paper(&vote, &[0, 2, 0], 0));
        f.then(|s| s.open_ballots(&vote)).wait_minutes(1);
        let profile = local_profile(|profile| profile.recusal.allowed = true);
        let mut wrong = tally::result(&profile, &tally::gather(f.voting(&vote).unwrap()));
        (wrong.present, wrong.base, wrong.needed) = (7, 7, 4);
        let header = on_vote(&vote, f, Kind::DeliveriesEnded);
        let by = [f.hand(Role::Chair), f.hand(Role::SupervisionCommittee)];
        f.unlawful(Rule::ResultWrong, &by, header, Act::ResultAnnounced(wrong)).then(|s| s.announce(&vote));
    });
}
