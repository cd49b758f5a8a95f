//! How somebody is told things: addresses, what to hear, when not.

use askama::Template;

use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;

/// The page of who is logged in.
#[derive(Template, Debug, Clone)]
#[template(path = "reach.html")]
pub struct ReachPage {
    /// Frame.
    pub c: Chrome,
    /// Ways by an address that is typed in.
    pub ways: Vec<Way>,
    /// Messages to this browser.
    pub push: Option<Push>,
    /// What is chosen.
    pub choice: Choice,
    /// Whether anything is sent at all.
    pub on: bool,
    /// What was done just now, as a code in text keys.
    pub done: Option<String>,
    /// What stands against what was sent: the form, and why.
    pub wrong: Option<(String, String)>,
}

impl ReachPage {
    /// Whether no way is offered.
    fn nothing(&self) -> bool {
        self.ways.is_empty() && self.push.is_none()
    }

    /// Why a form was not taken.
    fn error(&self, form: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(about, _)| about == form).map(|(_, why)| why.as_str())
    }
}

/// A way by an address.
#[derive(Debug, Clone)]
pub struct Way {
    /// Its code in text keys.
    pub code: &'static str,
    /// The address that counts: its name, and as much of it as is shown.
    pub counts: Option<(String, String)>,
    /// The address that waits for its code: shown so, until then.
    pub waits: Option<(String, Time)>,
}

impl Way {
    fn is_mail(&self) -> bool {
        self.code == "email"
    }
}

/// Messages to browsers.
#[derive(Debug, Clone)]
pub struct Push {
    /// The key that a browser is told.
    pub key: String,
    /// Browsers that are on: name, push service, since when.
    pub devices: Vec<(String, String, Time)>,
    /// Whether this one may be put on: not where somebody else uses it next.
    pub own: bool,
}

/// What is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// What waits.
    pub tasks: bool,
    /// Sessions and votes.
    pub ballots: bool,
    /// Every step.
    pub steps: bool,
    /// Quiet from this minute of the day on.
    pub from: u64,
    /// Until this one.
    pub until: u64,
}

impl Choice {
    /// A minute of the day as a field takes it.
    fn clock(minute: &u64) -> String {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }
}

/// Where a letter's link leads by which it is stopped.
#[derive(Template, Debug, Clone)]
#[template(path = "reach_stop.html")]
pub struct ReachStopPage {
    /// Frame.
    pub c: Chrome,
    /// Where the button leads; nothing where all is done.
    pub action: Option<String>,
}
