//! Whether this server's history is the one that its witnesses hold. A server restored from an old backup, or from
//! another's, must not go on from there: what it signed would contradict what people hold receipts for.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::fetch::Client;
use crate::app::publish::witnesses::Asked;
use crate::app::tiles;
use crate::core::ids::{Digest, DistrictCode, VillageCode};
use crate::log::checkpoint::Checkpoint;
use crate::log::district;
use crate::log::note::{Note, VerifierKey};
use crate::log::policy::Party;
use crate::log::witness::{Held, MAX_ANSWER_BYTES, monitoring_path};
use crate::store::district::{DistrictHead, LogOf};
use crate::store::error::StoreError;

/// Districts about which witnesses are asked at the same time: with many, a start would otherwise wait for all in turn.
const AT_ONCE: usize = 16;

/// What makes a history doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The witness holds a longer history: this one is an old copy.
    Behind,
    /// The witness holds another history of the same length.
    Different,
    /// The database was restored, and not enough witnesses have said yet that it is the newest.
    Unconfirmed,
    /// A village's record in the database is shorter than this server has seen it: acknowledged entries are gone.
    Shorter {
        /// Whose record.
        village: VillageCode,
    },
}

/// Why nothing may be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Of which district.
    pub district: DistrictCode,
    /// What is wrong.
    pub fault: Fault,
    /// The witness that holds something else; empty where none was asked.
    pub witness: String,
    /// Leaves here; for `Shorter` the village's entries.
    pub ours: u64,
    /// Leaves that the witness cosigned, with a checkpoint that this log's own key signed; entries that this server has seen.
    pub theirs: u64,
}

impl Doubt {
    /// The database holds `ours` entries of a village's record of which it has acknowledged `theirs`.
    #[must_use]
    pub fn shorter(village: VillageCode, ours: u64, theirs: u64) -> Self {
        Self { district: village.district(), fault: Fault::Shorter { village }, witness: String::new(), ours, theirs }
    }
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { district, witness, ours, theirs, .. } = self;
        match self.fault {
            Fault::Behind => {
                write!(f, "district {district}: this database is an old copy ({ours} leaves); {witness} holds {theirs}")
            }
            Fault::Different => {
                write!(f, "district {district}: {witness} holds another history ({theirs} leaves; {ours} here)")
            }
            Fault::Shorter { village } => write!(
                f,
                "district {district}: the database holds {ours} entries of village {village}, and has acknowledged {theirs}"
            ),
            Fault::Unconfirmed => write!(
                f,
                "district {district}: the database was restored, and too few witnesses have confirmed that it is the newest"
            ),
        }
    }
}

/// Whether something speaks against this server's history. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct History(Arc<Mutex<Option<Doubt>>>);

impl History {
    /// Why nothing may be signed; `None` if nothing speaks against it.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether nothing may be signed.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(in crate::app) fn set(&self, doubt: Option<Doubt>) {
        if let Some(doubt) = &doubt {
            tracing::error!(%doubt, "nothing is signed: see \"After a restore\" in docs/OPERATIONS.md");
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = doubt;
    }
}

/// What one witness says of a district's log.
enum Word {
    /// It cannot be asked now, or gives no answer that counts.
    None,
    /// What it holds is this history, or the beginning of it.
    Same,
    /// It holds something else.
    Against(Doubt),
}

impl App {
    /// Asks the witnesses what they hold, and settles whether this server may sign. A witness that can't be reached, or no
    /// longer holds what it cosigned, says nothing; after a restore enough of them must confirm. Without witnesses nothing
    /// speaks against it.
    ///
    /// # Errors
    /// The store's.
    pub async fn confirm_history(&self) -> Result<Option<Doubt>, AppError> {
        let heads = self.db().read("districts", |tx| Box::pin(tx.districts())).await?;
        let asked = self.witnesses().asked();
        let asked = asked.as_deref();
        let mut doubt = None;
        for some in heads.chunks(AT_ONCE) {
            for word in join_all(some.iter().map(|head| self.confirm_head(asked, head))).await {
                doubt = doubt.or(word?);
            }
        }
        self.history().set(doubt.clone());
        Ok(doubt)
    }

    async fn confirm_head(&self, asked: Option<&Asked>, head: &DistrictHead) -> Result<Option<Doubt>, AppError> {
        match asked {
            Some(asked) => self.confirm_district(asked, head).await,
            None => self.confirmed(head).await.map(|()| None),
        }
    }

    /// Doubts the history where the database was restored and nobody has been asked since: for whatever signs without asking.
    ///
    /// # Errors
    /// The store's.
    pub async fn doubt_restored(&self) -> Result<(), AppError> {
        let heads = self.db().read("districts", |tx| Box::pin(tx.districts())).await?;
        if let Some(head) = heads.iter().find(|head| head.restored) {
            self.history().set(Some(unconfirmed(head)));
        }
        Ok(())
    }

    /// Asks again where too few witnesses could be asked after a restore, and where another of several servers may have heard
    /// what speaks against this history. What one of them said against it stands until somebody has looked into it.
    ///
    /// # Errors
    /// The store's.
    pub async fn confirm_again(&self) -> Result<(), AppError> {
        let doubt = self.history().doubt();
        let again = doubt.map_or(self.cluster().is_some(), |doubt| doubt.fault == Fault::Unconfirmed);
        if again {
            self.confirm_history().await?;
        }
        Ok(())
    }

    async fn confirmed(&self, head: &DistrictHead) -> Result<(), AppError> {
        let district = head.district;
        if head.restored {
            self.db().write("history_confirmed", |tx| Box::pin(tx.mark_restored(district, false))).await?;
        }
        Ok(())
    }

    async fn confirm_district(&self, asked: &Asked, head: &DistrictHead) -> Result<Option<Doubt>, AppError> {
        let Some(log) = self.district_verifier(head.district).await? else { return Ok(None) };
        let parties = asked.policy.witnesses();
        let words = join_all(parties.iter().map(|party| self.word_of(&asked.client, party, &log, head))).await;
        let words = words.into_iter().collect::<Result<Vec<_>, _>>()?;
        let enough = asked.policy.is_met(&|witness| matches!(words[witness], Word::Same));
        for word in words {
            if let Word::Against(doubt) = word {
                return Ok(Some(doubt));
            }
        }
        if head.restored && !enough {
            return Ok(Some(unconfirmed(head)));
        }
        self.confirmed(head).await?;
        Ok(None)
    }

    async fn word_of(
        &self,
        client: &Client,
        party: &Party,
        log: &VerifierKey,
        before: &DistrictHead,
    ) -> Result<Word, AppError> {
        let Some(held) = self.held_by(client, party, log).await? else { return Ok(Word::None) };
        // It may have cosigned what was published while it was asked.
        let (district, key) = (before.district, party.key.to_string());
        let (key, origin) = (&key, &before.origin);
        let read = self.db().read("district_head", |tx| {
            Box::pin(async move {
                let known = tx.newest_cosignature(origin, key).await?.map_or(0, |row| row.size);
                Ok::<_, StoreError>((tx.district(district).await?, known))
            })
        });
        let (head, known) = read.await?;
        let ours = head.map_or(before.size, |head| head.size);
        let against = |fault| {
            let witness = party.name.clone();
            Ok(Word::Against(Doubt { district, fault, witness, ours, theirs: held.size }))
        };
        if held.size > ours {
            return against(Fault::Behind);
        }
        if held.size > 0 && self.district_root(district, held.size).await? != held.root {
            return against(Fault::Different);
        }
        if held.size < known {
            tracing::warn!(witness = party.name, known, held = held.size, "a witness has forgotten what it cosigned");
            return Ok(Word::None);
        }
        Ok(Word::Same)
    }

    /// What a witness holds of a log, of size 0 where it says that it holds nothing; `None` where it gives no answer that counts.
    async fn held_by(&self, client: &Client, party: &Party, log: &VerifierKey) -> Result<Option<Held>, AppError> {
        let Some(url) = &party.url else { return Ok(None) };
        let url = format!("{}/{}", url.trim_end_matches('/'), monitoring_path(log.name()));
        let answer = client.get(url, MAX_ANSWER_BYTES as u64).await;
        let answer = match answer {
            Ok(answer) if answer.status == 404 => return Ok(Some(Held::default())),
            Ok(answer) if answer.status == 200 => answer,
            Ok(answer) => {
                tracing::warn!(witness = party.name, status = answer.status, "a witness does not say what it holds");
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(witness = party.name, %error, "a witness can't be asked what it holds");
                return Ok(None);
            }
        };
        // Only what this log's own key signed speaks against it: otherwise a witness could stop a server by a lie.
        let opened = Note::parse(&answer.body).map_err(Into::into).and_then(|note| Checkpoint::open(&note, log));
        if opened.is_err() {
            tracing::warn!(witness = party.name, "a witness shows a checkpoint that this log did not sign");
        }
        Ok(opened.ok().map(|checkpoint| Held { size: checkpoint.size, root: checkpoint.root }))
    }

    async fn district_root(&self, district: DistrictCode, size: u64) -> Result<Digest, AppError> {
        let log = LogOf::District(district);
        Ok(self.db().read("district_root", |tx| Box::pin(tiles::root(tx, log, size))).await?)
    }

    /// A witness answered as if it held another history: asks all of them again, unless that is known already.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::app::publish) async fn doubt_history(&self) -> Result<(), AppError> {
        if !self.history().is_in_doubt() {
            self.confirm_history().await?;
        }
        Ok(())
    }
}

fn unconfirmed(head: &DistrictHead) -> Doubt {
    let DistrictHead { district, size: ours, .. } = *head;
    Doubt { district, fault: Fault::Unconfirmed, witness: String::new(), ours, theirs: 0 }
}

/// Which district a log's origin names.
#[must_use]
pub fn district_named(origin: &str) -> Option<DistrictCode> {
    district::district_of(origin).map(|(_, district)| district)
}
