//! A server that holds all its keys and skips the judge: it shows whatever a test tells it to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ed25519_dalek::SigningKey;
use sunvote::core::clock::Time;
use sunvote::core::ids::{Digest, PublicKey, VillageCode};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::district::{key_text, sign_key};
use sunvote::log::dsse::Envelope;
use sunvote::log::entry::{Entry, genesis};
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::tile::{TilePath, bundle_bytes, level_size};
use sunvote::log::tree::{self, leaf_hash};

pub const DISTRICT: &str = "liandu.example/log/d/331102";

/// A log as it is shown.
#[derive(Default, Clone)]
pub struct Shown {
    pub entries: Vec<Vec<u8>>,
    pub checkpoint: Vec<u8>,
}

#[derive(Default)]
struct Everything {
    /// By what follows `/log/`, such as `v/331102001206`.
    logs: BTreeMap<String, Shown>,
    /// Files of the client, by path.
    files: BTreeMap<String, Vec<u8>>,
    taken: Vec<Vec<u8>>,
    /// Hears of each of these.
    hears: Option<Box<dyn Fn(Note) + Send>>,
    /// What came to `/hook`, and how many of these are refused first.
    hooked: Vec<Vec<u8>>,
    refuse: usize,
    silent: bool,
    hanging: bool,
}

#[derive(Clone)]
pub struct Forger {
    pub base: String,
    pub key: SigningKey,
    everything: Arc<Mutex<Everything>>,
}

pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// Root keys of the district, shared by its villages.
pub fn roots() -> Vec<SigningKey> {
    (1..=3).map(|n| SigningKey::from_bytes(&[n; 32])).collect()
}

/// A village of this district, founded only.
pub fn founded(village: &str) -> Scribe {
    let time: Time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let village: VillageCode = village.parse().unwrap();
    let seed = village.to_string().bytes().map(u64::from).sum();
    let founding = Founding { roots: roots(), ..Founding::invented(village, "liandu.example", time, seed) };
    Scribe::found(founding).unwrap()
}

pub fn entries(scribe: &Scribe) -> Vec<Vec<u8>> {
    scribe.entries.iter().map(|entry| entry.bytes.clone()).collect()
}

fn leaves(entries: &[Vec<u8>]) -> Vec<Digest> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// The checkpoint of these entries, signed.
pub fn signed(origin: &str, entries: &[Vec<u8>], key: &SigningKey) -> Note {
    Checkpoint::new(origin, entries.len() as u64, tree::root(&leaves(entries))).sign(key)
}

/// An entry after these, as a server makes it that doesn't ask the judge.
pub fn unjudged(origin: &str, before: &[Vec<u8>], time: Time, statement: Envelope) -> Vec<u8> {
    let prev = before.last().map_or_else(|| genesis(origin), |last| leaf_hash(last));
    Entry { seq: before.len() as u64, prev, time, statement }.encode().unwrap()
}

impl Forger {
    pub async fn start() -> Self {
        let everything = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(Arc::clone(&everything));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, key: SigningKey::from_bytes(&[9; 32]), everything }
    }

    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(DISTRICT, Algorithm::Ed25519, &public(&self.key)).unwrap()
    }

    /// Shows a log with these entries under a checkpoint.
    pub fn show(&self, log: &str, entries: Vec<Vec<u8>>, checkpoint: &Note) {
        let shown = Shown { entries, checkpoint: checkpoint.to_string().into_bytes() };
        self.everything.lock().unwrap().logs.insert(log.to_owned(), shown);
    }

    pub fn shown(&self, log: &str) -> Shown {
        self.everything.lock().unwrap().logs.get(log).cloned().unwrap_or_default()
    }

    /// Enters a village's key, signed by these roots.
    pub fn list(&self, log: &VerifierKey, roots: &[SigningKey]) {
        let text = key_text(log);
        let signatures = roots.iter().map(|root| sign_key(DISTRICT, &text, root)).collect();
        self.add(Note { text, signatures }.to_string().into_bytes());
    }

    /// Adds a leaf to the district's log and signs it.
    pub fn add(&self, leaf: Vec<u8>) {
        let mut leaves = self.shown("d/331102").entries;
        leaves.push(leaf);
        let note = signed(DISTRICT, &leaves, &self.key);
        self.show("d/331102", leaves, &note);
    }

    /// Publishes entries of a village: shows them and adds their checkpoint to the district's log.
    pub fn publish(&self, scribe: &Scribe, entries: Vec<Vec<u8>>) {
        let state = scribe.state();
        let log = format!("v/{}", state.village);
        if self.shown(&log).entries.is_empty() {
            let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).unwrap();
            self.list(&key, &roots()[..2]);
        }
        let note = signed(&state.origin, &entries, scribe.log_key());
        self.show(&log, entries, &note);
        self.add(note.to_string().into_bytes());
    }

    pub fn file(&self, path: &str, bytes: &[u8]) {
        self.everything.lock().unwrap().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// Cosigned village checkpoints that were handed back.
    pub fn taken(&self) -> Vec<Note> {
        self.everything.lock().unwrap().taken.iter().map(|note| Note::parse(note).unwrap()).collect()
    }

    /// Says of each from now on that it was handed back.
    pub fn hear(&self, hears: impl Fn(Note) + Send + 'static) {
        self.everything.lock().unwrap().hears = Some(Box::new(hears));
    }

    /// What the webhook took.
    pub fn hooked(&self) -> Vec<serde_json::Value> {
        self.everything.lock().unwrap().hooked.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }

    /// The next so many calls of the webhook fail.
    pub fn refuse(&self, calls: usize) {
        self.everything.lock().unwrap().refuse = calls;
    }

    pub fn fall_silent(&self) {
        self.everything.lock().unwrap().silent = true;
    }

    pub fn speak(&self) {
        self.everything.lock().unwrap().silent = false;
    }

    /// From now on nothing is answered, and no connection closed.
    pub fn hang(&self) {
        self.everything.lock().unwrap().hanging = true;
    }
}

async fn serve(State(everything): State<Arc<Mutex<Everything>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body: Bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    if everything.lock().unwrap().hanging {
        std::future::pending::<()>().await;
    }
    let mut everything = everything.lock().unwrap();
    if path == "/hook" {
        if everything.refuse > 0 {
            everything.refuse -= 1;
            return StatusCode::BAD_GATEWAY.into_response();
        }
        everything.hooked.push(body.to_vec());
        return StatusCode::OK.into_response();
    }
    if everything.silent {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if path.ends_with("/cosignatures") {
        if let Some(hears) = &everything.hears {
            hears(Note::parse(&body).unwrap());
        }
        everything.taken.push(body.to_vec());
        return StatusCode::OK.into_response();
    }
    let file = everything.files.get(&path).cloned();
    match file.or_else(|| log_file(&everything.logs, path.strip_prefix("/log/")?)) {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn log_file(logs: &BTreeMap<String, Shown>, path: &str) -> Option<Vec<u8>> {
    let mut parts = path.splitn(3, '/');
    let log = logs.get(&format!("{}/{}", parts.next()?, parts.next()?))?;
    let rest = parts.next()?;
    if rest == "checkpoint" {
        return Some(log.checkpoint.clone());
    }
    let (level, tile) = rest.strip_prefix("tile/")?.split_once('/')?;
    let tile = TilePath::parse(tile)?;
    let start = usize::try_from(tile.index * 256).ok()?;
    let end = start + usize::try_from(tile.width).ok()?;
    if level == "entries" {
        return bundle_bytes(log.entries.get(start..end)?.iter().map(Vec::as_slice));
    }
    let level: u8 = level.parse().ok()?;
    let leaves = leaves(&log.entries);
    let each = 256_usize.pow(level.into());
    let hashes = leaves.chunks_exact(each).take(usize::try_from(level_size(leaves.len() as u64, level)).ok()?);
    let hashes: Vec<[u8; 32]> = hashes.map(|part| tree::root(part).0).collect();
    Some(hashes.get(start..end)?.concat())
}
