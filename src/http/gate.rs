//! The gate before every handler: attempts, who is asking, whether the route's rule lets them in, and the form's token.

use std::net::{IpAddr, SocketAddr};

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use futures_util::stream;
use sha2::{Digest as _, Sha256};

use crate::core::ids::PublicKey;
use crate::http::access::{Area, Attempts, Endpoint, Rule, Scope, Who, allows};
use crate::http::address::query_value;
use crate::http::limits::too_many;
use crate::http::problem::{Code, Problem};
use crate::http::session::{Identity, token};
use crate::http::state::AppState;

/// Header in which scripts send the session's token.
pub const CSRF_HEADER: &str = "x-csrf";
/// Name of the form field with the session's token. In a form with files it must be the first field.
pub const CSRF_FIELD: &str = "csrf";
/// Longest form that is searched for the token, in bytes; of a form with files only the beginning is.
const FORM_BYTES: usize = 64 * 1024;
/// How far into a form with files the token must have come, in bytes.
const FIRST_PART_BYTES: usize = 4 * 1024;

/// Marks an answer that was made for one person, so that nobody keeps it.
#[derive(Debug, Clone)]
pub struct Personal {
    /// The token of that person's forms.
    pub csrf: String,
}

/// Middleware of one endpoint.
pub async fn gate(State((state, endpoint)): State<(AppState, Endpoint)>, mut request: Request, next: Next) -> Response {
    match admit(&state, &endpoint.rule(), &mut request).await {
        Ok(None) => {}
        Ok(Some(instead)) => return instead,
        Err(problem) => return problem.into_response(),
    }
    let personal = request.extensions().get::<Identity>().map(|identity| Personal { csrf: identity.csrf.clone() });
    let mut response = match checked_form(request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(personal) = personal {
        response.extensions_mut().insert(personal);
    }
    response
}

/// Middleware of a route beside the table's: counts attempts per address before anything of the request is read.
pub async fn counted(State((state, attempts)): State<(AppState, Attempts)>, request: Request, next: Next) -> Response {
    match take_attempt(&state, attempts, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets the request pass, answers in the handler's stead, or refuses.
async fn admit(state: &AppState, rule: &Rule, request: &mut Request) -> Result<Option<Response>, Problem> {
    take_attempt(state, rule.attempts, request)?;
    let outside = match rule.who {
        Who::ThisMachine => !from_this_machine(request),
        // The handler opens the seal.
        Who::Servers => state.app().cluster().is_none(),
        _ => false,
    };
    if outside {
        return Err(Problem::new(Code::NotAllowed));
    }
    if let Who::Program(what) = rule.who {
        let program = bearer(request.headers()).and_then(|token| state.app().program(token, what));
        request.extensions_mut().insert(program.ok_or_else(|| Problem::new(Code::NoToken))?);
        return Ok(None);
    }
    let place = place(request).await?;
    let looked_up = !matches!(rule.who, Who::Anyone | Who::ThisMachine | Who::Servers);
    let identity = match token(request.headers(), state.cookie_name()).filter(|_| looked_up) {
        Some(token) => state.identify(token, place).await?,
        None => None,
    };
    let refusal = match (rule.who, &identity) {
        (Who::Anyone | Who::Public | Who::ThisMachine | Who::Program(_) | Who::Servers, _) => None,
        (Who::SignedIn, Some(person)) => (!person.enrolled).then_some(Code::NotAllowed),
        (Who::SignedIn | Who::Roles(_), None) => Some(Code::NotSignedIn),
        (Who::Roles(roles), Some(person)) => (!allows(roles, &person.grants, place)).then_some(Code::NotAllowed),
    };
    let taken = match &identity {
        Some(person) if refusal.is_none() && rule.attempts == Attempts::Statement => take_statement(state, person.key),
        _ => Ok(()),
    };
    if let Some(identity) = identity {
        request.extensions_mut().insert(identity);
    }
    match refusal {
        None => taken.map(|()| None),
        Some(Code::NotSignedIn) if rule.area == Area::Pages && rule.method == Method::GET => {
            Ok(Some(to_login(request)))
        }
        Some(code) => Err(Problem::new(code)),
    }
}

/// Network address of who sent a request, for counting attempts on routes that are not in the table.
#[derive(Debug, Clone, Copy)]
pub struct Caller(pub IpAddr);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let address = client_address(&parts.extensions, &parts.headers, state.config().tls.proxy);
        address.map(Self).ok_or_else(|| Problem::new(Code::Internal))
    }
}

fn take_attempt(state: &AppState, attempts: Attempts, request: &Request) -> Result<(), Problem> {
    let Some(limit) = state.rate_limit(attempts) else { return Ok(()) };
    let Some(address) = client_address(request.extensions(), request.headers(), state.config().tls.proxy) else {
        return Err(Problem::new(Code::Internal));
    };
    limit.take(address, state.app().now()).map_err(|seconds| too_many(state, seconds))
}

fn take_statement(state: &AppState, key: PublicKey) -> Result<(), Problem> {
    state.statement_limit().take_one(key, state.app().now()).map_err(|seconds| too_many(state, seconds))
}

/// The visitor's address: the connection's, or behind the declared proxy the last one that it added.
fn client_address(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let forwarded = forwarded_for(headers).filter(|_| behind_proxy);
    forwarded.or(peer)
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// A program's token (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the connection begins on this machine and no proxy says that it passed something on.
fn from_this_machine(request: &Request) -> bool {
    let local = client_address(request.extensions(), request.headers(), false).is_some_and(|ip| ip.is_loopback());
    local && !["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name))
}

async fn place(request: &mut Request) -> Result<Option<Scope>, Problem> {
    // A path that can't be decoded names nothing that exists.
    let parameters = request.extract_parts::<RawPathParams>().await.map_err(|_| Problem::new(Code::NotFound))?;
    Scope::of_path(parameters.iter()).map_err(|_| Problem::new(Code::NotFound))
}

/// To the log-in page, which leads back to where the person wanted to go.
fn to_login(request: &Request) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |target| target.as_str());
    match HeaderValue::try_from(format!("/login?next={}", query_value(wanted))) {
        Ok(target) => (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response(),
        Err(_) => Problem::new(Code::NotSignedIn).into_response(),
    }
}

/// Whoever is logged in changes things only from a form or script that holds the session's token. The browser's own word
/// on where a request comes from is checked before, by `tower_http::csrf`, for everyone.
async fn checked_form(request: Request) -> Result<Request, Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let Some(expected) = request.extensions().get::<Identity>().map(|identity| identity.csrf.clone()) else {
        return Ok(request);
    };
    if let Some(sent) = request.headers().get(CSRF_HEADER) {
        return if same(sent.as_bytes(), expected.as_bytes()) { Ok(request) } else { Err(expired()) };
    }
    let media =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let (sent, body) = if media.starts_with("application/x-www-form-urlencoded") {
        let bytes = axum::body::to_bytes(body, FORM_BYTES).await.map_err(|_| Problem::new(Code::TooLarge))?;
        (urlencoded_token(&bytes), Body::from(bytes))
    } else if media.starts_with("multipart/form-data") {
        let (beginning, body) = peek(body).await?;
        (first_part_token(&beginning), body)
    } else {
        return Err(expired());
    };
    if sent.is_some_and(|sent| same(&sent, expected.as_bytes())) {
        Ok(Request::from_parts(parts, body))
    } else {
        Err(expired())
    }
}

fn expired() -> Problem {
    Problem::new(Code::FormExpired)
}

/// Compares by hash, so that the time taken says nothing about how much of a guess was right.
fn same(sent: &[u8], expected: &[u8]) -> bool {
    Sha256::digest(sent) == Sha256::digest(expected)
}

fn urlencoded_token(form: &[u8]) -> Option<Vec<u8>> {
    let field = format!("{CSRF_FIELD}=");
    // A token has no character that a form would encode.
    form.split(|b| *b == b'&').find_map(|pair| pair.strip_prefix(field.as_bytes())).map(<[u8]>::to_vec)
}

/// Reads the beginning of a body and gives the whole body back.
async fn peek(body: Body) -> Result<(Vec<u8>, Body), Problem> {
    let mut rest = body.into_data_stream();
    let mut read: Vec<Bytes> = Vec::new();
    while read.iter().map(Bytes::len).sum::<usize>() < FIRST_PART_BYTES {
        match rest.next().await {
            Some(Ok(bytes)) => read.push(bytes),
            Some(Err(_)) => return Err(Problem::new(Code::BadRequest)),
            None => break,
        }
    }
    let beginning = read.concat();
    let again = stream::iter(read.into_iter().map(Ok)).chain(rest);
    Ok((beginning, Body::from_stream(again)))
}

/// The value of the first part of a multipart form (RFC 7578), if that is the token.
fn first_part_token(beginning: &[u8]) -> Option<Vec<u8>> {
    let beginning = &beginning[..beginning.len().min(FIRST_PART_BYTES)];
    let text = String::from_utf8_lossy(beginning);
    let (heads, rest) = text.split_once("\r\n\r\n")?;
    let (value, _) = rest.split_once("\r\n")?;
    heads.contains(&format!("name=\"{CSRF_FIELD}\"")).then(|| value.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{first_part_token, forwarded_for, urlencoded_token};

    #[test]
    fn the_token_is_found_in_both_kinds_of_form() {
        assert_eq!(urlencoded_token(b"a=1&csrf=abc&b=2").as_deref(), Some(b"abc".as_slice()));
        assert_eq!(urlencoded_token(b"a=csrf&xcsrf=abc"), None);
        let form = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\n";
        assert_eq!(first_part_token(form.as_bytes()).as_deref(), Some(b"abc".as_slice()));
        let later = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n".to_owned() + form;
        assert_eq!(first_part_token(later.as_bytes()), None, "only the first field is looked at");
    }

    #[test]
    fn only_the_address_that_the_proxy_added_counts() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().expect("a value"));
        headers.append("x-forwarded-for", "3.3.3.3, 4.4.4.4".parse().expect("a value"));
        assert_eq!(forwarded_for(&headers), "4.4.4.4".parse().ok());
        headers.append("x-forwarded-for", "unknown".parse().expect("a value"));
        assert_eq!(forwarded_for(&headers), None);
    }
}
