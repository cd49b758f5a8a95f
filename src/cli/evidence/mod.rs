//! `sunvote evidence`: exit code 0 proves fraud, 1 doesn't, 2 could not be read.

mod make;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::output::{read, say};
use crate::log::evidence::{Evidence, Fraud, MAX_EVIDENCE_BYTES, Unproven};
use crate::log::note::VerifierKey;

/// Make and judge files that prove that a log signed two histories.
#[derive(Debug, Args)]
pub(in crate::cli) struct EvidenceCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge an evidence file off line, with nothing but the log's key.
    Check(Check),
    /// Make an evidence file from what you hold and the record as it is served now.
    Make(make::Make),
}

/// Judge an evidence file off line, with nothing but the log's key.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sunvote evidence check fraud.txt --key vote.liandu.example/log/v/331102001206+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4

Take the key from a printed notice or from somebody you trust, never from whoever gave you the file.

Exit code:
  0  the file proves that the log signed two histories
  1  it proves nothing against this log
  2  the file or the key can't be read")]
struct Check {
    /// The evidence file.
    file: PathBuf,
    /// The log's verifier key.
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// Answer as one JSON object.
    #[arg(long)]
    json: bool,
}

impl EvidenceCommand {
    /// Does it, says what came out, and gives the exit code.
    pub(in crate::cli) fn run(self) -> ExitCode {
        let (code, answer) = match self.command {
            Command::Check(check) => check.run(),
            Command::Make(make) => match make.run() {
                Ok((made, answer)) => (u8::from(!made), answer),
                Err(reason) => {
                    eprintln!("sunvote: {reason}");
                    (2, String::new())
                }
            },
        };
        match say(&answer) {
            Ok(()) => ExitCode::from(code),
            Err(error) => {
                eprintln!("sunvote: {error}");
                ExitCode::from(2)
            }
        }
    }
}

impl Check {
    fn run(&self) -> (u8, String) {
        let (code, text, answer) = match self.judge() {
            Ok((evidence, verdict)) => {
                let code = u8::from(verdict.is_err());
                (code, as_text(&evidence, &verdict), as_json(&evidence, &verdict))
            }
            Err(reason) => {
                eprintln!("sunvote: {}: {reason}", self.file.display());
                (2, String::new(), json!({ "verdict": "could_not_check", "reason": reason }))
            }
        };
        (code, if self.json { format!("{answer}\n") } else { text })
    }

    fn judge(&self) -> Result<(Evidence, Result<Fraud, Unproven>), String> {
        let key = VerifierKey::parse(&self.key).map_err(|error| format!("--key: {error}"))?;
        let bytes = read(&self.file, MAX_EVIDENCE_BYTES).map_err(|error| error.to_string())?;
        let evidence = Evidence::parse(&bytes).map_err(|error| error.to_string())?;
        let verdict = evidence.judge(&key);
        Ok((evidence, verdict))
    }
}

/// Lines for people, the most important first.
fn as_text(evidence: &Evidence, verdict: &Result<Fraud, Unproven>) -> String {
    let origin = evidence.origin();
    match verdict {
        Ok(Fraud::Fork { size, roots: [one, other] }) => format!(
            "verdict     FRAUD PROVEN: the log signed two different histories (日志签署了两个不同的记录)\n\
             log         {origin}\n\
             both        {size} entries, and yet two roots:\n\
             root        {one}\n\
             root        {other}\n{WHAT_NOW}"
        ),
        Ok(Fraud::Rewritten { old, new, signed, rebuilt }) => format!(
            "verdict     FRAUD PROVEN: the log changed what it had signed before (日志改动了已签署的记录)\n\
             log         {origin}\n\
             before      {old} entries, signed with root\n            {signed}\n\
             later       {new} entries, of which the first {old} have root\n            {rebuilt}\n{WHAT_NOW}"
        ),
        Err(reason) => format!(
            "verdict     proves nothing against this log (不能证明此日志作假)\n\
             log         {origin}\n\
             reason      {}\n",
            why(reason)
        ),
    }
}

const WHAT_NOW: &str = "what now    Keep this file and give copies to others: nobody but the holder of the log's key can have made it,\n            \
                        and everybody can judge it. Report it to the district's inspectors.\n";

fn why(reason: &Unproven) -> String {
    match reason {
        Unproven::NotTheLogs { number, error } => {
            format!("this log's key did not sign checkpoint {number} of the file: {error}")
        }
        Unproven::Same => "both checkpoints say the same".to_owned(),
        Unproven::Length | Unproven::Unrelated => {
            format!("{reason}: it does not show that the two checkpoints contradict each other")
        }
        Unproven::Consistent => reason.to_string(),
    }
}

fn as_json(evidence: &Evidence, verdict: &Result<Fraud, Unproven>) -> Value {
    let origin = evidence.origin();
    match verdict {
        Ok(Fraud::Fork { size, roots }) => {
            json!({ "verdict": "fork", "origin": origin, "size": size, "roots": roots.map(|root| root.to_string()) })
        }
        Ok(Fraud::Rewritten { old, new, signed, rebuilt }) => json!({
            "verdict": "rewritten", "origin": origin, "old": old, "new": new,
            "signed": signed.to_string(), "rebuilt": rebuilt.to_string(),
        }),
        Err(reason) => {
            json!({ "verdict": "unproven", "origin": origin, "reason": reason.code(), "detail": reason.to_string() })
        }
    }
}
