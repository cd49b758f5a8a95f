//! `sunvote serve`: the server of a district.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use zeroize::Zeroizing;

use crate::app::App;
use crate::app::cluster::plan::Job;
use crate::app::error::AppError;
use crate::app::fetch::Client;
use crate::app::provider::{Provider, Registered};
use crate::app::publish::Round;
use crate::app::webhooks::Webhooks;
use crate::app::webhooks::endpoint::Endpoint;
use crate::app::{programs, projection};
use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, hold, open_to_serve, runtime, start_logging};
use crate::cli::reach::name_reach;
use crate::config::{Config, Publish};
use crate::http::rehearsal::Rehearsals;
use crate::http::rehearsal::front::front;
use crate::http::server::{Server, Stopper};
use crate::http::state::{AppState, Played};
use crate::log::policy::Policy;
use crate::store::error::StoreError;

/// How often it is looked for what the log itself must state: closed votes, passed deadlines.
const DUE_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for steps to be sent out.
const SEND_EVERY: Duration = Duration::from_secs(1);
/// Longest wait for a webhook's answer, as the specification has it.
const WEBHOOK_WAIT: Duration = Duration::from_secs(20);
/// How often what expired is removed.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// How often witnesses are asked again whether a restored database is the newest.
const CONFIRM_EVERY: Duration = Duration::from_mins(1);
/// How often it is looked for votes whose time a witness could anchor.
const ANCHOR_EVERY: Duration = Duration::from_secs(10);

/// Run the server of a district.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote serve --config /etc/sunvote/config.toml
  SUNVOTE_LISTEN=127.0.0.1:9000 sunvote serve --config config.toml")]
pub(in crate::cli) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
}

impl Serve {
    /// Serves until it is told to stop.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        start_logging(&config)?;
        let _alone = hold(&config)?;
        runtime()?.block_on(async {
            // Before anything is taken over from another server: two can't have one address.
            let server = Server::bind(config.listen)?;
            let beside = config.rehearsal.listen.filter(|_| config.rehearsal.public_origin.is_some());
            let rehearsals = beside.map(Server::bind).transpose()?;
            let app = open_to_serve(&config).await?;
            serve_on(server, rehearsals, config, app, None).await
        })
    }
}

/// Serves `app` until Ctrl-C or SIGTERM: then answers what is under way, and ends when all that was taken is on disk.
/// `rehearsals`: where sessions are rehearsed; `demo`: what a demonstration shows first.
pub(in crate::cli) async fn serve_on(
    server: Server,
    rehearsals: Option<Server>,
    config: Config,
    app: App,
    demo: Option<Played>,
) -> Result<(), Failure> {
    let address = server.address();
    let origin = config.rehearsal.public_origin.clone();
    let beside =
        rehearsals.zip(origin).map(|(server, origin)| (server, Rehearsals::open(&config, app.clone(), origin)));
    let mut state = AppState::new(config, app.clone());
    if let Some(played) = demo {
        state = state.for_play(played);
    }
    if let Some((_, rehearsals)) = &beside {
        state = state.with_rehearsals(rehearsals.clone());
    }
    let stopper = server.stopper(&state);
    tracing::info!(%address, origin = state.origin().as_str(), "serving");
    if let Err(error) = state.printer().check() {
        tracing::warn!(%error, "ballots, minutes and notices can't be printed");
    }
    name_witnesses(&app, &state.config().publish)?;
    name_webhooks(&app, state.config())?;
    name_programs(&app, state.config())?;
    name_reach(&app, state.config())?;
    choose_provider(&app, state.config())?;
    if let Some(doubt) = app.confirm_history().await? {
        eprintln!(
            "sunvote: {doubt}\nPages are served, nothing is signed. See \"After a restore\" in docs/OPERATIONS.md."
        );
    }
    app.enter_cluster().await;
    let leases = tokio::spawn(keep_leases(app.clone()));
    let others = tokio::spawn(see_others_grow(app.clone()));
    // A witness that saw a log without what was on record before a crash would take that for back-dated.
    if let Err(error) = app.publish_due().await {
        tracing::warn!(%error, "checkpoints could not be published");
    }
    let asking = app.ask_witnesses();
    let publishing = tokio::spawn(publish(app.clone(), state.clone()));
    let jobs = tokio::spawn(run_jobs(app.clone()));
    let sending = tokio::spawn(send_out(app.clone()));
    let telling = tokio::spawn(tell_people(app.clone()));
    let held = tokio::spawn(stop_when_not_held(app.clone(), stopper.clone()));
    let waiting = tokio::spawn(hand_over_and_stop(app.clone(), stopper));
    let behind = tokio::spawn(catch_up(app.clone()));
    let beside = beside.map(|(server, rehearsals)| Beside::begin(server, rehearsals));
    let ended = server.run(state).await;
    if let Some(beside) = beside {
        beside.end().await;
    }
    waiting.abort();
    let held = ended_by(held).await;
    jobs.abort();
    sending.abort();
    telling.abort();
    publishing.abort();
    asking.iter().for_each(JoinHandle::abort);
    behind.abort();
    leases.abort();
    others.abort();
    app.stop().await;
    app.db().close().await;
    tracing::info!("stopped");
    ended?;
    held
}

/// The second server of this process: rehearsals at their own address.
struct Beside {
    rehearsals: Rehearsals,
    work: [JoinHandle<()>; 2],
}

impl Beside {
    fn begin(server: Server, rehearsals: Rehearsals) -> Self {
        let (address, timed) = (server.address(), rehearsals.clone());
        tracing::info!(%address, origin = rehearsals.origin().as_str(), "serving rehearsals");
        let (router, state) = (front(&rehearsals), rehearsals.entrance());
        let serving = tokio::spawn(async move {
            if let Err(error) = server.run_router(router, &state).await {
                tracing::error!(%error, "rehearsals are not served any more");
            }
        });
        Self { rehearsals, work: [serving, tokio::spawn(async move { timed.keep_time().await })] }
    }

    /// Nobody waits for a rehearsal: what is under way there counts for nothing.
    async fn end(self) {
        for task in &self.work {
            task.abort();
        }
        self.rehearsals.end_all().await;
    }
}

/// How often it is looked whether the database is still this server's to use.
const HELD_EVERY: Duration = Duration::from_secs(10);

/// How often in a row another one must be found to hold it: a session of this very server whose network went away without a word is
/// ended by `PostgreSQL` within half a minute.
const HELD_BY_OTHERS: u32 = 6;

/// Ends a server whose database has been taken by a copy, or by another server that doesn't know of this one, while the session that
/// held it was cut off; or that no longer keeps what it acknowledges.
async fn stop_when_not_held(app: App, stopper: Stopper) -> StoreError {
    let mut every = interval(HELD_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut by_others = 0;
    loop {
        every.tick().await;
        let error = match app.db().hold_again().await {
            Ok(()) => {
                by_others = 0;
                continue;
            }
            Err(error) => error,
        };
        by_others += u32::from(matches!(error, StoreError::InUse | StoreError::Served));
        if by_others >= HELD_BY_OTHERS || matches!(error, StoreError::Address(_)) {
            tracing::error!(%error, "stopping: this database is not to be written any more");
            stopper.stop();
            return error;
        }
        tracing::warn!(%error, "the database can't be held again yet");
    }
}

/// What that watch ended the server for, if it did.
async fn ended_by(watch: JoinHandle<StoreError>) -> Result<(), Failure> {
    watch.abort();
    match watch.await {
        Ok(error) => Err(error.into()),
        Err(_) => Ok(()),
    }
}

/// Ends a server when it is told to. What is left to answer is written by the other servers, if there are any.
async fn hand_over_and_stop(app: App, stopper: Stopper) {
    told_to_stop().await;
    app.leave_cluster().await;
    stopper.stop();
}

/// Ends a server at Ctrl-C or SIGTERM.
pub(in crate::cli) async fn stop_when_told(stopper: Stopper) {
    told_to_stop().await;
    stopper.stop();
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM can't be waited for");
            let _ = interrupted.await;
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    tracing::info!("stopping");
}

/// Keeps this server's place among the others.
async fn keep_leases(app: App) {
    app.keep_leases().await;
}

/// Tells who watches a record what other servers append to it.
async fn see_others_grow(app: App) {
    app.see_others_grow().await;
}

/// Reads who cosigns what is published.
fn name_witnesses(app: &App, publish: &Publish) -> Result<(), Failure> {
    let read = |path: &Path| -> Result<Policy, Failure> {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let bytes = std::fs::read(path).map_err(|error| at(&error))?;
        Ok(Policy::parse(&bytes).map_err(|error| at(&error))?)
    };
    if let Some(path) = &publish.policy {
        app.name_witnesses(read(path)?, Client::new(Duration::from_secs(publish.witness_seconds)));
    }
    if let Some(path) = &publish.lawful_policy {
        app.name_lawful(read(path)?);
    }
    Ok(())
}

/// Reads where steps are sent.
fn name_webhooks(app: &App, config: &Config) -> Result<(), Failure> {
    let Some(path) = &config.webhooks.endpoints else { return Ok(()) };
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        text.map_err(|error| format!("{}: {error}", path.display()))
    };
    let endpoints = Endpoint::parse(&read(path)?, read).map_err(|error| format!("{}: {error}", path.display()))?;
    let client = Client::new(WEBHOOK_WAIT);
    app.name_webhooks(Webhooks { endpoints, client, origin: config.public_origin.to_string() });
    Ok(())
}

/// Reads which programs may read what is not for everybody.
fn name_programs(app: &App, config: &Config) -> Result<(), Failure> {
    let Some(path) = &config.programs.file else { return Ok(()) };
    let at = |error: String| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| at(error.to_string()))?;
    app.name_programs(programs::parse(&text, app.now().date()).map_err(at)?);
    Ok(())
}

/// Says where people may log in by an account elsewhere.
fn choose_provider(app: &App, config: &Config) -> Result<(), Failure> {
    let oidc = &config.oidc;
    let (Some(issuer), Some(client), Some(path)) = (&oidc.issuer, &oidc.client_id, &oidc.client_secret_file) else {
        return Ok(());
    };
    let secret = std::fs::read_to_string(path).map(Zeroizing::new);
    let secret = secret.map_err(|error| format!("{}: {error}", path.display()))?;
    app.choose_provider(Provider::new(Registered {
        issuer: issuer.clone(),
        client: client.clone(),
        secret: Zeroizing::new(secret.trim().to_owned()),
        name: oidc.name.clone(),
        claim: oidc.claim.clone(),
        origin: config.public_origin.to_string(),
    })?);
    Ok(())
}

/// Publishes what the records gain.
async fn publish(app: App, state: AppState) {
    let every = Duration::from_millis(state.config().publish.every_ms.max(1));
    let told = |round: Result<Round, AppError>| match round {
        Ok(round) => state.metrics().published(round.villages, round.waited_ms),
        Err(error) => tracing::warn!(%error, "checkpoints could not be published"),
    };
    app.keep_publishing(every, told).await;
}

/// A server that was killed between a commit and its projection left tables behind the record.
async fn catch_up(app: App) {
    if let Err(error) = projection::catch_up(app.db(), app.vault(), app.lives()).await {
        tracing::warn!(%error, "tables behind the record could not be brought up to date");
    }
}

/// Removes what expired, and documents that nobody came to name; brings up tables that a server left behind which wrote a
/// record after another one had taken it over, and died.
async fn swept(app: &App) -> Result<(), AppError> {
    if app.cluster().is_some() {
        projection::catch_up(app.db(), app.vault(), app.lives()).await?;
    }
    let now = app.now();
    app.db().write("sweep_expired", |tx| Box::pin(tx.sweep_expired(now))).await?;
    app.sweep_outbox().await?;
    app.sweep_contacts().await?;
    app.sweep_households().await?;
    app.sweep_documents().await.map(|_| ())
}

/// Sends steps to webhooks, beside the other jobs: an endpoint that doesn't answer holds none of them up.
async fn send_out(app: App) {
    let mut every = interval(SEND_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = app.run_webhooks().await {
            tracing::warn!(%error, "steps could not be sent out");
        }
    }
}

/// Tells people what waits for them and what their village is at, beside the other jobs.
async fn tell_people(app: App) {
    let mut every = interval(SEND_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = app.run_reach().await {
            tracing::warn!(%error, "people could not be told");
        }
    }
}

async fn run_jobs(app: App) {
    let (mut due, mut sweep, mut anchor) = (interval(DUE_EVERY), interval(SWEEP_EVERY), interval(ANCHOR_EVERY));
    let mut confirm = interval(CONFIRM_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            _ = due.tick() => app.run_due().await.map(|_| ()),
            _ = anchor.tick() => app.anchor_votes().await.map(|_| ()),
            _ = confirm.tick() => app.confirm_again().await,
            _ = sweep.tick(), if app.does(Job::Sweep) => swept(&app).await,
        };
        if let Err(error) = done {
            // What is left is done in the next round.
            tracing::warn!(%error, "a job did not end");
        }
    }
}
