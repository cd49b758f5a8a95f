//! Judges statements on villages' states and commits what they make of them.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::app::cluster::Cluster;
use crate::app::cluster::view::Place;
use crate::app::error::AppError;
use crate::app::growth::Growth;
use crate::app::live::{Live, Lives, head_of};
use crate::app::projector::Projector;
use crate::app::publish::history::{Doubt, History};
use crate::app::sequencer::Job;
use crate::app::sequencer::gain::{Answers, Gain, Gains};
use crate::app::snapshot;
use crate::app::tiles;
use crate::core::act::Act;
use crate::core::clock::Clock;
use crate::core::ids::VillageCode;
use crate::core::reject::{Rule, ensure};
use crate::log::entry;
use crate::log::ledger::Ledger;
use crate::log::signed::Signed;
use crate::log::tree::Frontier;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::record::{Head, VillageAppend};

/// How often a statement is judged that meets another writer at its village each time.
const TRIES: usize = 4;

/// States that a commit under way will leave. Where it fails they never were, so nobody hears of what was judged on them
/// before it has ended.
pub(in crate::app::sequencer) type Ahead = BTreeMap<VillageCode, Arc<Live>>;

/// What became of a batch.
#[derive(Default)]
struct Committed {
    /// To be judged again: another writer was at their village.
    again: Vec<Job>,
    /// Some were answered with a failure of the store.
    failed: bool,
}

/// What judges and commits, for all tasks.
pub(in crate::app::sequencer) struct Writer {
    pub(in crate::app::sequencer) db: Db,
    pub(in crate::app::sequencer) lives: Lives,
    pub(in crate::app::sequencer) clock: Arc<dyn Clock>,
    pub(in crate::app::sequencer) growth: Growth,
    pub(in crate::app::sequencer) projector: Arc<Projector>,
    pub(in crate::app::sequencer) grown: Arc<Notify>,
    pub(in crate::app::sequencer) cluster: Option<Cluster>,
    pub(in crate::app::sequencer) sharded: bool,
    pub(in crate::app::sequencer) history: History,
}

impl Committed {
    fn and(mut self, other: Self) -> Self {
        self.again.extend(other.again);
        Self { failed: self.failed || other.failed, ..self }
    }
}

impl Writer {
    /// Commits what was judged on what is on record, and judges and commits again what met another writer; whether all of
    /// it is on record as it was judged.
    pub(in crate::app::sequencer) async fn commit_first(&self, gains: Gains) -> bool {
        let Committed { again, failed } = self.commit_all(gains).await;
        let clean = again.is_empty() && !failed;
        self.batch(again).await;
        clean
    }

    /// Judges and commits. What met another writer is judged again, against the record as that one left it.
    pub(in crate::app::sequencer) async fn batch(&self, mut jobs: Vec<Job>) {
        for _ in 0..TRIES {
            if jobs.is_empty() {
                return;
            }
            let mut gains = Gains::new();
            self.judge_all(&mut gains, &Ahead::new(), jobs).await;
            jobs = self.commit_all(gains).await.again;
        }
        for job in jobs {
            // Whoever asked has gone; there is nobody to tell.
            let _ = job.reply.send(Err(AppError::Overloaded));
        }
    }

    /// Judges statements on what is on record, on what is `ahead` of it, and on what was judged before: `gains` grow.
    pub(in crate::app::sequencer) async fn judge_all(&self, gains: &mut Gains, ahead: &Ahead, jobs: Vec<Job>) {
        let villages: BTreeSet<VillageCode> = jobs.iter().map(|job| job.signed.statement.village).collect();
        if let Err(error) = self.lives.bring_up(&villages).await {
            return refuse(jobs, &error);
        }
        for job in jobs {
            if let Err((job, error)) = self.judge(gains, ahead, job).await {
                let _ = job.reply.send(Err(error));
            }
        }
        gains.retain(|_, gain| !gain.is_empty());
    }

    /// One transaction for all, or in a sharded database one a village.
    async fn commit_all(&self, gains: Gains) -> Committed {
        if !self.sharded {
            return self.commit_together(gains).await;
        }
        let each = gains.into_iter().map(|gain| self.commit_together(BTreeMap::from([gain])));
        join_all(each).await.into_iter().fold(Committed::default(), Committed::and)
    }

    async fn commit_together(&self, mut gains: Gains) -> Committed {
        let mut again = Vec::new();
        while !gains.is_empty() {
            match self.commit(&gains).await {
                Ok(notes) => {
                    self.publish(gains, notes);
                    break;
                }
                Err(StoreError::Conflict { village } | StoreError::Replayed { village, .. }) => {
                    // Another writer was at one village: the others do not pay for it.
                    self.lives.forget(village);
                    self.look_back(village, gains.get(&village)).await;
                    again.extend(gains.remove(&village).into_iter().flat_map(Gain::into_jobs));
                }
                Err(StoreError::Exists) if gains.values().any(|gain| gain.founded.is_some()) => {
                    // Another writer has founded one of them meanwhile.
                    let (founded, rest) = gains.into_iter().partition(|(_, gain)| gain.founded.is_some());
                    let founded: Gains = founded;
                    again.extend(founded.into_values().flat_map(Gain::into_jobs));
                    gains = rest;
                }
                Err(error) if gains.len() > 1 && !matches!(error, StoreError::Unavailable { .. }) => {
                    // Something is wrong with one of them: it alone is refused.
                    let each = gains.into_iter().map(|gain| self.commit_together(BTreeMap::from([gain])));
                    let all = Box::pin(one_by_one(each)).await;
                    return Committed { again: again.into_iter().chain(all.again).collect(), ..all };
                }
                Err(error) => {
                    for village in gains.keys() {
                        self.lives.forget(*village);
                    }
                    if matches!(error, StoreError::Unavailable { may_be_written: true, .. }) {
                        // It may be on record: whoever watches is to look.
                        self.growth.stir();
                    }
                    refuse(gains.into_values().flat_map(Gain::into_jobs), &error);
                    return Committed { again, failed: true };
                }
            }
        }
        Committed { again, failed: false }
    }

    /// Where a record is shorter now than it was when statements were judged: a database that lost what it had acknowledged,
    /// as after a failover to a standby that was behind, must not be gone on with as if nothing had happened.
    async fn look_back(&self, village: VillageCode, gain: Option<&Gain>) {
        let before = gain.map_or(0, |gain| gain.before.size());
        match self.db.read("head", |tx| Box::pin(tx.head(village))).await {
            Ok(head) => {
                let ours = head.map_or(0, |head| head.size);
                if ours < before {
                    self.history.set(Some(Doubt::shorter(village, ours, before)));
                }
            }
            Err(error) => tracing::warn!(%village, %error, "it can't be looked how long a record is"),
        }
    }

    async fn judge(&self, gains: &mut Gains, ahead: &Ahead, job: Job) -> Result<(), (Job, AppError)> {
        let village = job.signed.statement.village;
        if let Some(doubt) = self.history.doubt() {
            return Err((job, AppError::InDoubt(doubt)));
        }
        if self.cluster.as_ref().is_some_and(|cluster| cluster.place(village) != Place::Here) {
            return Err((job, AppError::Elsewhere));
        }
        if let btree_map::Entry::Vacant(slot) = gains.entry(village) {
            let live = match ahead.get(&village) {
                Some(live) => Ok(Arc::clone(live)),
                None => self.lives.known(village).await,
            };
            match live {
                Ok(live) => {
                    slot.insert(Gain::from(live));
                }
                Err(AppError::NotFound { .. }) if job.founds => {
                    return match self.found(&job.signed).await {
                        Ok(gain) => {
                            slot.insert(Gain { jobs: vec![job], ..gain });
                            Ok(())
                        }
                        Err(error) => Err((job, error)),
                    };
                }
                Err(error) => return Err((job, error)),
            }
        }
        let Some(gain) = gains.get_mut(&village) else { return Err((job, AppError::Stopping)) };
        match Arc::make_mut(&mut gain.live).ledger.append(&job.signed, self.clock.now()) {
            Ok((appended, _)) => {
                let state = gain.live.state();
                if snapshot::due(state.size()) == state.size() {
                    gain.due = Some(state.clone());
                }
                gain.appended.push(appended);
                gain.jobs.push(job);
                Ok(())
            }
            Err(rejection) if gain.appended.is_empty() && !ahead.contains_key(&village) => Err((job, rejection.into())),
            Err(rejection) => {
                gain.refused.push((job, rejection.into()));
                Ok(())
            }
        }
    }

    /// A record that begins.
    async fn found(&self, signed: &Signed) -> Result<Gain, AppError> {
        let Act::VillageFounded(act) = &signed.statement.act else { return Err(AppError::not_found("village")) };
        let (key, now) = (self.lives.log_key(signed.statement.village).await?, self.clock.now());
        let fits = act.log_key.0 == key.verifying_key().to_bytes();
        ensure(fits, Rule::KeyUnfit, "the log key that was prepared", act.log_key)?;
        let (ledger, first) = Ledger::found(signed, &act.origin, now)?;
        let founded =
            Head { size: 0, frontier: Vec::new(), last_leaf: entry::genesis(&act.origin), ..head_of(&ledger) };
        let gain = Gain::from(Arc::new(Live { ledger, key }));
        Ok(Gain { founded: Some(founded), before: Frontier::default(), appended: vec![first], ..gain })
    }

    async fn commit(&self, gains: &Gains) -> Result<Vec<Vec<u8>>, StoreError> {
        let notes: Vec<Vec<u8>> =
            gains.values().map(|gain| gain.live.ledger.checkpoint(&gain.live.key).to_string().into_bytes()).collect();
        let appends: Vec<VillageAppend> = gains.values().zip(&notes).map(|(gain, note)| gain.append(note)).collect();
        let founded: Vec<&Head> = gains.values().filter_map(|gain| gain.founded.as_ref()).collect();
        self.db
            .write("append", |tx| {
                let (appends, founded) = (&appends, &founded);
                Box::pin(async move {
                    for head in founded {
                        tx.found_village(head).await?;
                    }
                    tiles::append(tx, appends).await
                })
            })
            .await?;
        Ok(notes)
    }

    /// Lets others go on from what is on record now, and answers beside the next batch.
    fn publish(&self, gains: Gains, notes: Vec<Vec<u8>>) {
        self.grown.notify_one();
        let mut answers = Vec::with_capacity(gains.len());
        for ((village, gain), note) in gains.into_iter().zip(notes) {
            self.lives.keep(village, &gain.live);
            self.growth.grown(village, gain.live.ledger.frontier.size());
            let (answered, seen, due) = gain.on_record(note);
            if let Some(state) = due {
                self.lives.hand_over(state);
            }
            self.projector.grown(village, seen);
            answers.push(answered);
        }
        tokio::spawn(async move { answers.into_iter().for_each(Answers::give) });
    }
}

async fn one_by_one(each: impl Iterator<Item = impl Future<Output = Committed>>) -> Committed {
    let mut all = Committed::default();
    for one in each {
        all = all.and(one.await);
    }
    all
}

fn refuse(jobs: impl IntoIterator<Item = Job>, error: &StoreError) {
    for job in jobs {
        let _ = job.reply.send(Err(AppError::Store(StoreError::Unavailable {
            may_be_written: matches!(error, StoreError::Unavailable { may_be_written: true, .. }),
            reason: error.to_string(),
        })));
    }
}
