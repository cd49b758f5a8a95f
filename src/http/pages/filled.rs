//! Papers that are filled in by hand: which there are to print, and where their photographs go.

use askama::Template;

use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;
use crate::http::pages::printed::Printable;

/// The papers of one matter or session.
#[derive(Debug, Clone)]
pub struct PaperGroup {
    /// Title of the matter, or day of the session.
    pub title: String,
    /// Its page.
    pub href: String,
    /// What can be printed.
    pub papers: Vec<Printable>,
}

/// The page.
#[derive(Template, Debug, Clone)]
#[template(path = "filled.html")]
pub struct FilledPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Papers by what they are about.
    pub groups: Vec<PaperGroup>,
}
