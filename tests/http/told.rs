//! What pages tell a newcomer: where a vote stands, what a signer signs, what comes after.

use reqwest::Method;
use sunvote::core::ids::{MatterId, SessionId};
use sunvote::core::model::{Body, Category};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};

use crate::harness::{Running, TestServer, VILLAGE};

const ASSEMBLY: Body = Body::RepresentativeAssembly;
const VOTED: &str = "已表决，等签会议记录";

fn at_ballot() -> (Scribe, MatterId) {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term::default()).expect("a term");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    (scribe, matter)
}

async fn serve(scribe: Scribe) -> Running {
    let now = scribe.now();
    TestServer::new().at(now).with_village(scribe).start().await
}

async fn text(server: &Running, path: &str) -> String {
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a text")
}

/// Home, village, session and matter.
async fn four(server: &Running, session: SessionId, matter: MatterId) -> [String; 4] {
    let (village, session) = (format!("/v/{VILLAGE}"), format!("/v/{VILLAGE}/s/{session}"));
    let matter = format!("/v/{VILLAGE}/m/{matter}");
    [text(server, "/").await, text(server, &village).await, text(server, &session).await, text(server, &matter).await]
}

#[tokio::test]
async fn a_vote_whose_minutes_are_unsigned_is_nowhere_shown_as_coming() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 45)]).expect("a result");
    for page in four(&serve(scribe).await, session, matter).await {
        assert!(page.contains(VOTED), "{page}");
        for coming in ["已通知", "正在开会", "开会表决", "正在签到"] {
            assert!(!page.contains(coming), "{coming}: {page}");
        }
    }
}

#[tokio::test]
async fn a_call_whose_time_has_passed_is_shown_as_not_opened() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let starts_at = scribe.state().session(session).expect("the session").starts_at;
    scribe.at(starts_at.plus_ms(60_000));
    let [home, village, own, about] = four(&serve(scribe).await, session, matter).await;
    assert!(village.contains("时间已过，还没有开会") && own.contains("时间已过，还没有开会"));
    assert!(about.contains("还没有开会") && !about.contains("开会表决"));
    assert!(!home.contains("已通知") && !village.contains("已通知") && !own.contains("已通知"));
}
