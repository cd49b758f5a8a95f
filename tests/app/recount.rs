//! Figures equal a recount. The recount reads the entries of every village's record and knows nothing of the state, the judge or the tables: it
//! goes by the acts alone, as somebody would who has downloaded the records.

use std::collections::{BTreeMap, BTreeSet};

use sunvote::app::App;
use sunvote::app::demo::{District, LIANDU, load};
use sunvote::app::import;
use sunvote::app::projection::catch_up;
use sunvote::app::views::figures::{Counts, Filter, Month};
use sunvote::core::act::Act;
use sunvote::core::act::matter::RequiredBallot;
use sunvote::core::act::session::AgendaItem;
use sunvote::core::clock::{DAY_MS, Time};
use sunvote::core::figures::Measure;
use sunvote::core::ids::{Digest, MatterId, SessionId, VillageCode};
use sunvote::core::model::{Body, Category, Channel, QuestionCode, Role};
use sunvote::core::statement::{Header, Statement};
use sunvote::log::entry::{Entry, leaf_hash};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::signed::Signed;
use sunvote::store::error::StoreError;

use crate::bed::open;
use crate::village;

/// One thing counted: month, category, body, measure, code, number.
type Counted = (Month, String, String, Measure, String, u64);

/// A matter as far as it is counted.
#[derive(Default)]
struct Matter {
    /// Stage or `ended`, and since when.
    at: (String, Option<Time>),
    opened: Option<Time>,
    category: Option<String>,
    proposed_fen: u64,
    plan: Option<(u64, Vec<RequiredBallot>, Vec<Digest>)>,
    /// Questions that were decided since the plan was last thrown away: whether they passed.
    decided: BTreeMap<(u8, QuestionCode), bool>,
    ballots: BTreeMap<u8, bool>,
    /// What happened to it: when, measure, code, number, body where it is not the plan's.
    happened: Vec<(Time, Measure, String, u64, Option<Body>)>,
}

impl Matter {
    fn comes_to(&mut self, place: &str, time: Time) {
        let (before, since) = std::mem::replace(&mut self.at, (place.to_owned(), Some(time)));
        let Some(since) = since.filter(|_| before != place) else {
            // It stands where it stood: its days go on.
            self.at.1 = since.or(self.at.1);
            return;
        };
        if before != "ended" {
            let day = |time: Time| (time.ms() + 8 * 3_600_000).div_euclid(DAY_MS);
            let days = u64::try_from(day(time) - day(since)).expect("time goes on");
            self.happened.push((time, Measure::Left, before, days, None));
        }
    }

    fn ends(&mut self, outcome: &str, time: Time) {
        self.comes_to("ended", time);
        let fen = self.plan.as_ref().map_or(self.proposed_fen, |(fen, ..)| *fen);
        self.happened.push((time, Measure::Ended, outcome.to_owned(), fen, None));
    }

    fn goes_back(&mut self, place: &str, time: Time) {
        self.comes_to(place, time);
        self.plan = None;
        self.decided.clear();
        self.ballots.clear();
    }

    /// All that is counted of it, now that the record is read to its end.
    fn counted(self) -> Vec<Counted> {
        let category = self.category.unwrap_or_else(|| "none".to_owned());
        let body = self.plan.and_then(|(_, ballots, _)| Some(ballots.first()?.body));
        let opened = (self.opened.expect("opened"), Measure::Opened, self.at.0, 1, None);
        let all = std::iter::once(opened).chain(self.happened);
        let counted = all.map(|(time, measure, code, number, own)| {
            let body = own.or(body).map_or("none", Body::code).to_owned();
            (Month::of(time.date()), category.clone(), body, measure, code, number)
        });
        counted.collect()
    }
}

/// A vote as far as it is counted.
#[derive(Default)]
struct Polled {
    kiosk: BTreeSet<u32>,
    opened: BTreeSet<u32>,
    visited: BTreeSet<u32>,
    in_box: u32,
}

/// A session: who meets, what is on, which questions were opened.
type Held = (Body, Vec<AgendaItem>, BTreeSet<(MatterId, QuestionCode)>);

#[derive(Default)]
struct Recount {
    matters: BTreeMap<MatterId, Matter>,
    /// Which matter a suggestion belongs to, by the leaf of its entry.
    suggestions: BTreeMap<Digest, MatterId>,
    sessions: BTreeMap<SessionId, Held>,
    votes: BTreeMap<(SessionId, MatterId, QuestionCode), Polled>,
}

impl Recount {
    fn read(&mut self, statement: &Statement, leaf: Digest, time: Time) {
        let (id, session, question) = (statement.matter, statement.session, statement.question.clone());
        if let Act::ChangeRequested(_) | Act::MatterAnnulled(_) | Act::EntryAnnulled(_) = &statement.act
            && id.is_none()
        {
            return;
        }
        match &statement.act {
            Act::SessionConvened(act) => {
                let held = (act.body, act.agenda.clone(), BTreeSet::new());
                self.sessions.insert(session.expect("a session"), held);
            }
            Act::MinutesSigned(_) => self.minutes(session.expect("a session"), time),
            Act::DocumentWithdrawn(act) => {
                for matter in self.matters.values_mut() {
                    let undecided = !["supervision", "ended"].contains(&matter.at.0.as_str());
                    if undecided && matter.plan.as_ref().is_some_and(|(.., papers)| papers.contains(&act.document)) {
                        matter.goes_back("consultation", time);
                    }
                }
            }
            act if question.is_some() => {
                let key = (session.expect("a session"), id.expect("a matter"), question.expect("a question"));
                self.vote(key, act, time);
            }
            act => {
                if let Some(id) = id {
                    self.matter(id, act, leaf, time);
                }
            }
        }
    }

    fn matter(&mut self, id: MatterId, act: &Act, leaf: Digest, time: Time) {
        if let Act::MatterProposed(act) = act {
            let owners: BTreeSet<MatterId> =
                act.answers.iter().filter_map(|answer| self.suggestions.get(answer)).copied().collect();
            for owner in owners.into_iter().filter(|owner| *owner != id) {
                self.matters.get_mut(&owner).expect("on record").ends("merged", time);
                self.suggestions.values_mut().filter(|of| **of == owner).for_each(|of| *of = id);
            }
        }
        if let Act::SuggestionReceived(_) | Act::SuggestionEntered(_) = act {
            self.suggestions.insert(leaf, id);
        }
        let matter = self.matters.entry(id).or_default();
        let mut opens = |place: &str| {
            if matter.opened.is_none() {
                matter.opened = Some(time);
                matter.at = (place.to_owned(), Some(time));
            }
        };
        match act {
            Act::SuggestionReceived(_) | Act::SuggestionEntered(_) => opens("suggestion"),
            Act::SuggestionDeclined(_) => matter.ends("declined", time),
            Act::MatterProposed(act) => {
                matter.comes_to("proposal", time);
                (matter.category, matter.proposed_fen) = (Some(act.category.code().to_owned()), act.amount_fen);
            }
            Act::VisitsRecorded(_) | Act::JointMeetingRecorded(_) => matter.comes_to("consultation", time),
            Act::PlanSettled(act) => {
                matter.plan = Some((act.amount_fen, act.ballots.clone(), vec![act.plan.sha256]));
            }
            Act::PlanPosted(act) => {
                let papers = matter.plan.as_mut().map(|(.., papers)| papers);
                papers.expect("a plan").push(act.notice.sha256);
            }
            Act::FilingSubmitted(_) => matter.comes_to("filing", time),
            Act::FilingFiled(_) => matter.comes_to("ballot", time),
            Act::FilingReturned(act) => {
                matter.goes_back(act.to.code(), time);
                matter.happened.push((time, Measure::Returned, String::new(), 1, None));
            }
            Act::MatterWithdrawn(_) => matter.ends("withdrawn", time),
            Act::MatterAnnulled(_) | Act::EntryAnnulled(_) => matter.ends("annulled", time),
            Act::ChangeRequested(_) => {
                let place = if matter.proposed_by_branch() { "consultation" } else { "suggestion" };
                matter.goes_back(place, time);
            }
            Act::EmergencyDecided(act) => {
                opens("ballot");
                (matter.category, matter.proposed_fen) = (Some(act.category.code().to_owned()), act.amount_fen);
                // Its plan was neither settled nor posted: nothing can be withdrawn of it.
                matter.plan = Some((act.amount_fen, act.ballots.clone(), Vec::new()));
            }
            Act::DisclosurePosted(act) => {
                opens("ended");
                (matter.category, matter.proposed_fen) = (Some(act.category.code().to_owned()), act.amount_fen);
                matter.happened.push((time, Measure::Ended, "disclosed".to_owned(), act.amount_fen, None));
            }
            Act::ProgressRecorded(act) if act.paid_fen > 0 => {
                matter.happened.push((time, Measure::Paid, String::new(), act.paid_fen, None));
            }
            Act::ImplementationSignedOff(_) => matter.ends("finished", time),
            _ => {}
        }
    }

    fn vote(&mut self, key: (SessionId, MatterId, QuestionCode), act: &Act, time: Time) {
        if let Act::VotingOpened(_) = act {
            self.sessions.get_mut(&key.0).expect("called").2.insert((key.1, key.2.clone()));
            self.votes.insert(key.clone(), Polled::default());
        }
        let vote = self.votes.entry(key.clone()).or_default();
        match act {
            Act::BallotCast(act) if act.channel == Channel::Kiosk => {
                vote.kiosk.insert(act.voter);
            }
            Act::BallotsOpened(act) => vote.opened.extend(act.rows.iter().map(|row| row.voter)),
            Act::BallotOpened(act) => {
                vote.opened.insert(act.voter);
            }
            Act::MobileBoxVisited(act) => vote.visited.extend(&act.voters),
            Act::PaperCounted(act) | Act::PaperRecounted(act) => vote.in_box = act.in_box,
            Act::ResultAnnounced(act) => {
                let kiosk = vote.opened.intersection(&vote.kiosk).count() as u64;
                let online = vote.opened.len() as u64 - kiosk;
                let (body, agenda, _) = &self.sessions[&key.0];
                let ballot = agenda.iter().find(|item| item.matter == key.1).expect("on the agenda").ballot;
                let matter = self.matters.get_mut(&key.1).expect("on record");
                matter.decided.insert((ballot, key.2), act.passed);
                let passed = if act.passed { "passed" } else { "failed" };
                let always = [("due", act.eligible), ("present", act.present), ("voted", act.voted), (passed, 1)];
                let ways = [("paper", u64::from(vote.in_box)), ("box", vote.visited.len() as u64)];
                let ways = ways.into_iter().chain([("online", online), ("kiosk", kiosk)]).filter(|(_, n)| *n > 0);
                let all = always.into_iter().map(|(code, n)| (code, u64::from(n))).chain(ways);
                let told = all.map(|(code, n)| (time, Measure::Vote, code.to_owned(), n, Some(*body)));
                matter.happened.extend(told);
            }
            _ => {}
        }
    }

    /// What the minutes of a session decide: a ballot passes with all its required questions, or where none is required with any; a
    /// matter with all its ballots.
    fn minutes(&mut self, session: SessionId, time: Time) {
        let (_, agenda, held) = &self.sessions[&session];
        for item in agenda {
            let matter = self.matters.get_mut(&item.matter).expect("on record");
            if matter.at.0 != "ballot" {
                continue;
            }
            let (fen, ballots, _) = matter.plan.clone().expect("a plan");
            let questions = &ballots[usize::from(item.ballot)].questions;
            let here = questions.iter().any(|question| held.contains(&(item.matter, question.code.clone())));
            let results: Vec<(bool, Option<bool>)> = questions
                .iter()
                .map(|question| (question.required, matter.decided.get(&(item.ballot, question.code.clone())).copied()))
                .collect();
            if !here || results.iter().any(|(_, result)| result.is_none()) {
                continue;
            }
            let passed = |(_, result): &(bool, Option<bool>)| *result == Some(true);
            let required: Vec<_> = results.iter().filter(|(required, _)| *required).collect();
            let carried =
                if required.is_empty() { results.iter().any(passed) } else { required.into_iter().all(passed) };
            matter.ballots.insert(item.ballot, carried);
            if matter.ballots.values().any(|carried| !carried) {
                matter.ends("rejected", time);
            } else if matter.ballots.len() == ballots.len() {
                matter.comes_to("supervision", time);
                matter.happened.push((time, Measure::Decided, String::new(), fen, None));
            }
        }
    }
}

impl Matter {
    /// Whether the branch proposed it: what was decided in an emergency came to its stage without.
    fn proposed_by_branch(&self) -> bool {
        self.happened.iter().any(|(_, measure, code, ..)| *measure == Measure::Left && code == "suggestion")
            || self.at.0 == "proposal"
    }
}

async fn recounted(app: &App, village: VillageCode) -> Vec<Counted> {
    let mut recount = Recount::default();
    let mut from = 0;
    loop {
        let read: Result<_, StoreError> = app.db().read("entries", |tx| Box::pin(tx.entries(village, from, 256))).await;
        let entries = read.expect("entries");
        let Some(last) = entries.last() else { break };
        from = last.seq + 1;
        for stored in &entries {
            let entry = Entry::parse(&stored.bytes).expect("an entry");
            let statement = Signed::read(entry.statement).expect("a statement").statement;
            recount.read(&statement, leaf_hash(&stored.bytes), stored.time);
        }
    }
    recount.matters.into_values().flat_map(Matter::counted).collect()
}

type Sums = BTreeMap<(Measure, String), (u64, u64)>;

fn sums<'a>(counted: impl IntoIterator<Item = &'a Counted>) -> Sums {
    let mut sums = Sums::new();
    for (.., measure, code, number) in counted {
        let sum = sums.entry((*measure, code.clone())).or_default();
        sum.0 += 1;
        sum.1 += number;
    }
    sums
}

fn shown(counts: &Counts) -> Sums {
    counts.iter().map(|(measure, code, many, number)| ((measure, code.to_owned()), (many, number))).collect()
}

/// Days by stage: how many left it, median and slowest, from the days themselves in order.
fn days<'a>(counted: impl IntoIterator<Item = &'a Counted>) -> BTreeMap<String, (u64, u64, u64)> {
    let mut stages: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (.., code, number) in counted.into_iter().filter(|(_, _, _, measure, ..)| *measure == Measure::Left) {
        stages.entry(code.clone()).or_default().push(*number);
    }
    let of = |mut days: Vec<u64>| {
        days.sort_unstable();
        (days.len() as u64, days[(days.len() - 1) / 2], days[days.len() - 1])
    };
    stages.into_iter().map(|(stage, days)| (stage, of(days))).collect()
}

/// What the figures of a filter say, against what the recount says of the same.
async fn compare(app: &App, filter: &Filter, all: &[(VillageCode, Vec<Counted>)]) -> u64 {
    let inside = |counted: &&Counted| {
        let (month, category, body, ..) = counted;
        filter.months.is_none_or(|(from, to)| (from..=to).contains(month))
            && filter.category.is_none_or(|wanted| wanted == category)
            && filter.body.is_none_or(|wanted| wanted.code() == body)
    };
    let place = filter.spot.as_ref().map(ToString::to_string).unwrap_or_default();
    let counted: Vec<(&VillageCode, &Counted)> = all
        .iter()
        .filter(|(village, _)| village.to_string().starts_with(&place))
        .flat_map(|(village, counted)| counted.iter().filter(inside).map(move |one| (village, one)))
        .collect();
    let figures = app.figures(filter).await.expect("figures");
    assert_eq!(shown(&figures.total), sums(counted.iter().map(|(_, one)| *one)), "{filter:?}");
    for part in &figures.parts {
        let own = counted.iter().filter(|(village, _)| village.to_string().starts_with(&part.code));
        assert_eq!(shown(&part.counts), sums(own.map(|(_, one)| *one)), "{} in {filter:?}", part.name);
    }
    let categories: BTreeSet<&String> = counted.iter().map(|(_, one)| &one.1).collect();
    assert_eq!(figures.categories.keys().collect::<BTreeSet<_>>(), categories);
    for (category, counts) in &figures.categories {
        let own = counted.iter().filter(|(_, one)| one.1 == *category);
        assert_eq!(shown(counts), sums(own.map(|(_, one)| *one)), "{category} in {filter:?}");
    }
    let told = figures.days.iter().map(|days| (days.stage.code().to_owned(), (days.left, days.median, days.slowest)));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), days(counted.iter().map(|(_, one)| *one)), "{filter:?}");
    assert!(figures.days.iter().all(|days| days.matter.is_some()), "the slowest has its matter");
    counted.len() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_every_village_equal_a_recount_of_its_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let now: Time = "2026-11-21T12:00:00.000Z".parse().expect("a time");
    let app = open(folder.path(), now).await;
    let villages = import::villages(LIANDU).expect("the list");
    let district = District::new(331_102, "127.0.0.1:8080", now);
    load::load(app.db(), app.vault(), app.objects(), app.lives(), &district, &villages, [7; 32]).await.expect("loaded");
    catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    let mut all = Vec::new();
    for village in &villages {
        all.push((village.code, recounted(&app, village.code).await));
    }
    let everything: u64 = all.iter().map(|(_, counted)| counted.len() as u64).sum();
    assert_eq!(compare(&app, &Filter::default(), &all).await, everything);

    // Each village by itself: 211 of them. Each township, by which the district is divided.
    let (mut by_village, mut townships) = (0, BTreeSet::new());
    for (village, _) in &all {
        let filter = Filter { spot: village.to_string().parse().ok(), ..Filter::default() };
        by_village += compare(&app, &filter, &all).await;
        townships.insert(village.township().to_string());
    }
    assert_eq!((by_village, all.len()), (everything, 211));
    let mut by_township = 0;
    for township in townships {
        by_township += compare(&app, &Filter { spot: township.parse().ok(), ..Filter::default() }, &all).await;
    }
    assert_eq!(by_township, everything);

    // Each month, each category, each body, and a time that is made up of years and months.
    let month = |text: &str| text.parse::<Month>().expect("a month");
    let (mut at, mut by_month) = (month("2025-12"), 0);
    while at <= month("2026-12") {
        by_month += compare(&app, &Filter { months: Some((at, at)), ..Filter::default() }, &all).await;
        at = at.next();
    }
    assert_eq!(by_month, everything);
    let mut by_category = 0;
    for category in ["M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "none"] {
        by_category += compare(&app, &Filter { category: Some(category), ..Filter::default() }, &all).await;
    }
    assert_eq!(by_category, everything);
    for body in Body::ALL {
        let months = Some((month("2025-11"), month("2026-09")));
        compare(&app, &Filter { months, body: Some(*body), ..Filter::default() }, &all).await;
    }
    lists(&app, &all).await;
    app.stop().await;
}

/// A vote in which members came by every way: three at a terminal, one of them by phone before, one by phone, one by paper, two at the
/// mobile box.
fn by_every_way() -> Scribe {
    let code = "331102206201".parse().expect("a code");
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, 7)).expect("founded");
    scribe.settle(&Term { representatives: 6, committee: 3, ..Term::default() }).expect("settled");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    let body = Body::RepresentativeAssembly;
    let ways = [Channel::Online, Channel::Kiosk, Channel::Paper];
    let session = scribe.gather_by(body, &[matter], 7, &ways).expect("gathered");
    scribe.register_terminal(session, 1).expect("registered");
    let carriers = [scribe.clerk(), scribe.secretary(), scribe.supervisor(1)];
    scribe.name_box(session, carriers, &[8, 9]).expect("named");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    let mut act = scribe.opening_of(&vote).expect("an opening");
    act.grace_minutes = 30;
    let by = [scribe.hand(Role::Chair)];
    let question = Some(vote.question.clone());
    let header = Header { question, session: Some(session), ..Header::of(matter).on(scribe.roster(session)) };
    scribe.act(&by, header, Act::VotingOpened(act)).expect("opened");
    let mut hall = scribe.at_hall(&vote, 1);
    for voter in [3, 4] {
        scribe.wait_minutes(1).cast(&vote, voter, "for").expect("a ballot");
    }
    for (voter, revision) in [(1, 1), (2, 1), (3, 2)] {
        let taken = scribe.take_at(&vote, &mut hall, (voter, revision), "against").expect("taken");
        scribe.append(&taken).expect("on record");
    }
    scribe.wait_minutes(1).issue_paper(&vote, &[5]).expect("a paper");
    scribe.carry_box(&vote, &[8, 9]).expect("visited");
    scribe.seal_terminal(&vote, &hall).expect("sealed");
    scribe.close_on_time(&vote).expect("closed");
    scribe.end_deliveries(&vote).expect("over");
    scribe.count_paper(&vote, &[3, 0, 0], 0).expect("counted");
    scribe.open_ballots(&vote).expect("open");
    scribe.announce(&vote).expect("announced");
    scribe.wait_minutes(10).sign_minutes(session).expect("signed");
    scribe
}

#[tokio::test(flavor = "multi_thread")]
async fn terminals_and_the_mobile_box_are_counted_as_a_recount_counts_them() {
    let scribe = by_every_way();
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    village::load(&app, &scribe).await;
    let all = [(scribe.state().village, recounted(&app, scribe.state().village).await)];
    assert!(compare(&app, &Filter::default(), &all).await > 0);
    let figures = app.figures(&Filter::default()).await.expect("figures");
    let counted = ["online", "kiosk", "paper", "box", "voted"].map(|code| figures.total.number(Measure::Vote, code));
    assert_eq!(counted, [1, 3, 3, 2, 7]);
    app.stop().await;
}

/// The lists behind the figures have as many lines as they say, page by page, with the same numbers.
async fn lists(app: &App, all: &[(VillageCode, Vec<Counted>)]) {
    let whole = sums(all.iter().flat_map(|(_, counted)| counted));
    let ways = whole.keys().filter(|(measure, _)| *measure == Measure::Vote).count();
    assert!(ways >= 7, "{:?}", whole.keys());
    for ((measure, code), (many, number)) in &whole {
        let (mut lines, mut sum, mut after) = (0, 0, None);
        loop {
            let page = app.figure_lines(&Filter::default(), (*measure, code), after, 500).await.expect("a list");
            lines += page.lines.len() as u64;
            sum += page.lines.iter().map(|line| line.row.number).sum::<u64>();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((lines, sum), (*many, *number), "{measure} {code}");
    }
}
