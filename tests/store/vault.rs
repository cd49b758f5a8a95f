//! The vault: what is sealed opens again under the same key and place only.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rstest::rstest;
use sunvote::store::error::StoreError;
use sunvote::store::vault::{Place, Vault};
use zeroize::Zeroizing;

use crate::append::write_batch;
use crate::bed::{Bed, Engine, append, found, village};

pub fn vault(key: u8) -> Vault {
    Vault::new(&Zeroizing::new([key; 32]))
}

fn place(name: &str) -> Place<'_> {
    Place { kind: "opening", village: village(0), name }
}

#[rstest]
#[tokio::test]
async fn secrets_round_trip_in_the_transaction_of_their_entry(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let (right, wrong) = (vault(1), vault(2));
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut batch = append(0, 0, &[1]);
    for name in ["s1/17", "s1/18", "s2/17"] {
        batch.vault.push(right.row(&place(name), name.as_bytes(), &mut rng).unwrap());
    }
    write_batch(&db, &[batch]).await.unwrap();

    db.read("check", |tx| {
        Box::pin(async move {
            let secret = tx.secret(&right, &place("s1/18")).await?.unwrap();
            assert_eq!(secret.expose(), b"s1/18");
            assert_eq!(format!("{secret:?} {right:?}"), "Secret(…) Vault(…)", "nothing secret is printed");
            assert!(tx.secret(&right, &place("s3/1")).await?.is_none());
            let names: Vec<String> =
                tx.secrets(&right, "opening", village(0), "s1/").await?.into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["s1/17", "s1/18"]);
            let error = tx.secret(&wrong, &place("s1/18")).await.unwrap_err();
            assert!(matches!(error, StoreError::Sealed), "{error:?}");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();

    let [first, second] = [b"one", b"two"].map(|secret| vault(1).row(&place("s9/1"), secret, &mut rng).unwrap());
    for (row, kept) in [(&first, true), (&second, false)] {
        assert_eq!(db.write("add_secret", |tx| Box::pin(tx.add_secret(row))).await.unwrap(), kept);
    }
    let secret = db.read("first", |tx| Box::pin(async move { tx.secret(&vault(1), &place("s9/1")).await })).await;
    assert_eq!(secret.unwrap().unwrap().expose(), b"one", "the first one stays");

    let destroyed = [place("s1/17"), place("s1/17")];
    let mut results = Vec::new();
    for place in &destroyed {
        results.push(db.write("destroy", |tx| Box::pin(tx.destroy_secret(place))).await.unwrap());
    }
    assert_eq!(results, [true, false]);
}

#[test]
fn a_sealed_value_opens_nowhere_else_and_not_when_changed() {
    let vault = vault(1);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let sealed = vault.seal(&place("17"), b"for", &mut rng).unwrap();
    assert_ne!(sealed, vault.seal(&place("17"), b"for", &mut rng).unwrap(), "each sealing has its own nonce");
    assert!(!sealed.windows(3).any(|window| window == b"for"));
    let others = [place("18"), Place { kind: "name", ..place("17") }, Place { village: village(1), ..place("17") }];
    for other in others {
        assert!(matches!(vault.open(&other, &sealed), Err(StoreError::Sealed)), "{other:?}");
    }
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(matches!(vault.open(&place("17"), &changed), Err(StoreError::Sealed)), "byte {at}");
    }
    assert!(matches!(vault.open(&place("17"), &sealed[..20]), Err(StoreError::Sealed)));
}
