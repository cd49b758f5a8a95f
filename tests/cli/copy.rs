//! `sunvote copy`: a founded district moves to PostgreSQL and back, through kills, and its records stay byte for byte.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::found::District;
use crate::postgres;
use crate::serve::Serving;
use crate::sunvote;

const VILLAGES: [&str; 2] = ["331102206201", "331102206202"];

/// An empty database on PostgreSQL.
fn server() -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(postgres::shared().database())
}

/// Settings that differ from config.toml in the database.
fn settings(district: &District, name: &str, url: &str) {
    let text = format!(
        "public_origin = \"http://127.0.0.1:8080\"\nlisten = \"127.0.0.1:0\"\ndata_dir = \"{}\"\ndatabase_url = \"{url}\"\n",
        district.path("data").display()
    );
    district.write(name, &text);
}

/// Every record as `export --all` writes it.
fn records(district: &District, config: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = format!("records of {config}");
    district.ok(&["export", "--all", "--config", config, "--output", &folder]);
    let read = |name: &str| std::fs::read(district.path(&folder).join(format!("{name}.sunvote"))).expect("a record");
    VILLAGES.iter().map(|village| ((*village).to_owned(), read(village))).collect()
}

fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[test]
fn a_district_moves_to_another_engine_and_back_and_its_records_stay_the_same() {
    let district = District::founded();
    let (from, to, back) =
        (sqlite(&district.path("data/sunvote.sqlite")), server(), sqlite(&district.path("back.sqlite")));
    let before = records(&district, "config.toml");
    let told = district.ok(&["copy", "--from", &from, "--to", &to, "--verify"]);
    for expected in
        ["2 villages with ", "1 districts with ", "2 records, complete and lawful", "data/documents", "vault.key"]
    {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    settings(&district, "there.toml", &to);
    assert_eq!(records(&district, "there.toml"), before);
    // The server starts on it, and its pages are made from tables that were made anew.
    let serving = Serving::start(&district.path("there.toml"));
    let page = crate::district::body(&serving.address, &format!("/v/{}", VILLAGES[0]));
    assert!(String::from_utf8_lossy(&page).contains("黄泥墩村"));
    let used = district.refused(&["copy", "--from", &to, "--to", &back]);
    assert!(used.contains("--from: the database is in use by a server"), "{used}");
    drop(serving);
    let told = district.ok(&["copy", "--from", &to, "--to", &back]);
    assert!(told.contains("Copied."), "{told}");
    settings(&district, "back.toml", &back);
    assert_eq!(records(&district, "back.toml"), before);
    let again = district.ok(&["copy", "--from", &to, "--to", &back]);
    assert!(again.contains("nothing was copied"), "{again}");
}

#[test]
fn a_copy_that_is_killed_goes_on_and_no_server_starts_before_it_has_ended() {
    let district = District::founded();
    let before = records(&district, "config.toml");
    let from = sqlite(&district.path("data/sunvote.sqlite"));
    let (mut kills, mut after) = (0, 1);
    for to in [server(), sqlite(&district.path("there.sqlite"))] {
        let arguments = ["copy", "--from", &from, "--to", &to];
        settings(&district, "there.toml", &to);
        // Killed after one line of output, then after some more, … until it comes to its end.
        loop {
            let mut command = sunvote();
            command.args(arguments).current_dir(district.folder.path()).stdout(Stdio::piped());
            let mut child = command.spawn().expect("it runs");
            let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
            let heard = lines.map_while(Result::ok).take(after).count();
            child.kill().expect("killed, if it runs still");
            let ended = child.wait().expect("ended");
            if heard < after {
                assert!(ended.success(), "it came to its end");
                break;
            }
            kills += usize::from(!ended.success());
            if after == 1 {
                let refused = district.refused(&["serve", "--config", "there.toml"]);
                assert!(refused.contains("run the same `sunvote copy` again"), "{refused}");
            }
            after += 5;
        }
        district.ok(&arguments);
        assert_eq!(records(&district, "there.toml"), before);
        after = 3;
    }
    println!("{kills} kills");
    assert!(kills > 7, "{kills}");
}

#[test]
fn what_cannot_be_copied_is_refused_before_anything_is_written() {
    let (district, other) = (District::founded(), District::founded());
    let from = sqlite(&district.path("data/sunvote.sqlite"));
    let others = sqlite(&other.path("data/sunvote.sqlite"));
    let before = records(&other, "config.toml");
    let refused = |arguments: &[&str]| district.refused(&[&["copy"], arguments].concat());
    assert!(refused(&["--from", &from, "--to", &from]).contains("the same database"));
    let missing = sqlite(&district.path("nothing.sqlite"));
    assert!(refused(&["--from", &missing, "--to", &others]).contains("--from: "));
    assert!(!district.path("nothing.sqlite").exists(), "a slip of the pen makes no database");
    let another = refused(&["--from", &from, "--to", &others]);
    assert!(another.contains("the target holds another record"), "{another}");
    assert_eq!(records(&other, "config.toml"), before);
    let serving = Serving::start(&other.path("config.toml"));
    let used = refused(&["--from", &from, "--to", &others]);
    assert!(used.contains("--to: the database is in use by a server"), "{used}");
    drop(serving);
    // Another vault's key: found out before, not after hours of copying.
    let key = std::fs::read(other.path("data/vault.key")).expect("a key");
    std::fs::write(district.path("data/vault.key"), key).expect("written");
    let empty = sqlite(&district.path("empty.sqlite"));
    let sealed = refused(&["--from", &from, "--to", &empty]);
    assert!(sealed.contains("is not the key that the vault of this database was sealed with"), "{sealed}");
}
