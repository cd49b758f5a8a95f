//! Documents: bytes first, then the row; erased means salt and bytes are gone.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rstest::rstest;
use sunvote::store::db::{Db, Options};
use sunvote::store::documents::{Content, Document, NewDocument, SealedDocument};
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};
use sunvote::store::naming::NamingRow;
use sunvote::store::objects::Objects;

use crate::bed::{Bed, Engine, digest, found, time, village};
use crate::vault::vault;

const LIMIT: usize = 1_000;

fn sample(n: u64) -> NewDocument {
    NewDocument {
        village: village(0),
        commitment: digest(9, n),
        salt: [8; 32],
        media: "text/plain".to_owned(),
        level: "village".to_owned(),
        display_end: Some(time(100)),
        stored: time(1),
        uploader: None,
        looks: None,
    }
}

pub async fn put(db: &Db, objects: &Objects, n: u64, bytes: &[u8]) -> Result<(), StoreError> {
    let mut rng = ChaCha20Rng::seed_from_u64(n);
    db.put_document(objects, &vault(1), &mut rng, &sample(n), bytes.to_vec(), LIMIT).await
}

pub async fn find(db: &Db, n: u64) -> Option<Document> {
    db.read("document", |tx| Box::pin(tx.document(village(0), digest(9, n)))).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_document_is_kept_withdrawn_and_erased(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    put(&db, &objects, 1, b"the plan").await.unwrap();
    put(&db, &objects, 1, b"the plan").await.unwrap();
    put(&db, &objects, 2, b"another").await.unwrap();
    let document = find(&db, 1).await.unwrap();
    assert_eq!((document.size, document.erased, document.withdrawn), (8, false, None));
    assert_eq!(find(&db, 3).await, None);

    let content = db.document_content(&objects, &vault(1), &document, LIMIT).await.unwrap();
    assert_eq!(content, Some(Content { salt: [8; 32], bytes: b"the plan".to_vec() }));
    let wrong_key = db.document_content(&objects, &vault(2), &document, LIMIT).await;
    assert!(matches!(wrong_key, Err(StoreError::Sealed)));
    let too_large = db.document_content(&objects, &vault(1), &document, 7).await;
    assert!(matches!(too_large, Err(StoreError::TooLarge { limit: 7 })));

    for expected in [true, false] {
        let withdrawn =
            db.write("withdraw", |tx| Box::pin(tx.withdraw_document(village(0), digest(9, 1), time(5)))).await.unwrap();
        assert_eq!(withdrawn, expected, "withdrawn once");
    }
    assert_eq!(find(&db, 1).await.unwrap().withdrawn, Some(time(5)));

    let listed = db.read("list", |tx| Box::pin(tx.documents(village(0), Some(digest(9, 1)), 10))).await.unwrap();
    assert_eq!(listed.iter().map(|document| document.commitment).collect::<Vec<_>>(), [digest(9, 2)]);
    for (now, expected) in [(99, 0), (100, 2)] {
        let past = db.read("past", |tx| Box::pin(tx.documents_past_display(time(now), 10))).await.unwrap();
        assert_eq!(past.len(), expected, "at {now}");
    }

    db.erase_document(&objects, &document).await.unwrap();
    db.erase_document(&objects, &document).await.unwrap();
    let erased = find(&db, 1).await.unwrap();
    assert!(erased.erased);
    assert_eq!(db.document_content(&objects, &vault(1), &erased, LIMIT).await.unwrap(), None);
    let folder = bed.folder.path().join(format!("objects/{}", village(0)));
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [std::ffi::OsString::from(digest(9, 2).to_string())]);
}

#[rstest]
#[tokio::test]
async fn a_document_above_the_limit_leaves_nothing(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    let error = put(&db, &objects, 1, &[0; LIMIT + 1]).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { limit: LIMIT }), "{error:?}");
    assert_eq!(find(&db, 1).await, None);
    assert_eq!(std::fs::read_dir(bed.folder.path().join("objects")).unwrap().count(), 0);
}

#[rstest]
#[tokio::test]
async fn a_document_put_that_fails_at_any_step_can_be_put_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
) {
    let bed = Bed::new(engine).await;
    bed.open().await.close().await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    // Three steps: the bytes, the row, the commit.
    for step in 1..=3 {
        let plan = FaultPlan::at(step, fault);
        let db = bed.open_with(Options { faults: plan.clone(), ..Options::default() }).await;
        let failing = objects.clone().with_faults(plan);
        let error = put(&db, &failing, step, b"bytes").await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert_eq!(find(&db, step).await.is_some(), step == 3 && fault == Fault::ButWritten, "step {step}");
        put(&db, &failing, step, b"bytes").await.unwrap();
        let document = find(&db, step).await.unwrap();
        let content = db.document_content(&objects, &vault(1), &document, LIMIT).await.unwrap();
        assert_eq!(content.unwrap().bytes, b"bytes");
        db.close().await;
    }
}

#[rstest]
#[tokio::test]
async fn missing_bytes_are_damage_not_erasure(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    put(&db, &objects, 1, b"bytes").await.unwrap();
    std::fs::remove_dir_all(bed.folder.path().join(format!("objects/{}", village(0)))).unwrap();
    let document = find(&db, 1).await.unwrap();
    let content = db.document_content(&objects, &vault(1), &document, LIMIT).await;
    assert!(matches!(content, Err(StoreError::Damaged(_))), "{content:?}");
}

#[rstest]
#[tokio::test]
async fn what_no_entry_names_is_found_and_removed(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let sealed: Vec<SealedDocument> =
        (1..=2).map(|n| SealedDocument::seal(&vault(1), &mut rng, sample(n), b"a plan".to_vec()).unwrap()).collect();
    db.put_documents(&objects, sealed, LIMIT).await.unwrap();
    let named = NamingRow::new(village(0), digest(9, 1), 0, &[]);
    db.write("name", |tx| Box::pin(tx.put_naming(std::slice::from_ref(&named)))).await.unwrap();
    let unnamed = async |before| -> Vec<Document> {
        let read: Result<_, StoreError> =
            db.read("unnamed", |tx| Box::pin(tx.documents_unnamed(time(before), 9))).await;
        read.unwrap()
    };
    assert_eq!(unnamed(9).await, [], "while entries are not projected nobody knows");
    db.write("projected", |tx| Box::pin(tx.set_projected(village(0), 0))).await.unwrap();
    assert_eq!(unnamed(1).await, [], "just brought");
    let found = unnamed(9).await;
    assert_eq!(found.iter().map(|document| document.commitment).collect::<Vec<_>>(), [digest(9, 2)]);
    db.remove_document(&objects, &found[0]).await.unwrap();
    assert_eq!((unnamed(9).await, find(&db, 2).await), (vec![], None));
    assert!(find(&db, 1).await.is_some());
    assert_eq!(objects.fetch(found[0].key(), LIMIT).await.unwrap(), None);
}
