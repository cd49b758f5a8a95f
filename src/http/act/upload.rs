//! Reading a form with files: texts by field, files kept as documents.

use std::collections::BTreeMap;

use axum::extract::Multipart;

use crate::app::App;
use crate::app::album;
use crate::app::documents::MAX_BYTES;
use crate::app::error::AppError;
use crate::app::forms::{FieldError, Values};
use crate::app::reading::Reader;
use crate::core::ids::VillageCode;
use crate::core::model::{Doc, Level};
use crate::http::problem::{Code, Problem};

/// Most files in one form.
const MAX_FILES: usize = 50;
/// Longest text of one field, bytes.
const MAX_TEXT: usize = 64 << 10;

/// Ending of the hidden field that carries documents uploaded before, as JSON.
pub const KEPT: &str = ".kept";

/// What a form sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// Values and documents.
    pub values: Values,
    /// Files that are not taken.
    pub errors: Vec<FieldError>,
}

/// Reads a multipart form and keeps its files. `single`: fields that hold one document, for which several photographs are its pages.
///
/// # Errors
/// `BadRequest` for a body that isn't a form; `TooLarge`; the store's.
pub async fn read(
    app: &App,
    village: VillageCode,
    reader: &Reader,
    single: &[&str],
    mut form: Multipart,
) -> Result<Sent, Problem> {
    let by = reader.person.ok_or_else(|| Problem::new(Code::NotAllowed))?;
    let mut sent = Sent::default();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| Problem::new(Code::of_status(error.status())))? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let bytes = field.bytes().await.map_err(|error| Problem::new(Code::of_status(error.status())))?;
        if is_file {
            if !bytes.is_empty() {
                files.push((name, bytes.to_vec()));
            }
            continue;
        }
        if bytes.len() > MAX_TEXT {
            return Err(Problem::new(Code::TooLarge));
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Problem::new(Code::BadRequest))?;
        sent.values.fields.entry(name).or_default().push(text);
    }
    keep_earlier(app, village, reader, &mut sent.values).await?;
    if files.len() > MAX_FILES {
        sent.errors.push(FieldError::new(&files[0].0, "too-many-files"));
        return Ok(sent);
    }
    for name in single {
        let earlier = sent.values.papers.get(*name).map_or(0, Vec::len);
        if !bind(&mut files, name) || earlier > usize::from(files.iter().all(|(field, _)| field != name)) {
            sent.errors.push(FieldError::new(name, "one-paper"));
            files.retain(|(field, _)| field != name);
        }
    }
    for (name, bytes) in files {
        let level =
            sent.values.one(&format!("{name}.level")).and_then(|code| code.parse().ok()).unwrap_or(Level::Public);
        if bytes.len() > MAX_BYTES {
            sent.errors.push(FieldError::new(&name, "too-large"));
            continue;
        }
        match app.keep_file(village, by, level, bytes).await {
            Ok(doc) => sent.values.papers.entry(name).or_default().push(doc),
            Err(AppError::Invalid { reason, .. }) => sent.errors.push(FieldError::new(&name, reason)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

/// Binds several photographs of one field into one document, in the order in which they came; whether there is at most one now.
fn bind(files: &mut Vec<(String, Vec<u8>)>, name: &str) -> bool {
    let own: Vec<Vec<u8>> = files.iter().filter(|(field, _)| field == name).map(|(_, bytes)| bytes.clone()).collect();
    if own.len() < 2 {
        return true;
    }
    let Some(bound) = album::bound(&own) else { return false };
    files.retain(|(field, _)| field != name);
    files.push((name.to_owned(), bound));
    true
}

/// Documents that were uploaded with an earlier try of this form, less those that the person took out again and those that
/// the person may not read: naming them must not show them.
async fn keep_earlier(app: &App, village: VillageCode, reader: &Reader, values: &mut Values) -> Result<(), Problem> {
    let mut earlier: BTreeMap<String, Vec<Doc>> = BTreeMap::new();
    for (name, texts) in values.fields.iter().filter(|(name, _)| name.ends_with(KEPT)) {
        let field = name.trim_end_matches(KEPT);
        let dropped = values.all(&format!("{field}.drop"));
        let docs = texts.iter().filter_map(|text| serde_json::from_str::<Doc>(text).ok());
        for doc in docs.filter(|doc| !dropped.contains(&doc.sha256.to_string().as_str())).take(MAX_FILES) {
            if may_name(app, village, reader, &doc).await? {
                earlier.entry(field.to_owned()).or_default().push(doc);
            }
        }
    }
    values.papers.extend(earlier);
    Ok(())
}

/// Whether a document is one on hand that this reader may open, and so name.
///
/// # Errors
/// The store's.
pub async fn may_name(app: &App, village: VillageCode, reader: &Reader, doc: &Doc) -> Result<bool, Problem> {
    let name = doc.sha256;
    let kept = app.db().read("document", |tx| Box::pin(tx.document(village, name))).await.map_err(AppError::Store)?;
    match kept {
        Some(kept) => Ok(app.may_open(&kept, reader).await?),
        None => Ok(false),
    }
}
