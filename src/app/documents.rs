//! Documents on their way in and out: sniffed, checked for numbers that must not be published, salted, kept.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::{film, pdf, pictures};
use crate::core::clock::DAY_MS;
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::model::{Doc, Level, Media};
use crate::core::privacy;
use crate::core::statement::Statement;
use crate::store::documents::{Content, Document, NewDocument};

/// The largest document: a photograph or a scan of some pages.
pub const MAX_BYTES: usize = 20 << 20;
/// How long a document waits for an entry that names it: longer than any statement waits for its last signature.
const UNNAMED_MS: i64 = 45 * DAY_MS;
/// Most documents removed at once.
const SWEPT: u64 = 100;
/// The largest text that is written in a form.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

impl App {
    /// Keeps a text written in a form by a person, or by somebody without a key; the answer is what a statement names it by.
    ///
    /// # Errors
    /// `Invalid` for text that is empty, too long, holds control or direction-changing characters, or, where it would be
    /// public, an identity, telephone or bank number.
    pub async fn keep_text(
        &self,
        village: VillageCode,
        by: Option<PersonId>,
        level: Level,
        text: &str,
    ) -> Result<Doc, AppError> {
        let text = text.trim().replace("\r\n", "\n");
        let invalid = |reason| AppError::Invalid { field: "text", reason };
        if text.is_empty() {
            return Err(invalid("empty"));
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(invalid("too-long"));
        }
        check_text(level, &text)?;
        self.keep(village, by, level, Media::Text, text.into_bytes()).await
    }

    /// Keeps a file that a person uploads; what it is is sniffed from its bytes, not believed. Pictures and PDFs lose what was
    /// written beside them; a kind of picture of which that can't be taken is refused, a PDF stays as it is and is told of
    /// by [`App::pdfs_left`].
    ///
    /// # Errors
    /// `Invalid` for a kind of file that is not taken, one that is too large, or a text as in [`App::keep_text`].
    pub async fn keep_file(
        &self,
        village: VillageCode,
        by: PersonId,
        level: Level,
        bytes: Vec<u8>,
    ) -> Result<Doc, AppError> {
        let (media, bytes) = admit(level, bytes).await?;
        self.keep(village, Some(by), level, media, bytes).await
    }

    async fn keep(
        &self,
        village: VillageCode,
        uploader: Option<PersonId>,
        level: Level,
        media: Media,
        bytes: Vec<u8>,
    ) -> Result<Doc, AppError> {
        let (looks, bytes) = self.looks(media, bytes).await?;
        let salt = self.random();
        let commitment = commit::document(&salt, &bytes);
        let size = bytes.len() as u64;
        let document = NewDocument {
            village,
            commitment,
            salt,
            media: media.code().to_owned(),
            level: level.code().to_owned(),
            display_end: None,
            stored: self.now(),
            uploader,
            looks,
        };
        self.db().put_document(self.objects(), self.vault(), &mut self.rng(), &document, bytes, MAX_BYTES).await?;
        Ok(Doc { sha256: commitment, size, media, level })
    }

    /// A document and its content; no content once it was withdrawn or erased.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn document(&self, village: VillageCode, name: Digest) -> Result<(Document, Option<Content>), AppError> {
        let document = self.db().read("document", |tx| Box::pin(tx.document(village, name))).await?;
        let document = document.ok_or(AppError::NotFound { what: "document" })?;
        let content = match document.withdrawn {
            Some(_) => None,
            None => self.db().document_content(self.objects(), self.vault(), &document, MAX_BYTES).await?,
        };
        Ok((document, content))
    }

    /// Removes documents that were uploaded long ago and that no entry came to name; how many.
    ///
    /// # Errors
    /// The store's; what is left is removed by the next call.
    pub async fn sweep_documents(&self) -> Result<usize, AppError> {
        let before = self.now().plus_ms(-UNNAMED_MS);
        let rows = self.db().read("documents_unnamed", |tx| Box::pin(tx.documents_unnamed(before, SWEPT))).await?;
        for document in &rows {
            self.db().remove_document(self.objects(), document).await?;
        }
        Ok(rows.len())
    }

    /// Refuses a statement that names a document which is not on hand, is not what it says, or is not the signers' to name.
    pub(in crate::app) async fn check_documents(&self, statement: &Statement) -> Result<(), AppError> {
        let village = statement.village;
        for doc in &statement.documents {
            let kept = self.db().read("document", |tx| Box::pin(tx.document(village, doc.sha256))).await?;
            let fits = |kept: &Document| {
                kept.size == doc.size
                    && kept.media == doc.media.code()
                    && kept.level == doc.level.code()
                    && !kept.erased
            };
            let Some(kept) = kept.filter(fits) else {
                return Err(AppError::Invalid { field: "document", reason: "not-on-hand" });
            };
            self.check_named_again(statement, &kept).await?;
        }
        Ok(())
    }
}

/// What a file is, by its bytes, and the bytes to keep of it.
///
/// # Errors
/// As [`App::keep_file`].
pub(in crate::app) async fn admit(level: Level, bytes: Vec<u8>) -> Result<(Media, Vec<u8>), AppError> {
    let invalid = |reason| AppError::Invalid { field: "file", reason };
    if bytes.len() > MAX_BYTES {
        return Err(invalid("too-large"));
    }
    let media = sniff(&bytes).ok_or_else(|| invalid("media"))?;
    if media == Media::Text {
        let text = std::str::from_utf8(&bytes).map_err(|_| invalid("media"))?;
        check_text(level, text)?;
    }
    let bytes = match media {
        Media::Text => bytes,
        Media::Pdf => {
            let cleaned = tokio::task::spawn_blocking(move || pdf::clean(&bytes).unwrap_or(bytes)).await;
            cleaned.map_err(|_| invalid("media"))?
        }
        Media::Mp4 => film::clean(bytes).ok_or_else(|| invalid("media"))?,
        Media::Jpeg | Media::Png | Media::Webp | Media::Heic => {
            let cleaned = tokio::task::spawn_blocking(move || pictures::clean(media, &bytes)).await;
            cleaned.map_err(|_| invalid("media"))?.ok_or_else(|| invalid("media"))?
        }
    };
    Ok((media, bytes))
}

fn check_text(level: Level, text: &str) -> Result<(), AppError> {
    let invalid = |reason| AppError::Invalid { field: "text", reason };
    privacy::check_text(text).map_err(|_| invalid("hidden-characters"))?;
    if !level.is_closed() && !privacy::find_private(text).is_empty() {
        return Err(invalid("private-number"));
    }
    Ok(())
}

/// What a file is, by its first bytes.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Media> {
    let at = |start: usize, what: &[u8]| bytes.get(start..start + what.len()) == Some(what);
    let brand = || bytes.get(8..12).filter(|_| at(4, b"ftyp"));
    match () {
        () if at(0, b"%PDF-") => Some(Media::Pdf),
        () if at(0, &[0xFF, 0xD8, 0xFF]) => Some(Media::Jpeg),
        () if at(0, b"\x89PNG\r\n\x1a\n") => Some(Media::Png),
        () if at(0, b"RIFF") && at(8, b"WEBP") => Some(Media::Webp),
        () if brand()
            .is_some_and(|b| [b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"].iter().any(|h| b == *h)) =>
        {
            Some(Media::Heic)
        }
        () if brand().is_some() => Some(Media::Mp4),
        () if std::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && !text.contains('\0')) => {
            Some(Media::Text)
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{admit, sniff};
    use crate::app::pdf::tests::{AUTHOR, office_file, signed_file};
    use crate::core::model::{Level, Media};

    #[test]
    fn files_are_known_by_their_bytes() {
        assert_eq!(sniff(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(Media::Jpeg));
        assert_eq!(sniff(b"%PDF-1.7"), Some(Media::Pdf));
        assert_eq!(sniff("说明".as_bytes()), Some(Media::Text));
        assert_eq!(sniff(b"MZ\0\0"), None);
    }

    #[tokio::test]
    async fn a_pdf_is_kept_without_its_authors_name_and_a_signed_one_byte_for_byte() {
        let (media, kept) = admit(Level::Public, office_file()).await.unwrap();
        assert_eq!(media, Media::Pdf);
        assert!(
            memchr::memmem::find(&office_file(), AUTHOR).is_some() && memchr::memmem::find(&kept, AUTHOR).is_none()
        );
        assert_eq!(admit(Level::Public, signed_file()).await.unwrap().1, signed_file());
    }
}
