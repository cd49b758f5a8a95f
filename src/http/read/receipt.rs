//! A receipt (PROTOCOL 7a): what it proves in words, and the file that proves it without this server.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use crate::app::error::AppError;
use crate::app::views::library::Wanted;
use crate::app::views::told::Told;
use crate::core::ids::{Digest, VillageCode};
use crate::http::pages::vote::ReceiptPage;
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::record::{log_key, verifier};
use crate::http::read::rows;
use crate::http::state::AppState;
use crate::log::proof::ProofFile;
use crate::store::district::LogOf;

/// What a short link carries beside village and index.
#[derive(Debug, Deserialize)]
pub struct Link {
    /// Leaf hash of the entry, as on the paper receipt.
    leaf: Option<Digest>,
}

/// `GET /receipt/{code}/{index}`: verifies the receipt here as its holder can anywhere, and shows it.
///
/// # Errors
/// There is no such entry; `Conflict` where the paper's leaf hash is another than the record's: then the record was
/// changed or the paper is false; the store can't be read now.
pub async fn receipt(
    State(state): State<AppState>,
    visit: Visit,
    At((code, index)): At<(VillageCode, u64)>,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let told: Told =
        app.told_from(code, index, 1).await?.into_iter().next().ok_or_else(|| Problem::new(Code::NotFound))?;
    if link.leaf.is_some_and(|leaf| leaf != told.at.leaf) {
        return Err(Problem::new(Code::Conflict).rule("receipt.leaf").detail(view.t("receipt-differs")));
    }
    let proof = ProofFile::parse(&app.receipt(code, index).await?);
    let verified = proof.map(|proof| {
        proof.verify_receipt(&verifier(&view.live)?).map_err(|error| {
            tracing::error!(village = %code, index, %error, "a receipt of the own record does not verify");
            Problem::new(Code::Internal)
        })
    });
    verified.map_err(|_| Problem::new(Code::Internal))??;
    let mut wanted = Wanted::default();
    rows::want_titles(told.statement.matter.and_then(|id| view.state().matter(id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let link = format!("{}/receipt/{code}/{index}?leaf={}", state.origin(), told.at.leaf);
    let published = app.db().read("published", |tx| Box::pin(tx.published(LogOf::Village(code)))).await?;
    let published = published.is_some_and(|size| size > index);
    page(&ReceiptPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        seq: index,
        leaf: told.at.leaf,
        kind: told.statement.kind().code().to_owned(),
        at: told.at.time,
        qr_svg: qr(&link)?,
        file: format!("/receipt/{code}/{index}/file"),
        district_file: published.then(|| format!("/receipt/{code}/{index}/district")),
        log_key: log_key(&view.live)?,
        about: view.about(&told),
        next: None,
        link,
    })
}

/// `GET /receipt/{code}/of/{statement}`: leads to the receipt of a statement, by its id. What a terminal that is cut off took is not on
/// record yet: then it says so.
///
/// # Errors
/// `NotFound` with these words; the store can't be read now.
pub async fn of_statement(
    State(state): State<AppState>,
    visit: Visit,
    At((code, statement)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let found = app.db().read("by_statement", |tx| Box::pin(tx.by_statement_id(code, statement))).await;
    match found.map_err(AppError::Store)? {
        Some(entry) => Ok(Redirect::to(&format!("/receipt/{code}/{}", entry.seq)).into_response()),
        None => Err(Problem::new(Code::NotFound).detail(visit.c.t("receipt-not-yet").to_string())),
    }
}

/// `GET /receipt/{code}/{index}/file`.
///
/// # Errors
/// There is no such entry; the store can't be read now.
pub async fn file(
    State(state): State<AppState>,
    At((code, index)): At<(VillageCode, u64)>,
) -> Result<Response, Problem> {
    Ok(download(state.app().published_receipt(code, index).await?, &format!("{code}-{index}.tlog-proof")))
}

/// `GET /receipt/{code}/{index}/district`: the second file, which shows that the village's checkpoint is under the
/// district's.
///
/// # Errors
/// There is no such entry, or it is not published yet; the store can't be read now.
pub async fn district_file(
    State(state): State<AppState>,
    At((code, index)): At<(VillageCode, u64)>,
) -> Result<Response, Problem> {
    let file = state.app().district_receipt(code, index).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(download(file, &format!("{code}-{index}-district.tlog-proof")))
}

fn download(bytes: Vec<u8>, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "text/plain; charset=utf-8".to_owned();
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

/// A QR code as SVG, in the page's own colours.
///
/// # Errors
/// A text too long for any QR code, which no address of ours is.
pub fn qr(text: &str) -> Result<String, Problem> {
    let code = QrCode::new(text.as_bytes()).map_err(|_| Problem::new(Code::Internal))?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
    // The page is HTML: an XML declaration has no place in it.
    Ok(drawn.split_once("?>").map_or(drawn.as_str(), |(_, svg)| svg).to_owned())
}
