//! What a witness keeps beside its copies of the logs: what it cosigned, how far it has read, alarms, ballots it vouches for.

use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, VillageCode};
use crate::store::district::{DistrictAppend, DistrictLeaf};
use crate::store::error::StoreError;
use crate::store::record::PAGE;
use crate::store::sql::{bytes, opt, table_row, text, val};
use crate::store::tx::Tx;

/// Most alarms of one kind about one log.
pub const MOST_ALARMS: u64 = 200;

table_row! {
    /// The newest checkpoint of a log that a witness cosigned.
    "witnessed" pub struct Witnessed {
        /// Origin of the log.
        pub origin: String,
        /// SHA-256 of the origin, under which it is shown.
        pub hash: Digest,
        /// Its size.
        pub size: u64,
        /// Its root.
        pub root: Digest,
        /// When it was cosigned.
        pub time: Time,
        /// The note, with the log's signature and the cosignature.
        pub note: Vec<u8>,
    }
}

table_row! {
    /// Where a witness stands with the log of a district.
    "followed_districts" pub struct FollowedDistrict {
        /// The district.
        pub district: DistrictCode,
        /// When a checkpoint was fetched last.
        pub fetched: Time,
        /// When the served client was compared last.
        pub client: Option<Time>,
    }
}

table_row! {
    /// Where a witness stands with a village.
    "followed" pub struct Followed {
        /// The village.
        pub village: VillageCode,
        /// The log's verifier key, as the directory has it.
        pub key: String,
        /// Size of the newest checkpoint in the directory.
        pub listed: u64,
        /// Its root.
        pub root: Digest,
        /// Entries not yet read are no older; `None` where nothing was listed before.
        pub since: Option<Time>,
        /// Nor newer.
        pub until: Time,
        /// Size of the newest checkpoint cosigned as lawful; 0 for none.
        pub lawful: u64,
        /// Size of the newest of those that the server has taken.
        pub pushed: u64,
        /// The alarm that stopped it, in hex.
        pub stopped: Option<String>,
    }
}

table_row! {
    /// An alarm.
    "alarms" pub struct AlarmRow {
        /// What it is about, hashed: the same is raised once.
        pub alarm: Digest,
        /// Its kind.
        pub kind: String,
        /// The log that it concerns.
        pub origin: String,
        /// When it was raised.
        pub time: Time,
        /// What happened, as JSON.
        pub body: String,
        /// A file that others can check.
        pub evidence: Option<Vec<u8>>,
        /// How often the webhook was tried.
        pub tries: u64,
        /// When to try next.
        pub next: Time,
        /// When the webhook took it.
        pub told: Option<Time>,
    }
}

table_row! {
    /// A ballot that a witness vouches for.
    "vouched" pub struct Vouched {
        /// The village.
        pub village: VillageCode,
        /// Its statement id.
        pub statement: Digest,
        /// The entry that opened the vote.
        pub basis: Digest,
        /// Roster number.
        pub voter: u64,
        /// Revision.
        pub revision: u64,
        /// When it was handed in.
        pub time: Time,
        /// The envelope, as JSON.
        pub envelope: Vec<u8>,
        /// When it was settled: the vote has ended, or the inspector read on; results may lack it from then on.
        pub settled: Option<Time>,
    }
}

table_row! {
    /// A checkpoint that a reader handed in and that the log has not shown here yet.
    "seen" pub struct Seen {
        /// Origin of the log.
        pub origin: String,
        /// Its size.
        pub size: u64,
        /// Its root.
        pub root: Digest,
        /// When it was handed in first.
        pub time: Time,
        /// The note, with the log's signature.
        pub note: Vec<u8>,
    }
}

impl Tx<'_> {
    /// What was cosigned last of a log.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn witnessed(&mut self, origin: &str) -> Result<Option<Witnessed>, StoreError> {
        self.first("WHERE origin = $1", vec![text(origin)]).await
    }

    /// The same by the SHA-256 of the origin.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn witnessed_by_hash(&mut self, hash: Digest) -> Result<Option<Witnessed>, StoreError> {
        self.first("WHERE hash = $1", vec![val(hash)]).await
    }

    /// Puts a newly cosigned checkpoint in the place of the one of size `old`; `false`, with nothing changed, if another
    /// size is on record by now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_witnessed(&mut self, old: u64, new: &Witnessed) -> Result<bool, StoreError> {
        if old > 0 {
            let sql = "UPDATE witnessed SET size = $3, root = $4, time = $5, note = $6 WHERE origin = $1 AND size = $2";
            let Witnessed { origin, size, root, time, note, .. } = new;
            let values = vec![text(origin), val(old), val(*size), val(*root), val(*time), bytes(note)];
            return Ok(self.execute(sql, values).await? == 1);
        }
        // A size of 0 is on record only where a log was cosigned while empty.
        let tail = "ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, \
                    time = excluded.time, note = excluded.note WHERE witnessed.size = 0";
        Ok(self.put(std::slice::from_ref(new), tail).await? == 1)
    }

    /// Where it stands with a district.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn followed_district(&mut self, code: DistrictCode) -> Result<Option<FollowedDistrict>, StoreError> {
        self.first("WHERE district = $1", vec![val(code)]).await
    }

    /// Notes where it stands with a district.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_followed_district(&mut self, row: &FollowedDistrict) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (district) DO UPDATE SET fetched = excluded.fetched, client = excluded.client";
        self.put(std::slice::from_ref(row), tail).await.map(|_| ())
    }

    /// Every village of the directory, in order of code.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn all_followed(&mut self) -> Result<Vec<Followed>, StoreError> {
        self.all("ORDER BY village", vec![]).await
    }

    /// Where it stands with a village.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn followed(&mut self, village: VillageCode) -> Result<Option<Followed>, StoreError> {
        self.first("WHERE village = $1", vec![val(village)]).await
    }

    /// Notes where it stands with villages.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_followed(&mut self, rows: &[Followed]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village) DO UPDATE SET key = excluded.key, listed = excluded.listed, \
                    root = excluded.root, since = excluded.since, until = excluded.until, lawful = excluded.lawful, \
                    pushed = excluded.pushed, stopped = excluded.stopped";
        self.put(rows, tail).await.map(|_| ())
    }

    /// Notes what the directory says of villages; how far they are read, cosigned and stopped stays.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_listed(&mut self, rows: &[Followed]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village) DO UPDATE SET key = excluded.key, listed = excluded.listed, \
                    root = excluded.root, since = excluded.since, until = excluded.until";
        self.put(rows, tail).await.map(|_| ())
    }

    /// Notes that a village's record is cosigned as lawful up to this size.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_lawful(&mut self, village: VillageCode, size: u64) -> Result<(), StoreError> {
        let sql = "UPDATE followed SET lawful = $1 WHERE village = $2";
        self.execute(sql, vec![val(size), val(village)]).await.map(|_| ())
    }

    /// Notes that the server has taken the cosignature of this size.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_pushed(&mut self, village: VillageCode, size: u64) -> Result<(), StoreError> {
        let sql = "UPDATE followed SET pushed = $1 WHERE village = $2 AND pushed < $1";
        self.execute(sql, vec![val(size), val(village)]).await.map(|_| ())
    }

    /// Stops reading a village because of an alarm.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stop_village(&mut self, village: VillageCode, alarm: &str) -> Result<(), StoreError> {
        let sql = "UPDATE followed SET stopped = $1 WHERE village = $2";
        self.execute(sql, vec![text(alarm), val(village)]).await.map(|_| ())
    }

    /// Reads on in a village: the times of what is listed so far are not asked about again, nor the ballots vouched for so
    /// far. `false` if the directory has no such village.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn resume_village(&mut self, village: VillageCode, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE vouched SET settled = $1 WHERE village = $2 AND settled IS NULL";
        self.execute(sql, vec![val(now), val(village)]).await?;
        let sql = "UPDATE followed SET stopped = NULL, since = NULL WHERE village = $1";
        Ok(self.execute(sql, vec![val(village)]).await? == 1)
    }

    /// Adds to a copy of a district's log; the checkpoint only where the copy is `whole` with it. The copies of villages'
    /// records are read later, so nothing of them counts as published yet.
    ///
    /// # Errors
    /// As [`Tx::append_district`].
    pub async fn copy_district(&mut self, append: &DistrictAppend, whole: bool) -> Result<(), StoreError> {
        self.extend_district(append).await?;
        if whole { self.put(std::slice::from_ref(&append.checkpoint), "").await.map(|_| ()) } else { Ok(()) }
    }

    /// Notes how much of a village's copied record may be shown.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn show_copied(&mut self, village: VillageCode, size: u64) -> Result<(), StoreError> {
        let sql = "UPDATE villages SET published = $1 WHERE village = $2";
        self.execute(sql, vec![val(size), val(village)]).await.map(|_| ())
    }

    /// A village's checkpoints in the copy of the directory with sizes above `after`, smallest first, at most [`PAGE`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn listed_after(&mut self, village: VillageCode, after: u64) -> Result<Vec<DistrictLeaf>, StoreError> {
        let clause = "WHERE village = $1 AND size > $2 ORDER BY size LIMIT $3";
        self.all(clause, vec![val(village), val(after), val(PAGE)]).await
    }

    /// The newest leaf of a district that concerns no village: a release.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest_release(&mut self, code: DistrictCode) -> Result<Option<DistrictLeaf>, StoreError> {
        self.first(
            "WHERE district = $1 AND village IS NULL AND size IS NULL ORDER BY seq DESC LIMIT 1",
            vec![val(code)],
        )
        .await
    }

    /// Keeps an alarm; `false` if the same was raised before, or very many of this kind about this log: a log that is at odds
    /// with itself could fill the disk with what no inspector needs any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn raise_alarm(&mut self, row: &AlarmRow) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS raised FROM alarms WHERE kind = $1 AND origin = $2";
        let raised = self.row(sql, vec![text(&row.kind), text(&row.origin)]).await?;
        if raised.map(|row| row.one::<u64>("raised")).transpose()? >= Some(MOST_ALARMS) {
            return Ok(false);
        }
        Ok(self.put(std::slice::from_ref(row), "ON CONFLICT (alarm) DO NOTHING").await? == 1)
    }

    /// Alarms, newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn alarms(&mut self, limit: u64) -> Result<Vec<AlarmRow>, StoreError> {
        self.all("ORDER BY time DESC, alarm LIMIT $1", vec![val(limit)]).await
    }

    /// One alarm.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn alarm(&mut self, alarm: Digest) -> Result<Option<AlarmRow>, StoreError> {
        self.first("WHERE alarm = $1", vec![val(alarm)]).await
    }

    /// Alarms that the webhook has not taken and is to be tried with now, at most [`PAGE`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn untold(&mut self, now: Time) -> Result<Vec<AlarmRow>, StoreError> {
        self.all("WHERE told IS NULL AND next <= $1 ORDER BY next LIMIT $2", vec![val(now), val(PAGE)]).await
    }

    /// Notes a try of the webhook: when it took the alarm, or when to try again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tried(&mut self, alarm: Digest, next: Time, told: Option<Time>) -> Result<(), StoreError> {
        let sql = "UPDATE alarms SET tries = tries + 1, next = $1, told = $2 WHERE alarm = $3";
        self.execute(sql, vec![val(next), opt(told), val(alarm)]).await.map(|_| ())
    }

    /// Keeps a ballot to vouch for; the first time stands.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vouch(&mut self, row: &Vouched) -> Result<Vouched, StoreError> {
        self.put(std::slice::from_ref(row), "ON CONFLICT (village, statement) DO NOTHING").await?;
        let clause = "WHERE village = $1 AND statement = $2";
        let kept = self.first(clause, vec![val(row.village), val(row.statement)]).await?;
        kept.ok_or_else(|| StoreError::Damaged("a vouched ballot is missing".to_owned()))
    }

    /// Ballots of a village that it vouches for and that are not settled, newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vouched_in(&mut self, village: VillageCode, limit: u64) -> Result<Vec<Vouched>, StoreError> {
        self.all(
            "WHERE village = $1 AND settled IS NULL ORDER BY time DESC, statement LIMIT $2",
            vec![val(village), val(limit)],
        )
        .await
    }

    /// What readers handed in of a log and is not judged yet, smallest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn seen(&mut self, origin: &str) -> Result<Vec<Seen>, StoreError> {
        self.all("WHERE origin = $1 ORDER BY size, root", vec![text(origin)]).await
    }

    /// Keeps what a reader handed in, unless it is kept already or there are `most` of its log; those stand until they are judged.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn keep_seen(&mut self, row: &Seen, most: usize) -> Result<(), StoreError> {
        if self.seen(&row.origin).await?.len() < most {
            self.put(std::slice::from_ref(row), "ON CONFLICT (origin, size, root) DO NOTHING").await?;
        }
        Ok(())
    }

    /// Lets go of what is judged.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_seen(&mut self, row: &Seen) -> Result<(), StoreError> {
        let sql = "DELETE FROM seen WHERE origin = $1 AND size = $2 AND root = $3";
        self.execute(sql, vec![text(&row.origin), val(row.size), val(row.root)]).await.map(|_| ())
    }

    /// Of each vote with ballots handed in here that are not settled the newest one, newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn votes_handed_in(&mut self, limit: u64) -> Result<Vec<Vouched>, StoreError> {
        let clause = "WHERE settled IS NULL AND NOT EXISTS (SELECT 1 FROM vouched other \
                      WHERE other.village = vouched.village AND other.basis = vouched.basis AND other.settled IS NULL \
                      AND (other.time, other.statement) > (vouched.time, vouched.statement)) \
                      ORDER BY time DESC, statement LIMIT $1";
        self.all(clause, vec![val(limit)]).await
    }

    /// Ballots of one vote that are not settled, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn handed_in(
        &mut self,
        village: VillageCode,
        basis: Digest,
        limit: u64,
    ) -> Result<Vec<Vouched>, StoreError> {
        let clause = "WHERE village = $1 AND basis = $2 AND settled IS NULL ORDER BY time, statement LIMIT $3";
        self.all(clause, vec![val(village), val(basis), val(limit)]).await
    }

    /// Notes that a vote has ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settle_vote(&mut self, village: VillageCode, basis: Digest, now: Time) -> Result<(), StoreError> {
        let sql = "UPDATE vouched SET settled = $1 WHERE village = $2 AND basis = $3 AND settled IS NULL";
        self.execute(sql, vec![val(now), val(village), val(basis)]).await.map(|_| ())
    }
}
