//! What an official's pages cost: a district of 211 villages with ten years of matters, a province of 19,708 with one year. Prints plain
//! numbers.
//!
//! `cargo bench --bench sums`. Fills the tables of figures and warnings as the projection does, ten matters a village and year with all that is
//! counted of one that is carried out, two warnings a village, one inspector with a key in every village. Asks for what that inspector's
//! desk shows; then serves the database from a process of its own (this program again, as `sunvote serve`) and asks for pages of figures.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sunvote::app::{App, Parts};
use sunvote::core::clock::{Clock, DAY_MS, Date, Time};
use sunvote::core::figures::Measure;
use sunvote::core::ids::{MatterId, PersonId, PublicKey, SessionId, VillageCode};
use sunvote::core::model::{Category, Role, Stage};
use sunvote::core::warnings::Rule;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::figures::FigureRow;
use sunvote::store::objects::Objects;
use sunvote::store::people::{KeyRow, RoleRow};
use sunvote::store::projection::VillageSummary;
use sunvote::store::vault::Vault;
use sunvote::store::warnings::WarningRow;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::figures::now;

#[path = "figures/mod.rs"]
mod figures;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests of each kind.
const REQUESTS: usize = 300;
/// Matters of a village in a year.
const MATTERS: u64 = 10;
/// The last year; this one's months are asked for.
const YEAR: i16 = 2025;
/// Villages in one transaction.
const AT_ONCE: usize = 50;
/// Where the child listens.
const LISTEN: &str = "127.0.0.1:7611";

/// The address of a page, of a village chosen at random and the turn.
type Address<'a> = &'a dyn Fn(VillageCode, usize) -> String;

/// A place with so many villages and years.
struct Wide {
    name: &'static str,
    districts: usize,
    villages: usize,
    years: i16,
}

/// The village at `index`: districts one after the other, townships of fifteen.
fn village(wide: &Wide, index: usize) -> VillageCode {
    let each = wide.villages.div_ceil(wide.districts);
    let (district, nth) = (index / each, index % each);
    let prefecture = format!("79{:02}{:02}", 1 + district / 9, 1 + district % 9);
    format!("{prefecture}{:03}{:03}", 100 + nth / 15, 200 + nth % 15).parse().expect("a code")
}

/// All that is counted of a matter that was carried out.
fn matter(village: VillageCode, year: i16, nth: u64, rng: &mut ChaCha20Rng) -> (MatterId, Vec<FigureRow>) {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    let id = MatterId::from_bytes(id);
    let mut below = |most: u64| rng.next_u64() % most;
    let mut seq = u64::try_from(year).expect("a year") * 10_000 + nth * 100;
    let mut time = Date::first_of(year, 1).start().plus_ms(i64::try_from(below(280)).expect("days") * DAY_MS);
    let category = Category::ALL[usize::try_from(below(10)).expect("an index")];
    let mut rows = Vec::new();
    let mut row = |seq: u64, time: Time, measure: Measure, code: &str, number: u64| {
        rows.push(FigureRow {
            village,
            matter: id,
            seq,
            measure: measure.code().to_owned(),
            code: code.to_owned(),
            time,
            session: (measure == Measure::Vote).then(|| SessionId::from_bytes([1; 16])),
            category: category.code().to_owned(),
            body: if category == Category::M05 { "members_representatives" } else { "representative_assembly" }
                .to_owned(),
            number,
        });
    };
    row(seq, time, Measure::Opened, "ended", 1);
    for stage in Stage::ALL {
        let days = 1 + below(20);
        time = time.plus_ms(i64::try_from(days).expect("days") * DAY_MS);
        seq += 10;
        if *stage == Stage::Ballot {
            let members =
                [("due", 45), ("present", 30 + below(15)), ("voted", 30), ("online", 12), ("kiosk", 4), ("paper", 14)];
            for (code, number) in members.into_iter().chain([("passed", 1)]) {
                row(seq - 1, time, Measure::Vote, code, number);
            }
            row(seq, time, Measure::Decided, "", 100 * below(10_000_000));
        }
        if *stage == Stage::Supervision {
            row(seq - 1, time, Measure::Paid, "", 100 * below(5_000_000));
            row(seq, time, Measure::Ended, "finished", 100 * below(10_000_000));
        }
        row(seq, time, Measure::Left, stage.code(), days);
    }
    (id, rows)
}

/// The inspector whose desk it is.
const INSPECTOR: PublicKey = PublicKey([7; 32]);
/// Warnings of a village.
const WARNINGS: usize = 2;

/// A clock that stands.
#[derive(Debug)]
struct Standing(Time);

impl Clock for Standing {
    fn now(&self) -> Time {
        self.0
    }
}

/// The inspector's key and role in a village, and what waits there for a look.
fn watched(village: VillageCode, rng: &mut ChaCha20Rng) -> (KeyRow, RoleRow, Vec<WarningRow>) {
    let (person, from) = (PersonId::from_bytes([7; 16]), Date::first_of(YEAR, 1).start());
    let key = KeyRow { village, public_key: INSPECTOR, person };
    let role = RoleRow {
        village,
        person,
        role: Role::DisciplineInspector.code().to_owned(),
        since_seq: 0,
        valid_from: from,
        valid_until: None,
    };
    let warnings = (0..WARNINGS).map(|nth| {
        let rule = Rule::ALL[usize::try_from(rng.next_u64()).unwrap_or(0) % Rule::ALL.len()];
        WarningRow {
            village,
            warning: format!("{rule}/{nth}"),
            rule: rule.code().to_owned(),
            rank: 1 + rng.next_u64() % 3,
            personal: false,
            matter: None,
            session: None,
            question: None,
            stands_from: from.plus_ms(i64::try_from(rng.next_u64() % 300).expect("days") * DAY_MS),
            entries: "[12,40]".to_owned(),
            number: 3,
            whole: 0,
        }
    });
    (key, role, warnings.collect())
}

async fn fill(db: &Db, wide: &Wide) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let indices: Vec<usize> = (0..wide.villages).collect();
    for some in indices.chunks(AT_ONCE) {
        let mut all = Vec::new();
        for index in some {
            let code = village(wide, *index);
            let (mut matters, mut rows) = (Vec::new(), Vec::new());
            for year in (YEAR - wide.years + 1)..=YEAR {
                for nth in 0..MATTERS {
                    let (id, counted) = matter(code, year, nth, &mut rng);
                    matters.push(id);
                    rows.extend(counted);
                }
            }
            all.push((summary(code), matters, rows, watched(code, &mut rng)));
        }
        let all = &all;
        let written: Result<(), StoreError> = db
            .write("fill", |tx| {
                Box::pin(async move {
                    for (summary, matters, rows, (key, role, warnings)) in all {
                        tx.put_summary(summary).await?;
                        tx.put_figures(summary.village, matters, rows).await?;
                        tx.replace_keys(summary.village, std::slice::from_ref(key)).await?;
                        tx.replace_people(summary.village, std::slice::from_ref(role)).await?;
                        tx.replace_warnings(summary.village, warnings).await?;
                    }
                    Ok(())
                })
            })
            .await;
        written.expect("written");
    }
}

fn summary(village: VillageCode) -> VillageSummary {
    VillageSummary {
        village,
        township: village.township(),
        township_name: "甲乡".to_owned(),
        name: "新村".to_owned(),
        suggestion: 0,
        proposal: 0,
        consultation: 0,
        filing: 0,
        ballot: 0,
        supervision: 0,
        finished: 100,
        warnings: 0,
        newest: Date::first_of(YEAR, 12).start(),
        size: 1,
    }
}

/// Settings of a server on a folder.
fn settings(folder: &Path) -> PathBuf {
    let (path, data) = (folder.join("config.toml"), folder.display());
    let text = format!(
        "public_origin = \"http://{LISTEN}\"\nlisten = \"{LISTEN}\"\ndata_dir = \"{data}\"\n[log]\nlevel = \"error,sunvote::cli::serve=info\"\n"
    );
    std::fs::write(&path, text).expect("settings");
    std::fs::write(folder.join("vault.key"), format!("{}\n", "07".repeat(32))).expect("a vault key");
    path
}

fn start(settings: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("its own name"));
    command.args(["serve", "--config"]).arg(settings).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("serving")), "the server serves");
    std::thread::spawn(move || log.for_each(drop));
    child
}

/// What the desk of an inspector of all villages shows: how many stand by rule, and a page of them; then the pages after it.
async fn desk(wide: &Wide, db: Db, folder: &Path) {
    let app = App::start(Parts {
        db,
        vault: Vault::new(&Zeroizing::new([7; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Standing(Date::first_of(YEAR + 1, 1).start())),
        seed: [2; 32],
    });
    let (mut seconds, mut after) = (Vec::new(), None);
    for _ in 0..REQUESTS {
        let begun = now();
        let found = app.warnings(INSPECTOR, None, after, 25).await.expect("warnings");
        seconds.push(begun.elapsed().as_secs_f64());
        assert!(!found.rows.is_empty());
        after = found.next;
    }
    figures::report(&format!("{}: desk, page after page", wide.name), seconds);
    app.stop().await;
}

async fn measure(wide: &Wide) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("sunvote.sqlite").display());
    let db = Db::open(&url, Options::default()).await.expect("a database");
    let begun = now();
    fill(&db, wide).await;
    let filled = begun.elapsed();
    desk(wide, db.clone(), folder.path()).await;
    db.close().await;
    let bytes = std::fs::metadata(folder.path().join("sunvote.sqlite")).expect("a database").len();
    println!("{}: filled in {:.0} s, {} MB", wide.name, filled.as_secs_f64(), bytes >> 20);
    let mut child = start(&settings(folder.path()));
    let client = reqwest::Client::new();
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut any = || village(wide, usize::try_from(rng.next_u64()).unwrap_or(0) % wide.villages);
    let kinds: [(&str, Address); 7] = [
        ("everything, all times", &|_, turn| format!("/figures?n={turn}")),
        ("everything, a year", &|_, _| format!("/figures?period={YEAR}")),
        ("everything, a quarter and category", &|_, turn| {
            format!("/figures?period={YEAR}-q{}&category=M02", 1 + turn % 4)
        }),
        ("a district, a year", &|code, _| format!("/figures?place={}&period={YEAR}", code.district())),
        ("a township, a month", &|code, turn| {
            format!("/figures?place={}&period={YEAR}-{:02}", code.township(), 1 + turn % 12)
        }),
        ("a village, all times", &|code, _| format!("/figures?place={code}")),
        ("a list, a district and quarter", &|code, turn| {
            format!("/figures/list?place={}&period={YEAR}-q{}&measure=left&code=filing", code.district(), 1 + turn % 4)
        }),
    ];
    for (name, path) in kinds {
        let mut seconds = Vec::new();
        for turn in 0..REQUESTS {
            let path = path(any(), turn);
            let begun = now();
            let answer = client.get(format!("http://{LISTEN}{path}")).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.bytes().await.expect("a body");
            seconds.push(begun.elapsed().as_secs_f64());
        }
        figures::report(&format!("{}: {name}", wide.name), seconds);
    }
    let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    child.wait().expect("ended");
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "serve") {
        return sunvote::cli::main();
    }
    let places = [
        Wide { name: "211 villages, 10 years", districts: 1, villages: 211, years: 10 },
        Wide { name: "19,708 villages, 1 year", districts: 90, villages: 19_708, years: 1 },
    ];
    let runtime = Runtime::new().expect("a runtime");
    for place in &places {
        runtime.block_on(measure(place));
    }
    ExitCode::SUCCESS
}
