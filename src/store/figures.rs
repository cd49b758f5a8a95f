//! Derived: the figures (统计), one row for each thing that is counted, and their sums by place and period. Sums change by what a village's
//! rows changed by, so no request adds up villages one by one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::AssertSqlSafe;

use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{Row, TableRow, Value, beyond, table_row, text, val};
use crate::store::tx::Tx;

/// The table of sums: its rows are not a village's.
pub(in crate::store) const FIGURE_SUMS: &str = "figure_sums";

/// Digits of the places that have sums: district, township, village.
pub const SPANS: [u64; 3] = [6, 9, 12];

/// The measure whose number is kept apart in the sums, so that a median can be told.
const BY_DAYS: &str = "left";

table_row! {
/// One thing that is counted.
"figures" pub struct FigureRow {
    /// Whose record.
    pub village: VillageCode,
    /// The matter.
    pub matter: MatterId,
    /// Index of the entry that made it so.
    pub seq: u64,
    /// What is counted.
    pub measure: String,
    /// Which of its kind.
    pub code: String,
    /// When.
    pub time: Time,
    /// The session, for votes.
    pub session: Option<SessionId>,
    /// Category code; `none` before the proposal.
    pub category: String,
    /// The body; `none` where no plan names one.
    pub body: String,
    /// Days, fen or members.
    pub number: u64,
}
}

/// Of which figures something is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Digits that the villages' codes begin with; none for all.
    pub place: String,
    /// Years and months that have sums, as `2026` and `2026-11`; none twice, and none within another.
    pub periods: Vec<String>,
    /// The same as an interval, its end not included.
    pub time: (Time, Time),
    /// Category code; empty for all.
    pub category: String,
    /// Body; empty for all.
    pub body: String,
}

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What it is grouped by: a place's digits, or a category.
    pub group: String,
    /// What is counted.
    pub measure: String,
    /// Which of its kind.
    pub code: String,
    /// Days that a stage took, where sums are told apart by them.
    pub days: u64,
    /// How many.
    pub many: u64,
    /// Numbers added up.
    pub number: u64,
}

/// Where a list goes on: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Village.
    pub village: VillageCode,
    /// Entry.
    pub seq: u64,
    /// Matter.
    pub matter: MatterId,
}

/// A sum's key: span, period, place, measure, code, category, body, days.
type Key = (u64, String, String, String, String, String, String, u64);

/// The year and the month of an instant, in Asia/Shanghai, as sums name them.
#[must_use]
pub fn periods_of(time: Time) -> [String; 2] {
    let (year, month, _) = time.date().parts();
    [format!("{year:04}"), format!("{year:04}-{month:02}")]
}

/// Adds rows to sums, or with -1 takes them out.
fn add(sums: &mut BTreeMap<Key, (i64, i64)>, rows: &[FigureRow], sign: i64) {
    for row in rows {
        let (place, days) = (row.village.to_string(), if row.measure == BY_DAYS { row.number } else { 0 });
        for (span, digits) in SPANS.into_iter().zip([6, 9, 12]) {
            for period in periods_of(row.time) {
                let FigureRow { measure, code, category, body, .. } = row.clone();
                let place = place.get(..digits).unwrap_or_default().to_owned();
                let sum = sums.entry((span, period, place, measure, code, category, body, days)).or_default();
                sum.0 += sign;
                sum.1 += sign * i64::try_from(row.number).unwrap_or(i64::MAX);
            }
        }
    }
}

impl Tx<'_> {
    /// Puts what some matters of a village add in place of what they added before, with the sums. Writes nothing where nothing changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_figures(
        &mut self,
        village: VillageCode,
        matters: &[MatterId],
        rows: &[FigureRow],
    ) -> Result<(), StoreError> {
        if matters.is_empty() {
            return Ok(());
        }
        let mut before = Vec::new();
        // Few matters at a time: a statement takes so many values.
        for some in matters.chunks(256) {
            let clause = format!("WHERE village = $1 AND matter IN {}", after_first(some.len()));
            let values: Vec<Value> = std::iter::once(val(village)).chain(some.iter().map(|id| val(*id))).collect();
            // Safe: constants and placeholders.
            let found = self.rows(AssertSqlSafe(format!("{} {clause}", FigureRow::SELECT)), values).await?;
            before.extend(found.iter().map(FigureRow::read).collect::<Result<Vec<_>, _>>()?);
        }
        let [old, new] = [&before[..], rows].map(|rows| rows.iter().collect::<HashSet<_>>());
        if old == new {
            return Ok(());
        }
        for some in matters.chunks(256) {
            let sql = format!("DELETE FROM figures WHERE village = $1 AND matter IN {}", after_first(some.len()));
            let values: Vec<Value> = std::iter::once(val(village)).chain(some.iter().map(|id| val(*id))).collect();
            // Safe: constants and placeholders.
            self.execute(AssertSqlSafe(sql), values).await?;
        }
        self.put(rows, "").await?;
        self.sum_figures(&before, rows).await
    }

    /// Takes all that a village adds out of the sums; its rows go with those of the other tables.
    pub(in crate::store) async fn take_figures(&mut self, village: VillageCode) -> Result<(), StoreError> {
        let before: Vec<FigureRow> = self.all("WHERE village = $1", vec![val(village)]).await?;
        self.sum_figures(&before, &[]).await
    }

    /// Changes the sums by the difference between two sets of rows.
    async fn sum_figures(&mut self, before: &[FigureRow], after: &[FigureRow]) -> Result<(), StoreError> {
        let mut sums = BTreeMap::new();
        add(&mut sums, before, -1);
        add(&mut sums, after, 1);
        sums.retain(|_, (many, number)| (*many, *number) != (0, 0));
        let emptied: BTreeSet<(u64, String, String)> = sums
            .iter()
            .filter(|(_, (many, _))| *many < 0)
            .map(|((span, period, place, ..), _)| (*span, period.clone(), place.clone()))
            .collect();
        let row = |(key, sum): (&Key, &(i64, i64))| {
            let (span, period, place, measure, code, category, body, days) = key;
            let texts = [period, place, measure, code, category, body].map(|part| text(part));
            let mut values = vec![val(*span)];
            values.extend(texts);
            values.extend([val(*days), val(sum.0), val(sum.1)]);
            values
        };
        let rows: Vec<Vec<Value>> = sums.iter().map(row).collect();
        let columns =
            "INSERT INTO figure_sums (span, period, place, measure, code, category, body, days, many, number)";
        let tail = "ON CONFLICT (span, period, place, measure, code, category, body, days) DO UPDATE SET \
                    many = figure_sums.many + excluded.many, number = figure_sums.number + excluded.number";
        self.insert(columns, tail, rows).await?;
        for (span, period, place) in emptied {
            let sql = "DELETE FROM figure_sums WHERE span = $1 AND period = $2 AND place = $3 AND many = 0";
            self.execute(sql, vec![val(span), text(&period), text(&place)]).await?;
        }
        Ok(())
    }

    /// Sums of the places with `span` digits that lie in what is asked for, each place by itself; days are added up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn figures_by_place(&mut self, span: u64, asked: &Asked) -> Result<Vec<Sum>, StoreError> {
        self.figures_grouped("place", "CAST(0 AS BIGINT)", span, asked).await
    }

    /// Sums of all that is asked for by category, each number of days by itself.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn figures_by_category(&mut self, span: u64, asked: &Asked) -> Result<Vec<Sum>, StoreError> {
        self.figures_grouped("category", "days", span, asked).await
    }

    async fn figures_grouped(
        &mut self,
        group: &'static str,
        days: &'static str,
        span: u64,
        asked: &Asked,
    ) -> Result<Vec<Sum>, StoreError> {
        if asked.periods.is_empty() {
            return Ok(Vec::new());
        }
        let periods: Vec<String> = (6..6 + asked.periods.len()).map(|nth| format!("${nth}")).collect();
        // SUM of BIGINT is NUMERIC on PostgreSQL.
        let sql = format!(
            "SELECT {group} AS grouped, measure, code, {days} AS days, CAST(SUM(many) AS BIGINT) AS many, \
             CAST(SUM(number) AS BIGINT) AS number FROM figure_sums \
             WHERE span = $1 AND place >= $2 AND place < $3 AND ($4 = '' OR category = $4) AND ($5 = '' OR body = $5) \
             AND period IN ({}) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            periods.join(", ")
        );
        let mut values =
            vec![val(span), text(&asked.place), beyond(&asked.place), text(&asked.category), text(&asked.body)];
        values.extend(asked.periods.iter().map(|period| text(period)));
        // Safe: constants and placeholders.
        let rows = self.rows(AssertSqlSafe(sql), values).await?;
        let read = |row: &Row| {
            Ok(Sum {
                group: row.one("grouped")?,
                measure: row.one("measure")?,
                code: row.one("code")?,
                days: row.one("days")?,
                many: row.one("many")?,
                number: row.one("number")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What is behind a figure: rows of a measure and code, by village and entry, at most `limit` after `after`. An empty code stands for all
    /// codes of the measure, `underway` for all but `ended`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn figures_listed(
        &mut self,
        asked: &Asked,
        (measure, code): (&str, &str),
        after: Option<&Listed>,
        limit: u64,
    ) -> Result<Vec<FigureRow>, StoreError> {
        let (village, seq, matter) = after.map_or((text(&asked.place), val(0_u64), text("")), |last| {
            (val(last.village), val(last.seq), val(last.matter))
        });
        let mut values = vec![text(measure), text(code), village, beyond(&asked.place), seq, matter];
        values.extend([val(asked.time.0), val(asked.time.1), text(&asked.category), text(&asked.body), val(limit)]);
        let clause = "WHERE measure = $1 AND ($2 = '' OR code = $2 OR ($2 = 'underway' AND code <> 'ended')) AND village >= $3 AND village < $4 \
                      AND (village, seq, matter) > ($3, $5, $6) AND time >= $7 AND time < $8 \
                      AND ($9 = '' OR category = $9) AND ($10 = '' OR body = $10) \
                      ORDER BY village, seq, matter LIMIT $11";
        let of_code = "WHERE measure = $1 AND code = $2 AND village >= $3 AND village < $4 \
                       AND (village, seq, matter) > ($3, $5, $6) AND time >= $7 AND time < $8 \
                       AND ($9 = '' OR category = $9) AND ($10 = '' OR body = $10) \
                       ORDER BY village, seq, matter LIMIT $11";
        // A statement of its own for one code, so that an index gives the order.
        self.all(if ["", "underway"].contains(&code) { clause } else { of_code }, values).await
    }

    /// One of the matters that stood at a stage for so many days.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn figure_of_days(
        &mut self,
        asked: &Asked,
        stage: &str,
        days: u64,
    ) -> Result<Option<FigureRow>, StoreError> {
        let clause = "WHERE measure = 'left' AND code = $1 AND number = $2 AND village >= $3 AND village < $4 \
                      AND time >= $5 AND time < $6 AND ($7 = '' OR category = $7) AND ($8 = '' OR body = $8) \
                      ORDER BY village LIMIT 1";
        let mut values = vec![text(stage), val(days), text(&asked.place), beyond(&asked.place)];
        values.extend([val(asked.time.0), val(asked.time.1), text(&asked.category), text(&asked.body)]);
        self.first(clause, values).await
    }
}

/// `($2, $3)`: placeholders after the first.
fn after_first(many: usize) -> String {
    let marks: Vec<String> = (2..many + 2).map(|nth| format!("${nth}")).collect();
    format!("({})", marks.join(", "))
}
