//! Pictures on their way in and out: cleaned of what a phone writes beside them, and made small once.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};

use crate::app::App;
use crate::app::documents::MAX_BYTES;
use crate::app::error::AppError;
use crate::core::model::Media;
use crate::store::documents::Document;

/// Most pixels of a picture: more than phones take, and at most 150 MB when it is decoded.
pub const MOST_PIXELS: u64 = 50_000_000;
/// Most memory for decoding one picture, bytes: 50 million pixels of four bytes and their half again.
const MOST_MEMORY: u64 = 300_000_000;
/// JPEG quality of a photograph that had to be written anew.
const QUALITY: u8 = 88;
/// Longest side of a small picture, in pixels.
const SMALL: u32 = 480;
/// A picture of at most this many bytes is its own small picture.
const SMALL_BYTES: u64 = 60_000;
/// How many pictures are made small at a time: each takes a core and much memory.
pub(in crate::app) const AT_A_TIME: usize = 2;

/// A picture without what a phone wrote beside it, such as where it was taken, and upright. One that has nothing beside it
/// stays byte for byte. Nothing for bytes that are no such picture, that have too many pixels, or that move.
#[must_use]
pub fn clean(media: Media, bytes: &[u8]) -> Option<Vec<u8>> {
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), format(media)?).into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    match media {
        Media::Jpeg => upright(bytes).map_or_else(|| jpeg(bytes), Some),
        Media::Png => png(bytes),
        Media::Webp => webp(bytes),
        Media::Text | Media::Pdf | Media::Heic | Media::Mp4 => None,
    }
}

/// How the library calls a picture's format; nothing for what is no picture.
pub(in crate::app) fn format(media: Media) -> Option<ImageFormat> {
    match media {
        Media::Jpeg => Some(ImageFormat::Jpeg),
        Media::Png => Some(ImageFormat::Png),
        Media::Webp => Some(ImageFormat::WebP),
        Media::Text | Media::Pdf | Media::Heic | Media::Mp4 => None,
    }
}

/// A photograph that was taken on its side, written anew; nothing for one that stands upright.
fn upright(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).ok()?;
    let orientation = decoder.orientation().ok().filter(|orientation| *orientation != Orientation::NoTransforms)?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, QUALITY).encode_image(&picture.to_rgb8()).ok()?;
    Some(plain)
}

/// Bytes from `start` on, `length` of them.
fn part(bytes: &[u8], start: usize, length: usize) -> Option<&[u8]> {
    bytes.get(start..start.checked_add(length)?)
}

/// The segments of a JPEG (ITU T.81 B.1) that make the picture: no comment, and of the applications' only JFIF, the colour
/// profile and Adobe's colour transform. What stands behind the picture, such as a film or a second picture, goes too.
pub(in crate::app) fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = part(bytes, 0, 2).filter(|start| *start == [0xFF, 0xD8])?.to_vec();
    let mut at = 2;
    loop {
        let &[0xFF, marker] = part(bytes, at, 2)? else { return None };
        match marker {
            0xFF => at += 1,
            0xD9 => {
                kept.extend_from_slice(&[0xFF, 0xD9]);
                return Some(kept);
            }
            0x00 | 0x01 | 0xD0..=0xD8 => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(part(bytes, at + 2, 2)?.try_into().ok()?));
                let segment = part(bytes, at, length + 2).filter(|_| length >= 2)?;
                if is_picture_segment(marker, &segment[4..]) {
                    kept.extend_from_slice(segment);
                }
                at += segment.len();
                if marker == 0xDA {
                    let end = at + scan(bytes.get(at..)?)?;
                    kept.extend_from_slice(&bytes[at..end]);
                    at = end;
                }
            }
        }
    }
}

fn is_picture_segment(marker: u8, body: &[u8]) -> bool {
    match marker {
        0xE0 => body.starts_with(b"JFIF\0"),
        0xE2 => body.starts_with(b"ICC_PROFILE\0"),
        0xEE => body.starts_with(b"Adobe"),
        0xE1..=0xEF | 0xFE => false,
        _ => true,
    }
}

/// How many bytes of coded picture come before the next marker; stuffed bytes and restarts belong to it.
fn scan(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7))
}

/// The chunks of a PNG (W3C PNG, third edition) that make the picture; texts, Exif and times go, and so do films.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const PICTURE: [&[u8]; 12] =
        [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"sBIT", b"bKGD", b"pHYs"];
    let mut kept = part(bytes, 0, 8).filter(|start| *start == b"\x89PNG\r\n\x1a\n")?.to_vec();
    let mut at = kept.len();
    loop {
        let length = usize::try_from(u32::from_be_bytes(part(bytes, at, 4)?.try_into().ok()?)).ok()?;
        let chunk = part(bytes, at, length.checked_add(12)?)?;
        let kind = &chunk[4..8];
        if PICTURE.contains(&kind) {
            kept.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(kept);
        }
        at += chunk.len();
    }
}

/// Flags of a WebP's first chunk that announce Exif and XMP.
const WEBP_BESIDE: u8 = 0x08 | 0x04;

/// The chunks of a WebP (RFC 9649) that make the picture; Exif, XMP and unknown ones go. Nothing for one that moves.
fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = part(bytes, 0, 12).filter(|start| start.starts_with(b"RIFF") && start.ends_with(b"WEBP"))?.to_vec();
    let told = usize::try_from(u32::from_le_bytes(part(bytes, 4, 4)?.try_into().ok()?)).ok()?;
    let bytes = part(bytes, 0, told.checked_add(8)?)?;
    let mut at = kept.len();
    while at < bytes.len() {
        let length = usize::try_from(u32::from_le_bytes(part(bytes, at + 4, 4)?.try_into().ok()?)).ok()?;
        let chunk = part(bytes, at, length.checked_add(8)?.checked_next_multiple_of(2)?)?;
        match &chunk[..4] {
            b"VP8X" => {
                let flags = kept.len() + 8;
                kept.extend_from_slice(chunk);
                *kept.get_mut(flags)? &= !WEBP_BESIDE;
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ICCP" => kept.extend_from_slice(chunk),
            b"ANIM" | b"ANMF" => return None,
            _ => {}
        }
        at += chunk.len();
    }
    let size = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&size.to_le_bytes());
    Some(kept)
}

/// A picture in memory, in bounded memory.
///
/// # Errors
/// It is no picture of this format, or has too many pixels.
pub(in crate::app) fn decoded(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, image::ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(image::ImageError::Limits(image::error::LimitError::from_kind(
            image::error::LimitErrorKind::DimensionError,
        )));
    }
    DynamicImage::from_decoder(decoder)
}

/// A picture at most 480 pixels wide and high, as JPEG.
fn small(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>, image::ImageError> {
    let picture = decoded(bytes, format)?.thumbnail(SMALL, SMALL).into_rgb8();
    let mut small = Cursor::new(Vec::new());
    picture.write_to(&mut small, ImageFormat::Jpeg)?;
    Ok(small.into_inner())
}

impl App {
    /// A picture made small, with what it is then: made at its first use, two at a time, and kept beside the picture until
    /// that is erased. Nothing for a document that is no picture, or can't be decoded.
    ///
    /// # Errors
    /// The store's; `Stopping` when the server ends.
    pub async fn small_picture(&self, document: &Document) -> Result<Option<(Vec<u8>, Media)>, AppError> {
        let Some((media, format)) = document.media.parse().ok().and_then(|media| Some((media, format(media)?))) else {
            return Ok(None);
        };
        if document.size <= SMALL_BYTES {
            return Ok(self.objects().fetch(document.key(), MAX_BYTES).await?.map(|bytes| (bytes, media)));
        }
        let key = document.small_key();
        // An empty one says that it was tried in vain.
        let kept = |bytes: Vec<u8>| (!bytes.is_empty()).then_some((bytes, Media::Jpeg));
        if let Some(bytes) = self.objects().fetch(&key, MAX_BYTES).await? {
            return Ok(kept(bytes));
        }
        let _turn = self.picture_turns().acquire().await.map_err(|_| AppError::Stopping)?;
        if let Some(bytes) = self.objects().fetch(&key, MAX_BYTES).await? {
            return Ok(kept(bytes));
        }
        let Some(bytes) = self.objects().fetch(document.key(), MAX_BYTES).await? else { return Ok(None) };
        let made = tokio::task::spawn_blocking(move || small(&bytes, format)).await;
        let made = match made {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => {
                tracing::warn!(%error, document = %document.commitment, "a picture can't be made small");
                Vec::new()
            }
            Err(_) => return Err(AppError::Stopping),
        };
        self.objects().put(&key, made.clone(), MAX_BYTES).await?;
        Ok(kept(made))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageFormat, RgbImage};

    use super::clean;
    use crate::core::model::Media;

    const NOTE: &[u8] = b"taken at home";

    fn holds(bytes: &[u8]) -> bool {
        bytes.windows(NOTE.len()).any(|part| part == NOTE)
    }

    fn small(number: u32) -> u8 {
        u8::try_from(number % 256).unwrap()
    }

    fn plain(format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(40, 20, |x, y| image::Rgb([small(x * 5), small(y * 9), 30]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], body].concat()
    }

    /// A JPEG with segments behind its beginning and bytes behind its end.
    fn photograph(segments: &[Vec<u8>]) -> Vec<u8> {
        let plain = plain(ImageFormat::Jpeg);
        [&plain[..2], &segments.concat(), &plain[2..], NOTE].concat()
    }

    fn same_picture(one: &[u8], other: &[u8]) {
        assert_eq!(image::load_from_memory(one).unwrap(), image::load_from_memory(other).unwrap());
    }

    #[test]
    fn a_photograph_taken_on_its_side_is_turned_upright_and_loses_what_the_phone_wrote() {
        let exif = [b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", NOTE].concat();
        let cleaned = clean(Media::Jpeg, &photograph(&[segment(0xE1, &exif)])).unwrap();
        let picture = image::load_from_memory(&cleaned).unwrap();
        assert_eq!((picture.width(), picture.height()), (20, 40));
        assert!(!holds(&cleaned));
        assert_eq!(clean(Media::Jpeg, &cleaned.clone()), Some(cleaned));
    }

    #[test]
    fn an_upright_photograph_loses_comments_xmp_iptc_and_what_stands_behind_it_and_nothing_else() {
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0", NOTE].concat();
        let iptc = [b"Photoshop 3.0\0", NOTE].concat();
        let all = photograph(&[segment(0xE1, &xmp), segment(0xED, &iptc), segment(0xFE, NOTE), segment(0xE2, NOTE)]);
        assert_eq!(clean(Media::Jpeg, &all), Some(plain(ImageFormat::Jpeg)));
        let profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01colours");
        let coloured = clean(Media::Jpeg, &photograph(std::slice::from_ref(&profile))).unwrap();
        assert!(coloured.windows(profile.len()).any(|part| part == profile), "colours stay");
    }

    #[test]
    fn a_photograph_of_several_scans_keeps_all_of_them() {
        let mut bytes = Vec::new();
        let picture = RgbImage::from_fn(64, 64, |x, y| image::Rgb([small(x * 3), small(y * 3), 0xFF]));
        JpegEncoder::new_with_quality(&mut bytes, 100).encode_image(&picture).unwrap();
        // A second copy of the one scan stands for the scans of a progressive photograph.
        let scan = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
        let twice = [&bytes[..bytes.len() - 2], &bytes[scan..]].concat();
        assert_eq!(clean(Media::Jpeg, &twice.clone()), Some(twice));
    }

    #[test]
    fn a_png_loses_texts_and_exif() {
        let plain = plain(ImageFormat::Png);
        let chunk = |kind: &[u8]| [&13_u32.to_be_bytes()[..], kind, NOTE, &[0; 4]].concat();
        let beside = [chunk(b"eXIf"), chunk(b"iTXt"), chunk(b"tEXt"), chunk(b"zTXt"), chunk(b"tIME")].concat();
        let told = [&plain[..33], &beside, &plain[33..], NOTE].concat();
        assert_eq!(clean(Media::Png, &told), Some(plain));
    }

    #[test]
    fn a_webp_loses_exif_and_xmp() {
        let plain = plain(ImageFormat::WebP);
        let chunk = |kind: &[u8], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            [kind, &length[..], body, &[0; 1][..body.len() % 2]].concat()
        };
        let extended = chunk(b"VP8X", &[0x0C, 0, 0, 0, 39, 0, 0, 19, 0, 0]);
        let chunks = [&b"WEBP"[..], &extended, &plain[12..], &chunk(b"EXIF", NOTE), &chunk(b"XMP ", NOTE)].concat();
        let told = [&b"RIFF"[..], &u32::try_from(chunks.len()).unwrap().to_le_bytes(), &chunks].concat();
        assert!(holds(&told));
        let cleaned = clean(Media::Webp, &told).unwrap();
        assert!(!holds(&cleaned));
        same_picture(&cleaned, &plain);
        assert_eq!(clean(Media::Webp, &plain.clone()), Some(plain));
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_first_bytes() {
        let mut bytes = plain(ImageFormat::Png);
        bytes[16..20].copy_from_slice(&10_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&5_001_u32.to_be_bytes());
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(clean(Media::Png, &bytes), None);
    }

    /// The check sum of a PNG chunk.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
        })
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for media in [Media::Jpeg, Media::Png, Media::Webp, Media::Heic] {
            assert_eq!(clean(media, &[0xFF, 0xD8, 0xFF, 0]), None);
        }
        let broken = plain(ImageFormat::Jpeg);
        assert_eq!(clean(Media::Jpeg, &broken[..broken.len() - 2]), None, "cut off");
    }
}
