//! A village's record, a document, and checking it oneself.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::{Pager, Paper, PaperState, Place, Tone, Watch, Who};

/// The record in plain words, newest entry first, with its newest checkpoint.
#[derive(Template, Debug, Clone)]
#[template(path = "record.html")]
pub struct RecordPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Name of the log, its origin.
    pub origin: String,
    /// Verifier key of the log, as a signed note's key.
    pub log_key: String,
    /// Verifier key of the district's log above it; `None` until there is one.
    pub district_key: Option<String>,
    /// Number of entries that the newest checkpoint covers.
    pub size: u64,
    /// Root hash at that size.
    pub root: Digest,
    /// When the newest entry was made.
    pub at: Option<Time>,
    /// Who witnessed it, and when.
    pub witnesses: Vec<Witness>,
    /// Address of the whole record as one file.
    pub file_href: String,
    /// Its size in bytes, if known.
    pub file_size: Option<u64>,
    /// Entries of this page, newest first; ballots of one vote that follow each other are one run.
    pub runs: Vec<Vec<EntryLine>>,
    /// Other pages.
    pub pager: Pager,
}

/// A witness of the record.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Its name.
    pub name: String,
    /// Whether it goes through every entry by the law, or only keeps watch that all readers are shown the same record.
    pub lawful: bool,
    /// When it last confirmed something; `None` for never.
    pub at: Option<Time>,
    /// Whether that covers what is published.
    pub current: bool,
}

impl Witness {
    /// Text key of what it has confirmed.
    #[must_use]
    pub fn says(&self) -> &'static str {
        match (self.at, self.current, self.lawful) {
            (Some(_), true, true) => "record-witness-lawful",
            (Some(_), true, false) => "record-witness-watched",
            (Some(_), false, _) => "record-witness-behind",
            (None, ..) => "record-witness-never",
        }
    }
}

/// One entry as a sentence.
#[derive(Debug, Clone)]
pub struct EntryLine {
    /// Its number.
    pub seq: u64,
    /// When it was made.
    pub at: Time,
    /// Kind of statement.
    pub kind: String,
    /// Who signed; empty for the log's own.
    pub by: Vec<Who>,
    /// What it is about: title and page.
    pub about: Option<(String, String)>,
    /// Its leaf hash.
    pub leaf: Digest,
}

/// Kind of the entries that are folded where many follow each other.
const BALLOT: &str = "ballot.cast";

impl RecordPage {
    /// Entries in runs: the ballots of one vote that follow each other, everything else alone.
    #[must_use]
    pub fn in_runs(entries: Vec<EntryLine>) -> Vec<Vec<EntryLine>> {
        let mut runs: Vec<Vec<EntryLine>> = Vec::new();
        for entry in entries {
            let same = |run: &&mut Vec<EntryLine>| {
                entry.kind == BALLOT && run[0].kind == BALLOT && run[0].about == entry.about
            };
            match runs.last_mut().filter(same) {
                Some(run) => run.push(entry),
                None => runs.push(vec![entry]),
            }
        }
        runs
    }
}

/// A document with what the record says of it.
#[derive(Template, Debug, Clone)]
#[template(path = "document.html")]
pub struct DocumentPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The document.
    pub paper: Paper,
    /// Its content, as far as a page can show it.
    pub content: Content,
    /// The entry that names it.
    pub entry: Option<EntryLine>,
    /// Where the bytes are; `None` when they are not for this reader.
    pub download: Option<String>,
    /// What the reader may do about it: put a slip right, withdraw it.
    pub actions: Vec<Action>,
}

/// What can be shown of a document on a page.
#[derive(Debug, Clone)]
pub enum Content {
    /// A plain text.
    Text(String),
    /// A picture at this address.
    Picture(String),
    /// A file to be opened: PDF, sound, video and others.
    File,
    /// Nothing: closed, withdrawn or erased.
    Nothing,
}

/// A verdict in three plain words (PROTOCOL 9), or that it could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 记录完整
    Complete,
    /// 程序有缺
    Lacking,
    /// 记录被改动
    Altered,
    /// Newer than this checker.
    Unknown,
}

impl Verdict {
    /// Text keys `verdict-<code>` and `verdict-<code>-say`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Lacking => "lacking",
            Self::Altered => "altered",
            Self::Unknown => "unknown",
        }
    }

    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Complete => Tone::Final,
            Self::Lacking | Self::Altered => Tone::Against,
            Self::Unknown => Tone::Still,
        }
    }
}

/// Check it yourself: what was found, what that proves, what it can't, whom to phone.
#[derive(Template, Debug, Clone)]
#[template(path = "check.html")]
pub struct CheckPage {
    /// Frame.
    pub c: Chrome,
    /// The village that was asked for.
    pub place: Option<Place>,
    /// What was found.
    pub report: Option<Report>,
    /// Verifier key of the village's log, filled into the receipt check.
    pub log_key: Option<String>,
    /// What the reader's device pins, and whom it tells what it was shown.
    pub watch: Watch,
    /// Whether this is a witness's own page, which shows its copies and has no village's pages.
    pub at_witness: bool,
}

/// The outcome of verifying a record.
#[derive(Debug, Clone)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// When it was made.
    pub at: Time,
    /// Entries checked.
    pub entries: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Ballots behind the announced results.
    pub ballots: Counted,
    /// Documents whose commitment was compared.
    pub documents: u64,
    /// Documents that were withdrawn.
    pub withdrawn: u64,
    /// Witnesses of the newest checkpoint; empty: unwitnessed, may be truncated.
    pub witnesses: Vec<Witness>,
    /// What is wrong, first first.
    pub findings: Vec<Finding>,
    /// What is lawful but worth knowing: code, with text key `remark-<code>`, and how often.
    pub remarks: Vec<(String, u64)>,
}

/// Ballots that counted, a voter's once a question.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// From a phone or another device.
    pub device: u64,
    /// From the box.
    pub paper: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The entry, where it is one.
    pub seq: Option<u64>,
    /// Code of the rule; text key `rule-<code>`.
    pub rule: String,
    /// What the rule expects.
    pub expected: String,
    /// What was found.
    pub found: String,
}
