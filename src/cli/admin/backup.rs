//! `sunvote admin backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, database, hold, open, runtime};
use crate::store::objects::Objects;

/// Copy record, vault and documents into a folder while the server runs.
#[derive(Debug, Args)]
#[command(after_help = "The vault's rows stay encrypted under the vault key, which is in no backup: keep it apart.

Examples:
  sunvote admin backup /backup/2026-11-21
  sunvote admin backup --config /etc/sunvote/config.toml /backup/2026-11-21")]
pub(in crate::cli) struct Backup {
    /// The folder; made, or empty.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

/// Bring a backup into an empty database.
#[derive(Debug, Args)]
#[command(after_help = "Copy the vault key to its place first, and run `sunvote rebuild` afterwards.

Examples:
  sunvote admin restore /backup/2026-11-21 && sunvote rebuild")]
pub(in crate::cli) struct Restore {
    /// The backup's folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

impl Backup {
    /// Copies.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let copied = app.db().backup(app.objects(), &self.folder).await?;
            println!("{} rows and {} documents are in {}", copied.rows, copied.documents, self.folder.display());
            app.stop().await;
            Ok(())
        })
    }
}

impl Restore {
    /// Brings back.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        config.settle_origin()?;
        let _alone = hold(&config)?;
        runtime()?.block_on(async {
            let db = database(&config).await?;
            let objects = Objects::folder(&config.documents())?;
            let copied = db.restore(&objects, &self.folder).await?;
            println!("{} rows and {} documents restored; now run `sunvote rebuild`", copied.rows, copied.documents);
            db.close().await;
            Ok(())
        })
    }
}
