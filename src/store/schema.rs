//! Migrations of both engines, and the class of every table.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// What may happen to a table's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The record itself: appended to, never changed.
    Record,
    /// Secrets and work in progress: backed up, never published, never rebuilt.
    Private,
    /// Projected from the record: may be emptied and rebuilt at any time.
    Derived,
    /// Of the moment: who is at work. Neither backed up nor copied nor rebuilt.
    Passing,
}

/// Every table and its class, in an order in which rows can be copied without breaking a foreign key.
pub const TABLES: &[(&str, Class)] = &[
    ("villages", Class::Record),
    ("entries", Class::Record),
    ("tiles", Class::Record),
    ("checkpoints", Class::Record),
    ("districts", Class::Record),
    ("district_leaves", Class::Record),
    ("district_tiles", Class::Record),
    ("district_checkpoints", Class::Record),
    ("cosignatures", Class::Record),
    ("vault", Class::Private),
    ("documents", Class::Private),
    ("half_signed", Class::Private),
    ("half_signed_waits", Class::Private),
    ("drafts", Class::Private),
    ("sessions", Class::Private),
    ("challenges", Class::Private),
    ("enrolments", Class::Private),
    ("access_log", Class::Private),
    ("outbox", Class::Private),
    ("witnessed", Class::Private),
    ("followed_districts", Class::Private),
    ("followed", Class::Private),
    ("alarms", Class::Private),
    ("vouched", Class::Private),
    ("seen", Class::Private),
    ("projection", Class::Derived),
    ("village_state", Class::Derived),
    ("village_summary", Class::Derived),
    ("matters", Class::Derived),
    ("timeline", Class::Derived),
    ("sessions_board", Class::Derived),
    ("notices", Class::Derived),
    ("tasks", Class::Derived),
    ("people", Class::Derived),
    ("search_names", Class::Derived),
    ("keys", Class::Derived),
    ("naming", Class::Derived),
    ("leases", Class::Passing),
    ("agreed", Class::Passing),
];

/// Migrations by version: description, text for `SQLite`, text for `PostgreSQL`. Only ever added to.
const MIGRATIONS: &[(&str, &str, &str)] = &[
    (
        "record",
        include_str!("../../migrations/sqlite/0001_record.sql"),
        include_str!("../../migrations/postgres/0001_record.sql"),
    ),
    (
        "private",
        include_str!("../../migrations/sqlite/0002_private.sql"),
        include_str!("../../migrations/postgres/0002_private.sql"),
    ),
    (
        "derived",
        include_str!("../../migrations/sqlite/0003_derived.sql"),
        include_str!("../../migrations/postgres/0003_derived.sql"),
    ),
    (
        "keys",
        include_str!("../../migrations/sqlite/0004_keys.sql"),
        include_str!("../../migrations/postgres/0004_keys.sql"),
    ),
    (
        "readers",
        include_str!("../../migrations/sqlite/0005_readers.sql"),
        include_str!("../../migrations/postgres/0005_readers.sql"),
    ),
    (
        "voting",
        include_str!("../../migrations/sqlite/0006_voting.sql"),
        include_str!("../../migrations/postgres/0006_voting.sql"),
    ),
    (
        "district",
        include_str!("../../migrations/sqlite/0007_district.sql"),
        include_str!("../../migrations/postgres/0007_district.sql"),
    ),
    (
        "witness",
        include_str!("../../migrations/sqlite/0008_witness.sql"),
        include_str!("../../migrations/postgres/0008_witness.sql"),
    ),
    (
        "seen",
        include_str!("../../migrations/sqlite/0009_seen.sql"),
        include_str!("../../migrations/postgres/0009_seen.sql"),
    ),
    (
        "leases",
        include_str!("../../migrations/sqlite/0010_leases.sql"),
        include_str!("../../migrations/postgres/0010_leases.sql"),
    ),
];

/// The migrations of `SQLite`.
pub(in crate::store) fn sqlite() -> Migrator {
    migrator(|(_, sqlite, _)| sqlite)
}

/// The migrations of `PostgreSQL`.
pub(in crate::store) fn postgres() -> Migrator {
    migrator(|(_, _, postgres)| postgres)
}

fn migrator(pick: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> Migrator {
    let migrations = (1..).zip(MIGRATIONS).map(|(version, migration)| {
        let sql = pick(migration).into_sql_str();
        Migration::new(version, Cow::Borrowed(migration.0), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}
