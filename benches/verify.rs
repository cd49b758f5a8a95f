//! How fast a whole record is verified: a lawful record of 100,000 ballots, beside raw batch verification of the same
//! signatures by ed25519-dalek, on the same cores in the same run. Prints plain numbers.
//!
//! `cargo bench --bench verify`, and `-- 10000` after it for another number of ballots; `-- 10000 record.sunvote` keeps the
//! record in a file too, with its roots beside it, to be verified by the program.

use std::time::Instant;

use ed25519_dalek::{Signature, VerifyingKey};
use rayon::prelude::*;
use sunvote::core::ids::PublicKey;
use sunvote::core::model::{Body, Category};
use sunvote::log::entry::Entry;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::signed::Signed;
use sunvote::log::sigset::{self, Item, Key};
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Verdict, verify};

/// The program's own allocator.
#[cfg(feature = "server")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs of each measurement; the fastest counts, since other work on the machine only slows.
const RUNS: usize = 5;
const ROSTER: u32 = 45;

/// A village of real size whose 45 voters revise their ballots until there are so many.
fn record(ballots: u32) -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented("331102001206".parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a lawful founding");
    scribe.settle(&Term::default()).expect("a lawful term");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a lawful matter");
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], ROSTER).expect("a lawful session");
    let vote = Vote::on(session, matter, "q1").expect("a question code");
    scribe.open_vote(&vote).expect("a lawful opening");
    for ballot in 0..ballots {
        let choice = ["for", "against", "abstain"][(ballot % 7 % 3) as usize];
        scribe.cast(&vote, 1 + ballot % ROSTER, choice).expect("a lawful ballot");
    }
    scribe.conclude(&vote).expect("a lawful count");
    scribe
}

/// One signature of the record.
struct Signed1 {
    message: Vec<u8>,
    signature: Signature,
    raw_key: VerifyingKey,
    key: Key,
}

fn signatures(scribe: &Scribe) -> Vec<Signed1> {
    let parse = |bytes: &[u8]| Signed::read(Entry::parse(bytes).expect("an entry").statement).expect("a statement");
    let statements = scribe.entries.iter().map(|entry| parse(&entry.bytes));
    let each = |signed: Signed| {
        let pairs = signed.statement.by.clone().into_iter().zip(signed.envelope.signatures.clone());
        pairs
            .map(|(signer, signature)| Signed1 {
                message: signed.pae.clone(),
                signature: Signature::from_bytes(&signature.sig),
                raw_key: VerifyingKey::from_bytes(&signer.key.0).expect("a key"),
                key: Key::check(&signer.key).expect("a sound key"),
            })
            .collect::<Vec<_>>()
    };
    statements.flat_map(each).collect()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn fastest(mut run: impl FnMut()) -> f64 {
    let once = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..RUNS).map(|_| once(&mut run)).fold(f64::INFINITY, f64::min)
}

fn raw(all: &[Signed1], batch: usize) {
    all.par_chunks(batch).for_each(|part| {
        let messages: Vec<&[u8]> = part.iter().map(|one| one.message.as_slice()).collect();
        let signatures: Vec<Signature> = part.iter().map(|one| one.signature).collect();
        let keys: Vec<VerifyingKey> = part.iter().map(|one| one.raw_key).collect();
        ed25519_dalek::verify_batch(&messages, &signatures, &keys).expect("good signatures");
    });
}

fn own(all: &[Signed1], batch: usize) {
    all.par_chunks(batch).for_each(|part| {
        let signatures: Vec<[u8; 64]> = part.iter().map(|one| one.signature.to_bytes()).collect();
        let item = |(one, signature)| {
            let Signed1 { message, key, .. }: &Signed1 = one;
            Item { key, message, signature }
        };
        let items: Vec<Item<'_>> = part.iter().zip(&signatures).map(item).collect();
        sigset::verify_batch(&items).expect("good signatures");
    });
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let wanted = arguments.next().map_or(100_000, |number| number.parse().expect("a number of ballots"));
    let scribe = record(wanted);
    let file = scribe.export().expect("memory is there");
    if let Some(path) = arguments.next() {
        std::fs::write(&path, &file).expect("room on disk");
        let roots = scribe.roots().iter().map(|key| PublicKey(key.verifying_key().to_bytes()).to_string());
        std::fs::write(format!("{path}.roots"), roots.collect::<Vec<_>>().join(" ")).expect("room on disk");
    }
    let all = signatures(&scribe);
    let entries = scribe.entries.len();
    println!("record: {entries} entries, {} signatures, {} bytes", all.len(), file.len());
    println!("cores: {}", rayon::current_num_threads());

    let mut best = 0.0;
    for batch in [64, 256, 1_024, 4_096] {
        let rate = rate(all.len(), fastest(|| raw(&all, batch)));
        println!("ed25519-dalek verify_batch, batches of {batch}: {rate:.0} signatures/s");
        best = f64::max(best, rate);
    }
    let ours = rate(all.len(), fastest(|| own(&all, 1_024)));
    println!("signature set, batches of 1024: {ours:.0} signatures/s");

    let roots: Vec<PublicKey> = scribe.roots().iter().map(|key| PublicKey(key.verifying_key().to_bytes())).collect();
    let whole = fastest(|| {
        let mut law = Law::new(Some(roots.clone()));
        let report = verify(file.as_slice(), &mut law, &Options::default(), |_| {});
        assert_eq!(report.verdict(), Verdict::Lawful, "{:?}", report.findings);
    });
    let whole = rate(all.len(), whole);
    println!(
        "whole record verified: {whole:.0} signatures/s, {:.0} entries/s",
        whole * rate(entries, 1.0) / rate(all.len(), 1.0)
    );
    println!("share of raw batch verification: {:.0} %", whole / best * 100.0);
}
