//! Logging in by an account elsewhere: to the provider and back, and the account that is linked to one's key.
//!
//! Browsers come back from another site, and so without the session's cookie, which is strict: what needs it is asked on a page of
//! ours that the browser goes on to by itself.

use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::app::App;
use crate::app::identities::{ASKED_MS, Enrolling, Purpose, Refusal};
use crate::app::login::LoggedIn;
use crate::app::provider::{Back, Provider, ProviderError};
use crate::config::Checking;
use crate::http::act::login::{next_path, session_cookie};
use crate::http::pages::account::{AccountPage, CameBack, ProviderPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::session::{Identity, cookie};
use crate::http::state::AppState;

/// Name of the cookie that binds an ask to a browser, behind TLS.
const SECURE_COOKIE: &str = "__Host-sunvote-provider";
/// The same on plain loopback.
const PLAIN_COOKIE: &str = "sunvote-provider";
/// Length of what the cookie holds: 32 random bytes.
const COOKIE_LENGTH: usize = 43;

/// What somebody goes to the provider for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Where to go after logging in.
    #[serde(default)]
    next: String,
    /// There to link the account to the key that began the session.
    link: Option<String>,
    /// There to say who holds a key that is to be enrolled: village, person and key, with `~` between.
    enrol: Option<String>,
}

/// Reads `331102206201~01J…~a0…`.
fn enrolling(text: &str) -> Option<Enrolling> {
    let mut parts = text.splitn(3, '~');
    let (village, person) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Enrolling { village, person, key: parts.next()?.parse().ok()? })
}

fn chosen(app: &App) -> Result<&Provider, Problem> {
    app.provider().ok_or_else(|| Problem::new(Code::NotFound))
}

fn cookie_name(state: &AppState) -> &'static str {
    if state.secure() { SECURE_COOKIE } else { PLAIN_COOKIE }
}

/// What this browser alone knows, if its cookie has the form of it.
fn browser<'a>(state: &AppState, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, cookie_name(state)).filter(|value| value.len() == COOKIE_LENGTH)
}

/// Lax, since the browser brings it back from another site.
fn bind(state: &AppState, value: &str) -> String {
    let flag = if state.secure() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{flag}", cookie_name(state), ASKED_MS / 1_000)
}

/// Whether the reader may link an account: who has shown, on this device, a key that isn't a card's, which others may hold next.
fn has_shown_key(visit: &Visit) -> bool {
    let by_card = visit.c.person.as_ref().is_some_and(|person| person.by_card);
    visit.identity.as_ref().is_some_and(|identity| identity.enrolled && identity.by_key) && !by_card
}

/// `GET /login/provider`: goes to the provider.
///
/// # Errors
/// `NotFound` where there is none; `NotAllowed` to link without the key; the store's.
pub async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    chosen(app)?;
    // A page of somebody else's could else send its reader there, to vouch for a key that is not the reader's (Fetch Metadata).
    if asked.enrol.is_some() && headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return Err(Problem::new(Code::CrossSite));
    }
    let purpose = match (&asked.enrol, &asked.link, &visit.identity) {
        (Some(text), _, _) if state.config().oidc.enrolment != Checking::Off => {
            Purpose::Enrol(enrolling(text).ok_or_else(|| Problem::new(Code::NotFound))?)
        }
        (Some(_), _, _) => return Err(Problem::new(Code::NotFound)),
        (None, None, _) => Purpose::LogIn(next_path(&asked.next).to_owned()),
        (None, Some(_), Some(identity)) if has_shown_key(&visit) => Purpose::Link(identity.token.hash()),
        (None, Some(_), _) => return Err(Problem::new(Code::NotAllowed)),
    };
    // Two of a browser's windows may ask at a time.
    let fresh = || BASE64_URL_SAFE_NO_PAD.encode(app.random::<32>());
    let browser = browser(&state, &headers).map_or_else(fresh, str::to_owned);
    match app.ask_provider(&browser, &purpose).await {
        Ok(url) => Ok((AppendHeaders([(SET_COOKIE, bind(&state, &browser))]), Redirect::to(&url)).into_response()),
        Err(refusal) => told(&state, visit, refusal),
    }
}

/// `GET /login/provider/back`: comes back from the provider.
///
/// # Errors
/// `NotFound` where there is none; the store's.
pub async fn back(
    State(state): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let app = state.app();
    chosen(app)?;
    let Some(browser) = browser(&state, &headers) else { return told(&state, visit, Refusal::Stale) };
    let (purpose, known) = match app.came_back(browser, back).await {
        Ok(found) => found,
        Err(refusal) => return told(&state, visit, refusal),
    };
    match purpose {
        Purpose::Link(session) => {
            app.offer_account(session, known).await?;
            shown(&state, visit, CameBack::Onward, "/account")
        }
        Purpose::LogIn(next) => match app.log_in_by(known.account).await {
            Ok(LoggedIn { token, lasts_ms }) => {
                let cookie = session_cookie(&state, &token, lasts_ms);
                let onward = shown(&state, visit, CameBack::Onward, &next)?;
                Ok((AppendHeaders([(SET_COOKIE, cookie)]), onward).into_response())
            }
            Err(refusal) => told(&state, visit, refusal),
        },
        Purpose::Enrol(enrolling) => match app.check_identity(enrolling, known).await {
            Ok(()) => shown(&state, visit, CameBack::Checked, ""),
            Err(refusal) => told(&state, visit, refusal),
        },
    }
}

/// Says why somebody is not in.
fn told(state: &AppState, visit: Visit, refusal: Refusal) -> Result<Response, Problem> {
    let (came, status) = match refusal {
        Refusal::App(error) => return Err(error.into()),
        Refusal::Stale => (CameBack::Stale, StatusCode::BAD_REQUEST),
        Refusal::NotLinked => (CameBack::NotLinked, StatusCode::FORBIDDEN),
        Refusal::AnotherName => (CameBack::AnotherName, StatusCode::FORBIDDEN),
        Refusal::Provider(ProviderError::Cancelled) => (CameBack::Cancelled, StatusCode::OK),
        Refusal::Provider(ProviderError::Refused(why)) => {
            tracing::warn!(why, "an account elsewhere was refused");
            (CameBack::Refused, StatusCode::FORBIDDEN)
        }
        Refusal::Provider(ProviderError::Away(why)) => {
            tracing::warn!(why, "the provider of accounts is away");
            (CameBack::Away, StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    let href = if came == CameBack::AnotherName { "" } else { "/login" };
    let mut answer = shown(state, visit, came, href)?;
    *answer.status_mut() = status;
    Ok(answer)
}

/// A page between here and the provider, which nobody keeps: its address may hold what the browser brought.
fn shown(state: &AppState, visit: Visit, came: CameBack, href: &str) -> Result<Response, Problem> {
    let provider = chosen(state.app())?.name().to_owned();
    let mut answer = page(&ProviderPage { c: visit.c, came, provider, href: href.to_owned() })?;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// `GET /login/provider/out`: logged out here; where to log out at the provider, too.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn out(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    let (app, now) = (state.app(), state.app().now());
    let out = chosen(app)?.out(now).await.unwrap_or_default();
    shown(&state, visit, CameBack::Out, &out)
}

/// `GET /account`: the account that is linked to my key.
///
/// # Errors
/// `NotFound` where there is no provider; the store's.
pub async fn account(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    let app = state.app();
    let provider = chosen(app)?.name().to_owned();
    let by_key = has_shown_key(&visit);
    let linked = app.linked_account(identity.key).await?.map(|linked| linked.linked);
    let offered = app.offered_account(identity.token.hash()).await?.filter(|_| by_key).map(|offered| offered.label);
    page(&AccountPage { c: visit.c, provider, linked, offered, by_key })
}

/// `POST /account`: links the account that I came back with.
///
/// # Errors
/// `NotAllowed` without the key; `NotFound` where none came back; the store's.
pub async fn link(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    if !has_shown_key(&visit) {
        return Err(Problem::new(Code::NotAllowed));
    }
    state.app().link_account(identity.token.hash(), identity.key).await?;
    Ok(Redirect::to("/account").into_response())
}

/// `POST /account/unlink`: takes the link away.
///
/// # Errors
/// `NotAllowed` without the key; the store's.
pub async fn unlink(State(state): State<AppState>, visit: Visit, identity: Identity) -> Result<Response, Problem> {
    if !has_shown_key(&visit) {
        return Err(Problem::new(Code::NotAllowed));
    }
    state.app().unlink_account(identity.key).await?;
    Ok(Redirect::to("/account").into_response())
}
