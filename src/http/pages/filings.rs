//! A township official's queue of filings.

use askama::Template;

use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;

/// What waits for review or filing.
#[derive(Template, Debug, Clone)]
#[template(path = "filings.html")]
pub struct FilingsPage {
    /// Frame.
    pub c: Chrome,
    /// The most urgent first.
    pub lines: Vec<FilingLine>,
    /// How many were prepared for signing just now.
    pub prepared: usize,
    /// What could not be prepared: title and reason.
    pub refused: Vec<(String, String)>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct FilingLine {
    /// Village and matter, as the form sends them.
    pub name: String,
    /// Kind of the statement that is to be signed.
    pub kind: String,
    /// The matter's title.
    pub title: String,
    /// The village.
    pub place: String,
    /// Code of its category, in small letters.
    pub category: Option<String>,
    /// Money, in fen, where it is about money.
    pub amount: Option<u64>,
    /// When it was submitted.
    pub submitted: Option<Time>,
    /// When the plan was posted, and until when.
    pub notice: Option<(Time, Time)>,
    /// Papers that the catalogue asks for, all of which are there.
    pub papers: Vec<String>,
    /// Documents handed in.
    pub materials: usize,
    /// What was advised in the review, with its words: code `file` or `return`.
    pub advised: Option<(&'static str, String)>,
    /// How often it was returned.
    pub returned: u32,
    /// Questions and objections that wait for an answer.
    pub waiting: usize,
    /// Whether it may be signed beside others.
    pub routine: bool,
    /// When it is due.
    pub due: Option<Time>,
    /// Whether that is over.
    pub late: bool,
    /// Its own form.
    pub href: String,
    /// The matter's page.
    pub matter: String,
}

impl FilingsPage {
    fn any_routine(&self) -> bool {
        self.lines.iter().any(|line| line.routine)
    }
}
