//! How long the door of a hall of a thousand takes: its page, what changes on it, one member signed in, the screen. Prints
//! plain numbers.
//!
//! `cargo bench --bench hall`. A village of 1,000 members, all of them to come; one after another is signed in by two over HTTP,
//! and after each the door and the screen are asked anew.

use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sunvote::app::login::LOGIN_TYPE;
use sunvote::config::Config;
use sunvote::core::act::Act;
use sunvote::core::act::session::AttendanceRecorded;
use sunvote::core::ids::{PublicKey, SessionId, VillageCode};
use sunvote::core::model::{Body, Category};
use sunvote::core::statement::Header;
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};
use tokio::runtime::Runtime;

#[path = "../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "../tests/http/village.rs"]
mod village;

/// Members of the body.
const MEMBERS: u32 = 1_000;
/// Members signed in one by one, and looks at each page.
const TIMES: u32 = 100;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// The value below which `share` of the sorted times lie.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn report(name: &str, mut ms: Vec<f64>) {
    ms.sort_by(f64::total_cmp);
    let [p50, p95, most] = [0.5, 0.95, 1.0].map(|share| quantile(&ms, share));
    println!("{name}: p50 {p50:.1} ms, p95 {p95:.1} ms, at most {most:.1} ms ({})", ms.len());
}

/// A session whose door is open and to which nobody has come.
fn called(code: VillageCode) -> (Scribe, SessionId) {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, 7)).expect("founded");
    let representatives = usize::try_from(MEMBERS).expect("a count") - 5;
    scribe.settle(&Term { representatives, ..Term::default() }).expect("settled");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    let session = scribe.convene(Body::RepresentativeAssembly, &[matter]).expect("called");
    let starts_at = scribe.state().session(session).expect("the session").starts_at;
    scribe.at(starts_at).wait_minutes(-120).fix_roster(session).expect("a roster");
    assert_eq!(scribe.state().session(session).expect("the session").eligible(), MEMBERS);
    (scribe, session)
}

/// The clerk's browser.
struct Clerk {
    client: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Clerk {
    async fn log_in(base: String, scribe: &Scribe) -> Self {
        let key = &scribe.someone(scribe.clerk()).expect("the clerk").key;
        let client = reqwest::Client::new();
        let ask = client.post(format!("{base}/api/v1/login/challenge")).json(&json!({}));
        let challenge: Value = ask.send().await.expect("an answer").json().await.expect("JSON");
        let public = PublicKey(key.verifying_key().to_bytes());
        let payload = json!({"origin": base, "challenge": challenge["challenge"], "key": public, "at": "2027-01-15T08:00:00.000Z"});
        let envelope = Envelope::sign(LOGIN_TYPE, payload.to_string().into_bytes(), &[key]);
        let answer = client.post(format!("{base}/api/v1/login")).json(&json!({"envelope": json_of(&envelope)}));
        let answer = answer.send().await.expect("an answer");
        let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok()).expect("a cookie");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let mut clerk = Self { client, base, cookie, csrf: String::new() };
        let tasks = clerk.get("/tasks").await;
        let (_, rest) = tasks.split_once("name=\"csrf\" value=\"").expect("a token");
        rest.split('"').next().expect("a token").clone_into(&mut clerk.csrf);
        clerk
    }

    async fn get(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        let answer = request.header("accept", "text/html").send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.expect("a text")
    }

    async fn post(&self, path: &str, body: &Value) {
        let request = self.client.post(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        let answer = request.header("x-csrf", &self.csrf).json(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 201, "{path}");
    }
}

fn json_of(envelope: &Envelope) -> Value {
    let signature =
        |one: &sunvote::log::dsse::Signature| json!({"keyid": one.keyid, "sig": BASE64_STANDARD.encode(one.sig)});
    json!({
        "payloadType": envelope.payload_type,
        "payload": BASE64_STANDARD.encode(&envelope.payload),
        "signatures": envelope.signatures.iter().map(signature).collect::<Vec<_>>(),
    })
}

async fn door() {
    let folder = tempfile::tempdir().expect("a folder");
    let code: VillageCode = "331102206201".parse().expect("a code");
    let (scribe, session) = called(code);
    let app = bed::open(folder.path(), scribe.now()).await;
    village::load(&app, &scribe).await;
    let server = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = server.address();
    let mut config = Config::local(address, folder.path().to_owned());
    config.public_origin = format!("http://{address}").parse().expect("an origin");
    let state = AppState::new(config, app.clone());
    let stopper = server.stopper(&state);
    let serving = tokio::spawn(server.run(state));
    let clerk = Clerk::log_in(format!("http://{address}"), &scribe).await;

    let (page, live) = (format!("/v/{code}/s/{session}"), format!("/api/v1/villages/{code}/sessions/{session}/door"));
    let paths = [
        ("page of the door", format!("{page}/door")),
        ("what changes on it", live),
        ("screen", format!("{page}/screen")),
    ];
    let (mut signed, mut read) = (Vec::new(), vec![Vec::new(); paths.len()]);
    for no in 1..=TIMES {
        let two = scribe.two();
        let act = Act::AttendanceRecorded(AttendanceRecorded { present: vec![no], left: Vec::new() });
        let statement = scribe.draft(&two, Header::at(session).on(scribe.roster(session)), act).expect("a statement");
        let envelope = json_of(&scribe.sign(&two, &statement).expect("signed").envelope);
        let begun = now();
        clerk.post(&format!("/api/v1/villages/{code}/statements"), &json!({"envelope": envelope})).await;
        signed.push(begun.elapsed().as_secs_f64() * 1_000.0);
        for ((_, path), times) in paths.iter().zip(&mut read) {
            let begun = now();
            let text = clerk.get(path).await;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            assert!(!text.is_empty());
        }
    }
    let kb = clerk.get(&paths[0].1).await.len() / 1_000;
    println!("{MEMBERS} members; the door's page has {kb} kB before compression");
    report("one member signed in by two, from sent to answered", signed);
    for ((name, _), times) in paths.iter().zip(read) {
        report(name, times);
    }
    stopper.stop();
    serving.await.expect("ended").expect("served");
    app.stop().await;
}

fn main() {
    Runtime::new().expect("a runtime").block_on(door());
}
