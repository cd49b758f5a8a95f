//! A matter to be sent to a group: a picture, a short text, a link.

use askama::Template;

use crate::core::ids::MatterId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// What is sent to a group.
#[derive(Template, Debug, Clone)]
#[template(path = "share.html")]
pub struct SharePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The matter.
    pub id: MatterId,
    /// Its title, as everyone may read it.
    pub title: String,
    /// Where the picture is.
    pub picture: String,
    /// The text.
    pub text: String,
    /// The matter's address in full.
    pub link: String,
}
