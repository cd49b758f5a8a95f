//! Steps sent to other programs: to a real receiver, which checks what it gets as the specification says and doesn't always take it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header::LOCATION};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::Value;
use sha2::Sha256;
use sunvote::app::App;
use sunvote::app::fetch::Client;
use sunvote::app::projection;
use sunvote::app::webhooks::endpoint::Endpoint;
use sunvote::app::webhooks::{WAITS_MS, Webhooks};
use sunvote::core::clock::Time;
use sunvote::core::model::{Category, Role};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::store::error::StoreError;
use tokio::net::TcpListener;

use crate::harness::{CSRF, NEIGHBOUR, Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::told::village;
use crate::village::load;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// An Ed25519 key of 32 times the byte 7, and its public half.
const PRIVATE: &str = "whsk_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// What came in.
#[derive(Debug, Clone)]
pub struct Taken {
    headers: BTreeMap<String, String>,
    /// What was sent.
    pub body: Vec<u8>,
    /// What was answered.
    pub status: u16,
}

impl Taken {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// What is signed, put together by the specification.
    fn signed(&self) -> Vec<u8> {
        let head = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp"));
        [head.as_bytes(), &self.body].concat()
    }

    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(&self.signed());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").split(' ').any(|one| one == signature)
    }
}

/// A program that takes webhooks, or answers what it is told to.
#[derive(Clone, Default)]
pub struct Receiver {
    taken: Arc<Mutex<Vec<Taken>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    /// Listens; its address.
    pub async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/take?key=secret-of-the-receiver", listener.local_addr().expect("an address"));
        let router = Router::new().route("/take", post(take)).route("/elsewhere", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    pub fn answer(&self, statuses: &[u16]) {
        self.answers.lock().expect("whole").extend(statuses);
    }

    pub fn taken(&self) -> Vec<Taken> {
        std::mem::take(&mut *self.taken.lock().expect("whole"))
    }

    fn kinds(&self) -> Vec<String> {
        self.taken().iter().map(|taken| taken.json()["type"].as_str().expect("a type").to_owned()).collect()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let status = receiver.answers.lock().expect("whole").pop_front().unwrap_or(204);
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    receiver.taken.lock().expect("whole").push(Taken { headers: headers.collect(), body: body.to_vec(), status });
    let status = StatusCode::from_u16(status).expect("a status");
    if status.is_redirection() { (status, [(LOCATION, "/elsewhere")]).into_response() } else { status.into_response() }
}

fn endpoint(name: &str, url: &str, more: &str) -> String {
    format!("[[endpoint]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret_file = \"{name}\"\n{more}\n")
}

/// Names endpoints to a server as its start does.
fn name(server: &Running, file: &str) {
    let read = |path: &std::path::Path| {
        let secret = if path.ends_with("asymmetric") { PRIVATE } else { SECRET };
        Ok(secret.to_owned().into())
    };
    let endpoints = Endpoint::parse(file, read).expect("endpoints");
    let origin = server.base.clone();
    server.app.name_webhooks(Webhooks { endpoints, client: Client::new(Duration::from_secs(20)), origin });
}

fn later(server: &Running, ms: i64) {
    server.clock.set(server.app.now().plus_ms(ms));
}

async fn run(app: &App) -> usize {
    app.run_webhooks().await.expect("a round")
}

/// Everything that is due.
async fn run_all(app: &App) {
    while run(app).await > 0 {}
}

fn proposed() -> Scribe {
    let mut scribe = village();
    let draft = Draft {
        title: "村道修到河边".to_owned(),
        suggestion: "李四家门口不好走".to_owned(),
        ..Draft::of(Category::M02)
    };
    scribe.bring_to_proposal(&draft).expect("a proposal");
    scribe
}

async fn serve(scribe: Scribe) -> Running {
    TestServer::new().at(scribe.now()).with_village(scribe).start().await
}

#[tokio::test]
async fn what_is_refused_twice_is_sent_again_after_growing_waits_under_the_same_name() {
    let server = serve(proposed()).await;
    let receiver = Receiver::default();
    name(&server, &endpoint("commission", &receiver.start().await, "kinds = [\"matter.proposed\"]"));
    receiver.answer(&[500, 503]);
    let began = server.app.now();
    assert_eq!(run(&server.app).await, 1);
    later(&server, WAITS_MS[0] - 1);
    assert_eq!(run(&server.app).await, 0, "not before its time");
    later(&server, 1 + WAITS_MS[0] / 10);
    assert_eq!(run(&server.app).await, 1);
    later(&server, WAITS_MS[1] - 1);
    assert_eq!(run(&server.app).await, 0, "the next wait is longer");
    later(&server, 1 + WAITS_MS[1] / 10);
    assert_eq!(run(&server.app).await, 1);
    later(&server, 100 * WAITS_MS[8]);
    assert_eq!(run(&server.app).await, 0, "what was taken is never sent again");

    let taken = receiver.taken();
    assert_eq!(taken.iter().map(|one| one.status).collect::<Vec<_>>(), [500, 503, 204]);
    assert_eq!(taken.iter().map(|one| one.header("webhook-id")).collect::<BTreeSet<_>>().len(), 1);
    assert!(taken.iter().all(|one| one.body == taken[0].body && one.is_signed_with(SECRET)));
    let seconds: Vec<i64> = taken.iter().map(|one| one.header("webhook-timestamp").parse().expect("seconds")).collect();
    assert_eq!(seconds[0], began.ms() / 1_000, "the time of the try");
    assert!(seconds[0] < seconds[1] && seconds[1] < seconds[2], "{seconds:?}");
    assert_eq!(taken[0].header("content-type"), "application/json");

    let told = taken[0].json();
    assert_eq!(
        (told["type"].as_str(), told["data"]["title"].as_str()),
        (Some("matter.proposed"), Some("村道修到河边"))
    );
    let entry = told["data"]["entry"].as_u64().expect("an entry");
    assert_eq!(taken[0].header("webhook-id"), format!("step_{VILLAGE}_{entry}"));
    assert!(told["timestamp"].as_str().is_some_and(|text| text.parse::<Time>().is_ok()), "{told}");
    for link in ["page", "record"] {
        let address = told["data"][link].as_str().expect("a link");
        let path = address.strip_prefix(&server.base).expect("a page of ours");
        assert_eq!(server.get(path).await.status(), 200, "{address}");
    }
}

#[tokio::test]
async fn each_endpoint_hears_what_it_asked_for_and_once() {
    let server = serve(proposed()).await;
    let (all, some, far) = (Receiver::default(), Receiver::default(), Receiver::default());
    let file = endpoint("all", &all.start().await, "")
        + &endpoint("some", &some.start().await, "place = \"331102\"\nkinds = [\"matter.proposed\"]")
        + &endpoint("far", &far.start().await, "place = \"330106\"");
    name(&server, &file);
    // Two rounds at the same time, as of two servers on one database.
    let (one, other) = tokio::join!(run(&server.app), run(&server.app));
    run_all(&server.app).await;
    let taken = all.taken();
    let ids: BTreeSet<&str> = taken.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids.len(), taken.len(), "none twice ({one} and {other} tried at first)");
    let told: BTreeSet<String> =
        taken.iter().map(|one| one.json()["type"].as_str().expect("a type").to_owned()).collect();
    assert!(told.contains("village.founded") && told.contains("suggestion.entered"), "{told:?}");
    assert!(!told.iter().any(|kind| kind.starts_with("keys.") || kind.starts_with("roles.")), "{told:?}");
    assert_eq!(some.kinds(), ["matter.proposed"]);
    assert_eq!(far.kinds(), [""; 0]);

    // Tables made anew, and the same again and again: nothing more is sent.
    let code = VILLAGE.parse().expect("a code");
    projection::rebuild(server.app.db(), server.app.vault(), server.app.lives(), code).await.expect("made anew");
    run_all(&server.app).await;
    assert_eq!((all.kinds().len(), some.kinds().len()), (0, 0));
}

/// What came on record before anybody was named is not sent; what comes later is, however often the server starts.
#[tokio::test]
async fn an_endpoint_hears_of_what_comes_after_it_was_named() {
    let server = serve(proposed()).await;
    assert_eq!(run(&server.app).await, 0);
    let receiver = Receiver::default();
    name(&server, &endpoint("late", &receiver.start().await, ""));
    run_all(&server.app).await;
    assert_eq!(receiver.kinds(), [""; 0]);
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(NEIGHBOUR.parse().expect("a code"), "liandu.example", time, 8);
    let mut neighbour = Scribe::found(founding).expect("a village");
    neighbour.settle(&Term::default()).expect("a term");
    load(&server.app, &neighbour).await;
    run_all(&server.app).await;
    let kinds = receiver.kinds();
    assert!(kinds.contains(&"village.founded".to_owned()) && kinds.contains(&"term.opened".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn nobodys_name_and_no_villagers_words_are_sent() {
    let scribe = proposed();
    let names: Vec<String> = scribe.everyone().map(|someone| someone.name.clone()).collect();
    let ids: Vec<String> = scribe.everyone().map(|someone| someone.id.to_string()).collect();
    let server = serve(scribe).await;
    let receiver = Receiver::default();
    name(&server, &endpoint("all", &receiver.start().await, ""));
    run_all(&server.app).await;
    let taken = receiver.taken();
    assert!(taken.len() > 5 && names.len() > 45);
    for one in taken {
        let text = String::from_utf8(one.body).expect("text");
        let told = names.iter().chain(&ids).find(|name| text.contains(name.as_str()));
        assert_eq!(told, None, "{text}");
        assert!(!text.contains("李四"), "a suggestion's words: {text}");
    }
}

#[tokio::test]
async fn a_receiver_with_a_public_key_can_check_and_redirects_lead_nowhere() {
    let server = serve(proposed()).await;
    let receiver = Receiver::default();
    name(&server, &endpoint("asymmetric", &receiver.start().await, "kinds = [\"matter.proposed\"]"));
    receiver.answer(&[307]);
    assert_eq!(run(&server.app).await, 1);
    let taken = receiver.taken();
    assert_eq!(taken.len(), 1, "a redirect is a failure, not another address");
    let page = server.request_as("district_admin-331102", Method::GET, "/deliveries").header("accept", "text/html");
    let page = page.send().await.expect("an answer").text().await.expect("a text");
    let key = page.split("whpk_").nth(1).and_then(|rest| rest.split('<').next()).expect("the public key is shown");
    let key: [u8; 32] = STANDARD.decode(key).expect("base64").try_into().expect("32 bytes");
    let signature = taken[0].header("webhook-signature").strip_prefix("v1a,").expect("its version");
    let signature = Signature::from_slice(&STANDARD.decode(signature).expect("base64")).expect("a signature");
    VerifyingKey::from_bytes(&key).expect("a key").verify(&taken[0].signed(), &signature).expect("it is right");
}

#[tokio::test]
async fn what_is_given_up_is_seen_by_the_district_and_sent_again_when_told_to() {
    let server = serve(proposed()).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    name(&server, &endpoint("commission", &url, "kinds = [\"matter.proposed\"]"));
    receiver.answer(&[500; 10]);
    for wait in WAITS_MS {
        assert_eq!(run(&server.app).await, 1);
        later(&server, wait + wait / 10);
    }
    assert_eq!(run(&server.app).await, 1);
    later(&server, 100 * WAITS_MS[8]);
    assert_eq!(run(&server.app).await, 0, "ten tries are all");
    let first = receiver.taken();
    assert_eq!(first.len(), 10);

    let server = &server;
    let look = |who: &'static str| async move {
        let request = server.request_as(who, Method::GET, "/deliveries").header("accept", "text/html");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{who}");
        answer.text().await.expect("a text")
    };
    let page = look("district_admin-331102").await;
    for words in ["commission", "已停发", "试了10次", "对方答复500", "再发一次"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("secret-of-the-receiver") && !page.contains(SECRET), "{page}");
    assert!(!look("district_admin-330106").await.contains("已停发"), "another district's");
    let again = |who: &'static str, entry: &str| {
        let form = format!("csrf={CSRF}&endpoint=commission&entry={entry}&back=%2Fdeliveries%3Fafter%3D1");
        let request = server.request_as(who, Method::POST, &format!("/v/{VILLAGE}/deliveries")).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    let entry = first[0].json()["data"]["entry"].to_string();
    assert_eq!(again("district_admin-330106", &entry).await, 403);
    assert_eq!(again("clerk", &entry).await, 403);
    assert_eq!(again("district_admin-331102", "999").await, 404);
    assert_eq!(again("district_admin-331102", &entry).await, 303);
    assert_eq!(again("district_admin-331102", &entry).await, 404, "it is under way");
    assert_eq!(run(&server.app).await, 1);
    let second = receiver.taken();
    assert_eq!(second[0].header("webhook-id"), first[0].header("webhook-id"), "it is the same message");
    assert!(look("district_admin-331102").await.contains("对方已收"));
}

#[tokio::test]
async fn an_endpoint_that_wants_no_more_or_does_not_answer_holds_nobody_up() {
    let server = serve(proposed()).await;
    let (gone, good) = (Receiver::default(), Receiver::default());
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nobody = format!("http://{}/", silent.local_addr().expect("an address"));
    drop(silent);
    let only = "kinds = [\"matter.proposed\"]";
    let file = endpoint("gone", &gone.start().await, only)
        + &endpoint("nobody", &nobody, only)
        + &endpoint("good", &good.start().await, only);
    name(&server, &file);
    gone.answer(&[410]);
    assert_eq!(run(&server.app).await, 3);
    assert_eq!(good.kinds(), ["matter.proposed"]);
    later(&server, WAITS_MS[0] * 2);
    assert_eq!(run(&server.app).await, 1, "nobody is tried again, who is gone isn't");
    let page = server.request_as("district_admin-331102", Method::GET, "/deliveries").header("accept", "text/html");
    let page = page.send().await.expect("an answer").text().await.expect("a text");
    for words in ["对方没有答复", "试了2次", "对方答复410", "已停发", "对方已收"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// A server that ends between claim and answer leaves a message that is tried again, and no second one.
#[tokio::test]
async fn a_message_that_nobody_settled_comes_back() {
    let server = serve(proposed()).await;
    let receiver = Receiver::default();
    name(&server, &endpoint("commission", &receiver.start().await, "kinds = [\"matter.proposed\"]"));
    server.app.queue_steps().await.expect("queued");
    let now = server.app.now();
    let until = now.plus_ms(120_000);
    let claimed = server.app.db().write("claim", |tx| {
        Box::pin(async move {
            let message = tx.outgoing("webhook", "commission", now, 1).await?.pop().expect("a message");
            tx.claim(&message, until).await
        })
    });
    assert!(claimed.await.expect("claimed"));
    assert_eq!(run(&server.app).await, 0, "it is another's");
    later(&server, 120_000);
    assert_eq!(run(&server.app).await, 1);
    assert_eq!(receiver.kinds(), ["matter.proposed"]);
}

/// While a village's tables are made anew, what is due of it waits; no try is counted, and nothing is given up.
#[tokio::test]
async fn what_is_due_waits_for_tables_that_are_made_anew() {
    let server = serve(proposed()).await;
    let receiver = Receiver::default();
    name(&server, &endpoint("commission", &receiver.start().await, "kinds = [\"matter.proposed\"]"));
    server.app.queue_steps().await.expect("queued");
    let code = VILLAGE.parse().expect("a code");
    let cleared = server.app.db().write("clear", |tx| Box::pin(tx.clear_derived(code)));
    let cleared: Result<(), StoreError> = cleared.await;
    cleared.expect("emptied");
    assert_eq!(run(&server.app).await, 0);
    projection::project(server.app.db(), server.app.vault(), server.app.lives(), code).await.expect("made anew");
    assert_eq!(run(&server.app).await, 1);
    assert_eq!(receiver.kinds(), ["matter.proposed"]);
}

#[tokio::test]
async fn a_districts_administrator_on_a_villages_record_sees_what_was_sent() {
    let mut scribe = proposed();
    let admin = scribe.invent();
    scribe.enrol_officials(&[(admin, Role::DistrictAdmin)]).expect("enrolled by the roots");
    let key = scribe.someone(admin).expect("someone").key.clone();
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe).start().await;
    let receiver = Receiver::default();
    name(&server, &endpoint("commission", &receiver.start().await, "kinds = [\"matter.proposed\"]"));
    assert_eq!(run(&server.app).await, 1);
    let cookie = log_in(&server, &key).await.expect("a log-in");
    let shown = page(&server, &cookie, "/deliveries").await;
    assert!(shown.contains("record?from="), "{shown}");
}

#[tokio::test]
async fn many_steps_are_listed_page_by_page() {
    let mut scribe = village();
    for n in 0..40 {
        scribe.suggest(&format!("建议{n}")).expect("a suggestion");
    }
    let server = serve(scribe).await;
    let empty = server.request_as("district_admin-331102", Method::GET, "/deliveries").header("accept", "text/html");
    let empty = empty.send().await.expect("an answer").text().await.expect("a text");
    assert!(empty.contains("什么也不发") && empty.contains("还没有发过"), "{empty}");
    let receiver = Receiver::default();
    name(&server, &endpoint("all", &receiver.start().await, ""));
    run_all(&server.app).await;
    let sent = receiver.taken().len();
    let (mut path, mut listed, mut pages) = ("/deliveries".to_owned(), BTreeSet::new(), 0);
    loop {
        let page = server.request_as("district_admin-331102", Method::GET, &path).header("accept", "text/html");
        let page = page.send().await.expect("an answer").text().await.expect("a text");
        listed.extend(
            page.split("record?from=").skip(1).map(|rest| rest.split('#').next().unwrap_or_default().to_owned()),
        );
        pages += 1;
        let Some(next) = page.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
            break;
        };
        path = next.replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!((listed.len(), pages), (sent, sent.div_ceil(25)));
}
