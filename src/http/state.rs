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
use crate::core::ids::{PublicKey, SessionId, VillageCode};
use crate::http::access::{Attempts, Scope};
use crate::http::limits::{RateLimit, Seats, too_many};
use crate::http::metrics::Metrics;
use crate::http::pages::chrome::Play;
use crate::http::problem::Problem;
use crate::http::read::district::KeptFront;
use crate::http::rehearsal::Rehearsals;
use crate::http::session::{Identity, SessionToken, cookie_name, identify};

/// Finds the person behind a session token, with the roles that count at the place asked about; `None` if there is no such
/// session or it has ended.
pub type Identify =
    Box<dyn Fn(SessionToken, Option<Scope>) -> BoxFuture<'static, Result<Option<Identity>, Problem>> + Send + Sync>;

/// Goes across every page that is printed at a rehearsal.
const STAMP: &str = "演练 · 不算数";

/// A district whose server holds everyone's keys.
#[derive(Clone)]
pub struct Played {
    /// Demonstration or rehearsal.
    pub play: Play,
    /// The village that is shown first.
    pub village: VillageCode,
    /// Its clock, which can be set ahead.
    pub clock: Arc<DemoClock>,
    /// The session that is rehearsed.
    pub session: Option<SessionId>,
}

impl Played {
    /// A demonstration that shows this village first.
    #[must_use]
    pub fn demo(village: VillageCode, clock: Arc<DemoClock>) -> Self {
        Self { play: Play::Demo, village, clock, session: None }
    }

    /// Where somebody goes who has taken a part: to the session that is rehearsed, in a demo nowhere in particular.
    #[must_use]
    pub fn begin(&self) -> Option<String> {
        self.session.map(|session| format!("/v/{}/s/{session}", self.village))
    }
}

/// What every handler can reach: cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    config: Config,
    app: App,
    play: Option<Play>,
    played: Option<Played>,
    rehearsals: Option<Rehearsals>,
    identify: Identify,
    metrics: Metrics,
    logins: RateLimit,
    cards: RateLimit,
    entrances: RateLimit,
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
        let entrances = RateLimit::new(limits.cards_per_minute, 60_000);
        let enrolments = RateLimit::new(limits.enrolments_per_hour, 3_600_000);
        let submissions = RateLimit::new(limits.submissions_per_hour, 3_600_000);
        let handed_in = RateLimit::new(limits.handed_in_per_hour, 3_600_000);
        let deliveries = RateLimit::new(limits.deliveries_per_minute, 60_000);
        let statements = RateLimit::new(limits.statements_per_hour, 3_600_000);
        let refused = RateLimit::new(limits.deliveries_per_minute, 60_000);
        let packages = Seats::new(limits.packages, limits.packages_per_address);
        let listeners = Seats::new(limits.listeners, limits.listeners_per_address);
        let (play, played, rehearsals, front) = (None, None, None, KeptFront::default());
        let Print { font, bold } = config.print.clone();
        let printer = Arc::new(Printer::new(FontFiles { regular: font, bold }));
        Self(Arc::new(Shared {
            config,
            app,
            play,
            played,
            rehearsals,
            identify,
            metrics,
            logins,
            cards,
            entrances,
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

    /// The same for a district whose keys the server holds. To be called before the state is shared.
    #[must_use]
    pub fn for_play(mut self, played: Played) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            if played.play == Play::Rehearsal {
                let Print { font, bold } = shared.config.print.clone();
                let printer = Printer::new(FontFiles { regular: font, bold }).stamping(STAMP);
                shared.printer = Arc::new(printer);
            }
            shared.play = Some(played.play);
            shared.played = Some(played);
        }
        self
    }

    /// The same for the entrance of rehearsals: it says that nothing counts beyond it, and nobody has a part yet.
    /// To be called before the state is shared.
    #[must_use]
    pub fn for_entrance(self, rehearsals: Rehearsals) -> Self {
        let mut own = self.with_rehearsals(rehearsals);
        if let Some(shared) = Arc::get_mut(&mut own.0) {
            shared.play = Some(Play::Rehearsal);
        }
        own
    }

    /// The same where sessions can be rehearsed. To be called before the state is shared.
    #[must_use]
    pub fn with_rehearsals(mut self, rehearsals: Rehearsals) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.rehearsals = Some(rehearsals);
        }
        self
    }

    /// What is played here, with keys that the server holds; `None` on a real server.
    #[must_use]
    pub fn played(&self) -> Option<&Played> {
        self.0.played.as_ref()
    }

    /// What every page says of it.
    #[must_use]
    pub fn play(&self) -> Option<Play> {
        self.0.play
    }

    /// Where sessions of this district are rehearsed; `None` where that isn't set up.
    #[must_use]
    pub fn rehearsals(&self) -> Option<&Rehearsals> {
        self.0.rehearsals.as_ref()
    }

    /// Name of the session cookie.
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        cookie_name(self.secure(), self.play() == Some(Play::Rehearsal))
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
            Attempts::Entrance => Some(&self.0.entrances),
            Attempts::Enrolment => Some(&self.0.enrolments),
            Attempts::Submission => Some(&self.0.submissions),
            Attempts::HandedIn => Some(&self.0.handed_in),
        }
    }
}
