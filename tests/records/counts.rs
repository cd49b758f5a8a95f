//! Counting: paper, openings, results, disputes and void votes, each broken.

use sunvote::core::act::voting::{BallotsOpened, VoidReason};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::Digest;
use sunvote::core::model::Role;
use sunvote::core::reject::Rule;
use sunvote::core::statement::{Header, Part};
use sunvote::log::scribe::Hand;

use crate::forge::{Forge, Set, hand};
use crate::good::{hall, on_vote};
use crate::stages::Stages;
use crate::votes::{announce, count, no_grounds, result_of};

pub fn add(set: &mut Set, stages: &Stages) {
    papers(set, stages);
    openings(set, stages);
    results(set, stages);
    disputes(set, stages);
    voids(set, stages);
}

fn papers(set: &mut Set, stages: &Stages) {
    let hall = hall(stages);
    let vote = &hall.vote;
    let wrong = Rule::CountWrong;
    set.bad(
        &hall.delivered,
        "count-that-does-not-add-up",
        "Counts that don't add up, lack an option, have another order, another option.",
        |f| {
            count(f, vote, wrong, &[("for", 2), ("against", 0), ("abstain", 0)], 0, 3);
            count(f, vote, wrong, &[("for", 2), ("against", 0)], 0, 2);
            count(f, vote, wrong, &[("against", 0), ("for", 2), ("abstain", 0)], 0, 2);
            count(f, vote, wrong, &[("for", 2), ("against", 0), ("other", 0)], 0, 2);
            count(f, vote, wrong, &[("for", 2), ("for", 0), ("abstain", 0)], 0, 2);
            // Sums are not cut off at 32 bits.
            count(f, vote, wrong, &[("for", 4_294_967_295), ("against", 3), ("abstain", 0)], 0, 2);
            f.then(|s| s.count_paper(vote, &[2, 0, 0], 1)).wait_minutes(1);
            f.refused(Rule::VotingState, |s| s.count_paper(vote, &[2, 0, 0], 0));
        },
    );
    set.bad(&hall.delivered, "opened-before-the-paper-count", "Ballots opened before paper is counted.", |f| {
        f.refused(Rule::CountMissing, |s| s.open_ballots(vote)).then(|s| s.count_paper(vote, &[2, 0, 0], 0));
        f.then(|s| s.open_ballots(vote));
    });
    set.bad(&stages.delivered, "count-of-no-paper", "A count where no paper was handed out.", |f| {
        count(f, &stages.vote, wrong, &[("for", 0), ("against", 0), ("abstain", 0)], 0, 0);
        f.then(|s| s.open_ballots(&stages.vote));
    });
    set.bad(
        &hall.delivered,
        "count-by-others",
        "A count by counter and scrutineer in each other's place, and by others.",
        |f| {
            let tellers = f.state().session(vote.session).unwrap().tellers.clone().unwrap();
            let header = on_vote(vote, f, Kind::DeliveriesEnded);
            let counts = f.voting(vote).unwrap().opening.options.clone();
            let counts =
                counts.into_iter().map(|option| sunvote::core::act::voting::OptionCount { option, count: 0 }).collect();
            let count = sunvote::core::act::voting::PaperCounted {
                in_box: 0,
                counts,
                invalid: 0,
                rows: Vec::new(),
                photos: Vec::new(),
            };
            let act = Act::PaperCounted(count);
            let swapped = [hand(tellers.scrutineer, Role::Counter), hand(tellers.counter, Role::Scrutineer)];
            f.unlawful(Rule::SignerRole, &swapped, header.clone(), act.clone());
            let caller = [hand(tellers.caller, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
            f.unlawful(Rule::SignerRole, &caller, header.clone(), act.clone());
            let own = [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
            f.then(|s| s.act(&own, header, act));
        },
    );
    set.bad(
        &hall.delivered,
        "more-papers-than-issued",
        "One paper more in the box than was handed out: nothing is left but a void vote.",
        |f| {
            f.then(|s| s.count_paper(vote, &[4, 0, 0], 0)).then(|s| s.open_ballots(vote));
            let result = result_of(f, vote);
            announce(f, vote, Rule::CountExcess, result);
            no_grounds(f, vote, &[VoidReason::Failure, VoidReason::Dispute, VoidReason::OpeningMissing]);
            f.then(|s| s.void_vote(vote, VoidReason::TooManyPapers)).then(|s| s.wait_minutes(1).open_vote(vote));
        },
    );
}

fn openings(set: &mut Set, stages: &Stages) {
    let (vote, wrong) = (&stages.vote, Rule::OpeningWrong);
    let mut bad =
        |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut Vec<sunvote::core::act::voting::Opening>)| {
            set.bad(&stages.delivered, name, about, |f| {
                let mut rows = f.counting_openings(vote);
                change(&mut rows);
                f.refused(rule, |s| s.open_ballots_with(vote, &rows)).then(|s| s.wait_minutes(1).open_ballots(vote));
            });
        };
    bad("opening-of-another-choice", "Another choice than was cast.", wrong, &|rows| {
        rows[0].choice = "against".parse().unwrap();
    });
    bad("opening-nonce", "Another nonce.", wrong, &|rows| rows[0].nonce = Digest([7; 32]));
    bad("opening-revision", "Another revision.", wrong, &|rows| rows[0].revision = 2);
    bad("opening-of-who-did-not-vote", "An opening of who cast nothing.", wrong, &|rows| rows[6].voter = 8);
    bad("opening-of-another-voter", "Two voters' openings exchanged.", wrong, &|rows| {
        let (one, two) = (rows[0].voter, rows[1].voter);
        rows.swap(0, 1);
        (rows[0].voter, rows[1].voter) = (one, two);
    });
    bad("openings-not-sorted", "Openings in the wrong order.", Rule::ListForm, &|rows| rows.reverse());
    bad("opening-twice", "One opening twice.", Rule::ListForm, &|rows| rows.insert(1, rows[0].clone()));
    set.bad(
        &stages.voting,
        "opening-of-no-option",
        "A commitment to what is no option: it fits, and counts for nothing.",
        |f| {
            f.then(|s| s.cast(vote, 1, "perhaps")).then(|s| s.close_on_time(vote)).then(|s| s.end_deliveries(vote));
            f.refused(wrong, |s| s.open_ballots(vote)).then(|s| s.open_ballots_with(vote, &[]));
            f.then(|s| s.void_vote(vote, VoidReason::OpeningMissing));
        },
    );
    withheld(set, stages);
}

/// Openings that the log leaves out, or gives in parts.
fn withheld(set: &mut Set, stages: &Stages) {
    let (vote, wrong) = (&stages.vote, Rule::OpeningWrong);
    set.bad(
        &stages.delivered,
        "opening-withheld",
        "The log withholds an opening: no result, until the voter publishes it.",
        |f| {
            let rows = f.counting_openings(vote);
            f.then(|s| s.open_ballots_with(vote, &rows[1..]));
            let result = result_of(f, vote);
            announce(f, vote, Rule::OpeningMissing, result);
            let header = on_vote(vote, f, Kind::DeliveriesEnded);
            let by = |no| [hand(stages.delivered.voter(vote.session, no), Role::Voter)];
            f.unlawful(Rule::VoterUnknown, &by(2), header.clone(), Act::BallotOpened(rows[0].clone()));
            f.unlawful(wrong, &by(2), header.clone(), Act::BallotOpened(rows[1].clone()));
            f.then(|s| s.act(&by(1), header, Act::BallotOpened(rows[0].clone()))).then(|s| s.announce(vote));
        },
    );
    set.bad(
        &stages.delivered,
        "opening-published-early",
        "A voter publishes an opening before the log has opened the others.",
        |f| {
            let rows = f.counting_openings(vote);
            let (by, header) = ([hand(f.voter(vote.session, 1), Role::Voter)], on_vote(vote, f, Kind::DeliveriesEnded));
            f.unlawful(Rule::VotingState, &by, header, Act::BallotOpened(rows[0].clone()));
        },
    );
    set.bad(
        &stages.delivered,
        "openings-in-parts-that-do-not-follow",
        "The second part first; after the first part no failure is a ground.",
        |f| {
            let rows = f.counting_openings(vote);
            let part = |f: &Forge, part, rows: &[sunvote::core::act::voting::Opening]| {
                let header = on_vote(vote, f, Kind::DeliveriesEnded);
                (
                    Header { part: Some(Part { part, of: 2 }), ..header },
                    Act::BallotsOpened(BallotsOpened { rows: rows.to_vec() }),
                )
            };
            let (header, act) = part(f, 2, &rows[3..]);
            f.unlawful(Rule::PartOrder, &[Hand::Log], header.clone(), act.clone());
            let (first, rows) = part(f, 1, &rows[..3]);
            f.then(|s| s.act(&[Hand::Log], first, rows)).wait_minutes(1);
            no_grounds(f, vote, &[VoidReason::Failure]);
            f.then(|s| s.act(&[Hand::Log], header, act))
                .refused(Rule::VotingState, |s| s.wait_minutes(1).open_ballots(vote));
            f.then(|s| s.announce(vote));
        },
    );
}

fn results(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    let mut bad = |name: &str, about: &str, change: &dyn Fn(&mut sunvote::core::act::voting::ResultAnnounced)| {
        set.bad(&stages.opened, name, about, |f| {
            let mut result = result_of(f, vote);
            change(&mut result);
            announce(f, vote, Rule::ResultWrong, result);
            f.wait_minutes(1).then(|s| s.announce(vote));
        });
    };
    bad("result-one-vote-moved", "One vote from against to for.", &|r| {
        (r.counts[0].count, r.counts[1].count) = (r.counts[0].count + 1, r.counts[1].count - 1);
    });
    bad("result-not-passed", "Not passed, it says.", &|r| (r.passed, r.winner) = (false, None));
    bad("result-without-winner", "Passed, and nobody won.", &|r| r.winner = None);
    bad("result-needed", "One vote fewer needed.", &|r| r.needed -= 1);
    bad("result-base", "Those who voted as the base.", &|r| r.base -= 1);
    bad("result-present", "One more there.", &|r| r.present += 1);
    bad("result-eligible", "One fewer due.", &|r| r.eligible -= 1);
    bad("result-voted", "One more voted.", &|r| r.voted += 1);
    bad("result-invalid", "An invalid ballot where none was of paper.", &|r| r.invalid = 1);
    bad("result-recused", "A recused member.", &|r| r.recused = 1);
    bad("result-option-order", "Options in another order.", &|r| r.counts.swap(0, 2));
    bad("result-option-missing", "No abstention.", &|r| r.counts.truncate(2));
    set.bad(
        &stages.voting,
        "result-of-a-tie",
        "Four of eight is not more than half; announced as passed, and as it is.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 3), ("against", 3)])).then(|s| s.close_on_time(vote));
            f.then(|s| s.end_deliveries(vote)).then(|s| s.open_ballots(vote));
            let mut result = result_of(f, vote);
            (result.passed, result.winner) = (true, Some("for".parse().unwrap()));
            announce(f, vote, Rule::ResultWrong, result);
            f.wait_minutes(1).then(|s| s.announce(vote)).then(|s| s.wait_minutes(1).sign_minutes(vote.session));
        },
    );
    set.bad(&stages.delivered, "announced-before-the-openings", "A result while ballots are closed.", |f| {
        f.refused(Rule::VotingState, |s| s.announce(vote)).then(|s| s.open_ballots(vote)).then(|s| s.announce(vote));
        f.refused(Rule::VotingState, |s| s.wait_minutes(1).announce(vote));
    });
    set.bad(&stages.voting, "nobody-voted", "Nobody voted: there is nothing to open, and the result says so.", |f| {
        f.then(|s| s.close_on_time(vote)).then(|s| s.end_deliveries(vote)).then(|s| s.announce(vote));
    });
}

fn disputes(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    set.bad(&stages.delivered, "opened-over-a-dispute", "Ballots opened while a dispute waits.", |f| {
        f.then(|s| s.dispute(vote, 1, "不是我投的")).refused(Rule::OpenPoint, |s| s.open_ballots(vote));
        f.then(|s| s.answer_dispute(vote, "已核实")).then(|s| s.open_ballots(vote));
    });
    set.bad(
        &stages.opened,
        "announced-over-a-dispute",
        "A result while a dispute waits; a dispute after the result.",
        |f| {
            f.then(|s| s.dispute(vote, 1, "不是我投的")).refused(Rule::OpenPoint, |s| s.announce(vote));
            no_grounds(f, vote, &[VoidReason::Dispute]);
            f.then(|s| s.answer_dispute(vote, "票面无误")).then(|s| s.announce(vote));
            f.refused(Rule::VotingState, |s| s.dispute(vote, 2, "我后悔了"));
        },
    );
    set.bad(&stages.cast, "dispute-answered-that-is-none", "An answer to a dispute that nobody raised.", |f| {
        f.refused(Rule::BasisStale, |s| s.answer_dispute(vote, "已核实"));
    });
    let hall = hall(stages);
    set.bad(&hall.delivered, "counted-over-a-dispute", "Paper counted while a dispute waits.", |f| {
        f.then(|s| s.dispute(&hall.vote, 1, "不是我投的"));
        f.refused(Rule::OpenPoint, |s| s.count_paper(&hall.vote, &[2, 0, 0], 0));
        f.then(|s| s.void_vote(&hall.vote, VoidReason::Dispute));
    });
}

fn voids(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    let all = [VoidReason::Failure, VoidReason::OpeningMissing, VoidReason::Dispute, VoidReason::TooManyPapers];
    set.bad(
        &stages.opened,
        "voided-because-of-the-result",
        "Once ballots are open no reason is left to void the vote.",
        |f| {
            no_grounds(f, vote, &all);
            f.then(|s| s.announce(vote));
            no_grounds(f, vote, &all);
        },
    );
    set.bad(
        &stages.voting,
        "voided-without-grounds",
        "Reasons that are none while people vote; a failure is one.",
        |f| {
            no_grounds(f, vote, &all[1..]);
            f.then(|s| s.void_vote(vote, VoidReason::Failure)).refused(Rule::BallotLate, |s| s.cast(vote, 1, "for"));
            no_grounds(f, vote, &[VoidReason::Failure]);
        },
    );
}
