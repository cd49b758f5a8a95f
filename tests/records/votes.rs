//! Votes: opening, ballots, paper, closing, counting, openings and results, each broken.

use sunvote::core::act::voting::{
    BallotCast, Nothing, OptionCount, PaperCounted, PaperIssued, ResultAnnounced, VoidReason, VotingOpened,
};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, PersonId};
use sunvote::core::judge::session::profile_of;
use sunvote::core::model::{Channel, Mode, Role};
use sunvote::core::reject::Rule;
use sunvote::core::tally;
use sunvote::log::scribe::Hand;
use sunvote::log::scribe::voting::Vote;

use crate::forge::{Forge, Made, Set, hand};
use crate::good::{gathered_under, hall, on_vote};
use crate::stages::Stages;
use crate::{boxes, counts, papers, terminals, witnesses};

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    openings_of_votes(&mut set, stages);
    times(&mut set, stages);
    ballots(&mut set, stages);
    paper(&mut set, stages);
    closings(&mut set, stages);
    counts::add(&mut set, stages);
    papers::add(&mut set, stages);
    boxes::add(&mut set, stages);
    witnesses::add(&mut set, stages);
    terminals::add(&mut set, stages);
    ("Opening, ballots, paper, closing, counting, openings and results, each broken.", set.0)
}

/// The stages' vote, opened with a change; then as it should be.
fn opening(f: &mut Forge, stages: &Stages, rule: Rule, change: impl FnOnce(&mut VotingOpened, &mut Forge)) {
    let mut act = f.opening_of(&stages.vote).unwrap();
    change(&mut act, f);
    let by = [f.hand(Role::Chair)];
    let header = on_vote(&stages.vote, f, Kind::VotingOpened).on(f.roster(stages.session));
    f.unlawful(rule, &by, header, Act::VotingOpened(act)).then(|s| s.wait_minutes(1).open_vote(&stages.vote));
}

fn openings_of_votes(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut VotingOpened, &mut Forge)| {
        set.bad(&stages.gathered, name, about, |f| opening(f, stages, rule, change));
    };
    let wrong = Rule::QuestionWrong;
    bad("opened-with-another-plan", "Another plan than the settled one: changed after filing.", wrong, &|a, _| {
        a.plan = Digest([7; 32]);
    });
    bad("opened-with-another-title", "Another wording of the question.", wrong, &|a, _| a.title = Digest([7; 32]));
    bad("opened-with-other-options", "Options in another order.", wrong, &|a, _| a.options.swap(0, 1));
    bad("opened-with-fewer-options", "No abstention.", wrong, &|a, _| a.options.truncate(2));
    bad("opened-with-labels", "Words for a question that has none.", wrong, &|a, _| a.labels = vec![Digest([7; 32])]);
    bad("opened-under-another-profile", "Another profile than the settled one.", Rule::ProfileWrong, &|a, _| {
        a.profile = Digest([7; 32]);
    });
    bad("opened-in-another-mode", "A secret vote where the profile says named.", Rule::ProfileWrong, &|a, _| {
        (a.mode, a.channels) = (Mode::PaperSecret, vec![Channel::Paper]);
    });
    bad("opened-by-a-kiosk", "A channel that the session doesn't have.", Rule::BallotChannel, &|a, _| {
        a.channels = vec![Channel::Online, Channel::Kiosk];
    });
    bad("opened-without-channels", "No way to vote.", Rule::ListForm, &|a, _| a.channels.clear());
    bad("opened-with-one-more", "One more there than the sheet says.", Rule::AttendanceWrong, &|a, _| a.present += 1);
    bad("opened-with-one-fewer-due", "One fewer due than the roster has.", Rule::AttendanceWrong, &|a, _| {
        a.eligible -= 1;
    });
    bad("opened-with-121-minutes-of-grace", "More grace than 120 minutes.", Rule::ValueRange, &|a, _| {
        a.grace_minutes = 121;
    });
    bad(
        "opened-on-paper-with-much-grace",
        "More than 120 minutes for papers to be entered.",
        Rule::ValueRange,
        &|a, _| {
            (a.channels, a.grace_minutes) = (vec![Channel::Paper], 121);
        },
    );
    bad("opened-for-less-than-five-minutes", "A millisecond less than five minutes.", Rule::ValueRange, &|a, f| {
        a.closes_at = f.now().plus_ms(299_999);
    });
    bad("opened-for-more-than-fourteen-days", "A millisecond more than fourteen days.", Rule::ValueRange, &|a, f| {
        a.closes_at = f.now().plus_ms(14 * 86_400_000 + 1);
    });
    set.bad(&stages.gathered, "opened-for-five-minutes", "Five minutes are enough.", |f| {
        let mut act = f.opening_of(&stages.vote).unwrap();
        act.closes_at = f.now().plus_ms(300_000);
        let header = on_vote(&stages.vote, f, Kind::VotingOpened).on(f.roster(stages.session));
        let by = [f.hand(Role::Chair)];
        f.then(|s| s.act(&by, header, Act::VotingOpened(act)));
    });
    set.bad(
        &stages.gathered,
        "opened-on-another-question",
        "A question that the plan doesn't have, on a matter that is not on the agenda.",
        |f| {
            let by = [f.hand(Role::Chair)];
            let act = f.opening_of(&stages.vote).unwrap();
            let other = Vote::on(stages.session, stages.matter, "q2").unwrap();
            let header = on_vote(&other, f, Kind::VotingOpened).on(f.roster(stages.session));
            f.unlawful(wrong, &by, header, Act::VotingOpened(act.clone()));
            let unknown = Vote::on(stages.session, f.new_matter(), "q1").unwrap();
            let header = on_vote(&unknown, f, Kind::VotingOpened).on(f.roster(stages.session));
            f.unlawful(Rule::MatterUnknown, &by, header, Act::VotingOpened(act));
        },
    );
    set.bad(&stages.voting, "opened-twice", "A vote opened while it is open.", |f| {
        f.refused(Rule::VotingState, |s| s.open_vote(&stages.vote)).then(|s| s.cast(&stages.vote, 1, "for"));
    });
    set.bad(&stages.announced, "voted-on-again", "A question that is decided is voted on again.", |f| {
        f.refused(Rule::VotingState, |s| s.open_vote(&stages.vote)).then(|s| s.sign_minutes(stages.session));
    });
    set.bad(&stages.gathered, "opened-over-a-concern", "A vote opened while a concern waits.", |f| {
        f.then(|s| s.raise_concern(stages.matter, "名单有误")).refused(Rule::OpenPoint, |s| s.open_vote(&stages.vote));
    });
}

fn times(set: &mut Set, stages: &Stages) {
    let (session, vote) = (stages.session, &stages.vote);
    set.bad(
        &stages.rostered,
        "opened-before-the-session",
        "Opened a millisecond before the session begins, without tellers, and two days late.",
        |f| {
            let starts_at = f.state().session(session).unwrap().starts_at;
            f.then(|s| s.sign_in(session, &[1, 2, 3, 4, 5, 6], &[]));
            f.at(starts_at.plus_ms(-1)).refused(Rule::NoticeEarly, |s| s.open_vote(vote));
            f.at(starts_at).refused(Rule::TellersUnfit, |s| s.open_vote(vote)).then(|s| s.name_tellers(session));
            let over = starts_at.date().plus_days(2).start();
            f.at(over).refused(Rule::SessionState, |s| s.open_vote(vote));
        },
    );
    set.bad(
        &stages.gathered,
        "opened-at-the-last-moment",
        "The day after the notice's, a millisecond before it ends.",
        |f| {
            let starts_at = f.state().session(session).unwrap().starts_at;
            f.at(starts_at.date().plus_days(2).start().plus_ms(-1)).then(|s| s.open_vote(vote));
        },
    );
    set.bad(
        &stages.voting,
        "ballot-at-the-closing-time",
        "A ballot a millisecond before the vote closes, and when it does.",
        |f| {
            let closes_at = f.voting(vote).unwrap().opening.closes_at;
            f.at(closes_at.plus_ms(-1)).then(|s| s.cast(vote, 1, "for"));
            f.at(closes_at).refused(Rule::BallotLate, |s| s.cast(vote, 2, "for")).then(|s| s.close(vote));
            f.refused(Rule::BallotLate, |s| s.cast(vote, 3, "for")).then(|s| s.end_deliveries(vote));
        },
    );
}

/// A ballot by a voter, changed before it is signed.
fn ballot(f: &mut Forge, vote: &Vote, voter: u32, rule: Rule, change: impl FnOnce(&mut BallotCast)) {
    let (mut ballot, _) = f.ballot(vote, voter, "for").unwrap();
    change(&mut ballot);
    let by = [hand(f.voter(vote.session, voter), Role::Voter)];
    let header = on_vote(vote, f, Kind::VotingOpened);
    f.unlawful(rule, &by, header, Act::BallotCast(ballot));
}

fn ballots(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut BallotCast, PersonId)| {
        set.bad(&stages.voting, name, about, |f| {
            let own = f.voter(vote.session, 1);
            ballot(f, vote, 1, rule, |act| change(act, own));
            f.wait_minutes(1).then(|s| s.cast(vote, 1, "for"));
        });
    };
    bad("ballot-revision-0", "Revision 0.", Rule::BallotRevision, &|b, _| b.revision = 0);
    bad("ballot-by-kiosk", "A ballot by a kiosk, where the vote has none.", Rule::BallotChannel, &|b, _| {
        b.channel = Channel::Kiosk;
    });
    bad("ballot-by-paper", "A ballot that says it is of paper.", Rule::BallotChannel, &|b, _| {
        b.channel = Channel::Paper;
    });
    bad("ballot-helped-by-nobody", "A helper who is not on record.", Rule::PersonUnknown, &|b, _| {
        b.helper = Some(PersonId::from_bytes([1; 16]));
    });
    bad("ballot-helped-by-the-voter", "The voter helped the voter.", Rule::PersonUnknown, &|b, own| {
        b.helper = Some(own);
    });
    bad("ballot-of-number-0", "Roster number 0.", Rule::VoterUnknown, &|b, _| b.voter = 0);
    bad("ballot-of-number-10", "A number that the roster doesn't have.", Rule::VoterUnknown, &|b, _| b.voter = 10);
    set.bad(
        &stages.voting,
        "ballot-of-who-is-not-there",
        "Who was not there when voting opened, and came then.",
        |f| {
            f.then(|s| s.check_in(vote.session, 8)).refused(Rule::VoterAbsent, |s| s.cast(vote, 8, "for"));
            f.then(|s| s.check_out(vote.session, 1)).then(|s| s.cast(vote, 1, "for"));
        },
    );
    set.bad(&stages.voting, "ballot-revisions-with-gaps", "Revisions may leave gaps, and never fall or stay.", |f| {
        for (revision, lawful) in [(5, true), (5, false), (4, false), (4_294_967_295, true)] {
            let (mut ballot, _) = f.wait_minutes(1).ballot(vote, 1, "for").unwrap();
            ballot.revision = revision;
            let by = [hand(f.voter(vote.session, 1), Role::Voter)];
            let (header, act) = (on_vote(vote, f, Kind::VotingOpened), Act::BallotCast(ballot));
            if lawful {
                f.then(|s| s.act(&by, header, act));
            } else {
                f.unlawful(Rule::BallotRevision, &by, header, act);
            }
        }
    });
    set.bad(
        &hall(stages).voting,
        "ballot-of-a-recused-member",
        "A recused member votes; so does another with a paper.",
        |f| {
            let vote = &hall(stages).vote;
            f.refused(Rule::VoterRecused, |s| s.cast(vote, 3, "for"))
                .refused(Rule::VoterRecused, |s| s.issue_paper(vote, &[3]));
            f.then(|s| s.issue_paper(vote, &[6])).refused(Rule::BallotPaper, |s| s.cast(vote, 6, "for"));
            f.then(|s| s.cast(vote, 7, "for"));
        },
    );
    let (mut secret, vote) = gathered_under(stages, |profile| profile.mode = Mode::PaperSecret);
    set.bad(&secret, "secret-vote-by-phone", "A secret vote opened for phones.", |f| {
        let mut act = f.opening_of(&vote).unwrap();
        act.channels = vec![Channel::Online, Channel::Paper];
        let (by, header) = ([f.hand(Role::Chair)], on_vote(&vote, f, Kind::VotingOpened).on(f.roster(vote.session)));
        f.unlawful(Rule::BallotChannel, &by, header, Act::VotingOpened(act))
            .then(|s| s.wait_minutes(1).open_vote(&vote));
    });
    secret.open_vote(&vote).unwrap();
    set.bad(&secret, "secret-ballot-by-phone", "A named ballot in a secret vote.", |f| {
        ballot(f, &vote, 1, Rule::BallotChannel, |_| ());
        f.then(|s| s.issue_paper(&vote, &[1]));
    });
}

/// Papers handed out by clerk and somebody.
fn issue(f: &mut Forge, vote: &Vote, rule: Rule, by: [Hand; 2], voters: &[u32]) {
    let header = on_vote(vote, f, Kind::VotingOpened);
    f.unlawful(rule, &by, header, Act::PaperIssued(PaperIssued { voters: voters.to_vec() }));
}

fn paper(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    set.bad(
        &stages.voting,
        "paper-for-lists-that-are-none",
        "Nobody, unsorted, twice, 201 numbers, a number that isn't there.",
        |f| {
            for voters in [vec![], vec![2, 1], vec![1, 1], (1..=201).collect()] {
                f.wait_minutes(1).refused(Rule::ListForm, |s| s.issue_paper(vote, &voters));
            }
            f.refused(Rule::VoterUnknown, |s| s.issue_paper(vote, &[10])).then(|s| s.issue_paper(vote, &[1, 2]));
            f.refused(Rule::BallotPaper, |s| s.issue_paper(vote, &[2]))
                .refused(Rule::VoterAbsent, |s| s.issue_paper(vote, &[8]));
        },
    );
    set.bad(
        &hall(stages).voting,
        "paper-for-who-is-at-home",
        "Who checked in by phone gets paper only after signing in at the hall.",
        |f| {
            let vote = &hall(stages).vote;
            f.refused(Rule::VoterAbsent, |s| s.issue_paper(vote, &[8])).then(|s| s.sign_in(vote.session, &[8], &[]));
            f.then(|s| s.issue_paper(vote, &[8]));
        },
    );
    set.bad(
        &stages.voting,
        "paper-for-who-has-voted",
        "Handed out by clerk and scrutineer: for who has voted the voter or the committee must sign.",
        |f| {
            f.then(|s| s.cast(vote, 1, "for"));
            let tellers = f.state().session(vote.session).unwrap().tellers.clone().unwrap();
            let (clerk, scrutineer) = (f.hand(Role::Clerk), hand(tellers.scrutineer, Role::Scrutineer));
            let other = hand(f.voter(vote.session, 3), Role::Voter);
            issue(f, vote, Rule::SignerRole, [clerk, scrutineer], &[1]);
            issue(f, vote, Rule::SignerRole, [clerk, other], &[1]);
            issue(f, vote, Rule::VoterUnknown, [clerk, other], &[2]);
            issue(f, vote, Rule::VoterUnknown, [clerk, other], &[3, 4]);
            let own = hand(f.voter(vote.session, 1), Role::Voter);
            let header = on_vote(vote, f, Kind::VotingOpened);
            f.then(|s| s.act(&[clerk, own], header, Act::PaperIssued(PaperIssued { voters: vec![1] })));
        },
    );
    set.bad(&stages.voting, "paper-at-the-closing-time", "Papers handed out when the vote has closed.", |f| {
        let closes_at = f.voting(vote).unwrap().opening.closes_at;
        f.at(closes_at.plus_ms(-1)).then(|s| s.issue_paper(vote, &[1]));
        f.at(closes_at).refused(Rule::BallotLate, |s| s.issue_paper(vote, &[2]));
    });
}

fn closings(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    let by_log = |f: &Forge| (on_vote(vote, f, Kind::VotingOpened), Act::VotingClosed(Nothing {}));
    set.bad(
        &stages.voting,
        "closed-early",
        "Closed with one who has not voted; by the log a millisecond early, and in time.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 6)])).refused(Rule::CloseEarly, |s| s.close(vote));
            let closes_at = f.voting(vote).unwrap().opening.closes_at;
            let (header, act) = by_log(f.at(closes_at.plus_ms(-1)));
            f.unlawful(Rule::CloseEarly, &[Hand::Log], header, act);
            f.at(closes_at).then(|s| s.close(vote)).wait_minutes(1).refused(Rule::VotingState, |s| s.close(vote));
        },
    );
    set.bad(
        &stages.cast,
        "closed-early-by-the-log",
        "All have voted: two people may close it, the log may not.",
        |f| {
            let (header, act) = by_log(f);
            f.unlawful(Rule::CloseEarly, &[Hand::Log], header, act).then(|s| s.close(vote));
        },
    );
    set.bad(
        &stages.voting,
        "deliveries-before-the-close",
        "Deliveries end before the vote is closed, and twice.",
        |f| {
            f.refused(Rule::BasisStale, |s| s.end_deliveries(vote))
                .then(|s| s.close_on_time(vote))
                .then(|s| s.end_deliveries(vote));
            f.wait_minutes(1).refused(Rule::VotingState, |s| s.end_deliveries(vote));
        },
    );
    set.bad(&stages.closed, "counted-before-deliveries-ended", "Opened and announced before deliveries ended.", |f| {
        f.refused(Rule::BasisStale, |s| s.open_ballots(vote)).refused(Rule::BasisStale, |s| s.announce(vote));
        f.then(|s| s.end_deliveries(vote)).then(|s| s.open_ballots(vote));
    });
    set.bad(
        &stages.voting,
        "withdrawn-during-the-vote",
        "The matter is withdrawn, changed, its plan withdrawn, while people vote.",
        |f| {
            f.refused(Rule::VotingUnderway, |s| s.withdraw(stages.matter, "撤回"));
            f.refused(Rule::VotingUnderway, |s| s.request_change(stages.matter, "调整"));
            let plan = f.state().matter(stages.matter).unwrap().settled.as_ref().unwrap().plan.sha256;
            f.refused(Rule::VotingUnderway, |s| crate::matters::withdraw_document(s, plan))
                .then(|s| s.cast(vote, 1, "for"));
        },
    );
}

/// The result of a vote as it is.
pub fn result_of(f: &Forge, vote: &Vote) -> ResultAnnounced {
    let item = f.state().session(vote.session).unwrap().item(vote.matter).unwrap();
    tally::result(profile_of(f.state(), item).unwrap(), &tally::gather(f.voting(vote).unwrap()))
}

/// Announces a result by chair and supervision committee.
pub fn announce(f: &mut Forge, vote: &Vote, rule: Rule, result: ResultAnnounced) {
    let header = on_vote(vote, f, Kind::DeliveriesEnded);
    let by = [f.hand(Role::Chair), f.hand(Role::SupervisionCommittee)];
    f.unlawful(rule, &by, header, Act::ResultAnnounced(result));
}

/// A count by the tellers.
pub fn count(f: &mut Forge, vote: &Vote, rule: Rule, counts: &[(&str, u32)], invalid: u32, in_box: u32) {
    let tellers = f.state().session(vote.session).unwrap().tellers.clone().unwrap();
    let by = [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
    let row = |(option, count): &(&str, u32)| OptionCount { option: option.parse().unwrap(), count: *count };
    let act = PaperCounted {
        in_box,
        counts: counts.iter().map(row).collect(),
        invalid,
        rows: Vec::new(),
        photos: Vec::new(),
    };
    let header = on_vote(vote, f, Kind::DeliveriesEnded);
    f.unlawful(rule, &by, header, Act::PaperCounted(act));
}

/// Every reason for a void vote, each refused.
pub fn no_grounds(f: &mut Forge, vote: &Vote, reasons: &[VoidReason]) {
    for reason in reasons {
        f.wait_minutes(1).refused(Rule::VotingState, |s| s.void_vote(vote, *reason));
    }
}
