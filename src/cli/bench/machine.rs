//! The server under load as a process of this machine: started, told to end, and what it takes of processors and memory.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::cli::Failure;
use crate::cli::bench::prepare::config_path;

/// Clock ticks a second in which Linux counts processor time (`getconf CLK_TCK`).
const TICKS: u64 = 100;

/// A server that this program started; ends with it.
#[derive(Debug)]
pub(in crate::cli::bench) struct Server {
    child: Child,
}

impl Server {
    /// Starts the server of a folder, its log in `server.log` there, and waits until it serves at `address`.
    pub(in crate::cli::bench) fn start(folder: &Path, address: SocketAddr) -> Result<Self, Failure> {
        let log = folder.join("server.log");
        let file = std::fs::File::create(&log)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--config"]).arg(config_path(folder));
        // The folder's settings alone count.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SUNVOTE_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = Self { child: command.spawn()? };
        let (serving, told) = mpsc::sync_channel(1);
        if let Some(lines) = server.child.stderr.take() {
            std::thread::spawn(move || keep_log(lines, file, &serving));
        }
        match told.recv() {
            Ok(()) => Ok(server),
            Err(mpsc::RecvError) => Err(format!("the server did not start at {address}; see {}", log.display()).into()),
        }
    }

    /// Processor time taken so far, in user and system mode together; `None` where the system doesn't say.
    pub(in crate::cli::bench) fn processor(&self) -> Option<Duration> {
        processor(&self.child.id().to_string())
    }

    /// Memory in use, bytes.
    pub(in crate::cli::bench) fn memory(&self) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// Tells it to end and waits until all that it took is on disk.
    pub(in crate::cli::bench) fn stop(mut self) -> Result<(), Failure> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if !told.success() || !self.child.wait()?.success() {
            return Err("the server did not end well; see server.log".into());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After a failure; one that was stopped has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes what a server logs into a file until it ends, and says when it serves. Its own log says that: another server at the
/// same port would answer requests, too.
fn keep_log(lines: ChildStderr, mut file: std::fs::File, serving: &mpsc::SyncSender<()>) {
    for line in BufReader::new(lines).lines().map_while(Result::ok) {
        // What can't be written is lost; the run goes on.
        let _ = writeln!(file, "{line}");
        if line.contains("\"serving\"") || line.contains(" serving ") {
            // Full where it has been said, closed where nobody waits any more.
            let _ = serving.try_send(());
        }
    }
}

/// Processor time of this program so far.
pub(in crate::cli::bench) fn own_processor() -> Option<Duration> {
    processor("self")
}

/// Fields 14 and 15 of `/proc/<pid>/stat` (proc(5)), counted after the name, which may hold anything.
fn processor(process: &str) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let ticks = |nth| fields.split_whitespace().nth(nth)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 1_000 / TICKS))
}

/// Time that all processors of this machine were busy, with whatever; the first line of `/proc/stat`.
pub(in crate::cli::bench) fn machine_busy() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let numbers: Vec<u64> = text.lines().next()?.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq
    let busy = [0, 1, 2, 5, 6].iter().map(|nth| numbers.get(*nth).copied().unwrap_or(0)).sum::<u64>();
    Some(Duration::from_millis(busy * 1_000 / TICKS))
}

/// How many processors this program may use.
pub(in crate::cli::bench) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::own_processor;

    #[test]
    fn own_time_is_counted() {
        let before = own_processor().expect("Linux");
        let mut x = 1_u64;
        while own_processor().expect("Linux") == before {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
    }
}
