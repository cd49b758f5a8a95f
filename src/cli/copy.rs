//! `sunvote copy`: a district's database into another one.

use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::{App, Parts, copied};
use crate::cli::Failure;
use crate::cli::opened::{ConfigFile, MachineClock, runtime, vault_key, wrong_key};
use crate::cli::output::say;
use crate::cli::secret::seed;
use crate::config::Config;
use crate::log::verify::Verdict;
use crate::store::copy::{CHECK, Progress, Whole};
use crate::store::db::{Db, Options};
use crate::store::objects::Objects;
use crate::store::presence::Use;
use crate::store::vault::Vault;

/// Copy a district's database into another, of either engine.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop every server of both databases first. Interrupted at any moment, the same command goes on.
The target must be empty, or an unfinished copy of the same record. Log-ins are not copied: people log in again.
Documents and keys lie outside the database; the last lines say which files to move.

Examples:
  sunvote copy --from sqlite:data/sunvote.sqlite --to postgres://sunvote@db.example/sunvote
  sunvote copy --from postgres://sunvote@db.example/sunvote --to sqlite:/var/lib/sunvote/sunvote.sqlite --verify"
)]
pub(in crate::cli) struct Copy {
    /// The database to copy: sqlite:<file> or postgres://…
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database to copy into.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Judge every record in the target by the law, as `sunvote verify` does; without, only that each log is whole.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Copy {
    /// Copies.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        if self.from == self.to {
            return Err("--from and --to name the same database".into());
        }
        runtime()?.block_on(async {
            let alone = || Options { how: Use::Alone, ..Options::default() };
            let from = Db::open(&self.from, Options { make: false, ..alone() }).await;
            let from = from.map_err(|error| format!("--from: {error}"))?;
            let to = Db::open(&self.to, alone()).await.map_err(|error| format!("--to: {error}"))?;
            let done = self.copy(&from, &to).await;
            to.close().await;
            from.close().await;
            done
        })
    }

    async fn copy(&self, from: &Db, to: &Db) -> Result<(), Failure> {
        let witness = from.is_witness().await?;
        // Found out before hours of copying, not after.
        let ours = if witness { None } else { Some(self.vault(from).await?) };
        let mut shown = Shown::default();
        let whole = from.copy_to(to, &mut |progress| shown.show(progress)).await?;
        told(&whole)?;
        if whole.before {
            say("All of it was there already; nothing was copied.\n")?;
            return match &ours {
                Some((config, vault)) if self.verify => self.with_app(to, config, vault, &whole, true).await,
                _ => Ok(()),
            };
        }
        to.begin_projecting().await?;
        if let Some((config, vault)) = &ours {
            self.with_app(to, config, vault, &whole, false).await?;
        }
        for held in [from, to] {
            held.was_held().await.map_err(|error| format!("{error}; copy again: it goes on"))?;
        }
        to.end_copy().await?;
        say("Copied. Do not start a server on the source again: it would make a second history.\n")?;
        let next = match ours {
            Some((config, _)) => left_to_do(&config),
            None => "Keys of the witness are where they were: witness.keys in its data folder.\n".to_owned(),
        };
        Ok(say(&next)?)
    }

    /// The settings and the vault, whose key must fit.
    async fn vault(&self, from: &Db) -> Result<(Config, Vault), Failure> {
        let config = self.config.load()?;
        let path = config.vault_key();
        let vault = Vault::new(&vault_key(&path, false)?);
        if copied::opens(from, &vault).await? { Ok((config, vault)) } else { Err(wrong_key(&path)) }
    }

    /// What follows once the rows are there: tables for pages, unless they have been made `before`, and judging.
    async fn with_app(
        &self,
        to: &Db,
        config: &Config,
        vault: &Vault,
        whole: &Whole,
        before: bool,
    ) -> Result<(), Failure> {
        let objects = Objects::folder(&config.documents())?;
        let parts =
            Parts { db: to.clone(), vault: vault.clone(), objects, clock: Arc::new(MachineClock), seed: seed()? };
        let app = App::start(parts);
        let done = self.finish(&app, whole, before).await;
        app.stop().await;
        done
    }

    async fn finish(&self, app: &App, whole: &Whole, before: bool) -> Result<(), Failure> {
        if !before {
            make_tables(app, whole).await?;
        }
        if self.verify { judge_all(app, whole).await } else { Ok(()) }
    }
}

async fn make_tables(app: &App, whole: &Whole) -> Result<(), Failure> {
    let bar = bar(Some(whole.villages), "villages");
    bar.set_prefix("tables for pages");
    let mut made = 0_u64;
    app.project_copied(|_| {
        made += 1;
        bar.inc(1);
    })
    .await?;
    bar.finish_and_clear();
    Ok(say(&format!("{:<24}{made} villages\n", "tables for pages"))?)
}

async fn judge_all(app: &App, whole: &Whole) -> Result<(), Failure> {
    let bar = bar(Some(whole.villages), "villages");
    bar.set_prefix("judged");
    for village in app.villages().await? {
        let report = app.verify_copied(village).await?;
        if report.verdict() != Verdict::Lawful {
            return Err(format!(
                "the record of village {village} is not complete and lawful; see `sunvote export` and `sunvote verify`"
            )
            .into());
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(say(&format!("{:<24}{} records, complete and lawful\n", "judged", whole.villages))?)
}

fn told(whole: &Whole) -> Result<(), Failure> {
    let Whole { villages, entries, districts, leaves, .. } = whole;
    Ok(say(&format!(
        "Heads and checkpoints are equal, and every log in the target was computed anew from its entries:\n\
         {villages} villages with {entries} entries, {districts} districts with {leaves} leaves.\n"
    ))?)
}

fn left_to_do(config: &Config) -> String {
    let (folder, key) = (config.documents(), config.vault_key());
    format!(
        "Next: set `database_url` to the target, and start the server. It asks its witnesses before it signs anything.\n\
         On another machine it also needs:\n  {}  the papers that records name\n  {}  the key of the vault\n",
        folder.display(),
        key.display()
    )
}

fn bar(of: Option<u64>, unit: &str) -> ProgressBar {
    let template = match of {
        Some(_) => {
            format!("{{prefix:<24}}{{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{per_sec}}, {{eta}} left {{msg}}")
        }
        None => format!("{{prefix:<24}}{{spinner}} {{human_pos}} {unit} {{per_sec}}"),
    };
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = of.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style)
}

/// The bar of the step under way; a step that is through is a line of output.
#[derive(Default)]
struct Shown {
    step: Option<(&'static str, ProgressBar)>,
}

impl Shown {
    fn show(&mut self, progress: Progress) {
        let Progress { step, rows, of, villages, done } = progress;
        if self.step.as_ref().is_none_or(|(shown, _)| *shown != step) {
            let bar = bar(of, "rows");
            // What is there from before says nothing about the rate.
            bar.set_position(rows);
            bar.reset_eta();
            bar.set_prefix(step);
            self.step = Some((step, bar));
        }
        let Some((_, bar)) = &self.step else { return };
        bar.set_position(rows);
        if let Some((done, of)) = villages {
            bar.set_message(format!("({done} of {of} villages)"));
        }
        if done {
            bar.finish_and_clear();
            self.step = None;
            let what = if step == CHECK { "entries computed anew" } else { "rows" };
            // A closed pipe ends no copy.
            let _ = say(&format!("{step:<24}{rows} {what}\n"));
        }
    }
}
