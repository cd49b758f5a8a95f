//! `sunvote admin`: what an operator does with a district's data as a whole.

mod backup;
mod district;
mod import;
mod law;
mod token;
mod user;

use clap::{Args, Subcommand};

use crate::cli::Failure;

/// Found villages, import people, keep officials; back up and restore.
#[derive(Debug, Args)]
pub(in crate::cli) struct Admin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take in villages.csv, officers.csv or people.csv: all of it or nothing.
    Import(import::Import),
    /// Put on record what the district's roots have signed.
    Accept(law::Accept),
    /// Prepare rule profiles, calendars and a catalogue for the roots to sign.
    Adopt(law::Adopt),
    /// List, enrol and end officials of townships and the district.
    User(user::User),
    /// Make a token for a program that reads what is not for everybody.
    Token(token::Token),
    /// Copy record, vault and documents into a folder while the server runs.
    Backup(backup::Backup),
    /// Bring a backup into an empty database.
    Restore(backup::Restore),
    /// Print the verifier keys of the district's log, for readers and witnesses to pin.
    District(district::District),
    /// Print which files this program serves to browsers, for the release key to sign.
    Files(district::Files),
    /// Put on the district's log which files a version of the pages' programs consists of.
    Release(district::Release),
    /// Bring back from a witness's copy what an old backup lacks.
    Recover(district::Recover),
}

impl Admin {
    /// Carries the command out.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(import) => import.run(),
            Command::Accept(accept) => accept.run(),
            Command::Adopt(adopt) => adopt.run(),
            Command::User(user) => user.run(),
            Command::Token(token) => token.run(),
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
            Command::District(district) => district.run(),
            Command::Files(files) => files.run(),
            Command::Release(release) => release.run(),
            Command::Recover(recover) => recover.run(),
        }
    }
}
