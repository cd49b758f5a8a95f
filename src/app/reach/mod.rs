//! Telling people things, by ways of their own: e-mail, Web Push, SMS. What waits for them, what their village is at, a date that is near,
//! an answer to what they asked. What the outbox has of it is an entry and a contact's random name.

pub mod contacts;
mod hear;
pub mod mail;
pub mod push;
mod send;
pub mod sms;

use std::sync::OnceLock;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::reach::mail::Mailer;
use crate::app::reach::push::Pusher;
use crate::app::reach::sms::Gateway;

pub use crate::app::reach::send::WAITS_MS;

/// A way to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// E-mail.
    Email,
    /// A message to a browser.
    Push,
    /// A text message.
    Sms,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Push, Self::Sms];

    /// Its code in tables, forms and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Push => "push",
            Self::Sms => "sms",
        }
    }

    /// The channel of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

/// Why somebody is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It waits for this person.
    Task,
    /// It waits, and the date is near.
    Near,
    /// It answers what this person asked.
    Answer,
    /// A step of the village.
    Step,
}

impl Reason {
    /// Its code in the outbox, before the kind; of a step there is none.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Near => "near",
            Self::Answer => "answer",
            Self::Step => "step",
        }
    }

    /// What the outbox says of a statement's kind.
    #[must_use]
    pub fn of(self, kind: &str) -> String {
        match self {
            Self::Step => kind.to_owned(),
            Self::Task | Self::Near | Self::Answer => format!("{}/{kind}", self.code()),
        }
    }

    /// Reads what the outbox says: why, and the kind.
    #[must_use]
    pub fn read(said: &str) -> (Self, &str) {
        let named = said.split_once('/').and_then(|(code, kind)| {
            let reason = [Self::Task, Self::Near, Self::Answer].into_iter().find(|reason| reason.code() == code)?;
            Some((reason, kind))
        });
        named.unwrap_or((Self::Step, said))
    }
}

/// One thing that somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Why.
    pub reason: Reason,
    /// Kind of the step, or of what is to be done.
    pub kind: String,
    /// Name of the village.
    pub place: String,
    /// Title of the matter, as everyone may read it.
    pub title: Option<String>,
    /// The page about it.
    pub link: String,
}

/// What somebody is told at one time.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Tag of the language.
    pub lang: &'a str,
    /// By which way.
    pub channel: Channel,
    /// The things, oldest first; at least one.
    pub news: &'a [News],
    /// The page on which they can be read.
    pub link: &'a str,
    /// Where what is sent is chosen.
    pub settings: &'a str,
    /// Where it can be stopped without log-in.
    pub stop: Option<&'a str>,
}

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its head: the subject of an e-mail, the title on a phone. A text message has none.
    pub subject: String,
    /// Its words.
    pub body: String,
}

/// Puts letters into words. The layer that has the texts does.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Of a letter.
    pub letter: fn(&Letter<'_>) -> Text,
    /// Of the code that shows whose an address is: language and code.
    pub code: fn(&str, &str) -> Text,
}

/// By which ways people are told things.
#[derive(Debug)]
pub struct Reach {
    /// E-mail, where there is a server for it.
    pub mail: Option<Mailer>,
    /// Web Push.
    pub push: Option<Pusher>,
    /// Text messages, where there is a gateway.
    pub sms: Option<Gateway>,
    /// What addresses of pages begin with.
    pub origin: String,
    /// Puts it into words.
    pub words: Words,
}

impl Reach {
    /// Whether a channel is offered.
    #[must_use]
    pub fn offers(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mail.is_some(),
            Channel::Push => self.push.is_some(),
            Channel::Sms => self.sms.is_some(),
        }
    }
}

/// The ways of a server, named once at its start.
#[derive(Debug, Default)]
pub(in crate::app) struct Ways(OnceLock<Reach>);

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It was taken, with this answer.
    Taken(String),
    /// Not now: it is tried again.
    Later(String),
    /// Never: it is not tried again.
    Never(String),
    /// Nobody is there any more.
    Gone(String),
}

impl Tried {
    /// What was answered.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Taken(words) | Self::Later(words) | Self::Never(words) | Self::Gone(words) => words,
        }
    }

    /// Of an HTTP status.
    #[must_use]
    pub fn of(status: u16) -> Self {
        let words = status.to_string();
        match status {
            200..300 => Self::Taken(words),
            404 | 410 => Self::Gone(words),
            _ => Self::Later(words),
        }
    }
}

impl App {
    /// Says by which ways people are told things, once, before anybody is.
    pub fn name_reach(&self, reach: Reach) {
        // A second one would be a fault of the program's start; the first holds.
        let _ = self.ways().0.set(reach);
    }

    /// By which ways people are told things, if by any.
    #[must_use]
    pub fn reach(&self) -> Option<&Reach> {
        self.ways().0.get().filter(|reach| Channel::ALL.into_iter().any(|channel| reach.offers(channel)))
    }

    /// Finds out who is to be told what, and sends what is due. Called once a second; how many letters were tried. Several servers may
    /// do it at the same time.
    ///
    /// # Errors
    /// The store's; what is left is done in the next round.
    pub async fn run_reach(&self) -> Result<usize, AppError> {
        self.hear_steps().await?;
        let Some(reach) = self.reach() else { return Ok(0) };
        self.remind().await?;
        self.send_to_people(reach).await
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn what_the_outbox_says_is_read_back() {
        for reason in [Reason::Task, Reason::Near, Reason::Answer, Reason::Step] {
            assert_eq!(Reason::read(&reason.of("plan.posted")), (reason, "plan.posted"));
        }
        assert_eq!(Reason::read("other/plan.posted"), (Reason::Step, "other/plan.posted"));
    }
}
