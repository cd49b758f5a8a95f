//! What one village gains in a batch: how the store keeps it, and what is answered for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::app::error::AppError;
use crate::app::live::{Live, head_of};
use crate::app::projector::Seen;
use crate::app::sequencer::{Accepted, Job};
use crate::core::ids::{Digest, VillageCode};
use crate::core::judge::Remark;
use crate::core::state::State;
use crate::log::ledger::{Appended, Tail};
use crate::log::note::{Note, NoteError};
use crate::log::tree::{Frontier, ProofError};
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry, VaultRow, VillageAppend};

/// What one village gains in this batch.
pub(in crate::app::sequencer) struct Gain {
    /// The empty record, where it begins with this batch.
    pub(in crate::app::sequencer) founded: Option<Head>,
    pub(in crate::app::sequencer) live: Arc<Live>,
    pub(in crate::app::sequencer) before: Frontier,
    /// The state at the newest size at which it is to be kept.
    pub(in crate::app::sequencer) due: Option<State>,
    pub(in crate::app::sequencer) appended: Vec<Appended>,
    /// What was appended, in the same order.
    pub(in crate::app::sequencer) jobs: Vec<Job>,
    /// What was refused by a state that is not on record yet: answered when it is.
    pub(in crate::app::sequencer) refused: Vec<(Job, AppError)>,
}

pub(in crate::app::sequencer) type Gains = BTreeMap<VillageCode, Gain>;

/// What is answered to those whose statements a batch held of one village.
pub(in crate::app::sequencer) struct Answers {
    before: Frontier,
    note: Vec<u8>,
    appended: Vec<Appended>,
    replies: Vec<oneshot::Sender<Result<Accepted, AppError>>>,
    refused: Vec<(Job, AppError)>,
}

impl Answers {
    /// Whoever asked may have gone: the entry stands, and asking again gives the same answer.
    pub(in crate::app::sequencer) fn give(self) {
        let leaves: Vec<Digest> = self.appended.iter().map(|appended| appended.at.leaf).collect();
        let (mut tail, note) = (Tail::new(self.before, leaves), Note::parse(&self.note));
        for (appended, reply) in self.appended.into_iter().zip(self.replies) {
            let answer = receipt(&mut tail, &appended, note.clone());
            let Appended { at, remarks, .. } = appended;
            let _ = reply.send(answer.map(|receipt| Accepted { at, receipt, remarks }));
        }
        give_refusals(self.refused);
    }
}

impl From<Arc<Live>> for Gain {
    fn from(live: Arc<Live>) -> Self {
        let before = live.ledger.frontier.clone();
        Self { founded: None, live, before, due: None, appended: vec![], jobs: vec![], refused: vec![] }
    }
}

impl Gain {
    /// Whether nothing is to be written and nobody waits.
    pub(in crate::app::sequencer) fn is_empty(&self) -> bool {
        self.appended.is_empty() && self.refused.is_empty()
    }

    /// Now that what it was judged on is on record: itself, if it is to be written. Who was only refused hears so.
    pub(in crate::app::sequencer) fn go_on(self) -> Option<Self> {
        if !self.appended.is_empty() {
            return Some(self);
        }
        give_refusals(self.refused);
        None
    }

    /// Everything that was judged.
    pub(in crate::app::sequencer) fn into_jobs(self) -> impl Iterator<Item = Job> {
        self.jobs.into_iter().chain(self.refused.into_iter().map(|(job, _)| job))
    }

    /// What the store writes, with the checkpoint that covers it.
    pub(in crate::app::sequencer) fn append(&self, note: &[u8]) -> VillageAppend {
        VillageAppend {
            old_size: self.before.size(),
            old_frontier: self.before.to_bytes(),
            head: head_of(&self.live.ledger),
            entries: self.appended.iter().map(stored).collect(),
            checkpoint: Some(note.to_vec()),
            vault: self.secrets().cloned().collect(),
        }
    }

    /// What must be as durable as the entries. A ballot that was overtaken counts nowhere: the opening that is kept is that of the one
    /// which does.
    fn secrets(&self) -> impl Iterator<Item = &VaultRow> {
        let effective = |(appended, _): &(&Appended, &Job)| !appended.remarks.contains(&Remark::BallotOvertaken);
        self.appended.iter().zip(&self.jobs).filter(effective).flat_map(|(_, job)| &job.secrets)
    }

    /// Once it is on record: what is to be answered, what the projector is told, and the state that is to be kept.
    pub(in crate::app::sequencer) fn on_record(self, note: Vec<u8>) -> (Answers, Vec<Seen>, Option<State>) {
        let Self { before, due, appended, jobs, refused, .. } = self;
        let (mut seen, mut replies) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
        for (appended, job) in appended.iter().zip(jobs) {
            seen.push(Seen { at: appended.at, statement: job.signed.statement });
            replies.push(job.reply);
        }
        (Answers { before, note, appended, replies, refused }, seen, due)
    }
}

fn give_refusals(refused: Vec<(Job, AppError)>) {
    for (job, error) in refused {
        let _ = job.reply.send(Err(error));
    }
}

fn receipt(tail: &mut Tail, appended: &Appended, note: Result<Note, NoteError>) -> Result<Vec<u8>, AppError> {
    let fault = |error: &dyn std::fmt::Display| StoreError::Damaged(format!("a receipt can't be made: {error}"));
    let note = note.map_err(|error| fault(&error))?;
    let proof = tail.receipt(appended, note).map_err(|error: ProofError| fault(&error))?;
    Ok(proof.to_string().into_bytes())
}

/// An appended entry as the store keeps it.
#[must_use]
pub fn stored(appended: &Appended) -> StoredEntry {
    StoredEntry {
        seq: appended.at.seq,
        time: appended.at.time,
        leaf: appended.at.leaf,
        statement: appended.id,
        bytes: appended.bytes.clone(),
    }
}
