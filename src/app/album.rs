//! Photographs of ballots as one document: what a phone wrote beside each is taken off, and they stand in the order of their bytes,
//! so that the file says neither when nor in which order they were taken.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::{ColorType, ImageDecoder as _};
use lopdf::{Document, Object, Stream, dictionary};
use sha2::{Digest as _, Sha256};

use crate::app::documents::MAX_BYTES;
use crate::app::pictures;
use crate::core::model::Media;

/// Most photographs in one album: with the law's number of documents for a count, those of a thousand papers.
pub const MOST_PHOTOS: usize = 50;
/// Pixels of a photograph to the inch of its page.
const DENSITY: u32 = 150;

/// The album; nothing where there is no photograph or too many, one is no plain JPEG picture, or all are too large together.
#[must_use]
pub fn album(photos: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut cleaned = cleaned(photos)?;
    cleaned.sort_by_cached_key(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)));
    file(cleaned)
}

/// Photographs of a paper's pages as one document, in their order; nothing as for an [`album`].
#[must_use]
pub fn bound(photos: &[Vec<u8>]) -> Option<Vec<u8>> {
    file(cleaned(photos)?)
}

fn cleaned(photos: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if photos.is_empty() || photos.len() > MOST_PHOTOS {
        return None;
    }
    photos.iter().map(|bytes| pictures::clean(Media::Jpeg, bytes)).collect()
}

fn file(cleaned: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    let mut file = Document::with_version("1.5");
    let pages = file.new_object_id();
    let kids = cleaned.into_iter().map(|bytes| page(&mut file, pages, bytes)).collect::<Option<Vec<Object>>>()?;
    let count = i64::try_from(kids.len()).ok()?;
    file.objects.insert(pages, dictionary! {"Type" => "Pages", "Kids" => kids, "Count" => count}.into());
    let catalog = file.add_object(dictionary! {"Type" => "Catalog", "Pages" => pages});
    file.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).ok()?;
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

/// A page that is one photograph.
fn page(file: &mut Document, pages: lopdf::ObjectId, jpeg: Vec<u8>) -> Option<Object> {
    let decoder = JpegDecoder::new(Cursor::new(&jpeg)).ok()?;
    let (width, height) = decoder.dimensions();
    let colours = match decoder.color_type() {
        ColorType::L8 => "DeviceGray",
        ColorType::Rgb8 => "DeviceRGB",
        _ => return None,
    };
    let picture = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width),
        "Height" => i64::from(height),
        "ColorSpace" => colours,
        "BitsPerComponent" => 8,
        "Filter" => "DCTDecode",
    };
    let picture = file.add_object(Stream::new(picture, jpeg).with_compression(false));
    let (wide, high) = (width * 72 / DENSITY, height * 72 / DENSITY);
    let drawn = format!("q {wide} 0 0 {high} 0 0 cm /P Do Q");
    let contents = file.add_object(Stream::new(dictionary! {}, drawn.into_bytes()));
    let page = dictionary! {
        "Type" => "Page",
        "Parent" => pages,
        "MediaBox" => vec![0.into(), 0.into(), i64::from(wide).into(), i64::from(high).into()],
        "Resources" => dictionary! {"XObject" => dictionary! {"P" => picture}},
        "Contents" => contents,
    };
    Some(file.add_object(page).into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbImage};

    use super::{MOST_PHOTOS, album, bound};

    /// A picture of one colour, as JPEG.
    fn photo(shade: u8) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_pixel(64, 96, image::Rgb([shade; 3])).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    /// The same with a comment, as a phone may write one.
    fn with_comment(photo: &[u8]) -> Vec<u8> {
        [&photo[..2], &[0xFF, 0xFE, 0, 9], b"2026:11", &photo[2..]].concat()
    }

    #[test]
    fn an_album_says_neither_the_order_nor_anything_that_was_written_beside_its_photographs() {
        let all = [photo(40), photo(90), photo(200)];
        let one = album(&all).unwrap();
        let [a, b, c] = all;
        assert_eq!(one, album(&[c, with_comment(&a), b]).unwrap(), "the same bytes in whatever order");
        assert!(memchr::memmem::find(&one, b"2026:11").is_none());
        let file = lopdf::Document::load_mem(&one).unwrap();
        assert_eq!(file.get_pages().len(), 3);
        assert!(file.trailer.get(b"Info").is_err() && file.trailer.get(b"ID").is_err());
    }

    #[test]
    fn a_bound_paper_keeps_the_order_of_its_pages() {
        let pages = [photo(40), photo(90), photo(200)];
        let there = bound(&pages).unwrap();
        assert_eq!(lopdf::Document::load_mem(&there).unwrap().get_pages().len(), 3);
        let at = |page: &[u8]| {
            let page = crate::app::pictures::clean(crate::core::model::Media::Jpeg, page).unwrap();
            memchr::memmem::find(&there, &page).expect("the page")
        };
        assert!(at(&pages[0]) < at(&pages[1]) && at(&pages[1]) < at(&pages[2]));
        let [a, b, c] = pages;
        assert_ne!(bound(&[c, b, a]).unwrap(), there);
        assert!(bound(&[]).is_none() && bound(&[b"%PDF-1.7".to_vec()]).is_none());
    }

    #[test]
    fn what_is_no_photograph_or_too_many_is_no_album() {
        assert!(album(&[]).is_none() && album(&[b"%PDF-1.7".to_vec()]).is_none());
        assert!(album(&vec![photo(9); MOST_PHOTOS + 1]).is_none());
    }
}
