//! The record's tables: heads, entries, tiles, checkpoints. Appended to under the guard of the head row, never changed.

use std::collections::BTreeSet;

use futures_util::stream::{self, Stream};
use sqlx::AssertSqlSafe;

use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::sql::{Row, Value, bytes, chunk, placeholders, text, val};
use crate::store::tx::Tx;

/// Where a village's record ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The village.
    pub village: VillageCode,
    /// Origin of its log, fixed at founding.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Roots of the full subtrees on the right edge of the tree, as the log encodes them.
    pub frontier: Vec<u8>,
    /// Time of the last entry; the first append may take any.
    pub last_time: Time,
    /// Leaf hash of the last entry, or what entry 0 names as `prev`.
    pub last_leaf: Digest,
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its index.
    pub seq: u64,
    /// When it was accepted.
    pub time: Time,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Id of the statement in it, unique in the village.
    pub statement: Digest,
    /// The exact bytes, without line feed.
    pub bytes: Vec<u8>,
}

/// A full tile of the village's tree: 256 hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Level, 0 over the leaves.
    pub level: u64,
    /// Index within the level.
    pub n: u64,
    /// The hashes, one after another.
    pub hashes: Vec<u8>,
}

/// A sealed value for the vault, see [`crate::store::vault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRow {
    /// What sort of secret.
    pub kind: String,
    /// Whose record it belongs to.
    pub village: VillageCode,
    /// Its name among those of its kind and village.
    pub name: String,
    /// Sealed bytes.
    pub ciphertext: Vec<u8>,
}

/// What one village's record gains in a batch.
#[derive(Clone, Debug)]
pub struct VillageAppend {
    /// The size that the append was made for.
    pub old_size: u64,
    /// The right edge of the tree that it was made for, as [`Head::frontier`]: it stands for every entry before.
    pub old_frontier: Vec<u8>,
    /// The head after it; its `size` is `old_size` plus the number of entries.
    pub head: Head,
    /// The new entries, in order.
    pub entries: Vec<StoredEntry>,
    /// The checkpoint of the new size, if one was signed.
    pub checkpoint: Option<Vec<u8>>,
    /// Openings and other secrets that must be as durable as the entries.
    pub vault: Vec<VaultRow>,
}

/// Most entries in one answer.
pub const PAGE: u64 = 256;

impl Tx<'_> {
    /// Gives a village its empty record.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the village or the origin has one.
    pub async fn found_village(&mut self, head: &Head) -> Result<(), StoreError> {
        let row = [
            val(head.village),
            text(&head.origin),
            val(head.size),
            bytes(&head.frontier),
            val(head.last_time),
            val(head.last_leaf),
        ];
        let columns = "INSERT INTO villages (village, origin, size, frontier, last_time, last_leaf)";
        self.insert(columns, "", [row]).await.map(|_| ())
    }

    /// Where the village's record ends; `None` for a village without one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn head(&mut self, village: VillageCode) -> Result<Option<Head>, StoreError> {
        let sql = "SELECT village, origin, size, frontier, last_time, last_leaf FROM villages WHERE village = $1";
        self.row(sql, vec![val(village)]).await?.map(|row| head(&row)).transpose()
    }

    /// Like [`Tx::head`], and holds the village against other writers until the transaction ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn lock_head(&mut self, village: VillageCode) -> Result<Option<Head>, StoreError> {
        // An update that changes nothing is the one row lock that both engines know.
        let sql = "UPDATE villages SET size = size WHERE village = $1 \
                   RETURNING village, origin, size, frontier, last_time, last_leaf";
        self.row(sql, vec![val(village)]).await?.map(|row| head(&row)).transpose()
    }

    /// Heads of the villages after `after` in order of code, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn heads(&mut self, after: Option<VillageCode>, limit: u64) -> Result<Vec<Head>, StoreError> {
        let sql = "SELECT village, origin, size, frontier, last_time, last_leaf FROM villages \
                   WHERE village > $1 ORDER BY village LIMIT $2";
        let after = after.map_or_else(|| text(""), val);
        self.rows(sql, vec![after, val(limit)]).await?.iter().map(head).collect()
    }

    /// How many entries the records of these villages have; nothing for a village without one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sizes(&mut self, villages: &[VillageCode]) -> Result<Vec<(VillageCode, u64)>, StoreError> {
        let mut sizes = Vec::with_capacity(villages.len());
        let mut rest = villages;
        while !rest.is_empty() {
            let (some, others) = rest.split_at(chunk(rest.len()));
            // Safe: placeholders, no value is part of the text.
            let list = placeholders(1, some.len());
            let sql = AssertSqlSafe(format!("SELECT village, size FROM villages WHERE village IN {list}"));
            for row in self.rows(sql, some.iter().map(|village| val(*village)).collect()).await? {
                sizes.push((row.one("village")?, row.one("size")?));
            }
            rest = others;
        }
        Ok(sizes)
    }

    /// Appends to the records of several villages at once, to each once: all of it or nothing. `tiles` are those of each append in the same
    /// order: what became full, and what above the leaves gained a hash.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] names a village whose record moved on, [`StoreError::Replayed`] one that holds a statement
    /// already. The whole transaction must then be given up (return the error): leave that village out and try again.
    pub async fn append_batch(&mut self, batch: &[VillageAppend], tiles: &[Vec<Tile>]) -> Result<(), StoreError> {
        self.lock_villages(batch.iter().map(|append| append.head.village).collect()).await?;
        self.move_heads(batch).await?;
        self.insert_entries(batch).await?;
        self.insert_tiles(batch, tiles).await?;
        self.insert_checkpoints(batch).await?;
        let vault: Vec<&VaultRow> = batch.iter().flat_map(|append| &append.vault).collect();
        self.insert_vault(&vault).await
    }

    /// Holds villages against other writers, in order of their codes: two who took the same rows in different orders would meet in a
    /// deadlock. Nothing where writers follow one another.
    pub(in crate::store) async fn lock_villages(&mut self, villages: BTreeSet<VillageCode>) -> Result<(), StoreError> {
        if villages.len() < 2 || !self.is_beside_others() {
            return Ok(());
        }
        let mut rest: &[VillageCode] = &villages.into_iter().collect::<Vec<_>>();
        while !rest.is_empty() {
            let (some, others) = rest.split_at(chunk(rest.len()));
            // Safe: placeholders, no value is part of the text.
            let list = placeholders(1, some.len());
            let sql = format!("SELECT village FROM villages WHERE village IN {list} ORDER BY village FOR UPDATE");
            self.rows(AssertSqlSafe(sql), some.iter().map(|village| val(*village)).collect()).await?;
            rest = others;
        }
        Ok(())
    }

    /// Moves heads, each only from the record that its append was made for, not from another of the same size.
    async fn move_heads(&mut self, batch: &[VillageAppend]) -> Result<(), StoreError> {
        let row = |append: &VillageAppend| {
            let Head { village, size, frontier, last_time, last_leaf, .. } = &append.head;
            let old = [val(append.old_size), bytes(&append.old_frontier)];
            let new = [val(*size), bytes(frontier), val(*last_time), val(*last_leaf)];
            std::iter::once(val(*village)).chain(old).chain(new)
        };
        let columns = "village, old, edge, size, frontier, last_time, last_leaf";
        let update = "UPDATE villages SET size = given.size, frontier = given.frontier, last_time = given.last_time, \
                      last_leaf = given.last_leaf FROM given \
                      WHERE villages.village = given.village AND villages.size = given.old \
                      AND villages.frontier = given.edge \
                      RETURNING villages.village AS village";
        let moved = self.update_returning(columns, update, batch.iter().map(row)).await?;
        let mut moved: BTreeSet<VillageCode> = moved.iter().map(|row| row.one("village")).collect::<Result<_, _>>()?;
        match batch.iter().map(|append| append.head.village).find(|village| !moved.remove(village)) {
            Some(village) => Err(StoreError::Conflict { village }),
            None => Ok(()),
        }
    }

    async fn insert_entries(&mut self, batch: &[VillageAppend]) -> Result<(), StoreError> {
        let rows: Vec<[Value; 6]> = batch
            .iter()
            .flat_map(|append| append.entries.iter().map(|entry| entry_values(append.head.village, entry)))
            .collect();
        let columns = "INSERT INTO entries (village, seq, time, leaf, statement, bytes)";
        let count = rows.len() as u64;
        if self.insert(columns, "ON CONFLICT (village, statement) DO NOTHING", rows).await? == count {
            return Ok(());
        }
        for append in batch {
            for entry in &append.entries {
                let found = self.by_statement_id(append.head.village, entry.statement).await?;
                if found.is_none_or(|found| found.seq != entry.seq) {
                    return Err(StoreError::Replayed { village: append.head.village, statement: entry.statement });
                }
            }
        }
        Err(StoreError::Damaged("an append inserted fewer entries than it has".to_owned()))
    }

    async fn insert_tiles(&mut self, batch: &[VillageAppend], tiles: &[Vec<Tile>]) -> Result<(), StoreError> {
        let rows: Vec<[Value; 4]> = batch
            .iter()
            .zip(tiles)
            .flat_map(|(append, tiles)| tiles.iter().map(|tile| (append.head.village, tile)))
            .map(|(village, tile)| [val(village), val(tile.level), val(tile.n), bytes(&tile.hashes)])
            .collect();
        let grown = "ON CONFLICT (village, level, n) DO UPDATE SET hashes = excluded.hashes";
        self.insert("INSERT INTO tiles (village, level, n, hashes)", grown, rows).await.map(|_| ())
    }

    async fn insert_checkpoints(&mut self, batch: &[VillageAppend]) -> Result<(), StoreError> {
        let rows: Vec<[Value; 3]> = batch
            .iter()
            .filter_map(|append| append.checkpoint.as_ref().map(|note| (&append.head, note)))
            .map(|(head, note)| [val(head.village), val(head.size), bytes(note)])
            .collect();
        self.insert("INSERT INTO checkpoints (village, size, note)", "", rows).await.map(|_| ())
    }

    /// Keeps a checkpoint signed after its append, or one with further signatures in place of the one before.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_checkpoint(&mut self, village: VillageCode, size: u64, note: &[u8]) -> Result<(), StoreError> {
        let columns = "INSERT INTO checkpoints (village, size, note)";
        let tail = "ON CONFLICT (village, size) DO UPDATE SET note = excluded.note";
        self.insert(columns, tail, [[val(village), val(size), bytes(note)]]).await.map(|_| ())
    }

    /// The newest checkpoint: its size and note.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_checkpoint(&mut self, village: VillageCode) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT size, note FROM checkpoints WHERE village = $1 ORDER BY size DESC LIMIT 1";
        let row = self.row(sql, vec![val(village)]).await?;
        row.map(|row| Ok((row.one("size")?, row.one("note")?))).transpose()
    }

    /// The checkpoint of one size.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn checkpoint(&mut self, village: VillageCode, size: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT note FROM checkpoints WHERE village = $1 AND size = $2";
        self.row(sql, vec![val(village), val(size)]).await?.map(|row| row.one("note")).transpose()
    }

    /// Entries from index `from` on, in order, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entries(
        &mut self,
        village: VillageCode,
        from: u64,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = "SELECT seq, time, leaf, statement, bytes FROM entries \
                   WHERE village = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
        let rows = self.rows(sql, vec![val(village), val(from), val(limit.min(PAGE))]).await?;
        rows.iter().map(entry).collect()
    }

    /// Entries of a matter, in order, at most `limit`, as far as the timeline has them; without the ballots themselves and
    /// what happens at the door, of which there are many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entries_of_matter(
        &mut self,
        village: VillageCode,
        matter: MatterId,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = "SELECT e.seq, e.time, e.leaf, e.statement, e.bytes FROM timeline t \
                   JOIN entries e ON e.village = t.village AND e.seq = t.seq \
                   WHERE t.village = $1 AND t.matter = $2 \
                   AND t.kind NOT IN ('ballot.cast', 'paper.issued', 'hall.posted') \
                   ORDER BY t.seq LIMIT $3";
        let rows = self.rows(sql, vec![val(village), val(matter), val(limit)]).await?;
        rows.iter().map(entry).collect()
    }

    /// Entries of a session, as [`Tx::entries_of_matter`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entries_of_session(
        &mut self,
        village: VillageCode,
        session: SessionId,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = "SELECT e.seq, e.time, e.leaf, e.statement, e.bytes FROM timeline t \
                   JOIN entries e ON e.village = t.village AND e.seq = t.seq \
                   WHERE t.village = $1 AND t.session = $2 AND t.kind NOT IN \
                   ('ballot.cast', 'paper.issued', 'attendance.checked_in', 'attendance.checked_out') \
                   ORDER BY t.seq LIMIT $3";
        let rows = self.rows(sql, vec![val(village), val(session), val(limit)]).await?;
        rows.iter().map(entry).collect()
    }

    /// A village's entries of one kind, newest first, at most `limit`. Reads the village's whole timeline: for kinds that
    /// are looked up seldom.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entries_of_kind(
        &mut self,
        village: VillageCode,
        kind: &str,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = "SELECT e.seq, e.time, e.leaf, e.statement, e.bytes FROM timeline t \
                   JOIN entries e ON e.village = t.village AND e.seq = t.seq \
                   WHERE t.village = $1 AND t.kind = $2 ORDER BY t.seq DESC LIMIT $3";
        let rows = self.rows(sql, vec![val(village), text(kind), val(limit)]).await?;
        rows.iter().map(entry).collect()
    }

    /// The entry with index `seq`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entry(&mut self, village: VillageCode, seq: u64) -> Result<Option<StoredEntry>, StoreError> {
        let sql = "SELECT seq, time, leaf, statement, bytes FROM entries WHERE village = $1 AND seq = $2";
        self.row(sql, vec![val(village), val(seq)]).await?.map(|row| entry(&row)).transpose()
    }

    /// The entry that holds a statement.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn by_statement_id(
        &mut self,
        village: VillageCode,
        statement: Digest,
    ) -> Result<Option<StoredEntry>, StoreError> {
        let sql = "SELECT seq, time, leaf, statement, bytes FROM entries WHERE village = $1 AND statement = $2";
        self.row(sql, vec![val(village), val(statement)]).await?.map(|row| entry(&row)).transpose()
    }
}

impl Db {
    /// The entries with index `from` up to `to` (not included) in pages of at most [`PAGE`], in bounded memory.
    /// Each page is read by itself: what is below a record's size never changes.
    pub fn entry_pages(
        &self,
        village: VillageCode,
        from: u64,
        to: u64,
    ) -> impl Stream<Item = Result<Vec<StoredEntry>, StoreError>> + use<> {
        stream::try_unfold((self.clone(), from), move |(db, next)| async move {
            if next >= to {
                return Ok(None);
            }
            let page = db.read("entry_page", |tx| Box::pin(tx.entries(village, next, to - next))).await?;
            let read = page.len() as u64;
            if read == 0 {
                return Err(StoreError::Damaged(format!("entry {next} of village {village} is missing")));
            }
            Ok::<_, StoreError>(Some((page, (db, next + read))))
        })
    }
}

fn entry_values(village: VillageCode, entry: &StoredEntry) -> [Value; 6] {
    [val(village), val(entry.seq), val(entry.time), val(entry.leaf), val(entry.statement), bytes(&entry.bytes)]
}

pub(in crate::store) fn head(row: &Row) -> Result<Head, StoreError> {
    Ok(Head {
        village: row.one("village")?,
        origin: row.one("origin")?,
        size: row.one("size")?,
        frontier: row.one("frontier")?,
        last_time: row.one("last_time")?,
        last_leaf: row.one("last_leaf")?,
    })
}

pub(in crate::store) fn entry(row: &Row) -> Result<StoredEntry, StoreError> {
    Ok(StoredEntry {
        seq: row.one("seq")?,
        time: row.one("time")?,
        leaf: row.one("leaf")?,
        statement: row.one("statement")?,
        bytes: row.one("bytes")?,
    })
}
