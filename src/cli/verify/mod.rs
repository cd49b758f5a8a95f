//! `sunvote verify`: exit code 0 lawful, 1 not, 2 could not check.

#[cfg(feature = "net")]
mod fetch;
mod papers;
pub(in crate::cli) mod source;
mod told;

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::output::say;
use crate::cli::verify::told::{as_json, as_text};
use crate::core::ids::PublicKey;
use crate::log::verify::law::Law;
use crate::log::verify::papers::Papers;
use crate::log::verify::{Options, Report, Verdict, verify};

/// Check a village's record: bytes, signatures, law, results.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote verify record.sunvote
  sunvote verify --root 3f…a1 --root 77…0c record.sunvote    with the district's printed root keys
  sunvote verify export/                                     record.sunvote and documents/ together
  sunvote verify https://vote.liandu.example/v/331102001206  downloads the record, checks it on the way
  sunvote verify --json record.sunvote

Exit code:
  0  complete and lawful. Without --root the record's own root keys are taken: then it is lawful in itself, but it may be
     another district's, or nobody's. The second line says so; with --json, \"roots\" is \"not_named\".
  1  not: a step is missing or late, the record was altered, or it was founded by root keys that you did not name
     (a mistyped key, one of several left out, or a record that is not your district's)
  2  could not check")]
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
    /// The root keys that the reader named, each once.
    named: Vec<PublicKey>,
    /// Who founded the record, if the reader did not name them both.
    strangers: Vec<PublicKey>,
    /// Whether the record has a founding that could be judged.
    founded: bool,
}

impl Verify {
    /// Verifies, prints and gives the exit code.
    pub(in crate::cli) fn run(self) -> ExitCode {
        match self.check() {
            Ok(checked) => {
                let answer = if self.json { format!("{}\n", as_json(&checked)) } else { as_text(&checked) };
                if let Err(error) = say(&answer) {
                    eprintln!("sunvote: {error}");
                    return ExitCode::from(exit_code(Verdict::CouldNotCheck));
                }
                ExitCode::from(exit_code(verdict(&checked)))
            }
            Err(error) => {
                if self.json {
                    let answer = json!({ "verdict": "could_not_check", "reason": error.to_string() });
                    // The exit code says the same, and what can't be written can't be said.
                    let _ = say(&format!("{answer}\n"));
                }
                eprintln!("sunvote: {}: {error}", self.source);
                ExitCode::from(exit_code(Verdict::CouldNotCheck))
            }
        }
    }

    fn check(&self) -> std::io::Result<Checked> {
        let source = source::open(&self.source)?;
        let bar = progress_bar(source.bytes, self.json);
        let named: Vec<_> = self.roots.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mut judge = Papers::beside(Law::new((!named.is_empty()).then(|| named.clone())));
        let report = verify(source.input, &mut judge, &Options::default(), |progress| {
            bar.set_position(progress.bytes);
            bar.set_message(format!("{} entries", progress.entries));
        });
        bar.finish_and_clear();
        // What was not judged names no documents.
        let folder = source.documents.filter(|_| report.judged);
        let documents = folder.map(|folder| papers::check(&folder, &judge)).transpose()?;
        let (strangers, founded) = (judge.inner().strangers().to_vec(), judge.inner().state().is_some());
        let checked = Checked { report, documents, named, strangers, founded };
        let origin = checked.report.checkpoint.as_ref().map(|checkpoint| checkpoint.origin.as_str());
        let expected = source.expected.as_deref().unwrap_or_default();
        let another = origin.filter(|origin| !origin.ends_with(expected));
        // What is at fault in itself is said first: its server wrote the name too.
        match another.filter(|_| exit_code(verdict(&checked)) != 1) {
            Some(other) => Err(std::io::Error::other(format!("gave another village's record: {other}"))),
            None => Ok(checked),
        }
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
        // A check by keys that the reader brought was made, and it failed: a script that passes over 2 must not pass over it.
        Verdict::Procedure | Verdict::OtherRoots | Verdict::Altered => 1,
        Verdict::CouldNotCheck => 2,
    }
}
