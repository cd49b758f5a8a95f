//! What a witness answers over HTTP: cosignatures (c2sp.org/tlog-witness), ballots it vouches for, evidence, its page.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::core::ids::{Digest, VillageCode};
use crate::http::gate::Caller;
use crate::http::pages::parts::Place;
use crate::http::pages::record::CheckPage;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::record::record_file;
use crate::http::state::AppState;
use crate::log::checkpoint::CheckpointError;
use crate::log::note::NoteError;
use crate::log::witness::{Refusal, SIZE_TYPE, answer};
use crate::store::error::StoreError;
use crate::store::witness::Witnessed;
use crate::witness::Witness;
use crate::witness::desk::DeskError;
use crate::witness::seen::SeenError;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// When a log is to ask again, in seconds.
const AGAIN: u32 = 1;

/// `POST /witness/add-checkpoint`.
pub async fn add_checkpoint(Extension(witness): Extension<Witness>, body: Bytes) -> Response {
    match witness.desk().ask(&body).await {
        Ok(line) => ([(CONTENT_TYPE, TEXT)], answer(&[line])).into_response(),
        Err(DeskError::Refused(Refusal::Conflict { size })) => {
            let kind = [(CONTENT_TYPE, HeaderValue::from_static(SIZE_TYPE))];
            (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
        }
        Err(DeskError::Refused(refusal)) => {
            let code = match refusal {
                Refusal::Malformed(_) => Code::BadRequest,
                Refusal::Forbidden(_) => Code::NotAllowed,
                Refusal::UnknownLog => Code::NotFound,
                Refusal::Conflict { .. } => Code::Conflict,
                Refusal::Inconsistent(_) => Code::Unprocessable,
            };
            Problem::new(code).detail(refusal.to_string()).into_response()
        }
        Err(DeskError::Unavailable) => Problem::new(Code::Unavailable).retry_after(AGAIN).into_response(),
    }
}

/// `GET /witness/{hash of an origin}/checkpoint`: the newest checkpoint of that log which this witness cosigned.
///
/// # Errors
/// It has cosigned none; the store can't be read now.
pub async fn checkpoint(Extension(witness): Extension<Witness>, At(origin): At<Digest>) -> Result<Response, Problem> {
    let row = witness.db().read("witnessed_by_hash", |tx| Box::pin(tx.witnessed_by_hash(origin))).await?;
    let row = row.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, MOMENT)], row.note).into_response())
}

/// `GET /log/v/{code}/checkpoint`: the newest checkpoint of a village whose whole record was found lawful and is shown here, with
/// the lawful cosigner's signature.
///
/// # Errors
/// There is none; the store can't be read now.
pub async fn village_checkpoint(
    Extension(witness): Extension<Witness>,
    At(village): At<VillageCode>,
) -> Result<Response, Problem> {
    let row = lawful(&witness, village).await?;
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, MOMENT)], row.note).into_response())
}

async fn lawful(witness: &Witness, village: VillageCode) -> Result<Witnessed, Problem> {
    let read = witness.db().read("lawful_checkpoint", |tx| {
        Box::pin(async move {
            let Some(head) = tx.head(village).await? else { return Ok(None) };
            tx.witnessed(&head.origin).await
        })
    });
    let row: Result<_, StoreError> = read.await;
    row?.ok_or_else(|| Problem::new(Code::NotFound))
}

/// `GET /v/{code}/record/file`: the copy of a village's record, as far as it was found lawful, to be checked with any program.
///
/// # Errors
/// There is none; the store can't be read now.
pub async fn record(Extension(witness): Extension<Witness>, At(village): At<VillageCode>) -> Result<Response, Problem> {
    let row = lawful(&witness, village).await?;
    let note = String::from_utf8_lossy(&row.note);
    Ok(record_file(village, witness.app().export_under(village, row.size, &note)))
}

/// Which village.
#[derive(Debug, Deserialize)]
pub struct Asked {
    village: Option<VillageCode>,
}

/// `GET /check?village=`: the page on which the reader's own browser checks a village's record by this witness's copy, a record's
/// file, and a receipt.
///
/// # Errors
/// The village's record was not found lawful here; the store can't be read now.
pub async fn check(
    Extension(witness): Extension<Witness>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Some(village) = asked.village {
        lawful(&witness, village).await?;
    }
    // Names are in the district's vault, not in the record: a witness knows villages by their codes.
    let named = |code: VillageCode| Place {
        code,
        name: code.to_string(),
        township: code.township(),
        township_name: code.township().to_string(),
    };
    page(&CheckPage {
        c: visit.c,
        place: asked.village.map(named),
        report: None,
        log_key: None,
        watch: witness.watch(),
        at_witness: true,
    })
}

/// `GET /witness/evidence/{alarm}`: the file that shows what an alarm is about.
///
/// # Errors
/// There is no such alarm, or none with a file; the store can't be read now.
pub async fn evidence(Extension(witness): Extension<Witness>, At(alarm): At<Digest>) -> Result<Response, Problem> {
    let row = witness.db().read("alarm_by_id", |tx| Box::pin(tx.alarm(alarm))).await?;
    let evidence = row.and_then(|row| row.evidence).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(([(CONTENT_TYPE, TEXT)], evidence).into_response())
}

/// `POST /witness/vouch`: a ballot that the server refused.
///
/// # Errors
/// Not an envelope, or not a ballot that counts by what is on record here.
pub async fn vouch(
    Extension(witness): Extension<Witness>,
    State(state): State<AppState>,
    body: Bytes,
) -> Result<Response, Problem> {
    let ballot = witness.read_ballot(&body).await?;
    let taken = state.statement_limit().take_one(ballot.key(), witness.now());
    taken.map_err(|seconds| Problem::new(Code::TooManyAttempts).retry_after(seconds))?;
    let note = witness.vouch(&ballot).await?;
    Ok(([(CONTENT_TYPE, TEXT)], note.to_string()).into_response())
}

/// `POST /witness/seen`: the newest checkpoint of the district's log that a reader holds. Answers with the newest one that this
/// witness cosigned, for the reader to compare in turn; with nothing before the first.
///
/// # Errors
/// Not a checkpoint, of another log, or not signed by the log; too often; the store can't be read or written now.
pub async fn seen(
    Extension(witness): Extension<Witness>,
    Caller(address): Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let taken = witness.handing_in().take(address, witness.now());
    taken.map_err(|seconds| Problem::new(Code::TooManyAttempts).retry_after(seconds))?;
    match witness.take_seen(&body).await {
        Ok(Some(note)) => Ok(([(CONTENT_TYPE, TEXT)], note).into_response()),
        Ok(None) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(SeenError::Refused(refused)) => {
            let code = match refused {
                CheckpointError::Origin(_) => Code::NotFound,
                CheckpointError::Malformed(_) | CheckpointError::Note(NoteError::Malformed(_)) => Code::BadRequest,
                CheckpointError::Note(_) => Code::NotAllowed,
            };
            Err(Problem::new(code).detail(refused.to_string()))
        }
        Err(SeenError::Follow(error)) => {
            tracing::error!(%error, "what a reader handed in could not be judged");
            Err(Problem::new(Code::Unavailable).retry_after(AGAIN))
        }
    }
}

/// `GET /`: where it stands, in plain words.
///
/// # Errors
/// The store can't be read now.
pub async fn show(Extension(witness): Extension<Witness>, visit: Visit) -> Result<Response, Problem> {
    page(&witness.page(visit.c).await?)
}
