//! Use cases: what the server does for people, between the store and the pages.

pub mod accesses;
pub mod album;
mod alike;
pub mod anchors;
pub mod archive;
pub mod bench;
pub mod cards;
pub mod checking;
pub mod cluster;
pub mod copied;
pub mod counting;
pub mod demo;
pub mod desks;
pub mod documents;
pub mod door;
pub mod drafts;
pub mod error;
pub mod export;
pub mod fair;
pub mod fetch;
pub mod film;
pub mod forms;
pub mod found;
pub mod funds;
pub mod gather;
pub mod growth;
pub mod hand_over;
pub mod households;
pub mod ics;
pub mod identities;
pub mod import;
pub mod jobs;
mod kept;
pub mod live;
pub mod login;
pub mod looks;
pub mod names;
pub mod oprf;
pub mod pairing;
pub mod pdf;
pub mod pictures;
pub mod print;
pub mod programs;
pub mod projection;
pub mod projector;
pub mod provider;
pub mod publish;
pub mod reach;
pub mod reading;
pub mod received;
pub mod refusals;
pub mod rehearsal;
pub mod remote;
pub mod sequencer;
pub mod service;
pub mod snapshot;
pub mod steps;
pub mod submit;
pub mod table;
pub mod tiles;
pub mod views;
pub mod webhooks;

use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use tokio::sync::Semaphore;

use crate::app::accesses::Lately;
use crate::app::checking::Checker;
use crate::app::cluster::Cluster;
use crate::app::desks::Desks;
use crate::app::error::AppError;
use crate::app::gather::LogIns;
use crate::app::growth::Growth;
use crate::app::jobs::Backoff;
use crate::app::live::Lives;
use crate::app::pictures::AT_A_TIME;
use crate::app::provider::Chosen;
use crate::app::publish::history::History;
use crate::app::publish::witnesses::Witnesses;
use crate::app::reach::Ways;
use crate::app::sequencer::{Lane, Writing};
use crate::app::views::region::KeptRegion;
use crate::app::views::texts::KeptTexts;
use crate::app::webhooks::Named;
use crate::core::clock::{Clock, Time};
use crate::store::db::Db;
use crate::store::leases::Holder;
use crate::store::objects::Objects;
use crate::store::vault::Vault;

/// What all use cases share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    db: Db,
    vault: Vault,
    objects: Objects,
    clock: Arc<dyn Clock>,
    rng: Mutex<ChaCha20Rng>,
    lives: Lives,
    growth: Growth,
    desks: Desks,
    lane: Lane,
    checker: Checker,
    log_ins: LogIns,
    region: KeptRegion,
    texts: KeptTexts,
    backoff: Backoff,
    picture_turns: Semaphore,
    history: History,
    witnesses: Witnesses,
    webhooks: Named,
    programs: programs::Named,
    lately: Lately,
    ways: Ways,
    provider: Chosen,
    cluster: Option<Cluster>,
}

/// A server among others on the same database.
#[derive(Debug, Clone)]
pub struct Member {
    /// A way to the database of its own, which renewing leases never waits for.
    pub leases: Db,
    /// Where the other servers reach it: scheme, host and port.
    pub address: String,
    /// Where people reach all of them: the same for all.
    pub origin: String,
    /// Whether villages lie in different databases behind one address.
    pub sharded: bool,
}

/// What the application is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Seals secrets.
    pub vault: Vault,
    /// Documents' bytes.
    pub objects: Objects,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// Seed of all randomness: 32 bytes from the operating system.
    pub seed: [u8; 32],
}

impl App {
    /// Starts the application where no other server is at work on the database: the sequencer and the projector run until
    /// [`App::stop`]. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        Self::start_with(parts, None, false)
    }

    /// Starts the application beside other servers on the same database. [`App::keep_leases`] must run from then on.
    ///
    /// # Errors
    /// `Disagrees` where the others are set up differently; the store's.
    pub async fn start_among(parts: Parts, member: Member) -> Result<Self, AppError> {
        let Member { leases, address, origin, sharded } = member;
        let mut rng = ChaCha20Rng::from_seed(parts.seed);
        // A stream of its own: what the application draws begins anew from the same seed.
        rng.set_stream(1);
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let own = Holder { id: hex::encode(id), address };
        let (vault, clock) = (parts.vault.clone(), Arc::clone(&parts.clock));
        let cluster = Cluster::join(leases, vault, clock, own, &origin).await?;
        Ok(Self::start_with(parts, Some(cluster), sharded))
    }

    fn start_with(parts: Parts, cluster: Option<Cluster>, sharded: bool) -> Self {
        let Parts { db, vault, objects, clock, seed } = parts;
        let lives = Lives::new(db.clone(), vault.clone());
        let lives = if cluster.is_some() { lives.shared() } else { lives };
        let (history, witnesses) = (History::default(), Witnesses::default());
        let (cluster_too, clock_too) = (cluster.clone(), Arc::clone(&clock));
        let (growth, desks) = (Growth::default(), Desks::default());
        let (lives_too, growth_too) = (lives.clone(), growth.clone());
        let writing = Writing {
            db: db.clone(),
            lives: lives_too,
            clock: clock_too,
            growth: growth_too,
            desks: desks.clone(),
            cluster: cluster_too,
            sharded,
        };
        let lane = Lane::start(writing, vault.clone(), history.clone());
        let rng = Mutex::new(ChaCha20Rng::from_seed(seed));
        let (checker, log_ins) = (Checker::start(), LogIns::start(db.clone()));
        let (region, backoff) = (KeptRegion::default(), Backoff::default());
        let picture_turns = Semaphore::new(AT_A_TIME);
        Self(Arc::new(Shared {
            db,
            vault,
            objects,
            clock,
            rng,
            lives,
            growth,
            desks,
            lane,
            checker,
            log_ins,
            region,
            texts: KeptTexts::default(),
            backoff,
            picture_turns,
            history,
            witnesses,
            webhooks: Named::default(),
            programs: programs::Named::default(),
            lately: Lately::default(),
            ways: Ways::default(),
            provider: Chosen::default(),
            cluster,
        }))
    }

    /// Takes no more statements, and waits until those taken are on disk and projected.
    pub async fn stop(&self) {
        self.0.lane.stop().await;
        self.leave_cluster().await;
        if let Some(cluster) = self.cluster() {
            cluster.close().await;
        }
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Documents' bytes.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.0.objects
    }

    /// The villages' states.
    #[must_use]
    pub fn lives(&self) -> &Lives {
        &self.0.lives
    }

    /// Who waits for records to grow.
    #[must_use]
    pub fn growth(&self) -> &Growth {
        &self.0.growth
    }

    /// Who waits for what the tables say of several villages.
    #[must_use]
    pub fn desks(&self) -> &Desks {
        &self.0.desks
    }

    /// Whether this server's history is what its witnesses hold.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Who cosigns what is published.
    #[must_use]
    pub fn witnesses(&self) -> &Witnesses {
        &self.0.witnesses
    }

    pub(in crate::app) fn lately(&self) -> &Lately {
        &self.0.lately
    }

    pub(in crate::app) fn webhooks_named(&self) -> &Named {
        &self.0.webhooks
    }

    pub(in crate::app) fn programs_named(&self) -> &programs::Named {
        &self.0.programs
    }

    pub(in crate::app) fn ways(&self) -> &Ways {
        &self.0.ways
    }

    pub(in crate::app) fn provider_chosen(&self) -> &Chosen {
        &self.0.provider
    }

    pub(in crate::app) fn lane(&self) -> &Lane {
        &self.0.lane
    }

    pub(in crate::app) fn checker(&self) -> &Checker {
        &self.0.checker
    }

    /// Reads log-ins.
    #[must_use]
    pub fn log_ins(&self) -> &LogIns {
        &self.0.log_ins
    }

    pub(in crate::app) fn backoff(&self) -> &Backoff {
        &self.0.backoff
    }

    pub(in crate::app) fn picture_turns(&self) -> &Semaphore {
        &self.0.picture_turns
    }

    pub(in crate::app) fn kept_region(&self) -> &KeptRegion {
        &self.0.region
    }

    pub(in crate::app) fn kept_texts(&self) -> &KeptTexts {
        &self.0.texts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.0.clock.now()
    }

    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A generator of its own, for a use case that needs many random bytes.
    #[must_use]
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.random())
    }
}
