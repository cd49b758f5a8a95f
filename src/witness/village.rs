//! Reads a village's record as far as the directory lists it: fetches what is new, holds it against the signed root, judges
//! each entry by the law, keeps it, and cosigns what is lawful.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::fetch::FetchError;
use crate::app::remote::{Bad, Remote};
use crate::app::snapshot;
use crate::core::act::Act;
use crate::core::ids::{Digest, PublicKey, VillageCode};
use crate::core::model::Channel;
use crate::core::state::State;
use crate::core::state::voting::Voting;
use crate::core::statement::Statement;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::entry;
use crate::log::follow::{Follow, Keys, Taken, Window};
use crate::log::ledger::Tail;
use crate::log::note::{Algorithm, Note, VerifierKey};
use crate::log::proof::ProofFile;
use crate::log::text::sha256;
use crate::log::tile::TILE_WIDTH;
use crate::log::tree::{Frontier, prove_inclusion};
use crate::log::verify::{Class, Finding};
use crate::store::district::LogOf;
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry, VillageAppend};
use crate::store::witness::{Followed, Vouched, Witnessed};
use crate::witness::alarm::{self, Alarm, Kind};
use crate::witness::copy::{kept_state, put_entries, put_lawful};
use crate::witness::district::FollowError;
use crate::witness::listed::{self, Signed};
use crate::witness::{Witness, seconds};

/// Most vouched ballots of a village that are looked at.
const MOST_VOUCHED: u64 = 100_000;
/// Rule of the finding that a result lacks a vouched ballot.
const VOUCHED: &str = "result.vouched";
/// Rule of the finding that an entry's time was not the present.
const CLOCK: &str = "entry.clock";
/// Rule of the finding that a checkpoint is signed by another key than the record's.
const SIGNATURE: &str = "checkpoint.signature";

/// What came of reading one village.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Entries read.
    pub entries: u64,
    /// Size of the record as it was cosigned by this reading.
    pub cosigned: Option<u64>,
}

/// A village on the way through its new entries.
struct Way {
    village: VillageCode,
    key: VerifierKey,
    follow: Follow,
    window: Window,
    vouched: Arc<BTreeMap<Digest, Vec<Vouched>>>,
    keys: Arc<Keys>,
    /// Checkpoints of the directory that the new entries lead through, smallest first.
    listed: Vec<Signed>,
}

/// What a bundle's entries came to.
struct Step {
    way: Way,
    taken: Vec<(Taken, Vec<u8>)>,
    before: Frontier,
    found: Option<Found>,
}

/// Why the reading stops.
enum Found {
    /// An entry that isn't lawful.
    Entry(Box<Finding>, Vec<u8>),
    /// A checkpoint of the directory that does not lie on the village's tree.
    Root(Box<Signed>),
    /// A checkpoint of the directory that another key signed than the record names: nobody else would take it.
    Key(Box<Signed>, PublicKey),
}

impl Witness {
    /// Reads what the directory lists of a village beyond its copy, and cosigns it if it is lawful.
    ///
    /// # Errors
    /// `Alarmed` when something is wrong with it; otherwise what stood in the way.
    pub async fn read_village(&self, village: VillageCode) -> Result<Reading, FollowError> {
        let Some((row, mut way, size)) = self.set_out(village).await? else { return Ok(Reading::default()) };
        let remote = self.remote(LogOf::Village(village));
        let Some(newest) = way.listed.last().cloned() else { return Ok(Reading::default()) };
        let hashes = match remote.leaf_hashes(size, way.follow.frontier(), &newest.checkpoint).await? {
            Ok(hashes) => hashes,
            Err(bad) => {
                let own = self.own_note(village, size).await?;
                let Some(own) = own else { return Err(self.withheld(&newest.checkpoint, &bad).await?) };
                let hashes = remote.prefix(size, newest.checkpoint.size).await?.unwrap_or_default();
                return Err(self.accuse(&way.key, &own, &newest.note, hashes).await?);
            }
        };
        self.compare_shown(&remote, &way.key, row.listed, &newest).await?;
        let mut reading = Reading::default();
        while way.follow.frontier().size() < newest.checkpoint.size {
            let from = way.follow.frontier().size();
            let bundle = match remote.bundle(from / TILE_WIDTH, newest.checkpoint.size).await? {
                Ok(bundle) => bundle,
                Err(bad) => return Err(self.withheld(&newest.checkpoint, &bad).await?),
            };
            let skip = usize::try_from(from % TILE_WIDTH).unwrap_or(usize::MAX);
            let entries: Vec<Vec<u8>> = bundle.into_iter().skip(skip).collect();
            let wanted = &hashes[usize::try_from(from - size).unwrap_or(0)..];
            if entries.iter().zip(wanted).any(|(entry, leaf)| entry::leaf_hash(entry) != *leaf) {
                let bad = Bad(format!("entries from {from} on are not the signed ones"));
                return Err(self.withheld(&newest.checkpoint, &bad).await?);
            }
            let step = tokio::task::spawn_blocking(move || way.step(entries)).await;
            let step = step.map_err(|_| FollowError::Fetch(FetchError::Stopped))?;
            reading.entries += step.taken.len() as u64;
            reading.cosigned = self.keep(&step).await?.or(reading.cosigned);
            if let Some(found) = step.found {
                let at = step.way.follow.frontier().size();
                let rest = hashes[usize::try_from(at - size).unwrap_or(0).min(hashes.len())..].to_vec();
                return Err(self.stop(&step.way, &remote, found, rest, &newest).await?);
            }
            way = step.way;
        }
        Ok(reading)
    }

    /// What is needed to read on; `None` where there is nothing to read.
    async fn set_out(&self, village: VillageCode) -> Result<Option<(Followed, Way, u64)>, FollowError> {
        let read = self.db().read("set_out", |tx| {
            Box::pin(async move {
                let Some(row) = tx.followed(village).await? else { return Ok(None) };
                let size = tx.head(village).await?.map_or(0, |head| head.size);
                let listed = tx.listed_after(village, size).await?;
                Ok::<_, StoreError>(Some((row, listed, tx.vouched_in(village, MOST_VOUCHED).await?)))
            })
        });
        let Some((row, listed, vouched)) = read.await? else { return Ok(None) };
        let listed: Vec<Signed> = listed.iter().filter_map(Signed::of).collect();
        if row.stopped.is_some() || listed.is_empty() {
            return Ok(None);
        }
        let damaged = |error: &dyn ToString| FollowError::Store(StoreError::Damaged(error.to_string()));
        let key = VerifierKey::parse(&row.key).map_err(|error| damaged(&error))?;
        let recorded = self.app().lives().recorded(village).await?;
        let follow = match recorded {
            Some((state, frontier)) => Follow::after(state, frontier),
            None => Follow::beginning(key.name(), self.settings().roots.clone()),
        };
        let size = follow.frontier().size();
        let mut by_vote: BTreeMap<Digest, Vec<Vouched>> = BTreeMap::new();
        for one in vouched {
            by_vote.entry(one.basis).or_default().push(one);
        }
        let window = Window { from: row.since, to: row.until };
        let (vouched, keys) = (Arc::new(by_vote), Arc::default());
        Ok(Some((row, Way { village, key, follow, window, vouched, keys, listed }, size)))
    }

    /// The newest checkpoint of the village among those read.
    async fn own_note(&self, village: VillageCode, size: u64) -> Result<Option<Note>, FollowError> {
        let read = self.db().read("own_note", |tx| Box::pin(tx.checkpoint(village, size)));
        let note: Option<Vec<u8>> = read.await.map_err(FollowError::Store)?;
        Ok(note.and_then(|note| Note::parse(&note).ok()))
    }

    /// The village's own page of the log must not show less than the directory, nor another history.
    async fn compare_shown(
        &self,
        remote: &Remote<'_>,
        key: &VerifierKey,
        listed: u64,
        newest: &Signed,
    ) -> Result<(), FollowError> {
        let bytes = remote.checkpoint().await?;
        if bytes == newest.note.to_string().as_bytes() {
            return Ok(());
        }
        let opened = Note::parse(&bytes).map_err(CheckpointError::from);
        let opened = opened.and_then(|note| Ok((Checkpoint::open(&note, key)?, note)));
        let found = match opened {
            Ok((shown, note)) if shown.size >= listed => {
                let (old, new) = (newest.checkpoint.size, shown.size);
                let hashes = remote.prefix(old, new).await?.unwrap_or_default();
                if alarm::fork(&newest.note, &note, hashes.clone(), key).is_none() {
                    return Ok(());
                }
                return Err(self.accuse(key, &newest.note, &note, hashes).await?);
            }
            Ok((shown, _)) => format!("{} entries", shown.size),
            Err(error) => error.to_string(),
        };
        let alarm =
            Alarm::new(Kind::Stale, key.name(), format!("at least {listed} entries, as the directory says"), found);
        Err(self.alarmed(&alarm, Some(bytes)).await?)
    }

    /// Keeps what was read and judged, and cosigns the newest checkpoint that it reaches: one transaction.
    async fn keep(&self, step: &Step) -> Result<Option<u64>, FollowError> {
        let Some((last, _)) = step.taken.last() else { return Ok(None) };
        let (way, village, old_size) = (&step.way, step.way.village, step.before.size());
        let frontier = way.follow.frontier();
        let state = way.follow.state();
        let head = Head {
            village,
            origin: way.key.name().to_owned(),
            size: frontier.size(),
            frontier: frontier.to_bytes(),
            last_time: last.at.time,
            last_leaf: last.at.leaf,
        };
        let entry = |(taken, bytes): &(Taken, Vec<u8>)| StoredEntry {
            seq: taken.at.seq,
            time: taken.at.time,
            leaf: taken.at.leaf,
            statement: taken.id,
            bytes: bytes.clone(),
        };
        let entries: Vec<StoredEntry> = step.taken.iter().map(entry).collect();
        let reached: Vec<&Signed> = way.listed.iter().filter(|one| one.checkpoint.size <= head.size).collect();
        let lawful = reached.last().map(|one| self.cosigned(one));
        let kept = state.filter(|state| snapshot::due(state.size()) > snapshot::due(old_size)).and_then(kept_state);
        let old_frontier = step.before.to_bytes();
        let append = VillageAppend { old_size, old_frontier, head, entries, checkpoint: None, vault: Vec::new() };
        let (append, reached, lawful, kept) = (&append, &reached, &lawful, &kept);
        let write = self.db().write("read_village", |tx| {
            Box::pin(async move {
                put_entries(tx, append).await?;
                for one in reached {
                    let note = one.note.to_string();
                    tx.put_checkpoint(village, one.checkpoint.size, note.as_bytes()).await?;
                }
                if let Some((size, bytes)) = kept {
                    tx.put_state(village, *size, bytes).await?;
                }
                if let Some(lawful) = lawful {
                    tx.show_copied(village, lawful.size).await?;
                    put_lawful(tx, village, lawful).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        write.await?;
        Ok(lawful.as_ref().map(|lawful| lawful.size))
    }

    fn cosigned(&self, one: &Signed) -> Witnessed {
        let now = self.now();
        let mut note = one.note.clone();
        note.signatures.push(self.keys().cosign_lawful(&note.text, seconds(now)));
        let Checkpoint { origin, size, root, .. } = one.checkpoint.clone();
        Witnessed {
            hash: sha256(&[origin.as_bytes()]),
            origin,
            size,
            root,
            time: now,
            note: note.to_string().into_bytes(),
        }
    }

    /// Stops reading this village, with an alarm and its evidence.
    async fn stop(
        &self,
        way: &Way,
        remote: &Remote<'_>,
        found: Found,
        rest: Vec<Digest>,
        newest: &Signed,
    ) -> Result<FollowError, FollowError> {
        let village = way.village;
        let error = match found {
            Found::Root(one) => {
                let (old, new) = (one.checkpoint.size, newest.checkpoint.size);
                let hashes = remote.prefix(old, new).await?.unwrap_or_default();
                self.accuse(&way.key, &one.note, &newest.note, hashes).await?
            }
            Found::Key(one, key) => {
                let expected = format!("a checkpoint signed by {key}, the key on record");
                let alarm = Alarm {
                    rule: Some(SIGNATURE.to_owned()),
                    ..Alarm::new(Kind::Unlawful, way.key.name(), expected, "one signed by another key")
                };
                self.alarmed(&alarm, Some(one.note.to_string().into_bytes())).await?
            }
            Found::Entry(finding, bytes) => {
                let (seq, size) = (finding.seq.unwrap_or(0), newest.checkpoint.size);
                let mut tail = Tail::new(way.follow.frontier().clone(), rest);
                let path = prove_inclusion(&mut tail, seq, size).unwrap_or_default();
                let proof = ProofFile::receipt(bytes, seq, path, newest.note.clone());
                let kind = match finding.rule {
                    CLOCK => Kind::Clock,
                    VOUCHED => Kind::Vouched,
                    _ => Kind::Unlawful,
                };
                let origin = way.key.name();
                let alarm = Alarm {
                    entry: Some(seq),
                    rule: Some(finding.rule.to_owned()),
                    ..Alarm::new(kind, origin, finding.expected, finding.found)
                };
                self.alarmed(&alarm, Some(proof.to_string().into_bytes())).await?
            }
        };
        if let FollowError::Alarmed(alarm) = &error {
            let alarm = alarm.to_string();
            self.db()
                .write("stop_village", |tx| {
                    let alarm = alarm.clone();
                    Box::pin(async move { tx.stop_village(village, &alarm).await })
                })
                .await
                .map_err(FollowError::Store)?;
        }
        Ok(error)
    }
}

impl Way {
    /// Judges a bundle's entries, until one is not lawful. Runs on all cores.
    fn step(mut self, entries: Vec<Vec<u8>>) -> Step {
        let before = self.follow.frontier().clone();
        let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let ready = self.follow.prepare(&slices, &self.keys);
        let mut taken = Vec::with_capacity(entries.len());
        let mut found = None;
        for (ready, bytes) in ready.into_iter().zip(entries) {
            let lacking = self.lacking_vouched(ready.statement());
            let judged = match lacking {
                Some(finding) => Err(finding),
                None => self.follow.take(ready, &self.window()),
            };
            match judged {
                Ok(one) => taken.push((one, bytes)),
                Err(finding) => {
                    found = Some(Found::Entry(finding, bytes));
                    break;
                }
            }
            if let Some(odd) = self.odd() {
                found = Some(odd);
                // What is not the record's own is never cosigned.
                let size = self.follow.frontier().size();
                self.listed.retain(|one| one.checkpoint.size < size);
                break;
            }
        }
        Step { way: self, taken, before, found }
    }

    /// Between which times the next entry must lie.
    fn window(&self) -> Window {
        listed::window(&self.listed, self.window, self.follow.frontier().size())
    }

    /// What is wrong with the directory's checkpoint of this size, if it has one.
    fn odd(&self) -> Option<Found> {
        let frontier = self.follow.frontier();
        let one = self.listed.iter().find(|one| one.checkpoint.size == frontier.size())?;
        if one.checkpoint.root != frontier.root() {
            return Some(Found::Root(Box::new(one.clone())));
        }
        let state = self.follow.state()?;
        let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key);
        let signed = key.is_ok_and(|key| Checkpoint::open(&one.note, &key).is_ok());
        (!signed).then(|| Found::Key(Box::new(one.clone()), state.log_key))
    }

    /// A result that passes over a ballot which this witness vouched for.
    fn lacking_vouched(&self, statement: Option<&Statement>) -> Option<Box<Finding>> {
        let statement = statement.filter(|statement| matches!(statement.act, Act::ResultAnnounced(_)))?;
        let voting = voting_of(self.follow.state()?, statement)?;
        let missing = self.vouched.get(&voting.opened.leaf)?.iter().find(|one| !is_settled(voting, one))?;
        Some(Box::new(Finding {
            seq: Some(self.follow.frontier().size()),
            rule: VOUCHED,
            expected: format!(
                "the ballot {} of voter {}, handed in here at {}",
                missing.statement, missing.voter, missing.time
            ),
            found: "a result without it".to_owned(),
            class: Class::Procedure,
        }))
    }
}

fn voting_of<'a>(state: &'a State, statement: &Statement) -> Option<&'a Voting> {
    let session = state.session(statement.session?)?;
    let key = (statement.matter?, statement.question.clone()?);
    session.votings.get(&key).map(AsRef::as_ref)
}

/// Whether a vote has this ballot or one that takes its place, or was closed before the ballot was handed in: a vote closes early
/// once all have voted, which is read here a little later, and the law admits no ballot received after that.
pub(in crate::witness) fn is_settled(voting: &Voting, one: &Vouched) -> bool {
    let Ok(voter) = u32::try_from(one.voter) else { return true };
    let late = voting.closed_at.is_some_and(|closed| one.time > closed);
    let newer =
        |channel| voting.ballots.get(&(voter, channel)).is_some_and(|cast| u64::from(cast.revision) >= one.revision);
    late || voting.paper_issued.contains(&voter) || newer(Channel::Online) || newer(Channel::Kiosk)
}
