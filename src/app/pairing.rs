//! A computer without a key is let in by a phone that has one: it shows a code, the phone signs. Everything that is signed later is
//! signed on the phone, too: the computer can read and draft, and nothing more.

use rand_core::Rng as _;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::login::{Began, LoggedIn, bad};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::commit;
use crate::core::ids::Digest;
use crate::log::dsse::Envelope;
use crate::store::pairings::Pairing;

/// How long a computer waits to be let in.
const WAITS_MS: i64 = 4 * MINUTE_MS;
/// How long its session lasts: a morning's work, on a computer that others may use afterwards.
pub const PAIRED_SESSION_MS: i64 = 4 * 60 * MINUTE_MS;
/// Codes are below this: nine digits, which people can type.
const CODES: u32 = 1_000_000_000;
/// Longest name of a browser that is kept, in characters.
const AGENT: usize = 200;

/// What a computer that asks is given.
pub struct Asking {
    /// Shown on its screen, nine digits.
    pub code: String,
    /// Known to it alone, hex.
    pub secret: String,
    /// Until when it can be let in.
    pub expires: Time,
}

/// What became of a computer's question.
pub enum Answered {
    /// Nobody let it in yet.
    Waits,
    /// It is in.
    In(LoggedIn),
}

impl App {
    /// A computer asks to be let in. `agent`: what its browser calls itself, for whoever is asked.
    ///
    /// # Errors
    /// `Overloaded` where its code is taken, which asking again mends; the store's.
    pub async fn ask_in(&self, agent: &str) -> Result<Asking, AppError> {
        let challenge = self.challenge().await?;
        let code = format!("{:09}", self.rng().next_u32() % CODES);
        let secret = hex::encode(self.random::<32>());
        let now = self.now();
        let pairing = Pairing {
            code: code.clone(),
            secret: commit::plain(secret.as_bytes()),
            challenge,
            agent: agent.chars().filter(|c| !c.is_control()).take(AGENT).collect(),
            public_key: None,
            created: now,
            expires: now.plus_ms(WAITS_MS),
        };
        let expires = pairing.expires;
        let write = self.db().write("add_pairing", |tx| {
            let pairing = pairing.clone();
            Box::pin(async move { tx.add_pairing(&pairing).await })
        });
        if write.await? { Ok(Asking { code, secret, expires }) } else { Err(AppError::Overloaded) }
    }

    /// The computer that asks with a code and was not let in yet.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn asking(&self, code: &str) -> Result<Pairing, AppError> {
        let pairing = self.pairing(code).await?;
        if pairing.public_key.is_none() { Ok(pairing) } else { Err(AppError::NotFound { what: "computer" }) }
    }

    async fn pairing(&self, code: &str) -> Result<Pairing, AppError> {
        let now = self.now();
        let read = self.db().read("pairing", |tx| Box::pin(tx.pairing(code, now)));
        read.await?.ok_or(AppError::NotFound { what: "computer" })
    }

    /// Lets a computer in: a phone has signed that computer's challenge.
    ///
    /// # Errors
    /// `NotFound` for a computer that asks no more; as [`App::log_in`]; the store's.
    pub async fn answer_asking(&self, origin: &str, code: &str, envelope: &Envelope) -> Result<(), AppError> {
        let pairing = self.asking(code).await?;
        let (key, challenge) = self.challenged(origin, envelope).await?;
        if challenge != pairing.challenge {
            return Err(bad("this computer's challenge").into());
        }
        if self.villages_of(key, 1).await?.is_empty() {
            return Err(bad("an enrolled key").into());
        }
        let now = self.now();
        let write = self.db().write("answer_pairing", |tx| Box::pin(tx.answer_pairing(code, key, now)));
        if write.await? { Ok(()) } else { Err(AppError::NotFound { what: "computer" }) }
    }

    /// What became of a computer's question; once it is in, the question is gone.
    ///
    /// # Errors
    /// `NotFound` where it asks no more, or is another computer; the store's.
    pub async fn asked(&self, code: &str, secret: &str) -> Result<Answered, AppError> {
        let gone = || AppError::NotFound { what: "computer" };
        let pairing = self.pairing(code).await?;
        let own: Digest = commit::plain(secret.as_bytes());
        if own != pairing.secret {
            return Err(gone());
        }
        let Some(key) = pairing.public_key else { return Ok(Answered::Waits) };
        let write = self.db().write("drop_pairing", |tx| Box::pin(tx.drop_pairing(code)));
        if !write.await? {
            return Err(gone());
        }
        Ok(Answered::In(self.let_in(key, PAIRED_SESSION_MS, Began::Paired).await?))
    }
}
