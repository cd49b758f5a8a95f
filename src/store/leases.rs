//! What several servers on one database say to each other: who does what for the moment, and what must be the same in all
//! of them. Time is the database's own, so that machines whose clocks differ agree on when a lease ends.
//!
//! Nothing of the record rests on a lease: two servers that both believe to hold one still can't append at the same place,
//! since the head row of a village moves for one of them only. Leases keep writers apart, so that they seldom meet there.

use crate::core::clock::Time;
use crate::store::error::StoreError;
use crate::store::sql::{beyond, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// Something that one server at a time does, until a moment.
"leases" pub struct Lease {
    /// What it is.
    pub name: String,
    /// Which run of a server has it; empty where it was given up.
    pub holder: String,
    /// Where the other servers reach it.
    pub address: String,
    /// How many have had it so far.
    pub term: u64,
    /// When it ends, by the database's clock.
    pub ends: Time,
}
}

impl Lease {
    /// Whether somebody has it at `now`.
    #[must_use]
    pub fn is_held(&self, now: Time) -> bool {
        now < self.ends
    }
}

/// A run of a server, as the others know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Random, so that a server that was started anew is another.
    pub id: String,
    /// Where the others reach it.
    pub address: String,
}

impl Tx<'_> {
    /// All leases, also those that have ended, in order of name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn leases(&mut self) -> Result<Vec<Lease>, StoreError> {
        self.all("ORDER BY name", vec![]).await
    }

    /// Takes a lease that nobody has at `now`; `false` if somebody does. Both times are the database's.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_lease(&mut self, name: &str, holder: &Holder, now: Time, ends: Time) -> Result<bool, StoreError> {
        let sql = "INSERT INTO leases (name, holder, address, term, ends) VALUES ($1, $2, $3, 1, $4) \
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, address = excluded.address, \
                   term = leases.term + 1, ends = excluded.ends WHERE leases.ends <= $5";
        let values = vec![text(name), text(&holder.id), text(&holder.address), val(ends), val(now)];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Makes all leases that a holder still has at `now` last until `ends`; how many. One that has ended is not renewed:
    /// somebody else may have had it since.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn renew_leases(&mut self, holder: &Holder, now: Time, ends: Time) -> Result<u64, StoreError> {
        let sql = "UPDATE leases SET ends = $1 WHERE holder = $2 AND ends > $3";
        self.execute(sql, vec![val(ends), text(&holder.id), val(now)]).await
    }

    /// Gives a lease up before it ends; `false` if the holder has it no more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn give_up_lease(&mut self, name: &str, holder: &Holder, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE leases SET holder = '', address = '', ends = $1 WHERE name = $2 AND holder = $3";
        Ok(self.execute(sql, vec![val(now), text(name), text(&holder.id)]).await? == 1)
    }

    /// Gives up all that a holder has; how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn give_up_leases(&mut self, holder: &Holder, now: Time) -> Result<u64, StoreError> {
        let sql = "UPDATE leases SET holder = '', address = '', ends = $1 WHERE holder = $2";
        self.execute(sql, vec![val(now), text(&holder.id)]).await
    }

    /// Ends what another holder had at this address: its process is gone, since this one listens there. How many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn end_leases_before(&mut self, holder: &Holder, now: Time) -> Result<u64, StoreError> {
        let sql = "UPDATE leases SET holder = '', address = '', ends = $1 WHERE address = $2 AND holder <> $3";
        self.execute(sql, vec![val(now), text(&holder.address), text(&holder.id)]).await
    }

    /// Removes leases whose name begins with `prefix` and that ended before `before`: those that nobody takes again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sweep_leases(&mut self, prefix: &str, before: Time) -> Result<u64, StoreError> {
        let sql = "DELETE FROM leases WHERE name >= $1 AND name < $2 AND ends < $3";
        self.execute(sql, vec![text(prefix), beyond(prefix), val(before)]).await
    }

    /// Says what holds for all servers on this database, unless one of them has said it already; what holds then.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn agree(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        let tail = "ON CONFLICT (name) DO NOTHING";
        self.insert("INSERT INTO agreed (name, value)", tail, [[text(name), text(value)]]).await?;
        let row = self.row("SELECT value FROM agreed WHERE name = $1", vec![text(name)]).await?;
        row.ok_or_else(|| StoreError::Damaged(format!("what was agreed on {name} is missing")))?.one("value")
    }
}
