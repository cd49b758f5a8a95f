//! Ballots that a witness received, one a line: what its page lists and the inspector hands on to the form.

use std::collections::BTreeMap;

use crate::app::forms::FieldError;
use crate::core::act::voting::VouchedBallot;
use crate::core::ids::Digest;
use crate::core::judge::witness::MAX_VOUCHED;

/// A row as the list has it: statement id, roster number, revision, time of receipt, with spaces between.
#[must_use]
pub fn line(row: &VouchedBallot) -> String {
    let VouchedBallot { statement, voter, revision, received_at } = row;
    format!("{statement} {voter} {revision} {received_at}")
}

/// Reads a list, in the statement's order; empty lines are passed over, and the same line twice is one.
///
/// # Errors
/// What is wrong, each with its line.
pub fn read(field: &str, text: &str) -> Result<Vec<VouchedBallot>, Vec<FieldError>> {
    let (mut rows, mut errors) = (BTreeMap::<Digest, VouchedBallot>::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match row(line) {
            None => errors.push(FieldError::new(field, "vouched-line").about(line)),
            Some(row) if rows.insert(row.statement, row).is_some_and(|other| other != row) => {
                errors.push(FieldError::new(field, "vouched-twice").about(line));
            }
            Some(_) => {}
        }
    }
    if rows.len() > MAX_VOUCHED {
        errors.push(FieldError::new(field, "vouched-many"));
    }
    if errors.is_empty() { Ok(rows.into_values().collect()) } else { Err(errors) }
}

fn row(line: &str) -> Option<VouchedBallot> {
    let mut parts = line.split_whitespace();
    let row = VouchedBallot {
        statement: parts.next()?.parse().ok()?,
        voter: parts.next()?.parse().ok()?,
        revision: parts.next()?.parse().ok()?,
        received_at: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(row)
}

#[cfg(test)]
mod tests {
    use super::{line, read};
    use crate::core::act::voting::VouchedBallot;
    use crate::core::clock::Time;
    use crate::core::ids::Digest;
    use crate::core::judge::witness::MAX_VOUCHED;

    fn ballot(nth: u8) -> VouchedBallot {
        let received_at = Time::from_ms(1_800_000_000_000 + i64::from(nth)).expect("a time");
        VouchedBallot { statement: Digest([nth; 32]), voter: u32::from(nth) + 1, revision: 2, received_at }
    }

    #[test]
    fn what_a_witness_lists_is_read_back_in_the_statements_order() {
        let text = format!("\r\n  {}\r\n{}\n{}\n", line(&ballot(9)), line(&ballot(3)), line(&ballot(9)));
        assert_eq!(read("ballots", &text), Ok(vec![ballot(3), ballot(9)]));
        assert_eq!(read("ballots", "\n"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_named() {
        let good = line(&ballot(3));
        let cut = &good[1..];
        let other = line(&VouchedBallot { voter: 77, ..ballot(3) });
        for (text, reason) in [
            (cut.to_owned(), "vouched-line"),
            (format!("{good} more"), "vouched-line"),
            (good.replace(" 2 ", " -2 "), "vouched-line"),
            (format!("{good}\n{other}"), "vouched-twice"),
        ] {
            let errors = read("ballots", &text).expect_err(reason);
            assert_eq!(errors.iter().map(|error| error.reason).collect::<Vec<_>>(), [reason], "{text}");
            assert!(errors[0].about.is_some());
        }
        let many: Vec<String> = (0..=200).map(|nth| line(&ballot(nth))).collect();
        assert!(read("ballots", &many[..MAX_VOUCHED].join("\n")).is_ok());
        assert_eq!(read("ballots", &many.join("\n")).map_err(|errors| errors[0].reason), Err("vouched-many"));
    }
}
