//! A private `PostgreSQL` on a Unix socket in a folder of its own, durable settings untouched, run by another user when
//! the tests run as root (the server refuses root).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const MISSING: &str = "these tests need PostgreSQL, which was not found in PATH or /usr/lib/postgresql; \
                       install it with: apt-get install --no-install-recommends postgresql";

/// A running server. Dropped, or when the process ends in any way, it stops and its folder is removed.
pub struct Server {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: String,
}

impl Server {
    /// Starts a server.
    pub fn start() -> Self {
        let programs = programs().unwrap_or_else(|| panic!("{MISSING}"));
        let mut command = match user() {
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
                command.arg("sh");
                command
            }
            None => Command::new("sh"),
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/postgres.sh");
        // The script goes in as text: the other user may have no access to the project's folder.
        let text = std::fs::read_to_string(script).expect("the script is part of the project");
        command.args(["-c", &text, "postgres.sh"]).arg(&programs).current_dir("/");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("sh runs");
        let mut answers = BufReader::new(child.stdout.take().expect("piped"));
        let folder = line(&mut answers);
        assert_eq!(line(&mut answers), "ready", "PostgreSQL did not start; its programs are in {}", programs.display());
        Self { orders: child.stdin.take(), child, answers, folder }
    }

    /// Makes an empty database and gives its URL.
    pub async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = self.connect("postgres").await;
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(sql).execute(&mut admin).await.expect("a database is created");
        format!("postgres:///{name}?host={}&user=sunvote", self.folder)
    }

    /// Stops the server as a loss of power would, then starts it on what was on disk.
    pub fn crash(&mut self) {
        let orders = self.orders.as_mut().expect("kept until dropped");
        orders.write_all(b"crash\n").expect("the script listens");
        assert_eq!(line(&mut self.answers), "ready");
    }

    async fn connect(&self, database: &str) -> sqlx::PgConnection {
        let url = format!("postgres:///{database}?host={}&user=sunvote", self.folder);
        <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("the private server answers")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // End of input is the order to stop.
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}

/// The server that all tests of this process share, each with a database of its own.
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

fn line(answers: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the script answers");
    line.trim_end().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "where programs lie is the machine's setting, not ours")]
/// The folder of `initdb` and `pg_ctl`, the newest version first.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let folders = std::env::split_paths(&path).chain(versions.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// Whom to become (user and group number): nobody else unless we are root, then `postgres` if there is one.
fn user() -> Option<(String, String)> {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    if output.stdout.trim_ascii() != b"0" {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let find = |name: &str| {
        let mut fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        fields.find(|fields| fields.len() > 3 && fields[0] == name)
    };
    let fields = find("postgres").or_else(|| find("nobody")).expect("a user to run PostgreSQL as");
    Some((fields[2].to_owned(), fields[3].to_owned()))
}
