//! The program as a person runs it: its output and exit codes.

mod bench;
mod copy;
mod district;
mod evidence;
mod export;
mod found;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "only the store's own tests let a server crash")]
mod postgres;
mod receipt;
mod serve;
mod verify;
mod webhooks;
mod witness;

use std::process::Command;

/// The program, without settings from the environment of whoever runs the tests.
fn sunvote() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunvote"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SUNVOTE_")) {
        command.env_remove(name);
    }
    command
}
