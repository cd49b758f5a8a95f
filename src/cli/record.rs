//! `sunvote export` and `sunvote rebuild`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use futures_util::TryStreamExt as _;
use indicatif::ProgressBar;

use crate::app::App;
use crate::app::projection;
use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, hold, open, runtime};
use crate::core::ids::VillageCode;

/// Write a village's record, as anyone may download it, into a file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote export 331102001206                      to 331102001206.sunvote
  sunvote export 331102001206 --output - | gzip    to standard output
  sunvote export --all --output records/           every village, one file each")]
pub(in crate::cli) struct Export {
    /// The village's code, 12 digits.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    village: Option<VillageCode>,
    /// Every village.
    #[arg(long)]
    all: bool,
    /// The file to write, `-` for standard output; with --all a folder.
    #[arg(long, short, value_name = "FILE|FOLDER")]
    output: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
}

impl Export {
    /// Writes the record or records.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let done = match (self.village, &self.output) {
                (Some(village), Some(output)) if output.as_os_str() == "-" => {
                    write(&app, village, std::io::stdout().lock()).await
                }
                (Some(village), output) => {
                    let named = PathBuf::from(format!("{village}.sunvote"));
                    to_file(&app, village, output.as_ref().unwrap_or(&named)).await
                }
                (None, output) => to_folder(&app, output.clone().unwrap_or_else(|| PathBuf::from("."))).await,
            };
            app.stop().await;
            done
        })
    }
}

async fn to_folder(app: &App, folder: PathBuf) -> Result<(), Failure> {
    std::fs::create_dir_all(&folder)?;
    let villages = app.villages().await?;
    let bar = ProgressBar::new(villages.len() as u64);
    for village in villages {
        to_file(app, village, &folder.join(format!("{village}.sunvote"))).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

async fn to_file(app: &App, village: VillageCode, path: &PathBuf) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    write(app, village, BufWriter::new(file)).await
}

async fn write(app: &App, village: VillageCode, mut out: impl Write) -> Result<(), Failure> {
    let mut pieces = app.export(village).await?;
    while let Some(piece) = pieces.try_next().await? {
        out.write_all(&piece)?;
    }
    Ok(out.flush()?)
}

/// Make every derived table anew from the records.
#[derive(Debug, Args)]
#[command(after_help = "Pages come from derived tables; the record is what is believed. Stop the server first.

Examples:
  sunvote rebuild
  sunvote rebuild --village 331102001206")]
pub(in crate::cli) struct Rebuild {
    /// This village only.
    #[arg(long, value_name = "CODE")]
    village: Option<VillageCode>,
    #[command(flatten)]
    config: ConfigFile,
}

impl Rebuild {
    /// Rebuilds.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let _alone = hold(&config)?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let villages = match self.village {
                Some(village) => vec![village],
                None => app.villages().await?,
            };
            let bar = ProgressBar::new(villages.len() as u64);
            for village in &villages {
                projection::rebuild(app.db(), app.vault(), app.lives(), *village).await?;
                bar.inc(1);
            }
            bar.finish_and_clear();
            println!("rebuilt {} village(s)", villages.len());
            app.stop().await;
            Ok(())
        })
    }
}
