//! Private drafts: what a person began and continues later, perhaps on another device.

use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, VillageCode};
use crate::store::db::Tx;
use crate::store::error::StoreError;
use crate::store::sql::{Row, text, val};

/// A draft, seen by its owner only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
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

impl Tx<'_> {
    /// Keeps a draft, new or changed. `false` if the id belongs to somebody else's draft, which stays as it is.
    pub async fn put_draft(&mut self, draft: &Draft) -> Result<bool, StoreError> {
        let row = [
            val(draft.draft),
            val(draft.village),
            val(draft.person),
            text(&draft.kind),
            text(&draft.body),
            val(draft.updated),
        ];
        let columns = "INSERT INTO drafts (draft, village, person, kind, body, updated)";
        let tail = "ON CONFLICT (draft) DO UPDATE SET kind = excluded.kind, body = excluded.body, \
                    updated = excluded.updated \
                    WHERE drafts.person = excluded.person AND drafts.village = excluded.village";
        Ok(self.insert(columns, tail, &[row]).await? == 1)
    }

    /// A person's draft; `None` for anybody else.
    pub async fn draft(&mut self, draft: Ulid, person: PersonId) -> Result<Option<Draft>, StoreError> {
        let sql = "SELECT draft, village, person, kind, body, updated FROM drafts WHERE draft = $1 AND person = $2";
        self.row(sql, vec![val(draft), val(person)]).await?.map(|row| read(&row)).transpose()
    }

    /// A person's drafts in a village, the newest first, at most `limit`.
    pub async fn drafts(
        &mut self,
        village: VillageCode,
        person: PersonId,
        limit: u64,
    ) -> Result<Vec<Draft>, StoreError> {
        let sql = "SELECT draft, village, person, kind, body, updated FROM drafts \
                   WHERE village = $1 AND person = $2 ORDER BY updated DESC, draft DESC LIMIT $3";
        self.rows(sql, vec![val(village), val(person), val(limit)]).await?.iter().map(read).collect()
    }

    /// Throws a person's draft away; `false` if the person has none of this id.
    pub async fn drop_draft(&mut self, draft: Ulid, person: PersonId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM drafts WHERE draft = $1 AND person = $2";
        Ok(self.execute(sql, vec![val(draft), val(person)]).await? == 1)
    }
}

fn read(row: &Row) -> Result<Draft, StoreError> {
    Ok(Draft {
        draft: row.one("draft")?,
        village: row.one("village")?,
        person: row.one("person")?,
        kind: row.one("kind")?,
        body: row.one("body")?,
        updated: row.one("updated")?,
    })
}
