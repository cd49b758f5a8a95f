//! Samples of papers that are filled in by hand.

use crate::http::i18n::Lang;
use crate::http::pages::filled::{FilledPage, PaperGroup};
use crate::http::pages::printed::Printable;
use crate::http::pages::samples::{chrome_of_clerk, pick, place};

impl FilledPage {
    /// A matter in consultation and a session to come.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let print = |what, href: &str| Printable { what, href: format!("/v/331102206201/paper/{href}/1/file") };
        let matter = PaperGroup {
            title: pick(lang, "茶厂房屋出租", "Letting the old tea factory"),
            href: "/v/331102206201/m/1".to_owned(),
            papers: vec![print("paper-print-visits", "visits"), print("paper-print-notice", "notice")],
        };
        let session = PaperGroup {
            title: pick(lang, "2026年11月28日 19:30 村民代表会议", "28 November 2026, 19:30, representatives"),
            href: "/v/331102206201/s/1".to_owned(),
            papers: vec![print("paper-print-sign-in", "sign-in"), print("paper-print-minutes", "minutes")],
        };
        Self { c: chrome_of_clerk(lang), place: place(lang), groups: vec![matter, session] }
    }

    /// Nothing is under way.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { groups: Vec::new(), ..Self::sample(lang) }
    }
}
