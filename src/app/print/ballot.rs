//! Paper ballots. What is cast bears nothing that tells it from any other: the body is set once, and that is drawn on every page.
//! A number stands on the stub alone, which is torn off before the ballot is cast (PROTOCOL 8). Which stub went to whom is
//! kept nowhere.

use crate::app::print::PrintError;
use crate::app::print::draw::{About, MM, Mark, Page, file};
use crate::app::print::font::{Cases, Fonts};
use crate::app::print::line::{Side, Style, lines};
use crate::app::print::sheet::{height, text};

/// Most ballots in one file.
pub const MOST: u32 = 2_000;
/// A ballot is A5: 148 × 210 mm.
const SIZE: (f32, f32) = (148.0 * MM, 210.0 * MM);
/// Two of them side by side on A4. The second begins at a whole point, the cut half a millimetre's tenth beside the middle.
const PAIR: (f32, f32) = (297.0 * MM, 210.0 * MM);
const SECOND_AT: f32 = 421.0;
/// Height of the stub.
const STUB: f32 = 31.0 * MM;
/// Empty border: what cheap printers can't reach, and room to hold.
const BORDER: f32 = 11.0 * MM;
/// Height of the fields at the foot: helper's mark, seal.
const FIELDS: f32 = 29.0 * MM;
/// How large letters are where there is room, and how small until a long question fits.
const LARGEST: f32 = 1.25;
const SMALLEST: f32 = 0.5;

/// The edge of the marks at a ballot's corners, by which a photograph is set straight, and how far their centres are from the edges.
const CORNER: f32 = 4.5 * MM;
const CORNER_AT: f32 = 8.0 * MM;
/// Width of the lines of the boxes in which a choice is marked.
const BOX_LINE: f32 = 1.6;

/// Part of the width that the words before the name take, and the least height for writing one.
const NAME_WORDS: f32 = 0.42;
const NAME_ROOM: f32 = 9.0 * MM;

/// More options than this stand in two columns.
const IN_ONE_COLUMN: usize = 8;

/// Words in the first language, and below them in the second, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(pub String, pub Option<String>);

/// What a ballot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// What it is.
    pub title: Words,
    /// Village, body and day.
    pub occasion: Words,
    /// The question.
    pub question: Words,
    /// The options, in the question's order.
    pub options: Vec<Words>,
    /// Before the line for the voter's name, where papers are named.
    pub voter: Option<Words>,
    /// How to mark it, and what makes it invalid.
    pub rules: Vec<Words>,
    /// Over the field for whoever wrote for the voter.
    pub scribe: Words,
    /// Over the field for the seal.
    pub seal: Words,
    /// Which batch it is of.
    pub batch: Words,
}

/// What the stub says, besides its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// Which vote it is for.
    pub occasion: String,
    /// That it is torn off.
    pub note: String,
    /// What the number is called, with the batch.
    pub number: String,
}

/// A print run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Number on the first stub.
    pub first: u32,
    /// How many ballots, at most [`MOST`].
    pub count: u32,
    /// Two on each A4 sheet, to be cut; else A5 pages.
    pub in_pairs: bool,
}

/// The file with the ballots of a run.
///
/// # Errors
/// The question does not fit; too many are asked for; the file can't be written.
pub fn ballots(fonts: &Fonts, ballot: &Ballot, stub: &Stub, run: Run) -> Result<Vec<u8>, PrintError> {
    let cases = fonts.cases()?;
    let body = body(&cases, ballot)?;
    let fixed = stub_words(&cases, stub);
    let numbers = run.first..run.first.saturating_add(run.count.min(MOST));
    let page_of = |numbers: &[u32]| {
        let mut page = Page::default();
        for (_, x) in numbers.iter().zip([0.0, SECOND_AT]) {
            page.marks.extend(body.iter().chain(&fixed).cloned().map(|mark| mark.moved(x, 0.0)));
        }
        if run.in_pairs {
            let (top, end) = ((SECOND_AT, 0.0), (SECOND_AT, PAIR.1));
            page.marks.push(Mark::Stroke { from: top, to: end, width: 0.5, dash: 6.0 });
        }
        // Last, so that all before them is the same on every page.
        for (number, x) in numbers.iter().zip([0.0, SECOND_AT]) {
            page.marks.extend(number_on(&cases, stub, *number).into_iter().map(|mark| mark.moved(x, 0.0)));
        }
        page
    };
    let all: Vec<u32> = numbers.collect();
    let pages: Vec<Page> = all.chunks(if run.in_pairs { 2 } else { 1 }).map(page_of).collect();
    file(fonts, if run.in_pairs { PAIR } else { SIZE }, &pages, &About::Nothing)
}

/// Where the boxes of a ballot are, for reading photographs: in millimetres from the centre of the upper left corner mark.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Layout {
    /// From mark to mark, across.
    pub width: f32,
    /// From mark to mark, down.
    pub height: f32,
    /// The boxes, in the order of the options.
    pub boxes: Vec<Square>,
}

/// A box in which a choice is marked.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Square {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Edge.
    pub side: f32,
}

/// The layout of a ballot.
///
/// # Errors
/// The question does not fit.
pub fn layout(fonts: &Fonts, ballot: &Ballot) -> Result<Layout, PrintError> {
    let (left, top) = (CORNER_AT, STUB + CORNER_AT);
    let square = |mark: &Mark| match mark {
        Mark::Box { at, size, width } if (*width - BOX_LINE).abs() < f32::EPSILON => {
            Some(Square { x: (at.0 - left) / MM, y: (at.1 - top) / MM, side: size.0 / MM })
        }
        _ => None,
    };
    let boxes = body(&fonts.cases()?, ballot)?.iter().filter_map(square).collect();
    Ok(Layout { width: (SIZE.0 - 2.0 * left) / MM, height: (SIZE.1 - STUB - 2.0 * CORNER_AT) / MM, boxes })
}

/// The four marks at the corners of what is cast.
fn corners() -> Mark {
    let square = |x: f32, y: f32| (x - CORNER / 2.0, y - CORNER / 2.0, CORNER, CORNER);
    let (left, right, top, bottom) = (CORNER_AT, SIZE.0 - CORNER_AT, STUB + CORNER_AT, SIZE.1 - CORNER_AT);
    Mark::Code { dark: vec![square(left, top), square(right, top), square(right, bottom), square(left, bottom)] }
}

fn stub_words(cases: &Cases<'_>, stub: &Stub) -> Vec<Mark> {
    let width = SIZE.0 - 2.0 * BORDER;
    let (small, note) = (Style::of(9.0).led(1.35), Style::of(8.5).led(1.35));
    let mut occasion = lines(cases, &stub.occasion, small, width * 0.62);
    occasion.truncate(3);
    let mut marks = text(&occasion, small, BORDER, 8.0 * MM);
    let note_lines = lines(cases, &stub.note, note, width);
    marks.extend(text(&note_lines, note, BORDER, STUB - 1.5 * MM - height(&note_lines, note)));
    marks.push(Mark::Stroke { from: (0.0, STUB), to: (SIZE.0, STUB), width: 0.7, dash: 3.0 });
    marks
}

fn number_on(cases: &Cases<'_>, stub: &Stub, number: u32) -> Vec<Mark> {
    let width = SIZE.0 - 2.0 * BORDER;
    let style = Style::of(17.0).bold().at(Side::Right);
    let words = format!("{} {number:04}", stub.number);
    text(&lines(cases, &words, style, width), style, BORDER, 8.0 * MM)
}

/// The body, as large as fits.
fn body(cases: &Cases<'_>, ballot: &Ballot) -> Result<Vec<Mark>, PrintError> {
    let room = SIZE.1 - STUB - FIELDS - BORDER;
    let mut scale = LARGEST;
    while scale >= SMALLEST {
        let (marks, tall) = upper(cases, ballot, scale);
        if tall <= room {
            let mut body: Vec<Mark> = marks.into_iter().map(|mark| mark.moved(BORDER, STUB + 4.0 * MM)).collect();
            body.extend(fields(cases, ballot));
            body.push(corners());
            return Ok(body);
        }
        scale -= 0.05;
    }
    Err(PrintError::DoesNotFit)
}

/// Sets words and below them those in the second language; how high both are.
fn both(
    cases: &Cases<'_>,
    words: &Words,
    style: Style,
    second: f32,
    at: (f32, f32),
    width: f32,
    marks: &mut Vec<Mark>,
) -> f32 {
    let set = lines(cases, &words.0, style, width);
    let mut tall = height(&set, style);
    marks.extend(text(&set, style, at.0, at.1));
    if let Some(words) = &words.1 {
        let style = Style { size: second, leading: 1.3, ..style };
        let set = lines(cases, words, style, width);
        marks.extend(text(&set, style, at.0, at.1 + tall));
        tall += height(&set, style);
    }
    tall
}

/// Title, question, options, rules: marks and how high they are.
fn upper(cases: &Cases<'_>, ballot: &Ballot, scale: f32) -> (Vec<Mark>, f32) {
    let width = SIZE.0 - 2.0 * BORDER;
    let (mut marks, mut y) = (Vec::new(), 0.0);
    let title = Style::of(21.0 * scale).bold().at(Side::Middle).led(1.35);
    y += both(cases, &ballot.title, title, 11.0 * scale, (0.0, y), width, &mut marks);
    let occasion = Style::of(10.5 * scale).at(Side::Middle).led(1.4);
    y += both(cases, &ballot.occasion, occasion, 8.5 * scale, (0.0, y), width, &mut marks) + 2.0 * MM;
    marks.push(Mark::Stroke { from: (0.0, y), to: (width, y), width: 1.0, dash: 0.0 });
    y += 3.0 * MM;
    let question = Style::of(17.0 * scale).bold().led(1.4);
    y += both(cases, &ballot.question, question, 10.5 * scale, (0.0, y), width, &mut marks) + 4.0 * MM * scale;
    let side = 11.0 * MM * scale;
    let columns = if ballot.options.len() > IN_ONE_COLUMN { 2 } else { 1 };
    #[expect(clippy::cast_precision_loss, reason = "one or two")]
    let each = width / columns as f32;
    let (top, mut left) = (y, 0.0);
    for column in ballot.options.chunks(ballot.options.len().div_ceil(columns).max(1)) {
        let mut down = top;
        for option in column {
            let (label, x) = (Style::of(19.0 * scale).led(1.25), left + side + 4.0 * MM);
            let mut words = Vec::new();
            let tall = both(cases, option, label, 10.5 * scale, (x, 0.0), left + each - x - 2.0 * MM, &mut words);
            let row = tall.max(side);
            marks.push(Mark::Box { at: (left, down + (row - side) / 2.0), size: (side, side), width: BOX_LINE });
            marks.extend(words.into_iter().map(|mark| mark.moved(0.0, down + (row - tall) / 2.0)));
            down += row + 3.5 * MM * scale;
        }
        y = y.max(down);
        left += each;
    }
    marks.push(Mark::Stroke { from: (0.0, y), to: (width, y), width: 0.6, dash: 0.0 });
    y += 1.5 * MM;
    if let Some(voter) = &ballot.voter {
        y += name_line(cases, voter, scale, y, &mut marks);
    }
    for rule in &ballot.rules {
        let style = Style::of(10.0 * scale).led(1.4);
        y += both(cases, rule, style, 8.0 * scale, (0.0, y), width, &mut marks);
    }
    (marks, y + 4.0 * MM)
}

/// The line on which the voter writes the own name; how high it is.
fn name_line(cases: &Cases<'_>, voter: &Words, scale: f32, y: f32, marks: &mut Vec<Mark>) -> f32 {
    let (width, style) = (SIZE.0 - 2.0 * BORDER, Style::of(13.0 * scale).bold().led(1.3));
    let tall = both(cases, voter, style, 8.5 * scale, (0.0, y + 3.0 * MM), width * NAME_WORDS, marks).max(NAME_ROOM);
    let (from, to) = ((width * NAME_WORDS, y + 2.0 * MM + tall), (width, y + 2.0 * MM + tall));
    marks.push(Mark::Stroke { from, to, width: 0.9, dash: 0.0 });
    tall + 5.0 * MM
}

/// At the foot: the mark of who wrote for the voter, the seal, the batch.
fn fields(cases: &Cases<'_>, ballot: &Ballot) -> Vec<Mark> {
    let (top, width) = (SIZE.1 - BORDER - FIELDS + 2.0 * MM, SIZE.0 - 2.0 * BORDER);
    let tall = FIELDS - 7.0 * MM;
    let left = width * 0.6;
    let style = Style::of(8.5).led(1.3);
    let mut marks = vec![
        Mark::Box { at: (BORDER, top), size: (left - 3.0 * MM, tall), width: 0.7 },
        Mark::Box { at: (BORDER + left, top), size: (width - left, tall), width: 0.7 },
    ];
    let pad = 1.5 * MM;
    let inner = left - 3.0 * MM - 2.0 * pad;
    both(cases, &ballot.scribe, style, 7.0, (BORDER + pad, top + pad), inner, &mut marks);
    both(cases, &ballot.seal, style, 7.0, (BORDER + left + pad, top + pad), width - left - 2.0 * pad, &mut marks);
    both(cases, &ballot.batch, style, 7.0, (BORDER, top + tall + 1.0 * MM), width, &mut marks);
    marks
}

#[cfg(test)]
mod tests {
    use super::{Ballot, Run, Stub, Words, ballots, body};
    use crate::app::print::PrintError;
    use crate::app::print::draw::Mark;
    use crate::app::print::font::tests::FONTS;

    fn words(text: &str) -> Words {
        Words(text.to_owned(), None)
    }

    fn ballot(question: &str, options: usize) -> Ballot {
        Ballot {
            title: words("表决票"),
            occasion: words("黄村乡黄泥墩村 村民代表会议 2026年11月28日"),
            question: words(question),
            options: (0..options).map(|nth| words(&format!("第{nth}项"))).collect(),
            voter: None,
            rules: vec![words("只选一项，在方框里打“√”。")],
            scribe: words("代写人"),
            seal: words("盖章"),
            batch: words("批次 A"),
        }
    }

    fn stub() -> Stub {
        Stub { occasion: "黄泥墩村".to_owned(), note: "投票前撕下。".to_owned(), number: "A".to_owned() }
    }

    #[test]
    fn a_long_question_gets_smaller_letters_and_one_that_is_too_long_is_refused() {
        let cases = FONTS.cases().unwrap();
        let longest = "是否同意安装太阳能路灯？".repeat(25);
        assert!(body(&cases, &ballot(&longest, 3)).is_ok(), "300 characters are the most that a form takes");
        assert!(body(&cases, &ballot("选哪一处？", 21)).is_ok(), "twenty options and abstain");
        assert_eq!(body(&cases, &ballot(&longest.repeat(9), 3)), Err(PrintError::DoesNotFit));
    }

    #[test]
    fn a_named_ballot_has_a_line_for_the_name_above_the_rules() {
        let cases = FONTS.cases().unwrap();
        let secret = ballot("是否同意？", 3);
        let named = Ballot { voter: Some(words("投票人姓名")), ..secret.clone() };
        let strokes = |ballot: &Ballot| {
            let marks = body(&cases, ballot).unwrap();
            marks.iter().filter(|mark| matches!(mark, Mark::Stroke { .. })).count()
        };
        assert_eq!(strokes(&named), strokes(&secret) + 1);
        let longest = Ballot { voter: named.voter, ..ballot(&"是否同意安装太阳能路灯？".repeat(25), 3) };
        assert!(body(&cases, &longest).is_ok());
    }

    #[test]
    fn the_same_run_gives_the_same_bytes() {
        let run = Run { first: 1, count: 3, in_pairs: true };
        let make = || ballots(&FONTS, &ballot("是否同意？", 3), &stub(), run).unwrap();
        assert_eq!(make(), make());
    }

    /// The drawing of each page, as the file has it.
    fn drawings(bytes: &[u8]) -> Vec<Vec<u8>> {
        let file = lopdf::Document::load_mem(bytes).unwrap();
        file.get_pages().values().map(|page| file.get_page_content(*page)).collect()
    }

    #[test]
    fn pages_differ_in_the_number_on_the_stub_alone() {
        for in_pairs in [false, true] {
            let run = Run { first: 41, count: 6, in_pairs };
            let file = ballots(&FONTS, &ballot("是否同意？", 3), &stub(), run).unwrap();
            let pages = drawings(&file);
            assert_eq!(pages.len(), if in_pairs { 3 } else { 6 });
            // The number is what is drawn last: texts from the last `BT`s on.
            let numbers = if in_pairs { 2 } else { 1 };
            let same = |page: &Vec<u8>| {
                let texts: Vec<usize> = memchr::memmem::find_iter(page, b"BT").collect();
                page[..texts[texts.len() - numbers]].to_vec()
            };
            let bodies: Vec<Vec<u8>> = pages.iter().map(same).collect();
            assert!(bodies.iter().all(|body| body == &bodies[0] && body.len() > 1_000));
            assert!(pages.iter().any(|page| page != &pages[0]), "the numbers do differ");
        }
    }

    #[test]
    fn the_file_says_nothing_of_itself() {
        let run = Run { first: 1, count: 2, in_pairs: false };
        let bytes = ballots(&FONTS, &ballot("是否同意？", 3), &stub(), run).unwrap();
        let file = lopdf::Document::load_mem(&bytes).unwrap();
        assert!(file.trailer.get(b"Info").is_err(), "no author, no time");
        let catalog = file.catalog().unwrap();
        assert!(catalog.get(b"Metadata").is_err());
        for page in file.get_pages().values() {
            let page = file.get_dictionary(*page).unwrap();
            let keys: Vec<String> = page.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
            let known = ["Type", "Parent", "MediaBox", "Resources", "Contents", "Group", "Tabs", "StructParents"];
            assert!(keys.iter().all(|key| known.contains(&key.as_str())), "{keys:?}");
        }
    }
}
