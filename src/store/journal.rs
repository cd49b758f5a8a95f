//! The access log: who read or did what with private things. Ids are drawn by the caller from its clock, so rows sort by time.

use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// One access to something that is not public.
"access_log" pub struct Access {
    /// Its id.
    pub id: Ulid,
    /// When.
    pub time: Time,
    /// In which village.
    pub village: VillageCode,
    /// Who; `None` for the system.
    pub person: Option<PersonId>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
}
}

impl Tx<'_> {
    /// Notes accesses.
    pub async fn add_access(&mut self, accesses: &[Access]) -> Result<(), StoreError> {
        self.put(accesses, "").await.map(|_| ())
    }

    /// A village's accesses before `before`, the newest first, at most `limit`.
    pub async fn accesses(
        &mut self,
        village: VillageCode,
        before: Option<Ulid>,
        limit: u64,
    ) -> Result<Vec<Access>, StoreError> {
        // No ULID begins with a digit above 7.
        let before = before.map_or_else(|| text("8"), val);
        self.all("WHERE village = $1 AND id < $2 ORDER BY id DESC LIMIT $3", vec![val(village), before, val(limit)])
            .await
    }
}
