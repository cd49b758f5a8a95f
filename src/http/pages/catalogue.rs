//! What goes to a vote in a village, by the rules that its district adopted.

use askama::Template;

use crate::core::clock::Date;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// The categories, and how often the village discloses.
#[derive(Template, Debug, Clone)]
#[template(path = "catalogue.html")]
pub struct CataloguePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The district's document, where it adopted a catalogue.
    pub source: Option<Source>,
    /// What is disclosed again and again, where there are terms for it.
    pub disclosures: Vec<DisclosureLine>,
    /// The ten categories.
    pub categories: Vec<CategoryLine>,
}

/// Where the catalogue comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// What it cites.
    pub citation: String,
    /// Its version.
    pub version: u32,
    /// First day in force.
    pub effective: Date,
    /// Index of the entry that adopted it.
    pub seq: u64,
}

/// One subject of disclosure.
#[derive(Debug, Clone)]
pub struct DisclosureLine {
    /// `affairs` or `finances`.
    pub subject: &'static str,
    /// Months of its periods.
    pub months: u8,
    /// Days after a period.
    pub within: u16,
    /// The last day disclosed, and the index of the entry.
    pub last: Option<(Date, u64)>,
    /// The last day of the next period.
    pub until: Date,
    /// By when it is to be disclosed.
    pub due: Date,
    /// Whether that is over.
    pub late: bool,
}

/// One category.
#[derive(Debug, Clone)]
pub struct CategoryLine {
    /// Its code, in small letters.
    pub code: String,
    /// Bodies that may decide, as codes.
    pub bodies: Vec<String>,
    /// Below this amount disclosure is enough, in fen.
    pub below: Option<u64>,
    /// Titles of the papers that the township wants to see.
    pub papers: Vec<String>,
    /// What such matters are about.
    pub topics: Vec<String>,
}
