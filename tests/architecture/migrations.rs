//! A migration that others may have run is never changed or removed: a new one follows it.

use std::process::Command;

use crate::{assert_none, root};

/// What git prints, or nothing where there is no git, no history or no such name.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(root()).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Lines of `git diff --name-status` that do something else than add a file.
fn changed(name_status: &str) -> Vec<String> {
    name_status
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('A'))
        .map(|line| format!("a published migration was changed or removed: {line}"))
        .collect()
}

/// Published is what the last release tag or the upstream branch holds.
#[test]
fn migrations_are_only_ever_added() {
    let release = git(&["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let upstream = git(&["merge-base", "HEAD", "origin/main"]);
    for published in [release, upstream].into_iter().flatten() {
        let diff = git(&["diff", "--no-renames", "--name-status", &published, "--", "migrations"]);
        assert_none(&changed(&diff.unwrap_or_default()));
    }
}

#[test]
fn a_changed_migration_is_found() {
    let status = "A\tmigrations/sqlite/0002_more.sql\nM\tmigrations/sqlite/0001_start.sql\nD\tmigrations/postgres/0001_start.sql";
    assert_eq!(changed(status).len(), 2);
}
