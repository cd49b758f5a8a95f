//! Go's golang.org/x/mod/sumdb (packages note and tlog), as Debian ships it, verifies both kinds of log over HTTP.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::served::{Served, path};

/// Where Debian installs Go packages.
const GOPATH: &str = "/usr/share/gocode";

/// Compiles the stranger's program.
fn build(folder: &Path) -> PathBuf {
    let program = folder.join("verify");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stranger/go/verify.go");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program).arg(source);
    go.env("GO111MODULE", "off").env("GOFLAGS", "").env("GOPATH", GOPATH).env("GOCACHE", folder.join("cache"));
    let built = go.output().expect("`go` runs: .ci/setup installs it");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

/// Runs it, while the server answers on other threads, on everything that is served, with a checkpoint of the district from an earlier visit.
fn verify(program: &Path, served: &Served, seen: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(["-base", &served.base, "-district", &served.district.to_string()]).arg("-seen").arg(seen);
    for village in &served.villages {
        command.args(["-village", &village.to_string()]);
    }
    command.output().expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn gos_packages_verify_a_demo_village_and_the_district_over_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = build(folder.path());
    let mut served = Served::start().await;
    let seen = folder.path().join("seen");
    let (earlier, note) = served.checkpoint().await;
    std::fs::write(&seen, note).expect("written");
    served.grow().await;
    served.grow().await;
    let Output { status, stdout, stderr } = verify(&program, &served, &seen);
    let (said, complaint) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{complaint}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("{}: extends {earlier} leaves", served.district.name()), "{said}");
    assert_eq!(lines[1], format!("{}: {} leaves", served.district.name(), earlier + 2), "{said}");
    for (line, village) in lines[2..].iter().zip(&served.villages) {
        assert!(line.starts_with(village.name()), "{said}");
    }
    assert!(lines[2].ends_with(", 1 checkpoints") && !lines[3].ends_with(", 1 checkpoints"), "{said}");
    a_changed_bit_is_found(&program, &served, &seen, earlier);
    served.stop().await;
}

/// One bit of any kind of answer, on its way.
fn a_changed_bit_is_found(program: &Path, served: &Served, seen: &Path, earlier: u64) {
    let [district, village] = [path(&served.district), path(&served.villages[0])];
    let answers = [
        (format!("{district}/checkpoint"), 10),
        (format!("{district}/tile/0/"), 1),
        (format!("{district}/tile/entries/"), 1),
        (format!("{village}/checkpoint"), 10),
        (format!("{village}/tile/0/"), 20),
        (format!("{village}/tile/entries/000"), 30),
        (format!("{}/tile/entries/000", path(&served.villages[1])), 1),
    ];
    for (part, from_end) in answers {
        served.spoil(&part, from_end);
        let Output { status, stderr, .. } = verify(program, served, seen);
        assert_eq!(status.code(), Some(1), "{part} with a changed bit: {}", String::from_utf8_lossy(&stderr));
        served.heal();
    }
    let lie = seen.with_extension("lie");
    let text = std::fs::read_to_string(seen).expect("a note");
    std::fs::write(&lie, text.replacen(&format!("\n{earlier}\n"), &format!("\n{}\n", earlier - 1), 1))
        .expect("written");
    let Output { status, .. } = verify(program, served, &lie);
    assert_eq!(status.code(), Some(1), "an earlier checkpoint of another size");
}
