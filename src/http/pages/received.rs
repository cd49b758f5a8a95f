//! Suggestions and objections of people without a key.

use askama::Template;

use crate::core::clock::{Date, Time};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// The form: one text. Printed it is a sheet for the suggestion box.
#[derive(Template, Debug, Clone)]
#[template(path = "write.html")]
pub struct WritePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement: `suggestion.received` or `objection.received`.
    pub kind: String,
    /// The matter objected to: title and page.
    pub about: Option<(String, String)>,
    /// Last day on which objections are taken.
    pub until: Option<Date>,
    /// Where the form is posted.
    pub action: String,
    /// What was written so far.
    pub text: String,
    /// What is wrong with it, in the reader's words.
    pub error: Option<String>,
    /// The address of this form, for the printed sheet.
    pub link: String,
    /// The same as a QR code, SVG made by this server.
    pub qr_svg: String,
}

/// What was written, and where to follow it.
#[derive(Template, Debug, Clone)]
#[template(path = "received.html")]
pub struct ReceivedPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement.
    pub kind: String,
    /// When it was put on record.
    pub at: Time,
    /// Index of its entry.
    pub seq: u64,
    /// What was written.
    pub words: String,
    /// The matter: title and page.
    pub about: Option<(String, String)>,
    /// The receipt code, where the address carried it.
    pub code: Option<String>,
    /// The address to come back to.
    pub link: String,
    /// The same as a QR code, SVG made by this server.
    pub qr_svg: String,
}
