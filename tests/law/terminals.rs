//! Terminals in the hall: their ballots count once, in their own order, whenever they come.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use sunvote::core::act::session::TerminalRegistered;
use sunvote::core::act::village::{KeyRevoked, RevokeReason};
use sunvote::core::act::voting::{AtTerminal, TerminalSealed};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, Channel, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::terminal::AtHall;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;

use crate::rules::rejected;
use crate::support::{ASSEMBLY, counts, enrol, key, on_vote, public, refused, result_of, village_of};

const WAYS: [Channel; 3] = [Channel::Online, Channel::Kiosk, Channel::Paper];

/// Seven in a hall with two terminals, phones and a box, and two at home, to whom a box is carried: the vote is open, deliveries may take
/// half an hour.
static HALL: LazyLock<(Scribe, Vote)> = LazyLock::new(|| hall_with(false));
/// The same, with named papers.
static NAMED_HALL: LazyLock<(Scribe, Vote)> = LazyLock::new(|| hall_with(true));

fn hall_with(named_papers: bool) -> (Scribe, Vote) {
    let mut scribe = village_of(&Term { representatives: 6, committee: 3, ..Term::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 7, &WAYS).unwrap();
    for no in [1, 2] {
        scribe.register_terminal(session, no).unwrap();
    }
    scribe.name_box(session, [scribe.clerk(), scribe.secretary(), scribe.supervisor(1)], &[8, 9]).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    let mut act = scribe.opening_of(&vote).unwrap();
    (act.grace_minutes, act.named_papers) = (30, named_papers);
    let by = [scribe.hand(Role::Chair)];
    scribe.act(&by, on_vote(&vote, scribe.roster(session)), Act::VotingOpened(act)).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

pub fn hall() -> (Scribe, Vote, AtHall) {
    let (scribe, vote) = HALL.clone();
    let terminal = scribe.at_hall(&vote, 1);
    (scribe, vote, terminal)
}

pub fn a_number_twice() -> Rejection {
    let (mut scribe, vote, _) = hall();
    rejected(scribe.register_terminal(vote.session, 2))
}

pub fn a_ballot_left_out() -> Rejection {
    let (mut scribe, vote, mut terminal) = hall();
    scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    let second = scribe.take_at(&vote, &mut terminal, (2, 1), "for").unwrap();
    rejected(scribe.append(&second))
}

pub fn a_late_ballot_without_a_seal() -> Rejection {
    let (mut scribe, vote, mut terminal) = hall();
    let taken = scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    scribe.close_on_time(&vote).unwrap();
    rejected(scribe.append(&taken))
}

/// Everything that is left of a vote, to its result.
fn finish(scribe: &mut Scribe, vote: &Vote, papers: &[u32], recount: bool) {
    scribe.end_deliveries(vote).unwrap();
    let all = papers.iter().sum::<u32>();
    if all > 0 && recount {
        scribe.count_paper(vote, &[0, 0, all], 0).unwrap();
        scribe.dispute(vote, 1, "计票有误").unwrap();
        scribe.recount_paper(vote, papers, 0).unwrap();
    } else if all > 0 {
        scribe.count_paper(vote, papers, 0).unwrap();
    }
    scribe.open_ballots(vote).unwrap();
    scribe.announce(vote).unwrap();
}

/// As [`finish`], with papers by name: nobody has two rows, whoever tries.
fn finish_named(scribe: &mut Scribe, vote: &Vote, voters: &BTreeSet<u32>, recount: bool) {
    scribe.end_deliveries(vote).unwrap();
    let all: Vec<(u32, &str)> = voters.iter().map(|voter| (*voter, "for")).collect();
    if let Some(first) = all.first().copied() {
        refused(scribe.count_named(vote, &[&[first], &all[..]].concat(), 0), Rule::CountRows);
        scribe.count_named(vote, &all[usize::from(recount)..], u32::from(recount)).unwrap();
        if recount {
            scribe.dispute(vote, 1, "计票有误").unwrap();
            scribe.recount_named(vote, &all, 0).unwrap();
        }
    }
    scribe.open_ballots(vote).unwrap();
    let voting = scribe.voting(vote).unwrap();
    let listed = voting.paper_count.iter().flat_map(|count| &count.rows).map(|row| row.voter);
    let opened: BTreeSet<u32> = voting.choices.keys().copied().collect();
    assert!(listed.clone().eq(voters.iter().copied()) && listed.into_iter().all(|voter| !opened.contains(&voter)));
    scribe.announce(vote).unwrap();
}

#[test]
fn what_a_sealed_terminal_kept_comes_late_and_counts() {
    let (mut scribe, vote, mut terminal) = hall();
    let mut taken = Vec::new();
    for voter in 1..=4 {
        scribe.wait_minutes(10);
        taken.push(scribe.take_at(&vote, &mut terminal, (voter, 1), "for").unwrap());
    }
    scribe.append(&taken[0]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.append(&taken[1]), Rule::TerminalSeal);
    scribe.seal_terminal(&vote, &terminal).unwrap();
    refused(scribe.wait_ms(1).seal_terminal(&vote, &terminal), Rule::TerminalSeal);
    refused(scribe.append(&taken[2]), Rule::TerminalOrder);
    for ballot in &taken[1..] {
        scribe.wait_minutes(5).append(ballot).unwrap();
    }
    for ballot in &taken {
        let again = rejected(scribe.append(ballot)).rule;
        assert!(matches!(again, Rule::StatementReplayed | Rule::TerminalOrder), "{again}");
    }
    finish(&mut scribe, &vote, &[], false);
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [4, 0, 0]);
}

#[test]
fn nothing_but_what_the_seal_says_comes_late() {
    let (mut scribe, vote, mut terminal) = hall();
    let first = scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    let (sealed, mut stuffed) = (terminal, terminal);
    let more = scribe.take_at(&vote, &mut stuffed, (2, 1), "against").unwrap();
    // Another first ballot in the place of the one that the seal names.
    let mut other = scribe.at_hall(&vote, 1);
    let instead = scribe.take_at(&vote, &mut other, (3, 1), "against").unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.seal_terminal(&vote, &sealed).unwrap();
    refused(scribe.append(&instead), Rule::TerminalSeal);
    scribe.append(&first).unwrap();
    refused(scribe.append(&more), Rule::TerminalSeal);
    // What it takes when the vote has closed is late, whatever its seal says.
    let late = scribe.take_at(&vote, &mut stuffed, (4, 1), "against").unwrap();
    refused(scribe.append(&late), Rule::BallotLate);
    let other = scribe.at_hall(&vote, 2);
    let ended =
        scribe.state().session(vote.session).unwrap().voting_of(vote.matter, &vote.question).unwrap().deliveries_end();
    scribe.at(ended).end_deliveries(&vote).unwrap();
    refused(scribe.seal_terminal(&vote, &other), Rule::VotingState);
}

#[test]
fn a_seal_is_made_at_the_closing_and_takes_nothing_back() {
    let (mut scribe, vote, mut terminal) = hall();
    let taken = scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    scribe.append(&taken).unwrap();
    let none = scribe.at_hall(&vote, 1);
    refused(scribe.seal_terminal(&vote, &none), Rule::TerminalSeal);
    let other = AtHall { last: Digest([9; 32]), ..terminal };
    refused(scribe.seal_terminal(&vote, &other), Rule::TerminalSeal);
    scribe.close_on_time(&vote).unwrap();
    let mut late = scribe.clone();
    refused(late.wait_ms(600_001).seal_terminal(&vote, &terminal), Rule::TerminalSeal);
    scribe.wait_ms(600_000).seal_terminal(&vote, &terminal).unwrap();
}

#[test]
fn ballots_that_a_sealed_terminal_never_delivers_are_remarked() {
    let (mut scribe, vote, mut terminal) = hall();
    scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.seal_terminal(&vote, &terminal).unwrap();
    let ended = scribe.end_deliveries(&vote).unwrap();
    assert_eq!(ended.remarks, [Remark::DeliveriesMissing]);
}

#[test]
fn an_early_seal_ends_the_terminals_part() {
    let (mut scribe, vote, mut terminal) = hall();
    scribe.seal_terminal(&vote, &terminal).unwrap();
    let taken = scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    refused(scribe.append(&taken), Rule::TerminalSeal);
}

#[test]
fn a_ballot_of_a_terminal_is_signed_by_a_terminal_of_this_session() {
    let (mut scribe, vote, terminal) = hall();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let voter = Hand::Person(scribe.voter(vote.session, 1), Role::Voter);
    let ballot = scribe.ballot_at(&vote, &terminal, (1, 1), "for").unwrap();
    // By the voter alone; with the terminal, as if by phone; by phone, as if with a terminal's count.
    refused(scribe.act(&[voter], header.clone(), Act::BallotCast(ballot.clone())), Rule::BallotChannel);
    let (phone, _) = scribe.ballot(&vote, 1, "for").unwrap();
    refused(
        scribe.act(&[voter, Hand::Terminal(1)], header.clone(), Act::BallotCast(phone.clone())),
        Rule::BallotChannel,
    );
    let mut counted = phone;
    counted.terminal = Some(AtTerminal { counter: 1, prev: terminal.last });
    refused(scribe.act(&[voter], header.clone(), Act::BallotCast(counted)), Rule::BallotChannel);
    // Two terminals count apart.
    let by = [voter, Hand::Terminal(2)];
    scribe.act(&by, header.clone(), Act::BallotCast(ballot)).unwrap();
    let other = scribe.voter(vote.session, 2);
    let second = scribe.ballot_at(&vote, &terminal, (2, 1), "for").unwrap();
    let by = [Hand::Person(other, Role::Voter), Hand::Terminal(1)];
    // A key that no terminal of the session has.
    scribe.use_terminal(7, key(77));
    let strange = [by[0], Hand::Terminal(7)];
    refused(scribe.act(&strange, header.clone(), Act::BallotCast(second.clone())), Rule::SignerKey);
    let mut named = scribe.draft(&by, header.clone(), Act::BallotCast(second.clone())).unwrap();
    named.by[1].person = Some(scribe.clerk());
    refused(scribe.submit(&by, &named), Rule::StatementFields);
    scribe.act(&by, header, Act::BallotCast(second)).unwrap();
}

#[test]
fn a_terminal_is_registered_with_a_key_of_its_own() {
    let (mut scribe, vote, _) = hall();
    refused(scribe.register_terminal(vote.session, 0), Rule::ValueRange);
    refused(scribe.register_terminal(vote.session, 100), Rule::ValueRange);
    let [clerk, supervisor] = scribe.two();
    let by = [Hand::Terminal(2), clerk, supervisor];
    let header = Header::at(vote.session).on(scribe.roster(vote.session));
    let act = |terminal| Act::TerminalRegistered(TerminalRegistered { terminal });
    refused(scribe.act(&by, header.clone(), act(3)), Rule::TerminalTaken);
    let borrowed = scribe.key_of(Hand::Person(scribe.representative(0), Role::Voter)).unwrap().clone();
    scribe.use_terminal(3, borrowed);
    refused(scribe.register_terminal(vote.session, 3), Rule::TerminalTaken);
    scribe.register_terminal(vote.session, 99).unwrap();
}

#[test]
fn a_session_without_terminals_registers_none() {
    let mut scribe = village_of(&Term { representatives: 4, committee: 3, ..Term::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 7).unwrap();
    refused(scribe.register_terminal(session, 1), Rule::BallotChannel);
}

#[test]
fn a_seal_names_what_its_terminal_took_and_is_signed_by_three() {
    let (mut scribe, vote, terminal) = hall();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let act = Act::TerminalSealed(TerminalSealed { counter: 0, last: terminal.last });
    refused(scribe.act(&scribe.two(), header, act), Rule::SignerCount);
}

/// One thing that happens in the hall.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A voter takes a paper ballot.
    Paper(u32),
    /// A voter takes a paper ballot at a table that is cut off: what is signed there is entered later.
    PaperAway(u32),
    /// Those who carry the mobile box are with a voter, and enter it at once.
    Visit(u32),
    /// They are with a voter, and what they sign for is entered later.
    VisitAway(u32),
    /// The table, and those who carry the box, enter what they keep.
    Enter,
    /// A voter votes, or votes anew, by phone.
    Phone(u32, usize),
    /// A voter votes at a terminal, whose ballots are delivered later.
    Terminal(u16, u32, usize),
    /// A terminal delivers so many of the ballots that it keeps.
    Deliver(u16, usize),
    /// What a terminal delivered last comes once more.
    Again(u16),
    /// A voter loses the card: the key is revoked and another one enrolled.
    Lose(u32),
    /// Minutes go by.
    Wait(i64),
    /// The vote closes.
    Close,
    /// A terminal seals itself.
    Seal(u16),
}

const CHOICES: [&str; 3] = ["for", "against", "abstain"];

fn events() -> impl Strategy<Value = Event> {
    let (voter, terminal, choice) = (1_u32..=7, 1_u16..=2, 0_usize..3);
    let anyone = 1_u32..=9;
    prop_oneof![
        2 => anyone.clone().prop_map(Event::Paper),
        2 => (6_u32..=9).prop_map(Event::Visit),
        2 => (8_u32..=9).prop_map(Event::VisitAway),
        2 => voter.clone().prop_map(Event::PaperAway),
        1 => Just(Event::Enter),
        4 => (anyone.clone(), choice.clone()).prop_map(|(voter, choice)| Event::Phone(voter, choice)),
        6 => (terminal.clone(), voter.clone(), choice).prop_map(|(no, voter, choice)| Event::Terminal(no, voter, choice)),
        4 => (terminal.clone(), 1_usize..4).prop_map(|(no, count)| Event::Deliver(no, count)),
        1 => terminal.clone().prop_map(Event::Again),
        1 => anyone.prop_map(Event::Lose),
        2 => (1_i64..12).prop_map(Event::Wait),
        1 => Just(Event::Close),
        1 => terminal.prop_map(Event::Seal),
    ]
}

/// What a terminal in the hall knows.
#[derive(Clone)]
struct AtWork {
    at: AtHall,
    kept: Vec<(u32, u32, usize, Signed)>,
    delivered: Option<Signed>,
}

/// The rule in the fewest words, apart from the judge: paper over terminal over phone, then the highest revision; what was
/// taken into the record and no other.
#[derive(Default)]
struct Oracle {
    paper: BTreeSet<u32>,
    terminal: BTreeMap<u32, (u32, usize)>,
    phone: BTreeMap<u32, (u32, usize)>,
    /// Keys of lost cards.
    lost: BTreeSet<PublicKey>,
}

impl Oracle {
    fn expected(&self) -> ([u32; 3], u32) {
        let mut counts = [0; 3];
        for voter in (1..=9).filter(|voter| !self.paper.contains(voter)) {
            if let Some((_, choice)) = self.terminal.get(&voter).or_else(|| self.phone.get(&voter)) {
                counts[*choice] += 1;
            }
        }
        (counts, u32::try_from(self.paper.len()).unwrap())
    }
}

/// A hall in which events happen.
struct Play {
    scribe: Scribe,
    vote: Vote,
    boxes: BTreeMap<u16, AtWork>,
    /// Papers handed out at the table that is cut off, and at home, each signed for.
    table: Vec<(u32, Signed)>,
    oracle: Oracle,
    closed: bool,
}

impl Play {
    fn new() -> Self {
        Self::in_hall(&HALL)
    }

    fn in_hall(hall: &(Scribe, Vote)) -> Self {
        let (scribe, vote) = hall.clone();
        let new = |no| (no, AtWork { at: scribe.at_hall(&vote, no), kept: Vec::new(), delivered: None });
        let boxes = [1, 2].into_iter().map(new).collect();
        Self { scribe, vote, boxes, table: Vec::new(), oracle: Oracle::default(), closed: false }
    }

    fn happens(&mut self, event: Event) {
        let Self { scribe, vote, boxes, table, oracle, closed } = self;
        match event {
            Event::Paper(voter) => {
                if scribe.issue_paper(vote, &[voter]).is_ok() {
                    oracle.paper.insert(voter);
                }
            }
            // The table knows the time, whom it gave a paper, and nothing else.
            Event::PaperAway(voter) if !*closed && table.iter().all(|(one, _)| *one != voter) => {
                table.push((voter, scribe.sign_papers(vote, &[voter]).unwrap()));
            }
            Event::Visit(voter) => {
                if scribe.carry_box(vote, &[voter]).is_ok() {
                    oracle.paper.insert(voter);
                }
            }
            Event::VisitAway(voter) if !*closed && table.iter().all(|(one, _)| *one != voter) => {
                table.push((voter, scribe.sign_visit(vote, &[voter]).unwrap()));
            }
            Event::Enter => {
                for (voter, signed) in table.drain(..) {
                    match scribe.append(&signed) {
                        Ok(_) => assert!(oracle.paper.insert(voter), "two papers for {voter}"),
                        // Somebody entered a paper for the voter before: the one at the table is that one.
                        Err(rejection) => {
                            let known = matches!(rejection.rule, Rule::BallotPaper | Rule::StatementReplayed);
                            assert!(known && oracle.paper.contains(&voter), "{rejection}");
                        }
                    }
                }
            }
            Event::Phone(voter, choice) => {
                let revision = oracle.phone.get(&voter).map_or(1, |(revision, _)| revision + 1);
                if scribe.cast(vote, voter, CHOICES[choice]).is_ok() {
                    oracle.phone.insert(voter, (revision, choice));
                }
            }
            // A terminal in the hall lets nobody begin once it is sealed or the time is over; it may be cut off from the record.
            Event::Terminal(no, voter, choice) if !*closed => {
                let one = boxes.get_mut(&no).unwrap();
                let kept = one.kept.iter().filter(|(kept, ..)| *kept == voter).map(|(_, revision, ..)| *revision);
                let known = oracle.terminal.get(&voter).map_or(0, |(revision, _)| *revision);
                let revision = kept.max().unwrap_or(0).max(known) + 1;
                let signed = scribe.take_at(vote, &mut one.at, (voter, revision), CHOICES[choice]).unwrap();
                one.kept.push((voter, revision, choice, signed));
            }
            Event::PaperAway(_) | Event::VisitAway(_) | Event::Terminal(..) => {}
            Event::Deliver(no, count) => deliver(scribe, oracle, boxes.get_mut(&no).unwrap(), count),
            Event::Again(no) => {
                if let Some(signed) = &boxes[&no].delivered {
                    assert!(scribe.append(signed).is_err(), "taken twice");
                }
            }
            Event::Lose(voter) => lose(scribe, oracle, vote, voter),
            Event::Wait(minutes) => {
                scribe.wait_minutes(minutes);
                *closed |= scribe.voting(vote).is_some_and(|voting| scribe.now() >= voting.opening.closes_at);
            }
            Event::Close => *closed |= scribe.close(vote).is_ok(),
            Event::Seal(no) => {
                let at = boxes[&no].at;
                let _ = scribe.seal_terminal(vote, &at);
            }
        }
    }

    /// The vote closes, terminals are sealed, what they and the table keep is delivered, and all is counted: the papers perhaps
    /// wrongly, and then again.
    fn end(mut self, recount: bool) -> ([u32; 3], u32, u32) {
        let (closes_at, closed) = {
            let voting = self.scribe.voting(&self.vote).unwrap();
            (voting.opening.closes_at, voting.closed_at.is_some())
        };
        if !closed {
            let now = self.scribe.now().max(closes_at);
            self.scribe.at(now).close(&self.vote).unwrap();
        }
        for no in [1, 2] {
            self.happens(Event::Seal(no));
            self.happens(Event::Deliver(no, usize::MAX));
        }
        self.happens(Event::Enter);
        let (counts, papers) = self.oracle.expected();
        if self.scribe.voting(&self.vote).unwrap().opening.named_papers {
            finish_named(&mut self.scribe, &self.vote, &self.oracle.paper, recount);
        } else {
            finish(&mut self.scribe, &self.vote, &[papers, 0, 0], recount);
        }
        let result = result_of(&self.scribe, self.vote.matter);
        let found: Vec<u32> = result.counts.iter().map(|row| row.count).collect();
        assert_eq!(found, [counts[0] + papers, counts[1], counts[2]], "what counts is what the rule says");
        let at_home = u32::try_from(self.oracle.paper.range(8..).count()).unwrap();
        assert_eq!(result.present, 7 + at_home, "who was there, and whom the box was with");
        (counts, papers, result.voted)
    }
}

fn deliver(scribe: &mut Scribe, oracle: &mut Oracle, one: &mut AtWork, count: usize) {
    for _ in 0..count.min(one.kept.len()) {
        let (voter, revision, choice, signed) = one.kept[0].clone();
        match scribe.append(&signed) {
            Ok(_) => {}
            // Not before it is sealed, once the vote has closed. Nothing else may keep those behind it.
            Err(rejection) => return assert_eq!(rejection.rule, Rule::TerminalSeal, "{rejection}"),
        }
        one.kept.remove(0);
        let lost = oracle.lost.contains(&signed.statement.by[0].key);
        one.delivered = Some(signed);
        let later = oracle.terminal.get(&voter).is_none_or(|(earlier, _)| *earlier < revision);
        if later && !lost {
            oracle.terminal.insert(voter, (revision, choice));
        }
    }
}

/// The card is revoked and another one enrolled.
fn lose(scribe: &mut Scribe, oracle: &mut Oracle, vote: &Vote, voter: u32) {
    let person = scribe.voter(vote.session, voter);
    let lost = public(scribe.key_of(Hand::Person(person, Role::Voter)).unwrap());
    let new = SigningKey::from_bytes(&scribe.draw());
    enrol(scribe, person, public(&new)).unwrap();
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&scribe.two(), Header::default(), act).unwrap();
    oracle.lost.insert(lost);
    scribe.use_key(person, new);
    scribe.wait_ms(1).sign_in(vote.session, &[voter], &[]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_the_hall_nobody_is_counted_twice(
        events in prop::collection::vec(events(), 1..60),
        recount in any::<bool>(),
        named_papers in any::<bool>(),
    ) {
        let mut play = Play::in_hall(if named_papers { &NAMED_HALL } else { &HALL });
        for event in events {
            play.happens(event);
        }
        let (counts, papers, voted) = play.end(recount);
        prop_assert_eq!(voted, counts.iter().sum::<u32>() + papers);
        prop_assert!(voted <= 9);
    }
}

/// What the property is about does happen.
#[test]
fn the_events_of_that_property_reach_late_ballots_papers_over_ballots_and_new_cards() {
    let mut play = Play::new();
    for event in [
        Event::Phone(1, 0),
        Event::Terminal(1, 1, 1),
        Event::Terminal(1, 2, 1),
        Event::Paper(2),
        Event::PaperAway(5),
        Event::Phone(5, 0),
        Event::Phone(3, 0),
        Event::Lose(3),
        Event::Phone(3, 1),
        Event::Deliver(1, 1),
        Event::Terminal(2, 4, 2),
        Event::Wait(11),
        Event::Terminal(2, 4, 0),
        Event::Lose(8),
        Event::Phone(8, 1),
        Event::Paper(8),
        Event::VisitAway(8),
        Event::Visit(7),
        Event::Visit(9),
        Event::Visit(9),
    ] {
        play.happens(event);
    }
    assert_eq!(play.end(true), ([1, 2, 0], 4, 7));
}
