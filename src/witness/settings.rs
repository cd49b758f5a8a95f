//! Settings of a witness: one TOML file, explained in `witness.sample.toml`. Keys and roots in it come from paper or from
//! hand to hand, never from the server that they judge.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::config::{Config, ConfigError, Origin};
use crate::core::ids::{DistrictCode, PublicKey};
use crate::log::district::{district_of, village_of};
use crate::log::note::{Algorithm, VerifierKey, is_key_name};

/// All settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the witness; its two keys are `<name>/consistency` and `<name>/lawful`.
    pub name: String,
    /// Verifier key of the district's log.
    pub log: VerifierKey,
    /// Where the district's server answers.
    pub server: Origin,
    /// The district's root keys.
    pub roots: Vec<PublicKey>,
    /// The key that signs releases of the client, if they are to be compared.
    pub releaser: Option<VerifierKey>,
    /// Further logs whose checkpoints are cosigned when they are consistent.
    pub also_cosign: Vec<VerifierKey>,
    /// Addresses of other witnesses of the district, to which it tells what it was shown.
    pub others: Vec<String>,
    /// Seconds from one look at the district to the next.
    pub poll_seconds: u64,
    /// Minutes without a good answer after which the server counts as silent.
    pub silence_minutes: u64,
    /// Longest wait for one answer of the server, in seconds.
    pub patience_seconds: u64,
    /// Where alarms are sent.
    pub webhook: Option<String>,
    /// How the witness itself is served.
    pub serve: Config,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    log: String,
    server: Origin,
    roots: Vec<PublicKey>,
    releaser: Option<String>,
    #[serde(default)]
    also_cosign: Vec<String>,
    #[serde(default)]
    others: Vec<String>,
    #[serde(default = "poll_seconds")]
    poll_seconds: u64,
    #[serde(default = "silence_minutes")]
    silence_minutes: u64,
    #[serde(default = "patience_seconds")]
    patience_seconds: u64,
    webhook: Option<String>,
    serve: toml::Table,
}

fn poll_seconds() -> u64 {
    5
}

fn silence_minutes() -> u64 {
    10
}

fn patience_seconds() -> u64 {
    30
}

fn wrong(key: &str, why: impl std::fmt::Display) -> ConfigError {
    ConfigError::Format(format!("`{key}`: {why}"))
}

fn verifier(key: &str, text: &str) -> Result<VerifierKey, ConfigError> {
    VerifierKey::parse(text).map_err(|error| wrong(key, error))
}

impl Settings {
    /// Reads a settings file and lays `environment` over its `[serve]` part, as `sunvote serve` does.
    ///
    /// # Errors
    /// What can't be read, parsed or used.
    pub fn load(path: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        Self::parse(&text, environment)
    }

    /// Parses the text of a settings file.
    ///
    /// # Errors
    /// What can't be parsed or used.
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| ConfigError::Format(error.to_string()))?;
        let serve = Config::parse(&file.serve.to_string(), environment)?;
        if !is_key_name(&file.name) {
            return Err(wrong("name", "a name without spaces and +, such as inspector.liandu.example"));
        }
        let log = verifier("log", &file.log)?;
        if district_of(log.name()).is_none() || log.algorithm() != Algorithm::Ed25519 {
            return Err(wrong("log", "the verifier key of a district's log, <host>/log/d/<code>+…"));
        }
        let roots: BTreeSet<_> = file.roots.iter().collect();
        if roots.len() < 2 || roots.len() < file.roots.len() {
            return Err(wrong("roots", "at least two of the district's root keys, each once"));
        }
        let also_cosign: Vec<_> =
            file.also_cosign.iter().map(|key| verifier("also_cosign", key)).collect::<Result<_, _>>()?;
        // What is merely consistent must not stand where the lawful checkpoints of the district's villages are kept.
        if also_cosign.iter().any(|key| village_of(key.name()).is_some()) {
            return Err(wrong("also_cosign", "no village's log: its record is read, and cosigned when it is lawful"));
        }
        let mut addresses = file.webhook.iter().chain(&file.others);
        let plain = addresses.any(|url| !url.starts_with("https://") && !is_local(url));
        if plain || (!file.server.is_https() && !file.server.is_loopback()) {
            return Err(wrong(
                "server, others, webhook",
                "addresses that begin with https:// unless they are on this machine",
            ));
        }
        if [file.poll_seconds, file.silence_minutes, file.patience_seconds].contains(&0) {
            return Err(wrong("poll_seconds, silence_minutes, patience_seconds", "more than 0"));
        }
        Ok(Self {
            name: file.name,
            log,
            server: file.server,
            roots: file.roots,
            releaser: file.releaser.as_deref().map(|key| verifier("releaser", key)).transpose()?,
            also_cosign,
            others: file.others.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
            poll_seconds: file.poll_seconds,
            silence_minutes: file.silence_minutes,
            patience_seconds: file.patience_seconds,
            webhook: file.webhook,
            serve,
        })
    }

    /// The district whose log is followed.
    #[must_use]
    pub fn district_code(&self) -> DistrictCode {
        // The name was checked when the settings were read.
        district_of(self.log.name()).map(|(_, district)| district).expect("a district log's origin")
    }

    /// Every log whose consistent checkpoints are cosigned.
    #[must_use]
    pub fn cosigned_logs(&self) -> Vec<VerifierKey> {
        std::iter::once(&self.log).chain(&self.also_cosign).cloned().collect()
    }

    /// Longest wait for one answer of the server.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds)
    }

    /// From one look at the district to the next.
    #[must_use]
    pub fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds)
    }

    /// Milliseconds without a good answer after which the server counts as silent.
    #[must_use]
    pub fn silence_ms(&self) -> i64 {
        i64::try_from(self.silence_minutes).unwrap_or(i64::MAX).saturating_mul(60_000)
    }
}

fn is_local(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    format!("http://{authority}").parse::<Origin>().is_ok_and(|origin| origin.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Settings;

    const SAMPLE: &str = include_str!("../../witness.sample.toml");

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse(text, std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_sample_parses_and_shows_the_defaults() {
        let whole: String = SAMPLE
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n")
            .collect();
        let (sample, whole) = (parse(SAMPLE).unwrap(), parse(&whole).unwrap());
        assert_eq!(sample.district_code().to_string(), "331102");
        assert_eq!(
            (sample.poll_seconds, sample.silence_minutes, sample.patience_seconds),
            (whole.poll_seconds, whole.silence_minutes, whole.patience_seconds)
        );
        assert!(sample.webhook.is_none() && whole.webhook.is_some() && whole.releaser.is_some());
        assert_eq!((whole.also_cosign.len(), whole.others.len(), sample.others.len()), (1, 1, 0));
    }

    /// A key that is sound but for the log it is of.
    const VILLAGE: &str =
        "also_cosign = [\"log.example/log/v/331102001206+68f7be7b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\"]";

    #[test]
    fn what_would_weaken_a_witness_is_refused() {
        let cases = [
            ("name = \"inspector.liandu.example\"", "name = \"two words\""),
            ("server = \"https://", "server = \"http://"),
            ("#webhook = \"https://", "webhook = \"http://"),
            ("#others = [\"https://", "others = [\"http://"),
            ("#poll_seconds = 5", "poll_seconds = 0"),
            ("#poll_seconds = 5", "pol_seconds = 5"),
            ("/log/d/331102+", "/log/v/331102001206+"),
            (
                "#also_cosign = [\"other.example/log/d/331103+93fb3808+AWbNYIuSi4jlDg7+qjP68cQ87+BylLC4fp/gq6ajz3Yz\"]",
                VILLAGE,
            ),
        ];
        for (from, to) in cases {
            assert!(SAMPLE.contains(from), "{from}");
            assert!(parse(&SAMPLE.replace(from, to)).is_err(), "{to}");
        }
        let one_root = SAMPLE.lines().filter(|line| !line.starts_with("    \"a09a")).map(|line| line.to_owned() + "\n");
        assert!(parse(&one_root.collect::<String>()).is_err());
    }
}
