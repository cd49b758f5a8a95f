//! The words of each problem in both languages, and the page that shows them.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::http::assets;
use crate::http::i18n::Lang;
use crate::http::problem::{Code, Problem};
use crate::http::session::cookie;
use crate::http::settings::asked_language;

/// What happened and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// What happened, in a few words.
    pub title: &'static str,
    /// What to do next.
    pub what_to_do: &'static str,
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
    let (title, what_to_do) = match lang {
        Lang::ZhCn => chinese(code),
        Lang::En => english(code),
    };
    Text { title, what_to_do }
}

/// Title and advice in Chinese.
fn chinese(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::BadRequest => ("看不懂这个请求", "请返回上一页,重新填写后再试。"),
        Code::NotSignedIn => ("请先登录", "登录后会回到这一页。没有钥匙的村民,请找村文书办理登记。"),
        Code::NotAllowed => ("您没有办理此事的权限", "请换用有此职责的身份登录;如职责有误,请联系村文书。"),
        Code::CrossSite => ("请求来自其他网站,已拒绝", "请从本站页面重新操作。您没有做错什么,也没有任何内容被提交。"),
        Code::FormExpired => ("页面已过期", "请返回并刷新页面后再提交一次。没有任何内容被提交。"),
        Code::NotFound => ("没有找到这一页", "请检查网址,或从首页按乡镇、村名查找。"),
        Code::MethodNotAllowed => ("此地址不能这样使用", "请从本站页面重新操作。"),
        Code::Timeout => ("等待时间过长", "请稍后重试。重复提交同一份签名不会重复记录。"),
        Code::Conflict => ("内容已有变化", "别人已先行办理。请刷新页面,看过最新内容后再办。"),
        Code::Gone => ("内容已撤回", "原件已按规定撤回,记录中仍保留其凭证和理由。"),
        Code::TooLarge => ("文件太大", "请压缩或分成几份后再上传。"),
        Code::UnsupportedMedia => ("不支持这种文件", "可以上传照片(JPEG、PNG、WebP、HEIC)、PDF、MP4 和纯文本。"),
        Code::Unprocessable => ("不符合规定,未提交", "请按提示修改后再提交。"),
        Code::TooManyAttempts => ("尝试次数过多", "请稍等片刻再试。"),
        Code::Internal => ("服务器出了差错", "已记录故障。请稍后重试;如仍不行,请把下面的编号告诉管理员。"),
        Code::Unavailable => ("服务暂时不可用", "没有任何内容被提交,已记录的内容不受影响。请稍后重试。"),
    }
}

/// Title and advice in English.
fn english(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::BadRequest => ("The request could not be understood", "Go back, check what you entered and try again."),
        Code::NotSignedIn => (
            "Please log in first",
            "After logging in you come back here. If you hold no key, ask the village clerk to enrol you.",
        ),
        Code::NotAllowed => (
            "Your role does not cover this",
            "Log in with the role that does; if your roles are wrong, ask the village clerk.",
        ),
        Code::CrossSite => (
            "Refused: the request came from another site",
            "Start again from a page of this site. Nothing was submitted.",
        ),
        Code::FormExpired => {
            ("This form has expired", "Go back, reload the page and submit once more. Nothing was submitted.")
        }
        Code::NotFound => {
            ("There is no such page", "Check the address, or start from the front page and look for the village.")
        }
        Code::MethodNotAllowed => ("This address can't be used that way", "Start again from a page of this site."),
        Code::Timeout => {
            ("This took too long", "Try again shortly. Sending the same signature twice never records it twice.")
        }
        Code::Conflict => {
            ("This has changed meanwhile", "Someone else was first. Reload, read what is new, then decide.")
        }
        Code::Gone => (
            "This was withdrawn",
            "The original was withdrawn by rule; the record still holds its commitment and the reason.",
        ),
        Code::TooLarge => ("This is too large", "Make it smaller or send it in parts."),
        Code::UnsupportedMedia => {
            ("This kind of file isn't taken", "Photos (JPEG, PNG, WebP, HEIC), PDF, MP4 and plain text are.")
        }
        Code::Unprocessable => ("Refused by a rule; nothing was submitted", "Change what is named and submit again."),
        Code::TooManyAttempts => ("Too many attempts", "Wait a moment and try again."),
        Code::Internal => (
            "The server made a mistake",
            "It has been noted. Try again; if it persists, tell the operator the number below.",
        ),
        Code::Unavailable => (
            "The service is not available right now",
            "Nothing was submitted and nothing recorded is affected. Try again shortly.",
        ),
    }
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
        title = words.title,
        todo = words.what_to_do,
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

    use super::{Lang, escape, language};

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
    fn text_from_outside_cannot_become_markup() {
        assert_eq!(escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    }
}
