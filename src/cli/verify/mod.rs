//! `sunvote verify`: exit code 0 lawful, 1 not, 2 could not check.

#[cfg(feature = "net")]
mod fetch;
mod papers;
mod source;

use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::core::ids::PublicKey;
use crate::log::verify::law::Law;
use crate::log::verify::papers::Papers;
use crate::log::verify::{Class, Finding, Options, Report, Verdict, verify};

/// Check a village's record: bytes, signatures, law, results.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote verify record.sunvote
  sunvote verify --root 3f…a1 --root 77…0c record.sunvote    with the district's printed root keys
  sunvote verify export/                                     record.sunvote and documents/ together
  sunvote verify https://vote.liandu.example/v/331102001206  downloads the record, checks it on the way
  sunvote verify --json record.sunvote

Exit code: 0 complete and lawful, 1 not, 2 could not check.")]
pub(in crate::cli) struct Verify {
    /// The record's file, a folder with record.sunvote and documents/, or the address of the village's page.
    #[arg(value_name = "FILE|FOLDER|ADDRESS")]
    source: String,
    /// A root key of the district, in hex, as printed on its notices. Give each.
    #[arg(long = "root", value_name = "HEX")]
    roots: Vec<PublicKey>,
    /// Answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// What was found, the record's part and the documents'.
struct Checked {
    report: Report,
    documents: Option<papers::Checked>,
    pinned: bool,
}

impl Verify {
    /// Verifies, prints and gives the exit code.
    pub(in crate::cli) fn run(self) -> ExitCode {
        match self.check() {
            Ok(checked) => {
                if self.json {
                    println!("{}", as_json(&checked));
                } else {
                    print!("{}", as_text(&checked));
                }
                ExitCode::from(exit_code(verdict(&checked)))
            }
            Err(error) => {
                if self.json {
                    println!("{}", json!({ "verdict": "could_not_check", "reason": error.to_string() }));
                }
                eprintln!("sunvote: {}: {error}", self.source);
                ExitCode::from(exit_code(Verdict::CouldNotCheck))
            }
        }
    }

    fn check(&self) -> std::io::Result<Checked> {
        let source = source::open(&self.source)?;
        let bar = progress_bar(source.bytes, self.json);
        let pinned = !self.roots.is_empty();
        let mut judge = Papers::beside(Law::new(pinned.then(|| self.roots.clone())));
        let report = verify(source.input, &mut judge, &Options::default(), |progress| {
            bar.set_position(progress.bytes);
            bar.set_message(format!("{} entries", progress.entries));
        });
        bar.finish_and_clear();
        let origin = report.checkpoint.as_ref().map(|checkpoint| checkpoint.origin.as_str());
        let expected = source.expected.as_deref().unwrap_or_default();
        if let Some(other) = origin.filter(|origin| !origin.ends_with(expected)) {
            return Err(std::io::Error::other(format!("gave another village's record: {other}")));
        }
        let documents = source.documents.map(|folder| papers::check(&folder, &judge)).transpose()?;
        Ok(Checked { report, documents, pinned })
    }
}

/// Shown on a terminal only; never among JSON.
fn progress_bar(bytes: Option<u64>, hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let Some(bytes) = bytes else { return ProgressBar::new_spinner() };
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {msg}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn verdict(checked: &Checked) -> Verdict {
    let wrong = checked.documents.as_ref().is_some_and(|documents| !documents.wrong.is_empty());
    if wrong { Verdict::Altered } else { checked.report.verdict() }
}

fn exit_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Lawful => 0,
        Verdict::Procedure | Verdict::Altered => 1,
        Verdict::CouldNotCheck => 2,
    }
}

/// Stable code and the words of PROTOCOL section 9 in both languages.
fn words(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Lawful => ("lawful", "complete and lawful (记录完整)"),
        Verdict::Procedure => ("procedure", "a step is missing or late (程序有缺)"),
        Verdict::Altered => ("altered", "the record was altered (记录被改动)"),
        Verdict::CouldNotCheck => ("could_not_check", "could not be checked (无法核验)"),
    }
}

fn class_code(class: Class) -> &'static str {
    match class {
        Class::Remark => "remark",
        Class::Unknown => "unknown",
        Class::Procedure => "procedure",
        Class::Altered => "altered",
    }
}

fn as_text(checked: &Checked) -> String {
    let report = &checked.report;
    let mut text = format!("verdict     {}\n", words(verdict(checked)).1);
    if let Some(checkpoint) = &report.checkpoint {
        text.push_str(&format!("record      {}\n", checkpoint.origin));
        text.push_str(&format!("root        {} over {} entries\n", checkpoint.root, checkpoint.size));
    }
    text.push_str(&format!("checked     {} entries, {} signatures", report.entries, report.signatures));
    text.push_str(&checked.documents.as_ref().map(|found| format!(", {} documents", found.count)).unwrap_or_default());
    text.push('\n');
    text.push_str("witnesses   unwitnessed, may be truncated\n");
    if !checked.pinned {
        text.push_str("root keys   taken from the record itself; give the printed ones with --root\n");
    }
    if let Some(reason) = &report.unreadable {
        text.push_str(&format!("unreadable  {reason}\n"));
    }
    if let Some(documents) = &checked.documents {
        for (name, reason) in &documents.wrong {
            text.push_str(&format!("altered     document {name}: {reason}\n"));
        }
        if documents.absent > 0 {
            text.push_str(&format!("absent      {} public documents that the record names\n", documents.absent));
        }
    }
    for finding in report.findings.iter().chain(&report.remarks) {
        let place = finding.seq.map_or_else(|| "record".to_owned(), |seq| format!("entry {seq}"));
        text.push_str(&format!("{:<11} {place}: {}", class_code(finding.class), finding.rule));
        if !finding.expected.is_empty() || !finding.found.is_empty() {
            text.push_str(&format!(": expected {}, found {}", finding.expected, finding.found));
        }
        text.push('\n');
    }
    if report.omitted > 0 {
        text.push_str(&format!("            and {} more\n", report.omitted));
    }
    text
}

fn as_json(checked: &Checked) -> Value {
    let report = &checked.report;
    let finding = |finding: &Finding| {
        json!({
            "entry": finding.seq, "class": class_code(finding.class), "rule": finding.rule,
            "expected": finding.expected, "found": finding.found,
        })
    };
    let wrong = checked.documents.iter().flat_map(|documents| &documents.wrong);
    let wrong = wrong.map(|(name, reason)| json!({ "name": name, "reason": reason }));
    let checkpoint = report.checkpoint.as_ref().map(|checkpoint| {
        json!({ "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.to_string() })
    });
    json!({
        "verdict": words(verdict(checked)).0,
        "witnessed": [],
        "roots_pinned": checked.pinned,
        "checkpoint": checkpoint,
        "entries": report.entries,
        "signatures": report.signatures,
        "documents": checked.documents.as_ref().map_or(0, |documents| documents.count),
        "wrong_documents": wrong.collect::<Vec<_>>(),
        "absent_documents": checked.documents.as_ref().map_or(0, |documents| documents.absent),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "remarks": report.remarks.iter().map(finding).collect::<Vec<_>>(),
        "omitted": report.omitted,
        "unreadable": report.unreadable,
    })
}
