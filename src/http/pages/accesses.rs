//! What an inspector sees beside everybody's pages: who read what is not public, and the page of an evidence package.

use askama::Template;

use crate::app::archive::Both;
use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Place, Who};
use crate::http::pages::styles::APP_CSS;

/// Who read what of a village that is not public.
#[derive(Template, Debug, Clone)]
#[template(path = "accesses.html")]
pub struct AccessesPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Readings, the newest first.
    pub rows: Vec<AccessRow>,
    /// Address of the next page.
    pub next: Option<String>,
}

/// One reading.
#[derive(Debug, Clone)]
pub struct AccessRow {
    /// When.
    pub at: Time,
    /// Who.
    pub who: Option<Who>,
    /// What was done; text key `access-<code>`.
    pub action: String,
    /// What it was done to.
    pub href: String,
}

/// Beginning of the page of an evidence package; what it checks follows within its body.
#[derive(Template, Debug, Clone)]
#[template(path = "evidence.html")]
pub struct EvidencePage {
    /// What the package is about.
    pub title: Both,
    /// That it checks itself, shown until it has.
    pub say: Both,
    /// The program that checks.
    pub program: String,
    /// SHA-256 of the program, Base64.
    pub program_hash: String,
    /// SHA-256 of the styles, Base64.
    pub styles_hash: String,
}

impl EvidencePage {
    fn styles(&self) -> &'static str {
        APP_CSS
    }
}
