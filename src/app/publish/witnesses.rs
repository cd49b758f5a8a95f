//! Asks the witnesses of a policy to cosign what is published (c2sp.org/tlog-witness): each by a task of its own, with
//! time-outs, beside everything else. A witness that is slow or away holds up neither ballots nor the other witnesses.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::app::cluster::plan::Job;
use crate::app::error::AppError;
use crate::app::fetch::Client;
use crate::app::publish::history::district_named;
use crate::app::tiles;
use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, VillageCode};
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Note, NoteSignature, VerifierKey};
use crate::log::policy::{Party, Policy};
use crate::log::witness::{Answer, Request};
use crate::store::district::{Cosignature, DistrictCheckpoint, LogOf};
use crate::store::error::StoreError;

/// How often a checkpoint that has not changed is cosigned anew, so that readers see that the log is alive.
const IDLE: Duration = Duration::from_hours(1);
/// Media type of a request, which the protocol leaves open.
const REQUEST: &str = "text/plain; charset=utf-8";
/// How often a witness is told of another size in one round before the next is waited for.
const TRIES: usize = 3;

/// Who is asked, and how.
#[derive(Debug)]
pub struct Asked {
    /// Witnesses and how many are enough.
    pub policy: Policy,
    /// Talks to them.
    pub client: Client,
    bells: Vec<Arc<Bell>>,
}

/// Tells the task of one witness which districts' logs have grown: with many districts it must not look at all of them each
/// second.
#[derive(Debug, Default)]
struct Bell {
    grown: Mutex<Grown>,
    notify: Notify,
}

/// Districts to ask about.
#[derive(Debug, Default)]
struct Grown {
    all: bool,
    some: BTreeSet<DistrictCode>,
}

impl Bell {
    /// Notes a district, or all of them, without ringing.
    fn add(&self, district: Option<DistrictCode>) {
        let mut grown = self.grown.lock().unwrap_or_else(PoisonError::into_inner);
        grown.all |= district.is_none();
        grown.some.extend(district);
    }

    fn ring(&self, district: Option<DistrictCode>) {
        self.add(district);
        self.notify.notify_one();
    }

    fn take(&self) -> Grown {
        mem::take(&mut *self.grown.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The witnesses of a server; none until they are named.
#[derive(Debug, Default)]
pub struct Witnesses {
    asked: OnceLock<Arc<Asked>>,
    lawful: OnceLock<Policy>,
}

impl Witnesses {
    /// Whether cosignatures are asked for and needed.
    #[must_use]
    pub fn are_asked(&self) -> bool {
        self.asked.get().is_some_and(|asked| !asked.policy.asks_nobody())
    }

    /// Who is asked.
    #[must_use]
    pub fn asked(&self) -> Option<Arc<Asked>> {
        self.asked.get().map(Arc::clone)
    }

    /// Those who replay villages' records and cosign the lawful ones.
    #[must_use]
    pub fn lawful(&self) -> Option<&Policy> {
        self.lawful.get()
    }

    /// Says that a district's log has grown.
    pub(in crate::app) fn wake(&self, district: DistrictCode) {
        for bell in self.asked.get().iter().flat_map(|asked| &asked.bells) {
            bell.ring(Some(district));
        }
    }

    /// Has every witness asked for what it has not cosigned yet, in every district.
    pub(in crate::app) fn wake_all(&self) {
        for bell in self.asked.get().iter().flat_map(|asked| &asked.bells) {
            bell.ring(None);
        }
    }
}

/// A witness to which readers' devices may hand what they were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// Its cosigning key.
    pub key: VerifierKey,
    /// Its address, below which `seen` is.
    pub url: String,
}

impl App {
    /// The witnesses of the district's log that have an address.
    #[must_use]
    pub fn reachable_witnesses(&self) -> Vec<Reachable> {
        let asked = self.witnesses().asked();
        let parties = asked.iter().flat_map(|asked| asked.policy.witnesses());
        let reachable = |party: &Party| Some(Reachable { key: party.key.clone(), url: party.url.clone()? });
        parties.filter_map(reachable).collect()
    }

    /// Names the witnesses. To be called once, before anything is published.
    pub fn name_witnesses(&self, policy: Policy, client: Client) {
        let bells = policy.witnesses().iter().map(|_| Arc::default()).collect();
        let asked = Arc::new(Asked { policy, client, bells });
        if self.witnesses().asked.set(asked).is_err() {
            tracing::error!("witnesses are named twice; the first ones stay");
        }
    }

    /// Names those who cosign villages' checkpoints after they replayed the record. To be called once.
    pub fn name_lawful(&self, policy: Policy) {
        if self.witnesses().lawful.set(policy).is_err() {
            tracing::error!("lawful witnesses are named twice; the first ones stay");
        }
    }

    /// Takes a village's published checkpoint with cosignatures of those who found the record lawful up to there.
    ///
    /// # Errors
    /// `Invalid` for what is no checkpoint published here, or carries no good cosignature of a named witness; the store's.
    pub async fn take_cosigned(&self, village: VillageCode, note: &[u8]) -> Result<(), AppError> {
        let invalid = |reason| AppError::Invalid { field: "checkpoint", reason };
        let policy = self.witnesses().lawful().ok_or_else(|| invalid("no-witness"))?;
        let note = Note::parse(note).map_err(|_| invalid("form"))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|_| invalid("form"))?;
        let size = checkpoint.size;
        let leaf = self.db().read("published_from", |tx| Box::pin(tx.published_from(village, size))).await?;
        let ours = leaf.filter(|leaf| leaf.size == Some(size)).and_then(|leaf| Note::parse(&leaf.bytes).ok());
        if ours.is_none_or(|ours| ours.text != note.text) {
            return Err(invalid("not-published"));
        }
        let keys: Vec<VerifierKey> = policy.witnesses().iter().map(|party| party.key.clone()).collect();
        let verified = note.verify(&keys).map_err(|_| invalid("signature"))?;
        let line =
            |key: &VerifierKey| note.signatures.iter().find(|line| line.name == key.name() && line.id == key.id());
        let row =
            |key: &VerifierKey| line(key).map(|line| self.row_of(&checkpoint.origin, size, key.to_string(), line));
        let rows: Vec<Cosignature> = verified.iter().filter_map(|one| row(one.key)).collect();
        let rows = &rows;
        self.db().write("take_cosigned", |tx| Box::pin(tx.put_cosignatures(rows))).await?;
        Ok(())
    }

    /// A cosignature with the time at which it was signed: anyone may bring an old one again, which must not look like news.
    fn row_of(&self, origin: &str, size: u64, key: String, line: &NoteSignature) -> Cosignature {
        let (origin, now) = (origin.to_owned(), self.now());
        let time = cosigned_at(line).map_or(now, |time| time.min(now));
        Cosignature { origin, size, key, time, line: line.to_string() }
    }

    /// Starts asking them, each in a task of its own. Must be called within a Tokio runtime.
    #[must_use]
    pub fn ask_witnesses(&self) -> Vec<JoinHandle<()>> {
        let Some(asked) = self.witnesses().asked() else { return Vec::new() };
        let reachable = asked.policy.witnesses().iter().zip(&asked.bells).filter(|(party, _)| party.url.is_some());
        reachable
            .map(|(party, bell)| {
                tokio::spawn(follow(self.clone(), Arc::clone(&asked), party.clone(), Arc::clone(bell)))
            })
            .collect()
    }

    /// Asks one witness to cosign the newest checkpoint of a district. `anew`: also one that it has cosigned already.
    ///
    /// # Errors
    /// The store's. What the witness does wrong is logged.
    pub async fn ask_witness(
        &self,
        asked: &Asked,
        party: &Party,
        district: DistrictCode,
        anew: bool,
    ) -> Result<bool, AppError> {
        let key = party.key.to_string();
        let mut from = None;
        for _ in 0..TRIES {
            let Some(due) = self.due_for(district, &key, from, anew).await? else { return Ok(true) };
            let request = Request { old: due.old, proof: due.proof, note: due.note.clone() };
            let url = format!("{}/add-checkpoint", party.url.as_deref().unwrap_or_default().trim_end_matches('/'));
            let answer = match asked.client.post(url, REQUEST, request.to_string().into_bytes()).await {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::warn!(witness = party.name, %error, "a witness does not answer");
                    return Ok(false);
                }
            };
            let media_type = answer.media_type.as_deref();
            match Answer::read(answer.status, media_type, &answer.body, &due.note, &party.key) {
                Ok(Answer::Cosigned(lines)) => {
                    self.keep_cosignatures(asked, &due.checkpoint, &key, &lines).await?;
                    return Ok(true);
                }
                Ok(Answer::Conflict { size }) if size <= due.checkpoint.size => from = Some(size),
                Ok(Answer::Conflict { .. } | Answer::Refused { status: 422 }) => {
                    tracing::error!(witness = party.name, "a witness holds another history than this server");
                    self.doubt_history().await?;
                    return Ok(false);
                }
                Ok(Answer::Refused { status }) => {
                    tracing::warn!(witness = party.name, status, "a witness refuses to cosign");
                    return Ok(false);
                }
                Err(error) => {
                    tracing::warn!(witness = party.name, %error, "a witness's answer can't be used");
                    return Ok(false);
                }
            }
        }
        tracing::warn!(witness = party.name, "a witness names another size each time");
        Ok(false)
    }

    /// The newest checkpoint with the proof from `from`, or else from what the witness cosigned last as far as is known.
    async fn due_for(
        &self,
        district: DistrictCode,
        key: &str,
        from: Option<u64>,
        anew: bool,
    ) -> Result<Option<Due>, AppError> {
        let read = self.db().read("due_for_witness", |tx| {
            Box::pin(async move {
                let Some(checkpoint) = tx.newest_district_checkpoint(district).await? else { return Ok(None) };
                let note = Note::parse(&checkpoint.note).map_err(|error| StoreError::Damaged(error.to_string()))?;
                let origin = note.text.lines().next().unwrap_or_default().to_owned();
                let known = tx.newest_cosignature(&origin, key).await?.map_or(0, |row| row.size);
                if known == checkpoint.size && from.is_none() && !anew {
                    return Ok(None);
                }
                let old = from.unwrap_or(known);
                let proof = tiles::consistency(tx, LogOf::District(district), old, checkpoint.size).await?;
                Ok::<_, StoreError>(proof.map(|proof| Due { old, proof, note, checkpoint }))
            })
        });
        Ok(read.await?)
    }

    async fn keep_cosignatures(
        &self,
        asked: &Asked,
        checkpoint: &DistrictCheckpoint,
        key: &str,
        lines: &[NoteSignature],
    ) -> Result<(), AppError> {
        let Some(line) = lines.last() else { return Ok(()) };
        let note = Note::parse(&checkpoint.note).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let origin = note.text.lines().next().unwrap_or_default().to_owned();
        let row = self.row_of(&origin, checkpoint.size, key.to_owned(), line);
        let (row, now, district, size) = (&row, self.now(), checkpoint.district, checkpoint.size);
        let (policy, origin) = (&asked.policy, &origin);
        let kept = self.db().write("cosigned", |tx| {
            Box::pin(async move {
                tx.put_cosignatures(std::slice::from_ref(row)).await?;
                let there: Vec<String> =
                    tx.cosignatures(origin, size).await?.into_iter().map(|cosigned| cosigned.key).collect();
                if policy.is_met(&|n| there.contains(&policy.witnesses()[n].key.to_string())) {
                    tx.mark_witnessed(district, size, now).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        Ok(kept.await?)
    }
}

/// What a witness is asked to cosign.
struct Due {
    old: u64,
    proof: Vec<Digest>,
    note: Note,
    checkpoint: DistrictCheckpoint,
}

/// Asks one witness about what has grown whenever its bell rings, and about every log of the policy once an hour.
async fn follow(app: App, asked: Arc<Asked>, party: Party, bell: Arc<Bell>) {
    let named: BTreeSet<DistrictCode> =
        asked.policy.logs().iter().filter_map(|log| district_named(&log.name)).collect();
    let mut idle = interval(IDLE);
    idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let anew = tokio::select! {
            () = bell.notify.notified() => false,
            _ = idle.tick() => true,
        };
        // Whoever publishes asks, too.
        if app.history().is_in_doubt() || !app.does(Job::Publication) {
            continue;
        }
        let grown = bell.take();
        for district in named.iter().copied().filter(|district| anew || grown.all || grown.some.contains(district)) {
            match app.ask_witness(&asked, &party, district, anew).await {
                Ok(true) => {}
                // Asked again when the bell rings next, for whichever district.
                Ok(false) => bell.add(Some(district)),
                Err(error) => {
                    bell.add(Some(district));
                    tracing::warn!(witness = party.name, %error, "a cosignature could not be asked for or kept");
                }
            }
        }
    }
}

/// When a cosigner signed; `None` for a line that carries no time, or one beyond all calendars.
fn cosigned_at(line: &NoteSignature) -> Option<Time> {
    let (seconds, _) = line.bytes.split_first_chunk::<8>()?;
    Time::from_ms(i64::try_from(u64::from_be_bytes(*seconds)).ok()?.checked_mul(1_000)?)
}
