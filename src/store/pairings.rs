//! Computers that ask to be let in by a phone, for a few minutes.

use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// A computer that waits to be let in.
"pairings" pub struct Pairing {
    /// Nine digits on its screen.
    pub code: String,
    /// SHA-256 of what that computer alone knows.
    pub secret: Digest,
    /// What the phone signs.
    pub challenge: Digest,
    /// What the computer's browser calls itself.
    pub agent: String,
    /// The phone's key, once it has let the computer in.
    pub public_key: Option<PublicKey>,
    /// When it asked.
    pub created: Time,
    /// From when on it asks no more.
    pub expires: Time,
}
}

impl Tx<'_> {
    /// Keeps a computer that asks; `false` where another one has its code.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_pairing(&mut self, pairing: &Pairing) -> Result<bool, StoreError> {
        Ok(self.put(std::slice::from_ref(pairing), "ON CONFLICT DO NOTHING").await? == 1)
    }

    /// The computer with a code, unless it expired by `now`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn pairing(&mut self, code: &str, now: Time) -> Result<Option<Pairing>, StoreError> {
        self.first("WHERE code = $1 AND expires > $2", vec![text(code), val(now)]).await
    }

    /// Lets a computer in; `false` where it asks no more or was let in already.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn answer_pairing(&mut self, code: &str, key: PublicKey, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE pairings SET public_key = $1 WHERE code = $2 AND public_key IS NULL AND expires > $3";
        Ok(self.execute(sql, vec![val(key), text(code), val(now)]).await? == 1)
    }

    /// Ends a pairing: the computer is in, or gave up. `false` where there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_pairing(&mut self, code: &str) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM pairings WHERE code = $1", vec![text(code)]).await? == 1)
    }
}
