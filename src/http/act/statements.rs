//! The API by which signed statements come in.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::sequencer::Accepted;
use crate::app::submit::{BallotOpening, Submitted};
use crate::core::clock::Time;
use crate::core::ids::{Digest, VillageCode};
use crate::core::judge::Remark;
use crate::core::state::Position;
use crate::http::act::draft::explain_in;
use crate::http::i18n::Lang;
use crate::http::observe::AsItIs;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Speaks};
use crate::http::state::AppState;
use crate::log::dsse::{Envelope, Signature};

/// A statement with its signatures, and what travels beside a ballot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The DSSE envelope, as strict JSON.
    envelope: Box<RawValue>,
    /// What a ballot's commitment hides.
    #[serde(default)]
    opening: Option<BallotOpening>,
}

impl Submission {
    /// The envelope and what opens a ballot.
    ///
    /// # Errors
    /// `BadRequest` where it is no envelope.
    pub(super) fn read(self, lang: Lang) -> Result<(Envelope, Option<BallotOpening>), Problem> {
        let envelope = Envelope::from_json(self.envelope.get().as_bytes());
        Ok((envelope.map_err(|error| explain_in(lang, AppError::from(error)))?, self.opening))
    }
}

/// One more signature under a statement that waits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherSignature {
    keyid: Digest,
    sig: String,
}

/// Takes in a statement. 201 with the receipt once it is on record, 202 while signatures are missing.
///
/// # Errors
/// The rule that refuses it.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/statements",
    tag = "statements",
    summary = "Hand in a signed statement",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    request_body(content = Object, description = "envelope: the DSSE envelope; opening: nonce and choice, with a ballot only", content_type = "application/json"),
    responses((status = 201, description = "On record: seq, leaf, time, receipt, remarks"), (status = 202, description = "Waits for further signatures: pending, waits_for"), (status = 409, description = "The record holds it already, or moved on at this moment"), (status = 422, description = "A rule of form or of the law refuses it; `rule` names it; `refusal` is a note that the village's log signed"), (status = 503, description = "It could not be written now, or, with the code `unsure`, that can't be told: send the same again after Retry-After seconds, it is never recorded twice"))
)]
pub async fn submit(
    State(state): State<AppState>,
    Speaks(lang): Speaks,
    At(village): At<VillageCode>,
    Json(submission): Json<Submission>,
) -> Result<Response, Problem> {
    let (envelope, opening) = submission.read(lang)?;
    take(state.app(), lang, village, envelope, opening).await
}

/// Takes in what was handed in, and answers.
///
/// # Errors
/// The rule that refuses it.
pub(super) async fn take(
    app: &App,
    lang: Lang,
    village: VillageCode,
    envelope: Envelope,
    opening: Option<BallotOpening>,
) -> Result<Response, Problem> {
    let id = envelope.id();
    match app.submit(village, envelope, opening).await {
        Ok(submitted) => Ok(answer(submitted)),
        Err(error) => Err(refused(app, village, id, explain_in(lang, error)).await),
    }
}

/// A refusal is signed: who was refused can show it to anybody. What could not be judged now is none.
async fn refused(app: &App, village: VillageCode, statement: Digest, problem: Problem) -> Problem {
    if problem.code().status().is_server_error() {
        return problem;
    }
    let why = problem.rule_code().unwrap_or(problem.code().word()).to_owned();
    match app.sign_refusal(village, statement, &why).await {
        Ok(note) => problem.refusal(note.to_string()),
        Err(error) => {
            tracing::warn!(%village, %error, "a refusal could not be signed");
            problem
        }
    }
}

/// Adds a signature to a statement that waits.
///
/// # Errors
/// `Gone` when it doesn't wait any more; the rule that refuses it.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/pending/{id}/signatures",
    tag = "statements",
    summary = "Add a signature to a statement that waits",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("id" = String, Path, description = "Statement id, hex")),
    request_body(content = Object, description = "keyid and sig, as in a DSSE envelope", content_type = "application/json"),
    responses((status = 201, description = "On record: seq, leaf, time, receipt, remarks"), (status = 202, description = "Waits for further signatures"), (status = 410, description = "It no longer waits"))
)]
pub async fn add_signature(
    State(state): State<AppState>,
    Speaks(lang): Speaks,
    At((village, id)): At<(VillageCode, Digest)>,
    Json(further): Json<FurtherSignature>,
) -> Result<Response, Problem> {
    let app = state.app();
    let sig = BASE64_STANDARD.decode(&further.sig).ok().and_then(|sig| <[u8; 64]>::try_from(sig).ok());
    let signature = Signature { keyid: further.keyid, sig: sig.ok_or_else(|| Problem::new(Code::BadRequest))? };
    match app.add_signature(village, id, signature).await {
        Ok(Some(submitted)) => Ok(answer(submitted)),
        Ok(None) => Err(Problem::new(Code::Gone)),
        Err(error) => Err(refused(app, village, id, explain_in(lang, error)).await),
    }
}

fn answer(submitted: Submitted) -> Response {
    match submitted {
        // Hashes and signatures: compressing them would cost a server more than all that it does for the ballot.
        Submitted::Recorded(accepted) => {
            (StatusCode::CREATED, Extension(AsItIs), Json(Recorded::of(&accepted))).into_response()
        }
        Submitted::Waiting { statement, waits_for } => {
            let body = serde_json::json!({"pending": statement, "waits_for": waits_for});
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
    }
}

/// The answer to a statement that is on record.
#[derive(Serialize)]
struct Recorded<'a> {
    seq: u64,
    leaf: Digest,
    time: Time,
    receipt: Cow<'a, str>,
    remarks: &'a [Remark],
}

impl<'a> Recorded<'a> {
    fn of(accepted: &'a Accepted) -> Self {
        let Position { seq, time, leaf } = accepted.at;
        Self { seq, leaf, time, receipt: String::from_utf8_lossy(&accepted.receipt), remarks: &accepted.remarks }
    }
}
