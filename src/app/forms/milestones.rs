//! Milestones of a contract, one a line: the last day, what is to be reached, and what is paid for it.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::build::yuan;
use crate::app::forms::{About, FieldError};
use crate::core::act::works::Milestone;
use crate::core::clock::Date;

/// A line as it is written: date, words, and at the end an amount in yuan where one is due.
fn read(line: &str) -> Result<(Date, &str, u64), &'static str> {
    let (date, rest) = line.split_once(char::is_whitespace).ok_or("milestone")?;
    let due = date.parse::<Date>().map_err(|_| "date")?;
    let rest = rest.trim();
    let (words, amount) = match rest.rsplit_once(char::is_whitespace) {
        Some((words, last)) => yuan(last).map_or((rest, 0), |fen| (words.trim(), fen)),
        None => (rest, 0),
    };
    if words.is_empty() { Err("milestone") } else { Ok((due, words, amount)) }
}

impl App {
    /// The milestones in a form's lines, by their days; words become documents once every line can be read.
    pub(in crate::app) async fn milestones(
        &self,
        about: &About,
        field: &'static str,
        text: &str,
    ) -> Result<Result<Vec<Milestone>, Vec<FieldError>>, AppError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (mut rows, mut errors) = (Vec::new(), Vec::new());
        for line in lines {
            match read(line) {
                Ok(row) => rows.push(row),
                Err(reason) => errors.push(FieldError::new(field, reason).about(line)),
            }
        }
        if !errors.is_empty() {
            return Ok(Err(errors));
        }
        rows.sort_by_key(|(due, ..)| *due);
        let mut milestones = Vec::new();
        for (due, words, amount_fen) in rows {
            match self.text_field(about, words).await? {
                Ok(title) => milestones.push(Milestone { title, due, amount_fen }),
                Err(reason) => return Ok(Err(vec![FieldError::new(field, reason).about(words)])),
            }
        }
        Ok(Ok(milestones))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_line_has_a_day_words_and_perhaps_an_amount() {
        let day = "2026-12-01".parse().unwrap();
        assert_eq!(read("2026-12-01 路基 完成 20,000"), Ok((day, "路基 完成", 2_000_000)));
        assert_eq!(read("2026-12-01  验收"), Ok((day, "验收", 0)));
        assert_eq!(read("十二月 验收"), Err("date"));
        assert_eq!(read("2026-12-01"), Err("milestone"));
    }
}
