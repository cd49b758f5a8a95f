//! A district on a server of its own: a village of the demo, and one with a vote open, whose log can be made to grow.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use sunvote::app::App;
use sunvote::app::demo::{District, LIANDU, load};
use sunvote::app::import;
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::BallotOpening;
use sunvote::config::Config;
use sunvote::core::ids::{DistrictCode, VillageCode};
use sunvote::http::router::router;
use sunvote::http::server::{Server, Stopper};
use sunvote::http::state::AppState;
use sunvote::log::dsse::Envelope;
use sunvote::log::note::{Algorithm, VerifierKey};
use tokio::task::JoinHandle;

use crate::bed;
use crate::village;

const VOTERS: u32 = 15;

/// Paths of answers in which one byte is changed on the way, and which byte from the end.
type Spoilt = Arc<Mutex<Option<(String, usize)>>>;

/// The running district.
pub struct Served {
    pub app: App,
    /// Its address, `http://…`.
    pub base: String,
    pub district: VerifierKey,
    /// The logs of both villages.
    pub villages: Vec<VerifierKey>,
    growing: VillageCode,
    ballots: Vec<(Envelope, String, String)>,
    spoilt: Spoilt,
    stopper: Stopper,
    task: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// The district of both villages.
pub fn code() -> DistrictCode {
    "331102".parse().expect("a district")
}

impl Served {
    /// Founds both villages, lists their keys, publishes, and serves.
    pub async fn start() -> Self {
        let (mut scribe, vote, _) = bed::open_vote(VOTERS as usize);
        let ballots = bed::ballots(&mut scribe, &vote, VOTERS);
        let folder = tempfile::tempdir().expect("a folder");
        let app = bed::open(folder.path(), scribe.now()).await;
        village::load(&app, &scribe).await;
        let demo = District::new(331_102, "vote.example", scribe.now());
        let rows = import::villages(LIANDU).expect("the list of villages");
        let row = rows.into_iter().find(|row| row.code != scribe.state().village).expect("a village");
        let loaded =
            load::load(app.db(), app.vault(), app.objects(), app.lives(), &demo, std::slice::from_ref(&row), [3; 32]);
        loaded.await.expect("a demo village");
        let mut villages = Vec::new();
        for code in [row.code, scribe.state().village] {
            let live = app.lives().live(code).await.expect("a village");
            let key = VerifierKey::new(&live.state().origin, Algorithm::Ed25519, &live.state().log_key);
            villages.push(key.expect("a log's key"));
        }
        let leaves = villages.iter().map(|key| key_leaf(key, &demo.roots).expect("two roots")).collect();
        app.list_keys(leaves).await.expect("listed");
        app.publish_due().await.expect("published");
        let district = app.district_verifier(code()).await.expect("read").expect("a log");
        let growing = scribe.state().village;
        Self::serve(app, folder, district, villages, growing, ballots)
    }

    fn serve(
        app: App,
        folder: tempfile::TempDir,
        district: VerifierKey,
        villages: Vec<VerifierKey>,
        growing: VillageCode,
        ballots: Vec<(Envelope, String, String)>,
    ) -> Self {
        let config = Config::local(([127, 0, 0, 1], 0).into(), folder.path().to_owned());
        let server = Server::bind(config.listen).expect("a free port");
        let base = format!("http://{}", server.address());
        let state = AppState::new(config, app.clone());
        let stopper = server.stopper(&state);
        let spoilt = Spoilt::default();
        let whole = router(state.clone()).layer(from_fn_with_state(Arc::clone(&spoilt), spoil));
        let task = tokio::spawn(async move { server.run_router(whole, &state).await.expect("served to the end") });
        Self { app, base, district, villages, growing, ballots, spoilt, stopper, task, _folder: folder }
    }

    /// One more entry in the second village's log, published.
    pub async fn grow(&mut self) {
        let (envelope, nonce, choice) = self.ballots.remove(0);
        let opening =
            BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
        self.app.submit(self.growing, envelope, Some(opening)).await.expect("taken");
        assert_eq!(self.app.publish_due().await.expect("published").villages, 1);
    }

    /// From now on one bit is changed in each answer whose path contains `part`, in the byte so far from its end.
    pub fn spoil(&self, part: &str, from_end: usize) {
        *self.spoilt.lock().expect("whole") = Some((part.to_owned(), from_end));
    }

    /// Answers are whole again.
    pub fn heal(&self) {
        *self.spoilt.lock().expect("whole") = None;
    }

    /// What the server says at a path.
    pub async fn get(&self, path: &str) -> Vec<u8> {
        let answer = reqwest::get(format!("{}{path}", self.base)).await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("a body").to_vec()
    }

    /// Size and note of the district's checkpoint, as served.
    pub async fn checkpoint(&self) -> (u64, String) {
        let note = self.get(&format!("{}/checkpoint", path(&self.district))).await;
        let note = String::from_utf8(note).expect("text");
        (note.lines().nth(1).expect("a size").parse().expect("a number"), note)
    }

    pub async fn stop(self) {
        self.stopper.stop();
        self.task.await.expect("it ends");
        self.app.stop().await;
    }
}

/// Where a log is served.
pub fn path(log: &VerifierKey) -> &str {
    let slash = log.name().find('/').expect("host and path");
    &log.name()[slash..]
}

async fn spoil(State(spoilt): State<Spoilt>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answer = next.run(request).await;
    let wanted = spoilt.lock().expect("whole").clone().filter(|(part, _)| path.contains(part.as_str()));
    let Some((_, from_end)) = wanted else { return answer };
    let (head, body) = answer.into_parts();
    let mut bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    let at = bytes.len().checked_sub(from_end).expect("a long enough answer");
    bytes[at] ^= 1;
    Response::from_parts(head, Body::from(bytes))
}
