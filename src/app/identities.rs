//! Accounts elsewhere that stand for a key at log-in: to the provider and back, linked once by who holds the key, ended with it.
//!
//! Such a log-in reads and prepares; what goes on record is signed with the key as ever.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::login::{Began, LoggedIn, holder};
use crate::app::provider::{Account, Back, Bound, Provider, ProviderError};
use crate::core::clock::MINUTE_MS;
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::store::identities::{IdentityCheck, LinkedAccount, OfferedAccount, ProviderAsk};

/// How long somebody may take at the provider, and then to say that an account is theirs.
pub const ASKED_MS: i64 = 10 * MINUTE_MS;
/// How long such a log-in lasts: a working day.
pub const ACCOUNT_SESSION_MS: i64 = 9 * 60 * MINUTE_MS;
/// Longest name of an account's holder that is shown.
const LONGEST_LABEL: usize = 60;

/// What somebody goes to the provider for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To log in, and then to a path of ours.
    LogIn(String),
    /// To link the account to the key of a log-in session, which is named by its token's hash.
    Link(Digest),
    /// To say who holds a key that is to be enrolled.
    Enrol(Enrolling),
}

/// Whose key it is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolling {
    /// The village that enrols.
    pub village: VillageCode,
    /// Who is to be enrolled.
    pub person: PersonId,
    /// The key.
    pub key: PublicKey,
}

/// An account as it is kept: nobody reads from it whose it is.
pub struct Known {
    /// A keyed hash of issuer and account.
    pub account: Digest,
    /// What the provider calls its holder: only ever shown to whoever has come back from there.
    pub label: String,
}

/// Why somebody who went to the provider is not in.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No account can be told.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// It was another browser that asked, too long ago, or this was answered already.
    #[error("nobody asked")]
    Stale,
    /// The account is linked to no key, or to one that was revoked.
    #[error("not linked")]
    NotLinked,
    /// The provider knows its holder by another name than the village.
    #[error("another name")]
    AnotherName,
    /// Something else.
    #[error(transparent)]
    App(#[from] AppError),
}

/// The part of an ask that the browser alone knows, and what is drawn from it (HMAC-SHA-256 as a pseudorandom function).
fn drawn(browser: &str, state: &str, what: &str) -> Zeroizing<String> {
    // HMAC takes keys of every length.
    let mac = Hmac::<Sha256>::new_from_slice(browser.as_bytes()).ok();
    let bytes = mac.map(|mac| mac.chain_update(what).chain_update("\n").chain_update(state).finalize().into_bytes());
    Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.unwrap_or_default()))
}

fn bound(browser: &str, state: &str) -> Bound {
    Bound { nonce: drawn(browser, state, "nonce"), verifier: drawn(browser, state, "verifier") }
}

fn ask_of(browser: &str, state: &str) -> Digest {
    commit::plain(drawn(browser, state, "ask").as_bytes())
}

/// A name without the gaps that some write in it, and without the dot that stands in names of minorities in several forms.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && !['·', '•', '・', '.'].contains(c)).collect()
}

impl App {
    fn chosen(&self) -> Result<&Provider, AppError> {
        self.provider().ok_or(AppError::NotFound { what: "provider" })
    }

    /// Where a browser goes for an account; `browser` is what it alone knows.
    ///
    /// # Errors
    /// `Provider` where that is away; the store's.
    pub async fn ask_provider(&self, browser: &str, purpose: &Purpose) -> Result<String, Refusal> {
        let now = self.now();
        let state = BASE64_URL_SAFE_NO_PAD.encode(self.random::<32>());
        let url = self.chosen()?.address(now, state.clone(), &bound(browser, &state)).await?;
        let ask = ProviderAsk {
            ask: ask_of(browser, &state),
            purpose: serde_json::json!(purpose).to_string(),
            expires: now.plus_ms(ASKED_MS),
        };
        let write = self.db().write("add_provider_ask", |tx| {
            let ask = ask.clone();
            Box::pin(async move { tx.add_provider_ask(&ask).await })
        });
        write.await.map_err(AppError::Store)?;
        Ok(url)
    }

    /// What a browser came back for, and the account that it brought word of. Each ask is answered once.
    ///
    /// # Errors
    /// Any [`Refusal`] but `NotLinked` and `AnotherName`.
    pub async fn came_back(&self, browser: &str, back: Back) -> Result<(Purpose, Known), Refusal> {
        let (now, ask, bound) = (self.now(), ask_of(browser, &back.state), bound(browser, &back.state));
        let taken = self.db().write("take_provider_ask", |tx| Box::pin(tx.take_provider_ask(ask, now))).await;
        let taken = taken.map_err(AppError::Store)?.ok_or(Refusal::Stale)?;
        let purpose: Purpose = serde_json::from_str(&taken.purpose).map_err(|_| Refusal::Stale)?;
        let provider = self.chosen()?;
        let Account { subject, label } = provider.account(now, back, &bound).await?;
        let account = self.vault().blinded(&format!("account\n{}\n{}", provider.issuer(), *subject));
        Ok((purpose, Known { account, label: label.chars().take(LONGEST_LABEL).collect() }))
    }

    /// Begins a session for the holder of the key that an account is linked to, as long as the key counts.
    ///
    /// # Errors
    /// `NotLinked`; the store's.
    pub async fn log_in_by(&self, account: Digest) -> Result<LoggedIn, Refusal> {
        let found = self.db().read("identity", |tx| Box::pin(tx.identity(account))).await.map_err(AppError::Store)?;
        let linked = found.ok_or(Refusal::NotLinked)?;
        let (village, key) = (linked.village, linked.public_key);
        let live = self.lives().live(village).await?;
        let person = holder(live.state(), &key).ok_or(Refusal::NotLinked)?;
        // A key enrolled in one village is that village's person; in several, an official's.
        let home = (self.villages_of(key, 2).await?.len() == 1).then_some(village);
        let token = self.begin_session(home, person, key, ACCOUNT_SESSION_MS, Began::Account(account)).await?;
        Ok(LoggedIn { token, lasts_ms: ACCOUNT_SESSION_MS })
    }

    /// Keeps an account for the log-in session that asked for it, until its holder says that it is theirs.
    ///
    /// # Errors
    /// The store's.
    pub async fn offer_account(&self, session: Digest, known: Known) -> Result<(), AppError> {
        let Known { account, label } = known;
        let offered = OfferedAccount { token_hash: session, account, label, expires: self.now().plus_ms(ASKED_MS) };
        let write = self.db().write("offer_account", |tx| {
            let offered = offered.clone();
            Box::pin(async move { tx.offer_account(&offered).await })
        });
        write.await.map_err(AppError::Store)
    }

    /// The account that came back for a log-in session.
    ///
    /// # Errors
    /// The store's.
    pub async fn offered_account(&self, session: Digest) -> Result<Option<OfferedAccount>, AppError> {
        let now = self.now();
        Ok(self.db().read("offered_account", |tx| Box::pin(tx.offered_account(session, now))).await?)
    }

    /// The account that is linked to a key.
    ///
    /// # Errors
    /// The store's.
    pub async fn linked_account(&self, key: PublicKey) -> Result<Option<LinkedAccount>, AppError> {
        Ok(self.db().read("identity_of_key", |tx| Box::pin(tx.identity_of_key(key))).await?)
    }

    /// Links the account that came back for a session to the key that began the session.
    ///
    /// # Errors
    /// `NotFound` where none came back, or the key is enrolled nowhere; the store's.
    pub async fn link_account(&self, session: Digest, key: PublicKey) -> Result<(), AppError> {
        let issuer = self.chosen()?.issuer().to_owned();
        let offered = self.offered_account(session).await?.ok_or(AppError::NotFound { what: "account" })?;
        let village = self.first_village(key).await?;
        let live = self.lives().live(village).await?;
        let person = holder(live.state(), &key).ok_or(AppError::NotFound { what: "key" })?;
        let linked =
            LinkedAccount { account: offered.account, issuer, village, person, public_key: key, linked: self.now() };
        let write = self.db().write("link_identity", |tx| {
            let linked = linked.clone();
            Box::pin(async move {
                tx.drop_offer(session).await?;
                tx.link_identity(&linked).await
            })
        });
        write.await.map_err(AppError::Store)
    }

    /// Keeps that somebody who enrols a key said elsewhere who they are: the provider's name for them is the village's.
    ///
    /// # Errors
    /// `AnotherName`, also where the village's is erased; the store's.
    pub async fn check_identity(&self, enrolling: Enrolling, known: Known) -> Result<(), Refusal> {
        let Enrolling { village, person, key } = enrolling;
        let issuer = self.chosen()?.issuer().to_owned();
        let name = self.person_name(village, person).await?.filter(|name| !plain(name).is_empty());
        if name.is_none_or(|name| plain(&name) != plain(&known.label)) {
            return Err(Refusal::AnotherName);
        }
        let check = IdentityCheck { village, person, public_key: key, issuer, checked: self.now() };
        let write = self.db().write("put_identity_check", |tx| {
            let check = check.clone();
            Box::pin(async move { tx.put_identity_check(&check).await })
        });
        Ok(write.await.map_err(AppError::Store)?)
    }

    /// Whether the holder of a key said elsewhere who they are.
    ///
    /// # Errors
    /// The store's.
    pub async fn identity_check(&self, enrolling: Enrolling) -> Result<Option<IdentityCheck>, AppError> {
        let Enrolling { village, person, key } = enrolling;
        Ok(self.db().read("identity_check", |tx| Box::pin(tx.identity_check(village, person, key))).await?)
    }

    async fn first_village(&self, key: PublicKey) -> Result<VillageCode, AppError> {
        self.villages_of(key, 1).await?.first().copied().ok_or(AppError::NotFound { what: "key" })
    }

    /// Takes the account away that is linked to a key.
    ///
    /// # Errors
    /// The store's.
    pub async fn unlink_account(&self, key: PublicKey) -> Result<(), AppError> {
        self.db()
            .write("unlink_identity", |tx| Box::pin(tx.unlink_identity(key)))
            .await
            .map(|_| ())
            .map_err(AppError::Store)
    }
}

#[cfg(test)]
mod tests {
    use super::{ask_of, bound, plain};

    #[test]
    fn names_are_compared_without_gaps_and_dots() {
        assert_eq!(plain("蓝 丽华"), plain("蓝丽华"));
        assert_eq!(plain("古丽·买买提"), plain("古丽•买买提"));
        assert_ne!(plain("蓝丽华"), plain("蓝丽花"));
    }

    #[test]
    fn what_a_browser_brings_along_is_its_own() {
        let (one, other) = (bound("browser", "state"), bound("another", "state"));
        assert!(*one.nonce != *one.verifier && *one.nonce != *other.nonce && *one.verifier != *other.verifier);
        assert_eq!(one.verifier.len(), 43, "the shortest that RFC 7636 allows");
        assert!(ask_of("browser", "state") != ask_of("browser", "states"));
    }
}
