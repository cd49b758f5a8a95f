//! A transaction and the few shapes of statements that all tables need: run, insert or change many rows, read rows into structs.

use std::marker::PhantomData;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments as _, AssertSqlSafe, SqlSafeStr, SqlStr, Transaction};

use crate::core::clock::Time;
use crate::store::error::{Sort, StoreError, sort};
use crate::store::fault::{Fault, FaultPlan, planned};
use crate::store::plans::Plans;
use crate::store::sql::{Row, TableRow, Value, chunk, marks, placeholders};

/// A transaction of either engine. Dropped without commit, it leaves nothing behind.
///
/// `'a` is how long the work in it may borrow; it keeps what the closure of [`Db::write`](crate::store::db::Db::write) captures alive long enough.
pub struct Tx<'a> {
    conn: Conn,
    faults: FaultPlan,
    plans: Plans,
    /// A statement met another writer's lock or version: the transaction may pass if tried again.
    pub(in crate::store) busy: bool,
    work: PhantomData<&'a ()>,
}

pub(in crate::store) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx<'_> {
    pub(in crate::store) fn new(conn: Conn, faults: FaultPlan, plans: Plans) -> Self {
        Self { conn, faults, plans, busy: false, work: PhantomData }
    }

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

    /// Whether other transactions write at the same time.
    pub(in crate::store) fn is_beside_others(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
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

    pub(in crate::store) async fn rollback(self) -> Result<(), sqlx::Error> {
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
