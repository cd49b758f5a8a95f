//! `sunvote admin district`, `release` and `recover`: the district's own log.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::app::fetch::Client;
use crate::cli::Failure;
use crate::cli::admin::import::read;
use crate::cli::opened::{ConfigFile, hold, open, runtime};
use crate::core::ids::DistrictCode;
use crate::http::assets;
use crate::log::district::release_text;

/// Longest wait for one part of a witness's copy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Print the verifier keys of the district's log, for readers and witnesses to pin.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote admin district
  sunvote admin district | sed 's/^/log /' >> witnesses.policy")]
pub(in crate::cli) struct District {
    #[command(flatten)]
    config: ConfigFile,
}

impl District {
    /// Prints a line for each district.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let heads = app.db().read("districts", |tx| Box::pin(tx.districts())).await;
            for head in heads.map_err(crate::app::error::AppError::Store)? {
                if let Some(key) = app.district_verifier(head.district).await? {
                    println!("{key}");
                }
            }
            app.stop().await;
            Ok(())
        })
    }
}

/// Print which files this program serves to browsers, as the text of a release for its offline key to sign.
#[derive(Debug, Args)]
#[command(after_help = "The text is the same for everyone who builds this version. Carry it to the release key.

Examples:
  sunvote admin files > release.txt")]
pub(in crate::cli) struct Files {}

impl Files {
    /// Prints the text.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        print!("{}", release_text(env!("CARGO_PKG_VERSION"), &assets::all().released()));
        Ok(())
    }
}

/// Put on the district's log which files a version of the pages' programs consists of, as its offline key signed it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote admin files > release.txt
  sunvote root release release.root release.txt --name release.liandu.example -o release.note
  sunvote admin release 331102 release.note")]
pub(in crate::cli) struct Release {
    /// The district's code, 6 digits.
    district: DistrictCode,
    /// The signed note.
    #[arg(value_name = "NOTE")]
    note: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

impl Release {
    /// Adds the leaf.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let (config, note) = (self.config.load()?, read(&self.note)?);
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let added = app.add_release(self.district, note).await;
            app.stop().await;
            Ok(added?)
        })
    }
}

/// Bring back from a witness's copy what an old backup lacks.
#[derive(Debug, Args)]
#[command(
    after_help = "Every entry and checkpoint is compared with what this district's own key has signed. Openings of ballots are in no copy.

Examples:
  sunvote admin restore /backup/2026-11-21 && sunvote admin recover 331102 --from https://inspector.example/log && sunvote rebuild"
)]
pub(in crate::cli) struct Recover {
    /// The district's code, 6 digits.
    district: DistrictCode,
    /// Address of the witness's copy of the logs.
    #[arg(long, value_name = "ADDRESS")]
    from: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Recover {
    /// Takes over what is missing.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let _alone = hold(&config)?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let recovered = app.recover(&Client::new(PATIENCE), &self.from, self.district).await;
            app.stop().await;
            let recovered = recovered?;
            println!(
                "{} leaves and {} entries brought back; now run `sunvote rebuild`",
                recovered.leaves, recovered.entries
            );
            Ok(())
        })
    }
}
