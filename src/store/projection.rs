//! Derived: how far each village is projected, its cached state and summary, search by name, and emptying it all.

use std::collections::BTreeMap;

use crate::core::clock::Time;
use crate::core::ids::{PublicKey, TownshipCode, VillageCode};
use crate::store::error::StoreError;
use crate::store::figures::FIGURE_SUMS;
use crate::store::places::DISTRICT_SUMS;
use crate::store::schema::{Class, TABLES};
use crate::store::sql::{Value, bytes, chunk, placeholders, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// What lists of villages show.
"village_summary" pub struct VillageSummary {
    /// The village.
    pub village: VillageCode,
    /// Its township or street.
    pub township: TownshipCode,
    /// The township's name as shown.
    pub township_name: String,
    /// Its name as shown.
    pub name: String,
    /// Open matters at stage 1.
    pub suggestion: u64,
    /// Open matters at stage 2.
    pub proposal: u64,
    /// Open matters at stage 3.
    pub consultation: u64,
    /// Open matters at stage 4.
    pub filing: u64,
    /// Open matters at stage 5.
    pub ballot: u64,
    /// Open matters at stage 6.
    pub supervision: u64,
    /// Matters that ended, however.
    pub finished: u64,
    /// Warnings that stand.
    pub warnings: u64,
    /// Time of the newest entry.
    pub newest: Time,
    /// Number of entries.
    pub size: u64,
}
}

impl VillageSummary {
    /// Open matters at any stage.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.suggestion + self.proposal + self.consultation + self.filing + self.ballot + self.supervision
    }
}

impl Tx<'_> {
    /// Up to which size the village's record is projected; 0 before the first time.
    pub async fn projected(&mut self, village: VillageCode) -> Result<u64, StoreError> {
        let row = self.row("SELECT size FROM projection WHERE village = $1", vec![val(village)]).await?;
        row.map_or(Ok(0), |row| row.one("size"))
    }

    /// Up to which sizes the records of villages are projected; of those never projected nothing.
    pub async fn projected_sizes(&mut self, villages: &[VillageCode]) -> Result<Vec<(VillageCode, u64)>, StoreError> {
        let mut sizes = Vec::with_capacity(villages.len());
        let mut rest = villages;
        while !rest.is_empty() {
            let (some, others) = rest.split_at(chunk(rest.len()));
            // Safe: placeholders, no value is part of the text.
            let list = placeholders(1, some.len());
            let sql = sqlx::AssertSqlSafe(format!("SELECT village, size FROM projection WHERE village IN {list}"));
            for row in self.rows(sql, some.iter().map(|village| val(*village)).collect()).await? {
                sizes.push((row.one("village")?, row.one("size")?));
            }
            rest = others;
        }
        Ok(sizes)
    }

    /// The sum of the sizes up to which the villages are projected in which a key is enrolled.
    pub async fn projected_of(&mut self, key: PublicKey) -> Result<u64, StoreError> {
        let sql = "SELECT CAST(COALESCE(SUM(p.size), 0) AS BIGINT) AS size FROM keys k JOIN projection p ON p.village = k.village \
                   WHERE k.public_key = $1";
        self.row(sql, vec![val(key)]).await?.map_or(Ok(0), |row| row.one("size"))
    }

    /// Like [`Tx::projected`], and holds the village against others that project it until the transaction ends.
    pub async fn lock_projected(&mut self, village: VillageCode) -> Result<u64, StoreError> {
        // An upsert that changes nothing locks the row on both engines, also one that was not there.
        let sql = "INSERT INTO projection (village, size) VALUES ($1, 0) \
                   ON CONFLICT (village) DO UPDATE SET size = projection.size RETURNING size";
        let row = self.row(sql, vec![val(village)]).await?;
        row.ok_or_else(|| StoreError::Damaged("a projection's row can't be made".to_owned()))?.one("size")
    }

    /// Notes up to which size the village's record is projected, in the transaction that projects.
    pub async fn set_projected(&mut self, village: VillageCode, size: u64) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village) DO UPDATE SET size = excluded.size";
        let row = [val(village), val(size)];
        self.insert("INSERT INTO projection (village, size)", tail, [row]).await.map(|_| ())
    }

    /// Notes for many villages up to which size they are projected, in the transaction that projects them: village, size
    /// before, size now. `false` if one of them was not projected up to the size before; the transaction must then be given up.
    pub async fn move_projected(&mut self, moves: &[(VillageCode, u64, u64)]) -> Result<bool, StoreError> {
        let row = |(village, old, size): &(VillageCode, u64, u64)| [val(*village), val(*old), val(*size)];
        let rows: Vec<[Value; 3]> = moves.iter().map(row).collect();
        let update = "UPDATE projection SET size = given.size FROM given \
                      WHERE projection.village = given.village AND projection.size = given.old";
        Ok(self.update("village, old, size", update, rows).await? == moves.len() as u64)
    }

    /// Notes in many villages' summaries how far their records go: village, time of the newest entry, number of entries.
    pub async fn grow_summaries(&mut self, grown: &[(VillageCode, Time, u64)]) -> Result<(), StoreError> {
        let row = |(village, newest, size): &(VillageCode, Time, u64)| [val(*village), val(*newest), val(*size)];
        let rows: Vec<[Value; 3]> = grown.iter().map(row).collect();
        let update = "UPDATE village_summary SET newest = given.newest, size = given.size FROM given \
                      WHERE village_summary.village = given.village";
        self.update("village, newest, size", update, rows).await.map(|_| ())
    }

    /// Villages after `after` whose record is ahead of its projection, in order of code, at most `limit`.
    pub async fn unprojected(
        &mut self,
        after: Option<VillageCode>,
        limit: u64,
    ) -> Result<Vec<VillageCode>, StoreError> {
        let sql = "SELECT v.village AS village FROM villages v LEFT JOIN projection p ON p.village = v.village \
                   WHERE v.village > $1 AND v.size > COALESCE(p.size, 0) ORDER BY v.village LIMIT $2";
        let after = after.map_or_else(|| text(""), val);
        self.rows(sql, vec![after, val(limit)]).await?.iter().map(|row| row.one("village")).collect()
    }

    /// Keeps the state that a village's first `size` entries lead to, as the caller encodes it, in place of the one before.
    pub async fn put_state(&mut self, village: VillageCode, size: u64, snapshot: &[u8]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village) DO UPDATE SET size = excluded.size, snapshot = excluded.snapshot";
        let row = [val(village), val(size), bytes(snapshot)];
        self.insert("INSERT INTO village_state (village, size, snapshot)", tail, [row]).await.map(|_| ())
    }

    /// The state kept last: its size and encoding.
    pub async fn state(&mut self, village: VillageCode) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let row = self.row("SELECT size, snapshot FROM village_state WHERE village = $1", vec![val(village)]).await?;
        row.map(|row| Ok((row.one("size")?, row.one("snapshot")?))).transpose()
    }

    /// How many entries lead to the state kept last.
    pub async fn state_size(&mut self, village: VillageCode) -> Result<Option<u64>, StoreError> {
        let row = self.row("SELECT size FROM village_state WHERE village = $1", vec![val(village)]).await?;
        row.map(|row| row.one("size")).transpose()
    }

    /// Keeps a village's summary and makes it findable by any part of its name.
    pub async fn put_summary(&mut self, summary: &VillageSummary) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village) DO UPDATE SET township = excluded.township, \
                    township_name = excluded.township_name, name = excluded.name, \
                    suggestion = excluded.suggestion, proposal = excluded.proposal, \
                    consultation = excluded.consultation, filing = excluded.filing, ballot = excluded.ballot, \
                    supervision = excluded.supervision, finished = excluded.finished, warnings = excluded.warnings, \
                    newest = excluded.newest, size = excluded.size";
        let before = self.summary(summary.village).await?;
        self.put(std::slice::from_ref(summary), tail).await?;
        self.sum_up(summary.village.district(), before.as_ref(), Some(summary)).await?;
        if before.is_some_and(|before| before.name == summary.name) {
            return Ok(());
        }
        self.execute("DELETE FROM search_names WHERE village = $1", vec![val(summary.village)]).await?;
        let name = &summary.name;
        let rows: Vec<[Value; 2]> =
            name.char_indices().map(|(at, _)| [text(&name[at..]), val(summary.village)]).collect();
        // A name may hold the same ending only once, so no two rows are equal.
        self.insert("INSERT INTO search_names (ending, village)", "", rows).await.map(|_| ())
    }

    /// A village's summary.
    pub async fn summary(&mut self, village: VillageCode) -> Result<Option<VillageSummary>, StoreError> {
        self.first("WHERE village = $1", vec![val(village)]).await
    }

    /// Summaries of a township's villages, in order of code.
    pub async fn summaries(&mut self, township: TownshipCode) -> Result<Vec<VillageSummary>, StoreError> {
        self.all("WHERE township = $1 ORDER BY village", vec![val(township)]).await
    }

    /// Summaries of the villages after `after`, in order of code, at most `limit`.
    pub async fn summaries_after(
        &mut self,
        after: Option<VillageCode>,
        limit: u64,
    ) -> Result<Vec<VillageSummary>, StoreError> {
        let after = after.map_or_else(|| text(""), val);
        self.all("WHERE village > $1 ORDER BY village LIMIT $2", vec![after, val(limit)]).await
    }

    /// Empties every derived table of one village.
    pub async fn clear_derived(&mut self, village: VillageCode) -> Result<(), StoreError> {
        let before = self.summary(village).await?;
        self.sum_up(village.district(), before.as_ref(), None).await?;
        self.take_figures(village).await?;
        for table in derived().filter(|table| ![DISTRICT_SUMS, FIGURE_SUMS].contains(table)) {
            let sql = sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE village = $1"));
            self.execute(sql, vec![val(village)]).await?;
        }
        Ok(())
    }

    /// Empties every derived table.
    pub async fn clear_all_derived(&mut self) -> Result<(), StoreError> {
        for table in derived() {
            self.execute(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")), vec![]).await?;
        }
        Ok(())
    }

    /// Every row of every derived table, readable and in a fixed order, to compare before and after a rebuild.
    /// Holds all of it in memory.
    pub async fn derived_rows(&mut self) -> Result<BTreeMap<&'static str, Vec<String>>, StoreError> {
        let mut all = BTreeMap::new();
        for table in derived() {
            let rows = self.rows(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}")), vec![]).await?;
            let cells = rows.iter().map(crate::store::sql::Row::cells);
            let mut lines = cells.map(|cells| Ok(format!("{:?}", cells?))).collect::<Result<Vec<_>, StoreError>>()?;
            lines.sort_unstable();
            all.insert(table, lines);
        }
        Ok(all)
    }
}

fn derived() -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter(|table| table.class == Class::Derived).map(|table| table.name)
}
