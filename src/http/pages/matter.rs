//! The matter page: one matter from first suggestion to sign-off, six steps in a line, each open to its papers.

use std::borrow::Borrow;

use askama::Template;

use crate::app::households::Sums;
use crate::core::clock::{Date, Time};
use crate::core::ids::{MatterId, SessionId};
use crate::http::i18n::Lang;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{
    ActLine, Correction, Emblem, Exchange, Level, Mark, Next, Outcome, Paper, PaperState, Place, Tone, Who,
};

/// One matter, for everybody.
#[derive(Template, Debug, Clone)]
#[template(path = "matter.html")]
pub struct MatterPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The matter.
    pub id: MatterId,
    /// Title as shown.
    pub title: String,
    /// Corrections of the title.
    pub title_corrections: Vec<Correction>,
    /// Category code, `M01` to `M10`.
    pub category: String,
    /// Amount in fen.
    pub amount: Option<u64>,
    /// The plan in brief, as the settled plan or the draft says it.
    pub brief: Option<String>,
    /// The plan as it stands.
    pub plan: Option<Paper>,
    /// Decided in an emergency, to be ratified by the next session (追认).
    pub emergency: bool,
    /// Where it stands.
    pub emblem: Emblem,
    /// What comes next.
    pub next: Next,
    /// Households that were asked before the vote and told of the result, where anybody noted it.
    pub households: Option<Sums>,
    /// Why it was returned, withdrawn, paused or annulled, in the words of those who did.
    pub reason: Option<String>,
    /// The six steps, in order.
    pub steps: Vec<Step>,
    /// Number of entries about it in the village's record.
    pub entries: u64,
    /// How often something was said about it in the hall.
    pub posts: u64,
    /// Address of the notice that can be printed for the board, once there is one.
    pub print_href: Option<String>,
    /// Addresses of the packages for the archive: of everybody, and of those who keep papers.
    pub packages: Vec<(&'static str, String)>,
    /// What the reader may do here now: kind of act and where its form is.
    pub actions: Vec<Action>,
    /// What the reader may begin besides: a concern, a return, a withdrawal.
    pub more: Vec<Action>,
}

impl MatterPage {
    /// The newest announced question: what most readers come for.
    fn result(&self) -> Option<&Question> {
        let mut questions = self.steps.iter().flat_map(|step| &step.ballots).flat_map(|ballot| &ballot.questions);
        questions.rfind(|question| question.state.sealed())
    }
}

/// Something that the reader may do.
#[derive(Debug, Clone)]
pub struct Action {
    /// Kind of statement; text key `do-<kind>`.
    pub kind: String,
    /// Address of its form.
    pub href: String,
    /// Which question it is about, or which matter, where the page's heading leaves that open.
    pub about: Option<String>,
}

/// One of the six steps.
#[derive(Debug, Clone)]
pub struct Step {
    /// 1 to 6.
    pub number: u8,
    /// Its mark in the line.
    pub mark: Mark,
    /// When it began.
    pub began: Option<Time>,
    /// When it ended.
    pub ended: Option<Time>,
    /// The last day for it, where one is set and it has not ended.
    pub due: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// Signed acts, oldest first.
    pub acts: Vec<ActLine>,
    /// Suggestions and opinions, with replies.
    pub opinions: Vec<Exchange>,
    /// Public notices of plan or resolution.
    pub notices: Vec<NoticeWindow>,
    /// Objections, interpellations and concerns, with answers.
    pub objections: Vec<Exchange>,
    /// Ballots, where the step is the fifth.
    pub ballots: Vec<Ballot>,
    /// Contracts, where the step is the sixth.
    pub contracts: Vec<Contract>,
    /// Progress of the work, where the step is the sixth.
    pub progress: Vec<Progress>,
    /// How villagers rate it, where somebody did.
    pub ratings: Option<Ratings>,
}

impl Step {
    /// A step of which nothing is on record yet.
    #[must_use]
    pub const fn new(number: u8, mark: Mark) -> Self {
        Self {
            number,
            mark,
            began: None,
            ended: None,
            due: None,
            overdue: false,
            acts: Vec::new(),
            opinions: Vec::new(),
            notices: Vec::new(),
            objections: Vec::new(),
            ballots: Vec::new(),
            contracts: Vec::new(),
            progress: Vec::new(),
            ratings: None,
        }
    }

    /// Whether it is unfolded at first: where the matter stands or ended, and what has nothing to fold yet.
    #[must_use]
    pub fn open(&self) -> bool {
        matches!(self.mark, Mark::Now | Mark::Stopped | Mark::Sealed) || self.empty()
    }

    /// Whether nothing of it is on record yet.
    #[must_use]
    pub fn empty(&self) -> bool {
        self.acts.is_empty()
            && self.opinions.is_empty()
            && self.notices.is_empty()
            && self.objections.is_empty()
            && self.ballots.is_empty()
            && self.contracts.is_empty()
            && self.progress.is_empty()
            && self.ratings.is_none()
    }
}

/// A public notice with its window for objections.
#[derive(Debug, Clone)]
pub struct NoticeWindow {
    /// `plan` or `resolution`; text key `notice-<what>`.
    pub what: String,
    /// When it entered the record: the window counts from the day after.
    pub posted: Time,
    /// Last day, until 24:00.
    pub until: Date,
    /// The last day as counted, where that is a rest day and the window ends later.
    pub moved_from: Option<Date>,
    /// Length in days.
    pub days: u32,
    /// Whether only working days count.
    pub working_days: bool,
    /// Whether it is still open.
    pub open: bool,
    /// Photo of the board and other papers.
    pub papers: Vec<Paper>,
}

/// The vote of one body, under one rule.
#[derive(Debug, Clone)]
pub struct Ballot {
    /// The session.
    pub session: SessionId,
    /// Code of the body.
    pub body: String,
    /// When the session is held.
    pub at: Time,
    /// `named` or `paper_secret`; text key `mode-<mode>`.
    pub mode: String,
    /// The rule it is decided under.
    pub rule: Rule,
    /// Members on the roster (应到).
    pub eligible: u64,
    /// Members present (实到), once known.
    pub present: Option<u64>,
    /// Members recused (回避).
    pub recused: u64,
    /// Its questions.
    pub questions: Vec<Question>,
}

impl Ballot {
    /// Whether the quorum was reached; `None` before it is known.
    #[must_use]
    pub fn quorum(&self) -> Option<bool> {
        self.present.map(|present| present >= self.rule.quorum_needed)
    }
}

/// A share such as two thirds.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Numerator.
    pub num: u32,
    /// Denominator.
    pub den: u32,
    /// Whether it must be exceeded (过半) rather than reached (以上).
    pub more_than: bool,
}

/// A rule profile in words and numbers.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Code of the profile; text key `profile-<code>`.
    pub profile: String,
    /// Whether a district admin has confirmed it.
    pub confirmed: bool,
    /// Law and articles, as the profile cites them.
    pub source: String,
    /// Share of members that must be present.
    pub quorum: Share,
    /// That share as a number of people.
    pub quorum_needed: u64,
    /// Share that must vote in favour.
    pub threshold: Share,
    /// What the share is of: `present` or `members`; text key `base-<code>`.
    pub base: String,
    /// Whether abstentions count in the base.
    pub abstentions_count: bool,
}

impl Rule {
    /// The citation in the reader's language, as long as the profile cites what was shipped; a district's own words stand
    /// as they are.
    pub fn cited(&self, lang: impl Borrow<Lang>) -> String {
        let key = format!("citation-{}", self.profile);
        let shipped = Lang::En.has(&key) && Lang::En.t(key.clone()).to_string() == self.source;
        if shipped { lang.borrow().t(key).to_string() } else { self.source.clone() }
    }
}

/// State of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionState {
    /// Not opened yet.
    Waiting,
    /// Votes are being cast until this time.
    Open(Time),
    /// Closed; ballots that were refused may still come until this time.
    Closed(Time),
    /// Being counted.
    Counting,
    /// Announced: passed or not.
    Decided(bool),
    /// The session had no quorum.
    NoQuorum,
    /// Declared void.
    Void,
}

impl QuestionState {
    /// Text key `question-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open(_) => "open",
            Self::Closed(_) => "closed",
            Self::Counting => "counting",
            Self::Decided(true) => "passed",
            Self::Decided(false) => "rejected",
            Self::NoQuorum => "no-quorum",
            Self::Void => "void",
        }
    }

    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Open(_) | Self::Closed(_) | Self::Counting => Tone::Now,
            Self::Decided(true) => Tone::Final,
            Self::Decided(false) | Self::NoQuorum | Self::Void => Tone::Against,
            Self::Waiting => Tone::Still,
        }
    }

    /// Whether it bears a seal: announced and final.
    #[must_use]
    pub fn sealed(self) -> bool {
        matches!(self, Self::Decided(_) | Self::NoQuorum | Self::Void)
    }
}

/// One question put to the vote.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its number in the session, from 1.
    pub number: u32,
    /// The words of the question.
    pub title: String,
    /// Where it stands.
    pub state: QuestionState,
    /// Votes for each option, in the order they were listed; empty before the result.
    pub counts: Vec<Count>,
    /// The base the share is taken of.
    pub base: u64,
    /// Votes in favour that were needed.
    pub needed: u64,
    /// Present, but cast no vote.
    pub not_voted: u64,
    /// Votes by phone, on the hall's terminal, and on paper.
    pub channels: Option<Channels>,
    /// Who voted how, by roster number: named ballots after closing; empty otherwise.
    pub choices: Vec<Choice>,
}

impl Question {
    /// Place of the needed votes on a bar of 1000.
    #[must_use]
    pub fn needed_permille(&self) -> u64 {
        permille(self.needed, self.base)
    }

    /// Length of an option's bar of 1000.
    #[must_use]
    pub fn permille(&self, count: &Count) -> u64 {
        permille(count.votes, self.base)
    }

    /// Share of the base in percent, rounded to one decimal: 34 of 45 is 75.6.
    #[must_use]
    pub fn percent(&self, count: &Count) -> String {
        match permille(count.votes, self.base) {
            whole if whole.is_multiple_of(10) => (whole / 10).to_string(),
            share => format!("{}.{}", share / 10, share % 10),
        }
    }
}

/// The share rounded to the nearest thousandth; 0 of nothing.
fn permille(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1_000).saturating_add(whole / 2).checked_div(whole).unwrap_or(0).min(1_000)
}

/// Votes for one option.
#[derive(Debug, Clone)]
pub struct Count {
    /// Code: `for`, `against`, `abstain`, `invalid` or the question's own.
    pub option: String,
    /// The question's own words for it; `None` for the four common codes.
    pub label: Option<String>,
    /// Number of votes.
    pub votes: u64,
}

impl Count {
    /// Class of its bar.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.option.as_str() {
            "for" => "bar-for",
            "against" => "bar-against",
            "abstain" => "bar-abstain",
            "invalid" => "bar-invalid",
            _ => "bar-own",
        }
    }
}

/// Votes by channel.
#[derive(Debug, Clone, Copy)]
pub struct Channels {
    /// On the voter's own phone.
    pub online: u64,
    /// On the hall's terminal.
    pub kiosk: u64,
    /// On paper.
    pub paper: u64,
    /// Handed out at home, among those on paper.
    pub visited: u64,
    /// Members at home whom the mobile box is not on record to have been with.
    pub missed: u64,
}

/// A named vote, shown after closing.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Number on the roster.
    pub voter: u32,
    /// Name, where this reader may see it.
    pub name: Option<String>,
    /// Whether somebody helped.
    pub helped: bool,
    /// Code of the option chosen.
    pub option: String,
    /// The question's own words for it.
    pub label: Option<String>,
    /// `online`, `kiosk` or `paper`; text key `channel-<code>`.
    pub channel: String,
}

/// A contract and what came of it.
#[derive(Debug, Clone)]
pub struct Contract {
    /// What it is about.
    pub title: String,
    /// With whom.
    pub party: String,
    /// Its price, in fen.
    pub amount: u64,
    /// Paid under it so far, in fen.
    pub paid: u64,
    /// Its milestones, by their days.
    pub milestones: Vec<Milestone>,
    /// When it entered the record.
    pub at: Time,
    /// Who signed the entry.
    pub by: Vec<Who>,
    /// Its papers.
    pub papers: Vec<Paper>,
    /// Its number in the record.
    pub seq: u64,
}

/// Something to be reached by a day.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// What it is.
    pub title: String,
    /// The last day for it.
    pub due: Date,
    /// To be paid for it, in fen.
    pub amount: Option<u64>,
    /// When it was reported as reached.
    pub reached: Option<Date>,
    /// Whether that was, or already is, after its day.
    pub late: bool,
}

/// How villagers rate what was carried out.
#[derive(Debug, Clone, Copy)]
pub struct Ratings {
    /// How often each score from 1 to 5 was given.
    pub scores: [u32; 5],
    /// How many rated.
    pub count: u32,
    /// Their mean in tenths, rounded.
    tenths: u32,
}

impl Ratings {
    /// Of how often each score was given; nothing where nobody rated.
    #[must_use]
    pub fn of(scores: [u32; 5]) -> Option<Self> {
        let count: u32 = scores.iter().sum();
        let sum: u32 = scores.iter().zip(1..).map(|(count, score)| count * score).sum();
        (count > 0).then(|| Self { scores, count, tenths: (sum * 10 + count / 2) / count })
    }

    /// The mean with one decimal.
    #[must_use]
    pub fn mean(&self) -> String {
        format!("{}.{}", self.tenths / 10, self.tenths % 10)
    }

    /// Each score with how often it was given, the best first.
    pub fn rows(&self) -> impl Iterator<Item = (String, u32)> + '_ {
        self.scores.iter().zip([1, 2, 3, 4, 5]).rev().map(|(count, score)| (format!("score_{score}"), *count))
    }
}

/// A report on the work.
#[derive(Debug, Clone)]
pub struct Progress {
    /// When it entered the record.
    pub at: Time,
    /// What was reported.
    pub text: String,
    /// How far the work is, in percent.
    pub percent: Option<u8>,
    /// Paid so far, in fen.
    pub paid: Option<u64>,
    /// How much of that is more than the settled plan allows, in fen.
    pub over: Option<u64>,
    /// Who watched over the quality.
    pub witnesses: Vec<Who>,
    /// Who reported.
    pub by: Vec<Who>,
    /// Photos and papers.
    pub papers: Vec<Paper>,
    /// Its number in the record.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use super::{Count, Question, QuestionState};

    #[test]
    fn shares_are_rounded_and_add_up() {
        let question = Question {
            number: 1,
            title: String::new(),
            state: QuestionState::Decided(true),
            counts: Vec::new(),
            base: 45,
            needed: 23,
            not_voted: 0,
            channels: None,
            choices: Vec::new(),
        };
        let count = |votes| Count { option: "for".to_owned(), label: None, votes };
        let percents = [34, 7, 4, 9, 0].map(|votes| question.percent(&count(votes)));
        assert_eq!(percents, ["75.6", "15.6", "8.9", "20", "0"]);
        assert_eq!(question.permille(&count(34)), 756, "the bar is as long as its number says");
    }
}
