//! Photographs for tests: sheets of paper with lines of writing, another one for each number.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};

/// A sheet with lines of writing whose length and place follow from `number`, lit a little from one side.
pub fn sheet(number: u32) -> DynamicImage {
    let mut picture = RgbImage::from_fn(360, 480, |x, y| Rgb([u8::try_from(246 - x / 30 - y / 45).expect("grey"); 3]));
    let mut next = number.wrapping_mul(2_654_435_761);
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

/// The bytes of a photograph.
pub fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).expect("a photograph");
    bytes
}

/// The same sheet as somebody else's phone might have sent it on: smaller, and saved at another quality.
pub fn sent_on(number: u32) -> Vec<u8> {
    jpeg(&sheet(number).resize_exact(251, 335, FilterType::Triangle), 55)
}
