//! The `sunvote` program: parses the command line and hands over to `sunvote::cli`.

use std::process::ExitCode;

#[cfg(feature = "server")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sunvote::cli::main()
}
