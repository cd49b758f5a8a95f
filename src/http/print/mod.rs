//! Papers to print: ballots, minutes, notices as PDF, and what is read out over the loudspeaker. What they say comes from the
//! same typed pages as on screen, in the same words; how it is set is `crate::app::print`'s.

pub mod aloud;
pub mod ballots;
pub mod figures;
pub mod filled;
pub mod households;
pub mod lists;
pub mod minutes;
pub mod notice;
pub mod reminder;
pub mod words;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::app::print::PrintError;
use crate::app::print::font::Fonts;
use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;

impl From<PrintError> for Problem {
    fn from(error: PrintError) -> Self {
        match error {
            PrintError::Font(error) => {
                tracing::error!(%error, "a paper could not be printed");
                Self::new(Code::Unavailable).rule("print-no-font")
            }
            PrintError::TooLong(_) => Self::new(Code::Unprocessable).rule("print-too-long"),
            PrintError::DoesNotFit => Self::new(Code::Unprocessable).rule("print-does-not-fit"),
            PrintError::Writing(error) => {
                tracing::error!(%error, "a paper could not be printed");
                Self::new(Code::Internal)
            }
        }
    }
}

/// A PDF as an answer, named `name`, made aside from the threads that answer requests.
///
/// # Errors
/// There is no font; the text is too long; it can't be written.
pub async fn pdf(
    state: &AppState,
    name: String,
    make: impl FnOnce(&Fonts) -> Result<Vec<u8>, PrintError> + Send + 'static,
) -> Result<Response, Problem> {
    let bytes = state.printer().print(make).await?;
    let headers = [(CONTENT_TYPE, "application/pdf"), (CACHE_CONTROL, "private, no-cache")];
    let mut response = (headers, bytes).into_response();
    if let Ok(value) = HeaderValue::try_from(format!("inline; filename=\"{name}.pdf\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
