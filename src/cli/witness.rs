//! `sunvote witness`: what an inspector runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use crate::app::{App, Parts};
use crate::cli::Failure;
use crate::cli::opened::{MachineClock, database, hold, runtime, start_logging};
use crate::cli::secret::{seed, write_secret};
use crate::core::ids::VillageCode;
use crate::http::server::Server;
use crate::http::state::AppState;
use crate::store::error::StoreError;
use crate::store::objects::Objects;
use crate::store::vault::Vault;
use crate::witness::Witness as Watching;
use crate::witness::alarm::Alarm;
use crate::witness::follower::Progress;
use crate::witness::keys::Keys;
use crate::witness::serve;
use crate::witness::settings::Settings;

/// Exit status when something is wrong with what is watched.
const ALARMED: u8 = 2;
/// Most alarms printed.
const MOST: u64 = 1_000;

/// Watch a district from a machine of one's own.
#[derive(Debug, Args)]
pub(in crate::cli) struct Witness {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the witness's keys and print what others need to know of them.
    #[command(after_help = "Example:\n  sunvote witness init --config /etc/sunvote/witness.toml")]
    Init(File),
    /// Cosign, follow and serve until told to stop; or look once.
    #[command(after_help = "Examples:
  sunvote witness run --config /etc/sunvote/witness.toml
  sunvote witness run --once || echo 'something is wrong'")]
    Run {
        #[command(flatten)]
        file: File,
        /// Look at the district once and end: 0 if all is well, 2 if there is an alarm.
        #[arg(long)]
        once: bool,
    },
    /// Say where the witness stands with each village.
    #[command(after_help = "Example:\n  sunvote witness status --config /etc/sunvote/witness.toml")]
    Status(File),
    /// Ask the other witnesses, where they can be reached, and print every alarm: 0 if there is none, 2 otherwise.
    #[command(after_help = "Example:\n  sunvote witness check --evidence /tmp/evidence")]
    Check {
        #[command(flatten)]
        file: File,
        /// Write the evidence of each alarm into this folder.
        #[arg(long, value_name = "FOLDER")]
        evidence: Option<PathBuf>,
    },
    /// Read on in a village that an alarm stopped, once it is settled. What is not lawful stops it again.
    #[command(after_help = "Example:\n  sunvote witness resume 331102001206")]
    Resume {
        #[command(flatten)]
        file: File,
        /// Which village.
        village: VillageCode,
    },
}

#[derive(Debug, Args)]
struct File {
    /// The settings file; see witness.sample.toml.
    #[arg(long, value_name = "FILE", default_value = "witness.toml")]
    config: PathBuf,
}

impl File {
    fn load(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.config, std::env::vars())?)
    }
}

impl Witness {
    /// Runs the command; the exit status says whether something is wrong.
    pub(in crate::cli) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Init(file) => init(&file).map(|()| false),
            Command::Run { file, once } => watch(&file, once),
            Command::Status(file) => status(&file).map(|()| false),
            Command::Check { file, evidence } => check(&file, evidence.as_deref()),
            Command::Resume { file, village } => resume(&file, village).map(|()| false),
        };
        match done {
            Ok(false) => ExitCode::SUCCESS,
            Ok(true) => ExitCode::from(ALARMED),
            Err(error) => {
                eprintln!("sunvote: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

fn key_file(settings: &Settings) -> PathBuf {
    settings.serve.data_dir.join("witness.keys")
}

fn init(file: &File) -> Result<(), Failure> {
    let settings = file.load()?;
    std::fs::create_dir_all(&settings.serve.data_dir)?;
    let (one, two) = (Zeroizing::new(seed()?), Zeroizing::new(seed()?));
    let text = Keys::text(&settings.name, &one, &two);
    write_secret(&key_file(&settings), &text)?;
    let keys = read_keys(&settings)?;
    let url = format!("{}/witness", settings.serve.public_origin);
    println!("Keys of this witness, for those who judge by it:");
    println!("  {}\n  {}\n  {}", keys.consistency(), keys.lawful(), keys.vouching());
    println!("Line for the policy of the district's server:");
    println!("  witness {} {} {url}", settings.name, keys.consistency());
    println!("The keys lie in {}; nobody else may read it.", key_file(&settings).display());
    Ok(())
}

fn read_keys(settings: &Settings) -> Result<Keys, Failure> {
    let path = key_file(settings);
    let text = std::fs::read_to_string(&path).map(Zeroizing::new);
    let text = text.map_err(|error| format!("{}: {error}; make it with `sunvote witness init`", path.display()))?;
    let keys = Keys::parse(&text, &settings.name);
    keys.ok_or_else(|| format!("{}: not the keys of {}", path.display(), settings.name).into())
}

/// Opens the witness's store over its keys.
async fn open(settings: Settings) -> Result<Watching, Failure> {
    let keys = read_keys(&settings)?;
    settings.serve.settle_origin()?;
    let db = database(&settings.serve).await?;
    let objects = Objects::folder(&settings.serve.data_dir.join("documents"))?;
    let vault = Vault::new(keys.seed());
    let app = App::start(Parts { db, vault, objects, clock: Arc::new(MachineClock), seed: seed()? });
    Ok(Watching::start(app, settings, keys))
}

async fn close(witness: &Watching) {
    witness.app().stop().await;
    witness.db().close().await;
}

fn watch(file: &File, once: bool) -> Result<bool, Failure> {
    let settings = file.load()?;
    start_logging(&settings.serve)?;
    let _alone = hold(&settings.serve)?;
    runtime()?.block_on(async {
        let server = if once { None } else { Some(Server::bind(settings.serve.listen)?) };
        let config = settings.serve.clone();
        let witness = open(settings).await?;
        let Some(server) = server else {
            let round = witness.round(&shown).await?;
            println!(
                "{} leaves, {} villages, {} entries read; {} checkpoints cosigned; {} alarms",
                round.leaves, round.villages, round.entries, round.cosigned, round.alarms
            );
            let alarmed = print_alarms(&witness, None).await?;
            close(&witness).await;
            return if round.hindered > 0 && !alarmed {
                Err("not everything could be read".into())
            } else {
                Ok(alarmed)
            };
        };
        let state = AppState::new(config, witness.app().clone());
        let waiting = tokio::spawn(crate::cli::serve::stop_when_told(server.stopper(&state)));
        tracing::info!(address = %server.address(), witness = witness.settings().name, "watching");
        let ended = serve::serve(witness, server, state).await;
        waiting.abort();
        Ok(ended.map(|()| false)?)
    })
}

fn shown(progress: Progress) {
    let Progress { done, of, entries } = progress;
    if done.is_multiple_of(of.div_ceil(20).max(1)) {
        eprintln!("{done} of {of} villages, {entries} entries");
    }
}

fn status(file: &File) -> Result<(), Failure> {
    with_store(file, async |witness| {
        let code = witness.district();
        let read = witness.db().read("status", |tx| {
            Box::pin(async move { Ok::<_, StoreError>((tx.followed_district(code).await?, tx.all_followed().await?)) })
        });
        let (district, followed) = read.await?;
        match district {
            Some(district) => println!("looked last at {}", district.fetched),
            None => println!("has not looked yet"),
        }
        println!("village       listed  lawful  pushed");
        for one in followed {
            let stopped = one.stopped.map(|alarm| format!("  stopped by alarm {alarm}")).unwrap_or_default();
            println!("{}  {:>6}  {:>6}  {:>6}{stopped}", one.village, one.listed, one.lawful, one.pushed);
        }
        Ok(())
    })
}

fn check(file: &File, evidence: Option<&Path>) -> Result<bool, Failure> {
    with_store(file, async |witness| {
        // Where there is no network, what is on record is told all the same.
        witness.ask_others(true).await?;
        let silent = witness.is_silent().await?;
        if silent {
            println!("the server has given no good answer for too long, or the witness does not run");
        }
        Ok(print_alarms(&witness, evidence).await? || silent)
    })
}

fn resume(file: &File, village: VillageCode) -> Result<(), Failure> {
    with_store(file, async |witness| {
        let now = witness.now();
        let resumed: Result<bool, StoreError> =
            witness.db().write("resume", |tx| Box::pin(tx.resume_village(village, now))).await;
        if resumed? { Ok(()) } else { Err(format!("{village}: not in the directory").into()) }
    })
}

/// Opens the store beside a running witness, does something with it, and closes it.
fn with_store<T>(file: &File, work: impl AsyncFnOnce(Watching) -> Result<T, Failure>) -> Result<T, Failure> {
    let settings = file.load()?;
    runtime()?.block_on(async {
        let witness = open(settings).await?;
        let done = work(witness.clone()).await;
        close(&witness).await;
        done
    })
}

/// Prints every alarm; whether there is any.
async fn print_alarms(witness: &Watching, evidence: Option<&Path>) -> Result<bool, Failure> {
    let read = witness.db().read("alarms", |tx| Box::pin(tx.alarms(MOST)));
    let rows = read.await.map_err(|error: StoreError| error)?;
    for row in &rows {
        let Some(alarm) = Alarm::of(row) else { continue };
        let entry = alarm.entry.map(|entry| format!(", entry {entry}")).unwrap_or_default();
        println!("{} {} {}{entry}", row.time, row.kind, alarm.origin);
        println!("  expected {}; found {}", alarm.expected, alarm.found);
        if let (Some(folder), Some(bytes)) = (evidence, &row.evidence) {
            std::fs::create_dir_all(folder)?;
            let path = folder.join(format!("{}-{}", row.kind, row.alarm));
            std::fs::write(&path, bytes)?;
            println!("  evidence in {}", path.display());
        }
    }
    Ok(!rows.is_empty())
}
