//! Servers of one district as processes of the built program, each with a data folder of its own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One server, running or killed.
pub struct Server {
    config: PathBuf,
    pub base: String,
    child: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on at this moment, kept through every start.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Server {
    /// Starts one on a database and the documents' folder that the others use, too.
    pub fn start(folder: &Path, number: usize, database: &str) -> Self {
        let own = folder.join(format!("server-{number}"));
        std::fs::create_dir_all(&own).expect("a folder");
        std::fs::write(own.join("vault.key"), hex::encode([1; 32])).expect("a key");
        let base = format!("http://127.0.0.1:{}", free_port());
        let text = format!(
            "public_origin = \"http://127.0.0.1:9\"\nlisten = \"{listen}\"\ndata_dir = \"{own}\"\n\
             database_url = \"{database}\"\ndocuments_dir = \"{documents}\"\n\
             [cluster]\naddress = \"{base}\"\n[log]\nlevel = \"warn,sunvote::cli=info\"\n",
            listen = base.trim_start_matches("http://"),
            own = own.display(),
            documents = folder.join("documents").display(),
        );
        let config = own.join("config.toml");
        std::fs::write(&config, text).expect("written");
        let mut server = Self { config, base, child: None };
        server.restart();
        server
    }

    /// Ends the process as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
    }

    /// Starts it again where it was, and waits until it serves.
    pub fn restart(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunvote"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SUNVOTE_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--config"]).arg(&self.config).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut said = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut heard = Vec::new();
        let serves = said.by_ref().map_while(Result::ok).any(|line| {
            let serves = line.contains("\"message\":\"serving\"");
            heard.push(line);
            serves
        });
        assert!(serves, "it serves: {heard:#?}");
        // What it says later is passed on where somebody asked for it, and always read: it never waits for a reader.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        self.child = Some(child);
    }

    /// Ends it as an operator does, and waits until it has.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        assert!(child.wait().expect("it ends").success(), "it ends in order");
    }
}
