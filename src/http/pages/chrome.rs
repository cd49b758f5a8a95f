//! What frames every page: language, elder mode, who is logged in, where the switches lead back to.

use std::borrow::Cow;

use crate::http::i18n::{Lang, Text};
use crate::http::pages::styles;

/// Size of the text that the reader chose; kept in the `elder` cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Elder {
    /// The ordinary page.
    #[default]
    Off,
    /// Elder mode at 20 px.
    Large,
    /// Elder mode at 25 px.
    Larger,
    /// Elder mode at 30 px.
    Largest,
}

impl Elder {
    /// Every size, smallest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Large, Self::Larger, Self::Largest];

    /// The value in cookie and form: `0` to `3`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "0",
            Self::Large => "1",
            Self::Larger => "2",
            Self::Largest => "3",
        }
    }

    /// Reads the value of cookie or form.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|elder| elder.code() == code)
    }

    /// Whether elder mode is on.
    #[must_use]
    pub fn on(self) -> bool {
        self != Self::Off
    }

    /// The class of the `html` element.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Off => "plain",
            Self::Large => "elder elder-1",
            Self::Larger => "elder elder-2",
            Self::Largest => "elder elder-3",
        }
    }
}

/// What is done with keys that the server holds, so that nobody mistakes it for the real thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// A demonstration with invented people.
    Demo,
    /// A session that real people rehearse (演练): nothing counts, nothing is kept.
    Rehearsal,
}

/// Who is logged in, as the header shows it.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Name as it is shown.
    pub name: String,
    /// Code of the role that stands first, such as `clerk`.
    pub role: String,
    /// Village, township or district in which the role holds, as shown.
    pub place: String,
    /// How many things wait for this person.
    pub tasks: usize,
    /// Whether a printed card began the session: others may use the browser next.
    pub by_card: bool,
}

/// The frame of a page. One for each answer, filled by the HTTP layer from cookies and log-in.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// The reader's language.
    pub lang: Lang,
    /// Elder mode and its size.
    pub elder: Elder,
    /// What is played here, where the server holds everyone's keys; then every page says so.
    pub play: Option<Play>,
    /// Token that each form carries.
    pub csrf: String,
    /// Path and query of this page: where the switches come back to.
    pub here: String,
    /// Who is logged in.
    pub person: Option<SignedIn>,
    /// Name of the district, as shown.
    pub district: String,
    /// Whom to phone with a doubt: the district inspector's number, as written.
    pub phone: String,
}

impl Chrome {
    /// The text of `key` in the reader's language.
    pub fn t(&self, key: impl Into<Cow<'static, str>>) -> Text {
        self.lang.t(key)
    }

    /// Whether this is a demonstration.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.play == Some(Play::Demo)
    }

    /// Whether a session is rehearsed here.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.play == Some(Play::Rehearsal)
    }

    /// What the front page is called: the district, or where none is named the way home.
    #[must_use]
    pub fn home(&self) -> String {
        if self.district.is_empty() { self.t("nav-home").to_string() } else { self.district.clone() }
    }

    /// See [`Lang::named`].
    #[must_use]
    pub fn named(&self, prefix: &str, code: &str) -> Text {
        self.lang.named(prefix, code)
    }

    /// Address of a static file.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        styles::asset(name)
    }

    /// This page in the other language.
    #[must_use]
    pub fn other_lang_href(&self) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let mut href = format!("{path}?");
        for pair in query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")) {
            href.push_str(pair);
            href.push('&');
        }
        href.push_str("lang=");
        href.push_str(self.lang.other().code());
        href
    }

    /// The size that the elder switch leads to.
    #[must_use]
    pub fn elder_switch(&self) -> Elder {
        if self.elder.on() { Elder::Off } else { Elder::Large }
    }
}

#[cfg(test)]
mod tests {
    use super::Elder;
    use crate::http::i18n::Lang;
    use crate::http::pages::samples;

    #[test]
    fn the_language_switch_stays_on_the_page() {
        let mut chrome = samples::chrome(Lang::ZhCn);
        chrome.here = "/search?q=%E9%BB%84&lang=zh-CN".to_owned();
        assert_eq!(chrome.other_lang_href(), "/search?q=%E9%BB%84&lang=en");
        chrome.here = "/".to_owned();
        assert_eq!(chrome.other_lang_href(), "/?lang=en");
    }

    #[test]
    fn elder_sizes_come_back_from_their_codes() {
        for elder in Elder::ALL {
            assert_eq!(Elder::parse(elder.code()), Some(elder));
        }
        assert_eq!(Elder::parse("x"), None);
    }
}
