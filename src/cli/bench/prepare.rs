//! `sunvote bench prepare`: villages of a load test, in a folder and a database that hold nothing else.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use crate::app::bench::{self, MOST_VILLAGES, MOST_VOTERS, Wanted};
use crate::app::publish::key_leaf;
use crate::cli::Failure;
use crate::cli::bench::plan::{Plan, Village};
use crate::cli::opened::{MachineClock, open, runtime, vault_key};
use crate::cli::secret::seed;
use crate::config::{Config, Rehearsal};
use crate::core::clock::Clock as _;
use crate::core::ids::PublicKey;
use crate::store::db::{Db, Options};
use crate::store::objects::Objects;
use crate::store::vault::Vault;

/// Make villages with an open vote each, in a folder and a database of their own.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing real is touched: the folder must be new or empty, and the database must hold no village. All
people, keys and records are invented; the votes stay open for two days.

Examples:
  sunvote bench prepare
  sunvote bench prepare --villages 1000 --voters 45
  sunvote bench prepare --folder peak --database postgres://sunvote@localhost/bench"
)]
pub(in crate::cli::bench) struct Prepare {
    /// The folder to make; new or empty.
    #[arg(long, value_name = "FOLDER", default_value = "bench")]
    folder: PathBuf,
    /// A database without any village, instead of an SQLite file in the folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How many villages.
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    villages: usize,
    /// Voters in each.
    #[arg(long, value_name = "NUMBER", default_value_t = 45)]
    voters: usize,
    /// Where the server of the load test will listen: on this machine only.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
}

impl Prepare {
    /// Makes it all.
    pub(in crate::cli::bench) fn run(self) -> Result<(), Failure> {
        if !(1..=MOST_VILLAGES).contains(&self.villages) || !(20..=MOST_VOTERS).contains(&self.voters) {
            return Err(format!("1 to {MOST_VILLAGES} villages of 20 to {MOST_VOTERS} voters each").into());
        }
        if !self.listen.ip().is_loopback() || self.listen.port() == 0 {
            return Err("a load test listens on this machine only, at a port that is named".into());
        }
        refuse_used(&self.folder)?;
        runtime()?.block_on(self.make())
    }

    async fn make(&self) -> Result<(), Failure> {
        let mut config = Config::local(self.listen, self.folder.join("data"));
        config.database_url.clone_from(&self.database);
        config.rehearsal = Rehearsal::default();
        // As advised for a voting day: a line for each ballot costs a twentieth of what the ballot does.
        "info,sqlx=warn,sunvote::http::observe=warn".clone_into(&mut config.log.level);
        let url = config.database();
        if self.database.is_some() && Db::holds_villages(&url).await? {
            return Err(
                "the database holds villages: a load test needs one without any, and never touches a district".into()
            );
        }
        std::fs::create_dir_all(&self.folder)?;
        config.settle_origin()?;
        let db = Db::open(&url, Options::default()).await?;
        let vault = Vault::new(&vault_key(&config.vault_key(), true)?);
        // Nobody relies on these documents: they need not be on disk one by one.
        let objects = Objects::folder_unsynced(&config.data_dir.join("documents"))?;
        let (now, seed) = (MachineClock.now(), seed()?);
        let host = self.listen.to_string();
        let wanted = Wanted { villages: self.villages, voters: self.voters, host, now, seed };
        let bar = ProgressBar::new(self.villages as u64);
        let made = bench::make(&db, &vault, &objects, &wanted, |count| bar.set_position(count as u64)).await?;
        bar.finish_and_clear();
        db.close().await;
        let roots = bench::roots(seed);
        let plan = Plan {
            made: now,
            listen: self.listen,
            roots: roots.iter().map(|root| PublicKey(root.verifying_key().to_bytes())).collect(),
            revision: 0,
            villages: made.into_iter().map(Village::from).collect(),
        };
        let app = open(&config).await?;
        for villages in plan.villages.chunks(500) {
            let keys = villages.iter().map(|village| plan.verifier(village));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            app.list_keys(keys.iter().filter_map(|key| key_leaf(key, &roots)).collect()).await?;
        }
        app.stop().await;
        app.db().close().await;
        std::fs::write(config_path(&self.folder), toml::to_string(&config)?)?;
        plan.save(&self.folder)?;
        println!(
            "{} villages, {} voters, votes open until {}",
            self.villages,
            plan.voters(),
            plan.villages[0].closes_at
        );
        println!("next: sunvote bench cast --folder {} --rate 100", self.folder.display());
        Ok(())
    }
}

/// Where the settings of the load test's server are.
pub(in crate::cli::bench) fn config_path(folder: &Path) -> PathBuf {
    folder.join("config.toml")
}

fn refuse_used(folder: &Path) -> Result<(), Failure> {
    let at = |what: &str| format!("{}: {what}", folder.display());
    match std::fs::read_dir(folder).map(Iterator::count) {
        Ok(0) => Ok(()),
        Ok(_) if Plan::path(folder).exists() => {
            Err(at("a load test is prepared here already; cast in it, or delete the folder and prepare anew").into())
        }
        Ok(_) => Err(at("is not empty; a load test needs a folder of its own").into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(&error.to_string()).into()),
    }
}
