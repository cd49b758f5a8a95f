//! Lists and search over all villages, whatever their number: each statement reads what it shows and a district's worth at
//! most. Sums of a district are kept with its villages' summaries; those of larger places are added up from them.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::core::ids::{DistrictCode, TownshipCode, VillageCode};
use crate::store::error::StoreError;
use crate::store::projection::VillageSummary;
use crate::store::sql::{Row, TableRow as _, beyond, placeholders, text, val};
use crate::store::tx::Tx;

/// A derived table whose rows are not a village's.
pub(in crate::store) const DISTRICT_SUMS: &str = "district_sums";

/// Sums over the villages of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Number of villages.
    pub villages: u64,
    /// Open matters at any stage.
    pub open: u64,
    /// Of these, at the ballot.
    pub ballot: u64,
    /// Matters that ended.
    pub finished: u64,
    /// Warnings that stand.
    pub warnings: u64,
}

/// A province, prefecture, district or township in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSums {
    /// Its 2, 4, 6 or 9 digits.
    pub code: String,
    /// Its name, if one is kept.
    pub name: Option<String>,
    /// Sums over its villages.
    pub sums: Sums,
}

/// Where a search goes on: after this ending of a name, in this village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What the name ends with from where the searched part begins.
    pub ending: String,
    /// The village.
    pub village: VillageCode,
}

impl Sums {
    fn of(summary: &VillageSummary) -> Self {
        let VillageSummary { ballot, finished, warnings, .. } = *summary;
        Self { villages: 1, open: summary.open(), ballot, finished, warnings }
    }

    fn columns(self) -> [u64; 5] {
        [self.villages, self.open, self.ballot, self.finished, self.warnings]
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            villages: row.one("villages")?,
            open: row.one("open")?,
            ballot: row.one("ballot")?,
            finished: row.one("finished")?,
            warnings: row.one("warnings")?,
        })
    }
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            villages: self.villages + other.villages,
            open: self.open + other.open,
            ballot: self.ballot + other.ballot,
            finished: self.finished + other.finished,
            warnings: self.warnings + other.warnings,
        }
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| sum + one)
    }
}

fn place_sums(row: &Row) -> Result<PlaceSums, StoreError> {
    Ok(PlaceSums { code: row.one("code")?, name: row.maybe("name")?, sums: Sums::read(row)? })
}

impl Tx<'_> {
    /// Takes a village's former summary out of its district's sums and puts the new one in. Most entries change no sum: then
    /// nothing is written, and villages of one district don't wait for each other.
    pub(in crate::store) async fn sum_up(
        &mut self,
        district: DistrictCode,
        before: Option<&VillageSummary>,
        after: Option<&VillageSummary>,
    ) -> Result<(), StoreError> {
        let [before, after] = [before, after].map(|summary| summary.map(Sums::of).unwrap_or_default().columns());
        if before == after {
            return Ok(());
        }
        let differences =
            before.into_iter().zip(after).map(|(before, after)| val(after.cast_signed() - before.cast_signed()));
        let row: Vec<_> = std::iter::once(val(district)).chain(differences).collect();
        let columns = "INSERT INTO district_sums (district, villages, open, ballot, finished, warnings)";
        let tail = "ON CONFLICT (district) DO UPDATE SET villages = district_sums.villages + excluded.villages, \
                    open = district_sums.open + excluded.open, ballot = district_sums.ballot + excluded.ballot, \
                    finished = district_sums.finished + excluded.finished, \
                    warnings = district_sums.warnings + excluded.warnings";
        self.insert(columns, tail, [row]).await?;
        let sql = "DELETE FROM district_sums WHERE district = $1 AND villages = 0";
        self.execute(sql, vec![val(district)]).await.map(|_| ())
    }

    /// Sums of the places one step below `place` (none, 2 or 4 digits), in order of code: provinces, prefectures, districts.
    pub async fn places_in(&mut self, place: &str) -> Result<Vec<PlaceSums>, StoreError> {
        let digits = u64::try_from(place.len() + 2).unwrap_or(u64::MAX);
        // SUM of BIGINT is NUMERIC on PostgreSQL.
        let sql = "SELECT s.code AS code, p.name AS name, s.villages AS villages, s.open AS open, s.ballot AS ballot, \
                   s.finished AS finished, s.warnings AS warnings FROM \
                   (SELECT substr(district, 1, CAST($1 AS INTEGER)) AS code, CAST(SUM(villages) AS BIGINT) AS villages, \
                   CAST(SUM(open) AS BIGINT) AS open, CAST(SUM(ballot) AS BIGINT) AS ballot, \
                   CAST(SUM(finished) AS BIGINT) AS finished, CAST(SUM(warnings) AS BIGINT) AS warnings \
                   FROM district_sums WHERE district >= $2 AND district < $3 GROUP BY 1) s \
                   LEFT JOIN places p ON p.code = s.code ORDER BY s.code";
        let rows = self.rows(sql, vec![val(digits), text(place), beyond(place)]).await?;
        rows.iter().map(place_sums).collect()
    }

    /// Sums of the townships after `after` within the codes that begin with `place`, in order of code, at most `limit`.
    pub async fn townships(
        &mut self,
        place: &str,
        after: Option<TownshipCode>,
        limit: u64,
    ) -> Result<Vec<PlaceSums>, StoreError> {
        let sql = "SELECT township AS code, MIN(township_name) AS name, COUNT(*) AS villages, \
                   CAST(SUM(suggestion + proposal + consultation + filing + ballot + supervision) AS BIGINT) AS open, \
                   CAST(SUM(ballot) AS BIGINT) AS ballot, CAST(SUM(finished) AS BIGINT) AS finished, \
                   CAST(SUM(warnings) AS BIGINT) AS warnings \
                   FROM village_summary WHERE township > $1 AND township < $2 GROUP BY township ORDER BY township LIMIT $3";
        let after = after.map_or_else(|| text(place), val);
        let rows = self.rows(sql, vec![after, beyond(place), val(limit)]).await?;
        rows.iter().map(place_sums).collect()
    }

    /// Summaries of a district's villages, in order of code, at most `limit`.
    pub async fn summaries_of(
        &mut self,
        district: DistrictCode,
        limit: u64,
    ) -> Result<Vec<VillageSummary>, StoreError> {
        let code = district.to_string();
        let clause = "WHERE village >= $1 AND village < $2 ORDER BY village LIMIT $3";
        self.all(clause, vec![text(&code), beyond(&code), val(limit)]).await
    }

    /// Villages whose name holds `part`, by what follows it and then by code, after `after`, at most `limit`; none for an
    /// empty part. One whose name holds it twice may come twice.
    pub async fn search(
        &mut self,
        part: &str,
        after: Option<&Found>,
        limit: u64,
    ) -> Result<Vec<(Found, VillageSummary)>, StoreError> {
        if part.is_empty() {
            return Ok(Vec::new());
        }
        let (ending, village) =
            after.map_or((part.to_owned(), String::new()), |found| (found.ending.clone(), found.village.to_string()));
        // CROSS JOIN keeps SQLite from beginning with the summaries.
        let sql = "SELECT n.ending AS ending, s.* FROM search_names n CROSS JOIN village_summary s \
                   WHERE s.village = n.village AND (n.ending, n.village) > ($1, $2) AND n.ending < $3 \
                   ORDER BY n.ending, n.village LIMIT $4";
        let rows = self.rows(sql, vec![text(&ending), text(&village), beyond(part), val(limit)]).await?;
        let read = |row: &Row| {
            let summary = VillageSummary::read(row)?;
            Ok((Found { ending: row.one("ending")?, village: summary.village }, summary))
        };
        rows.iter().map(read).collect()
    }

    /// Keeps names of provinces, prefectures and districts, by their 2, 4 or 6 digits.
    pub async fn put_places(&mut self, names: &[(String, String)]) -> Result<(), StoreError> {
        let rows: Vec<_> = names.iter().map(|(code, name)| [text(code), text(name)]).collect();
        let tail = "ON CONFLICT (code) DO UPDATE SET name = excluded.name";
        self.insert("INSERT INTO places (code, name)", tail, rows).await.map(|_| ())
    }

    /// The names that are kept of these places.
    pub async fn place_names(&mut self, codes: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
        if codes.is_empty() {
            return Ok(BTreeMap::new());
        }
        // Safe: constants and placeholders.
        let sql = format!("SELECT code, name FROM places WHERE code IN {}", placeholders(1, codes.len()));
        let rows = self.rows(AssertSqlSafe(sql), codes.iter().map(|code| text(code)).collect()).await?;
        rows.iter().map(|row| Ok((row.one("code")?, row.one("name")?))).collect()
    }
}
