//! Terminals in the hall: what they are told of a session, and what they may deliver without a log-in.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sunvote::core::act::Act;
use sunvote::core::act::session::TerminalRegistered;
use sunvote::core::act::voting::{TerminalSealed, VoidReason};
use sunvote::core::ids::{PersonId, SessionId};
use sunvote::core::model::{Channel, Role};
use sunvote::core::statement::{Header, Signer};
use sunvote::log::scribe::terminal::AtHall;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot};

/// A session with 33 of 45 there, terminal 1 registered, whose vote takes ballots by phone and at terminals.
fn hall() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 33, &[Channel::Online, Channel::Kiosk]).expect("a session");
    scribe.register_terminal(session, 1).expect("registered");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    let mut act = scribe.opening_of(&vote).expect("an opening");
    act.grace_minutes = 30;
    let header = Header { session: Some(session), question: Some(vote.question.clone()), ..Header::of(matter) }
        .on(scribe.roster(session));
    scribe.act(&[scribe.hand(Role::Chair)], header, Act::VotingOpened(act)).expect("opened");
    scribe.wait_minutes(1);
    (scribe, vote)
}

async fn serve(scribe: &Scribe) -> Running {
    TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await
}

/// What is posted for a ballot.
fn body(scribe: &Scribe, signed: &Signed) -> Value {
    let envelope: Value = serde_json::from_slice(&signed.envelope.to_json()).expect("JSON");
    let Act::BallotCast(cast) = &signed.statement.act else { return json!({"envelope": envelope}) };
    let opening = &scribe.openings[&cast.commitment];
    json!({"envelope": envelope, "opening": {"nonce": opening.nonce, "choice": opening.choice}})
}

async fn deliver(server: &Running, session: SessionId, body: &Value) -> Response {
    let path = format!("/api/v1/villages/{VILLAGE}/sessions/{session}/deliveries");
    server.request(Method::POST, &path).json(body).send().await.expect("an answer")
}

async fn told(server: &Running, session: SessionId) -> Value {
    let answer = server.get(&format!("/api/v1/villages/{VILLAGE}/sessions/{session}/hall")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn taken(scribe: &mut Scribe, vote: &Vote, at: &mut AtHall, voter: u32) -> Signed {
    scribe.take_at(vote, at, (voter, 1), "for").expect("taken")
}

/// A ballot that a voter casts with the own phone.
fn by_phone(scribe: &mut Scribe, vote: &Vote, voter: u32) -> Signed {
    let (cast, opening) = scribe.ballot(vote, voter, "for").expect("a ballot");
    scribe.openings.insert(cast.commitment, opening);
    let by = [Hand::Person(scribe.voter(vote.session, voter), Role::Voter)];
    let (session, question) = (Some(vote.session), Some(vote.question.clone()));
    let opened = scribe.voting(vote).expect("a vote").opened.leaf;
    let header = Header { session, question, ..Header::of(vote.matter) }.on(opened);
    let statement = scribe.draft(&by, header, Act::BallotCast(cast)).expect("a draft");
    scribe.sign(&by, &statement).expect("signed")
}

#[tokio::test]
async fn a_terminals_ballot_is_delivered_without_a_log_in_and_a_copy_is_answered_alike() {
    let (mut scribe, vote) = hall();
    let server = serve(&scribe).await;
    let mut at = scribe.at_hall(&vote, 1);
    let ballot = taken(&mut scribe, &vote, &mut at, 4);
    let first = deliver(&server, vote.session, &body(&scribe, &ballot)).await;
    assert_eq!(first.status(), 201);
    let first: Value = first.json().await.expect("JSON");
    let again = deliver(&server, vote.session, &body(&scribe, &ballot)).await;
    assert_eq!(again.status(), 201);
    let again: Value = again.json().await.expect("JSON");
    assert_eq!((&first["seq"], &first["leaf"]), (&again["seq"], &again["leaf"]));
    let told = told(&server, vote.session).await;
    let now = &told["questions"][0]["vote"];
    assert_eq!(now["kiosk"], json!([[4, 1]]));
    assert_eq!(now["terminals"], json!([{"no": 1, "counter": 1, "last": ballot.id, "sealed": false}]));
    // A slip leads from the statement's id to the receipt; before it is on record it says that.
    let slip = server.get(&format!("/receipt/{VILLAGE}/of/{}", ballot.id)).await;
    assert_eq!(
        (slip.status().as_u16(), header(&slip, "location")),
        (303, format!("/receipt/{VILLAGE}/{}", first["seq"]).as_str())
    );
    let none = server.get(&format!("/receipt/{VILLAGE}/of/{}", "0".repeat(64))).await;
    assert_eq!(none.status(), 404);
    assert!(none.text().await.expect("a body").contains("还没有记入本村记录"));
}

#[tokio::test]
async fn nothing_is_taken_that_no_registered_terminal_of_the_session_has_signed() {
    let (mut scribe, vote) = hall();
    let server = serve(&scribe).await;
    let before = told(&server, vote.session).await["questions"][0]["vote"]["kiosk"].clone();
    // A ballot by phone, a terminal that nobody registered, an official's statement, and a signature that is another's.
    let phone = by_phone(&mut scribe, &vote, 4);
    scribe.use_terminal(2, ed25519_dalek::SigningKey::from_bytes(&[9; 32]));
    let mut stranger = scribe.at_hall(&vote, 2);
    let strange = taken(&mut scribe, &vote, &mut stranger, 5);
    let mut at = scribe.at_hall(&vote, 1);
    let good = taken(&mut scribe, &vote, &mut at, 6);
    let mut forged = good.clone();
    forged.envelope.signatures[1].sig[0] ^= 1;
    let mut unsigned = good.clone();
    unsigned.envelope.signatures.truncate(1);
    for (what, signed) in [("phone", &phone), ("stranger", &strange), ("forged", &forged), ("unsigned", &unsigned)] {
        let answer = deliver(&server, vote.session, &body(&scribe, signed)).await;
        assert_eq!(answer.status(), 403, "{what}");
    }
    // The session of the address is the statement's.
    let elsewhere = deliver(&server, SessionId::from_bytes([3; 16]), &body(&scribe, &good)).await;
    assert_eq!(elsewhere.status(), 403);
    assert_eq!(told(&server, vote.session).await["questions"][0]["vote"]["kiosk"], before);
    assert_eq!(deliver(&server, vote.session, &body(&scribe, &good)).await.status(), 201);
}

/// A registration as a terminal sends it, with these signatures of its signers.
fn registration(scribe: &mut Scribe, session: SessionId, signed: &[bool]) -> Signed {
    scribe.use_terminal(3, ed25519_dalek::SigningKey::from_bytes(&[11; 32]));
    let [clerk, supervisor] = scribe.two();
    let by = [Hand::Terminal(3), clerk, supervisor];
    let header = Header::at(session).on(scribe.roster(session));
    let act = Act::TerminalRegistered(TerminalRegistered { terminal: 3 });
    let statement = scribe.draft(&by, header, act).expect("a draft");
    let mut whole = scribe.sign(&by, &statement).expect("signed");
    let mut nth = 0;
    whole.envelope.signatures.retain(|_| {
        nth += 1;
        signed[nth - 1]
    });
    whole
}

#[tokio::test]
async fn a_terminal_is_registered_under_the_clerks_signature_and_waits_for_the_second_persons() {
    let (mut scribe, vote) = hall();
    let server = serve(&scribe).await;
    for (signed, status) in [([true, false, false], 403), ([true, false, true], 403), ([true, true, false], 202)] {
        let sent = registration(&mut scribe, vote.session, &signed);
        assert_eq!(deliver(&server, vote.session, &body(&scribe, &sent)).await.status(), status, "{signed:?}");
    }
    // It waits for the second person, among whose tasks it stands in words.
    let Signer { person, .. } = registration(&mut scribe, vote.session, &[true; 3]).statement.by[2];
    let person = person.expect("a person");
    let key = scribe.someone(person).expect("somebody").key.clone();
    let cookie = log_in(&server, &key).await.expect("a log-in");
    let tasks = page(&server, &cookie, "/tasks").await;
    let waits =
        tasks.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|href| href.contains("/pending/"));
    let asked = page(&server, &cookie, waits.expect("a task")).await;
    assert!(asked.contains("data-field=\"terminal\"") && !asked.contains('⟦'), "{asked}");
    let whole = registration(&mut scribe, vote.session, &[true; 3]);
    assert_eq!(deliver(&server, vote.session, &body(&scribe, &whole)).await.status(), 201);
    let told = told(&server, vote.session).await;
    assert_eq!(told["terminals"].as_array().expect("terminals").len(), 2);
}

#[tokio::test]
async fn nobody_who_shares_the_halls_address_can_hold_a_terminal_up() {
    let (mut scribe, vote) = hall();
    scribe.register_terminal(vote.session, 2).expect("registered");
    let few = |config: &mut sunvote::config::Config| config.limits.deliveries_per_minute = 2;
    let server = TestServer::new().with(few).at(scribe.now()).with_village(scribe.clone()).start().await;
    for status in [400, 400, 429, 429] {
        assert_eq!(deliver(&server, vote.session, &json!({})).await.status(), status);
    }
    let (mut one, mut two) = (scribe.at_hall(&vote, 1), scribe.at_hall(&vote, 2));
    let first = taken(&mut scribe, &vote, &mut one, 4);
    for status in [201, 201, 429] {
        assert_eq!(deliver(&server, vote.session, &body(&scribe, &first)).await.status(), status, "one terminal");
    }
    let other = taken(&mut scribe, &vote, &mut two, 5);
    assert_eq!(deliver(&server, vote.session, &body(&scribe, &other)).await.status(), 201, "another one");
}

#[tokio::test]
async fn whoever_has_the_device_alone_puts_nothing_into_anybodys_tasks() {
    let (mut scribe, vote) = hall();
    let server = serve(&scribe).await;
    let mut at = scribe.at_hall(&vote, 1);
    let mut ballot = taken(&mut scribe, &vote, &mut at, 4);
    let terminal = ballot.envelope.signatures[1].clone();
    ballot.envelope.signatures = vec![terminal];
    let [clerk, supervisor] = scribe.two();
    let by = [Hand::Terminal(1), clerk, supervisor];
    let header =
        Header { session: Some(vote.session), question: Some(vote.question.clone()), ..Header::of(vote.matter) }
            .on(scribe.voting(&vote).expect("a vote").opened.leaf);
    let act = Act::TerminalSealed(TerminalSealed { counter: at.counter, last: at.last });
    let mut seal = scribe.sign(&by, &scribe.draft(&by, header, act).expect("a draft")).expect("signed");
    let signatures = seal.envelope.signatures.clone();
    seal.envelope.signatures.truncate(1);
    for alone in [&ballot, &seal] {
        assert_eq!(deliver(&server, vote.session, &body(&scribe, alone)).await.status(), 403);
    }
    // One of the two people beside it stands for it: the other one is asked.
    seal.envelope.signatures = signatures[..2].to_vec();
    assert_eq!(deliver(&server, vote.session, &body(&scribe, &seal)).await.status(), 202);
}

#[tokio::test]
async fn the_hall_is_told_what_everyone_may_know_and_nothing_more() {
    let (mut scribe, vote) = hall();
    // Who counts holds no other office.
    scribe.void_vote(&vote, VoidReason::Failure).expect("void");
    let members: Vec<PersonId> = (1..=45).map(|no| scribe.voter(vote.session, no)).collect();
    let roles = |person: &PersonId| scribe.state().people.persons[person].roles.iter().map(|held| held.role);
    let plain = members.iter().filter(|person| roles(person).all(|role| role == Role::Representative));
    let plain: Vec<PersonId> = plain.copied().collect();
    scribe.name_tellers_as(vote.session, [plain[0], plain[1], plain[2]]).expect("tellers");
    scribe.wait_minutes(1).open_vote(&vote).expect("open");
    let server = serve(&scribe).await;
    let told = told(&server, vote.session).await;
    let question = &told["questions"][0];
    assert_eq!((told["kiosk"].as_bool(), told["live"].as_bool()), (Some(true), Some(true)));
    assert_eq!(question["vote"]["status"], "open");
    assert_eq!(question["vote"]["may"].as_array().expect("numbers").len(), 33);
    assert_eq!(told["members"].as_array().expect("a roster").len(), 45);
    // The words are those that the vote's opening commits to.
    let opening = &scribe.voting(&vote).expect("a vote").opening;
    for (words, name) in [(&question["words"], opening.title), (&question["plan"], opening.plan)] {
        let salt = hex::decode(words["salt"].as_str().expect("a salt")).expect("hex");
        let text = words["text"].as_str().expect("words");
        let salt: [u8; 32] = salt.try_into().expect("32 bytes");
        assert_eq!(sunvote::core::commit::document(&salt, text.as_bytes()), name);
    }
    // Names of offices only, and no member's.
    let names = server.app.names(VILLAGE.parse().expect("a code")).await.expect("names");
    let people = told["people"].as_array().expect("people");
    let named: Vec<&str> = people.iter().filter_map(|one| one["name"].as_str()).collect();
    assert!([plain[1], plain[2], scribe.clerk()].iter().all(|person| named.contains(&names[person].as_str())));
    let said = told.to_string();
    // The caller signs nothing with a terminal.
    for person in plain[3..].iter().chain(&plain[..1]) {
        assert!(!said.contains(&names[person]), "{}", names[person]);
    }
}

#[tokio::test]
async fn the_page_and_its_worker_are_the_same_for_everyone() {
    let (scribe, vote) = hall();
    let server = serve(&scribe).await;
    let path = format!("/v/{VILLAGE}/s/{}/terminal", vote.session);
    let key = scribe.someone(scribe.clerk()).expect("the clerk").key.clone();
    let cookie = log_in(&server, &key).await.expect("a log-in");
    let clerks = page(&server, &cookie, &path).await;
    let anybodys = server.request(Method::GET, &path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!((anybodys.status().as_u16(), header(&anybodys, "cache-control")), (200, "no-cache"));
    assert_eq!(clerks, anybodys.text().await.expect("a page"));
    let none = server.get(&format!("/v/{VILLAGE}/s/{}/terminal", SessionId::from_bytes([3; 16]))).await;
    assert_eq!(none.status(), 404);
    let worker = server.get("/sw.js").await;
    assert_eq!((worker.status().as_u16(), header(&worker, "cache-control")), (200, "no-cache"));
    assert_eq!(header(&worker, "content-type"), "text/javascript; charset=utf-8");
    assert!(header(&worker, "content-security-policy").starts_with("default-src 'none'"));
    // The clerk finds it from the session's page, others don't.
    let session = format!("/v/{VILLAGE}/s/{}", vote.session);
    assert!(page(&server, &cookie, &session).await.contains(&format!("href=\"{path}\"")));
    let public = server.request(Method::GET, &session).header("accept", "text/html").send().await.expect("an answer");
    assert!(!public.text().await.expect("a page").contains(&path));
}
