//! What a server does with as many villages as a nation has, and with long logs. Prints plain numbers.
//!
//! `cargo bench --bench wide -- sizes` appends to logs of 10², 10⁴ and 10⁶ entries, `-- sizes 100000` to a smaller largest.
//!
//! `cargo bench --bench wide`, and `-- 5000` after it for another number of villages; `-- 5000 /folder` keeps what it makes
//! there, and a second run with the same folder goes on from it. Makes the villages (`sunvote bench villages`), beside them
//! 211 with an open vote, and a second database with those 211 alone. Appends to both in turn; then serves the large one from
//! a process of its own (this program again, as `sunvote serve`) and reads its pages and its memory.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sunvote::app::demo::nation;
use sunvote::app::live::Lives;
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts, projection};
use sunvote::core::clock::Time;
use sunvote::core::ids::VillageCode;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::figures::now;

#[path = "../../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "../figures/mod.rs"]
mod figures;
mod sizes;
#[path = "../../tests/http/village.rs"]
mod village;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Villages that vote: a real district's number.
const VOTING: usize = 211;
/// Voters of each who cast a ballot.
const BALLOTS: usize = 8;
/// Visits of villages before memory is read again.
const VISITS: usize = 5_000;
/// Visits of each other page.
const REQUESTS: usize = 500;
/// Starts measured.
const STARTS: usize = 5;
/// Villages whose first use is measured.
const FIRST_USES: usize = 1_000;
/// Where the child listens.
const LISTEN: &str = "127.0.0.1:7610";

/// A data folder with its settings.
struct Place(PathBuf);

impl Place {
    fn new(folder: &Path, name: &str) -> Self {
        let place = Self(folder.join(name));
        std::fs::create_dir_all(&place.0).expect("a folder");
        let data = place.0.display();
        let settings = format!(
            "public_origin = \"http://{LISTEN}\"\nlisten = \"{LISTEN}\"\ndata_dir = \"{data}\"\n[log]\nlevel = \"error,sunvote::cli::serve=info\"\n"
        );
        std::fs::write(place.settings(), settings).expect("settings");
        place
    }

    fn settings(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    fn database(&self) -> PathBuf {
        self.0.join("sunvote.sqlite")
    }

    /// This program as `sunvote`.
    fn sunvote(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("its own name"));
        command.args(arguments).arg("--config").arg(self.settings()).stdin(Stdio::null());
        command
    }

    async fn app(&self, time: Time) -> App {
        let key = self.0.join("vault.key");
        if !key.exists() {
            std::fs::write(&key, format!("{}\n", "07".repeat(32))).expect("a vault key");
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let text = std::fs::read_to_string(&key).expect("a vault key");
        hex::decode_to_slice(text.trim(), &mut *bytes).expect("64 digits");
        let url = format!("sqlite:{}", self.database().display());
        App::start(Parts {
            db: Db::open(&url, Options::default()).await.expect("a database"),
            vault: Vault::new(&bytes),
            objects: Objects::folder(&self.0.join("documents")).expect("a folder"),
            clock: Arc::new(bed::Standing(time)),
            seed: [2; 32],
        })
    }
}

/// A status value of a process in kB.
fn memory(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
    line.split_whitespace().nth(1).and_then(|value| value.parse().ok()).expect("a number")
}

fn told_memory(child: &Child, when: &str) {
    let [resident, most] = ["VmRSS", "VmHWM"].map(|name| memory(child.id(), name) / 1_024);
    println!("memory {when}: {resident} MB, at most {most} MB");
}

fn voting(number: usize) -> VillageCode {
    format!("790101{:03}{:03}", 101 + number / 15, 200 + number % 15).parse().expect("a code")
}

/// Loads the villages that vote; gives each one's ballots.
async fn load_voting(apps: &[&App; 2]) -> Vec<(VillageCode, Vec<bed::Ballot>)> {
    let mut all = Vec::new();
    for number in 0..VOTING {
        let code = voting(number);
        let (mut scribe, vote, _) = bed::open_vote_in(code, 45);
        let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key);
        let leaf = key_leaf(&log.expect("a key"), scribe.roots()).expect("a leaf");
        for app in apps {
            village::load(app, &scribe).await;
            app.list_keys(vec![leaf.clone()]).await.expect("listed");
        }
        let ballots = bed::ballots(&mut scribe, &vote, u32::try_from(BALLOTS).expect("a count"));
        all.push((code, ballots));
    }
    all
}

async fn cast(app: App, code: VillageCode, (envelope, nonce, choice): bed::Ballot) {
    let opening = BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
    let submitted = app.submit(code, envelope, Some(opening)).await.expect("taken");
    assert!(matches!(submitted, Submitted::Recorded(_)));
}

/// Appends to both databases in turn, so that whatever else the machine does falls on both alike: one ballot after another
/// first, then one of each village at once.
async fn appends(small: &App, large: &App, ballots: &[(VillageCode, Vec<bed::Ballot>)]) {
    let mut single = [Vec::new(), Vec::new()];
    let mut together = [Vec::new(), Vec::new()];
    for turn in 0..BALLOTS {
        let casts = || ballots.iter().map(|(code, ballots)| (*code, ballots[turn].clone()));
        if turn < BALLOTS / 2 {
            for (code, ballot) in casts() {
                for (app, seconds) in [small, large].into_iter().zip(&mut single) {
                    let begun = now();
                    cast(app.clone(), code, ballot.clone()).await;
                    seconds.push(begun.elapsed().as_secs_f64());
                }
            }
            continue;
        }
        // What the one still has to project must not fall on the other.
        let mut pair: Vec<_> = [small, large].into_iter().zip(&mut together).collect();
        if turn % 2 == 1 {
            pair.reverse();
        }
        for (app, seconds) in pair {
            for app in [small, large] {
                projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("projected");
            }
            let begun = now();
            let tasks: Vec<_> = casts().map(|(code, ballot)| tokio::spawn(cast(app.clone(), code, ballot))).collect();
            for task in tasks {
                task.await.expect("ended");
            }
            seconds.push(begun.elapsed().as_secs_f64());
        }
    }
    for (what, seconds) in [("append one after another", single), ("append 211 at once", together)] {
        let [few, many] = seconds;
        let few = figures::report(&format!("{what}, 211 villages"), few);
        let many = figures::report(&format!("{what}, all villages"), many);
        println!("{what}: ratio of medians {:.2}", many / few);
    }
}

/// What the publication of those 211 costs, and what the jobs of every second do where nothing is due.
async fn rounds(small: &App, large: &App) {
    for (what, app) in [("211 villages", small), ("all villages", large)] {
        let begun = now();
        let round = app.publish_due().await.expect("published");
        println!("publication of {} records, {what}: {:.1} ms", round.villages, begun.elapsed().as_secs_f64() * 1e3);
    }
    for (what, app) in [("211 villages", small), ("all villages", large)] {
        let (mut publish, mut due) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            let begun = now();
            app.publish_due().await.expect("published");
            publish.push(begun.elapsed().as_secs_f64());
            let begun = now();
            app.run_due().await.expect("looked");
            due.push(begun.elapsed().as_secs_f64());
        }
        figures::report(&format!("publication with nothing new, {what}"), publish);
        figures::report(&format!("jobs with nothing due, {what}"), due);
    }
}

/// The first use of villages that nobody has looked at.
async fn first_uses(app: &App, count: usize, rng: &mut ChaCha20Rng) {
    let lives = Lives::new(app.db().clone(), app.vault().clone());
    let mut seconds = Vec::new();
    for _ in 0..FIRST_USES {
        let code = any(count, rng);
        let begun = now();
        lives.live(code).await.expect("its state");
        seconds.push(begun.elapsed().as_secs_f64());
    }
    figures::report("first use of a village just founded", seconds);
}

fn any(count: usize, rng: &mut ChaCha20Rng) -> VillageCode {
    nation::village(usize::try_from(rng.next_u64()).unwrap_or(0) % count).code
}

/// Starts the server; gives it and the seconds until it answers.
async fn start(place: &Place, client: &reqwest::Client) -> (Child, f64) {
    let begun = now();
    let mut child = place.sunvote(&["serve"]).stderr(Stdio::piped()).spawn().expect("started");
    let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let serves = log.any(|line| line.contains("serving"));
    // Nobody may wait to be read.
    std::thread::spawn(move || log.for_each(drop));
    let answer = client.get(format!("http://{LISTEN}/readyz")).send().await;
    assert!(serves && answer.is_ok_and(|answer| answer.status().is_success()), "the server serves");
    (child, begun.elapsed().as_secs_f64())
}

fn stop(mut child: Child) {
    let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    child.wait().expect("ended");
}

async fn ask(client: &reqwest::Client, path: &str) -> f64 {
    let begun = now();
    let answer = client.get(format!("http://{LISTEN}{path}")).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.bytes().await.expect("a body");
    begun.elapsed().as_secs_f64()
}

/// The address of a page, for a village and a turn.
type Address<'a> = &'a dyn Fn(VillageCode, usize) -> String;

async fn pages(place: &Place, count: usize, rng: &mut ChaCha20Rng) {
    let client = reqwest::Client::new();
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        let (child, seconds) = start(place, &client).await;
        starts.push(seconds);
        stop(child);
    }
    let (child, seconds) = start(place, &client).await;
    starts.push(seconds);
    figures::report("start-up until it answers", starts);
    told_memory(&child, "after the start");
    let mut seconds = Vec::new();
    for _ in 0..VISITS {
        seconds.push(ask(&client, &format!("/v/{}", any(count, rng))).await);
    }
    figures::report("page village, another one each time", seconds);
    told_memory(&child, "after 5,000 pages");
    let names = ["新", "村", "甲子", "甲子新", "乙丑坪村", "黄泥墩", "无此村", "子"];
    let kinds: [(&str, Address); 11] = [
        ("front", &|_, _| "/".to_owned()),
        ("province", &|code, _| format!("/p/{}", &code.to_string()[..2])),
        ("prefecture", &|code, _| format!("/p/{}", &code.to_string()[..4])),
        ("district", &|code, _| format!("/p/{}", code.district())),
        ("township", &|code, _| format!("/t/{}", code.township())),
        ("village with a vote", &|_, turn| format!("/v/{}", voting(turn % VOTING))),
        ("search, everywhere", &|_, turn| format!("/search?q={}", names[turn % names.len()])),
        ("search, a later page", &|code, _| format!("/search?q=村&after={code}-村")),
        ("search in a district", &|code, _| format!("/search?q=新&in={}", code.district())),
        ("check", &|code, _| format!("/check?village={code}")),
        ("API, townships", &|code, _| format!("/api/v1/townships?after={}", code.township())),
    ];
    for (name, path) in kinds {
        let mut seconds = Vec::new();
        for turn in 0..REQUESTS {
            seconds.push(ask(&client, &path(any(count, rng), turn)).await);
        }
        figures::report(&format!("page {name}"), seconds);
    }
    told_memory(&child, "at the end");
    stop(child);
}

async fn measure(folder: &Path, count: usize) {
    let (large, small) = (Place::new(folder, "large"), Place::new(folder, "small"));
    if !large.database().exists() {
        let made = large.sunvote(&["bench", "villages", "--count", &count.to_string()]).status().expect("it runs");
        assert!(made.success(), "villages could not be made");
    }
    let bytes = std::fs::metadata(large.database()).expect("a database").len();
    println!("{count} villages: a database of {} MB", bytes >> 20);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let time = bed::open_vote_in(voting(0), 45).0.now();
    let (few, many) = (small.app(time).await, large.app(time).await);
    let there = many.db().read("head", |tx| Box::pin(tx.head(voting(0)))).await.expect("read");
    if there.is_none() {
        let ballots = load_voting(&[&few, &many]).await;
        rounds(&few, &many).await;
        appends(&few, &many, &ballots).await;
        rounds(&few, &many).await;
    }
    first_uses(&many, count, &mut rng).await;
    for app in [few, many] {
        app.stop().await;
        app.db().close().await;
    }
    pages(&large, count, &mut rng).await;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "serve" || first == "bench") {
        return sunvote::cli::main();
    }
    if arguments.first().is_some_and(|first| first == "sizes") {
        let largest = arguments.get(1).map_or(1_000_000, |number| number.parse().expect("a number of entries"));
        Runtime::new().expect("a runtime").block_on(sizes::run(largest));
        return ExitCode::SUCCESS;
    }
    let count = arguments.first().map_or(nation::ALL, |number| number.parse().expect("a number of villages"));
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = arguments.get(1).map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    Runtime::new().expect("a runtime").block_on(measure(&folder, count));
    ExitCode::SUCCESS
}
