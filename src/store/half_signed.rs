//! Statements that one person signed and that wait for another signature. Private until complete.

use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{Row, Value, bytes, opt, text, val};
use crate::store::tx::Tx;

/// A statement on its way to its last signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfSigned {
    /// The village whose record it is for.
    pub village: VillageCode,
    /// Its statement id.
    pub statement: Digest,
    /// Kind of statement.
    pub kind: String,
    /// The exact bytes that are signed.
    pub payload: Vec<u8>,
    /// The signatures so far, as JSON.
    pub signatures: String,
    /// What travels beside it, sealed.
    pub side: Option<Vec<u8>>,
    /// Who may give the missing signature.
    pub waits_for: Vec<PersonId>,
    /// Who has signed.
    pub signed_by: Vec<PersonId>,
    /// When it came in.
    pub created: Time,
    /// From when on it can't be completed.
    pub expires: Time,
}

const COLUMNS: &str = "SELECT h.village, h.statement, h.kind, h.payload, h.signatures, h.side, h.created, h.expires \
                       FROM half_signed h ";

impl Tx<'_> {
    /// Keeps a statement that waits, or one that gained a signature.
    pub async fn put_half_signed(&mut self, waiting: &HalfSigned) -> Result<(), StoreError> {
        let (village, statement) = (waiting.village, waiting.statement);
        let row = [
            val(village),
            val(statement),
            text(&waiting.kind),
            bytes(&waiting.payload),
            text(&waiting.signatures),
            opt(waiting.side.clone()),
            val(waiting.created),
            val(waiting.expires),
        ];
        let columns = "INSERT INTO half_signed (village, statement, kind, payload, signatures, side, created, expires)";
        let tail = "ON CONFLICT (village, statement) DO UPDATE SET signatures = excluded.signatures, \
                    side = excluded.side, expires = excluded.expires";
        self.insert(columns, tail, [row]).await?;
        let sql = "DELETE FROM half_signed_waits WHERE village = $1 AND statement = $2";
        self.execute(sql, vec![val(village), val(statement)]).await?;
        let row = |person: &PersonId, signed: bool| [val(village), val(statement), val(*person), val(signed)];
        let waits = waiting.waits_for.iter().map(|person| row(person, false));
        let rows: Vec<[Value; 4]> = waits.chain(waiting.signed_by.iter().map(|person| row(person, true))).collect();
        let columns = "INSERT INTO half_signed_waits (village, statement, person, signed)";
        self.insert(columns, "ON CONFLICT (village, statement, person) DO NOTHING", rows).await.map(|_| ())
    }

    /// One statement that waits, unless it expired by `now`.
    pub async fn half_signed(
        &mut self,
        village: VillageCode,
        statement: Digest,
        now: Time,
    ) -> Result<Option<HalfSigned>, StoreError> {
        let sql = format!("{COLUMNS} WHERE h.village = $1 AND h.statement = $2 AND h.expires > $3");
        Ok(self.waiting(sql, vec![val(village), val(statement), val(now)]).await?.into_iter().next())
    }

    /// What waits for a person's signature in a village, the oldest first, at most `limit`.
    pub async fn half_signed_for(
        &mut self,
        village: VillageCode,
        person: PersonId,
        now: Time,
        limit: u64,
    ) -> Result<Vec<HalfSigned>, StoreError> {
        let sql = format!(
            "{COLUMNS} JOIN half_signed_waits w ON w.village = h.village AND w.statement = h.statement \
             WHERE w.village = $1 AND w.person = $2 AND w.signed = 0 AND h.expires > $3 \
             ORDER BY h.created, h.statement LIMIT $4"
        );
        self.waiting(sql, vec![val(village), val(person), val(now), val(limit)]).await
    }

    /// What a person has signed or is to sign and what waits in a village, the oldest first, at most `limit`. Nobody else's
    /// statements count towards it.
    pub async fn half_signed_of(
        &mut self,
        village: VillageCode,
        person: PersonId,
        now: Time,
        limit: u64,
    ) -> Result<Vec<HalfSigned>, StoreError> {
        let sql = format!(
            "{COLUMNS} JOIN half_signed_waits w ON w.village = h.village AND w.statement = h.statement \
             WHERE w.village = $1 AND w.person = $2 AND h.expires > $3 ORDER BY h.created, h.statement LIMIT $4"
        );
        self.waiting(sql, vec![val(village), val(person), val(now), val(limit)]).await
    }

    /// How many statements that a person has signed wait in a village for others.
    pub async fn half_signed_by(
        &mut self,
        village: VillageCode,
        person: PersonId,
        now: Time,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS waiting FROM half_signed h \
                   JOIN half_signed_waits w ON w.village = h.village AND w.statement = h.statement \
                   WHERE w.village = $1 AND w.person = $2 AND w.signed = 1 AND h.expires > $3";
        let row = self.row(sql, vec![val(village), val(person), val(now)]).await?;
        row.map_or(Ok(0), |row| row.one("waiting"))
    }

    /// All that waits in a village, the oldest first, at most `limit`.
    pub async fn half_signed_in(
        &mut self,
        village: VillageCode,
        now: Time,
        limit: u64,
    ) -> Result<Vec<HalfSigned>, StoreError> {
        let sql = format!("{COLUMNS} WHERE h.village = $1 AND h.expires > $2 ORDER BY h.created, h.statement LIMIT $3");
        self.waiting(sql, vec![val(village), val(now), val(limit)]).await
    }

    /// Takes a statement out: it is complete, or given up. `false` if it does not wait.
    pub async fn drop_half_signed(&mut self, village: VillageCode, statement: Digest) -> Result<bool, StoreError> {
        let sql = "DELETE FROM half_signed WHERE village = $1 AND statement = $2";
        Ok(self.execute(sql, vec![val(village), val(statement)]).await? == 1)
    }

    async fn waiting(&mut self, sql: String, values: Vec<Value>) -> Result<Vec<HalfSigned>, StoreError> {
        let rows = self.rows(sqlx::AssertSqlSafe(sql), values).await?;
        let mut all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for waiting in &mut all {
            let sql =
                "SELECT person, signed FROM half_signed_waits WHERE village = $1 AND statement = $2 ORDER BY person";
            for row in self.rows(sql, vec![val(waiting.village), val(waiting.statement)]).await? {
                let list = if row.one("signed")? { &mut waiting.signed_by } else { &mut waiting.waits_for };
                list.push(row.one("person")?);
            }
        }
        Ok(all)
    }
}

fn read(row: &Row) -> Result<HalfSigned, StoreError> {
    Ok(HalfSigned {
        village: row.one("village")?,
        statement: row.one("statement")?,
        kind: row.one("kind")?,
        payload: row.one("payload")?,
        signatures: row.one("signatures")?,
        side: row.maybe("side")?,
        waits_for: Vec::new(),
        signed_by: Vec::new(),
        created: row.one("created")?,
        expires: row.one("expires")?,
    })
}
