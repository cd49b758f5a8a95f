//! Who uses a database: any number of servers and commands side by side, or a copy alone. What is held ends with the
//! process, however that ends.
//!
//! What a session of `PostgreSQL` holds ends with its connection, too, which a failover or a network may cut: a server holds it
//! anew, and a copy that was cut off counts for nothing.

use std::fs::{File, TryLockError};
use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::store::engine::durable;
use crate::store::error::{Sort, StoreError, sort};

/// How a database is to be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Use {
    /// Nobody is told: for a database that nobody else knows of.
    #[default]
    Untold,
    /// Beside others.
    Shared,
    /// Beside commands, by the one server that there is.
    ServingAlone,
    /// Beside commands and other servers that know of each other.
    ServingAmong,
    /// By nobody else.
    Alone,
}

/// A database held for one use until dropped.
#[derive(Debug)]
pub(in crate::store) enum Presence {
    /// A lock on a file beside the database: a lock on the database's own file would be in the engine's way.
    File(#[expect(dead_code, reason = "held, never read")] File),
    /// Advisory locks of a session of its own.
    Session(Box<Session>),
}

/// A session and how it came to hold what it holds.
#[derive(Debug)]
pub(in crate::store) struct Session {
    conn: PgConnection,
    server: PgConnectOptions,
    how: Use,
}

/// What all hold, shared or alone.
const DATABASE: &str = "hashtextextended('sunvote ' || current_schema(), 0)";
/// What servers hold: alone, unless they know of each other.
const SERVERS: &str = "hashtextextended('sunvote servers ' || current_schema(), 0)";

impl Presence {
    /// Holds a `SQLite` file, or says that others have it.
    pub(in crate::store) fn of_file(database: &Path, how: Use) -> Result<Option<Self>, StoreError> {
        if how == Use::Untold {
            return Ok(None);
        }
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(|error| StoreError::unavailable(&error))?;
        let held = if how == Use::Alone { file.try_lock() } else { file.try_lock_shared() };
        match held {
            Ok(()) => Ok(Some(Self::File(file))),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Holds a schema of a `PostgreSQL` database. Waits as long as for any lock: the session of a process that was killed
    /// lives on for a moment.
    pub(in crate::store) async fn of_server(server: &PgConnectOptions, how: Use) -> Result<Option<Self>, StoreError> {
        let locks: &[(&str, &str)] = match how {
            Use::Untold => return Ok(None),
            Use::Shared => &[("_shared", DATABASE)],
            Use::ServingAlone => &[("_shared", DATABASE), ("", SERVERS)],
            Use::ServingAmong => &[("_shared", DATABASE), ("_shared", SERVERS)],
            Use::Alone => &[("", DATABASE)],
        };
        let mut session = server.connect().await.map_err(|error| StoreError::unavailable(&error))?;
        for (shared, what) in locks {
            let sql = AssertSqlSafe(format!("SELECT pg_advisory_lock{shared}({what})"));
            match sqlx::query(sql).execute(&mut session).await {
                Ok(_) => {}
                Err(error) if sort(&error) == Sort::Busy && *what == SERVERS => return Err(StoreError::Served),
                Err(error) if sort(&error) == Sort::Busy => return Err(StoreError::InUse),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(Self::Session(Box::new(Session { conn: session, server: server.clone(), how }))))
    }

    /// Whether it has been held without a break.
    pub(in crate::store) async fn lasts(&mut self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Session(held) => held.conn.ping().await.is_ok(),
        }
    }

    /// Holds anew what was lost with a connection, and looks whether the server still keeps what it acknowledges.
    pub(in crate::store) async fn hold_again(&mut self) -> Result<(), StoreError> {
        let lost = !self.lasts().await;
        let Self::Session(held) = self else { return Ok(()) };
        if lost && let Some(Self::Session(anew)) = Self::of_server(&held.server, held.how).await? {
            *held = anew;
        }
        durable(&mut held.conn).await
    }

    /// Lets others in, at once.
    pub(in crate::store) async fn end(self) {
        if let Self::Session(held) = self {
            // A session that can't be ended properly is ended by the server.
            let _ = held.conn.close().await;
        }
    }
}
