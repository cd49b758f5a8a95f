//! A village's hall between sessions: what is said there, by matter.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::MatterId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::{Level, Paper, PaperState, Place, Who};

/// What is said about one matter, or of the village in general, and what else is talked about.
#[derive(Template, Debug, Clone)]
#[template(path = "talk.html")]
pub struct TalkPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The matter with its title; none: the village in general.
    pub about: Option<(MatterId, String)>,
    /// What was said, the newest last.
    pub posts: Vec<Post>,
    /// Entries in the village's record.
    pub size: u64,
    /// Address of what was said before.
    pub earlier: Option<String>,
    /// Address of the newest, where older ones are shown.
    pub newest: Option<String>,
    /// Where the reader says something.
    pub actions: Vec<Action>,
    /// What else is talked about, the newest first.
    pub threads: Vec<Thread>,
    /// Whether there is more of it than shown.
    pub more: bool,
}

/// Something that was said.
#[derive(Debug, Clone)]
pub struct Post {
    /// Index of its entry.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who said it.
    pub who: Vec<Who>,
    /// The words.
    pub text: String,
    /// Papers and pictures beside them.
    pub papers: Vec<Paper>,
    /// Whether the words were taken down: when, and why.
    pub taken_down: Option<(Time, String)>,
    /// Where the reader takes them down.
    pub take_down: Option<String>,
}

/// What is talked about.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Its page.
    pub href: String,
    /// The matter's title; none: the village in general.
    pub title: Option<String>,
    /// How often something was said.
    pub posts: u64,
    /// When for the last time.
    pub last: Time,
}
