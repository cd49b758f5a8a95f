//! What surrounds every answer: headers, problems, language, cross-site checks, files, metrics.

use reqwest::Method;

use crate::harness::{TestServer, header};

#[tokio::test]
async fn pages_may_do_little_in_a_browser() {
    let server = TestServer::new().start().await;
    for path in ["/healthz", "/nowhere", "/api/v1/docs"] {
        let response = server.get(path).await;
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "same-origin");
        assert_eq!(header(&response, "cross-origin-opener-policy"), "same-origin");
        assert!(header(&response, "permissions-policy").starts_with("camera=(self), microphone=()"));
        assert_eq!(header(&response, "strict-transport-security"), "", "only behind TLS");
        assert!(!header(&response, "x-request-id").is_empty());
    }
}

#[tokio::test]
async fn behind_tls_browsers_are_told_to_stay_there() {
    let origin = "https://vote.example".parse().expect("an origin");
    let server = TestServer::new().with(|config| config.public_origin = origin).start().await;
    assert!(header(&server.get("/healthz").await, "strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn what_is_made_for_one_person_is_kept_by_nobody() {
    let server = TestServer::new().start().await;
    let open = server.get("/api/v1/docs").await;
    assert_eq!(header(&open, "cache-control"), "no-cache");
    let personal = server.request_as("clerk", Method::GET, "/api/v1/docs").send().await.expect("an answer");
    assert_eq!(header(&personal, "cache-control"), "no-store");
}

#[tokio::test]
async fn a_problem_is_a_document_for_programs_and_a_page_for_people() {
    let server = TestServer::new().start().await;
    let document = server.request(Method::GET, "/nowhere").header("accept", "application/json");
    let document = document.header("accept-language", "en").send().await.expect("an answer");
    assert_eq!((document.status().as_u16(), header(&document, "content-type")), (404, "application/problem+json"));
    let id = header(&document, "x-request-id").to_owned();
    let body: serde_json::Value = document.json().await.expect("JSON");
    assert_eq!((body["code"].as_str(), body["status"].as_u64()), (Some("not-found"), Some(404)));
    assert_eq!(body["request"].as_str(), Some(id.as_str()));

    let page =
        server.request(Method::GET, "/nowhere").header("accept", "text/html,*/*").send().await.expect("an answer");
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.text().await.expect("a body").contains("没有找到这一页"));
    let page =
        server.request(Method::GET, "/nowhere?lang=en").header("accept", "text/html").send().await.expect("an answer");
    assert!(header(&page, "set-cookie").starts_with("lang=en;"), "the choice is kept");
    assert!(page.text().await.expect("a body").contains("There is no such page"));
}

#[tokio::test]
async fn the_api_answers_programs_whatever_they_accept() {
    let server = TestServer::new().start().await;
    let response = server.request(Method::GET, "/api/v1/nothing").header("accept", "text/html").send().await;
    assert_eq!(header(&response.expect("an answer"), "content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_method_that_is_not_taken_names_those_that_are() {
    let server = TestServer::new().start().await;
    let response = server.request(Method::DELETE, "/healthz").send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "GET,HEAD"));
    assert!(response.text().await.expect("a body").contains("method-not-allowed"));
}

#[tokio::test]
async fn another_site_cannot_submit_our_forms() {
    let server = TestServer::new().start().await;
    let send = |name: &'static str, value: String| {
        let form = server.request(Method::POST, "/settings").body("elder=1&back=/help");
        form.header("content-type", "application/x-www-form-urlencoded").header(name, value).send()
    };
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let response = send(name, value.to_owned()).await.expect("an answer");
        assert_eq!(response.status(), 403, "{name}: {value}");
        assert!(response.text().await.expect("a body").contains("cross-site"));
    }
    let own = send("origin", server.base.clone()).await.expect("an answer");
    assert_eq!((own.status().as_u16(), header(&own, "location")), (303, "/help"));
    assert!(header(&own, "set-cookie").starts_with("elder=1; Path=/;"));
}

#[tokio::test]
async fn health_and_readiness_differ() {
    let server = TestServer::new().start().await;
    assert_eq!((server.get("/healthz").await.status(), server.get("/readyz").await.status()).0, 200);
    let server = TestServer::new().not_ready().start().await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    let response = server.get("/readyz").await;
    assert_eq!(response.status(), 503);
    assert!(!response.text().await.expect("a body").contains("database"), "what is wrong inside stays inside");
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_name_no_path() {
    let server = TestServer::new().start().await;
    server.get("/nowhere/secret?who=me").await;
    server.get("/healthz").await;
    let text = server.get("/metrics").await.text().await.expect("a body");
    assert!(text.contains(r#"sunvote_http_requests_total{method="GET",route="/healthz",status="200"} 1"#), "{text}");
    assert!(text.contains(r#"route="unknown",status="404""#) && !text.contains("secret"), "{text}");
    let forwarded = server.request(Method::GET, "/metrics").header("x-forwarded-for", "9.9.9.9").send().await;
    assert_eq!(forwarded.expect("an answer").status(), 403);
}

#[tokio::test]
async fn the_api_is_described_as_document_and_as_page() {
    let server = TestServer::new().start().await;
    let document: serde_json::Value = server.get("/api/v1/openapi.json").await.json().await.expect("JSON");
    let page = server.get("/api/v1/docs").await.text().await.expect("a body");
    for path in document["paths"].as_object().expect("paths").keys() {
        assert!(page.contains(path.as_str()), "{path} is missing on the page");
    }
    assert!(!page.contains("<script") && !page.contains("style="), "the policy would block it");
}
