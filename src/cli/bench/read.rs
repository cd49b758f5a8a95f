//! `sunvote bench read`: pages of the load test's villages, as readers ask for them.

use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use crate::cli::Failure;
use crate::cli::bench::cast::{in_words, rate_json, taken};
use crate::cli::bench::drive::{Outcome, Request, drive};
use crate::cli::bench::figures::Figures;
use crate::cli::bench::machine::Server;
use crate::cli::bench::plan::{Plan, Village};
use crate::cli::bench::{Folder, Pace, Rate};
use crate::cli::output::say;

/// Ask for pages at a steady rate.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --path: front page, then village, matter, session, notices and record of one village after another.

Examples:
  sunvote bench read --rate 50 --seconds 60
  sunvote bench read --rate 200 --running --path /search?q=1 --path /

Exit code: 0 if every page came, else 1."
)]
pub(in crate::cli::bench) struct Read {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    pace: Pace,
    /// An address to ask for instead; more than one in turn.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
}

impl Read {
    /// Asks; `false` if a page did not come.
    pub(in crate::cli::bench) fn run(self) -> Result<bool, Failure> {
        let (folder, pace) = (&self.folder.folder, &self.pace);
        let plan = Plan::load(folder)?;
        let plain = |path: &String| path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if !self.paths.iter().all(plain) {
            return Err("a path begins with / and holds visible ASCII only".into());
        }
        let paths =
            if self.paths.is_empty() { plan.villages.iter().flat_map(pages).collect() } else { self.paths.clone() };
        let asked: Vec<Arc<[u8]>> = paths.iter().map(|path| request(&plan, path)).collect();
        let requests = asked.iter().cycle().take(pace.count()?);
        let requests = requests.map(|bytes| Request { bytes: Arc::clone(bytes), turn: None }).collect();
        let server = if pace.running { None } else { Some(Server::start(folder, plan.listen)?) };
        let before = taken(server.as_ref());
        let driven = drive(plan.listen, requests, pace, server.as_ref())?;
        let figures = Figures::of(&driven, 200, taken(server.as_ref()).since(before));
        server.map(Server::stop).transpose()?;
        let told = if self.folder.json {
            let mut all = figures.as_json();
            all["rate"] = rate_json(pace);
            all["connections"] = Value::from(pace.connections);
            format!("{all}\n")
        } else {
            format!("pace        {}\n{}", in_words(pace), figures.as_text("pages"))
        };
        say(&told)?;
        Ok(figures.errors.is_empty())
    }
}

fn pages(village: &Village) -> Vec<String> {
    let Village { code, matter, session, .. } = village;
    vec![
        "/".to_owned(),
        format!("/v/{code}"),
        format!("/v/{code}/m/{matter}"),
        format!("/v/{code}/s/{session}"),
        format!("/v/{code}/notices"),
        format!("/v/{code}/record"),
    ]
}

/// Longest time for opening all ballot pages, in seconds.
const LONGEST_OPENING: u32 = 600;
/// Connections on which ballot pages are opened.
const OPENING: u32 = 8;

/// Opens each village's ballot page as one of its voters, as every voter does before voting: a server that has just been
/// started has no village in memory yet, and a voting day does not begin with its peak.
///
/// # Errors
/// When a page does not come.
pub(in crate::cli::bench) fn open_ballots(plan: &Plan) -> Result<(), Failure> {
    let page = |village: &Village| {
        let voter = village.voters.first()?;
        let path = format!("/v/{}/vote/{}", village.code, village.session);
        Some(Request { bytes: request_with(plan, &path, &format!("cookie: sunvote={}\r\n", voter.token)), turn: None })
    };
    let requests: Vec<Request> = plan.villages.iter().filter_map(page).collect();
    let pace = Pace { rate: Rate::Max, seconds: LONGEST_OPENING, count: None, connections: OPENING, running: true };
    let count = requests.len();
    let driven = drive(plan.listen, requests, &pace, None)?;
    let came = |outcome: &&Outcome| outcome.answer.as_ref().is_ok_and(|answer| matches!(answer.status, 200 | 303));
    match driven.outcomes.iter().filter(came).count() {
        opened if opened == count => Ok(()),
        opened => Err(format!("only {opened} of {count} ballot pages came; see server.log").into()),
    }
}

fn request(plan: &Plan, path: &str) -> Arc<[u8]> {
    request_with(plan, path, "")
}

fn request_with(plan: &Plan, path: &str, more: &str) -> Arc<[u8]> {
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\naccept: text/html\r\naccept-encoding: gzip\r\naccept-language: zh-CN\r\n\
         user-agent: sunvote-bench\r\n{more}\r\n",
        plan.listen
    );
    head.into_bytes().into()
}
