//! The Rust verifier against every vector that is kept.

use std::collections::BTreeSet;

use sunvote::core::ids::PublicKey;
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
