//! The courses that most vectors leave from: a small village, and one matter's way through it, kept at every step.

use sunvote::core::act::matter::Advice;
use sunvote::core::act::works::Work;
use sunvote::core::defaults::profiles;
use sunvote::core::ids::{MatterId, SessionId};
use sunvote::core::model::{Body, Category};
use sunvote::core::reject::Rejection;
use sunvote::core::rules::Profile;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};

/// The body that meets: a chair, two of the committee, six representatives. Six of nine are a quorum.
pub const ASSEMBLY: Body = Body::RepresentativeAssembly;

/// Where vectors leave from. Each is a prefix of the one after it; `matter`, `session` and `vote` are the same in all.
pub struct Stages {
    /// Nothing but entry 0.
    pub founded: Scribe,
    /// Law, township, a term, keys, delegations.
    pub village: Scribe,
    /// A suggestion is on record.
    pub suggested: Scribe,
    pub proposed: Scribe,
    pub enlarged: Scribe,
    pub visited: Scribe,
    pub joint: Scribe,
    pub settled: Scribe,
    pub posted: Scribe,
    pub submitted: Scribe,
    pub reviewed: Scribe,
    /// Filed: it may go to the ballot.
    pub filed: Scribe,
    pub convened: Scribe,
    /// The roster is fixed.
    pub rostered: Scribe,
    /// Seven of nine have signed in, tellers are named.
    pub gathered: Scribe,
    /// The vote is open, a minute ago.
    pub voting: Scribe,
    /// All seven have voted: four for, two against, one abstention.
    pub cast: Scribe,
    pub closed: Scribe,
    pub delivered: Scribe,
    pub opened: Scribe,
    pub announced: Scribe,
    /// The minutes are signed: it passed.
    pub decided: Scribe,
    pub resolved: Scribe,
    /// Work is done, the notice of the resolution is over.
    pub done: Scribe,
    /// Signed off.
    pub finished: Scribe,
    pub matter: MatterId,
    pub session: SessionId,
    pub vote: Vote,
    pub draft: Draft,
}

/// A founded village, on a Monday morning.
pub fn founded() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    Scribe::found(Founding::invented("331102001206".parse().unwrap(), "liandu.example", time, 7)).unwrap()
}

/// Six representatives, a committee of three, three supervisors, three households in each of three groups.
pub const TERM: Term = Term {
    representatives: 6,
    committee: 3,
    supervisors: 3,
    one_leader: false,
    member_representatives: 3,
    members: 0,
    households: 9,
};

/// The assembly's shipped profile in a next version, changed by `with`.
pub fn local_profile(with: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = profiles().into_iter().find(|profile| profile.body == ASSEMBLY).unwrap();
    profile.version += 1;
    with(&mut profile);
    profile
}

/// From a suggestion to what may go to the ballot, at every step.
fn to_the_ballot(scribe: &mut Scribe, matter: MatterId, draft: &Draft) -> [Scribe; 10] {
    let mut step = |days: i64, write: &mut dyn FnMut(&mut Scribe) -> Result<Appended, Rejection>| {
        write(scribe.wait_days(days)).unwrap();
        scribe.clone()
    };
    [
        step(1, &mut |s| s.propose(matter, draft)),
        step(1, &mut |s| s.enlarged_meeting(matter)),
        step(1, &mut |s| s.visit(matter, &draft.opinions)),
        step(1, &mut |s| s.answer_opinions(matter, &draft.answer)),
        step(1, &mut |s| s.joint_meeting(matter)),
        step(0, &mut |s| s.settle_plan(matter, draft)),
        step(0, &mut |s| s.post_plan(matter)),
        step(0, &mut |s| s.submit_after_notice(matter)),
        step(1, &mut |s| s.review(matter, Advice::File)),
        step(1, &mut |s| s.file(matter)),
    ]
}

impl Stages {
    pub fn new() -> Self {
        let founded = founded();
        let draft = Draft::of(Category::M02);
        let mut scribe = founded.clone();
        scribe.settle(&TERM).unwrap();
        let village = scribe.clone();
        let matter = scribe.wait_minutes(5).suggest(&draft.suggestion).unwrap();
        let suggested = scribe.clone();
        let [proposed, enlarged, visited, _, joint, settled, posted, submitted, reviewed, filed] =
            to_the_ballot(&mut scribe, matter, &draft);
        let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
        let convened = scribe.clone();
        let starts_at = scribe.state().session(session).unwrap().starts_at;
        scribe.at(starts_at).wait_minutes(-120).fix_roster(session).unwrap();
        let rostered = scribe.clone();
        scribe.wait_minutes(60).sign_in(session, &[1, 2, 3, 4, 5, 6, 7], &[]).unwrap();
        scribe.at(starts_at).name_tellers(session).unwrap();
        let gathered = scribe.clone();
        let vote = Vote::on(session, matter, "q1").unwrap();
        scribe.open_vote(&vote).unwrap();
        scribe.wait_minutes(1);
        let voting = scribe.clone();
        scribe.cast_all(&vote, &[("for", 4), ("against", 2), ("abstain", 1)]).unwrap();
        let cast = scribe.clone();
        scribe.close_on_time(&vote).unwrap();
        let closed = scribe.clone();
        scribe.end_deliveries(&vote).unwrap();
        let delivered = scribe.clone();
        scribe.open_ballots(&vote).unwrap();
        let opened = scribe.clone();
        scribe.wait_minutes(1).announce(&vote).unwrap();
        let announced = scribe.clone();
        scribe.wait_minutes(10).sign_minutes(session).unwrap();
        let decided = scribe.clone();
        scribe.wait_days(1).post_resolution(matter).unwrap();
        let resolved = scribe.clone();
        let ends = scribe.resolution_notice_ends(matter);
        scribe.at(ends).progress(matter, Work::Delivery, 100, draft.amount_fen).unwrap();
        let done = scribe.clone();
        scribe.wait_days(2).sign_off(matter).unwrap();
        let finished = scribe;
        Self {
            founded,
            village,
            suggested,
            proposed,
            enlarged,
            visited,
            joint,
            settled,
            posted,
            submitted,
            reviewed,
            filed,
            convened,
            rostered,
            gathered,
            voting,
            cast,
            closed,
            delivered,
            opened,
            announced,
            decided,
            resolved,
            done,
            finished,
            matter,
            session,
            vote,
            draft,
        }
    }
}
