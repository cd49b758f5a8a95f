//! Follows the log of the district: fetches what is new, holds it against the signed root, judges each leaf, and copies it.

use std::collections::BTreeMap;

use crate::app::error::AppError;
use crate::app::fetch::FetchError;
use crate::app::remote::{Bad, Remote};
use crate::app::tiles;
use crate::core::clock::Time;
use crate::core::ids::{Digest, VillageCode};
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::district::{self, Directory, LeafError, Listed, Says};
use crate::log::ledger::Tail;
use crate::log::note::{Note, VerifierKey};
use crate::log::proof::ProofFile;
use crate::log::tile::TILE_WIDTH;
use crate::log::tree::{Frontier, empty_root, leaf_hash, prove_inclusion};
use crate::store::district::{DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf, LogOf};
use crate::store::error::StoreError;
use crate::store::witness::{Followed, FollowedDistrict};
use crate::witness::Witness;
use crate::witness::alarm::{self, Alarm, Kind};

/// How far the clocks of server and witness may differ, in milliseconds (PROTOCOL 6).
pub const SKEW_MS: i64 = 120_000;

/// Village and size under which a leaf is kept that does not belong there: it counts for nothing, and the leaves after it are
/// judged without it (PROTOCOL 4).
const MISPLACED: (Option<VillageCode>, Option<u64>) = (None, Some(0));

/// Why a step of following did not end. What it had done stays; the next round goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The server gave no answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy could not be read.
    #[error(transparent)]
    App(#[from] AppError),
    /// Something is wrong with what the server gave: an alarm was raised.
    #[error("alarm {0}")]
    Alarmed(Digest),
}

/// What a look at the district's log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Leaves copied.
    pub leaves: u64,
    /// Those among them that do not belong there.
    pub faulty: usize,
}

/// The district's log as it is copied.
pub(in crate::witness) struct Copied {
    head: DistrictHead,
    frontier: Frontier,
    /// The newest checkpoint of it; none before the first.
    note: Option<Note>,
}

impl Copied {
    /// The newest checkpoint up to which the copy is whole; it may hold more leaves by now.
    pub(in crate::witness) fn whole(&self) -> Option<(&Note, Checkpoint)> {
        let note = self.note.as_ref()?;
        Some((note, Checkpoint::parse(&note.text).ok()?))
    }
}

impl Witness {
    /// Looks at the district's log and copies what is new.
    ///
    /// # Errors
    /// `Alarmed` when something is wrong with it; otherwise what stood in the way.
    pub async fn look(&self) -> Result<Look, FollowError> {
        let remote = self.remote(LogOf::District(self.district()));
        let (log, origin) = (self.settings().log.clone(), self.settings().log.name());
        let bytes = remote.checkpoint().await?;
        let now = self.now();
        let opened = Note::parse(&bytes)
            .map_err(CheckpointError::from)
            .and_then(|note| Ok((Checkpoint::open(&note, &log)?, note)));
        let (checkpoint, note) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let alarm = Alarm::new(Kind::Withheld, origin, "a checkpoint that the log signed", error.to_string());
                return Err(self.alarmed(&alarm, None).await?);
            }
        };
        let copied = self.copied().await?;
        self.compare_with_copy(&copied, &checkpoint, &note).await?;
        let look = self.copy_leaves(&remote, copied, &checkpoint, &note, now).await?;
        self.compare_with_desk(now).await?;
        Ok(look)
    }

    /// Raises an alarm, and makes it the error with which a step ends.
    pub(in crate::witness) async fn alarmed(
        &self,
        alarm: &Alarm,
        evidence: Option<Vec<u8>>,
    ) -> Result<FollowError, StoreError> {
        Ok(FollowError::Alarmed(self.alarm(alarm, evidence).await?))
    }

    pub(in crate::witness) async fn copied(&self) -> Result<Copied, FollowError> {
        let (code, origin) = (self.district(), self.settings().log.name().to_owned());
        let read = self.db().read("district_copy", |tx| {
            Box::pin(async move {
                let head = tx.district(code).await?;
                let newest = tx.newest_district_checkpoint(code).await?;
                Ok::<_, StoreError>((head, newest))
            })
        });
        let (head, newest) = read.await?;
        let new = DistrictHead { district: code, origin, size: 0, frontier: Vec::new(), restored: false };
        let head = head.unwrap_or(new);
        let frontier = Frontier::from_bytes(head.size, &head.frontier);
        let frontier = frontier.ok_or_else(|| StoreError::Damaged("the copy of the district's log".to_owned()))?;
        Ok(Copied { head, frontier, note: newest.and_then(|row| Note::parse(&row.note).ok()) })
    }

    /// A checkpoint that is not above the copy must be the copy's own, or one that it went through.
    async fn compare_with_copy(
        &self,
        copied: &Copied,
        checkpoint: &Checkpoint,
        note: &Note,
    ) -> Result<(), FollowError> {
        let (size, held) = (checkpoint.size, copied.head.size);
        if size > held {
            return Ok(());
        }
        let log = LogOf::District(self.district());
        let root = if size == held { copied.frontier.root() } else { self.root_at(log, size).await? };
        if root != checkpoint.root
            && let Some(own) = &copied.note
        {
            let hashes = if size == held { Vec::new() } else { self.own_prefix(log, size, held).await? };
            return Err(self.accuse(&self.settings().log, own, note, hashes).await?);
        }
        if size < held {
            let alarm =
                Alarm::new(Kind::Rollback, &checkpoint.origin, format!("at least {held} leaves"), size.to_string());
            return Err(self.alarmed(&alarm, Some(note.to_string().into_bytes())).await?);
        }
        Ok(())
    }

    /// Raises the alarm of two histories of a log, with the proof if these hashes are one.
    pub(in crate::witness) async fn accuse(
        &self,
        log: &VerifierKey,
        one: &Note,
        other: &Note,
        hashes: Vec<Digest>,
    ) -> Result<FollowError, StoreError> {
        let evidence = alarm::fork(one, other, hashes, log);
        let size = |note: &Note| Checkpoint::parse(&note.text).map_or(0, |checkpoint| checkpoint.size);
        let found = format!("two histories, of {} and {} entries", size(one), size(other));
        let kind = if evidence.is_some() { Kind::Fork } else { Kind::Withheld };
        self.alarmed(&Alarm::new(kind, log.name(), "one history", found), evidence).await
    }

    /// The root of the own copy as it was with `size` leaves.
    pub(in crate::witness) async fn root_at(&self, log: LogOf, size: u64) -> Result<Digest, StoreError> {
        self.db().read("root_at", |tx| Box::pin(tiles::root(tx, log, size))).await
    }

    /// The hashes that show both roots, from the own copy.
    pub(in crate::witness) async fn own_prefix(
        &self,
        log: LogOf,
        old: u64,
        new: u64,
    ) -> Result<Vec<Digest>, FollowError> {
        Ok(self.db().read("own_prefix", |tx| Box::pin(tiles::prefix(tx, log, old, new))).await?.unwrap_or_default())
    }

    /// Fetches the leaves between copy and checkpoint, a bundle at a time.
    async fn copy_leaves(
        &self,
        remote: &Remote<'_>,
        mut copied: Copied,
        checkpoint: &Checkpoint,
        note: &Note,
        now: Time,
    ) -> Result<Look, FollowError> {
        let (first, size) = (copied.head.size, checkpoint.size);
        let hashes = match remote.leaf_hashes(first, &copied.frontier, checkpoint).await? {
            Ok(hashes) => hashes,
            Err(bad) => return Err(self.disproved(remote, copied.note.as_ref(), first, note, checkpoint, bad).await?),
        };
        let mut round = self.begin_round(now, first < size).await?;
        let mut faulty = 0;
        while copied.head.size < size {
            let from = copied.head.size;
            let bundle = match remote.bundle(from / TILE_WIDTH, size).await? {
                Ok(bundle) => bundle,
                Err(bad) => return Err(self.withheld(checkpoint, &bad).await?),
            };
            let skip = usize::try_from(from % TILE_WIDTH).unwrap_or(usize::MAX);
            let mut leaves = Vec::new();
            for (bytes, seq) in bundle.into_iter().skip(skip).zip(from..) {
                let leaf = leaf_hash(&bytes);
                let place = usize::try_from(seq - first).unwrap_or(usize::MAX);
                if hashes.get(place) != Some(&leaf) {
                    return Err(self.withheld(checkpoint, &Bad(format!("leaf {seq} is not the signed one"))).await?);
                }
                let says = match round.take(&bytes) {
                    Ok(says) => says,
                    Err(error) => {
                        let rest = hashes[usize::try_from(from - first).unwrap_or(0)..].to_vec();
                        let mut tail = Tail::new(copied.frontier.clone(), rest);
                        let path = prove_inclusion(&mut tail, seq, size).unwrap_or_default();
                        let proof =
                            ProofFile { extra: Some(bytes.clone()), index: seq, path, checkpoint: note.clone() };
                        self.misplaced(&checkpoint.origin, &proof, &error).await?;
                        faulty += 1;
                        MISPLACED
                    }
                };
                leaves.push(row_of(&copied.head, says, seq, leaf, bytes, now));
            }
            self.keep_leaves(&mut copied, leaves, &round, size, note).await?;
        }
        let row = round.row.clone();
        self.db()
            .write("looked", |tx| {
                let row = row.clone();
                Box::pin(async move { tx.put_followed_district(&row).await })
            })
            .await?;
        Ok(Look { leaves: size - first, faulty })
    }

    /// Raises the alarm about a leaf that does not belong where it stands.
    async fn misplaced(&self, origin: &str, proof: &ProofFile, error: &LeafError) -> Result<(), StoreError> {
        let alarm = Alarm {
            entry: Some(proof.index),
            ..Alarm::new(Kind::Directory, origin, "a leaf that belongs there", error.to_string())
        };
        self.alarm(&alarm, Some(proof.to_string().into_bytes())).await.map(|_| ())
    }

    /// One bundle's leaves in one transaction; with the last of them the checkpoint.
    async fn keep_leaves(
        &self,
        copied: &mut Copied,
        leaves: Vec<DistrictLeaf>,
        round: &Round,
        size: u64,
        note: &Note,
    ) -> Result<(), FollowError> {
        let old_size = copied.head.size;
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf.leaf).collect();
        for leaf in &hashes {
            copied.frontier.append(*leaf);
        }
        let head =
            DistrictHead { size: copied.frontier.size(), frontier: copied.frontier.to_bytes(), ..copied.head.clone() };
        let district = head.district;
        let whole = head.size == size;
        let time = round.row.fetched;
        let checkpoint =
            DistrictCheckpoint { district, size, time, note: note.to_string().into_bytes(), witnessed: None };
        let changed: Vec<Followed> = round.followed.values().filter(|one| one.until == round.until).cloned().collect();
        let (hashes, leaves, head_ref) = (&hashes, &leaves, &head);
        let (checkpoint, changed) = (&checkpoint, &changed);
        let write = self.db().write("copy_district", |tx| {
            Box::pin(async move {
                if old_size == 0 && tx.district(district).await?.is_none() {
                    let empty = DistrictHead { size: 0, frontier: Vec::new(), ..head_ref.clone() };
                    tx.begin_district(&empty).await?;
                }
                let tiles = tiles::grown(tx, LogOf::District(district), old_size, hashes).await?;
                let append = DistrictAppend {
                    old_size,
                    head: head_ref.clone(),
                    leaves: leaves.clone(),
                    tiles,
                    checkpoint: checkpoint.clone(),
                };
                tx.copy_district(&append, whole).await?;
                tx.put_listed(changed).await
            })
        });
        let written: Result<(), StoreError> = write.await;
        written?;
        copied.head = head;
        Ok(())
    }

    /// The signed root is not that of the leaves that were copied and those that are served.
    async fn disproved(
        &self,
        remote: &Remote<'_>,
        own: Option<&Note>,
        old: u64,
        note: &Note,
        checkpoint: &Checkpoint,
        bad: Bad,
    ) -> Result<FollowError, FollowError> {
        let Some(own) = own.filter(|_| old > 0) else { return Ok(self.withheld(checkpoint, &bad).await?) };
        match remote.prefix(old, checkpoint.size).await? {
            Ok(hashes) => Ok(self.accuse(&self.settings().log, own, note, hashes).await?),
            Err(_) => Ok(self.withheld(checkpoint, &bad).await?),
        }
    }

    pub(in crate::witness) async fn withheld(
        &self,
        checkpoint: &Checkpoint,
        bad: &Bad,
    ) -> Result<FollowError, StoreError> {
        let expected = format!("the {} entries that were signed", checkpoint.size);
        self.alarmed(&Alarm::new(Kind::Withheld, &checkpoint.origin, expected, bad.0.as_str()), None).await
    }

    /// What the desk cosigned must be what readers are shown: sooner or later, and the same.
    async fn compare_with_desk(&self, now: Time) -> Result<(), FollowError> {
        let origin = self.settings().log.name();
        let copied = self.copied().await?;
        let cosigned = self.db().read("witnessed", |tx| Box::pin(tx.witnessed(origin))).await?;
        let Some(cosigned) = cosigned else { return Ok(()) };
        let held = copied.head.size;
        if cosigned.size > held {
            if now.ms() - cosigned.time.ms() > SKEW_MS {
                let expected = format!("{} leaves, as cosigned at {}", cosigned.size, cosigned.time);
                let alarm = Alarm::new(Kind::Stale, origin, expected, format!("{held} leaves"));
                return Err(self.alarmed(&alarm, Some(cosigned.note)).await?);
            }
            return Ok(());
        }
        let log = LogOf::District(self.district());
        let size = cosigned.size;
        let root = self.root_at(log, size).await?;
        if root == cosigned.root {
            return Ok(());
        }
        let (Some(shown), Ok(own)) = (&copied.note, Note::parse(&cosigned.note)) else { return Ok(()) };
        let hashes = if size == held { Vec::new() } else { self.own_prefix(log, size, held).await? };
        Err(self.accuse(&self.settings().log, &own, shown, hashes).await?)
    }

    /// `grows`: whether leaves follow, which must not repeat what stood before.
    async fn begin_round(&self, now: Time, grows: bool) -> Result<Round, FollowError> {
        let code = self.district();
        let read = self.db().read("directory", |tx| {
            Box::pin(async move {
                let followed = tx.all_followed().await?;
                let before = tx.followed_district(code).await?;
                let release = tx.newest_release(code).await?;
                let stood = if grows { tx.keys_and_releases(code).await? } else { Vec::new() };
                let mut sizes = BTreeMap::new();
                for one in &followed {
                    sizes.insert(one.village, tx.head(one.village).await?.map_or(0, |head| head.size));
                }
                Ok::<_, StoreError>((followed, before, release, stood, sizes))
            })
        });
        let (followed, before, release, stood, read_so_far) = read.await?;
        let settings = self.settings();
        let damaged = |error: &dyn ToString| FollowError::Store(StoreError::Damaged(error.to_string()));
        let mut directory = Directory::new(settings.log.name(), &settings.roots, settings.releaser.clone())
            .map_err(|error| damaged(&error))?;
        let mut logs = BTreeMap::new();
        for one in &followed {
            let key = VerifierKey::parse(&one.key).map_err(|error| damaged(&error))?;
            logs.insert(one.village, Listed { key, newest: (one.listed > 0).then_some((one.listed, one.root)) });
        }
        let release = release.and_then(|leaf| match district::read(&leaf.bytes) {
            Ok((Says::Release { version, files }, _)) => Some((version, files)),
            _ => None,
        });
        directory.resume(logs, release, stood.iter().map(Vec::as_slice));
        let since = before.as_ref().map(|before| before.fetched.plus_ms(-SKEW_MS));
        let client = before.and_then(|before| before.client);
        let row = FollowedDistrict { district: code, fetched: now, client };
        let followed = followed.into_iter().map(|one| (one.village, one)).collect();
        Ok(Round { directory, followed, read_so_far, since, until: now.plus_ms(SKEW_MS), row })
    }
}

/// One round of reading new leaves.
struct Round {
    directory: Directory,
    followed: BTreeMap<VillageCode, Followed>,
    read_so_far: BTreeMap<VillageCode, u64>,
    since: Option<Time>,
    until: Time,
    row: FollowedDistrict,
}

impl Round {
    fn take(&mut self, bytes: &[u8]) -> Result<(Option<VillageCode>, Option<u64>), LeafError> {
        let says = self.directory.take(bytes)?;
        let (origin, size) = match &says {
            Says::Key(key) => (key.name(), None),
            Says::Checkpoint(checkpoint) => (checkpoint.origin.as_str(), Some(checkpoint.size)),
            Says::Release { .. } => return Ok((None, None)),
        };
        let village = district::village_of(origin).map(|(_, village)| village);
        let Some((village, listed)) = village.and_then(|village| Some((village, self.directory.logs().get(&village)?)))
        else {
            return Ok((village, size));
        };
        let (newest, root) = listed.newest.unwrap_or((0, empty_root()));
        let before = self.followed.get(&village);
        // What was listed before and is not read yet keeps its own, wider window.
        let read = self.read_so_far.get(&village).copied().unwrap_or(0);
        let waiting = before.filter(|before| before.listed > read);
        let since = match (waiting, before) {
            (Some(waiting), _) => waiting.since,
            (None, Some(before)) if before.listed > 0 => self.since,
            (None, _) => None,
        };
        let row = Followed {
            village,
            key: listed.key.to_string(),
            listed: newest,
            root,
            since,
            until: self.until,
            lawful: before.map_or(0, |before| before.lawful),
            pushed: before.map_or(0, |before| before.pushed),
            stopped: before.and_then(|before| before.stopped.clone()),
        };
        self.followed.insert(village, row);
        Ok((Some(village), size))
    }
}

fn row_of(
    head: &DistrictHead,
    (village, size): (Option<VillageCode>, Option<u64>),
    seq: u64,
    leaf: Digest,
    bytes: Vec<u8>,
    time: Time,
) -> DistrictLeaf {
    DistrictLeaf { district: head.district, seq, time, village, size, leaf, bytes }
}
