//! Headers that tell a browser how little a page of ours may do.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Origins;
use crate::http::gate::Personal;
use crate::http::read::embed::Framed;
use crate::http::state::AppState;

/// Nothing but our own files, no inline script or style, no frame around us, forms only to us. Pictures may also come from
/// the page itself: `blob:` for a photo about to be sent, `data:` for none.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; \
                      connect-src 'self'{witnesses}; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The window that other sites embed: styles and pictures of our own, and nothing that could act; framed by whom the settings name.
const FRAMED_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; \
                             base-uri 'none'; frame-ancestors ";
/// The camera scans QR codes and photographs papers; nothing else of the device is used.
const PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), \
                           display-capture=(), browsing-topics=()";
/// Two years.
const TRANSPORT: &str = "max-age=63072000";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const ALLOW_ORIGIN: HeaderName = HeaderName::from_static("access-control-allow-origin");

/// The policy of every page, which may hand a refused ballot, or what it was shown, to witnesses at these addresses.
fn policy(witnesses: &[String]) -> String {
    let origin = |address: &String| {
        address.parse::<Uri>().ok().and_then(|uri| Some((uri.scheme_str()?.to_owned(), uri.authority()?.clone())))
    };
    let allowed = witnesses.iter().filter_map(origin).map(|(scheme, authority)| format!(" {scheme}://{authority}"));
    let allowed: BTreeSet<String> = allowed.collect();
    POLICY.replace("{witnesses}", &allowed.into_iter().collect::<String>())
}

/// The policy of a window that other sites embed.
fn framed_policy(origins: &Origins) -> String {
    let by = if origins.0.is_empty() { "'none'".to_owned() } else { origins.to_string() };
    format!("{FRAMED_POLICY}{by}")
}

/// Middleware that sets the headers of every answer. A handler's own `Cache-Control` stays.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_open = path.starts_with("/log/") || path.starts_with("/witness/");
    let mut response = next.run(request).await;
    let personal = response.extensions().get::<Personal>().is_some();
    let framed = response.extensions().get::<Framed>().is_some();
    let headers = response.headers_mut();
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Forms of our own pages need their Origin header, which `no-referrer` would blank.
        (REFERRER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, PERMISSIONS),
        (OPENER_POLICY, "same-origin"),
        // The logs are there for anyone's verifier, in any page, and so is what a witness says.
        (RESOURCE_POLICY, if is_open { "cross-origin" } else { "same-origin" }),
    ];
    let watching = state.app().reachable_witnesses().into_iter().map(|witness| witness.url);
    let witnesses: Vec<String> = state.app().vouching().into_iter().chain(watching).collect();
    let policy = if framed { framed_policy(&state.config().embed.origins) } else { policy(&witnesses) };
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_open {
        headers.insert(ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        // One address answers in two languages, as page or document.
        headers.append(VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    }
    if state.secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        let keep = if personal { "no-store" } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    }
    response
}
