//! Steps sent by the running program: to a receiver that refuses twice, across restarts, and settings that can't work.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::found::District;
use crate::serve::Serving;

/// A receiver that answers these statuses, then 204; what it got, by `webhook-id` and type, in order.
fn receive(mut answers: Vec<u16>) -> (SocketAddr, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (send, receive) = channel();
    answers.reverse();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a caller"));
            let mut headers = BTreeMap::new();
            let mut line = String::new();
            while stream.read_line(&mut line).expect("a line") > 2 {
                if let Some((name, value)) = line.trim().split_once(": ") {
                    headers.insert(name.to_ascii_lowercase(), value.to_owned());
                }
                line.clear();
            }
            let mut body = vec![0; headers["content-length"].parse().expect("a length")];
            stream.read_exact(&mut body).expect("a body");
            let told: Value = serde_json::from_slice(&body).expect("JSON");
            let status = answers.pop().unwrap_or(204);
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.get_mut().write_all(head.as_bytes()).expect("answered");
            let kind = told["type"].as_str().expect("a type").to_owned();
            // Who listens has ended.
            if status == 204 && send.send((headers["webhook-id"].clone(), kind)).is_err() {
                return;
            }
        }
    });
    (address, receive)
}

/// Names one endpoint in the file of endpoints.
fn name_endpoint(district: &District, url: &str) {
    let secret = district.path("commission.secret");
    let secret = secret.display();
    district.write(
        "webhooks.toml",
        &format!("[[endpoint]]\nname = \"commission\"\nurl = \"{url}\"\nsecret_file = \"{secret}\"\n"),
    );
}

/// Settings that name it.
fn with_endpoint(district: &District, url: &str) {
    let text = std::fs::read_to_string(district.path("config.toml")).expect("settings");
    let file = district.path("webhooks.toml");
    district.write("config.toml", &format!("{text}[webhooks]\nendpoints = \"{}\"\n", file.display()));
    district.write("commission.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    name_endpoint(district, url);
}

#[test]
fn what_was_recorded_is_sent_by_the_program_and_by_the_next_one_after_it_was_killed() {
    let district = District::founded();
    let (address, told) = receive(vec![503, 500]);
    with_endpoint(&district, &format!("http://{address}/take"));
    let first = Serving::start(&district.path("config.toml"));
    // Two villages were founded. One message is refused, then the other; five seconds later they are tried again.
    let one = told.recv().expect("a step");
    drop(first);
    let _second = Serving::start(&district.path("config.toml"));
    let two = told.recv().expect("another step");
    assert_eq!([one.1.as_str(), two.1.as_str()], ["village.founded"; 2]);
    assert_ne!(one.0, two.0, "each once");
    assert!([&one.0, &two.0].iter().all(|id| id.starts_with("step_33110220620")), "{one:?} {two:?}");
}

#[test]
fn endpoints_that_cannot_work_are_named_at_the_start() {
    let district = District::with_two_roots();
    with_endpoint(&district, "ftp://app.example");
    let said = district.refused(&["serve", "--config", "config.toml"]);
    assert!(said.contains("webhooks.toml") && said.contains("endpoint 'commission': url must begin"), "{said}");
    name_endpoint(&district, "https://app.example");
    district.write("commission.secret", "whsec_c2hvcnQ=");
    let said = district.refused(&["serve", "--config", "config.toml"]);
    assert!(said.contains("24 to 64 bytes") && !said.contains("c2hvcnQ"), "{said}");
    std::fs::remove_file(district.path("commission.secret")).expect("removed");
    let said = district.refused(&["serve", "--config", "config.toml"]);
    assert!(said.contains("endpoint 'commission': ") && said.contains("commission.secret"), "{said}");
}
