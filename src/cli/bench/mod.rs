//! `sunvote bench`: how many ballots and pages a second a machine bears, with villages, people and votes made for it. It
//! never touches a real district: it works in a folder of its own, which [`prepare`] makes, and in a database that held
//! no village before.

mod cast;
mod drive;
mod figures;
mod machine;
mod plan;
mod prepare;
mod read;
mod receipts;
mod sign;
mod verify;
mod villages;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::Failure;

/// Find out, before a voting day, how many ballots a second this machine takes in: with villages of its own.
#[derive(Debug, Args)]
pub(in crate::cli) struct Bench {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make villages with an open vote each, in a folder and a database of their own.
    Prepare(prepare::Prepare),
    /// Cast signed ballots over HTTP at a steady rate and check every receipt.
    Cast(cast::Cast),
    /// Ask for pages at a steady rate.
    Read(read::Read),
    /// Verify the records afterwards, and that every ballot that was acknowledged is in them.
    Verify(verify::Verify),
    /// Fill an empty database with invented villages, as many as a nation has.
    Villages(villages::Villages),
}

impl Bench {
    /// Runs the command. Exit code 0: all went well; 1: something was refused, failed or does not hold.
    pub(in crate::cli) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Prepare(prepare) => prepare.run().map(|()| true),
            Command::Cast(cast) => cast.run(),
            Command::Read(read) => read.run(),
            Command::Verify(verify) => verify.run(),
            Command::Villages(villages) => villages.run().map(|()| true),
        };
        match done {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("sunvote: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Where the load test's villages are.
#[derive(Debug, Args)]
struct Folder {
    /// The folder that `sunvote bench prepare` made.
    #[arg(long, value_name = "FOLDER", default_value = "bench")]
    folder: PathBuf,
    /// Answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// How requests are sent.
#[derive(Debug, Args)]
struct Pace {
    /// Requests a second: due at fixed moments, however slow the answers are; or `max`, each connection as fast as it is
    /// answered.
    #[arg(long, value_name = "NUMBER|max", default_value = "max")]
    rate: Rate,
    /// For how many seconds; at `max`, how many are prepared is said by --count.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// How many requests; without it, as many as rate and seconds make, and 20,000 at `max`.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    count: Option<u32>,
    /// Connections that are kept open.
    #[arg(long, value_name = "NUMBER", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Use the server that is running at the address already, instead of starting one.
    #[arg(long)]
    running: bool,
}

/// Requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rate {
    /// Each connection sends when it was answered.
    Max,
    /// So many a second, whatever the answers do.
    Of(f64),
}

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let rate = text.parse::<f64>().ok().filter(|rate| (0.1..=1_000_000.0).contains(rate));
        rate.map(Self::Of).ok_or_else(|| "a number from 0.1 to 1,000,000, or `max`".to_owned())
    }
}

/// Requests that are made where neither rate nor count says how many.
const AT_MAX: u32 = 20_000;
/// Most requests of one run: bounds memory, of which each takes some kilobytes.
const MOST: u32 = 2_000_000;

impl Pace {
    /// How many requests.
    fn count(&self) -> Result<usize, Failure> {
        let count = match (self.count, self.rate) {
            (Some(count), _) => count,
            (None, Rate::Max) => AT_MAX,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates, and is bounded below"
            )]
            (None, Rate::Of(rate)) => (rate * f64::from(self.seconds)).ceil() as u32,
        };
        match count {
            1..=MOST => Ok(count as usize),
            _ => Err(format!("{count} requests are too many for one run; the most are {MOST}").into()),
        }
    }
}
