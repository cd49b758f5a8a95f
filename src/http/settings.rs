//! The reader's own settings: language by `?lang=` on any page, size of text by a form. Both are cookies, both work without
//! script, neither says who the reader is.

use axum::Form;
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use serde::Deserialize;

use crate::http::i18n::Lang;
use crate::http::problem::{Code, Problem};
use crate::http::read::embed::Framed;
use crate::http::state::AppState;

/// A year, in seconds.
const KEPT_SECONDS: u32 = 31_536_000;

/// The form beside the switch.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Size of text: `0` ordinary, `1` to `3` elder mode.
    elder: String,
    /// The page to come back to: path and query.
    #[serde(default)]
    back: String,
}

/// `POST /settings`.
///
/// # Errors
/// A size that doesn't exist.
pub async fn change(State(state): State<AppState>, Form(settings): Form<Settings>) -> Result<Response, Problem> {
    if !["0", "1", "2", "3"].contains(&settings.elder.as_str()) {
        return Err(Problem::new(Code::BadRequest));
    }
    let cookie = set_cookie("elder", &settings.elder, state.secure())?;
    let target = HeaderValue::try_from(own_path(&settings.back)).map_err(|_| Problem::new(Code::BadRequest))?;
    Ok((StatusCode::SEE_OTHER, AppendHeaders([(SET_COOKIE, cookie), (LOCATION, target)])).into_response())
}

/// `path` if it leads to a page of ours, else the front page: no form may send a reader to another site.
#[must_use]
pub fn own_path(path: &str) -> &str {
    // Browsers read a backslash as a slash and drop tabs and line ends; `//host` is another site.
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if plain && path.starts_with('/') && !path.starts_with("//") { path } else { "/" }
}

fn set_cookie(name: &str, value: &str, secure: bool) -> Result<HeaderValue, Problem> {
    let flag = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax{flag}");
    HeaderValue::try_from(text).map_err(|_| Problem::new(Code::BadRequest))
}

/// The language that the query names by `lang=`.
#[must_use]
pub fn asked_language(query: Option<&str>) -> Option<Lang> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::parse)
}

/// Middleware that keeps a language asked for by `?lang=`, but for a window on another site.
pub async fn keep_language(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asked = asked_language(request.uri().query());
    let mut response = next.run(request).await;
    let asked = asked.filter(|_| response.extensions().get::<Framed>().is_none());
    if let Some(Ok(cookie)) = asked.map(|lang| set_cookie("lang", lang.code(), state.secure())) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_form_leads_back_to_our_own_pages_only() {
        assert_eq!(own_path("/v/331102001206?page=2"), "/v/331102001206?page=2");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "v", "/\t/evil.example", "/a b"] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
