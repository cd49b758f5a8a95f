//! The access log (who read or did what with private things) and the outbox (what is to be sent, tried until done).
//! Ids are drawn by the caller from its clock, so rows of both sort by time.

use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, VillageCode};
use crate::store::db::Tx;
use crate::store::error::StoreError;
use crate::store::sql::{Row, opt, text, val};

/// One access to something that is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
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

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
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

impl Tx<'_> {
    /// Notes accesses.
    pub async fn add_access(&mut self, accesses: &[Access]) -> Result<(), StoreError> {
        let rows: Vec<_> = accesses
            .iter()
            .map(|access| {
                let person = opt(access.person);
                let (action, subject) = (text(&access.action), text(&access.subject));
                [val(access.id), val(access.time), val(access.village), person, action, subject]
            })
            .collect();
        let columns = "INSERT INTO access_log (id, time, village, person, action, subject)";
        self.insert(columns, "", &rows).await.map(|_| ())
    }

    /// A village's accesses before `before`, the newest first, at most `limit`.
    pub async fn accesses(
        &mut self,
        village: VillageCode,
        before: Option<Ulid>,
        limit: u64,
    ) -> Result<Vec<Access>, StoreError> {
        let sql = "SELECT id, time, village, person, action, subject FROM access_log \
                   WHERE village = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        // No ULID begins with a letter above 7.
        let before = before.map_or_else(|| text("8"), val);
        self.rows(sql, vec![val(village), before, val(limit)]).await?.iter().map(read_access).collect()
    }

    /// Puts something into the outbox, in the transaction that gives rise to it.
    pub async fn queue(&mut self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let row = [
            val(outgoing.id),
            val(outgoing.village),
            text(&outgoing.kind),
            text(&outgoing.body),
            val(outgoing.created),
            val(outgoing.due),
            val(outgoing.attempts),
        ];
        let columns = "INSERT INTO outbox (id, village, kind, body, created, due, attempts)";
        self.insert(columns, "", &[row]).await.map(|_| ())
    }

    /// What is to be sent by `now`, the longest due first, at most `limit`.
    pub async fn due_outgoing(&mut self, now: Time, limit: u64) -> Result<Vec<Outgoing>, StoreError> {
        let sql = "SELECT id, village, kind, body, created, due, attempts FROM outbox \
                   WHERE done IS NULL AND due <= $1 ORDER BY due, id LIMIT $2";
        self.rows(sql, vec![val(now), val(limit)]).await?.iter().map(read_outgoing).collect()
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

fn read_access(row: &Row) -> Result<Access, StoreError> {
    Ok(Access {
        id: row.one("id")?,
        time: row.one("time")?,
        village: row.one("village")?,
        person: row.maybe("person")?,
        action: row.one("action")?,
        subject: row.one("subject")?,
    })
}

fn read_outgoing(row: &Row) -> Result<Outgoing, StoreError> {
    Ok(Outgoing {
        id: row.one("id")?,
        village: row.one("village")?,
        kind: row.one("kind")?,
        body: row.one("body")?,
        created: row.one("created")?,
        due: row.one("due")?,
        attempts: row.one("attempts")?,
    })
}
