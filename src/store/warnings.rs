//! Derived: what in the records deserves a look, and who may see it.

use std::collections::HashSet;

use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::Role;
use crate::core::warnings::{LOOKED_BACK_MS, Rule};
use crate::store::error::StoreError;
use crate::store::sql::{Field, TableRow, beyond, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// A warning.
"warnings" pub struct WarningRow {
    /// Whose record.
    pub village: VillageCode,
    /// A name that stays the same when warnings are computed again.
    pub warning: String,
    /// By which rule.
    pub rule: String,
    /// How much it weighs: 1 the gravest.
    pub rank: u64,
    /// Whether it is for inspectors alone.
    pub personal: bool,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// Code of the question it is about.
    pub question: Option<String>,
    /// From when on it stands.
    pub stands_from: Time,
    /// Indices of the entries behind it, as a JSON list.
    pub entries: String,
    /// How many, or fen.
    pub number: u64,
    /// Of how many, or of how many fen.
    pub whole: u64,
}
}

table_row! {
/// What an official noted about a warning. Rows are added and never changed.
"warning_notes" pub struct WarningNote {
    /// Whose record.
    pub village: VillageCode,
    /// The warning's name.
    pub warning: String,
    /// When.
    pub noted: Time,
    /// Who.
    pub person: PersonId,
    /// Code of the role in which.
    pub role: String,
    /// What was found or done.
    pub words: String,
}
}

/// Where a page of warnings ended: its last row's rank, time, village and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Rank.
    pub rank: u64,
    /// Time.
    pub from: Time,
    /// Village.
    pub village: VillageCode,
    /// Name.
    pub warning: String,
}

/// Warnings that stand in villages where a key's holder serves as an official, as far as the office goes: those about persons are for
/// inspectors. One about pictures is shown as long as one about a session. Placeholders: 1 the key, 2 the time.
fn seen() -> String {
    let pictures = Rule::PictureAgain;
    let inspector = Role::DisciplineInspector;
    let officials = Role::ALL.iter().filter(|role| role.is_official()).map(|role| format!("'{role}'"));
    let officials: Vec<String> = officials.collect();
    format!(
        "FROM keys k JOIN warnings w ON w.village = k.village \
    WHERE k.public_key = $1 AND w.stands_from <= $2 AND (w.rule <> '{pictures}' OR w.stands_from > $2 - {LOOKED_BACK_MS}) AND EXISTS (SELECT 1 FROM people p \
    WHERE p.village = k.village AND p.person = k.person AND p.valid_from <= $2 AND (p.valid_until IS NULL OR p.valid_until > $2) \
    AND (p.role = '{inspector}' OR (w.personal = 0 AND p.role IN ({}))))",
        officials.join(", ")
    )
}

impl Tx<'_> {
    /// Replaces all warnings of a village that follow from its state: those about pictures rest on other villages' records, too, and
    /// are kept where pictures are.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn replace_warnings(&mut self, village: VillageCode, rows: &[WarningRow]) -> Result<(), StoreError> {
        let rule = || vec![val(village), text(Rule::PictureAgain.code())];
        let before: Vec<WarningRow> = self.all("WHERE village = $1 AND rule <> $2", rule()).await?;
        if before.iter().collect::<HashSet<_>>() == rows.iter().collect() {
            return Ok(());
        }
        self.execute("DELETE FROM warnings WHERE village = $1 AND rule <> $2", rule()).await?;
        self.put(rows, "").await.map(|_| ())
    }

    /// Keeps a warning in place of the one with its name.
    pub(in crate::store) async fn put_warning(&mut self, row: &WarningRow) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, warning) DO UPDATE SET rule = excluded.rule, rank = excluded.rank, \
                    personal = excluded.personal, matter = excluded.matter, session = excluded.session, \
                    question = excluded.question, stands_from = excluded.stands_from, entries = excluded.entries, \
                    number = excluded.number, whole = excluded.whole";
        self.put(std::slice::from_ref(row), tail).await.map(|_| ())
    }

    /// What stands at `now` for the holder of a key, by one rule or by any, the gravest and oldest first, at most `limit` after `after`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn warnings_for(
        &mut self,
        key: PublicKey,
        now: Time,
        rule: Option<&str>,
        after: Option<&After>,
        limit: u64,
    ) -> Result<Vec<WarningRow>, StoreError> {
        let seen = seen();
        let sql = format!(
            "SELECT w.* {seen} AND ($3 = '' OR w.rule = $3) AND (w.rank, w.stands_from, w.village, w.warning) > ($4, $5, $6, $7) \
             ORDER BY w.rank, w.stands_from, w.village, w.warning LIMIT $8"
        );
        let mut values = vec![val(key), val(now), text(rule.unwrap_or_default())];
        match after {
            Some(last) => values.extend([val(last.rank), val(last.from), val(last.village), text(&last.warning)]),
            None => values.extend([val(0_u64), val(0_u64), text(""), text("")]),
        }
        values.push(val(limit));
        // Safe: constants, codes of roles and placeholders.
        let rows = self.rows(sqlx::AssertSqlSafe(sql), values).await?;
        rows.iter().map(TableRow::read).collect()
    }

    /// What stands at `now` in villages whose codes begin with `place`, without what is about persons, by village and name, at most
    /// `limit` after `after`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn warnings_in(
        &mut self,
        place: &str,
        now: Time,
        after: Option<(VillageCode, &str)>,
        limit: u64,
    ) -> Result<Vec<WarningRow>, StoreError> {
        let clause = "WHERE village >= $1 AND village < $2 AND (village, warning) > ($3, $4) AND stands_from <= $5 AND personal = 0 \
                      ORDER BY village, warning LIMIT $6";
        let (village, name) = after.map_or((text(""), ""), |(village, name)| (val(village), name));
        self.all(clause, vec![text(place), beyond(place), village, text(name), val(now), val(limit)]).await
    }

    /// A warning of a village, if it stands at `now` for the holder of a key.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn seen_warning(
        &mut self,
        key: PublicKey,
        now: Time,
        village: VillageCode,
        warning: &str,
    ) -> Result<Option<WarningRow>, StoreError> {
        let seen = seen();
        let sql = format!("SELECT w.* {seen} AND w.village = $3 AND w.warning = $4");
        let values = vec![val(key), val(now), val(village), text(warning)];
        // Safe: constants, codes of roles and placeholders.
        self.row(sqlx::AssertSqlSafe(sql), values).await?.as_ref().map(TableRow::read).transpose()
    }

    /// All of a village, standing or to stand, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn warnings_of(&mut self, village: VillageCode) -> Result<Vec<WarningRow>, StoreError> {
        self.all("WHERE village = $1 ORDER BY warning", vec![val(village)]).await
    }

    /// Keeps a note; `false` where the same person noted something at the same moment.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_warning_note(&mut self, note: &WarningNote) -> Result<bool, StoreError> {
        Ok(self.put(std::slice::from_ref(note), "ON CONFLICT DO NOTHING").await? == 1)
    }

    /// The last note of a warning.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn warning_note(
        &mut self,
        village: VillageCode,
        warning: &str,
    ) -> Result<Option<WarningNote>, StoreError> {
        let clause = "WHERE village = $1 AND warning = $2 ORDER BY noted DESC, person LIMIT 1";
        self.first(clause, vec![val(village), text(warning)]).await
    }

    /// How many stand at `now` for the holder of a key, by rule.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn warnings_counted(&mut self, key: PublicKey, now: Time) -> Result<Vec<(String, u64)>, StoreError> {
        let seen = seen();
        let sql = format!("SELECT w.rule AS rule, COUNT(*) AS many {seen} GROUP BY w.rule ORDER BY w.rule");
        // Safe: constants, codes of roles and placeholders.
        let rows = self.rows(sqlx::AssertSqlSafe(sql), vec![val(key), val(now)]).await?;
        rows.iter().map(|row| Ok((Field::read(row, "rule")?, row.one("many")?))).collect()
    }
}
