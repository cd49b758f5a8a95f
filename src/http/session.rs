//! Who is asking: the session cookie, the person behind it, and the token that their forms carry.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::Live;
use crate::app::login::holder;
use crate::app::reading;
use crate::core::clock::Date;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::state::State;
use crate::http::access::{Grant, Scope};
use crate::http::problem::{Code, Problem};

/// Name of the session cookie behind TLS. Browsers accept the prefix only with Secure, path / and no domain (RFC 6265bis).
pub const SECURE_COOKIE: &str = "__Host-sunvote";
/// Name of the session cookie on plain loopback.
pub const PLAIN_COOKIE: &str = "sunvote";
/// The same where a session is rehearsed, behind TLS. Cookies don't know ports: another district's must have names of their own.
pub const SECURE_REHEARSAL_COOKIE: &str = "__Host-sunvote-rehearsal";
/// The same on plain loopback.
pub const PLAIN_REHEARSAL_COOKIE: &str = "sunvote-rehearsal";
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

/// Who is logged in. What counts in a village is the key: ids of people are public, and any village can put any id on its
/// record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The key that began the session.
    pub key: PublicKey,
    /// The holder of the key in the village asked about; where it isn't enrolled there, at home.
    pub person: PersonId,
    /// Whether the key is enrolled, and not revoked, in the village asked about. Else the person is nobody there.
    pub enrolled: bool,
    /// Roles with the places in which they hold.
    pub grants: Vec<Grant>,
    /// Token that this session's forms and scripts must send with whatever changes something.
    pub csrf: String,
    /// The session itself, to end it.
    pub token: SessionToken,
    /// Whether an account elsewhere began it: whoever holds that has not shown the key.
    pub by_account: bool,
    /// Whether it began with the key, on the device that has it: not by an account, nor by a phone that let a computer in.
    pub by_key: bool,
}

/// Name of the session cookie; `secure`: behind TLS; `rehearsal`: where a session is rehearsed.
#[must_use]
pub fn cookie_name(secure: bool, rehearsal: bool) -> &'static str {
    match (secure, rehearsal) {
        (true, false) => SECURE_COOKIE,
        (false, false) => PLAIN_COOKIE,
        (true, true) => SECURE_REHEARSAL_COOKIE,
        (false, true) => PLAIN_REHEARSAL_COOKIE,
    }
}

/// The `Set-Cookie` value that begins a session of at most `seconds`; 0 ends it.
#[must_use]
pub fn set_cookie(name: &str, token: &str, seconds: u64, secure: bool) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{flag}")
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

/// The session token in the cookie of this name, if it has the form of one.
#[must_use]
pub fn token(headers: &HeaderMap, name: &str) -> Option<SessionToken> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let value = cookie(headers, name)?;
    let sound = (1..=LONGEST_TOKEN).contains(&value.len()) && value.bytes().all(plain);
    sound.then(|| SessionToken(value.to_owned()))
}

/// The person behind a token, from the kept session and the village's record: holder of the session's key, and roles, at the
/// village asked about, which is how officials are known everywhere, else at the person's own. A session whose key is
/// revoked in the village that it began in has ended, however it was revoked.
///
/// # Errors
/// The store can't be read now.
pub async fn identify(app: App, token: SessionToken, place: Option<Scope>) -> Result<Option<Identity>, Problem> {
    let now = app.now();
    let hash = token.hash();
    let Some(session) = app.log_ins().find(hash, now).await? else { return Ok(None) };
    let key = session.public_key;
    let home = match session.village {
        Some(village) => Some(village),
        None => app.villages_of(key, 1).await?.first().copied(),
    };
    let asked = match place {
        Some(Scope::Village(code)) => Some(code),
        Some(Scope::Township(_) | Scope::District(_)) | None => home,
    };
    let here = holder_in(&app, asked, &key).await?;
    let known = match here {
        Some((_, person)) => Some(person),
        None if asked == home => None,
        None => holder_in(&app, home, &key).await?.map(|(_, person)| person),
    };
    let Some(person) = known else { return Ok(None) };
    let grants = here.as_ref().map_or_else(Vec::new, |(live, person)| roles(live.state(), *person, now.date()));
    let csrf = hex::encode(session.csrf);
    let by_account = session.account.is_some();
    let by_key = !by_account && !session.paired;
    Ok(Some(Identity { key, person, enrolled: here.is_some(), grants, csrf, token, by_account, by_key }))
}

/// The holder of a key in a village, with its state; nobody in a village without a record, whose handler says so.
async fn holder_in(
    app: &App,
    village: Option<VillageCode>,
    key: &PublicKey,
) -> Result<Option<(Arc<Live>, PersonId)>, Problem> {
    let Some(village) = village else { return Ok(None) };
    match app.lives().live(village).await {
        Ok(live) => Ok(holder(live.state(), key).map(|person| (live, person))),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(Problem::from(error)),
    }
}

/// The roles that a person holds in a village on a date, own or covered.
fn roles(state: &State, person: PersonId, date: Date) -> Vec<Grant> {
    let held = reading::roles(state, person, date).into_iter();
    held.map(|role| Grant { role, scope: Scope::Village(state.village) }).collect()
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

    use super::{PLAIN_COOKIE, PLAIN_REHEARSAL_COOKIE, SECURE_COOKIE, cookie, set_cookie, token};

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
        assert!(token(&headers(&["sunvote=abc"]), PLAIN_COOKIE).is_some());
        assert_eq!(token(&headers(&["sunvote=abc; sunvote=def"]), PLAIN_COOKIE), None);
    }

    #[test]
    fn a_token_of_the_wrong_form_is_passed_over() {
        assert_eq!(token(&headers(&["sunvote="]), PLAIN_COOKIE), None);
        assert_eq!(token(&headers(&["sunvote=a b"]), PLAIN_COOKIE), None);
        assert_eq!(token(&headers(&[&format!("sunvote={}", "a".repeat(129))]), PLAIN_COOKIE), None);
        assert_eq!(token(&headers(&["sunvote=abc"]), SECURE_COOKIE), None, "behind TLS only the __Host- cookie counts");
        assert_eq!(token(&headers(&["sunvote=abc"]), PLAIN_REHEARSAL_COOKIE), None, "a rehearsal has one of its own");
    }

    #[test]
    fn cookies_are_strict_and_out_of_scripts_reach() {
        let text = set_cookie(SECURE_COOKIE, "abc", 60, true);
        assert_eq!(text, "__Host-sunvote=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
        assert!(!set_cookie(PLAIN_COOKIE, "abc", 60, false).contains("Secure"));
    }
}
