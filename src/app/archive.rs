//! A package for the archive (归档): a ZIP file with the record, documents and papers, what each is, and how to check it all.
//!
//! It is written piece by piece: of the record a page of entries is held at a time, of documents one. Nothing in it depends on
//! when or by whom it was asked for: times are the record's, nothing is compressed, and what stands in it follows from the record.
//!
//! An inspector's package has a page beside that: it carries the files within, so that it checks them where it is opened, without
//! any network or folder.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::{self, Sender};
use tokio::time::timeout;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::Time;
use crate::core::ids::{Digest, VillageCode};
use crate::store::error::StoreError;

/// Pieces that wait for a slow reader.
const WAITING: usize = 2;
/// Size of a piece of what is here whole, in bytes.
const PIECE: usize = 64 * 1024;
/// How long a reader may take for a piece: who stopped reading holds nothing for longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes of documents that the page of a package carries within; what is more lies beside it.
const MOST_CARRIED: u64 = 64 << 20;
/// Where that page is.
const CHECK_PAGE: &str = "check.html";

/// Words in both languages: Chinese, English.
pub type Both = [String; 2];

/// Where a file's bytes come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// They are here.
    Bytes(Vec<u8>),
    /// The record's first `size` entries, under the checkpoint that covers exactly these.
    Record(u64, String),
    /// A document, with its salt in a file beside it. It is left out if it was withdrawn meanwhile.
    Document(Digest, &'static str),
}

/// A file of the package.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its path; of a document, the folder.
    pub path: String,
    /// What it is.
    pub what: Both,
    /// Its bytes.
    pub source: Source,
}

/// What the package says of itself.
#[derive(Debug, Clone)]
pub struct Cover {
    /// What it is about.
    pub title: Both,
    /// How to check it.
    pub how: Both,
    /// Time of the record's newest entry.
    pub as_of: Time,
    /// Beginning of the page that checks the package, where it has one; it reads what follows.
    pub page: Option<String>,
}

/// A line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct Line {
    path: String,
    bytes: u64,
    sha256: String,
    zh: String,
    en: String,
}

/// What the ZIP writer has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a package ends early: then its directory is missing, and no program takes it for whole.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// What it is made of can't be had.
    #[error(transparent)]
    App(#[from] AppError),
    /// The ZIP can't be written.
    #[error("the package can't be written: {0}")]
    Zip(String),
    /// Nobody reads any more.
    #[error("nobody reads any more")]
    Gone,
}

/// Bytes of a file so far.
#[derive(Default)]
struct Sum {
    hash: Sha256,
    bytes: u64,
}

impl From<zip::result::ZipError> for Broken {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Zip(error.to_string())
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Zip(error.to_string())
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::App(AppError::Store(error))
    }
}

/// A package under way.
struct Packing {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    options: SimpleFileOptions,
    to: Sender<Result<Vec<u8>, Broken>>,
    lines: Vec<Line>,
}

impl App {
    /// The package, piece by piece; `held` is kept until its end.
    #[must_use]
    pub fn archive(
        &self,
        village: VillageCode,
        cover: Cover,
        items: Vec<Item>,
        held: impl Send + 'static,
    ) -> BoxStream<'static, Result<Vec<u8>, Broken>> {
        let (to, mut from) = mpsc::channel(WAITING);
        let app = self.clone();
        tokio::spawn(async move {
            let _held = held;
            let failed = to.clone();
            // What writes ZIP files holds large buffers.
            if let Err(error) = Box::pin(pack(&app, village, cover, items, to)).await
                && !matches!(error, Broken::Gone)
            {
                tracing::error!(%village, %error, "a package could not be made");
                // Whoever reads sees that the file was cut off.
                let _gone = timeout(PATIENCE, failed.send(Err(error))).await;
            }
        });
        // Whoever compresses asks again after the end.
        stream::poll_fn(move |context| from.poll_recv(context)).boxed()
    }
}

async fn pack(
    app: &App,
    village: VillageCode,
    cover: Cover,
    items: Vec<Item>,
    to: Sender<Result<Vec<u8>, Broken>>,
) -> Result<(), Broken> {
    let written = Written::default();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(local(cover.as_of))
        .unix_permissions(0o644)
        .large_file(true);
    let zip = ZipWriter::new_stream(written.clone());
    let mut packing = Packing { zip, written, options, to, lines: Vec::new() };
    for Item { path, what, source } in &items {
        match source {
            Source::Bytes(bytes) => packing.whole(path, what, bytes).await?,
            Source::Record(size, note) => {
                packing.file(path, what, app.export_under(village, *size, note)).await?;
            }
            Source::Document(name, ending) => {
                let (_, content) = app.document(village, *name).await?;
                if let Some(content) = content {
                    packing.whole(&format!("{path}/{name}.{ending}"), what, &content.bytes).await?;
                    let salt = [
                        "上一份材料的盐，核对时用".to_owned(),
                        "the salt of the document before, for checking".to_owned(),
                    ];
                    packing.whole(&format!("{path}/{name}.salt"), &salt, &content.salt).await?;
                }
            }
        }
    }
    if let Some(head) = &cover.page {
        Box::pin(packing.page(app, village, head, &cover, items)).await?;
    }
    Box::pin(packing.end(&cover)).await
}

/// A time as ZIP files have it, in Asia/Shanghai and of two seconds' grain.
fn local(time: Time) -> DateTime {
    let (year, month, day) = time.date().parts();
    let minute = time.minute_of_day();
    let part = |number: i64| u8::try_from(number).unwrap_or(0);
    let made = DateTime::from_date_and_time(
        u16::try_from(year).unwrap_or(1980),
        part(month.into()),
        part(day.into()),
        part(minute / 60),
        part(minute % 60),
        0,
    );
    made.unwrap_or_default()
}

impl Packing {
    async fn whole(&mut self, path: &str, what: &Both, bytes: &[u8]) -> Result<(), Broken> {
        let mut sum = self.begin(path)?;
        self.put(&mut sum, bytes).await?;
        self.list(path, what, sum);
        Ok(())
    }

    async fn file(
        &mut self,
        path: &str,
        what: &Both,
        mut pieces: BoxStream<'static, Result<Vec<u8>, StoreError>>,
    ) -> Result<(), Broken> {
        let mut sum = self.begin(path)?;
        while let Some(piece) = pieces.next().await {
            self.put(&mut sum, &piece?).await?;
        }
        self.list(path, what, sum);
        Ok(())
    }

    /// The page that carries the files within: its beginning, the list, then each file in lines of Base64.
    async fn page(
        &mut self,
        app: &App,
        village: VillageCode,
        head: &str,
        cover: &Cover,
        items: Vec<Item>,
    ) -> Result<(), Broken> {
        let mut sum = self.begin(CHECK_PAGE)?;
        self.put(&mut sum, head.as_bytes()).await?;
        // No text of the list can end the element that it stands in.
        let list = self.manifest(cover)?.replace('<', "\\u003c");
        self.put(&mut sum, format!("<script type=\"application/json\" data-contents>{list}</script>\n").as_bytes())
            .await?;
        let mut left = MOST_CARRIED;
        for Item { path, source, .. } in items {
            match source {
                Source::Bytes(bytes) => self.carry(&mut sum, &path, &bytes).await?,
                Source::Record(size, note) => {
                    self.put(&mut sum, opening(&path).as_bytes()).await?;
                    let mut pieces = app.export_under(village, size, &note);
                    while let Some(piece) = pieces.next().await {
                        self.put(&mut sum, lines_of(&piece?).as_bytes()).await?;
                    }
                    self.put(&mut sum, CLOSING.as_bytes()).await?;
                }
                Source::Document(name, ending) => {
                    let (document, content) = app.document(village, name).await?;
                    let Some(content) = content else { continue };
                    self.carry(&mut sum, &format!("{path}/{name}.salt"), &content.salt).await?;
                    if document.size <= left {
                        left -= document.size;
                        self.carry(&mut sum, &format!("{path}/{name}.{ending}"), &content.bytes).await?;
                    }
                }
            }
        }
        let what =
            ["打开本页即自动核对，不用联网".to_owned(), "open this page: it checks everything, off line".to_owned()];
        self.list(CHECK_PAGE, &what, sum);
        Ok(())
    }

    async fn carry(&mut self, sum: &mut Sum, path: &str, bytes: &[u8]) -> Result<(), Broken> {
        self.put(sum, opening(path).as_bytes()).await?;
        for piece in bytes.chunks(PIECE) {
            self.put(sum, lines_of(piece).as_bytes()).await?;
        }
        self.put(sum, CLOSING.as_bytes()).await
    }

    fn begin(&mut self, path: &str) -> Result<Sum, Broken> {
        self.zip.start_file(path, self.options)?;
        Ok(Sum::default())
    }

    async fn put(&mut self, sum: &mut Sum, bytes: &[u8]) -> Result<(), Broken> {
        sum.hash.update(bytes);
        sum.bytes += bytes.len() as u64;
        for piece in bytes.chunks(PIECE) {
            self.zip.write_all(piece)?;
            self.hand_on().await?;
        }
        Ok(())
    }

    fn list(&mut self, path: &str, what: &Both, sum: Sum) {
        let ([zh, en], sha256) = (what.clone(), hex::encode(sum.hash.finalize()));
        self.lines.push(Line { path: path.to_owned(), bytes: sum.bytes, sha256, zh, en });
    }

    /// What the package says of itself and of each file so far.
    fn manifest(&self, cover: &Cover) -> Result<String, Broken> {
        let manifest = serde_json::json!({
            "title": {"zh": cover.title[0], "en": cover.title[1]},
            "as_of": cover.as_of,
            "files": self.lines,
        });
        serde_json::to_string_pretty(&manifest).map_err(|error| Broken::Zip(error.to_string()))
    }

    async fn hand_on(&self) -> Result<(), Broken> {
        let piece = self.written.take();
        if piece.is_empty() { Ok(()) } else { send(&self.to, piece).await }
    }

    /// The manifest, for programs and in both languages, then the directory.
    async fn end(mut self, cover: &Cover) -> Result<(), Broken> {
        let lines = self.lines.clone();
        let json = self.manifest(cover)?;
        let own = ["本清单，供程序读取".to_owned(), "this list, for programs".to_owned()];
        self.whole("manifest.json", &own, json.as_bytes()).await?;
        for (nth, path) in ["README.zh-CN.txt", "README.en.txt"].into_iter().enumerate() {
            let text = readme(cover, &lines, nth);
            self.whole(path, &own, text.as_bytes()).await?;
        }
        let Self { zip, written, to, .. } = self;
        zip.finish()?;
        send(&to, written.take()).await
    }
}

/// End of a file that a page carries within.
const CLOSING: &str = "</script>\n";

/// Beginning of a file that a page carries within. Paths are ours: nothing in them needs escaping.
fn opening(path: &str) -> String {
    format!("<script type=\"text/plain\" data-path=\"{path}\">\n")
}

/// Bytes as lines of Base64, each readable by itself.
fn lines_of(bytes: &[u8]) -> String {
    let mut lines = String::with_capacity(bytes.len().div_ceil(3) * 4 + 2);
    for piece in bytes.chunks(PIECE) {
        BASE64_STANDARD.encode_string(piece, &mut lines);
        lines.push('\n');
    }
    lines
}

/// Hands a piece to the reader.
async fn send(to: &Sender<Result<Vec<u8>, Broken>>, piece: Vec<u8>) -> Result<(), Broken> {
    let sent = timeout(PATIENCE, to.send(Ok(piece))).await;
    sent.map_or(Err(Broken::Gone), |sent| sent.map_err(|_| Broken::Gone))
}

/// The manifest in one language: what it is, how to check it, then each file.
fn readme(cover: &Cover, lines: &[Line], nth: usize) -> String {
    let mut text = format!("{}\r\n\r\n{}\r\n", cover.title[nth], cover.how[nth].replace('\n', "\r\n"));
    for line in lines {
        let what = if nth == 0 { &line.zh } else { &line.en };
        text.push_str(&format!("\r\n{}\r\n  {what}\r\n  {} B  SHA-256 {}\r\n", line.path, line.bytes, line.sha256));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_files_time_is_the_records_in_shanghai() {
        let time = local("2026-11-28T16:30:59.000Z".parse().expect("a time"));
        assert_eq!(
            (time.year(), time.month(), time.day(), time.hour(), time.minute(), time.second()),
            (2026, 11, 29, 0, 30, 0)
        );
    }
}
