//! Puts a generated district into the store: each village in one transaction, so that one that is there is whole, and a
//! second start only adds what is missing. Villages are generated and sealed on all cores while the store writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rayon::prelude::*;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::demo::{District, GenerateError};
use crate::app::error::AppError;
use crate::app::import::VillageRow;
use crate::app::live::{LOG_KEY, Live, Lives, head_of};
use crate::app::login::DEMO_KEY;
use crate::app::names::{NAME, SaltedName, TOWNSHIP_NAME};
use crate::app::projection::VILLAGE_NAME;
use crate::app::publish::key_leaf;
use crate::app::sequencer::stored;
use crate::app::submit::{KeptOpening, OPENING, opening_name};
use crate::app::tiles;
use crate::core::clock::Time;
use crate::core::ids::VillageCode;
use crate::core::state::voting::VotingStatus;
use crate::log::entry;
use crate::log::note::{Algorithm, VerifierKey};
use crate::log::scribe::{Document, Scribe};
use crate::store::db::Db;
use crate::store::documents::{NewDocument, SealedDocument};
use crate::store::error::StoreError;
use crate::store::objects::Objects;
use crate::store::record::{Head, VaultRow, VillageAppend};
use crate::store::vault::{Place, Vault};

/// Villages in one transaction: a commit costs a sync, a transaction memory.
const BATCH: usize = 12;
/// Villages that wait for the store: bounds memory.
const AHEAD: usize = 24;
/// Largest document, bytes: a rehearsal takes over what was uploaded.
const LIMIT: usize = 64 << 20;

/// Most villages that are entered in the directory at a time; a demo has 211.
const UNLISTED: u64 = 1_000;

/// Why a demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The judge refused a step: a fault of this program.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was written could not be published or shown.
    #[error(transparent)]
    App(#[from] AppError),
}

/// What was put there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Villages that were missing.
    pub villages: usize,
    /// Their entries.
    pub entries: usize,
    /// Their documents.
    pub documents: usize,
}

/// One village, sealed and ready to be written.
pub(in crate::app) struct Ready {
    founded: Head,
    append: VillageAppend,
    documents: Vec<SealedDocument>,
    live: Live,
}

/// Generates every village that the store doesn't have and writes it. `seed` is for the vault's nonces: 32 bytes from the
/// operating system. Derived tables are made afterwards, by [`crate::app::projection::catch_up`]; the villages' states
/// stay in `lives` for it.
///
/// # Errors
/// See [`LoadError`]; villages written before stay.
pub async fn load(
    db: &Db,
    vault: &Vault,
    objects: &Objects,
    lives: &Lives,
    district: &District,
    villages: &[VillageRow],
    seed: [u8; 32],
) -> Result<Loaded, LoadError> {
    let there = founded(db).await?;
    let missing: Vec<(usize, VillageRow)> =
        villages.iter().cloned().enumerate().filter(|(_, village)| !there.contains(&village.code)).collect();
    let (sender, mut ready) = mpsc::channel(AHEAD);
    let (district, vault) = (district.clone(), vault.clone());
    let work = tokio::task::spawn_blocking(move || {
        missing.into_par_iter().with_max_len(1).try_for_each(|(index, village)| {
            let generated = district.generate(index, &village)?;
            let mut rng = ChaCha20Rng::from_seed(seed);
            // Each village draws from a stream of its own, so no nonce occurs twice.
            rng.set_stream(index as u64 + 1);
            // A closed channel: the store has failed and says so itself.
            let _ = sender.blocking_send(seal(&generated.village, &generated.scribe, &vault, &mut rng));
            Ok::<(), GenerateError>(())
        })
    });
    let mut loaded = Loaded::default();
    let mut batch = Vec::with_capacity(BATCH);
    while ready.recv_many(&mut batch, BATCH).await > 0 {
        let sealed: Result<Vec<Ready>, StoreError> = batch.drain(..).collect();
        write(db, objects, lives, sealed?, &mut loaded).await?;
    }
    match work.await {
        Ok(result) => result?,
        Err(panicked) => return Err(StoreError::Damaged(panicked.to_string()).into()),
    }
    Ok(loaded)
}

/// Enters the keys of villages' logs in the district's directory: of an invented district the roots are at hand.
///
/// # Errors
/// The store's; `InDoubt`.
pub async fn enter_keys(app: &App, roots: &[SigningKey]) -> Result<(), AppError> {
    let unlisted = app.db().read("unlisted", |tx| Box::pin(tx.unlisted(UNLISTED))).await?;
    let mut leaves = Vec::with_capacity(unlisted.len());
    for village in unlisted {
        let live = app.lives().live(village).await?;
        let key = VerifierKey::new(&live.state().origin, Algorithm::Ed25519, &live.state().log_key);
        let key = key.map_err(|error| StoreError::Damaged(error.to_string()))?;
        leaves.extend(key_leaf(&key, roots));
    }
    app.list_keys(leaves).await?;
    Ok(())
}

async fn founded(db: &Db) -> Result<BTreeSet<VillageCode>, StoreError> {
    let mut there = BTreeSet::new();
    loop {
        let last = there.last().copied();
        let page = db.read("demo_villages", |tx| Box::pin(tx.heads(last, 500))).await?;
        if page.is_empty() {
            return Ok(there);
        }
        there.extend(page.into_iter().map(|head| head.village));
    }
}

/// Writes villages in one transaction, their documents before.
pub(in crate::app) async fn write(
    db: &Db,
    objects: &Objects,
    lives: &Lives,
    sealed: Vec<Ready>,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let (mut documents, mut founded, mut appends, mut states) = (vec![], vec![], vec![], vec![]);
    for village in sealed {
        loaded.villages += 1;
        loaded.entries += village.append.entries.len();
        loaded.documents += village.documents.len();
        documents.extend(village.documents);
        founded.push(village.founded);
        states.push((village.append.head.village, Arc::new(village.live)));
        appends.push(village.append);
    }
    db.put_documents(objects, documents, LIMIT).await?;
    let (founded, appends) = (&founded, &appends);
    db.write("load_demo", |tx| {
        Box::pin(async move {
            for head in founded {
                tx.found_village(head).await?;
            }
            tiles::append(tx, appends).await
        })
    })
    .await?;
    for (village, live) in &states {
        lives.keep(*village, live);
    }
    Ok(())
}

/// Seals what a scribe wrote of a village, with the keys of its people.
pub(in crate::app) fn seal(
    row: &VillageRow,
    scribe: &Scribe,
    vault: &Vault,
    rng: &mut ChaCha20Rng,
) -> Result<Ready, StoreError> {
    let village = row.code;
    let head = head_of(scribe.ledger());
    let founded = founded_of(&head, scribe);
    let append = VillageAppend {
        old_size: 0,
        old_frontier: Vec::new(),
        head,
        entries: scribe.entries.iter().map(stored).collect(),
        checkpoint: Some(scribe.checkpoint().to_string().into_bytes()),
        vault: secrets(row, scribe, vault, rng)?,
    };
    let stored = scribe.now();
    let documents = scribe.documents.iter().map(|document| {
        SealedDocument::seal(vault, rng, new_document(village, document, stored), document.bytes.clone())
    });
    let live = Live { ledger: scribe.ledger().clone(), key: scribe.log_key().clone() };
    Ok(Ready { founded, append, documents: documents.collect::<Result<_, _>>()?, live })
}

/// The head of the empty record that a village's began as.
pub(in crate::app::demo) fn founded_of(head: &Head, scribe: &Scribe) -> Head {
    Head {
        size: 0,
        frontier: Vec::new(),
        last_time: scribe.entries.first().map_or(head.last_time, |entry| entry.at.time),
        last_leaf: entry::genesis(&head.origin),
        ..head.clone()
    }
}

fn new_document(village: VillageCode, document: &Document, stored: Time) -> NewDocument {
    NewDocument {
        village,
        commitment: document.doc.sha256,
        salt: document.salt,
        media: document.doc.media.code().to_owned(),
        level: document.doc.level.code().to_owned(),
        display_end: None,
        stored,
        uploader: None,
        // Its pictures are drawn: the same ones stand in many invented matters.
        looks: None,
    }
}

/// The log's key and the names of place and people: what every village has in the vault.
pub(in crate::app::demo) fn usual_secrets(
    row: &VillageRow,
    scribe: &Scribe,
    vault: &Vault,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<VaultRow>, StoreError> {
    let mut rows = Vec::new();
    let mut keep = |kind: &str, name: &str, secret: &[u8]| {
        rows.push(vault.row(&Place { kind, village: row.code, name }, secret, rng)?);
        Ok::<(), StoreError>(())
    };
    keep(LOG_KEY, "current", scribe.log_key().as_bytes())?;
    keep(VILLAGE_NAME, "current", row.name.as_bytes())?;
    keep(TOWNSHIP_NAME, "current", row.township_name.as_bytes())?;
    for someone in scribe.everyone() {
        let name = SaltedName { name: someone.name.clone(), salt: hex::encode(someone.salt) };
        keep(NAME, &someone.id.to_string(), serde_json::json!(name).to_string().as_bytes())?;
    }
    Ok(rows)
}

/// Beside these the keys that the demo holds for its people, and the openings of ballots that are not opened yet.
fn secrets(
    row: &VillageRow,
    scribe: &Scribe,
    vault: &Vault,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<VaultRow>, StoreError> {
    let village = row.code;
    let mut rows = usual_secrets(row, scribe, vault, rng)?;
    let mut keep = |kind: &str, name: &str, secret: &[u8]| {
        rows.push(vault.row(&Place { kind, village, name }, secret, rng)?);
        Ok::<(), StoreError>(())
    };
    for someone in scribe.everyone() {
        keep(DEMO_KEY, &someone.id.to_string(), someone.key.as_bytes())?;
    }
    let votings = scribe.state().sessions.values().flat_map(|session| session.votings.values());
    for voting in votings.filter(|voting| voting.status != VotingStatus::Announced) {
        for ((voter, channel), cast) in &voting.ballots {
            let Some(opening) = scribe.openings.get(&cast.commitment) else { continue };
            let (nonce, choice) = (opening.nonce, opening.choice.clone());
            let kept = KeptOpening { revision: cast.revision, nonce, choice };
            let name = opening_name(voting.opened.leaf, *voter, channel.code());
            keep(OPENING, &name, kept.text().as_bytes())?;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use zeroize::Zeroizing;

    use super::load;
    use crate::app::demo::District;
    use crate::app::import;
    use crate::app::live::Lives;
    use crate::core::clock::Time;
    use crate::store::db::{Db, Options};
    use crate::store::objects::Objects;
    use crate::store::vault::Vault;

    #[tokio::test]
    async fn what_is_loaded_is_read_back_and_loaded_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("demo.db").display());
        let db = Db::open(&url, Options::default()).await.unwrap();
        let objects = Objects::folder_unsynced(&folder.path().join("documents")).unwrap();
        let vault = Vault::new(&Zeroizing::new([7; 32]));
        let now: Time = "2026-11-21T12:00:00.000Z".parse().unwrap();
        let district = District::new(1, "127.0.0.1:8080", now);
        let villages = import::villages(include_bytes!("../../../demo/liandu_villages.csv")).unwrap();
        let some = &villages[..3];
        let lives = Lives::new(db.clone(), vault.clone());
        let loaded = load(&db, &vault, &objects, &lives, &district, some, [1; 32]).await.unwrap();
        assert_eq!(loaded.villages, 3);
        let again = load(&db, &vault, &objects, &lives, &district, some, [2; 32]).await.unwrap();
        assert_eq!(again.villages, 0);
        let lives = Lives::new(db.clone(), vault.clone());
        for (index, village) in some.iter().enumerate() {
            let generated = district.generate(index, village).unwrap();
            let live = lives.live(village.code).await.unwrap();
            assert_eq!(live.state(), generated.state());
            let first = &generated.scribe.documents[0];
            let found = db.read("document", |tx| Box::pin(tx.document(village.code, first.doc.sha256))).await;
            let found = Arc::new(found.unwrap().unwrap());
            let content = db.document_content(&objects, &vault, &found, 1 << 20).await.unwrap().unwrap();
            assert_eq!((content.bytes, content.salt), (first.bytes.clone(), first.salt));
        }
        db.close().await;
    }
}
