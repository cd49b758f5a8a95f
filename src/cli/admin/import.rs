//! `sunvote admin import`: the files that a district begins with. Which one it is, the header tells.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::App;
use crate::app::documents::sniff;
use crate::app::found::FoundError;
use crate::app::found::founding::Plan;
use crate::app::found::people::TermPlan;
use crate::app::import::officers::{self, officers};
use crate::app::import::{self, Fault, FileKind, MOST_BYTES, PEOPLE, VILLAGES, places};
use crate::app::pdf;
use crate::cli::Failure;
use crate::cli::admin::law::{Law, write_request};
use crate::cli::opened::{ConfigFile, open, runtime};
use crate::config::Config;
use crate::core::clock::Date;
use crate::core::ids::PublicKey;
use crate::core::model::Media;

/// Take in villages.csv, officers.csv, people.csv or places.csv: all of it or nothing.
#[derive(Debug, Args)]
#[command(after_help = "villages.csv   code,name,township_code,township       prepares foundings for two roots to sign
officers.csv   place,name,role,key                    who signs first; alone: officials in villages founded already
people.csv     village,name,roles,group               drafts the term of each village for clerk and supervision
                                                      committee, who find it among their tasks
places.csv     code,name                              names of provinces (2 digits), prefectures (4) and districts (6)

Examples:
  sunvote admin import villages.csv --officers officers.csv --root 3f…a1 --root 77…0c -o founding.request
  sunvote admin import officers.csv -o officials.request
  sunvote admin import people.csv --result election.pdf")]
pub(in crate::cli) struct Import {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// With villages.csv: the first clerk and supervision committee of each, and officials.
    #[arg(long, value_name = "FILE")]
    officers: Option<PathBuf>,
    /// A root key of the district, in hex, 2 to 9 times; the first two sign.
    #[arg(long = "root", value_name = "HEX")]
    roots: Vec<PublicKey>,
    /// The request to be carried to the roots; must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With people.csv: the election's result, a scan, photograph or text.
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
    /// With people.csv: the first day of the term; today if not given.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// With people.csv: the last day; five years later if not given.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    #[command(flatten)]
    law: Law,
    #[command(flatten)]
    config: ConfigFile,
}

impl Import {
    /// Reads the file and prepares what follows from it.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let bytes = read(&self.file)?;
        let kind = FileKind::of(&bytes).ok_or_else(|| {
            format!(
                "{}: line 1: the header is none of “{VILLAGES}”, “{}”, “{PEOPLE}”, “{}”",
                self.file.display(),
                officers::HEADER,
                places::HEADER
            )
        })?;
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let done = match kind {
                FileKind::Villages => self.villages(&app, &config, &bytes).await,
                FileKind::Officers => self.officials(&app, &bytes).await,
                FileKind::People => self.people(&app, &bytes).await,
                FileKind::Places => self.places(&app, &bytes).await,
            };
            app.stop().await;
            done
        })
    }

    async fn villages(&self, app: &App, config: &Config, bytes: &[u8]) -> Result<(), Failure> {
        let villages = import::villages(bytes).map_err(|faults| told(&self.file, &faults))?;
        let file = self.officers.as_ref().ok_or("give the first officers with --officers officers.csv")?;
        let officers = officers(&read(file)?).map_err(|faults| told(file, &faults))?;
        let plan = Plan {
            host: config.public_origin.authority().to_owned(),
            roots: self.roots.clone(),
            law: self.law.adoption(true)?,
        };
        let output = self.output.as_ref().ok_or("say with -o where to write the request")?;
        let items = app.prepare_founding(&villages, &officers, &plan).await.map_err(|error| self.told(error))?;
        write_request(&items, output)
    }

    async fn officials(&self, app: &App, bytes: &[u8]) -> Result<(), Failure> {
        let rows = officers(bytes).map_err(|faults| told(&self.file, &faults))?;
        let output = self.output.as_ref().ok_or("say with -o where to write the request")?;
        write_request(&app.prepare_officials(&rows, &self.roots).await?, output)
    }

    async fn places(&self, app: &App, bytes: &[u8]) -> Result<(), Failure> {
        let rows = places::places(bytes).map_err(|faults| told(&self.file, &faults))?;
        app.name_places(&rows).await?;
        println!("{} places named", rows.len());
        Ok(())
    }

    async fn people(&self, app: &App, bytes: &[u8]) -> Result<(), Failure> {
        let known: BTreeSet<_> = app.villages().await?.into_iter().collect();
        let rows = import::people(bytes, &known).map_err(|faults| told(&self.file, &faults))?;
        let file = self.result.as_ref().ok_or("give the election's result with --result")?;
        let result = read(file)?;
        if let (Some(Media::Pdf), Err(told)) = (sniff(&result), pdf::clean(&result)) {
            let (left, carries) = (told.left.code(), told.carries.join(", "));
            eprintln!("{}: a {left} PDF, kept with what its program noted in it: {carries}", file.display());
        }
        let plan = TermPlan { from: self.from, until: self.until, result };
        for waiting in app.prepare_terms(&rows, &plan).await.map_err(|error| self.told(error))? {
            println!("{}: {} people, to be signed by {}", waiting.village, waiting.people, waiting.expires);
        }
        println!("Clerk and supervision committee of each village find it under “My tasks”.");
        Ok(())
    }

    fn told(&self, error: FoundError) -> Failure {
        match error {
            FoundError::Faults(faults) => told(&self.file, &faults),
            error => error.into(),
        }
    }
}

/// A file's bytes, if it is of a size that is taken.
pub(in crate::cli) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    if std::fs::metadata(path).map_err(at)?.len() > MOST_BYTES as u64 {
        return Err(format!("{}: larger than 64 MiB", path.display()).into());
    }
    Ok(std::fs::read(path).map_err(at)?)
}

/// Every fault on a line of its own.
fn told(path: &Path, faults: &[Fault]) -> Failure {
    let lines = faults.iter().map(|fault| format!("{}: {fault}", path.display()));
    let lines: Vec<String> = lines.collect();
    format!("nothing was imported\n{}", lines.join("\n")).into()
}
