//! Samples of a rehearsal's pages.

use crate::http::i18n::Lang;
use crate::http::pages::account::DemoPage;
use crate::http::pages::chrome::{Chrome, Play};
use crate::http::pages::rehearsal::{EnterPage, Entering, RehearsalPage, Standing, Tried, Within};
use crate::http::pages::samples::public::QR_SAMPLE;
use crate::http::pages::samples::{chrome, chrome_of_clerk, place, session_id, time};

fn rehearsed(lang: Lang) -> Chrome {
    Chrome { play: Some(Play::Rehearsal), ..chrome(lang) }
}

impl DemoPage {
    /// Parts of a rehearsal, as who leads it sees them.
    #[must_use]
    pub fn sample_rehearsal(lang: Lang) -> Self {
        let c = Chrome { play: Some(Play::Rehearsal), ..chrome_of_clerk(lang) };
        Self { c, officials: Vec::new(), leads: true, ..Self::sample(lang) }
    }
}

impl RehearsalPage {
    /// One that runs, in which some parts were tried.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let parts = ["card", "door", "phone", "terminal", "vote", "phone-ballot", "paper", "paper-count", "minutes"];
        let tried = parts.iter().zip(0..).map(|(part, nth)| Tried { part: (*part).to_owned(), done: nth < 5 });
        let standing = Standing::Running(Within {
            address: "https://rehearsal.example".to_owned(),
            code: "7KQ4-M2XP".to_owned(),
            link: "https://rehearsal.example/enter?code=7KQ4-M2XP".to_owned(),
            qr_svg: QR_SAMPLE.to_owned(),
            until: time("2026-12-07", 22, 30),
            tried: tried.collect(),
        });
        Self { standing, ..Self::sample_ready(lang) }
    }

    /// One that can be made.
    #[must_use]
    pub fn sample_ready(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-12-09", 19, 0),
            standing: Standing::Ready,
        }
    }

    /// Of a session whose door is open.
    #[must_use]
    pub fn sample_begun(lang: Lang) -> Self {
        Self { standing: Standing::Begun, ..Self::sample_ready(lang) }
    }

    /// On a server without an address for rehearsals.
    #[must_use]
    pub fn sample_not_set(lang: Lang) -> Self {
        Self { standing: Standing::NotSet, ..Self::sample_ready(lang) }
    }
}

impl EnterPage {
    /// Somebody who has scanned the code.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: rehearsed(lang), entering: Entering::Asked, code: "7KQ4-M2XP".to_owned(), next: String::new() }
    }

    /// Somebody who has mistyped it.
    #[must_use]
    pub fn sample_wrong(lang: Lang) -> Self {
        Self { entering: Entering::Wrong, code: "7KQ4-M2XB".to_owned(), ..Self::sample(lang) }
    }

    /// Somebody who comes too late.
    #[must_use]
    pub fn sample_over(lang: Lang) -> Self {
        Self { entering: Entering::Over, code: String::new(), ..Self::sample(lang) }
    }
}
