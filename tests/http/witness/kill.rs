//! Killed with SIGKILL amid cosigning and following, the program goes on where it was: it never cosigns a second history,
//! holds no less than it gave out, and ends with a whole copy that verifies.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::UNIX_EPOCH;

use sunvote::core::clock::Time;
use sunvote::core::ids::VillageCode;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Note, NoteSignature};
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::tile::level_size;
use sunvote::log::tree::{self, leaf_hash};
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Verdict, verify};
use sunvote::log::witness::{Answer, Request, monitoring_path};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::forger::{DISTRICT, Forger, entries, public, roots};
use super::rig::{NAME, keys, settings};

const VILLAGES: [&str; 4] = ["331102001206", "331102001207", "331102001208", "331102001209"];
/// Publications of each village before each start, and suggestions in each of them.
const PUBLICATIONS: usize = 4;
const SUGGESTIONS: usize = 20;

/// What the witness gave out.
enum Event {
    /// A cosignature of the district's checkpoint of this size.
    Cosigned(u64, Vec<NoteSignature>),
    /// A village's checkpoint, cosigned as lawful.
    Pushed(Note),
    /// It answers no more.
    Silent,
    /// An answer that must not be.
    Wrong(String),
}

/// What it gave out after which it is killed: three kills, or as many as `SUNVOTE_KILLS` says, spread evenly.
#[expect(clippy::disallowed_methods, reason = "what make evidence asks for")]
fn heard() -> Vec<usize> {
    let kills = std::env::var("SUNVOTE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    (0..kills).map(|kill| 1 + kill * VILLAGES.len() * (PUBLICATIONS + 1) / kills).collect()
}

/// The program's own clock: a witness compares entries' times with the present.
#[expect(clippy::disallowed_methods, reason = "the program that is killed has no other clock")]
fn present() -> Time {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Time::from_ms(i64::try_from(since.as_millis()).expect("in range")).expect("a time")
}

/// A running `sunvote witness run`; ended when dropped.
struct Process {
    child: Child,
    base: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunvote"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SUNVOTE_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).arg("witness").args(arguments);
    command
}

impl Process {
    /// Starts it on a port that the system chooses.
    fn start(folder: &Path) -> Self {
        let mut child = program(folder, &["run"]).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut said = BufReader::new(child.stderr.take().expect("piped")).lines();
        let first: String = said.next().expect("a line").expect("readable");
        let told: serde_json::Value = serde_json::from_str(&first).unwrap_or_else(|_| panic!("{first}"));
        let address = told["address"].as_str().unwrap_or_else(|| panic!("{first}")).to_owned();
        // Whatever it says later is read and forgotten, so that it never waits for a reader.
        std::thread::spawn(move || said.for_each(drop));
        Self { child, base: format!("http://{address}") }
    }

    async fn get(&self, path: &str) -> Option<Vec<u8>> {
        let answer = reqwest::get(format!("{}{path}", self.base)).await.expect("an answer");
        let found = answer.status() == 200;
        Some(answer.bytes().await.expect("a body").to_vec()).filter(|_| found)
    }

    /// The checkpoint that it shows as the newest it cosigned of a log.
    async fn held(&self, path: &str) -> Option<(Note, u64)> {
        let note = Note::parse(&self.get(path).await?).expect("a note");
        let size = Checkpoint::parse(&note.text).expect("a checkpoint").size;
        Some((note, size))
    }
}

/// The district's server, its villages, and all that the witness gave out so far.
struct Watched {
    folder: tempfile::TempDir,
    forger: Forger,
    scribes: Vec<Scribe>,
    /// Cosignatures of the district's checkpoints, by size.
    cosigned: BTreeMap<u64, Vec<NoteSignature>>,
    /// The largest checkpoint of each village that was handed to the server.
    pushed: BTreeMap<VillageCode, u64>,
    events: (UnboundedSender<Event>, UnboundedReceiver<Event>),
}

impl Watched {
    async fn start() -> Self {
        let (folder, forger) = (tempfile::tempdir().expect("a folder"), Forger::start().await);
        let events = unbounded_channel();
        let sender = events.0.clone();
        forger.hear(move |note| drop(sender.send(Event::Pushed(note))));
        let text = settings(&forger.base, &forger.verifier().to_string(), "poll_seconds = 3600");
        let text = format!("{text}data_dir = \"{}\"\n", folder.path().join("data").display());
        std::fs::write(folder.path().join("witness.toml"), text).expect("written");
        std::fs::create_dir(folder.path().join("data")).expect("a folder");
        let secret = sunvote::witness::keys::Keys::text(NAME, &[41; 32], &[42; 32]);
        std::fs::write(folder.path().join("data/witness.keys"), &*secret).expect("written");
        let begun = present().plus_ms(-3_600_000);
        let found = |(seed, village): (u64, &&str)| {
            let village = village.parse().expect("a code");
            let founding = Founding { roots: roots(), ..Founding::invented(village, "liandu.example", begun, seed) };
            Scribe::found(founding).expect("a village")
        };
        let scribes = (1..).zip(VILLAGES.iter()).map(found).collect();
        Self { folder, forger, scribes, cosigned: BTreeMap::new(), pushed: BTreeMap::new(), events }
    }

    /// Every village's record grows and is published, some entries at a time.
    fn grow(&mut self) {
        for _ in 0..PUBLICATIONS {
            for scribe in &mut self.scribes {
                scribe.at(present());
                for _ in 0..SUGGESTIONS {
                    scribe.suggest("修路").expect("a suggestion");
                }
                self.forger.publish(scribe, entries(scribe));
            }
        }
    }

    fn leaves(&self) -> Vec<Vec<u8>> {
        self.forger.shown("d/331102").entries
    }

    /// Notes what was given out; whether the witness still answers.
    fn note(&mut self, event: Event) -> bool {
        match event {
            Event::Cosigned(size, lines) => drop(self.cosigned.insert(size, lines)),
            Event::Pushed(note) => {
                let shown = Checkpoint::parse(&note.text).expect("a checkpoint");
                let scribe = self.scribes.iter().find(|scribe| scribe.state().origin == shown.origin);
                let scribe = scribe.expect("a village");
                let leaves: Vec<_> = entries(scribe).iter().map(|entry| leaf_hash(entry)).collect();
                let size = usize::try_from(shown.size).expect("a size");
                assert_eq!(tree::root(&leaves[..size]), shown.root, "the one history");
                note.verify(&[keys().lawful().clone()]).expect("cosigned");
                let largest = self.pushed.entry(scribe.state().village).or_default();
                *largest = shown.size.max(*largest);
            }
            Event::Silent => return false,
            Event::Wrong(answer) => panic!("{answer}"),
        }
        true
    }

    /// Asks for cosignatures of every size that was not cosigned yet, one after the other, until there is no answer.
    fn ask(&self, base: &str) -> tokio::task::JoinHandle<()> {
        let (leaves, key) = (self.leaves(), self.forger.key.clone());
        let (sender, url) = (self.events.0.clone(), format!("{base}/witness/add-checkpoint"));
        let mut old = self.cosigned.keys().next_back().copied().unwrap_or(0);
        tokio::spawn(async move {
            let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            while old < hashes.len() as u64 {
                let new = old + 1;
                let request = request(&hashes, old, new, &key);
                let Some((status, media, body)) = post(&url, request.to_string()).await else { break };
                old = match Answer::read(status, media.as_deref(), &body, &request.note, keys().consistency()) {
                    Ok(Answer::Cosigned(lines)) => {
                        sender.send(Event::Cosigned(new, lines)).expect("somebody listens");
                        new
                    }
                    // What was kept and not answered, because it was killed between the two.
                    Ok(Answer::Conflict { size }) if size == new => size,
                    other => return drop(sender.send(Event::Wrong(format!("{other:?} after {old}")))),
                };
            }
            drop(sender.send(Event::Silent));
        })
    }

    /// What it shows after a start is no less than what it gave out before, and it cosigns nothing beside that.
    async fn check_memory(&self, process: &Process) {
        let newest = self.cosigned.iter().next_back();
        if let Some((size, lines)) = newest {
            let path = format!("/witness/{}", monitoring_path(DISTRICT));
            let (note, held) = process.held(&path).await.expect("what was answered is on disk");
            assert!(held >= *size, "answered {size}, holds {held}");
            note.verify(&[keys().consistency().clone()]).expect("its own cosignature");
            if held == *size {
                assert!(lines.iter().all(|line| note.signatures.contains(line)), "the very line that was answered");
            }
            self.refuses_another_history(process, *size, held).await;
        }
        for (village, size) in &self.pushed {
            let (_, held) = process.held(&format!("/log/v/{village}/checkpoint")).await.expect("what was handed over");
            assert!(held >= *size, "{village}: gave out {size}, holds {held}");
        }
    }

    /// The log signs a second history, of the same size and of a larger one, and asks from every size that it could hold.
    async fn refuses_another_history(&self, process: &Process, answered: u64, held: u64) {
        let mut other: Vec<_> = self.leaves().iter().map(|leaf| leaf_hash(leaf)).collect();
        other[0] = leaf_hash(b"another beginning");
        let url = format!("{}/witness/add-checkpoint", process.base);
        for new in [answered, held, held + 1] {
            for old in [0, answered - 1, answered, held].into_iter().filter(|old| *old <= new) {
                let body = request(&other, old, new, &self.forger.key).to_string();
                let (status, ..) = post(&url, body).await.expect("an answer");
                assert!([409, 422].contains(&status), "{old} to {new} of another history: {status}");
            }
        }
    }

    /// One life: it is killed once it gave out so many cosignatures of either kind.
    async fn kill_after(&mut self, heard: usize) {
        self.grow();
        let mut process = Process::start(self.folder.path());
        self.check_memory(&process).await;
        let asking = self.ask(&process.base);
        let (mut given, mut answers) = (0, true);
        while answers || given < heard {
            let event = self.events.1.recv().await.expect("an event");
            given += 1;
            if given == heard {
                process.child.kill().expect("killed");
            }
            answers &= self.note(event);
        }
        process.child.wait().expect("ended");
        asking.await.expect("no answer was wrong");
    }

    /// It follows to the end: every village is found lawful as far as it goes.
    async fn finish(&mut self) -> Process {
        self.grow();
        let process = Process::start(self.folder.path());
        self.check_memory(&process).await;
        let asking = self.ask(&process.base);
        let whole = |watched: &Self| {
            let all = |scribe: &Scribe| watched.pushed.get(&scribe.state().village) == Some(&scribe.state().size());
            watched.scribes.iter().all(all)
        };
        let mut answers = true;
        while answers || !whole(self) {
            let event = self.events.1.recv().await.expect("an event");
            answers &= self.note(event);
        }
        asking.await.expect("no answer was wrong");
        process
    }

    /// Its copies, as anyone fetches them: each record verifies, and the district's log is the one that was signed.
    async fn check_copies(&self, process: &Process) {
        for scribe in &self.scribes {
            let (village, size) = (scribe.state().village, scribe.state().size());
            let file = process.get(&format!("/v/{village}/record/file")).await.expect("a record");
            let mut law = Law::new(Some(roots().iter().map(public).collect()));
            let report = verify(file.as_slice(), &mut law, &Options::default(), |_| {});
            assert_eq!((report.verdict(), report.entries), (Verdict::Lawful, size), "{:?}", report.findings);
        }
        let theirs = self.leaves();
        let size = theirs.len() as u64;
        let (_, held) = process.held("/log/d/331102/checkpoint").await.expect("a copy of the district");
        assert_eq!(held, size);
        for level in [None, Some(0), Some(1)] {
            let hashes = level_size(size, level.unwrap_or(0));
            for tile in 0..hashes.div_ceil(256) {
                let width = (hashes - tile * 256).min(256);
                let part = if width < 256 { format!(".p/{width}") } else { String::new() };
                let level = level.map_or("entries".to_owned(), |level: u8| level.to_string());
                let path = format!("/log/d/331102/tile/{level}/{tile:03}{part}");
                let signed = reqwest::get(format!("{}{path}", self.forger.base)).await.expect("an answer");
                assert_eq!(process.get(&path).await, Some(signed.bytes().await.expect("bytes").to_vec()), "{path}");
            }
        }
    }

    /// No alarm but that the log signed another history, which this test did.
    fn check_alarms(&self) {
        let Output { stdout, .. } = program(self.folder.path(), &["check"]).output().expect("it runs");
        let said = String::from_utf8(stdout).expect("text");
        let alarms: Vec<&str> = said.lines().filter(|line| !line.starts_with(' ')).collect();
        let fork = |line: &&str| line.split(' ').nth(1) == Some("fork") && line.ends_with(DISTRICT);
        assert!(alarms.iter().all(fork), "{said}");
    }
}

fn request(hashes: &[sunvote::core::ids::Digest], old: u64, new: u64, key: &ed25519_dalek::SigningKey) -> Request {
    let size = usize::try_from(new).expect("a size").min(hashes.len());
    let mut leaves = &hashes[..size];
    let proof = tree::prove_consistency(&mut leaves, old, size as u64).expect("a proof");
    Request { old, proof, note: Checkpoint::new(DISTRICT, size as u64, tree::root(&hashes[..size])).sign(key) }
}

/// Status, media type and body; nothing where the witness is gone.
async fn post(url: &str, body: String) -> Option<(u16, Option<String>, Vec<u8>)> {
    let answer = reqwest::Client::new().post(url).body(body).send().await.ok()?;
    let media = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    Some((answer.status().as_u16(), media, answer.bytes().await.ok()?.to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_witness_holds_all_that_it_gave_out_and_goes_on_with_the_same_history() {
    let mut watched = Watched::start().await;
    let kills = heard();
    for heard in &kills {
        watched.kill_after(*heard).await;
    }
    let process = watched.finish().await;
    watched.check_copies(&process).await;
    drop(process);
    watched.check_alarms();
    let (kills, cosigned, villages) = (kills.len(), watched.cosigned.len(), watched.pushed.len());
    println!("{kills} kills, {cosigned} cosignatures given out and all held, {villages} villages whole");
}
