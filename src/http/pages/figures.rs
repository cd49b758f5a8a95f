//! Figures (公开数据): what the records of a place amount to over a time, each number with the way to the matters behind it.

use askama::Template;

use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;

/// A number in words, and the list of what is behind it; no way where there is nothing.
#[derive(Debug, Clone, Default)]
pub struct Num {
    /// The number as it is written.
    pub words: String,
    /// Address of the list.
    pub href: Option<String>,
}

/// A number with what it is, and how much of the largest one beside it.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// The number.
    pub num: Num,
    /// Its length, 0 to 100.
    pub share: u64,
}

/// How long matters stood at a stage.
#[derive(Debug, Clone)]
pub struct DaysRow {
    /// The stage.
    pub stage: String,
    /// How many left it.
    pub left: Num,
    /// Half of them took no longer.
    pub median: String,
    /// The longest, with the way to that matter.
    pub slowest: Num,
}

/// A row of a table: what it is about, with its own page of figures, its numbers, and how much of the largest.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is about.
    pub label: String,
    /// Where more of it is told.
    pub href: Option<String>,
    /// Its numbers, one under each head.
    pub nums: Vec<Num>,
    /// Length of its bar, 0 to 100.
    pub share: u64,
    /// How dark its tile is, 0 to 4.
    pub level: u64,
}

/// Something that can be chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Value in the address.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The form by which figures are chosen.
#[derive(Debug, Clone, Default)]
pub struct Choosing {
    /// Digits of the place.
    pub place: String,
    /// Whether anything but the place is chosen: then the form lies open.
    pub chosen: bool,
    /// Periods.
    pub periods: Vec<Choice>,
    /// First month, where months are chosen.
    pub from: String,
    /// Last month, where months are chosen.
    pub to: String,
    /// Categories.
    pub categories: Vec<Choice>,
    /// Bodies.
    pub bodies: Vec<Choice>,
}

/// Addresses of the same figures as files.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// As CSV.
    pub csv: String,
    /// As a spreadsheet.
    pub xlsx: String,
    /// As a report on paper.
    pub report: Option<String>,
}

/// Figures of a place.
#[derive(Template, Debug, Clone)]
#[template(path = "figures.html")]
pub struct FiguresPage {
    /// Frame.
    pub c: Chrome,
    /// Name of the place.
    pub name: String,
    /// Larger places: address of their figures and name.
    pub around: Vec<(String, String)>,
    /// The place's own page.
    pub own: String,
    /// Address of these very figures.
    pub link: String,
    /// The time, in words.
    pub period: String,
    /// The form.
    pub choosing: Choosing,
    /// Large numbers at the top: opened, under way, ended.
    pub first: Vec<Bar>,
    /// Matters by where they stand now.
    pub funnel: Vec<Bar>,
    /// Days by stage.
    pub days: Vec<DaysRow>,
    /// How many came to votes and voted.
    pub votes: Vec<Bar>,
    /// By which way ballots came.
    pub ways: Vec<Bar>,
    /// Heads of the table of outcomes.
    pub outcome_heads: Vec<String>,
    /// Outcomes and amounts by category.
    pub categories: Vec<Row>,
    /// Amounts, returns and withdrawals.
    pub money: Vec<Bar>,
    /// What the place is divided into: `provinces`, `prefectures`, `districts`, `townships`, `villages` or, undivided, `village`.
    pub step: &'static str,
    /// Heads of the table of places.
    pub part_heads: Vec<String>,
    /// These places.
    pub parts: Vec<Row>,
    /// The same as files.
    pub files: Files,
}

/// What is behind a figure.
#[derive(Template, Debug, Clone)]
#[template(path = "figures_list.html")]
pub struct FiguresListPage {
    /// Frame.
    pub c: Chrome,
    /// What is counted.
    pub title: String,
    /// Name of the place.
    pub name: String,
    /// The time, in words.
    pub period: String,
    /// Category and body, in words, where one is chosen.
    pub chosen: Vec<String>,
    /// Address of the figures.
    pub back: String,
    /// By village and entry.
    pub lines: Vec<ListLine>,
    /// Address of the next page.
    pub next: Option<String>,
    /// The same as files.
    pub files: Files,
}

/// A matter in such a list.
#[derive(Debug, Clone)]
pub struct ListLine {
    /// Name of the village.
    pub village: String,
    /// Its title; none where not everyone may read it.
    pub title: Option<String>,
    /// Page of the matter, or of the session for votes.
    pub href: String,
    /// Category code.
    pub category: String,
    /// When.
    pub at: Time,
    /// Where the entry stands in the record.
    pub entry: String,
    /// Its number there.
    pub seq: u64,
    /// Days, an amount, members: as far as it has a number.
    pub value: String,
}

impl FiguresPage {
    /// Whether nothing was counted.
    fn is_empty(&self) -> bool {
        self.first.iter().all(|bar| bar.num.href.is_none()) && self.votes.is_empty()
    }
}
