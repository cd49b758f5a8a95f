//! Programs with a token: what they may read, where, until when, and nothing besides.

use reqwest::Method;
use serde_json::Value;
use sunvote::app::programs::{self, token};
use sunvote::core::clock::DAY_MS;

use crate::harness::{Running, VILLAGE, header};
use crate::warnings::Watched;

const UNTIL: &str = "2026-12-31";

/// A server whose file names three programs: of this district, of another, and one whose time is over.
async fn served() -> (Watched, [String; 3]) {
    let watched = Watched::new().await;
    let mut file = String::new();
    let tokens = [(1, &VILLAGE[..6], UNTIL), (2, "331199", UNTIL), (3, &VILLAGE[..6], "2026-01-31")].map(|(n, place, until)| {
        let (token, digest) = token([n; 32]);
        file += &format!(
            "[[program]]\nname = \"p{n}\"\ntoken_sha256 = \"{digest}\"\nplace = \"{place}\"\nreads = [\"warnings\"]\nuntil = \"{until}\"\n"
        );
        token.to_string()
    });
    let app = &watched.server.app;
    app.name_programs(programs::parse(&file, app.now().date()).expect("programs"));
    (watched, tokens)
}

async fn ask(server: &Running, token: Option<&str>, query: &str) -> (u16, Value) {
    let request = server.request(Method::GET, &format!("/api/v1/warnings{query}"));
    let request = if let Some(token) = token { request.header("authorization", token) } else { request };
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    if status == 200 {
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    (status, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_program_reads_what_stands_in_its_place_and_nothing_about_persons() {
    let (watched, [own, other, _]) = served().await;
    let server = &watched.server;
    let (status, page) = ask(server, Some(&format!("Bearer {own}")), "").await;
    assert_eq!(status, 200, "{page}");
    let rules: Vec<&str> =
        page["items"].as_array().expect("a list").iter().map(|one| one["rule"].as_str().expect("a rule")).collect();
    assert!(rules.contains(&"vote_void") && !rules.contains(&"papers_over_ballots"), "{page}");
    let void = page["items"].as_array().expect("a list").iter().find(|one| one["rule"] == "vote_void").expect("it");
    assert_eq!((void["village"].as_str(), void["grade"].as_str()), (Some(VILLAGE), Some("serious")), "{void}");
    assert!(!void["entries"].as_array().expect("entries").is_empty() && void["matter"].is_string(), "{void}");
    assert_eq!(ask(server, Some(&format!("bearer {other}")), "").await.1["items"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended() {
    let (watched, [own, ..]) = served().await;
    let bearer = format!("Bearer {own}");
    let whole = ask(&watched.server, Some(&bearer), "").await.1["items"].as_array().expect("a list").clone();
    let (mut query, mut seen) = ("?limit=1".to_owned(), Vec::new());
    loop {
        let (status, page) = ask(&watched.server, Some(&bearer), &query).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().expect("a list").clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1&after={}", next.replace('/', "%2F"));
    }
    assert_eq!(seen, whole);
    assert_eq!(ask(&watched.server, Some(&bearer), "?after=somewhere").await.0, 400);
}

#[tokio::test]
async fn without_a_token_for_it_nobody_reads() {
    let (watched, [own, _, ended]) = served().await;
    let server = &watched.server;
    for wrong in
        [None, Some(String::new()), Some(own.clone()), Some("Bearer ".to_owned()), Some(format!("Basic {own}"))]
            .into_iter()
            .chain([Some(format!("Bearer {}", own.to_uppercase())), Some(format!("Bearer {ended}"))])
    {
        let (status, problem) = ask(server, wrong.as_deref(), "").await;
        assert_eq!((status, problem["code"].as_str()), (401, Some("no-token")), "{wrong:?}");
    }
    // Whoever is logged in as an official has no token for that.
    let cookie = format!("sunvote=discipline_inspector-{}", &VILLAGE[..6]);
    let request = server.request(Method::GET, "/api/v1/warnings").header("cookie", cookie);
    assert_eq!(request.send().await.expect("an answer").status(), 401);
    let last = "2026-12-31".parse::<sunvote::core::clock::Date>().expect("a day").start();
    server.clock.set(last.plus_ms(DAY_MS - 1));
    assert_eq!(ask(server, Some(&format!("Bearer {own}")), "").await.0, 200, "on its last day");
    server.clock.set(last.plus_ms(DAY_MS));
    assert_eq!(ask(server, Some(&format!("Bearer {own}")), "").await.0, 401, "and no longer");
}
