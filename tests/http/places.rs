//! A server with villages of several districts: places divided into places, and search in one or in all of them.

use reqwest::Method;
use sunvote::app::import::places::places;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};

use crate::harness::{FAR_VILLAGE, Running, TestServer, VILLAGE};
use crate::village::{NAME_SHOWN, TOWNSHIP_SHOWN};

fn scribe(code: &str) -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(code.parse().expect("a code"), "vote.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term::default()).expect("a term");
    scribe
}

async fn server(codes: &[&str]) -> Running {
    let mut server = TestServer::new();
    for code in codes {
        server = server.with_village(scribe(code));
    }
    let server = server.start().await;
    let names = places("code,name\n33,浙江省\n3301,杭州市\n331102,莲都区\n".as_bytes()).expect("places");
    server.app.name_places(&names).await.expect("named");
    server
}

async fn text(server: &Running, path: &str) -> String {
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a text")
}

fn holds(page: &str, all: &[&str]) {
    for wanted in all {
        assert!(page.contains(wanted), "{wanted} is missing: {page}");
    }
}

#[tokio::test]
async fn one_district_begins_with_its_townships() {
    let server = server(&[VILLAGE]).await;
    let front = text(&server, "/").await;
    holds(&front, &["/t/331102001", TOWNSHIP_SHOWN]);
    assert!(!front.contains("/p/"), "{front}");
    let township = text(&server, "/t/331102001").await;
    assert!(!township.contains("/p/"), "nothing lies between the front page and a township: {township}");
}

#[tokio::test]
async fn several_districts_begin_with_what_there_is_more_than_one_of() {
    let server = server(&[VILLAGE, FAR_VILLAGE]).await;
    let front = text(&server, "/").await;
    holds(&front, &["href=\"/p/3301\"", "杭州市", "href=\"/p/3311\"", ">3311<"]);
    assert!(!front.contains("/t/"), "{front}");
    // The one district of a prefecture stands for it.
    let district = text(&server, "/p/3311").await;
    holds(&district, &["莲都区", "href=\"/t/331102001\"", "value=\"331102\""]);
    let township = text(&server, "/t/331102001").await;
    holds(&township, &["href=\"/p/3311\"", "href=\"/p/331102\"", "莲都区"]);
    assert!(!township.contains("/p/33\""), "the whole is the front page: {township}");
    for missing in ["/p/44", "/p/331103", "/p/331", "/p/abcdef"] {
        assert_eq!(server.get(missing).await.status(), 404, "{missing}");
    }
}

#[tokio::test]
async fn a_search_stays_in_a_district_or_goes_through_all() {
    let server = server(&[VILLAGE, FAR_VILLAGE]).await;
    let [everywhere, here] = ["/search?q=泥墩", "/search?q=泥墩&in=331102"];
    let everywhere = text(&server, everywhere).await;
    holds(&everywhere, &[VILLAGE, FAR_VILLAGE, "浙江省莲都区黄村乡", "浙江省杭州市黄村乡"]);
    let here = text(&server, here).await;
    holds(&here, &[VILLAGE, NAME_SHOWN]);
    assert!(!here.contains(FAR_VILLAGE), "{here}");
    let after = text(&server, &format!("/search?q=泥墩&after={FAR_VILLAGE}-泥墩村")).await;
    let shown = |code: &str| after.contains(&format!("href=\"/v/{code}\""));
    assert!(shown(VILLAGE) && !shown(FAR_VILLAGE), "{after}");
}
