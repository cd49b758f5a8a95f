//! The address of rehearsals: whoever was let in reaches the rehearsal, everybody else the entrance alone.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::ACCEPT;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use tower::Service as _;

use crate::http::access::Endpoint;
use crate::http::address::query_value;
use crate::http::problem::{Code, Problem};
use crate::http::rehearsal::Rehearsals;
use crate::http::router::router_at;

/// What is answered before the code is given.
const BEFORE: &[Endpoint] = &[Endpoint::Asset, Endpoint::Settings, Endpoint::Enter, Endpoint::EnterCode];
/// Where the code is asked for.
pub const ENTRANCE: &str = "/enter";

#[derive(Clone)]
struct Front {
    rehearsals: Rehearsals,
    entrance: Router,
}

/// Everything at the rehearsals' address as a service.
pub fn front(rehearsals: &Rehearsals) -> Router {
    let entrance = router_at(rehearsals.entrance(), BEFORE, to_entrance);
    Router::new().fallback(pass).with_state(Front { rehearsals: rehearsals.clone(), entrance })
}

async fn pass(State(front): State<Front>, request: Request) -> Response {
    let within = front.rehearsals.within(request.headers()).filter(|_| request.uri().path() != ENTRANCE);
    let mut router = within.map_or(front.entrance, |running| running.router.clone());
    router.call(request).await.unwrap_or_else(|never| match never {})
}

/// A page that somebody wanted to see leads to the entrance; a program is told that there is nothing.
async fn to_entrance(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if method != Method::GET || !accept.contains("text/html") {
        return Problem::new(Code::NotFound).into_response();
    }
    match uri.path_and_query().map(PathAndQuery::as_str).filter(|wanted| *wanted != "/") {
        Some(wanted) => Redirect::to(&format!("{ENTRANCE}?next={}", query_value(wanted))).into_response(),
        None => Redirect::to(ENTRANCE).into_response(),
    }
}
