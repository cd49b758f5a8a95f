//! `sunvote copy`: all that lasts, from one database into another of either engine, row for row.
//!
//! The target has a row in `copying` from the first step to the last, and no server starts on it while it is there. Each page
//! of rows is one transaction that makes the target equal to the source between two keys; so the same copy, begun again
//! after any interruption, goes on, and neither doubles nor keeps anything that the source doesn't have. Entries, which never
//! change, are not even read again where they are there. At the end every log is computed anew from the bytes in the target.

mod check;
mod entries;
mod fit;
mod rows;

use crate::core::ids::VillageCode;
use crate::store::copy::rows::{Change, Kept, Key};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::schema::{TABLES, Table};
use crate::store::tx::Tx;

/// Rows in one transaction and in memory at once; an entry has at most 64 KiB.
const PAGE: usize = 512;

/// Why a copy is not made or not finished.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the databases.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source is the target of a copy that was begun and has not ended.
    #[error("the source is itself an unfinished copy; finish that one first")]
    Unfinished,
    /// The target was not made by an unfinished copy, and is not the source's record either.
    #[error("the target holds data already; a copy goes into an empty database, or on with one that was interrupted")]
    NotEmpty,
    /// The target's record is not the beginning of the source's.
    #[error("the target holds another record: {log} is not the same in the source")]
    Other {
        /// Origin of the log that differs.
        log: String,
    },
    /// The target's record goes beyond the source's.
    #[error("the target holds a longer record: {log} has {there} entries there, and {here} in the source")]
    Longer {
        /// Origin of the log.
        log: String,
        /// Entries in the source.
        here: u64,
        /// Entries in the target.
        there: u64,
    },
    /// The source changed while it was copied.
    #[error("the source has changed while it was copied; stop what writes to it, and copy again: it goes on")]
    MovedOn,
    /// A log's entries are not those that its head and checkpoint speak of.
    #[error("{log} is not whole: {reason}")]
    NotWhole {
        /// Origin of the log.
        log: String,
        /// What does not fit.
        reason: String,
    },
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The table under way, or [`CHECK`].
    pub step: &'static str,
    /// Rows of it that are done.
    pub rows: u64,
    /// All rows of it, where that is known.
    pub of: Option<u64>,
    /// Villages done and all of them, where it goes by villages.
    pub villages: Option<(u64, u64)>,
    /// Whether this step is through.
    pub done: bool,
}

/// The step in which every log is computed anew.
pub const CHECK: &str = "check";

/// What is in the target when a copy is through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// Villages, each with a record that is whole.
    pub villages: u64,
    /// Their entries.
    pub entries: u64,
    /// Districts with a log.
    pub districts: u64,
    /// Their leaves.
    pub leaves: u64,
    /// Whether all of it was there before, in a target that no unfinished copy has made.
    pub before: bool,
}

impl Db {
    /// Copies everything that lasts into `to`, or what is missing there, and computes every log anew. What remains to do is
    /// making the derived tables, between [`Db::begin_projecting`] and [`Db::end_copy`].
    ///
    /// Nobody else may write to either database meanwhile: open both with `Use::Alone`.
    ///
    /// # Errors
    /// See [`CopyError`]; after those of the store the same copy may be begun again.
    pub async fn copy_to(&self, to: &Self, told: &mut (dyn FnMut(Progress) + Send)) -> Result<Whole, CopyError> {
        let mut source = self.begin_read().await?;
        if source.copying().await?.is_some() {
            return Err(CopyError::Unfinished);
        }
        if fit::begin(&mut source, to).await? == fit::Begun::There {
            return match check::logs(&mut source, to, told).await {
                Ok(whole) => Ok(Whole { before: true, ..whole }),
                Err(CopyError::MovedOn) => Err(CopyError::NotEmpty),
                Err(error) => Err(error),
            };
        }
        let projecting = to.read("copying", |tx| Box::pin(tx.copying())).await? == Some(true);
        let mut copy = Copy { source, to, projecting, told };
        for table in TABLES.iter().filter(|table| table.lasts()) {
            if table.name == entries::TABLE { copy.entries(table).await? } else { copy.mirror(table).await? }
        }
        let told = copy.told;
        // Another view than the one that was copied: what was written meanwhile shows.
        check::logs(&mut self.begin_read().await?, to, told).await
    }

    /// Whether a copy into this database was begun and has not ended.
    ///
    /// # Errors
    /// The store's.
    pub async fn unfinished_copy(&self) -> Result<bool, StoreError> {
        Ok(self.read("copying", |tx| Box::pin(tx.copying())).await?.is_some())
    }

    /// Whether this is a witness's database, which has no derived tables but states that are made as they are needed.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_witness(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS one FROM followed_districts LIMIT 1";
        Ok(self.read("is_witness", |tx| Box::pin(tx.row(sql, vec![]))).await?.is_some())
    }

    /// Empties the derived tables of a copy, so that they are made from what is there now; unless they are being made from it
    /// already.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin_projecting(&self) -> Result<(), StoreError> {
        self.write("begin_projecting", |tx| {
            Box::pin(async {
                if tx.copying().await? != Some(false) {
                    return Ok(());
                }
                tx.clear_all_derived().await?;
                tx.execute("UPDATE copying SET projecting = 1", vec![]).await.map(|_| ())
            })
        })
        .await
    }

    /// Ends a copy: from now on a server may start. Like a backup that was brought back, it may have grown old by then, so the
    /// server asks its witnesses before it signs anything.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_copy(&self) -> Result<(), StoreError> {
        self.write("end_copy", |tx| {
            Box::pin(async {
                for head in tx.districts().await? {
                    tx.mark_restored(head.district, true).await?;
                }
                tx.execute("DELETE FROM copying", vec![]).await.map(|_| ())
            })
        })
        .await
    }
}

/// A copy under way.
struct Copy<'a, 'b> {
    source: Tx<'a>,
    to: &'a Db,
    /// Whether derived tables are being made from what is in the target, which a change would make untrue.
    projecting: bool,
    told: &'b mut (dyn FnMut(Progress) + Send),
}

impl Copy<'_, '_> {
    /// Makes a table of the target equal to the source's.
    async fn mirror(&mut self, table: &'static Table) -> Result<(), CopyError> {
        let last = self.to.read("copy_last", |tx| Box::pin(tx.last_key(table))).await?;
        let (mut after, mut rows): (Option<Key>, u64) = (None, 0);
        loop {
            let from = after.as_ref();
            let mine = self.source.rows_after(table, from, PAGE).await?;
            let theirs = if after >= last {
                Vec::new()
            } else {
                self.to.read("copy_compare", |tx| Box::pin(tx.rows_after(table, from, PAGE))).await?
            };
            // As far as both pages tell.
            let full = [&mine, &theirs].into_iter().filter(|page| page.len() == PAGE);
            let bound = full.filter_map(|page| page.last()).map(|row| row.key.clone()).min();
            let within = |page: Vec<Kept>| -> Vec<Kept> {
                page.into_iter().take_while(|row| bound.as_ref().is_none_or(|bound| row.key <= *bound)).collect()
            };
            let mine = within(mine);
            rows += mine.len() as u64;
            self.apply(table, &Change::between(mine, within(theirs))).await?;
            (self.told)(Progress { step: table.name, rows, of: None, villages: None, done: bound.is_none() });
            match bound {
                Some(bound) => after = Some(bound),
                None => return Ok(()),
            }
        }
    }

    /// Carries out a change of one page, in one transaction.
    async fn apply(&mut self, table: &'static Table, change: &Change) -> Result<(), StoreError> {
        if change.is_empty() {
            return Ok(());
        }
        let projecting = self.projecting;
        self.to
            .write("copy_page", |tx| {
                Box::pin(async move {
                    if projecting {
                        tx.execute("UPDATE copying SET projecting = 0", vec![]).await?;
                    }
                    tx.change(table, change).await
                })
            })
            .await?;
        self.projecting = false;
        Ok(())
    }
}

impl Tx<'_> {
    /// Whether a copy into this database is unfinished: `None` if not, else whether it is down to derived tables.
    pub(in crate::store) async fn copying(&mut self) -> Result<Option<bool>, StoreError> {
        let row = self.row("SELECT projecting FROM copying", vec![]).await?;
        row.map(|row| row.one("projecting")).transpose()
    }
}

/// The origin under which messages name a village's log.
fn unnamed(village: VillageCode) -> String {
    format!("the record of village {village}")
}
