//! Documents on their way in and out: sniffed, checked for numbers that must not be published, salted, kept.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ImageDecoder as _};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::commit;
use crate::core::ids::{Digest, VillageCode};
use crate::core::model::{Doc, Level, Media};
use crate::core::privacy;
use crate::core::statement::Statement;
use crate::store::documents::{Content, Document, NewDocument};

/// The largest document: a photograph or a scan of some pages.
pub const MAX_BYTES: usize = 20 << 20;
/// The largest text that is written in a form.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

impl App {
    /// Keeps a text written in a form; the answer is what a statement names it by.
    ///
    /// # Errors
    /// `Invalid` for text that is empty, too long, holds control or direction-changing characters, or, where it would be
    /// public, an identity, telephone or bank number.
    pub async fn keep_text(&self, village: VillageCode, level: Level, text: &str) -> Result<Doc, AppError> {
        let text = text.trim().replace("\r\n", "\n");
        let invalid = |reason| AppError::Invalid { field: "text", reason };
        if text.is_empty() {
            return Err(invalid("empty"));
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(invalid("too-long"));
        }
        check_text(level, &text)?;
        self.keep(village, level, Media::Text, text.into_bytes()).await
    }

    /// Keeps an uploaded file; what it is is sniffed from its bytes, not believed.
    ///
    /// # Errors
    /// `Invalid` for a kind of file that is not taken, one that is too large, or a text as in [`App::keep_text`].
    pub async fn keep_file(&self, village: VillageCode, level: Level, bytes: Vec<u8>) -> Result<Doc, AppError> {
        let (media, bytes) = admit(level, bytes).await?;
        self.keep(village, level, media, bytes).await
    }

    async fn keep(&self, village: VillageCode, level: Level, media: Media, bytes: Vec<u8>) -> Result<Doc, AppError> {
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

    /// Refuses a statement that names a document which is not on hand, or is not what it says.
    pub(in crate::app) async fn check_documents(&self, statement: &Statement) -> Result<(), AppError> {
        let village = statement.village;
        for doc in &statement.documents {
            let kept = self.db().read("document", |tx| Box::pin(tx.document(village, doc.sha256))).await?;
            let fits = kept.is_some_and(|kept| {
                kept.size == doc.size
                    && kept.media == doc.media.code()
                    && kept.level == doc.level.code()
                    && !kept.erased
            });
            if !fits {
                return Err(AppError::Invalid { field: "document", reason: "not-on-hand" });
            }
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
    let bytes = if media == Media::Jpeg {
        let upright = tokio::task::spawn_blocking(move || upright(bytes)).await;
        upright.map_err(|_| invalid("media"))?.ok_or_else(|| invalid("media"))?
    } else {
        bytes
    };
    Ok((media, bytes))
}

fn check_text(level: Level, text: &str) -> Result<(), AppError> {
    let invalid = |reason| AppError::Invalid { field: "text", reason };
    privacy::check_text(text).map_err(|_| invalid("hidden-characters"))?;
    if level != Level::Officials && !privacy::find_private(text).is_empty() {
        return Err(invalid("private-number"));
    }
    Ok(())
}

/// Most pixels of a photograph: 60 million are more than phones take.
const MOST_PIXELS: u64 = 60_000_000;
/// JPEG quality of a photograph that had to be written anew.
const QUALITY: u8 = 88;

/// A photograph turned upright and without what the phone wrote beside it, such as where it was taken. One that has
/// nothing beside it stays byte for byte; nothing for bytes that are no photograph.
fn upright(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut decoder = JpegDecoder::new(Cursor::new(&bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    if decoder.exif_metadata().ok()?.is_none() {
        return Some(bytes);
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, QUALITY).encode_image(&picture.to_rgb8()).ok()?;
    Some(plain)
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
    use image::codecs::jpeg::JpegEncoder;

    use super::{sniff, upright};
    use crate::core::model::Media;

    /// A picture 4 wide and 2 high, with an Exif segment that says "turned by 90 degrees" and holds a note.
    fn photograph() -> Vec<u8> {
        let picture = image::RgbImage::from_pixel(4, 2, image::Rgb([200, 30, 30]));
        let mut plain = Vec::new();
        JpegEncoder::new(&mut plain).encode_image(&picture).unwrap();
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"taken at home");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat()
    }

    #[test]
    fn a_photograph_is_turned_upright_and_loses_what_the_phone_wrote_beside_it() {
        let photograph = photograph();
        let plain = upright(photograph.clone()).unwrap();
        let picture = image::load_from_memory(&plain).unwrap();
        assert_eq!((picture.width(), picture.height()), (2, 4));
        let holds = |bytes: &[u8]| bytes.windows(13).any(|part| part == b"taken at home");
        assert!(holds(&photograph) && !holds(&plain));
        assert_eq!(upright(plain.clone()), Some(plain));
    }

    #[test]
    fn files_are_known_by_their_bytes() {
        assert_eq!(sniff(&photograph()), Some(Media::Jpeg));
        assert_eq!(sniff(b"%PDF-1.7"), Some(Media::Pdf));
        assert_eq!(sniff("说明".as_bytes()), Some(Media::Text));
        assert_eq!(sniff(b"MZ\0\0"), None);
        assert_eq!(upright(vec![0xFF, 0xD8, 0xFF, 0]), None);
    }
}
