//! What witnesses bring: ballots received from voters whom the server refused, and times that they signed.

use sunvote::core::act::voting::{BallotVouched, Nothing, TimeAnchored, VouchedBallot};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::Digest;
use sunvote::core::judge::voting::LEAST_GRACE;
use sunvote::core::model::Role;
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::witness::Refused;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, Set, key};
use crate::good::on_vote;
use crate::papers::by_tellers;
use crate::stages::{ASSEMBLY, Stages};

/// The stages' matter before an assembly whose district has an inspector: an open vote of seven.
pub fn inspected(stages: &Stages) -> (Scribe, Vote) {
    let mut scribe = stages.filed.clone();
    scribe.enrol_inspector().unwrap();
    let session = scribe.gather(ASSEMBLY, &[stages.matter], 7).unwrap();
    let vote = Vote::on(session, stages.matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

fn closes_at(scribe: &Scribe, vote: &Vote) -> Time {
    scribe.voting(vote).unwrap().opening.closes_at
}

/// A time anchor of this size of the district's log, cosigned so long ago.
fn anchor(scribe: &Scribe, size: u64, age_ms: i64) -> TimeAnchored {
    scribe.anchor_of(&key(70), size, Digest([9; 32]), scribe.now().plus_ms(-age_ms)).unwrap()
}

/// A minute before closing voter 5's ballot is refused, and a witness receives it at once. Three others have voted.
fn refused_at_the_end(scribe: &mut Scribe, vote: &Vote) -> (Refused, Time) {
    scribe.cast_all(vote, &[("for", 3)]).unwrap();
    let received = closes_at(scribe, vote).plus_ms(-MINUTE_MS);
    (scribe.at(received).sign_ballot(vote, 5, "for").unwrap(), received)
}

/// A vouched ballot that decides, another that never came and was answered for, and anchors of the time.
pub fn witnessed(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = inspected(stages);
    let made = anchor(&scribe, 400, 5_000);
    scribe.anchor(made).unwrap();
    let (ballot, received) = refused_at_the_end(&mut scribe, &vote);
    let lost = scribe.sign_ballot(&vote, 6, "against").unwrap();
    let made = anchor(&scribe, 401, 5_000);
    scribe.anchor(made).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.wait_minutes(1).vouch(&vote, vec![ballot.received(received), lost.received(received)]).unwrap();
    scribe.wait_minutes(3).append(&ballot.signed).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.answer_dispute(&vote, "本人未再送来选票").unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = inspected(stages);
    admitted(set, &scribe, &vote);
    rows(set, &scribe, &vote);
    waiting(set, &scribe, &vote);
    grace(set, &scribe, &vote);
    anchors(set, &scribe, &vote);
    cosignatures(set, &scribe);
    set.bad(&stages.voting, "vouched-where-nobody-may", "The township's discipline officer vouches.", |f| {
        let ballot = f.sign_ballot(&stages.vote, 1, "for").unwrap();
        let ballots = vec![ballot.received(f.now())];
        let by = [f.hand(Role::TownshipDisciplineOfficer)];
        let header = on_vote(&stages.vote, f, Kind::VotingOpened);
        f.unlawful(Rule::SignerRole, &by, header, Act::BallotVouched(BallotVouched { ballots }));
    });
}

fn admitted(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(
        scribe,
        "attack-refused-ballot",
        "A ballot that the server refused: late without the inspector's word, and admitted by it.",
        |f| {
            let (ballot, received) = refused_at_the_end(f, vote);
            f.then(|s| s.close_on_time(vote)).wait_minutes(1).refused(Rule::BallotLate, |s| s.append(&ballot.signed));
            f.then(|s| s.vouch(vote, vec![ballot.received(received)])).then(|s| s.append(&ballot.signed));
            f.refused(Rule::StatementReplayed, |s| s.append(&ballot.signed));
        },
    );
    set.bad(scribe, "vouched-and-too-late", "A vouched ballot after deliveries have ended.", |f| {
        let (ballot, received) = refused_at_the_end(f, vote);
        f.then(|s| s.close_on_time(vote)).then(|s| s.wait_minutes(1).vouch(vote, vec![ballot.received(received)]));
        f.then(|s| s.end_deliveries(vote)).refused(Rule::BallotLate, |s| s.append(&ballot.signed));
    });
    set.bad(
        scribe,
        "vouched-while-the-vote-is-open",
        "Twelve minutes old: too old for itself, and admitted by when it was received.",
        |f| {
            let ballot = f.sign_ballot(vote, 1, "for").unwrap();
            let received = f.now().plus_ms(MINUTE_MS);
            f.wait_minutes(12).refused(Rule::StatementTime, |s| s.append(&ballot.signed));
            f.then(|s| s.vouch(vote, vec![ballot.received(received)])).then(|s| s.append(&ballot.signed));
            f.wait_minutes(1).refused(Rule::StatementTime, |s| s.append(&ballot.signed));
        },
    );
    set.bad(scribe, "vouched-and-signed-long-before", "Received eleven minutes after it was signed.", |f| {
        let ballot = f.sign_ballot(vote, 1, "for").unwrap();
        let received = f.wait_minutes(11).now();
        f.then(|s| s.vouch(vote, vec![ballot.received(received)]))
            .refused(Rule::StatementTime, |s| s.append(&ballot.signed));
    });
    for (name, voter, revision) in [("vouched-for-another-voter", 6, 1), ("vouched-for-another-revision", 5, 2)] {
        set.bad(scribe, name, "A row that names the ballot, and not its voter and revision, admits nothing.", |f| {
            let (ballot, received) = refused_at_the_end(f, vote);
            let row = VouchedBallot { voter, revision, ..ballot.received(received) };
            f.then(|s| s.close_on_time(vote)).then(|s| s.wait_minutes(1).vouch(vote, vec![row]));
            f.refused(Rule::BallotLate, |s| s.append(&ballot.signed));
        });
    }
    set.bad(scribe, "vouched-beside-paper", "A vouched ballot of who has a paper.", |f| {
        let (ballot, received) = refused_at_the_end(f, vote);
        f.then(|s| s.issue_paper(vote, &[5])).then(|s| s.close_on_time(vote));
        f.then(|s| s.vouch(vote, vec![ballot.received(received)]))
            .refused(Rule::BallotPaper, |s| s.append(&ballot.signed));
    });
    set.bad(
        scribe,
        "paper-by-those-who-count-over-a-vouched-ballot",
        "The ballot was held back and has not come.",
        |f| {
            let (ballot, received) = (f.sign_ballot(vote, 1, "for").unwrap(), f.now());
            f.wait_minutes(1).then(|s| s.vouch(vote, vec![ballot.received(received)]));
            let paper = by_tellers(f, vote);
            f.refused(Rule::SignerRole, |s| s.append(&paper)).then(|s| s.append(&ballot.signed));
        },
    );
}

fn rows(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut Vec<VouchedBallot>, &Scribe)| {
        set.bad(scribe, name, about, |f| {
            let (ballot, received) = refused_at_the_end(f, vote);
            f.then(|s| s.close_on_time(vote)).wait_minutes(1);
            let mut ballots = vec![ballot.received(received)];
            change(&mut ballots, f);
            let (by, header) = ([f.hand(Role::DisciplineInspector)], on_vote(vote, f, Kind::VotingOpened));
            f.unlawful(rule, &by, header, Act::BallotVouched(BallotVouched { ballots }));
            f.then(|s| s.vouch(vote, vec![ballot.received(received)])).then(|s| s.append(&ballot.signed));
        });
    };
    let opened = |scribe: &Scribe| scribe.voting(vote).unwrap().opened.time;
    bad("vouched-before-the-opening", "Received a millisecond before the vote opened.", Rule::ValueRange, &|b, s| {
        b[0].received_at = opened(s).plus_ms(-1);
    });
    bad("vouched-ahead", "Received a millisecond from now.", Rule::ValueRange, &|b, s| {
        b[0].received_at = s.now().plus_ms(1);
    });
    bad("vouched-at-the-closing-time", "Received when the vote closed.", Rule::BallotLate, &|b, s| {
        b[0].received_at = closes_at(s, vote);
    });
    bad("vouched-for-a-stranger", "A number that the roster doesn't have.", Rule::VoterUnknown, &|b, _| {
        b[0].voter = 10;
    });
    bad("vouched-for-who-was-not-there", "A voter who was not there.", Rule::VoterAbsent, &|b, _| b[0].voter = 8);
    bad("vouched-for-nobody", "No ballots.", Rule::ListForm, &|b, _| b.clear());
    bad("vouched-twice-in-a-list", "One ballot twice.", Rule::ListForm, &|b, _| b.push(b[0]));
    bad("vouched-not-sorted", "Ballots in the wrong order.", Rule::ListForm, &|b, _| {
        *b = vec![
            VouchedBallot { statement: Digest([0xFF; 32]), ..b[0] },
            VouchedBallot { statement: Digest([0; 32]), ..b[0] },
        ];
    });
    set.bad(scribe, "vouched-again-for-another-time", "What is vouched for is said once.", |f| {
        let (ballot, received) = refused_at_the_end(f, vote);
        f.then(|s| s.close_on_time(vote)).then(|s| s.wait_minutes(1).vouch(vote, vec![ballot.received(received)]));
        f.refused(Rule::ListForm, |s| s.vouch(vote, vec![ballot.received(received.plus_ms(-1))]));
    });
    set.bad(
        scribe,
        "vouched-past-an-early-closing",
        "A vote closed early: received a millisecond after, and at that very time.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 7)]));
            let ballot = f.sign_ballot(vote, 1, "against").unwrap();
            let closed = f.close(vote).unwrap().at.time;
            f.wait_ms(1).refused(Rule::BallotLate, |s| s.vouch(vote, vec![ballot.received(closed.plus_ms(1))]));
            f.then(|s| s.vouch(vote, vec![ballot.received(closed)])).then(|s| s.append(&ballot.signed));
        },
    );
}

fn waiting(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(
        scribe,
        "ended-early-while-a-vouched-ballot-is-missing",
        "All have voted, and a later ballot of one of them was vouched for: deliveries end when the grace has passed.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 7)]));
            let ballot = f.sign_ballot(vote, 1, "against").unwrap();
            let closed = f.now();
            f.then(|s| s.vouch(vote, vec![ballot.received(closed)])).then(|s| s.close(vote));
            let header = on_vote(vote, f, Kind::VotingClosed);
            f.unlawful(Rule::CloseEarly, &[Hand::Log], header, Act::DeliveriesEnded(Nothing {}));
            f.then(|s| s.end_deliveries(vote));
        },
    );
    set.bad(
        scribe,
        "opened-while-a-vouched-ballot-is-missing",
        "Nothing is opened before it came or was answered for, and it is answered for only when it can't come.",
        |f| {
            let (ballot, received) = refused_at_the_end(f, vote);
            f.then(|s| s.close_on_time(vote)).then(|s| s.wait_minutes(1).vouch(vote, vec![ballot.received(received)]));
            f.refused(Rule::VotingState, |s| s.answer_dispute(vote, "本人未再送来选票"))
                .then(|s| s.end_deliveries(vote));
            f.refused(Rule::OpenPoint, |s| s.open_ballots(vote))
                .wait_minutes(1)
                .then(|s| s.answer_dispute(vote, "本人未再送来选票"));
            f.then(|s| s.open_ballots(vote)).then(|s| s.announce(vote));
        },
    );
    set.bad(
        scribe,
        "closed-while-a-vouched-ballot-is-missing",
        "Who has only a vouched ballot has not voted yet.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 6)]));
            let (ballot, now) = (f.sign_ballot(vote, 7, "for").unwrap(), f.now());
            f.then(|s| s.vouch(vote, vec![ballot.received(now)])).refused(Rule::CloseEarly, |s| s.close(vote));
            f.then(|s| s.append(&ballot.signed))
                .then(|s| s.wait_minutes(1).close(vote))
                .then(|s| s.end_deliveries(vote));
        },
    );
}

fn grace(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(
        scribe,
        "deliveries-ended-before-the-grace",
        "Somebody has not voted: deliveries go on for the grace, to the millisecond.",
        |f| {
            let closed = f.close_on_time(vote).unwrap().at.time;
            let (header, end) = (on_vote(vote, f, Kind::VotingClosed), Act::DeliveriesEnded(Nothing {}));
            let ends = closed.plus_ms(i64::from(LEAST_GRACE) * MINUTE_MS);
            f.at(ends.plus_ms(-1)).unlawful(Rule::CloseEarly, &[Hand::Log], header.clone(), end.clone());
            f.at(ends).then(|s| s.act(&[Hand::Log], header, end));
        },
    );
    set.bad(scribe, "grace-too-short", "Four minutes, and 121, where an inspector could vouch.", |f| {
        f.then(|s| s.void_vote(vote, sunvote::core::act::voting::VoidReason::Failure));
        let (by, header) = ([f.hand(Role::Chair)], on_vote(vote, f, Kind::VotingOpened).on(f.roster(vote.session)));
        for (minutes, lawful) in [(LEAST_GRACE - 1, false), (121, false), (120, true)] {
            let mut act = f.wait_minutes(1).opening_of(vote).unwrap();
            act.grace_minutes = minutes;
            if lawful {
                f.then(|s| s.act(&by, header.clone(), Act::VotingOpened(act)));
            } else {
                f.unlawful(Rule::ValueRange, &by, header.clone(), Act::VotingOpened(act));
            }
        }
    });
}

/// An anchor that is refused, or is not.
fn anchored(f: &mut Forge, size: u64, age_ms: i64, lawful: bool) {
    let made = anchor(f, size, age_ms);
    if lawful {
        f.then(|s| s.anchor(made));
    } else {
        f.refused(Rule::AnchorWrong, |s| s.anchor(made));
    }
}

fn anchors(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(
        scribe,
        "anchor-too-soon",
        "An anchor a millisecond less than ten minutes after the last, and at ten.",
        |f| {
            anchored(f, 400, 5_000, true);
            anchored(f.wait_ms(10 * MINUTE_MS - 1), 401, 4_999, false);
            anchored(f.wait_ms(1), 401, 5_000, true);
        },
    );
    set.bad(
        scribe,
        "anchor-of-another-time",
        "Cosigned a second more than twenty minutes ago, or more than two ahead; and at these bounds.",
        |f| {
            anchored(f, 400, 20 * MINUTE_MS + 1_000, false);
            anchored(f, 400, -2 * MINUTE_MS - 1_000, false);
            anchored(f, 400, 20 * MINUTE_MS, true);
            anchored(f.wait_minutes(10), 400, -2 * MINUTE_MS, true);
        },
    );
    set.bad(
        scribe,
        "anchor-of-a-log-that-shrank",
        "Of no entries, of fewer, of another root, cosigned no later.",
        |f| {
            anchored(f, 0, 0, false);
            anchored(f, 400, 0, true);
            f.wait_minutes(10);
            let other = f.anchor_of(&key(70), 400, Digest([8; 32]), f.now()).unwrap();
            f.refused(Rule::AnchorWrong, |s| s.anchor(other));
            anchored(f, 399, 0, false);
            anchored(f, 401, 10 * MINUTE_MS, false);
            anchored(f, 401, 0, true);
        },
    );
    set.bad(scribe, "anchor-without-a-vote", "An anchor when the vote is closed.", |f| {
        f.then(|s| s.close_on_time(vote));
        let made = anchor(f, 400, 0);
        f.refused(Rule::VotingState, |s| s.anchor(made));
    });
    set.bad(scribe, "anchor-by-the-inspector", "An anchor that the log didn't sign.", |f| {
        let (by, act) = ([f.hand(Role::DisciplineInspector)], Act::TimeAnchored(anchor(f, 400, 0)));
        f.unlawful(Rule::SignerRole, &by, Header::default(), act);
    });
}

fn cosignatures(set: &mut Set, scribe: &Scribe) {
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut TimeAnchored)| {
        set.bad(scribe, name, about, |f| {
            let mut made = anchor(f, 400, 0);
            change(&mut made);
            f.refused(rule, |s| s.anchor(made));
            // What was refused is no anchor: the next may come at once.
            anchored(f, 400, 0, true);
        });
    };
    let rule = Rule::StatementSignature;
    bad("anchor-of-another-size", "The cosignature is of another size.", rule, &|a| a.size += 1);
    bad("anchor-of-another-root", "Of another root.", rule, &|a| a.root = Digest([1; 32]));
    bad("anchor-a-second-earlier", "Of another second.", rule, &|a| a.cosigned_at = a.cosigned_at.plus_ms(-1_000));
    bad("anchor-with-milliseconds", "Not in whole seconds.", Rule::AnchorWrong, &|a| {
        a.cosigned_at = a.cosigned_at.plus_ms(1);
    });
    bad("anchor-with-another-signature", "One bit of R.", rule, &|a| a.signature.0[0] ^= 1);
    bad("anchor-by-no-key", "A witness's key of small order.", rule, &|a| a.witness = crate::raw::unfit_keys()[0].2);
}
