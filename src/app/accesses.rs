//! Who read what of a village that is not public, kept for the inspector. What can't be noted is not shown.

use std::sync::{Mutex, PoisonError};

use hashlink::LruCache;
use ulid::Ulid;

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::{PersonId, VillageCode};
use crate::core::model::Level;
use crate::store::journal::Access;

/// How long the same reading by the same person is one reading: who turns a page back and forth reads once.
const ONCE_MS: i64 = 60 * MINUTE_MS;
/// Readings remembered for that; of older ones a line more is kept.
const REMEMBERED: usize = 10_000;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A document that is not public; its commitment.
    Document,
    /// Minutes with names; the session.
    Minutes,
    /// A list for a session that is not public; the session.
    List,
    /// The keepers' package of a matter or session.
    Package,
    /// An inspector's evidence package of a matter.
    Evidence,
    /// This log itself, of the village.
    Accesses,
}

impl Action {
    /// Its word in the table and in text keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Minutes => "minutes",
            Self::List => "list",
            Self::Package => "package",
            Self::Evidence => "evidence",
            Self::Accesses => "accesses",
        }
    }
}

/// Readings of a while ago: person, village, what.
type Reading = (Option<PersonId>, VillageCode, Action, String);

/// What was read lately, and when.
pub(in crate::app) struct Lately(Mutex<LruCache<Reading, Time>>);

impl Default for Lately {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Lately {
    fn noted(&self, reading: &Reading, now: Time) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.get(reading).is_some_and(|at| now.ms() - at.ms() < ONCE_MS)
    }

    fn keep(&self, reading: Reading, now: Time) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(reading, now);
    }
}

/// Whether reading a document of this level is noted.
#[must_use]
pub fn is_noted(level: Level) -> bool {
    match level {
        Level::Public => false,
        Level::Village | Level::Officials | Level::Discipline => true,
    }
}

impl App {
    /// Notes that somebody is about to read something that is not public; once an hour for the same.
    ///
    /// # Errors
    /// The store's: then it must not be shown.
    pub async fn note_access(
        &self,
        village: VillageCode,
        person: Option<PersonId>,
        action: Action,
        subject: &str,
    ) -> Result<(), AppError> {
        let (now, reading) = (self.now(), (person, village, action, subject.to_owned()));
        if self.lately().noted(&reading, now) {
            return Ok(());
        }
        let random = u128::from_be_bytes(self.random());
        let id = Ulid::from_parts(u64::try_from(now.ms()).unwrap_or_default(), random);
        let (action, subject) = (action.code().to_owned(), subject.to_owned());
        let access = Access { id, time: now, village, person, action, subject };
        self.db().write("add_access", |tx| Box::pin(tx.add_access(std::slice::from_ref(&access)))).await?;
        self.lately().keep(reading, now);
        Ok(())
    }

    /// What was read of a village that is not public, before `before`, the newest first, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub async fn accesses(
        &self,
        village: VillageCode,
        before: Option<Ulid>,
        limit: u64,
    ) -> Result<Vec<Access>, AppError> {
        Ok(self.db().read("accesses", |tx| Box::pin(tx.accesses(village, before, limit))).await?)
    }
}
