//! `sunvote admin`: what an operator does with a district's data as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, open, runtime};
use crate::store::db::{Db, Options};
use crate::store::objects::Objects;

/// Back up and restore.
#[derive(Debug, Args)]
pub(in crate::cli) struct Admin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Copy record, vault and documents into a folder while the server runs.
    Backup(Backup),
    /// Bring a backup into an empty database.
    Restore(Restore),
}

#[derive(Debug, Args)]
#[command(after_help = "The vault's rows stay encrypted under the vault key, which is in no backup: keep it apart.

Examples:
  sunvote admin backup /backup/2026-11-21
  sunvote admin backup --config /etc/sunvote/config.toml /backup/2026-11-21")]
struct Backup {
    /// The folder; made, or empty.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
#[command(after_help = "Copy the vault key to its place first, and run `sunvote rebuild` afterwards.

Examples:
  sunvote admin restore /backup/2026-11-21 && sunvote rebuild")]
struct Restore {
    /// The backup's folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

impl Admin {
    /// Carries the command out.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
        }
    }
}

impl Backup {
    fn run(self) -> Result<(), Failure> {
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
    fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        config.settle_origin()?;
        runtime()?.block_on(async {
            let db = Db::open(&config.database(), Options::default()).await?;
            let objects = Objects::folder(&config.data_dir.join("documents"))?;
            let copied = db.restore(&objects, &self.folder).await?;
            println!("{} rows and {} documents restored; now run `sunvote rebuild`", copied.rows, copied.documents);
            db.close().await;
            Ok(())
        })
    }
}
