//! The attacks on a record that PROTOCOL must withstand, each by its name.

use sunvote::core::act::village::{KeyRow, KeysEnrolled, Renamed};
use sunvote::core::act::voting::{BallotCast, PaperIssued};
use sunvote::core::act::{Act, Kind};
use sunvote::core::model::{Channel, KeyKind, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::entry::Entry;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};

use crate::bytes::chain;
use crate::forge::{Forge, Made, ROOTS, Set, hand, key, public};
use crate::good::on_vote;
use crate::people::{enrol, revoke};
use crate::raw;
use crate::stages::{ASSEMBLY, Stages, local_profile};
use crate::votes::{announce, result_of};

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    histories(&mut set, stages);
    copies(&mut set, stages);
    elsewhere(&mut set, stages);
    keys(&mut set, stages);
    in_the_hall(&mut set, stages);
    changes(&mut set, stages);
    ("The attacks that must fail, each by its name; what holds the log's key tries them.", set.0)
}

/// A record as it stands at a stage, rewritten by who holds the log's key: changed, chained anew, under a new checkpoint.
fn rewritten(stage: &Scribe, name: &str, about: &str, change: impl FnOnce(&mut Vec<Entry>)) -> Made {
    let made = Forge::from(stage).done(name, about);
    let with = |record: &mut crate::vector::Record| {
        let mut entries: Vec<Entry> = record.lines.iter().map(|line| Entry::parse(line).unwrap()).collect();
        change(&mut entries);
        record.lines = (0..).zip(entries).map(|(seq, entry)| Entry { seq, ..entry }.encode().unwrap()).collect();
        chain(record, 1);
    };
    made.with(with).checkpointed()
}

/// The checkpoint at a stage, which a reader holds from a receipt or a printed notice.
fn held(stage: &Scribe) -> Checkpoint {
    Checkpoint::new(&stage.state().origin, stage.ledger().frontier.size(), stage.ledger().frontier.root())
}

fn histories(set: &mut Set, stages: &Stages) {
    let next = |scribe: &Scribe| scribe.entries.len();
    let opened = next(&stages.gathered);
    let made = rewritten(
        &stages.voting,
        "attack-entry-changed",
        "A statement is changed, chained anew, under a new checkpoint.",
        |e| {
            let last = e[opened].statement.payload.len() - 1;
            e[opened].statement.payload.insert(last, b' ');
        },
    );
    let at = opened as u64;
    set.0.push(made.finding(at, "statement.signature"));
    let (closed, ballot) = (next(&stages.cast), next(&stages.voting) + 2);
    let about = "A ballot is taken out, the rest chained anew: what rests on entries after it rests on nothing now.";
    let made = rewritten(&stages.announced, "attack-entry-removed", about, |e| drop(e.remove(ballot)));
    let stale = [closed, closed + 1, closed + 2].map(|place| place as u64);
    set.0.push(stale.into_iter().fold(made, |made, place| made.finding(place, "basis.stale")));
    let about = "An older statement is put between others: it is a copy.";
    let made = rewritten(&stages.voting, "attack-entry-inserted", about, |e| {
        let copy = Entry { time: e[opened].time, ..e[1].clone() };
        e.insert(opened + 1, copy);
    });
    set.0.push(made.finding(at + 1, "statement.replayed"));
    let about = "Closing is put before the last ballot, with the times they had.";
    let made = rewritten(&stages.closed, "attack-reordered", about, |e| {
        let last = e.len() - 1;
        e.swap(last - 1, last);
    });
    let last = next(&stages.closed) as u64 - 1;
    set.0.push(made.finding(last, "entry.time").finding(last, "statement.time"));
    let mut made = rewritten(
        &stages.voting,
        "attack-two-histories",
        "Two ballots change places: lawful, and not what another reader was shown.",
        |e| {
            let last = e.len() - 1;
            e[last].time = e[last].time.plus_ms(1);
        },
    );
    made.known = vec![held(&stages.gathered), held(&stages.voting)];
    set.0.push(made.finding(last_of(&stages.voting), "checkpoint.known"));
    let mut made = Forge::from(&stages.voting).done(
        "attack-truncated",
        "Cut short, under a new checkpoint: an old backup restored. A reader holds a later one.",
    );
    made.known = vec![held(&stages.voting), held(&stages.cast)];
    set.0.push(made.finding(None, "checkpoint.known"));
    let mut made = Forge::from(&stages.cast)
        .done("known-and-extended", "The record extends every checkpoint that the reader holds.");
    made.known = vec![held(&stages.founded), held(&stages.voting), held(&stages.cast)];
    set.0.push(made);
}

fn last_of(scribe: &Scribe) -> u64 {
    scribe.entries.len() as u64 - 1
}

/// A ballot of the stages' vote, signed by the voter.
fn cast(f: &mut Forge, vote: &Vote, rule: Rule, by: Hand, ballot: BallotCast) {
    let header = on_vote(vote, f, Kind::VotingOpened);
    f.unlawful(rule, &[by], header, Act::BallotCast(ballot));
}

fn copies(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    let voter = |f: &Forge, no| hand(f.voter(vote.session, no), Role::Voter);
    set.bad(
        &stages.voting,
        "attack-ballot-copied-to-another-voter",
        "A voter casts what another cast, unseen: it can't be opened.",
        |f| {
            f.then(|s| s.cast(vote, 1, "for"));
            let commitment = f.voting(vote).unwrap().counting_ballot(1).unwrap().commitment;
            let copy = BallotCast {
                voter: 2,
                revision: 1,
                channel: Channel::Online,
                helper: None,
                terminal: None,
                commitment,
            };
            let (by, header) = ([voter(f, 2)], on_vote(vote, f, Kind::VotingOpened));
            f.then(|s| s.act(&by, header, Act::BallotCast(copy)))
                .then(|s| s.close_on_time(vote))
                .then(|s| s.end_deliveries(vote));
            let mut openings = f.counting_openings(vote);
            openings[1].voter = 2;
            f.refused(Rule::OpeningWrong, |s| s.open_ballots_with(vote, &openings));
            f.wait_minutes(1).then(|s| s.open_ballots_with(vote, &openings[..1]));
        },
    );
    set.bad(
        &stages.voting,
        "attack-ballot-in-another-voters-name",
        "A ballot with another's number, by the own key.",
        |f| {
            let (ballot, _) = f.ballot(vote, 2, "for").unwrap();
            let by = voter(f, 1);
            cast(f, vote, Rule::VoterUnknown, by, ballot);
        },
    );
    set.bad(&stages.voting, "attack-ballot-replayed", "A ballot a second time.", |f| {
        let envelope = raw::signed(f, |s| s.cast(vote, 1, "for"));
        let time = f.now();
        f.push(&envelope, time).wait_minutes(1).force(Rule::StatementReplayed, &envelope);
        f.then(|s| s.cast(vote, 2, "for"));
    });
    set.bad(
        &stages.voting,
        "attack-older-revision-replayed",
        "A ballot that was kept back comes after a later one.",
        |f| {
            let (first, _) = f.ballot(vote, 1, "for").unwrap();
            f.then(|s| s.cast(vote, 1, "against"));
            let by = voter(f, 1);
            cast(f, vote, Rule::BallotRevision, by, first);
        },
    );
    set.bad(
        &stages.voting,
        "attack-ballot-hoarded",
        "A ballot signed in time and kept for longer than ten minutes.",
        |f| {
            let envelope = raw::signed(f, |s| s.cast(vote, 1, "for"));
            f.wait_ms(600_001).force(Rule::StatementTime, &envelope).then(|s| s.cast(vote, 1, "for"));
        },
    );
    set.bad(&stages.voting, "attack-voting-after-closing", "A device goes on voting after the vote was closed.", |f| {
        f.then(|s| s.close_on_time(vote))
            .refused(Rule::BallotLate, |s| s.cast(vote, 1, "for"))
            .then(|s| s.end_deliveries(vote));
    });
}

fn elsewhere(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    set.bad(&stages.voting, "attack-ballot-moved", "A ballot under another question, matter or session.", |f| {
        let (ballot, _) = f.ballot(vote, 1, "for").unwrap();
        let basis = f.vote_paper(vote, Kind::VotingOpened);
        let by = [hand(f.voter(vote.session, 1), Role::Voter)];
        let other = Vote::on(vote.session, vote.matter, "q2").unwrap();
        let header = on_vote(&other, f, Kind::VotingOpened).on(basis);
        f.unlawful(Rule::BasisStale, &by, header, Act::BallotCast(ballot.clone()));
        let other = Vote { matter: f.new_matter(), ..vote.clone() };
        let header = on_vote(&other, f, Kind::VotingOpened).on(basis);
        f.unlawful(Rule::MatterUnknown, &by, header, Act::BallotCast(ballot.clone()));
        let other = Vote { session: f.new_session(), ..vote.clone() };
        let header = on_vote(&other, f, Kind::VotingOpened).on(basis);
        f.unlawful(Rule::SignerRole, &by, header, Act::BallotCast(ballot)).then(|s| s.cast(vote, 1, "for"));
    });
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let founding = Founding::invented("331102001207".parse().unwrap(), "liandu.example", time, 7);
    let mut there = Scribe::found(founding).unwrap();
    let name = there.text("别村");
    let renamed = there.wait_minutes(1).draft(ROOTS, Header::default(), Act::VillageRenamed(Renamed { name })).unwrap();
    let renamed = there.sign(ROOTS, &renamed).unwrap();
    set.bad(
        &stages.founded,
        "attack-statement-of-another-village",
        "What was signed for another village of the same roots.",
        |f| {
            f.force(Rule::StatementVillage, &renamed.envelope);
            let name = f.text("本村");
            f.then(|s| s.act(ROOTS, Header::default(), Act::VillageRenamed(Renamed { name })));
        },
    );
    set.bad(
        &stages.voting,
        "attack-ballot-in-another-village",
        "A ballot of this vote, said to be for another village.",
        |f| {
            let envelope = raw::signed(f, |s| s.cast(vote, 1, "for"));
            let payload = String::from_utf8(envelope.payload).unwrap().replace("331102001206", "331102001207");
            let by = [hand(f.voter(vote.session, 1), Role::Voter)];
            f.submit_raw(Rule::StatementVillage, &by, payload).then(|s| s.cast(vote, 1, "for"));
        },
    );
}

fn keys(set: &mut Set, stages: &Stages) {
    let vote = &stages.vote;
    set.bad(
        &stages.voting,
        "attack-ballot-by-an-unlisted-key",
        "A ballot stuffed by the server, with a key of its own.",
        |f| {
            let voter = f.voter(vote.session, 1);
            f.use_key(voter, key(9));
            f.refused(Rule::SignerKey, |s| s.cast(vote, 1, "for"));
        },
    );
    set.bad(
        &stages.voting,
        "attack-ballot-stuffed",
        "A ballot stuffed by the server in a voter's name: the signature is the log's.",
        |f| {
            let mut envelope = raw::signed(f, |s| s.cast(vote, 1, "for"));
            let log = sunvote::log::dsse::Signature::sign(&envelope.pae(), f.log_key());
            envelope.signatures[0].sig = log.sig;
            let (seq, time) = (f.next(), f.now());
            f.finding(seq, "statement.signature").push(&envelope, time);
        },
    );
    set.bad(
        &stages.voting,
        "attack-ballot-by-a-revoked-key",
        "A ballot by a key that was revoked a moment ago.",
        |f| {
            let voter = f.voter(vote.session, 1);
            f.then(|s| revoke(s, voter)).refused(Rule::SignerKeyRevoked, |s| s.cast(vote, 1, "for"));
        },
    );
    set.bad(
        &stages.voting,
        "attack-back-dated-key",
        "A ghost key, enrolled by a colluding pair after the vote opened: seen by all, it votes only from the hall.",
        |f| {
            let voter = f.voter(vote.session, 1);
            f.then(|s| enrol(s, voter, public(&key(9))));
            f.use_key(voter, key(9));
            f.wait_minutes(1).refused(Rule::VoterKeyNew, |s| s.cast(vote, 1, "for"));
            f.then(|s| s.sign_in(vote.session, &[1], &[])).then(|s| s.cast(vote, 1, "for"));
        },
    );
    set.bad(&stages.village, "attack-one-key-for-two-persons", "One key for two, in one list.", |f| {
        let row = |person| KeyRow { person, key: public(&key(9)), key_kind: KeyKind::Device };
        let keys = vec![row(f.representative(0)), row(f.representative(1))];
        let by = f.two();
        f.unlawful(Rule::KeyUnfit, &by, Header::default(), Act::KeysEnrolled(KeysEnrolled { keys }));
    });
    set.bad(
        &stages.voting,
        "attack-torsion-ballot",
        "A voter moves R by a torsion point: the ballot counts everywhere, or nobody knows what counts.",
        |f| {
            let mut envelope = raw::signed(f, |s| s.cast(vote, 1, "for"));
            let signer = f.someone(f.voter(vote.session, 1)).unwrap().key.clone();
            envelope.signatures[0].sig = raw::torsion_signature(&signer, &envelope.pae(), 3);
            let signed = sunvote::log::signed::Signed::read(envelope).unwrap();
            f.then(|s| s.append(&signed)).then(|s| s.close_on_time(vote));
        },
    );
}

fn in_the_hall(set: &mut Set, stages: &Stages) {
    let (session, vote) = (stages.session, &stages.vote);
    set.bad(
        &stages.voting,
        "attack-two-channels",
        "One voter by phone and on paper: paper counts, once, and the phone no more.",
        |f| {
            f.then(|s| s.cast(vote, 1, "for")).then(|s| s.issue_paper(vote, &[1]));
            f.refused(Rule::BallotPaper, |s| s.cast(vote, 1, "for")).then(|s| s.close_on_time(vote));
            f.then(|s| s.end_deliveries(vote))
                .then(|s| s.count_paper(vote, &[1, 0, 0], 0))
                .then(|s| s.open_ballots_with(vote, &[]));
            let mut result = result_of(f, vote);
            (result.voted, result.counts[0].count) = (2, 2);
            announce(f, vote, Rule::ResultWrong, result);
            f.wait_minutes(1).then(|s| s.announce(vote));
        },
    );
    set.bad(
        &stages.voting,
        "attack-false-paper-issue",
        "Clerk and scrutineer hand a paper to one who has voted, without the voter.",
        |f| {
            f.then(|s| s.cast(vote, 1, "against"));
            let tellers = f.state().session(session).unwrap().tellers.clone().unwrap();
            let by = [f.hand(Role::Clerk), hand(tellers.scrutineer, Role::Scrutineer)];
            let header = on_vote(vote, f, Kind::VotingOpened);
            f.unlawful(Rule::SignerRole, &by, header, Act::PaperIssued(PaperIssued { voters: vec![1] }));
        },
    );
    set.bad(&stages.rostered, "attack-phantom-check-in", "A member is checked in by the clerk's key.", |f| {
        let (voter, clerks) = (f.voter(session, 1), f.someone(f.clerk()).unwrap().key.clone());
        f.use_key(voter, clerks);
        f.refused(Rule::SignerKey, |s| s.check_in(session, 1));
    });
    set.bad(&stages.voting, "attack-early-close", "The vote is closed while one is missing.", |f| {
        f.then(|s| s.cast_all(vote, &[("for", 6)]))
            .refused(Rule::CloseEarly, |s| s.close(vote))
            .then(|s| s.cast(vote, 7, "against"));
    });
    let made = rewritten(
        &stages.closed,
        "attack-clock-jump",
        "The server's clock jumps ahead an hour before the last ballot, and back.",
        |e| {
            let ballot = e.len() - 2;
            e[ballot].time = e[ballot].time.plus_ms(3_700_000);
        },
    );
    let last = last_of(&stages.closed);
    // The ballot is too late to count and too old to be taken; what was refused moves no lawful time.
    set.0.push(made.finding(last - 1, "statement.time").finding(last, "entry.time"));
    set.bad(&stages.opened, "attack-result-not-matching", "For wins with the votes against it.", |f| {
        let mut result = result_of(f, vote);
        let (a, b) = (result.counts[0].count, result.counts[1].count);
        (result.counts[0].count, result.counts[1].count) = (b, a);
        announce(f, vote, Rule::ResultWrong, result);
    });
    set.bad(
        &stages.delivered,
        "attack-opening-withheld",
        "The log leaves out the ballots against and announces what remains.",
        |f| {
            let openings: Vec<_> =
                f.counting_openings(vote).into_iter().filter(|row| row.choice.as_str() != "against").collect();
            f.then(|s| s.open_ballots_with(vote, &openings));
            let result = result_of(f, vote);
            announce(f, vote, Rule::OpeningMissing, result);
        },
    );
}

fn changes(set: &mut Set, stages: &Stages) {
    let (matter, session, vote) = (stages.matter, stages.session, &stages.vote);
    set.bad(&stages.voting, "attack-roster-changed", "The roster is fixed again while people vote.", |f| {
        f.refused(Rule::SessionState, |s| s.fix_roster(session));
    });
    set.bad(&stages.voting, "attack-question-changed", "The plan is settled anew while people vote on it.", |f| {
        f.refused(Rule::StageWrong, |s| s.settle_plan(matter, &stages.draft));
    });
    set.bad(
        &stages.voting,
        "attack-profile-changed",
        "A profile with a lower threshold, adopted while people vote, changes nothing for them.",
        |f| {
            f.then(|s| s.adopt(local_profile(|p| (p.threshold.num, p.threshold.den) = (1, 9))));
            f.then(|s| s.cast_all(vote, &[("for", 2), ("against", 5)]))
                .then(|s| s.close(vote))
                .then(|s| s.end_deliveries(vote));
            f.then(|s| s.open_ballots(vote));
            let mut result = result_of(f, vote);
            (result.passed, result.winner, result.needed) = (true, Some("for".parse().unwrap()), 1);
            announce(f, vote, Rule::ResultWrong, result);
            f.wait_minutes(1).then(|s| s.announce(vote)).then(|s| s.sign_minutes(session));
        },
    );
    set.bad(
        &stages.posted,
        "attack-filing-skipped",
        "A session is called and a resolution posted without the township.",
        |f| {
            f.refused(Rule::StageWrong, |s| s.convene(ASSEMBLY, &[matter]))
                .refused(Rule::StageWrong, |s| s.post_resolution(matter));
        },
    );
    set.bad(
        &stages.filed,
        "attack-session-for-a-plan-that-was-replaced",
        "Called for one plan, it can't vote on a later one.",
        |f| {
            let starts_at = f.now().plus_ms(60 * 86_400_000);
            let item = f.item(matter, 0);
            let session = f.convene_at(ASSEMBLY, vec![item], starts_at).unwrap();
            f.wait_days(1).then(|s| s.request_change(matter, "改线"));
            f.wait_days(1).then(|s| s.settle_and_post(matter, &stages.draft)).then(|s| s.submit_after_notice(matter));
            f.then(|s| s.review_and_file(matter)).at(starts_at).then(|s| s.fix_roster(session));
            f.then(|s| s.sign_in(session, &[1, 2, 3, 4, 5, 6, 7], &[])).then(|s| s.name_tellers(session));
            f.refused(Rule::BasisStale, |s| s.open_vote(&Vote::on(session, matter, "q1").unwrap()));
        },
    );
}
