//! A computer without a key: let in by a phone, and its drafts signed there.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sunvote::app::login::LOGIN_TYPE;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::act::session::RosterFixed;
use sunvote::core::act::village::RoleCovered;
use sunvote::core::clock::MINUTE_MS;
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::core::model::{Level, Role, Source};
use sunvote::core::statement::{Header, Statement};
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE, keyid};
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Hand, Scribe};

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};

const COMPUTERS: &str = "/api/v1/login/computers";

fn village() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term { representatives: 20, ..Term::default() }).expect("a term");
    scribe
}

async fn start() -> (Running, Scribe) {
    let scribe = village();
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(village()).start().await;
    (server, scribe)
}

fn key_of(scribe: &Scribe, person: PersonId) -> SigningKey {
    scribe.someone(person).expect("someone").key.clone()
}

async fn body(answer: Response) -> Value {
    answer.json().await.expect("JSON")
}

/// A computer's question: its code and its secret.
async fn ask(server: &Running) -> (String, String) {
    let request =
        server.request(Method::POST, COMPUTERS).header("user-agent", "Firefox/140 (Windows)").json(&json!({}));
    let asked = request.send().await.expect("an answer");
    assert_eq!(asked.status(), 201);
    let asked = body(asked).await;
    let part = |name: &str| asked[name].as_str().expect("a text").to_owned();
    (part("code"), part("secret"))
}

/// Whether the computer is in: status, and its cookie where it is.
async fn looked(server: &Running, code: &str, secret: &str) -> (StatusCode, String) {
    let path = format!("{COMPUTERS}/{code}/session");
    let answer = server.request(Method::POST, &path).json(&json!({"secret": secret})).send().await.expect("an answer");
    let cookie = header(&answer, "set-cookie").split(';').next().unwrap_or_default().to_owned();
    (answer.status(), cookie)
}

/// A phone signs a challenge and lets a computer in.
async fn let_in(server: &Running, code: &str, challenge: &Value, key: &SigningKey) -> StatusCode {
    let payload = json!({
        "origin": server.base, "challenge": challenge, "at": "2026-03-02T01:00:00.000Z",
        "key": hex::encode(key.verifying_key().to_bytes()),
    });
    let envelope = Envelope::sign(LOGIN_TYPE, payload.to_string().into_bytes(), &[key]).to_json();
    let envelope: Value = serde_json::from_slice(&envelope).expect("JSON");
    let request = server.request(Method::POST, &format!("{COMPUTERS}/{code}")).json(&json!({"envelope": envelope}));
    request.send().await.expect("an answer").status()
}

async fn shown(server: &Running, code: &str) -> Response {
    server.get(&format!("{COMPUTERS}/{code}")).await
}

#[tokio::test]
async fn a_phone_lets_in_the_computer_that_asked_and_no_other() {
    let (server, scribe) = start().await;
    let clerk = key_of(&scribe, scribe.clerk());
    let (code, secret) = ask(&server).await;
    let (other_code, other_secret) = ask(&server).await;
    assert!(code.len() == 9 && code != other_code && secret != other_secret);
    let seen = body(shown(&server, &code).await).await;
    assert_eq!(seen["agent"], "Firefox/140 (Windows)");
    assert_eq!(looked(&server, &code, &secret).await.0, 202, "nobody let it in yet");
    let strange = SigningKey::from_bytes(&[9; 32]);
    assert_eq!(let_in(&server, &code, &seen["challenge"], &strange).await, 422, "a key that is enrolled nowhere");
    // A refused signature used the challenge up: the computer asks anew.
    assert_eq!(let_in(&server, &code, &seen["challenge"], &clerk).await, 422);

    let (code, secret) = ask(&server).await;
    let challenge = body(shown(&server, &code).await).await["challenge"].clone();
    let other = body(shown(&server, &other_code).await).await["challenge"].clone();
    assert_eq!(let_in(&server, &code, &other, &clerk).await, 422, "another computer's challenge");
    assert_eq!(let_in(&server, &code, &challenge, &clerk).await, 204);
    assert_eq!(shown(&server, &code).await.status(), 404, "it asks no more");
    assert_eq!(looked(&server, &code, &other_secret).await.0, 404, "whoever only saw the code");
    assert_eq!(looked(&server, &other_code, &other_secret).await.0, 202, "the other computer waits");
    let (status, cookie) = looked(&server, &code, &secret).await;
    assert_eq!(status, 204);
    assert!(page(&server, &cookie, "/tasks").await.contains(VILLAGE));
    assert_eq!(looked(&server, &code, &secret).await.0, 404, "once");
}

/// Attack: whoever was let in for some hours leads the key's messages elsewhere, to stay.
#[tokio::test]
async fn a_computer_that_was_let_in_does_not_change_how_people_are_told() {
    let (server, scribe) = start().await;
    let clerk = key_of(&scribe, scribe.clerk());
    let (code, secret) = ask(&server).await;
    let challenge = body(shown(&server, &code).await).await["challenge"].clone();
    assert_eq!(let_in(&server, &code, &challenge, &clerk).await, 204);
    let (_, paired) = looked(&server, &code, &secret).await;
    let own = log_in(&server, &clerk).await.expect("a log-in");
    for (cookie, status) in [(&paired, 403), (&own, 303)] {
        let settings = page(&server, cookie, "/settings").await;
        let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let request = server.request(Method::POST, "/reach").header("cookie", cookie).header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("csrf={}&act=off", csrf.expect("a token"))).send().await.expect("an answer");
        assert_eq!(answer.status(), status);
        let text = answer.text().await.expect("a text");
        assert_eq!(text.contains("存有您钥匙的手机"), status == 403, "{text}");
    }
}

#[tokio::test]
async fn a_computer_waits_four_minutes_and_stays_in_four_hours() {
    let (server, scribe) = start().await;
    let (clerk, now) = (key_of(&scribe, scribe.clerk()), scribe.now());
    let (late, late_secret) = ask(&server).await;
    server.clock.set(now.plus_ms(4 * MINUTE_MS));
    assert_eq!(looked(&server, &late, &late_secret).await.0, 404);
    let (code, secret) = ask(&server).await;
    let challenge = body(shown(&server, &code).await).await["challenge"].clone();
    assert_eq!(let_in(&server, &code, &challenge, &clerk).await, 204);
    let (_, cookie) = looked(&server, &code, &secret).await;
    let tasks = async || {
        let request = server.request(Method::GET, "/tasks").header("cookie", &cookie).header("accept", "text/html");
        request.send().await.expect("an answer").status()
    };
    server.clock.set(now.plus_ms(4 * MINUTE_MS + 240 * MINUTE_MS - 1));
    assert_eq!(tasks().await, 200);
    server.clock.set(now.plus_ms(4 * MINUTE_MS + 240 * MINUTE_MS));
    assert_eq!(tasks().await, 303, "to the log-in page");
}

#[tokio::test]
async fn whoever_let_a_computer_in_by_mistake_logs_out_everywhere_at_once() {
    let (server, scribe) = start().await;
    let (clerk, other) = (key_of(&scribe, scribe.clerk()), key_of(&scribe, scribe.chair()));
    let (code, secret) = ask(&server).await;
    let challenge = body(shown(&server, &code).await).await["challenge"].clone();
    assert_eq!(let_in(&server, &code, &challenge, &clerk).await, 204);
    let (_, computer) = looked(&server, &code, &secret).await;
    let [phone, chair] = [Sender::new(&server, &clerk).await, Sender::new(&server, &other).await];
    let status = async |cookie: &str| {
        let request = server.request(Method::GET, "/tasks").header("cookie", cookie).header("accept", "text/html");
        request.send().await.expect("an answer").status()
    };
    assert_eq!((status(&computer).await, status(&phone.cookie).await), (StatusCode::OK, StatusCode::OK));
    let form = format!("csrf={}&everywhere=1", phone.csrf);
    let request = server.request(Method::POST, "/logout").header("cookie", &phone.cookie).body(form);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await;
    assert_eq!(answer.expect("an answer").status(), 303);
    let out = StatusCode::SEE_OTHER;
    assert_eq!((status(&computer).await, status(&phone.cookie).await), (out, out), "to the log-in page");
    assert_eq!(status(&chair.cookie).await, StatusCode::OK, "nobody else");
}

/// What somebody sends who is logged in.
struct Sender<'a> {
    server: &'a Running,
    cookie: String,
    csrf: String,
}

impl<'a> Sender<'a> {
    async fn new(server: &'a Running, key: &SigningKey) -> Self {
        let cookie = log_in(server, key).await.expect("a log-in");
        let page = page(server, &cookie, "/settings").await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        Self { server, csrf: csrf.expect("a token").to_owned(), cookie }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.server.request(Method::POST, path).header("cookie", &self.cookie);
        request.header("x-csrf", &self.csrf).json(body).send().await.expect("an answer")
    }

    async fn state(&self, id: &str) -> (StatusCode, Value) {
        let path = format!("/api/v1/villages/{VILLAGE}/pending/{id}");
        let answer = self.server.request(Method::GET, &path).header("cookie", &self.cookie).send().await;
        let answer = answer.expect("an answer");
        (answer.status(), body(answer).await["state"].clone())
    }
}

fn kept(statement: &Statement) -> Value {
    json!({"payload": BASE64_STANDARD.encode(statement.to_payload().expect("a payload"))})
}

/// That a clerk is covered for a while, by the chair and a member of the supervision committee.
async fn covered(server: &Running, scribe: &Scribe) -> (Statement, SigningKey, SigningKey) {
    let (chair, supervisor, from) = (scribe.chair(), scribe.supervisor(0), scribe.now().date());
    let code = scribe.state().village;
    let reason = server.app.keep_text(code, Some(chair), Level::Public, "外出培训").await.expect("kept");
    let (holder, role, person) = (scribe.clerk(), Role::Clerk, scribe.committee_member(1));
    let act = RoleCovered { holder, role, person, from, until: from.plus_days(3), reason };
    let hands = [Hand::Person(chair, Role::Chair), Hand::Person(supervisor, Role::SupervisionCommittee)];
    let statement = scribe.draft(&hands, Header::default(), Act::RoleCovered(act)).expect("a draft");
    (statement, key_of(scribe, chair), key_of(scribe, supervisor))
}

/// One more signature under what waits.
async fn sign(sender: &Sender<'_>, id: &str, statement: &Statement, key: &SigningKey) -> StatusCode {
    let payload = statement.to_payload().expect("a payload");
    let signed = Envelope::sign(STATEMENT_TYPE, payload, &[key]);
    let signature = &signed.signatures[0];
    let public = sunvote::core::ids::PublicKey(key.verifying_key().to_bytes());
    let further = json!({"keyid": keyid(&public), "sig": BASE64_STANDARD.encode(signature.sig)});
    sender.post(&format!("/api/v1/villages/{VILLAGE}/pending/{id}/signatures"), &further).await.status()
}

#[tokio::test]
async fn a_draft_is_kept_for_its_signer_alone_and_then_waits_for_the_others() {
    let (server, scribe) = start().await;
    let (statement, chair_key, supervisor_key) = covered(&server, &scribe).await;
    let (chair, supervisor) = (Sender::new(&server, &chair_key).await, Sender::new(&server, &supervisor_key).await);
    let path = format!("/api/v1/villages/{VILLAGE}/pending");
    let answer = chair.post(&path, &kept(&statement)).await;
    assert_eq!(answer.status(), 201);
    let id = body(answer).await["pending"].as_str().expect("an id").to_owned();
    assert_eq!(chair.state(&id).await, (StatusCode::OK, json!("waits")));
    assert_eq!(supervisor.state(&id).await.0, 404, "nobody else hears of it before it is signed");
    let pending = format!("/v/{VILLAGE}/pending/{id}");
    assert!(page(&server, &chair.cookie, "/sign").await.contains(&pending));
    assert!(!page(&server, &supervisor.cookie, "/sign").await.contains(&pending));
    assert!(page(&server, &chair.cookie, &pending).await.contains(&format!("{pending}/drop")));

    assert_eq!(sign(&chair, &id, &statement, &chair_key).await, 202);
    assert_eq!(chair.state(&id).await, (StatusCode::OK, json!("signed")));
    // The same draft kept again takes nobody's signature away.
    assert_eq!(chair.post(&path, &kept(&statement)).await.status(), 201);
    assert_eq!(chair.state(&id).await, (StatusCode::OK, json!("signed")));
    assert_eq!(supervisor.state(&id).await, (StatusCode::OK, json!("waits")));
    assert!(!page(&server, &supervisor.cookie, &pending).await.contains(&format!("{pending}/drop")), "it is signed");
    assert_eq!(sign(&supervisor, &id, &statement, &supervisor_key).await, 201);
    assert_eq!(chair.state(&id).await, (StatusCode::OK, json!("recorded")));
}

#[tokio::test]
async fn what_nobody_has_signed_is_thrown_away_by_whoever_kept_it_and_nobody_else() {
    let (server, scribe) = start().await;
    let (statement, chair_key, supervisor_key) = covered(&server, &scribe).await;
    let (chair, supervisor) = (Sender::new(&server, &chair_key).await, Sender::new(&server, &supervisor_key).await);
    let kept = chair.post(&format!("/api/v1/villages/{VILLAGE}/pending"), &kept(&statement)).await;
    let id = body(kept).await["pending"].as_str().expect("an id").to_owned();
    let drop = format!("/v/{VILLAGE}/pending/{id}/drop");
    assert_eq!(supervisor.post(&drop, &json!({})).await.status(), 410);
    assert_eq!(chair.state(&id).await.0, 200);
    assert_eq!(chair.post(&drop, &json!({})).await.status(), 303);
    assert_eq!(chair.state(&id).await.0, 404);
    // Once it is signed it is no longer one person's.
    let path = format!("/api/v1/villages/{VILLAGE}/pending");
    let again = chair.post(&path, &self::kept(&statement)).await;
    assert_eq!(again.status(), 201);
    assert_eq!(sign(&chair, &id, &statement, &chair_key).await, 202);
    assert_eq!(chair.post(&drop, &json!({})).await.status(), 410);
}

#[tokio::test]
async fn nobody_keeps_what_the_own_key_could_not_sign() {
    let (server, scribe) = start().await;
    let (statement, chair_key, _) = covered(&server, &scribe).await;
    let (clerk, chair) =
        (Sender::new(&server, &key_of(&scribe, scribe.clerk())).await, Sender::new(&server, &chair_key).await);
    let path = format!("/api/v1/villages/{VILLAGE}/pending");
    assert_eq!(clerk.post(&path, &kept(&statement)).await.status(), 422, "somebody else's");
    let next_door = Statement { village: NEIGHBOUR.parse().expect("a code"), ..statement };
    assert_eq!(chair.post(&path, &kept(&next_door)).await.status(), 422, "another village's");
    let hands = [Hand::Person(scribe.chair(), Role::Chair), Hand::Person(scribe.clerk(), Role::Clerk)];
    let unlawful = scribe.draft(&hands, Header::default(), Act::RosterFixed(RosterFixed { rows: Vec::new() }));
    assert_eq!(chair.post(&path, &kept(&unlawful.expect("a draft"))).await.status(), 422, "the law refuses it");
}

#[tokio::test]
async fn what_one_person_signs_alone_waits_no_more_once_it_is_signed() {
    let (server, scribe) = start().await;
    let person = scribe.representative(0);
    let key = key_of(&scribe, person);
    let sender = Sender::new(&server, &key).await;
    let text = server.app.keep_text(scribe.state().village, Some(person), Level::Public, "修路").await.expect("kept");
    let act = Act::SuggestionEntered(SuggestionEntered { text, source: Source::Online });
    let header = Header::of(MatterId::from_bytes([1; 16]));
    let statement = scribe.draft(&[Hand::Person(person, Role::Representative)], header, act).expect("a draft");
    let answer = sender.post(&format!("/api/v1/villages/{VILLAGE}/pending"), &kept(&statement)).await;
    let id = body(answer).await["pending"].as_str().expect("an id").to_owned();
    let pending = format!("/v/{VILLAGE}/pending/{id}");
    assert!(page(&server, &sender.cookie, "/sign").await.contains(&pending));
    assert_eq!(sign(&sender, &id, &statement, &key).await, 201);
    assert!(!page(&server, &sender.cookie, "/sign").await.contains(&pending));
    assert_eq!(sign(&sender, &id, &statement, &key).await, 410);
}

#[tokio::test]
async fn fifty_drafts_wait_for_a_person_and_not_one_more() {
    let (server, scribe) = start().await;
    let person = scribe.representative(0);
    let sender = Sender::new(&server, &key_of(&scribe, person)).await;
    let code = scribe.state().village;
    let text = server.app.keep_text(code, Some(person), Level::Public, "修路").await.expect("kept");
    let keep = async |nth: u8| {
        let act = Act::SuggestionEntered(SuggestionEntered { text: text.clone(), source: Source::Online });
        let header = Header::of(MatterId::from_bytes([nth + 1; 16]));
        let statement = scribe.draft(&[Hand::Person(person, Role::Representative)], header, act).expect("a draft");
        sender.post(&format!("/api/v1/villages/{VILLAGE}/pending"), &kept(&statement)).await
    };
    for nth in 0..50 {
        assert_eq!(keep(nth).await.status(), 201, "{nth}");
    }
    let refused = keep(50).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.expect("a text").contains("太多"));
}
