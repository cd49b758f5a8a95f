//! The two engines hold the same tables, and each table has a class.

use std::collections::BTreeSet;

use sunvote::store::schema::{Class, TABLES};

use crate::bed::{Bed, Engine};

/// Tables, columns with type and nullness, and unique indexes with their columns, as the engine really made them.
pub async fn described(engine: Engine) -> BTreeSet<String> {
    let bed = Bed::new(engine).await;
    bed.open().await.close().await;
    let (columns, uniques) = match engine {
        Engine::Sqlite => (
            "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || (CASE WHEN c.\"notnull\" = 1 OR c.type = 'INTEGER' THEN 'NOT NULL' ELSE '' END)
             FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
            "SELECT m.name || ' unique ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
             FROM sqlite_schema m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.\"unique\" = 1 AND m.name NOT LIKE 'sqlite%'
             UNION SELECT m.name || ' unique ' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER'",
        ),
        Engine::Postgres => (
            "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || ' ' || (CASE is_nullable WHEN 'NO' THEN 'NOT NULL' ELSE '' END)
             FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT t.relname || ' unique ' || string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int2[], a.attnum))
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey)
             WHERE i.indisunique AND n.nspname = current_schema() GROUP BY t.relname, i.indexrelid",
        ),
    };
    let mut all = BTreeSet::new();
    for sql in [columns, uniques] {
        let lines = bed.texts(engine, sql).await;
        // The migrations' own table is the library's. Both spellings of a 64-bit number and of bytes mean the same.
        all.extend(
            lines
                .into_iter()
                .filter(|line| !line.starts_with("_sqlx"))
                .map(|line| line.replace(" INTEGER ", " BIGINT ").replace(" BLOB ", " BYTEA ").trim_end().to_owned()),
        );
    }
    all
}

#[tokio::test]
async fn both_engines_have_equal_tables_columns_and_unique_indexes() {
    let (sqlite, postgres) = (described(Engine::Sqlite).await, described(Engine::Postgres).await);
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), Vec::<&String>::new(), "only SQLite has these");
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), Vec::<&String>::new(), "only PostgreSQL has these");
    assert!(sqlite.contains("entries unique village,statement"), "{sqlite:?}");
}

#[tokio::test]
async fn every_table_has_one_class() {
    let lines = described(Engine::Sqlite).await;
    let made: BTreeSet<&str> = lines.iter().filter_map(|line| line.split_once('.')).map(|(table, _)| table).collect();
    let classed: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(made, classed);
    assert_eq!(classed.len(), TABLES.len(), "no table is listed twice");
}

/// What a sharded database needs: rows that belong to a village are found, and held unique, by it (docs/OPERATIONS.md). An
/// origin ends with its village's code, by the law of foundings; that index is replaced before the table is distributed.
#[tokio::test]
async fn every_unique_key_of_a_villages_rows_holds_the_village() {
    let of_a_village = TABLES.iter().filter(|table| {
        // Sums of larger places are written after everything else of a projection, never with a ballot.
        table.class == Class::Derived && !["district_sums", "figure_sums"].contains(&table.name)
            || ["villages", "entries", "tiles", "checkpoints", "vault", "documents", "half_signed", "half_signed_waits"]
                .contains(&table.name)
    });
    let tables: BTreeSet<&str> = of_a_village.map(|table| table.name).collect();
    let lines = described(Engine::Postgres).await;
    let keys = lines.iter().filter_map(|line| line.split_once(" unique "));
    let keys: Vec<_> = keys.filter(|(table, _)| tables.contains(table)).collect();
    let with: BTreeSet<&str> = keys
        .iter()
        .filter(|(_, columns)| columns.split(',').any(|column| column == "village"))
        .map(|(t, _)| *t)
        .collect();
    assert_eq!(with, tables);
    let without: Vec<_> = keys.iter().filter(|(_, columns)| !columns.split(',').any(|c| c == "village")).collect();
    assert_eq!(without, [&("villages", "origin")]);
}

#[tokio::test]
async fn every_tables_key_is_unique() {
    let lines = described(Engine::Sqlite).await;
    for table in TABLES {
        let unique = format!("{} unique {}", table.name, table.key.join(","));
        assert!(lines.contains(&unique), "{unique}");
    }
}
