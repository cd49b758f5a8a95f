//! A rehearsal (演练): a called session gone through beforehand by the real people, in a district of its own that is thrown away.
//! The village there has the same people, offices and matters, but every key of it is invented, it has another log and another
//! vault, and nothing of the real district is written: what is signed there can't count here.

pub mod original;
pub mod script;
pub mod stage;
pub mod tried;

use std::path::Path;

use tokio::runtime::Handle;

use crate::app::error::AppError;
use crate::app::rehearsal::stage::Stage;
use crate::app::{App, demo};
use crate::core::ids::{SessionId, VillageCode};
use crate::core::reject::Rejection;
use crate::store::error::StoreError;

/// Why a session can't be rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The session is over, or a matter on its agenda is no longer before its ballot.
    #[error("the session is not ahead")]
    NotAhead,
    /// Members are let in already: what is done now is done in the session itself.
    #[error("the session has begun")]
    Begun,
    /// The village as it is now would not come to this session by the law: an office that a step needs is vacant.
    #[error("the way to the session can't be gone again: {0}")]
    Law(#[from] Rejection),
    /// The real district's data can't be read, or the rehearsal's not be written.
    #[error(transparent)]
    App(#[from] AppError),
    /// The rehearsal's folder can't be made.
    #[error("the rehearsal's folder: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<StoreError> for RehearsalError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<demo::load::LoadError> for RehearsalError {
    fn from(error: demo::load::LoadError) -> Self {
        match error {
            demo::load::LoadError::Generate(error) => Self::Law(error.rejection),
            demo::load::LoadError::Store(error) => error.into(),
            demo::load::LoadError::App(error) => Self::App(error),
        }
    }
}

impl App {
    /// Makes a rehearsal of a session: its data in `folder`, which must not be there yet, its log named after `host`.
    ///
    /// # Errors
    /// See [`RehearsalError`]; nothing is left behind then.
    pub async fn rehearse(
        &self,
        village: VillageCode,
        session: SessionId,
        host: &str,
        folder: &Path,
    ) -> Result<Stage, RehearsalError> {
        let original = self.original(village, session).await?;
        let (real, host, folder) = (self.clone(), host.to_owned(), folder.to_owned());
        // Some hundred signatures and a new database: not on a thread that answers requests.
        let made = tokio::task::spawn_blocking(move || {
            let written = script::write(&original, &host, real.now(), &mut real.rng())?;
            let opened = Handle::current().block_on(Stage::open(&real, &original.row, &written, &folder));
            opened.inspect_err(|_| stage::wipe(&folder))
        });
        made.await.map_err(|panicked| StoreError::Damaged(panicked.to_string()))?
    }
}
