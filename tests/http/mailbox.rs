//! A real mail server beside a test: `web/test/mailbox.mjs`, a program of others' libraries, whose answers are read line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::spawn;
use std::time::Duration;

use serde_json::Value;

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running mail server; it ends with the test.
pub struct Mailbox {
    /// Where it listens.
    pub port: u64,
    child: Child,
    lines: Arc<Mutex<mpsc::Receiver<Value>>>,
}

impl Mailbox {
    /// Starts one.
    pub async fn start(options: &[&str]) -> Self {
        let mut node = Command::new("node");
        node.arg("web/test/mailbox.mjs").args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().expect("Node, and `npm ci` in web");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (says, lines) = mpsc::channel();
        spawn(move || {
            let values = out.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            values.for_each(|value| says.send(value).unwrap_or_default());
        });
        let mut mailbox = Self { port: 0, child, lines: Arc::new(Mutex::new(lines)) };
        mailbox.port = mailbox.next().await["port"].as_u64().expect("a port");
        mailbox
    }

    /// Has it refuse so many letters for now.
    pub async fn refuse(&mut self, letters: u32) {
        let pipe = self.child.stdin.as_mut().expect("its input");
        writeln!(pipe, "{letters}").expect("written");
        assert_eq!(self.next().await["refuses"], letters);
    }

    /// What it says next.
    pub async fn next(&self) -> Value {
        let lines = Arc::clone(&self.lines);
        let next = tokio::task::spawn_blocking(move || lines.lock().expect("whole").recv_timeout(PATIENCE));
        next.await.expect("a thread").expect("the mail server says something")
    }

    /// Whether it has said nothing more.
    pub fn is_silent(&self) -> bool {
        self.lines.lock().expect("whole").try_recv().is_err()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
