//! Ballots that the server refused: whoever was refused hands the ballot in here. A result without it is not lawful.

use crate::app::error::AppError;
use crate::core::act::Act;
use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey, VillageCode};
use crate::core::judge;
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::Position;
use crate::log::dsse::Envelope;
use crate::log::note::Note;
use crate::log::signed::Signed;
use crate::log::sigset::Keyring;
use crate::store::witness::Vouched;
use crate::witness::Witness;

/// A ballot that would count by what is on record here.
#[derive(Debug, Clone)]
pub struct Ballot {
    row: Vouched,
    key: PublicKey,
    origin: String,
}

impl Ballot {
    /// The voter's key.
    #[must_use]
    pub fn key(&self) -> PublicKey {
        self.key
    }
}

/// Text of the note that a witness gives for a ballot.
#[must_use]
pub fn vouch_text(origin: &str, village: VillageCode, statement: Digest, time: Time) -> String {
    format!("sunvote/vouch/v1\n{origin}\n{village}\n{statement}\n{time}\n")
}

impl Witness {
    /// Reads an envelope and judges it as the law would now, by the copy of the record: signature, key, roster, an open vote.
    ///
    /// # Errors
    /// Not an envelope, not a ballot, refused by a rule; no such village; the store's.
    pub async fn read_ballot(&self, body: &[u8]) -> Result<Ballot, AppError> {
        let envelope = Envelope::from_json(body)?;
        let bytes = envelope.to_json();
        let signed = Signed::read(envelope)?;
        signed.verify(&mut Keyring::default())?;
        let statement = &signed.statement;
        let ballot = match &statement.act {
            Act::BallotCast(ballot) => ballot,
            other => {
                let found = other.kind();
                return Err(Rejection::new(Rule::StatementKind, "ballot.cast", found).into());
            }
        };
        let recorded = self.app().lives().recorded(statement.village).await?;
        let (state, _) = recorded.ok_or(AppError::NotFound { what: "village" })?;
        let now = self.now().max(state.last.time);
        let at = Position { seq: state.size(), time: now, leaf: Digest([0; 32]) };
        judge::judge(&state, statement, signed.id, at)?;
        let basis = statement.basis.unwrap_or(at.leaf);
        ensure(statement.basis.is_some(), Rule::StatementFields, "a basis", "none")?;
        let key = statement.by.first().map_or(PublicKey([0; 32]), |signer| signer.key);
        let row = Vouched {
            village: statement.village,
            statement: signed.id,
            basis,
            voter: ballot.voter.into(),
            revision: ballot.revision.into(),
            time: now,
            envelope: bytes,
            settled: None,
        };
        Ok(Ballot { row, key, origin: state.origin })
    }

    /// Keeps a ballot and signs for it, once both are on disk; the first time stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn vouch(&self, ballot: &Ballot) -> Result<Note, AppError> {
        let row = &ballot.row;
        let kept = self.db().write("vouch", |tx| Box::pin(tx.vouch(row))).await?;
        let text = vouch_text(&ballot.origin, kept.village, kept.statement, kept.time);
        let signature = self.keys().sign_note(&text);
        Ok(Note { text, signatures: vec![signature] })
    }
}
