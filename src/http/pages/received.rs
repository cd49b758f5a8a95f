//! What people without a key write.

use askama::Template;

use crate::core::act::Kind;
use crate::core::clock::{Date, Time};
use crate::http::pages::act::Item;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Answer, Place};

/// The form: one text, and where it asks for one a choice. Printed it is a sheet for the suggestion box.
#[derive(Template, Debug, Clone)]
#[template(path = "write.html")]
pub struct WritePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement, such as `objection.received`.
    pub kind: String,
    /// The matter it is about: title and page.
    pub about: Option<(String, String)>,
    /// Last day on which objections are taken.
    pub until: Option<Date>,
    /// Where the form is posted.
    pub action: String,
    /// What is chosen first: whom to ask, or a score. Where there is a score, words may be left out.
    pub choices: Vec<Item>,
    /// What was written so far.
    pub text: String,
    /// What is wrong with it, in the reader's words.
    pub error: Option<String>,
    /// The address of this form, for the printed sheet.
    pub link: String,
    /// The same as a QR code, SVG made by this server.
    pub qr_svg: String,
}

impl WritePage {
    /// Whether words may be left out: a score says something by itself.
    fn words_optional(&self) -> bool {
        self.kind == Kind::RatingReceived.code()
    }

    /// What to do with it on paper.
    fn on_paper(&self) -> &'static str {
        if self.kind == Kind::InquiryReceived.code() { "write-paper-ask" } else { "write-paper-say" }
    }

    /// The same at the foot of the printed sheet.
    fn print_end(&self) -> &'static str {
        if self.kind == Kind::InquiryReceived.code() { "write-print-end-ask" } else { "write-print-end" }
    }

    /// Whom the words are shown to.
    fn hint(&self) -> &'static str {
        match self.kind.as_str() {
            kind if kind == Kind::InquiryReceived.code() => "write-hint-ask",
            kind if kind == Kind::RatingReceived.code() => "write-hint-rate",
            _ => "write-hint",
        }
    }
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
    /// The answer, once there is one.
    pub answer: Option<Answer>,
    /// The matter: title and page.
    pub about: Option<(String, String)>,
    /// The receipt code, where the address carried it.
    pub code: Option<String>,
    /// The address to come back to.
    pub link: String,
    /// The same as a QR code, SVG made by this server.
    pub qr_svg: String,
}
