//! A village's record, written by a scribe in memory, put into a server's store as the server itself would have put it.

use sunvote::app::App;
use sunvote::app::live::{LOG_KEY, head_of};
use sunvote::app::looks::looks;
use sunvote::app::names::{NAME, SaltedName, TOWNSHIP_NAME};
use sunvote::app::projection::{VILLAGE_NAME, project};
use sunvote::app::sequencer::stored;
use sunvote::app::tiles;
use sunvote::core::ids::Digest;
use sunvote::log::scribe::Scribe;
use sunvote::store::documents::NewDocument;
use sunvote::store::error::StoreError;
use sunvote::store::record::{Head, VaultRow, VillageAppend};
use sunvote::store::vault::Place;

/// The village's name on every page.
pub const NAME_SHOWN: &str = "黄泥墩村";
/// The township's.
pub const TOWNSHIP_SHOWN: &str = "黄村乡";

/// Puts record, documents and names into the store and projects them.
pub async fn load(app: &App, scribe: &Scribe) {
    let village = scribe.state().village;
    let seal = |kind: &str, name: &str, secret: &[u8]| -> VaultRow {
        app.vault().row(&Place { kind, village, name }, secret, &mut app.rng()).expect("a sealed row")
    };
    let mut vault = vec![
        seal(LOG_KEY, "current", &scribe.log_key().to_bytes()),
        seal(VILLAGE_NAME, "current", NAME_SHOWN.as_bytes()),
        seal(TOWNSHIP_NAME, "current", TOWNSHIP_SHOWN.as_bytes()),
    ];
    for someone in scribe.everyone() {
        let salted = SaltedName { name: someone.name.clone(), salt: hex::encode(someone.salt) };
        let secret = serde_json::to_vec(&salted).expect("JSON");
        vault.push(seal(NAME, &someone.id.to_string(), &secret));
    }
    for document in &scribe.documents {
        let new = NewDocument {
            village,
            commitment: document.doc.sha256,
            salt: document.salt,
            media: document.doc.media.code().to_owned(),
            level: document.doc.level.code().to_owned(),
            display_end: None,
            stored: scribe.now(),
            uploader: None,
            looks: looks(document.doc.media, &document.bytes),
        };
        let mut rng = app.rng();
        let (objects, vault, bytes) = (app.objects(), app.vault(), document.bytes.clone());
        let kept = app.db().put_document(objects, vault, &mut rng, &new, bytes, 4 << 20).await;
        kept.expect("a kept document");
    }
    let append = VillageAppend {
        old_size: 0,
        old_frontier: Vec::new(),
        head: head_of(scribe.ledger()),
        entries: scribe.entries.iter().map(stored).collect(),
        checkpoint: Some(scribe.checkpoint().to_string().into_bytes()),
        vault,
    };
    let empty = Head { size: 0, frontier: Vec::new(), last_leaf: Digest([0; 32]), ..head_of(scribe.ledger()) };
    let write = app.db().write("load_village", |tx| {
        let (append, empty) = (append.clone(), empty.clone());
        Box::pin(async move {
            tx.found_village(&empty).await?;
            tiles::append(tx, std::slice::from_ref(&append)).await
        })
    });
    let written: Result<(), StoreError> = write.await;
    written.expect("a written record");
    project(app.db(), app.vault(), app.lives(), village).await.expect("derived tables");
}
