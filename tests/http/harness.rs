//! A server for one test: `TestServer::start().await`, then ask. People log in by a cookie that names their role.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use sunvote::app::{App, Parts};
use sunvote::config::Config;
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::{PersonId, PublicKey};
use sunvote::core::model::Role;
use sunvote::http::access::{Endpoint, Grant, Scope};
use sunvote::http::rehearsal::Rehearsals;
use sunvote::http::rehearsal::front::front;
use sunvote::http::router::{router, router_with};
use sunvote::http::server::{Server, ServerError, Stopper};
use sunvote::http::session::Identity;
use sunvote::http::state::{AppState, Identify};
use sunvote::log::scribe::Scribe;
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::village;

/// The village that people of the tests belong to, its township and its district.
pub const VILLAGE: &str = "331102001206";
/// Another village of the same township.
pub const NEIGHBOUR: &str = "331102001207";
/// A village of another district.
pub const FAR_VILLAGE: &str = "330106001200";
/// The token in every test session's forms.
pub const CSRF: &str = "token-of-the-session";

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    /// Standing at this time.
    pub fn new(now: Time) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.ms())))
    }

    /// Moves it.
    pub fn set(&self, now: Time) {
        self.0.store(now.ms(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Time {
        Time::from_ms(self.0.load(Ordering::SeqCst)).expect("a time in range")
    }
}

/// How a test's server differs from the ordinary.
pub struct TestServer {
    // Boxed: tests hold several servers across their waits.
    config: Box<Config>,
    ready: bool,
    villages: Vec<Scribe>,
    real_people: bool,
    rehearses: bool,
    now: Time,
    store: Options,
    folder: tempfile::TempDir,
}

impl TestServer {
    /// With ordinary settings.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Box::new(Config::local(([127, 0, 0, 1], 0).into(), folder.path().to_owned()));
        let now = Time::from_ms(1_800_000_000_000).expect("a time in range");
        let (ready, villages, store) = (true, Vec::new(), Options::default());
        Self { config, ready, villages, real_people: false, rehearses: false, now, store, folder }
    }

    /// With changed settings.
    pub fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Whose database doesn't answer.
    pub fn not_ready(mut self) -> Self {
        self.ready = false;
        self
    }

    /// That holds the record which a scribe has written.
    pub fn with_village(mut self, scribe: Scribe) -> Self {
        self.villages.push(scribe);
        self
    }

    /// Whose people log in with their keys, as on a real server, instead of by a token that names their role.
    pub fn with_real_people(mut self) -> Self {
        self.real_people = true;
        self
    }

    /// Whose sessions can be rehearsed, at a second address.
    pub fn with_rehearsals(mut self) -> Self {
        self.rehearses = true;
        self
    }

    /// Whose clock stands at another time.
    pub fn at(mut self, now: Time) -> Self {
        self.now = now;
        self
    }

    /// Whose store is opened in another way.
    pub fn on_store(mut self, options: Options) -> Self {
        self.store = options;
        self
    }

    /// Its data folder.
    pub fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The address of its database.
    pub fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("test.sqlite").display())
    }

    /// Starts it with its own handlers.
    pub async fn start(self) -> Running {
        self.start_router(router).await
    }

    /// Starts it with other handlers behind the gates.
    pub async fn start_with(self, handler: impl Fn(Endpoint) -> MethodRouter<AppState>) -> Running {
        self.start_router(|state| router_with(state, handler)).await
    }

    async fn start_router(mut self, router: impl FnOnce(AppState) -> Router) -> Running {
        let server = Server::bind(self.config.listen).expect("a free port");
        let address = server.address();
        if self.config.public_origin.is_loopback() {
            self.config.public_origin = format!("http://{address}").parse().expect("an origin");
        }
        let db = Db::open(&self.database(), self.store.clone()).await.expect("a database");
        let clock = MovedClock::new(self.now);
        let app = App::start(Parts {
            db: db.clone(),
            vault: Vault::new(&Zeroizing::new([1; 32])),
            objects: Objects::folder(&self.folder.path().join("documents")).expect("a folder"),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed: [2; 32],
        });
        for scribe in &self.villages {
            village::load(&app, scribe).await;
        }
        if !self.ready {
            db.close().await;
        }
        let identify: Identify =
            Box::new(|token, _| Box::pin(async move { Ok(person(token.as_str(), token.clone())) }));
        let beside = self.rehearses.then(|| Server::bind(([127, 0, 0, 1], 0).into()).expect("a second free port"));
        let rehearsals = beside.map(|beside| serve_rehearsals(beside, &self.config, &app));
        let mut state = if self.real_people {
            AppState::new(*self.config, app.clone())
        } else {
            AppState::with_people(*self.config, app.clone(), identify)
        };
        if let Some(rehearsals) = &rehearsals {
            state = state.with_rehearsals(rehearsals.clone());
        }
        let stopper = server.stopper(&state);
        let whole = router(state.clone());
        let running = state.clone();
        let task = tokio::spawn(async move { server.run_router(whole, &running).await });
        let client = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        let base = format!("http://{address}");
        Running { base, client, stopper, task, app, state, clock, rehearsals, folder: self.folder }
    }
}

fn serve_rehearsals(server: Server, config: &Config, app: &App) -> Rehearsals {
    let origin = format!("http://{}", server.address()).parse().expect("an origin");
    let rehearsals = Rehearsals::open(config, app.clone(), origin);
    let (router, state) = (front(&rehearsals), rehearsals.entrance());
    tokio::spawn(async move { server.run_router(router, &state).await });
    rehearsals
}

/// A session token reads `role` or `role-code`: the role, and the village, township or district in which it holds.
fn person(name: &str, token: sunvote::http::session::SessionToken) -> Option<Identity> {
    let (role, code) = name.rsplit_once('-').unwrap_or((name, VILLAGE));
    let role: Role = role.parse().ok()?;
    let scope = match code.len() {
        12 => Scope::Village(code.parse().ok()?),
        9 => Scope::Township(code.parse().ok()?),
        _ => Scope::District(code.parse().ok()?),
    };
    let person = PersonId::from_bytes([7; 16]);
    let key = PublicKey([7; 32]);
    let (grants, csrf) = (vec![Grant { role, scope }], CSRF.to_owned());
    Some(Identity { key, person, enrolled: true, grants, csrf, token, by_account: false, by_key: true })
}

/// The same handler at every endpoint, for the endpoint's own method.
pub fn everywhere<H, T>(handler: H) -> impl Fn(Endpoint) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    move |endpoint| {
        let method = MethodFilter::try_from(endpoint.rule().method).expect("a method that routes have");
        on(method, handler.clone())
    }
}

/// A running server; it ends with the test.
pub struct Running {
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// Ends the server.
    pub stopper: Stopper,
    /// The server itself.
    pub task: JoinHandle<Result<(), ServerError>>,
    /// The application behind it.
    pub app: App,
    /// What its handlers reach.
    pub state: AppState,
    /// Its clock.
    pub clock: Arc<MovedClock>,
    /// Where its sessions are rehearsed.
    pub rehearsals: Option<Rehearsals>,
    /// Database, documents, rehearsals.
    pub folder: tempfile::TempDir,
    client: Client,
}

impl Running {
    /// A request by nobody in particular.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// A request by someone whose session token is `token`.
    pub fn request_as(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).header("cookie", format!("sunvote={token}"))
    }

    /// Gets a page by nobody in particular.
    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }
}

/// A header as text; empty if absent.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
