//! Derived: what a village's pages list: matters, timeline, sessions and notices.

use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, MatterId, SessionId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{latest, opt, table_row, text, val};
use crate::store::tx::Tx;

table_row! {
/// A matter as lists show it.
"matters" pub struct MatterRow {
    /// Its village.
    pub village: VillageCode,
    /// The matter.
    pub matter: MatterId,
    /// Category code, `M01` to `M10`.
    pub category: String,
    /// Where it stands.
    pub stage: String,
    /// How it ended, once it did.
    pub outcome: Option<String>,
    /// Amount in fen.
    pub amount: Option<u64>,
    /// Commitment of its title.
    pub title: Digest,
    /// Entry that opened it.
    pub opened_seq: u64,
    /// When it was opened.
    pub opened: Time,
    /// Entry that changed it last.
    pub updated_seq: u64,
    /// When it was changed last.
    pub updated: Time,
    /// When the next step is due.
    pub due: Option<Time>,
}
}

table_row! {
/// One entry as the timeline of a matter, session or village shows it.
"timeline" pub struct TimelineRow {
    /// Its village.
    pub village: VillageCode,
    /// Index of the entry.
    pub seq: u64,
    /// Entry time.
    pub time: Time,
    /// Kind of statement.
    pub kind: String,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// Who signed, as JSON.
    pub persons: String,
}
}

table_row! {
/// A session as the calendar shows it.
"sessions_board" pub struct SessionRow {
    /// Its village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// Which body meets.
    pub body: String,
    /// When it begins.
    pub starts_at: Time,
    /// Where it stands.
    pub status: String,
    /// Entry that changed it last.
    pub updated_seq: u64,
}
}

table_row! {
/// Something posted on the notice board.
"notices" pub struct NoticeRow {
    /// Its village.
    pub village: VillageCode,
    /// Entry that posted it.
    pub seq: u64,
    /// What sort of notice.
    pub kind: String,
    /// The matter it is about.
    pub matter: Option<MatterId>,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// Shown from.
    pub posted_from: Time,
    /// Shown until; `None` for as long as nobody takes it down.
    pub posted_until: Option<Time>,
}
}

impl Tx<'_> {
    /// Keeps matters, new or changed.
    pub async fn put_matters(&mut self, matters: &[MatterRow]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, matter) DO UPDATE SET category = excluded.category, \
                    stage = excluded.stage, outcome = excluded.outcome, amount = excluded.amount, \
                    title = excluded.title, updated_seq = excluded.updated_seq, updated = excluded.updated, \
                    due = excluded.due";
        self.put(&latest(matters, |row| (row.village, row.matter)), tail).await.map(|_| ())
    }

    /// One matter.
    pub async fn matter(&mut self, village: VillageCode, matter: MatterId) -> Result<Option<MatterRow>, StoreError> {
        self.first("WHERE village = $1 AND matter = $2", vec![val(village), val(matter)]).await
    }

    /// A village's matters, the last changed first, at most `limit`; the next page is `before` the last one's
    /// `updated_seq`.
    pub async fn matters(
        &mut self,
        village: VillageCode,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<MatterRow>, StoreError> {
        let clause = "WHERE village = $1 AND updated_seq < $2 ORDER BY updated_seq DESC, matter LIMIT $3";
        self.all(clause, vec![val(village), val(before.unwrap_or(u64::MAX)), val(limit)]).await
    }

    /// Matters of all villages whose next step was due at or before `time`, the longest due first, at most `limit`.
    pub async fn matters_due(&mut self, time: Time, limit: u64) -> Result<Vec<MatterRow>, StoreError> {
        self.all("WHERE due <= $1 ORDER BY due, village, matter LIMIT $2", vec![val(time), val(limit)]).await
    }

    /// Adds entries to the timeline.
    pub async fn put_timeline(&mut self, rows: &[TimelineRow]) -> Result<(), StoreError> {
        self.put(rows, "").await.map(|_| ())
    }

    /// A village's newest entries before index `before`, at most `limit`.
    pub async fn timeline(
        &mut self,
        village: VillageCode,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let clause = "WHERE village = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
        self.all(clause, vec![val(village), val(before.unwrap_or(u64::MAX)), val(limit)]).await
    }

    /// A matter's entries from index `from` on, in order, at most `limit`.
    pub async fn timeline_of_matter(
        &mut self,
        village: VillageCode,
        matter: MatterId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let clause = "WHERE village = $1 AND matter = $2 AND seq >= $3 ORDER BY seq LIMIT $4";
        self.all(clause, vec![val(village), val(matter), val(from), val(limit)]).await
    }

    /// How many entries are about a matter.
    pub async fn count_of_matter(&mut self, village: VillageCode, matter: MatterId) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS entries FROM timeline WHERE village = $1 AND matter = $2";
        let row = self.row(sql, vec![val(village), val(matter)]).await?;
        row.map_or(Ok(0), |row| row.one("entries"))
    }

    /// A session's entries from index `from` on, in order, at most `limit`.
    pub async fn timeline_of_session(
        &mut self,
        village: VillageCode,
        session: SessionId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let clause = "WHERE village = $1 AND session = $2 AND seq >= $3 ORDER BY seq LIMIT $4";
        self.all(clause, vec![val(village), val(session), val(from), val(limit)]).await
    }

    /// Keeps sessions, new or changed.
    pub async fn put_board(&mut self, sessions: &[SessionRow]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, session) DO UPDATE SET body = excluded.body, \
                    starts_at = excluded.starts_at, status = excluded.status, updated_seq = excluded.updated_seq";
        self.put(&latest(sessions, |row| (row.village, row.session)), tail).await.map(|_| ())
    }

    /// A village's sessions, the latest first, at most `limit`.
    pub async fn board(&mut self, village: VillageCode, limit: u64) -> Result<Vec<SessionRow>, StoreError> {
        self.all("WHERE village = $1 ORDER BY starts_at DESC, session LIMIT $2", vec![val(village), val(limit)]).await
    }

    /// Sessions with this status that begin from `from` up to `to` (not included), in order, at most `limit`: of one district,
    /// or of all villages.
    pub async fn sessions_between(
        &mut self,
        district: Option<DistrictCode>,
        status: &str,
        (from, to): (Time, Time),
        limit: u64,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let mut values = vec![text(status), val(from), val(to), val(limit)];
        let Some(district) = district else {
            let clause = "WHERE status = $1 AND starts_at >= $2 AND starts_at < $3 \
                          ORDER BY starts_at, village, session LIMIT $4";
            return self.all(clause, values).await;
        };
        values.push(val(district));
        let clause = "WHERE substr(village, 1, 6) = $5 AND status = $1 AND starts_at >= $2 AND starts_at < $3 \
                      ORDER BY starts_at, village, session LIMIT $4";
        self.all(clause, values).await
    }

    /// Sessions with this status that began before `to`, the latest first, at most `limit`: of one district, or of all
    /// villages.
    pub async fn sessions_before(
        &mut self,
        district: Option<DistrictCode>,
        status: &str,
        to: Time,
        limit: u64,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let mut values = vec![text(status), val(to), val(limit)];
        let Some(district) = district else {
            let clause = "WHERE status = $1 AND starts_at < $2 ORDER BY starts_at DESC, village, session LIMIT $3";
            return self.all(clause, values).await;
        };
        values.push(val(district));
        let clause = "WHERE substr(village, 1, 6) = $4 AND status = $1 AND starts_at < $2 \
                      ORDER BY starts_at DESC, village, session LIMIT $3";
        self.all(clause, values).await
    }

    /// Keeps notices, new or changed.
    pub async fn put_notices(&mut self, notices: &[NoticeRow]) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, seq) DO UPDATE SET kind = excluded.kind, matter = excluded.matter, \
                    session = excluded.session, posted_from = excluded.posted_from, \
                    posted_until = excluded.posted_until";
        self.put(&latest(notices, |row| (row.village, row.seq)), tail).await.map(|_| ())
    }

    /// A village's notices, the newest first, at most `limit`: those shown at `now`, or all.
    pub async fn notices(
        &mut self,
        village: VillageCode,
        now: Option<Time>,
        limit: u64,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        match now {
            None => self.all("WHERE village = $1 ORDER BY seq DESC LIMIT $2", vec![val(village), val(limit)]).await,
            now => {
                let clause = "WHERE village = $1 AND posted_from <= $2 \
                              AND (posted_until IS NULL OR posted_until > $2) ORDER BY seq DESC LIMIT $3";
                self.all(clause, vec![val(village), opt(now), val(limit)]).await
            }
        }
    }
}
