//! The outbox: what is to be sent about entries, by a channel to a destination, tried until it was taken or given up. What comes on
//! record is put there from a mark of its village on, so that nothing is left out and nothing is there twice.

use crate::core::clock::Time;
use crate::core::ids::{DistrictCode, MatterId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{Value, opt, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// Something to send, or that was sent.
"outbox" pub struct Outgoing {
    /// By which way, such as `webhook`.
    pub channel: String,
    /// To whom: a name of the settings, or the random name of a contact; never an address of a person.
    pub destination: String,
    /// Village of the entry that it is about.
    pub village: VillageCode,
    /// Index of that entry.
    pub seq: u64,
    /// Kind of its statement.
    pub kind: String,
    /// The matter that the entry names.
    pub matter: Option<MatterId>,
    /// When it was put there.
    pub made: Time,
    /// When it is tried next; `None` once it was taken or given up.
    pub next_at: Option<Time>,
    /// How often it was tried.
    pub attempts: u64,
    /// When it was taken.
    pub done: Option<Time>,
    /// How the last try ended.
    pub outcome: Option<String>,
}
}

table_row! {
/// How far a village's steps are in the outbox.
"outbox_marks" pub struct Mark {
    /// The village.
    pub village: VillageCode,
    /// Steps of entries before this one are there.
    pub queued: u64,
    /// Steps of entries before this one are known.
    pub known: u64,
    /// People who want to hear of it were told of entries before this one.
    pub heard: u64,
}
}

/// Which message: channel, destination, village and index of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which<'a> {
    /// By which way.
    pub channel: &'a str,
    /// To whom.
    pub destination: &'a str,
    /// Village of the entry.
    pub village: VillageCode,
    /// Its index.
    pub seq: u64,
}

impl Which<'_> {
    fn values(&self) -> Vec<Value> {
        vec![text(self.channel), text(self.destination), val(self.village), val(self.seq)]
    }
}

impl Outgoing {
    /// Which one it is.
    #[must_use]
    pub fn which(&self) -> Which<'_> {
        Which { channel: &self.channel, destination: &self.destination, village: self.village, seq: self.seq }
    }
}

/// Where a page of messages ended: its last row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// When it was put there.
    pub made: Time,
    /// Village of its entry.
    pub village: VillageCode,
    /// Index of its entry.
    pub seq: u64,
    /// By which way.
    pub channel: String,
    /// To whom.
    pub destination: String,
}

impl Tx<'_> {
    /// Notes that a village's steps are known up to an entry, in the transaction that makes them known.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn steps_known(&mut self, village: VillageCode, known: u64) -> Result<(), StoreError> {
        // Made anew, tables begin before the mark: it stays where it is, so that nothing is queued again.
        let sql = "INSERT INTO outbox_marks (village, queued, known) VALUES ($1, 0, $2) \
                   ON CONFLICT (village) DO UPDATE SET known = excluded.known";
        self.execute(sql, vec![val(village), val(known)]).await.map(|_| ())
    }

    /// Villages after `after` with steps that are not in the outbox yet, in order of code, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn marks_behind(&mut self, after: Option<VillageCode>, limit: u64) -> Result<Vec<Mark>, StoreError> {
        let after = after.map_or_else(|| text(""), val);
        self.all("WHERE known > queued AND village > $1 ORDER BY village LIMIT $2", vec![after, val(limit)]).await
    }

    /// Moves a village's mark on; `false` if somebody else has moved it since: the transaction must then be given up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn move_mark(&mut self, village: VillageCode, queued: u64, to: u64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox_marks SET queued = $1 WHERE village = $2 AND queued = $3";
        Ok(self.execute(sql, vec![val(to), val(village), val(queued)]).await? == 1)
    }

    /// Moves all marks on where nothing is to be sent; how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn pass_marks(&mut self) -> Result<u64, StoreError> {
        self.execute("UPDATE outbox_marks SET queued = known WHERE known > queued", vec![]).await
    }

    /// Puts messages into the outbox; what is there stays as it is. How many were new.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn queue(&mut self, messages: &[Outgoing]) -> Result<u64, StoreError> {
        self.put(messages, "ON CONFLICT (channel, destination, village, seq) DO NOTHING").await
    }

    /// What is to be sent to a destination by `now`, the longest due first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outgoing(
        &mut self,
        channel: &str,
        destination: &str,
        now: Time,
        limit: u64,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let clause = "WHERE channel = $1 AND destination = $2 AND next_at IS NOT NULL AND next_at <= $3 \
                      ORDER BY next_at, village, seq LIMIT $4";
        self.all(clause, vec![text(channel), text(destination), val(now), val(limit)]).await
    }

    /// Takes a message to try it: nobody else does until `until`. `false` if somebody else has taken it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim(&mut self, message: &Outgoing, until: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET next_at = $5, attempts = attempts + 1 \
                   WHERE channel = $1 AND destination = $2 AND village = $3 AND seq = $4 AND next_at = $6";
        let mut values = message.which().values();
        values.extend([val(until), opt(message.next_at)]);
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Notes how a try ended that was claimed until `claimed`: taken, to be tried again at `next_at`, or given up. `false` if
    /// somebody else took it over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settle(
        &mut self,
        which: Which<'_>,
        claimed: Time,
        (done, next_at): (Option<Time>, Option<Time>),
        outcome: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET done = $5, next_at = $6, outcome = $7 \
                   WHERE channel = $1 AND destination = $2 AND village = $3 AND seq = $4 AND next_at = $8";
        let mut values = which.values();
        values.extend([opt(done), opt(next_at), text(outcome), val(claimed)]);
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Sends a message again that was taken or given up: from now on, as if it had never been tried. `false` if it is under way,
    /// or not there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn send_again(&mut self, which: Which<'_>, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET next_at = $5, attempts = 0, done = NULL \
                   WHERE channel = $1 AND destination = $2 AND village = $3 AND seq = $4 AND next_at IS NULL";
        let mut values = which.values();
        values.push(val(now));
        Ok(self.execute(sql, values).await? == 1)
    }

    /// Messages about a district's villages, the newest first, those after `last`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn messages(
        &mut self,
        district: DistrictCode,
        last: Option<&Last>,
        limit: u64,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let Some(last) = last else {
            let clause = "WHERE substr(village, 1, 6) = $1 \
                          ORDER BY made DESC, village DESC, seq DESC, channel DESC, destination DESC LIMIT $2";
            return self.all(clause, vec![val(district), val(limit)]).await;
        };
        let clause = "WHERE substr(village, 1, 6) = $1 \
                      AND (made, village, seq, channel, destination) < ($2, $3, $4, $5, $6) \
                      ORDER BY made DESC, village DESC, seq DESC, channel DESC, destination DESC LIMIT $7";
        let mut values = vec![val(district), val(last.made), val(last.village), val(last.seq)];
        values.extend([text(&last.channel), text(&last.destination), val(limit)]);
        self.all(clause, values).await
    }

    /// Removes messages that were taken or given up and made before `before`; how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sweep_outbox(&mut self, before: Time) -> Result<u64, StoreError> {
        self.execute("DELETE FROM outbox WHERE next_at IS NULL AND made < $1", vec![val(before)]).await
    }
}
