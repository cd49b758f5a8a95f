//! Files stay short, and an allowance says why.

use crate::{SourceFile, assert_none, files};

const MOST_LINES: usize = 800;

fn too_long(file: &SourceFile) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > MOST_LINES).then(|| format!("{}: {lines} lines, more than {MOST_LINES}: split it by subject", file.path))
}

/// `#[allow(…)]` and `#[expect(…)]` without `reason = "…"`, wherever the attribute ends.
fn bare_allowances(file: &SourceFile) -> Vec<String> {
    let mut findings = Vec::new();
    for word in ["allow", "expect"] {
        for open in ["#[", "#!["] {
            let start = format!("{open}{word}(");
            for (at, _) in file.text.match_indices(&start) {
                let before = file.text[..at].rsplit('\n').next().unwrap_or_default();
                if !before.trim().is_empty() {
                    continue; // in a comment or a string
                }
                let attribute = file.text[at..].split(")]").next().unwrap_or_default();
                if !attribute.contains("reason = ") {
                    let line = file.text[..at].matches('\n').count() + 1;
                    findings.push(format!("{}:{line}: `{word}` without a reason", file.path));
                }
            }
        }
    }
    findings
}

#[test]
fn no_file_is_longer_than_800_lines() {
    let all = files(&["src", "tests", "benches", "web", "migrations"], &[".rs", ".ts", ".js", ".html", ".css", ".sql"]);
    assert_none(&all.iter().filter_map(too_long).collect::<Vec<_>>());
}

#[test]
fn every_allowance_has_a_reason() {
    let all = files(&["src", "tests", "benches"], &[".rs"]);
    assert_none(&all.iter().flat_map(bare_allowances).collect::<Vec<_>>());
}

#[test]
fn a_long_file_and_a_bare_allowance_are_found() {
    let file = |text: String| SourceFile { path: "src/x.rs".into(), text };
    assert!(too_long(&file("x\n".repeat(801))).is_some());
    assert!(too_long(&file("x\n".repeat(800))).is_none());
    let attribute = |inner: &str| file(format!("fn a() {{}}\n    #[{inner}]\nfn b() {{}}\n"));
    assert_eq!(bare_allowances(&attribute("allow(dead_code)")), ["src/x.rs:2: `allow` without a reason"]);
    assert_eq!(bare_allowances(&attribute("expect(\n  dead_code\n)")).len(), 1);
    assert!(bare_allowances(&attribute("expect(dead_code, reason = \"used by the bench\")")).is_empty());
}
