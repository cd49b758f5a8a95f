//! The database: which engine, how it is opened, and the two ways in, `write` and `read`.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

pub use crate::store::engine::Options;
use crate::store::engine::{Engine, open_postgres, open_sqlite};
use crate::store::error::{Sort, StoreError, sort};
use crate::store::fault::FaultPlan;
use crate::store::plans::Plans;
use crate::store::presence::Presence;
use crate::store::tx::{Conn, Tx};

/// How often a transaction is tried when other writers are in its way.
const MOST_TRIES: u32 = 5;
/// Pause before the second try; doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// Transactions of one server that write to `PostgreSQL` side by side: while some wait for the disk, others are at work.
const POSTGRES_WRITERS: usize = 4;
/// An open database. Cheap to clone; all clones share connections and counters.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    faults: FaultPlan,
    plans: Plans,
    counters: Arc<Mutex<BTreeMap<&'static str, Counter>>>,
    presence: Arc<tokio::sync::Mutex<Option<Presence>>>,
}

/// What was counted for one named transaction since the database was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Calls, however they ended.
    pub count: u64,
    /// Calls that ended in an error, the caller's own refusals included.
    pub failures: u64,
    /// Tries beyond the first.
    pub retries: u64,
    /// Microseconds spent, summed over all calls.
    pub micros: u64,
}

impl Db {
    /// Opens `sqlite:///path/to/file` (made if missing) or `postgres://…` and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any other URL, or a `PostgreSQL` server that would acknowledge before data is on disk;
    /// [`StoreError::Unavailable`] when the database can't be opened; [`StoreError::InUse`] when others use it and this one
    /// wants it alone, or the other way round.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        let (engine, presence) = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => {
                let base =
                    SqliteConnectOptions::from_str(url).map_err(|error| StoreError::Address(error.to_string()))?;
                // SQLite takes an empty name or :memory: for a database that is gone when closed.
                let lasting = !base.get_filename().as_os_str().is_empty()
                    && !url.contains(":memory:")
                    && !url.contains("mode=memory");
                if !lasting {
                    return Err(StoreError::Address("the database URL names no file".to_owned()));
                }
                open_sqlite(base, &options).await?
            }
            Some("postgres" | "postgresql") => open_postgres(url, &options).await?,
            _ => return Err(StoreError::Address("the database URL begins with sqlite: or postgres:".to_owned())),
        };
        let presence = Arc::new(tokio::sync::Mutex::new(presence));
        Ok(Self { engine, faults: options.faults, plans: options.plans, counters: Arc::default(), presence })
    }

    /// Opens a `SQLite` file, made if missing.
    ///
    /// # Errors
    /// See [`Db::open`].
    pub async fn open_file(file: &Path, options: Options) -> Result<Self, StoreError> {
        let (engine, presence) = open_sqlite(SqliteConnectOptions::new().filename(file), &options).await?;
        let presence = Arc::new(tokio::sync::Mutex::new(presence));
        Ok(Self { engine, faults: options.faults, plans: options.plans, counters: Arc::default(), presence })
    }

    /// Whether a database has our tables and a village in them, without changing anything in it, not even its tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database can't be opened; [`StoreError::Address`].
    pub async fn holds_villages(url: &str) -> Result<bool, StoreError> {
        const ANY: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM villages LIMIT 1) AS any_village";
        let bad = |error: sqlx::Error| StoreError::Address(error.to_string());
        if url.starts_with("sqlite:") {
            let base = SqliteConnectOptions::from_str(url).map_err(bad)?.read_only(true);
            if !base.get_filename().exists() {
                return Ok(false);
            }
            let mut one = base.connect().await?;
            let tables = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'villages'";
            let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut one).await?;
            return Ok(tables > 0 && sqlx::query_scalar::<_, i64>(ANY).fetch_one(&mut one).await? > 0);
        }
        let one = PgConnectOptions::from_str(url).map_err(bad)?.connect().await;
        let mut one = one.map_err(|error| StoreError::unavailable(&error))?;
        let table: Option<String> =
            sqlx::query_scalar("SELECT to_regclass('villages')::text").fetch_one(&mut one).await?;
        Ok(table.is_some() && sqlx::query_scalar::<_, i64>(ANY).fetch_one(&mut one).await? > 0)
    }

    /// Closes all connections; running transactions end first.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { writer, readers, keeper } => {
                keeper.close().await;
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { writers, readers } => {
                readers.close().await;
                writers.close().await;
            }
        }
        if let Some(presence) = self.presence.lock().await.take() {
            presence.end().await;
        }
    }

    /// Whether this database has been held as it was opened, without a break: what a copy rests on at its end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the session that held it was cut, and others may have come in.
    pub async fn was_held(&self) -> Result<(), StoreError> {
        let mut presence = self.presence.lock().await;
        let Some(presence) = &mut *presence else { return Ok(()) };
        let cut = || StoreError::unavailable(&"the session that kept others out was cut off");
        if presence.lasts().await { Ok(()) } else { Err(cut()) }
    }

    /// Holds this database again as it was opened, where the session that held it was cut off. For a server, now and then.
    ///
    /// # Errors
    /// [`StoreError::InUse`] and [`StoreError::Served`] when others have it now in a way that can't be beside this one,
    /// [`StoreError::Address`] when the server would acknowledge before data is on disk: then nothing more may be written.
    /// [`StoreError::Unavailable`] when it can't be told yet.
    pub async fn hold_again(&self) -> Result<(), StoreError> {
        match &mut *self.presence.lock().await {
            Some(presence) => presence.hold_again().await,
            None => Ok(()),
        }
    }

    /// How many transactions can write side by side to some use: on `SQLite` they follow one another.
    #[must_use]
    pub fn writers(&self) -> usize {
        match &self.engine {
            Engine::Sqlite { .. } => 1,
            Engine::Postgres { .. } => POSTGRES_WRITERS,
        }
    }

    /// Under load, now and then: copies what was committed into the file, beside the writer, who would else stop for it when the
    /// write-ahead log is full. Nothing on `PostgreSQL`, which does so by itself.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; what was committed stays in the log.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        if let Engine::Sqlite { keeper, .. } = &self.engine {
            sqlx::raw_sql("PRAGMA wal_checkpoint(PASSIVE)").execute(keeper).await?;
        }
        Ok(())
    }

    /// Runs `work` in one durable transaction, named for the counters:
    /// `db.write("append", |tx| Box::pin(tx.append_batch(&batch)))`, or `|tx| Box::pin(async move { … })` for several steps.
    ///
    /// Tried again, a bounded number of times, only when another writer was in the way; `work` must therefore have no
    /// effect outside its transaction. When this returns `Ok`, everything is on disk.
    ///
    /// On `SQLite` writers follow one another. On `PostgreSQL` they run side by side (READ COMMITTED): before writing what
    /// depends on something read, lock the village with [`Tx::lock_head`], or say the condition in the statement itself.
    ///
    /// # Errors
    /// What `work` returns, after which nothing was written; else a [`StoreError`].
    pub async fn write<'a, T, E, F>(&'a self, name: &'static str, mut work: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let started = stopwatch();
        let mut tries = 1;
        let result = loop {
            match self.write_once(&mut work).await {
                (Err(_), true) if tries < MOST_TRIES => {
                    pause(FIRST_PAUSE * 2_u32.pow(tries - 1)).await;
                    tries += 1;
                }
                (result, _) => break result,
            }
        };
        self.count(name, started, tries, result.is_err());
        result
    }

    /// Runs `work` on one unchanging view of the database, named for the counters.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError::Unavailable`].
    pub async fn read<'a, T, E, F>(&'a self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let started = stopwatch();
        let result = match self.begin_read().await {
            Ok(mut tx) => work(&mut tx).await,
            Err(error) => Err(error.into()),
        };
        self.count(name, started, 1, result.is_err());
        result
    }

    /// What was counted since opening, by name of transaction.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<&'static str, Counter> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it doesn't.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read("ping", |tx| Box::pin(async { tx.row("SELECT 1 AS one", vec![]).await.map(|_| ()) })).await
    }

    /// One try: the result, and whether another try may end better.
    async fn write_once<'a, T, E, F>(&'a self, work: &mut F) -> (Result<T, E>, bool)
    where
        F: for<'t> FnMut(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let mut tx = match self.begin_write().await {
            Ok(tx) => tx,
            Err(error) => {
                let busy = sort(&error) == Sort::Busy;
                return (Err(StoreError::from(error).into()), busy);
            }
        };
        let ended = async move {
            match work(&mut tx).await {
                Ok(value) => match tx.commit().await {
                    Ok(()) => (Ok(value), false),
                    Err((error, busy)) => (Err(error.into()), busy),
                },
                Err(error) => {
                    let busy = tx.busy;
                    // Waited for, so that the next try or caller finds no trace; should it fail, the connection is given up
                    // and the database rolls back by itself.
                    let _ = tx.rollback().await;
                    (Err(error), busy)
                }
            }
        };
        if matches!(self.engine, Engine::Sqlite { .. }) && on_a_worker() {
            // Everyone who writes waits for this transaction: between its statements it does not queue behind other tasks.
            block_in_place(|| Handle::current().block_on(ended))
        } else {
            ended.await
        }
    }

    pub(in crate::store) async fn begin_write(&self) -> Result<Tx<'_>, sqlx::Error> {
        let conn = match &self.engine {
            // Takes the write lock at once: a plain BEGIN would fail when a read is followed by a write.
            Engine::Sqlite { writer, .. } => Conn::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres { writers, .. } => Conn::Postgres(writers.begin().await?),
        };
        Ok(Tx::new(conn, self.faults.clone(), self.plans.clone()))
    }

    pub(in crate::store) async fn begin_read(&self) -> Result<Tx<'_>, StoreError> {
        let conn = match &self.engine {
            Engine::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
            Engine::Postgres { readers, .. } => {
                Conn::Postgres(readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx::new(conn, self.faults.clone(), self.plans.clone()))
    }

    fn count(&self, name: &'static str, started: tokio::time::Instant, tries: u32, failed: bool) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counters.entry(name).or_default();
        counter.count += 1;
        counter.failures += u64::from(failed);
        counter.retries += u64::from(tries - 1);
        counter.micros += u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    }
}

/// Whether this is a spawned task on a runtime with several threads. Elsewhere nothing may block: a `block_on` within another one on
/// the same thread takes wake-ups that the outer one waits for.
fn on_a_worker() -> bool {
    tokio::task::try_id().is_some() && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread
}

#[expect(clippy::disallowed_methods, reason = "measures how long a transaction takes; decides nothing")]
fn stopwatch() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the other writer's end is not announced to us")]
async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

#[cfg(test)]
mod tests {
    use crate::store::db::{Db, Options};
    use crate::store::error::StoreError;

    /// What `SQLite` does by itself when the disk is full at a commit.
    #[tokio::test]
    async fn it_writes_on_after_a_transaction_that_the_database_undid() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_file(&folder.path().join("store.sqlite"), Options::default()).await.unwrap();
        let undone = db.write("undone", |tx| Box::pin(async { tx.execute("ROLLBACK", vec![]).await }));
        undone.await.expect_err("nothing to commit");
        let done: Result<u64, StoreError> = db
            .write("after", |tx| Box::pin(async { tx.execute("UPDATE villages SET size = size", vec![]).await }))
            .await;
        assert_eq!(done.unwrap(), 0);
    }
}
