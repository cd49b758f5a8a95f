//! What one server sends another: statements whose signatures it has checked, for lanes that are the other's, and the answers
//! to them. Both are sealed under the vault key, which all servers of a district share and nobody else has, and an answer
//! opens only beside the question that it belongs to.
//!
//! A message that is sent again changes nothing: a record takes each statement once, and what is sealed into the vault
//! beside it is written with it or not at all.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::app::error::AppError;
use crate::app::publish::history::Doubt;
use crate::app::sequencer::Accepted;
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::{Digest, VillageCode};
use crate::core::judge::Remark;
use crate::core::reject::{Rejection, Rule};
use crate::core::state::Position;
use crate::log::dsse::Envelope;
use crate::log::signed::Signed;
use crate::log::text::to_base64;
use crate::store::error::StoreError;
use crate::store::record::VaultRow;
use crate::store::vault::Vault;

/// Most statements in one message.
pub const MOST: usize = 256;
/// Bytes of envelopes after which a message takes no more.
pub const FULL_BYTES: usize = 512 << 10;
/// Largest message: a full one, one more envelope of the largest size, and what is around them.
pub const MAX_BYTES: usize = 2 << 20;
/// Largest answer: a receipt holds its entry in base64 and proofs.
pub const MAX_ANSWER_BYTES: u64 = 8 << 20;
/// Longest way of a message, in milliseconds: both ends go by the database's clock.
const FRESH_MS: i64 = 2 * MINUTE_MS;
/// Bytes of a message's number and time, in front of what is sealed.
const HEAD: usize = 24;

/// A message cannot be opened: of no server of this district, or old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of no server of this district")]
pub struct Unsealed;

impl From<StoreError> for Unsealed {
    fn from(_: StoreError) -> Self {
        Self
    }
}

/// A statement for another server's lane.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    envelope: String,
    secrets: Vec<Row>,
    founds: bool,
}

/// A sealed row of the vault.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    village: VillageCode,
    name: String,
    sealed: String,
}

/// What an asked server is to append.
#[derive(Debug)]
pub struct Asked {
    /// The statement.
    pub signed: Signed,
    /// What must be as durable.
    pub secrets: Vec<VaultRow>,
    /// Whether it may begin a record.
    pub founds: bool,
}

impl Ask {
    /// Of a statement whose signatures have been checked.
    #[must_use]
    pub fn new(signed: &Signed, secrets: &[VaultRow], founds: bool) -> Self {
        let envelope = String::from_utf8_lossy(&signed.envelope.to_json()).into_owned();
        let row = |row: &VaultRow| Row {
            kind: row.kind.clone(),
            village: row.village,
            name: row.name.clone(),
            sealed: to_base64(&row.ciphertext),
        };
        Self { envelope, secrets: secrets.iter().map(row).collect(), founds }
    }

    /// Bytes of its envelope.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.envelope.len()
    }

    /// Reads it as the server that is asked. The sender checked the signatures.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn read(self) -> Result<Asked, AppError> {
        use base64::Engine as _;
        let envelope = Envelope::from_json(self.envelope.as_bytes())?;
        let row = |row: Row| {
            let bytes = base64::prelude::BASE64_STANDARD.decode(&row.sealed).map_err(|_| StoreError::Sealed)?;
            Ok::<_, StoreError>(VaultRow { kind: row.kind, village: row.village, name: row.name, ciphertext: bytes })
        };
        let secrets = self.secrets.into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(Asked { signed: Signed::read(envelope)?, secrets, founds: self.founds })
    }
}

/// What became of one statement.
#[derive(Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// It is on record.
    Accepted {
        /// Index of its entry.
        seq: u64,
        /// Time of its entry.
        time: Time,
        /// Leaf hash of its entry.
        leaf: Digest,
        /// Its receipt.
        receipt: String,
        /// What is worth showing.
        remarks: Vec<Remark>,
    },
    /// The law refuses it.
    Rejected {
        /// By this rule.
        rule: Rule,
        /// What the rule expects.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The lane is not that server's any more.
    Elsewhere,
    /// There is no such village.
    NoVillage,
    /// Too much at once.
    Overloaded,
    /// Nothing may be signed.
    InDoubt(Doubt),
    /// It could not be written.
    Unavailable {
        /// Whether it may have been, all the same.
        may_be_written: bool,
        /// Why.
        reason: String,
    },
}

impl From<Result<Accepted, AppError>> for Outcome {
    fn from(result: Result<Accepted, AppError>) -> Self {
        let away = |may_be_written, reason: String| Self::Unavailable { may_be_written, reason };
        match result {
            Ok(Accepted { at, receipt, remarks }) => {
                let receipt = String::from_utf8_lossy(&receipt).into_owned();
                Self::Accepted { seq: at.seq, time: at.time, leaf: at.leaf, receipt, remarks }
            }
            Err(AppError::Rejected(Rejection { rule, expected, found })) => Self::Rejected { rule, expected, found },
            Err(AppError::Elsewhere | AppError::Stopping) => Self::Elsewhere,
            Err(AppError::NotFound { .. }) => Self::NoVillage,
            Err(AppError::Overloaded) => Self::Overloaded,
            Err(AppError::InDoubt(doubt)) => Self::InDoubt(doubt),
            Err(AppError::Store(StoreError::Unavailable { may_be_written, reason })) => away(may_be_written, reason),
            Err(error) => {
                tracing::error!(%error, "a statement of another server could not be appended");
                away(false, error.to_string())
            }
        }
    }
}

impl From<Outcome> for Result<Accepted, AppError> {
    fn from(outcome: Outcome) -> Self {
        Err(match outcome {
            Outcome::Accepted { seq, time, leaf, receipt, remarks } => {
                let at = Position { seq, time, leaf };
                return Ok(Accepted { at, receipt: receipt.into_bytes(), remarks });
            }
            Outcome::Rejected { rule, expected, found } => Rejection { rule, expected, found }.into(),
            Outcome::Elsewhere => AppError::Elsewhere,
            Outcome::NoVillage => AppError::not_found("village"),
            Outcome::Overloaded => AppError::Overloaded,
            Outcome::InDoubt(doubt) => AppError::InDoubt(doubt),
            Outcome::Unavailable { may_be_written, reason } => {
                StoreError::Unavailable { may_be_written, reason }.into()
            }
        })
    }
}

/// Number and time of a message: question and answer share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    number: [u8; 16],
    time: Time,
}

impl Head {
    /// A new message at `now`, by the database's clock.
    #[must_use]
    pub fn new(now: Time, rng: &mut impl CryptoRng) -> Self {
        let mut number = [0; 16];
        rng.fill_bytes(&mut number);
        Self { number, time: now }
    }

    fn subject(&self, of: &str) -> String {
        format!("{of}\0{}\0{}", hex::encode(self.number), self.time.ms())
    }

    /// The message.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn ask(&self, vault: &Vault, asks: &[Ask], rng: &mut impl CryptoRng) -> Result<Vec<u8>, StoreError> {
        let sealed = vault.seal_message(&self.subject("ask"), &json(&asks)?, rng)?;
        Ok([&self.number[..], &self.time.ms().to_be_bytes(), &sealed].concat())
    }

    /// Opens a message that came in at `now`, by the database's clock.
    ///
    /// # Errors
    /// [`Unsealed`], whatever is wrong with it.
    pub fn open(vault: &Vault, now: Time, body: &[u8]) -> Result<(Self, Vec<Ask>), Unsealed> {
        let (head, sealed) = body.split_first_chunk::<HEAD>().ok_or(Unsealed)?;
        let (number, time) = head.split_first_chunk::<16>().ok_or(Unsealed)?;
        let time = <[u8; 8]>::try_from(time).map_err(|_| Unsealed)?;
        let time = Time::from_ms(i64::from_be_bytes(time)).ok_or(Unsealed)?;
        let head = Self { number: *number, time };
        if (now.ms() - time.ms()).abs() > FRESH_MS {
            return Err(Unsealed);
        }
        let opened = vault.open_message(&head.subject("ask"), sealed)?;
        let asks: Vec<Ask> = serde_json::from_slice(opened.expose()).map_err(|_| Unsealed)?;
        if asks.len() > MOST { Err(Unsealed) } else { Ok((head, asks)) }
    }

    /// The answer.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn answer(&self, vault: &Vault, outcomes: &[Outcome], rng: &mut impl CryptoRng) -> Result<Vec<u8>, StoreError> {
        vault.seal_message(&self.subject("answer"), &json(&outcomes)?, rng)
    }

    /// Opens the answer to this message.
    ///
    /// # Errors
    /// [`Unsealed`], whatever is wrong with it.
    pub fn open_answer(&self, vault: &Vault, body: &[u8]) -> Result<Vec<Outcome>, Unsealed> {
        let opened = vault.open_message(&self.subject("answer"), body)?;
        serde_json::from_slice(opened.expose()).map_err(|_| Unsealed)
    }
}

fn json(message: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(message).map_err(|error| StoreError::Damaged(error.to_string()))
}
