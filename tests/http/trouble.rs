//! A full disk, a locked database, too many attempts: nothing is acknowledged that isn't kept, and who asks is told when
//! to come back.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use sunvote::core::act::{Act, Kind};
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::db::Options;

use crate::harness::{CSRF, Running, TestServer, VILLAGE, header};

const VOTERS: u32 = 60;

/// A village with an open vote, and everybody's signed ballot as the API takes it.
pub fn voting() -> (Scribe, Vec<Value>) {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term { representatives: VOTERS as usize, ..Term::default() }).expect("a term");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], VOTERS).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    let ballots = (1..=VOTERS).map(|voter| ballot(&mut scribe, &vote, voter)).collect();
    (scribe, ballots)
}

pub fn ballot(scribe: &mut Scribe, vote: &Vote, voter: u32) -> Value {
    let (ballot, opening) = scribe.ballot(vote, voter, "for").expect("a ballot");
    let hand = Hand::Person(scribe.voter(vote.session, voter), Role::Voter);
    let header =
        Header { question: Some(vote.question.clone()), session: Some(vote.session), ..Header::of(vote.matter) };
    let header = header.on(scribe.vote_paper(vote, Kind::VotingOpened));
    let statement = scribe.draft(&[hand], header, Act::BallotCast(ballot)).expect("a statement");
    let envelope = scribe.sign(&[hand], &statement).expect("signed").envelope.to_json();
    let envelope: Value = serde_json::from_slice(&envelope).expect("JSON");
    json!({"envelope": envelope, "opening": {"nonce": opening.nonce, "choice": opening.choice}})
}

pub async fn cast(server: &Running, ballot: &Value) -> Response {
    let request = server.request_as("representative", Method::POST, &format!("/api/v1/villages/{VILLAGE}/statements"));
    request.header("x-csrf", CSRF).json(ballot).send().await.expect("an answer")
}

async fn is_told_to_come_back(answer: Response) {
    assert_eq!(answer.status(), 503);
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    assert!(header(&answer, "retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let body: Value = answer.json().await.expect("JSON");
    assert!(body.get("seq").is_none() && body.get("receipt").is_none(), "{body}");
}

async fn size(server: &Running) -> u64 {
    let village: Value =
        server.get(&format!("/api/v1/villages/{VILLAGE}/entries?limit=1")).await.json().await.expect("JSON");
    assert!(village["items"].is_array());
    server.app.lives().live(VILLAGE.parse().expect("a code")).await.expect("a village").state().size()
}

#[tokio::test]
async fn a_locked_database_takes_no_ballot_and_the_same_ballot_passes_later() {
    let (scribe, ballots) = voting();
    let (before, now) = (scribe.entries.len() as u64, scribe.now());
    let options = Options { lock_wait: Duration::from_millis(10), ..Options::default() };
    let server = TestServer::new().at(now).on_store(options).with_village(scribe);
    let url = server.database();
    let server = server.start().await;
    let mut other = SqliteConnection::connect(&url).await.expect("another writer");
    let lock = other.begin_with("BEGIN IMMEDIATE").await.expect("the lock");
    is_told_to_come_back(cast(&server, &ballots[0]).await).await;
    assert_eq!(size(&server).await, before);
    lock.rollback().await.expect("unlocked");
    let answer = cast(&server, &ballots[0]).await;
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap_or_default());
    assert_eq!(size(&server).await, before + 1);
}

#[tokio::test]
async fn a_full_disk_takes_no_more_ballots_and_keeps_those_it_acknowledged() {
    let (scribe, ballots) = voting();
    let (before, now) = (scribe.entries.len() as u64, scribe.now());
    let roomy = TestServer::new().with_village(voting().0);
    let url = roomy.database();
    let _roomy = roomy.start().await;
    let mut reader = SqliteConnection::connect(&url).await.expect("a reader");
    let pages: u32 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut reader).await.expect("a count");
    // Room for the village and some of the ballots.
    let options = Options { sqlite_pages: Some(pages + 30), ..Options::default() };
    let server = TestServer::new().at(now).on_store(options).with_village(scribe).start().await;
    let mut acknowledged = 0;
    let mut refused = None;
    for ballot in &ballots {
        let answer = cast(&server, ballot).await;
        if answer.status() != 201 {
            refused = Some(answer);
            break;
        }
        acknowledged += 1;
    }
    is_told_to_come_back(refused.expect("the disk was full before everybody had voted")).await;
    assert!(acknowledged > 0, "some fitted");
    assert_eq!(size(&server).await, before + acknowledged);
    let record = server.get(&format!("/v/{VILLAGE}/record/file")).await.text().await.expect("the record");
    assert_eq!(record.lines().filter(|line| line.starts_with("{\"seq\":")).count() as u64, before + acknowledged);
}

#[tokio::test]
async fn too_many_attempts_to_log_in_have_to_wait() {
    let server = TestServer::new().with(|config| config.limits.logins_per_minute = 3).start().await;
    let ask = || server.request(Method::POST, "/api/v1/login/challenge").json(&json!({})).send();
    for _ in 0..3 {
        assert_ne!(ask().await.expect("an answer").status(), 429);
    }
    let refused = ask().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "content-type"), "application/problem+json");
    assert!(header(&refused, "retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
}
