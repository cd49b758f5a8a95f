//! Pictures of words, for where no paper goes: set as papers are, filled in pixels.

use std::io::Cursor;

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use image::{ImageFormat, Rgb, RgbImage};
use qrcode::{Color as Module, EcLevel, QrCode};
use skrifa::outline::OutlinePen;

use crate::app::print::PrintError;
use crate::app::print::font::{Cases, Fonts};
use crate::app::print::line::{Line, Style, lines};

/// Empty modules around a QR code (ISO/IEC 18004).
const QUIET: usize = 4;

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

/// A picture that is being drawn. Pixels from its upper left corner.
pub struct Canvas<'f> {
    fonts: &'f Fonts,
    cases: Cases<'f>,
    pixels: RgbImage,
}

impl std::fmt::Debug for Canvas<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas").field("size", &self.pixels.dimensions()).finish_non_exhaustive()
    }
}

impl<'f> Canvas<'f> {
    /// An empty one in one colour.
    ///
    /// # Errors
    /// Never for fonts that could be opened.
    pub fn new(fonts: &'f Fonts, (width, height): (u32, u32), ground: Colour) -> Result<Self, PrintError> {
        Ok(Self { fonts, cases: fonts.cases()?, pixels: RgbImage::from_pixel(width, height, Rgb(ground)) })
    }

    /// A text in lines of at most `width` pixels.
    #[must_use]
    pub fn set(&self, text: &str, style: Style, width: f32) -> Vec<Line> {
        lines(&self.cases, text, style, width)
    }

    /// A field in one colour; what lies outside of the picture is left out.
    pub fn fill(&mut self, (x, y): (u32, u32), (width, height): (u32, u32), colour: Colour) {
        let (right, bottom) = (x.saturating_add(width), y.saturating_add(height));
        for row in y..bottom.min(self.pixels.height()) {
            for column in x..right.min(self.pixels.width()) {
                self.pixels.put_pixel(column, row, Rgb(colour));
            }
        }
    }

    /// A line of text whose base line begins at `at`.
    pub fn write(&mut self, line: &Line, at: (f32, f32), size: f32, colour: Colour) {
        let mut x = at.0 + line.x;
        for placed in &line.letters {
            let mut outline = Outline::at(x + placed.shift * size, at.1);
            self.fonts.outline(placed.letter.weight, placed.letter.glyph, size, &mut outline);
            self.ink(&outline, colour);
            x += placed.advance * size;
        }
    }

    fn ink(&mut self, outline: &Outline, colour: Colour) {
        let Some((corner, width, height)) = outline.bounds() else { return };
        let mut rasterizer = Rasterizer::new(width, height);
        outline.draw(corner, &mut rasterizer);
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers of pixels")]
        let (left, top) = (corner.x as i64, corner.y as i64);
        let pixels = &mut self.pixels;
        rasterizer.for_each_pixel_2d(|x, y, cover| {
            let place = (u32::try_from(left + i64::from(x)), u32::try_from(top + i64::from(y)));
            let (Ok(x), Ok(y)) = place else { return };
            let Some(pixel) = pixels.get_pixel_mut_checked(x, y) else { return };
            for (ground, ink) in pixel.0.iter_mut().zip(colour) {
                *ground = mixed(*ground, ink, cover);
            }
        });
    }

    /// A QR code at most `side` pixels wide, each of its squares whole pixels; how wide it is.
    ///
    /// # Errors
    /// A text too long for any QR code.
    pub fn code(&mut self, text: &str, (x, y): (u32, u32), side: u32) -> Result<u32, PrintError> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M);
        let code = code.map_err(|error| PrintError::Writing(error.to_string()))?;
        let modules = u32::try_from(code.width() + 2 * QUIET).unwrap_or(u32::MAX);
        let square = (side / modules).max(1);
        self.fill((x, y), (square * modules, square * modules), [255; 3]);
        for (row, colours) in code.to_colors().chunks(code.width()).enumerate() {
            for (column, _) in colours.iter().enumerate().filter(|(_, colour)| **colour == Module::Dark) {
                let at = |module: usize| u32::try_from(module + QUIET).unwrap_or_default() * square;
                self.fill((x + at(column), y + at(row)), (square, square), [0; 3]);
            }
        }
        Ok(square * modules)
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// It can't be written.
    pub fn png(self) -> Result<Vec<u8>, PrintError> {
        let mut bytes = Vec::new();
        let written = self.pixels.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png);
        written.map_err(|error| PrintError::Writing(error.to_string()))?;
        Ok(bytes)
    }
}

fn mixed(ground: u8, ink: u8, cover: f32) -> u8 {
    let mixed = f32::from(ground) + (f32::from(ink) - f32::from(ground)) * cover.clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
    let mixed = mixed.round() as u8;
    mixed
}

/// One stroke of a letter's outline.
enum Stroke {
    Line([Point; 2]),
    Quad([Point; 3]),
    Cubic([Point; 4]),
}

impl Stroke {
    /// Its points: what it draws lies between them.
    fn points(&self) -> &[Point] {
        match self {
            Self::Line(points) => points,
            Self::Quad(points) => points,
            Self::Cubic(points) => points,
        }
    }
}

/// A letter's outline in the picture: fonts count upwards, pictures downwards.
struct Outline {
    origin: Point,
    begun: Point,
    last: Point,
    strokes: Vec<Stroke>,
}

impl Outline {
    fn at(x: f32, y: f32) -> Self {
        let origin = point(x, y);
        Self { origin, begun: origin, last: origin, strokes: Vec::new() }
    }

    fn place(&self, x: f32, y: f32) -> Point {
        point(self.origin.x + x, self.origin.y - y)
    }

    /// Upper left corner in whole pixels, width and height of what it covers; nothing for a space.
    fn bounds(&self) -> Option<(Point, usize, usize)> {
        let points = || self.strokes.iter().flat_map(Stroke::points);
        let (mut low, mut high) = (*points().next()?, *points().next()?);
        for each in points() {
            low = point(low.x.min(each.x), low.y.min(each.y));
            high = point(high.x.max(each.x), high.y.max(each.y));
        }
        // A pixel more on each side: the rasterizer may write beside the last one.
        let corner = point(low.x.floor() - 1.0, low.y.floor() - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and at most a letter's size"
        )]
        let whole = |length: f32| (length.ceil() + 2.0).min(4_096.0) as usize;
        Some((corner, whole(high.x - corner.x), whole(high.y - corner.y)))
    }

    fn draw(&self, corner: Point, rasterizer: &mut Rasterizer) {
        let to = |each: Point| point(each.x - corner.x, each.y - corner.y);
        for stroke in &self.strokes {
            match *stroke {
                Stroke::Line([a, b]) => rasterizer.draw_line(to(a), to(b)),
                Stroke::Quad([a, b, c]) => rasterizer.draw_quad(to(a), to(b), to(c)),
                Stroke::Cubic([a, b, c, d]) => rasterizer.draw_cubic(to(a), to(b), to(c), to(d)),
            }
        }
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        self.begun = self.place(x, y);
        self.last = self.begun;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.strokes.push(Stroke::Line([self.last, to]));
        self.last = to;
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.strokes.push(Stroke::Quad([self.last, self.place(cx, cy), to]));
        self.last = to;
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.strokes.push(Stroke::Cubic([self.last, self.place(ax, ay), self.place(bx, by), to]));
        self.last = to;
    }

    fn close(&mut self) {
        if self.last != self.begun {
            self.strokes.push(Stroke::Line([self.last, self.begun]));
            self.last = self.begun;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Canvas;
    use crate::app::print::font::tests::FONTS;
    use crate::app::print::line::Style;

    fn dark(text: &str) -> usize {
        let mut canvas = Canvas::new(&FONTS, (200, 120), [255; 3]).unwrap();
        let style = Style::of(100.0);
        for line in canvas.set(text, style, 180.0) {
            canvas.write(&line, (10.0, 95.0), style.size, [0; 3]);
        }
        canvas.pixels.pixels().filter(|pixel| pixel.0[0] < 128).count()
    }

    #[test]
    fn letters_are_filled_and_their_holes_are_not() {
        assert_eq!(dark(" "), 0);
        let (ring, block) = (dark("口"), dark("■"));
        assert!((500..4_000).contains(&ring) && block > 5_000, "{ring} {block}");
    }

    #[test]
    fn what_reaches_over_the_edge_is_left_out() {
        let mut canvas = Canvas::new(&FONTS, (20, 20), [255; 3]).unwrap();
        let style = Style::of(60.0);
        for line in canvas.set("票决", style, 300.0) {
            canvas.write(&line, (-30.0, 15.0), style.size, [0; 3]);
        }
        canvas.fill((15, 15), (u32::MAX, 50), [0; 3]);
        assert_eq!(image::load_from_memory(&canvas.png().unwrap()).unwrap().width(), 20);
    }
}
