//! Accounts elsewhere that log people in: who is on the way to the provider, what came back, what is linked.

use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, val};
use crate::store::tx::Tx;

table_row! {
/// A browser on its way to the provider and back.
"provider_asks" pub struct ProviderAsk {
    /// SHA-256 of what it brings back and of what its cookie alone knows.
    pub ask: Digest,
    /// What it is for, as JSON.
    pub purpose: String,
    /// From when on it no longer counts.
    pub expires: Time,
}
}

table_row! {
/// An account that came back to be linked to the key of a log-in session.
"offered_accounts" pub struct OfferedAccount {
    /// The session.
    pub token_hash: Digest,
    /// The account: see [`LinkedAccount`].
    pub account: Digest,
    /// What the provider calls its holder.
    pub label: String,
    /// From when on it no longer counts.
    pub expires: Time,
}
}

table_row! {
/// An account that logs a key's holder in.
"identities" pub struct LinkedAccount {
    /// A keyed hash of issuer and account.
    pub account: Digest,
    /// The provider.
    pub issuer: String,
    /// A village in which the key is enrolled.
    pub village: VillageCode,
    /// Its holder there.
    pub person: PersonId,
    /// The key.
    pub public_key: PublicKey,
    /// When it was linked.
    pub linked: Time,
}
}

table_row! {
/// That the holder of a key which is to be enrolled said elsewhere who they are.
"identity_checks" pub struct IdentityCheck {
    /// The village that enrols.
    pub village: VillageCode,
    /// Who bears the name that the provider vouched for.
    pub person: PersonId,
    /// The key.
    pub public_key: PublicKey,
    /// The provider.
    pub issuer: String,
    /// When.
    pub checked: Time,
}
}

impl Tx<'_> {
    /// Keeps who is on the way to the provider.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_provider_ask(&mut self, ask: &ProviderAsk) -> Result<(), StoreError> {
        self.put(std::slice::from_ref(ask), "").await.map(|_| ())
    }

    /// Who came back: once, and only before it expires.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_provider_ask(&mut self, ask: Digest, now: Time) -> Result<Option<ProviderAsk>, StoreError> {
        let found: Option<ProviderAsk> =
            self.first("WHERE ask = $1 AND expires > $2", vec![val(ask), val(now)]).await?;
        let taken = self.execute("DELETE FROM provider_asks WHERE ask = $1", vec![val(ask)]).await? == 1;
        Ok(found.filter(|_| taken))
    }

    /// Keeps the account that came back for a session, in place of an earlier one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn offer_account(&mut self, offered: &OfferedAccount) -> Result<(), StoreError> {
        self.drop_offer(offered.token_hash).await?;
        self.put(std::slice::from_ref(offered), "").await.map(|_| ())
    }

    /// The account that came back for a session, unless that is too long ago.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn offered_account(&mut self, session: Digest, now: Time) -> Result<Option<OfferedAccount>, StoreError> {
        self.first("WHERE token_hash = $1 AND expires > $2", vec![val(session), val(now)]).await
    }

    /// Forgets it; `false` if there was none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_offer(&mut self, session: Digest) -> Result<bool, StoreError> {
        let sql = "DELETE FROM offered_accounts WHERE token_hash = $1";
        Ok(self.execute(sql, vec![val(session)]).await? == 1)
    }

    /// Links an account to a key, in place of what either was linked to before: sessions that those accounts began end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link_identity(&mut self, identity: &LinkedAccount) -> Result<(), StoreError> {
        self.unlink_identity(identity.public_key).await?;
        self.end_sessions_of_account(identity.account).await?;
        self.execute("DELETE FROM identities WHERE account = $1", vec![val(identity.account)]).await?;
        self.put(std::slice::from_ref(identity), "").await.map(|_| ())
    }

    /// Whom an account logs in.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn identity(&mut self, account: Digest) -> Result<Option<LinkedAccount>, StoreError> {
        self.first("WHERE account = $1", vec![val(account)]).await
    }

    /// The account that is linked to a key.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn identity_of_key(&mut self, key: PublicKey) -> Result<Option<LinkedAccount>, StoreError> {
        self.first("WHERE public_key = $1", vec![val(key)]).await
    }

    /// Takes a key's account away and ends the sessions that it began; `false` if there was none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unlink_identity(&mut self, key: PublicKey) -> Result<bool, StoreError> {
        let Some(identity) = self.identity_of_key(key).await? else { return Ok(false) };
        self.end_sessions_of_account(identity.account).await?;
        Ok(self.execute("DELETE FROM identities WHERE public_key = $1", vec![val(key)]).await? == 1)
    }

    /// Keeps that somebody said elsewhere who they are, in place of an earlier time.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_identity_check(&mut self, check: &IdentityCheck) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, person, public_key) DO UPDATE SET issuer = excluded.issuer, checked = excluded.checked";
        self.put(std::slice::from_ref(check), tail).await.map(|_| ())
    }

    /// Whether the holder of a key said elsewhere that they are this person.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn identity_check(
        &mut self,
        village: VillageCode,
        person: PersonId,
        key: PublicKey,
    ) -> Result<Option<IdentityCheck>, StoreError> {
        let clause = "WHERE village = $1 AND person = $2 AND public_key = $3";
        self.first(clause, vec![val(village), val(person), val(key)]).await
    }

    /// Ends every session that an account began; how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn end_sessions_of_account(&mut self, account: Digest) -> Result<u64, StoreError> {
        self.execute("DELETE FROM sessions WHERE account = $1", vec![val(account)]).await
    }
}
