//! A township official's queue: a routine filing, one that was returned before and is late, and nothing.

use crate::http::i18n::Lang;
use crate::http::pages::filings::{FilingLine, FilingsPage};
use crate::http::pages::samples::{chrome, pick, place, time};

impl FilingsPage {
    /// Two filings, after one was prepared and one refused.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let village = place(lang);
        let lamps = FilingLine {
            name: format!("{}~1", village.code),
            kind: "filing.reviewed".to_owned(),
            title: pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights to the old camphor tree"),
            place: village.name.clone(),
            category: Some("m02".to_owned()),
            amount: Some(12_600_000),
            submitted: Some(time("2026-11-10", 9, 0)),
            notice: Some((time("2026-11-04", 9, 0), time("2026-11-10", 0, 0))),
            papers: vec!["工程预算".to_owned(), "资金来源说明".to_owned()],
            materials: 3,
            advised: Some(("file", pick(lang, "材料齐全。", "The papers are complete."))),
            returned: 0,
            waiting: 0,
            routine: true,
            due: Some(time("2026-11-18", 0, 0)),
            late: false,
            href: format!("/v/{}/do/filing.reviewed", village.code),
            matter: format!("/v/{}", village.code),
        };
        let road = FilingLine {
            title: pick(lang, "硬化村西机耕路", "Pave the western track"),
            papers: Vec::new(),
            advised: Some(("return", pick(lang, "预算缺签字。", "The budget is not signed."))),
            returned: 1,
            waiting: 2,
            routine: false,
            late: true,
            ..lamps.clone()
        };
        let why = pick(lang, "有一个问题还没有答复。", "A question waits for an answer.");
        Self { c: chrome(lang), refused: vec![(road.title.clone(), why)], lines: vec![road, lamps], prepared: 1 }
    }

    /// Nothing waits.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { c: chrome(lang), refused: Vec::new(), lines: Vec::new(), prepared: 0 }
    }
}
