//! A terminal in the hall, as it comes, before its script.

use crate::http::i18n::Lang;
use crate::http::pages::samples::{chrome, place, session_id};
use crate::http::pages::terminal::TerminalPage;

impl TerminalPage {
    /// The shell.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), place: place(lang), session: session_id(1) }
    }
}
