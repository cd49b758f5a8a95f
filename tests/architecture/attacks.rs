//! `docs/ATTACKS.md` has a row for every attack that must fail, and every test it names exists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{SourceFile, assert_none, files};

const PAGE: &str = include_str!("../../docs/ATTACKS.md");

/// What must have a row, by how its first cell reads.
const ATTACKS: [&str; 42] = [
    "entry changed",
    "entry removed",
    "entry inserted",
    "entries reordered",
    "truncated",
    "two histories to two readers",
    "stale village view",
    "old backup restored",
    "ballot copied to another voter",
    "ballot copied to another matter or session",
    "ballot copied to another village",
    "statement replayed",
    "statement hoarded",
    "older revision replayed",
    "ballot by an unlisted key",
    "ballot by a wrong role",
    "ballot by a revoked key",
    "ballot by a back-dated key",
    "one key for two persons",
    "ghost key by a colluding pair",
    "ballot stuffed by the server",
    "result not matching",
    "opening withheld",
    "running tally leaked",
    "one person in two channels",
    "false paper issue",
    "phantom check-in",
    "terminal voting after closing",
    "early close",
    "clock jump",
    "roster changed after opening",
    "question changed after opening",
    "profile changed after opening",
    "filing skipped",
    "refused ballot",
    "village key swapped in the directory",
    "receipt passed off as another's",
    "parser differential between the two verifiers",
    "torsion signature in a batch",
    "guessed document hash",
    "personal data in public bytes",
    "altered client code",
];

/// Rows of the page's tables: the attack, and the tests behind it.
fn rows(page: &str) -> BTreeMap<&str, Vec<&str>> {
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = cells.map(|line| line.split(" | ").collect::<Vec<_>>()).filter(|cells| cells[0] != "attack");
    rows.map(|cells| (cells[0], cells[2..].iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()))
        .collect()
}

/// Where tests are looked up.
struct Known {
    sources: BTreeMap<String, String>,
    /// Names of all record vectors.
    records: BTreeSet<String>,
    /// `<file>#<name>` of the cases of other vector files.
    cases: BTreeSet<String>,
}

impl Known {
    fn new() -> Self {
        let sources = files(&["src", "tests", "web/test"], &[".rs", ".test.ts"]);
        let names = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(|one| Some(one["name"].as_str()?.to_owned())).collect()
        };
        let read = |file: &SourceFile| -> Value { serde_json::from_str(&file.text).expect("JSON") };
        let (mut records, mut cases) = (BTreeSet::new(), BTreeSet::new());
        for file in files(&["tests/vectors"], &[".json"]) {
            let name = file.path.trim_start_matches("tests/vectors/");
            if name.starts_with("records/") {
                records.extend(names(&read(&file)["vectors"]));
            } else if !name.starts_with("fuzz/") {
                cases.extend(names(&read(&file)["cases"]).into_iter().map(|case| format!("{name}#{case}")));
            }
        }
        let sources = sources.into_iter().map(|file| (file.path, file.text)).collect();
        Self { sources, records, cases }
    }

    fn has(&self, test: &str) -> bool {
        if let Some((path, name)) = test.split_once(".rs::") {
            let text = self.sources.get(&format!("{path}.rs"));
            return text.is_some_and(|text| text.contains(&format!("fn {name}(")));
        }
        if let Some((path, title)) = test.split_once(".ts: ") {
            return self.sources.get(&format!("{path}.ts")).is_some_and(|text| text.contains(title));
        }
        self.records.contains(test) || self.cases.contains(test)
    }
}

#[test]
fn every_attack_has_a_row_and_every_test_it_names_exists() {
    let (rows, known) = (rows(PAGE), Known::new());
    let mut findings: Vec<String> =
        ATTACKS.iter().filter(|attack| !rows.contains_key(*attack)).map(|attack| format!("no row: {attack}")).collect();
    for (attack, tests) in &rows {
        if tests.is_empty() {
            findings.push(format!("{attack}: no test"));
        }
        findings
            .extend(tests.iter().filter(|test| !known.has(test)).map(|test| format!("{attack}: no such test: {test}")));
    }
    assert_none(&findings);
}

#[test]
fn a_test_that_does_not_exist_is_found() {
    let known = Known::new();
    for test in [
        "tests/log/tamper.rs::no_such_test",
        "tests/log/nothing.rs::every_flipped_byte_is_found",
        "attack-of-no-kind",
        "evidence.json#no such case",
        "web/test/fuzz.test.ts: no such title",
    ] {
        assert!(!known.has(test), "{test}");
    }
    let page = "| attack | what is seen | shown by |\n|---|---|---|\n| a | b | `c` `d e` |\n";
    assert_eq!(rows(page), BTreeMap::from([("a", vec!["c", "d e"])]));
}
