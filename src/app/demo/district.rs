//! Which village has what: across the district all ten categories at all six stages and every outcome, a village to look
//! at first, a village where something waits on every desk, and votes that are open now.

use crate::app::demo::content::{Subject, content};
use crate::app::demo::course::{Course, Ending, Step, Turns};
use crate::core::model::{Category, Stage};

/// The village where the practice began: shown first, with most in it.
pub const SHOWCASE: &str = "黄泥墩村";
/// Every so many villages one has a vote open now.
const LIVE_EVERY: usize = 19;
/// Which of those.
const LIVE_FIRST: usize = 4;
/// The village, by its place in the list, where something waits on every desk.
pub const DESKS: usize = 1;

/// What a village is in the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Rich, with a vote open now.
    Showcase,
    /// Something waits for everyone.
    Desks,
    /// Two to four matters.
    Small,
}

/// What the village at `index` of the list is.
#[must_use]
pub fn part(index: usize, name: &str) -> Part {
    match (name == SHOWCASE, index == DESKS) {
        (true, _) => Part::Showcase,
        (false, true) => Part::Desks,
        (false, false) => Part::Small,
    }
}

fn subject(category: Category, turn: usize) -> &'static Subject {
    let all: Vec<&'static Subject> = content().of(category).collect();
    all[turn % all.len()]
}

/// A subject with plain questions, where the course needs one.
fn plain(category: Category, turn: usize) -> &'static Subject {
    let all: Vec<&'static Subject> = content().of(category).filter(|subject| subject.options.is_empty()).collect();
    all[turn % all.len()]
}

fn category(turn: usize) -> Category {
    Category::ALL[turn % Category::ALL.len()]
}

/// The courses of a village.
pub(super) fn courses(index: usize, part: Part) -> Vec<Course> {
    match part {
        Part::Showcase => showcase(),
        Part::Desks => desks(),
        Part::Small => small(index),
    }
}

/// Whether a village votes on paper in secret about allowances: every ninth, and the showcase.
pub(super) fn votes_in_secret(index: usize, part: Part) -> bool {
    part == Part::Showcase || index % 9 == 2
}

fn whole(subject: &'static Subject, turns: Turns) -> Course {
    Course::new(vec![subject], turns, Ending::Pass)
}

/// How a matter that is over went, by turns, so that every outcome occurs many times in a district.
fn ended(index: usize) -> Course {
    let (turn, category) = (index / 10, category(index));
    let about = plain(category, turn);
    let none = Turns::default();
    // Annual plans are carried out: what is disclosed later rests on them.
    if category == Category::M01 {
        return whole(about, Turns { concern: turn % 2 == 0, ..none }).ago(25);
    }
    match (index + turn) % 13 {
        0 => whole(about, Turns { returned: 1, ..none }),
        1 => Course::new(vec![about], none, Ending::Reject),
        2 => whole(about, Turns { no_quorum: true, ..none }),
        3 => whole(about, Turns { changed: true, ..none }),
        4 => whole(about, none).until(Step::Propose).then(Step::Withdraw),
        5 => whole(plain(Category::M02, turn), Turns { emergency: true, ..none }),
        6 => whole(about, Turns { returned: 2, objection: true, ..none }),
        7 => Course::declined(about),
        8 => whole(about, Turns { merged: true, supplement: true, ..none }),
        9 => Course::new(vec![about], none, Ending::Voided),
        10 => whole(about, Turns { objection: true, corrected: true, ..none }),
        11 => Course::new(vec![about], none, Ending::Reject).until(Step::Hold(Ending::Reject)).then(Step::Annul),
        _ => whole(about, Turns { overdue: true, cancelled: true, ..none }),
    }
    .ago(6 + i32::try_from(index * 13 % 60).unwrap_or(0))
}

/// A matter under way: category and stage run through all their pairs.
fn under_way(pair: usize) -> Course {
    let (category, stage, turn) = (category(pair), Stage::ALL[pair / 10 % 6], pair / 60);
    let about = subject(category, turn);
    let plain = || whole(about, Turns { concern: turn == 2, ..Turns::default() });
    let course = match (stage, turn % 4) {
        (Stage::Suggestion, 0 | 2) => plain().until(Step::Suggest(0)),
        (Stage::Suggestion, _) => whole(about, Turns { merged: true, ..Turns::default() }).until(Step::Suggest(1)),
        (Stage::Proposal, 0 | 3) => plain().until(Step::Propose),
        (Stage::Proposal, _) => plain().until(Step::Enlarged),
        (Stage::Consultation, 0) => plain().until(Step::Visit),
        (Stage::Consultation, 1) => plain().until(Step::Post),
        (Stage::Consultation, 2) => plain().until(Step::Joint),
        (Stage::Consultation, _) => whole(about, Turns { objection: true, ..Turns::default() }).until(Step::Object),
        (Stage::Filing, 0) => plain().until(Step::Submit),
        (Stage::Filing, 1) => whole(about, Turns { supplement: true, ..Turns::default() }).until(Step::Ask),
        (Stage::Filing, 2) => whole(about, Turns { overdue: true, ..Turns::default() }).until(Step::Overdue),
        (Stage::Filing, _) => plain().until(Step::Review),
        (Stage::Ballot, 0 | 3) => plain().until(Step::File),
        (Stage::Ballot, 1) => plain().until(Step::Convene),
        (Stage::Ballot, _) => Course::new(vec![about], Turns::default(), Ending::Unsigned),
        (Stage::Supervision, 0) => plain().until(Step::PostResult),
        (Stage::Supervision, 1) => plain().until(Step::Hold(Ending::Pass)),
        (Stage::Supervision, 2) => return progressed(about, 0).ago(5),
        (Stage::Supervision, _) => plain().until(Step::Progress(2)),
    };
    if stage == Stage::Ballot && turn % 4 == 1 { course.ago(0) } else { course.ago([1, 2, 3][pair % 3]) }
}

/// Up to the first or second report of progress.
fn progressed(about: &'static Subject, reports: usize) -> Course {
    let course = whole(about, Turns::default()).until(Step::PostResult);
    (0..=reports).fold(course, |course, report| course.later(Step::Progress(report)))
}

fn small(index: usize) -> Vec<Course> {
    let mut courses = vec![ended(index)];
    // One, two, three in turn: the pairs of category and stage run on from village to village without a gap.
    let (more, before) = (1 + index % 3, index / 3 * 6 + [0, 1, 3][index % 3]);
    courses.extend((0..more).map(|place| under_way(before + place)));
    if category(index) == Category::M01 {
        courses.push(Course::disclosed(subject(Category::M10, 0), index / 10).ago(3));
    }
    if index % LIVE_EVERY == LIVE_FIRST {
        let about = plain(category([1, 3, 5, 8, 9][index / LIVE_EVERY % 5]), index);
        courses.push(live(vec![about]));
    }
    courses
}

fn live(subjects: Vec<&'static Subject>) -> Course {
    Course::new(subjects, Turns::default(), Ending::Live).ago(0)
}

fn showcase() -> Vec<Course> {
    let none = Turns::default();
    let rich = Turns { merged: true, concern: true, objection: true, corrected: true, ..none };
    vec![
        live(vec![plain(Category::M02, 0), subject(Category::M10, 3)]),
        whole(plain(Category::M01, 0), Turns { concern: true, ..none }).ago(60),
        whole(plain(Category::M02, 2), rich).ago(20),
        Course::new(vec![plain(Category::M03, 0)], none, Ending::Pass).ago(45),
        whole(plain(Category::M04, 0), Turns { returned: 2, ..none }).ago(12),
        whole(plain(Category::M06, 1), Turns { changed: true, ..none }).ago(8),
        Course::new(vec![plain(Category::M09, 1)], none, Ending::Reject).ago(70),
        whole(plain(Category::M02, 1), Turns { emergency: true, ..none }).ago(30),
        whole(plain(Category::M08, 0), Turns { no_quorum: true, ..none }).until(Step::PostResult).ago(2),
        progressed(plain(Category::M05, 0), 1).ago(3),
        whole(plain(Category::M07, 0), none).until(Step::Review).ago(1),
        whole(plain(Category::M10, 1), Turns { objection: true, ..none }).until(Step::Object).ago(1),
        whole(plain(Category::M04, 1), none).until(Step::Enlarged).ago(1),
        Course::declined(plain(Category::M10, 0)).ago(90),
        whole(plain(Category::M09, 0), none).until(Step::Propose).then(Step::Withdraw).ago(40),
        Course::about_people(plain(Category::M10, 0), Step::Kin).ago(260),
        Course::about_people(plain(Category::M10, 0), Step::Cover).ago(2),
        Course::disclosed(plain(Category::M02, 0), 2).ago(28),
        Course::disclosed(plain(Category::M02, 0), 0).ago(7),
    ]
}

/// A matter before each step, so that every actor has something to do.
fn desks() -> Vec<Course> {
    let none = Turns::default();
    let at = |category: Category, turn: usize, step: Step| whole(plain(category, turn), none).until(step).ago(1);
    vec![
        at(Category::M10, 0, Step::Suggest(0)),
        at(Category::M02, 0, Step::Propose),
        at(Category::M04, 1, Step::Enlarged),
        at(Category::M06, 0, Step::Visit),
        at(Category::M09, 0, Step::Reply),
        at(Category::M01, 1, Step::Joint),
        at(Category::M03, 1, Step::Settle),
        whole(plain(Category::M02, 1), none).until(Step::Post).ago(12),
        whole(plain(Category::M04, 0), Turns { objection: true, ..none }).until(Step::Object).ago(1),
        whole(plain(Category::M06, 1), Turns { concern: true, ..none }).until(Step::Concern).ago(1),
        at(Category::M09, 1, Step::Submit),
        whole(plain(Category::M10, 1), Turns { supplement: true, ..none }).until(Step::Ask).ago(1),
        at(Category::M05, 0, Step::Review),
        at(Category::M02, 2, Step::File),
        whole(plain(Category::M03, 0), none).until(Step::Convene).ago(0),
        Course::new(vec![plain(Category::M10, 2)], none, Ending::Unsigned).ago(1),
        at(Category::M01, 0, Step::Hold(Ending::Pass)),
        whole(plain(Category::M07, 1), none).until(Step::PostResult).ago(14),
        progressed(plain(Category::M08, 1), 0).ago(4),
        whole(plain(Category::M06, 0), none).until(Step::Progress(2)).ago(1),
    ]
}
