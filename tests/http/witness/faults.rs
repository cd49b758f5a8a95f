//! Every step of a witness's writes fails once, written or not: what is answered was kept, and the rest is made good later.

use rstest::rstest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::Note;
use sunvote::log::scribe::people::Term;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{self, Verdict};
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};

use super::desk;
use super::forger::{Forger, entries, founded, public, roots};
use super::rig::Rig;

fn failing(step: u64, fault: Fault) -> Options {
    Options { faults: FaultPlan::at(step, fault), ..Options::default() }
}

#[rstest]
#[tokio::test]
async fn a_cosignature_that_was_answered_is_on_disk(#[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault) {
    for step in 1..=4 {
        let mut rig = desk::rig(failing(step, fault)).await;
        let body = format!("old 0\n\n{}", super::forger::signed(super::forger::DISTRICT, &[vec![1]], &desk::log_key()));
        let answered = rig.witness.desk().ask(body.as_bytes()).await.is_ok();
        rig.reopen(Options::default()).await;
        let read = rig.witness.db().read("witnessed", |tx| Box::pin(tx.witnessed(super::forger::DISTRICT))).await;
        let kept = read.map_err(|error: StoreError| error).unwrap();
        assert!(kept.is_some() || !answered, "step {step}: answered, and not kept");
        // The log asks again, from what the witness says is on record.
        let old = kept.map_or(0, |row| row.size);
        let body = body.replace("old 0", &format!("old {old}"));
        rig.witness.desk().ask(body.as_bytes()).await.unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
}

#[rstest]
#[tokio::test]
async fn a_reading_that_failed_at_any_step_ends_in_a_copy_that_verifies(
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
) {
    let mut scribe = founded("331102001206");
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let counting = FaultPlan::default();
    let rig = Rig::of(&forger, scribe.now()).await;
    drop(rig);
    let settings = super::rig::settings(&forger.base, &forger.verifier().to_string(), "");
    let rig =
        Rig::with(settings.clone(), scribe.now(), Options { faults: counting.clone(), ..Options::default() }).await;
    rig.round().await;
    let steps = counting.steps();
    assert!(steps > 10, "{steps}");
    for step in 1..=steps {
        let mut rig = Rig::with(settings.clone(), scribe.now(), failing(step, fault)).await;
        let _ = rig.witness.round(&|_| {}).await;
        rig.reopen(Options::default()).await;
        rig.round().await;
        assert_eq!(rig.alarms().await, [], "step {step}");
        let village = scribe.state().village;
        let (head, copied, row) = rig
            .witness
            .db()
            .read("copy", |tx| {
                Box::pin(async move {
                    let head = tx.head(village).await?.expect("a copy");
                    let copied = tx.entries(village, 0, 256).await?;
                    Ok::<_, StoreError>((head, copied, tx.followed(village).await?.expect("followed")))
                })
            })
            .await
            .unwrap();
        assert_eq!((row.lawful, row.pushed), (head.size, head.size), "step {step}");
        let shown = rig.witness.db().read("witnessed", |tx| Box::pin(tx.witnessed(&scribe.state().origin))).await;
        let shown = shown.map_err(|error: StoreError| error).unwrap().expect("cosigned");
        let note = Note::parse(&shown.note).unwrap();
        assert_eq!(Checkpoint::parse(&note.text).unwrap().size, head.size);
        let mut writer = sunvote::log::record::RecordWriter::new(Vec::new()).unwrap();
        for entry in copied {
            writer.entry(&entry.bytes).unwrap();
        }
        let file = writer.finish(&note).unwrap();
        let mut law = Law::new(Some(roots().iter().map(public).collect()));
        let report = verify::verify(file.as_slice(), &mut law, &verify::Options::default(), |_| {});
        assert_eq!(report.verdict(), Verdict::Lawful, "step {step}: {:?}", report.findings);
    }
}
