//! A matter as a picture for a group of people on their phones: what it is, where it stands, a few facts in big letters, a code.

use crate::app::print::PrintError;
use crate::app::print::font::Fonts;
use crate::app::print::line::{Line, Style};
use crate::app::print::picture::{Canvas, Colour};

/// Width in pixels: what a phone shows without making it smaller.
pub const WIDE: u32 = 1080;
/// Least height: three to four, as phones hold pictures.
const HIGH: u32 = 1440;
/// Empty at the sides.
const EDGE: f32 = 72.0;
/// Width of what is written.
const ROOM: f32 = 1080.0 - 2.0 * EDGE;
/// Most pixels of the code's side.
const CODE: u32 = 330;
/// Sizes that a title is set in, until it fits on its lines.
const TITLES: [f32; 3] = [92.0, 76.0, 62.0];
/// Most lines of a title.
const TITLE_LINES: usize = 4;
/// Most lines of a fact.
const FACT_LINES: usize = 2;
/// Most facts.
const FACTS: usize = 5;

const PAPER: Colour = [252, 251, 248];
const INK: Colour = [28, 30, 36];
const GREY: Colour = [76, 79, 88];
const FAINT: Colour = [222, 218, 208];
const VERMILION: Colour = [179, 38, 30];
const SUN: Colour = [242, 169, 0];

/// How the state of a matter is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// Under way.
    Now,
    /// Official and done.
    Final,
    /// Anything else.
    Still,
}

/// What stands on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Township and village.
    pub place: String,
    /// The matter's title.
    pub title: String,
    /// Where it stands.
    pub state: String,
    /// How that is coloured.
    pub hue: Hue,
    /// Facts: what, and how much or when.
    pub facts: Vec<(String, String)>,
    /// What the code is for.
    pub scan: String,
    /// The day that all this is of, in words.
    pub as_of: String,
    /// The address in the code.
    pub link: String,
}

/// The picture as PNG. The same card gives the same bytes.
///
/// # Errors
/// An address too long for a code; the picture can't be written.
pub fn png(fonts: &Fonts, card: &Card) -> Result<Vec<u8>, PrintError> {
    let plan = Plan::of(&Canvas::new(fonts, (1, 1), PAPER)?, card);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand pixels")]
    let high = (plan.high.ceil() as u32).max(HIGH);
    let mut canvas = Canvas::new(fonts, (WIDE, high), PAPER)?;
    stamp(&mut canvas, fonts.stamp(), high);
    canvas.fill((0, 0), (WIDE, 18), VERMILION);
    for mark in &plan.marks {
        match mark {
            Mark::Field { at, size, colour } => canvas.fill(*at, *size, *colour),
            Mark::Text { line, at, size, colour } => canvas.write(line, *at, *size, *colour),
        }
    }
    let foot = high - CODE - 84;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    let (left, top) = (EDGE + CODE as f32 + 48.0, foot as f32);
    canvas.fill((72, foot - 36), (WIDE - 144, 3), FAINT);
    canvas.code(&card.link, (72, foot), CODE)?;
    let mut y = top + 56.0;
    let words = [(&card.scan, 46.0, INK), (&card.as_of, 34.0, GREY), (&card.link, 26.0, GREY)];
    for (text, size, colour) in words {
        let style = if colour == INK { Style::of(size).bold() } else { Style::of(size) };
        for line in canvas.set(text, style, 1080.0 - EDGE - left).into_iter().take(4) {
            canvas.write(&line, (left, y), size, colour);
            y += size * 1.4;
        }
        y += 14.0;
    }
    canvas.png()
}

/// Words across the picture where nothing on it is real.
fn stamp(canvas: &mut Canvas<'_>, words: Option<&'static str>, high: u32) {
    let Some(words) = words else { return };
    let style = Style::of(64.0).bold();
    let lines = canvas.set(&words.repeat(4), style, 4_000.0);
    for row in 0..high / 240 {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
        let y = (row * 240 + 160) as f32;
        for line in &lines {
            canvas.write(line, (if row % 2 == 0 { 0.0 } else { -200.0 }, y), style.size, FAINT);
        }
    }
}

enum Mark {
    Field { at: (u32, u32), size: (u32, u32), colour: Colour },
    Text { line: Line, at: (f32, f32), size: f32, colour: Colour },
}

/// Where everything stands, from the top down.
struct Plan {
    marks: Vec<Mark>,
    high: f32,
}

impl Plan {
    fn of(canvas: &Canvas<'_>, card: &Card) -> Self {
        let mut plan = Self { marks: Vec::new(), high: 62.0 };
        plan.write(canvas.set(&card.place, Style::of(40.0), ROOM).into_iter().take(1), 40.0, GREY);
        plan.high += 18.0;
        plan.title(canvas, &card.title);
        plan.high += 34.0;
        plan.state(canvas, card);
        for (what, value) in card.facts.iter().take(FACTS) {
            plan.high += 40.0;
            plan.write(canvas.set(what, Style::of(36.0), ROOM).into_iter().take(1), 36.0, GREY);
            let set = canvas.set(value, Style::of(58.0).bold(), ROOM);
            plan.write(set.into_iter().take(FACT_LINES), 58.0, INK);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred pixels")]
        let foot = CODE as f32 + 84.0 + 72.0;
        Self { high: plan.high + foot, ..plan }
    }

    fn write(&mut self, lines: impl Iterator<Item = Line>, size: f32, colour: Colour) {
        for line in lines {
            self.marks.push(Mark::Text { line, at: (EDGE, self.high + size), size, colour });
            self.high += size * 1.35;
        }
    }

    /// As big as fits; a title longer than that ends in an ellipsis: the code leads to all of it.
    fn title(&mut self, canvas: &Canvas<'_>, title: &str) {
        let set = |size: f32| canvas.set(title, Style::of(size).bold(), ROOM);
        let fits = TITLES.into_iter().find(|size| set(*size).len() < TITLE_LINES);
        let size = fits.unwrap_or(TITLES[TITLES.len() - 1]);
        let mut lines = set(size);
        if lines.len() > TITLE_LINES {
            let kept: String = lines.iter().take(TITLE_LINES).map(Line::text).collect();
            let short: String = kept.chars().take(kept.chars().count().saturating_sub(2)).chain(['…']).collect();
            lines = canvas.set(&short, Style::of(size).bold(), ROOM);
        }
        self.write(lines.into_iter().take(TITLE_LINES), size, INK);
    }

    fn state(&mut self, canvas: &Canvas<'_>, card: &Card) {
        let (ground, ink) = match card.hue {
            Hue::Now => (SUN, INK),
            Hue::Final => (VERMILION, PAPER),
            Hue::Still => (FAINT, INK),
        };
        let size = 50.0;
        let Some(line) = canvas.set(&card.state, Style::of(size).bold(), ROOM - 56.0).into_iter().next() else {
            return;
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the picture")]
        let (width, top) = ((line.width() * size + 56.0) as u32, self.high as u32);
        self.marks.push(Mark::Field { at: (72, top), size: (width, 92), colour: ground });
        self.marks.push(Mark::Text { line, at: (EDGE + 28.0, self.high + 64.0), size, colour: ink });
        self.high += 100.0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Card, HIGH, Hue, WIDE, png};
    use crate::app::print::font::tests::FONTS;

    fn card(title: &str, facts: usize) -> Card {
        Card {
            place: "黄村乡 黄泥墩村".to_owned(),
            title: title.to_owned(),
            state: "第五步：票决".to_owned(),
            hue: Hue::Now,
            facts: vec![("金额".to_owned(), "200,000元".to_owned()); facts],
            scan: "扫码看全部材料".to_owned(),
            as_of: "2026年11月21日".to_owned(),
            link: "https://vote.example/v/331102206201/m/01J0000000000000000000000M".to_owned(),
        }
    }

    #[test]
    fn a_card_grows_with_what_stands_on_it_and_is_the_same_each_time() {
        let size = |card: &Card| {
            let picture = image::load_from_memory(&png(&FONTS, card).unwrap()).unwrap();
            (picture.width(), picture.height())
        };
        assert_eq!(size(&card("硬化村西机耕路", 2)), (WIDE, HIGH));
        let (wide, high) = size(&card(&"把从村口到老樟树的路灯都换成太阳能的".repeat(8), 9));
        assert!(wide == WIDE && (HIGH..2_200).contains(&high), "{high}");
        assert_eq!(png(&FONTS, &card("修路", 1)), png(&FONTS, &card("修路", 1)));
    }
}
