//! What a person or a program is told when something can't be done: one closed list of codes, a problem document
//! (RFC 9457) for programs and a page for people, chosen by `Accept`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::error::AppError;
use crate::http::gate::Personal;
use crate::http::i18n::Lang;
use crate::http::observe::RequestId;
use crate::http::pages::chrome::Elder;
use crate::http::problem_page;
use crate::http::session::cookie;
use crate::http::state::AppState;
use crate::store::error::StoreError;

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Everything that can be told. The word is stable: programs act on it, and texts are found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request can't be understood.
    BadRequest,
    /// This needs a log-in.
    NotSignedIn,
    /// A program shows no token, or one that is not for this, or no longer.
    NoToken,
    /// Logged in, but not with the key on this device.
    KeyNeeded,
    /// Logged in, but without the role for this place.
    NotAllowed,
    /// The request came from another site.
    CrossSite,
    /// The form's token is missing or of another session.
    FormExpired,
    /// There is nothing here.
    NotFound,
    /// The address takes other methods.
    MethodNotAllowed,
    /// The request took too long to arrive or to be answered.
    Timeout,
    /// What the request builds on has changed meanwhile.
    Conflict,
    /// It was here and has been withdrawn or erased.
    Gone,
    /// The body is larger than allowed.
    TooLarge,
    /// The media type isn't accepted here, or isn't what the bytes show.
    UnsupportedMedia,
    /// Understood, but a value or a rule stands against it.
    Unprocessable,
    /// Too many attempts from this network address.
    TooManyAttempts,
    /// A fault of the server.
    Internal,
    /// The server can't take this now: starting, stopping, database locked or disk full.
    Unavailable,
    /// Whether it was done can't be told now: it may be on record.
    Unsure,
    /// Witnesses hold another history than this server: nothing is signed until that is settled.
    InDoubt,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::NotSignedIn,
        Self::NoToken,
        Self::NotAllowed,
        Self::KeyNeeded,
        Self::CrossSite,
        Self::FormExpired,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Timeout,
        Self::Conflict,
        Self::Gone,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::Unprocessable,
        Self::TooManyAttempts,
        Self::Internal,
        Self::Unavailable,
        Self::Unsure,
        Self::InDoubt,
    ];

    /// The HTTP status it goes with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::KeyNeeded | Self::CrossSite | Self::FormExpired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::Unsure | Self::InDoubt => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::NotSignedIn => "not-signed-in",
            Self::NoToken => "no-token",
            Self::KeyNeeded => "key-needed",
            Self::NotAllowed => "not-allowed",
            Self::CrossSite => "cross-site",
            Self::FormExpired => "form-expired",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::TooLarge => "too-large",
            Self::UnsupportedMedia => "unsupported-media",
            Self::Unprocessable => "unprocessable",
            Self::TooManyAttempts => "too-many-attempts",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Unsure => "unsure",
            Self::InDoubt => "in-doubt",
        }
    }

    /// What a bare status from a library means.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let known = Self::ALL.into_iter().find(|code| code.status() == status);
        let class = if status.is_server_error() { Self::Internal } else { Self::BadRequest };
        known.unwrap_or(class)
    }
}

/// A refusal or failure on its way to the person. Handlers return it; [`render`] writes it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    rule: Option<String>,
    refusal: Option<String>,
    retry_after: Option<u32>,
}

/// The JSON form (RFC 9457 section 3), with our members `code`, `what_to_do`, `rule`, `refusal` and `request`.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    code: Code,
    what_to_do: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
}

impl Problem {
    /// A problem with nothing to add to its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, rule: None, refusal: None, retry_after: None }
    }

    /// Adds what exactly stands against it, in the reader's language, without personal data.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Adds the stable name of the rule that refused.
    #[must_use]
    pub fn rule(self, rule: impl Into<String>) -> Self {
        Self { rule: Some(rule.into()), ..self }
    }

    /// Adds the log's signed note that it refused, for who wants to show it to others.
    #[must_use]
    pub fn refusal(self, note: String) -> Self {
        Self { refusal: Some(note), ..self }
    }

    /// Adds the seconds to wait.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Which problem it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The stable name of the rule that refused.
    #[must_use]
    pub fn rule_code(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// What exactly stands against it.
    #[must_use]
    pub fn detail_text(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<AppError> for Problem {
    /// The one place where a use case's refusal becomes an answer.
    fn from(error: AppError) -> Self {
        match error {
            AppError::Rejected(rejection) => {
                Self::new(Code::Unprocessable).rule(rejection.rule.code()).detail(rejection.to_string())
            }
            AppError::Envelope(error) => Self::new(Code::BadRequest).detail(error.to_string()),
            AppError::NotFound { what } => Self::new(Code::NotFound).detail(format!("no such {what}")),
            AppError::Invalid { field, reason } => Self::new(Code::Unprocessable).rule(reason).detail(field),
            AppError::Overloaded | AppError::Elsewhere | AppError::Stopping => {
                Self::new(Code::Unavailable).retry_after(1)
            }
            AppError::Unsure => Self::new(Code::Unsure).retry_after(STORE_AWAY_SECONDS),
            AppError::Disagrees { .. } => Self::new(Code::Internal),
            AppError::InDoubt(_) => Self::new(Code::InDoubt).retry_after(IN_DOUBT_SECONDS),
            AppError::Store(error) => Self::from(error),
        }
    }
}

/// When to come back while the server's history is in doubt: people must settle that.
const IN_DOUBT_SECONDS: u32 = 3_600;
/// When to come back after a full disk or a locked database.
const STORE_AWAY_SECONDS: u32 = 10;

impl From<StoreError> for Problem {
    /// What is wrong inside goes to the operator's log, never to the reader.
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Unavailable { may_be_written: true, .. } => Code::Unsure,
            StoreError::Unavailable { .. } => Code::Unavailable,
            StoreError::Conflict { .. } | StoreError::Replayed { .. } | StoreError::Exists => Code::Conflict,
            StoreError::TooLarge { .. } => Code::TooLarge,
            StoreError::Sealed
            | StoreError::Damaged(_)
            | StoreError::Address(_)
            | StoreError::NotEmpty(_)
            | StoreError::InUse
            | StoreError::Served
            | StoreError::Refused(_) => Code::Internal,
        };
        if code.status().is_server_error() {
            tracing::error!(%error, "the store could not do what was asked");
        }
        let problem = Self::new(code);
        if code.status() == StatusCode::SERVICE_UNAVAILABLE { problem.retry_after(STORE_AWAY_SECONDS) } else { problem }
    }
}

impl IntoResponse for Problem {
    /// The status, with the problem beside it; [`render`] knows the reader and writes the body.
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether the reader is a person with a browser: takes HTML, and the address isn't one of the API's or the logs'.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let for_programs = path.starts_with("/log/") || (path.starts_with("/api/") && !path.ends_with("/docs"));
    accepts.contains("text/html") && !for_programs
}

/// Whether a library made this error answer: a bare status, or plain text about the request's form.
fn is_bare_error(response: &Response) -> bool {
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let failed = response.status().is_client_error() || response.status().is_server_error();
    failed && media.is_none_or(|media| media.starts_with("text/plain"))
}

/// Middleware that writes every problem, and every bare error, as a document or a page in the reader's language.
pub async fn render(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let headers = request.headers().clone();
    let request_id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_bare_error(&response) => Problem::new(Code::of_status(response.status())),
        None => return response,
    };
    let lang = problem_page::language(uri.query(), &headers);
    let id = request_id.as_ref().map(RequestId::as_str);
    let (media, body) = if wants_page(uri.path(), &headers) {
        let csrf = response.extensions().get::<Personal>().map(|personal| personal.csrf.clone()).unwrap_or_default();
        let elder = cookie(&headers, "elder").and_then(Elder::parse).unwrap_or_default();
        let here = uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        let reader = problem_page::Reader { lang, elder, here };
        ("text/html; charset=utf-8", problem_page::page(&state, &problem, reader, csrf, id))
    } else {
        (MEDIA_TYPE, document(&problem, lang, id))
    };
    // Headers that the handler set stay (Allow of a 405, a cookie being ended); those of the old body go.
    response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.status_mut() = problem.code.status();
    *response.body_mut() = Body::from(body);
    response
}

fn document(problem: &Problem, lang: Lang, request: Option<&str>) -> String {
    let text = problem_page::text(problem.code, lang);
    let detail = problem_page::detail(problem, lang);
    let document = Document {
        r#type: format!("/help#problem-{}", problem.code.word()),
        title: &text.title,
        status: problem.code.status().as_u16(),
        detail: detail.as_deref(),
        code: problem.code,
        what_to_do: &text.what_to_do,
        rule: problem.rule.as_deref(),
        refusal: problem.refusal.as_deref(),
        request,
    };
    // Strings and numbers only: serialising can't fail.
    serde_json::to_string(&document).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::{Code, Problem};
    use crate::app::error::AppError;

    #[test]
    fn what_is_too_much_at_once_is_to_come_back_in_a_second() {
        let problem = Problem::from(AppError::Overloaded);
        assert_eq!((problem.code.status(), problem.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(1)));
    }

    #[test]
    fn a_code_reads_the_same_in_json_and_in_links() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).expect("a word"), code.word());
        }
    }

    #[test]
    fn a_bare_status_gets_a_code_of_its_class() {
        assert_eq!(Code::of_status(StatusCode::NOT_FOUND), Code::NotFound);
        assert_eq!(Code::of_status(StatusCode::FORBIDDEN), Code::NotAllowed);
        assert_eq!(Code::of_status(StatusCode::IM_A_TEAPOT), Code::BadRequest);
        assert_eq!(Code::of_status(StatusCode::BAD_GATEWAY), Code::Internal);
    }
}
