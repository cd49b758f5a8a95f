//! Papers counted by two, each on the own device (双人计票).

use askama::Template;

use crate::app::counting::Invalid;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, SessionId};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Place, Who};

/// Where a teller enters what was found in the box.
#[derive(Template, Debug, Clone)]
#[template(path = "count.html")]
pub struct CountPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub session: SessionId,
    /// The matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// The words of the question.
    pub question: String,
    /// Code of the role in which the reader counts.
    pub role: String,
    /// Name and role of the other who counts.
    pub other: Who,
    /// Papers that were handed out.
    pub issued: u64,
    /// Of these, at home; their box is put into that of the hall first.
    pub visited: u64,
    /// Members at home whom the mobile box is not on record to have been with.
    pub missed: u64,
    /// Whether the papers are counted a second time.
    pub again: bool,
    /// Most papers that a field takes.
    pub most: u32,
    /// Where the form is sent.
    pub action: String,
    /// What is wrong with what was sent: text keys.
    pub errors: Vec<&'static str>,
    /// What can be entered: the box, each option, each reason.
    pub rows: Vec<CountRow>,
    /// Where papers are named, those who were handed one, by number.
    pub named: Option<Vec<NamedRow>>,
    /// Where the boxes of these ballots are, as JSON for reading photographs; nothing where none are taken.
    pub layouts: Option<String>,
    /// What can be chosen: codes, with the question's own words.
    pub options: Vec<(String, Option<String>)>,
    /// Where the two stand.
    pub stage: Stage,
}

/// A number that is entered.
#[derive(Debug, Clone)]
pub struct CountRow {
    /// What kind of number.
    pub sort: Sort,
    /// Code of the option or reason; `in_box` for the box.
    pub code: String,
    /// The question's own words for an option.
    pub label: Option<String>,
    /// What the reader entered last.
    pub own: Option<u32>,
    /// What the other entered last; nothing before both have entered.
    pub others: Option<u32>,
}

/// A voter who was handed a named paper, and what stands on it.
#[derive(Debug, Clone)]
pub struct NamedRow {
    /// Roster number.
    pub voter: u32,
    /// Name.
    pub name: Option<String>,
    /// Code of the choice that the reader entered last; nothing where there is no such paper.
    pub own: Option<String>,
    /// Code that the other entered last; nothing before both have entered.
    pub others: Option<String>,
    /// Whether both have entered.
    pub compared: bool,
}

impl NamedRow {
    /// The field's name.
    #[must_use]
    pub fn field(&self) -> String {
        format!("row.{}", self.voter)
    }

    /// Whether the two entered different choices.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.compared && self.own != self.others
    }

    /// Whether the reader entered this option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.own.as_deref() == Some(option)
    }
}

impl CountPage {
    /// The words for an option; for none, that there is no such paper.
    #[must_use]
    pub fn choice(&self, option: Option<&String>) -> String {
        let Some(option) = option else { return self.c.t("count-row-none").to_string() };
        let own = self.options.iter().find(|(code, _)| code == option).and_then(|(_, label)| label.clone());
        own.unwrap_or_else(|| self.c.named("option", option).to_string())
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Papers in the box.
    Box,
    /// Papers for an option.
    Option,
    /// Invalid papers of one reason.
    Invalid,
}

impl CountRow {
    /// The field's name.
    #[must_use]
    pub fn field(&self) -> String {
        match self.sort {
            Sort::Box => self.code.clone(),
            Sort::Option => format!("counts.{}", self.code),
            Sort::Invalid => format!("invalid.{}", self.code),
        }
    }

    /// Whether it is counted where papers are named, or where they are secret.
    #[must_use]
    pub fn is_of(&self, named: bool) -> bool {
        self.sort != Sort::Invalid || self.code.parse().is_ok_and(|why: Invalid| why.is_of(named))
    }

    /// Its words.
    #[must_use]
    pub fn words(&self, c: &Chrome) -> String {
        match (&self.label, self.sort) {
            (Some(label), _) => label.clone(),
            (None, Sort::Box) => c.t("count-in-box").to_string(),
            (None, Sort::Option) => c.named("option", &self.code).to_string(),
            (None, Sort::Invalid) => c.named("count-invalid", &self.code).to_string(),
        }
    }

    /// What stands in the field.
    #[must_use]
    pub fn typed(&self) -> String {
        self.own.map(|number| number.to_string()).unwrap_or_default()
    }

    /// Whether the two entered different numbers.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.others.is_some() && self.own != self.others
    }
}

/// Where the two tellers stand.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Nothing is to be counted now: text key `count-shut-<code>`.
    Shut(&'static str),
    /// The reader has entered nothing yet.
    Enter,
    /// The reader has; the other has not.
    Sent(Time),
    /// Both have, and the figures differ.
    Differ(Vec<Change>),
    /// Both entered the same.
    Agree(Box<Agreed>),
}

impl Stage {
    /// What both entered, where it is the same.
    #[must_use]
    pub fn agreed(&self) -> Option<&Agreed> {
        if let Self::Agree(agreed) = self { Some(agreed) } else { None }
    }

    /// Every change so far, where the reader may know.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        match self {
            Self::Differ(changes) => changes,
            Self::Agree(agreed) => &agreed.changes,
            Self::Shut(_) | Self::Enter | Self::Sent(_) => &[],
        }
    }
}

/// Figures that agree, to be signed.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// Where the statement is made of them.
    pub draft: String,
    /// The statement that waits already, and whether for the reader.
    pub waiting: Option<(String, bool)>,
    /// Who could sign beside the two, where a third must.
    pub thirds: Vec<(PersonId, String)>,
    /// More papers in the box than were handed out.
    pub excess: bool,
    /// Every change so far.
    pub changes: Vec<Change>,
}

/// What somebody entered, one time.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who.
    pub who: Who,
    /// When.
    pub at: Time,
    /// The numbers, in the order of the page's rows.
    pub numbers: Vec<u32>,
}
