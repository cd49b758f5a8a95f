//! The words of each problem in both languages, and the page that shows them.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::http::assets;
use crate::http::i18n::Lang;
use crate::http::problem::{Code, Problem};
use crate::http::session::cookie;
use crate::http::settings::asked_language;

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

/// The page for people.
#[must_use]
pub fn page(problem: &Problem, lang: Lang, request: Option<&str>) -> String {
    let words = text(problem.code(), lang);
    let (home, number) = match lang {
        Lang::ZhCn => ("回到首页", "编号"),
        Lang::En => ("To the front page", "Number"),
    };
    let detail = problem.detail_text().map(|d| format!("<p><strong>{}</strong></p>", escape(d))).unwrap_or_default();
    let request = request.map(|id| format!("<p><small>{number} {}</small></p>", escape(id))).unwrap_or_default();
    let style = assets::all().url("app.css");
    format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main><h1>{title}</h1>{detail}<p>{todo}</p><p><a href=\"/\">{home}</a></p>{request}</main></body></html>\n",
        code = lang.code(),
        title = escape(&words.title),
        todo = escape(&words.what_to_do),
    )
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
