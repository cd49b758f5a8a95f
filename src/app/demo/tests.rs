//! The district as a whole: lawful, complete, in the past, and the same again.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::district::{self, Part};
use super::{District, Generated};
use crate::app::import::{self, VillageRow};
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::PersonId;
use crate::core::model::{Category, Mode, Outcome, Role, Stage};
use crate::core::state::session::SessionStatus;
use crate::core::state::voting::VotingStatus;
use crate::core::statement::Statement;
use crate::log::entry::Entry;

const HOST: &str = "127.0.0.1:8080";

fn now() -> Time {
    "2026-11-21T12:00:00.000Z".parse().unwrap()
}

fn villages() -> Vec<VillageRow> {
    import::villages(include_bytes!("../../../demo/liandu_villages.csv")).unwrap()
}

fn generate(villages: &[(usize, VillageRow)]) -> Vec<Generated> {
    let district = District::new(1, HOST, now());
    villages.par_iter().map(|(index, village)| district.generate(*index, village).unwrap()).collect()
}

fn all() -> Vec<Generated> {
    generate(&villages().into_iter().enumerate().collect::<Vec<_>>())
}

#[test]
fn the_whole_district_is_lawful_and_has_every_category_at_every_stage_and_every_outcome() {
    let district = all();
    let mut stages = BTreeMap::<(Category, Stage), usize>::new();
    let mut outcomes = BTreeMap::<Outcome, usize>::new();
    let (mut entries, mut documents, mut matters, mut live, mut left_out) = (0, 0, 0, 0, 0);
    let (mut returned, mut no_quorum, mut revoted, mut secret, mut emergency, mut several) = (0, 0, 0, 0, 0, 0);
    let (mut recused, mut covered, mut kin, mut disputed) = (0, 0, 0, 0);
    for village in &district {
        let state = village.state();
        entries += village.scribe.entries.len();
        documents += village.scribe.documents.len();
        matters += state.matters.len();
        left_out += village.left_out;
        assert!(state.last.time <= now(), "{} writes in the future", village.village.name);
        for matter in state.matters.values() {
            if let (Some(stage), Some(proposal)) = (matter.stage(), &matter.proposal) {
                *stages.entry((proposal.category, stage)).or_default() += 1;
            }
            matter.outcome().into_iter().for_each(|outcome| *outcomes.entry(outcome).or_default() += 1);
            returned += usize::from(matter.returned == 2);
            no_quorum += usize::from(matter.without_quorum > 0);
            let rounds: BTreeSet<u32> = matter.results.iter().map(|decided| decided.round).collect();
            revoted += usize::from(rounds.len() > 1);
            emergency += usize::from(matter.emergency);
        }
        covered += state.people.covers.len();
        kin += state.people.kin.len();
        for session in state.sessions.values() {
            let ahead = session.status != SessionStatus::Convened || session.starts_at > now();
            assert!(ahead, "{}: called for {} and not held", village.village.name, session.starts_at);
            recused += session.recused.len();
            for voting in session.votings.values() {
                disputed += usize::from(voting.papers.paper(Kind::DisputeAnswered).is_some());
            }
            live += usize::from(session.votings.values().any(|v| v.status == VotingStatus::Open));
            secret += usize::from(session.votings.values().any(|v| v.opening.mode == Mode::PaperSecret));
            several += usize::from(session.votings.len() > 1);
        }
    }
    println!("{} villages, {entries} entries, {documents} documents, {matters} matters", district.len());
    println!("{stages:?}\n{outcomes:?}\nlive {live}, secret {secret}, several {several}, left out {left_out}");
    for category in Category::ALL {
        // A suggestion has no category before it is proposed.
        for stage in Stage::ALL.iter().filter(|stage| **stage != Stage::Suggestion) {
            assert!(stages.contains_key(&(*category, *stage)), "{category} at {stage}");
        }
    }
    for outcome in Outcome::ALL {
        assert!(outcomes.contains_key(outcome), "{outcome}");
    }
    for (what, count) in [
        ("returned twice", returned),
        ("without quorum", no_quorum),
        ("voted again after a change", revoted),
        ("in secret", secret),
        ("in an emergency", emergency),
        ("of several questions", several),
        ("open now", live),
        ("with a recusal", recused),
        ("with a cover", covered),
        ("with near kin", kin),
        ("with paper in place of a phone's ballot, disputed", disputed),
    ] {
        assert!(count > 0, "{what}");
    }
    assert_eq!(left_out, 0);
}

fn one(name: &str) -> Generated {
    let found = villages().into_iter().enumerate().find(|(_, village)| village.name == name).unwrap();
    generate(&[found]).remove(0)
}

#[test]
fn the_same_seed_and_time_give_the_same_bytes() {
    let (a, b) = (one("水东村"), one("水东村"));
    assert_eq!(a.scribe.export().unwrap(), b.scribe.export().unwrap());
}

#[test]
fn a_newcomer_can_vote_at_once_in_the_showcase_village() {
    let village = one(district::SHOWCASE);
    assert_eq!(village.part, Part::Showcase);
    let session = village.state().sessions.values().find(|session| session.is_live()).unwrap();
    assert_eq!(session.status, SessionStatus::RosterFixed);
    assert!(session.votings.len() >= 2);
    for voting in session.votings.values() {
        assert_eq!(voting.status, VotingStatus::Open);
        assert!(voting.opening.closes_at > now().plus_ms(5 * 86_400_000));
        assert!(voting.ballots.len() >= 5 && voting.present.len() > voting.ballots.len() + 15);
    }
    // Lists go by id: whoever stands first among the representatives is who a newcomer takes.
    let people = &village.state().people;
    let only = |person: &PersonId| {
        let held = |role: &&Role| people.holds_own(*person, **role, now().date());
        Role::ALL.iter().filter(held).eq([&Role::Representative])
    };
    for person in people.persons.keys().filter(|person| only(person)).take(6) {
        let no = session.number_of(*person).unwrap();
        assert!(session.votings.values().all(|voting| voting.present.contains(&no) && !voting.has_voted(no)), "{no}");
    }
}

/// Nobody visits households about a matter that nobody has brought up yet.
#[test]
fn nothing_is_held_before_its_matter_began() {
    for village in generate(&villages().into_iter().enumerate().take(12).collect::<Vec<_>>()) {
        for entry in &village.scribe.entries {
            let statement = Statement::parse(&Entry::parse(&entry.bytes).unwrap().statement.payload).unwrap();
            let Some((matter, held_on)) = statement.matter.zip(statement.held_on) else { continue };
            let began = village.state().matter(matter).unwrap().opened.time.date();
            assert!(
                held_on >= began,
                "{}: {} held on {held_on}, begun {began}",
                village.village.name,
                statement.kind()
            );
        }
    }
}

#[test]
fn something_waits_on_every_desk() {
    let (index, row) = villages().into_iter().enumerate().nth(district::DESKS).unwrap();
    let village = generate(&[(index, row)]).remove(0);
    let waiting: BTreeSet<Kind> = crate::core::tasks::tasks(village.state()).iter().map(|task| task.kind).collect();
    for kind in [
        Kind::MatterProposed,
        Kind::EnlargedMeetingRecorded,
        Kind::VisitsRecorded,
        Kind::OpinionsAnswered,
        Kind::JointMeetingRecorded,
        Kind::PlanSettled,
        Kind::PlanPosted,
        Kind::FilingSubmitted,
        Kind::ObjectionAnswered,
        Kind::ConcernAnswered,
        Kind::FilingReviewed,
        Kind::SupplementProvided,
        Kind::FilingFiled,
        Kind::SessionConvened,
        Kind::RosterFixed,
        Kind::MinutesSigned,
        Kind::ResolutionPosted,
        Kind::ProgressRecorded,
        Kind::ImplementationSignedOff,
    ] {
        assert!(waiting.contains(&kind), "{kind}: {waiting:?}");
    }
}

#[test]
fn a_roster_is_fixed_and_members_arrive_before_their_session_begins() {
    let village = one(district::SHOWCASE);
    for session in village.state().sessions.values().filter(|session| session.status != SessionStatus::Cancelled) {
        let fixed = session.papers.paper(Kind::RosterFixed).unwrap().at.time;
        assert!(fixed < session.starts_at.plus_ms(-20 * 60_000), "{fixed} for {}", session.starts_at);
        let arrived = session.attendance.values().map(|attendance| attendance.since).max().unwrap();
        let last = village.scribe.entries[usize::try_from(arrived).unwrap()].at.time;
        assert!(last <= session.starts_at, "{last} for {}", session.starts_at);
    }
}
