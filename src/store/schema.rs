//! Migrations of both engines, and the class of every table.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// What may happen to a table's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The record itself: appended to, never changed.
    Record,
    /// Secrets and work in progress: backed up and copied, never published, never rebuilt.
    Private,
    /// Of this database and hour only, such as log-ins and who is at work: neither backed up nor copied.
    Passing,
    /// Projected from the record: may be emptied and rebuilt at any time.
    Derived,
}

/// A table, what may happen to its rows, and the columns of its primary key.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What may happen to its rows.
    pub class: Class,
    /// Its primary key, in order.
    pub key: &'static [&'static str],
}

impl Table {
    /// Whether its rows are found nowhere else and have to outlive this database.
    #[must_use]
    pub fn lasts(&self) -> bool {
        matches!(self.class, Class::Record | Class::Private)
    }
}

const fn record(name: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, class: Class::Record, key }
}

const fn private(name: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, class: Class::Private, key }
}

const fn passing(name: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, class: Class::Passing, key }
}

const fn derived(name: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, class: Class::Derived, key }
}

/// Every table, in an order in which rows can be copied without breaking a foreign key. A test holds it against what the
/// migrations made, so a new table must be given a class.
pub const TABLES: &[Table] = &[
    record("villages", &["village"]),
    record("entries", &["village", "seq"]),
    record("tiles", &["village", "level", "n"]),
    record("checkpoints", &["village", "size"]),
    record("districts", &["district"]),
    record("district_leaves", &["district", "seq"]),
    record("district_tiles", &["district", "level", "n"]),
    record("district_checkpoints", &["district", "size"]),
    record("cosignatures", &["origin", "size", "key"]),
    private("vault", &["kind", "village", "name"]),
    private("documents", &["village", "commitment"]),
    private("picture_looks", &["village", "commitment"]),
    private("half_signed", &["village", "statement"]),
    private("half_signed_waits", &["village", "statement", "person"]),
    private("drafts", &["draft"]),
    passing("sessions", &["token_hash"]),
    passing("challenges", &["challenge"]),
    private("enrolments", &["enrolment"]),
    private("access_log", &["id"]),
    private("outbox", &["channel", "destination", "village", "seq"]),
    private("outbox_marks", &["village"]),
    private("witnessed", &["origin"]),
    private("followed_districts", &["district"]),
    private("followed", &["village"]),
    private("alarms", &["alarm"]),
    private("vouched", &["village", "statement"]),
    private("seen", &["origin", "size", "root"]),
    private("places", &["code"]),
    private("cards", &["village", "card"]),
    private("paper_counts", &["village", "session", "matter", "question", "round", "person", "nth"]),
    passing("pairings", &["code"]),
    passing("provider_asks", &["ask"]),
    passing("offered_accounts", &["token_hash"]),
    private("identities", &["account"]),
    private("identity_checks", &["village", "person", "public_key"]),
    private("door_notes", &["village", "session", "kind", "about", "person"]),
    private("service_notes", &["village", "session", "batch", "person"]),
    private("key_tests", &["village", "session", "public_key"]),
    private("duties", &["village", "session", "duty"]),
    private("warning_notes", &["village", "warning", "noted", "person"]),
    private("contacts", &["contact"]),
    private("wishes", &["public_key"]),
    private("told_tasks", &["village", "task"]),
    private("households", &["village", "household"]),
    private("household_talks", &["village", "matter", "round", "what", "household"]),
    passing("picture_turns", &["district"]),
    passing("leases", &["name"]),
    passing("agreed", &["name"]),
    passing("copying", &["copy"]),
    derived("projection", &["village"]),
    derived("village_state", &["village"]),
    derived("village_summary", &["village"]),
    derived("district_sums", &["district"]),
    derived("matters", &["village", "matter"]),
    derived("timeline", &["village", "seq"]),
    derived("sessions_board", &["village", "session"]),
    derived("notices", &["village", "seq"]),
    derived("tasks", &["village", "task"]),
    derived("people", &["village", "person", "role", "since_seq"]),
    derived("search_names", &["ending", "village"]),
    derived("keys", &["village", "public_key"]),
    derived("naming", &["village", "commitment"]),
    derived("pictures", &["village", "matter", "document"]),
    derived("pictures_again", &["village", "matter"]),
    derived("warnings", &["village", "warning"]),
    derived("steps", &["village", "seq"]),
    derived("talks", &["village", "matter"]),
    derived("matter_steps", &["village", "matter", "seq"]),
    derived("figures", &["village", "matter", "seq", "measure", "code"]),
    derived("figure_sums", &["span", "period", "place", "measure", "code", "category", "body", "days"]),
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
    (
        "copying",
        include_str!("../../migrations/sqlite/0011_copying.sql"),
        include_str!("../../migrations/postgres/0011_copying.sql"),
    ),
    (
        "places",
        include_str!("../../migrations/sqlite/0012_places.sql"),
        include_str!("../../migrations/postgres/0012_places.sql"),
    ),
    (
        "cards",
        include_str!("../../migrations/sqlite/0013_cards.sql"),
        include_str!("../../migrations/postgres/0013_cards.sql"),
    ),
    (
        "pairings",
        include_str!("../../migrations/sqlite/0014_pairings.sql"),
        include_str!("../../migrations/postgres/0014_pairings.sql"),
    ),
    (
        "door",
        include_str!("../../migrations/sqlite/0015_door.sql"),
        include_str!("../../migrations/postgres/0015_door.sql"),
    ),
    (
        "count",
        include_str!("../../migrations/sqlite/0016_count.sql"),
        include_str!("../../migrations/postgres/0016_count.sql"),
    ),
    (
        "service",
        include_str!("../../migrations/sqlite/0017_service.sql"),
        include_str!("../../migrations/postgres/0017_service.sql"),
    ),
    (
        "warnings",
        include_str!("../../migrations/sqlite/0018_warnings.sql"),
        include_str!("../../migrations/postgres/0018_warnings.sql"),
    ),
    (
        "warning_notes",
        include_str!("../../migrations/sqlite/0019_warning_notes.sql"),
        include_str!("../../migrations/postgres/0019_warning_notes.sql"),
    ),
    (
        "publicity",
        include_str!("../../migrations/sqlite/0020_publicity.sql"),
        include_str!("../../migrations/postgres/0020_publicity.sql"),
    ),
    (
        "figures",
        include_str!("../../migrations/sqlite/0021_figures.sql"),
        include_str!("../../migrations/postgres/0021_figures.sql"),
    ),
    (
        "reach",
        include_str!("../../migrations/sqlite/0022_reach.sql"),
        include_str!("../../migrations/postgres/0022_reach.sql"),
    ),
    (
        "identities",
        include_str!("../../migrations/sqlite/0023_identities.sql"),
        include_str!("../../migrations/postgres/0023_identities.sql"),
    ),
    (
        "talk",
        include_str!("../../migrations/sqlite/0024_talk.sql"),
        include_str!("../../migrations/postgres/0024_talk.sql"),
    ),
    (
        "paired",
        include_str!("../../migrations/sqlite/0025_paired.sql"),
        include_str!("../../migrations/postgres/0025_paired.sql"),
    ),
    (
        "alike",
        include_str!("../../migrations/sqlite/0026_alike.sql"),
        include_str!("../../migrations/postgres/0026_alike.sql"),
    ),
    (
        "households",
        include_str!("../../migrations/sqlite/0027_households.sql"),
        include_str!("../../migrations/postgres/0027_households.sql"),
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
