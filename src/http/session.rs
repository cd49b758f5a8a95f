//! Who is asking: the session cookie, the person behind it, and the token that their forms carry.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::Date;
use crate::core::ids::{Digest, PersonId};
use crate::core::model::Role;
use crate::core::state::State;
use crate::http::access::{Grant, Scope};
use crate::http::problem::{Code, Problem};

/// Name of the session cookie behind TLS. Browsers accept the prefix only with Secure, path / and no domain (RFC 6265bis).
pub const SECURE_COOKIE: &str = "__Host-sunvote";
/// Name of the session cookie on plain loopback.
pub const PLAIN_COOKIE: &str = "sunvote";
/// Longest session token that is looked at, in characters.
const LONGEST_TOKEN: usize = 128;

/// The secret that a browser sends to show its session. Never written to a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionToken(String);

impl SessionToken {
    /// The token as it stands in the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the store knows the session by.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub person: PersonId,
    /// Roles with the places in which they hold.
    pub grants: Vec<Grant>,
    /// Token that this session's forms and scripts must send with whatever changes something.
    pub csrf: String,
    /// The session itself, to end it.
    pub token: SessionToken,
}

/// Name of the session cookie; `secure`: behind TLS.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_COOKIE } else { PLAIN_COOKIE }
}

/// The `Set-Cookie` value that begins a session of at most `seconds`; 0 ends it.
#[must_use]
pub fn set_cookie(token: &str, seconds: u64, secure: bool) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{flag}", cookie_name(secure))
}

/// The value of cookie `name`, if it is sent exactly once.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    // Two cookies of one name come from a tampered jar: neither is believed.
    values.next().filter(|_| values.next().is_none())
}

/// The session token of a request, if it has the form of one.
#[must_use]
pub fn token(headers: &HeaderMap, secure: bool) -> Option<SessionToken> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let value = cookie(headers, cookie_name(secure))?;
    let sound = (1..=LONGEST_TOKEN).contains(&value.len()) && value.bytes().all(plain);
    sound.then(|| SessionToken(value.to_owned()))
}

/// The person behind a token, from the kept session and the village's record: roles at the village asked about, which is
/// how officials are known everywhere, else at the person's own.
///
/// # Errors
/// The store can't be read now.
pub async fn identify(app: App, token: SessionToken, place: Option<Scope>) -> Result<Option<Identity>, Problem> {
    let now = app.now();
    let hash = token.hash();
    let session = app.db().read("session", |tx| Box::pin(async move { tx.session(hash, now).await })).await;
    let Some(session) = session.map_err(|error| Problem::from(AppError::Store(error)))? else { return Ok(None) };
    let asked = match place {
        Some(Scope::Village(code)) => Some(code),
        Some(Scope::Township(_) | Scope::District(_)) | None => session.village,
    };
    let grants = match asked {
        Some(village) => match app.lives().live(village).await {
            Ok(live) => roles(live.state(), session.person, now.date()),
            // A village without a record: nobody has a role there, and the handler says that it doesn't exist.
            Err(AppError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(Problem::from(error)),
        },
        None => Vec::new(),
    };
    Ok(Some(Identity { person: session.person, grants, csrf: hex::encode(session.csrf), token }))
}

/// The roles that a person holds in a village on a date, own or covered.
fn roles(state: &State, person: PersonId, date: Date) -> Vec<Grant> {
    let held = Role::ALL.iter().filter(|role| state.people.holds(person, **role, date));
    held.map(|role| Grant { role: *role, scope: Scope::Village(state.village) }).collect()
}

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Problem;

    /// The person that the gate found; a handler behind `Who::SignedIn` or `Who::Roles` always gets one.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::new(Code::NotSignedIn))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::COOKIE;

    use super::{cookie, set_cookie, token};

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().expect("a header value"));
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(cookie(&headers(&["a=1; lang=en", "b=2"]), "lang"), Some("en"));
        assert_eq!(cookie(&headers(&["language=en"]), "lang"), None);
    }

    #[test]
    fn a_session_sent_twice_is_not_believed() {
        assert!(token(&headers(&["sunvote=abc"]), false).is_some());
        assert_eq!(token(&headers(&["sunvote=abc; sunvote=def"]), false), None);
    }

    #[test]
    fn a_token_of_the_wrong_form_is_passed_over() {
        assert_eq!(token(&headers(&["sunvote="]), false), None);
        assert_eq!(token(&headers(&["sunvote=a b"]), false), None);
        assert_eq!(token(&headers(&[&format!("sunvote={}", "a".repeat(129))]), false), None);
        assert_eq!(token(&headers(&["sunvote=abc"]), true), None, "behind TLS only the __Host- cookie counts");
    }

    #[test]
    fn cookies_are_strict_and_out_of_scripts_reach() {
        let text = set_cookie("abc", 60, true);
        assert_eq!(text, "__Host-sunvote=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
        assert!(!set_cookie("abc", 60, false).contains("Secure"));
    }
}
