//! Who uses a database: any number of servers and commands side by side, or a copy alone. What is held ends with the
//! process, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::store::error::{Sort, StoreError, sort};

/// How a database is to be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Use {
    /// Nobody is told: for a database that nobody else knows of.
    #[default]
    Untold,
    /// Beside others.
    Shared,
    /// By nobody else.
    Alone,
}

/// A database held for one use until dropped.
#[derive(Debug)]
pub(in crate::store) enum Presence {
    /// A lock on a file beside the database: a lock on the database's own file would be in the engine's way.
    File(#[expect(dead_code, reason = "held, never read")] File),
    /// An advisory lock of a session of its own.
    Session(PgConnection),
}

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
        let sql = match how {
            Use::Untold => return Ok(None),
            Use::Shared => "SELECT pg_advisory_lock_shared(hashtextextended('sunvote ' || current_schema(), 0))",
            Use::Alone => "SELECT pg_advisory_lock(hashtextextended('sunvote ' || current_schema(), 0))",
        };
        let mut session = server.connect().await.map_err(|error| StoreError::unavailable(&error))?;
        match sqlx::query(sql).execute(&mut session).await {
            Ok(_) => Ok(Some(Self::Session(session))),
            Err(error) if sort(&error) == Sort::Busy => Err(StoreError::InUse),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets others in, at once.
    pub(in crate::store) async fn end(self) {
        if let Self::Session(session) = self {
            // A session that can't be ended properly is ended by the server.
            let _ = session.close().await;
        }
    }
}
