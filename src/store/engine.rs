//! The two engines and how each is opened.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::store::error::StoreError;
use crate::store::fault::FaultPlan;
use crate::store::plans::Plans;
use crate::store::presence::{Presence, Use};
use crate::store::schema;
use crate::store::sql::STATEMENTS;

/// Rows that wait for their reader before `SQLite` stops to read more: a page of entries or leaves, and the one that ends it.
const ROWS_AHEAD: usize = 257;
/// Part of the connections to `PostgreSQL` that only read: pages that take long never keep a ballot waiting for a connection.
const READERS: u32 = 2;

/// Memory for pages of the one connection that writes to `SQLite`, in kilobytes.
const WRITER_KILOBYTES: u32 = 64 * 1024;
/// Pages in the write-ahead log after which `SQLite` copies them into the file: what many commits change in a row is copied
/// once. 64 MB.
const WAL_PAGES: u32 = 16 * 1024;

/// `SQLite` has one writing connection, so that writers queue in the process and never find the file locked by one another.
#[derive(Clone, Debug)]
pub(in crate::store) enum Engine {
    /// `keeper` copies the write-ahead log into the file beside the writer.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        keeper: SqlitePool,
    },
    Postgres {
        writers: PgPool,
        readers: PgPool,
    },
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most connections: readers beside the one writer on `SQLite`, all connections on `PostgreSQL`.
    pub connections: u32,
    /// How long a statement waits for a lock that another process or transaction holds.
    pub lock_wait: Duration,
    /// How long a caller waits for a free connection before the store counts as unavailable.
    pub queue_wait: Duration,
    /// Most pages of the `SQLite` file; `None` for as many as the disk takes. Only tests of a full disk set it.
    pub sqlite_pages: Option<u32>,
    /// Planned failures; only tests plan any.
    pub faults: FaultPlan,
    /// Where plans of queries are noted; only tests look at them.
    pub plans: Plans,
    /// Whether a missing `SQLite` file is made.
    pub make: bool,
    /// Beside others or alone.
    pub how: Use,
}

impl Default for Options {
    fn default() -> Self {
        let (lock_wait, queue_wait) = (Duration::from_secs(2), Duration::from_secs(10));
        let (faults, plans) = (FaultPlan::default(), Plans::default());
        Self { connections: 8, lock_wait, queue_wait, sqlite_pages: None, faults, plans, make: true, how: Use::Untold }
    }
}

pub(in crate::store) async fn open_sqlite(
    base: SqliteConnectOptions,
    options: &Options,
) -> Result<(Engine, Option<Presence>), StoreError> {
    if !options.make && !base.get_filename().exists() {
        return Err(StoreError::unavailable(&format!("there is no {}", base.get_filename().display())));
    }
    let presence = Presence::of_file(base.get_filename(), options.how)?;
    make_private(base.get_filename())?;
    // Each connection's thread hands rows over one by one: with less room it would stop and wait within a page of them.
    let mut base = base.foreign_keys(true).busy_timeout(options.lock_wait).row_buffer_size(ROWS_AHEAD);
    base = base.statement_cache_capacity(STATEMENTS);
    if let Some(pages) = options.sqlite_pages {
        base = base.pragma("max_page_count", pages.to_string());
    }
    let writing = base
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // WAL with FULL: each commit is synced before it returns.
        .synchronous(SqliteSynchronous::Full)
        // A batch of many villages' ballots changes more pages than the 2 MB that are kept by default.
        .pragma("cache_size", format!("-{WRITER_KILOBYTES}"))
        // What undoes a failed statement stays in memory: else each transaction makes a file for it.
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", WAL_PAGES.to_string());
    // A file of one's own doesn't hang up: no connection is asked before each use whether it is still there, which would be
    // one more way to its thread and back.
    let pool = || SqlitePoolOptions::new().acquire_timeout(options.queue_wait).test_before_acquire(false);
    let keeper = pool().max_connections(1).connect_lazy_with(base.clone().synchronous(SqliteSynchronous::Full));
    // A commit that SQLite itself undid, on a full disk, leaves sqlx counting a transaction that is none: such a connection is closed,
    // or nothing could be written through it any more.
    let writer = pool().max_connections(1).after_release(|writer, _| {
        let usable = !writer.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    });
    let writer = writer.connect_with(writing).await?;
    schema::sqlite().run(&writer).await.map_err(migration_error)?;
    let readers = pool().max_connections(options.connections.max(1)).connect_with(base.read_only(true)).await?;
    Ok((Engine::Sqlite { writer, readers, keeper }, presence))
}

/// Makes a missing file that only its owner reads, before `SQLite` would make one for all; the files beside it get its mode.
fn make_private(file: &Path) -> Result<(), StoreError> {
    let mut made = File::options();
    made.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut made, 0o600);
    match made.open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::unavailable(&error)),
        _ => Ok(()),
    }
}

pub(in crate::store) async fn open_postgres(
    url: &str,
    options: &Options,
) -> Result<(Engine, Option<Presence>), StoreError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Address(error.to_string()))?
        .application_name("sunvote")
        .statement_cache_capacity(STATEMENTS)
        // A commit that waits for a standby is not to be cut short: the server would call it done.
        .options([("lock_timeout", options.lock_wait.as_millis().to_string()), ("statement_timeout", "0".to_owned())])
        // A session whose network is gone lives on at the server, with its locks, until that is noticed.
        .options([("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3")]);
    let presence = Presence::of_server(&connect, options.how).await?;
    let mut first = connect.connect().await.map_err(|error| StoreError::unavailable(&error))?;
    durable(&mut first).await?;
    schema::postgres().run(&mut first).await.map_err(migration_error)?;
    // Closed by the server if it can't be closed properly.
    let _ = first.close().await;
    let pool = |most: u32| {
        // The primary may be another one by now, with settings of its own.
        let pool = PgPoolOptions::new().after_connect(|conn, _| {
            Box::pin(async move { durable(conn).await.map_err(|error| sqlx::Error::Protocol(error.to_string())) })
        });
        pool.acquire_timeout(options.queue_wait).max_connections(most.max(1)).connect_lazy_with(connect.clone())
    };
    let reading = options.connections / READERS;
    let (writers, readers) = (pool(options.connections - reading), pool(reading));
    Ok((Engine::Postgres { writers, readers }, presence))
}

/// Whether what a `PostgreSQL` server acknowledges is on disk.
///
/// # Errors
/// [`StoreError::Address`] where it isn't.
pub(in crate::store) async fn durable(conn: &mut PgConnection) -> Result<(), StoreError> {
    for setting in ["fsync", "synchronous_commit"] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut *conn).await?;
        if value == "off" {
            return Err(StoreError::Address(format!(
                "the PostgreSQL server runs with {setting} = off, so nothing it acknowledges is sure to be on disk; turn it on"
            )));
        }
    }
    Ok(())
}

fn migration_error(error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
            error.into()
        }
        error => StoreError::Damaged(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;

    use crate::store::engine::{Engine, Options, open_sqlite};

    /// WAL with synchronous = FULL (2) is what "acknowledged only after it is on disk" rests on; see
    /// <https://sqlite.org/pragma.html#pragma_synchronous>.
    #[tokio::test]
    async fn sqlite_syncs_each_commit_and_minds_foreign_keys() {
        let folder = tempfile::tempdir().unwrap();
        let file = SqliteConnectOptions::new().filename(folder.path().join("store.sqlite"));
        let (engine, _presence) = open_sqlite(file, &Options::default()).await.unwrap();
        let Engine::Sqlite { writer, readers, .. } = &engine else { panic!("a file is SQLite") };
        for (pragma, expected) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1)] {
            let value: i64 = sqlx::query_scalar(pragma).fetch_one(writer).await.unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(writer).await.unwrap();
        assert_eq!(mode, "wal");
        #[cfg(unix)]
        for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} is its owner's alone");
        }
        let written = sqlx::query("DELETE FROM villages").execute(readers).await;
        assert!(written.is_err(), "readers can't write");
    }
}
