//! People with keys of their own who want what isn't theirs: another village's pages, a document of another level, the
//! place of somebody else's answer or statement.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sunvote::app::error::AppError;
use sunvote::app::login::LOGIN_TYPE;
use sunvote::app::submit::{MOST_WAITING, Submitted};
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::act::village::{EntryAnnulled, GrantReason, KeyRow, KeysEnrolled, KinDeclared, RoleCovered};
use sunvote::core::clock::DAY_MS;
use sunvote::core::commit;
use sunvote::core::ids::{MatterId, PersonId, PublicKey};
use sunvote::core::model::{Doc, KeyKind, Level, Media, Role, Source};
use sunvote::core::statement::Header;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::people::{Someone, Term};
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::documents::NewDocument;

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE, header};

const SECRET: &str = "只给经办人看的调查材料";

fn village(code: &str, seed: u64) -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(code.parse().expect("a code"), "liandu.example", time, seed);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term { representatives: 20, ..Term::default() }).expect("a term");
    scribe
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// The statement that a person signs alone, as it comes in.
fn signed(scribe: &Scribe, hands: &[Hand], header: Header, act: Act) -> Envelope {
    let statement = scribe.draft(hands, header, act).expect("a statement");
    scribe.sign(hands, &statement).expect("signed").envelope
}

fn suggestion(scribe: &Scribe, person: PersonId, matter: u8, text: Doc) -> Envelope {
    let act = Act::SuggestionEntered(SuggestionEntered { text, source: Source::Online });
    signed(scribe, &[Hand::Person(person, Role::Representative)], Header::of(MatterId::from_bytes([matter; 16])), act)
}

/// Logs in with a key as a browser does; the session's cookie.
pub async fn log_in(server: &Running, key: &SigningKey) -> Option<String> {
    let ask = server.request(Method::POST, "/api/v1/login/challenge").json(&json!({}));
    let challenge: Value = ask.send().await.expect("an answer").json().await.expect("JSON");
    let payload = json!({
        "origin": server.base, "challenge": challenge["challenge"], "key": public(key), "at": "2027-01-15T08:00:00.000Z",
    });
    let envelope = Envelope::sign(LOGIN_TYPE, payload.to_string().into_bytes(), &[key]).to_json();
    let envelope: Value = serde_json::from_slice(&envelope).expect("JSON");
    let answer = server.request(Method::POST, "/api/v1/login").json(&json!({"envelope": envelope}));
    let answer = answer.send().await.expect("an answer");
    let cookie = header(&answer, "set-cookie").split(';').next()?.to_owned();
    (answer.status() == 204).then_some(cookie)
}

async fn status(server: &Running, cookie: &str, path: &str) -> StatusCode {
    let request = server.request(Method::GET, path).header("cookie", cookie).header("accept", "text/html");
    request.send().await.expect("an answer").status()
}

pub async fn page(server: &Running, cookie: &str, path: &str) -> String {
    let request = server.request(Method::GET, path).header("cookie", cookie).header("accept", "text/html");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a text")
}

#[tokio::test]
async fn a_key_that_a_neighbour_enrolled_for_our_clerk_opens_nothing_here() {
    let (mut home, mut next_door) = (village(VILLAGE, 7), village(NEIGHBOUR, 8));
    let kept = home.document(Level::Village, Media::Text, b"for the village".to_vec());
    let draft = suggestion(&home, home.representative(0), 1, kept.clone());
    let statement = sunvote::log::signed::Signed::read(draft).expect("signed");
    home.append(&statement).expect("on record");
    let clerk = home.someone(home.clerk()).expect("the clerk").clone();
    let forged = SigningKey::from_bytes(&[9; 32]);
    next_door.know(Someone { key: forged.clone(), ..clerk.clone() });
    next_door.grant(clerk.id, &[Role::GridWorker], GrantReason::Appointment).expect("granted");
    let now = next_door.now().max(home.now());
    let server = TestServer::new().with_real_people().at(now).with_village(home).with_village(next_door).start().await;
    let doc = format!("/v/{VILLAGE}/d/{}/file", kept.sha256);
    let closed = [
        format!("/v/{VILLAGE}/slips"),
        format!("/api/v1/villages/{VILLAGE}/enrolments"),
        format!("/v/{VILLAGE}/do/disclosure.posted"),
        doc.clone(),
    ];
    let intruder = log_in(&server, &forged).await.expect("a log-in next door");
    for path in &closed {
        assert_eq!(status(&server, &intruder, path).await, 403, "{path}");
    }
    let tasks = page(&server, &intruder, "/tasks").await;
    assert!(!tasks.contains(&format!("/v/{VILLAGE}")) && tasks.contains(&format!("/v/{NEIGHBOUR}")), "{tasks}");
    let real = log_in(&server, &clerk.key).await.expect("a log-in at home");
    for path in &closed {
        assert_eq!(status(&server, &real, path).await, 200, "{path}");
    }
    assert_eq!(status(&server, &real, &format!("/v/{NEIGHBOUR}/do/suggestion.entered")).await, 403);
}

#[tokio::test]
async fn one_key_is_each_villages_own_person() {
    let (mut home, mut next_door) = (village(VILLAGE, 7), village(NEIGHBOUR, 8));
    let official = home.someone(home.approver()).expect("an official").clone();
    let other = Someone { id: PersonId::from_bytes([5; 16]), ..official.clone() };
    next_door.know(other.clone());
    next_door.enrol_officials(&[(other.id, Role::TownshipApprover)]).expect("enrolled");
    let mut papers = Vec::new();
    for scribe in [&mut home, &mut next_door] {
        let text = scribe.document(Level::Officials, Media::Text, SECRET.into());
        let statement = suggestion(scribe, scribe.representative(0), 1, text.clone());
        scribe.append(&sunvote::log::signed::Signed::read(statement).expect("signed")).expect("on record");
        papers.push(format!("/v/{}/d/{}/file", scribe.state().village, text.sha256));
    }
    let now = next_door.now().max(home.now());
    let server = TestServer::new().with_real_people().at(now).with_village(home).with_village(next_door).start().await;
    let session = log_in(&server, &official.key).await.expect("a log-in");
    for paper in &papers {
        assert_eq!(status(&server, &session, paper).await, 200, "{paper}");
        assert_eq!(status(&server, "", paper).await, 401, "{paper}");
    }
}

#[tokio::test]
async fn a_key_that_the_roots_annulled_is_out_at_once() {
    let mut scribe = village(VILLAGE, 7);
    let clerk = scribe.someone(scribe.clerk()).expect("the clerk").clone();
    let entry = scribe.entries.first().expect("an entry").at.leaf;
    let act = EntryAnnulled { entry, keys: vec![clerk.public()], reason: scribe.text("依法无效") };
    let annulled = signed(&scribe, &[Hand::Root(0), Hand::Root(1)], Header::default(), Act::EntryAnnulled(act));
    let now = scribe.now();
    let server = TestServer::new().with_real_people().at(now).with_village(scribe).start().await;
    let session = log_in(&server, &clerk.key).await.expect("a log-in");
    assert_eq!(status(&server, &session, &format!("/v/{VILLAGE}/slips")).await, 200);
    let submitted = server.app.submit(VILLAGE.parse().expect("a code"), annulled, None).await;
    assert!(matches!(submitted, Ok(Submitted::Recorded(_))), "{submitted:?}");
    assert_eq!(status(&server, &session, &format!("/v/{VILLAGE}/slips")).await, 303, "to the log-in page");
    assert_eq!(status(&server, &session, "/tasks").await, 303);
}

/// A village where the supervision committee has entered a paper for officials, and what a representative may do with it.
async fn with_secret() -> (Running, Scribe, Doc) {
    let mut scribe = village(VILLAGE, 7);
    let secret = scribe.document(Level::Officials, Media::Text, SECRET.into());
    let first = suggestion(&scribe, scribe.representative(0), 9, secret.clone());
    scribe.append(&sunvote::log::signed::Signed::read(first).expect("signed")).expect("on record");
    // An entry of an earlier program, which let anybody name it again; the matter's id sorts before the first one's.
    let again = suggestion(&scribe, scribe.representative(1), 1, secret.clone());
    scribe.append(&sunvote::log::signed::Signed::read(again).expect("signed")).expect("on record");
    let now = scribe.now();
    let server = TestServer::new().with_real_people().at(now).with_village(scribe);
    let mut scribe = village(VILLAGE, 7);
    scribe.at(now);
    (server.start().await, scribe, secret)
}

#[tokio::test]
async fn naming_a_paper_again_gives_nobody_a_right_to_it() {
    let (server, scribe, secret) = with_secret().await;
    let [enterer, again, third] = [0, 1, 2].map(|nth| scribe.representative(nth));
    let file = format!("/v/{VILLAGE}/d/{}/file", secret.sha256);
    let key = |person| scribe.someone(person).expect("someone").key.clone();
    let cookie = log_in(&server, &key(enterer)).await.expect("a log-in");
    assert_eq!(status(&server, &cookie, &file).await, 200, "whoever entered it");
    let cookie = log_in(&server, &key(again)).await.expect("a log-in");
    assert_eq!(status(&server, &cookie, &file).await, 403, "a later entry gives no right");
    let code = VILLAGE.parse().expect("a code");
    let named = server.app.submit(code, suggestion(&scribe, third, 2, secret.clone()), None).await;
    assert!(matches!(named, Err(AppError::Invalid { reason: "not-yours", .. })), "{named:?}");
    let named = server.app.submit(code, suggestion(&scribe, enterer, 3, secret), None).await;
    assert!(matches!(named, Ok(Submitted::Recorded(_))), "{named:?}");
}

#[tokio::test]
async fn a_form_that_names_a_closed_paper_does_not_show_it() {
    let (server, scribe, secret) = with_secret().await;
    let clerk = scribe.someone(scribe.clerk()).expect("the clerk");
    let cookie = log_in(&server, &clerk.key).await.expect("a log-in");
    let csrf = page(&server, &cookie, "/settings").await;
    let csrf = csrf.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let send = async |doc: &Doc| {
        let form = reqwest::multipart::Form::new().text("csrf", csrf.to_owned()).text("add", "papers");
        let form = form.text("papers.kept", serde_json::to_string(doc).expect("JSON"));
        let path = format!("/v/{VILLAGE}/do/document.withdrawn?document={}", secret.sha256);
        let request = server.request(Method::POST, &path).header("cookie", &cookie).multipart(form);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a text").contains(&format!("{}&#34;", doc.sha256))
    };
    let own =
        server.app.keep_file(VILLAGE.parse().expect("a code"), clerk.id, Level::Officials, b"mine".to_vec()).await;
    assert!(send(&own.expect("kept")).await, "the own upload stays in the form");
    assert!(!send(&secret).await, "what may not be read does not");
}

#[tokio::test]
async fn an_upload_is_its_uploaders_alone_until_an_entry_names_it() {
    let scribe = village(VILLAGE, 7);
    let [mine, other] = [0, 1].map(|nth| scribe.someone(scribe.representative(nth)).expect("someone").clone());
    let now = scribe.now();
    let signer = village(VILLAGE, 7);
    let server = TestServer::new().with_real_people().at(now).with_village(scribe).start().await;
    let code = VILLAGE.parse().expect("a code");
    let doc = server.app.keep_file(code, mine.id, Level::Public, "一张照片".into()).await.expect("kept");
    let (page, file) = (format!("/v/{VILLAGE}/d/{}", doc.sha256), format!("/v/{VILLAGE}/d/{}/file", doc.sha256));
    let (me, stranger) = (log_in(&server, &mine.key).await.expect("a log-in"), log_in(&server, &other.key).await);
    let stranger = stranger.expect("a log-in");
    for path in [&page, &file] {
        assert_eq!(status(&server, &me, path).await, 200, "{path}");
        assert_eq!(status(&server, &stranger, path).await, 403, "{path}");
        assert_eq!(status(&server, "", path).await, 401, "{path}");
    }
    let named = server.app.submit(code, suggestion(&signer, mine.id, 1, doc), None).await;
    assert!(matches!(named, Ok(Submitted::Recorded(_))), "{named:?}");
    assert_eq!(status(&server, "", &file).await, 200, "public once it is on record");
}

#[tokio::test]
async fn an_upload_that_nobody_came_to_name_is_removed() {
    let mut scribe = village(VILLAGE, 7);
    let text = scribe.text("村口缺路灯");
    let statement = suggestion(&scribe, scribe.representative(0), 1, text.clone());
    scribe.append(&sunvote::log::signed::Signed::read(statement).expect("signed")).expect("on record");
    let now = scribe.now().plus_ms(60 * DAY_MS);
    let person = scribe.clerk();
    let code = scribe.state().village;
    let server = TestServer::new().at(now).with_village(scribe).start().await;
    let app = &server.app;
    let keep = async |salt: [u8; 32], stored| {
        let commitment = commit::document(&salt, b"forgotten");
        let (media, level) = ("text/plain".to_owned(), "public".to_owned());
        let uploader = Some(person);
        let new = NewDocument {
            village: code,
            commitment,
            salt,
            media,
            level,
            display_end: None,
            stored,
            uploader,
            looks: None,
        };
        let bytes = b"forgotten".to_vec();
        app.db().put_document(app.objects(), app.vault(), &mut app.rng(), &new, bytes, 100).await.expect("kept");
        commitment
    };
    let (old, recent) = (keep([1; 32], now.plus_ms(-50 * DAY_MS)).await, keep([2; 32], now.plus_ms(-DAY_MS)).await);
    assert_eq!(app.sweep_documents().await.expect("swept"), 1);
    assert!(app.document(code, old).await.is_err());
    assert_eq!(app.objects().fetch(&format!("{code}/{old}"), 100).await.expect("looked up"), None);
    assert!(app.document(code, recent).await.expect("still there").1.is_some());
    assert!(app.document(code, text.sha256).await.expect("still there").1.is_some(), "what the record names stays");
}

/// A number as one colour of a pixel.
fn byte(number: u32) -> u8 {
    u8::try_from(number % 256).expect("below 256")
}

#[tokio::test]
async fn a_picture_is_made_small_once() {
    let mut scribe = village(VILLAGE, 7);
    let noise = image::RgbImage::from_fn(700, 500, |x, y| image::Rgb([byte(x * y % 251), byte(x ^ y), byte(x + y)]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    let picture = scribe.document(Level::Public, Media::Png, bytes.into_inner());
    let statement = suggestion(&scribe, scribe.representative(0), 1, picture.clone());
    scribe.append(&sunvote::log::signed::Signed::read(statement).expect("signed")).expect("on record");
    let server = TestServer::new().with_village(scribe).start().await;
    let path = format!("/v/{VILLAGE}/d/{}/thumb", picture.sha256);
    let first = server.get(&path).await.bytes().await.expect("bytes");
    let small = image::load_from_memory(&first).expect("a picture");
    assert!(small.width() == 480 && first.len() < usize::try_from(picture.size).expect("a size"));
    // Without the original only what was kept can answer.
    server.app.objects().erase(&format!("{VILLAGE}/{}", picture.sha256)).await.expect("erased");
    assert_eq!(server.get(&path).await.bytes().await.expect("bytes"), first);
}

#[tokio::test]
async fn a_device_gets_through_a_flood_of_answers_to_slips() {
    let scribe = village(VILLAGE, 7);
    let clerk = scribe.someone(scribe.clerk()).expect("the clerk").key.clone();
    let people: Vec<PersonId> = scribe.state().people.persons.keys().copied().collect();
    let (victim, key) = (scribe.representative(3), SigningKey::from_bytes(&[200; 32]));
    let row = KeyRow { person: victim, key: public(&key), key_kind: KeyKind::Device };
    let enrolled =
        signed(&scribe, &scribe.two(), Header::default(), Act::KeysEnrolled(KeysEnrolled { keys: vec![row] }));
    let now = scribe.now();
    let many = |config: &mut sunvote::config::Config| config.limits.enrolments_per_hour = 10_000;
    let server = TestServer::new().with_real_people().with(many).at(now).with_village(scribe).start().await;
    let path = format!("/api/v1/villages/{VILLAGE}/enrolments");
    let answer = async |person: PersonId, key: PublicKey| {
        let body = json!({"person": person, "role": "villager", "key": key, "mac": "00".repeat(32)});
        let sent = server.request(Method::POST, &path).json(&body).send().await.expect("an answer");
        assert_eq!(sent.status(), 204);
    };
    let junk = |nth: u16| {
        let mut seed = [3; 32];
        seed[..2].copy_from_slice(&nth.to_be_bytes());
        public(&SigningKey::from_bytes(&seed))
    };
    for nth in 0..300 {
        let person = if nth % 2 == 0 { victim } else { people[usize::from(nth) % people.len()] };
        answer(person, junk(nth)).await;
    }
    answer(victim, public(&key)).await;
    let cookie = log_in(&server, &clerk).await.expect("a log-in");
    let shown = async || {
        let request = server.request(Method::GET, &path).header("cookie", &cookie);
        let body: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        let answers = body["answers"].as_array().expect("a list").clone();
        (answers.iter().any(|answer| answer["key"] == json!(public(&key))), answers.len())
    };
    let (there, count) = shown().await;
    assert!(there && count <= people.len() * 8, "{count}");
    server.app.submit(VILLAGE.parse().expect("a code"), enrolled, None).await.expect("enrolled");
    let (there, _) = shown().await;
    assert!(!there, "what is on record no longer waits");
}

#[tokio::test]
async fn one_signers_waiting_statements_hide_nobody_elses_and_are_limited() {
    let scribe = village(VILLAGE, 7);
    let (clerk, supervisor) = (scribe.clerk(), scribe.supervisor(0));
    let people: Vec<PersonId> = scribe.state().people.persons.keys().copied().collect();
    let half = |hands: &[Hand; 2], first: PersonId, second: PersonId| {
        let persons = if first < second { vec![first, second] } else { vec![second, first] };
        let mut envelope = signed(&scribe, hands, Header::default(), Act::KinDeclared(KinDeclared { persons }));
        envelope.signatures.truncate(1);
        envelope
    };
    let hands = [Hand::Person(clerk, Role::Clerk), Hand::Person(supervisor, Role::SupervisionCommittee)];
    let pairs = people.iter().enumerate().flat_map(|(nth, one)| people[nth + 1..].iter().map(|other| (*one, *other)));
    let mut flood = pairs.map(|(one, other)| half(&hands, one, other));
    let now = scribe.now();
    let key = scribe.someone(supervisor).expect("a supervisor").key.clone();
    let code = scribe.state().village;
    let server = TestServer::new().with_real_people().at(now).with_village(village(VILLAGE, 7)).start().await;
    for nth in 0..MOST_WAITING {
        let waiting = server.app.submit(code, flood.next().expect("a statement"), None).await;
        assert!(matches!(waiting, Ok(Submitted::Waiting { .. })), "{nth}: {waiting:?}");
    }
    let refused = server.app.submit(code, flood.next().expect("a statement"), None).await;
    assert!(matches!(refused, Err(AppError::Invalid { reason: "too-many-waiting", .. })), "{refused:?}");
    // Another member's own, later than all of these, is still in the list.
    let chair = scribe.chair();
    let reason = server.app.keep_text(code, Some(chair), Level::Public, "外出培训").await.expect("kept");
    let (holder, role, person, from) = (clerk, Role::Clerk, scribe.committee_member(1), now.date());
    let act = RoleCovered { holder, role, person, from, until: from.plus_days(3), reason };
    let hands = [Hand::Person(chair, Role::Chair), Hand::Person(supervisor, Role::SupervisionCommittee)];
    let mut covered = signed(&scribe, &hands, Header::default(), Act::RoleCovered(act));
    covered.signatures.truncate(1);
    let id = covered.id();
    server.app.submit(code, covered, None).await.expect("waits");
    let cookie = log_in(&server, &key).await.expect("a log-in");
    assert!(page(&server, &cookie, "/tasks").await.contains(&format!("/v/{VILLAGE}/pending/{id}")));
}

#[tokio::test]
async fn who_hands_in_too_much_waits() {
    let few = |config: &mut sunvote::config::Config| config.limits.statements_per_hour = 2;
    let server = TestServer::new().with(few).with_village(village(VILLAGE, 7)).start().await;
    let path = format!("/api/v1/villages/{VILLAGE}/statements");
    let send = async || {
        let body = json!({"envelope": {"payload": BASE64_STANDARD.encode("{}")}});
        let request = server.request_as("clerk", Method::POST, &path).header("x-csrf", crate::harness::CSRF);
        request.json(&body).send().await.expect("an answer").status()
    };
    assert_ne!(send().await, 429);
    assert_ne!(send().await, 429);
    assert_eq!(send().await, 429);
    assert_eq!(server.get(&format!("/v/{VILLAGE}")).await.status(), 200, "reading is free");
}
