//! Publication (PROTOCOL 4): villages' checkpoints become leaves of their district's log, and one signed checkpoint of that
//! log stands for all of them.
//!
//! A round is one transaction a district: leaves, tiles, the head and the log's signature over it are there together or not
//! at all. Nothing is signed that is not on disk with its signature, so a server that is killed at any step goes on as if
//! the step had not been begun.

pub mod history;
pub mod recover;
pub mod served;
pub mod silence;
pub mod witnesses;

use std::collections::BTreeSet;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::app::cluster::plan::Job;
use crate::app::error::AppError;
use crate::app::live::frontier_at;
use crate::app::tiles;
use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, PublicKey, VillageCode};
use crate::log::checkpoint::Checkpoint;
use crate::log::district;
use crate::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use crate::log::tree::leaf_hash;
use crate::store::district::{DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf, LogOf, Unpublished};
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::vault::{Place, Vault};

/// Kind of vault row that holds a district log's signing key.
pub const DISTRICT_KEY: &str = "district-log-key";
/// Most villages published in one transaction, more than any district has: none waits while others publish again and again.
const ROUND: u64 = 2_000;
/// Most districts whose keys a page names at once.
const NAMED: u64 = 32;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Checkpoints of villages that were published.
    pub villages: usize,
    /// How long the oldest of them waited, in milliseconds.
    pub waited_ms: i64,
}

/// A leaf about to be added.
#[derive(Debug, Clone)]
struct NewLeaf {
    village: Option<VillageCode>,
    size: Option<u64>,
    bytes: Vec<u8>,
}

impl From<Unpublished> for NewLeaf {
    fn from(one: Unpublished) -> Self {
        Self { village: Some(one.village), size: Some(one.size), bytes: one.note }
    }
}

/// The place in the vault of what belongs to a district: its own statistical code, six zeros in a village's place.
fn district_place(district: DistrictCode) -> Result<VillageCode, AppError> {
    format!("{district}000000").parse().map_err(|_| AppError::not_found("district"))
}

/// The last code that a village of this district can have.
fn last_of(district: DistrictCode) -> Result<VillageCode, AppError> {
    format!("{district}999999").parse().map_err(|_| AppError::not_found("district"))
}

impl App {
    /// Publishes for ever: at once when a record grows, but at most every `every`; `told` hears of each round. What another
    /// process appended is found in the same time.
    pub async fn keep_publishing(&self, every: Duration, mut told: impl FnMut(Result<Round, AppError>)) {
        let (mut pace, mut lookout) = (interval(every), interval(every));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        lookout.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.lane().grown() => {}
                _ = lookout.tick() => {}
            }
            pace.tick().await;
            let round = self.publish_due().await;
            if round.as_ref().is_ok_and(|round| round.villages == 0) {
                // Nothing was signed: the next may be at once.
                pace.reset_immediately();
            }
            told(round);
        }
    }

    /// Publishes what the records gained since the last round, in every district. Called about once a second. Of several
    /// servers one does it.
    ///
    /// # Errors
    /// The store's; what is left is published in the next round.
    pub async fn publish_due(&self) -> Result<Round, AppError> {
        let mut round = Round::default();
        if self.history().is_in_doubt() || !self.does(Job::Publication) {
            return Ok(round);
        }
        let mut after = None;
        loop {
            let next = self.db().read("unpublished", |tx| Box::pin(tx.next_unpublished(after))).await?;
            let Some(district) = next.map(VillageCode::district) else { return Ok(round) };
            // What a district gains meanwhile waits for the next round, or a busy one would be published without end.
            after = Some(last_of(district)?);
            let done = self.publish_district(district).await?;
            round.villages += done.villages;
            round.waited_ms = round.waited_ms.max(done.waited_ms);
        }
    }

    async fn publish_district(&self, district: DistrictCode) -> Result<Round, AppError> {
        let Some(key) = self.district_key(district).await? else { return Ok(Round::default()) };
        let (now, key) = (self.now(), &key);
        let publish = self.db().write("publish", |tx| {
            Box::pin(async move {
                let Some(head) = tx.lock_district(district).await? else { return Ok(Vec::new()) };
                let due = tx.unpublished(district, ROUND).await?;
                // What waited while the server was down must not wait for cosignatures, too.
                let since = due.iter().map(|one| one.last_time).min().map_or(now, |since| since.min(now));
                let leaves = due.iter().cloned().map(NewLeaf::from).collect();
                add(tx, &head, key, leaves, since).await?;
                Ok::<_, StoreError>(due)
            })
        });
        let due = publish.await?;
        let waited_ms = due.iter().map(|one| now.ms() - one.last_time.ms()).max().unwrap_or(0);
        if !due.is_empty() {
            self.witnesses().wake(district);
        }
        Ok(Round { villages: due.len(), waited_ms })
    }

    fn may_sign(&self) -> Result<(), AppError> {
        self.history().doubt().map_or(Ok(()), |doubt| Err(AppError::InDoubt(doubt)))
    }

    /// Enters villages' keys in their district's directory: the exact bytes of key leaves that two roots signed. The log of
    /// the district begins with the first. A key that stood there before is passed over, whoever signed it.
    ///
    /// # Errors
    /// `InDoubt`; `Invalid` for what is no key leaf of a village's log; the store's.
    pub async fn list_keys(&self, notes: Vec<Vec<u8>>) -> Result<usize, AppError> {
        self.may_sign()?;
        let invalid = || AppError::Invalid { field: "key-leaf", reason: "form" };
        let mut listed = 0;
        let mut districts: Vec<(DistrictCode, String, Vec<NewLeaf>)> = Vec::new();
        for bytes in notes {
            let Ok((district::Says::Key(key), _)) = district::read(&bytes) else { return Err(invalid()) };
            let (host, village) = district::village_of(key.name()).ok_or_else(invalid)?;
            let code = village.district();
            let leaf = NewLeaf { village: Some(village), size: None, bytes };
            match districts.iter_mut().find(|(district, ..)| *district == code) {
                Some((.., leaves)) => leaves.push(leaf),
                None => districts.push((code, district::origin(host, code), vec![leaf])),
            }
        }
        for (district, origin, leaves) in districts {
            listed += self.list_in(district, &origin, leaves).await?;
        }
        Ok(listed)
    }

    async fn list_in(&self, district: DistrictCode, origin: &str, leaves: Vec<NewLeaf>) -> Result<usize, AppError> {
        let key = self.begin_district(district, origin).await?;
        let (now, key, leaves) = (self.now(), &key, &leaves);
        let list = self.db().write("list_keys", |tx| {
            Box::pin(async move {
                let head = tx.lock_district(district).await?;
                let head = head.ok_or_else(|| StoreError::Damaged("a district's log is missing".to_owned()))?;
                let mut stood = stood(tx, district).await?;
                let is_new = |leaf: &&NewLeaf| said(&leaf.bytes).is_some_and(|said| stood.insert(said));
                let new: Vec<NewLeaf> = leaves.iter().filter(is_new).cloned().collect();
                let count = new.len();
                add(tx, &head, key, new, now).await?;
                Ok::<_, StoreError>(count)
            })
        });
        let count = list.await?;
        self.witnesses().wake(district);
        Ok(count)
    }

    /// Adds the leaf of a release, as its offline key signed it.
    ///
    /// # Errors
    /// `InDoubt`; `Invalid` for what is no release leaf; `NotFound` for a district without a log; the store's.
    pub async fn add_release(&self, district: DistrictCode, note: Vec<u8>) -> Result<(), AppError> {
        self.may_sign()?;
        let Ok((district::Says::Release { .. }, _)) = district::read(&note) else {
            return Err(AppError::Invalid { field: "release-leaf", reason: "form" });
        };
        let key = self.district_key(district).await?.ok_or_else(|| AppError::not_found("district"))?;
        let (now, key, note) = (self.now(), &key, &note);
        let added = self.db().write("add_release", |tx| {
            Box::pin(async move {
                let head = tx.lock_district(district).await?.ok_or_else(|| AppError::not_found("district"))?;
                let leaf = NewLeaf { village: None, size: None, bytes: note.clone() };
                let stood = stood(tx, district).await?;
                let is_new = said(note).is_some_and(|said| !stood.contains(&said));
                let leaves = if is_new { vec![leaf] } else { Vec::new() };
                add(tx, &head, key, leaves, now).await.map_err(AppError::Store)
            })
        });
        added.await?;
        self.witnesses().wake(district);
        Ok(())
    }

    /// The key of a district's log; made and its log begun where there is none.
    async fn begin_district(&self, district: DistrictCode, origin: &str) -> Result<SigningKey, AppError> {
        if let Some(key) = self.district_key(district).await? {
            return Ok(key);
        }
        let seed = zeroize::Zeroizing::new(self.random::<32>());
        let place = Place { kind: DISTRICT_KEY, village: district_place(district)?, name: "current" };
        let row = self.vault().row(&place, &*seed, &mut self.rng())?;
        let row = &row;
        let head = DistrictHead { district, origin: origin.to_owned(), size: 0, frontier: Vec::new(), restored: false };
        let head = &head;
        let begun = self.db().write("begin_district", |tx| {
            Box::pin(async move {
                tx.begin_district(head).await?;
                tx.insert_vault(&[row]).await
            })
        });
        match begun.await {
            Ok(()) => Ok(SigningKey::from_bytes(&seed)),
            Err(StoreError::Exists) => {
                self.district_key(district).await?.ok_or_else(|| AppError::not_found("district-log-key"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn district_key(&self, district: DistrictCode) -> Result<Option<SigningKey>, AppError> {
        let (vault, village) = (self.vault(), district_place(district)?);
        self.db().read("district_key", |tx| Box::pin(async move { read_key(tx, vault, village).await })).await
    }

    /// Verifier keys of the logs of all districts here; none where there are more than a page can name.
    ///
    /// # Errors
    /// The store's.
    pub async fn district_verifiers(&self) -> Result<Vec<VerifierKey>, AppError> {
        let heads = self.db().read("districts", |tx| Box::pin(tx.some_districts(NAMED + 1))).await?;
        if heads.len() as u64 > NAMED {
            return Ok(Vec::new());
        }
        let mut keys = Vec::with_capacity(heads.len());
        for head in heads {
            keys.extend(self.district_verifier(head.district).await?);
        }
        Ok(keys)
    }

    /// Verifier key of a district's log: what readers pin. `None` where it has no log.
    ///
    /// # Errors
    /// The store's.
    pub async fn district_verifier(&self, district: DistrictCode) -> Result<Option<VerifierKey>, AppError> {
        let head = self.db().read("district", |tx| Box::pin(tx.district(district))).await?;
        let Some((head, key)) = head.zip(self.district_key(district).await?) else { return Ok(None) };
        let public = PublicKey(key.verifying_key().to_bytes());
        let key = VerifierKey::new(&head.origin, Algorithm::Ed25519, &public);
        key.map(Some).map_err(|error| StoreError::Damaged(error.to_string()).into())
    }
}

async fn read_key(tx: &mut Tx<'_>, vault: &Vault, village: VillageCode) -> Result<Option<SigningKey>, AppError> {
    let secret = tx.secret(vault, &Place { kind: DISTRICT_KEY, village, name: "current" }).await?;
    let Some(secret) = secret else { return Ok(None) };
    let length = |_| StoreError::Damaged("a district log's key has another length".to_owned());
    let seed: [u8; 32] = secret.expose().try_into().map_err(length)?;
    Ok(Some(SigningKey::from_bytes(&seed)))
}

/// What a leaf says; `None` for what is no note.
fn said(leaf: &[u8]) -> Option<Digest> {
    Note::parse(leaf).ok().map(|note| district::said(&note))
}

/// What the keys and releases of a district's log say: each stands there once.
async fn stood(tx: &mut Tx<'_>, district: DistrictCode) -> Result<BTreeSet<Digest>, StoreError> {
    let leaves = tx.keys_and_releases(district).await?;
    Ok(leaves.iter().filter_map(|leaf| said(leaf)).collect())
}

/// Adds leaves to the log that `head` locks, with the signed checkpoint after them; `since` is how long they have waited.
async fn add(
    tx: &mut Tx<'_>,
    head: &DistrictHead,
    key: &SigningKey,
    new: Vec<NewLeaf>,
    since: Time,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let (district, old_size) = (head.district, head.size);
    let mut frontier = frontier_at(head.size, &head.frontier)?;
    let row = |(new, seq): (NewLeaf, u64)| DistrictLeaf {
        district,
        seq,
        time: since,
        village: new.village,
        size: new.size,
        leaf: leaf_hash(&new.bytes),
        bytes: new.bytes,
    };
    let leaves: Vec<DistrictLeaf> = new.into_iter().zip(old_size..).map(row).collect();
    let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf.leaf).collect();
    for leaf in &hashes {
        frontier.append(*leaf);
    }
    let tiles = tiles::grown(tx, LogOf::District(district), old_size, &hashes).await?;
    let size = frontier.size();
    let note = Checkpoint::new(&head.origin, size, frontier.root()).sign(key).to_string().into_bytes();
    let checkpoint = DistrictCheckpoint { district, size, time: since, note, witnessed: None };
    let head = DistrictHead { size, frontier: frontier.to_bytes(), ..head.clone() };
    tx.append_district(&DistrictAppend { old_size, head, leaves, tiles, checkpoint }).await
}

/// The key leaf of a village's log, signed by the first two of `roots`.
#[must_use]
pub fn key_leaf(log: &VerifierKey, roots: &[SigningKey]) -> Option<Vec<u8>> {
    let (host, village) = district::village_of(log.name())?;
    let origin = district::origin(host, village.district());
    let text = district::key_text(log);
    let signatures: Vec<NoteSignature> =
        roots.iter().take(2).map(|root| district::sign_key(&origin, &text, root)).collect();
    let distinct: BTreeSet<&[u8]> = signatures.iter().map(|signature| signature.bytes.as_slice()).collect();
    (distinct.len() == 2).then(|| Note { text, signatures: signatures.clone() }.to_string().into_bytes())
}
