//! How a matter goes: its steps in order with the waits between them, and the times at which they fall, reckoned with the
//! very periods and calendar that the judge goes by.

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use crate::app::demo::content::Subject;
use crate::core::calendar::{Calendar, Period};
use crate::core::clock::{DAY_MS, Date, MINUTE_MS, Time};
use crate::core::defaults;
use crate::core::model::{Body, Category, Stage};
use crate::core::rules::Profile;

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Every question passes.
    Pass,
    /// The first question doesn't pass.
    Reject,
    /// Too few come.
    NoQuorum,
    /// The first count is void, the vote is held again and passes.
    Voided,
    /// Decided, but the minutes are not signed yet.
    Unsigned,
    /// The vote is open now.
    Live,
}

/// One step of a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Suggest(usize),
    SuggestElsewhere,
    Decline,
    Propose,
    Enlarged,
    Correct,
    Visit,
    Reply,
    Concern,
    Reassure,
    Joint,
    Settle,
    Post,
    Object,
    AnswerObjection,
    Submit,
    Ask,
    Supply,
    Overdue,
    Review,
    Return(Stage),
    File,
    Withdraw,
    Annul,
    Emergency,
    Convene,
    CancelSession,
    Hold(Ending),
    Change,
    PostResult,
    Progress(usize),
    SignOff,
    Disclose(usize),
    /// Somebody stands in for the clerk; about no matter.
    Cover,
    /// Two people are declared near kin; about no matter.
    Kin,
}

/// What comes before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// So many days, then the next working day.
    Days(u8),
    /// So many minutes.
    Minutes(i64),
    /// The end of the plan's notice, then the next working day.
    PlanNotice,
    /// The end of the resolution's notice and so many days.
    ResultNotice(u8),
    /// The end of the township's time.
    Due,
    /// Before the session begins, when its roster is fixed.
    Session,
}

/// What may happen on the way besides what always does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that happens or doesn't")]
pub(super) struct Turns {
    /// How often the township returns it.
    pub returned: u8,
    /// A session without quorum comes first.
    pub no_quorum: bool,
    /// It is rejected, changed and voted on again.
    pub changed: bool,
    /// Another suggestion is merged into it.
    pub merged: bool,
    /// The supervision committee raises a concern.
    pub concern: bool,
    /// Somebody objects to the plan.
    pub objection: bool,
    /// The township asks for a supplement.
    pub supplement: bool,
    /// The township is late.
    pub overdue: bool,
    /// A slip of the pen is corrected.
    pub corrected: bool,
    /// Decided in an emergency.
    pub emergency: bool,
    /// A session is cancelled first.
    pub cancelled: bool,
}

/// The course of matters that go to the same session.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// What each is about, and its cost in yuan.
    pub subjects: Vec<&'static Subject>,
    steps: Vec<(Wait, Step)>,
    /// Days between the last step and now.
    pub gap: i32,
}

/// A step with its time; the beginning of the session for one that calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    /// When.
    pub time: Time,
    /// Which course of the village.
    pub course: usize,
    /// What.
    pub step: Step,
    /// When the session begins that is called or held.
    pub starts_at: Time,
}

/// The body that decides a category.
pub(super) fn body_of(category: Category) -> Body {
    match category {
        Category::M05 | Category::M07 | Category::M08 => Body::MembersAssembly,
        Category::M01
        | Category::M02
        | Category::M03
        | Category::M04
        | Category::M06
        | Category::M09
        | Category::M10 => Body::RepresentativeAssembly,
    }
}

impl Course {
    /// The whole way of these matters with what happens on it.
    pub(super) fn new(subjects: Vec<&'static Subject>, turns: Turns, ending: Ending) -> Self {
        let mut steps = Vec::new();
        if turns.emergency {
            steps.push((Wait::Days(0), Step::Emergency));
        } else {
            begin(&mut steps, turns);
            for round in 0..=turns.returned {
                consult(&mut steps, turns, round);
                steps.push((Wait::Days(2), Step::Review));
                let next = if round < turns.returned { Step::Return(Stage::Consultation) } else { Step::File };
                steps.push((Wait::Days(1), next));
            }
        }
        if turns.cancelled {
            steps.extend([(Wait::Days(1), Step::Convene), (Wait::Days(1), Step::CancelSession)]);
        }
        if turns.no_quorum {
            steps.extend([(Wait::Days(1), Step::Convene), (Wait::Session, Step::Hold(Ending::NoQuorum))]);
        }
        if turns.changed {
            steps.extend([(Wait::Days(1), Step::Convene), (Wait::Session, Step::Hold(Ending::Reject))]);
            steps.push((Wait::Days(2), Step::Change));
            consult(&mut steps, Turns::default(), 1);
            steps.extend([(Wait::Days(2), Step::Review), (Wait::Days(1), Step::File)]);
        }
        steps.extend([(Wait::Days(1), Step::Convene), (Wait::Session, Step::Hold(ending))]);
        if matches!(ending, Ending::Pass | Ending::Voided) {
            steps.push((Wait::Days(1), Step::PostResult));
            steps.push((Wait::ResultNotice(5), Step::Progress(0)));
            steps.extend([(Wait::Days(14), Step::Progress(1)), (Wait::Days(16), Step::Progress(2))]);
            steps.push((Wait::Days(3), Step::SignOff));
        }
        Self { subjects, steps, gap: 1 }
    }

    /// A suggestion that is declined.
    pub(super) fn declined(subject: &'static Subject) -> Self {
        let steps = vec![(Wait::Days(0), Step::Suggest(0)), (Wait::Days(4), Step::Decline)];
        Self { subjects: vec![subject], steps, gap: 1 }
    }

    /// A small matter that is only disclosed.
    pub(super) fn disclosed(subject: &'static Subject, which: usize) -> Self {
        Self { subjects: vec![subject], steps: vec![(Wait::Days(0), Step::Disclose(which))], gap: 1 }
    }

    /// A step about the village's people and no matter.
    pub(super) fn about_people(subject: &'static Subject, step: Step) -> Self {
        Self { subjects: vec![subject], steps: vec![(Wait::Days(0), step)], gap: 1 }
    }

    /// This course up to the last such step.
    pub(super) fn until(mut self, step: Step) -> Self {
        let same = |(_, other): &(Wait, Step)| std::mem::discriminant(other) == std::mem::discriminant(&step);
        if let Some(last) = self.steps.iter().rposition(same) {
            self.steps.truncate(last + 1);
        }
        self
    }

    /// This course with another step at its end.
    pub(super) fn then(mut self, step: Step) -> Self {
        self.steps.push((Wait::Days(2), step));
        self
    }

    /// This course with another step some time after the end of the resolution's notice.
    pub(super) fn later(mut self, step: Step) -> Self {
        self.steps.push((Wait::ResultNotice(4), step));
        self
    }

    /// This course with its last step so many days ago.
    pub(super) fn ago(mut self, days: i32) -> Self {
        self.gap = days;
        self
    }

    fn is_live(&self) -> bool {
        self.steps.last().is_some_and(|(_, step)| *step == Step::Hold(Ending::Live))
    }

    /// The times of all steps: the latest that leave the last step `gap` days before now and begin after `earliest`.
    /// `None` where there is no room.
    pub(super) fn events(
        &self,
        index: usize,
        earliest: Date,
        now: Time,
        law: &Periods,
        rng: &mut ChaCha20Rng,
    ) -> Option<Vec<Event>> {
        let draws: Vec<u32> = self.steps.iter().map(|_| rng.next_u32()).collect();
        let end = now.plus_ms(-i64::from(self.gap.max(0)) * 86_400_000);
        let mut start = end.date();
        while start > earliest {
            let events = self.events_from(index, start, law, &draws);
            let last = if self.is_live() {
                // The session began a little ago: its notice must have been given in time.
                let notice = events.len().checked_sub(2).and_then(|convene| events.get(convene));
                notice.map(|event| event.starts_at.date().plus_days(1).start())
            } else {
                events.last().map(|event| event.time)
            };
            if last.is_some_and(|last| last <= end) {
                return Some(if self.is_live() { pin(events, now) } else { still_to_come(events, now) });
            }
            start = start.plus_days(-1);
        }
        None
    }

    fn events_from(&self, course: usize, start: Date, law: &Periods, draws: &[u32]) -> Vec<Event> {
        let body = self.subjects.first().map_or(Body::RepresentativeAssembly, |subject| body_of(subject.category));
        let profile = law.profile(body);
        let end_of = |from: Time, period: Period| law.calendar.end_of(from, period);
        let (mut now, mut starts_at) = (start.start(), start.start());
        let (mut plan, mut result, mut due) = (now, now, now);
        let mut events = Vec::new();
        for ((wait, step), draw) in self.steps.iter().zip(draws) {
            now = match wait {
                Wait::Days(0) => law.working(now.date(), *draw).max(now.plus_ms(5 * MINUTE_MS)),
                Wait::Days(days) => law.working(now.date().plus_days(i32::from(*days)), *draw),
                Wait::Minutes(minutes) => now.plus_ms(minutes * MINUTE_MS),
                Wait::PlanNotice => law.working(plan.date(), *draw),
                Wait::ResultNotice(days) => {
                    law.working(result.date().max(now.date()).plus_days(i32::from(*days)), *draw)
                }
                Wait::Due => law.working(due.date(), *draw),
                Wait::Session => starts_at.plus_ms(-DOOR_MINUTES * MINUTE_MS),
            };
            match step {
                Step::Post => plan = end_of(now, profile.plan_notice),
                Step::PostResult => result = end_of(now, profile.resolution_notice),
                Step::Submit => due = end_of(now, profile.filing),
                Step::Convene => {
                    let (days, hour) = [(0, 540), (1, 1_140), (2, 870), (1, 540), (0, 1_140)][*draw as usize % 5];
                    let first = end_of(now, profile.session_notice).date().plus_days(days);
                    starts_at = first.start().plus_ms(hour * MINUTE_MS);
                }
                _ => {}
            }
            events.push(Event { time: now, course, step: *step, starts_at });
        }
        events
    }
}

/// A session that is called and nothing more is one that is still to come: over holidays the notice may have gone out so early
/// that its first lawful day has passed.
fn still_to_come(mut events: Vec<Event>, now: Time) -> Vec<Event> {
    if let Some(called) = events.last_mut().filter(|event| event.step == Step::Convene) {
        while called.starts_at < now.plus_ms(DAY_MS) {
            called.starts_at = called.starts_at.plus_ms(DAY_MS);
        }
    }
    events
}

/// Minutes between the fixing of a roster and the beginning of its session.
const DOOR_MINUTES: i64 = 110;
/// Minutes between the beginning of a session that is under way and now.
const LIVE_MINUTES: i64 = 40;
/// Minutes between the fixing of its roster and its beginning.
const LIVE_DOOR_MINUTES: i64 = 30;

fn pin(mut events: Vec<Event>, now: Time) -> Vec<Event> {
    let starts_at = now.plus_ms(-LIVE_MINUTES * MINUTE_MS);
    let last = events.len().saturating_sub(2);
    for event in &mut events[last..] {
        event.starts_at = starts_at;
    }
    if let Some(hold) = events.last_mut() {
        hold.time = starts_at.plus_ms(-LIVE_DOOR_MINUTES * MINUTE_MS);
    }
    events
}

fn begin(steps: &mut Vec<(Wait, Step)>, turns: Turns) {
    steps.push((Wait::Days(0), Step::Suggest(0)));
    if turns.merged {
        steps.push((Wait::Days(1), Step::SuggestElsewhere));
    }
    steps.push((Wait::Days(2), Step::Suggest(1)));
    steps.extend([(Wait::Days(3), Step::Propose), (Wait::Days(1), Step::Enlarged)]);
    if turns.corrected {
        steps.push((Wait::Days(1), Step::Correct));
    }
    steps.extend([(Wait::Days(2), Step::Visit), (Wait::Days(1), Step::Reply)]);
}

fn consult(steps: &mut Vec<(Wait, Step)>, turns: Turns, round: u8) {
    if turns.concern && round == 0 {
        steps.extend([(Wait::Days(1), Step::Concern), (Wait::Days(1), Step::Reassure)]);
    }
    steps.push((Wait::Days(2), Step::Joint));
    steps.extend([(Wait::Minutes(50), Step::Settle), (Wait::Minutes(25), Step::Post)]);
    if turns.objection && round == 0 {
        steps.extend([(Wait::Days(1), Step::Object), (Wait::Days(1), Step::AnswerObjection)]);
    }
    steps.push((Wait::PlanNotice, Step::Submit));
    if turns.supplement && round == 0 {
        steps.extend([(Wait::Days(1), Step::Ask), (Wait::Days(1), Step::Supply)]);
    }
    if turns.overdue && round == 0 {
        steps.push((Wait::Due, Step::Overdue));
    }
}

/// The periods and the calendar that the demo's villages go by: those shipped.
pub(super) struct Periods {
    /// Holidays and exchanged working days.
    pub calendar: Calendar,
    profiles: Vec<Profile>,
}

impl Periods {
    /// Those shipped.
    pub(super) fn shipped() -> Self {
        let mut calendar = Calendar::default();
        for year in defaults::calendars() {
            calendar.extend(&year.holidays, &year.workdays);
        }
        Self { calendar, profiles: defaults::profiles() }
    }

    #[expect(clippy::expect_used, reason = "the shipped profiles cover every body; a test of theirs says so")]
    fn profile(&self, body: Body) -> &Profile {
        self.profiles.iter().find(|profile| profile.body == body).expect("every body has a shipped profile")
    }

    /// A time in office hours on `date` or the next working day.
    fn working(&self, date: Date, draw: u32) -> Time {
        let mut day = date;
        while !self.calendar.is_working_day(day) {
            day = day.plus_days(1);
        }
        let (half, minute) = (draw % 2, i64::from(draw / 2 % 150));
        let begin = if half == 0 { 8 * 60 + 40 } else { 14 * 60 + 10 };
        day.start().plus_ms((begin + minute) * MINUTE_MS + i64::from(draw / 300 % 60_000))
    }
}
