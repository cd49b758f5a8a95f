//! Derived: the steps of the process that everyone may follow, newest first, of everything that the server has, of a village or of
//! a matter.

use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// One step.
"steps" pub struct StepRow {
    /// Its village.
    pub village: VillageCode,
    /// Index of the entry.
    pub seq: u64,
    /// Entry time.
    pub time: Time,
    /// Kind of statement.
    pub kind: String,
    /// The matter that it names.
    pub matter: Option<MatterId>,
    /// The session that it names.
    pub session: Option<SessionId>,
}
}

table_row! {
/// That a step is about a matter: its own, or one on its session's agenda.
"matter_steps" pub struct MatterStepRow {
    /// Its village.
    pub village: VillageCode,
    /// The matter.
    pub matter: MatterId,
    /// Index of the entry.
    pub seq: u64,
}
}

/// Where a list of steps ended: time, village and index of its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// Entry time.
    pub time: Time,
    /// The village.
    pub village: VillageCode,
    /// Index of the entry.
    pub seq: u64,
}

impl From<&StepRow> for Before {
    fn from(row: &StepRow) -> Self {
        Self { time: row.time, village: row.village, seq: row.seq }
    }
}

impl Tx<'_> {
    /// Adds steps, and the matters that they are about.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_steps(&mut self, steps: &[StepRow], about: &[MatterStepRow]) -> Result<(), StoreError> {
        self.put(steps, "").await?;
        self.put(about, "").await.map(|_| ())
    }

    /// The newest steps of all villages, those before `before`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn steps(&mut self, before: Option<Before>, limit: u64) -> Result<Vec<StepRow>, StoreError> {
        let [time, village, seq] = match before {
            Some(Before { time, village, seq }) => [val(time), val(village), val(seq)],
            None => [val(i64::MAX), text(""), val(0_u64)],
        };
        let clause = "WHERE (time, village, seq) < ($1, $2, $3) ORDER BY time DESC, village DESC, seq DESC LIMIT $4";
        self.all(clause, vec![time, village, seq, val(limit)]).await
    }

    /// A village's newest steps before index `before`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn steps_of_village(
        &mut self,
        village: VillageCode,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<StepRow>, StoreError> {
        let clause = "WHERE village = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
        self.all(clause, vec![val(village), val(before.unwrap_or(u64::MAX)), val(limit)]).await
    }

    /// A matter's newest steps before index `before`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn steps_of_matter(
        &mut self,
        village: VillageCode,
        matter: MatterId,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<StepRow>, StoreError> {
        let clause = "WHERE village = $1 AND seq IN (SELECT seq FROM matter_steps \
                      WHERE village = $1 AND matter = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4) ORDER BY seq DESC";
        let before = before.unwrap_or(u64::MAX);
        self.all(clause, vec![val(village), val(matter), val(before), val(limit)]).await
    }

    /// A village's steps from index `from` up to `to` (not included), in order, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn steps_between(
        &mut self,
        village: VillageCode,
        (from, to): (u64, u64),
        limit: u64,
    ) -> Result<Vec<StepRow>, StoreError> {
        let clause = "WHERE village = $1 AND seq >= $2 AND seq < $3 ORDER BY seq LIMIT $4";
        self.all(clause, vec![val(village), val(from), val(to), val(limit)]).await
    }
}
