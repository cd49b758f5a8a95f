//! Samples of printed cards.

use crate::core::ids::{PersonId, PublicKey};
use crate::http::i18n::Lang;
use crate::http::pages::cards::{CardPage, CardPerson, CardsPage, Held};
use crate::http::pages::samples::{chrome, chrome_by_card, chrome_of_clerk, pick, place};

impl CardPage {
    /// As it comes, before the script.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), next: "/tasks".to_owned() }
    }
}

impl CardPage {
    /// As somebody comes upon it whose card is in use here.
    #[must_use]
    pub fn sample_in_use(lang: Lang) -> Self {
        Self { c: chrome_by_card(lang), next: "/tasks".to_owned() }
    }
}

impl CardsPage {
    /// Somebody for each thing that one may hold.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let person = |n: u8, zh: &str, en: &str, no: Option<u32>, held: Held| CardPerson {
            id: PersonId::from_bytes([n; 16]),
            name: pick(lang, zh, en),
            no,
            held,
        };
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            people: vec![
                person(1, "钟丽华", "Zhong Lihua", Some(1), Held::InUse(PublicKey([0x3f; 32]))),
                person(2, "吴根土", "Wu Gentu", Some(2), Held::Nothing),
                person(3, "蓝秀英", "Lan Xiuying", Some(3), Held::Made),
                person(4, "季伟", "Ji Wei", Some(4), Held::Answered),
                person(5, "雷建明", "Lei Jianming", None, Held::Spent),
            ],
            action: "/v/331102206201/cards".to_owned(),
        }
    }
}
