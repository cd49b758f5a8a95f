//! Terminals in the hall: registered, their ballots in their order, late, sealed, overtaken; each rule broken.

use sunvote::core::act::session::TerminalRegistered;
use sunvote::core::act::village::{KeyRevoked, RevokeReason};
use sunvote::core::act::voting::{AtTerminal, TerminalSealed};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::MINUTE_MS;
use sunvote::core::ids::Digest;
use sunvote::core::model::{Channel, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::terminal::AtHall;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, Set, hand, key, public};
use crate::good::on_vote;
use crate::stages::{ASSEMBLY, Stages};

/// The stages' matter before seven in a hall with two terminals, phones and a box; the vote is open, with ten minutes of grace.
pub fn hall(stages: &Stages) -> (Scribe, Vote) {
    let mut scribe = stages.filed.clone();
    let ways = [Channel::Online, Channel::Kiosk, Channel::Paper];
    let session = scribe.gather_by(ASSEMBLY, &[stages.matter], 7, &ways).unwrap();
    for no in [1, 2] {
        scribe.register_terminal(session, no).unwrap();
    }
    let vote = Vote::on(session, stages.matter, "q1").unwrap();
    let mut act = scribe.opening_of(&vote).unwrap();
    act.grace_minutes = 10;
    let (by, basis) = ([scribe.hand(Role::Chair)], scribe.roster(session));
    scribe
        .act(&by, on_vote(&vote, &Forge::from(&scribe), Kind::VotingOpened).on(basis), Act::VotingOpened(act))
        .unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

/// One terminal delivers at once, the other late under its seal; a ballot is overtaken by a paper, one by a later ballot, one by a
/// lost card; one that a seal names never comes.
pub fn voted(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = hall(stages);
    let (mut one, mut other) = (scribe.at_hall(&vote, 1), scribe.at_hall(&vote, 2));
    scribe.cast(&vote, 1, "against").unwrap();
    let at_once = scribe.take_at(&vote, &mut one, (1, 1), "for").unwrap();
    scribe.append(&at_once).unwrap();
    let mut kept = Vec::new();
    for (voter, revision, choice) in [(2, 1, "for"), (3, 1, "for"), (4, 1, "for"), (1, 1, "against"), (5, 1, "abstain")]
    {
        kept.push(scribe.wait_minutes(1).take_at(&vote, &mut other, (voter, revision), choice).unwrap());
    }
    let mut beyond = other;
    scribe.wait_minutes(1).take_at(&vote, &mut beyond, (6, 1), "for").unwrap();
    scribe.issue_paper(&vote, &[3]).unwrap();
    let lost = public(scribe.key_of(hand(scribe.voter(vote.session, 5), Role::Voter)).unwrap());
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&scribe.two(), Header::default(), act).unwrap();
    scribe.append(&kept[0]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.seal_terminal(&vote, &one).unwrap();
    scribe.wait_minutes(1).seal_terminal(&vote, &beyond).unwrap();
    for ballot in &kept[1..] {
        scribe.wait_minutes(1).append(ballot).unwrap();
    }
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[1, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = hall(stages);
    registering(set, stages, &scribe, &vote);
    signing(set, &scribe, &vote);
    order(set, &scribe, &vote);
    late(set, &scribe, &vote);
    seals(set, &scribe, &vote);
}

fn registering(set: &mut Set, stages: &Stages, scribe: &Scribe, vote: &Vote) {
    set.bad(scribe, "terminal-of-a-number-that-is-none", "Number 0, and number 100.", |f| {
        for no in [0, 100] {
            f.refused(Rule::ValueRange, |s| s.register_terminal(vote.session, no));
        }
    });
    set.bad(scribe, "terminal-registered-twice", "A number twice, a key twice, the clerk's key, a voter's.", |f| {
        f.wait_ms(1).refused(Rule::TerminalTaken, |s| s.register_terminal(vote.session, 1));
        let (own, borrowed) = (f.key_of(Hand::Terminal(1)).unwrap().clone(), f.key_of(f.two()[0]).unwrap().clone());
        for (no, key) in [(3, own), (4, borrowed)] {
            f.use_terminal(no, key);
            f.refused(if no == 3 { Rule::TerminalTaken } else { Rule::SignerSame }, |s| {
                s.register_terminal(vote.session, no)
            });
        }
        let voters = f.key_of(hand(f.voter(vote.session, 1), Role::Voter)).unwrap().clone();
        f.use_terminal(5, voters);
        f.refused(Rule::TerminalTaken, |s| s.register_terminal(vote.session, 5));
        f.then(|s| s.register_terminal(vote.session, 99));
    });
    set.bad(
        scribe,
        "terminal-registered-by-one",
        "By the terminal and the clerk; by the clerk and the committee.",
        |f| {
            let [clerk, supervisor] = f.two();
            let header = Header::at(vote.session).on(f.roster(vote.session));
            let act = || Act::TerminalRegistered(TerminalRegistered { terminal: 3 });
            f.unlawful(Rule::SignerCount, &[Hand::Terminal(1), clerk], header.clone(), act());
            f.unlawful(Rule::SignerCount, &[clerk, supervisor], header, act());
        },
    );
    set.bad(&stages.gathered, "terminal-where-there-are-none", "A session that was called without terminals.", |f| {
        f.refused(Rule::BallotChannel, |s| s.register_terminal(stages.session, 1));
    });
}

fn signing(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(
        scribe,
        "terminal-ballot-signed-wrongly",
        "A terminal's count without its signature, its signature under a ballot by phone, a count under one, a strange terminal.",
        |f| {
            let header = on_vote(vote, f, Kind::VotingOpened);
            let (terminal, voter) = (f.at_hall(vote, 1), hand(f.voter(vote.session, 1), Role::Voter));
            let ballot = f.ballot_at(vote, &terminal, (1, 1), "for").unwrap();
            f.unlawful(Rule::BallotChannel, &[voter], header.clone(), Act::BallotCast(ballot.clone()));
            let (phone, _) = f.ballot(vote, 1, "for").unwrap();
            f.unlawful(Rule::BallotChannel, &[voter, Hand::Terminal(1)], header.clone(), Act::BallotCast(phone.clone()));
            let mut counted = phone;
            counted.terminal = Some(AtTerminal { counter: 1, prev: terminal.last });
            f.unlawful(Rule::BallotChannel, &[voter], header.clone(), Act::BallotCast(counted));
            f.use_terminal(7, key(77));
            f.unlawful(Rule::SignerKey, &[voter, Hand::Terminal(7)], header.clone(), Act::BallotCast(ballot.clone()));
            let mut named = f.draft(&[voter, Hand::Terminal(1)], header.clone(), Act::BallotCast(ballot.clone())).unwrap();
            named.by[1].person = Some(f.clerk());
            f.refused(Rule::StatementFields, |s| s.submit(&[voter, Hand::Terminal(1)], &named));
            f.then(|s| s.act(&[voter, Hand::Terminal(1)], header, Act::BallotCast(ballot)));
        },
    );
}

fn order(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(scribe, "terminal-ballot-left-out", "The second before the first; after that both, once.", |f| {
        let mut terminal = f.at_hall(vote, 1);
        let first = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
        let second = f.take_at(vote, &mut terminal, (2, 1), "for").unwrap();
        f.refused(Rule::TerminalOrder, |s| s.append(&second)).then(|s| s.append(&first));
        f.refused(Rule::StatementReplayed, |s| s.append(&first)).then(|s| s.append(&second));
        f.wait_minutes(20).refused(Rule::TerminalOrder, |s| s.append(&second));
    });
    set.bad(
        scribe,
        "terminal-ballot-after-another",
        "The right number after another ballot than the one on record.",
        |f| {
            let mut terminal = f.at_hall(vote, 1);
            let first = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
            let mut astray = AtHall { last: Digest([9; 32]), ..terminal };
            let second = f.take_at(vote, &mut astray, (2, 1), "for").unwrap();
            f.then(|s| s.append(&first)).refused(Rule::TerminalOrder, |s| s.append(&second));
        },
    );
}

fn late(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(scribe, "terminal-ballot-half-an-hour-old", "Delivered while the vote is open: it needs no window.", |f| {
        let mut terminal = f.at_hall(vote, 1);
        let taken = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
        f.wait_minutes(30).then(|s| s.append(&taken));
    });
    set.bad(scribe, "terminal-ballot-from-before-the-vote", "Signed a millisecond before the vote was opened.", |f| {
        let (now, opened) = (f.now(), f.voting(vote).unwrap().opened.time);
        let mut terminal = f.at_hall(vote, 1);
        let early = f.at(opened.plus_ms(-1)).take_at(vote, &mut terminal, (1, 1), "for").unwrap();
        f.at(now.plus_ms(20 * MINUTE_MS)).refused(Rule::StatementTime, |s| s.append(&early));
    });
    set.bad(
        scribe,
        "terminal-ballot-late-without-a-seal",
        "The vote has closed: only what a seal covers still comes.",
        |f| {
            let mut terminal = f.at_hall(vote, 1);
            let first = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
            let sealed = terminal;
            let second = f.take_at(vote, &mut terminal, (2, 1), "for").unwrap();
            f.then(|s| s.close_on_time(vote)).refused(Rule::TerminalSeal, |s| s.append(&first));
            f.then(|s| s.seal_terminal(vote, &sealed)).then(|s| s.append(&first));
            f.wait_ms(1).refused(Rule::TerminalSeal, |s| s.append(&second));
            f.then(|s| s.end_deliveries(vote)).refused(Rule::StatementTime, |s| s.append(&second));
        },
    );
    set.bad(
        scribe,
        "terminal-ballot-in-the-place-of-the-sealed-one",
        "Another last ballot than the seal names.",
        |f| {
            let (mut one, mut same) = (f.at_hall(vote, 1), f.at_hall(vote, 1));
            f.take_at(vote, &mut one, (1, 1), "for").unwrap();
            let instead = f.take_at(vote, &mut same, (2, 1), "against").unwrap();
            f.then(|s| s.close_on_time(vote)).then(|s| s.seal_terminal(vote, &one));
            f.refused(Rule::TerminalSeal, |s| s.append(&instead));
        },
    );
    set.bad(
        scribe,
        "terminal-ballot-taken-after-closing",
        "Under a seal that names it, and signed when the vote had closed.",
        |f| {
            let mut terminal = f.at_hall(vote, 1);
            f.then(|s| s.close_on_time(vote));
            let taken = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
            f.then(|s| s.seal_terminal(vote, &terminal)).refused(Rule::BallotLate, |s| s.append(&taken));
        },
    );
}

fn seals(set: &mut Set, scribe: &Scribe, vote: &Vote) {
    set.bad(scribe, "terminal-sealed-wrongly", "With less than is on record, another last ballot, and twice.", |f| {
        let (mut terminal, none) = (f.at_hall(vote, 1), f.at_hall(vote, 1));
        let taken = f.take_at(vote, &mut terminal, (1, 1), "for").unwrap();
        f.then(|s| s.append(&taken)).refused(Rule::TerminalSeal, |s| s.seal_terminal(vote, &none));
        let other = AtHall { last: Digest([9; 32]), ..terminal };
        f.refused(Rule::TerminalSeal, |s| s.seal_terminal(vote, &other)).then(|s| s.seal_terminal(vote, &terminal));
        f.wait_ms(1).refused(Rule::TerminalSeal, |s| s.seal_terminal(vote, &terminal));
        let more = f.take_at(vote, &mut terminal, (2, 1), "for").unwrap();
        f.refused(Rule::TerminalSeal, |s| s.append(&more));
    });
    set.bad(
        scribe,
        "terminal-sealed-too-late",
        "Ten minutes after the closing and a millisecond; when deliveries have ended.",
        |f| {
            let (one, other) = (f.at_hall(vote, 1), f.at_hall(vote, 2));
            f.then(|s| s.close_on_time(vote)).wait_minutes(10).then(|s| s.seal_terminal(vote, &one));
            f.wait_ms(1).refused(Rule::TerminalSeal, |s| s.seal_terminal(vote, &other));
            f.then(|s| s.end_deliveries(vote)).refused(Rule::VotingState, |s| s.seal_terminal(vote, &other));
        },
    );
    set.bad(scribe, "terminal-sealed-by-a-stranger", "By a terminal that the session does not have.", |f| {
        f.use_terminal(7, key(77));
        let strange = f.at_hall(vote, 7);
        f.refused(Rule::SignerKey, |s| s.seal_terminal(vote, &strange));
        let (by, header) = (f.two(), on_vote(vote, f, Kind::VotingOpened));
        let act = Act::TerminalSealed(TerminalSealed { counter: 0, last: strange.last });
        f.unlawful(Rule::SignerCount, &by, header, act);
    });
}
