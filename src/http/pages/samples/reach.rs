//! How somebody is told things: nothing yet, an address that waits for its code, all ways on, a browser that others use, none offered.

use crate::http::i18n::Lang;
use crate::http::pages::reach::{Choice, Push, ReachPage, ReachStopPage, Way};
use crate::http::pages::samples::{chrome, chrome_by_card, chrome_of_clerk, time};

impl ReachPage {
    /// Mail is on, a phone number waits for its code, one browser is on.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let contact = "0f".repeat(16);
        Self {
            c: chrome_of_clerk(lang),
            ways: vec![
                Way { code: "email", counts: Some((contact.clone(), "m***@mail.example".to_owned())), waits: None },
                Way { code: "sms", counts: None, waits: Some(("138****0000".to_owned(), time("2026-11-20", 20, 41))) },
            ],
            push: Some(Push {
                key: "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
                    .to_owned(),
                devices: vec![(contact, "push.example".to_owned(), time("2026-11-18", 9, 5))],
                own: true,
            }),
            choice: Choice { tasks: true, ballots: true, steps: false, from: 21 * 60, until: 7 * 60 },
            on: true,
            done: Some("chosen".to_owned()),
            wrong: None,
        }
    }

    /// Nothing is on; a number was mistyped.
    #[must_use]
    pub fn sample_first(lang: Lang) -> Self {
        let why = lang.t("invalid-sms").to_string();
        let way = |code| Way { code, counts: None, waits: None };
        let push = Self::sample(lang).push.map(|push| Push { devices: Vec::new(), ..push });
        Self {
            ways: vec![way("email"), way("sms")],
            push,
            on: false,
            done: None,
            wrong: Some(("sms".to_owned(), why)),
            ..Self::sample(lang)
        }
    }

    /// Who logged in by a card.
    #[must_use]
    pub fn sample_card(lang: Lang) -> Self {
        let first = Self::sample_first(lang);
        let push = first.push.map(|push| Push { own: false, ..push });
        Self { c: chrome_by_card(lang), push, wrong: None, ..Self::sample_first(lang) }
    }

    /// The district offers no way.
    #[must_use]
    pub fn sample_none(lang: Lang) -> Self {
        Self { ways: Vec::new(), push: None, on: false, done: None, ..Self::sample(lang) }
    }
}

impl ReachStopPage {
    /// Before the button.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), action: Some("/reach/stop/x".to_owned()) }
    }

    /// After it.
    #[must_use]
    pub fn sample_done(lang: Lang) -> Self {
        Self { c: chrome(lang), action: None }
    }
}
