//! `sunvote verify`: exit code 0 lawful, 1 not, 2 could not check.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::core::commit;
use crate::core::ids::{Digest, PublicKey};
use crate::log::verify::law::Law;
use crate::log::verify::{Class, Finding, Options, Report, Verdict, verify};

/// Bytes of the salt in front of a document in a folder export.
const SALT_BYTES: usize = 32;
/// File of the record in a folder export.
const RECORD_FILE: &str = "record.sunvote";

/// Check a village's record: bytes, signatures, law, results.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote verify record.sunvote
  sunvote verify --root 3f…a1 --root 77…0c record.sunvote    with the district's printed root keys
  sunvote verify export/                                     record.sunvote and documents/ together
  sunvote verify --json record.sunvote

Exit code: 0 complete and lawful, 1 not, 2 could not check.")]
pub(in crate::cli) struct Verify {
    /// The record's file, or a folder with record.sunvote and documents/.
    #[arg(value_name = "FILE|FOLDER")]
    source: PathBuf,
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
    documents: u64,
    wrong_documents: Vec<String>,
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
                eprintln!("sunvote: {}: {error}", self.source.display());
                ExitCode::from(exit_code(Verdict::CouldNotCheck))
            }
        }
    }

    fn check(&self) -> std::io::Result<Checked> {
        let folder = self.source.is_dir();
        let file = if folder { self.source.join(RECORD_FILE) } else { self.source.clone() };
        let input = File::open(&file)?;
        let bar = progress_bar(input.metadata()?.len(), self.json);
        let pinned = !self.roots.is_empty();
        let mut law = Law::new(pinned.then(|| self.roots.clone()));
        let report = verify(BufReader::new(input), &mut law, &Options::default(), |progress| {
            bar.set_position(progress.bytes);
            bar.set_message(format!("{} entries", progress.entries));
        });
        bar.finish_and_clear();
        let mut checked = Checked { report, documents: 0, wrong_documents: Vec::new(), pinned };
        if folder {
            check_documents(&self.source.join("documents"), &mut checked)?;
        }
        Ok(checked)
    }
}

/// Shown on a terminal only; never among JSON.
fn progress_bar(bytes: u64, hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {msg}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Each file is named by its commitment and holds salt and bytes.
fn check_documents(folder: &Path, checked: &mut Checked) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path())?;
        let named: Option<Digest> = name.parse().ok();
        let holds = bytes.split_first_chunk::<SALT_BYTES>().map(|(salt, bytes)| commit::document(salt, bytes));
        checked.documents += 1;
        if named.is_none() || named != holds {
            checked.wrong_documents.push(name);
        }
    }
    checked.wrong_documents.sort();
    Ok(())
}

fn verdict(checked: &Checked) -> Verdict {
    if checked.wrong_documents.is_empty() { checked.report.verdict() } else { Verdict::Altered }
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
    text.push_str(&if checked.documents > 0 {
        format!(", {} documents\n", checked.documents)
    } else {
        "\n".to_owned()
    });
    text.push_str("witnesses   unwitnessed, may be truncated\n");
    if !checked.pinned {
        text.push_str("root keys   taken from the record itself; give the printed ones with --root\n");
    }
    if let Some(reason) = &report.unreadable {
        text.push_str(&format!("unreadable  {reason}\n"));
    }
    for name in &checked.wrong_documents {
        text.push_str(&format!("altered     document {name}: not what its name commits to\n"));
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
        "documents": checked.documents,
        "wrong_documents": checked.wrong_documents,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "remarks": report.remarks.iter().map(finding).collect::<Vec<_>>(),
        "omitted": report.omitted,
        "unreadable": report.unreadable,
    })
}
