//! What the cases share: an empty database of either engine, and sample rows.

use std::time::Duration;

use sqlx::Connection as _;
use sunvote::core::clock::Time;
use sunvote::core::ids::{Digest, VillageCode};
use sunvote::store::db::{Db, Options};
use sunvote::store::record::{Head, StoredEntry, VillageAppend};

use crate::postgres;

/// Which engine a case runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// An empty database that is gone after the test.
pub struct Bed {
    pub url: String,
    pub folder: tempfile::TempDir,
}

/// As in service, but for a machine that is busy with other tests: a transaction given up is rolled back when its
/// connection's turn comes, and until then its locks stand.
pub fn patient() -> Options {
    Options { lock_wait: Duration::from_mins(1), ..Options::default() }
}

impl Bed {
    pub async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("store.sqlite").display()),
            Engine::Postgres => postgres::shared().database().await,
        };
        Self { url, folder }
    }

    pub async fn open(&self) -> Db {
        self.open_with(patient()).await
    }

    pub async fn open_with(&self, options: Options) -> Db {
        Db::open(&self.url, options).await.unwrap()
    }

    /// The texts that a query gives, asked of the engine beside the product's own code.
    pub async fn texts(&self, engine: Engine, sql: impl sqlx::SqlSafeStr) -> Vec<String> {
        match engine {
            Engine::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
            Engine::Postgres => {
                let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
        }
    }
}

pub fn village(n: u64) -> VillageCode {
    format!("331102001{n:03}").parse().unwrap()
}

pub fn time(ms: i64) -> Time {
    Time::from_ms(1_790_000_000_000 + ms).unwrap()
}

/// A digest that is different for each pair of numbers.
pub fn digest(kind: u8, n: u64) -> Digest {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Digest(bytes)
}

pub fn founding(n: u64) -> Head {
    Head {
        village: village(n),
        origin: format!("vote.example/log/v/{}", village(n)),
        size: 0,
        frontier: Vec::new(),
        last_time: time(0),
        last_leaf: digest(0, n),
    }
}

pub fn entry(seq: u64, statement: u64) -> StoredEntry {
    StoredEntry {
        seq,
        time: time(i64::try_from(seq).unwrap()),
        leaf: digest(1, seq),
        statement: digest(2, statement),
        bytes: format!("{{\"seq\":{seq},\"of\":{statement}}}").into_bytes(),
    }
}

/// The right edge of an invented tree.
pub fn edge(size: u64) -> Vec<u8> {
    if size == 0 { Vec::new() } else { vec![u8::try_from(size % 256).unwrap(); 32] }
}

/// An append of `statements` to a record of `old_size` entries.
pub fn append(n: u64, old_size: u64, statements: &[u64]) -> VillageAppend {
    let entries: Vec<StoredEntry> = (old_size..).zip(statements).map(|(seq, s)| entry(seq, *s)).collect();
    let last = entries.last().expect("at least one statement");
    VillageAppend {
        old_size,
        old_frontier: edge(old_size),
        head: Head {
            size: last.seq + 1,
            frontier: edge(last.seq + 1),
            last_time: last.time,
            last_leaf: last.leaf,
            ..founding(n)
        },
        entries,
        checkpoint: None,
        vault: Vec::new(),
    }
}

/// Founds villages `0..count`.
pub async fn found(db: &Db, count: u64) {
    db.write("found", |tx| {
        Box::pin(async move {
            for n in 0..count {
                tx.found_village(&founding(n)).await?;
            }
            Ok::<_, sunvote::store::error::StoreError>(())
        })
    })
    .await
    .unwrap();
}
