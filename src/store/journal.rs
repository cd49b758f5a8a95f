//! The access log (who read or did what with private things) and the outbox (what is to be sent, tried until done).
//! Ids are drawn by the caller from its clock, so rows of both sort by time.

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

table_row! {
/// Something to send.
"outbox" pub struct Outgoing {
    /// Its id.
    pub id: Ulid,
    /// On whose behalf.
    pub village: VillageCode,
    /// What sort of message.
    pub kind: String,
    /// Its content, as JSON.
    pub body: String,
    /// When it was put there.
    pub created: Time,
    /// When to try next.
    pub due: Time,
    /// How often it was tried.
    pub attempts: u64,
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

    /// Puts something into the outbox, in the transaction that gives rise to it.
    pub async fn queue(&mut self, outgoing: &Outgoing) -> Result<(), StoreError> {
        self.put(std::slice::from_ref(outgoing), "").await.map(|_| ())
    }

    /// What is to be sent by `now`, the longest due first, at most `limit`.
    pub async fn due_outgoing(&mut self, now: Time, limit: u64) -> Result<Vec<Outgoing>, StoreError> {
        let clause = "WHERE done IS NULL AND due <= $1 ORDER BY due, id LIMIT $2";
        self.all(clause, vec![val(now), val(limit)]).await
    }

    /// Notes that it was sent.
    pub async fn sent(&mut self, id: Ulid, time: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET done = $1, attempts = attempts + 1 WHERE id = $2 AND done IS NULL";
        Ok(self.execute(sql, vec![val(time), val(id)]).await? == 1)
    }

    /// Notes that sending failed and when to try again.
    pub async fn not_sent(&mut self, id: Ulid, due: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET due = $1, attempts = attempts + 1 WHERE id = $2 AND done IS NULL";
        Ok(self.execute(sql, vec![val(due), val(id)]).await? == 1)
    }
}
