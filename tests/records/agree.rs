//! The Rust verifier against every vector that is kept.

use std::collections::BTreeSet;

use sunvote::core::ids::PublicKey;
use sunvote::core::reject::Rule;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{self, Options, Report, Verdict, verify};

use crate::forge::Finding;
use crate::vector::{Expanded, all};
use crate::write::tell;

/// Runs the verifier as a program would that has the whole file.
pub fn verify_record(file: &[u8], law: &mut Law, known: &[Checkpoint]) -> Report {
    verify(file, law, &Options { known: known.to_vec(), ..Options::default() }, |_| {})
}

/// Findings as a set: where and under which rule.
pub fn told(findings: &[verify::Finding]) -> BTreeSet<Finding> {
    findings.iter().map(|finding| (finding.seq, finding.rule.to_owned())).collect()
}

fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Lawful => "lawful",
        Verdict::Procedure => "procedure",
        Verdict::OtherRoots => "other_roots",
        Verdict::Altered => "altered",
        Verdict::CouldNotCheck => "could_not_check",
    }
}

const PROTOCOL: &str = include_str!("../../docs/PROTOCOL.md");

/// How a rule weighs by its row in PROTOCOL section 12, and every code of bytes as an alteration.
fn weight(rule: &str) -> u8 {
    let row = PROTOCOL.lines().find(|line| line.starts_with(&format!("| `{rule}` ")));
    // Where nothing was founded there is no key to check a checkpoint by.
    let bytes = if rule == "checkpoint.key" { 1 } else { 4 };
    let Some(row) = row else { return bytes };
    let mark = row.split('|').nth(1).unwrap();
    if mark.contains('†') {
        4
    } else if mark.contains('⁂') {
        3
    } else if mark.contains('‡') {
        1
    } else {
        2
    }
}

/// The verdict that these findings amount to.
pub fn verdict_of(findings: &BTreeSet<Finding>) -> &'static str {
    match findings.iter().map(|(_, rule)| weight(rule)).max() {
        Some(4) => "altered",
        Some(3) => "other_roots",
        Some(2) => "procedure",
        Some(_) => "could_not_check",
        None => "lawful",
    }
}

fn compare(expanded: &Expanded) -> Result<(), String> {
    let vector = &expanded.vector;
    let roots: Option<Vec<PublicKey>> =
        vector.roots.as_ref().map(|roots| roots.iter().map(|root| root.parse().unwrap()).collect());
    let known: Vec<Checkpoint> = vector.known.iter().map(|text| Checkpoint::parse(text).unwrap()).collect();
    let mut law = Law::new(roots);
    let report = verify_record(&expanded.record.bytes(), &mut law, &known);
    let expected = (vector.verdict.as_str(), vector.findings.iter().cloned().collect::<BTreeSet<_>>());
    let found: (&str, BTreeSet<String>) = (code(report.verdict()), told(&report.findings).iter().map(tell).collect());
    if expected != found {
        let detail = |f: &verify::Finding| {
            format!("  {} (expected {}, found {})\n", tell(&(f.seq, f.rule.to_owned())), f.expected, f.found)
        };
        let details: String = report.findings.iter().map(detail).collect();
        return Err(format!("{}: expected {expected:?}, found {}\n{details}", vector.name, found.0));
    }
    let remarks: BTreeSet<String> = told(&report.remarks).iter().map(tell).collect();
    if vector.remarks.as_ref().is_some_and(|expected| expected.iter().cloned().collect::<BTreeSet<_>>() != remarks) {
        return Err(format!("{}: remarks {remarks:?}", vector.name));
    }
    if let Some(state) = law.state() {
        let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).unwrap().to_string();
        if key != expanded.key {
            return Err(format!("{}: the log's key is {key}", vector.name));
        }
    }
    Ok(())
}

#[test]
fn the_verifier_says_of_every_vector_what_is_expected() {
    let faults: Vec<String> = all().iter().filter_map(|vector| compare(vector).err()).collect();
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

/// The first finding of a vector, by its entry.
fn first(vector: &Expanded) -> Option<&str> {
    let order = |finding: &&String| finding.split(' ').next().unwrap().parse().unwrap_or(u64::MAX);
    vector.vector.findings.iter().min_by_key(order).map(|finding| finding.split(' ').nth(1).unwrap())
}

#[test]
fn every_rule_is_the_first_finding_of_some_vector_and_there_are_200_bad_ones() {
    let vectors = all();
    let firsts: BTreeSet<&str> = vectors.iter().filter_map(first).collect();
    let missing: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).filter(|rule| !firsts.contains(rule)).collect();
    assert!(missing.is_empty(), "no vector begins with {missing:?}");
    let bytes = [
        "entry.format",
        "entry.seq",
        "entry.prev",
        "entry.time",
        "record.end",
        "checkpoint.format",
        "checkpoint.key",
        "checkpoint.origin",
        "checkpoint.signature",
        "checkpoint.size",
        "checkpoint.root",
        "checkpoint.known",
    ];
    let missing: Vec<_> = bytes.iter().filter(|rule| !firsts.contains(*rule)).collect();
    assert!(missing.is_empty(), "no vector begins with {missing:?}");
    let bad = vectors.iter().filter(|vector| vector.vector.verdict != "lawful").count();
    assert!(bad >= 200, "{bad} bad vectors");
}
