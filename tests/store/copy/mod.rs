//! Copying into another database: there and back every row is the same, whatever interrupts it, and nothing is copied over
//! what is not a beginning of it.

mod refused;
mod sample;

use rstest::rstest;
use sunvote::store::copy::{CHECK, CopyError, Whole};
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};
use sunvote::store::schema::{Class, TABLES, Table};

use crate::bed::{Bed, Engine, patient, village};
use crate::copy::sample::{LEAVES, SIZES, alone, copied, filled, filled_with, grow, lasting, rows, run};

#[rstest]
#[tokio::test]
async fn there_and_back_every_row_that_lasts_is_the_same(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Engine::Sqlite, Engine::Postgres)] other: Engine,
) {
    let (here, there, back) = (Bed::new(engine).await, Bed::new(other).await, Bed::new(engine).await);
    filled(&here, engine).await.close().await;
    let before = lasting(&here, engine).await;
    for table in TABLES.iter().filter(|table| table.lasts()) {
        assert!(!before[table.name].is_empty(), "{} is copied, so the sample has a row of it", table.name);
    }
    let (from, to) = (alone(&here).await, alone(&there).await);
    let mut steps = Vec::new();
    let whole = from
        .copy_to(&to, &mut |progress| {
            if progress.done {
                steps.push((progress.step, progress.rows));
            }
        })
        .await;
    let entries = SIZES.iter().sum();
    let expected = Whole { villages: 4, entries, districts: 1, leaves: LEAVES, before: false };
    assert_eq!(whole.unwrap(), expected);
    let names: Vec<&str> = TABLES.iter().filter(|table| table.lasts()).map(|table| table.name).chain([CHECK]).collect();
    assert_eq!(steps.iter().map(|(step, _)| *step).collect::<Vec<_>>(), names);
    for (step, rows) in steps.iter().filter(|(step, _)| *step != CHECK) {
        assert_eq!(before[step].len() as u64, *rows, "{step}");
    }
    assert!(to.unfinished_copy().await.unwrap(), "derived tables are still to be made");
    to.begin_projecting().await.unwrap();
    to.end_copy().await.unwrap();
    assert!(!to.unfinished_copy().await.unwrap());
    assert_eq!(lasting(&there, other).await, before);
    let none = rows(&there, other, &[Class::Passing, Class::Derived]).await;
    assert!(
        none.values().all(std::collections::BTreeSet::is_empty),
        "log-ins and derived tables are not copied: {none:?}"
    );

    let home = alone(&back).await;
    assert_eq!(copied(&to, &home).await.unwrap(), expected);
    assert_eq!(lasting(&back, engine).await, before);
    assert_eq!(lasting(&here, engine).await, before, "nothing is written into a source");
    // Begun again after its end: nothing is done.
    assert_eq!(copied(&to, &home).await.unwrap(), Whole { before: true, ..expected });
    assert!(!home.unfinished_copy().await.unwrap());
}

/// Takes every row away.
pub async fn empty(bed: &Bed, engine: Engine) {
    let emptied: Vec<String> = TABLES.iter().rev().map(|table| format!("DELETE FROM {}", table.name)).collect();
    run(bed, engine, &emptied).await;
}

#[rstest]
#[tokio::test]
async fn interrupted_at_any_step_a_copy_goes_on_and_ends_the_same(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
) {
    let source = Bed::new(Engine::Sqlite).await;
    // All tables go the same way: a few, with one that hangs on another, show every step of it.
    let some = |table: &Table| ["vault", "half_signed", "half_signed_waits"].contains(&table.name);
    let from = filled_with(&source, Engine::Sqlite, some).await;
    let before = lasting(&source, Engine::Sqlite).await;
    let counting = FaultPlan::default();
    let first = Bed::new(engine).await;
    let to = first.open_with(Options { faults: counting.clone(), ..patient() }).await;
    copied(&from, &to).await.unwrap();
    let steps = counting.steps();
    to.close().await;
    let target = Bed::new(engine).await;
    target.open().await.close().await;
    for step in 1..=steps {
        empty(&target, engine).await;
        let to = target.open_with(Options { faults: FaultPlan::at(step, fault), ..patient() }).await;
        let error = copied(&from, &to).await.unwrap_err();
        assert!(matches!(error, CopyError::Store(StoreError::Unavailable { .. })), "step {step}: {error:?}");
        to.close().await;
        let to = target.open().await;
        copied(&from, &to).await.unwrap();
        assert_eq!(lasting(&target, engine).await, before, "step {step} of {steps}");
        assert!(!to.unfinished_copy().await.unwrap());
        to.close().await;
    }
    println!("{steps} steps, each failed once: {steps} copies went on");
    assert!(steps > 40, "{steps}: a statement and a commit for each page of each table, and emptying the derived ones");
}

#[rstest]
#[tokio::test]
async fn a_copy_goes_on_with_a_source_that_went_on(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (source, target) = (Bed::new(Engine::Sqlite).await, Bed::new(engine).await);
    let from = filled(&source, Engine::Sqlite).await;
    // Interrupted amid the entries, and again when it had all of them.
    for step in [8, 40] {
        let to = target.open_with(Options { faults: FaultPlan::at(step, Fault::NotWritten), ..patient() }).await;
        copied(&from, &to).await.unwrap_err();
        to.close().await;
        let old = if step == 8 { SIZES } else { [531, 2, 5, 700] };
        let new = if step == 8 { [531, 2, 5, 700] } else { [531, 2, 6, 701] };
        for (n, (old, new)) in (0..).zip(old.into_iter().zip(new)) {
            grow(&from, "here", n, old, new).await;
        }
        let later = [
            format!("DELETE FROM half_signed WHERE village = '{}'", village(step / 8)),
            format!("UPDATE vault SET ciphertext = x'0{}' WHERE village = '{}'", step / 8, village(1)),
            format!("INSERT INTO drafts VALUES ('0 {step}', '{}', 'p', 'k', 'b', 1)", village(1)),
        ];
        run(&source, Engine::Sqlite, &later).await;
    }
    let to = target.open().await;
    copied(&from, &to).await.unwrap();
    assert_eq!(lasting(&target, engine).await, lasting(&source, Engine::Sqlite).await);
}

/// Whether derived tables have rows.
async fn derived(bed: &Bed, engine: Engine) -> bool {
    rows(bed, engine, &[Class::Derived]).await.values().any(|rows| !rows.is_empty())
}

#[rstest]
#[tokio::test]
async fn derived_tables_are_made_from_what_was_copied_last(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (source, target) = (Bed::new(Engine::Sqlite).await, Bed::new(engine).await);
    let (from, to) = (filled(&source, Engine::Sqlite).await, target.open().await);
    let stale = [format!("INSERT INTO search_names VALUES ('name', '{}')", village(0))];
    from.copy_to(&to, &mut |_| {}).await.unwrap();
    run(&target, engine, &stale).await;
    to.begin_projecting().await.unwrap();
    assert!(!derived(&target, engine).await, "emptied, to be made anew");
    run(&target, engine, &stale).await;
    // Interrupted while they were made, and nothing has changed: what is made stays.
    from.copy_to(&to, &mut |_| {}).await.unwrap();
    to.begin_projecting().await.unwrap();
    assert!(derived(&target, engine).await);
    // A name in the vault has changed.
    run(&source, Engine::Sqlite, &["UPDATE vault SET ciphertext = x'00'".to_owned()]).await;
    from.copy_to(&to, &mut |_| {}).await.unwrap();
    to.begin_projecting().await.unwrap();
    assert!(!derived(&target, engine).await);
    to.end_copy().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_copied_district_asks_its_witnesses_before_it_signs(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (source, target) = (Bed::new(Engine::Sqlite).await, Bed::new(engine).await);
    let from = filled(&source, Engine::Sqlite).await;
    run(&source, Engine::Sqlite, &["UPDATE districts SET restored = 0".to_owned()]).await;
    let to = target.open().await;
    copied(&from, &to).await.unwrap();
    let heads = |db: Db| async move { db.read("districts", |tx| Box::pin(tx.districts())).await.unwrap() };
    assert!(heads(to.clone()).await.iter().all(|head| head.restored));
    assert!(heads(from.clone()).await.iter().all(|head| !head.restored));
    assert!(copied(&from, &to).await.unwrap().before, "the same record all the same");
    assert!(to.is_witness().await.unwrap(), "the sample follows a district too");
    assert!(!Bed::new(engine).await.open().await.is_witness().await.unwrap());
}
