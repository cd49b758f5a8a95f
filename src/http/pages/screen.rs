//! The hall's screen (投影页): what a session is at, one thing at a time, to be read from the last row.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId};
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::{QuestionState, Rule};
use crate::http::pages::parts::Place;
use crate::http::pages::session::Again;
use crate::http::pages::strokes::Strokes;

/// More characters than this in a column are drawn smaller.
const MANY_MARKS: u64 = 12;
/// More than this, smaller again.
const VERY_MANY_MARKS: u64 = 45;

/// A session on the wall of its hall.
#[derive(Template, Debug, Clone)]
#[template(path = "screen.html")]
pub struct ScreenPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Where, as the notice says.
    pub hall: String,
    /// How far it is.
    pub phase: Phase,
    /// Entries of the record that it is of.
    pub size: u64,
    /// The server's time when it was made.
    pub now: Time,
    /// When it is to be looked at again though nothing was put on record.
    pub next: Option<Time>,
    /// Who is there.
    pub there: There,
    /// The session without quorum that this one takes up again.
    pub again: Option<Again>,
    /// What is shown.
    pub scene: Scene,
    /// The agenda with each question's state.
    pub agenda: Vec<Item>,
}

impl ScreenPage {
    /// Members present, of 1000 of the roster.
    fn present_permille(&self) -> u64 {
        permille(self.there.present.unwrap_or(0), self.there.eligible)
    }

    /// The hour of an instant; with its day, unless that is today.
    fn hour(&self, at: &Time) -> String {
        let lang = self.c.lang;
        if at.date() == self.now.date() { lang.clock(at) } else { lang.time(at) }
    }

    /// The quorum's place on that bar.
    fn quorum_permille(&self) -> u64 {
        permille(self.there.quorum.unwrap_or(0), self.there.eligible)
    }
}

fn permille(part: u64, whole: Option<u64>) -> u64 {
    part.saturating_mul(1_000).checked_div(whole.unwrap_or(0)).unwrap_or(0).min(1_000)
}

/// Who is due and who is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct There {
    /// Members due (应到), once the roster is fixed.
    pub eligible: Option<u64>,
    /// Members present (实到), once somebody has checked in.
    pub present: Option<u64>,
    /// How many must be there, where all questions are under one rule.
    pub quorum: Option<u64>,
}

impl There {
    /// Whether enough are there; `None` before it is known.
    #[must_use]
    pub fn enough(self) -> Option<bool> {
        Some(self.present.unwrap_or(0) >= self.quorum?)
    }
}

/// What is shown.
#[derive(Debug, Clone)]
pub enum Scene {
    /// Called, to come.
    Ahead,
    /// Members check in.
    CheckingIn,
    /// Enough are there and the time has come: what will be voted on first is read out.
    Reading(Box<Put>),
    /// A question is being voted on.
    Voting(Box<Put>, Time),
    /// Closed; something is awaited.
    Waiting(Box<Put>, Awaited),
    /// Announced.
    Announced(Box<Put>, Box<Tally>),
    /// Declared void.
    Void(Box<Put>),
    /// The session ended, or passed, without a vote.
    Nothing,
}

impl Scene {
    /// Its code: class of what is shown.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::CheckingIn => "checking-in",
            Self::Reading(_) => "reading",
            Self::Voting(..) => "voting",
            Self::Waiting(..) => "waiting",
            Self::Announced(..) => "announced",
            Self::Void(_) => "void",
            Self::Nothing => "nothing",
        }
    }

    /// The matter whose question it is about.
    #[must_use]
    pub fn about(&self) -> Option<(MatterId, u32)> {
        match self {
            Self::Reading(put)
            | Self::Voting(put, _)
            | Self::Waiting(put, _)
            | Self::Announced(put, _)
            | Self::Void(put) => Some((put.matter, put.number)),
            Self::Ahead | Self::CheckingIn | Self::Nothing => None,
        }
    }
}

/// A question that is put to the vote, with what it is about.
#[derive(Debug, Clone)]
pub struct Put {
    /// The matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// Category code; `none` where it has none.
    pub category: String,
    /// Amount in fen.
    pub amount: Option<u64>,
    /// Number of the question among its matter's, from 1.
    pub number: u32,
    /// The words of the question.
    pub question: String,
    /// How the choices are kept: text key `mode-<mode>`.
    pub mode: String,
    /// Paragraphs of the plan; empty where it is no text.
    pub plan: Vec<String>,
    /// What can be chosen: code, and the question's own words.
    pub options: Vec<Choosable>,
    /// Ways to vote: codes `paper`, `kiosk`, `online`.
    pub channels: Vec<String>,
}

/// What can be chosen.
#[derive(Debug, Clone)]
pub struct Choosable {
    /// Code: `for`, `against`, `abstain` or the question's own.
    pub option: String,
    /// The question's own words for it; `None` for the common codes.
    pub label: Option<String>,
}

/// What a closed vote waits for, in the order of the end (PROTOCOL 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The time is up; the log is about to close the vote.
    Closing,
    /// Ballots that were sent in time may come until then.
    Deliveries(Time),
    /// A ballot that an inspector vouched for is not here.
    Vouched,
    /// A dispute waits for its answer.
    Answer,
    /// The box is being counted.
    PaperCount,
    /// More papers in the box than were handed out: the vote is to be declared void.
    Excess,
    /// Ballots are about to be opened.
    Openings,
    /// A ballot could not be opened by the server: its voter can.
    Opening,
    /// All is counted: two people sign the result.
    Result,
}

impl Awaited {
    /// Text key `screen-awaits-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Deliveries(_) => "deliveries",
            Self::Vouched => "vouched",
            Self::Answer => "answer",
            Self::PaperCount => "paper-count",
            Self::Excess => "excess",
            Self::Openings => "openings",
            Self::Opening => "opening",
            Self::Result => "result",
        }
    }

    /// Until when, where that is known.
    #[must_use]
    pub fn until(self) -> Option<Time> {
        if let Self::Deliveries(until) = self { Some(until) } else { None }
    }
}

/// The count, by option and by channel.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Ways by which ballots came, in the columns' order: codes `paper`, `kiosk`, `online`.
    pub columns: Vec<String>,
    /// A row for each option.
    pub rows: Vec<TallyRow>,
    /// Votes that were needed.
    pub needed: u64,
    /// Of what base.
    pub base: u64,
    /// Present, but cast no vote.
    pub not_voted: u64,
    /// Members who were handed a paper at home.
    pub visited: u64,
    /// The rule it was decided under.
    pub rule: Option<Rule>,
    /// Whether it passed.
    pub passed: bool,
    /// What passed, where the question has options of its own.
    pub winner: Option<String>,
    /// The address of the session's page as a QR code, as SVG.
    pub qr_svg: String,
    /// That address.
    pub link: String,
}

impl Tally {
    /// The class that says how large marks are drawn.
    #[must_use]
    pub fn marks(&self) -> &'static str {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        let most = cells.map(|votes| Strokes(*votes).characters()).max().unwrap_or(0);
        let columns = u64::try_from(self.columns.len().max(1)).unwrap_or(1);
        match most * columns {
            many if many > VERY_MANY_MARKS => "marks-tiny",
            many if many > MANY_MARKS => "marks-small",
            _ => "marks-large",
        }
    }
}

/// Votes for one option.
#[derive(Debug, Clone)]
pub struct TallyRow {
    /// Code: `for`, `against`, `abstain`, `invalid` or the question's own.
    pub option: String,
    /// The question's own words for it; `None` for the common codes.
    pub label: Option<String>,
    /// By column.
    pub cells: Vec<u64>,
    /// In all.
    pub votes: u64,
}

impl TallyRow {
    /// The marks of a cell.
    fn strokes(votes: &u64) -> Strokes {
        Strokes(*votes)
    }
}

/// A matter on the agenda, in the strip.
#[derive(Debug, Clone)]
pub struct Item {
    /// The matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// Its questions' states, in order; empty before any is settled.
    pub questions: Vec<QuestionState>,
}

impl Item {
    /// Whether what is shown is about its `number`th question.
    fn is_shown(&self, scene: &Scene, number: &usize) -> bool {
        let shown = scene.about();
        shown.is_some_and(|(matter, shown)| matter == self.matter && usize::try_from(shown) == Ok(*number))
    }
}
