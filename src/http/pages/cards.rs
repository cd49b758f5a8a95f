//! Printed cards with a PIN: the clerk's page, and the page of who holds one.

use askama::Template;

use crate::core::ids::{PersonId, PublicKey};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// What a person holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// No card.
    Nothing,
    /// One that was made and whose PIN was not chosen yet.
    Made,
    /// One whose holder has chosen a PIN: its key waits to be enrolled.
    Answered,
    /// One whose key is on record.
    InUse(PublicKey),
    /// One that was tried too often.
    Spent,
}

impl Held {
    /// The word that texts are found by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Made => "made",
            Self::Answered => "answered",
            Self::InUse(_) => "in-use",
            Self::Spent => "spent",
        }
    }

    /// The first eight bytes of the key in use, in groups, for two people to compare by eye.
    #[must_use]
    pub fn fingerprint(self) -> Option<String> {
        let Self::InUse(key) = self else { return None };
        let text = key.to_string();
        Some((0..4).map(|group| &text[4 * group..4 * group + 4]).collect::<Vec<_>>().join(" "))
    }

    /// Whether a card has to be revoked before another one takes its place.
    #[must_use]
    pub fn is_enrolled(self) -> bool {
        matches!(self, Self::InUse(_) | Self::Spent)
    }
}

/// A person for whom a card can be made.
#[derive(Debug, Clone)]
pub struct CardPerson {
    /// Id.
    pub id: PersonId,
    /// Name.
    pub name: String,
    /// Number on the assembly's next roster.
    pub no: Option<u32>,
    /// What the person holds.
    pub held: Held,
}

/// The clerk's side: choose people, make and print cards, enrol what their holders answered.
#[derive(Template, Debug, Clone)]
#[template(path = "cards.html")]
pub struct CardsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// People of the village: those on the roster by number, then the others by name.
    pub people: Vec<CardPerson>,
    /// Where the form is posted: the server drafts `keys.enrolled`.
    pub action: String,
}

/// The holder's side: card and PIN, to log in or to begin with.
#[derive(Template, Debug, Clone)]
#[template(path = "card.html")]
pub struct CardPage {
    /// Frame.
    pub c: Chrome,
    /// Where a log-in leads.
    pub next: String,
}
