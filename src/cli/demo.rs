//! `sunvote demo`: Liandu's real villages with invented people, ready to be clicked through.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::app::App;
use crate::app::demo::clock::DemoClock;
use crate::app::demo::district::SHOWCASE;
use crate::app::demo::{District, LIANDU, load};
use crate::app::import::{self, VillageRow};
use crate::app::projection::catch_up;
use crate::cli::Failure;
use crate::cli::opened::{MachineClock, hold, open_at, runtime, start_logging};
use crate::cli::secret::seed;
use crate::cli::serve::serve_on;
use crate::config::{Config, Origins};
use crate::core::clock::{Clock, Time};
use crate::core::ids::VillageCode;
use crate::http::server::Server;
use crate::http::state::Played;

/// Fixes all that is invented.
const SEED: u64 = 331_102;

/// Run a demo district: real village names, invented people, every role one click away.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote demo
  sunvote demo --listen 127.0.0.1:9000 --data /tmp/liandu --villages 3
  sunvote demo --begin 2026-11-16T01:00:00.000Z")]
pub(in crate::cli) struct Demo {
    /// Address to serve on: of this machine only, since the demo holds everyone's keys.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder for its data; a second start goes on where the first ended.
    #[arg(long, value_name = "FOLDER", default_value = "demo-data")]
    data: PathBuf,
    /// Make only so many villages, the one to look at first among them.
    #[arg(long, value_name = "NUMBER")]
    villages: Option<usize>,
    /// Begin a new demo at this moment instead of now; one that has begun goes on from where it was.
    #[arg(long, value_name = "TIME")]
    begin: Option<Time>,
    /// Sites that may show its publicity window in a frame: origins, divided by spaces.
    #[arg(long, value_name = "ORIGINS", default_value = "")]
    embed_in: Origins,
    /// Settings file whose section `[oidc]` says where people may log in by an account elsewhere.
    #[arg(long, value_name = "FILE")]
    log_in_by: Option<PathBuf>,
}

impl Demo {
    /// Makes what is missing, then serves until it is told to stop.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        if !self.listen.ip().is_loopback() {
            return Err("a demo serves this machine only: it holds everyone's keys".into());
        }
        runtime()?.block_on(async {
            let server = Server::bind(self.listen)?;
            let mut config = Config::local(server.address(), self.data.clone());
            let rehearsals = beside(&mut config)?;
            "丽水市莲都区".clone_into(&mut config.district_name);
            "0578-0000000".clone_into(&mut config.inspector_phone);
            config.embed.origins = self.embed_in.clone();
            if let Some(path) = &self.log_in_by {
                config.oidc = Config::load(path, std::iter::empty())?.oidc;
            }
            "warn,sqlx=error".clone_into(&mut config.log.level);
            start_logging(&config)?;
            let _alone = hold(&config)?;
            let villages = self.chosen()?;
            let clock = Arc::new(DemoClock::open(Arc::new(MachineClock), self.data.join("clock"), self.begin)?);
            let app = open_at(&config, Arc::clone(&clock) as Arc<dyn Clock>).await?;
            let first = fill(&app, &config, &villages).await?;
            println!("Sunvote demo: {} (Ctrl-C ends it)", config.public_origin.as_str());
            serve_on(server, Some(rehearsals), config, app, Some(Played::demo(first, clock))).await
        })
    }

    /// The villages to make: the showcase first among them, wherever it stands in the list.
    fn chosen(&self) -> Result<Vec<VillageRow>, Failure> {
        let all = import::villages(LIANDU).map_err(|faults| format!("the list of villages: {faults:?}"))?;
        let most = self.villages.unwrap_or(all.len());
        let show = all.iter().position(|village| village.name == SHOWCASE);
        let mut chosen: Vec<VillageRow> = all.iter().take(most).cloned().collect();
        if let (Some(show), Some(last)) = (show.filter(|show| *show >= most), chosen.last_mut()) {
            *last = all[show].clone();
        }
        Ok(chosen)
    }
}

/// Holds the port after the demo's for rehearsals, or where it is taken any other.
fn beside(config: &mut Config) -> Result<Server, Failure> {
    let wanted = config.rehearsal.listen.unwrap_or(config.listen);
    let server = Server::bind(wanted).or_else(|_| Server::bind(SocketAddr::new(wanted.ip(), 0)))?;
    config.rehearsal = config.rehearsal.clone().at(server.address());
    Ok(server)
}

/// Makes the villages that are missing and brings all tables up to date. Gives the village to look at first.
async fn fill(app: &App, config: &Config, villages: &[VillageRow]) -> Result<VillageCode, Failure> {
    let district = District::new(SEED, config.public_origin.authority(), app.now());
    let loaded = load::load(app.db(), app.vault(), app.objects(), app.lives(), &district, villages, seed()?).await?;
    if loaded.villages > 0 {
        println!("Made {} villages with {} entries and {} papers.", loaded.villages, loaded.entries, loaded.documents);
    }
    load::enter_keys(app, &district.roots).await?;
    catch_up(app.db(), app.vault(), app.lives()).await?;
    let show = villages.iter().find(|village| village.name == SHOWCASE).or_else(|| villages.first());
    Ok(show.ok_or("no village")?.code)
}
