//! A private `PostgreSQL` on a Unix socket in a folder of its own, durable settings untouched, run by another user when
//! the tests run as root (the server refuses root).

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const MISSING: &str = "these tests need PostgreSQL, which was not found in PATH or /usr/lib/postgresql; \
                       install it with: apt-get install --no-install-recommends postgresql";

/// A running server. It stops, and its folder is removed, when the process that it follows ends in any way.
pub struct Server {
    folder: String,
}

impl Server {
    /// Starts a server that follows this process.
    pub fn start() -> Self {
        Self::following(std::process::id())
    }

    #[expect(clippy::zombie_processes, reason = "the script outlives this process and ends by itself")]
    fn following(process: u32) -> Self {
        let programs = programs();
        // The script goes in as text: the other user may have no access to the project's folder.
        let mut command = as_user("sh");
        command.args(["-c", include_str!("postgres.sh"), "postgres.sh"]).arg(&programs).arg(process.to_string());
        // A group of its own: what ends the tests must not end the script before it has cleaned up.
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("sh runs");
        let mut answers = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = || {
            let mut line = String::new();
            answers.read_line(&mut line).expect("the script answers");
            line.trim_end().to_owned()
        };
        let folder = line();
        assert_eq!(line(), "ready", "PostgreSQL did not start; its programs are in {}", programs.display());
        Self { folder }
    }

    /// Makes an empty place for tables (a schema: a whole database takes ten times as long) and gives its URL.
    pub async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = format!("postgres:///postgres?host={}&user=sunvote", self.folder);
        let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("the server answers");
        let sql = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        sqlx::raw_sql(sql).execute(&mut admin).await.expect("a schema is created");
        format!("{url}&options=-csearch_path%3D{name}")
    }

    /// Stops the server as a crash of its process would, then starts it on what it had written.
    pub fn crash(&self) {
        for order in [["-m", "immediate", "stop"].as_slice(), &["start"]] {
            let mut command = as_user(programs().join("pg_ctl").to_str().expect("a readable path"));
            command.args(["-D", &format!("{}/data", self.folder), "-l", &format!("{}/server.log", self.folder), "-w"]);
            command.args(order).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
            assert!(command.status().expect("pg_ctl runs").success());
        }
    }
}

/// The server that all tests of a run share, each with a database of its own.
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match run() {
        // nextest gives each test a process: the first starts the server, which then follows the runner.
        Some(run) => {
            let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/postgres");
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap();
            file.lock().expect("one process at a time");
            found(&mut file, &run).unwrap_or_else(|| {
                let server = Server::following(parent_id());
                file.set_len(0).unwrap();
                file.rewind().unwrap();
                writeln!(file, "{run}\n{}", server.folder).unwrap();
                server
            })
        }
        None => Server::start(),
    })
}

/// The server that a test of this run started before us.
fn found(file: &mut File, run: &str) -> Option<Server> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let (of_run, folder) = text.trim_end().split_once('\n')?;
    (of_run == run).then(|| Server { folder: folder.to_owned() })
}

#[expect(clippy::disallowed_methods, reason = "the runner tells so by the environment only")]
fn run() -> Option<String> {
    std::env::var("NEXTEST_RUN_ID").ok()
}

/// The folder of `initdb` and `pg_ctl`, the newest version first.
#[expect(clippy::disallowed_methods, reason = "where programs lie is the machine's setting, not ours")]
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let mut folders = std::env::split_paths(&path).chain(versions.into_iter().rev());
    let complete = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    folders.find(complete).unwrap_or_else(|| panic!("{MISSING}"))
}

/// A command run by somebody else if we are root: `postgres` if there is such a user, else `nobody`.
fn as_user(program: &str) -> Command {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    if output.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let find = |name: &str| {
        let mut fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        fields.find(|fields| fields.len() > 3 && fields[0] == name)
    };
    let fields = find("postgres").or_else(|| find("nobody")).expect("a user to run PostgreSQL as");
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={}", fields[2]), format!("--regid={}", fields[3]), "--clear-groups".to_owned()]);
    command.arg(program);
    command
}
