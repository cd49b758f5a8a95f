//! `sunvote serve`: starts from a settings file, says where, stops when told.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use crate::sunvote;

/// A server that runs until it is dropped.
pub struct Serving {
    child: Child,
    lines: BufReader<std::process::ChildStderr>,
    pub address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts a server on a free port, and waits until it says where.
    pub fn start(config: &Path) -> Self {
        let mut command = sunvote();
        let mut child =
            command.args(["serve", "--config"]).arg(config).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut lines = BufReader::new(child.stderr.take().expect("piped"));
        let said = std::iter::from_fn(|| next(&mut lines)).find_map(|line| line["address"].as_str().map(str::to_owned));
        let address = said.expect("it says where it serves before it ends");
        Self { child, lines, address }
    }
}

fn start() -> (Serving, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("config.toml");
    let text = format!(
        "public_origin = \"http://127.0.0.1:8080\"\nlisten = \"127.0.0.1:0\"\ndata_dir = \"{}\"\n",
        folder.path().join("data").display()
    );
    std::fs::write(&config, text).expect("written");
    (Serving::start(&config), folder)
}

fn next(lines: &mut impl std::io::BufRead) -> Option<serde_json::Value> {
    let mut line = String::new();
    lines.read_line(&mut line).expect("readable");
    if line.is_empty() { None } else { Some(serde_json::from_str(&line).expect("each log line is JSON")) }
}

#[test]
fn it_answers_and_ends_cleanly_when_told() {
    let (mut serving, folder) = start();
    let mut stream = TcpStream::connect(&serving.address).expect("it listens");
    stream.write_all(b"GET /readyz?name=Zhang HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("ready\n"), "{answer}");

    let told = std::process::Command::new("kill").args(["-TERM", &serving.child.id().to_string()]).status();
    assert!(told.expect("kill runs").success());
    let lines: Vec<_> = std::iter::from_fn(|| next(&mut serving.lines)).collect();
    assert!(serving.child.wait().expect("it ends").success());
    assert!(lines.iter().any(|line| line["message"] == "stopped"), "{lines:?}");
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert_eq!(answered.len(), 1);
    assert_eq!((answered[0]["route"].as_str(), answered[0]["status"].as_u64()), (Some("/readyz"), Some(200)));
    assert!(!answered[0].to_string().contains("Zhang"), "no query strings");
    assert!(folder.path().join("data/vault.key").exists());
}

#[test]
fn a_missing_settings_file_is_named() {
    let output = sunvote().args(["serve", "--config", "no-such.toml"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such.toml"));
}
