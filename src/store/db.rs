//! The database: which engine, how it is opened, and the two ways in, `write` and `read`.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Arguments as _, AssertSqlSafe, ConnectOptions as _, SqlSafeStr, SqlStr, Transaction};

use crate::core::clock::Time;
use crate::store::error::{Sort, StoreError, sort};
use crate::store::fault::{Fault, FaultPlan, planned};
use crate::store::plans::Plans;
use crate::store::presence::{Presence, Use};
use crate::store::schema;
use crate::store::sql::{Row, STATEMENTS, TableRow, Value, chunk, marks, placeholders};

/// How often a transaction is tried when other writers are in its way.
const MOST_TRIES: u32 = 5;
/// Pause before the second try; doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// Rows that wait for their reader before `SQLite` stops to read more: a page of entries or leaves, and the one that ends it.
const ROWS_AHEAD: usize = 257;
/// Transactions of one server that write to `PostgreSQL` side by side: while some wait for the disk, others are at work.
const POSTGRES_WRITERS: usize = 4;
/// How long a caller waits for a free connection before the store counts as unavailable.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

/// Memory for pages of the one connection that writes to `SQLite`, in kilobytes.
const WRITER_KILOBYTES: u32 = 64 * 1024;
/// Pages in the write-ahead log after which `SQLite` copies them into the file: what many commits change in a row is copied
/// once. 64 MB.
const WAL_PAGES: u32 = 16 * 1024;

/// An open database. Cheap to clone; all clones share connections and counters.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    faults: FaultPlan,
    plans: Plans,
    counters: Arc<Mutex<BTreeMap<&'static str, Counter>>>,
    presence: Arc<Mutex<Option<Presence>>>,
}

/// `SQLite` has one writing connection, so that writers queue in the process and never find the file locked by one another.
#[derive(Clone, Debug)]
enum Engine {
    /// `keeper` copies the write-ahead log into the file beside the writer.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        keeper: SqlitePool,
    },
    Postgres(PgPool),
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most connections: readers beside the one writer on `SQLite`, all connections on `PostgreSQL`.
    pub connections: u32,
    /// How long a statement waits for a lock that another process or transaction holds.
    pub lock_wait: Duration,
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
        let (lock_wait, faults) = (Duration::from_secs(2), FaultPlan::default());
        let plans = Plans::default();
        Self { connections: 8, lock_wait, sqlite_pages: None, faults, plans, make: true, how: Use::Untold }
    }
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

/// A transaction of either engine. Dropped without commit, it leaves nothing behind.
///
/// `'a` is how long the work in it may borrow; it keeps what the closure of [`Db::write`] captures alive long enough.
pub struct Tx<'a> {
    conn: Conn,
    faults: FaultPlan,
    plans: Plans,
    /// A statement met another writer's lock or version: the transaction may pass if tried again.
    busy: bool,
    work: PhantomData<&'a ()>,
}

enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
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
        let presence = Arc::new(Mutex::new(presence));
        Ok(Self { engine, faults: options.faults, plans: options.plans, counters: Arc::default(), presence })
    }

    /// Opens a `SQLite` file, made if missing.
    ///
    /// # Errors
    /// See [`Db::open`].
    pub async fn open_file(file: &Path, options: Options) -> Result<Self, StoreError> {
        let (engine, presence) = open_sqlite(SqliteConnectOptions::new().filename(file), &options).await?;
        let presence = Arc::new(Mutex::new(presence));
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
        let mut one = PgConnectOptions::from_str(url).map_err(bad)?.connect().await?;
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
            Engine::Postgres(pool) => pool.close().await,
        }
        let presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(presence) = presence {
            presence.end().await;
        }
    }

    /// How many transactions can write side by side to some use: on `SQLite` they follow one another.
    #[must_use]
    pub fn writers(&self) -> usize {
        match &self.engine {
            Engine::Sqlite { .. } => 1,
            Engine::Postgres(_) => POSTGRES_WRITERS,
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
    }

    pub(in crate::store) async fn begin_write(&self) -> Result<Tx<'_>, sqlx::Error> {
        let conn = match &self.engine {
            // Takes the write lock at once: a plain BEGIN would fail when a read is followed by a write.
            Engine::Sqlite { writer, .. } => Conn::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        };
        Ok(Tx { conn, faults: self.faults.clone(), plans: self.plans.clone(), busy: false, work: PhantomData })
    }

    pub(in crate::store) async fn begin_read(&self) -> Result<Tx<'_>, StoreError> {
        let conn = match &self.engine {
            Engine::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
            Engine::Postgres(pool) => {
                Conn::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx { conn, faults: self.faults.clone(), plans: self.plans.clone(), busy: false, work: PhantomData })
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

impl Tx<'_> {
    /// Runs a changing statement; the number of rows it touched.
    ///
    /// # Errors
    /// See [`StoreError`]; after any error the transaction can only be given up.
    pub(in crate::store) async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let fault = self.begin_step()?;
        let sql = sql.into_sql_str();
        let done = match &mut self.conn {
            Conn::Sqlite(tx) => {
                let result = sqlx::query_with(sql, sqlite_arguments(values)?).execute(&mut **tx).await;
                result.map(|done| done.rows_affected())
            }
            Conn::Postgres(tx) => {
                let result = sqlx::query_with(sql, postgres_arguments(values)?).execute(&mut **tx).await;
                result.map(|done| done.rows_affected())
            }
        };
        let done = self.noted(done)?;
        end_step(fault, done)
    }

    /// Begins a statement that changes something: the failure that is planned for it, if it is to come afterwards.
    fn begin_step(&self) -> Result<Option<Fault>, StoreError> {
        match self.faults.begin() {
            Some(Fault::NotWritten) => Err(planned(false)),
            fault => Ok(fault),
        }
    }

    /// Inserts `rows` in few statements: `head` up to VALUES, `tail` what follows it; the number of rows inserted.
    pub(in crate::store) async fn insert<R: IntoIterator<Item = Value>>(
        &mut self,
        head: &str,
        tail: &str,
        rows: impl IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
    ) -> Result<u64, StoreError> {
        let mut inserted = 0;
        for (given, values) in chunks(self.placeholders(), rows) {
            // Safe: constants of this crate and placeholders, no value is part of the text.
            inserted += self.execute(AssertSqlSafe(format!("{head} VALUES {given} {tail}")), values).await?;
        }
        Ok(inserted)
    }

    /// How this engine's placeholders of many rows are best written.
    fn placeholders(&self) -> fn(usize, usize) -> String {
        match self.conn {
            Conn::Sqlite(_) => marks,
            Conn::Postgres(_) => placeholders,
        }
    }

    /// Changes many rows in few statements: `update` reads its values from a table `given` with these `columns`; the number of
    /// rows changed.
    pub(in crate::store) async fn update<R: IntoIterator<Item = Value>>(
        &mut self,
        columns: &'static str,
        update: &'static str,
        rows: impl IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        for (given, values) in chunks(self.placeholders(), rows) {
            let sql = with_given(columns, &given, update);
            changed += self.execute(sql, values).await?;
        }
        Ok(changed)
    }

    /// The same where `update` ends with `RETURNING`: what it returns.
    pub(in crate::store) async fn update_returning<R: IntoIterator<Item = Value>>(
        &mut self,
        columns: &'static str,
        update: &'static str,
        rows: impl IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut returned = Vec::new();
        for (given, values) in chunks(self.placeholders(), rows) {
            let sql = with_given(columns, &given, update);
            let fault = self.begin_step()?;
            let rows = self.rows(sql, values).await?;
            returned.extend(end_step(fault, rows)?);
        }
        Ok(returned)
    }

    /// Inserts structs that are rows; `tail` says what happens where one exists.
    pub(in crate::store) async fn put<T: TableRow>(
        &mut self,
        rows: &[T],
        tail: &'static str,
    ) -> Result<u64, StoreError> {
        let rows: Vec<Vec<Value>> = rows.iter().map(TableRow::values).collect();
        self.insert(T::INSERT, tail, rows).await
    }

    /// Structs read from rows; `clause` follows `FROM table`.
    pub(in crate::store) async fn all<T: TableRow>(
        &mut self,
        clause: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        // Safe: both are constants of this crate.
        let sql = AssertSqlSafe(format!("{} {clause}", T::SELECT));
        self.rows(sql, values).await?.iter().map(T::read).collect()
    }

    /// The first of [`Tx::all`].
    pub(in crate::store) async fn first<T: TableRow>(
        &mut self,
        clause: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(clause, values).await?.into_iter().next())
    }

    /// All rows of a query. The caller bounds their number in the statement.
    pub(in crate::store) async fn rows(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql: SqlStr = sql.into_sql_str();
        if self.plans.are_wanted() {
            self.note_plan(sql.as_str(), values.clone()).await?;
        }
        let rows = match &mut self.conn {
            Conn::Sqlite(tx) => {
                let rows = sqlx::query_with(sql, sqlite_arguments(values)?).fetch_all(&mut **tx).await;
                rows.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
            }
            Conn::Postgres(tx) => {
                let rows = sqlx::query_with(sql, postgres_arguments(values)?).fetch_all(&mut **tx).await;
                rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
            }
        };
        self.noted(rows)
    }

    async fn note_plan(&mut self, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
        let plan: Vec<String> = match &mut self.conn {
            Conn::Sqlite(tx) => {
                // Safe: a statement of this crate.
                let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows = sqlx::query_with(explained, sqlite_arguments(values)?).fetch_all(&mut **tx).await?;
                rows.iter().map(|row| sqlx::Row::try_get(row, "detail")).collect::<Result<_, _>>()?
            }
            Conn::Postgres(tx) => {
                let explained = AssertSqlSafe(format!("EXPLAIN {sql}"));
                let rows = sqlx::query_with(explained, postgres_arguments(values)?).fetch_all(&mut **tx).await?;
                rows.iter().map(|row| sqlx::Row::try_get(row, 0)).collect::<Result<_, _>>()?
            }
        };
        self.plans.note(sql, plan);
        Ok(())
    }

    /// The rows of a query one after another, in bounded memory.
    pub(in crate::store) fn stream(&mut self, sql: impl SqlSafeStr) -> BoxStream<'_, Result<Row, StoreError>> {
        let sql = sql.into_sql_str();
        match &mut self.conn {
            Conn::Sqlite(tx) => sqlx::query(sql).fetch(&mut **tx).map(|row| Ok(Row::Sqlite(row?))).boxed(),
            Conn::Postgres(tx) => sqlx::query(sql).fetch(&mut **tx).map(|row| Ok(Row::Postgres(row?))).boxed(),
        }
    }

    /// The first row of a query, if any.
    pub(in crate::store) async fn row(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The database's own clock, to the millisecond.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn database_time(&mut self) -> Result<Time, StoreError> {
        let sql = match self.conn {
            Conn::Sqlite(_) => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now",
            Conn::Postgres(_) => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now",
        };
        let row = self.row(sql, vec![]).await?;
        row.ok_or_else(|| StoreError::Damaged("the database tells no time".to_owned()))?.one("now")
    }

    /// Makes everything durable; on failure also says whether another try may pass.
    pub(in crate::store) async fn commit(self) -> Result<(), (StoreError, bool)> {
        let fault = self.faults.begin();
        if fault == Some(Fault::NotWritten) {
            return Err((planned(true), false));
        }
        let done = match self.conn {
            Conn::Sqlite(tx) => tx.commit().await,
            Conn::Postgres(tx) => tx.commit().await,
        };
        match done {
            Ok(()) if fault == Some(Fault::ButWritten) => Err((planned(true), false)),
            Ok(()) => Ok(()),
            Err(error) => Err(match sort(&error) {
                Sort::Busy => (error.into(), true),
                // The answer was lost, not necessarily the commit.
                Sort::Away => (StoreError::Unavailable { may_be_written: true, reason: error.to_string() }, false),
                Sort::Taken | Sort::Fault => (error.into(), false),
            }),
        }
    }

    async fn rollback(self) -> Result<(), sqlx::Error> {
        match self.conn {
            Conn::Sqlite(tx) => tx.rollback().await,
            Conn::Postgres(tx) => tx.rollback().await,
        }
    }

    fn noted<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            self.busy |= sort(&error) == Sort::Busy;
            error.into()
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long a transaction takes; decides nothing")]
fn stopwatch() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the other writer's end is not announced to us")]
async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

async fn open_sqlite(base: SqliteConnectOptions, options: &Options) -> Result<(Engine, Option<Presence>), StoreError> {
    if !options.make && !base.get_filename().exists() {
        return Err(StoreError::unavailable(&format!("there is no {}", base.get_filename().display())));
    }
    let presence = Presence::of_file(base.get_filename(), options.how)?;
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
    let pool = || SqlitePoolOptions::new().acquire_timeout(LONGEST_QUEUE).test_before_acquire(false);
    let keeper = pool().max_connections(1).connect_lazy_with(base.clone().synchronous(SqliteSynchronous::Full));
    let writer = pool().max_connections(1).connect_with(writing).await?;
    schema::sqlite().run(&writer).await.map_err(migration_error)?;
    let readers = pool().max_connections(options.connections.max(1)).connect_with(base.read_only(true)).await?;
    Ok((Engine::Sqlite { writer, readers, keeper }, presence))
}

async fn open_postgres(url: &str, options: &Options) -> Result<(Engine, Option<Presence>), StoreError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Address(error.to_string()))?
        .application_name("sunvote")
        .statement_cache_capacity(STATEMENTS)
        .options([("lock_timeout", options.lock_wait.as_millis().to_string())]);
    let presence = Presence::of_server(&connect, options.how).await?;
    let pool = PgPoolOptions::new()
        .acquire_timeout(LONGEST_QUEUE)
        .max_connections(options.connections.max(1))
        .connect_with(connect)
        .await?;
    for setting in ["fsync", "synchronous_commit"] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&pool).await?;
        if value == "off" {
            return Err(StoreError::Address(format!(
                "the PostgreSQL server runs with {setting} = off, so nothing it acknowledges is sure to be on disk; turn it on"
            )));
        }
    }
    schema::postgres().run(&pool).await.map_err(migration_error)?;
    Ok((Engine::Postgres(pool), presence))
}

fn migration_error(error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
            error.into()
        }
        error => StoreError::Damaged(error.to_string()),
    }
}

/// Ends what [`Tx::begin_step`] began.
fn end_step<T>(fault: Option<Fault>, done: T) -> Result<T, StoreError> {
    if fault == Some(Fault::ButWritten) { Err(planned(false)) } else { Ok(done) }
}

/// Rows in groups that fill one statement each: their placeholders and values.
fn chunks<R: IntoIterator<Item = Value>>(
    placeholders: fn(usize, usize) -> String,
    rows: impl IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
) -> impl Iterator<Item = (String, Vec<Value>)> + Send {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let count = chunk(rows.len());
        let values: Vec<Value> = rows.by_ref().take(count).flatten().collect();
        (count > 0).then(|| (placeholders(count, values.len() / count), values))
    })
}

/// A change that reads its values from a table `given`.
fn with_given(columns: &'static str, given: &str, update: &'static str) -> AssertSqlSafe<String> {
    // Safe: constants of this crate and placeholders, no value is part of the text.
    AssertSqlSafe(format!("WITH given ({columns}) AS (VALUES {given}) {update}"))
}

#[cfg(test)]
mod tests {
    use super::{Db, Engine, Options};

    /// WAL with synchronous = FULL (2) is what "acknowledged only after it is on disk" rests on; see
    /// <https://sqlite.org/pragma.html#pragma_synchronous>.
    #[tokio::test]
    async fn sqlite_syncs_each_commit_and_minds_foreign_keys() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_file(&folder.path().join("store.sqlite"), Options::default()).await.unwrap();
        let Engine::Sqlite { writer, readers, .. } = &db.engine else { panic!("a file is SQLite") };
        for (pragma, expected) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1)] {
            let value: i64 = sqlx::query_scalar(pragma).fetch_one(writer).await.unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(writer).await.unwrap();
        assert_eq!(mode, "wal");
        let written = sqlx::query("DELETE FROM villages").execute(readers).await;
        assert!(written.is_err(), "readers can't write");
    }
}
