//! The signature set on published edge cases and on a sweep of torsion points: alone, in batches and in pairs the same
//! verdict. The browser's code is tested with the same files, by its fast and its slow way.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use rayon::prelude::*;
use serde_json::json;
use sunvote::core::ids::PublicKey;
use sunvote::log::sigset::{self, Item, Key};

use crate::sigset::{Raw, plus_q};
use crate::support::{assert_vector_file, vectors};

/// A signature that can be judged: its key counts and it has 64 bytes.
struct Judged {
    name: String,
    key: Key,
    message: Vec<u8>,
    signature: [u8; 64],
    counts: bool,
}

impl Judged {
    fn item(&self) -> Item<'_> {
        Item { key: &self.key, message: &self.message, signature: &self.signature }
    }
}

/// The cases of a file; those whose key or length is refused are checked for that and left out.
fn published(file: &str) -> Vec<Judged> {
    let bytes = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    let mut judged = Vec::new();
    for case in vectors(file)["cases"].as_array().unwrap() {
        let name = format!("{file} {}", case["name"]);
        let verdict = case["verdict"].as_str().unwrap();
        let key = Key::check(&PublicKey(bytes(&case["key"]).try_into().unwrap()));
        assert_eq!(key.is_err(), verdict == "key", "{name}");
        let signature = <[u8; 64]>::try_from(bytes(&case["signature"]));
        assert_eq!(signature.is_err(), verdict == "length", "{name}");
        if let (Ok(key), Ok(signature)) = (key, signature) {
            judged.push(Judged { name, key, message: bytes(&case["message"]), signature, counts: verdict == "accept" });
        }
    }
    judged
}

/// The cases of our own file.
fn own() -> Vec<Judged> {
    let bytes = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    let file = vectors("ed25519.json");
    let judged = file["signatures"].as_array().unwrap().iter().map(|case| Judged {
        name: format!("ed25519.json {}", case["name"]),
        key: Key::check(&PublicKey(bytes(&case["key"]).try_into().unwrap())).unwrap(),
        message: bytes(&case["message"]),
        signature: bytes(&case["signature"]).try_into().unwrap(),
        counts: case["verdict"] == "accept",
    });
    judged.collect()
}

fn all() -> Vec<Judged> {
    let mut all = own();
    all.extend(published("ed25519-speccheck.json"));
    all.extend(published("ed25519-wycheproof.json"));
    all
}

/// Which places of a batch do not count.
fn refused(items: &[Item<'_>]) -> Vec<usize> {
    sigset::verify_batch(items).err().unwrap_or_default().into_iter().map(|(place, _)| place).collect()
}

#[test]
fn published_cases_are_carried_over_whole() {
    let count = |file: &str| vectors(file)["cases"].as_array().unwrap().len();
    assert_eq!((count("ed25519-speccheck.json"), count("ed25519-wycheproof.json")), (12, 151));
    let wycheproof = vectors("ed25519-wycheproof.json");
    for case in wycheproof["cases"].as_array().unwrap() {
        assert_eq!(case["result"] == "valid", case["verdict"] == "accept", "{}", case["name"]);
    }
}

#[test]
fn published_cases_are_judged_the_same_alone_and_among_good_ones() {
    let all = all();
    let good: Vec<&Judged> = all.iter().filter(|case| case.counts).take(7).collect();
    for case in &all {
        assert_eq!(sigset::verify_one(&case.item()).is_ok(), case.counts, "{}", case.name);
        assert_eq!(sigset::verify_batch(&[case.item()]).is_ok(), case.counts, "{}", case.name);
        for place in [0, 3, 7] {
            let mut items: Vec<Item<'_>> = good.iter().map(|good| good.item()).collect();
            items.insert(place, case.item());
            let expected = if case.counts { vec![] } else { vec![place] };
            assert_eq!(refused(&items), expected, "{} at {place}", case.name);
        }
    }
    let items: Vec<Item<'_>> = all.iter().map(Judged::item).collect();
    let bad: Vec<usize> = all.iter().enumerate().filter_map(|(i, case)| (!case.counts).then_some(i)).collect();
    assert_eq!(refused(&items), bad, "all in one batch");
}

/// No two of them help each other: each pair, with enough good ones that the batch is summed up.
#[test]
fn published_cases_are_judged_the_same_in_pairs() {
    let all = all();
    let good: Vec<&Judged> = all.iter().filter(|case| case.counts).take(3).collect();
    (0..all.len()).into_par_iter().for_each(|first| {
        for second in first + 1..all.len() {
            let (one, other) = (&all[first], &all[second]);
            let items = [one.item(), other.item(), good[0].item(), good[1].item(), good[2].item()];
            let expected: Vec<usize> =
                [one, other].iter().enumerate().filter_map(|(i, case)| (!case.counts).then_some(i)).collect();
            assert_eq!(refused(&items), expected, "{} with {}", one.name, other.name);
        }
    });
}

/// A message and its signature.
type Signed = ([u8; 4], [u8; 64]);

/// 400 signatures with R moved by each torsion point in turn; message number i is the number in four bytes, highest first.
fn torsion_sweep() -> (Raw, Vec<Signed>) {
    let raw = Raw::new(17, EdwardsPoint::default());
    let signed = (0_u32..400).map(|i| {
        let message = i.to_be_bytes();
        (message, raw.sign(&message, EIGHT_TORSION[i as usize % 8]))
    });
    let signed = signed.collect();
    (raw, signed)
}

#[test]
fn the_vector_file_of_torsion_is_what_the_sweep_makes() {
    let (raw, signed) = torsion_sweep();
    let about = "R moved by torsion point i mod 8; message i is i in four bytes, highest first. All of them count.";
    let signatures: Vec<String> = signed.iter().map(|(_, signature)| hex::encode(signature)).collect();
    assert_vector_file(
        "ed25519-torsion.json",
        &json!({"about": about, "key": hex::encode(raw.public), "signatures": signatures}),
    );
}

#[test]
fn torsion_in_r_never_matters_alone_or_batched_but_a_wrong_s_does() {
    let (raw, signed) = torsion_sweep();
    let key = Key::check(&PublicKey(raw.public)).unwrap();
    let items: Vec<Item<'_>> =
        signed.iter().map(|(message, signature)| Item { key: &key, message, signature }).collect();
    assert!(items.iter().all(|item| sigset::verify_one(item).is_ok()));
    for size in [1, 2, 5, 8, 64, 399, 400] {
        assert!(items.chunks(size).all(|batch| sigset::verify_batch(batch).is_ok()), "batches of {size}");
    }
    // The same with every eighth spoilt, each in one of two ways.
    let spoilt: Vec<[u8; 64]> = signed
        .iter()
        .enumerate()
        .map(|(i, (_, signature))| {
            let mut signature = *signature;
            match i % 16 {
                0 => signature[32] ^= 1,
                8 => {
                    let s = plus_q(signature[32..].try_into().unwrap());
                    signature[32..].copy_from_slice(&s);
                }
                _ => {}
            }
            signature
        })
        .collect();
    let items: Vec<Item<'_>> =
        signed.iter().zip(&spoilt).map(|((message, _), signature)| Item { key: &key, message, signature }).collect();
    assert_eq!(refused(&items), (0..400).step_by(8).collect::<Vec<_>>());
}
