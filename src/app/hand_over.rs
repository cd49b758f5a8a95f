//! A statement that is drafted on one device and signed on another: it waits, unsigned, for the person who drafted it.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::spec::elsewhere;
use crate::app::submit::{MOST_WAITING, dry_run, lapses};
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::reject::{Rule, ensure};
use crate::core::statement::Statement;
use crate::log::dsse::{Envelope, STATEMENT_TYPE};
use crate::log::signed::statement_of;
use crate::store::error::StoreError;
use crate::store::half_signed::HalfSigned;

/// What became of a statement that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOver {
    /// The person has not signed it.
    Waits,
    /// The person has signed it, others have not.
    Signed,
    /// It is on record.
    Recorded,
}

impl App {
    /// Keeps a statement for its first signer to sign on another device; its id. The same one again changes nothing.
    ///
    /// # Errors
    /// `Rejected` for what the person could not sign with this key, or the law would refuse; `Invalid` for what only the device that
    /// made it can sign, such as a ballot, and for one too many; the store's.
    pub async fn hand_over(
        &self,
        village: VillageCode,
        payload: Vec<u8>,
        person: PersonId,
        key: PublicKey,
    ) -> Result<Digest, AppError> {
        let envelope = Envelope { payload_type: STATEMENT_TYPE.to_owned(), payload, signatures: Vec::new() };
        let (statement, id) = (statement_of(&envelope)?, envelope.id());
        ensure(statement.village == village, Rule::StatementVillage, village, statement.village)?;
        let own = statement.by.iter().any(|signer| signer.person == Some(person) && signer.key == key);
        ensure(own, Rule::SignerKey, "a statement of the own key", "another")?;
        if elsewhere(statement.kind()).is_some() {
            return Err(AppError::Invalid { field: "statement", reason: "not-handed-over" });
        }
        let live = self.lives().live(village).await?;
        dry_run(live.state(), &statement, id, self.now())?;
        self.check_documents(&statement).await?;
        self.keep_handed_over(&statement, id, &envelope, person).await?;
        Ok(id)
    }

    async fn keep_handed_over(
        &self,
        statement: &Statement,
        id: Digest,
        envelope: &Envelope,
        person: PersonId,
    ) -> Result<(), AppError> {
        let (village, now) = (statement.village, self.now());
        let waiting = HalfSigned {
            village,
            statement: id,
            kind: statement.kind().code().to_owned(),
            payload: envelope.payload.clone(),
            signatures: "[]".to_owned(),
            side: None,
            // The others are asked once this one has signed.
            waits_for: vec![person],
            signed_by: Vec::new(),
            created: now,
            expires: lapses(self.lives().live(village).await?.state(), statement),
        };
        let write = self.db().write("hand_over", |tx| {
            let waiting = waiting.clone();
            Box::pin(async move {
                // What is there may have been signed meanwhile.
                if tx.half_signed(village, id, now).await?.is_some() {
                    return Ok(true);
                }
                let many = tx.half_signed_for(village, person, now, MOST_WAITING).await?.len() as u64 >= MOST_WAITING;
                if !many {
                    tx.put_half_signed(&waiting).await?;
                }
                Ok::<_, StoreError>(!many)
            })
        });
        if write.await? { Ok(()) } else { Err(AppError::Invalid { field: "statement", reason: "too-many-waiting" }) }
    }

    /// What became of a statement that a person handed over, or is to sign.
    ///
    /// # Errors
    /// `NotFound` where it doesn't wait any more, or is not the person's; the store's.
    pub async fn handed_over(
        &self,
        village: VillageCode,
        id: Digest,
        person: PersonId,
    ) -> Result<HandedOver, AppError> {
        let now = self.now();
        let read = self.db().read("handed_over", |tx| {
            Box::pin(async move {
                let recorded = tx.by_statement_id(village, id).await?.is_some();
                Ok::<_, StoreError>((recorded, tx.half_signed(village, id, now).await?))
            })
        });
        match read.await? {
            // What is on record anyone may read.
            (true, _) => Ok(HandedOver::Recorded),
            (false, Some(waiting)) if waiting.waits_for.contains(&person) => Ok(HandedOver::Waits),
            (false, Some(waiting)) if waiting.signed_by.contains(&person) => Ok(HandedOver::Signed),
            (false, _) => Err(AppError::NotFound { what: "statement" }),
        }
    }

    /// Throws away what a person handed over and nobody has signed; `false` where there is no such statement.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_back(&self, village: VillageCode, id: Digest, person: PersonId) -> Result<bool, AppError> {
        let now = self.now();
        let write = self.db().write("take_back", |tx| {
            Box::pin(async move {
                let waiting = tx.half_signed(village, id, now).await?;
                let own = waiting.is_some_and(|one| one.signed_by.is_empty() && one.waits_for == [person]);
                Ok::<_, StoreError>(own && tx.drop_half_signed(village, id).await?)
            })
        });
        Ok(write.await?)
    }
}
