//! Every changing statement and every commit of an append's way (founding, ballots with their vault rows, publication, derived
//! tables) fails once, in both ways, on both engines; the next process does what is left, and everything is verified.

use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use futures_util::future::join_all;
use rstest::rstest;
use sqlx::Connection as _;
use sunvote::app::found::founding::{Adoption, Plan};
use sunvote::app::import::officers::officers;
use sunvote::app::import::villages;
use sunvote::app::submit::{BallotOpening, OPENING, Submitted};
use sunvote::app::{App, Parts, projection};
use sunvote::core::ids::{Digest, PublicKey, VillageCode};
use sunvote::log::ceremony::Item;
use sunvote::log::scribe::Scribe;
use sunvote::log::verify::Verdict;
use sunvote::store::db::{Db, Options};
use sunvote::store::fault::{Fault, FaultPlan};
use sunvote::store::objects::Objects;
use sunvote::store::schema::TABLES;
use sunvote::store::vault::Vault;
use zeroize::Zeroizing;

use crate::bed::{Ballot, Standing, ballots, derived, open_vote};
use crate::postgres;
use crate::publish::{leaf, verified};
use crate::village::load;

/// Which engine a case runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Ballots cast at once: the first is a batch, and those that queue meanwhile are the next.
const CAST: usize = 3;

/// What is on record before the first step, and what comes next.
struct Beginning {
    scribe: Scribe,
    ballots: Vec<Ballot>,
    /// The second village's founding, signed.
    founding: Vec<Item>,
    folder: tempfile::TempDir,
}

async fn open(folder: &Path, url: &str, scribe: &Scribe, faults: FaultPlan) -> App {
    let options = Options { faults, lock_wait: std::time::Duration::from_mins(1), ..Options::default() };
    App::start(Parts {
        db: Db::open(url, options).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Standing(scribe.now())),
        seed: [2; 32],
    })
}

impl Beginning {
    /// A village with a vote open, and another whose founding is prepared and signed.
    async fn new() -> Self {
        let (mut scribe, vote, _) = open_vote(15);
        let ballots = ballots(&mut scribe, &vote, u32::try_from(CAST).expect("a count"));
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("beginning.sqlite").display());
        let app = open(folder.path(), &url, &scribe, FaultPlan::default()).await;
        load(&app, &scribe).await;
        let founding = prepared(&app, scribe.roots()).await;
        app.stop().await;
        app.db().close().await;
        Self { scribe, ballots, founding, folder }
    }

    /// The same on `PostgreSQL`, with a second copy of each table from which it is brought back.
    async fn on_server(&self) -> String {
        let url = postgres::shared().database().await;
        let beginning = self.folder.path().join("beginning.sqlite");
        let from = Db::open_file(&beginning, Options::default()).await.expect("the beginning");
        let app = open(self.folder.path(), &url, &self.scribe, FaultPlan::default()).await;
        from.copy_to(app.db(), &mut |_| {}).await.expect("copied");
        app.project_copied(|_| {}).await.expect("projected");
        app.db().end_copy().await.expect("ended");
        app.stop().await;
        app.db().close().await;
        from.close().await;
        run(&url, TABLES.iter().map(|table| format!("CREATE TABLE kept_{0} AS TABLE {0}", table.name))).await;
        url
    }

    /// A database in which all that has just happened: a file, or the one on the server brought back.
    async fn laid_out(&self, server: Option<&str>, folder: &Path) -> String {
        let Some(url) = server else {
            let file = folder.join("store.sqlite");
            std::fs::copy(self.folder.path().join("beginning.sqlite"), &file).expect("a copy of the store");
            return format!("sqlite:{}", file.display());
        };
        let emptied = TABLES.iter().rev().map(|table| format!("DELETE FROM {}", table.name));
        let filled = TABLES.iter().map(|table| format!("INSERT INTO {0} SELECT * FROM kept_{0}", table.name));
        run(url, emptied.chain(filled)).await;
        url.to_owned()
    }
}

/// Runs statements past the store, all or none.
async fn run(url: &str, statements: impl Iterator<Item = String>) {
    let mut admin = sqlx::PgConnection::connect(url).await.expect("the server answers");
    let text = sqlx::AssertSqlSafe(statements.collect::<Vec<_>>().join("; "));
    sqlx::raw_sql(text).execute(&mut admin).await.expect("done");
}

/// The founding of a second village, signed by two of the roots.
async fn prepared(app: &App, roots: &[SigningKey]) -> Vec<Item> {
    let public = |key: &SigningKey| PublicKey(key.verifying_key().to_bytes());
    let rows = villages("code,name,township_code,township\n331102206202,上坑村委会,331102206,黄村乡\n".as_bytes());
    let first = format!(
        "place,name,role,key\n331102206202,吴桂香,clerk,{}\n331102206202,季永福,supervision_committee,{}\n",
        public(&SigningKey::from_bytes(&[41; 32])),
        public(&SigningKey::from_bytes(&[42; 32]))
    );
    let (names, host) = (roots.iter().map(public).collect(), "vote.example".to_owned());
    let plan = Plan { host, roots: names, law: Adoption::default() };
    let (rows, first) = (rows.expect("a good file"), officers(first.as_bytes()).expect("a good file"));
    let mut items = app.prepare_founding(&rows, &first, &plan).await.expect("prepared");
    for item in &mut items {
        for root in &roots[..2] {
            item.sign(root);
        }
    }
    items
}

/// Acknowledged entries.
type Acknowledged = Vec<(VillageCode, u64, Digest)>;

/// Founds, lists, casts and publishes, whatever fails on the way; what was acknowledged, and what failed.
async fn lived(app: &App, beginning: &Beginning) -> (Acknowledged, Vec<String>) {
    let Beginning { scribe, ballots, founding, .. } = beginning;
    let village = scribe.state().village;
    let mut failed = Vec::new();
    failed.extend(app.accept(founding.clone()).await.err().map(|error| error.to_string()));
    failed.extend(app.list_keys(vec![leaf(scribe)]).await.err().map(|error| error.to_string()));
    failed.extend(app.publish_due().await.err().map(|error| error.to_string()));
    let cast = |ballot: &Ballot| {
        let opening =
            BallotOpening { nonce: ballot.1.parse().expect("bytes"), choice: ballot.2.parse().expect("a code") };
        app.submit(village, ballot.0.clone(), Some(opening))
    };
    let mut acknowledged = Acknowledged::new();
    for answer in join_all(ballots.iter().map(cast)).await {
        match answer {
            Ok(Submitted::Recorded(accepted)) => acknowledged.push((village, accepted.at.seq, accepted.at.leaf)),
            other => failed.push(format!("{other:?}")),
        }
    }
    failed.extend(app.publish_due().await.err().map(|error| error.to_string()));
    app.stop().await;
    app.db().close().await;
    (acknowledged, failed)
}

/// Everything acknowledged is there once; every ballot with what opens it; records, directory and derived tables are whole.
async fn check(app: &App, beginning: &Beginning, acknowledged: &Acknowledged) {
    for &(village, seq, leaf) in acknowledged {
        let entry = app.db().read("entry", |tx| Box::pin(tx.entry(village, seq))).await.expect("read");
        assert_eq!(entry.expect("an acknowledged entry").leaf, leaf);
    }
    projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    let caught_up = derived(app).await;
    let before = beginning.scribe.state().size();
    for village in app.villages().await.expect("read") {
        let report = app.verify_copied(village).await.expect("a record");
        assert_eq!(report.verdict(), Verdict::Lawful, "{village}: {:?}", report.findings);
        let expected = if village == beginning.scribe.state().village { before + CAST as u64 } else { 1 };
        assert_eq!(report.entries, expected, "{village}: once each");
        projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("rebuilt");
    }
    assert_eq!(caught_up, derived(app).await, "what the projector left is what rebuild makes");
    let (vault, village) = (app.vault(), beginning.scribe.state().village);
    let openings = app.db().read("openings", |tx| Box::pin(tx.secrets(vault, OPENING, village, ""))).await;
    assert_eq!(openings.expect("read").len(), CAST, "an opening for each ballot");
    verified(app, &beginning.scribe).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_at_any_step_of_an_append_loses_and_doubles_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
) {
    let beginning = Beginning::new().await;
    let server = if engine == Engine::Postgres { Some(beginning.on_server().await) } else { None };
    let (mut steps, mut step, mut cut) = (0, 0, 0);
    while step <= steps {
        let folder = tempfile::tempdir().expect("a folder");
        let url = beginning.laid_out(server.as_deref(), folder.path()).await;
        let plan = if step == 0 { FaultPlan::default() } else { FaultPlan::at(step, fault) };
        let app = open(folder.path(), &url, &beginning.scribe, plan.clone()).await;
        let (acknowledged, failed) = lived(&app, &beginning).await;
        if step == 0 {
            assert_eq!(failed, Vec::<String>::new(), "nothing is in the way");
            steps = plan.steps();
        }
        cut += usize::from(!failed.is_empty());
        // The next process, and people who try again what was not acknowledged.
        let app = open(folder.path(), &url, &beginning.scribe, FaultPlan::default()).await;
        let (again, failed) = lived(&app, &beginning).await;
        assert_eq!(failed, Vec::<String>::new(), "step {step} of {steps}: nothing is in the way any more");
        let app = open(folder.path(), &url, &beginning.scribe, FaultPlan::default()).await;
        check(&app, &beginning, &[acknowledged, again].concat()).await;
        app.stop().await;
        app.db().close().await;
        step += 1;
    }
    println!(
        "{engine:?}, {fault:?}: {steps} steps, each failed once; {cut} runs were cut short; all {} verified",
        steps + 1
    );
    assert!(cut > 20, "failures were met: {cut} of {steps} steps");
}
