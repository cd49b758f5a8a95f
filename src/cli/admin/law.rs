//! `sunvote admin adopt` and `accept`: what goes to the roots, and what comes back.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::found::founding::Adoption;
use crate::cli::Failure;
use crate::cli::admin::import::read;
use crate::cli::opened::{ConfigFile, hold, open, runtime};
use crate::cli::secret::write_whole;
use crate::core::defaults;
use crate::core::ids::{PublicKey, VillageCode};
use crate::log::ceremony::{self, Item, words};

/// Rule profiles, calendars, a catalogue.
#[derive(Debug, Args)]
pub(in crate::cli) struct Law {
    /// Rule profiles, JSON as in src/core/profiles.json.
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// Calendars, JSON as in src/core/calendars.json.
    #[arg(long, value_name = "FILE")]
    calendars: Option<PathBuf>,
    /// A catalogue, JSON as in docs/catalogue.example.json.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
}

impl Law {
    /// What the files hold; of profiles and calendars, without one, those shipped, or none.
    pub(in crate::cli) fn adoption(&self, shipped: bool) -> Result<Adoption, Failure> {
        let profiles = if shipped { defaults::profiles() } else { Vec::new() };
        let calendars = if shipped { defaults::calendars() } else { Vec::new() };
        Ok(Adoption {
            profiles: self.profiles.as_ref().map_or(Ok(profiles), |path| json(path))?,
            calendars: self.calendars.as_ref().map_or(Ok(calendars), |path| json(path))?,
            catalogue: self.catalogue.as_ref().map(|path| json(path)).transpose()?,
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    Ok(serde_json::from_slice(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// A request to the roots: who signs it, where it goes, and whose district it is.
#[derive(Debug, Args)]
pub(in crate::cli) struct Request {
    /// The two root keys that are to sign, if not the first two on record.
    #[arg(long = "root", value_name = "HEX")]
    pub(in crate::cli) roots: Vec<PublicKey>,
    /// The request to be carried to the roots; must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
}

impl Request {
    /// Writes what is to be signed, and says who must sign it.
    pub(in crate::cli) fn write(&self, items: &[Item]) -> Result<(), Failure> {
        write_request(items, &self.output)
    }
}

/// Writes what is to be signed, and says who must sign it.
pub(in crate::cli) fn write_request(items: &[Item], output: &Path) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    ceremony::write(items, &mut bytes)?;
    write_whole(output, &bytes)?;
    println!("{} statements are in {}, to be signed within 30 days by", items.len(), output.display());
    for (key, count) in words::missing(items) {
        println!("  root {} ({count} statements)", words::fingerprint(&key));
    }
    Ok(())
}

/// Prepare rule profiles, calendars and a catalogue for the roots to sign.
#[derive(Debug, Args)]
#[command(
    after_help = "A profile in force is replaced by one of the same code and a higher version. Founding adopts those shipped.

Examples:
  sunvote admin adopt --profiles ours.json -o profiles.request
  sunvote admin adopt --catalogue catalogue.json -o catalogue.request
  sunvote admin adopt --calendars 2027.json --village 331102206201 -o calendar.request"
)]
pub(in crate::cli) struct Adopt {
    #[command(flatten)]
    law: Law,
    /// In this village only, may be given more than once; without it in all.
    #[arg(long = "village", value_name = "CODE")]
    villages: Vec<VillageCode>,
    #[command(flatten)]
    request: Request,
}

impl Adopt {
    /// Prepares the request.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let law = self.law.adoption(false)?;
        if law.profiles.is_empty() && law.calendars.is_empty() && law.catalogue.is_none() {
            return Err("give --profiles, --calendars or --catalogue".into());
        }
        let config = self.request.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let villages = if self.villages.is_empty() { app.villages().await? } else { self.villages.clone() };
            let items = app.prepare_law(&villages, &self.request.roots, &law).await;
            app.stop().await;
            self.request.write(&items?)
        })
    }
}

/// Put on record what the district's roots have signed.
#[derive(Debug, Args)]
#[command(after_help = "All of the file is judged before any of it is put on record; the same file again does no harm.
Stop the server first.

Examples:
  sunvote admin accept founding.signed")]
pub(in crate::cli) struct Accept {
    /// The file with both roots' signatures.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

impl Accept {
    /// Puts it on record.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}; nothing was put on record", self.file.display());
        let file = File::open(&self.file).map_err(|error| at(&error))?;
        let items = ceremony::read(BufReader::new(file)).map_err(|error| at(&error))?;
        let config = self.config.load()?;
        let _alone = hold(&config)?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let taken = app.accept(items).await;
            // Waits until what was taken is in the derived tables too.
            app.stop().await;
            let taken = taken?;
            println!("{} statements put on record, {} were there already", taken.recorded, taken.known);
            Ok(())
        })
    }
}
