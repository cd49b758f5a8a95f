//! What people noted at the door of a session beside the record.

use crate::core::clock::Time;
use crate::core::ids::{PersonId, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// What one person noted. Where two have to, each has a row.
"door_notes" pub struct DoorNote {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// What sort of note.
    pub kind: String,
    /// Whom or what it is about.
    pub about: String,
    /// Who noted it.
    pub person: PersonId,
    /// When.
    pub at: Time,
}
}

impl Tx<'_> {
    /// Keeps a note; `false` where the person has noted the same before.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_door_note(&mut self, note: &DoorNote) -> Result<bool, StoreError> {
        Ok(self.put(std::slice::from_ref(note), "ON CONFLICT DO NOTHING").await? == 1)
    }

    /// Takes a person's own note back, whenever it was made; `false` where there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_door_note(&mut self, note: &DoorNote) -> Result<bool, StoreError> {
        let sql = "DELETE FROM door_notes \
                   WHERE village = $1 AND session = $2 AND kind = $3 AND about = $4 AND person = $5";
        let DoorNote { village, session, kind, about, person, .. } = note;
        let values = vec![val(*village), val(*session), text(kind), text(about), val(*person)];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// The notes of a session, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn door_notes(
        &mut self,
        village: VillageCode,
        session: SessionId,
        limit: u64,
    ) -> Result<Vec<DoorNote>, StoreError> {
        let clause = "WHERE village = $1 AND session = $2 ORDER BY at, kind, about, person LIMIT $3";
        self.all(clause, vec![val(village), val(session), val(limit)]).await
    }
}
