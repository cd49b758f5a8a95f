//! Entries, which are most of a database: village after village in order of code, only what is missing.

use crate::core::ids::VillageCode;
use crate::store::copy::rows::{Change, Kept, kept};
use crate::store::copy::{Copy, CopyError, PAGE, Progress, unnamed};
use crate::store::error::StoreError;
use crate::store::record::Head;
use crate::store::schema::Table;
use crate::store::sql::{Value, text, val};
use crate::store::tx::Tx;

/// The table of entries.
pub(in crate::store::copy) const TABLE: &str = "entries";
/// Villages looked at in one statement.
pub(in crate::store::copy) const VILLAGES: u64 = 256;

/// Entries that are missing without a gap: those after a place, up to the last of a village.
#[derive(Debug, PartialEq, Eq)]
struct Gap {
    from: VillageCode,
    /// How many entries of `from` are there.
    there: u64,
    upto: VillageCode,
}

impl Copy<'_, '_> {
    /// Copies the entries that the target lacks. Its heads are the source's already.
    pub(super) async fn entries(&mut self, table: &'static Table) -> Result<(), CopyError> {
        let (villages, all) = self.source.sums().await?;
        let mut told = Progress { step: TABLE, rows: 0, of: Some(all), villages: Some((0, villages)), done: false };
        let (mut after, mut past) = (None, 0);
        loop {
            let heads = self.source.heads(after, VILLAGES).await?;
            let Some(last) = heads.last() else { break };
            let there = self.to.read("copy_ends", |tx| Box::pin(tx.entry_counts(after, VILLAGES))).await?;
            after = Some(last.village);
            told.rows += there.iter().map(|(_, count)| count).sum::<u64>();
            for gap in gaps(&heads, &there)? {
                self.fill(table, &gap, |upto, rows| {
                    told.rows += rows;
                    let through = heads.partition_point(|head| head.village < upto) as u64;
                    told.villages = Some((past + through, villages));
                    told
                })
                .await?;
            }
            past += heads.len() as u64;
            told.villages = Some((past, villages));
            (self.told)(told);
        }
        (self.told)(Progress { done: true, ..told });
        Ok(())
    }

    async fn fill(
        &mut self,
        table: &'static Table,
        gap: &Gap,
        mut progress: impl FnMut(VillageCode, u64) -> Progress,
    ) -> Result<(), CopyError> {
        let mut at = (gap.from, gap.there);
        loop {
            let page = self.source.entry_rows(table, at, gap.upto).await?;
            let count = page.len();
            let Some((village, seq)) = page.last().and_then(place) else { return Ok(()) };
            at = (village, seq + 1);
            self.apply(table, &Change { put: page, drop: Vec::new() }).await?;
            (self.told)(progress(village, count as u64));
            if count < PAGE {
                return Ok(());
            }
        }
    }
}

/// What is missing, from the heads of the source and the entries that the target has of the same villages.
fn gaps(heads: &[Head], there: &[(VillageCode, u64)]) -> Result<Vec<Gap>, CopyError> {
    let mut gaps: Vec<Gap> = Vec::new();
    // Whether the last gap ends where the next village begins.
    let mut open = false;
    for (head, (village, count)) in heads.iter().zip(there) {
        if head.village != *village || *count > head.size {
            let reason = "the target has entries that the source lacks".to_owned();
            return Err(CopyError::NotWhole { log: unnamed(*village), reason });
        }
        match gaps.last_mut() {
            Some(gap) if open && *count == 0 => gap.upto = *village,
            _ if *count < head.size => gaps.push(Gap { from: *village, there: *count, upto: *village }),
            _ => {}
        }
        open = *count < head.size || (open && head.size == 0);
    }
    if heads.len() != there.len() {
        return Err(StoreError::Damaged("the heads of source and target are not the same".to_owned()).into());
    }
    Ok(gaps)
}

fn place(row: &Kept) -> Option<(VillageCode, u64)> {
    match row.key.as_slice() {
        [Value::Text(Some(village)), Value::Int(Some(seq))] => Some((village.parse().ok()?, u64::try_from(*seq).ok()?)),
        _ => None,
    }
}

impl Tx<'_> {
    /// How many villages there are, and how many entries their heads speak of.
    async fn sums(&mut self) -> Result<(u64, u64), StoreError> {
        // SUM of BIGINT is NUMERIC on PostgreSQL.
        let sql = "SELECT COUNT(*) AS villages, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS entries FROM villages";
        let row = self.row(sql, vec![]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.one("villages")?, row.one("entries")?)))
    }

    /// How many entries are there of the villages after `after`: they are written in order, so the last one tells.
    async fn entry_counts(
        &mut self,
        after: Option<VillageCode>,
        limit: u64,
    ) -> Result<Vec<(VillageCode, u64)>, StoreError> {
        let sql = "SELECT v.village AS village, (SELECT MAX(e.seq) FROM entries e WHERE e.village = v.village) AS last \
                   FROM villages v WHERE v.village > $1 ORDER BY v.village LIMIT $2";
        let after = after.map_or_else(|| text(""), val);
        let rows = self.rows(sql, vec![after, val(limit)]).await?;
        rows.iter().map(|row| Ok((row.one("village")?, row.maybe::<u64>("last")?.map_or(0, |last| last + 1)))).collect()
    }

    /// Entries from a place on, up to the end of a village, in order, at most a page.
    async fn entry_rows(
        &mut self,
        table: &Table,
        (from, seq): (VillageCode, u64),
        upto: VillageCode,
    ) -> Result<Vec<Kept>, StoreError> {
        let sql = "SELECT * FROM entries WHERE (village, seq) >= ($1, $2) AND village <= $3 \
                   ORDER BY village, seq LIMIT $4";
        let values = vec![val(from), val(seq), val(upto), val(PAGE as u64)];
        self.rows(sql, values).await?.iter().map(|row| kept(table, row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Gap, gaps};
    use crate::core::clock::Time;
    use crate::core::ids::{Digest, VillageCode};
    use crate::store::record::Head;

    fn village(n: u64) -> VillageCode {
        format!("331102001{n:03}").parse().expect("a code")
    }

    fn head(n: u64, size: u64) -> Head {
        Head {
            village: village(n),
            origin: String::new(),
            size,
            frontier: Vec::new(),
            last_time: Time::from_ms(0).expect("in range"),
            last_leaf: Digest([0; 32]),
        }
    }

    /// (size in the source, entries in the target) of villages 0, 1, … to gaps (from, there, upto).
    fn found(villages: &[(u64, u64)]) -> Option<Vec<(u64, u64, u64)>> {
        let heads: Vec<Head> = (0..).zip(villages).map(|(n, (size, _))| head(n, *size)).collect();
        let there: Vec<_> = (0..).zip(villages).map(|(n, (_, there))| (village(n), *there)).collect();
        let number = |code: VillageCode| (0..99).find(|n| village(*n) == code).expect("one of them");
        let told = |gap: Gap| (number(gap.from), gap.there, number(gap.upto));
        gaps(&heads, &there).ok().map(|gaps| gaps.into_iter().map(told).collect())
    }

    #[test]
    fn what_is_missing_is_found_and_read_in_one_go() {
        assert_eq!(found(&[]), Some(vec![]));
        assert_eq!(found(&[(3, 3), (0, 0), (2, 2)]), Some(vec![]), "nothing is missing");
        assert_eq!(found(&[(3, 0), (2, 0), (0, 0), (5, 0)]), Some(vec![(0, 0, 3)]), "all of it");
        assert_eq!(found(&[(3, 3), (2, 1), (4, 0), (0, 0), (1, 1), (9, 0)]), Some(vec![(1, 1, 3), (5, 0, 5)]));
        assert_eq!(found(&[(3, 2), (3, 2)]), Some(vec![(0, 2, 0), (1, 2, 1)]));
        assert_eq!(found(&[(0, 0), (0, 0), (1, 0)]), Some(vec![(2, 0, 2)]));
        assert_eq!(found(&[(3, 4)]), None, "more than the source has");
    }
}
