//! `sunvote admin token`: a token for a program that reads what is not for everybody.

use clap::Args;

use crate::app::programs::{Reads, token};
use crate::cli::Failure;
use crate::cli::secret::seed;
use crate::core::clock::Date;

/// Make a token for a program; it is shown this once, and the server is told its SHA-256 alone.
#[derive(Debug, Args)]
#[command(
    after_help = "The token goes to the program's people on the first line, what the server is told on the others.

Examples:
  sunvote admin token commission-app --place 331102 --reads warnings --until 2027-11-30"
)]
pub(in crate::cli) struct Token {
    /// What the program is called: a-z, 0-9 and -.
    name: String,
    /// Whose villages: 6, 9 or 12 digits.
    #[arg(long)]
    place: String,
    /// What it may read.
    #[arg(long, required = true, value_delimiter = ',')]
    reads: Vec<Reads>,
    /// The last day on which it may.
    #[arg(long)]
    until: Date,
}

impl Token {
    /// Prints the token and the lines for the file.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let (token, digest) = token(seed()?);
        let Self { name, place, reads, until } = self;
        let reads: Vec<String> = reads.iter().map(|what| format!("\"{what}\"")).collect();
        eprintln!("The token, shown this once:");
        println!("{}", *token);
        eprintln!("For the file that programs.file names:");
        println!(
            "\n[[program]]\nname = \"{name}\"\ntoken_sha256 = \"{digest}\"\nplace = \"{place}\"\nreads = [{}]\nuntil = \"{until}\"",
            reads.join(", ")
        );
        Ok(())
    }
}
