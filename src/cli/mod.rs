//! The command line: thin commands over the layers below. Without the feature `server` only
//! what checks (`verify`, `receipt`, `evidence`) is there, and with `root` what the district's root keys need.

#[cfg(feature = "server")]
mod admin;
#[cfg(feature = "server")]
mod bench;
#[cfg(feature = "server")]
mod copy;
#[cfg(feature = "server")]
mod demo;
mod evidence;
#[cfg(feature = "server")]
mod opened;
mod output;
#[cfg(feature = "server")]
mod reach;
mod receipt;
#[cfg(feature = "server")]
mod record;
#[cfg(feature = "root")]
mod root;
#[cfg(feature = "root")]
mod secret;
#[cfg(feature = "server")]
mod serve;
mod verify;
#[cfg(feature = "server")]
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sunvote: village decisions in six open steps, on a record that anyone can check.
#[derive(Debug, Parser)]
#[command(name = "sunvote", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a village's record: bytes, signatures, law, results.
    Verify(verify::Verify),
    /// Check a receipt off line: an entry's place in its village's log, and that log's in the district's.
    Receipt(receipt::ReceiptCommand),
    /// Make and judge files that prove that a log signed two histories.
    Evidence(evidence::EvidenceCommand),
    /// Run the server of a district.
    #[cfg(feature = "server")]
    Serve(serve::Serve),
    /// Run a demo district with invented people.
    #[cfg(feature = "server")]
    Demo(demo::Demo),
    /// Write a village's record, as anyone may download it, into a file.
    #[cfg(feature = "server")]
    Export(record::Export),
    /// Make every derived table anew from the records.
    #[cfg(feature = "server")]
    Rebuild(record::Rebuild),
    /// Copy a district's database into another, of either engine.
    #[cfg(feature = "server")]
    Copy(copy::Copy),
    /// Found villages, import people, keep officials; back up and restore.
    #[cfg(feature = "server")]
    Admin(admin::Admin),
    /// Watch a district from a machine of one's own: cosign, judge every record, raise alarms.
    #[cfg(feature = "server")]
    Witness(witness::Witness),
    /// Find out, before a voting day, how many ballots a second this machine takes in: with villages of its own.
    #[cfg(feature = "server")]
    Bench(bench::Bench),
    /// Make a district's root key and sign with it, on a machine without network.
    #[cfg(feature = "root")]
    Root(root::Root),
}

/// Why a command did not do its work: for people, on standard error.
#[cfg(feature = "root")]
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Entry point of the program.
#[must_use]
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Verify(verify) => verify.run(),
        Command::Receipt(receipt) => receipt.run(),
        Command::Evidence(evidence) => evidence.run(),
        #[cfg(feature = "server")]
        Command::Serve(serve) => exit(serve.run()),
        #[cfg(feature = "server")]
        Command::Demo(demo) => exit(demo.run()),
        #[cfg(feature = "server")]
        Command::Export(export) => exit(export.run()),
        #[cfg(feature = "server")]
        Command::Rebuild(rebuild) => exit(rebuild.run()),
        #[cfg(feature = "server")]
        Command::Copy(copy) => exit(copy.run()),
        #[cfg(feature = "server")]
        Command::Admin(admin) => exit(admin.run()),
        #[cfg(feature = "server")]
        Command::Witness(witness) => witness.run(),
        #[cfg(feature = "server")]
        Command::Bench(bench) => bench.run(),
        #[cfg(feature = "root")]
        Command::Root(root) => exit(root.run()),
    }
}

#[cfg(feature = "root")]
fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sunvote: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_arguments_agree_with_one_another() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn walk(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let shown = help.contains("sunvote ") || command.get_subcommands().next().is_some();
            assert!(shown, "`{}` shows no example", command.get_name());
            command.get_subcommands().for_each(walk);
        }
        walk(&Arguments::command());
    }
}
