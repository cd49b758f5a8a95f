//! `sunvote admin user`: officials of townships and the district. They act in many villages, so only roots enrol them.

use clap::{Args, Subcommand};

use crate::app::import::officers::{self, Place, officers};
use crate::cli::Failure;
use crate::cli::admin::law::Request;
use crate::cli::opened::{ConfigFile, open, runtime};
use crate::core::act::village::EndReason;
use crate::core::ids::{PersonId, PublicKey};
use crate::core::model::Role;

/// List, enrol and end officials of townships and the district.
#[derive(Debug, Args)]
pub(in crate::cli) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Officials who hold a role today.
    List(List),
    /// Prepare an official's enrolment for the roots to sign.
    Add(Add),
    /// Prepare the end of an official's role for the roots to sign.
    End(End),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote admin user list")]
struct List {
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
#[command(
    after_help = "People of a village are not enrolled here: import people.csv, then the clerk makes slips for their phones.

Examples:
  sunvote admin user add --name 叶秀英 --role township_approver --place 331102206 --key 3d…0c -o official.request"
)]
struct Add {
    /// The name.
    #[arg(long)]
    name: String,
    /// township_drafter, township_approver, township_discipline_officer, discipline_inspector or district_admin.
    #[arg(long)]
    role: Role,
    /// The township's code (9 digits) or the district's (6).
    #[arg(long, value_name = "CODE")]
    place: Place,
    /// The public key of the official's device, in hex.
    #[arg(long, value_name = "HEX")]
    key: PublicKey,
    #[command(flatten)]
    request: Request,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote admin user end --person 01ARZ3NDEKTSV4RRFFQ69G5FAV --role township_approver -o end.request")]
struct End {
    /// The official, as `sunvote admin user list` shows.
    #[arg(long, value_name = "ID")]
    person: PersonId,
    /// The role that ends.
    #[arg(long)]
    role: Role,
    /// In this township's villages only; without it everywhere.
    #[arg(long, value_name = "CODE")]
    place: Option<Place>,
    /// resignation, recall, death or office.
    #[arg(long, default_value = "office")]
    reason: EndReason,
    #[command(flatten)]
    request: Request,
}

impl User {
    /// Carries the command out.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(),
            Command::Add(add) => add.run(),
            Command::End(end) => end.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let officials = app.officials().await;
            app.stop().await;
            for official in officials? {
                let (role, count) = (official.role.code(), official.villages.len());
                println!("{}  {role:<28} {count:>4} villages  {}", official.person, official.name);
            }
            Ok(())
        })
    }
}

impl Add {
    fn run(&self) -> Result<(), Failure> {
        // The same checks as for a file.
        let mut file = csv::Writer::from_writer(Vec::new());
        file.write_record(officers::HEADER.split(','))?;
        let (place, key) = (self.place.to_string(), self.key.to_string());
        file.write_record([&place, &self.name, self.role.code(), &key])?;
        let told = |faults: Vec<crate::app::import::Fault>| {
            let told = |fault: &crate::app::import::Fault| {
                format!("{}: {}", fault.column.map(|column| format!("--{column}")).unwrap_or_default(), fault.reason)
            };
            faults.iter().map(told).collect::<Vec<_>>().join("\n")
        };
        let rows = officers(&file.into_inner()?).map_err(told)?;
        let config = self.request.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let items = app.prepare_officials(&rows, &self.request.roots).await;
            app.stop().await;
            self.request.write(&items?)
        })
    }
}

impl End {
    fn run(&self) -> Result<(), Failure> {
        let config = self.request.config.load()?;
        runtime()?.block_on(async {
            let app = open(&config).await?;
            let roots = &self.request.roots;
            let items = app.prepare_end(self.person, self.role, self.place, self.reason, roots).await;
            app.stop().await;
            self.request.write(&items?)
        })
    }
}
