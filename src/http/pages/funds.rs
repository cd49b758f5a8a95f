//! A village's money: what was decided, agreed and paid; and payments taken in from a spreadsheet.

use askama::Template;

use crate::core::clock::{Date, Time};
use crate::core::ids::MatterId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::figures::Files;
use crate::http::pages::parts::{Pager, Place};

/// The ledger of what was decided and paid.
#[derive(Template, Debug, Clone)]
#[template(path = "funds.html")]
pub struct FundsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Matters with money, the newest first.
    pub matters: Vec<FundLine>,
    /// All of them together.
    pub sums: Sums,
    /// Payments, the newest first.
    pub payments: Vec<PaymentLine>,
    /// Other pages of them.
    pub pager: Pager,
    /// Where it is had as a file.
    pub files: Files,
    /// Whether the reader may take payments in.
    pub import: bool,
}

/// Amounts in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Approved by the vote.
    pub approved: u64,
    /// Agreed in contracts.
    pub agreed: u64,
    /// Paid.
    pub paid: u64,
}

impl Sums {
    /// What may still be paid.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.approved.saturating_sub(self.paid)
    }

    /// What was paid beyond that.
    #[must_use]
    pub fn beyond(&self) -> u64 {
        self.paid.saturating_sub(self.approved)
    }
}

/// A matter with money.
#[derive(Debug, Clone)]
pub struct FundLine {
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Its amounts.
    pub sums: Sums,
}

/// One payment.
#[derive(Debug, Clone)]
pub struct PaymentLine {
    /// When it came on record.
    pub at: Time,
    /// Index of its entry.
    pub seq: u64,
    /// The matter's title.
    pub title: String,
    /// How much, in fen.
    pub fen: u64,
}

/// Where a spreadsheet of payments is taken in.
#[derive(Template, Debug, Clone)]
#[template(path = "funds_import.html")]
pub struct ImportPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Why nothing of the file could be read; text key `funds-file-<code>`.
    pub fault: Option<&'static str>,
    /// Its rows, once one was sent.
    pub rows: Vec<ImportRow>,
    /// What became of rows that could not be taken in: row and reason.
    pub refused: Vec<(usize, String)>,
    /// How many wait to be signed now.
    pub kept: usize,
    /// Titles of matters that payments can be for.
    pub matters: Vec<String>,
}

/// A row of the file.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Its number in the file.
    pub line: usize,
    /// What stands in it where it can't be taken in; else the payment.
    pub payment: Result<Paying, Fault>,
}

impl ImportRow {
    /// Rows that can be taken in.
    #[must_use]
    pub fn good(rows: &[Self]) -> usize {
        rows.iter().filter(|row| row.payment.is_ok()).count()
    }
}

/// A payment as it would be taken in.
#[derive(Debug, Clone)]
pub struct Paying {
    /// For which matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// When it was paid.
    pub date: Date,
    /// How much, in fen.
    pub fen: u64,
    /// Voucher and what for.
    pub words: String,
    /// Whether the same amount is on record for the same matter.
    pub again: bool,
}

/// Why a row can't be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Text key `funds-row-<code>`.
    pub code: &'static str,
    /// What stands there.
    pub found: String,
}
