//! Sizes, times and forms.

use std::time::Duration;

use reqwest::Method;

use crate::harness::{CSRF, TestServer, everywhere, header};

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = TestServer::new().with(|config| config.limits.body_bytes = 100).start().await;
    let form = |size: usize| {
        let body = format!("elder=1&back={}", "a".repeat(size));
        let request = server.request(Method::POST, "/settings").body(body);
        request.header("content-type", "application/x-www-form-urlencoded").header("accept", "application/json")
    };
    assert_eq!(form(50).send().await.expect("an answer").status(), 303);
    let refused = form(200).send().await.expect("an answer");
    assert_eq!(refused.status(), 413);
    assert!(refused.text().await.expect("a body").contains("too-large"));
}

#[tokio::test]
async fn a_form_with_the_token_in_a_field_passes() {
    let server = TestServer::new().start().await;
    let post = |form: String| {
        let request = server.request_as("clerk", Method::POST, "/settings").body(form);
        request.header("content-type", "application/x-www-form-urlencoded").send()
    };
    assert_eq!(post(format!("csrf={CSRF}&elder=1")).await.expect("an answer").status(), 303);
    assert_eq!(post("csrf=another&elder=1".to_owned()).await.expect("an answer").status(), 403);
    assert_eq!(post("elder=1".to_owned()).await.expect("an answer").status(), 403);
}

#[tokio::test]
async fn a_form_with_files_passes_whole_when_its_first_field_is_the_token() {
    async fn echo(body: axum::body::Bytes) -> String {
        body.len().to_string()
    }
    let server = TestServer::new().start_with(everywhere(echo)).await;
    let file = "x".repeat(100_000);
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let send = |body: String| {
        let request = server.request_as("clerk", Method::POST, "/settings").body(body);
        request.header("content-type", "multipart/form-data; boundary=b").send()
    };
    let whole = part("csrf", CSRF) + &part("file", &file) + "--b--\r\n";
    let length = whole.len();
    let passed = send(whole).await.expect("an answer");
    assert_eq!(passed.text().await.expect("a body"), length.to_string());
    let late = part("file", &file) + &part("csrf", CSRF) + "--b--\r\n";
    assert_eq!(send(late).await.expect("an answer").status(), 403);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_given_up() {
    let server = TestServer::new()
        .with(|config| config.limits.request_seconds = 1)
        .start_with(everywhere(std::future::pending::<String>))
        .await;
    let response = server.request(Method::GET, "/healthz").timeout(Duration::from_secs(20)).send().await;
    let response = response.expect("an answer before the client gives up");
    assert_eq!(response.status(), 408);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_handler_that_panics_says_nothing_of_why() {
    async fn broken() -> String {
        panic!("the secret is 42")
    }
    let server = TestServer::new().start_with(everywhere(broken)).await;
    let response = server.get("/healthz").await;
    assert_eq!(response.status(), 500);
    let text = response.text().await.expect("a body");
    assert!(text.contains("\"internal\"") && !text.contains("42"), "{text}");
}
