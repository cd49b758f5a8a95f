//! The command line: thin commands over the layers below.

use std::process::ExitCode;

/// Entry point of the program.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
