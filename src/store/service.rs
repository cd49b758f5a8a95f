//! Before a session: who was told of it and how, whose key was tried since, who does what.

use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, PublicKey, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{opt, table_row, val};
use crate::store::tx::Tx;

table_row! {
/// That a member was told of a session.
"service_notes" pub struct ServiceNote {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// One filling of the form: what was noted together is taken back together.
    pub batch: Ulid,
    /// Who was told.
    pub person: PersonId,
    /// By which way.
    pub how: String,
    /// Whether the member confirmed it.
    pub confirmed: bool,
    /// When the member was told.
    pub told: Time,
    /// Who noted it.
    pub noted_by: PersonId,
    /// When it was noted.
    pub noted: Time,
    /// When it was taken back.
    pub undone: Option<Time>,
    /// Who took it back.
    pub undone_by: Option<PersonId>,
}
}

table_row! {
/// That a key was used to log in since a session was called.
"key_tests" pub struct KeyTest {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// The key.
    pub public_key: PublicKey,
    /// When it was last used.
    pub tested: Time,
}
}

table_row! {
/// Who does what at a session, in the clerk's words.
"duties" pub struct Duty {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// What is to be done.
    pub duty: String,
    /// Who does it.
    pub who: String,
    /// Who noted it.
    pub noted_by: PersonId,
    /// When it was noted.
    pub noted: Time,
}
}

impl Tx<'_> {
    /// Keeps notes that members were told. One that is there already stays: the same form sent twice notes nothing twice.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_service_notes(&mut self, notes: &[ServiceNote]) -> Result<u64, StoreError> {
        self.put(notes, "ON CONFLICT DO NOTHING").await
    }

    /// What was noted for a session, oldest first, taken back or not, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn service_notes(
        &mut self,
        village: VillageCode,
        session: SessionId,
        limit: u64,
    ) -> Result<Vec<ServiceNote>, StoreError> {
        let clause = "WHERE village = $1 AND session = $2 ORDER BY noted, batch, person LIMIT $3";
        self.all(clause, vec![val(village), val(session), val(limit)]).await
    }

    /// Takes notes back: all of a batch, or one person's of it. Those that were taken back before stay as they are. How many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn undo_service_notes(
        &mut self,
        (village, session, batch): (VillageCode, SessionId, Ulid),
        person: Option<PersonId>,
        (by, at): (PersonId, Time),
    ) -> Result<u64, StoreError> {
        let sql = "UPDATE service_notes SET undone = $1, undone_by = $2 \
                   WHERE village = $3 AND session = $4 AND batch = $5 AND undone IS NULL AND person = COALESCE($6, person)";
        let values = vec![val(at), val(by), val(village), val(session), val(batch), opt(person)];
        self.execute(sql, values).await
    }

    /// Notes that a key was used to log in; of the same key and session the last time stays.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_key_tests(&mut self, tests: &[KeyTest]) -> Result<u64, StoreError> {
        self.put(tests, "ON CONFLICT (village, session, public_key) DO UPDATE SET tested = excluded.tested").await
    }

    /// Keys that were used since a session was called.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn key_tests(&mut self, village: VillageCode, session: SessionId) -> Result<Vec<KeyTest>, StoreError> {
        self.all("WHERE village = $1 AND session = $2 ORDER BY public_key", vec![val(village), val(session)]).await
    }

    /// Keeps who does what, in place of what was noted before.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_duties(&mut self, duties: &[Duty]) -> Result<u64, StoreError> {
        let tail = "ON CONFLICT (village, session, duty) DO UPDATE SET \
                    who = excluded.who, noted_by = excluded.noted_by, noted = excluded.noted";
        self.put(duties, tail).await
    }

    /// Who does what at a session.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn duties(&mut self, village: VillageCode, session: SessionId) -> Result<Vec<Duty>, StoreError> {
        self.all("WHERE village = $1 AND session = $2 ORDER BY duty", vec![val(village), val(session)]).await
    }
}
