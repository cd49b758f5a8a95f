//! The C2SP witness `aics-witness` (PyPI, version pinned in .ci/setup) cosigns the district's checkpoints, and the policy
//! and receipts that readers use accept its cosignatures.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sunvote::app::fetch::Client;
use sunvote::log::note::{Note, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::receipt::Known;
use sunvote::log::witness::{Answer, Request};

use crate::served::{Served, code, path};

/// The longest wait for an answer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The witness's program, where .ci/setup puts it.
#[expect(clippy::disallowed_methods, reason = "where the tools of this machine are")]
fn program() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/sunvote"));
    let cache = std::env::var_os("SUNVOTE_CACHE").map(PathBuf::from).or_else(home).expect("a home");
    cache.join("tools/witness/bin/aics-witness")
}

/// A running witness; ended when dropped.
pub struct Witness {
    child: Child,
    url: String,
    key: VerifierKey,
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn aics(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).arg("--config").arg(folder.join("witness.json"));
    command
}

impl Witness {
    /// Makes a key, trusts the log, and serves on a port that the system chooses.
    pub fn start(folder: &Path, log: &VerifierKey) -> Self {
        let run = |arguments: &[&str]| {
            let output = aics(folder, arguments).output().expect("aics-witness runs: .ci/setup installs it");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        };
        let key = run(&["init", "--name", "witness.example/stranger", "--listen", "127.0.0.1:0"]);
        run(&["add-log", "--origin", log.name(), "--vkey", &log.to_string()]);
        let mut serve = aics(folder, &["serve"]);
        let mut child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut said = BufReader::new(child.stderr.take().expect("piped")).lines();
        let url = said.find_map(|line| {
            let line = line.ok()?;
            let (_, url) = line.split_once("listening on ")?;
            url.split(' ').next().map(str::to_owned)
        });
        // Whatever it says later is read and forgotten, so that it never waits for a reader.
        std::thread::spawn(move || said.for_each(drop));
        Self { child, url: url.expect("its address"), key: VerifierKey::parse(key.trim()).expect("its key") }
    }

    /// The policy that asks for it alone.
    pub fn policy(&self, log: &VerifierKey) -> Policy {
        let text = format!("log {log}\nwitness stranger {} {}\nquorum stranger\n", self.key, self.url);
        Policy::parse(text.as_bytes()).expect("a policy")
    }
}

/// Asks the witness once, as the server's tasks do, and gives what the server then serves.
async fn cosigned(served: &Served) -> Note {
    let asked = served.app.witnesses().asked().expect("a policy");
    let party = asked.policy.witnesses()[0].clone();
    assert!(served.app.ask_witness(&asked, &party, code(), false).await.expect("the store"), "the witness cosigned");
    let (_, note) = served.checkpoint().await;
    Note::parse(note.as_bytes()).expect("a note")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_witness_cosigns_the_district_and_readers_accept_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut served = Served::start().await;
    let witness = Witness::start(folder.path(), &served.district);
    let policy = witness.policy(&served.district);
    served.app.name_witnesses(witness.policy(&served.district), Client::new(PATIENCE));
    let (size, plain) = served.checkpoint().await;
    let plain = Note::parse(plain.as_bytes()).expect("a note");
    assert!(!policy.judge(&plain).expect("signed").met, "nobody cosigned yet");
    for size in size..size + 3 {
        let note = cosigned(&served).await;
        let judged = policy.judge(&note).expect("signed");
        assert_eq!((judged.met, judged.checkpoint.size), (true, size));
        assert!(judged.witnesses[0].time.is_some());
        served.grow().await;
    }
    the_pair_of_a_receipt_is_witnessed(&served, policy).await;
    what_is_changed_on_the_way_is_refused(&served, &witness).await;
    served.stop().await;
}

/// Both files of a receipt, with this witness as the policy.
async fn the_pair_of_a_receipt_is_witnessed(served: &Served, policy: Policy) {
    cosigned(served).await;
    let village = served.villages[1].clone();
    let code = path(&village).rsplit('/').next().expect("a code").parse().expect("a village");
    let entry = served.app.published_receipt(code, 1).await.expect("a receipt");
    let above = served.app.district_receipt(code, 1).await.expect("read");
    let known = Known { village, district: None, policy, statement: None };
    let receipt = known.judge(&entry, above.as_deref()).expect("a good pair");
    assert!(receipt.above.expect("the district's part").witnesses[0].time.is_some());
}

/// A changed checkpoint, a changed proof, a changed answer.
async fn what_is_changed_on_the_way_is_refused(served: &Served, witness: &Witness) {
    let client = Client::new(PATIENCE);
    let (size, note) = served.checkpoint().await;
    let note = Note::parse(note.as_bytes()).expect("a note");
    let ask = async |request: &str| {
        let url = format!("{}/add-checkpoint", witness.url);
        client.post(url, "text/plain", request.as_bytes().to_vec()).await.expect("an answer")
    };
    let whole = Request { old: size, proof: Vec::new(), note: note.clone() }.to_string();
    let answer = ask(&whole).await;
    assert_eq!(answer.status, 200, "the same checkpoint again");
    let read = |body: &[u8]| Answer::read(200, None, body, &note, &witness.key);
    assert!(matches!(read(&answer.body), Ok(Answer::Cosigned(lines)) if lines.len() == 1));
    let mut spoilt = answer.body.clone();
    let at = spoilt.len() - 20;
    spoilt[at] = if spoilt[at] == b'A' { b'B' } else { b'A' };
    assert!(read(&spoilt).is_err(), "a changed cosignature");
    let lines = (format!("\n{size}\n"), format!("\n{}\n", size + 1));
    assert_eq!(ask(&whole.replacen(&lines.0, &lines.1, 1)).await.status, 403, "a changed checkpoint");
    assert_eq!(ask(&whole.replacen(&format!("old {size}"), "old 1", 1)).await.status, 409, "another old size");
    let hash = "A".repeat(43) + "=";
    let with_hash = whole.replacen(&format!("old {size}\n"), &format!("old {size}\n{hash}\n"), 1);
    assert_eq!(ask(&with_hash).await.status, 422, "a changed proof");
}
