//! What every handler can reach.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::config::{Config, Limits, Origin};
use crate::core::clock::Clock;
use crate::http::access::Attempts;
use crate::http::limits::RateLimit;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::session::{Identity, SessionToken};

/// Finds the person behind a session token; `None` if there is no such session or it has ended.
pub type Identify = Box<dyn Fn(SessionToken) -> BoxFuture<'static, Result<Option<Identity>, Problem>> + Send + Sync>;
/// Whether the server can take work; the text says what can't, for the operator.
pub type CheckReady = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the HTTP layer asks of the application about a request as such. The rest goes through handlers.
pub struct Seams {
    /// Who is behind a session token.
    pub identify: Identify,
    /// Whether the server can take work.
    pub check_ready: CheckReady,
}

impl fmt::Debug for Seams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seams")
    }
}

/// What every handler can reach: cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    config: Config,
    clock: Arc<dyn Clock>,
    seams: Seams,
    metrics: Metrics,
    logins: RateLimit,
    enrolments: RateLimit,
    submissions: RateLimit,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

impl AppState {
    /// Puts a server's state together.
    #[must_use]
    pub fn new(config: Config, clock: Arc<dyn Clock>, seams: Seams, metrics: Metrics) -> Self {
        let limits = &config.limits;
        let logins = RateLimit::new(limits.logins_per_minute, 60_000);
        let enrolments = RateLimit::new(limits.enrolments_per_hour, 3_600_000);
        let submissions = RateLimit::new(limits.submissions_per_hour, 3_600_000);
        Self(Arc::new(Shared { config, clock, seams, metrics, logins, enrolments, submissions }))
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

    /// The present time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// What is asked of the application.
    #[must_use]
    pub fn seams(&self) -> &Seams {
        &self.0.seams
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The count that attempts of this kind are held against.
    #[must_use]
    pub fn rate_limit(&self, attempts: Attempts) -> Option<&RateLimit> {
        match attempts {
            Attempts::Free => None,
            Attempts::LogIn => Some(&self.0.logins),
            Attempts::Enrolment => Some(&self.0.enrolments),
            Attempts::Submission => Some(&self.0.submissions),
        }
    }
}
