//! `sunvote bench villages`: a database with as many villages as a nation has, to be served and looked at.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::demo::nation::{ALL, Nation};
use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, hold, open, runtime, start_logging};
use crate::core::clock::DAY_MS;

/// Fixes every key and name.
const SEED: u64 = 1;

/// Fill an empty database with invented villages, as many as a nation has.
///
/// Each gets a lawful founding under real keys, its log's key in the vault, its name and its tables, and is published in its
/// district's log. Nothing of it is anybody's. Takes some minutes and about 3 GB for all of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote bench villages --config nation.toml
  sunvote bench villages --config nation.toml --count 5000 && sunvote serve --config nation.toml")]
pub(in crate::cli) struct Villages {
    #[command(flatten)]
    config: ConfigFile,
    /// How many villages.
    #[arg(long, value_name = "NUMBER", default_value_t = ALL, value_parser = RangedU64ValueParser::<usize>::new().range(1..=ALL as u64))]
    count: usize,
}

impl Villages {
    /// Founds them all.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        start_logging(&config)?;
        let _alone = hold(&config)?;
        let bar = ProgressBar::new(self.count as u64);
        let style = "{elapsed_precise} {bar:40} {human_pos} of {human_len} villages, {per_sec}";
        bar.set_style(ProgressStyle::with_template(style)?);
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let nation = Nation::new(SEED, config.public_origin.authority(), app.now().plus_ms(-DAY_MS));
            app.settle_nation(&nation, self.count, |done| bar.set_position(done as u64)).await?;
            app.stop().await;
            app.db().close().await;
            bar.finish();
            println!("{} villages in {:.1} s", self.count, bar.elapsed().as_secs_f64());
            Ok(())
        })
    }
}
