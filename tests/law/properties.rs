//! What holds for every sequence of statements, lawful or not: stages in order, nobody counted twice, results that stay,
//! one state for one record, and a judge that always answers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;
use sunvote::core::act::matter::Advice;
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::Work;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId, SessionId};
use sunvote::core::judge::judge;
use sunvote::core::model::{Category, Outcome, Role, Stage};
use sunvote::core::state::matter::{Matter, Standing};
use sunvote::core::state::session::Session;
use sunvote::core::state::voting::VotingStatus;
use sunvote::core::state::{Position, State};
use sunvote::core::statement::Statement;
use sunvote::log::entry::{Entry, leaf_hash};
use sunvote::log::ledger::replay;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;

use crate::support::{ASSEMBLY, local_profile, village_of};

/// Seven on the roster, so that quorums are reached and missed alike.
static VILLAGE: LazyLock<Scribe> = LazyLock::new(|| {
    let mut scribe = village_of(&Term { representatives: 4, committee: 3, ..Term::default() });
    scribe.adopt(local_profile(|profile| profile.recusal.allowed = true)).unwrap();
    scribe
});

/// What was tried so far: matters and sessions to choose from.
pub struct Play {
    /// Who writes.
    pub scribe: Scribe,
    matters: Vec<MatterId>,
    sessions: Vec<SessionId>,
}

/// One random move: what, on which, how much.
pub type Move = (u8, u8, u8);

const CHOICES: [&str; 3] = ["for", "against", "abstain"];

impl Play {
    pub fn new() -> Self {
        let mut scribe = VILLAGE.clone();
        let matters = vec![scribe.suggest("建议").unwrap()];
        let sessions = vec![scribe.new_session()];
        Self { scribe, matters, sessions }
    }

    /// Tries a move; what is refused changes nothing.
    pub fn step(&mut self, (what, which, much): Move) {
        // Mostly the newest, so that something comes to its end.
        let back = if which < 200 { 1 } else { usize::from(which) };
        let matter = self.matters[self.matters.len() - 1 - (back - 1) % self.matters.len()];
        let session = self.sessions[self.sessions.len() - 1 - (back - 1) % self.sessions.len()];
        let called = self.scribe.state().session(session);
        let vote = Vote::on(session, called.map_or(matter, |called| called.agenda[0].matter), "q1").unwrap();
        match what % 12 {
            0..3 => self.advance(matter, much),
            3..8 => self.advance_session(&vote, much),
            8 => self.any_paper(matter, much),
            9 => self.any_of_session(&vote, much),
            10 => self.copy_with_changes(which, much),
            _ => {
                self.scribe.wait_minutes(i64::from(much) * 7);
            }
        }
    }

    /// The step that usually comes next for a matter.
    fn advance(&mut self, matter: MatterId, much: u8) {
        let draft = Draft::of(Category::M02);
        let scribe = &mut self.scribe;
        let _ = match scribe.state().matter(matter).map(|matter| matter.standing) {
            Some(Standing::At(Stage::Suggestion)) => scribe.propose(matter, &draft).map(|_| ()),
            Some(Standing::At(Stage::Proposal)) => scribe.consult(matter, &draft),
            Some(Standing::At(Stage::Consultation)) => scribe
                .answer_objection(matter, "答复")
                .map(|_| ())
                .or_else(|_| scribe.submit_after_notice(matter).map(|_| ()))
                .or_else(|_| scribe.settle_and_post(matter, &draft)),
            Some(Standing::At(Stage::Filing)) if much < 64 => {
                scribe.return_to(matter, Stage::Consultation, "退回").map(|_| ())
            }
            Some(Standing::At(Stage::Filing)) => {
                scribe.file(matter).or_else(|_| scribe.review(matter, Advice::File)).map(|_| ())
            }
            Some(Standing::At(Stage::Ballot)) => {
                scribe.convene(ASSEMBLY, &[matter]).map(|session| self.sessions.push(session))
            }
            Some(Standing::At(Stage::Supervision)) => scribe.carry_out(matter, 1).map(|_| ()),
            Some(Standing::Ended(_)) | None => scribe.suggest("建议").map(|matter| self.matters.push(matter)),
        };
    }

    /// A session's steps in order, one at a time.
    fn advance_session(&mut self, vote: &Vote, much: u8) {
        let session = vote.session;
        let Some(called) = self.scribe.state().session(session) else { return };
        let (starts_at, fixed) = (called.starts_at, called.eligible() > 0);
        let scribe = &mut self.scribe;
        if !fixed {
            let _ = scribe.fix_roster(session);
            if scribe.now() < starts_at {
                scribe.at(starts_at);
            }
            return;
        }
        let _ = match scribe.voting(vote).map(|voting| voting.status) {
            None | Some(VotingStatus::Voided) => {
                let present: Vec<u32> = (1..=4 + u32::from(much % 4)).collect();
                let _ = scribe.sign_in(session, &present, &[]);
                let _ = scribe.name_tellers(session);
                scribe.open_vote(vote).map(|_| ())
            }
            Some(VotingStatus::Open) => match much % 8 {
                0 | 1 => scribe.close_on_time(vote).map(|_| ()),
                2 => scribe.void_vote(vote, VoidReason::Failure).map(|_| ()),
                3 | 4 => scribe.issue_paper(vote, &[1 + u32::from(much) / 8 % 4]).map(|_| ()),
                _ => scribe.cast_all(vote, &[("for", usize::from(much / 8 % 8)), ("against", 7)]),
            },
            Some(VotingStatus::Closed) => scribe.end_deliveries(vote).map(|_| ()),
            Some(VotingStatus::DeliveriesEnded) => {
                let papers = scribe.voting(vote).map_or(0, |voting| voting.paper_issued.len());
                let count = u32::try_from(papers).unwrap();
                let counted = scribe.count_paper(vote, &[count / 2, count - count / 2, 0], u32::from(much) / 250);
                if counted.is_ok() && much < 200 {
                    let _ = scribe.dispute(vote, 1, "计票有误");
                    let _ = scribe.recount_paper(vote, &[count, 0, 0], 0);
                }
                scribe.open_ballots(vote).or_else(|_| scribe.announce(vote).map(|_| ()))
            }
            Some(VotingStatus::BallotsOpened) => {
                scribe.announce(vote).or_else(|_| scribe.answer_dispute(vote, "答复")).map(|_| ())
            }
            Some(VotingStatus::Announced) => scribe.sign_minutes(session).map(|_| ()),
        };
    }

    /// Any step of a matter, whether or not it is its turn.
    fn any_paper(&mut self, matter: MatterId, much: u8) {
        let draft = Draft::of(Category::M02);
        let scribe = &mut self.scribe;
        let back = [Stage::Proposal, Stage::Consultation][usize::from(much / 22) % 2];
        let _ = match much % 22 {
            0 => scribe.suggest_to(matter, "再提"),
            1 => scribe.propose(matter, &draft),
            2 => scribe.enlarged_meeting(matter),
            3 => scribe.visit(matter, &draft.opinions),
            4 => scribe.answer_opinions(matter, "答复"),
            5 => scribe.joint_meeting(matter),
            6 => scribe.settle_plan(matter, &draft),
            7 => scribe.post_plan(matter),
            8 => scribe.object(matter, "异议"),
            9 => scribe.raise_concern(matter, "关注"),
            10 => scribe.answer_concern(matter, "答复"),
            11 => scribe.submit_filing(matter),
            12 => scribe.request_supplement(matter, "补正"),
            13 => scribe.provide_supplement(matter, "材料"),
            14 => scribe.note_deadline(matter),
            15 => scribe.review(matter, Advice::File),
            16 => scribe.file(matter),
            17 => scribe.return_to(matter, back, "退回"),
            18 => scribe.request_change(matter, "变更"),
            19 => scribe.post_resolution(matter),
            20 => scribe.progress(matter, Work::Works, much, u64::from(much)),
            _ => scribe.sign_off(matter),
        };
        if much == 255 {
            let _ = scribe.withdraw(matter, "撤回");
        }
    }

    /// Any step of a session, whether or not it is its turn.
    fn any_of_session(&mut self, vote: &Vote, much: u8) {
        let (scribe, no) = (&mut self.scribe, u32::from(much / 16) % 9);
        let reasons = [VoidReason::Failure, VoidReason::Dispute, VoidReason::OpeningMissing, VoidReason::TooManyPapers];
        let _ = match much % 16 {
            0 | 1 => scribe.cast(vote, no, CHOICES[usize::from(much / 16) % 3]),
            2 | 3 => scribe.issue_paper(vote, &[no]),
            4 => scribe.check_in(vote.session, no),
            5 => scribe.check_out(vote.session, no),
            6 => scribe.sign_in(vote.session, &[no], &[]),
            7 => scribe.sign_in(vote.session, &[], &[no]),
            8 => scribe.recuse(vote.session, vote.matter, no),
            9 => scribe.close(vote),
            10 => scribe.end_deliveries(vote),
            11 => scribe.dispute(vote, no, "争议"),
            12 => scribe.answer_dispute(vote, "答复"),
            13 => scribe.void_vote(vote, reasons[usize::from(much / 16) % 4]),
            14 => scribe.fail(vote.session),
            _ => scribe.open_vote(vote),
        };
    }

    /// A statement from the record, signed anew with something in its header exchanged.
    fn copy_with_changes(&mut self, which: u8, much: u8) {
        let scribe = &mut self.scribe;
        let at = |n: u8| usize::from(n) * 7 % scribe.entries.len();
        let mut statement = statement_of(&scribe.entries[at(which)].bytes);
        match much % 6 {
            0 => statement.basis = statement.basis.map(|_| scribe.entries[at(much)].at.leaf),
            1 => statement.matter = statement.matter.map(|_| self.matters[usize::from(much) % self.matters.len()]),
            2 => statement.session = statement.session.map(|_| self.sessions[usize::from(much) % self.sessions.len()]),
            3 => statement.held_on = statement.held_on.map(|day| day.plus_days(i32::from(much) - 120)),
            4 => statement.by.reverse(),
            _ => {}
        }
        statement.at = scribe.now();
        let hand = |signer: &sunvote::core::statement::Signer| match (signer.role, signer.person) {
            (_, Some(person)) => Hand::Person(person, signer.role),
            (Role::Log, None) => Hand::Log,
            (_, None) => Hand::Root(usize::from(scribe.state().roots.first() != Some(&signer.key))),
        };
        let by: Vec<Hand> = statement.by.iter().map(hand).collect();
        let _ = scribe.submit(&by, &statement);
    }
}

fn statement_of(bytes: &[u8]) -> Statement {
    Signed::read(Entry::parse(bytes).unwrap().statement).unwrap().statement
}

/// How a matter may go from one entry to the next.
fn check_matter(before: Option<&Matter>, after: &Matter, kind: Kind) {
    let order = |stage: Stage| Stage::ALL.iter().position(|other| *other == stage).unwrap();
    let lawful = match (before.map(|matter| matter.standing), after.standing) {
        (None, Standing::At(Stage::Suggestion)) | (Some(Standing::At(_)), Standing::Ended(_)) => true,
        (None, Standing::At(_)) => kind == Kind::EmergencyDecided,
        (None, Standing::Ended(outcome)) => outcome == Outcome::Disclosed,
        (Some(Standing::At(from)), Standing::At(to)) if order(to) < order(from) => {
            matches!(kind, Kind::FilingReturned | Kind::ChangeRequested)
        }
        (Some(Standing::At(from)), Standing::At(to)) => order(to) - order(from) <= 1,
        (Some(Standing::Ended(from)), Standing::Ended(to)) => from == to,
        (Some(Standing::Ended(from)), Standing::At(_)) => from == Outcome::Rejected && kind == Kind::ChangeRequested,
    };
    assert!(lawful, "{kind}: {:?} to {:?}", before.map(|matter| matter.standing), after.standing);
    if let (Standing::At(stage), false) = (after.standing, after.emergency) {
        let needed = [
            (Stage::Proposal, Kind::MatterProposed),
            (Stage::Filing, Kind::EnlargedMeetingRecorded),
            (Stage::Filing, Kind::VisitsRecorded),
            (Stage::Filing, Kind::JointMeetingRecorded),
            (Stage::Filing, Kind::PlanPosted),
            (Stage::Ballot, Kind::FilingFiled),
            (Stage::Supervision, Kind::MinutesSigned),
        ];
        for (from, paper) in needed {
            // A return to the proposal takes the proposal itself back.
            let there = after.papers.paper(paper).is_some() || (stage == Stage::Proposal && after.round > 1);
            assert!(order(stage) < order(from) || there, "{stage} without {paper}");
        }
    }
    if let Some(before) = before {
        assert_eq!(before.results[..], after.results[..before.results.len()], "an announced result changed");
    }
}

/// What may not change in a session, and how its votes add up.
fn check_session(before: Option<&Session>, after: &Session) {
    if let Some(before) = before.filter(|before| before.eligible() > 0) {
        assert_eq!(before.roster, after.roster, "the roster changed");
        for (key, voting) in &before.votings {
            if let Some(result) = &voting.result {
                assert_eq!(Some(result), after.votings[key].result.as_ref(), "a result changed");
            }
            if voting.status != VotingStatus::Open {
                let same = after.votings[key].opened != voting.opened || after.votings[key].present == voting.present;
                assert!(same, "who may vote changed after closing");
            }
        }
    }
    for voting in after.votings.values() {
        let may: BTreeSet<u32> = voting.present.difference(&voting.recused).copied().collect();
        let phones: BTreeSet<u32> = voting.choices.keys().copied().collect();
        assert!(phones.is_subset(&may) && voting.paper_issued.is_subset(&may), "somebody voted who may not");
        assert!(phones.is_disjoint(&voting.paper_issued), "somebody is counted twice");
        if let Some(result) = &voting.result {
            let counted = result.counts.iter().map(|row| row.count).sum::<u32>() + result.invalid;
            assert_eq!(counted, result.voted, "votes that nobody cast");
            assert!(result.voted as usize <= may.len(), "more votes than voters");
        }
    }
}

/// Replays a record from its bytes and looks at each step.
fn replayed(scribe: &Scribe) -> State {
    let mut state: Option<State> = None;
    for entry in &scribe.entries {
        let parsed = Entry::parse(&entry.bytes).unwrap();
        let signed = Signed::read(parsed.statement).unwrap();
        let at = Position { seq: parsed.seq, time: parsed.time, leaf: leaf_hash(&entry.bytes) };
        let before = state.clone();
        replay(&mut state, &signed.statement, signed.id, at, None).unwrap();
        let after = state.as_ref().unwrap();
        for (id, matter) in &after.matters {
            check_matter(before.as_ref().and_then(|before| before.matter(*id)), matter, signed.statement.kind());
        }
        for (id, session) in &after.sessions {
            check_session(before.as_ref().and_then(|before| before.session(*id)), session);
        }
    }
    state.unwrap()
}

/// Changes the `n`th value inside a payload to one of the values that break things.
fn spoil(value: &mut Value, n: &mut usize, with: &Value) -> bool {
    match value {
        Value::Object(map) => map.values_mut().any(|inner| spoil(inner, n, with)),
        Value::Array(items) if !items.is_empty() => items.iter_mut().any(|inner| spoil(inner, n, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            if *n == 0 {
                *value = with.clone();
                return true;
            }
            *n -= 1;
            false
        }
    }
}

fn odd_values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::from(0)),
        Just(Value::from(u64::from(u32::MAX))),
        Just(Value::from(9_007_199_254_740_991_u64)),
        Just(Value::from("9999-12-31T23:59:59.999Z")),
        Just(Value::from("1970-01-01")),
        Just(Value::from("9999-12-31")),
        Just(Value::from("ff".repeat(32))),
        Just(Value::from("voter")),
        Just(Value::from("supervision_committee")),
        Just(Value::Array(Vec::new())),
        Just(Value::Bool(true)),
        any::<u16>().prop_map(Value::from),
    ]
}

/// A record that has come far: decided, open and closed votes, papers of every stage.
static RECORD: LazyLock<Scribe> = LazyLock::new(|| {
    let mut scribe = VILLAGE.clone();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 6, &[("for", 5)]).unwrap();
    scribe.post_resolution(matter).unwrap();
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 7).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.cast_all(&vote, &[("for", 3)]).unwrap();
    scribe.issue_paper(&vote, &[7]).unwrap();
    scribe
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_moves_leave_a_record_whose_every_step_is_lawful(moves in prop::collection::vec(any::<Move>(), 40..160)) {
        let mut play = Play::new();
        for one in moves {
            play.step(one);
        }
        prop_assert_eq!(&replayed(&play.scribe), play.scribe.state());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_judge_answers_whatever_a_statement_says(
        entry in any::<prop::sample::Index>(),
        spoils in prop::collection::vec((0_usize..40, odd_values()), 1..4),
        later in 0_i64..40,
    ) {
        let bytes = &RECORD.entries[entry.index(RECORD.entries.len())].bytes;
        let payload = Entry::parse(bytes).unwrap().statement.payload;
        let mut value: Value = serde_json::from_slice(&payload).unwrap();
        for (n, with) in spoils {
            spoil(&mut value, &mut n.clone(), &with);
        }
        let last = RECORD.state().last;
        let at = Position { seq: last.seq + 1, time: last.time.plus_ms(later * 86_400_000), leaf: Digest([3; 32]) };
        if let Ok(mut statement) = Statement::parse(&serde_json::to_vec(&value).unwrap()) {
            statement.at = at.time;
            let mut state = RECORD.state().clone();
            if let Ok(change) = judge(&state, &statement, Digest([4; 32]), at) {
                state.apply(change);
                prop_assert_eq!(state.last, at);
                prop_assert!(!matches!(statement.act, Act::VillageFounded(_)));
            }
        }
    }

    #[test]
    fn no_bytes_stop_the_reader_of_statements(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Statement::parse(&bytes);
    }
}

#[test]
fn the_moves_of_these_tests_reach_results_returns_and_ends() {
    let mut reached = BTreeSet::new();
    for seed in 0..12 {
        let mut play = Play::new();
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for _ in 0..160 {
            let [what, which, much, _] = rng.next_u32().to_le_bytes();
            play.step((what, which, much));
        }
        reached.extend(play.scribe.entries.iter().map(|entry| statement_of(&entry.bytes).kind()));
    }
    for kind in [
        Kind::ResultAnnounced,
        Kind::MinutesSigned,
        Kind::FilingReturned,
        Kind::PaperCounted,
        Kind::PaperRecounted,
        Kind::VotingVoided,
    ] {
        assert!(reached.contains(&kind), "{kind} is never reached: {reached:?}");
    }
}
