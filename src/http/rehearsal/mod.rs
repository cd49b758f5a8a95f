//! Rehearsals that run in this process: each a district of its own behind an entrance code, all served at one address that is
//! not the real district's, since keys, kept pages and service workers belong to an address. One a village, and only so many.

pub mod entrance;
pub mod front;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use sha2::{Digest as _, Sha256};
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::app::rehearsal::RehearsalError;
use crate::app::rehearsal::stage::{Stage, wipe};
use crate::app::rehearsal::tried::{Part, tried};
use crate::config::{self, Cluster, Config, Origin, Publish};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::{Digest, SessionId, VillageCode};
use crate::http::pages::chrome::Play;
use crate::http::router::router;
use crate::http::session::cookie;
use crate::http::state::{AppState, Played};

/// How long a rehearsal stays at the longest.
pub const LASTS_MS: i64 = 12 * 60 * MINUTE_MS;
/// How often it is looked for rehearsals whose time is over.
const LOOKED_EVERY: Duration = Duration::from_mins(1);
/// Folder of all rehearsals, in the data folder.
const FOLDER: &str = "rehearsal";
/// Letters of entrance codes: none that is taken for another.
const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Letters of an entrance code.
const CODE_LENGTH: usize = 8;

/// Why a rehearsal was not made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Another session of the village is rehearsed now.
    #[error("another session of this village is rehearsed now")]
    Underway,
    /// As many rehearsals run as are allowed.
    #[error("as many rehearsals run as are allowed")]
    Full,
    /// It could not be made.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
}

/// One rehearsal that runs.
pub struct Running {
    /// The session that is rehearsed.
    pub session: SessionId,
    /// The entrance code, as it is printed.
    pub code: String,
    /// When it ends at the latest.
    pub until: Time,
    village: VillageCode,
    /// What the entrance cookie of its browsers holds.
    pass: String,
    router: Router,
    stage: Stage,
}

impl Running {
    /// Each part of the session's day, and whether it was tried.
    pub async fn tried(&self) -> Vec<(Part, bool)> {
        let Ok(live) = self.stage.app.lives().live(self.village).await else { return Vec::new() };
        live.state().session(self.stage.session).map_or_else(Vec::new, |session| tried(live.state(), session))
    }

    /// The use cases of the district that is rehearsed in.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.stage.app
    }

    /// The rehearsed session, as it is there.
    #[must_use]
    pub fn session_there(&self) -> SessionId {
        self.stage.session
    }
}

/// All rehearsals. Cheap to clone.
#[derive(Clone)]
pub struct Rehearsals(Arc<Shared>);

struct Shared {
    real: App,
    /// Of the districts that are rehearsed in.
    config: Config,
    most: usize,
    folder: PathBuf,
    running: Mutex<BTreeMap<VillageCode, Arc<Running>>>,
    /// One is made or ended at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Rehearsals {
    /// None runs yet; what an earlier process left is wiped. `origin`: where browsers reach them.
    #[must_use]
    pub fn open(config: &Config, real: App, origin: Origin) -> Self {
        let folder = config.data_dir.join(FOLDER);
        wipe(&folder);
        let most = config.rehearsal.most;
        let config = Config {
            public_origin: origin,
            data_dir: folder.clone(),
            publish: Publish::default(),
            cluster: Cluster::default(),
            rehearsal: config::Rehearsal::default(),
            ..config.clone()
        };
        let (running, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Shared { real, config, most, folder, running, turn }))
    }

    /// Where browsers reach them.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.config.public_origin
    }

    /// Folder of all rehearsals' data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<VillageCode, Arc<Running>>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rehearsal of a village that runs now.
    #[must_use]
    pub fn of(&self, village: VillageCode) -> Option<Arc<Running>> {
        self.all().get(&village).cloned()
    }

    /// Whether no other can be made now.
    #[must_use]
    pub fn are_full(&self) -> bool {
        self.all().len() >= self.0.most
    }

    /// Whether none runs.
    #[must_use]
    pub fn are_over(&self) -> bool {
        self.all().is_empty()
    }

    /// Makes a rehearsal of a session; the one that runs where it is made already.
    ///
    /// # Errors
    /// See [`MakeError`]; nothing is left behind then.
    pub async fn make(&self, village: VillageCode, session: SessionId) -> Result<Arc<Running>, MakeError> {
        let _turn = self.0.turn.lock().await;
        match self.of(village) {
            Some(running) if running.session == session => return Ok(running),
            Some(_) => return Err(MakeError::Underway),
            None if self.are_full() => return Err(MakeError::Full),
            None => {}
        }
        let real = &self.0.real;
        let folder = self.0.folder.join(hex::encode(real.random::<8>()));
        let stage = real.rehearse(village, session, self.origin().authority(), &folder).await?;
        let config = Config { data_dir: folder, ..self.0.config.clone() };
        let (clock, session_there) = (Arc::clone(&stage.clock), Some(stage.session));
        let played = Played { play: Play::Rehearsal, village, clock, session: session_there };
        let state = AppState::new(config, stage.app.clone()).for_play(played);
        let running = Arc::new(Running {
            session,
            code: self.new_code(),
            until: real.now().plus_ms(LASTS_MS),
            village,
            pass: hex::encode(real.random::<32>()),
            router: router(state),
            stage,
        });
        self.all().insert(village, Arc::clone(&running));
        tracing::info!(%village, "a rehearsal begins");
        Ok(running)
    }

    /// An entrance code that no running rehearsal has.
    fn new_code(&self) -> String {
        loop {
            let drawn: [u8; 4 * CODE_LENGTH] = self.0.real.random();
            let letter = |four: &[u8]| {
                let number = four.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
                char::from(LETTERS[number % LETTERS.len()])
            };
            let letters: Vec<char> = drawn.chunks(4).map(letter).collect();
            let (first, last) = letters.split_at(CODE_LENGTH / 2);
            let code: String = first.iter().chain(&['-']).chain(last).collect();
            if self.find(&code).is_none() {
                return code;
            }
        }
    }

    /// The rehearsal that a code leads to, as somebody typed it: case, dashes and blanks don't matter.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<Arc<Running>> {
        // By hash: the time taken says nothing about how much of a guess was right.
        let wanted = spelled(code);
        self.all().values().find(|running| spelled(&running.code) == wanted).cloned()
    }

    /// The rehearsal into which a browser has been let.
    #[must_use]
    pub fn within(&self, headers: &HeaderMap) -> Option<Arc<Running>> {
        let sent = hash(cookie(headers, entrance_cookie(self.origin().is_https()))?);
        self.all().values().find(|running| hash(&running.pass) == sent).cloned()
    }

    /// Ends a village's rehearsal, and wipes what it left.
    pub async fn end(&self, village: VillageCode) {
        let _turn = self.0.turn.lock().await;
        let ended = self.all().remove(&village);
        if let Some(running) = ended {
            running.stage.close().await;
            tracing::info!(%village, "a rehearsal has ended");
        }
    }

    /// Ends all rehearsals.
    pub async fn end_all(&self) {
        self.end_where(|_| true).await;
    }

    /// Ends those whose time is over.
    pub async fn end_overdue(&self) {
        let now = self.0.real.now();
        self.end_where(|running| running.until <= now).await;
    }

    async fn end_where(&self, over: impl Fn(&Running) -> bool) {
        let villages: Vec<VillageCode> =
            self.all().iter().filter(|(_, running)| over(running)).map(|(village, _)| *village).collect();
        for village in villages {
            self.end(village).await;
        }
    }

    /// Ends for ever those whose time is over.
    pub async fn keep_time(&self) {
        let mut every = interval(LOOKED_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            self.end_overdue().await;
        }
    }

    /// The state of the entrance. It reaches the real district's use cases and offers none of them.
    #[must_use]
    pub fn entrance(&self) -> AppState {
        AppState::new(self.0.config.clone(), self.0.real.clone()).for_entrance(self.clone())
    }
}

fn hash(text: &str) -> Digest {
    Digest(Sha256::digest(text.as_bytes()).into())
}

fn spelled(code: &str) -> Digest {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hash(&letters.to_ascii_uppercase())
}

/// Name of the cookie of a browser that was let in; `secure`: behind TLS.
#[must_use]
pub fn entrance_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sunvote-entrance" } else { "sunvote-entrance" }
}
