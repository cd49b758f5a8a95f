//! `sunvote witness`: keys that nobody else can read, and exit statuses that a script can act on.

use std::path::Path;
use std::process::Output;

use crate::sunvote;

/// Writes settings of a witness whose server nobody runs.
fn settings(folder: &Path) {
    let sample = include_str!("../../witness.sample.toml");
    let text = sample
        .replace("https://vote.liandu.example\"", "http://127.0.0.1:9\"")
        .replace("https://inspector.liandu.example", "http://127.0.0.1:8321")
        .replace("#listen = \"127.0.0.1:8090\"", "listen = \"127.0.0.1:0\"")
        .replace("\"witness-data\"", &format!("\"{}\"", folder.join("data").display()));
    std::fs::write(folder.join("witness.toml"), text).expect("written");
}

fn witness(folder: &Path, arguments: &[&str]) -> Output {
    sunvote().current_dir(folder).arg("witness").args(arguments).output().expect("it runs")
}

#[test]
fn keys_are_made_once_and_only_their_owner_can_read_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    settings(folder.path());
    let before = witness(folder.path(), &["status"]);
    assert_eq!(before.status.code(), Some(1), "no keys yet");
    assert!(String::from_utf8_lossy(&before.stderr).contains("sunvote witness init"));
    let made = witness(folder.path(), &["init"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told = String::from_utf8_lossy(&made.stdout);
    for name in ["/consistency+", "/lawful+", "/vouch+"] {
        assert!(told.contains(&format!("inspector.liandu.example{name}")), "{told}");
    }
    let file = folder.path().join("data/witness.keys");
    let secret = std::fs::read_to_string(&file).expect("the key file");
    let seed = secret.lines().nth(1).and_then(|line| line.split(' ').nth(1)).expect("a seed");
    assert!(!told.contains(seed), "secrets are not printed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).expect("the key file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(witness(folder.path(), &["init"]).status.code(), Some(1), "never replaced");
    assert_eq!(std::fs::read_to_string(&file).expect("the key file"), secret);
}

#[test]
fn a_witness_that_cannot_look_says_so_by_its_exit_status() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    settings(folder.path());
    assert!(witness(folder.path(), &["init"]).status.success());
    assert_eq!(witness(folder.path(), &["run", "--once"]).status.code(), Some(1), "no server answers");
    let check = witness(folder.path(), &["check"]);
    assert_eq!(check.status.code(), Some(2), "it has never looked");
    let status = witness(folder.path(), &["status"]);
    assert!(status.status.success() && String::from_utf8_lossy(&status.stdout).contains("has not looked yet"));
    assert_eq!(witness(folder.path(), &["resume", "331102001206"]).status.code(), Some(1), "not in the directory");
}
