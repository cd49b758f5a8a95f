//! Verification of a whole record from its export file, streaming and in bounded memory.
//!
//! The caller's thread reads, and judges what needs order (places, times, hash chain, tree, the law). What each entry shows
//! by itself (spelling, leaf hash, I-JSON, signatures) is looked at in batches on all cores, a few batches ahead: no core
//! waits for another. Nothing ends the run but an unreadable file: each fault is a finding, and the entries after it are still
//! judged.

mod chain;
pub mod law;
pub mod papers;
pub(in crate::log) mod prepare;

use std::collections::{BTreeMap, VecDeque};
use std::io::BufRead;
use std::sync::mpsc::{self, Receiver};

use rayon::Scope;

use crate::core::ids::{Digest, PublicKey};
use crate::core::state::Position;
use crate::log::checkpoint::Checkpoint;
use crate::log::record::{RecordError, RecordReader};
use crate::log::verify::chain::Chain;
use crate::log::verify::prepare::{BATCH, Preparer, Room};

/// Bytes after which no more entries join a batch.
const BATCH_BYTES: usize = 4 << 20;
/// Batches read ahead of the one that is judged, beside those that the cores are at.
const AHEAD: usize = 2;

/// How a finding weighs, in the words of PROTOCOL section 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Lawful, but worth showing.
    Remark,
    /// Made under rules that this program doesn't know: from there on the law could not be checked.
    Unknown,
    /// A step is missing, late or not lawful.
    Procedure,
    /// The record begins with roots that the reader did not name: what it says was not judged.
    OtherRoots,
    /// The record was altered.
    Altered,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entry, counted from 0 by its place in the file; `None` if it concerns the whole record.
    pub seq: Option<u64>,
    /// The rule, as a stable code.
    pub rule: &'static str,
    /// What the rule expects.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// How it weighs.
    pub class: Class,
}

/// The verdict on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Complete and lawful (记录完整).
    Lawful,
    /// A step is missing or late (程序有缺).
    Procedure,
    /// Founded by roots that the reader did not name (根密钥不符): a key was mistyped or left out, or it is not the record of
    /// the reader's district.
    OtherRoots,
    /// The record was altered (记录被改动).
    Altered,
    /// The file can't be read, or was made under newer rules.
    CouldNotCheck,
}

/// What a judge refuses an entry for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule, as a stable code.
    pub rule: &'static str,
    /// What the rule expects.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// How it weighs. `Unknown` ends the judging of later entries, not the checking of the record; so does whatever the
    /// first entry is refused for.
    pub class: Class,
}

/// Who judges the statements of a record. The law is one; tests use others.
pub trait Judge {
    /// A payload that was read.
    type Act: Send;

    /// Reads a payload that is strict I-JSON. Runs on many cores. What can't be read is reported unless an earlier entry
    /// brought rules that this judge doesn't know.
    ///
    /// # Errors
    /// Why it can't be read.
    fn read(payload: &[u8]) -> Result<Self::Act, Refusal>;

    /// The keys that must have signed, in order of the signatures.
    fn keys(act: &Self::Act) -> Vec<PublicKey>;

    /// Judges the next statement, taking its signatures as good, and keeps what it changes. Answers with the codes of
    /// what is lawful but worth showing.
    ///
    /// # Errors
    /// The rule that it breaks; then it must have changed nothing.
    fn judge(&mut self, at: Position, id: Digest, act: &Self::Act) -> Result<Vec<&'static str>, Refusal>;

    /// Origin and key of the log, as the statements so far have it.
    fn log(&self) -> Option<(&str, PublicKey)>;
}

/// How far a verification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Entries read.
    pub entries: u64,
}

/// What the reader of a record brings along.
#[derive(Debug, Clone)]
pub struct Options {
    /// Checkpoints of this log that the reader holds, from receipts or printed notices: the record must extend them.
    pub known: Vec<Checkpoint>,
    /// Most findings kept; remarks are capped apart, by the same number.
    pub most_findings: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { known: Vec::new(), most_findings: 1_000 }
    }
}

/// What verification found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The findings kept, remarks apart, in order of the record.
    pub findings: Vec<Finding>,
    /// Remarks kept, in order of the record.
    pub remarks: Vec<Finding>,
    /// How often each remark was made, kept or not, by its code.
    pub remarked: BTreeMap<&'static str, u64>,
    /// Findings and remarks beyond the cap.
    pub omitted: u64,
    /// Entries read.
    pub entries: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// What the record's checkpoint says, if it could be read.
    pub checkpoint: Option<Checkpoint>,
    /// Why the file could not be read, if so.
    pub unreadable: Option<String>,
    /// Whether the law was judged to the end: not under unknown rules, nor without a lawful founding.
    pub judged: bool,
    worst: Option<Class>,
}

impl Report {
    /// The verdict. What is certain outweighs what could not be checked.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.worst, &self.unreadable) {
            (Some(Class::Altered), _) => Verdict::Altered,
            (Some(Class::OtherRoots), _) => Verdict::OtherRoots,
            (Some(Class::Procedure), _) => Verdict::Procedure,
            (Some(Class::Unknown), _) | (_, Some(_)) => Verdict::CouldNotCheck,
            (Some(Class::Remark) | None, None) => Verdict::Lawful,
        }
    }

    fn add(&mut self, finding: Finding, most: usize) {
        self.worst = self.worst.max(Some(finding.class));
        if finding.class == Class::Remark {
            *self.remarked.entry(finding.rule).or_default() += 1;
        }
        let list = if finding.class == Class::Remark { &mut self.remarks } else { &mut self.findings };
        if list.len() < most { list.push(finding) } else { self.omitted += 1 }
    }
}

/// Verifies the export file of a village.
///
/// `judge` starts empty and is left in the state that the record's lawful statements make. `progress` is called after each
/// few thousand entries. Not to be called on one of rayon's own threads, which it would keep from the work it waits for.
pub fn verify<R, J>(input: R, judge: &mut J, options: &Options, mut progress: impl FnMut(Progress)) -> Report
where
    R: BufRead,
    J: Judge,
{
    let mut report = Report::default();
    let mut reader = match RecordReader::new(input) {
        Ok(reader) => reader,
        Err(error) => {
            report.unreadable = Some(error.to_string());
            return report;
        }
    };
    let preparer = Preparer::default();
    let mut chain = Chain::new(judge, options, report);
    let most = rayon::current_num_threads() + AHEAD;
    let note = rayon::in_place_scope(|scope| {
        let (mut under_way, mut spare) = (VecDeque::with_capacity(most + 1), Vec::with_capacity(most + 1));
        loop {
            let mut batch: Batch<J::Act> = spare.pop().unwrap_or_default();
            let ended = batch.fill(&mut reader);
            progress(Progress { bytes: reader.bytes(), entries: reader.entries() });
            under_way.push_back(prepare::<J>(scope, &preparer, batch));
            let keep = if ended.is_some() { 0 } else { most };
            while under_way.len() > keep {
                // It is gone only if its thread panicked, which the scope passes on.
                let Some(Ok(mut batch)) = under_way.pop_front().map(|coming| coming.recv()) else { continue };
                batch.room.prepared.drain(..).for_each(|entry| chain.take(entry));
                spare.push(batch);
            }
            if let Some(ended) = ended {
                break ended.and_then(|()| reader.checkpoint());
            }
        }
    });
    chain.finish(note)
}

/// Has a batch prepared on another core.
fn prepare<'scope, J: Judge>(
    scope: &Scope<'scope>,
    preparer: &'scope Preparer,
    mut batch: Batch<J::Act>,
) -> Receiver<Batch<J::Act>>
where
    J::Act: 'scope,
{
    let (done, coming) = mpsc::sync_channel(1);
    scope.spawn(move |_| {
        let mut room = std::mem::take(&mut batch.room);
        preparer.batch::<J>(&batch.lines(), &mut room);
        batch.room = room;
        // Nobody waits for it any more only if the caller's thread panicked.
        let _ = done.send(batch);
    });
    coming
}

/// Some entries in a row, as read and as prepared.
struct Batch<A> {
    first: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    room: Room<A>,
}

impl<A> Default for Batch<A> {
    fn default() -> Self {
        Self { first: 0, bytes: Vec::new(), ends: Vec::new(), room: Room::default() }
    }
}

impl<A> Batch<A> {
    /// Reads the next entries in place of the last: until the batch is full (`None`), the entries end, or reading fails.
    fn fill<R: BufRead>(&mut self, reader: &mut RecordReader<R>) -> Option<Result<(), RecordError>> {
        self.first = reader.entries();
        self.bytes.clear();
        self.ends.clear();
        while self.ends.len() < BATCH && self.bytes.len() < BATCH_BYTES {
            match reader.entry(&mut self.bytes) {
                Ok(Some(_)) => self.ends.push(self.bytes.len()),
                Ok(None) => return Some(Ok(())),
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    fn lines(&self) -> Vec<(u64, &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.bytes[start..*end])
            .zip(self.first..)
            .map(|(l, i)| (i, l))
            .collect()
    }
}
