//! Backup while running; restore into either engine.

use rstest::rstest;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::record::VaultRow;

use crate::append::write_batch;
use crate::bed::{Bed, Engine, append, found, founding, village};
use crate::documents::{find, put};
use crate::vault::vault;

async fn filled(bed: &Bed) -> (Db, Objects) {
    let db = bed.open().await;
    found(&db, 2).await;
    let statements: Vec<u64> = (0..300).collect();
    let mut first = append(0, 0, &statements);
    first.checkpoint = Some(b"note".to_vec());
    first.vault = vec![VaultRow {
        kind: "opening".to_owned(),
        village: village(0),
        name: "1".to_owned(),
        ciphertext: b"sealed-opening".to_vec(),
    }];
    write_batch(&db, &[first]).await.unwrap();
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    put(&db, &objects, 1, b"the plan").await.unwrap();
    db.write("log_in", |tx| Box::pin(async move { tx.add_challenge([1; 32], crate::bed::time(100)).await }))
        .await
        .unwrap();
    (db, objects)
}

#[rstest]
#[tokio::test]
async fn a_backup_restores_into_either_engine(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Engine::Sqlite, Engine::Postgres)] into: Engine,
) {
    let bed = Bed::new(engine).await;
    let (db, objects) = filled(&bed).await;
    let folder = bed.folder.path().join("backup");
    let copied = db.backup(&objects, &folder).await.unwrap();
    assert_eq!((copied.rows, copied.documents), (305, 1), "2 heads, 300 entries, 1 checkpoint, 1 secret, 1 document");
    let kept = Db::open_file(&folder.join("store.sqlite"), Options::default()).await.unwrap();
    assert_eq!(kept.read("heads", |tx| Box::pin(tx.heads(None, 9))).await.unwrap().len(), 2);
    kept.close().await;
    // The running database goes on; the backup stays as it was.
    write_batch(&db, &[append(0, 300, &[300])]).await.unwrap();

    let other = Bed::new(into).await;
    let restored = other.open().await;
    let restored_objects = Objects::folder(&other.folder.path().join("objects")).unwrap();
    assert_eq!(restored.restore(&restored_objects, &folder).await.unwrap(), copied);
    let (mine, theirs) = (whole(&db).await, whole(&restored).await);
    assert_eq!(theirs.len(), 300);
    assert_eq!(mine[..300], theirs[..]);
    let document = find(&restored, 1).await.unwrap();
    let content = restored.document_content(&restored_objects, &vault(1), &document, 100).await.unwrap();
    assert_eq!(content.unwrap().bytes, b"the plan");
    let revived = restored.write("take", |tx| Box::pin(tx.take_challenge([1; 32], crate::bed::time(0)))).await.unwrap();
    assert!(!revived, "log-ins are not part of a backup");
    // The restored record goes on where it ended.
    write_batch(&restored, &[append(0, 300, &[999])]).await.unwrap();
}

async fn whole(db: &Db) -> Vec<sunvote::store::record::StoredEntry> {
    db.read("whole", |tx| {
        Box::pin(async move {
            let mut all = tx.entries(village(0), 0, 256).await?;
            all.extend(tx.entries(village(0), 256, 256).await?);
            Ok::<_, StoreError>(all)
        })
    })
    .await
    .unwrap()
}

#[rstest]
#[tokio::test]
async fn the_vault_is_backed_up_apart(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let (db, objects) = filled(&bed).await;
    let folder = bed.folder.path().join("backup");
    db.backup(&objects, &folder).await.unwrap();
    let holds = |file: &str| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        bytes.windows(14).any(|window| window == b"sealed-opening")
    };
    assert!(!holds("store.sqlite"));
    assert!(holds("vault.sqlite"));
}

#[rstest]
#[tokio::test]
async fn neither_a_backup_nor_a_restore_overwrites(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let (db, objects) = filled(&bed).await;
    let folder = bed.folder.path().join("backup");
    db.backup(&objects, &folder).await.unwrap();
    assert!(matches!(db.backup(&objects, &folder).await, Err(StoreError::NotEmpty(_))));
    assert!(matches!(db.restore(&objects, &folder).await, Err(StoreError::NotEmpty(_))));
    let nothing = bed.folder.path().join("nothing");
    let empty = Bed::new(engine).await;
    let db = empty.open().await;
    assert!(matches!(db.restore(&objects, &nothing).await, Err(StoreError::Unavailable { .. })));
    assert!(!nothing.exists(), "a wrong folder's name leaves nothing behind");
    db.write("found", |tx| Box::pin(async move { tx.found_village(&founding(0)).await })).await.unwrap();
    assert!(matches!(db.restore(&objects, &folder).await, Err(StoreError::NotEmpty(_))));
}
