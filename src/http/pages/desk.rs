//! An official's desk: what in the records deserves a look, over all villages.

use askama::Template;

use crate::core::clock::Time;
use crate::core::model::Role;
use crate::core::warnings::{Grade, Rule, Standing};
use crate::http::address::query_value;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Place, Tone, Who};

impl Grade {
    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Notice => Tone::Still,
            Self::Serious => Tone::Now,
            Self::Grave => Tone::Against,
        }
    }
}

/// Warnings, for township officials, inspectors and the district.
#[derive(Template, Debug, Clone)]
#[template(path = "desk.html")]
pub struct DeskPage {
    /// Frame.
    pub c: Chrome,
    /// How much the tables held of the reader's villages when it was made.
    pub known: u64,
    /// What needs a look before all warnings.
    pub watch: Vec<WatchLine>,
    /// How many stand, by rule.
    pub counted: Vec<(Rule, u64)>,
    /// The rule that is shown alone.
    pub rule: Option<Rule>,
    /// The gravest and oldest first.
    pub warnings: Vec<WarningLine>,
    /// Address of the next page.
    pub next: Option<String>,
}

/// A witness that is silent, or a record that may not be what it was: no rule of one village's, and for who watches over the district.
#[derive(Debug, Clone)]
pub struct WatchLine {
    /// What it is.
    pub title: String,
    /// What is known of it.
    pub say: String,
    /// What is behind it.
    pub href: String,
    /// How that is called.
    pub go: String,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct WarningLine {
    /// By which rule.
    pub rule: Rule,
    /// How much it weighs.
    pub grade: Grade,
    /// Whose it is now, and next.
    pub standing: Standing,
    /// Its name.
    pub name: String,
    /// What was noted about it last.
    pub note: Option<NoteLine>,
    /// Days that had to pass before it stood.
    pub days: u16,
    /// The village.
    pub place: Place,
    /// Title of the matter it is about.
    pub title: Option<String>,
    /// Page of the matter, the session or the village.
    pub href: String,
    /// Where else its picture stands.
    pub again: Option<AgainLine>,
    /// From when on it stands.
    pub since: Time,
    /// The entries behind it.
    pub entries: Vec<u64>,
    /// How many, or an amount of money.
    pub number: String,
    /// Of how many, or of which amount.
    pub whole: String,
}

/// Another matter in which a picture stands, or one nearly the same.
#[derive(Debug, Clone)]
pub struct AgainLine {
    /// Its village.
    pub place: Place,
    /// Its title.
    pub title: Option<String>,
    /// Its page.
    pub href: String,
    /// The entry that names the picture there.
    pub seq: u64,
    /// The pages of both pictures, this matter's first; none where the reader may not see both.
    pub pictures: Vec<String>,
}

/// What an official noted.
#[derive(Debug, Clone)]
pub struct NoteLine {
    /// When.
    pub at: Time,
    /// Who.
    pub who: Who,
    /// What was found or done.
    pub words: String,
}

impl WarningLine {
    /// What it says, as a sentence.
    #[must_use]
    pub fn says(&self, c: &Chrome) -> String {
        let say = c.named("warning-say", self.rule.code()).with("n", self.number.as_str());
        say.with("of", self.whole.as_str()).with("days", self.days).to_string()
    }

    /// What it is known by on the page.
    fn key(&self) -> String {
        format!("{}/{}", self.place.code, self.name)
    }

    /// Where a reminder of it is printed.
    fn reminder(&self) -> String {
        format!("/v/{}/warnings/reminder/file?warning={}", self.place.code, query_value(&self.name))
    }
}

impl DeskPage {
    /// How many stand in all.
    fn all(&self) -> u64 {
        self.counted.iter().map(|(_, many)| many).sum()
    }

    /// Whether the reader sees to what is sent to other programs.
    fn administers(&self) -> bool {
        self.c.person.as_ref().is_some_and(|person| person.role == Role::DistrictAdmin.code())
    }

    fn is_shown(&self, rule: &Rule) -> bool {
        self.rule == Some(*rule)
    }
}
