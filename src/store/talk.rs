//! Derived: what is talked about in a village's hall, and the entries in which it is.

use crate::core::clock::Time;
use crate::core::ids::{MatterId, VillageCode};
use crate::store::error::StoreError;
use crate::store::record::{StoredEntry, entry};
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// What is talked about: a matter, or the village in general.
"talks" pub struct TalkRow {
    /// Its village.
    pub village: VillageCode,
    /// The matter's id; empty: the village in general.
    pub matter: String,
    /// How often something was said.
    pub posts: u64,
    /// Index of the last entry.
    pub last_seq: u64,
    /// Its time.
    pub last_time: Time,
}
}

/// How a matter is called here, or the village in general.
fn name(matter: Option<MatterId>) -> String {
    matter.map(|id| id.to_string()).unwrap_or_default()
}

impl TalkRow {
    /// What one entry adds.
    #[must_use]
    pub fn of(village: VillageCode, matter: Option<MatterId>, seq: u64, time: Time) -> Self {
        Self { village, matter: name(matter), posts: 1, last_seq: seq, last_time: time }
    }
}

impl Tx<'_> {
    /// Adds what was said since, each entry once and in their order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_posts(&mut self, rows: &[TalkRow]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, matter) DO UPDATE SET posts = talks.posts + 1, \
                    last_seq = excluded.last_seq, last_time = excluded.last_time";
        for row in rows {
            self.put(std::slice::from_ref(row), tail).await?;
        }
        Ok(())
    }

    /// What was talked about last, before index `before`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn talks(
        &mut self,
        village: VillageCode,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<TalkRow>, StoreError> {
        let clause = "WHERE village = $1 AND last_seq < $2 ORDER BY last_seq DESC LIMIT $3";
        self.all(clause, vec![val(village), val(before.unwrap_or(u64::MAX)), val(limit)]).await
    }

    /// What was said about a matter, or the village in general; nothing where nobody spoke.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn talk(
        &mut self,
        village: VillageCode,
        matter: Option<MatterId>,
    ) -> Result<Option<TalkRow>, StoreError> {
        self.first("WHERE village = $1 AND matter = $2", vec![val(village), text(&name(matter))]).await
    }

    /// The entries in which something was said of a matter, or of the village in general, before index `before`, newest first, at
    /// most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entries_of_talk(
        &mut self,
        village: VillageCode,
        matter: Option<MatterId>,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let before = val(before.unwrap_or(u64::MAX));
        let rows = if let Some(id) = matter {
            let sql = "SELECT e.seq, e.time, e.leaf, e.statement, e.bytes FROM timeline t \
                       JOIN entries e ON e.village = t.village AND e.seq = t.seq \
                       WHERE t.kind = 'hall.posted' AND t.village = $1 AND t.matter = $2 AND t.seq < $3 \
                       ORDER BY t.seq DESC LIMIT $4";
            self.rows(sql, vec![val(village), val(id), before, val(limit)]).await?
        } else {
            let sql = "SELECT e.seq, e.time, e.leaf, e.statement, e.bytes FROM timeline t \
                       JOIN entries e ON e.village = t.village AND e.seq = t.seq \
                       WHERE t.kind = 'hall.posted' AND t.village = $1 AND t.matter IS NULL AND t.seq < $2 \
                       ORDER BY t.seq DESC LIMIT $3";
            self.rows(sql, vec![val(village), before, val(limit)]).await?
        };
        rows.iter().map(entry).collect()
    }
}
