//! Payments from a spreadsheet of the township's accounting platform (村级集体“三资”平台): read row by row, each fault with its row. What is read
//! are words; nothing is believed before it was shown, and nothing is on record before it was signed.

use std::borrow::Cow;
use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use zip::ZipArchive;

use crate::core::clock::{DAY_MS, Date, Time};

/// Most rows of one file: as many statements as may wait for one person.
pub const MOST_ROWS: usize = 50;
/// Largest file, bytes.
pub const MOST_BYTES: usize = 2 << 20;
/// Most bytes that a spreadsheet may hold unpacked.
const MOST_UNPACKED: u64 = 32 << 20;
/// Most bytes of words in all cells together.
const MOST_TEXT: usize = 1 << 20;
/// Columns of a table; others are none of payments.
const MOST_COLUMNS: usize = 100;
/// Days between the first day of spreadsheets, 30 December 1899, and 1 January 1970.
const SPREADSHEET_EPOCH: i64 = 25_569;
/// Names of the columns, the first of each being the one that the page asks for.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("date", &["日期", "付款日期", "date"]),
    ("matter", &["事项", "事项名称", "matter"]),
    ("amount", &["金额", "金额（元）", "金额(元)", "amount"]),
    ("voucher", &["凭证号", "凭证", "voucher"]),
    ("words", &["摘要", "用途", "summary"]),
];

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number there, from 1, the head being the first.
    pub line: usize,
    /// When it was paid.
    pub date: String,
    /// For which matter: its title or id.
    pub matter: String,
    /// How much, in yuan.
    pub amount: String,
    /// Number of the voucher; may be empty.
    pub voucher: String,
    /// What for; may be empty.
    pub words: String,
}

/// Why no row of a file can be read. Text keys `funds-file-<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// Larger than 2 MB, or far larger once unpacked.
    TooLarge,
    /// Neither a spreadsheet (.xlsx) nor a CSV file in UTF-8.
    Unreadable,
    /// A column is missing.
    Head,
    /// It has no rows.
    Empty,
    /// It has more rows than can wait to be signed.
    TooMany,
}

impl FileFault {
    /// Its word in text keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
            Self::Head => "head",
            Self::Empty => "empty",
            Self::TooMany => "too-many",
        }
    }
}

/// Reads the first sheet of a spreadsheet, or a CSV file.
///
/// # Errors
/// See [`FileFault`].
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, FileFault> {
    if bytes.len() > MOST_BYTES {
        return Err(FileFault::TooLarge);
    }
    let table = if bytes.starts_with(b"PK") { spreadsheet(bytes)? } else { comma_separated(bytes)? };
    let mut rows = table.into_iter().enumerate().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
    let (_, head) = rows.next().ok_or(FileFault::Empty)?;
    let place = |names: &[&str]| head.iter().position(|cell| names.contains(&cell.to_lowercase().as_str()));
    let places = COLUMNS.map(|(_, names)| place(names));
    if places[..3].iter().any(Option::is_none) {
        return Err(FileFault::Head);
    }
    let lines: Vec<Line> = rows
        .map(|(nth, row)| {
            let [date, matter, amount, voucher, words] =
                places.map(|place| place.and_then(|place| row.get(place)).cloned().unwrap_or_default());
            Line { line: nth + 1, date, matter, amount, voucher, words }
        })
        .collect();
    match lines.len() {
        0 => Err(FileFault::Empty),
        many if many > MOST_ROWS => Err(FileFault::TooMany),
        _ => Ok(lines),
    }
}

fn comma_separated(bytes: &[u8]) -> Result<Vec<Vec<String>>, FileFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| FileFault::Unreadable)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let cells = |record: csv::StringRecord| record.iter().map(|cell| cell.trim().to_owned()).collect();
    reader.records().map(|record| record.map(cells).map_err(|_| FileFault::Unreadable)).collect()
}

fn spreadsheet(bytes: &[u8]) -> Result<Vec<Vec<String>>, FileFault> {
    unpacks(bytes)?;
    let unreadable = |_| FileFault::Unreadable;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(FileFault::Empty)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let (mut rows, mut left) = (Vec::<Vec<String>>::new(), MOST_TEXT);
    // Cell by cell, and never as one table: a few bytes can say that a cell stands in the last row of the last column, or name a long
    // text again and again.
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        let words = words(cell.get_value());
        let words = words.trim();
        if words.is_empty() {
            continue;
        }
        // What stands far below or beside is no table of payments.
        if row >= 10 * MOST_ROWS || column >= MOST_COLUMNS || words.len() > left {
            return Err(FileFault::TooMany);
        }
        left -= words.len();
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, String::new());
        }
        words.clone_into(&mut rows[row][column]);
    }
    Ok(rows)
}

/// Refuses what is far larger unpacked: counted as it is unpacked, whatever it says of itself.
fn unpacks(bytes: &[u8]) -> Result<(), FileFault> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileFault::Unreadable)?;
    let mut left = MOST_UNPACKED;
    for nth in 0..zip.len() {
        let part = zip.by_index(nth).map_err(|_| FileFault::Unreadable)?;
        let read = std::io::copy(&mut part.take(left), &mut std::io::sink()).map_err(|_| FileFault::Unreadable)?;
        left -= read;
        if left == 0 {
            return Err(FileFault::TooLarge);
        }
    }
    Ok(())
}

/// A cell's words. A day is a number there, counted from 1899.
fn words<'a>(cell: &'a DataRef<'a>) -> Cow<'a, str> {
    match cell {
        DataRef::String(words) | DataRef::DateTimeIso(words) => Cow::Borrowed(words),
        DataRef::SharedString(words) => Cow::Borrowed(words),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => number.to_string().into(),
        DataRef::DateTime(at) => day(at.as_f64()).into(),
        DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::Error(_) | DataRef::Empty => Cow::Borrowed(""),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole days of four digits' years")]
fn day(serial: f64) -> String {
    if !(f64::from(1)..3_000_000.0).contains(&serial) {
        return String::new();
    }
    let ms = (serial.floor() as i64 - SPREADSHEET_EPOCH) * DAY_MS;
    Time::from_ms(ms).map(|time| time.date().to_string()).unwrap_or_default()
}

/// A day as people write it: 2026-10-12, 2026/10/12, 2026.10.12, 2026年10月12日, 20261012.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let text = text.split_whitespace().next()?;
    let digits: String = text.chars().map(|c| if c.is_ascii_digit() { c } else { '-' }).collect();
    let parts: Vec<&str> = digits.split('-').filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] => (*year, *month, *day),
        [whole] if whole.len() == 8 => (&whole[..4], &whole[4..6], &whole[6..]),
        _ => return None,
    };
    format!("{year:0>4}-{month:0>2}-{day:0>2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{FileFault, Line, MOST_ROWS, date, read};
    use crate::app::table::{Cell, Table, xlsx};

    const HEAD: &str = "\u{feff}日期,事项,金额,凭证号,摘要\r\n";

    fn line(line: usize, amount: &str) -> Line {
        let [date, matter, voucher, words] = ["2026-10-12", "修路", "记12", "首付"].map(str::to_owned);
        Line { line, date, matter, amount: amount.to_owned(), voucher, words }
    }

    #[test]
    fn rows_are_found_by_the_names_of_their_columns_in_any_order() {
        let text =
            format!("{HEAD}2026-10-12,修路,1200.50,记12,首付\r\n,,,,\r\n2026-10-12, 修路 ,\"1,300\",记12,首付\r\n");
        assert_eq!(read(text.as_bytes()), Ok(vec![line(2, "1200.50"), line(4, "1,300")]));
        let other = "Summary,Amount,Voucher,Matter,Date\n首付,1200.50,记12,修路,2026-10-12\n";
        assert_eq!(read(other.as_bytes()), Ok(vec![line(2, "1200.50")]));
    }

    #[test]
    fn a_spreadsheet_reads_as_the_same_rows() {
        let words = |words: &str| Cell::Words(words.to_owned());
        let table = Table {
            name: "付款".to_owned(),
            head: ["日期", "事项", "金额（元）", "凭证号", "摘要"].map(str::to_owned).to_vec(),
            rows: vec![vec![words("2026-10-12"), words("修路"), Cell::Fen(120_050), words("记12"), words("首付")]],
        };
        let bytes = xlsx(&[table], "2026-11-21T12:00:00.000Z".parse().expect("a time")).expect("written");
        assert_eq!(read(&bytes), Ok(vec![line(2, "1200.5")]));
    }

    #[test]
    fn a_file_that_is_no_table_of_payments_is_refused_with_the_reason() {
        let many = format!("{HEAD}{}", "2026-10-12,修路,1,,\n".repeat(MOST_ROWS + 1));
        let large = vec![b'a'; super::MOST_BYTES + 1];
        let cases: [(&[u8], FileFault); 7] = [
            (b"", FileFault::Empty),
            (HEAD.as_bytes(), FileFault::Empty),
            ("日期,金额\n2026-10-12,5\n".as_bytes(), FileFault::Head),
            (b"\xc8\xd5\xc6\xda,x\n", FileFault::Unreadable),
            (b"PK\x03\x04 no spreadsheet", FileFault::Unreadable),
            (many.as_bytes(), FileFault::TooMany),
            (&large, FileFault::TooLarge),
        ];
        for (bytes, fault) in cases {
            assert_eq!(read(bytes), Err(fault));
        }
    }

    #[test]
    fn a_spreadsheet_that_unpacks_to_far_more_is_refused() {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).expect("begun");
        let piece = vec![b' '; 1 << 20];
        for _ in 0..40 {
            std::io::Write::write_all(&mut zip, &piece).expect("written");
        }
        let bytes = zip.finish().expect("written").into_inner();
        assert!(bytes.len() < super::MOST_BYTES);
        assert_eq!(read(&bytes), Err(FileFault::TooLarge));
    }

    /// A spreadsheet of one sheet with these cells, and one text that cells may share.
    fn crafted(cells: &str, shared: &str) -> Vec<u8> {
        const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
        let part = |id: u8, kind: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        };
        let parts = [
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}\">{}</Relationships>",
                    part(1, "officeDocument", "xl/workbook.xml")
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}\">{}{}</Relationships>",
                    part(1, "worksheet", "worksheets/sheet1.xml"),
                    part(2, "sharedStrings", "sharedStrings.xml")
                ),
            ),
            ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\"><si><t>{shared}</t></si></sst>")),
            (
                "xl/worksheets/sheet1.xml",
                format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{cells}</sheetData></worksheet>"),
            ),
        ];
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
            std::io::Write::write_all(&mut zip, text.as_bytes()).expect("written");
        }
        zip.finish().expect("written").into_inner()
    }

    #[test]
    fn a_few_cells_far_apart_take_no_room() {
        let number = |at: &str, row: u32| format!("<row r=\"{row}\"><c r=\"{at}\"><v>1</v></c></row>");
        for far in [number("XFD1048576", 1_048_576), number("XFD1", 1), number("A1048576", 1_048_576)] {
            let bytes = crafted(&(number("A1", 1) + &far), "x");
            assert_eq!(read(&bytes), Err(FileFault::TooMany), "{far}");
        }
        assert_eq!(read(&crafted(&number("A1", 1), "x")), Err(FileFault::Head), "the same file without them is read");
    }

    #[test]
    fn a_long_text_that_many_cells_share_is_not_copied_for_each() {
        let cell = |row: usize| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>");
        let cells: String = (1..=4_000).map(cell).collect();
        assert_eq!(read(&crafted(&cells, &"长".repeat(100_000))), Err(FileFault::TooMany));
    }

    #[test]
    fn days_are_read_as_people_and_spreadsheets_write_them() {
        for text in ["2026-10-02", "2026/10/2", "2026.10.02", "2026年10月2日", "20261002", "2026-10-02 08:30"] {
            assert_eq!(date(text).map(|date| date.to_string()).as_deref(), Some("2026-10-02"), "{text}");
        }
        for text in ["", "10-02", "2026-13-02", "2026-02-30", "昨天"] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!((super::day(46_297.4), super::day(0.5)), ("2026-10-02".to_owned(), String::new()));
    }
}
