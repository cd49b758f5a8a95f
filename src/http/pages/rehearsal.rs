//! Rehearsing a session: the page of who leads it, and the entrance of everybody else.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::SessionId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// Where a session's rehearsal stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The operator has set no address for rehearsals.
    NotSet,
    /// The session is over.
    Over,
    /// The session has begun: it is held, not rehearsed.
    Begun,
    /// It can be made.
    Ready,
    /// As many run as are allowed.
    Full,
    /// Another session of the village is rehearsed.
    Other(SessionId),
    /// It runs.
    Running(Within),
}

/// How people come in to a rehearsal that runs.
#[derive(Debug, Clone)]
pub struct Within {
    /// Where it is.
    pub address: String,
    /// The entrance code.
    pub code: String,
    /// Address with the code.
    pub link: String,
    /// The same as a QR code.
    pub qr_svg: String,
    /// When it ends at the latest.
    pub until: Time,
    /// Parts of the session's day.
    pub tried: Vec<Tried>,
}

/// A part of the session's day.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Its code in the texts.
    pub part: String,
    /// Whether it was tried.
    pub done: bool,
}

/// The rehearsal of a session, for who leads it.
#[derive(Template, Debug, Clone)]
#[template(path = "rehearsal.html")]
pub struct RehearsalPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When the session is held.
    pub at: Time,
    /// Where its rehearsal stands.
    pub standing: Standing,
}

/// How somebody stands before the entrance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entering {
    /// Is asked for the code.
    Asked,
    /// Gave one that leads nowhere.
    Wrong,
    /// There is nothing to enter any more.
    Over,
}

/// The entrance of rehearsals.
#[derive(Template, Debug, Clone)]
#[template(path = "enter.html")]
pub struct EnterPage {
    /// Frame.
    pub c: Chrome,
    /// How the reader stands before it.
    pub entering: Entering,
    /// The code as it came in.
    pub code: String,
    /// Where to go then.
    pub next: String,
}
