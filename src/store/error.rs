//! What can go wrong in the store, told apart by what the caller must do next.

use crate::core::ids::{Digest, VillageCode};

/// Why a read or a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, the database is locked or away. Nothing may be acknowledged; answer 503.
    #[error("the store is unavailable: {reason}")]
    Unavailable {
        /// `true` when the commit itself failed, so that the write may have become durable: read before trying again.
        may_be_written: bool,
        /// For the operator's log; holds no row content.
        reason: String,
    },
    /// The village's record had moved on from the size that the append was made for. Nothing was written.
    #[error("the record of village {village} has moved on")]
    Conflict {
        /// Whose record moved.
        village: VillageCode,
    },
    /// The village's record already holds this statement. Nothing was written.
    #[error("statement {statement} is already on the record of village {village}")]
    Replayed {
        /// Whose record holds it.
        village: VillageCode,
        /// The statement's id.
        statement: Digest,
    },
    /// A row with this key exists already. Nothing was written.
    #[error("a row with this key exists already")]
    Exists,
    /// A sealed value could not be opened: another vault key, or changed bytes.
    #[error("a sealed value cannot be opened with this vault key")]
    Sealed,
    /// What the caller hands in is larger than it allowed.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// A row or object that must exist is missing, or does not hold what its column promises.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The database URL cannot be used as it is.
    #[error("{0}")]
    Address(String),
    /// A copy needs a database alone, and servers and commands have this one; or a copy has it.
    #[error("the database is in use by a server or another command; stop it first")]
    InUse,
    /// A server that does not know of others is at work on this database, or one that would not know of them wants to be.
    #[error("another server is at work on this database; each of several needs cluster.address in its settings")]
    Served,
    /// A backup goes into an empty folder, and is restored into an empty database: this is neither.
    #[error("{0} is not empty")]
    NotEmpty(String),
    /// The program asked for something that the database does not understand: a fault of ours.
    #[error("the store refused a statement")]
    Refused(#[source] Box<sqlx::Error>),
}

/// What a database error means for whoever tries again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) enum Sort {
    /// Another writer was in the way: the same transaction may pass in a moment.
    Busy,
    /// The database cannot be written or reached now.
    Away,
    /// A unique key is taken.
    Taken,
    /// Anything else: a fault of the program.
    Fault,
}

impl StoreError {
    /// A failure that surely left nothing behind.
    pub(in crate::store) fn unavailable(reason: &impl ToString) -> Self {
        Self::Unavailable { may_be_written: false, reason: reason.to_string() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match sort(&error) {
            Sort::Busy | Sort::Away => Self::unavailable(&error),
            Sort::Taken => Self::Exists,
            Sort::Fault => Self::Refused(Box::new(error)),
        }
    }
}

/// Sorts an error by `SQLite` result code (<https://sqlite.org/rescode.html>) or `PostgreSQL` error class
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(in crate::store) fn sort(error: &sqlx::Error) -> Sort {
    let database = match error {
        sqlx::Error::Database(database) => database,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => return Sort::Away,
        _ => return Sort::Fault,
    };
    if database.is_unique_violation() {
        return Sort::Taken;
    }
    let Some(code) = database.code() else { return Sort::Fault };
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        // The low byte is the primary result code.
        return match code.parse::<i64>().unwrap_or_default() & 0xff {
            5 | 6 => Sort::Busy,
            // READONLY, IOERR, FULL, CANTOPEN
            8 | 10 | 13 | 14 => Sort::Away,
            _ => Sort::Fault,
        };
    }
    match code.as_ref() {
        "40001" | "40P01" | "55P03" => Sort::Busy,
        // Connection lost, no resources (disk full, too many connections), operator intervention, system error, read-only.
        code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "25006" => Sort::Away,
        _ => Sort::Fault,
    }
}
