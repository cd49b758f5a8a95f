//! Databases to copy: logs that are real, and rows in every other table, made from the tables as they are.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use sqlx::Connection as _;
use sunvote::app::tiles;
use sunvote::core::ids::DistrictCode;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::tree::{Frontier, leaf_hash};
use sunvote::store::db::Db;
use sunvote::store::district::{DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf};
use sunvote::store::record::{Head, StoredEntry, VillageAppend};
use sunvote::store::schema::{Class, TABLES, Table};

use crate::bed::{Bed, Engine, digest, founding, time, village};
use crate::schema::described;

/// Entries of villages 0, 1, …: more than a page, none, few, and enough for a full tile.
pub const SIZES: [u64; 4] = [530, 0, 5, 260];
/// Leaves of the district's log.
pub const LEAVES: u64 = 7;
/// Rows of each table that has no log in it.
const ROWS: u64 = 3;

pub fn origin(n: u64) -> String {
    founding(n).origin
}

pub fn district() -> DistrictCode {
    "331102".parse().unwrap()
}

/// Entry `seq` of village `n`; `kind` tells two histories apart.
fn bytes_of(kind: &str, n: u64, seq: u64) -> Vec<u8> {
    format!("{{\"seq\":{seq},\"village\":{n},\"said\":\"{kind}\"}}").into_bytes()
}

/// Brings village `n` from `old` entries to `size`, with a checkpoint for each append of at most 100.
pub async fn grow(db: &Db, kind: &str, n: u64, old: u64, size: u64) {
    let key = SigningKey::from_bytes(&[9; 32]);
    let mut tree = Frontier::default();
    for seq in 0..old {
        tree.append(leaf_hash(&bytes_of(kind, n, seq)));
    }
    while tree.size() < size {
        let (from, old_frontier) = (tree.size(), tree.to_bytes());
        let mut entries = Vec::new();
        for seq in from..size.min(from + 100) {
            let bytes = bytes_of(kind, n, seq);
            let leaf = leaf_hash(&bytes);
            tree.append(leaf);
            let statement = digest(2, seq);
            entries.push(StoredEntry { seq, time: time(i64::try_from(seq).unwrap()), leaf, statement, bytes });
        }
        let last = entries.last().unwrap();
        let head = Head {
            size: tree.size(),
            frontier: tree.to_bytes(),
            last_time: last.time,
            last_leaf: last.leaf,
            ..founding(n)
        };
        let note = Checkpoint::new(&head.origin, tree.size(), tree.root()).sign(&key).to_string();
        let append =
            VillageAppend { old_size: from, old_frontier, head, entries, checkpoint: Some(note.into()), vault: vec![] };
        let append = &[append];
        db.write("append", |tx| Box::pin(tiles::append(tx, append))).await.unwrap();
    }
}

/// Villages with records of these sizes.
pub async fn villages(db: &Db, kind: &str, sizes: &[u64]) {
    crate::bed::found(db, sizes.len() as u64).await;
    for (n, size) in (0..).zip(sizes) {
        grow(db, kind, n, 0, *size).await;
    }
}

/// A district's log of `size` leaves. It is in doubt, as a copy is, so that both can be compared byte for byte.
pub async fn directory(db: &Db, kind: &str, size: u64) {
    let origin = "vote.example/log/d/331102".to_owned();
    let mut tree = Frontier::default();
    let mut leaves = Vec::new();
    for seq in 0..size {
        let bytes = format!("{kind} {seq}").into_bytes();
        let leaf = leaf_hash(&bytes);
        tree.append(leaf);
        let (village, size) = (Some(village(0)), (seq > 0).then_some(seq));
        leaves.push(DistrictLeaf { district: district(), seq, time: time(0), village, size, leaf, bytes });
    }
    let head = DistrictHead { district: district(), origin, size, frontier: tree.to_bytes(), restored: true };
    let note = Checkpoint::new(&head.origin, size, tree.root()).sign(&SigningKey::from_bytes(&[8; 32]));
    let checkpoint = DistrictCheckpoint {
        district: district(),
        size,
        time: time(0),
        note: note.to_string().into(),
        witnessed: None,
    };
    let tiles = vec![sunvote::store::record::Tile { level: 1, n: 0, hashes: vec![2; 32] }];
    let append = DistrictAppend { old_size: 0, head: head.clone(), leaves, tiles, checkpoint };
    let empty = DistrictHead { size: 0, frontier: Vec::new(), ..head };
    db.write("directory", |tx| {
        let (append, empty) = (append.clone(), empty.clone());
        Box::pin(async move {
            tx.begin_district(&empty).await?;
            tx.append_district(&append).await
        })
    })
    .await
    .unwrap();
}

/// Logs, and rows in every other table: those of a new table too.
pub async fn filled(bed: &Bed, engine: Engine) -> Db {
    filled_with(bed, engine, |_| true).await
}

/// The same with rows in some of the other tables.
pub async fn filled_with(bed: &Bed, engine: Engine, wanted: impl Fn(&Table) -> bool) -> Db {
    let db = bed.open().await;
    villages(&db, "here", &SIZES).await;
    directory(&db, "here", LEAVES).await;
    let columns = columns().await;
    for table in TABLES {
        let logs = table.class == Class::Record && table.name != "cosignatures";
        if !logs && table.name != "copying" && wanted(table) {
            let rows = (1..=ROWS).map(|n| insert(engine, table, &columns[table.name], n));
            run(bed, engine, &rows.collect::<Vec<_>>()).await;
        }
    }
    db
}

/// A column's name, its type, and whether it may be NULL.
pub type Column = (String, String, bool);

/// Columns of every table, which both engines have equal.
async fn columns() -> &'static BTreeMap<String, Vec<Column>> {
    static COLUMNS: tokio::sync::OnceCell<BTreeMap<String, Vec<Column>>> = tokio::sync::OnceCell::const_new();
    COLUMNS
        .get_or_init(async || {
            let mut all: BTreeMap<String, Vec<Column>> = BTreeMap::new();
            for line in described(Engine::Sqlite).await {
                let mut words = line.splitn(3, ' ');
                let (place, kind, must) = (words.next().unwrap(), words.next().unwrap(), words.next());
                let Some((table, column)) = place.split_once('.') else { continue };
                all.entry(table.to_owned()).or_default().push((column.to_owned(), kind.to_owned(), must.is_none()));
            }
            all
        })
        .await
}

/// A statement that inserts row `n`, with values made from the columns' names and types.
fn insert(engine: Engine, table: &Table, columns: &[Column], n: u64) -> String {
    let value = |(name, kind, empty): &Column| {
        let bytes = || hex::encode(format!("{name} {n}"));
        match (kind.as_str(), name.as_str()) {
            _ if *empty && n == 2 => "NULL".to_owned(),
            ("BIGINT", _) => format!("{}", n % 2),
            ("TEXT", "village") => format!("'{}'", village(n)),
            ("TEXT", "district") => format!("'33110{n}'"),
            ("TEXT", _) => format!("'{name} 第{n}'"),
            ("BYTEA", _) if engine == Engine::Sqlite => format!("x'{}'", bytes()),
            ("BYTEA", _) => format!("'\\x{}'", bytes()),
            (other, _) => panic!("{}.{name} is of type {other}", table.name),
        }
    };
    let names: Vec<&str> = columns.iter().map(|(name, ..)| name.as_str()).collect();
    let values: Vec<String> = columns.iter().map(value).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", "))
}

/// Runs statements past the store.
pub async fn run(bed: &Bed, engine: Engine, statements: &[String]) {
    let text = sqlx::AssertSqlSafe(statements.join("; "));
    match engine {
        Engine::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&bed.url).await.unwrap();
            sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&bed.url).await.unwrap();
            sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
        }
    }
}

/// Every row of the tables of some classes, each cell as text, in a fixed order: equal on both engines if the rows are.
pub async fn rows(bed: &Bed, engine: Engine, classes: &[Class]) -> BTreeMap<&'static str, BTreeSet<String>> {
    let columns = columns().await;
    let mut all = BTreeMap::new();
    for table in TABLES.iter().filter(|table| classes.contains(&table.class)) {
        let cell = |(name, kind, _): &Column| {
            let text = match (kind.as_str(), engine) {
                ("BYTEA", Engine::Sqlite) => format!("lower(hex({name}))"),
                ("BYTEA", Engine::Postgres) => format!("encode({name}, 'hex')"),
                _ => format!("CAST({name} AS TEXT)"),
            };
            format!("CASE WHEN {name} IS NULL THEN 'NULL' ELSE '{name}=' || {text} END")
        };
        let cells: Vec<String> = columns[table.name].iter().map(cell).collect();
        let sql = sqlx::AssertSqlSafe(format!("SELECT {} FROM {}", cells.join(" || ' ' || "), table.name));
        let lines = bed.texts(engine, sql).await;
        let count = lines.len();
        let lines: BTreeSet<String> = lines.into_iter().collect();
        assert_eq!(lines.len(), count, "{}: rows differ by their keys", table.name);
        all.insert(table.name, lines);
    }
    all
}

/// All that lasts.
pub async fn lasting(bed: &Bed, engine: Engine) -> BTreeMap<&'static str, BTreeSet<String>> {
    rows(bed, engine, &[Class::Record, Class::Private]).await
}

/// Opens a database as a copy does.
pub async fn alone(bed: &Bed) -> Db {
    bed.open_with(sunvote::store::db::Options { how: sunvote::store::presence::Use::Alone, ..crate::bed::patient() })
        .await
}

/// Copies as the command does, but for derived tables.
pub async fn copied(from: &Db, to: &Db) -> Result<sunvote::store::copy::Whole, sunvote::store::copy::CopyError> {
    let whole = from.copy_to(to, &mut |_| {}).await?;
    if !whole.before {
        to.begin_projecting().await?;
        to.end_copy().await?;
    }
    Ok(whole)
}
