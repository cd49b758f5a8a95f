//! What goes to a vote: with a district's catalogue, one subject disclosed and one late; and without one.

use crate::core::clock::Date;
use crate::core::model::Category;
use crate::http::i18n::Lang;
use crate::http::pages::catalogue::{CataloguePage, CategoryLine, DisclosureLine, Source};
use crate::http::pages::samples::{chrome, place, time};

fn day(text: &str) -> Date {
    time(text, 9, 0).date()
}

impl CataloguePage {
    /// Two categories with what the catalogue says of them.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let none = Self::sample_none(lang);
        let source =
            Source {
                citation: "莲都区村级事项目录".to_owned(), version: 2, effective: day("2026-07-01"), seq: 14
            };
        let finances = DisclosureLine {
            subject: "finances",
            months: 1,
            within: 15,
            last: Some((day("2026-09-30"), 612)),
            until: day("2026-10-31"),
            due: day("2026-11-15"),
            late: true,
        };
        let affairs = DisclosureLine {
            subject: "affairs",
            months: 3,
            last: None,
            until: day("2026-12-31"),
            due: day("2027-01-15"),
            late: false,
            ..finances.clone()
        };
        let mut categories = none.categories.clone();
        if let [_, works, ..] = categories.as_mut_slice() {
            works.below = Some(500_000);
            works.papers = vec!["工程预算".to_owned(), "资金来源说明".to_owned()];
            works.topics = vec!["村内道路".to_owned(), "饮水".to_owned(), "路灯".to_owned()];
        }
        Self { source: Some(source), disclosures: vec![affairs, finances], categories, ..none }
    }

    /// A district that adopted no catalogue.
    #[must_use]
    pub fn sample_none(lang: Lang) -> Self {
        let line = |category: &Category| CategoryLine {
            code: category.code().to_lowercase(),
            bodies: vec!["representative_assembly".to_owned(), "villagers_assembly".to_owned()],
            below: None,
            papers: Vec::new(),
            topics: Vec::new(),
        };
        let categories = Category::ALL.iter().map(line).collect();
        Self { c: chrome(lang), place: place(lang), source: None, disclosures: Vec::new(), categories }
    }
}
