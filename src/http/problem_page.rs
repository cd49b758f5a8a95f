//! The words of each problem in both languages, and the page that shows them.

use askama::Template as _;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::http::i18n::Lang;
use crate::http::pages::account::ErrorPage;
use crate::http::pages::chrome::{Chrome, Elder};
use crate::http::problem::{Code, Problem};
use crate::http::session::cookie;
use crate::http::settings::asked_language;
use crate::http::state::AppState;

/// What happened and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What happened, in a few words.
    pub title: String,
    /// What to do next.
    pub what_to_do: String,
}

/// The reader's language: what `?lang=` asks, the cookie, else the first that the browser names, else Chinese.
#[must_use]
pub fn language(query: Option<&str>, headers: &HeaderMap) -> Lang {
    let asked = asked_language(query).or_else(|| cookie(headers, "lang").and_then(Lang::parse));
    let offered = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut offered = offered.split([',', ';']).filter_map(Lang::parse);
    asked.or_else(|| offered.next()).unwrap_or(Lang::ZhCn)
}

/// The words of a problem.
#[must_use]
pub fn text(code: Code, lang: Lang) -> Text {
    let of = |part: &str| lang.t(format!("problem-{}-{part}", code.word())).to_string();
    Text { title: of("title"), what_to_do: of("advice") }
}

/// What exactly stands against it, in the reader's language: the words of the rule that refused, else what was said.
#[must_use]
pub fn detail(problem: &Problem, lang: Lang) -> Option<String> {
    let key = |prefix: &str, rule: &str| format!("{prefix}-{}", rule.replace(['.', '_'], "-"));
    let known = problem.rule_code().map(|rule| [key("rule", rule), key("invalid", rule)]);
    let words = known.into_iter().flatten().find(|key| lang.has(key)).map(|key| lang.t(key).to_string());
    words.or_else(|| problem.detail_text().map(str::to_owned))
}

/// Who reads the page, and where they are.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The language.
    pub lang: Lang,
    /// The size of text.
    pub elder: Elder,
    /// Path and query.
    pub here: String,
}

/// The page for people.
#[must_use]
pub fn page(state: &AppState, problem: &Problem, reader: Reader, csrf: String, request: Option<&str>) -> String {
    let (config, words) = (state.config(), text(problem.code(), reader.lang));
    let page = ErrorPage {
        status: problem.code().status().as_u16(),
        title: words.title,
        advice: words.what_to_do,
        detail: detail(problem, reader.lang),
        request: request.map(str::to_owned),
        c: Chrome {
            lang: reader.lang,
            elder: reader.elder,
            play: state.play(),
            csrf,
            here: reader.here,
            // Whoever is logged in is looked up again on the next page; an error must not depend on the store.
            person: None,
            district: config.district_name.clone(),
            phone: config.inspector_phone.clone(),
        },
    };
    // The template writes to a string only: it can't fail.
    page.render().unwrap_or_default()
}

/// Makes a text safe to stand in HTML, between tags and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};

    use super::{Code, Lang, escape, language};

    #[test]
    fn the_cookie_chooses_the_language_before_the_browser() {
        let headers = |pairs: [(axum::http::HeaderName, &'static str); 2]| {
            HeaderMap::from_iter(pairs.map(|(name, value)| (name, value.parse().expect("a header value"))))
        };
        assert_eq!(language(None, &headers([(COOKIE, "lang=zh-CN"), (ACCEPT_LANGUAGE, "en-GB,en")])), Lang::ZhCn);
        assert_eq!(language(None, &headers([(COOKIE, "a=b"), (ACCEPT_LANGUAGE, "en-GB,en")])), Lang::En);
        assert_eq!(
            language(Some("a=1&lang=en"), &headers([(COOKIE, "lang=zh-CN"), (ACCEPT_LANGUAGE, "zh")])),
            Lang::En
        );
        assert_eq!(language(None, &HeaderMap::new()), Lang::ZhCn);
    }

    #[test]
    fn every_problem_has_its_words_in_both_languages() {
        for (code, lang) in Code::ALL.into_iter().flat_map(|code| Lang::ALL.map(|lang| (code, lang))) {
            for part in ["title", "advice"] {
                let key = format!("problem-{}-{part}", code.word());
                assert!(lang.has(&key), "{key} is missing in {}", lang.code());
            }
        }
    }

    #[test]
    fn text_from_outside_cannot_become_markup() {
        assert_eq!(escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    }
}
