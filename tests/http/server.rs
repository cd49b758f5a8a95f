//! Starting and stopping.

use std::sync::Arc;

use reqwest::Method;
use sunvote::http::server::{Server, ServerError};
use tokio::sync::Semaphore;

use crate::harness::{TestServer, everywhere};

#[tokio::test]
async fn stopping_lets_a_request_under_way_end() {
    let (begun, release) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begun_inside, release_inside) = (begun.clone(), release.clone());
    let slow = move || {
        let (begun, release) = (begun_inside.clone(), release_inside.clone());
        async move {
            begun.add_permits(1);
            release.acquire().await.expect("not closed").forget();
            "finished"
        }
    };
    let server = TestServer::new().start_with(everywhere(slow)).await;
    let under_way = tokio::spawn(server.request(Method::GET, "/healthz").send());
    begun.acquire().await.expect("the request arrives").forget();
    server.stopper.stop();
    release.add_permits(1);
    let response = under_way.await.expect("no panic").expect("an answer");
    assert_eq!(response.text().await.expect("a body"), "finished");
    server.task.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let first = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let error = Server::bind(first.address()).expect_err("the port is taken");
    assert!(matches!(&error, ServerError::Listen { address, .. } if *address == first.address()));
}
