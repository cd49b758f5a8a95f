//! `sunvote bench verify`: the records that a load test left, by full verification, and every acknowledged ballot in them.

use std::io::{BufReader, Read, Seek as _, SeekFrom, Write as _};

use clap::Args;
use futures_util::TryStreamExt as _;
use indicatif::ProgressBar;
use serde_json::json;

use crate::app::App;
use crate::cli::Failure;
use crate::cli::bench::Folder;
use crate::cli::bench::plan::{Plan, Village};
use crate::cli::bench::prepare::config_path;
use crate::cli::bench::receipts;
use crate::cli::opened::{hold, open, runtime};
use crate::cli::output::say;
use crate::config::Config;
use crate::core::ids::Digest;
use crate::log::entry::leaf_hash;
use crate::log::record::RecordReader;
use crate::log::verify::law::Law;
use crate::log::verify::{Options, Verdict, verify};

/// Verify the records afterwards, and that every ballot that was acknowledged is in them.
#[derive(Debug, Args)]
#[command(after_help = "Reads the database itself: no server may run on it.

Examples:
  sunvote bench verify
  sunvote bench verify --folder peak --json

Exit code: 0 if every record is lawful and holds every acknowledged ballot, else 1.")]
pub(in crate::cli::bench) struct Verify {
    #[command(flatten)]
    folder: Folder,
}

#[derive(Default)]
struct Sums {
    lawful: usize,
    entries: u64,
    acknowledged: usize,
    missing: usize,
    faults: Vec<String>,
}

impl Verify {
    /// Verifies; `false` if anything is amiss.
    pub(in crate::cli::bench) fn run(self) -> Result<bool, Failure> {
        let folder = &self.folder.folder;
        let plan = Plan::load(folder)?;
        let config = Config::load(&config_path(folder), std::iter::empty())?;
        let _alone = hold(&config)?;
        let mut kept = receipts::kept(folder)?;
        let mut sums = Sums::default();
        let bar = if self.folder.json { ProgressBar::hidden() } else { ProgressBar::new(plan.villages.len() as u64) };
        runtime()?.block_on(async {
            let app = open(&config).await?;
            for village in &plan.villages {
                let acknowledged = kept.remove(&village.code).unwrap_or_default();
                judge(&app, &plan, village, &acknowledged, folder, &mut sums).await?;
                bar.inc(1);
            }
            app.stop().await;
            Ok::<_, Failure>(())
        })?;
        bar.finish_and_clear();
        // What is acknowledged in villages that are not the plan's is nowhere.
        sums.missing += kept.values().map(Vec::len).sum::<usize>();
        say(&sums.told(plan.villages.len(), self.folder.json))?;
        Ok(sums.lawful == plan.villages.len() && sums.missing == 0)
    }
}

impl Sums {
    fn told(&self, villages: usize, as_json: bool) -> String {
        let Self { lawful, entries, acknowledged, missing, faults } = self;
        if as_json {
            let all = json!({
                "villages": villages, "lawful": lawful, "entries": entries, "acknowledged": acknowledged,
                "missing": missing, "faults": faults,
            });
            return format!("{all}\n");
        }
        let mut text = format!("records     {lawful} of {villages} complete and lawful, {entries} entries\n");
        text.push_str(&format!("ballots     {acknowledged} acknowledged are on record, {missing} are not\n"));
        for fault in faults {
            text.push_str(&format!("fault       {fault}\n"));
        }
        text
    }
}

/// Most faults that are named.
const NAMED: usize = 20;

async fn judge(
    app: &App,
    plan: &Plan,
    village: &Village,
    acknowledged: &[(u64, Digest)],
    folder: &std::path::Path,
    sums: &mut Sums,
) -> Result<(), Failure> {
    let path = folder.join("record.part");
    let mut file = std::fs::File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
    let mut pieces = app.export(village.code).await?;
    while let Some(piece) = pieces.try_next().await? {
        file.write_all(&piece)?;
    }
    file.seek(SeekFrom::Start(0))?;
    let mut law = Law::new(Some(plan.roots.clone()));
    let report = verify(BufReader::new(file.try_clone()?), &mut law, &Options::default(), |_| {});
    sums.entries += report.entries;
    match report.verdict() {
        Verdict::Lawful => sums.lawful += 1,
        verdict if sums.faults.len() < NAMED => sums.faults.push(format!("{}: {verdict:?}", village.code)),
        _ => {}
    }
    file.seek(SeekFrom::Start(0))?;
    let leaves = leaves(file)?;
    let on_record =
        |(seq, leaf): &&(u64, Digest)| usize::try_from(*seq).ok().and_then(|seq| leaves.get(seq)) == Some(leaf);
    let found = acknowledged.iter().filter(on_record).count();
    sums.acknowledged += found;
    sums.missing += acknowledged.len() - found;
    Ok(std::fs::remove_file(&path)?)
}

/// The leaf hashes of a record, in order.
fn leaves(input: impl Read) -> Result<Vec<Digest>, Failure> {
    let mut reader = RecordReader::new(BufReader::new(input))?;
    let (mut leaves, mut line) = (Vec::new(), Vec::new());
    while let Some(length) = reader.entry(&mut line)? {
        leaves.push(leaf_hash(&line[line.len() - length..]));
        line.clear();
    }
    Ok(leaves)
}
