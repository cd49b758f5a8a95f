//! The font of printed papers: an open one with Chinese letters, found on the machine or named in the settings. What a paper
//! uses of it is embedded in the paper.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use krilla::text::Font;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

/// Regular and bold of the fonts that Debian's package `fonts-noto-cjk` brings (SIL Open Font License 1.1): Song first, as
/// papers are set in it.
const KNOWN: [(&str, &str); 2] = [
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
];
/// Letters that a font must have to be of use.
const NEEDED: &str = "票决村民赞成反对弃权，。0a";
/// Letters of Latin fonts that stand in this place of a collection's faces: the one for Simplified Chinese.
const SIMPLIFIED: &str = "SC";

/// Why there is no font.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// None of the known files is on this machine.
    #[error(
        "no Chinese font for printing: install Debian's package fonts-noto-cjk, or set print.font to a font's file"
    )]
    Missing,
    /// A file that the settings name can't be read.
    #[error("print.font: {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is no font, or has no Chinese letters.
    #[error("print.font: {path} is no OpenType font with Chinese letters")]
    Unfit {
        /// The file.
        path: PathBuf,
    },
}

/// Where the fonts are, as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FontFiles {
    /// The font; absent: what is found on the machine.
    pub regular: Option<PathBuf>,
    /// Its bold; absent: the font itself.
    pub bold: Option<PathBuf>,
}

impl FontFiles {
    /// The files to read: regular and bold.
    ///
    /// # Errors
    /// A named file is not there; none is named and none is known.
    pub fn find(&self) -> Result<(PathBuf, PathBuf), FontError> {
        if let Some(regular) = &self.regular {
            let bold = self.bold.as_ref().unwrap_or(regular);
            for path in [regular, bold] {
                std::fs::metadata(path)
                    .map_err(|error| FontError::Unreadable { path: path.clone(), reason: error.to_string() })?;
            }
            return Ok((regular.clone(), bold.clone()));
        }
        let there = |(regular, bold): &&(&str, &str)| [regular, bold].iter().all(|path| PathBuf::from(path).is_file());
        let (regular, bold) = KNOWN.iter().find(there).ok_or(FontError::Missing)?;
        Ok((regular.into(), bold.into()))
    }
}

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Weight {
    /// Running text.
    #[default]
    Regular,
    /// Headings.
    Bold,
}

/// One font in memory.
struct Face {
    font: Font,
    bytes: Arc<Vec<u8>>,
    index: u32,
}

impl Face {
    fn open(path: &PathBuf) -> Result<Self, FontError> {
        let read = std::fs::read(path);
        let bytes = read.map_err(|error| FontError::Unreadable { path: path.clone(), reason: error.to_string() })?;
        Self::of(Arc::new(bytes)).ok_or_else(|| FontError::Unfit { path: path.clone() })
    }

    fn of(bytes: Arc<Vec<u8>>) -> Option<Self> {
        let faces: Vec<FontRef<'_>> = FontRef::fonts(&bytes).filter_map(Result::ok).collect();
        let simplified = faces.iter().position(|face| {
            let names = face.localized_strings(StringId::FAMILY_NAME);
            names.map(|name| name.to_string()).any(|name| name.split(' ').any(|word| word == SIMPLIFIED))
        });
        let index = simplified.unwrap_or(0);
        let charmap = faces.get(index)?.charmap();
        let whole = NEEDED.chars().all(|letter| charmap.map(letter).is_some());
        let index = u32::try_from(index).ok().filter(|_| whole)?;
        let font = Font::new(Arc::clone(&bytes).into(), index)?;
        Some(Self { font, bytes, index })
    }

    fn letters(&self) -> Option<Letters<'_>> {
        let font = FontRef::from_index(&self.bytes, self.index).ok()?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        let (charmap, glyphs) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
        Some(Letters { charmap, glyphs, per_em: f32::from(metrics.units_per_em.max(1)) })
    }
}

/// Both weights of a font in memory: for Noto Serif CJK about 55 MB.
pub struct Fonts {
    regular: Face,
    bold: Face,
    stamp: Option<&'static str>,
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts").finish_non_exhaustive()
    }
}

impl Fonts {
    /// Reads the files.
    ///
    /// # Errors
    /// There are none, or they can't be used.
    pub fn open(files: &FontFiles) -> Result<Self, FontError> {
        let (regular, bold) = files.find()?;
        Ok(Self { regular: Face::open(&regular)?, bold: Face::open(&bold)?, stamp: None })
    }

    /// With words that go across every page set with them.
    #[must_use]
    pub fn stamped(self, stamp: Option<&'static str>) -> Self {
        Self { stamp, ..self }
    }

    /// The words that go across every page.
    #[must_use]
    pub fn stamp(&self) -> Option<&'static str> {
        self.stamp
    }

    /// The font to draw with.
    #[must_use]
    pub fn font(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular.font,
            Weight::Bold => &self.bold.font,
        }
    }

    /// Draws a letter's outline with a pen, an em `size` wide, from the letter's place on its base line, upwards. A letter without one, such as
    /// a space, and one that is broken in the font are left out.
    pub fn outline(&self, weight: Weight, glyph: u32, size: f32, pen: &mut impl OutlinePen) {
        let face = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let font = FontRef::from_index(&face.bytes, face.index).ok();
        let outline = font.and_then(|font| font.outline_glyphs().get(GlyphId::new(glyph)));
        if let Some(outline) = outline {
            let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
            drop(outline.draw(settings, pen));
        }
    }

    /// What letters there are, and how wide.
    ///
    /// # Errors
    /// Never for fonts that could be opened.
    pub fn cases(&self) -> Result<Cases<'_>, FontError> {
        let broken = || FontError::Unfit { path: PathBuf::new() };
        let (regular, bold) = (self.regular.letters(), self.bold.letters());
        Ok(Cases { regular: regular.ok_or_else(broken)?, bold: bold.ok_or_else(broken)? })
    }
}

struct Letters<'a> {
    charmap: Charmap<'a>,
    glyphs: GlyphMetrics<'a>,
    per_em: f32,
}

/// One letter as it is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letter {
    /// What it stands for in the text.
    pub char: char,
    /// Its picture in the font.
    pub glyph: u32,
    /// The font that has it.
    pub weight: Weight,
    /// Its width, in ems.
    pub width: f32,
}

/// The letters of a font, both weights.
pub struct Cases<'a> {
    regular: Letters<'a>,
    bold: Letters<'a>,
}

impl fmt::Debug for Cases<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cases").finish_non_exhaustive()
    }
}

impl Cases<'_> {
    /// A character in a weight, or in the other one if only that has it; `None` where the font lacks it.
    #[must_use]
    pub fn letter(&self, char: char, weight: Weight) -> Option<Letter> {
        let order = match weight {
            Weight::Regular => [Weight::Regular, Weight::Bold],
            Weight::Bold => [Weight::Bold, Weight::Regular],
        };
        order.into_iter().find_map(|weight| {
            let letters = match weight {
                Weight::Regular => &self.regular,
                Weight::Bold => &self.bold,
            };
            let glyph = letters.charmap.map(char).filter(|glyph| *glyph != GlyphId::NOTDEF)?;
            let width = letters.glyphs.advance_width(glyph)? / letters.per_em;
            Some(Letter { char, glyph: glyph.to_u32(), weight, width })
        })
    }

    /// A text as letters. A character that the font lacks is written as its number, such as `[U+1F600]`: readers see that
    /// something stands there, and which; an empty box would hide it. Characters without a picture are left out.
    #[must_use]
    pub fn letters(&self, text: &str, weight: Weight) -> Vec<Letter> {
        let mut letters = Vec::with_capacity(text.len());
        for char in text.chars().filter(|char| *char == '\t' || !is_silent(*char)) {
            let char = if matches!(char, '\t' | '\u{A0}') { ' ' } else { char };
            if let Some(letter) = self.letter(char, weight).filter(|_| !is_private(char)) {
                letters.push(letter);
            } else {
                let number = format!("[U+{:04X}]", u32::from(char));
                letters.extend(number.chars().filter_map(|digit| self.letter(digit, weight)));
            }
        }
        letters
    }
}

/// Characters without a picture of their own: controls, directions, joiners, variation selectors, tags.
fn is_silent(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
        || matches!(char, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(char, '\u{FE00}'..='\u{FE0F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E01EF}')
}

/// Characters that mean what somebody's own font says they mean (Unicode, private use).
fn is_private(char: char) -> bool {
    matches!(char, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

#[cfg(test)]
pub(in crate::app::print) mod tests {
    use std::path::PathBuf;
    use std::sync::LazyLock;

    use super::{FontError, FontFiles, Fonts, Weight};

    /// The fonts of this machine.
    pub(in crate::app::print) static FONTS: LazyLock<Fonts> =
        LazyLock::new(|| Fonts::open(&FontFiles::default()).expect("fonts-noto-cjk is installed"));

    #[test]
    fn what_a_font_lacks_is_written_as_its_number() {
        let cases = FONTS.cases().unwrap();
        let set = |text: &str| cases.letters(text, Weight::Bold).iter().map(|letter| letter.char).collect::<String>();
        assert_eq!(set("修路😀方案"), "修路[U+1F600]方案");
        assert_eq!(set("\u{E000}"), "[U+E000]", "a font's own sign says nothing in another");
        assert_eq!(set("左\u{202E}右\u{200B}"), "左右", "directions are not drawn");
    }

    #[test]
    fn a_missing_or_unfit_font_is_told() {
        let named = |path: &str| FontFiles { regular: Some(PathBuf::from(path)), bold: None };
        let lost = Fonts::open(&named("/no/such/font.ttc")).unwrap_err();
        assert!(lost.to_string().starts_with("print.font: /no/such/font.ttc"), "{lost}");
        let none = Fonts::open(&named("Cargo.toml")).unwrap_err();
        assert!(matches!(none, FontError::Unfit { .. }), "{none}");
        assert!(FontError::Missing.to_string().contains("fonts-noto-cjk"));
    }

    #[test]
    fn the_face_for_simplified_chinese_is_taken() {
        let cases = FONTS.cases().unwrap();
        let regular = cases.letter('，', Weight::Regular).unwrap();
        assert!((regular.width - 1.0).abs() < f32::EPSILON);
        assert_eq!(FONTS.regular.index, 2, "Japanese and Korean stand before it in the collection");
    }
}
