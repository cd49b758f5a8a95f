//! Households that representatives speak for: who keeps which, and whom they asked and told. Their labels are in the vault alone.

use ulid::Ulid;

use crate::core::clock::{Date, Time};
use crate::core::ids::{MatterId, PersonId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{opt, table_row, text, val};
use crate::store::tx::Tx;
use crate::store::vault::Place;

/// Kind of vault row that holds what a household is called.
pub const LABEL: &str = "household";

/// The name of that row: a representative's rows begin alike.
#[must_use]
pub fn label_name(person: PersonId, household: Ulid) -> String {
    format!("{person}/{household}")
}

table_row! {
/// A household on a representative's list.
"households" pub struct Household {
    /// The village.
    pub village: VillageCode,
    /// Its id.
    pub household: Ulid,
    /// Who speaks for it.
    pub person: PersonId,
    /// Villager group.
    pub part: Option<u64>,
    /// Since when.
    pub added: Time,
    /// When it was taken off; its label is erased since.
    pub gone: Option<Time>,
}
}

table_row! {
/// That a household was asked before a vote, or told of its result.
"household_talks" pub struct Talk {
    /// The village.
    pub village: VillageCode,
    /// About which matter.
    pub matter: MatterId,
    /// In which round of it.
    pub round: u64,
    /// `asked` or `told`.
    pub what: String,
    /// The household.
    pub household: Ulid,
    /// On which day.
    pub held_on: Date,
    /// When it was noted.
    pub noted: Time,
}
}

impl Tx<'_> {
    /// Keeps households, or what they are now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_households(&mut self, households: &[Household]) -> Result<u64, StoreError> {
        let tail = "ON CONFLICT (village, household) DO UPDATE SET part = excluded.part, gone = excluded.gone";
        self.put(households, tail).await
    }

    /// A representative's households, those that are gone too, in the order in which they were added; at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn households_of(
        &mut self,
        village: VillageCode,
        person: PersonId,
        limit: u64,
    ) -> Result<Vec<Household>, StoreError> {
        let clause = "WHERE village = $1 AND person = $2 ORDER BY household LIMIT $3";
        self.all(clause, vec![val(village), val(person), val(limit)]).await
    }

    /// Who has households on a list in which village, from a person of a village on, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn household_keepers(
        &mut self,
        after: Option<(VillageCode, PersonId)>,
        limit: u64,
    ) -> Result<Vec<(VillageCode, PersonId)>, StoreError> {
        let sql = "SELECT DISTINCT village, person FROM households \
                   WHERE gone IS NULL AND (village > $1 OR (village = $1 AND person > $2)) \
                   ORDER BY village, person LIMIT $3";
        let (village, person) =
            after.map_or_else(<_>::default, |(village, person)| (village.to_string(), person.to_string()));
        let rows = self.rows(sql, vec![text(&village), text(&person), val(limit)]).await?;
        rows.iter().map(|row| Ok((row.one("village")?, row.one("person")?))).collect()
    }

    /// Takes a household off its list, or all of a representative's, and erases what they are called. How many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn end_households(
        &mut self,
        village: VillageCode,
        person: PersonId,
        household: Option<Ulid>,
        at: Time,
    ) -> Result<u64, StoreError> {
        let clause = "WHERE village = $1 AND person = $2 AND gone IS NULL AND household = COALESCE($3, household)";
        let ended: Vec<Household> = self.all(clause, vec![val(village), val(person), opt(household)]).await?;
        for row in &ended {
            self.destroy_secret(&Place { kind: LABEL, village, name: &label_name(person, row.household) }).await?;
        }
        let sql = "UPDATE households SET gone = $1 \
                   WHERE village = $2 AND person = $3 AND gone IS NULL AND household = COALESCE($4, household)";
        self.execute(sql, vec![val(at), val(village), val(person), opt(household)]).await
    }

    /// Notes that households were asked or told. What was noted before stays as it is. How many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_talks(&mut self, talks: &[Talk]) -> Result<u64, StoreError> {
        self.put(talks, "ON CONFLICT DO NOTHING").await
    }

    /// Takes such a note back; `false` where there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_talk(&mut self, talk: &Talk) -> Result<bool, StoreError> {
        let sql = "DELETE FROM household_talks \
                   WHERE village = $1 AND matter = $2 AND round = $3 AND what = $4 AND household = $5";
        let Talk { village, matter, round, what, household, .. } = talk;
        let values = vec![val(*village), val(*matter), val(*round), text(what), val(*household)];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Which of a representative's households were asked and told about a matter in a round.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn talks_of(
        &mut self,
        village: VillageCode,
        person: PersonId,
        (matter, round): (MatterId, u64),
    ) -> Result<Vec<Talk>, StoreError> {
        let clause = "WHERE village = $1 AND matter = $2 AND round = $3 AND household IN \
                      (SELECT household FROM households WHERE village = $1 AND person = $4) ORDER BY what, household";
        self.all(clause, vec![val(village), val(matter), val(round), val(person)]).await
    }

    /// How many households each representative spoke for: added by a time, and not gone at another.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_households(
        &mut self,
        village: VillageCode,
        added_by: Time,
        not_gone_at: Time,
    ) -> Result<Vec<(PersonId, u64)>, StoreError> {
        let sql = "SELECT person, COUNT(*) AS n FROM households \
                   WHERE village = $1 AND added <= $2 AND (gone IS NULL OR gone > $3) GROUP BY person ORDER BY person";
        let rows = self.rows(sql, vec![val(village), val(added_by), val(not_gone_at)]).await?;
        rows.iter().map(|row| Ok((row.one("person")?, row.one("n")?))).collect()
    }

    /// How many of those each representative asked or told about a matter in a round.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_talks(
        &mut self,
        village: VillageCode,
        (matter, round): (MatterId, u64),
        what: &str,
        (added_by, not_gone_at): (Time, Time),
    ) -> Result<Vec<(PersonId, u64)>, StoreError> {
        let sql = "SELECT h.person AS person, COUNT(*) AS n FROM household_talks t \
                   JOIN households h ON h.village = t.village AND h.household = t.household \
                   WHERE t.village = $1 AND t.matter = $2 AND t.round = $3 AND t.what = $4 \
                   AND h.added <= $5 AND (h.gone IS NULL OR h.gone > $6) GROUP BY h.person ORDER BY h.person";
        let values = vec![val(village), val(matter), val(round), text(what), val(added_by), val(not_gone_at)];
        let rows = self.rows(sql, values).await?;
        rows.iter().map(|row| Ok((row.one("person")?, row.one("n")?))).collect()
    }
}
