//! What was sent to other programs, and how that went: for the district's administrator.

use askama::Template;

use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Place, Tone};

/// The log of deliveries.
#[derive(Template, Debug, Clone)]
#[template(path = "deliveries.html")]
pub struct DeliveriesPage {
    /// Frame.
    pub c: Chrome,
    /// To whom steps are sent.
    pub endpoints: Vec<EndpointLine>,
    /// Messages, the newest first.
    pub messages: Vec<DeliveryLine>,
    /// Address of the next page.
    pub next: Option<String>,
}

/// To whom steps are sent.
#[derive(Debug, Clone)]
pub struct EndpointLine {
    /// Its name in the settings.
    pub name: String,
    /// Scheme, host and port of its address.
    pub host: String,
    /// Codes of the kinds that it is told; none: all.
    pub kinds: Vec<String>,
    /// What codes of its villages begin with.
    pub place: String,
    /// Public keys by which it checks what it gets.
    pub keys: Vec<String>,
}

/// How a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken(Time),
    /// It is to be tried then.
    Waits(Time),
    /// It is not tried any more.
    GivenUp,
}

impl Sent {
    /// Its word in text keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Waits(_) => "waits",
            Self::GivenUp => "given-up",
        }
    }

    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Taken(_) => Tone::Still,
            Self::Waits(_) => Tone::Now,
            Self::GivenUp => Tone::Against,
        }
    }

    /// When it was taken, or is tried next.
    #[must_use]
    pub fn at(self) -> Option<Time> {
        match self {
            Self::Taken(at) | Self::Waits(at) => Some(at),
            Self::GivenUp => None,
        }
    }
}

/// One message.
#[derive(Debug, Clone)]
pub struct DeliveryLine {
    /// Name of the endpoint; of a person only by which way.
    pub endpoint: String,
    /// Village of the entry.
    pub place: Place,
    /// Index of the entry.
    pub seq: u64,
    /// Kind of the entry, or of what is to be done.
    pub kind: String,
    /// Whether it is to be done.
    pub to_do: bool,
    /// When it was put down to be sent.
    pub made: Time,
    /// How it stands.
    pub sent: Sent,
    /// How often it was tried.
    pub attempts: u64,
    /// The status that was answered last.
    pub status: Option<String>,
    /// Whether the last try had no answer.
    pub unreached: bool,
    /// Whether it can be sent again.
    pub again: bool,
}
