//! A paper of several pages: paragraphs, facts, tables, results, a QR code, lines for signatures; a line at the foot of each
//! page. What belongs together stays on one page where it can.

use std::fmt;
use std::sync::Arc;

use crate::app::print::PrintError;
use crate::app::print::draw::{About, MM, Mark, Page, code, file};
use crate::app::print::font::{Cases, Fonts};
use crate::app::print::line::{Line, Side, Style, lines};

/// Most pages of a paper.
pub const MOST_PAGES: usize = 200;
/// How far below the top of its line a letter's base line is, in ems of a line of one em.
const ASCENT: f32 = 0.88;
/// How much everything grows to fill a page, or shrinks to stay on one, largest first.
const GROWTH: [f32; 11] = [1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1.0, 0.95, 0.9, 0.85, 0.8];
/// Width of fine lines, in points.
const FINE: f32 = 0.6;

/// Size of a paper's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 210 × 297 mm.
    A4,
    /// 297 × 420 mm, everything larger: to be read from some steps away.
    A3,
}

impl Format {
    fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0 * MM, 297.0 * MM),
            Self::A3 => (297.0 * MM, 420.0 * MM),
        }
    }

    /// How much larger things are than on A4.
    fn scale(self) -> f32 {
        match self {
            Self::A4 => 1.0,
            Self::A3 => std::f32::consts::SQRT_2 * 1.06,
        }
    }

    fn margin(self) -> f32 {
        match self {
            Self::A4 => 18.0 * MM,
            Self::A3 => 23.0 * MM,
        }
    }
}

/// Words at the foot of a page, by its number and how many there are.
#[derive(Clone)]
pub struct Foot(pub Arc<dyn Fn(usize, usize) -> String + Send + Sync>);

impl fmt::Debug for Foot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&(self.0)(1, 1))
    }
}

/// One part of a paper. Sizes are those on A4, in points.
#[derive(Debug, Clone)]
pub enum Block {
    /// A text.
    Text(String, Style),
    /// A heading, which never stands alone at the end of a page.
    Heading(String, Style),
    /// Words in a frame: what a reader must not miss.
    Framed(String, Style),
    /// Names and values.
    Facts(Vec<(String, String)>, f32),
    /// Numbered lines.
    List(Vec<String>, f32),
    /// Votes by option: a large number over each name.
    Votes(Vec<(String, String)>),
    /// A table: shares of the width, head, rows.
    Table(Vec<f32>, Vec<String>, Vec<Vec<String>>, f32),
    /// QR codes of so many points in a row, each with its text and the words beside it.
    Codes(Vec<(String, Vec<(String, Style)>)>, f32),
    /// Lines to sign on, two in a row, each with what it is for.
    Signatures(Vec<String>, f32),
    /// A line across.
    Rule,
    /// A line of dashes from edge to edge, to cut along.
    Cut,
    /// Room, in points.
    Space(f32),
    /// Parts that stay on one page if they fit on one.
    Together(Vec<Block>),
}

/// A paper.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its size.
    pub format: Format,
    /// What the file says of itself.
    pub about: About,
    /// Whether everything grows until one page is full, so that it is read from further away, or shrinks somewhat to stay on it.
    pub fills: bool,
    /// Words at the head of each page but the first.
    pub head: String,
    /// Words at the foot of each page.
    pub foot: Foot,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// What is not divided: a line, a row. `before` is room above it, which falls away at the head of a page.
struct Piece {
    before: f32,
    height: f32,
    marks: Vec<Mark>,
    /// Must stand on the same page as the next.
    with_next: bool,
    /// Head of the table it is a row of.
    head: Option<Arc<Piece>>,
}

impl Piece {
    fn new(height: f32, marks: Vec<Mark>) -> Self {
        Self { before: 0.0, height, marks, with_next: false, head: None }
    }
}

struct Setter<'a> {
    cases: &'a Cases<'a>,
    scale: f32,
    width: f32,
}

impl Sheet {
    /// The file.
    ///
    /// # Errors
    /// More than [`MOST_PAGES`]; the file can't be written.
    pub fn file(&self, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
        let cases = fonts.cases()?;
        let pages = self.pages(&cases)?;
        file(fonts, self.format.size(), &pages, &self.about)
    }

    fn pages(&self, cases: &Cases<'_>) -> Result<Vec<Page>, PrintError> {
        for larger in GROWTH.iter().filter(|_| self.fills) {
            match self.set(cases, self.format.scale() * larger) {
                Ok(pages) if pages.len() == 1 => return Ok(pages),
                Ok(_) | Err(PrintError::TooLong(_)) => {}
                Err(other) => return Err(other),
            }
        }
        self.set(cases, self.format.scale())
    }

    fn set(&self, cases: &Cases<'_>, scale: f32) -> Result<Vec<Page>, PrintError> {
        let (size, margin) = (self.format.size(), self.format.margin());
        let setter = Setter { cases, scale, width: size.0 - 2.0 * margin };
        let foot = 10.0 * self.format.scale();
        let room = size.1 - 2.0 * margin - 2.0 * foot;
        let mut pieces = Vec::new();
        for block in &self.blocks {
            setter.set(block, room, &mut pieces)?;
        }
        let mut pages = broken(pieces, margin, room)?;
        let of = pages.len();
        let small = Style::of(8.5 * self.format.scale()).at(Side::Middle);
        for (page, number) in pages.iter_mut().zip(1..) {
            let words = (self.foot.0)(number, of);
            let y = size.1 - margin - foot * 0.6;
            page.marks.extend(text(&lines(cases, &words, small, setter.width), small, margin, y));
            if number > 1 {
                let y = margin - 14.0 * self.format.scale();
                page.marks.extend(text(&lines(cases, &self.head, small, setter.width), small, margin, y));
            }
        }
        Ok(pages)
    }
}

/// Pieces one below the other, on as many pages as it takes.
fn broken(pieces: Vec<Piece>, margin: f32, room: f32) -> Result<Vec<Page>, PrintError> {
    let mut pages = vec![Page::default()];
    let mut y = 0.0;
    let mut rest = pieces.into_iter().peekable();
    while rest.peek().is_some() {
        // What must stay together, as one.
        let mut group = Vec::new();
        for piece in rest.by_ref() {
            let more = piece.with_next;
            group.push(piece);
            if !more {
                break;
            }
        }
        let height: f32 = group.iter().map(|piece| piece.before + piece.height).sum();
        let first = group.first().map_or(0.0, |piece| piece.before);
        if y > 0.0 && y + height > room {
            pages.push(Page::default());
            y = 0.0;
        }
        if pages.len() > MOST_PAGES {
            return Err(PrintError::TooLong(MOST_PAGES));
        }
        if y == 0.0 {
            y -= first;
            if let Some(head) = group.first().and_then(|piece| piece.head.clone()).filter(|_| pages.len() > 1) {
                put(&mut pages, &head.marks, margin, margin + y + first);
                y += head.height;
            }
        }
        for piece in group {
            y += piece.before;
            // A group that is longer than a page is divided after all.
            if y > 0.0 && y + piece.height > room {
                pages.push(Page::default());
                y = 0.0;
            }
            put(&mut pages, &piece.marks, margin, margin + y);
            y += piece.height;
        }
    }
    Ok(pages)
}

fn put(pages: &mut [Page], marks: &[Mark], x: f32, y: f32) {
    if let Some(page) = pages.last_mut() {
        page.marks.extend(marks.iter().cloned().map(|mark| mark.moved(x, y)));
    }
}

/// Lines as marks, the first one's top at `y`.
pub(in crate::app::print) fn text(lines: &[Line], style: Style, x: f32, y: f32) -> Vec<Mark> {
    let mut base = y + style.size * ((style.leading - 1.0) / 2.0 + ASCENT);
    let mut marks = Vec::with_capacity(lines.len());
    for line in lines {
        if !line.letters.is_empty() {
            marks.push(Mark::Text { x: x + line.x, y: base, size: style.size, letters: line.letters.clone() });
        }
        base += style.height();
    }
    marks
}

#[expect(clippy::cast_precision_loss, reason = "lines of a page")]
pub(in crate::app::print) fn height(lines: &[Line], style: Style) -> f32 {
    lines.len() as f32 * style.height()
}

impl Setter<'_> {
    fn style(&self, style: Style) -> Style {
        Style { size: style.size * self.scale, ..style }
    }

    fn set(&self, block: &Block, room: f32, pieces: &mut Vec<Piece>) -> Result<(), PrintError> {
        match block {
            Block::Text(words, style) => self.paragraphs(words, self.style(*style), false, pieces),
            Block::Heading(words, style) => self.paragraphs(words, self.style(*style), true, pieces),
            Block::Framed(words, style) => pieces.push(self.framed(words, self.style(*style))),
            Block::Facts(facts, size) => self.facts(facts, size * self.scale, pieces),
            Block::List(items, size) => self.list(items, size * self.scale, pieces),
            Block::Votes(votes) => pieces.push(self.votes(votes)),
            Block::Table(shares, head, rows, size) => self.table(shares, head, rows, size * self.scale, pieces),
            Block::Codes(codes, side) => pieces.push(self.codes(codes, side * self.scale)?),
            Block::Signatures(of, size) => self.signatures(of, size * self.scale, pieces),
            Block::Rule => pieces.push(Piece::new(8.0 * self.scale, vec![self.rule(4.0 * self.scale)])),
            Block::Cut => pieces.push(self.cut()),
            Block::Space(points) => {
                pieces.push(Piece { before: points * self.scale, ..Piece::new(0.0, Vec::new()) });
            }
            Block::Together(blocks) => {
                let from = pieces.len();
                for block in blocks {
                    self.set(block, room, pieces)?;
                }
                let height: f32 = pieces[from..].iter().map(|piece| piece.before + piece.height).sum();
                if height <= room
                    && let Some((_, all)) = pieces[from..].split_last_mut()
                {
                    for piece in all {
                        piece.with_next = true;
                    }
                }
            }
        }
        Ok(())
    }

    fn rule(&self, y: f32) -> Mark {
        Mark::Stroke { from: (0.0, y), to: (self.width, y), width: FINE, dash: 0.0 }
    }

    fn cut(&self) -> Piece {
        let (y, over) = (7.0 * self.scale, 40.0 * self.scale);
        let line = Mark::Stroke { from: (-over, y), to: (self.width + over, y), width: FINE, dash: 4.0 };
        Piece::new(14.0 * self.scale, vec![line])
    }

    /// Lines, each a piece; no line of a paragraph's first or last two alone on a page.
    fn paragraphs(&self, words: &str, style: Style, heading: bool, pieces: &mut Vec<Piece>) {
        let set = lines(self.cases, words, style, self.width);
        let count = set.len();
        for (nth, line) in set.into_iter().enumerate() {
            let marks = text(&[line], style, 0.0, 0.0);
            let with_next = heading || (nth == 0 && count > 1) || nth + 2 == count;
            let before = if heading && nth == 0 { style.size * 0.4 } else { 0.0 };
            pieces.push(Piece { before, with_next, ..Piece::new(style.height(), marks) });
        }
    }

    fn framed(&self, words: &str, style: Style) -> Piece {
        let pad = 5.0 * self.scale;
        let set = lines(self.cases, words, style, self.width - 2.0 * pad);
        let tall = height(&set, style) + 2.0 * pad;
        let mut marks = text(&set, style, pad, pad);
        marks.push(Mark::Box { at: (0.0, 0.0), size: (self.width, tall), width: 1.2 });
        Piece { before: pad, ..Piece::new(tall + pad, marks) }
    }

    /// A name on the left, its value beside it.
    fn facts(&self, facts: &[(String, String)], size: f32, pieces: &mut Vec<Piece>) {
        let (names, values) = (Style::of(size).bold(), Style::of(size));
        let widest = facts.iter().flat_map(|(name, _)| lines(self.cases, name, names, self.width));
        let widest = widest.map(|line| line.width() * size).fold(0.0, f32::max);
        let column = (widest + size).min(self.width * 0.4);
        for (name, value) in facts {
            let name = lines(self.cases, name, names, column - size * 0.5);
            let value = lines(self.cases, value, values, self.width - column);
            let tall = height(&name, names).max(height(&value, values));
            let mut marks = text(&name, names, 0.0, 0.0);
            marks.extend(text(&value, values, column, 0.0));
            pieces.push(Piece::new(tall, marks));
        }
    }

    fn list(&self, items: &[String], size: f32, pieces: &mut Vec<Piece>) {
        let style = Style::of(size);
        for (item, number) in items.iter().zip(1..) {
            let set = lines(self.cases, item, style, self.width - size * 2.0);
            let tall = height(&set, style);
            let mut marks = text(&lines(self.cases, &format!("{number}."), style, size * 2.0), style, 0.0, 0.0);
            marks.extend(text(&set, style, size * 2.0, 0.0));
            pieces.push(Piece::new(tall, marks));
        }
    }

    /// Numbers in a row, as many as fit; the rest below.
    fn votes(&self, votes: &[(String, String)]) -> Piece {
        const IN_A_ROW: usize = 4;
        let (numbers, names) = (
            Style::of(30.0 * self.scale).bold().at(Side::Middle).led(1.3),
            Style::of(12.0 * self.scale).at(Side::Middle).led(1.4),
        );
        let columns = votes.len().clamp(1, IN_A_ROW);
        #[expect(clippy::cast_precision_loss, reason = "at most four")]
        let each = self.width / columns as f32;
        let (mut y, mut marks) = (0.0, Vec::new());
        for row in votes.chunks(columns) {
            let set: Vec<_> = row.iter().map(|(name, _)| lines(self.cases, name, names, each - 8.0)).collect();
            let named = set.iter().map(|lines| height(lines, names)).fold(0.0, f32::max);
            let tall = numbers.height() + named + 6.0 * self.scale;
            let mut x = 0.0;
            for ((_, number), name) in row.iter().zip(&set) {
                marks.push(Mark::Box { at: (x, y), size: (each, tall), width: FINE });
                marks.extend(text(&lines(self.cases, number, numbers, each), numbers, x, y));
                marks.extend(text(name, names, x + 4.0, y + numbers.height()));
                x += each;
            }
            y += tall;
        }
        Piece { before: 4.0 * self.scale, ..Piece::new(y + 6.0 * self.scale, marks) }
    }

    fn table(&self, shares: &[f32], head: &[String], rows: &[Vec<String>], size: f32, pieces: &mut Vec<Piece>) {
        let all: f32 = shares.iter().sum();
        let widths: Vec<f32> = shares.iter().map(|share| share / all * self.width).collect();
        let head = Arc::new(self.row(&widths, head, Style::of(size).bold().led(1.4)));
        let first = Piece { with_next: true, before: 4.0, ..Piece::new(head.height, head.marks.clone()) };
        pieces.push(first);
        for row in rows {
            let row = self.row(&widths, row, Style::of(size).led(1.4));
            pieces.push(Piece { head: Some(Arc::clone(&head)), ..row });
        }
    }

    fn row(&self, widths: &[f32], cells: &[String], style: Style) -> Piece {
        let pad = 3.0 * self.scale;
        let set: Vec<Vec<Line>> =
            cells.iter().zip(widths).map(|(cell, width)| lines(self.cases, cell, style, width - 2.0 * pad)).collect();
        let tall = set.iter().map(|lines| height(lines, style)).fold(style.height(), f32::max) + pad;
        let (mut x, mut marks) = (0.0, Vec::new());
        for (lines, width) in set.iter().zip(widths) {
            marks.push(Mark::Box { at: (x, 0.0), size: (*width, tall), width: FINE });
            marks.extend(text(lines, style, x + pad, pad / 2.0));
            x += width;
        }
        Piece::new(tall, marks)
    }

    fn codes(&self, codes: &[(String, Vec<(String, Style)>)], side: f32) -> Result<Piece, PrintError> {
        let gap = 8.0 * self.scale;
        #[expect(clippy::cast_precision_loss, reason = "two or three")]
        let each = (self.width + gap) / codes.len().max(1) as f32 - gap;
        let (mut from, mut tall, mut marks) = (0.0, side, Vec::new());
        for (link, beside) in codes {
            marks.push(code(link, side)?.moved(from, 0.0));
            let (x, mut y) = (from + side + gap / 2.0, gap / 2.0);
            for (words, style) in beside {
                let style = self.style(*style);
                let set = lines(self.cases, words, style, each - side - gap / 2.0);
                marks.extend(text(&set, style, x, y));
                y += height(&set, style);
            }
            tall = f32::max(tall, y);
            from += each + gap;
        }
        Ok(Piece { before: gap, ..Piece::new(tall, marks) })
    }

    fn signatures(&self, of: &[String], size: f32, pieces: &mut Vec<Piece>) {
        let style = Style::of(size);
        let each = self.width / 2.0;
        for pair in of.chunks(2) {
            let (mut x, tall, mut marks) = (0.0, size * 3.0, Vec::new());
            for words in pair {
                let set = lines(self.cases, words, style, each * 0.6);
                let wide = set.last().map_or(0.0, |line| line.width() * size);
                marks.extend(text(&set, style, x, tall - style.height()));
                let from = (x + wide + 4.0, tall - 2.0);
                marks.push(Mark::Stroke {
                    from,
                    to: (x + each - 14.0 * self.scale, tall - 2.0),
                    width: FINE,
                    dash: 0.0,
                });
                x += each;
            }
            pieces.push(Piece::new(tall, marks));
        }
    }
}
