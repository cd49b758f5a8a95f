//! `sunvote bench`: prepares villages of its own, casts real ballots, believes no receipt unchecked, and keeps off real
//! districts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::serve::Serving;
use crate::sunvote;

/// An address that nobody listens at.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

fn bench(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = sunvote();
    let (first, rest) = arguments.split_first().expect("a command");
    command.args(["bench", first, "--folder"]).arg(folder).args(rest).output().expect("it runs")
}

fn prepared(folder: &Path, listen: SocketAddr) {
    let listen = listen.to_string();
    let made = bench(folder, &["prepare", "--villages", "2", "--voters", "20", "--listen", &listen]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[test]
fn ballots_are_cast_at_a_rate_receipts_checked_and_records_verified() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("bench");
    prepared(&folder, free());
    // Each of 40 voters twice: the second ballot takes the place of the first.
    let cast = bench(&folder, &["cast", "--rate", "200", "--count", "80", "--connections", "8", "--json"]);
    let told = json(&cast);
    assert_eq!(cast.status.code(), Some(0), "{told}");
    assert_eq!((told["sent"].as_u64(), told["good"].as_u64()), (Some(80), Some(80)));
    assert_eq!(
        (told["receipts"]["good"].as_u64(), told["receipts"]["faults"].to_string()),
        (Some(80), "{}".to_owned())
    );
    assert!(told["seconds"].as_f64().is_some_and(|seconds| seconds >= 79.0 / 200.0), "open loop: {told}");
    assert!(told["raw_signatures_per_second"].as_f64().is_some_and(|raw| raw > 0.0));
    assert!(told["processor"]["server"]["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{told}");

    // A second run goes on from the first.
    let again = bench(&folder, &["cast", "--rate", "max", "--count", "40", "--connections", "8"]);
    let text = String::from_utf8_lossy(&again.stdout).into_owned();
    assert_eq!(again.status.code(), Some(0), "{text}");
    assert!(text.contains("answered    40 of 40 ballots") && text.contains("receipts    40 hold"), "{text}");

    let read = bench(&folder, &["read", "--rate", "50", "--count", "12", "--connections", "2", "--json"]);
    let told = json(&read);
    assert_eq!((read.status.code(), told["good"].as_u64()), (Some(0), Some(12)), "{told}");

    let verified = bench(&folder, &["verify", "--json"]);
    let told = json(&verified);
    assert_eq!(verified.status.code(), Some(0), "{told}");
    let counts = ["villages", "lawful", "acknowledged", "missing"].map(|name| told[name].as_u64());
    assert_eq!(counts, [Some(2), Some(2), Some(120), Some(0)]);

    // An acknowledged ballot that is not on record is told.
    let path = folder.join("acknowledged.csv");
    let lines = std::fs::read_to_string(&path).expect("what was acknowledged");
    let (first, rest) = lines.split_once('\n').expect("lines");
    let (place, leaf) = first.rsplit_once(',').expect("three values");
    std::fs::write(&path, format!("{place},{}\n{rest}", "0".repeat(leaf.len()))).expect("written");
    let verified = bench(&folder, &["verify", "--json"]);
    assert_eq!((verified.status.code(), json(&verified)["missing"].as_u64()), (Some(1), Some(1)));
}

/// Passes on what comes, to a server behind it; of each answer's receipt one sign of the entry is changed.
fn forger(listen: SocketAddr, server: String) {
    let listener = TcpListener::bind(listen).expect("the prepared address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut from, mut to) = (stream.expect("a connection"), TcpStream::connect(&server).expect("it listens"));
            let (mut back, mut forth) = (to.try_clone().expect("a copy"), from.try_clone().expect("a copy"));
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::thread::spawn(move || {
                let mut answer = vec![0; 1 << 16];
                while let Ok(length @ 1..) = back.read(&mut answer) {
                    let extra = answer[..length].windows(6).position(|part| part == b"extra ");
                    if let Some(sign) = extra.and_then(|at| answer[..length].get_mut(at + 200)) {
                        *sign = if *sign == b'A' { b'B' } else { b'A' };
                    }
                    forth.write_all(&answer[..length]).expect("passed on");
                }
            });
        }
    });
}

#[test]
fn a_receipt_that_does_not_hold_is_told() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (folder, listen) = (home.path().join("bench"), free());
    prepared(&folder, listen);
    // The server listens elsewhere, and who answers at its address in its stead forges.
    let settings = std::fs::read_to_string(folder.join("config.toml")).expect("settings");
    let moved = settings.replace(&format!("listen = \"{listen}\""), "listen = \"127.0.0.1:0\"");
    assert_ne!(moved, settings);
    let config = folder.join("moved.toml");
    std::fs::write(&config, moved.replace("format = \"text\"", "format = \"json\"")).expect("written");
    let serving = Serving::start(&config);
    forger(listen, serving.address.clone());
    let cast = bench(&folder, &["cast", "--count", "10", "--connections", "2", "--running", "--json"]);
    let told = json(&cast);
    assert_eq!((cast.status.code(), told["good"].as_u64()), (Some(1), Some(10)), "{told}");
    assert_eq!(told["receipts"]["good"].as_u64(), Some(0), "{told}");
    let faults = told["receipts"]["faults"].as_object().expect("faults by kind");
    assert_eq!(faults.values().filter_map(Value::as_u64).sum::<u64>(), 10, "{told}");
}

#[test]
fn a_district_or_a_folder_in_use_is_never_touched() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("bench");
    prepared(&folder, free());
    let says = |output: &Output, words: &str| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(words), "{said}");
    };
    says(&bench(&folder, &["prepare"]), "prepared here already");

    let store = folder.join("data/sunvote.sqlite");
    let before = std::fs::read(&store).expect("a database");
    let url = format!("sqlite:{}", store.display());
    says(&bench(&home.path().join("other"), &["prepare", "--database", &url]), "the database holds villages");
    assert_eq!(std::fs::read(&store).expect("a database"), before);
    assert!(!home.path().join("other").exists());

    let used = home.path().join("used");
    std::fs::create_dir(&used).and_then(|()| std::fs::write(used.join("letter"), "dear")).expect("a folder in use");
    says(&bench(&used, &["prepare"]), "is not empty");
    says(&bench(&used, &["cast"]), "only in a folder that `sunvote bench prepare` made");
    says(&bench(&folder, &["prepare", "--listen", "0.0.0.0:80"]), "on this machine only");
}
