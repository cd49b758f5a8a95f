//! Counting marks: 正, one stroke a vote, five a character, as they are written on the board in every village. Drawn as
//! lines, so that no font is needed and a character that is begun shows its first strokes in the order of writing.

use std::fmt;

/// Strokes of one character.
const STROKES: u64 = 5;
/// The strokes of 正 in the order of writing, in a square of 20: top, middle down, short to the right, short down, bottom.
const LINES: [&str; 5] = ["M3 3.5h14", "M10 3.5v14", "M10 10h6", "M5 9v8.5", "M1.5 17.5h17"];

/// A count as 正 marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strokes(pub u64);

impl Strokes {
    /// Characters that are whole.
    #[must_use]
    pub fn whole(self) -> u64 {
        self.0 / STROKES
    }

    /// Strokes of the character that is begun; 0 where none is.
    #[must_use]
    pub fn begun(self) -> usize {
        usize::try_from(self.0 % STROKES).unwrap_or(0)
    }

    /// Characters in all, the one that is begun included.
    #[must_use]
    pub fn characters(self) -> u64 {
        self.0.div_ceil(STROKES)
    }

    /// The drawing of a character with its first `strokes`.
    #[must_use]
    pub fn path(strokes: usize) -> String {
        LINES[..strokes.min(LINES.len())].concat()
    }
}

impl fmt::Display for Strokes {
    /// SVG, a picture a character. The number itself stands beside it, for those who listen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut draw = |strokes: usize| {
            let path = Self::path(strokes);
            write!(f, r#"<svg class="zheng" viewBox="0 0 20 20" aria-hidden="true"><path d="{path}"/></svg>"#)
        };
        for _ in 0..self.whole() {
            draw(LINES.len())?;
        }
        if self.begun() > 0 { draw(self.begun()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Strokes;

    /// Strokes that are drawn: each is one line that begins with M.
    fn drawn(count: u64) -> (usize, usize) {
        let svg = Strokes(count).to_string();
        let lines = svg.split("d=\"").skip(1).filter_map(|rest| rest.split('"').next());
        (svg.matches("<svg").count(), lines.map(|path| path.matches('M').count()).sum())
    }

    #[test]
    fn as_many_strokes_are_drawn_as_votes_were_counted() {
        for count in (0..=60).chain([99, 100, 101, 487, 999, 1_000]) {
            let strokes = usize::try_from(count).expect("small");
            assert_eq!(drawn(count), (strokes.div_ceil(5), strokes), "{count}");
            assert_eq!(Strokes(count).characters(), count.div_ceil(5));
        }
        assert_eq!(Strokes(0).to_string(), "");
    }

    #[test]
    fn a_character_that_is_begun_has_its_first_strokes_in_the_order_of_writing() {
        let begun: Vec<String> = (1..=5).map(Strokes::path).collect();
        for pair in begun.windows(2) {
            assert!(pair[1].starts_with(&pair[0]), "{pair:?}");
        }
        assert_eq!(begun[0], "M3 3.5h14", "the upper line comes first");
        assert!(begun[4].ends_with("M1.5 17.5h17"), "the lower line comes last");
        // 16 votes: three characters and the first stroke of a fourth.
        assert!(Strokes(16).to_string().ends_with(r#"<path d="M3 3.5h14"/></svg>"#));
    }
}
