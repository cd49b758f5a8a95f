//! What tellers counted, each on the own device, before both sign one count.

use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, val};
use crate::store::tx::Tx;

table_row! {
/// What one teller found, one time. Rows are added and never changed.
"paper_counts" pub struct Counted {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// The matter.
    pub matter: MatterId,
    /// Code of the question.
    pub question: String,
    /// 1 for the count, 2 for the recount.
    pub round: u64,
    /// The teller.
    pub person: PersonId,
    /// How many times this teller has said so in this round, from 1.
    pub nth: u64,
    /// The figures, as JSON.
    pub body: String,
    /// When it came in.
    pub entered: Time,
}
}

impl Tx<'_> {
    /// Adds what a teller found; `false` where there is a row of this number already, which stays as it is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_counted(&mut self, counted: &Counted) -> Result<bool, StoreError> {
        Ok(self.put(std::slice::from_ref(counted), "ON CONFLICT DO NOTHING").await? == 1)
    }

    /// What the tellers found of a session's papers, in the order in which it came in, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn counted(
        &mut self,
        village: VillageCode,
        session: SessionId,
        limit: u64,
    ) -> Result<Vec<Counted>, StoreError> {
        let clause =
            "WHERE village = $1 AND session = $2 ORDER BY entered, matter, question, round, person, nth LIMIT $3";
        self.all(clause, vec![val(village), val(session), val(limit)]).await
    }
}
