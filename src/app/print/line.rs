//! Text in lines: where a line may break (UAX #14), Chinese punctuation set close, the lines of a paragraph made even.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::app::print::font::{Cases, Letter, Weight};

/// Most that a gap between two letters grows to make a line even, in ems. Readers of the file's text take a wider one for
/// a space.
const MOST_GAP: f32 = 0.06;
/// Width of an apostrophe, in ems: Chinese fonts have it as a closing quotation mark.
const APOSTROPHE: f32 = 0.3;
/// Signs that end what they follow; their picture is in the left half.
const CLOSING: &str = "、。，．：；！？）」』】》〉〕｝”’";
/// Signs that begin; their picture is in the right half.
const OPENING: &str = "（「『【《〈〔｛“‘";

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Size of an em, in points.
    pub size: f32,
    /// Heaviness.
    pub weight: Weight,
    /// From one line to the next, in ems.
    pub leading: f32,
    /// How far the first line of a paragraph stands in, in ems.
    pub indent: f32,
    /// Where lines stand.
    pub side: Side,
}

/// Where the lines of a text stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Even on both sides, as far as that looks well.
    Even,
    /// In the middle.
    Middle,
    /// Left.
    Left,
    /// Right.
    Right,
}

impl Style {
    /// Regular text of a size.
    #[must_use]
    pub fn of(size: f32) -> Self {
        Self { size, weight: Weight::Regular, leading: 1.6, indent: 0.0, side: Side::Left }
    }

    /// In bold.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    /// With lines at a side.
    #[must_use]
    pub fn at(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// With a first line that stands in by so many ems.
    #[must_use]
    pub fn indented(self, ems: f32) -> Self {
        Self { indent: ems, ..self }
    }

    /// With lines so far apart, in ems.
    #[must_use]
    pub fn led(self, leading: f32) -> Self {
        Self { leading, ..self }
    }

    /// The height of a line, in points.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.size * self.leading
    }
}

/// A letter in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// The letter.
    pub letter: Letter,
    /// How far its picture is moved, in ems.
    pub shift: f32,
    /// From its place to the next letter's, in ems.
    pub advance: f32,
}

/// One line: letters from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Where it begins, in points from the left edge of what it was set into.
    pub x: f32,
    /// The letters.
    pub letters: Vec<Placed>,
}

impl Line {
    /// Its width in ems.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.letters.iter().map(|placed| placed.advance).sum()
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        self.letters.iter().map(|placed| placed.letter.char).collect()
    }
}

/// Sets a text, which may have several paragraphs, into lines of at most `width` points.
#[must_use]
pub fn lines(cases: &Cases<'_>, text: &str, style: Style, width: f32) -> Vec<Line> {
    let mut set = Vec::new();
    for paragraph in text.split('\n') {
        let letters = cases.letters(paragraph.trim_end(), style.weight);
        let ends = ends(&letters);
        let mut from = 0;
        let mut first = true;
        while from < letters.len() {
            let indent = if first { style.indent } else { 0.0 };
            let room = (width / style.size - indent).max(1.0);
            let to = end_of_line(&letters, &ends, from, room);
            let last = to == letters.len();
            let mut placed = placed(&letters[from..to], room);
            let ems: f32 = placed.iter().map(|one| one.advance).sum();
            let left = (room - ems).max(0.0);
            let x = match style.side {
                Side::Middle => left / 2.0,
                Side::Right => left,
                Side::Even | Side::Left => 0.0,
            };
            if style.side == Side::Even && !last {
                spread(&mut placed, left);
            }
            set.push(Line { x: (indent + x) * style.size, letters: placed });
            from = to;
            first = false;
        }
        if first && !set.is_empty() {
            set.push(Line { x: 0.0, letters: Vec::new() });
        }
    }
    set
}

/// Whether a line may end after each letter.
fn ends(letters: &[Letter]) -> Vec<bool> {
    let text: String = letters.iter().map(|letter| letter.char).collect();
    let mut ends = vec![false; letters.len()];
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.push(text.len());
    for (at, how) in linebreaks(&text) {
        let after = starts.partition_point(|start| *start < at);
        if matches!(how, BreakOpportunity::Allowed | BreakOpportunity::Mandatory) && after > 0 {
            ends[after - 1] = true;
        }
    }
    ends
}

/// The end of the line that begins at `from`: after the last place where it may end, or where it is full if there is none.
fn end_of_line(letters: &[Letter], ends: &[bool], from: usize, room: f32) -> usize {
    let mut ems = 0.0;
    let mut best = None;
    for to in from..letters.len() {
        let next = letters.get(to + 1);
        let alone = advance(letters, from, to).0;
        // A sign at the line's end may lose its empty half, a space all of it.
        let least = match letters[to].char {
            ' ' => 0.0,
            _ if is_closing(&letters[to]) => alone.min(0.5),
            _ => alone,
        };
        if ems + least > room + 0.001 && to > from {
            return best.unwrap_or(to);
        }
        ems += alone;
        if ends[to] || next.is_none() {
            best = Some(to + 1);
        }
    }
    letters.len()
}

fn is_closing(letter: &Letter) -> bool {
    letter.width > 0.99 && CLOSING.contains(letter.char)
}

fn is_opening(letter: &Letter) -> bool {
    letter.width > 0.99 && OPENING.contains(letter.char)
}

/// Advance and shift of a letter between its neighbours in a line that begins at `from`: of two signs that meet, the empty
/// halves between them are one; a sign that begins a line has none before it.
fn advance(letters: &[Letter], from: usize, at: usize) -> (f32, f32) {
    let letter = &letters[at];
    let next = letters.get(at + 1);
    if is_closing(letter) && next.is_some_and(|next| is_closing(next) || is_opening(next)) {
        return (letter.width - 0.5, 0.0);
    }
    let before = (at > from).then(|| &letters[at - 1]);
    let in_word = |other: Option<&Letter>| other.is_some_and(|other| other.char.is_ascii_alphanumeric());
    if letter.char == '’' && is_closing(letter) && in_word(before) {
        return (APOSTROPHE, 0.0);
    }
    if is_opening(letter) && before.is_none_or(is_opening) {
        return (letter.width - 0.5, -0.5);
    }
    (letter.width, 0.0)
}

fn placed(letters: &[Letter], room: f32) -> Vec<Placed> {
    let spaces = letters.iter().rev().take_while(|letter| letter.char == ' ').count();
    let letters = &letters[..letters.len() - spaces];
    let mut placed: Vec<Placed> = (0..letters.len())
        .map(|at| {
            let (advance, shift) = advance(letters, 0, at);
            Placed { letter: letters[at], shift, advance }
        })
        .collect();
    let ems: f32 = placed.iter().map(|one| one.advance).sum();
    if let Some(last) = placed.last_mut().filter(|last| is_closing(&last.letter) && ems > room) {
        last.advance = last.letter.width - 0.5;
    }
    placed
}

/// Makes a line even: by the gaps between letters, or by its spaces where that is not enough.
fn spread(placed: &mut [Placed], left: f32) {
    let gaps = placed.len().saturating_sub(1);
    #[expect(clippy::cast_precision_loss, reason = "letters of one line")]
    let each = if gaps == 0 { f32::MAX } else { left / gaps as f32 };
    if each <= MOST_GAP {
        placed[..gaps].iter_mut().for_each(|one| one.advance += each);
        return;
    }
    let spaces = placed.iter().filter(|one| one.letter.char == ' ').count();
    #[expect(clippy::cast_precision_loss, reason = "letters of one line")]
    let each = if spaces == 0 { f32::MAX } else { left / spaces as f32 };
    if each <= 0.3 {
        placed.iter_mut().filter(|one| one.letter.char == ' ').for_each(|one| one.advance += each);
    }
}

#[cfg(test)]
mod tests {
    use super::{Side, Style, lines};
    use crate::app::print::font::tests::FONTS;

    fn set(text: &str, ems: f32) -> Vec<String> {
        let cases = FONTS.cases().unwrap();
        let style = Style::of(10.0).at(Side::Even);
        let lines = lines(&cases, text, style, ems * 10.0);
        for line in &lines {
            assert!(line.width() <= ems + 0.001, "{} is {} ems wide", line.text(), line.width());
        }
        lines.iter().map(super::Line::text).collect()
    }

    #[test]
    fn no_line_begins_with_a_sign_that_ends() {
        assert_eq!(set("村民代表会议，表决通过。", 6.0), ["村民代表会", "议，表决通", "过。"]);
        assert_eq!(set("定于今（周六）开会", 4.0), ["定于今", "（周六）", "开会"], "nor ends with one that begins");
    }

    #[test]
    fn a_sign_at_the_end_of_a_line_gives_up_its_empty_half() {
        assert_eq!(set("村民代表会议，表决", 6.5), ["村民代表会议，", "表决"]);
    }

    #[test]
    fn signs_that_meet_stand_close() {
        let cases = FONTS.cases().unwrap();
        let line = &lines(&cases, "（《章程》）。", Style::of(10.0), 500.0)[0];
        assert!((line.width() - 5.0).abs() < 0.01, "{}", line.width());
    }

    #[test]
    fn an_apostrophe_leaves_its_word_whole() {
        let cases = FONTS.cases().unwrap();
        let line = &lines(&cases, "village’s", Style::of(10.0), 500.0)[0];
        let plain = &lines(&cases, "villages", Style::of(10.0), 500.0)[0];
        assert!((line.width() - plain.width() - super::APOSTROPHE).abs() < 0.01);
        let several = &lines(&cases, "villagers’ rule", Style::of(10.0), 500.0)[0];
        let plain = &lines(&cases, "villagers rule", Style::of(10.0), 500.0)[0];
        assert!((several.width() - plain.width() - super::APOSTROPHE).abs() < 0.01);
    }

    #[test]
    fn words_and_numbers_stay_whole_and_what_has_no_end_is_cut() {
        assert_eq!(set("the old camphor tree", 5.0), ["the old", "camphor", "tree"]);
        assert_eq!(set("126,000元", 20.0), ["126,000元"]);
        assert!(set(&"x".repeat(100), 8.0).len() > 5);
    }

    #[test]
    fn a_paragraph_is_even_but_for_its_last_line() {
        let cases = FONTS.cases().unwrap();
        let text = "实到三十六人，超过应到人数的三分之二，可以开会。会议由村民委员会主任主持，按议程逐项宣读方案。";
        let set = lines(&cases, text, Style::of(10.0).at(Side::Even).indented(2.0), 205.0);
        let (last, full) = set.split_last().unwrap();
        for line in full {
            let end = line.x / 10.0 + line.width();
            assert!((end - 20.5).abs() < 0.02, "{} ends at {end}", line.text());
        }
        assert!(last.width() < 20.0 && (set[0].x - 20.0).abs() < 0.01);
    }
}
