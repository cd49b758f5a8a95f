//! A witness: what an inspector runs on a machine of its own. It cosigns what is consistent (c2sp.org/tlog-witness), follows
//! the district's log, judges every village's record by the law and cosigns what is lawful, keeps copies, and raises an
//! alarm with evidence when something is wrong. It trusts nothing that the server says but what keys named by its operator
//! have signed.

pub mod alarm;
pub mod copy;
pub mod desk;
pub mod district;
pub mod follower;
pub mod handlers;
pub mod keys;
pub mod listed;
pub mod page;
pub mod seen;
pub mod serve;
pub mod settings;
pub mod village;
pub mod vouch;
pub mod waiting;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::app::fetch::Client;
use crate::app::remote::Remote;
use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode};
use crate::http::limits::RateLimit;
use crate::store::db::Db;
use crate::store::district::LogOf;
use crate::witness::desk::Desk;
use crate::witness::keys::Keys;
use crate::witness::seen::PER_MINUTE;
use crate::witness::settings::Settings;

/// What all parts of a witness share. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Shared>);

struct Shared {
    app: App,
    settings: Settings,
    district: DistrictCode,
    keys: Arc<Keys>,
    client: Client,
    desk: Desk,
    handing_in: RateLimit,
    /// When the other witnesses were asked last, in milliseconds since 1970.
    asked_others: AtomicI64,
    /// Ballots that this run has said wait for an inspector.
    told: Mutex<BTreeSet<Digest>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Witness {
    /// Starts a witness over its database; the desk at which logs ask for cosignatures runs until the last clone is gone.
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(app: App, settings: Settings, keys: Keys) -> Self {
        let (district, keys) = (settings.district_code(), Arc::new(keys));
        let client = Client::new(settings.patience());
        let desk = Desk::start(app.clone(), settings.cosigned_logs(), Arc::clone(&keys));
        let handing_in = RateLimit::new(PER_MINUTE, 60_000);
        Self(Arc::new(Shared {
            app,
            settings,
            district,
            keys,
            client,
            desk,
            handing_in,
            asked_others: AtomicI64::new(0),
            told: Mutex::default(),
        }))
    }

    /// The store, the clock and what is shown of the copies.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.0.app.db()
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// A log as the district's server shows it.
    pub(in crate::witness) fn remote(&self, log: LogOf) -> Remote<'_> {
        Remote::new(&self.0.client, &format!("{}/log", self.0.settings.server), log)
    }

    /// The district that it follows.
    #[must_use]
    pub fn district(&self) -> DistrictCode {
        self.0.district
    }

    /// The two cosigners' keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Where logs ask for cosignatures.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// How often each network address may hand in what it was shown.
    #[must_use]
    pub fn handing_in(&self) -> &RateLimit {
        &self.0.handing_in
    }

    fn asked_others(&self) -> &AtomicI64 {
        &self.0.asked_others
    }

    /// Fetches from the server, which is not trusted.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    fn told_of(&self) -> BTreeSet<Digest> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep_told(&self, told: BTreeSet<Digest>) {
        *self.0.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.0.app.now()
    }
}

/// Seconds since 1970, as cosignatures carry them.
#[must_use]
pub fn seconds(time: Time) -> u64 {
    u64::try_from(time.ms() / 1_000).unwrap_or(0)
}
