//! What a page that stays open is told: that the record has grown, at once or when it comes back.

use reqwest::{Method, Response};
use sunvote::core::ids::SessionId;
use sunvote::core::model::Role;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot, serve_for};

/// Events of one connection.
struct Line {
    response: Response,
    heard: String,
}

/// An event: its name and id.
type Event = (String, Option<u64>);

impl Line {
    /// The next event that isn't a sign of life; `None` once the server has ended the line.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.heard.find("\n\n") {
                let event: String = self.heard.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let told = (field("event")?.to_owned(), field("id").and_then(|id| id.parse().ok()));
                if told.0 != "alive" {
                    return Some(told);
                }
            }
            let chunk = self.response.chunk().await.expect("a line that is not cut")?;
            self.heard.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }
}

fn grown(size: u64) -> Option<Event> {
    Some(("grown".to_owned(), Some(size)))
}

/// A server whose village has called a session.
async fn server(change: impl FnOnce(TestServer) -> TestServer) -> (Running, SessionId, u64) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let (now, size) = (scribe.now(), scribe.state().size());
    (change(TestServer::new()).at(now).with_village(scribe).start().await, session, size)
}

async fn ask(server: &Running, session: SessionId, last: Option<u64>) -> Response {
    let request = server.request(Method::GET, &format!("/v/{VILLAGE}/s/{session}/events"));
    let request = request.header("accept", "text/event-stream");
    let request = if let Some(last) = last { request.header("last-event-id", last.to_string()) } else { request };
    request.send().await.expect("an answer")
}

async fn line(server: &Running, session: SessionId, last: Option<u64>) -> Line {
    let response = ask(server, session, last).await;
    assert_eq!(response.status(), 200);
    Line { response, heard: String::new() }
}

/// Somebody without a key suggests something: one entry.
async fn suggest(server: &Running) {
    let request = server.request(Method::POST, &format!("/v/{VILLAGE}/suggest"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body("csrf=&text=a+bench+under+the+tree").send().await.expect("an answer");
    assert_eq!(answer.status(), 303);
}

#[tokio::test]
async fn a_page_is_told_where_the_record_stands_and_whenever_it_grows() {
    let (server, session, size) = server(|server| server).await;
    let (mut one, mut two) = (line(&server, session, None).await, line(&server, session, None).await);
    assert_eq!(header(&one.response, "content-type"), "text/event-stream");
    assert_eq!(header(&one.response, "content-encoding"), "", "compressed, events would wait for each other");
    assert_eq!(header(&one.response, "x-accel-buffering"), "no");
    assert_eq!((one.next().await, two.next().await), (grown(size), grown(size)));
    let metrics = server.request(Method::GET, "/metrics").send().await.expect("an answer").text().await;
    assert!(metrics.expect("a text").contains("\nsunvote_http_listening 2\n"));
    for more in 1..=3 {
        suggest(&server).await;
        assert_eq!((one.next().await, two.next().await), (grown(size + more), grown(size + more)));
    }
    server.app.growth().stir();
    let again = Some(("again".to_owned(), Some(size + 3)));
    assert_eq!((one.next().await, two.next().await), (again.clone(), again));
}

#[tokio::test]
async fn a_page_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let (server, session, size) = server(|server| server).await;
    suggest(&server).await;
    let mut missed = line(&server, session, Some(size)).await;
    assert_eq!(missed.next().await, grown(size + 1), "told at once what happened meanwhile");
    let mut knows = line(&server, session, Some(size + 1)).await;
    suggest(&server).await;
    assert_eq!(knows.next().await, grown(size + 2), "the first that it hears is new");
    let mut from_elsewhere = line(&server, session, Some(size + 99)).await;
    assert_eq!(from_elsewhere.next().await, grown(size + 2), "who knows more than there is is to look again");
}

#[tokio::test]
async fn while_nothing_happens_nothing_is_asked_of_the_database() {
    let (server, session, size) = server(|server| server).await;
    let mut lines = Vec::new();
    for _ in 0..20 {
        lines.push(line(&server, session, None).await);
    }
    for line in &mut lines {
        assert_eq!(line.next().await, grown(size));
    }
    let asked = || server.app.db().counters().values().map(|counter| counter.count).sum::<u64>();
    let before = asked();
    server.app.growth().stir();
    for line in &mut lines {
        assert_eq!(line.next().await.map(|(name, _)| name).as_deref(), Some("again"));
    }
    assert_eq!(asked(), before);
}

#[tokio::test]
async fn what_is_not_there_has_no_events() {
    let (server, session, _) = server(|server| server).await;
    let elsewhere = server.request(Method::GET, &format!("/v/331102001207/s/{session}/events")).send().await;
    assert_eq!(elsewhere.expect("an answer").status(), 404);
    let other = SessionId::from_bytes([9; 16]);
    assert_eq!(ask(&server, other, None).await.status(), 404);
    assert_eq!(server.app.growth().villages(), [], "and nobody watches in vain");
}

#[tokio::test]
async fn an_address_has_so_many_places_and_the_server_so_many_in_all() {
    let few = |all, each| {
        server(move |server| {
            server.with(|config| (config.limits.listeners, config.limits.listeners_per_address) = (all, each))
        })
    };
    for (all, each, status) in [(9, 2, 429), (2, 9, 503)] {
        let (server, session, size) = few(all, each).await;
        let (mut first, second) = (line(&server, session, None).await, line(&server, session, None).await);
        let refused = ask(&server, session, None).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (status, "30"));
        assert_eq!(first.next().await, grown(size), "those who listen are not disturbed");
        drop(second);
        // The place is free as soon as the server has seen that the page is gone.
        while ask(&server, session, None).await.status() != 200 {}
    }
}

/// A desk's address of events, as its page gives it.
fn address(desk: &str) -> &str {
    desk.split("data-desk=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address")
}

#[tokio::test]
async fn a_desk_is_told_once_the_tables_of_one_of_its_villages_were_written() {
    let (mut scribe, matter) = at_ballot();
    scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let township = scribe.in_role(Role::TownshipApprover)[0];
    let clerk = scribe.someone(scribe.clerk()).expect("a clerk").key.clone();
    let (server, cookie) = serve_for(scribe, township).await;
    let events = async |address: &str, cookie: &str| {
        server.request(Method::GET, address).header("cookie", cookie).send().await.expect("an answer")
    };
    let known = address(&page(&server, &cookie, "/desk").await).to_owned();
    let mut line = Line { response: events(&known, &cookie).await, heard: String::new() };
    assert_eq!(header(&line.response, "content-type"), "text/event-stream");
    let asked = || server.app.db().counters().get("desk_size").map_or(0, |counter| counter.count);
    let before = asked();
    suggest(&server).await;
    assert_eq!(line.next().await, Some(("grown".to_owned(), None)));
    assert_eq!(asked(), before, "who is told asks nothing");
    let fresh = page(&server, &cookie, "/desk").await;
    assert_ne!(address(&fresh), known, "what it was told of is there");
    let mut behind = Line { response: events(&known, &cookie).await, heard: String::new() };
    assert_eq!(behind.next().await, Some(("grown".to_owned(), None)), "a page made before is told at once");
    let clerk = log_in(&server, &clerk).await.expect("a log-in");
    assert_eq!(events(&known, &clerk).await.status(), 403, "who has no desk");
    drop((line, behind));
    server.stopper.stop();
}

#[tokio::test]
async fn a_server_that_stops_ends_every_line() {
    // Longer than any test waits: the lines are not cut off, they end.
    let (server, session, size) = server(|server| server.with(|config| config.limits.shutdown_seconds = 600)).await;
    let (mut one, mut two) = (line(&server, session, None).await, line(&server, session, Some(size)).await);
    assert_eq!(one.next().await, grown(size));
    server.stopper.stop();
    assert_eq!((one.next().await, two.next().await), (None, None));
    server.task.await.expect("no panic").expect("a clean end");
}
