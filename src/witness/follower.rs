//! The round of a following witness: look at the district, read the villages that grew, hand back cosignatures, tell of alarms.
//! Each step is one transaction or can be taken again, so that a witness that is killed goes on where it was.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::{self, StreamExt as _};

use crate::core::ids::VillageCode;
use crate::log::district::{Says, read as read_leaf};
use crate::log::text::sha256;
use crate::store::error::StoreError;
use crate::store::witness::{Followed, FollowedDistrict};
use crate::witness::Witness;
use crate::witness::alarm::{Alarm, Kind};
use crate::witness::district::FollowError;
use crate::witness::seen::SeenError;
use crate::witness::village::Reading;

/// Villages read beside each other.
const AT_A_TIME: usize = 4;
/// From one comparison of the served client to the next, in milliseconds.
const CLIENT_EVERY_MS: i64 = 3_600_000;
/// Largest file of the client taken in, bytes.
const MAX_FILE: u64 = 16 << 20;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Leaves of the district's log copied.
    pub leaves: u64,
    /// Villages whose records were read on.
    pub villages: usize,
    /// Entries read.
    pub entries: u64,
    /// Village checkpoints cosigned as lawful.
    pub cosigned: usize,
    /// Cosignatures that the server took.
    pub pushed: usize,
    /// Steps that ended in an alarm.
    pub alarms: usize,
    /// Steps that the network or the store stood in the way of.
    pub hindered: usize,
}

/// How far a round has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Villages read.
    pub done: u64,
    /// Villages to read.
    pub of: u64,
    /// Entries read.
    pub entries: u64,
}

impl Witness {
    /// One round. `told` hears how far it has come.
    ///
    /// # Errors
    /// The store's; what is wrong with the server is an alarm, and counted.
    pub async fn round(&self, told: &(dyn Fn(Progress) + Sync)) -> Result<Round, StoreError> {
        let mut round = Round::default();
        match self.look().await {
            Ok(look) => (round.leaves, round.alarms) = (look.leaves, look.faulty),
            Err(error) => round.note(&error),
        }
        if let Err(error) = self.judge_seen().await {
            round.note(&error);
        }
        match self.ask_others(round.leaves > 0).await {
            Ok(()) | Err(SeenError::Refused(_)) => {}
            Err(SeenError::Follow(error)) => round.note(&error),
        }
        let followed: Vec<Followed> = self.db().read("all_followed", |tx| Box::pin(tx.all_followed())).await?;
        self.read_all(&followed, told, &mut round).await?;
        let followed: Vec<Followed> = self.db().read("all_followed", |tx| Box::pin(tx.all_followed())).await?;
        self.hand_back(&followed, &mut round).await;
        round.alarms += self.mind_silence().await?;
        self.compare_client(&mut round).await?;
        self.tell().await?;
        if let Err(error) = self.tell_waiting().await {
            tracing::warn!(%error, "what waits for an inspector could not be told");
            round.hindered += 1;
        }
        Ok(round)
    }

    async fn read_all(
        &self,
        followed: &[Followed],
        told: &(dyn Fn(Progress) + Sync),
        round: &mut Round,
    ) -> Result<(), StoreError> {
        let mut waiting = Vec::new();
        for one in followed.iter().filter(|one| one.stopped.is_none()) {
            let village = one.village;
            let head = self.db().read("head", |tx| Box::pin(tx.head(village))).await?;
            if one.listed > head.map_or(0, |head| head.size) {
                waiting.push(village);
            }
        }
        let (of, done, entries) = (waiting.len() as u64, AtomicU64::new(0), AtomicU64::new(0));
        let read = |village: VillageCode| {
            let (done, entries) = (&done, &entries);
            async move {
                let reading = self.read_village(village).await;
                let new = reading.as_ref().map_or(0, |reading| reading.entries);
                let entries = entries.fetch_add(new, Ordering::Relaxed) + new;
                told(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of, entries });
                (village, reading)
            }
        };
        let mut readings = stream::iter(waiting).map(read).buffer_unordered(AT_A_TIME);
        while let Some((village, reading)) = readings.next().await {
            match reading {
                Ok(Reading { entries, cosigned }) => {
                    round.villages += usize::from(entries > 0);
                    round.entries += entries;
                    round.cosigned += usize::from(cosigned.is_some());
                }
                Err(error) => {
                    if !matches!(error, FollowError::Alarmed(_)) {
                        tracing::warn!(%village, %error, "a village could not be read");
                    }
                    round.note(&error);
                }
            }
        }
        Ok(())
    }

    /// Gives the server the cosignatures that it has not taken yet.
    async fn hand_back(&self, followed: &[Followed], round: &mut Round) {
        for one in followed.iter().filter(|one| one.lawful > one.pushed) {
            match self.push(one.village).await {
                Ok(true) => round.pushed += 1,
                Ok(false) => round.hindered += 1,
                Err(error) => round.note(&error),
            }
        }
    }

    async fn push(&self, village: VillageCode) -> Result<bool, FollowError> {
        let read = self.db().read("to_push", |tx| {
            Box::pin(async move {
                let Some(head) = tx.head(village).await? else { return Ok(None) };
                tx.witnessed(&head.origin).await
            })
        });
        let witnessed: Result<_, StoreError> = read.await;
        let Some(witnessed) = witnessed? else { return Ok(true) };
        let url = format!("{}/log/v/{village}/cosignatures", self.settings().server);
        let answer = self.client().post(url, "text/plain; charset=utf-8", witnessed.note).await?;
        if !(200..300).contains(&answer.status) {
            tracing::warn!(%village, status = answer.status, "the server did not take a cosignature");
            return Ok(false);
        }
        let size = witnessed.size;
        self.db().write("pushed", |tx| Box::pin(tx.mark_pushed(village, size))).await.map_err(FollowError::Store)?;
        Ok(true)
    }

    /// Whether the server has given no good answer for too long, as far as is on record.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_silent(&self) -> Result<bool, StoreError> {
        let (code, now, most) = (self.district(), self.now(), self.settings().silence_ms());
        let row: Option<FollowedDistrict> =
            self.db().read("followed_district", |tx| Box::pin(tx.followed_district(code))).await?;
        Ok(row.is_none_or(|row| now.ms() - row.fetched.ms() > most))
    }

    /// Raises alarms where the server gives no good answer for too long, or does not show a village's entries that it has
    /// signed; how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn mind_silence(&self) -> Result<usize, StoreError> {
        let (code, now, most) = (self.district(), self.now(), self.settings().silence_ms());
        let mut alarms = 0;
        let row: Option<FollowedDistrict> =
            self.db().read("followed_district", |tx| Box::pin(tx.followed_district(code))).await?;
        if let Some(row) = row.filter(|row| now.ms() - row.fetched.ms() > most) {
            let found = format!("none since {}", row.fetched);
            let expected = format!("an answer within {} minutes", self.settings().silence_minutes);
            self.alarm(&Alarm::new(Kind::Silence, self.settings().log.name(), expected, found), None).await?;
            alarms += 1;
        }
        let followed: Vec<Followed> = self.db().read("all_followed", |tx| Box::pin(tx.all_followed())).await?;
        for one in followed.iter().filter(|one| one.stopped.is_none() && now.ms() - one.until.ms() > most) {
            let village = one.village;
            let head = self.db().read("head", |tx| Box::pin(tx.head(village))).await?;
            let size = head.map_or(0, |head| head.size);
            if one.listed > size {
                let origin = one.key.split('+').next().unwrap_or_default();
                let expected = format!("the {} entries that were signed", one.listed);
                self.alarm(&Alarm::new(Kind::Withheld, origin, expected, format!("{size} of them")), None).await?;
                alarms += 1;
            }
        }
        Ok(alarms)
    }

    /// Once an hour: is the client that is served the one that was released?
    async fn compare_client(&self, round: &mut Round) -> Result<(), StoreError> {
        let (code, now) = (self.district(), self.now());
        let read = self.db().read("release", |tx| {
            Box::pin(
                async move { Ok::<_, StoreError>((tx.followed_district(code).await?, tx.newest_release(code).await?)) },
            )
        });
        let (row, release) = read.await?;
        let (Some(row), Some(release), Some(_)) = (row, release, &self.settings().releaser) else { return Ok(()) };
        if row.client.is_some_and(|last| now.ms() - last.ms() < CLIENT_EVERY_MS) {
            return Ok(());
        }
        let Ok((Says::Release { version, files }, _)) = read_leaf(&release.bytes) else {
            return Ok(());
        };
        for (path, digest) in &files {
            let url = format!("{}{path}", self.settings().server);
            let found = match self.client().get(url, MAX_FILE).await {
                Ok(answer) if answer.status == 200 => sha256(&[&answer.body]).to_string(),
                // Whoever serves another client need not serve the released one beside it.
                Ok(answer) if matches!(answer.status, 404 | 410) => "not served".to_owned(),
                Ok(answer) => {
                    tracing::warn!(path, status = answer.status, "a file of the client is not served");
                    round.hindered += 1;
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(path, %error, "a file of the client can't be fetched");
                    round.hindered += 1;
                    return Ok(());
                }
            };
            if found != digest.to_string() {
                let expected = format!("{digest}, as version {version} has it");
                let alarm = Alarm::new(Kind::Client, self.settings().log.name(), expected, format!("{path}: {found}"));
                self.alarm(&alarm, Some(release.bytes.clone())).await?;
                round.alarms += 1;
            }
        }
        let row = FollowedDistrict { client: Some(now), ..row };
        let row = &row;
        self.db().write("compared", |tx| Box::pin(tx.put_followed_district(row))).await
    }
}

impl Round {
    fn note(&mut self, error: &FollowError) {
        match error {
            FollowError::Alarmed(_) => self.alarms += 1,
            FollowError::Fetch(_) | FollowError::Store(_) | FollowError::App(_) => {
                tracing::warn!(%error, "a step was not taken");
                self.hindered += 1;
            }
        }
    }
}
