//! Why a use case did not happen, told apart by what the person does next.

use crate::app::publish::history::Doubt;
use crate::core::reject::Rejection;
use crate::log::dsse::DsseError;
use crate::store::error::StoreError;

/// Why a use case did not happen. Nothing half-done is left behind.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The law refuses it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The bytes are not an envelope.
    #[error(transparent)]
    Envelope(#[from] DsseError),
    /// There is no such thing, or the person may not see it.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Something sent along doesn't fit.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// A stable code of the reason, explained in the interface texts as `invalid-<code>`.
        reason: &'static str,
    },
    /// Too much at once: try again in a moment.
    #[error("too much at once")]
    Overloaded,
    /// The village's lane is another server's at this moment, which can't be asked: try again in a moment.
    #[error("another server writes this record")]
    Elsewhere,
    /// It may be on record, and that can't be told now: sending the same again tells, and never records it twice.
    #[error("it may be on record")]
    Unsure,
    /// Witnesses hold another history than this server: nothing may be signed.
    #[error("{0}")]
    InDoubt(Doubt),
    /// The servers on this database are set up differently.
    #[error("another server on this database has another {on}; all must have the same")]
    Disagrees {
        /// What differs.
        on: &'static str,
    },
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppError {
    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::NotFound { what }
    }
}
