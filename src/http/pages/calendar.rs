//! A village's calendar: an agenda of one month.

use askama::Template;

use crate::core::clock::{Date, Time};
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Pager, Place};

/// What a month holds, day by day.
#[derive(Template, Debug, Clone)]
#[template(path = "calendar.html")]
pub struct CalendarPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The month in words.
    pub month: String,
    /// Days on which there is something, the first one first.
    pub days: Vec<Day>,
    /// Other pages of the month.
    pub pager: Pager,
    /// The last month before it with something in it: address and words.
    pub earlier: Option<(String, String)>,
    /// The first month after it with something in it.
    pub later: Option<(String, String)>,
    /// Address of the month that it is, where another one is shown.
    pub now: Option<String>,
    /// Address of the calendar for phones.
    pub ics: String,
}

/// A day and what there is.
#[derive(Debug, Clone)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Whether it is today.
    pub today: bool,
    /// What there is.
    pub items: Vec<Item>,
}

/// One thing on a day.
#[derive(Debug, Clone)]
pub struct Item {
    /// When, where a time is set.
    pub at: Option<Time>,
    /// What it is, in words.
    pub what: String,
    /// What it is about: titles of matters, or of a milestone.
    pub about: Vec<String>,
    /// Its page.
    pub href: String,
    /// Where it is held.
    pub hall: Option<String>,
    /// How far a session is.
    pub phase: Option<Phase>,
    /// Whom it waits for: codes of roles.
    pub waits: Vec<String>,
    /// How many of the kind.
    pub times: u64,
    /// Whether its day has passed and it still waits.
    pub late: bool,
    /// Whether it is done.
    pub done: bool,
}
