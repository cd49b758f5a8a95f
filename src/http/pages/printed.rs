//! Pages about papers to print: ballots to be asked for, and what the loudspeaker says.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::SessionId;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;
use crate::http::read::ballots::NamesOnPapers;

/// Where the clerk asks for paper ballots.
#[derive(Template, Debug, Clone)]
#[template(path = "ballots.html")]
pub struct BallotsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub session: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Questions that are voted on by paper, at least one.
    pub questions: Vec<PaperQuestion>,
    /// How many are proposed.
    pub count: u32,
    /// How many there can be in one file.
    pub most: u32,
}

/// A question that is voted on by paper.
#[derive(Debug, Clone)]
pub struct PaperQuestion {
    /// Its wording.
    pub title: String,
    /// Whether its papers bear the voter's name.
    pub names: NamesOnPapers,
    /// Where its ballots are.
    pub action: String,
}

/// What the loudspeaker says of a notice.
#[derive(Template, Debug, Clone)]
#[template(path = "spoken.html")]
pub struct SpokenPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// What the notice is about.
    pub title: String,
    /// Index of its entry.
    pub seq: u64,
    /// In the reader's language, then in the other.
    pub texts: Vec<SpokenIn>,
}

/// An announcement in one language.
#[derive(Debug, Clone)]
pub struct SpokenIn {
    /// The language.
    pub lang: Lang,
    /// Sentence by sentence.
    pub sentences: Vec<String>,
}

/// A paper that can be printed.
#[derive(Debug, Clone)]
pub struct Printable {
    /// Text key of what it is.
    pub what: &'static str,
    /// Its address.
    pub href: String,
}
