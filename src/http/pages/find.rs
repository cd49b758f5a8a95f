//! Search in a village.

use askama::Template;

use crate::core::clock::Date;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::figures::Choice;
use crate::http::pages::parts::{Emblem, Outcome, Pager, Place};

/// Words with some of them marked.
pub type Marked = Vec<(String, bool)>;

/// What was found in a village.
#[derive(Template, Debug, Clone)]
#[template(path = "find.html")]
pub struct FindPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The words as typed.
    pub query: String,
    /// Categories to choose from.
    pub categories: Vec<Choice>,
    /// Stages to choose from.
    pub stages: Vec<Choice>,
    /// Whether anything was asked for.
    pub asked: bool,
    /// How many were found in all.
    pub found: u64,
    /// Those of this page, the newest first.
    pub hits: Vec<Hit>,
    /// Other pages.
    pub pager: Pager,
}

/// Something found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// `matter`, `session`, or `plan`, `resolution`, `disclosure` of a notice; text key `find-<kind>`.
    pub kind: &'static str,
    /// What it is called.
    pub title: Marked,
    /// Its page.
    pub href: String,
    /// When it was last changed, or called, or posted.
    pub day: Date,
    /// Where a matter stands.
    pub emblem: Option<Emblem>,
    /// Words around the first that was found, where that was not in the title.
    pub around: Marked,
}
