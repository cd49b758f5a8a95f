//! The throw-away district of one rehearsal: database, papers and vault in a folder of their own, with the work that a server
//! does beside answering. The vault's key is in memory alone: what a crash leaves behind can't be opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use zeroize::Zeroizing;

use crate::app::demo::clock::DemoClock;
use crate::app::demo::load::{self, Loaded, enter_keys};
use crate::app::import::VillageRow;
use crate::app::projection::catch_up;
use crate::app::rehearsal::RehearsalError;
use crate::app::rehearsal::script::Written;
use crate::app::{App, Parts};
use crate::core::clock::Clock;
use crate::core::ids::SessionId;
use crate::store::db::{Db, Options};
use crate::store::objects::Objects;
use crate::store::vault::Vault;

/// How often it is looked for what the log itself must state.
const DUE_EVERY: Duration = Duration::from_secs(1);
/// Shortest time from one publication of checkpoints to the next.
const PUBLISHED_EVERY: Duration = Duration::from_secs(1);
/// Connections that read: one hall.
const CONNECTIONS: u32 = 4;

/// A rehearsal's district, open.
pub struct Stage {
    /// Its use cases.
    pub app: App,
    /// Its clock, which can be set ahead.
    pub clock: Arc<DemoClock>,
    /// The session in it.
    pub session: SessionId,
    folder: PathBuf,
    work: Vec<JoinHandle<()>>,
}

impl Stage {
    /// Puts a written record into a new folder and begins the work beside it.
    ///
    /// # Errors
    /// The folder's or the store's; the folder may be there in part then.
    pub async fn open(real: &App, row: &VillageRow, written: &Written, folder: &Path) -> Result<Self, RehearsalError> {
        std::fs::create_dir_all(folder)?;
        let clock = Arc::new(DemoClock::open(real.clock(), folder.join("clock"), None)?);
        let url = format!("sqlite:{}", folder.join("rehearsal.sqlite").display());
        let db = Db::open(&url, Options { connections: CONNECTIONS, ..Options::default() }).await?;
        let vault = Vault::new(&Zeroizing::new(real.random()));
        let objects = Objects::folder_unsynced(&folder.join("documents"))?;
        let app =
            App::start(Parts { db, vault, objects, clock: Arc::clone(&clock) as Arc<dyn Clock>, seed: real.random() });
        let stage = Self { app, clock, session: written.session, folder: folder.to_owned(), work: Vec::new() };
        match stage.fill(row, written).await {
            Ok(()) => Ok(stage.begin()),
            Err(error) => {
                stage.close().await;
                Err(error)
            }
        }
    }

    async fn fill(&self, row: &VillageRow, written: &Written) -> Result<(), RehearsalError> {
        let app = &self.app;
        let ready = load::seal(row, &written.scribe, app.vault(), &mut app.rng())?;
        load::write(app.db(), app.objects(), app.lives(), vec![ready], &mut Loaded::default()).await?;
        enter_keys(app, written.scribe.roots()).await?;
        catch_up(app.db(), app.vault(), app.lives()).await?;
        app.publish_due().await?;
        Ok(())
    }

    fn begin(mut self) -> Self {
        self.work = vec![tokio::spawn(keep_due(self.app.clone())), tokio::spawn(keep_published(self.app.clone()))];
        self
    }

    /// Ends all work, closes the database and wipes the folder.
    pub async fn close(&self) {
        self.app.growth().close();
        for task in &self.work {
            task.abort();
        }
        self.app.stop().await;
        self.app.db().close().await;
        wipe(&self.folder);
    }
}

/// Removes a rehearsal's folder with everything in it, if it is there.
pub fn wipe(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, folder = %folder.display(), "a rehearsal's folder could not be wiped");
        }
        _ => {}
    }
}

async fn keep_due(app: App) {
    let mut every = interval(DUE_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = app.run_due().await {
            tracing::warn!(%error, "what is due in a rehearsal could not be done");
        }
    }
}

async fn keep_published(app: App) {
    let told = |round: Result<_, _>| {
        if let Err(error) = round.map(|_: crate::app::publish::Round| ()) {
            tracing::warn!(%error, "a rehearsal's checkpoints could not be published");
        }
    };
    app.keep_publishing(PUBLISHED_EVERY, told).await;
}
