//! Several servers on one database. Each has an equal part of the lanes, by leases; what is for another's lane is sent there.
//!
//! Nothing of a record rests on this: an append moves the village's head row from the size that it was judged at, and that
//! succeeds for one writer only. A server that wrongly believes to hold a lane loses time, never a ballot.

pub mod peers;
pub mod plan;
mod route;
pub mod view;
pub mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::app::App;
use crate::app::cluster::peers::Peers;
use crate::app::cluster::plan::{Job, SERVER, is_near, lane_of, plan};
use crate::app::cluster::view::{Place, View};
use crate::app::error::AppError;
use crate::app::projection;
use crate::core::clock::{Clock, MINUTE_MS, Time};
use crate::core::ids::VillageCode;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::leases::{Holder, Lease};
use crate::store::tx::Tx;
use crate::store::vault::Vault;

/// How long a lease lasts, in milliseconds.
const LEASE_MS: i64 = 10_000;
/// How long what is held is acted on after the database was asked to renew it; less than a lease, so that a commit that has
/// begun ends before another server takes over.
const ACTED_ON: Duration = Duration::from_secs(8);
/// How often leases are renewed.
const EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two looks at the leases, however many ask for one.
const LEAST: Duration = Duration::from_millis(50);
/// Longest wait for the database at one look.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most statements that wait until it is known who writes their record.
const MOST_WAITING: usize = 4_096;
/// Lanes of a district, settled when its first server starts. More than servers, so that each server's part is about equal.
const LANES: u64 = 16;

/// This server among the others. Cheap to clone.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    /// For leases only.
    db: Db,
    clock: Arc<dyn Clock>,
    own: Holder,
    lanes: u64,
    view: watch::Sender<View>,
    look: Notify,
    /// Whether its clock is near enough to the database's.
    near: AtomicBool,
    /// Whether it takes part: not before it serves, and not when it has been told to stop.
    open: AtomicBool,
    peers: Peers,
    /// Turns of those who wait for a lane to be found.
    waiting: Semaphore,
}

/// What a look at the leases brought.
struct Seen {
    leases: Vec<Lease>,
    now: Time,
    own: Time,
    near: bool,
}

impl Cluster {
    /// Joins the servers on a database, without a part of what is to be done. What an earlier run at the same address had is
    /// free from then on.
    ///
    /// # Errors
    /// `Disagrees` where the others have another vault key or address for people; the store's.
    pub(in crate::app) async fn join(
        db: Db,
        vault: Vault,
        clock: Arc<dyn Clock>,
        own: Holder,
        origin: &str,
    ) -> Result<Self, AppError> {
        let lanes = agree(&db, &vault, origin).await?;
        let holder = &own;
        let ended = db.write("leases_before", |tx| {
            Box::pin(async move {
                let now = tx.database_time().await?;
                tx.end_leases_before(holder, now).await
            })
        });
        ended.await.map_err(AppError::Store)?;
        let view = watch::Sender::new(View::of(&[], &own.id, clock.now(), lanes, instant(), 0));
        let (near, open) = (AtomicBool::new(true), AtomicBool::new(false));
        let (look, peers, waiting) = (Notify::new(), Peers::new(vault), Semaphore::new(MOST_WAITING));
        let inner = Inner { db, clock, own, lanes, view, look, near, open, peers, waiting };
        let cluster = Self(Arc::new(inner));
        cluster.look().await?;
        Ok(cluster)
    }

    /// Who writes a village's record at this moment.
    #[must_use]
    pub fn place(&self, village: VillageCode) -> Place {
        self.0.view.borrow().place(lane_of(village, self.0.lanes), instant())
    }

    /// Whether a job is this server's at this moment.
    #[must_use]
    pub fn does(&self, job: Job) -> bool {
        self.0.view.borrow().does(job, instant())
    }

    /// The time by the database's clock, as far as this server knows.
    #[must_use]
    pub(in crate::app) fn database_time(&self) -> Time {
        self.0.view.borrow().database_time(self.0.clock.now())
    }

    pub(in crate::app) fn peers(&self) -> &Peers {
        &self.0.peers
    }

    pub(in crate::app) async fn close(&self) {
        self.0.db.close().await;
    }

    /// Waits until a village's record is written elsewhere than at `place`, at most `longest`: asks for a look at the leases.
    ///
    /// # Errors
    /// `Overloaded` where very many wait already.
    pub(in crate::app) async fn moved(
        &self,
        village: VillageCode,
        place: &Place,
        longest: Duration,
    ) -> Result<(), AppError> {
        let _turn = self.0.waiting.try_acquire().map_err(|_| AppError::Overloaded)?;
        let lane = lane_of(village, self.0.lanes);
        let mut views = self.0.view.subscribe();
        self.0.look.notify_one();
        let moved = views.wait_for(|view| view.place(lane, instant()) != *place);
        // In vain: then it is tried again where it was, whose server may be back.
        let _ = timeout(longest, moved).await;
        Ok(())
    }

    /// Looks at the leases, and takes, renews and gives up what is this server's to.
    async fn look(&self) -> Result<(), AppError> {
        let asked = instant();
        let Seen { leases, now, own, near } = timeout(PATIENCE, self.settle()).await.map_err(|_| late())??;
        let before = self.0.near.swap(near, Ordering::Relaxed);
        let ahead_ms = now.ms() - own.ms();
        match (before, near) {
            (true, false) => tracing::error!(
                ahead_ms,
                "this machine's clock is too far from the database's: this server writes no records until NTP has set it"
            ),
            (false, true) => tracing::info!("this machine's clock is right again"),
            (true, true) | (false, false) => {}
        }
        let view = View::of(&leases, &self.0.own.id, now, self.0.lanes, asked + ACTED_ON, ahead_ms);
        self.0.view.send_replace(view);
        Ok(())
    }

    async fn settle(&self) -> Result<Seen, StoreError> {
        let Inner { db, clock, own, lanes, open, .. } = &*self.0;
        db.write("leases", |tx| {
            Box::pin(async move {
                let before = clock.now();
                let now = tx.database_time().await?;
                let after = clock.now();
                let near = is_near(before, now, after);
                let fit = near && open.load(Ordering::Relaxed);
                let leases = renewed(tx, own, now, *lanes, fit).await?;
                Ok(Seen { leases, now, own: after, near })
            })
        })
        .await
    }

    /// Takes this server's part of what nobody has.
    ///
    /// # Errors
    /// The store's; then it is taken at the next look.
    async fn enter(&self) -> Result<(), AppError> {
        self.0.open.store(true, Ordering::Relaxed);
        self.look().await
    }

    /// Gives everything up, and takes nothing any more: what comes in from now on is sent to the others.
    ///
    /// # Errors
    /// The store's; then the leases end by themselves.
    async fn leave(&self) -> Result<(), AppError> {
        self.0.open.store(false, Ordering::Relaxed);
        self.look().await
    }
}

/// Does to the leases what the plan says; how they are afterwards.
async fn renewed(tx: &mut Tx<'_>, own: &Holder, now: Time, lanes: u64, fit: bool) -> Result<Vec<Lease>, StoreError> {
    let leases = tx.leases().await?;
    let plan = plan(&leases, &own.id, now, lanes, fit);
    let ends = now.plus_ms(LEASE_MS);
    for name in &plan.give_up {
        tx.give_up_lease(name, own, now).await?;
    }
    if fit {
        tx.renew_leases(own, now, ends).await?;
        tx.take_lease(&format!("{SERVER}{}", own.id), own, now, ends).await?;
    } else {
        tx.give_up_leases(own, now).await?;
    }
    for name in &plan.take {
        tx.take_lease(name, own, now, ends).await?;
    }
    let long_ago = now.plus_ms(-MINUTE_MS);
    if leases.iter().any(|lease| lease.name.starts_with(SERVER) && lease.ends < long_ago) {
        tx.sweep_leases(SERVER, long_ago).await?;
    }
    tx.leases().await
}

/// Settles what must be the same in all servers, or finds that it isn't. The number of lanes.
async fn agree(db: &Db, vault: &Vault, origin: &str) -> Result<u64, AppError> {
    let (mark, lanes) = (vault.mark().to_string(), LANES.to_string());
    let (mark, lanes) = (&mark, &lanes);
    let agreed = db.write("agree", |tx| {
        Box::pin(async move {
            let key = tx.agree("vault-key", mark).await?;
            let address = tx.agree("public-origin", origin).await?;
            Ok::<_, StoreError>((key, address, tx.agree("lanes", lanes).await?))
        })
    });
    let (key, address, lanes) = agreed.await?;
    if key != *mark {
        return Err(AppError::Disagrees { on: "vault key" });
    }
    if address != origin {
        return Err(AppError::Disagrees { on: "public_origin" });
    }
    lanes.parse().map_err(|_| StoreError::Damaged("the number of lanes".to_owned()).into())
}

/// Whether servers that know of each other are at work on a database at this moment.
///
/// # Errors
/// The store's.
pub async fn is_served(db: &Db) -> Result<bool, StoreError> {
    db.read("leases", |tx| {
        Box::pin(async move {
            let now = tx.database_time().await?;
            Ok(tx.leases().await?.iter().any(|lease| lease.name.starts_with(SERVER) && lease.is_held(now)))
        })
    })
    .await
}

fn late() -> StoreError {
    StoreError::Unavailable { may_be_written: true, reason: "no answer about leases in time".to_owned() }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a lease is acted on is measured on a steady clock, not shown or kept"
)]
fn instant() -> Instant {
    Instant::now()
}

impl App {
    /// This server among the others; `None` where it is alone.
    #[must_use]
    pub fn cluster(&self) -> Option<&Cluster> {
        self.0.cluster.as_ref()
    }

    /// Whether a job is to be done here.
    #[must_use]
    pub fn does(&self, job: Job) -> bool {
        self.cluster().is_none_or(|cluster| cluster.does(job))
    }

    /// Whether a village's record is written here.
    #[must_use]
    pub fn writes(&self, village: VillageCode) -> bool {
        self.cluster().is_none_or(|cluster| cluster.place(village) == Place::Here)
    }

    /// Takes this server's part of lanes and jobs, once it is about to serve.
    pub async fn enter_cluster(&self) {
        let Some(cluster) = self.cluster() else { return };
        if let Err(error) = cluster.enter().await {
            tracing::warn!(%error, "no lease could be taken yet");
        }
    }

    /// Renews leases for ever, and does what a lane or job that was taken over asks for. Ends at once where there is no cluster.
    pub async fn keep_leases(&self) {
        let Some(cluster) = self.cluster() else { return };
        let (mut every, mut least) = (interval(EVERY), interval(LEAST));
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        least.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before: Option<View> = None;
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = cluster.0.look.notified() => {}
            }
            least.tick().await;
            if let Err(error) = cluster.look().await {
                tracing::warn!(%error, "leases could not be renewed");
            }
            let view = cluster.0.view.borrow().clone();
            self.take_over(&view, before.as_ref());
            before = Some(view);
        }
    }

    /// What the former holder may have left undone.
    fn take_over(&self, view: &View, before: Option<&View>) {
        let gained = before.map_or_else(|| (0..view.lanes()).collect(), |before| view.gained(before));
        if !gained.is_empty() && before.is_some() {
            tracing::info!(lanes = ?gained, "lanes are written here from now on");
            let (app, lanes) = (self.clone(), view.lanes());
            tokio::spawn(async move {
                let here = |village| gained.contains(&lane_of(village, lanes));
                if let Err(error) = projection::catch_up_where(app.db(), app.vault(), app.lives(), here).await {
                    tracing::warn!(%error, "tables behind the record could not be brought up to date");
                }
            });
        }
        if before.is_some_and(|before| view.begins(Job::Publication, before)) {
            self.witnesses().wake_all();
        }
    }

    /// Hands lanes and jobs over to the other servers, and goes on answering.
    pub async fn leave_cluster(&self) {
        let Some(cluster) = self.cluster() else { return };
        if let Err(error) = cluster.leave().await {
            tracing::warn!(%error, "leases could not be given up; they end by themselves");
        }
    }
}
