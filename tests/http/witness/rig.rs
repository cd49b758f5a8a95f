//! A witness for one test, with a clock that the test moves.

use std::sync::Arc;

use sunvote::app::{App, Parts};
use sunvote::core::clock::Time;
use sunvote::http::server::{Server, ServerError};
use sunvote::http::state::AppState;
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use sunvote::witness::Witness;
use sunvote::witness::alarm::{Alarm, Kind};
use sunvote::witness::follower::Round;
use sunvote::witness::keys::Keys;
use sunvote::witness::serve;
use sunvote::witness::settings::Settings;

use super::forger::{Forger, public, roots};
use crate::harness::MovedClock;

pub const NAME: &str = "inspector.liandu.example";

pub struct Rig {
    pub witness: Witness,
    pub clock: Arc<MovedClock>,
    settings: String,
    folder: tempfile::TempDir,
}

pub fn keys() -> Keys {
    Keys::parse(&Keys::text(NAME, &[41; 32], &[42; 32]), NAME).expect("a key file")
}

/// Settings of a witness that follows this log, served at this address.
pub fn settings(base: &str, log: &str, more: &str) -> String {
    let roots: Vec<String> = roots().iter().map(|root| format!("\"{}\"", public(root))).collect();
    let roots = roots.join(", ");
    format!(
        "name = \"{NAME}\"\nlog = \"{log}\"\nserver = \"{base}\"\nroots = [{roots}]\n{more}\n\
         [serve]\npublic_origin = \"http://127.0.0.1:1\"\nlisten = \"127.0.0.1:0\"\n"
    )
}

async fn open(folder: &tempfile::TempDir, settings: &str, clock: Arc<MovedClock>, options: Options) -> Witness {
    let settings = Settings::parse(settings, std::iter::empty()).expect("settings");
    let keys = keys();
    let parts = Parts {
        db: Db::open_file(&folder.path().join("witness.sqlite"), options).await.expect("a database"),
        vault: Vault::new(keys.seed()),
        objects: Objects::folder(&folder.path().join("documents")).expect("a folder"),
        clock,
        seed: [3; 32],
    };
    Witness::start(App::start(parts), settings, keys)
}

impl Rig {
    /// A witness that follows a forger, whose alarms come to the forger's `/hook`.
    pub async fn of(forger: &Forger, now: Time) -> Self {
        let hook = format!("webhook = \"{}/hook\"", forger.base);
        Self::with(settings(&forger.base, &forger.verifier().to_string(), &hook), now, Options::default()).await
    }

    pub async fn with(settings: String, now: Time, options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = MovedClock::new(now);
        let witness = open(&folder, &settings, Arc::clone(&clock), options).await;
        Self { witness, clock, settings, folder }
    }

    /// Another run of the program over the same store.
    pub async fn reopen(&mut self, options: Options) {
        self.witness.db().close().await;
        self.witness = open(&self.folder, &self.settings, Arc::clone(&self.clock), options).await;
    }

    pub fn set(&self, now: Time) {
        self.clock.set(now);
    }

    pub async fn round(&self) -> Round {
        self.witness.round(&|_| {}).await.expect("a round that ends")
    }

    /// Every alarm with its evidence, newest first.
    pub async fn alarms(&self) -> Vec<(Alarm, Option<Vec<u8>>)> {
        let rows = self.witness.db().read("alarms", |tx| Box::pin(tx.alarms(100))).await;
        let rows = rows.map_err(|error: sunvote::store::error::StoreError| error).expect("alarms");
        rows.into_iter().map(|row| (Alarm::of(&row).expect("an alarm"), row.evidence)).collect()
    }

    /// The one alarm that was raised.
    pub async fn only_alarm(&self, kind: Kind) -> (Alarm, Option<Vec<u8>>) {
        let mut alarms = self.alarms().await;
        assert_eq!(alarms.iter().map(|(alarm, _)| alarm.kind).collect::<Vec<_>>(), [kind], "{alarms:?}");
        alarms.remove(0)
    }

    /// Runs the witness as the program does, until it is stopped.
    pub fn run(&self) -> impl Future<Output = Result<(), ServerError>> + use<> {
        let config = self.witness.settings().serve.clone();
        let server = Server::bind(config.listen).expect("a free port");
        serve::serve(self.witness.clone(), server, AppState::new(config, self.witness.app().clone()))
    }

    /// Serves the witness; the address.
    pub fn serve(&self) -> String {
        let config = self.witness.settings().serve.clone();
        let server = Server::bind(config.listen).expect("a free port");
        let base = format!("http://{}", server.address());
        let state = AppState::new(config, self.witness.app().clone());
        let router = serve::router(self.witness.clone(), state.clone());
        tokio::spawn(async move { server.run_router(router, &state).await });
        base
    }
}
