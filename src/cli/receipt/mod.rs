//! `sunvote receipt check`: exit code 0 good, 1 not, 2 could not be read.

#[cfg(feature = "server")]
mod ask;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

#[cfg(feature = "server")]
use crate::cli::opened::runtime;
use crate::cli::output::{read, say};
#[cfg(feature = "server")]
use crate::cli::receipt::ask::{Asking, Heard};
use crate::core::ids::Digest;
use crate::log::note::VerifierKey;
use crate::log::policy::{Attendance, MAX_POLICY_BYTES, Policy};
use crate::log::proof::MAX_PROOF_BYTES;
#[cfg(feature = "server")]
use crate::log::proof::ProofFile;
use crate::log::receipt::{Above, Fault, Known, Receipt};

/// Check a receipt off line.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReceiptCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a receipt's file, or its pair of files, with nothing but keys that you have from elsewhere.
    Check(Box<Check>),
}

/// Check a receipt's file, or its pair of files, with nothing but keys that you have from elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote receipt check mine.tlog-proof --key VKEY
  sunvote receipt check mine.tlog-proof above.tlog-proof --key VKEY --district-key VKEY --policy witnesses.policy
  sunvote receipt check mine.tlog-proof above.tlog-proof --key VKEY --policy witnesses.policy --ask-witnesses

Keys and policy are printed on the village's notices. The first file shows that the entry is in the village's log; the
second that the district's log, which independent witnesses watch, holds that state of the village's log.

Exit code:
  0  good
  1  not good: keep the file and show it to the supervision committee or an inspector; or good, and a witness was shown
     another history
  2  a file or a key can't be read")]
struct Check {
    /// The receipt.
    file: PathBuf,
    /// The second file of a pair, that leads to the district's log.
    above: Option<PathBuf>,
    /// The village log's verifier key.
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// The district log's verifier key. Without it the logs of the policy are taken.
    #[arg(long, value_name = "VKEY", requires = "above")]
    district_key: Option<String>,
    /// A tlog-policy file: which witnesses, and how many are enough. Without it nobody is asked.
    #[arg(long, value_name = "FILE", requires = "above")]
    policy: Option<PathBuf>,
    /// Id of the statement that the receipt must be for, in hex.
    #[arg(long, value_name = "HEX")]
    statement: Option<Digest>,
    /// Hand the second file's checkpoint to the witnesses that the policy gives addresses of, and judge what they answer. Needs a
    /// network; nothing else here does.
    #[cfg(feature = "server")]
    #[arg(long, requires = "policy")]
    ask_witnesses: bool,
    /// Where to write the proof if a witness was shown another history.
    #[cfg(feature = "server")]
    #[arg(long, value_name = "FILE", requires = "ask_witnesses", default_value = "district.evidence")]
    evidence: PathBuf,
    /// Answer as one JSON object.
    #[arg(long)]
    json: bool,
}

impl ReceiptCommand {
    /// Checks, prints and gives the exit code.
    pub(in crate::cli) fn run(self) -> ExitCode {
        let Command::Check(check) = self.command;
        let told = check.run().unwrap_or_else(|reason| {
            eprintln!("sunvote: {reason}");
            Told { code: 2, text: String::new(), json: json!({ "verdict": "could_not_check", "reason": reason }) }
        });
        let answer = if check.json { format!("{}\n", told.json) } else { told.text };
        match say(&answer) {
            Ok(()) => ExitCode::from(told.code),
            Err(error) => {
                eprintln!("sunvote: {error}");
                ExitCode::from(2)
            }
        }
    }
}

/// An answer in both forms.
struct Told {
    code: u8,
    text: String,
    json: Value,
}

impl Check {
    fn run(&self) -> Result<Told, String> {
        let known = self.known()?;
        let file = |path: &PathBuf| read(path, MAX_PROOF_BYTES).map_err(|error| format!("{}: {error}", path.display()));
        let first = file(&self.file)?;
        let second = self.above.as_ref().map(file).transpose()?;
        if second.is_some() && known.district.is_none() && known.policy.logs().is_empty() {
            return Err(
                "--district-key, or a policy that lists the district's log, is needed for the second file".into()
            );
        }
        let told = match known.judge(&first, second.as_deref()) {
            Ok(receipt) => good(&receipt, self.policy.is_some()),
            Err(fault) => return Ok(bad(fault)),
        };
        #[cfg(feature = "server")]
        if let Some(second) = second.filter(|_| self.ask_witnesses) {
            return self.tell_witnesses(told, &known, &second);
        }
        Ok(told)
    }

    /// Hands the district's checkpoint on; what comes back is added to what is told.
    #[cfg(feature = "server")]
    fn tell_witnesses(&self, mut told: Told, known: &Known, second: &[u8]) -> Result<Told, String> {
        let note = ProofFile::parse(second).map_err(|error| error.to_string())?.checkpoint;
        let origin = note.text.lines().next().unwrap_or_default();
        let log = known.policy.logs().iter().find(|log| log.name == origin);
        let key = known.district.as_ref().or(log.map(|log| &log.key)).ok_or("no key of the district's log")?;
        let asking = Asking { log: key, note: &note, place: log.and_then(|log| log.url.as_deref()) };
        let (runtime, mut asked) = (runtime().map_err(|error| error.to_string())?, Vec::new());
        for witness in known.policy.witnesses() {
            let Some(url) = &witness.url else { continue };
            let heard = runtime.block_on(asking.ask(witness, url));
            let (code, words) = heard.told();
            told.text.push_str(&format!("asked       {witness} {words}\n"));
            asked.push(json!({ "name": witness.name, "heard": code }));
            if let Heard::Other(evidence) = heard {
                let written = std::fs::write(&self.evidence, evidence.to_string());
                written.map_err(|error| format!("{}: {error}", self.evidence.display()))?;
                told.text.push_str(&format!("proof       written to {}\n", self.evidence.display()));
                told.code = 1;
            }
        }
        if asked.is_empty() {
            told.text.push_str("asked       NOBODY: the policy gives no witness's address.\n");
        }
        told.json["asked"] = asked.into();
        Ok(told)
    }

    fn known(&self) -> Result<Known, String> {
        let key = |option: &str, text: &str| VerifierKey::parse(text).map_err(|error| format!("{option}: {error}"));
        let policy = match &self.policy {
            None => b"quorum none\n".to_vec(),
            Some(path) => read(path, MAX_POLICY_BYTES).map_err(|error| format!("{}: {error}", path.display()))?,
        };
        Ok(Known {
            village: key("--key", &self.key)?,
            district: self.district_key.as_deref().map(|text| key("--district-key", text)).transpose()?,
            policy: Policy::parse(&policy).map_err(|error| format!("--policy: {error}"))?,
            statement: self.statement,
        })
    }
}

#[cfg(feature = "server")]
impl Heard {
    /// A word for programs, and words for people.
    fn told(&self) -> (&'static str, String) {
        match self {
            Self::Same(time) => ("same", format!("was shown the same history, confirmed {}", shown(*time))),
            Self::Other(_) => {
                ("other", "WAS SHOWN ANOTHER HISTORY: the district's log signed both (记录被改动)".to_owned())
            }
            Self::Unknown => {
                ("unknown", "has another checkpoint; the hashes to compare it with are not served".to_owned())
            }
            Self::Nothing => ("nothing", "has confirmed nothing yet".to_owned()),
            Self::Odd => ("odd", "gave an answer that it did not sign".to_owned()),
            Self::Silent(why) => ("silent", format!("did not answer ({why}); that says nothing about the receipt")),
        }
    }
}

fn bad(fault: Fault) -> Told {
    let (code, verdict, words) = if fault.is_unreadable() {
        (2, "could_not_check", "could not be checked (无法核验)")
    } else {
        (1, "bad", "NOT GOOD: this proves nothing to you (回执无效)")
    };
    let text = format!("verdict     {words}\nreason      {fault}\n");
    Told { code, text, json: json!({ "verdict": verdict, "reason": fault.code() }) }
}

fn good(receipt: &Receipt<'_>, with_policy: bool) -> Told {
    let Receipt { entry, leaf, checkpoint, above } = receipt;
    let mut text = format!(
        "verdict     good: the entry is on record (回执有效)\n\
         entry       {} of {}, taken in {}\n\
         fingerprint {leaf}\n\
         checkpoint  {} entries, root {}\n",
        entry.seq, checkpoint.origin, entry.time, checkpoint.size, checkpoint.root
    );
    text.push_str(&above.as_ref().map_or_else(
        || {
            "district    NOT CHECKED: give the second file too. Without it another state of this log may have been shown to\n            \
             others.\n"
                .to_owned()
        },
        |above| above_text(above, with_policy),
    ));
    let json = json!({
        "verdict": "good", "origin": checkpoint.origin, "entry": entry.seq, "time": entry.time.to_string(),
        "leaf": leaf.to_string(), "size": checkpoint.size, "root": checkpoint.root.to_string(),
        "district": above.as_ref().map(|above| above_json(above)),
    });
    Told { code: 0, text, json }
}

fn above_text(above: &Above<'_>, with_policy: bool) -> String {
    let Above { index, checkpoint, witnesses } = above;
    let mut text = format!(
        "district    number {index} of {}, which has {} leaves, root {}\n",
        checkpoint.origin, checkpoint.size, checkpoint.root
    );
    if !with_policy {
        text.push_str("witnesses   NOT CHECKED: you named no policy.\n");
    }
    for Attendance { witness, time } in witnesses {
        let when = time.map_or_else(|| "did not cosign".to_owned(), |time| format!("cosigned {}", shown(time)));
        text.push_str(&format!("witness     {witness} {when}\n"));
    }
    text
}

fn above_json(above: &Above<'_>) -> Value {
    let witnesses: Vec<Value> =
        above.witnesses.iter().map(|one| json!({ "name": one.witness.name, "time": one.time })).collect();
    let Above { index, checkpoint, .. } = above;
    json!({
        "origin": checkpoint.origin, "index": index, "size": checkpoint.size, "root": checkpoint.root.to_string(),
        "witnesses": witnesses,
    })
}

/// Seconds since 1970 as people write a time; a number where it is beyond all calendars.
fn shown(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_string())
}
