//! The district's log in tables, what of the villages waits to be published there, and cosignatures of checkpoints.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, VillageCode};
use crate::store::error::StoreError;
use crate::store::record::{PAGE, Tile};
use crate::store::sql::{Row, Value, beyond, bytes, placeholders, table_row, text, val};
use crate::store::tx::Tx;

/// Which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogOf {
    /// A village's record.
    Village(VillageCode),
    /// A district's directory of keys and checkpoints.
    District(DistrictCode),
}

table_row! {
    /// Where a district's log ends.
    "districts" pub struct DistrictHead {
        /// The district.
        pub district: DistrictCode,
        /// Origin of its log.
        pub origin: String,
        /// Number of leaves.
        pub size: u64,
        /// Roots of the full subtrees on the right edge of the tree.
        pub frontier: Vec<u8>,
        /// Whether it came from a backup, and witnesses have not confirmed yet that it is the newest.
        pub restored: bool,
    }
}

table_row! {
    /// A leaf of a district's log.
    "district_leaves" pub struct DistrictLeaf {
        /// The district.
        pub district: DistrictCode,
        /// Its index.
        pub seq: u64,
        /// Since when it has waited to be added.
        pub time: Time,
        /// Whose key or checkpoint; `None` for a release.
        pub village: Option<VillageCode>,
        /// Size of the village's checkpoint; `None` for a key or release. Without a village, what does not belong there.
        pub size: Option<u64>,
        /// Its leaf hash.
        pub leaf: Digest,
        /// The exact bytes.
        pub bytes: Vec<u8>,
    }
}

table_row! {
    /// A signed checkpoint of a district's log.
    "district_checkpoints" pub struct DistrictCheckpoint {
        /// The district.
        pub district: DistrictCode,
        /// Number of leaves.
        pub size: u64,
        /// Since when what it adds has waited to be published: not long before it was signed, if the server ran.
        pub time: Time,
        /// The note with the log's signature.
        pub note: Vec<u8>,
        /// When the cosignatures that the policy asks for were there.
        pub witnessed: Option<Time>,
    }
}

table_row! {
    /// A cosigner's signature under a checkpoint.
    "cosignatures" pub struct Cosignature {
        /// Origin of the log.
        pub origin: String,
        /// Size of the checkpoint.
        pub size: u64,
        /// Verifier key of the cosigner.
        pub key: String,
        /// When it signed.
        pub time: Time,
        /// The signature line.
        pub line: String,
    }
}

/// What a district's log gains at once.
#[derive(Clone, Debug)]
pub struct DistrictAppend {
    /// The size that it was made for.
    pub old_size: u64,
    /// The head after it.
    pub head: DistrictHead,
    /// The new leaves, in order.
    pub leaves: Vec<DistrictLeaf>,
    /// Tiles that became full, and those above the leaves that gained a hash.
    pub tiles: Vec<Tile>,
    /// The signed checkpoint of the new size.
    pub checkpoint: DistrictCheckpoint,
}

/// A village whose record goes beyond its newest checkpoint in the district's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpublished {
    /// The village.
    pub village: VillageCode,
    /// Size of its record.
    pub size: u64,
    /// Time of its last entry.
    pub last_time: Time,
    /// The signed checkpoint of that size.
    pub note: Vec<u8>,
}

fn place(log: LogOf) -> Value {
    match log {
        LogOf::Village(village) => val(village),
        LogOf::District(district) => val(district),
    }
}

impl Tx<'_> {
    /// Begins a district's log.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if it has one.
    pub async fn begin_district(&mut self, head: &DistrictHead) -> Result<(), StoreError> {
        self.put(std::slice::from_ref(head), "").await.map(|_| ())
    }

    /// Where a district's log ends; `None` where it has none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn district(&mut self, district: DistrictCode) -> Result<Option<DistrictHead>, StoreError> {
        self.first("WHERE district = $1", vec![val(district)]).await
    }

    /// Like [`Tx::district`], and holds it against other writers until the transaction ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn lock_district(&mut self, district: DistrictCode) -> Result<Option<DistrictHead>, StoreError> {
        let sql = "UPDATE districts SET size = size WHERE district = $1";
        self.execute(sql, vec![val(district)]).await?;
        self.district(district).await
    }

    /// The districts that have a log.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn districts(&mut self) -> Result<Vec<DistrictHead>, StoreError> {
        self.all("ORDER BY district", vec![]).await
    }

    /// The first districts that have a log, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn some_districts(&mut self, limit: u64) -> Result<Vec<DistrictHead>, StoreError> {
        self.all("ORDER BY district LIMIT $1", vec![val(limit)]).await
    }

    /// Notes that a district's log came from a backup, or that witnesses have confirmed that it is the newest.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_restored(&mut self, district: DistrictCode, restored: bool) -> Result<(), StoreError> {
        let sql = "UPDATE districts SET restored = $1 WHERE district = $2";
        self.execute(sql, vec![val(restored), val(district)]).await.map(|_| ())
    }

    /// Appends to a district's log. Villages whose key or checkpoint is among the leaves are published so far from then on.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the log moved on meanwhile: it must be locked by the caller.
    pub async fn append_district(&mut self, append: &DistrictAppend) -> Result<(), StoreError> {
        self.extend_district(append).await?;
        self.put(std::slice::from_ref(&append.checkpoint), "").await?;
        self.mark_published(&append.leaves).await
    }

    /// Notes for each village the size of its newest checkpoint among the leaves; 0 with its key alone.
    async fn mark_published(&mut self, leaves: &[DistrictLeaf]) -> Result<(), StoreError> {
        let mut sizes: BTreeMap<VillageCode, u64> = BTreeMap::new();
        for (village, size) in leaves.iter().filter_map(|leaf| Some((leaf.village?, leaf.size.unwrap_or(0)))) {
            let newest = sizes.entry(village).or_default();
            *newest = size.max(*newest);
        }
        self.lock_villages(sizes.keys().copied().collect()).await?;
        // A key alone, of a village that has published before, takes nothing back.
        let update = "UPDATE villages SET published = given.size FROM given WHERE villages.village = given.village \
                      AND COALESCE(villages.published, -1) < given.size";
        let rows: Vec<_> = sizes.into_iter().map(|(village, size)| [val(village), val(size)]).collect();
        self.update("village, size", update, rows).await.map(|_| ())
    }

    /// Head, leaves and tiles of [`Tx::append_district`].
    pub(in crate::store) async fn extend_district(&mut self, append: &DistrictAppend) -> Result<(), StoreError> {
        let DistrictHead { district, size, frontier, .. } = &append.head;
        let sql = "UPDATE districts SET size = $1, frontier = $2 WHERE district = $3 AND size = $4";
        let values = vec![val(*size), bytes(frontier), val(*district), val(append.old_size)];
        if self.execute(sql, values).await? != 1 {
            return Err(StoreError::Damaged(format!("the log of district {district} moved on")));
        }
        self.put(&append.leaves, "").await?;
        let tiles = append.tiles.iter();
        let tiles: Vec<_> =
            tiles.map(|tile| [val(*district), val(tile.level), val(tile.n), bytes(&tile.hashes)]).collect();
        let grown = "ON CONFLICT (district, level, n) DO UPDATE SET hashes = excluded.hashes";
        self.insert("INSERT INTO district_tiles (district, level, n, hashes)", grown, tiles).await.map(|_| ())
    }

    /// The first village after `after` whose record goes beyond what is published.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_unpublished(&mut self, after: Option<VillageCode>) -> Result<Option<VillageCode>, StoreError> {
        let sql = "SELECT village FROM villages WHERE size > published AND village > $1 ORDER BY village LIMIT 1";
        let after = after.map_or_else(|| text(""), val);
        self.row(sql, vec![after]).await?.map(|row| row.one("village")).transpose()
    }

    /// Villages of a district whose record goes beyond what is published, in order of code.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unpublished(&mut self, district: DistrictCode, limit: u64) -> Result<Vec<Unpublished>, StoreError> {
        let sql = "SELECT v.village AS village, v.size AS size, v.last_time AS last_time, c.note AS note \
                   FROM villages v JOIN checkpoints c ON c.village = v.village AND c.size = v.size \
                   WHERE v.size > v.published AND v.village >= $1 AND v.village < $2 ORDER BY v.village LIMIT $3";
        let read = |row: &Row| {
            Ok(Unpublished {
                village: row.one("village")?,
                size: row.one("size")?,
                last_time: row.one("last_time")?,
                note: row.one("note")?,
            })
        };
        let district = district.to_string();
        let values = vec![text(&district), beyond(&district), val(limit)];
        self.rows(sql, values).await?.iter().map(read).collect()
    }

    /// Bytes of every key and release among a district's leaves, oldest first: a few for each village.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn keys_and_releases(&mut self, district: DistrictCode) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM district_leaves WHERE district = $1 AND size IS NULL ORDER BY seq";
        self.rows(sql, vec![val(district)]).await?.iter().map(|row| row.one("bytes")).collect()
    }

    /// Villages whose key the directory doesn't have, in order of code.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unlisted(&mut self, limit: u64) -> Result<Vec<VillageCode>, StoreError> {
        let sql = "SELECT village FROM villages WHERE published IS NULL ORDER BY village LIMIT $1";
        self.rows(sql, vec![val(limit)]).await?.iter().map(|row| row.one("village")).collect()
    }

    /// Size of a log as it is published: a village's newest checkpoint in the district's log, the district's own size.
    /// `None` where nothing is published.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn published(&mut self, log: LogOf) -> Result<Option<u64>, StoreError> {
        let sql = match log {
            LogOf::Village(_) => "SELECT published FROM villages WHERE village = $1",
            LogOf::District(_) => "SELECT size AS published FROM districts WHERE district = $1",
        };
        let row = self.row(sql, vec![place(log)]).await?;
        Ok(row.map(|row| row.maybe("published")).transpose()?.flatten().filter(|size| *size > 0))
    }

    /// Leaf hashes from index `from` on, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn log_leaves(&mut self, log: LogOf, from: u64, limit: u64) -> Result<Vec<Digest>, StoreError> {
        let sql = match log {
            LogOf::Village(_) => "SELECT leaf FROM entries WHERE village = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
            LogOf::District(_) => {
                "SELECT leaf FROM district_leaves WHERE district = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
            }
        };
        let rows = self.rows(sql, vec![place(log), val(from), val(limit.min(PAGE))]).await?;
        rows.iter().map(|row| row.one("leaf")).collect()
    }

    /// Exact bytes of entries or leaves from index `from` on, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn log_bytes(&mut self, log: LogOf, from: u64, limit: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = match log {
            LogOf::Village(_) => "SELECT bytes FROM entries WHERE village = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
            LogOf::District(_) => {
                "SELECT bytes FROM district_leaves WHERE district = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
            }
        };
        let rows = self.rows(sql, vec![place(log), val(from), val(limit.min(PAGE))]).await?;
        rows.iter().map(|row| row.one("bytes")).collect()
    }

    /// Tiles (level, index) as they are kept: full, or above the leaves, with the hashes that they have so far. In one
    /// statement: a proof needs a handful, and each statement is a way to the database and back. What isn't there is left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn log_tiles(&mut self, log: LogOf, wanted: &[(u64, u64)]) -> Result<Vec<Tile>, StoreError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let (table, code) = match log {
            LogOf::Village(_) => ("tiles", "village"),
            LogOf::District(_) => ("district_tiles", "district"),
        };
        let places = placeholders(wanted.len(), 3);
        // CROSS JOIN: without it SQLite reads all tiles of the log and picks. Safe: constants and placeholders.
        let sql = AssertSqlSafe(format!(
            "WITH wanted (code, level, n) AS (VALUES {places}) SELECT kept.level, kept.n, kept.hashes FROM wanted \
             CROSS JOIN {table} kept WHERE kept.{code} = wanted.code AND kept.level = wanted.level AND kept.n = wanted.n"
        ));
        let values = wanted.iter().flat_map(|(level, n)| [place(log), val(*level), val(*n)]).collect();
        let read = |row: &Row| Ok(Tile { level: row.one("level")?, n: row.one("n")?, hashes: row.one("hashes")? });
        self.rows(sql, values).await?.iter().map(read).collect()
    }

    /// The first published checkpoint of a village that covers `size` entries, as a leaf.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn published_from(
        &mut self,
        village: VillageCode,
        size: u64,
    ) -> Result<Option<DistrictLeaf>, StoreError> {
        self.first("WHERE village = $1 AND size >= $2 ORDER BY size LIMIT 1", vec![val(village), val(size)]).await
    }

    /// The newest checkpoint of a village among the first `leaves` leaves of its district's log.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_published_within(
        &mut self,
        village: VillageCode,
        leaves: u64,
    ) -> Result<Option<DistrictLeaf>, StoreError> {
        let clause = "WHERE village = $1 AND size IS NOT NULL AND seq < $2 ORDER BY size DESC LIMIT 1";
        self.first(clause, vec![val(village), val(leaves)]).await
    }

    /// The newest checkpoint of a district's log.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_district_checkpoint(
        &mut self,
        district: DistrictCode,
    ) -> Result<Option<DistrictCheckpoint>, StoreError> {
        self.first("WHERE district = $1 ORDER BY size DESC LIMIT 1", vec![val(district)]).await
    }

    /// The newest checkpoint of a district's log that has the cosignatures which the policy asks for, or has waited since
    /// `before` or longer. As time goes on, never a smaller one than it was.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_ripe(
        &mut self,
        district: DistrictCode,
        before: Time,
    ) -> Result<Option<DistrictCheckpoint>, StoreError> {
        let clause = "WHERE district = $1 AND (witnessed IS NOT NULL OR time <= $2) ORDER BY size DESC LIMIT 1";
        self.first(clause, vec![val(district), val(before)]).await
    }

    /// The first checkpoint of a district's log with more than `size` leaves.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn district_checkpoint_after(
        &mut self,
        district: DistrictCode,
        size: u64,
    ) -> Result<Option<DistrictCheckpoint>, StoreError> {
        let clause = "WHERE district = $1 AND size > $2 ORDER BY size LIMIT 1";
        self.first(clause, vec![val(district), val(size)]).await
    }

    /// The first checkpoint of at least `size` leaves with the cosignatures that the policy asks for.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn witnessed_from(
        &mut self,
        district: DistrictCode,
        size: u64,
    ) -> Result<Option<DistrictCheckpoint>, StoreError> {
        let clause = "WHERE district = $1 AND size >= $2 AND witnessed IS NOT NULL ORDER BY size LIMIT 1";
        self.first(clause, vec![val(district), val(size)]).await
    }

    /// Notes that a checkpoint has the cosignatures that the policy asks for; the first time stands.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_witnessed(&mut self, district: DistrictCode, size: u64, time: Time) -> Result<(), StoreError> {
        let sql = "UPDATE district_checkpoints SET witnessed = $1 \
                   WHERE district = $2 AND size = $3 AND witnessed IS NULL";
        self.execute(sql, vec![val(time), val(district), val(size)]).await.map(|_| ())
    }

    /// Keeps cosignatures; a newer one of the same key under the same checkpoint takes the place of the former.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_cosignatures(&mut self, rows: &[Cosignature]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (origin, size, key) DO UPDATE SET time = excluded.time, line = excluded.line \
                    WHERE excluded.time >= cosignatures.time";
        self.put(rows, tail).await.map(|_| ())
    }

    /// Cosignatures of one checkpoint, in order of key.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cosignatures(&mut self, origin: &str, size: u64) -> Result<Vec<Cosignature>, StoreError> {
        self.all("WHERE origin = $1 AND size = $2 ORDER BY key", vec![text(origin), val(size)]).await
    }

    /// The newest checkpoint of a log that a cosigner signed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_cosignature(&mut self, origin: &str, key: &str) -> Result<Option<Cosignature>, StoreError> {
        let clause = "WHERE origin = $1 AND key = $2 ORDER BY size DESC LIMIT 1";
        self.first(clause, vec![text(origin), text(key)]).await
    }
}
