//! Linked households: a representative's own list, and numbers for those who watch that households are asked.

use askama::Template;
use ulid::Ulid;

use crate::app::households::{LONGEST, MOST, MOST_GROUPS, Sums, What};
use crate::core::clock::{Date, Time};
use crate::core::ids::MatterId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// A household on the reader's own list.
#[derive(Debug, Clone)]
pub struct HomeRow {
    /// Its id.
    pub id: Ulid,
    /// What it is called.
    pub label: String,
    /// Villager group.
    pub group: Option<u64>,
    /// When it was asked about the chosen matter.
    pub asked: Option<Date>,
    /// When it was told of the result.
    pub told: Option<Date>,
    /// Whether it counts for the chosen matter.
    pub counts: bool,
}

impl HomeRow {
    fn day(&self, what: What) -> Option<Date> {
        match what {
            What::Asked => self.asked,
            What::Told => self.told,
        }
    }
}

/// One of two things that is noted about the chosen matter.
#[derive(Debug, Clone)]
pub struct Noting {
    /// Which.
    pub what: What,
    /// First and last day on which it can have been.
    pub days: (Date, Date),
    /// Until when households are to be told.
    pub until: Option<Time>,
}

impl Noting {
    fn left<'r>(&self, rows: &'r [HomeRow]) -> Vec<&'r HomeRow> {
        rows.iter().filter(|row| row.counts && row.day(self.what).is_none()).collect()
    }

    fn done<'r>(&self, rows: &'r [HomeRow]) -> Vec<(&'r HomeRow, Date)> {
        let counting = rows.iter().filter(|row| row.counts);
        counting.filter_map(|row| Some((row, row.day(self.what)?))).collect()
    }

    fn code(&self) -> &'static str {
        self.what.code()
    }
}

/// The matter that is looked at.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its id.
    pub id: MatterId,
    /// Its title.
    pub title: String,
    /// What can be noted of it now.
    pub notings: Vec<Noting>,
    /// Numbers of all representatives.
    pub all: Sums,
    /// Where opinions from visits are entered, for who may, with matter and number of households filled in.
    pub visits: Option<String>,
}

/// One representative in numbers.
#[derive(Debug, Clone)]
pub struct KeeperRow {
    /// Name.
    pub name: String,
    /// Numbers.
    pub sums: Sums,
}

/// The page. Labels are in [`Self::own`] alone, and that is the reader's own list.
#[derive(Template, Debug, Clone)]
#[template(path = "households.html")]
pub struct HouseholdsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The reader's own list; `None` for who is no representative.
    pub own: Option<Vec<HomeRow>>,
    /// Every representative in numbers, for those who watch.
    pub keepers: Option<Vec<KeeperRow>>,
    /// Matters that can be chosen: id, title.
    pub matters: Vec<(MatterId, String)>,
    /// The chosen one.
    pub chosen: Option<Chosen>,
    /// The household that is to be renamed or taken off.
    pub edits: Option<Ulid>,
    /// What is wrong with what was sent, in the reader's words.
    pub wrong: Option<String>,
    /// What was typed as new households, where it could not be kept.
    pub typed: String,
}

impl HouseholdsPage {
    fn action(&self) -> String {
        format!("/v/{}/households", self.place.code)
    }

    /// The page with the same matter.
    fn here(&self) -> String {
        let matter = self.chosen.as_ref().map(|chosen| format!("?matter={}", chosen.id));
        format!("{}{}", self.action(), matter.unwrap_or_default())
    }

    /// The page on which a household is renamed or taken off.
    fn edit(&self, row: &HomeRow) -> String {
        let here = self.here();
        let joint = if here.contains('?') { '&' } else { '?' };
        format!("{here}{joint}household={}#edit", row.id)
    }

    fn printed(&self) -> String {
        let matter = self.chosen.as_ref().map(|chosen| format!("?matter={}", chosen.id));
        format!("{}/file{}", self.action(), matter.unwrap_or_default())
    }

    fn edited(&self) -> Option<&HomeRow> {
        self.own.as_ref()?.iter().find(|row| Some(row.id) == self.edits)
    }

    fn longest(&self) -> usize {
        LONGEST
    }

    fn most(&self) -> usize {
        MOST
    }

    fn most_groups(&self) -> u64 {
        MOST_GROUPS
    }

    fn is_chosen(&self, id: &MatterId) -> bool {
        self.chosen.as_ref().is_some_and(|chosen| chosen.id == *id)
    }
}
