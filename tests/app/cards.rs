//! The server's half of printed cards: the published function, and that no guess at a PIN goes uncounted, whatever fails.

use rand_chacha::ChaCha20Rng;
use rand_core::{Infallible, SeedableRng as _, TryCryptoRng, TryRng};
use rstest::rstest;
use serde::Deserialize;
use sunvote::app::cards::CardAnswer;
use sunvote::app::oprf::{Blinded, OprfKey};
use sunvote::core::ids::{CardId, VillageCode};
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};

use crate::bed::open_with;
use crate::village::load;

#[derive(Deserialize)]
struct Published {
    seed: String,
    key_info: String,
    public_key: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    blinded: String,
    evaluated: String,
    proof: String,
    proof_random: String,
}

#[derive(Deserialize)]
struct Cards {
    cards: Vec<CardVector>,
}

#[derive(Deserialize)]
struct CardVector {
    village_seed: String,
    oprf_info: String,
    oprf_key: String,
    blinded: String,
    evaluated: String,
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).expect("hex").try_into().expect("so many bytes")
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("vectors")
}

/// Randomness that reads as one scalar: 64 bytes, which the library reduces.
struct Given([u8; 64]);

impl TryRng for Given {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("scalars are drawn as bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("scalars are drawn as bytes")
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Given {}

#[test]
fn the_vectors_of_rfc_9497_come_out() {
    let Published { seed, key_info, public_key, vectors } = read("oprf");
    let key = OprfKey::derive(&bytes::<32>(&seed), &hex::decode(key_info).expect("hex")).expect("a key");
    assert_eq!(hex::encode(key.public()), public_key);
    for vector in vectors {
        let mut given = [0; 64];
        given[..32].copy_from_slice(&bytes::<32>(&vector.proof_random));
        let blinded = Blinded::parse(&bytes(&vector.blinded)).expect("an element");
        let evaluated = key.evaluate(&blinded, &mut Given(given));
        assert_eq!(hex::encode(evaluated.element), vector.evaluated);
        assert_eq!(hex::encode(evaluated.proof), vector.proof);
    }
}

#[test]
fn a_browsers_card_is_evaluated_by_the_key_that_its_vector_names() {
    let Cards { cards } = read("cards");
    assert!(cards.len() > 1);
    for vector in cards {
        let info = hex::decode(&vector.oprf_info).expect("hex");
        let key = OprfKey::derive(&bytes::<32>(&vector.village_seed), &info).expect("a key");
        assert_eq!(hex::encode(key.public()), vector.oprf_key);
        let blinded = Blinded::parse(&bytes(&vector.blinded)).expect("an element");
        let evaluated = key.evaluate(&blinded, &mut ChaCha20Rng::seed_from_u64(1));
        assert_eq!(hex::encode(evaluated.element), vector.evaluated);
    }
}

#[test]
fn what_is_no_element_or_the_neutral_one_is_not_evaluated() {
    for bad in ["00".repeat(32), "ff".repeat(32), format!("01{}", "00".repeat(31))] {
        assert!(Blinded::parse(&bytes(&bad)).is_none(), "{bad}");
    }
}

/// Every changing statement and every commit of a try fails once, before it is done and after.
#[rstest]
#[tokio::test]
async fn no_try_is_answered_that_is_not_counted_on_disk(
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
    #[values(false, true)] first_ever: bool,
) {
    let village: VillageCode = "331102206201".parse().expect("a code");
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let scribe = Scribe::found(Founding::invented(village, "vote.example", begins, 7)).expect("founded");
    let card = CardId([1; 16]);
    let blinded: Cards = read("cards");
    let blinded = Blinded::parse(&bytes(&blinded.cards[0].blinded)).expect("an element");
    let (mut step, mut failed) = (0, 0);
    loop {
        step += 1;
        let folder = tempfile::tempdir().expect("a folder");
        let app = open_with(folder.path(), scribe.now(), Options::default()).await;
        load(&app, &scribe).await;
        let before = u64::from(!first_ever);
        if !first_ever {
            app.evaluate_card(village, card, &blinded).await.expect("a try before");
        }
        app.stop().await;
        app.db().close().await;
        let faults = FaultPlan::at(step, fault);
        let app =
            open_with(folder.path(), scribe.now(), Options { faults: faults.clone(), ..Options::default() }).await;
        let answered = app.evaluate_card(village, card, &blinded).await;
        let steps = faults.steps();
        app.stop().await;
        app.db().close().await;
        let app = open_with(folder.path(), scribe.now(), Options::default()).await;
        let row: Result<_, StoreError> = app.db().read("card", |tx| Box::pin(tx.card(village, card))).await;
        let tries = row.expect("the store").map_or(0, |row| row.tries);
        match answered {
            Ok(CardAnswer::Evaluated { .. }) => assert!(tries > before, "step {step}: an answer, and nothing counted"),
            Ok(other) => panic!("{other:?}"),
            Err(_) => failed += 1,
        }
        assert!(tries <= before + 2, "step {step}: {tries}");
        app.stop().await;
        if step > steps {
            break;
        }
    }
    assert!(failed >= 2, "some of the {step} steps failed");
}
