//! What stands on pages, and the PDF file made of it.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::luma;
use krilla::configure::validate::Archival;
use krilla::configure::{Configuration, ConfigurationBuilder};
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use qrcode::{Color, EcLevel, QrCode};

use crate::app::print::PrintError;
use crate::app::print::font::Fonts;
use crate::app::print::line::{Placed, Side, Style, lines};
use crate::core::clock::Time;

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// Empty modules around a QR code (ISO/IEC 18004).
const QUIET: usize = 4;
/// Asia/Shanghai, in hours from UTC.
const SHANGHAI: i8 = 8;
/// Size of the words across a page, in points.
const STAMP_SIZE: f32 = 26.0;
/// Each has a field of half an A5 page, so that a ballot torn from its pair has some.
const STAMP_WIDE: f32 = 148.0 * MM;
/// Height of that field.
const STAMP_HIGH: f32 = 70.0 * MM;
/// How far they are turned, in degrees.
const STAMP_TURN: f32 = -24.0;
/// Light enough to read and write over, and for QR codes to be read.
const STAMP_GREY: u8 = 205;

/// One thing on a page. Points from the page's upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text; `y` is its base line.
    Text {
        /// Left.
        x: f32,
        /// Base line.
        y: f32,
        /// Size of an em.
        size: f32,
        /// The letters.
        letters: Vec<Placed>,
    },
    /// A straight line.
    Stroke {
        /// From.
        from: (f32, f32),
        /// To.
        to: (f32, f32),
        /// How wide.
        width: f32,
        /// Length of dashes and of the gaps between them; 0 for a whole line.
        dash: f32,
    },
    /// An empty box.
    Box {
        /// Upper left.
        at: (f32, f32),
        /// Width and height.
        size: (f32, f32),
        /// How wide its lines are.
        width: f32,
    },
    /// Dark squares of a QR code, each row's neighbours as one.
    Code {
        /// Upper left of each and its width and height.
        dark: Vec<(f32, f32, f32, f32)>,
    },
}

impl Mark {
    /// The same, moved.
    #[must_use]
    pub fn moved(self, dx: f32, dy: f32) -> Self {
        match self {
            Self::Text { x, y, size, letters } => Self::Text { x: x + dx, y: y + dy, size, letters },
            Self::Stroke { from, to, width, dash } => {
                Self::Stroke { from: (from.0 + dx, from.1 + dy), to: (to.0 + dx, to.1 + dy), width, dash }
            }
            Self::Box { at, size, width } => Self::Box { at: (at.0 + dx, at.1 + dy), size, width },
            Self::Code { dark } => {
                Self::Code { dark: dark.into_iter().map(|(x, y, w, h)| (x + dx, y + dy, w, h)).collect() }
            }
        }
    }
}

/// A QR code of `side` points, with the empty border that readers need.
///
/// # Errors
/// A text too long for any QR code.
pub fn code(text: &str, side: f32) -> Result<Mark, PrintError> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M);
    let code = code.map_err(|error| PrintError::Writing(error.to_string()))?;
    let colors = code.to_colors();
    #[expect(clippy::cast_precision_loss, reason = "at most 185 modules")]
    let place = |module: usize| module as f32 * side / (code.width() + 2 * QUIET) as f32;
    let mut dark = Vec::new();
    for (row, modules) in colors.chunks(code.width()).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                dark.push((place(column + QUIET), place(row + QUIET), place(run.len()), place(1)));
            }
            column += run.len();
        }
    }
    Ok(Mark::Code { dark })
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What stands on it, in the order in which it is drawn.
    pub marks: Vec<Mark>,
}

/// What the file says of itself. Papers that must not be told apart say nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nothing.
    Nothing,
    /// For the archive: PDF/A-2u (ISO 19005-2), which others must be able to open and read in fifty years.
    Archive {
        /// Its title.
        title: String,
        /// BCP 47 tag of its language.
        language: &'static str,
        /// When what it says was so: the record's time, never that of printing.
        as_of: Time,
    },
}

/// Makes the file. `size`: width and height of its pages, in points.
///
/// # Errors
/// The file can't be written, or would break the archive's rules.
pub fn file(fonts: &Fonts, size: (f32, f32), pages: &[Page], about: &About) -> Result<Vec<u8>, PrintError> {
    let failed = |what: &str| PrintError::Writing(what.to_owned());
    let configuration = match about {
        About::Nothing => Configuration::default(),
        About::Archive { .. } => {
            let archive = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish();
            archive.map_err(|error| failed(&format!("{error:?}")))?
        }
    };
    let settings = SerializeSettings {
        xmp_metadata: matches!(about, About::Archive { .. }),
        enable_tagging: false,
        configuration,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    if let About::Archive { title, language, as_of } = about {
        document.set_metadata(
            Metadata::new()
                .title(title.clone())
                .language((*language).to_owned())
                .creator("sunvote".to_owned())
                .creation_date(date(*as_of)),
        );
    }
    for page in pages {
        let page_size = PageSettings::from_wh(size.0, size.1).ok_or_else(|| failed("page size"))?;
        let mut sheet = document.start_page_with(page_size);
        let mut surface = sheet.surface();
        if let Some(words) = fonts.stamp() {
            stamp(&mut surface, fonts, size, words)?;
        }
        for mark in &page.marks {
            draw(&mut surface, fonts, mark);
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| failed(&format!("{error:?}")))
}

/// Words in grey across a page, often enough that no part of it that is cut off is without them.
fn stamp(surface: &mut Surface<'_>, fonts: &Fonts, (wide, high): (f32, f32), words: &str) -> Result<(), PrintError> {
    let style = Style::of(STAMP_SIZE).bold().at(Side::Middle);
    let cases = fonts.cases()?;
    let set = lines(&cases, words, style, STAMP_WIDE);
    let mut y = STAMP_HIGH / 2.0;
    while y < high + STAMP_HIGH / 2.0 {
        let mut x = STAMP_WIDE / 2.0;
        while x < wide + STAMP_WIDE / 2.0 {
            surface.push_transform(&Transform::from_rotate_at(STAMP_TURN, x, y));
            surface.set_fill(Some(Fill {
                paint: luma::Color::new(STAMP_GREY).into(),
                opacity: NormalizedF32::ONE,
                rule: FillRule::NonZero,
            }));
            for line in &set {
                draw_text(surface, fonts, (x - STAMP_WIDE / 2.0 + line.x, y), style.size, &line.letters);
            }
            surface.pop();
            x += STAMP_WIDE;
        }
        y += STAMP_HIGH;
    }
    Ok(())
}

fn date(time: Time) -> DateTime {
    let (year, month, day) = time.date().parts();
    let minute = time.minute_of_day();
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(year).unwrap_or_default())
        .month(small(i64::from(month)))
        .day(small(i64::from(day)))
        .hour(small(minute / 60))
        .minute(small(minute % 60))
        .second(0)
        .utc_offset_hour(SHANGHAI)
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: luma::Color::black().into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }));
    match mark {
        Mark::Text { x, y, size, letters } => draw_text(surface, fonts, (*x, *y), *size, letters),
        Mark::Stroke { from, to, width, dash } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            outline(surface, path, *width, *dash);
        }
        Mark::Box { at, size, width } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(at.0, at.1, size.0, size.1) {
                path.push_rect(rect);
            }
            outline(surface, path, *width, 0.0);
        }
        Mark::Code { dark } => {
            let mut path = PathBuilder::new();
            for (x, y, w, h) in dark {
                if let Some(rect) = Rect::from_xywh(*x, *y, *w, *h) {
                    path.push_rect(rect);
                }
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn outline(surface: &mut Surface<'_>, path: PathBuilder, width: f32, dash: f32) {
    let path: Option<Path> = path.finish();
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: luma::Color::black().into(),
        width,
        dash: (dash > 0.0).then(|| StrokeDash { array: vec![dash, dash], offset: 0.0 }),
        ..Stroke::default()
    }));
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

/// Letters of one font after the other.
fn draw_text(surface: &mut Surface<'_>, fonts: &Fonts, at: (f32, f32), size: f32, letters: &[Placed]) {
    let mut x = at.0;
    for run in letters.chunk_by(|a, b| a.letter.weight == b.letter.weight) {
        let Some(first) = run.first() else { continue };
        let mut text = String::new();
        let mut glyphs = Vec::with_capacity(run.len());
        for placed in run {
            let start = text.len();
            text.push(placed.letter.char);
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(placed.letter.glyph),
                text_range: start..text.len(),
                x_advance: placed.advance,
                x_offset: placed.shift,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            });
        }
        let font = fonts.font(first.letter.weight).clone();
        surface.draw_glyphs(Point::from_xy(x, at.1), &glyphs, font, &text, size, false);
        x += run.iter().map(|placed| placed.advance).sum::<f32>() * size;
    }
}
