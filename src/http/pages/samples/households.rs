//! Samples of linked households.

use ulid::Ulid;

use crate::app::households::{Sums, What};
use crate::http::i18n::Lang;
use crate::http::pages::households::{Chosen, HomeRow, HouseholdsPage, KeeperRow, Noting};
use crate::http::pages::samples::{chrome_of_clerk, date, matter_id, pick, place};

fn home(lang: Lang, n: u128, zh: &str, en: &str, asked: bool) -> HomeRow {
    HomeRow {
        id: Ulid(n),
        label: pick(lang, zh, en),
        group: (n < 3).then_some(2),
        asked: asked.then(|| date("2026-11-18")),
        told: None,
        counts: true,
    }
}

impl HouseholdsPage {
    /// A representative who has asked one of three.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let title = pick(lang, "茶厂房屋出租", "Letting the old tea factory");
        let noting = |what, until: Option<&str>| Noting {
            what,
            days: (date("2026-10-01"), date("2026-11-20")),
            until: until.map(|day| date(day).start()),
        };
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            own: Some(vec![
                home(lang, 1, "12号 吴根土家", "No. 12, Wu Gentu", true),
                home(lang, 2, "14号 蓝家", "No. 14, Lan", false),
                home(lang, 3, "桥头 雷家", "By the bridge, Lei", false),
            ]),
            keepers: None,
            matters: vec![(matter_id(1), title.clone())],
            chosen: Some(Chosen {
                id: matter_id(1),
                title,
                notings: vec![noting(What::Asked, None), noting(What::Told, Some("2026-11-27"))],
                all: Sums { homes: 60, asked: 41, told: 38 },
                visits: None,
            }),
            edits: None,
            wrong: None,
            typed: String::new(),
        }
    }

    /// One of them is to be renamed or taken off, and something was wrong.
    #[must_use]
    pub fn sample_edit(lang: Lang) -> Self {
        let wrong = Some(lang.t("invalid-household-long").to_string());
        Self { edits: Some(Ulid(2)), wrong, ..Self::sample(lang) }
    }

    /// A new representative, before any matter.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { own: Some(Vec::new()), matters: Vec::new(), chosen: None, ..Self::sample(lang) }
    }

    /// The clerk: numbers only.
    #[must_use]
    pub fn sample_watch(lang: Lang) -> Self {
        let keeper = |zh: &str, en: &str, homes, asked, told| KeeperRow {
            name: pick(lang, zh, en),
            sums: Sums { homes, asked, told },
        };
        let mut page = Self::sample(lang);
        page.own = None;
        page.keepers =
            Some(vec![keeper("雷建明", "Lei Jianming", 12, 12, 9), keeper("钟丽华", "Zhong Lihua", 0, 0, 0)]);
        let visits = Some("/v/331102206201/do/visits.recorded?role=clerk&households=41".to_owned());
        page.chosen = page.chosen.map(|chosen| Chosen { visits, ..chosen });
        page
    }
}
