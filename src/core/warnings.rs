//! Warnings (预警): what in a lawful record deserves a look. A rule never says that something is wrong, and nothing depends on it: it
//! points at entries. Thresholds, grades and owners are data in `warnings.json`.
//!
//! A warning follows from the record alone, with the time from which it stands: the passing of a term needs no entry, and needs nothing
//! computed again. All but one follow from one village's: pictures are held against those of the whole district.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::core::act::Kind;
use crate::core::catalogue::Subject;
use crate::core::clock::{DAY_MS, Time};
use crate::core::ids::{MatterId, PersonId, SessionId};
use crate::core::model::{Body, QuestionCode, Stage, codes};
use crate::core::state::State;
use crate::core::state::matter::{Contracted, Matter};
use crate::core::state::people::People;
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::tasks::{Task, disclosures};

/// How long what happened in a session is pointed at, and in a matter that has ended.
pub const LOOKED_BACK_MS: i64 = 400 * DAY_MS;

codes!(
    /// A rule by which something is pointed at; text keys `warning-<code>` and `warning-say-<code>`.
    Rule {
        /// The township has not reviewed or filed in its time (备案超期).
        FilingLate = "filing_late",
        /// An objection, a concern or opinions wait for an answer longer than the profile allows (异议答复超期).
        AnswerLate = "answer_late",
        /// What was decided in an emergency was not put to a vote since (追认未办).
        EmergencyOpen = "emergency_open",
        /// A resolution is not being carried out (实施停滞).
        Stalled = "stalled",
        /// More was paid than was approved (超额付款).
        Overpaid = "overpaid",
        /// More was agreed in contracts than was approved (合同超批准).
        OverContracted = "over_contracted",
        /// More was paid under a contract than its price (付款超合同).
        ContractOverpaid = "contract_overpaid",
        /// A contract's milestone was not reached by its day (节点超期).
        MilestoneLate = "milestone_late",
        /// Villagers rate badly what was carried out (村民评价差).
        RatedBadly = "rated_badly",
        /// A complaint to township or discipline office waits for an answer longer than the profile allows (投诉答复超期).
        ComplaintLate = "complaint_late",
        /// Sessions on the same matter had no quorum (多次不足法定人数).
        NoQuorum = "no_quorum",
        /// The township returned a matter more than once (多次退回).
        ReturnedAgain = "returned_again",
        /// No session of the representatives in a quarter (整季未开会).
        SessionMissing = "session_missing",
        /// The village's affairs were not disclosed in their time (村务公开超期).
        AffairsLate = "affairs_late",
        /// The village's accounts were not disclosed in their time (财务公开超期).
        FinancesLate = "finances_late",
        /// A session was held, and its minutes are not signed (会议记录未签).
        MinutesLate = "minutes_late",
        /// A vote was declared void (票决作废).
        VoteVoid = "vote_void",
        /// Papers were counted a second time (重新清点).
        Recounted = "recounted",
        /// A slip of the pen was put right in its papers shortly before a vote (票决前更正).
        CorrectedBeforeVote = "corrected_before_vote",
        /// Many ballots by phone came within seconds (短时间集中投票).
        BallotsAtOnce = "ballots_at_once",
        /// Papers were handed to members who had voted by phone or at a terminal (纸票顶替).
        PapersOverBallots = "papers_over_ballots",
        /// Members' keys were replaced between the call and the vote (投票前换钥匙).
        KeysRenewed = "keys_renewed",
        /// The same sheet or photograph, or nearly the same, stands in another matter of the district (图片重复使用). The one rule that no
        /// village's state tells: `store::alike` keeps what it finds.
        PictureAgain = "picture_again",
    }
);

codes!(
    /// How much it weighs, the lightest first.
    Grade {
        /// To be known.
        Notice = "notice",
        /// To be looked into.
        Serious = "serious",
        /// To be looked into now.
        Grave = "grave",
    }
);

codes!(
    /// Whose it is to do something about.
    Owner {
        /// The village's people.
        Village = "village",
        /// The township.
        Township = "township",
        /// The discipline inspector.
        Inspector = "inspector",
    }
);

impl Owner {
    /// Whose it is next where nobody does anything: village, township, inspector.
    fn above(self) -> Option<Self> {
        match self {
            Self::Village => Some(Self::Township),
            Self::Township => Some(Self::Inspector),
            Self::Inspector => None,
        }
    }
}

/// Whose a warning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is to do something about now.
    pub owner: Owner,
    /// When it came to them from below, where it did.
    pub raised: Option<Time>,
    /// To whom it goes next, and when, where nobody says until then what was done.
    pub climbs: Option<(Owner, Time)>,
}

impl Standing {
    /// Whose a warning is at `now` that stands from `from`, and about which somebody last wrote at `noted` what was done: it climbs
    /// by one each time the rule's days pass without a word.
    #[must_use]
    pub fn of(weight: &Weight, from: Time, noted: Option<Time>, now: Time) -> Self {
        let mut standing = Self { owner: weight.owner, raised: None, climbs: None };
        let mut next = noted.map_or(from, |noted| noted.max(from));
        while let Some(above) = standing.owner.above() {
            next = next.plus_ms(i64::from(weight.climbs_days) * DAY_MS);
            if now < next {
                standing.climbs = Some((above, next));
                break;
            }
            (standing.owner, standing.raised) = (above, Some(next));
        }
        standing
    }
}

/// Days without a word after which a warning climbs, where the file says no others.
fn fortnight() -> u16 {
    14
}

impl Grade {
    /// Its place where the gravest comes first: 1.
    #[must_use]
    pub fn rank(self) -> u64 {
        Self::ALL.iter().rev().zip(1..).find(|(grade, _)| **grade == self).map_or(0, |(_, rank)| rank)
    }
}

/// A rule's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Which rule.
    pub rule: Rule,
    /// How much it weighs.
    pub grade: Grade,
    /// Whose it is.
    pub owner: Owner,
    /// Days that pass before it stands, where it waits for something.
    #[serde(default)]
    pub days: u16,
    /// How often something has to happen, where it counts.
    #[serde(default)]
    pub least: u32,
    /// Seconds within which it has to happen, where that counts.
    #[serde(default)]
    pub seconds: u32,
    /// Days without a word after which it goes to the office above; at least 1.
    #[serde(default = "fortnight")]
    pub climbs_days: u16,
    /// Whether its numbers are fen.
    #[serde(default)]
    pub money: bool,
    /// Whether it is about what persons did: for inspectors alone.
    #[serde(default)]
    pub personal: bool,
}

static WEIGHTS: LazyLock<BTreeMap<Rule, Weight>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
    let weights: Vec<Weight> =
        serde_json::from_str(include_str!("warnings.json")).expect("warnings.json is well-formed");
    weights.into_iter().map(|weight| (weight.rule, weight)).collect()
});

impl Rule {
    /// Its data.
    ///
    /// # Panics
    /// Never: a test holds the file against the list of rules.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test holds the file against the list of rules")]
    pub fn weight(self) -> &'static Weight {
        WEIGHTS.get(&self).expect("warnings.json has every rule")
    }
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// By which rule.
    pub rule: Rule,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// The question it is about.
    pub question: Option<QuestionCode>,
    /// From when on it stands, as long as the record is as it is.
    pub from: Time,
    /// Indices of the entries behind it, in order.
    pub entries: Vec<u64>,
    /// How often, or how many, where the rule counts; fen where it is about money.
    pub number: u64,
    /// Of how many, or fen allowed.
    pub of: u64,
}

impl Warning {
    fn new(rule: Rule, from: Time, entries: impl IntoIterator<Item = u64>) -> Self {
        let mut entries: Vec<u64> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup();
        let days = i64::from(rule.weight().days) * DAY_MS;
        Self { rule, matter: None, session: None, question: None, from: from.plus_ms(days), entries, number: 0, of: 0 }
    }

    fn counted(self, number: usize, of: usize) -> Self {
        Self { number: number as u64, of: of as u64, ..self }
    }

    /// A name that stays the same when warnings are computed again.
    #[must_use]
    pub fn name(&self) -> String {
        let text = |part: Option<String>| part.unwrap_or_default();
        let (matter, session) = (self.matter.map(|id| id.to_string()), self.session.map(|id| id.to_string()));
        let question = self.question.as_ref().map_or("", QuestionCode::as_str);
        format!("{}/{}/{}/{question}", self.rule, text(matter), text(session))
    }
}

/// Every warning of a village, standing or to stand when its time comes, by name. `tasks` are those of the same state.
#[must_use]
pub fn warnings(state: &State, tasks: &[Task]) -> Vec<Warning> {
    let mut found = late(tasks);
    let since = newest(state).plus_ms(-LOOKED_BACK_MS);
    for (id, matter) in &state.matters {
        let shown = matter.stage().is_some() || matter.updated.time >= since;
        found.extend(
            of_matter(state, *id, matter).filter(|_| shown).map(|warning| Warning { matter: Some(*id), ..warning }),
        );
    }
    for (id, session) in state.sessions.iter().filter(|(_, session)| session.starts_at >= since) {
        let about = |warning: Warning| Warning { session: Some(*id), ..warning };
        found.extend(of_session(session, &state.matters, &state.people).into_iter().map(about));
    }
    found.extend(session_missing(state));
    found.extend(undisclosed(state));
    // Of several objections to one matter the one that waited longest stands for all.
    let mut named: BTreeMap<String, Warning> = BTreeMap::new();
    for warning in found {
        let name = warning.name();
        let first = named.get(&name).is_none_or(|other| warning.from < other.from);
        if first {
            named.insert(name, warning);
        }
    }
    named.into_values().collect()
}

/// When anything happened last but ballots: those change no warning, and the tables are not made anew for them.
fn newest(state: &State) -> Time {
    let matters = state.matters.values().map(|matter| matter.updated.time);
    matters.chain(state.sessions.values().map(|session| session.convened.time)).max().unwrap_or(state.last.time)
}

/// What has a term and waits.
fn late(tasks: &[Task]) -> Vec<Warning> {
    let outside = |task: &Task| !task.roles.iter().any(|role| role.is_village());
    let rule = |task: &Task| match task.kind {
        Kind::InquiryAnswered if outside(task) => Some(Rule::ComplaintLate),
        Kind::FilingReviewed | Kind::FilingFiled => Some(Rule::FilingLate),
        Kind::OpinionsAnswered
        | Kind::ConcernAnswered
        | Kind::ObjectionAnswered
        | Kind::InquiryAnswered
        | Kind::RatingAnswered => Some(Rule::AnswerLate),
        _ => None,
    };
    let warning = |task: &Task| {
        let (rule, due) = (rule(task)?, task.due?);
        Some(Warning { matter: task.matter, ..Warning::new(rule, due, [task.since]) })
    };
    tasks.iter().filter_map(warning).collect()
}

fn of_matter<'a>(state: &State, id: MatterId, matter: &'a Matter) -> impl Iterator<Item = Warning> + use<'a> {
    let stage = matter.stage();
    // What people ask or say moves no work on.
    let moved = [Kind::MinutesSigned, Kind::ResolutionPosted, Kind::ContractRecorded, Kind::ProgressRecorded];
    let moved = moved.iter().filter_map(|kind| matter.papers.paper(*kind)).map(|paper| paper.at);
    let moved = moved.max_by_key(|at| at.seq).filter(|_| stage == Some(Stage::Supervision));
    let stalled = moved.map(|at| Warning::new(Rule::Stalled, at.time, [at.seq]));
    let emergency = matter.papers.paper(Kind::EmergencyDecided).filter(|_| stage == Some(Stage::Ballot));
    let emergency = emergency.map(|paper| Warning::new(Rule::EmergencyOpen, paper.at.time, [paper.at.seq]));
    let counted = stage.map(|_| {
        let failed = state.sessions.values().filter(|session| session.item(id).is_some());
        let failed = failed.filter_map(|session| session.papers.paper(Kind::SessionFailed)).map(|paper| paper.at);
        let returned = matter.course.iter().filter(|turn| turn.by == Kind::FilingReturned);
        [
            again(Rule::NoQuorum, failed.map(|at| (at.time, at.seq)).collect()),
            again(Rule::ReturnedAgain, returned.map(|turn| (turn.time, turn.seq)).collect()),
        ]
    });
    let works = [over_contracted(matter), contract_overpaid(matter), milestone_late(matter), rated_badly(matter)];
    [stalled, emergency, overpaid(matter)].into_iter().chain(counted.into_iter().flatten()).chain(works).flatten()
}

/// What happened as often as the rule says, from the last time on, with the entry of each time.
fn again(rule: Rule, mut times: Vec<(Time, u64)>) -> Option<Warning> {
    times.sort_unstable();
    let (last, _) = *times.last().filter(|_| times.len() >= rule.weight().least as usize)?;
    let count = times.len();
    Some(Warning::new(rule, last, times.into_iter().map(|(_, seq)| seq)).counted(count, 0))
}

fn overpaid(matter: &Matter) -> Option<Warning> {
    let allowed = matter.settled.as_ref().map(|settled| settled.amount_fen).filter(|fen| matter.paid_fen > *fen)?;
    let (last, plan) = (matter.payments.last()?, matter.papers.paper(Kind::PlanSettled));
    let entries = plan.map(|paper| paper.at.seq).into_iter().chain([last.seq]);
    let warning = Warning::new(Rule::Overpaid, last.time, entries);
    Some(Warning { number: matter.paid_fen, of: allowed, ..warning })
}

fn over_contracted(matter: &Matter) -> Option<Warning> {
    let agreed = matter.contracts.iter().map(|contract| contract.amount_fen).fold(0, u64::saturating_add);
    let allowed = matter.settled.as_ref().map(|settled| settled.amount_fen).filter(|allowed| agreed > *allowed)?;
    let last = matter.contracts.last()?.at;
    let entries = matter.contracts.iter().map(|contract| contract.at.seq);
    Some(Warning { number: agreed, of: allowed, ..Warning::new(Rule::OverContracted, last.time, entries) })
}

fn contract_overpaid(matter: &Matter) -> Option<Warning> {
    let over = matter.contracts.iter().find(|contract| contract.paid_fen > contract.amount_fen)?;
    let report = matter.papers.paper(Kind::ProgressRecorded).map(|paper| paper.at.seq);
    let warning = Warning::new(Rule::ContractOverpaid, over.at.time, [over.at.seq].into_iter().chain(report));
    Some(Warning { number: over.paid_fen, of: over.amount_fen, ..warning })
}

/// The milestone of a matter under way that was to be reached first and was not.
fn milestone_late(matter: &Matter) -> Option<Warning> {
    matter.stage()?;
    let waits = |contract: &Contracted| {
        let next = contract.milestones.iter().find(|milestone| milestone.at.is_none())?;
        Some((next.due, contract.at.seq))
    };
    let (due, seq) = matter.contracts.iter().filter_map(waits).min()?;
    Some(Warning::new(Rule::MilestoneLate, due.plus_days(1).start(), [seq]))
}

/// More bad ratings (1, 2) than good ones (4, 5), and enough of them.
fn rated_badly(matter: &Matter) -> Option<Warning> {
    let [one, two, _, four, five] = matter.ratings.scores();
    let (bad, all) = (one + two, matter.ratings.scores().iter().sum::<u32>());
    let badly = bad >= Rule::RatedBadly.weight().least && bad > four + five;
    let last = [Kind::RatingEntered, Kind::RatingReceived].map(|kind| matter.papers.paper(kind).map(|paper| paper.at));
    let last = last.into_iter().flatten().max_by_key(|at| at.seq).filter(|_| badly)?;
    Some(Warning::new(Rule::RatedBadly, last.time, [last.seq]).counted(bad as usize, all as usize))
}

fn of_session(session: &Session, matters: &BTreeMap<MatterId, Arc<Matter>>, people: &People) -> Vec<Warning> {
    let mut found = Vec::new();
    let votings = || session.votings.iter();
    for ((id, question), voting) in votings() {
        let about = |warning| Warning { matter: Some(*id), question: Some(question.clone()), ..warning };
        found.extend(of_voting(voting).map(about));
        let corrected = matters.get(id).and_then(|matter| corrected_before(voting, matter, session));
        found.extend(corrected.map(about));
    }
    let done = |voting: &Voting| matches!(voting.status, VotingStatus::Announced | VotingStatus::Voided);
    let over = !session.votings.is_empty() && votings().all(|(_, voting)| done(voting));
    if over && session.is_live() {
        let entries = votings().map(|(_, voting)| voting.opened.seq);
        found.push(Warning::new(Rule::MinutesLate, session.starts_at, entries));
    }
    found.extend(keys_renewed(session, people));
    found
}

fn of_voting(voting: &Voting) -> impl Iterator<Item = Warning> + use<> {
    let opened = voting.opened;
    let recounted = voting.papers.paper(Kind::PaperRecounted);
    let recounted = recounted.map(|paper| Warning::new(Rule::Recounted, paper.at.time, [opened.seq, paper.at.seq]));
    let rule = Rule::PapersOverBallots;
    // Only when no ballot comes any more: a terminal's may come after the paper that overtook it.
    let ended = !matches!(voting.status, VotingStatus::Open | VotingStatus::Closed);
    let over = if ended { voting.papers_over_ballots().len() } else { 0 };
    let papers = (over >= rule.weight().least as usize)
        .then(|| Warning::new(rule, opened.time, [opened.seq]).counted(over, voting.paper_issued.len()));
    let at_once = ended.then(|| ballots_at_once(voting)).flatten();
    // A vote that was held again takes the void one's place in the session; that it was void stays.
    let void = voting.voided_so_far().first().copied();
    let void = void.map(|[opened, voided]| Warning::new(Rule::VoteVoid, voided.time, [opened.seq, voided.seq]));
    [void, recounted, papers, at_once].into_iter().flatten()
}

/// Ballots by phone that came within the rule's seconds.
fn ballots_at_once(voting: &Voting) -> Option<Warning> {
    let within = i64::from(Rule::BallotsAtOnce.weight().seconds) * 1_000;
    let close = voting.closest().filter(|close| close.ms <= within)?;
    let warning = Warning::new(Rule::BallotsAtOnce, voting.opened.time, close.entries.iter().copied());
    Some(warning.counted(close.entries.len(), close.of))
}

/// A slip of the pen that was put right in the papers of matter or session within the rule's seconds before the vote was opened.
fn corrected_before(voting: &Voting, matter: &Matter, session: &Session) -> Option<Warning> {
    let rule = Rule::CorrectedBeforeVote;
    let since = voting.opened.time.plus_ms(-i64::from(rule.weight().seconds) * 1_000);
    let corrections = matter.corrected.iter().chain(&session.corrected);
    let shortly = corrections.filter(|at| at.seq < voting.opened.seq && at.time >= since);
    let entries: Vec<u64> = shortly.map(|at| at.seq).collect();
    let count = entries.len();
    (count > 0)
        .then(|| Warning::new(rule, voting.opened.time, entries.into_iter().chain([voting.opened.seq])))
        .map(|warning| warning.counted(count, 0))
}

/// Members with a key from before the call whose newer one was enrolled after it, before the first vote.
fn keys_renewed(session: &Session, people: &People) -> Option<Warning> {
    let first = session.votings.values().map(|voting| voting.opened).min_by_key(|opened| opened.seq)?;
    let called = session.convened.seq;
    let members: BTreeSet<PersonId> = session.roster.values().copied().collect();
    let mut keys: BTreeMap<PersonId, Vec<u64>> = BTreeMap::new();
    for key in people.keys.values().filter(|key| members.contains(&key.person)) {
        keys.entry(key.person).or_default().push(key.enrolled);
    }
    let renewed = |all: &&Vec<u64>| {
        all.iter().any(|seq| *seq < called) && all.iter().any(|seq| (called..first.seq).contains(seq))
    };
    let renewed: Vec<&Vec<u64>> = keys.values().filter(renewed).collect();
    let rule = Rule::KeysRenewed;
    let entries = renewed.iter().flat_map(|all| all.iter().copied().filter(|seq| (called..first.seq).contains(seq)));
    (renewed.len() >= rule.weight().least as usize)
        .then(|| Warning::new(rule, first.time, entries).counted(renewed.len(), members.len()))
}

/// The representatives meet at least once in a quarter (Organic Law of Villagers' Committees 2018, art. 26).
fn session_missing(state: &State) -> Option<Warning> {
    let held = state
        .sessions
        .values()
        .filter(|session| session.body == Body::RepresentativeAssembly && session.status == SessionStatus::Ended);
    let last = held.max_by_key(|session| session.starts_at)?;
    Some(Warning::new(Rule::SessionMissing, last.starts_at, [last.convened.seq]))
}

/// What the catalogue has the village disclose in a rhythm, and what was not.
fn undisclosed(state: &State) -> Vec<Warning> {
    let rule = |subject: Subject| match subject {
        Subject::Affairs => Rule::AffairsLate,
        Subject::Finances => Rule::FinancesLate,
    };
    let next = disclosures(state).into_iter();
    next.filter_map(|next| Some(Warning::new(rule(next.subject), next.task.due?, [next.task.since]))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Owner, Rule, Standing, WEIGHTS};
    use crate::core::clock::{DAY_MS, Time};

    #[test]
    fn every_rule_has_its_data() {
        assert_eq!(WEIGHTS.keys().copied().collect::<Vec<_>>(), Rule::ALL);
        for weight in WEIGHTS.values() {
            // Whom a picture that stands twice is about nobody knows before it was looked into.
            let is_open = weight.personal || weight.rule == Rule::PictureAgain;
            assert!(weight.owner != super::Owner::Inspector || is_open, "{}", weight.rule);
            assert!(weight.climbs_days > 0, "{}", weight.rule);
        }
    }

    #[test]
    fn what_nobody_speaks_about_climbs_and_a_word_holds_it_for_a_while() {
        let weight = Rule::Stalled.weight();
        assert_eq!((weight.owner, weight.climbs_days), (Owner::Village, 14));
        let day = |day: i64| Time::from_ms(day * DAY_MS).expect("a time");
        let at = |noted: Option<i64>, now: Time| Standing::of(weight, day(100), noted.map(day), now);
        let standing = |owner, raised: Option<i64>, climbs: Option<(Owner, i64)>| Standing {
            owner,
            raised: raised.map(day),
            climbs: climbs.map(|(above, at)| (above, day(at))),
        };
        let (village, township, inspector) = (Owner::Village, Owner::Township, Owner::Inspector);
        assert_eq!(at(None, day(100)), standing(village, None, Some((township, 114))));
        assert_eq!(at(None, day(114).plus_ms(-1)).owner, village);
        assert_eq!(at(None, day(114)), standing(township, Some(114), Some((inspector, 128))));
        assert_eq!(at(None, day(400)), standing(inspector, Some(128), None));
        // Whoever writes what was done has it, once more, for as long.
        assert_eq!(at(Some(120), day(120)), standing(village, None, Some((township, 134))));
        assert_eq!(at(Some(90), day(100)), at(None, day(100)), "a word from before it stood");
    }
}
