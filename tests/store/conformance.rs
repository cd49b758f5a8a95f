//! This suite covers the store: every method of a transaction is called by a case, and every case runs on both engines but
//! those that are about one of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Cases about one engine, or about none.
const OF_ONE: [&str; 18] = [
    "a_full_disk_is_unavailable_and_leaves_nothing_half_written",
    "a_postgres_that_acknowledges_before_the_disk_is_refused",
    "a_postgres_that_no_longer_keeps_what_it_acknowledges_is_found_out",
    "a_sealed_value_opens_nowhere_else_and_not_when_changed",
    "an_append_and_a_publication_do_not_wait_for_each_other",
    "an_unusable_address_is_named",
    "both_engines_have_equal_tables_columns_and_unique_indexes",
    "every_case_runs_on_both_engines_or_is_about_one",
    "every_method_of_the_store_is_called_by_a_case",
    "every_table_has_one_class",
    "every_tables_key_is_unique",
    "every_unique_key_of_a_villages_rows_holds_the_village",
    "postgres_keeps_what_was_acknowledged_when_the_server_crashes",
    "postgres_servers_that_do_not_know_of_each_other_are_refused",
    "sqlite_keeps_what_was_acknowledged_when_the_process_is_killed",
    "transactions_that_wait_for_each_other_both_pass_in_the_end",
    "two_processes_that_read_and_append_to_one_sqlite_file_take_turns",
    "what_a_cut_postgres_session_held_is_held_again_unless_others_came",
];

/// Texts of all Rust files below a folder of the project.
fn sources(folder: &str) -> Vec<String> {
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

/// The name that follows `fn ` in a line.
fn name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ")?;
    rest.split(['(', '<']).next()
}

/// Public async methods of `Tx` and `Db` in a source.
fn methods(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with("impl") {
            within = ["impl Tx<'_> {", "impl Db {"].contains(&line);
        } else if within && line.starts_with("    pub async fn ") {
            found.extend(name(line).map(str::to_owned));
        }
    }
    found
}

/// Cases in a source, and whether each takes both engines.
fn cases(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    // What follows the attribute of each test.
    for case in text.split("\n#[tokio::test").chain(text.split("\n#[test]")).filter(|part| !part.starts_with("//!")) {
        let head = case.split_once("{\n").map_or(case, |(head, _)| head);
        let both = head.contains("#[values(Engine::Sqlite, Engine::Postgres)]");
        found.extend(name(head).map(|name| (name.to_owned(), both)));
    }
    found
}

#[test]
fn every_method_of_the_store_is_called_by_a_case() {
    let methods: BTreeSet<String> = sources("src/store").iter().flat_map(|text| methods(text)).collect();
    assert!(methods.len() > 140, "{}", methods.len());
    let suite = sources("tests/store").concat();
    let called = |name: &String| [".", "::"].iter().any(|by| suite.contains(&format!("{by}{name}(")));
    let missing: Vec<&String> = methods.iter().filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "no case of tests/store calls {missing:?}");
    println!("{} methods", methods.len());
}

#[test]
fn every_case_runs_on_both_engines_or_is_about_one() {
    let cases: Vec<(String, bool)> = sources("tests/store").iter().flat_map(|text| cases(text)).collect();
    let one: BTreeSet<&str> = cases.iter().filter(|(_, both)| !both).map(|(name, _)| name.as_str()).collect();
    assert_eq!(one, OF_ONE.into());
    println!("{} cases on both engines, {} about one", cases.len() - one.len(), one.len());
}
