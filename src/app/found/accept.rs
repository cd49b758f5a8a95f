//! What came back from the roots: checked as a whole first, then put on record through the lane like anything else.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::found::founding::FOUNDING;
use crate::app::found::{FoundError, try_on};
use crate::core::act::Act;
use crate::core::ids::VillageCode;
use crate::core::state::State;
use crate::log::ceremony::Item;
use crate::log::signed::{Signed, check_signature};
use crate::log::sigset::Keyring;
use crate::store::vault::Place;

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Statements put on record.
    pub recorded: usize,
    /// Statements that were there already.
    pub known: usize,
}

impl App {
    /// Puts statements that roots signed on record. All of them are judged before the first one is appended; sending the
    /// same file again adds what is missing.
    ///
    /// # Errors
    /// `Missing` signature, `NotPrepared`, `Refused`: nothing is on record then. The store's.
    pub async fn accept(&self, items: Vec<Item>) -> Result<Taken, FoundError> {
        let mut taken = Taken::default();
        let mut villages: BTreeMap<VillageCode, Vec<Signed>> = BTreeMap::new();
        let mut states: BTreeMap<VillageCode, Option<State>> = BTreeMap::new();
        let (mut keys, mut leaves) = (Keyring::default(), Vec::new());
        for item in items {
            let (village, id) = (item.statement.village, item.id());
            let signed = complete(&item, &mut keys)?;
            leaves.extend(item.key_leaf());
            let stored = self.db().read("by_statement", |tx| Box::pin(tx.by_statement_id(village, id))).await?;
            if stored.is_some() {
                taken.known += 1;
                continue;
            }
            if let Act::VillageFounded(_) = &item.statement.act {
                self.check_prepared(&item).await?;
            }
            if let std::collections::btree_map::Entry::Vacant(slot) = states.entry(village) {
                slot.insert(self.state_of(village).await?);
            }
            let state = states.entry(village).or_default();
            let kind = item.statement.kind();
            try_on(state, &item, self.now()).map_err(|rejection| FoundError::Refused { village, kind, rejection })?;
            villages.entry(village).or_default().push(signed);
        }
        taken.recorded = self.record_all(villages).await?;
        // Also for foundings that are on record already: an earlier run may have ended here.
        self.list_keys(leaves).await?;
        Ok(taken)
    }

    async fn state_of(&self, village: VillageCode) -> Result<Option<State>, AppError> {
        match self.lives().live(village).await {
            Ok(live) => Ok(Some(live.state().clone())),
            Err(AppError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A founding counts only if these very bytes were prepared here: only then is the log's key in the vault, and are the
    /// roots the district's.
    async fn check_prepared(&self, item: &Item) -> Result<(), FoundError> {
        let (vault, village) = (self.vault(), item.statement.village);
        let place = Place { kind: FOUNDING, village, name: "current" };
        let read = self.db().read("founding", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let prepared = read.is_some_and(|id| id.expose() == item.id().to_string().as_bytes());
        if prepared { Ok(()) } else { Err(FoundError::NotPrepared(village)) }
    }

    /// The first of every village together, then the second, and so on: each round is a few commits.
    async fn record_all(&self, villages: BTreeMap<VillageCode, Vec<Signed>>) -> Result<usize, FoundError> {
        let mut queues: Vec<_> = villages.into_values().map(Vec::into_iter).collect();
        let mut recorded = 0;
        loop {
            let round: Vec<Signed> = queues.iter_mut().filter_map(Iterator::next).collect();
            if round.is_empty() {
                return Ok(recorded);
            }
            for result in join_all(round.into_iter().map(|signed| self.record_one(signed))).await {
                result?;
                recorded += 1;
            }
        }
    }

    async fn record_one(&self, signed: Signed) -> Result<(), FoundError> {
        let (village, kind) = (signed.statement.village, signed.statement.kind());
        let done = match signed.statement.act {
            Act::VillageFounded(_) => self.found(signed).await.map(|_| ()),
            _ => self.submit(village, signed.envelope, None).await.map(|_| ()),
        };
        done.map_err(|error| match error {
            AppError::Rejected(rejection) => FoundError::Refused { village, kind, rejection },
            error => error.into(),
        })
    }
}

/// The statement with every signature on it, and each of them good.
fn complete(item: &Item, keys: &mut Keyring) -> Result<Signed, FoundError> {
    let (village, kind) = (item.statement.village, item.statement.kind());
    let refused = |rejection| FoundError::Refused { village, kind, rejection };
    if let Some(key) = item.missing().next() {
        return Err(FoundError::Missing { village, kind, key });
    }
    let signed = Signed::read(item.envelope.clone()).map_err(refused)?;
    for (signer, signature) in signed.statement.by.iter().zip(&signed.envelope.signatures) {
        check_signature(keys, &signer.key, &signed.pae, signature).map_err(refused)?;
    }
    Ok(signed)
}
