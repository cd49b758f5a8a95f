//! Backup while running, and restore. A backup is a folder, the same for both engines:
//!
//! - `store.sqlite`: record and private tables as they were at one instant; a restore can so also change the engine
//! - `vault.sqlite`: the vault's rows, sealed as always, to be kept apart from the rest; the vault key is in neither
//! - `documents/`: the bytes of documents
//!
//! Derived tables are not in it: run a rebuild after a restore. Neither are login sessions and challenges: one that was
//! ended after the backup must not come back to life.

use std::path::Path;

use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::store::db::{Db, Options};
use crate::store::error::StoreError;
use crate::store::objects::Objects;
use crate::store::schema::TABLES;
use crate::store::sql::Value;
use crate::store::tx::Tx;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: u64,
    /// Documents' bytes.
    pub documents: u64,
}

/// Rows held in memory at once; an entry has at most 64 KiB.
const PAGE: usize = 128;

impl Db {
    /// Copies everything that can't be rebuilt into `folder`, which is made or must be empty. Writers go on meanwhile: all
    /// rows are of one instant, and documents are copied after them, so none that a row names is left out.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Unavailable`]; the folder then holds no usable backup.
    pub async fn backup(&self, objects: &Objects, folder: &Path) -> Result<Copied, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::unavailable(&error))?;
        let mut files = std::fs::read_dir(folder).map_err(|error| StoreError::unavailable(&error))?;
        if files.next().is_some() {
            return Err(StoreError::NotEmpty(folder.display().to_string()));
        }
        let mut from = self.begin_read().await?;
        let mut rows = 0;
        for (file, vault) in [("store.sqlite", false), ("vault.sqlite", true)] {
            let copy = Self::open_file(&folder.join(file), Options::default()).await?;
            let mut to = copy.begin_write().await?;
            for table in kept().filter(|table| (*table == VAULT) == vault) {
                rows += copy_table(table, &mut from, &mut to).await?;
            }
            to.commit().await.map_err(|(error, _)| error)?;
            copy.close().await;
        }
        let documents = objects.copy_to(&Objects::folder(&folder.join("documents"))?).await?;
        Ok(Copied { rows, documents })
    }

    /// Brings a backup into this database, which must hold nothing yet, and its documents into `objects`.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Unavailable`]; no row was then written.
    pub async fn restore(&self, objects: &Objects, folder: &Path) -> Result<Copied, StoreError> {
        for file in ["store.sqlite", "vault.sqlite"] {
            let metadata = std::fs::metadata(folder.join(file));
            metadata.map_err(|error| StoreError::unavailable(&format!("{file}: {error}")))?;
        }
        let documents = Objects::folder(&folder.join("documents"))?.copy_to(objects).await?;
        let mut to = self.begin_write().await?;
        for table in kept() {
            let sql = AssertSqlSafe(format!("SELECT 1 AS one FROM {table} LIMIT 1"));
            if to.row(sql, vec![]).await?.is_some() {
                return Err(StoreError::NotEmpty(format!("the table {table}")));
            }
        }
        let mut rows = 0;
        for (file, vault) in [("store.sqlite", false), ("vault.sqlite", true)] {
            let backup = Self::open_file(&folder.join(file), Options::default()).await?;
            let mut from = backup.begin_read().await?;
            for table in kept().filter(|table| (*table == VAULT) == vault) {
                rows += copy_table(table, &mut from, &mut to).await?;
            }
            drop(from);
            backup.close().await;
        }
        // It may be an old copy: the server asks its witnesses before it signs anything.
        for head in to.districts().await? {
            to.mark_restored(head.district, true).await?;
        }
        to.commit().await.map_err(|(error, _)| error)?;
        Ok(Copied { rows, documents })
    }
}

const VAULT: &str = "vault";

/// Tables of a backup, in an order that no foreign key forbids.
fn kept() -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter(|table| table.lasts()).map(|table| table.name)
}

async fn copy_table(table: &'static str, from: &mut Tx<'_>, to: &mut Tx<'_>) -> Result<u64, StoreError> {
    // Safe: the names come from our own constant and migrations.
    let mut pages = from.stream(AssertSqlSafe(format!("SELECT * FROM {table}"))).try_chunks(PAGE);
    let mut copied = 0;
    while let Some(page) = pages.try_next().await.map_err(|error| error.1)? {
        let mut head = String::new();
        let mut rows = Vec::with_capacity(page.len());
        for row in page {
            let (names, values): (Vec<String>, Vec<Value>) = row.cells()?.into_iter().unzip();
            // By name: the order of columns may differ where migrations added some.
            head = format!("INSERT INTO {table} ({})", names.join(", "));
            rows.push(values);
        }
        copied += to.insert(&head, "", rows).await?;
    }
    Ok(copied)
}
