//! Entries with their statements, by what they are about.

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::Kind;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::state::Position;
use crate::core::statement::Statement;
use crate::log::entry::Entry;
use crate::log::signed::Signed;
use crate::store::error::StoreError;
use crate::store::record::{PAGE, StoredEntry};
use crate::store::tx::Tx;

/// Most entries of one matter or session that a page tells.
const MOST: u64 = 1_000;

/// An entry and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where it stands.
    pub at: Position,
    /// What it says.
    pub statement: Statement,
}

impl Told {
    /// Reads a stored entry.
    ///
    /// # Errors
    /// `Damaged`: what is on record was readable when it came in.
    pub fn read(stored: &StoredEntry) -> Result<Self, StoreError> {
        let entry = Entry::parse(&stored.bytes).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let signed = Signed::read(entry.statement).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let at = Position { seq: stored.seq, time: stored.time, leaf: stored.leaf };
        Ok(Self { at, statement: signed.statement })
    }
}

/// What entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A matter.
    Matter(MatterId),
    /// A session.
    Session(SessionId),
}

impl About {
    fn is_told(self, statement: &Statement) -> bool {
        let crowd = matches!(statement.kind(), Kind::BallotCast | Kind::PaperIssued | Kind::HallPosted);
        let door = matches!(statement.kind(), Kind::AttendanceCheckedIn | Kind::AttendanceCheckedOut);
        match self {
            Self::Matter(id) => statement.matter == Some(id) && !crowd,
            Self::Session(id) => statement.session == Some(id) && !crowd && !door,
        }
    }
}

impl App {
    /// What is on record about a matter or session, in order, without the ballots themselves and what happens at the door.
    /// Entries that the timeline doesn't have yet are read from the record's end, so that nothing acknowledged is missing.
    ///
    /// # Errors
    /// The store's.
    pub async fn told(&self, village: VillageCode, about: About) -> Result<Vec<Told>, AppError> {
        let read = self.db().read("told", |tx| Box::pin(async move { about_in(tx, village, about).await }));
        let (stored, tail) = read.await?;
        let mut told = stored.iter().map(Told::read).collect::<Result<Vec<_>, _>>()?;
        for entry in &tail {
            told.push(Told::read(entry)?);
        }
        told.retain(|told| about.is_told(&told.statement));
        Ok(told)
    }

    /// How many entries are about a matter, ballots included.
    ///
    /// # Errors
    /// The store's.
    pub async fn entries_about(&self, village: VillageCode, matter: MatterId) -> Result<u64, AppError> {
        Ok(self.db().read("entries_about", |tx| Box::pin(tx.count_of_matter(village, matter))).await?)
    }

    /// Entries of one kind, newest first: for kinds that are looked up seldom.
    ///
    /// # Errors
    /// The store's.
    pub async fn told_of_kind(&self, village: VillageCode, kind: Kind) -> Result<Vec<Told>, AppError> {
        let read = self.db().read("told_of_kind", |tx| Box::pin(tx.entries_of_kind(village, kind.code(), MOST)));
        let stored = read.await?;
        Ok(stored.iter().map(Told::read).collect::<Result<_, _>>()?)
    }

    /// Entries from index `from` on, at most `limit` and never more than a page of the store.
    ///
    /// # Errors
    /// The store's.
    pub async fn told_from(&self, village: VillageCode, from: u64, limit: u64) -> Result<Vec<Told>, AppError> {
        let stored = self.db().read("told_from", |tx| Box::pin(tx.entries(village, from, limit))).await?;
        Ok(stored.iter().map(Told::read).collect::<Result<_, _>>()?)
    }
}

async fn about_in(
    tx: &mut Tx<'_>,
    village: VillageCode,
    about: About,
) -> Result<(Vec<StoredEntry>, Vec<StoredEntry>), StoreError> {
    let projected = tx.projected(village).await?;
    let stored = match about {
        About::Matter(id) => tx.entries_of_matter(village, id, MOST).await?,
        About::Session(id) => tx.entries_of_session(village, id, MOST).await?,
    };
    Ok((stored, tx.entries(village, projected, PAGE).await?))
}
