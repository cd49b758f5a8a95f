//! What spans villages: townships with their sums, sessions that come and results that came. Kept for a few seconds, so
//! that no visit of the front page costs more with more villages.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::projection::{VOTING, status_code};
use crate::core::clock::{DAY_MS, Time};
use crate::core::ids::{TownshipCode, VillageCode};
use crate::core::state::session::{OPENS_WITHIN_DAYS, SessionStatus, opens_until};
use crate::store::board::SessionRow;
use crate::store::error::StoreError;
use crate::store::projection::{TownshipSummary, VillageSummary};

/// How long the sums are kept.
const KEPT_MS: i64 = 5_000;
/// Sessions that come, as far as the front page looks.
const AHEAD_MS: i64 = 30 * DAY_MS;
/// How far back a session may have begun in which a vote may still open.
const UNDERWAY_MS: i64 = OPENS_WITHIN_DAYS as i64 * DAY_MS;
/// Most sessions looked at.
const SESSIONS: u64 = 40;

/// A township with its name.
#[derive(Debug, Clone)]
pub struct Township {
    /// Its sums.
    pub sums: TownshipSummary,
    /// Its name.
    pub name: String,
}

/// The whole region of this server.
#[derive(Debug, Clone)]
pub struct Region {
    /// Townships in order of code.
    pub townships: Vec<Township>,
    /// Sessions with an open vote, then others under way, then those to come, soonest first.
    pub coming: Vec<SessionRow>,
    /// Sessions that ended, latest first.
    pub ended: Vec<SessionRow>,
}

/// The region as it was a few seconds ago.
#[derive(Debug, Default)]
pub struct KeptRegion(Mutex<Option<(Time, Arc<Region>)>>);

impl App {
    /// The region, at most a few seconds old.
    ///
    /// # Errors
    /// The store's.
    pub async fn region(&self) -> Result<Arc<Region>, AppError> {
        let now = self.now();
        let fresh = |made: Time| (0..KEPT_MS).contains(&(now.ms() - made.ms()));
        if let Some((made, region)) = &*self.kept_region().0.lock().unwrap_or_else(PoisonError::into_inner)
            && fresh(*made)
        {
            return Ok(Arc::clone(region));
        }
        let region = Arc::new(self.read_region(now).await?);
        *self.kept_region().0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&region)));
        Ok(region)
    }

    async fn read_region(&self, now: Time) -> Result<Region, AppError> {
        let (sums, mut voting, mut coming, ended) = self
            .db()
            .read("region", |tx| {
                Box::pin(async move {
                    let sums = tx.townships().await?;
                    let voting = tx.sessions_at(VOTING, SESSIONS * 4).await?;
                    let coming = tx.sessions_between(now.plus_ms(-UNDERWAY_MS), now.plus_ms(AHEAD_MS), SESSIONS * 4);
                    let coming = coming.await?;
                    let ended = tx.sessions_before(now, status_code(SessionStatus::Ended), SESSIONS).await?;
                    Ok::<_, StoreError>((sums, voting, coming, ended))
                })
            })
            .await?;
        let [called, ready] = [SessionStatus::Convened, SessionStatus::RosterFixed].map(status_code);
        // One that was called, and in which no vote may open any more, is not coming.
        let live = |session: &SessionRow| session.status == ready || session.status == called;
        coming.retain(|session| live(session) && now < opens_until(session.starts_at));
        coming.sort_by_key(|session| session.status != ready || session.starts_at > now);
        voting.extend(coming);
        let mut townships = Vec::with_capacity(sums.len());
        for sums in sums {
            let name = self.township_name(sums.first).await?;
            townships.push(Township { sums, name });
        }
        Ok(Region { townships, coming: voting, ended })
    }

    /// A township's villages, in order of code.
    ///
    /// # Errors
    /// `NotFound` for a township without villages on record; the store's.
    pub async fn township(&self, township: TownshipCode) -> Result<(String, Vec<VillageSummary>), AppError> {
        let villages = self.db().read("township", |tx| Box::pin(tx.summaries(township))).await?;
        let first = villages.first().ok_or(AppError::NotFound { what: "township" })?;
        Ok((self.township_name(first.village).await?, villages))
    }

    /// Villages whose name holds `part`, in order of code, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(&self, part: &str, limit: u64) -> Result<Vec<VillageSummary>, AppError> {
        Ok(self.db().read("search", |tx| Box::pin(tx.search(part, limit))).await?)
    }

    /// Whether people are voting in a village at this moment.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_voting(&self, village: VillageCode) -> Result<bool, AppError> {
        use crate::core::state::voting::VotingStatus;
        let live = self.lives().live(village).await?;
        let mut votings = live.state().sessions.values().flat_map(|session| session.votings.values());
        Ok(votings.any(|voting| voting.status == VotingStatus::Open))
    }
}
