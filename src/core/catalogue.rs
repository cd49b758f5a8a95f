//! The catalogue of a district as data: what is only disclosed below which amount, which papers a filing needs, topics for
//! orientation, and how often a village discloses its affairs and its money. A district changes data, never code.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::core::clock::Date;
use crate::core::model::{Category, PaperCode, codes};

/// What members must decide themselves whatever it is worth: land contracting, homesteads, land compensation (Rural Collective
/// Economic Organisations Law art. 26).
const ALWAYS_VOTED: &[Category] = &[Category::M05, Category::M07, Category::M08];
/// Longest title of a paper or topic, in characters.
const LONGEST_TITLE: usize = 30;
/// Most papers of one category.
pub const MOST_PAPERS: usize = 12;
/// Most topics of one category.
const MOST_TOPICS: usize = 20;
/// Longest time between two disclosures, in months.
const MOST_MONTHS: u8 = 12;
/// Longest time that a disclosure may take, in days.
const MOST_DAYS: u16 = 92;

codes!(
    /// What a village discloses again and again (村务公开、财务公开).
    Subject {
        /// 村务
        Affairs = "affairs",
        /// 财务
        Finances = "finances",
    }
);

/// A paper that a filing needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperKind {
    /// Names it in statements.
    pub code: PaperCode,
    /// What people call it.
    pub title: String,
}

/// What holds for one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The category.
    pub category: Category,
    /// Below this amount, in fen, disclosure is enough. Absent where everything goes to a ballot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclose_below_fen: Option<u64>,
    /// Papers that a filing needs, in the order in which they are handed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<PaperKind>,
    /// What such matters are about, for orientation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
}

/// How often a village discloses, and how soon after each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    /// Months of a period of ordinary affairs.
    pub affairs_months: u8,
    /// Months of a period of the accounts.
    pub finances_months: u8,
    /// Days after the end of a period.
    pub within_days: u16,
}

impl Rhythm {
    /// Months of a period.
    #[must_use]
    pub fn months(self, subject: Subject) -> u8 {
        match subject {
            Subject::Affairs => self.affairs_months,
            Subject::Finances => self.finances_months,
        }
    }

    /// The last day of the period that begins on `from`, and the day by which it is to be disclosed.
    #[must_use]
    pub fn period(self, subject: Subject, from: Date) -> (Date, Date) {
        let ends = from.plus_months(self.months(subject)).plus_days(-1);
        (ends, ends.plus_days(i32::from(self.within_days)))
    }
}

/// A catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Rises with each change.
    pub version: u32,
    /// Where it comes from: the district's document.
    pub citation: String,
    /// First day in force.
    pub effective: Date,
    /// How often a village discloses. Absent where the district sets no such terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<Rhythm>,
    /// By category, each at most once.
    pub entries: Vec<Entry>,
}

impl Catalogue {
    /// What it says of a category.
    #[must_use]
    pub fn entry(&self, category: Category) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.category == category)
    }

    /// Whether it makes sense: texts of a fit length, entries in order of category, codes and topics each once.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        let rising = self.entries.windows(2).all(|pair| pair[0].category < pair[1].category);
        let months = |months: u8| (1..=MOST_MONTHS).contains(&months);
        let rhythm = self.rhythm.is_none_or(|rhythm| {
            months(rhythm.affairs_months) && months(rhythm.finances_months) && rhythm.within_days <= MOST_DAYS
        });
        let citation = (1..=300).contains(&self.citation.chars().count());
        citation && rising && rhythm && !self.entries.is_empty() && self.entries.iter().all(Entry::is_sane)
    }
}

impl Entry {
    fn is_sane(&self) -> bool {
        let fits = |title: &String| (1..=LONGEST_TITLE).contains(&title.chars().count());
        let codes: BTreeSet<&PaperCode> = self.papers.iter().map(|paper| &paper.code).collect();
        let topics: BTreeSet<&String> = self.topics.iter().collect();
        let voted = self.disclose_below_fen.is_none() || !ALWAYS_VOTED.contains(&self.category);
        voted
            && self.disclose_below_fen != Some(0)
            && self.papers.len() <= MOST_PAPERS
            && self.topics.len() <= MOST_TOPICS
            && codes.len() == self.papers.len()
            && topics.len() == self.topics.len()
            && self.papers.iter().map(|paper| &paper.title).chain(&self.topics).all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, Rhythm, Subject};

    fn catalogue(with: impl FnOnce(&mut serde_json::Value)) -> Catalogue {
        let mut value = serde_json::json!({
            "version": 1, "citation": "district 2026 no. 1", "effective": "2026-01-01",
            "rhythm": {"affairs_months": 3, "finances_months": 1, "within_days": 15},
            "entries": [
                {"category": "M02", "disclose_below_fen": 500_000, "papers": [{"code": "budget", "title": "预算表"}]},
                {"category": "M06", "topics": ["鱼塘", "山林"]},
            ],
        });
        with(&mut value);
        serde_json::from_value(value).expect("a catalogue")
    }

    #[test]
    fn what_makes_no_sense_is_found() {
        assert!(catalogue(|_| {}).is_sane());
        let long = "题".repeat(31);
        let broken: [&dyn Fn(&mut serde_json::Value); 12] = [
            &|v| v["citation"] = "".into(),
            &|v| v["entries"] = serde_json::json!([]),
            &|v| v["entries"][1]["category"] = "M02".into(),
            &|v| v["entries"][1]["category"] = "M01".into(),
            &|v| v["entries"][0]["disclose_below_fen"] = 0.into(),
            &|v| v["entries"][0]["category"] = "M05".into(),
            &|v| v["entries"][0]["papers"][0]["title"] = "".into(),
            &|v| v["entries"][0]["papers"][0]["title"] = long.as_str().into(),
            &|v| {
                v["entries"][0]["papers"] =
                    serde_json::json!([{"code": "a", "title": "x"}, {"code": "a", "title": "y"}]);
            },
            &|v| v["entries"][1]["topics"][1] = "鱼塘".into(),
            &|v| v["rhythm"]["finances_months"] = 0.into(),
            &|v| v["rhythm"]["within_days"] = 93.into(),
        ];
        for (nth, break_it) in broken.iter().enumerate() {
            assert!(!catalogue(|value| break_it(value)).is_sane(), "{nth}");
        }
    }

    #[test]
    fn a_period_ends_with_its_last_month() {
        let rhythm = Rhythm { affairs_months: 3, finances_months: 1, within_days: 15 };
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(rhythm.period(Subject::Finances, day("2026-10-01")), (day("2026-10-31"), day("2026-11-15")));
        assert_eq!(rhythm.period(Subject::Affairs, day("2026-12-01")), (day("2027-02-28"), day("2027-03-15")));
        assert_eq!(rhythm.period(Subject::Finances, day("2026-01-31")), (day("2026-02-27"), day("2026-03-14")));
    }
}
