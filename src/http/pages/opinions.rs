//! The register of opinions on a matter.

use askama::Template;

use crate::core::clock::Date;
use crate::core::ids::MatterId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::figures::Files;
use crate::http::pages::parts::{Exchange, Pager, Place, Who};

/// Every opinion that was gathered, with what came of it.
#[derive(Template, Debug, Clone)]
#[template(path = "opinions.html")]
pub struct OpinionsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The matter.
    pub id: MatterId,
    /// Its title.
    pub title: String,
    /// How many there are in all.
    pub all: u64,
    /// How many wait for an answer.
    pub waiting: u64,
    /// Those of this page, in the order of the record.
    pub opinions: Vec<Opinion>,
    /// Other pages.
    pub pager: Pager,
    /// The same as a file.
    pub files: Files,
}

/// An opinion.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// Its number in the register, from 1.
    pub number: u64,
    /// What was said, by whom and how, and what was answered.
    pub said: Exchange,
    /// Who took it down, where that is not who said it.
    pub taken: Vec<Who>,
    /// The day on which it was gathered, where that was before it came on record.
    pub held_on: Option<Date>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Heard, and after it the plan was settled: the day, and the entry.
    Settled(Date, u64),
    /// Answered.
    Answered,
    /// Waits for an answer, until this day.
    Waiting(Option<Date>),
    /// Stands in the minutes; nobody has to answer it.
    Noted,
}

impl Outcome {
    /// Code in text keys: `register-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Settled(..) => "settled",
            Self::Answered => "answered",
            Self::Waiting(_) => "waiting",
            Self::Noted => "noted",
        }
    }

    /// Its class in the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Settled(..) | Self::Answered | Self::Noted => "t-still",
            Self::Waiting(_) => "t-now",
        }
    }
}
