//! Derived: who holds which role, and what waits for whom.

use std::collections::HashSet;
use std::hash::Hash;

use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{TableRow, opt, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// A role that a person holds or held.
"people" pub struct RoleRow {
    /// In which village.
    pub village: VillageCode,
    /// Who.
    pub person: PersonId,
    /// Which role.
    pub role: String,
    /// Which of the person's roles, from 0 in order of the record.
    pub since_seq: u64,
    /// Held from.
    pub valid_from: Time,
    /// Held until; `None` while no end is known.
    pub valid_until: Option<Time>,
}
}

table_row! {
/// Something that waits for a person, or for anyone with a role.
"tasks" pub struct TaskRow {
    /// In which village.
    pub village: VillageCode,
    /// A name of the thing to do that stays the same when tasks are computed again.
    pub task: String,
    /// What sort of thing.
    pub kind: String,
    /// Anyone with this role may do it.
    pub role: Option<String>,
    /// This person may do it.
    pub person: Option<PersonId>,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// When it is due.
    pub due: Option<Time>,
    /// Entry since which it waits.
    pub since_seq: u64,
}
}

table_row! {
/// A key in use and its holder.
"keys" pub struct KeyRow {
    /// In which village it is enrolled.
    pub village: VillageCode,
    /// The key.
    pub public_key: PublicKey,
    /// Whose it is.
    pub person: PersonId,
}
}

impl Tx<'_> {
    /// Replaces all keys of a village.
    pub async fn replace_keys(&mut self, village: VillageCode, keys: &[KeyRow]) -> Result<(), StoreError> {
        self.replace(village, "DELETE FROM keys WHERE village = $1", keys).await
    }

    /// Replaces all rows of a village in a table. Most entries change none of them: then nothing is written.
    pub(in crate::store) async fn replace<R: TableRow + Eq + Hash>(
        &mut self,
        village: VillageCode,
        delete: &'static str,
        rows: &[R],
    ) -> Result<(), StoreError> {
        let before: Vec<R> = self.all("WHERE village = $1", vec![val(village)]).await?;
        if before.iter().collect::<HashSet<_>>() == rows.iter().collect() {
            return Ok(());
        }
        self.execute(delete, vec![val(village)]).await?;
        self.put(rows, "").await.map(|_| ())
    }

    /// Where a key is enrolled, in order of village, at most `limit`.
    pub async fn keys_of(&mut self, key: PublicKey, limit: u64) -> Result<Vec<KeyRow>, StoreError> {
        self.all("WHERE public_key = $1 ORDER BY village LIMIT $2", vec![val(key), val(limit)]).await
    }

    /// Replaces all roles of a village.
    pub async fn replace_people(&mut self, village: VillageCode, people: &[RoleRow]) -> Result<(), StoreError> {
        self.replace(village, "DELETE FROM people WHERE village = $1", people).await
    }

    /// A village's roles, those that ended too, by person and role.
    pub async fn people(&mut self, village: VillageCode) -> Result<Vec<RoleRow>, StoreError> {
        self.all("WHERE village = $1 ORDER BY person, role, since_seq", vec![val(village)]).await
    }

    /// Replaces all tasks of a village.
    pub async fn replace_tasks(&mut self, village: VillageCode, tasks: &[TaskRow]) -> Result<(), StoreError> {
        self.replace(village, "DELETE FROM tasks WHERE village = $1", tasks).await
    }

    /// A village's tasks, the soonest due first (those without a date last), at most `limit`.
    pub async fn tasks(&mut self, village: VillageCode, limit: u64) -> Result<Vec<TaskRow>, StoreError> {
        self.all("WHERE village = $1 ORDER BY due IS NULL, due, task LIMIT $2", vec![val(village), val(limit)]).await
    }

    /// What waits in a village for this person, or for anyone with this role, the soonest due first, at most `limit`.
    pub async fn tasks_for(
        &mut self,
        village: VillageCode,
        person: Option<PersonId>,
        role: &str,
        limit: u64,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let clause = "WHERE village = $1 AND (person = $2 OR (person IS NULL AND role = $3)) \
                      ORDER BY due IS NULL, due, task LIMIT $4";
        self.all(clause, vec![val(village), opt(person), text(role), val(limit)]).await
    }

    /// Villages after `after`, in order of code, with a task of this kind that is due later than `time`, at most `limit`.
    pub async fn villages_to_do(
        &mut self,
        kind: &str,
        time: Time,
        after: Option<VillageCode>,
        limit: u64,
    ) -> Result<Vec<VillageCode>, StoreError> {
        let sql = "SELECT DISTINCT village FROM tasks WHERE kind = $1 AND due > $2 AND village > $3 \
                   ORDER BY village LIMIT $4";
        let after = after.map_or_else(|| text(""), val);
        let rows = self.rows(sql, vec![text(kind), val(time), after, val(limit)]).await?;
        rows.iter().map(|row| row.one("village")).collect()
    }

    /// Villages after `after`, in order of code, with a task of a role that was due at or before `time`, at most `limit`.
    pub async fn villages_due(
        &mut self,
        role: &str,
        time: Time,
        after: Option<VillageCode>,
        limit: u64,
    ) -> Result<Vec<VillageCode>, StoreError> {
        let sql = "SELECT DISTINCT village FROM tasks WHERE role = $1 AND due <= $2 AND village > $3 \
                   ORDER BY village LIMIT $4";
        let after = after.map_or_else(|| text(""), val);
        let rows = self.rows(sql, vec![text(role), val(time), after, val(limit)]).await?;
        rows.iter().map(|row| row.one("village")).collect()
    }
}
