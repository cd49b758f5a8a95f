//! Tables to be taken along: as CSV (RFC 4180) and as a spreadsheet. What goes in are words and whole numbers; amounts are fen and stand there
//! in yuan. Words never become formulas, whatever they begin with.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::core::clock::Time;

/// Most characters of a sheet's name.
const LONGEST_NAME: usize = 31;
/// Width of a column of words, in characters.
const WIDE: f64 = 22.0;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Words(String),
    /// A count.
    Number(u64),
    /// An amount in fen.
    Fen(u64),
    /// Nothing.
    Empty,
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

/// A table with a name.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name, as a spreadsheet shows it.
    pub name: String,
    /// Words over the columns.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a table can't be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// As CSV.
    #[error("a table could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// As a spreadsheet.
    #[error("a spreadsheet could not be written: {0}")]
    Xlsx(#[from] XlsxError),
}

/// An amount in yuan with its two decimals.
#[must_use]
pub fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Words that a program for tables takes for words: those that begin as a formula does get an apostrophe before them
/// (OWASP, CSV injection).
#[must_use]
pub fn guarded(words: &str) -> String {
    let formula = words.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { format!("'{words}") } else { words.to_owned() }
}

/// One table as CSV: UTF-8 with a byte order mark, without which programs for tables take Chinese for something else.
///
/// # Errors
/// Never, as far as memory goes.
pub fn csv(table: &Table) -> Result<Vec<u8>, TableError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(table.head.iter().map(|words| guarded(words)))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Words(words) => guarded(words),
            Cell::Number(number) => number.to_string(),
            Cell::Fen(fen) => yuan(*fen),
            Cell::Empty => String::new(),
        }))?;
    }
    writer.into_inner().map_err(|error| TableError::Csv(error.into_error().into()))
}

/// Tables as a spreadsheet, a sheet each. `as_of`: what the file gives as its time, so that the same figures make the same bytes.
///
/// # Errors
/// A name that no sheet can have, more rows than a sheet has.
pub fn xlsx(tables: &[Table], as_of: Time) -> Result<Vec<u8>, TableError> {
    let mut book = Workbook::new();
    let (year, month, day) = as_of.date().parts();
    let made = ExcelDateTime::from_ymd(year.try_into().unwrap_or(2000), month.unsigned_abs(), day.unsigned_abs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let (head, money) = (Format::new().set_bold().set_text_wrap(), Format::new().set_num_format("#,##0.00"));
    for table in tables {
        let sheet = book.add_worksheet();
        let name: String = table.name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(LONGEST_NAME).collect();
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, words) in (0..).zip(&table.head) {
            sheet.write_string_with_format(0, column, words, &head)?;
            sheet.set_column_width(column, WIDE)?;
        }
        for (line, row) in (1..).zip(&table.rows) {
            for (column, cell) in (0..).zip(row) {
                match cell {
                    Cell::Words(words) => sheet.write_string(line, column, words)?,
                    Cell::Number(number) => sheet.write_number(line, column, plain(*number))?,
                    Cell::Fen(fen) => sheet.write_number_with_format(line, column, plain(*fen) / 100.0, &money)?,
                    Cell::Empty => sheet,
                };
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

/// A spreadsheet knows no other numbers; the record has none above 2^53−1.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn plain(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::{Cell, Table, csv, xlsx};

    const HOSTILE: [&str; 5] = ["=1+1", "@SUM(A1)", "-2", "+3", "\tx"];

    fn table() -> Table {
        let mut rows = vec![vec![Cell::from("黄泥墩村, \"东\""), Cell::Number(12), Cell::Fen(9_007_199_254_740_991)]];
        rows.extend(HOSTILE.map(|words| vec![Cell::from(words), Cell::Empty, Cell::Fen(5)]));
        Table { name: "数字/1".to_owned(), head: ["村", "件", "元"].map(str::to_owned).to_vec(), rows }
    }

    #[test]
    fn words_in_a_csv_file_are_never_formulas() {
        let text = String::from_utf8(csv(&table()).expect("written")).expect("UTF-8");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "\u{feff}村,件,元");
        assert_eq!(lines[1], "\"黄泥墩村, \"\"东\"\"\",12,90071992547409.91");
        for line in &lines[2..2 + HOSTILE.len()] {
            assert!(line.starts_with('\''), "{line}");
        }
        let read = ::csv::Reader::from_reader(text.as_bytes()).into_records().count();
        assert_eq!(read, 6);
    }

    #[test]
    fn another_library_reads_the_spreadsheet_back() {
        let as_of = "2026-11-21T12:00:00.000Z".parse().expect("a time");
        let bytes = xlsx(&[table()], as_of).expect("written");
        assert_eq!(bytes, xlsx(&[table()], as_of).expect("written"), "the same twice");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a spreadsheet");
        assert_eq!(book.sheet_names(), ["数字1"]);
        let range = book.worksheet_range("数字1").expect("a sheet");
        assert_eq!(range.get_value((1, 0)), Some(&Data::String("黄泥墩村, \"东\"".to_owned())));
        assert_eq!(range.get_value((1, 1)), Some(&Data::Float(12.0)));
        assert_eq!(range.get_value((2, 2)), Some(&Data::Float(0.05)));
        for (line, words) in (2..).zip(HOSTILE) {
            assert_eq!(range.get_value((line, 0)), Some(&Data::String(words.to_owned())), "{words}");
        }
        let formulas = book.worksheet_formula("数字1").expect("a sheet");
        assert_eq!(formulas.used_cells().count(), 0);
    }
}
