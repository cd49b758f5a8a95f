//! Pictures of two matters: who is like whom follows from the pictures alone, not from the order in which they come.

use rstest::rstest;
use sunvote::core::clock::Time;
use sunvote::core::ids::{Digest, MatterId, VillageCode};
use sunvote::core::looks::Looks;
use sunvote::store::alike::{AgainRow, MOST_OF_A_BAND, PictureRow};
use sunvote::store::db::{Db, Options};
use sunvote::store::documents::NewDocument;
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::plans::Plans;

use crate::bed::{Bed, Engine, digest, found, patient, time, village};
use crate::vault::vault;

const LOOKS: u64 = 0x0123_4567_89AB_CDEF;

fn looks(bits: u64) -> Looks {
    Looks::from(bits.to_be_bytes())
}

fn matter(n: u8) -> MatterId {
    MatterId::from_bytes([n; 16])
}

/// The `n`th picture, in a village's matter, recorded at `n`.
fn picture(n: u64, in_village: u64, of: u8, bits: u64) -> PictureRow {
    let at = (n, time(i64::try_from(n).unwrap()));
    PictureRow::new(village(in_village), matter(of), digest(7, n), at, looks(bits))
}

async fn put(db: &Db, pictures: &[PictureRow]) {
    let put: Result<(), StoreError> = db
        .write("pictures", |tx| {
            Box::pin(async move {
                for picture in pictures {
                    tx.put_picture(picture).await?;
                }
                Ok(())
            })
        })
        .await;
    put.unwrap();
}

async fn again(db: &Db, in_village: u64, of: u8) -> Option<AgainRow> {
    db.read("again", |tx| Box::pin(tx.picture_again(village(in_village), matter(of)))).await.unwrap()
}

/// Which picture of which village a matter's picture is like, both as numbers, and since when.
fn pair(own: u64, other: u64, since: u64) -> (Digest, Digest, Time) {
    (digest(7, own), digest(7, other), time(i64::try_from(since).unwrap()))
}

fn told(row: Option<AgainRow>) -> Option<(Digest, Digest, Time)> {
    row.map(|row| (row.document, row.other_document, row.stands_from))
}

async fn warned(db: &Db) -> Vec<(VillageCode, String, Time)> {
    let mut all = Vec::new();
    for n in 0..3 {
        let rows = db.read("warnings", |tx| Box::pin(tx.warnings_of(village(n)))).await.unwrap();
        all.extend(rows.into_iter().map(|row| (row.village, row.warning, row.stands_from)));
    }
    all
}

#[rstest]
#[tokio::test]
async fn near_pictures_of_two_matters_point_at_each_other(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let near = LOOKS ^ 1 ^ 1 << 20 ^ 1 << 40;
    // One bit more is another picture; twice in one matter is no sign of anything.
    let pictures = [picture(1, 0, 1, LOOKS), picture(2, 0, 1, LOOKS), picture(3, 0, 2, LOOKS ^ 0b1111)];
    put(&db, &pictures).await;
    assert_eq!(again(&db, 0, 1).await, None);
    put(&db, &[picture(5, 1, 1, near)]).await;
    assert_eq!(told(again(&db, 0, 1).await), Some(pair(1, 5, 5)));
    assert_eq!(told(again(&db, 1, 1).await), Some(pair(5, 1, 5)));
    assert_eq!(again(&db, 0, 2).await, None, "four bits from one and seven from the other");
    // In the same village, and before what was known: the pair that was there first is pointed at.
    put(&db, &[picture(4, 0, 3, LOOKS)]).await;
    assert_eq!(told(again(&db, 0, 1).await), Some(pair(1, 4, 4)));
    assert_eq!(told(again(&db, 0, 3).await), Some(pair(4, 1, 4)));
    assert_eq!(told(again(&db, 1, 1).await), Some(pair(5, 1, 5)), "of two that were there the first");
    let name = |of: u8| format!("picture_again/{}//", matter(of));
    let expected = [(0, 1, 4), (0, 3, 4), (1, 1, 5)].map(|(at, of, since)| (village(at), name(of), time(since)));
    assert_eq!(warned(&db).await, expected);
    // What a village's state tells is made anew beside it.
    db.write("replace", |tx| Box::pin(tx.replace_warnings(village(0), &[]))).await.unwrap();
    assert_eq!(warned(&db).await, expected);
}

#[rstest]
#[tokio::test]
async fn another_district_has_its_own_pictures(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let far: VillageCode = "330106001200".parse().unwrap();
    let away = PictureRow::new(far, matter(1), digest(7, 1), (1, time(1)), looks(LOOKS));
    put(&db, &[away, picture(2, 0, 1, LOOKS)]).await;
    assert_eq!(again(&db, 0, 1).await, None);
    assert_eq!(db.read("again", |tx| Box::pin(tx.picture_again(far, matter(1)))).await.unwrap(), None);
}

/// More pictures of one band than are looked at. Of each kind there is one, and three that are near it by that band alone.
fn crowd() -> Vec<PictureRow> {
    let most = MOST_OF_A_BAND + 40;
    let of = |n: u64| {
        let kind = n % (most / 4);
        let mixed = kind.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
        let flipped = match n / (most / 4) {
            0 => 0,
            copy => 1 << copy | 1 << (16 + copy) | 1 << (32 + copy),
        };
        picture(n, n % 3, u8::try_from(n % 97).unwrap(), 0x1234 << 48 | mixed ^ flipped)
    };
    (0..most).map(of).collect()
}

#[rstest]
#[tokio::test]
async fn what_is_found_depends_on_no_order_even_where_a_band_is_crowded(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let mut before = None;
    for order in 0..3 {
        let bed = Bed::new(engine).await;
        let db = bed.open().await;
        let mut pictures = crowd();
        match order {
            0 => {}
            1 => pictures.reverse(),
            _ => pictures.sort_by_key(|picture| (picture.village, picture.matter, std::cmp::Reverse(picture.seq))),
        }
        put(&db, &pictures).await;
        let rows = db.read("rows", |tx| Box::pin(tx.derived_rows())).await.unwrap();
        let rows = ["pictures", "pictures_again", "warnings"].map(|table| rows[table].clone());
        assert!(rows[1].len() > 30 && rows[1].len() == rows[2].len(), "{} {}", rows[1].len(), rows[2].len());
        assert_eq!(*before.get_or_insert_with(|| rows.clone()), rows, "order {order}");
    }
}

#[rstest]
#[tokio::test]
async fn an_erased_picture_is_like_no_other(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let objects = Objects::folder(&bed.folder.path().join("objects")).unwrap();
    found(&db, 3).await;
    for (n, at) in [(1, 0), (2, 1), (3, 2)] {
        let document = NewDocument {
            village: village(at),
            commitment: digest(7, n),
            salt: [8; 32],
            media: "image/jpeg".to_owned(),
            level: "public".to_owned(),
            display_end: None,
            stored: time(0),
            uploader: None,
            looks: Some(looks(LOOKS)),
        };
        let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(n);
        db.put_document(&objects, &vault(1), &mut rng, &document, b"picture".to_vec(), 100).await.unwrap();
        assert_eq!(
            db.read("looks", |tx| Box::pin(tx.looks(village(at), digest(7, n)))).await.unwrap(),
            Some(looks(LOOKS))
        );
        put(&db, &[picture(n, at, 1, LOOKS)]).await;
    }
    assert_eq!(told(again(&db, 2, 1).await), Some(pair(3, 1, 3)));
    let first = db.read("document", |tx| Box::pin(tx.document(village(0), digest(7, 1)))).await.unwrap().unwrap();
    db.erase_document(&objects, &first).await.unwrap();
    assert_eq!(db.read("looks", |tx| Box::pin(tx.looks(village(0), digest(7, 1)))).await.unwrap(), None);
    assert_eq!(again(&db, 0, 1).await, None);
    assert_eq!(told(again(&db, 1, 1).await), Some(pair(2, 3, 3)));
    assert_eq!(told(again(&db, 2, 1).await), Some(pair(3, 2, 3)), "what is left is looked at again");
    assert_eq!(warned(&db).await.len(), 2);
    db.write("clear", |tx| Box::pin(tx.clear_all_derived())).await.unwrap();
    for (n, at) in [(2, 1), (3, 2)] {
        put(&db, &[picture(n, at, 1, LOOKS)]).await;
    }
    assert_eq!(warned(&db).await.len(), 2, "the same when it is made anew");
}

/// On `PostgreSQL` villages are projected side by side.
#[rstest]
#[tokio::test]
async fn two_that_come_at_the_same_time_see_each_other(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    for round in 0..8_u64 {
        let bits = LOOKS.rotate_left(u32::try_from(round * 7).unwrap());
        let of = u8::try_from(round).unwrap();
        let (one, other) = (picture(round * 2, 0, of, bits), picture(round * 2 + 1, 1, of, bits));
        tokio::join!(put(&db, std::slice::from_ref(&one)), put(&db, std::slice::from_ref(&other)));
        assert!(again(&db, 0, of).await.is_some() && again(&db, 1, of).await.is_some(), "round {round}");
    }
}

#[rstest]
#[tokio::test]
async fn what_is_near_is_looked_up_and_not_read_through(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    bed.open().await.close().await;
    let plans = Plans::noting();
    let db = bed.open_with(Options { plans: plans.clone(), ..patient() }).await;
    // Each picture looks like no other.
    let many = |n: u64| picture(n, n % 3, 1, n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    put(&db, &(0..400).map(many).collect::<Vec<_>>()).await;
    let noted = plans.noted();
    for band in ["a", "b", "c", "d"] {
        let index = format!("pictures_band_{band}");
        let looked = noted.iter().filter(|planned| planned.sql.contains(&format!("AND band_{band} = $2")));
        let plans: Vec<_> = looked.collect();
        assert!(!plans.is_empty());
        for planned in plans.iter().filter(|_| engine == Engine::Sqlite) {
            assert!(
                planned.plan.iter().all(|line| line.contains(&index) && !line.contains("TEMP B-TREE")),
                "{planned:?}"
            );
        }
    }
}
