//! How a picture that comes in looks, so that it is known again where it stands in another matter.

use image::GrayImage;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::pictures::{decoded, format};
use crate::core::looks::{COLUMNS, LEVEL, Looks, ROWS};
use crate::core::model::Media;

/// How a picture looks; nothing for what is no picture, can't be decoded, or has hardly anything on it.
#[must_use]
pub fn looks(media: Media, bytes: &[u8]) -> Option<Looks> {
    Looks::of(&cells(&decoded(bytes, format(media)?).ok()?.into_luma8())?)
}

/// The picture shrunk: the mean of each part. Nothing where a part would have no pixel.
fn cells(picture: &GrayImage) -> Option<[[u16; COLUMNS]; ROWS]> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width < COLUMNS || height < ROWS {
        return None;
    }
    let (mut sums, mut counts) = ([[0_u64; COLUMNS]; ROWS], [[0_u64; COLUMNS]; ROWS]);
    for (y, line) in picture.as_raw().chunks_exact(width).enumerate() {
        let row = y * ROWS / height;
        for (x, grey) in line.iter().enumerate() {
            let column = x * COLUMNS / width;
            sums[row][column] += u64::from(*grey);
            counts[row][column] += 1;
        }
    }
    let mean = |row: usize, column: usize| {
        let mean = sums[row][column] * u64::from(LEVEL) / counts[row][column].max(1);
        u16::try_from(mean).unwrap_or(u16::MAX)
    };
    Some(std::array::from_fn(|row| std::array::from_fn(|column| mean(row, column))))
}

impl App {
    /// How a picture looks, found out two at a time since each takes a core and much memory, and the bytes back.
    ///
    /// # Errors
    /// `Stopping` when the server ends.
    pub(in crate::app) async fn looks(
        &self,
        media: Media,
        bytes: Vec<u8>,
    ) -> Result<(Option<Looks>, Vec<u8>), AppError> {
        if format(media).is_none() {
            return Ok((None, bytes));
        }
        let _turn = self.picture_turns().acquire().await.map_err(|_| AppError::Stopping)?;
        let looked = tokio::task::spawn_blocking(move || (looks(media, &bytes), bytes)).await;
        looked.map_err(|_| AppError::Stopping)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::jpeg::JpegEncoder;
    use image::imageops::FilterType;
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

    use super::looks;
    use crate::core::looks::Looks;
    use crate::core::model::Media;

    /// A sheet of paper, lit a little from one side, with lines of writing whose length and place follow from `seed`.
    fn sheet(seed: u32) -> DynamicImage {
        let mut picture = RgbImage::from_fn(360, 480, |x, y| Rgb([u8::try_from(246 - x / 30 - y / 45).unwrap(); 3]));
        let mut next = seed;
        for line in 0..16 {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (from, long) = (30 + (next >> 8) % 150, 45 + (next >> 17) % 140);
            for x in from..from + long {
                for y in (0..13).filter(|y| (x * 7 + y * 13 + next % 11) % 5 < 3) {
                    picture.put_pixel(x, 25 + line * 28 + y, Rgb([38, 42, 70]));
                }
            }
        }
        picture.into()
    }

    fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
        bytes
    }

    fn of(picture: &DynamicImage) -> Looks {
        looks(Media::Jpeg, &jpeg(picture, 90)).expect("something is on it")
    }

    #[test]
    fn a_sheet_saved_again_smaller_or_in_another_format_is_known_again() {
        for seed in 1..=3 {
            let first = of(&sheet(seed));
            let again = looks(Media::Jpeg, &jpeg(&sheet(seed), 40)).unwrap();
            assert!(first.is_near(again), "quality: {}", first.distance(again));
            let small = of(&sheet(seed).resize_exact(217, 289, FilterType::Lanczos3));
            assert!(first.is_near(small), "smaller: {}", first.distance(small));
            let brighter = of(&sheet(seed).brighten(6));
            assert!(first.is_near(brighter), "brighter: {}", first.distance(brighter));
            for (media, format) in [(Media::Png, ImageFormat::Png), (Media::Webp, ImageFormat::WebP)] {
                let mut bytes = Cursor::new(Vec::new());
                sheet(seed).write_to(&mut bytes, format).unwrap();
                let other = looks(media, bytes.get_ref()).unwrap();
                assert!(first.is_near(other), "{media:?}: {}", first.distance(other));
            }
        }
    }

    #[test]
    fn another_sheet_is_another_picture() {
        let all: Vec<Looks> = (1..=16).map(|seed| of(&sheet(seed))).collect();
        for (nth, one) in all.iter().enumerate() {
            for other in &all[..nth] {
                assert!(!one.is_near(*other), "{}", one.distance(*other));
            }
        }
        assert!(!of(&sheet(1)).is_near(of(&sheet(1).fliph())), "the other way round");
    }

    #[test]
    fn paper_without_writing_has_no_looks() {
        let flat = DynamicImage::from(RgbImage::from_pixel(400, 300, Rgb([250; 3])));
        let lit = DynamicImage::from(RgbImage::from_fn(400, 300, |x, _| Rgb([u8::try_from(120 + x / 4).unwrap(); 3])));
        for blank in [flat, lit] {
            assert_eq!(looks(Media::Jpeg, &jpeg(&blank, 80)), None);
            assert_eq!(looks(Media::Jpeg, &jpeg(&blank.fliph(), 80)), None);
        }
        let tiny = DynamicImage::from(RgbImage::from_fn(8, 8, |x, _| Rgb([u8::try_from(x % 2 * 255).unwrap(); 3])));
        assert_eq!(looks(Media::Jpeg, &jpeg(&tiny, 80)), None);
        assert_eq!(looks(Media::Jpeg, b"no picture"), None);
        assert_eq!(looks(Media::Pdf, b"%PDF-1.7"), None);
    }
}
