//! Private drafts: what a person began and continues later, perhaps on another device.

use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, val};
use crate::store::tx::Tx;

table_row! {
/// A draft, seen by its owner only.
"drafts" pub struct Draft {
    /// Its id.
    pub draft: Ulid,
    /// The village whose record it is for.
    pub village: VillageCode,
    /// Its owner.
    pub person: PersonId,
    /// Kind of statement it is to become.
    pub kind: String,
    /// What was typed, as JSON.
    pub body: String,
    /// When it was last changed.
    pub updated: Time,
}
}

impl Tx<'_> {
    /// Keeps a draft, new or changed. `false` if the id belongs to somebody else's draft, which stays as it is.
    pub async fn put_draft(&mut self, draft: &Draft) -> Result<bool, StoreError> {
        let tail = "ON CONFLICT (draft) DO UPDATE SET kind = excluded.kind, body = excluded.body, \
                    updated = excluded.updated \
                    WHERE drafts.person = excluded.person AND drafts.village = excluded.village";
        Ok(self.put(std::slice::from_ref(draft), tail).await? == 1)
    }

    /// A person's draft; `None` for anybody else.
    pub async fn draft(&mut self, draft: Ulid, person: PersonId) -> Result<Option<Draft>, StoreError> {
        self.first("WHERE draft = $1 AND person = $2", vec![val(draft), val(person)]).await
    }

    /// A person's drafts in a village, the newest first, at most `limit`.
    pub async fn drafts(
        &mut self,
        village: VillageCode,
        person: PersonId,
        limit: u64,
    ) -> Result<Vec<Draft>, StoreError> {
        let clause = "WHERE village = $1 AND person = $2 ORDER BY updated DESC, draft DESC LIMIT $3";
        self.all(clause, vec![val(village), val(person), val(limit)]).await
    }

    /// Throws a person's draft away; `false` if the person has none of this id in this village.
    pub async fn drop_draft(
        &mut self,
        village: VillageCode,
        draft: Ulid,
        person: PersonId,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM drafts WHERE village = $1 AND draft = $2 AND person = $3";
        Ok(self.execute(sql, vec![val(village), val(draft), val(person)]).await? == 1)
    }
}
