//! The door of a session: who is due, who is there, who has a paper, and what is noted beside the record; and a member's own
//! number, to be shown there.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::SessionId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// A member on the door's list.
#[derive(Debug, Clone)]
pub struct DoorRow {
    /// Number on the roster.
    pub no: u32,
    /// Name.
    pub name: String,
    /// How the member stands: text key `door-row-<code>`.
    pub state: &'static str,
    /// Ids of the member's cards in use, separated by spaces; for the clerk only.
    pub cards: String,
}

/// The door, for those who keep it.
#[derive(Template, Debug, Clone)]
#[template(path = "door.html")]
pub struct DoorPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Members due (应到).
    pub eligible: u64,
    /// Members there (实到).
    pub present: u64,
    /// How many must be there, where all questions are under one rule.
    pub quorum: Option<u64>,
    /// The roster; empty before it is fixed.
    pub rows: Vec<DoorRow>,
    /// What changes while the page is open, as JSON.
    pub live: String,
    /// What this reader can sign here, with whom, as JSON.
    pub signing: String,
    /// Where the demo server signs for this reader.
    pub server_signs: Option<String>,
    /// The log's verifier key.
    pub log_key: String,
    /// The reader may set the link to the meeting: the clerk.
    pub sets_link: bool,
    /// The link to the meeting.
    pub link: String,
    /// Members can take part by phone: there is a list to call.
    pub remote: bool,
    /// The form for who has no script.
    pub form: Option<String>,
}

/// A member's own number, to be scanned at the door.
#[derive(Template, Debug, Clone)]
#[template(path = "number.html")]
pub struct NumberPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Number on the roster.
    pub no: u32,
    /// Name.
    pub name: String,
    /// QR code that finds the row on the door's list, as SVG.
    pub qr_svg: String,
    /// Whether the member is there.
    pub there: bool,
    /// Where members meet who are elsewhere.
    pub meeting: Option<String>,
}
