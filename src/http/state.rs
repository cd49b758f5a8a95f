//! What every handler can reach.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::app::App;
use crate::app::demo::clock::DemoClock;
use crate::app::print::Printer;
use crate::app::print::font::FontFiles;
use crate::config::{Config, Limits, Origin, Print};
use crate::core::ids::{PublicKey, VillageCode};
use crate::http::access::{Attempts, Scope};
use crate::http::limits::{RateLimit, Seats, too_many};
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::read::district::KeptFront;
use crate::http::session::{Identity, SessionToken, identify};

/// Finds the person behind a session token, with the roles that count at the place asked about; `None` if there is no such
/// session or it has ended.
pub type Identify =
    Box<dyn Fn(SessionToken, Option<Scope>) -> BoxFuture<'static, Result<Option<Identity>, Problem>> + Send + Sync>;

/// What every handler can reach: cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    config: Config,
    app: App,
    demo: Option<(VillageCode, Arc<DemoClock>)>,
    identify: Identify,
    metrics: Metrics,
    logins: RateLimit,
    cards: RateLimit,
    enrolments: RateLimit,
    submissions: RateLimit,
    handed_in: RateLimit,
    deliveries: RateLimit<PublicKey>,
    refused: RateLimit,
    statements: RateLimit<PublicKey>,
    listeners: Seats,
    packages: Seats,
    front: KeptFront,
    printer: Arc<Printer>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

impl AppState {
    /// Puts a server's state together.
    #[must_use]
    pub fn new(config: Config, app: App) -> Self {
        let known = app.clone();
        let identify: Identify = Box::new(move |token, place| Box::pin(identify(known.clone(), token, place)));
        Self::with_people(config, app, identify)
    }

    /// The same with other people: for tests of who may do what.
    #[must_use]
    pub fn with_people(config: Config, app: App, identify: Identify) -> Self {
        let metrics = Metrics::new(app.db().clone());
        let limits = &config.limits;
        let logins = RateLimit::new(limits.logins_per_minute, 60_000);
        let cards = RateLimit::new(limits.cards_per_minute, 60_000);
        let enrolments = RateLimit::new(limits.enrolments_per_hour, 3_600_000);
        let submissions = RateLimit::new(limits.submissions_per_hour, 3_600_000);
        let handed_in = RateLimit::new(limits.handed_in_per_hour, 3_600_000);
        let deliveries = RateLimit::new(limits.deliveries_per_minute, 60_000);
        let statements = RateLimit::new(limits.statements_per_hour, 3_600_000);
        let refused = RateLimit::new(limits.deliveries_per_minute, 60_000);
        let packages = Seats::new(limits.packages, limits.packages_per_address);
        let listeners = Seats::new(limits.listeners, limits.listeners_per_address);
        let (demo, front) = (None, KeptFront::default());
        let Print { font, bold } = config.print.clone();
        let printer = Arc::new(Printer::new(FontFiles { regular: font, bold }));
        Self(Arc::new(Shared {
            config,
            app,
            demo,
            identify,
            metrics,
            logins,
            cards,
            enrolments,
            submissions,
            handed_in,
            deliveries,
            refused,
            statements,
            listeners,
            packages,
            front,
            printer,
        }))
    }

    /// The same for a demonstration, whose people are invented and whose server holds their keys; `village` is shown first.
    /// To be called before the state is shared.
    #[must_use]
    pub fn for_demo(mut self, village: VillageCode, clock: Arc<DemoClock>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.demo = Some((village, clock));
        }
        self
    }

    /// Whether this server is a demonstration; then every page says so.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.0.demo.is_some()
    }

    /// The village that a demonstration shows first; `None` on a real server.
    #[must_use]
    pub fn demo_village(&self) -> Option<VillageCode> {
        self.0.demo.as_ref().map(|(village, _)| *village)
    }

    /// The clock of a demonstration, which can be set ahead; `None` on a real server.
    #[must_use]
    pub fn demo_clock(&self) -> Option<&DemoClock> {
        self.0.demo.as_ref().map(|(_, clock)| &**clock)
    }

    pub(in crate::http) fn kept_front(&self) -> &KeptFront {
        &self.0.front
    }

    /// What sets papers to print.
    #[must_use]
    pub fn printer(&self) -> &Arc<Printer> {
        &self.0.printer
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The limits among the settings.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.config.limits
    }

    /// Address under which people reach the server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.config.public_origin
    }

    /// Whether browsers reach the server through TLS.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.origin().is_https()
    }

    /// The use cases.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// The person behind a session token, with the roles that count at `place`.
    ///
    /// # Errors
    /// The session can't be looked up now.
    pub async fn identify(&self, token: SessionToken, place: Option<Scope>) -> Result<Option<Identity>, Problem> {
        (self.0.identify)(token, place).await
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The count that what each key hands in is held against.
    #[must_use]
    pub fn statement_limit(&self) -> &RateLimit<PublicKey> {
        &self.0.statements
    }

    /// Counts what a terminal delivers, or whoever else vouches for it.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub fn take_delivery(&self, key: PublicKey) -> Result<(), Problem> {
        self.0.deliveries.take_one(key, self.app().now()).map_err(|seconds| too_many(self, seconds))
    }

    /// Counts a delivery for which nobody vouches.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub fn refused_delivery(&self, address: IpAddr) -> Result<(), Problem> {
        self.0.refused.take(address, self.app().now()).map_err(|seconds| too_many(self, seconds))
    }

    /// Places of those who fetch a package for the archive: each is made anew and may be large.
    #[must_use]
    pub fn packages(&self) -> &Seats {
        &self.0.packages
    }

    /// Places of those who listen for what happens.
    #[must_use]
    pub fn listeners(&self) -> &Seats {
        &self.0.listeners
    }

    /// The count that attempts of this kind from one address are held against.
    #[must_use]
    pub fn rate_limit(&self, attempts: Attempts) -> Option<&RateLimit> {
        match attempts {
            Attempts::Free | Attempts::Statement => None,
            Attempts::LogIn => Some(&self.0.logins),
            Attempts::Card => Some(&self.0.cards),
            Attempts::Enrolment => Some(&self.0.enrolments),
            Attempts::Submission => Some(&self.0.submissions),
            Attempts::HandedIn => Some(&self.0.handed_in),
        }
    }
}
