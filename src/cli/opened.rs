//! What commands over a district's data have in common: settings, vault key, database, application.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::app::copied::opens;
use crate::app::{App, Member, Parts, cluster};
use crate::cli::Failure;
use crate::cli::secret::{seed, write_secret};
use crate::config::{Config, LogFormat};
use crate::core::clock::{Clock, Time};
use crate::store::db::{Db, Options};
use crate::store::objects::Objects;
use crate::store::presence::Use;
use crate::store::vault::Vault;

/// Where the settings are.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigFile {
    /// The settings file; see config.sample.toml.
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
}

impl ConfigFile {
    /// Reads the settings, with the environment on top.
    pub(in crate::cli) fn load(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.config, std::env::vars())?)
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that is handed down to everything else")]
        let ms = jiff::Timestamp::now().as_millisecond();
        // A machine whose clock stands before 1970 gets the earliest time there is, and the log refuses to go back.
        Time::from_ms(ms.max(0)).unwrap_or_else(|| Time::from_ms(0).expect("0 is in range"))
    }
}

/// The runtime that commands run on.
pub(in crate::cli) fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Writes log lines to standard error as the settings say.
pub(in crate::cli) fn start_logging(config: &Config) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.level)
        .map_err(|error| format!("log.level = \"{}\": {error}", config.log.level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => lines.json().flatten_event(true).init(),
        LogFormat::Text => lines.compact().init(),
    }
    Ok(())
}

/// Holds a data folder for one process that appends to records: a server keeps what it read in memory, and would not see
/// what another one adds. Ends with the process.
///
/// # Errors
/// When another process holds it.
pub(in crate::cli) fn hold(config: &Config) -> Result<File, Failure> {
    std::fs::create_dir_all(&config.data_dir)?;
    let path = config.data_dir.join("lock");
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("a server is running on {}; stop it first", config.data_dir.display()).into())
        }
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display()).into()),
    }
}

/// Opens database and documents, settling the public origin and making the vault key at the first start.
pub(in crate::cli) async fn open(config: &Config) -> Result<App, Failure> {
    open_at(config, Arc::new(MachineClock)).await
}

/// The same with another clock.
pub(in crate::cli) async fn open_at(config: &Config, clock: Arc<dyn Clock>) -> Result<App, Failure> {
    open_as(config, clock, Use::Shared).await
}

async fn open_as(config: &Config, clock: Arc<dyn Clock>, how: Use) -> Result<App, Failure> {
    let app = App::start(parts(config, clock, how).await?);
    // Only a server asks witnesses: after a restore nothing else may sign before it has.
    app.doubt_restored().await?;
    Ok(app)
}

/// What a server is told that would not hear of the others.
const SERVED: &str = "other servers are at work on this database; set cluster.address here, too";

/// The same for a server, which may be one of several.
pub(in crate::cli) async fn open_to_serve(config: &Config) -> Result<App, Failure> {
    let Some(address) = &config.cluster.address else {
        let app = open_as(config, Arc::new(MachineClock), Use::ServingAlone).await?;
        return if cluster::is_served(app.db()).await? { Err(SERVED.into()) } else { Ok(app) };
    };
    let parts = parts(config, Arc::new(MachineClock), Use::ServingAmong).await?;
    let (address, origin) = (address.to_string(), config.public_origin.to_string());
    let leases = Db::open(&config.database(), Options { connections: 1, ..Options::default() }).await?;
    let member = Member { leases, address, origin, sharded: config.cluster.sharded };
    let app = App::start_among(parts, member).await?;
    app.doubt_restored().await?;
    Ok(app)
}

async fn parts(config: &Config, clock: Arc<dyn Clock>, how: Use) -> Result<Parts, Failure> {
    config.settle_origin()?;
    let db = database_as(config, how).await?;
    let heads = db.read("heads", |tx| Box::pin(tx.heads(None, 1))).await?;
    // Of several servers each would make its own.
    let may_make = heads.is_empty() && config.cluster.address.is_none();
    let key = vault_key(&config.vault_key(), may_make)?;
    let vault = Vault::new(&key);
    // Before the servers agree on it, or the first with a wrong one would shut out the others.
    if !opens(&db, &vault).await? {
        return Err(wrong_key(&config.vault_key()));
    }
    let objects = Objects::folder(&config.documents())?;
    Ok(Parts { db, vault, objects, clock, seed: seed()? })
}

/// Opens a database beside the servers and commands that use it.
///
/// # Errors
/// The store's; and where a copy into it is under way or unfinished.
pub(in crate::cli) async fn database(config: &Config) -> Result<Db, Failure> {
    database_as(config, Use::Shared).await
}

async fn database_as(config: &Config, how: Use) -> Result<Db, Failure> {
    let db = Db::open(&config.database(), Options { how, ..Options::default() }).await?;
    if db.unfinished_copy().await? {
        return Err("a copy into this database was begun and has not ended; run the same `sunvote copy` again".into());
    }
    Ok(db)
}

/// What is told where a vault key opens nothing.
pub(in crate::cli) fn wrong_key(path: &Path) -> Failure {
    format!("{} is not the key that the vault of this database was sealed with", path.display()).into()
}

/// Reads the vault key, or makes it while there is nothing that another one could have sealed.
pub(in crate::cli) fn vault_key(path: &Path, may_make: bool) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut key = Zeroizing::new([0; 32]);
    match std::fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => {
            let wrong = |_| format!("{}: a vault key is 64 hexadecimal digits", path.display());
            hex::decode_to_slice(text.trim(), &mut *key).map_err(wrong)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_make => {
            *key = seed()?;
            write_secret(path, &Zeroizing::new(format!("{}\n", hex::encode(*key))))?;
        }
        Err(error) => {
            return Err(format!("{}: {error}; without the vault key the vault can't be read", path.display()).into());
        }
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::vault_key;

    #[test]
    fn a_vault_key_is_made_once_and_never_beside_data() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("vault.key");
        assert!(vault_key(&path, false).is_err(), "data that another key sealed");
        let made = vault_key(&path, true).expect("first start");
        assert_eq!(*vault_key(&path, false).expect("second start"), *made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
            assert_eq!(mode & 0o077, 0, "others can't read it");
        }
        std::fs::write(&path, "not a key").expect("written");
        assert!(vault_key(&path, true).is_err());
    }
}
