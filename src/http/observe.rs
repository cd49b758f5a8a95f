//! One line and one count for each request. Neither names a person, an address or what was searched for: the line has the
//! route template, not the path, and no query.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

use crate::http::metrics::Answer;
use crate::http::state::AppState;

/// Header that carries the request's number, to be quoted to the operator.
pub const REQUEST_ID: &str = "x-request-id";

/// Marks an answer that is not worth compressing.
#[derive(Debug, Clone, Copy)]
pub struct AsItIs;

/// What is compressed: all that the layer would, but answers that are marked.
#[derive(Debug, Clone, Copy)]
pub struct WorthCompressing;

impl Predicate for WorthCompressing {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        response.extensions().get::<AsItIs>().is_none() && DefaultPredicate::new().should_compress(response)
    }
}

/// Numbers requests within one run of the server.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The request's number: start of the second in hex, a dash, a running number. Says nothing about the person.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Middleware around everything: numbers the request, counts it, writes its line.
pub async fn observe(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let running = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = RequestId(format!("{:x}-{running:x}", state.app().now().ms() / 1_000));
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    request.extensions_mut().insert(id.clone());

    let under_way = state.metrics().running();
    #[expect(clippy::disallowed_methods, reason = "a duration is measured, nothing is decided by it")]
    let begun = Instant::now();
    let mut response = next.run(request).await;
    let took = begun.elapsed();
    drop(under_way);

    let status = response.status().as_u16();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::error!(request = id.as_str(), method, route, status, ms, "answered");
    } else {
        tracing::info!(request = id.as_str(), method, route, status, ms, "answered");
    }
    state.metrics().answered(&Answer { method, route, status }, took);
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The methods in use; whatever else a visitor makes up must not become a label.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
