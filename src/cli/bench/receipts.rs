//! Receipts after a run: each is judged as its voter would, and what they say is on record is written down for
//! `sunvote bench verify`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::bench::drive::Outcome;
use crate::cli::bench::plan::{Plan, Village};
use crate::core::ids::{Digest, VillageCode};
use crate::log::policy::Policy;
use crate::log::receipt::Known;

/// What was acknowledged, a line each: village, index, leaf hash.
const FILE: &str = "acknowledged.csv";

/// An acknowledged ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli::bench) struct Acknowledged {
    /// Its village.
    pub village: VillageCode,
    /// Index of its entry.
    pub seq: u64,
    /// Leaf hash of its entry.
    pub leaf: Digest,
}

/// The server's answer to a ballot; what else it has is passed over.
#[derive(Deserialize)]
struct Taken {
    seq: u64,
    leaf: Digest,
    receipt: String,
}

/// What the receipts amount to.
#[derive(Debug)]
pub(in crate::cli::bench) struct Checked {
    /// Those that hold.
    pub good: Vec<Acknowledged>,
    /// Why the others don't, with how many.
    pub faults: BTreeMap<String, usize>,
}

/// Judges every receipt by its village's key, on all processors: the entry's bytes lead to the signed checkpoint, its
/// signatures are good, and it is the ballot that was sent. `sent` gives village and statement of the request at an index.
pub(in crate::cli::bench) fn check(
    plan: &Plan,
    outcomes: &[Outcome],
    sent: impl Fn(usize) -> (usize, Digest) + Sync,
) -> Result<Checked, Failure> {
    let known = plan.villages.iter().map(|village| known(plan, village)).collect::<Result<Vec<_>, _>>()?;
    let taken = outcomes.par_iter().filter_map(|outcome| {
        let answer = outcome.answer.as_ref().ok().filter(|answer| answer.status == 201)?;
        let (village, statement) = sent(outcome.index);
        let (known, planned) = known.get(village).zip(plan.villages.get(village))?;
        Some(judge(known, planned.code, statement, &answer.body))
    });
    let (good, bad): (Vec<_>, Vec<_>) = taken.partition_map(|judged| match judged {
        Ok(acknowledged) => rayon::iter::Either::Left(acknowledged),
        Err(fault) => rayon::iter::Either::Right(fault),
    });
    let mut faults = BTreeMap::new();
    for fault in bad {
        *faults.entry(fault).or_default() += 1;
    }
    Ok(Checked { good, faults })
}

/// What a voter of the village knows: its log's key. No witness is asked.
fn known(plan: &Plan, village: &Village) -> Result<Known, Failure> {
    let policy = Policy::parse(b"quorum none\n")?;
    Ok(Known { village: plan.verifier(village)?, district: None, policy, statement: None })
}

fn judge(known: &Known, village: VillageCode, statement: Digest, body: &[u8]) -> Result<Acknowledged, String> {
    let taken: Taken = serde_json::from_slice(body).map_err(|_| "no-receipt".to_owned())?;
    let receipt = known.judge(taken.receipt.as_bytes(), None).map_err(|fault| fault.code().to_owned())?;
    if receipt.entry.statement.id() != statement {
        return Err("not-mine".to_owned());
    }
    if (receipt.entry.seq, receipt.leaf) != (taken.seq, taken.leaf) {
        return Err("says-another-place".to_owned());
    }
    Ok(Acknowledged { village, seq: taken.seq, leaf: taken.leaf })
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Writes down what was acknowledged, after what earlier runs did.
pub(in crate::cli::bench) fn keep(folder: &Path, all: &[Acknowledged]) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::options().create(true).append(true).open(path(folder))?);
    for Acknowledged { village, seq, leaf } in all {
        writeln!(out, "{village},{seq},{leaf}")?;
    }
    Ok(out.flush()?)
}

/// What all runs acknowledged, by village: index and leaf hash.
pub(in crate::cli::bench) fn kept(folder: &Path) -> Result<BTreeMap<VillageCode, Vec<(u64, Digest)>>, Failure> {
    let mut all: BTreeMap<VillageCode, Vec<(u64, Digest)>> = BTreeMap::new();
    let file = match File::open(path(folder)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(all),
        Err(error) => return Err(error.into()),
    };
    for line in BufReader::new(file).lines() {
        let line = line?;
        let mut parts = line.split(',');
        let mut next = || parts.next().ok_or_else(|| format!("{FILE}: a line without three values"));
        let (village, seq, leaf): (VillageCode, u64, Digest) = (next()?.parse()?, next()?.parse()?, next()?.parse()?);
        all.entry(village).or_default().push((seq, leaf));
    }
    Ok(all)
}
