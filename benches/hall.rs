//! How long a hall of a thousand takes: the door's page, what changes on it, one member signed in, the screen; then ten terminals
//! that take ballots at once. Prints plain numbers.
//!
//! `cargo bench --bench hall`. A villagers' assembly of 1,000 households. One after another is signed in by two over HTTP, and after
//! each all that stands open in the hall asks anew what changed: the door, the screen and ten terminals. Then the rest is signed
//! in, voting opens, and ten terminals deliver a thousand ballots, each the next as soon as the last was answered; door and screen are
//! asked all the while. In a hall a terminal takes a ballot a minute: this is the hour before the closing in seconds.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sunvote::app::App;
use sunvote::app::login::LOGIN_TYPE;
use sunvote::config::Config;
use sunvote::core::act::Act;
use sunvote::core::act::session::AttendanceRecorded;
use sunvote::core::ids::{PublicKey, VillageCode};
use sunvote::core::model::{Body, Category, Channel};
use sunvote::core::statement::Header;
use sunvote::http::server::{Server, ServerError, Stopper};
use sunvote::http::state::AppState;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::figures::now;

#[path = "../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "figures/mod.rs"]
mod figures;
#[path = "../tests/http/village.rs"]
mod village;

/// Members of the body.
const MEMBERS: u32 = 1_000;
/// Most villagers can come to it.
const BODY: Body = Body::VillagersAssembly;
/// Terminals in the hall.
const TERMINALS: u16 = 10;
/// Members signed in one by one, and looks at each page.
const TIMES: u32 = 100;

/// A session whose door is open and to which nobody has come, with its terminals.
fn called(code: VillageCode) -> (Scribe, Vote) {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, 7)).expect("founded");
    let households = usize::try_from(MEMBERS).expect("a count");
    scribe.settle(&Term { households, ..Term::default() }).expect("settled");
    let mut draft = Draft::of(Category::M02);
    draft.ballots[0].0 = BODY;
    let matter = scribe.bring_to_ballot(&draft).expect("filed");
    let channels = [Channel::Online, Channel::Kiosk, Channel::Paper];
    let session = scribe.convene_by(BODY, &[matter], &channels).expect("called");
    let starts_at = scribe.state().session(session).expect("the session").starts_at;
    scribe.at(starts_at).wait_minutes(-120).fix_roster(session).expect("a roster");
    assert_eq!(scribe.state().session(session).expect("the session").eligible(), MEMBERS);
    for no in 1..=TERMINALS {
        scribe.register_terminal(session, no).expect("registered");
    }
    (scribe, Vote::on(session, matter, "q1").expect("a vote"))
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

    /// How long it takes to have a page, in seconds.
    async fn timed(&self, path: &str) -> f64 {
        let begun = now();
        assert!(!self.get(path).await.is_empty());
        begun.elapsed().as_secs_f64()
    }

    /// How long it takes until a statement is on record, in seconds.
    async fn post(&self, path: &str, body: &Value) -> f64 {
        let begun = now();
        let request = self.client.post(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        let answer = request.header("x-csrf", &self.csrf).json(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 201, "{path}");
        begun.elapsed().as_secs_f64()
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

/// A server with the village as it stands, and the clerk logged in there.
struct Served {
    clerk: Arc<Clerk>,
    app: App,
    stopper: Stopper,
    serving: JoinHandle<Result<(), ServerError>>,
}

impl Served {
    async fn start(folder: &Path, scribe: &Scribe) -> Self {
        let app = bed::open(folder, scribe.now()).await;
        village::load(&app, scribe).await;
        let server = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = server.address();
        let mut config = Config::local(address, folder.to_owned());
        config.public_origin = format!("http://{address}").parse().expect("an origin");
        // An hour of a hall passes in seconds here.
        config.limits.deliveries_per_minute = 1_000_000;
        let state = AppState::new(config, app.clone());
        let stopper = server.stopper(&state);
        let serving = tokio::spawn(server.run(state));
        let clerk = Arc::new(Clerk::log_in(format!("http://{address}"), scribe).await);
        Self { clerk, app, stopper, serving }
    }

    async fn end(self) {
        self.stopper.stop();
        self.serving.await.expect("ended").expect("served");
        self.app.stop().await;
    }
}

/// What stands open in the hall and asks anew whenever something changed, with how often it stands there.
fn open_in(vote: &Vote, code: VillageCode) -> [(&'static str, String, u16); 3] {
    let session = vote.session;
    let api = format!("/api/v1/villages/{code}/sessions/{session}");
    [
        ("what changes at the door", format!("{api}/door"), 1),
        ("screen", format!("/v/{code}/s/{session}/screen"), 1),
        ("what a terminal asks", format!("{api}/hall"), TERMINALS),
    ]
}

/// Members are signed in one by one, and all that stands open asks after each.
async fn door(scribe: &Scribe, vote: &Vote) {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path(), scribe).await;
    let (clerk, code) = (&served.clerk, scribe.state().village);
    let open = open_in(vote, code);
    let (mut pages, mut signed, mut asked) = (Vec::new(), Vec::new(), vec![Vec::new(); open.len()]);
    let page = format!("/v/{code}/s/{}/door", vote.session);
    for no in 1..=TIMES {
        let two = scribe.two();
        let act = Act::AttendanceRecorded(AttendanceRecorded { present: vec![no], left: Vec::new() });
        let header = Header::at(vote.session).on(scribe.roster(vote.session));
        let statement = scribe.draft(&two, header, act).expect("a statement");
        let envelope = json_of(&scribe.sign(&two, &statement).expect("signed").envelope);
        let body = json!({"envelope": envelope});
        signed.push(clerk.post(&format!("/api/v1/villages/{code}/statements"), &body).await);
        let all = open.iter().enumerate().flat_map(|(nth, (_, path, times))| (0..*times).map(move |_| (nth, path)));
        let asks = all.map(async |(nth, path)| (nth, clerk.timed(path).await));
        for (nth, seconds) in join_all(asks).await {
            asked[nth].push(seconds);
        }
        pages.push(clerk.timed(&page).await);
    }
    let kb = clerk.get(&page).await.len() / 1_000;
    println!("{MEMBERS} households; the door's page has {kb} kB before compression");
    figures::report("one member signed in by two, from sent to answered", signed);
    for ((name, ..), seconds) in open.iter().zip(asked) {
        figures::report(&format!("{name}, asked after each with all others at once"), seconds);
    }
    figures::report("page of the door, alone", pages);
    served.end().await;
}

/// Voting is open, and the terminals deliver.
async fn terminals(mut scribe: Scribe, vote: &Vote) {
    let code = scribe.state().village;
    for present in (1..=MEMBERS).collect::<Vec<_>>().chunks(200) {
        scribe.sign_in(vote.session, present, &[]).expect("signed in");
    }
    let starts_at = scribe.state().session(vote.session).expect("the session").starts_at;
    scribe.at(starts_at).name_tellers(vote.session).expect("named");
    scribe.open_vote(vote).expect("opened");
    scribe.wait_minutes(1);
    let all: Vec<Vec<Value>> = (1..=TERMINALS).map(|no| taken(&mut scribe, vote, no)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path(), &scribe).await;
    let path = format!("/api/v1/villages/{code}/sessions/{}/deliveries", vote.session);
    let (ended, running) = watch::channel(());
    let readers: Vec<_> = open_in(vote, code)
        .into_iter()
        .map(|(name, asked, _)| {
            let (clerk, running) = (Arc::clone(&served.clerk), running.clone());
            let ask = async move {
                let mut seconds = Vec::new();
                while running.has_changed().is_ok() {
                    seconds.push(clerk.timed(&asked).await);
                }
                seconds
            };
            (name, tokio::spawn(ask))
        })
        .collect();
    let begun = now();
    let deliver = async |ballots: &Vec<Value>| {
        let mut seconds = Vec::new();
        for ballot in ballots {
            seconds.push(served.clerk.post(&path, ballot).await);
        }
        seconds
    };
    let delivered = join_all(all.iter().map(deliver)).await.concat();
    let took = begun.elapsed().as_secs_f64();
    drop(ended);
    figures::report(&format!("a ballot delivered, {TERMINALS} terminals at once, all in {took:.1} s"), delivered);
    for (name, reader) in readers {
        figures::report(&format!("{name}, while terminals deliver"), reader.await.expect("asked"));
    }
    served.end().await;
}

/// What one terminal took of its share of the voters, as it delivers it.
fn taken(scribe: &mut Scribe, vote: &Vote, no: u16) -> Vec<Value> {
    let mut at = scribe.at_hall(vote, no);
    let own = (1..=MEMBERS).filter(|voter| voter % u32::from(TERMINALS) == u32::from(no - 1));
    let take = |voter: u32| {
        let signed = scribe.take_at(vote, &mut at, (voter, 1), "for").expect("taken");
        let Act::BallotCast(cast) = &signed.statement.act else { panic!("a ballot") };
        let opening = &scribe.openings[&cast.commitment];
        let opening = json!({"nonce": opening.nonce, "choice": opening.choice});
        json!({"envelope": json_of(&signed.envelope), "opening": opening})
    };
    own.map(take).collect()
}

fn main() {
    let (scribe, vote) = called("331102206201".parse().expect("a code"));
    Runtime::new().expect("a runtime").block_on(async {
        door(&scribe, &vote).await;
        terminals(scribe, &vote).await;
    });
}
