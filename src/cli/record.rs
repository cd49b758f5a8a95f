//! `sunvote export` and `sunvote rebuild`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::TryStreamExt as _;
use indicatif::ProgressBar;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::projection;
use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, hold, open, runtime};
use crate::core::ids::VillageCode;
use crate::log::verify::law::Law;
use crate::log::verify::papers::Papers;
use crate::log::verify::{Options, verify};

/// Write a village's record, as anyone may download it, into a file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote export 331102001206                      to 331102001206.sunvote
  sunvote export 331102001206 --output - | gzip    to standard output
  sunvote export --all --output records/           every village, one file each
  sunvote export 331102001206 --documents --output hall/
                                                   record and public documents, for `sunvote verify hall/`")]
pub(in crate::cli) struct Export {
    /// The village's code, 12 digits.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    village: Option<VillageCode>,
    /// Every village.
    #[arg(long)]
    all: bool,
    /// The public documents too, each with its salt, so that whoever has the folder checks them with the record.
    #[arg(long, requires = "output", conflicts_with = "all")]
    documents: bool,
    /// The file to write, `-` for standard output; with --all or --documents a folder.
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
                (Some(village), Some(folder)) if self.documents => with_documents(&app, village, folder).await,
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

/// `record.sunvote`, and in `documents/` each public document that it names and that is on hand, as salt and bytes.
async fn with_documents(app: &App, village: VillageCode, folder: &Path) -> Result<(), Failure> {
    let (record, documents) = (folder.join("record.sunvote"), folder.join("documents"));
    std::fs::create_dir_all(&documents)?;
    to_file(app, village, &record).await?;
    let mut papers = Papers::beside(Law::new(None));
    verify(BufReader::new(File::open(&record)?), &mut papers, &Options::default(), |_| {});
    for name in papers.public().collect::<Vec<_>>() {
        let content = match app.document(village, name).await {
            Ok((_, content)) => content,
            Err(AppError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(content) = content {
            std::fs::write(documents.join(name.to_string()), [&content.salt[..], &content.bytes].concat())?;
        }
    }
    Ok(())
}

async fn to_file(app: &App, village: VillageCode, path: &Path) -> Result<(), Failure> {
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
