//! `sunvote bench cast`: real signed ballots over HTTP, signed before the timed window and their receipts checked after it.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::Failure;
use crate::cli::bench::drive::drive;
use crate::cli::bench::figures::{Figures, Processor};
use crate::cli::bench::machine::{Server, machine_busy, own_processor};
use crate::cli::bench::plan::Plan;
use crate::cli::bench::read::open_ballots;
use crate::cli::bench::receipts::{self, Checked};
use crate::cli::bench::{Folder, Pace, Rate, sign};
use crate::cli::opened::MachineClock;
use crate::cli::output::say;
use crate::core::clock::Clock as _;

/// Cast signed ballots over HTTP at a steady rate and check every receipt.
#[derive(Debug, Args)]
#[command(
    after_help = "Starts the server of the folder, casts, checks all receipts, stops the server. Ballots are signed
before and receipts checked after the timed part. About 6 kB of memory a ballot.

Examples:
  sunvote bench cast --rate 370 --seconds 600      a province's peak for ten minutes
  sunvote bench cast --rate max --count 100000 --connections 1024
  sunvote bench cast --rate 1000 --running --json  against the server that runs at the folder's address

Exit code: 0 if every ballot was acknowledged and every receipt holds, else 1."
)]
pub(in crate::cli::bench) struct Cast {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    pace: Pace,
}

/// What a run of casting amounts to.
struct Told {
    figures: Figures,
    checked: Checked,
    raw: f64,
}

impl Cast {
    /// Casts; `false` if a ballot was not acknowledged or a receipt does not hold.
    pub(in crate::cli::bench) fn run(self) -> Result<bool, Failure> {
        let (folder, pace) = (&self.folder.folder, &self.pace);
        let mut plan = Plan::load(folder)?;
        let (count, now) = (pace.count()?, MachineClock.now());
        let ends = now.plus_ms(i64::from(pace.seconds) * 1_000);
        if plan.villages.iter().any(|village| village.closes_at <= ends) {
            return Err("the votes of this load test have closed; delete the folder and prepare it anew".into());
        }
        let mut ballots = sign::ballots(&plan, count, pace.rate, now)?;
        let raw = sign::raw_rate(&mut ballots)?;
        // Written before anything is cast: a run that is cut off has used its revisions all the same.
        plan.revision += sign::revisions(&plan, count)?;
        plan.save(folder)?;
        let server = if pace.running { None } else { Some(Server::start(folder, plan.listen)?) };
        let (sent, requests): (Vec<_>, Vec<_>) =
            ballots.into_iter().map(|ballot| ((ballot.village, ballot.id), ballot.request)).unzip();
        open_ballots(&plan)?;
        let before = taken(server.as_ref());
        let driven = drive(plan.listen, requests, pace, server.as_ref())?;
        let figures = Figures::of(&driven, 201, taken(server.as_ref()).since(before));
        server.map(Server::stop).transpose()?;
        let checked = receipts::check(&plan, &driven.outcomes, |index| sent[index])?;
        receipts::keep(folder, &checked.good)?;
        let told = Told { figures, checked, raw };
        let good = told.figures.errors.is_empty() && told.checked.faults.is_empty();
        say(&if self.folder.json { format!("{}\n", told.as_json(&self)) } else { told.as_text(&self) })?;
        Ok(good)
    }
}

/// Processor time taken so far.
pub(in crate::cli::bench) fn taken(server: Option<&Server>) -> Processor {
    Processor { server: server.and_then(Server::processor), client: own_processor(), machine: machine_busy() }
}

/// The pace in words.
pub(in crate::cli::bench) fn in_words(pace: &Pace) -> String {
    match pace.rate {
        Rate::Max => format!("as fast as answered, {} connections", pace.connections),
        Rate::Of(rate) => format!("{rate} a second, {} connections; latency from when each was due", pace.connections),
    }
}

/// The pace for programs.
pub(in crate::cli::bench) fn rate_json(pace: &Pace) -> Value {
    match pace.rate {
        Rate::Max => json!("max"),
        Rate::Of(rate) => json!(rate),
    }
}

impl Told {
    fn as_text(&self, cast: &Cast) -> String {
        let Self { figures, checked, raw } = self;
        let mut text = format!("pace        {}\n{}", in_words(&cast.pace), figures.as_text("ballots"));
        text.push_str(&format!(
            "signatures  this machine alone checks {raw:.0} a second; the ballots are {:.0} % of that\n",
            figures.rate() / raw * 100.0
        ));
        text.push_str(&format!("receipts    {} hold\n", checked.good.len()));
        for (fault, count) in &checked.faults {
            text.push_str(&format!("receipts    {count} DO NOT HOLD: {fault}\n"));
        }
        text
    }

    fn as_json(&self, cast: &Cast) -> Value {
        let Self { figures, checked, raw } = self;
        let mut all = figures.as_json();
        let more = json!({
            "rate": rate_json(&cast.pace),
            "connections": cast.pace.connections,
            "raw_signatures_per_second": raw,
            "share_of_raw": figures.rate() / raw,
            "receipts": { "good": checked.good.len(), "faults": checked.faults },
        });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all
    }
}
