//! Samples of the search in a village.

use crate::http::i18n::Lang;
use crate::http::pages::figures::Choice;
use crate::http::pages::find::{FindPage, Hit};
use crate::http::pages::parts::{Emblem, Outcome, Pager};
use crate::http::pages::samples::{chrome, date, matter_id, pick, place};

impl FindPage {
    /// A matter and its notice.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let choice = |value: &str, label: String, chosen| Choice { value: value.to_owned(), label, chosen };
        let plain = |zh: &str, en: &str| vec![(pick(lang, zh, en), false)];
        let mut title = plain("村口到老樟树安装太阳能", "Solar ");
        title.push((pick(lang, "路灯", "lights"), true));
        let matter = Hit {
            kind: "matter",
            title: title.clone(),
            href: format!("/v/{}/m/{}", place.code, matter_id(1)),
            day: date("2026-11-18"),
            emblem: Some(Emblem { stage: 5, outcome: Outcome::Underway }),
            around: Vec::new(),
        };
        let notice = Hit {
            kind: "plan",
            title: plain("硬化村西机耕路", "Pave the western track"),
            href: format!("/v/{}/notices/214", place.code),
            day: date("2026-10-12"),
            emblem: None,
            around: vec![
                (pick(lang, "……路面硬化800米，两侧", "… 800 m, and "), false),
                (pick(lang, "路灯", "lights"), true),
                (pick(lang, "移到水沟外……", " beyond the ditch …"), false),
            ],
        };
        Self {
            c: chrome(lang),
            query: pick(lang, "路灯", "lights"),
            categories: vec![
                choice("", lang.t("find-any-category").to_string(), false),
                choice("M02", lang.named("category-short", "M02").to_string(), true),
            ],
            stages: vec![
                choice("", lang.t("find-any-stage").to_string(), true),
                choice("5", lang.named("stage", "5").to_string(), false),
            ],
            asked: true,
            found: 42,
            hits: vec![matter, notice],
            pager: Pager::at(2, 3, |page| format!("/v/{}/search?q=x&page={page}", place.code)),
            place,
        }
    }

    /// Nothing found.
    #[must_use]
    pub fn sample_none(lang: Lang) -> Self {
        Self { found: 0, hits: Vec::new(), pager: Pager::default(), ..Self::sample(lang) }
    }

    /// Nothing asked for yet.
    #[must_use]
    pub fn sample_unasked(lang: Lang) -> Self {
        Self { asked: false, query: String::new(), ..Self::sample_none(lang) }
    }
}
