//! Logging in by signing a challenge: no passwords. In a demo the server holds the keys of invented people.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::Live;
use crate::core::clock::{DAY_MS, MINUTE_MS, Time};
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::model::KeyKind;
use crate::core::reject::{Rejection, Rule};
use crate::core::state::State;
use crate::log::dsse::{self, Envelope};
use crate::log::ijson;
use crate::log::sigset::{Item, Key, verify_one};
use crate::store::sessions::LoginSession;
use crate::store::vault::Place;

/// What a log-in signs.
pub const LOGIN_TYPE: &str = "application/vnd.sunvote.login.v1+json";
/// Kind of vault row that holds the signing key of an invented person of the demo, named by the person's id.
pub const DEMO_KEY: &str = "demo-key";
/// How long a challenge can be answered.
const CHALLENGE_MS: i64 = 5 * MINUTE_MS;
/// How long a session lasts. A signature is still needed for every act.
pub const SESSION_MS: i64 = 7 * DAY_MS;
/// How long one lasts that a printed card began: others may use the same browser after its holder.
pub const CARD_SESSION_MS: i64 = 30 * MINUTE_MS;
/// Longest log-in payload, bytes.
const MAX_BYTES: usize = 2_048;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    origin: String,
    challenge: Digest,
    key: PublicKey,
    #[expect(dead_code, reason = "said by the device for its owner; the challenge decides")]
    at: Time,
}

/// A session that began.
#[derive(Clone)]
pub struct LoggedIn {
    /// Its token, which only the browser keeps.
    pub token: String,
    /// How long it lasts, in milliseconds.
    pub lasts_ms: i64,
}

pub(in crate::app) fn bad(expected: &str) -> Rejection {
    Rejection::new(Rule::SignerKey, expected, "another")
}

/// How a log-in session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Began {
    /// With the key, on the device that has it.
    Key,
    /// A phone that has the key let this computer in.
    Paired,
    /// With an account elsewhere.
    Account(Digest),
}

/// Whose key it is in a village; nobody's where it isn't enrolled or was revoked.
#[must_use]
pub fn holder(state: &State, key: &PublicKey) -> Option<PersonId> {
    state.people.keys.get(key).filter(|key| !key.revoked).map(|key| key.person)
}

impl App {
    /// Villages in which a key is enrolled, in order of code, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub async fn villages_of(&self, key: PublicKey, limit: u64) -> Result<Vec<VillageCode>, AppError> {
        let rows = self.db().read("keys_of", |tx| Box::pin(tx.keys_of(key, limit))).await?;
        Ok(rows.into_iter().map(|row| row.village).collect())
    }

    /// A challenge to be signed, good for five minutes and for one log-in.
    ///
    /// # Errors
    /// The store's.
    pub async fn challenge(&self) -> Result<Digest, AppError> {
        let challenge: [u8; 32] = self.random();
        let expires = self.now().plus_ms(CHALLENGE_MS);
        self.db()
            .write("add_challenge", |tx| Box::pin(tx.add_challenge(challenge, expires)))
            .await
            .map_err(AppError::Store)?;
        Ok(Digest(challenge))
    }

    /// Logs in who signed the challenge for this origin. Who did it by a printed card has shown the right PIN.
    ///
    /// # Errors
    /// `Rejected` for a signature, key or challenge that doesn't count; the store's.
    pub async fn log_in(&self, origin: &str, envelope: &Envelope) -> Result<LoggedIn, AppError> {
        let (key, _) = self.challenged(origin, envelope).await?;
        self.let_in(key, SESSION_MS, Began::Key).await
    }

    /// Begins a session for the holder of a key, who has shown it; of at most `lasts_ms`, of a card's at most what that may last.
    ///
    /// # Errors
    /// `Rejected` for a key that is enrolled nowhere; the store's.
    pub(in crate::app) async fn let_in(
        &self,
        key: PublicKey,
        lasts_ms: i64,
        began: Began,
    ) -> Result<LoggedIn, AppError> {
        let rows = self.db().read("keys_of", |tx| Box::pin(tx.keys_of(key, 2))).await?;
        let row = rows.first().ok_or_else(|| bad("an enrolled key"))?;
        // A key enrolled in one village is that village's person; in several, an official's.
        let village = (rows.len() == 1).then_some(row.village);
        let by_card = self.is_card(row.village, key).await?;
        if by_card {
            self.settle_card(row.village, key).await?;
        }
        let lasts_ms = if by_card { lasts_ms.min(CARD_SESSION_MS) } else { lasts_ms };
        let token = self.begin_session(village, row.person, key, lasts_ms, began).await?;
        if let Some(village) = village {
            self.note_key_test(village, row.person, key).await?;
        }
        Ok(LoggedIn { token, lasts_ms })
    }

    /// Whether a key is on the village's record as a printed card's; none is where there is no record.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_card(&self, village: VillageCode, key: PublicKey) -> Result<bool, AppError> {
        let is_card = |live: Arc<Live>| live.state().people.keys.get(&key).is_some_and(|key| key.kind == KeyKind::Card);
        match self.lives().live(village).await {
            Ok(live) => Ok(is_card(live)),
            Err(AppError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The key that signed a challenge of this server's for this origin, which is used up by it, and the challenge.
    ///
    /// # Errors
    /// `Rejected` for a signature, key or challenge that doesn't count; the store's.
    pub(in crate::app) async fn challenged(
        &self,
        origin: &str,
        envelope: &Envelope,
    ) -> Result<(PublicKey, Digest), AppError> {
        if envelope.payload_type != LOGIN_TYPE || ijson::check(&envelope.payload, MAX_BYTES).is_err() {
            return Err(bad("a log-in").into());
        }
        let answer: Answer = serde_json::from_slice(&envelope.payload).map_err(|_| bad("a log-in"))?;
        // Freshness comes from the challenge; a phone's wrong clock does no harm.
        if answer.origin != origin {
            return Err(bad("a log-in at this address").into());
        }
        let key = Key::check(&answer.key).map_err(|_| bad("a sound key"))?;
        let signature = envelope.signatures.first().filter(|_| envelope.signatures.len() == 1);
        let signature = signature.ok_or_else(|| bad("one signature"))?;
        let message = envelope.pae();
        verify_one(&Item { key: &key, message: &message, signature: &signature.sig })
            .map_err(|_| Rejection::new(Rule::StatementSignature, "a good signature", "a bad one"))?;
        let now = self.now();
        let taken = self.db().write("take_challenge", |tx| Box::pin(tx.take_challenge(answer.challenge.0, now)));
        if !taken.await? {
            return Err(bad("a fresh challenge").into());
        }
        Ok((answer.key, answer.challenge))
    }

    /// Begins a session that lasts so many milliseconds, by a key, or by the account that is linked to it.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin_session(
        &self,
        village: Option<VillageCode>,
        person: PersonId,
        key: PublicKey,
        lasts_ms: i64,
        began: Began,
    ) -> Result<String, AppError> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(self.random::<32>());
        let now = self.now();
        let session = LoginSession {
            token_hash: commit::plain(token.as_bytes()),
            village,
            person,
            public_key: key,
            csrf: self.random(),
            created: now,
            expires: now.plus_ms(lasts_ms),
            account: if let Began::Account(account) = began { Some(account) } else { None },
            paired: began == Began::Paired,
        };
        self.db()
            .write("add_session", |tx| {
                let session = session.clone();
                Box::pin(async move { tx.add_session(&session).await })
            })
            .await?;
        Ok(token)
    }

    /// The key of an invented person that the demo holds; `None` for real people.
    ///
    /// # Errors
    /// The store's.
    pub async fn demo_key(&self, village: VillageCode, person: PersonId) -> Result<Option<SigningKey>, AppError> {
        let vault = self.vault();
        let name = person.to_string();
        let place = Place { kind: DEMO_KEY, village, name: &name };
        let secret = self.db().read("demo_key", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let seed = secret.and_then(|secret| <[u8; 32]>::try_from(secret.expose()).ok());
        Ok(seed.map(|seed| SigningKey::from_bytes(&seed)))
    }

    /// Whether the demo holds exactly this key: not where a person of the demo enrolled a phone of the own and acts with that.
    ///
    /// # Errors
    /// The store's.
    pub async fn demo_holds(&self, village: VillageCode, person: PersonId, key: PublicKey) -> Result<bool, AppError> {
        let held = self.demo_key(village, person).await?;
        Ok(held.is_some_and(|held| held.verifying_key().to_bytes() == key.0))
    }

    /// Signs a payload with the key that the demo holds for a person.
    ///
    /// # Errors
    /// `NotFound` for people whose key is not here: all real ones.
    pub async fn sign_for_demo(
        &self,
        village: VillageCode,
        person: PersonId,
        payload: Vec<u8>,
    ) -> Result<Envelope, AppError> {
        let key = self.demo_key(village, person).await?.ok_or(AppError::NotFound { what: "demo key" })?;
        Ok(Envelope::sign(dsse::STATEMENT_TYPE, payload, &[&key]))
    }
}
