//! Settings of a server: one TOML file, each key of which the environment may override.
//!
//! Key `limits.page_seconds` is overridden by `SUNVOTE_LIMITS_PAGE_SECONDS`. What is absent has the default that
//! `config.sample.toml` shows. A key that nobody knows is refused, so that a slip of the pen is seen at start.

mod oidc;
mod origin;
mod ways;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use crate::config::oidc::{Checking, Oidc};
pub use crate::config::origin::{Origin, Origins};
pub use crate::config::ways::{Mail, Push, Sms};

/// Prefix of the environment variables that override a key.
pub const ENV_PREFIX: &str = "SUNVOTE_";
/// Variables with that prefix that the build uses and the server doesn't.
const BUILD_VARIABLES: [&str; 1] = ["SUNVOTE_CACHE"];
/// Name of the file in the data folder that holds the public origin settled at the first start.
const ORIGIN_FILE: &str = "origin";

/// Why settings can't be used; each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of another kind than expected.
    #[error("settings: {0}")]
    Format(String),
    /// An environment variable names no key.
    #[error("environment variable {0} names no setting; see config.sample.toml")]
    UnknownVariable(String),
    /// Keys, camera and offline work need a secure origin.
    #[error(
        "`listen = \"{0}\"` is open to the network: set tls.certificate and tls.key, or tls.proxy = true when a reverse proxy holds the certificate"
    )]
    Insecure(SocketAddr),
    /// One of certificate and key is missing, or they stand beside a declared proxy.
    #[error("`[tls]` takes either both `certificate` and `key`, or `proxy = true`")]
    Tls,
    /// `http://` is for trying out on this machine only.
    #[error("`public_origin = \"{0}\"` must begin with https:// unless it is a loopback address")]
    PlainOrigin(Origin),
    /// Keys, kept pages and service workers of browsers belong to an origin.
    #[error("`rehearsal.public_origin` must be another than `public_origin`: another host or port")]
    SameOrigin,
    /// A provider is asked by a name and a secret that it has given out.
    #[error("`[oidc]` needs `issuer` (https://), `client_id` and `client_secret_file` together")]
    Oidc,
    /// A file can't be shared between machines.
    #[error("`cluster.address` needs a PostgreSQL in `database_url`: several servers can't share a SQLite file")]
    ClusterOnFile,
    /// Logs and keys are bound to the origin for ever.
    #[error(
        "`public_origin` is {configured}, but this data folder was founded as {settled}; logs and keys are bound to that one"
    )]
    OriginChanged {
        /// What the settings say now.
        configured: Origin,
        /// What was settled at the first start.
        settled: Origin,
    },
}

/// All settings. Each key is explained in `config.sample.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address under which people reach the server. Permanent: logs and keys are bound to it.
    pub public_origin: Origin,
    /// Address and port to listen on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Folder of the database (unless elsewhere) and the documents.
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// `postgres://…`, or `sqlite:<file>`; absent: `sunvote.sqlite` in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// File of the 32-byte key, in hex, under which the vault is encrypted; absent: `vault.key` in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_key_file: Option<PathBuf>,
    /// Folder of the documents' bytes, which all servers of a district share; absent: `documents` in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents_dir: Option<PathBuf>,
    /// Name of the district, shown in the head of each page.
    #[serde(default)]
    pub district_name: String,
    /// Telephone number of the district's inspector, shown wherever a person may doubt.
    #[serde(default)]
    pub inspector_phone: String,
    /// Transport security.
    #[serde(default)]
    pub tls: Tls,
    /// Bounds on what one request or one address may ask for.
    #[serde(default)]
    pub limits: Limits,
    /// Publication of checkpoints, and who cosigns them.
    #[serde(default)]
    pub publish: Publish,
    /// Several servers on one database.
    #[serde(default)]
    pub cluster: Cluster,
    /// Printed papers.
    #[serde(default)]
    pub print: Print,
    /// Rehearsals of sessions.
    #[serde(default)]
    pub rehearsal: Rehearsal,
    /// The publicity window on other sites.
    #[serde(default)]
    pub embed: Embed,
    /// What is sent to other programs.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// Programs that may read what is not for everybody.
    #[serde(default)]
    pub programs: Programs,
    /// E-mail to people.
    #[serde(default)]
    pub mail: Mail,
    /// Messages to people's browsers.
    #[serde(default)]
    pub push: Push,
    /// Text messages to people.
    #[serde(default)]
    pub sms: Sms,
    /// Log-in by an account elsewhere.
    #[serde(default)]
    pub oidc: Oidc,
    /// What is written about each request.
    #[serde(default)]
    pub log: Log,
}

/// The publicity window on other sites.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Embed {
    /// Sites that may frame it; none by default.
    pub origins: Origins,
}

/// What is sent to other programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// File that names the endpoints; absent: nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<PathBuf>,
}

/// Programs that may read what is not for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Programs {
    /// File that names them; absent: there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

/// Printed papers: ballots, minutes, notices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Print {
    /// File of the font; absent: what is found on the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<PathBuf>,
    /// File of its bold; absent: `font`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bold: Option<PathBuf>,
}

/// Rehearsals of sessions, which have an address of their own: there are none where `listen` or `public_origin` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rehearsal {
    /// Address and port to listen on for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Address under which people reach them: another than the district's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_origin: Option<Origin>,
    /// How many may run at once, each of one village.
    pub most: usize,
}

impl Default for Rehearsal {
    fn default() -> Self {
        Self { listen: None, public_origin: None, most: 4 }
    }
}

impl Rehearsal {
    /// On this machine, to be tried out: at the port after `listen`'s.
    #[must_use]
    fn beside(listen: SocketAddr) -> Self {
        let port = listen.port().checked_add(1).filter(|_| listen.port() != 0).unwrap_or(0);
        Self::default().at(SocketAddr::new(listen.ip(), port))
    }

    /// The same at an address of this machine.
    #[must_use]
    pub fn at(self, listen: SocketAddr) -> Self {
        Self { listen: Some(listen), public_origin: Some(Origin::of(listen)), ..self }
    }
}

/// Several servers on one database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cluster {
    /// Where the other servers reach this one; absent: there is no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Origin>,
    /// Whether the database is spread over several machines by village.
    pub sharded: bool,
}

/// Publication of checkpoints, and who cosigns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// Shortest time from one publication to the next, in milliseconds.
    pub every_ms: u64,
    /// File in the tlog-policy format: the witnesses of the district's log, their addresses, and how many are enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PathBuf>,
    /// File in the same format: those who replay villages' records and cosign the lawful ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lawful_policy: Option<PathBuf>,
    /// Longest wait for a witness's answer, in seconds.
    pub witness_seconds: u64,
}

impl Default for Publish {
    fn default() -> Self {
        Self { every_ms: 1_000, policy: None, lawful_policy: None, witness_seconds: 5 }
    }
}

/// Transport security: an own certificate, or a reverse proxy that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// PEM file with the certificate chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// PEM file with the certificate's private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// A reverse proxy in front ends TLS and sets `X-Forwarded-For`.
    pub proxy: bool,
}

/// Bounds on what one request or one address may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body of an ordinary request, in bytes.
    pub body_bytes: usize,
    /// Largest upload of documents and photos, in bytes.
    pub upload_bytes: usize,
    /// Longest time for one answer, in seconds.
    pub request_seconds: u64,
    /// The same where documents and photos are sent, in seconds.
    pub upload_seconds: u64,
    /// Longest wait for the next part of a request, in seconds.
    pub idle_seconds: u64,
    /// Log-in attempts per address and minute.
    pub logins_per_minute: u32,
    /// Evaluations of cards with a PIN, and proofs that it was right, per address and minute: a whole hall may come from one.
    pub cards_per_minute: u32,
    /// Enrolment attempts per address and hour.
    pub enrolments_per_hour: u32,
    /// Suggestions, objections and the like from people without a key, per address and hour.
    pub submissions_per_hour: u32,
    /// Statements, further signatures and filled forms that one key hands in, per hour.
    pub statements_per_hour: u32,
    /// Ballots that the server refused and a witness is handed, per address and hour: a whole hall may come from one.
    pub handed_in_per_hour: u32,
    /// What a terminal in a hall delivers in a minute: after a break all that waited comes at once. As many attempts at it for
    /// which no terminal vouches, per address and minute.
    pub deliveries_per_minute: u32,
    /// Packages for the archive under way at one time: each is made anew, and may be large.
    pub packages: usize,
    /// Those of one address.
    pub packages_per_address: usize,
    /// Connections on which pages are told what happens, at one time.
    pub listeners: usize,
    /// Those of one address: a whole hall may come from one.
    pub listeners_per_address: usize,
    /// Longest wait for running requests at shutdown, in seconds.
    pub shutdown_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            upload_bytes: 64 * 1024 * 1024,
            request_seconds: 30,
            upload_seconds: 600,
            idle_seconds: 15,
            logins_per_minute: 20,
            cards_per_minute: 240,
            enrolments_per_hour: 60,
            submissions_per_hour: 60,
            statements_per_hour: 600,
            handed_in_per_hour: 1_200,
            deliveries_per_minute: 600,
            packages: 8,
            packages_per_address: 2,
            listeners: 2_000,
            listeners_per_address: 100,
            shutdown_seconds: 10,
        }
    }
}

/// What is written about each request, to standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`; or a filter such as `info,sqlx=warn`.
    pub level: String,
    /// `json` for machines or `text` for people.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info,sqlx=warn".to_owned(), format: LogFormat::Json }
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// A line for people.
    Text,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("data")
}

/// Each key of the settings, as a path with dots. A test holds it equal to the fields above and to the sample.
pub const KEYS: [&str; 58] = [
    "public_origin",
    "listen",
    "data_dir",
    "database_url",
    "vault_key_file",
    "documents_dir",
    "district_name",
    "inspector_phone",
    "tls.certificate",
    "tls.key",
    "tls.proxy",
    "limits.body_bytes",
    "limits.upload_bytes",
    "limits.request_seconds",
    "limits.upload_seconds",
    "limits.idle_seconds",
    "limits.logins_per_minute",
    "limits.cards_per_minute",
    "limits.enrolments_per_hour",
    "limits.submissions_per_hour",
    "limits.statements_per_hour",
    "limits.handed_in_per_hour",
    "limits.deliveries_per_minute",
    "limits.packages",
    "limits.packages_per_address",
    "limits.listeners",
    "limits.listeners_per_address",
    "limits.shutdown_seconds",
    "publish.every_ms",
    "publish.policy",
    "publish.lawful_policy",
    "publish.witness_seconds",
    "cluster.address",
    "cluster.sharded",
    "print.font",
    "print.bold",
    "rehearsal.listen",
    "rehearsal.public_origin",
    "rehearsal.most",
    "embed.origins",
    "webhooks.endpoints",
    "programs.file",
    "mail.server",
    "mail.from",
    "mail.user",
    "mail.password_file",
    "mail.authority",
    "push.contact",
    "sms.url",
    "sms.secret_file",
    "oidc.issuer",
    "oidc.client_id",
    "oidc.client_secret_file",
    "oidc.name",
    "oidc.claim",
    "oidc.enrolment",
    "log.level",
    "log.format",
];

/// The environment variable that overrides a key.
#[must_use]
pub fn variable(key: &str) -> String {
    format!("{ENV_PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

impl Config {
    /// Reads `path` and lays `environment` over it.
    ///
    /// # Errors
    /// What can't be read, parsed or used.
    pub fn load(path: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        Self::parse(&text, environment)
    }

    /// Parses the text of a settings file and lays `environment` over it; variables without the prefix are passed over.
    ///
    /// # Errors
    /// What can't be parsed or used.
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|e| ConfigError::Format(e.to_string()))?;
        let ours = |name: &str| name.starts_with(ENV_PREFIX) && !BUILD_VARIABLES.contains(&name);
        for (name, value) in environment.filter(|(name, _)| ours(name)) {
            let Some(key) = KEYS.iter().find(|key| variable(key) == name) else {
                return Err(ConfigError::UnknownVariable(name));
            };
            overlay(&mut table, key, &value)?;
        }
        let config: Self = table.try_into().map_err(|e: toml::de::Error| ConfigError::Format(e.to_string()))?;
        config.check()
    }

    /// The settings of a server for trying out on this machine.
    #[must_use]
    pub fn local(listen: SocketAddr, data_dir: PathBuf) -> Self {
        Self {
            public_origin: Origin::of(listen),
            listen,
            data_dir,
            database_url: None,
            vault_key_file: None,
            documents_dir: None,
            district_name: String::new(),
            inspector_phone: String::new(),
            tls: Tls::default(),
            limits: Limits::default(),
            publish: Publish::default(),
            cluster: Cluster::default(),
            print: Print::default(),
            rehearsal: Rehearsal::beside(listen),
            embed: Embed::default(),
            webhooks: Webhooks::default(),
            programs: Programs::default(),
            mail: Mail::default(),
            push: Push::default(),
            sms: Sms::default(),
            oidc: Oidc::default(),
            log: Log { format: LogFormat::Text, ..Log::default() },
        }
    }

    fn check(self) -> Result<Self, ConfigError> {
        let own = match (&self.tls.certificate, &self.tls.key) {
            (Some(_), Some(_)) => true,
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => return Err(ConfigError::Tls),
        };
        if own && self.tls.proxy {
            return Err(ConfigError::Tls);
        }
        for listen in [Some(self.listen), self.rehearsal.listen].into_iter().flatten() {
            if !listen.ip().is_loopback() && !own && !self.tls.proxy {
                return Err(ConfigError::Insecure(listen));
            }
        }
        for origin in [Some(&self.public_origin), self.rehearsal.public_origin.as_ref()].into_iter().flatten() {
            if !origin.is_https() && !origin.is_loopback() {
                return Err(ConfigError::PlainOrigin(origin.clone()));
            }
        }
        if self.rehearsal.public_origin.as_ref() == Some(&self.public_origin) {
            return Err(ConfigError::SameOrigin);
        }
        if self.cluster.address.is_some() && !self.database().starts_with("postgres") {
            return Err(ConfigError::ClusterOnFile);
        }
        if !self.oidc.is_whole() {
            return Err(ConfigError::Oidc);
        }
        Ok(self)
    }

    /// Where the database is.
    #[must_use]
    pub fn database(&self) -> String {
        let file = || format!("sqlite:{}", self.data_dir.join("sunvote.sqlite").display());
        self.database_url.clone().unwrap_or_else(file)
    }

    /// Where the vault's key is.
    #[must_use]
    pub fn vault_key(&self) -> PathBuf {
        self.vault_key_file.clone().unwrap_or_else(|| self.data_dir.join("vault.key"))
    }

    /// Where the documents' bytes are.
    #[must_use]
    pub fn documents(&self) -> PathBuf {
        self.documents_dir.clone().unwrap_or_else(|| self.data_dir.join("documents"))
    }

    /// Makes the data folder and settles the public origin in it, or compares with what was settled.
    ///
    /// # Errors
    /// [`ConfigError::OriginChanged`], or what the system says.
    pub fn settle_origin(&self) -> Result<(), ConfigError> {
        let path = self.data_dir.join(ORIGIN_FILE);
        let file_error = |source| ConfigError::File { path: path.clone(), source };
        std::fs::create_dir_all(&self.data_dir).map_err(file_error)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let settled: Origin = text.trim().parse().map_err(ConfigError::Format)?;
                if settled == self.public_origin {
                    Ok(())
                } else {
                    Err(ConfigError::OriginChanged { configured: self.public_origin.clone(), settled })
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::write(&path, format!("{}\n", self.public_origin)).map_err(file_error)
            }
            Err(error) => Err(file_error(error)),
        }
    }
}

/// Sets `key` to `value`: a TOML number or truth value where it reads as one and the key isn't a text, else a text.
fn overlay(table: &mut toml::Table, key: &str, value: &str) -> Result<(), ConfigError> {
    let number = value.parse::<i64>().map(toml::Value::Integer).ok();
    let truth = value.parse::<bool>().map(toml::Value::Boolean).ok();
    let counts = ["publish.every_ms", "publish.witness_seconds", "rehearsal.most"].contains(&key);
    let value = if key.starts_with("limits.") || counts {
        number.ok_or_else(|| ConfigError::Format(format!("{} must be a whole number", variable(key))))?
    } else if ["tls.proxy", "cluster.sharded"].contains(&key) {
        truth.ok_or_else(|| ConfigError::Format(format!("{} must be true or false", variable(key))))?
    } else {
        toml::Value::String(value.to_owned())
    };
    let Some((section, name)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return Ok(());
    };
    let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let inner = entry.as_table_mut().ok_or_else(|| ConfigError::Format(format!("`{section}` must be a section")))?;
    inner.insert(name.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError, KEYS, Origin, variable};

    const SAMPLE: &str = include_str!("../config.sample.toml");
    const LOCAL: &str = "public_origin = \"http://127.0.0.1:8080\"\n";

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, std::iter::empty())
    }

    /// Every `key = value` line of the sample, live or commented out, with its section, and whether a comment stands above.
    fn sample_keys() -> Vec<(String, String, bool)> {
        let (mut section, mut above, mut found) = (String::new(), false, Vec::new());
        for line in SAMPLE.lines() {
            let bare = line.strip_prefix("#").filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
            if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = format!("{name}.");
            } else if let Some((key, value)) = bare.split_once(" = ").filter(|_| !bare.starts_with('#')) {
                found.push((format!("{section}{key}"), value.to_owned(), above));
            }
            above = line.starts_with("# ") && line.len() > 20;
        }
        found
    }

    #[test]
    fn the_sample_explains_every_key_and_no_other() {
        let found = sample_keys();
        let keys: Vec<_> = found.iter().map(|(key, _, _)| key.as_str()).collect();
        assert_eq!(keys, KEYS);
        let bare: Vec<_> = found.iter().filter(|(_, _, explained)| !explained).collect();
        assert!(bare.is_empty(), "without explanation: {bare:?}");
    }

    #[test]
    fn the_sample_parses_and_shows_the_defaults() {
        let sample = parse(SAMPLE).expect("the sample is valid");
        let least = parse(&format!("public_origin = \"{}\"", sample.public_origin)).expect("one key is enough");
        assert_eq!(Config { district_name: String::new(), inspector_phone: String::new(), ..sample }, least);
    }

    #[test]
    fn every_key_of_the_sample_can_come_from_the_environment() {
        for (key, value, _) in sample_keys() {
            let value = value.trim_matches('"').to_owned();
            let alone = [(variable(&key), value)];
            match Config::parse(LOCAL, alone.into_iter()) {
                // Certificate and key go together, and so do several servers and PostgreSQL.
                Ok(_) => {}
                Err(ConfigError::Tls) if key.starts_with("tls.") => {}
                Err(ConfigError::ClusterOnFile) if key == "cluster.address" => {}
                Err(ConfigError::Oidc) if key.starts_with("oidc.") => {}
                Err(error) => panic!("{key}: {error}"),
            }
        }
    }

    #[test]
    fn fields_and_key_list_agree() {
        let text = SAMPLE.lines().map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line));
        let whole: Config = toml::from_str(&text.collect::<Vec<_>>().join("\n")).expect("all keys at once");
        let table = toml::Table::try_from(&whole).expect("settings are a table");
        let mut keys = Vec::new();
        for (name, value) in &table {
            match value.as_table() {
                Some(inner) => keys.extend(inner.keys().map(|key| format!("{name}.{key}"))),
                None => keys.push(name.clone()),
            }
        }
        let mut known = KEYS.map(str::to_owned).to_vec();
        keys.sort();
        known.sort();
        assert_eq!(keys, known);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let over =
            [("SUNVOTE_LIMITS_BODY_BYTES", "7"), ("SUNVOTE_LOG_LEVEL", "5"), ("HOME", "/x"), ("SUNVOTE_CACHE", "/y")];
        let over = over.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::parse(&format!("{LOCAL}[limits]\nbody_bytes = 3\n"), over.into_iter()).expect("valid");
        assert_eq!((config.limits.body_bytes, config.log.level.as_str()), (7, "5"));
    }

    #[test]
    fn unknown_keys_and_variables_are_refused() {
        assert!(matches!(parse(&format!("{LOCAL}listne = 1\n")), Err(ConfigError::Format(_))));
        let typo = [("SUNVOTE_LISTNE".to_owned(), "1".to_owned())];
        assert!(matches!(Config::parse(LOCAL, typo.into_iter()), Err(ConfigError::UnknownVariable(_))));
        let word = [("SUNVOTE_LIMITS_BODY_BYTES".to_owned(), "many".to_owned())];
        assert!(matches!(Config::parse(LOCAL, word.into_iter()), Err(ConfigError::Format(_))));
    }

    #[test]
    fn an_address_open_to_the_network_needs_tls() {
        let open = "public_origin = \"https://vote.example\"\nlisten = \"0.0.0.0:443\"\n";
        assert!(matches!(parse(open), Err(ConfigError::Insecure(_))));
        assert!(parse(&format!("{open}[tls]\nproxy = true\n")).is_ok());
        assert!(parse(&format!("{open}[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n")).is_ok());
        assert!(matches!(parse(&format!("{open}[tls]\ncertificate = \"c.pem\"\n")), Err(ConfigError::Tls)));
        let both = format!("{open}[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\nproxy = true\n");
        assert!(matches!(parse(&both), Err(ConfigError::Tls)));
        assert!(matches!(parse("public_origin = \"http://vote.example\"\n"), Err(ConfigError::PlainOrigin(_))));
    }

    #[test]
    fn rehearsals_have_an_address_of_their_own_that_is_as_secure() {
        let at = |origin: &str, listen: &str| {
            parse(&format!("{LOCAL}[rehearsal]\npublic_origin = \"{origin}\"\nlisten = \"{listen}\"\n"))
        };
        assert!(at("http://127.0.0.1:8081", "127.0.0.1:8081").is_ok());
        assert!(matches!(at("http://127.0.0.1:8080", "127.0.0.1:8081"), Err(ConfigError::SameOrigin)));
        assert!(matches!(at("http://rehearsal.example", "127.0.0.1:8081"), Err(ConfigError::PlainOrigin(_))));
        assert!(matches!(at("https://rehearsal.example", "0.0.0.0:8081"), Err(ConfigError::Insecure(_))));
        let local = Config::local(([127, 0, 0, 1], 8080).into(), "data".into()).rehearsal;
        assert_eq!(local.public_origin.map(|origin| origin.to_string()).as_deref(), Some("http://127.0.0.1:8081"));
    }

    #[test]
    fn sites_that_frame_the_window_are_named_one_by_one() {
        let with = |text: &str| parse(&format!("{LOCAL}[embed]\norigins = \"{text}\"\n"));
        let two = with(" https://jw.example  https://app.example:8443 ").expect("two origins").embed.origins;
        assert_eq!((two.0.len(), two.to_string().as_str()), (2, "https://jw.example https://app.example:8443"));
        for bad in
            ["*", "https://*.example", "jw.example", "https://jw.example/app", "https://jw.example;", "https://a,b"]
        {
            assert!(matches!(with(bad), Err(ConfigError::Format(_))), "{bad}");
        }
    }

    #[test]
    fn several_servers_need_a_database_that_they_can_share() {
        let several = format!("{LOCAL}[cluster]\naddress = \"http://10.0.0.2:8080\"\n");
        assert!(matches!(parse(&several), Err(ConfigError::ClusterOnFile)));
        assert!(parse(&format!("database_url = \"postgres://db/name\"\n{several}")).is_ok());
        assert!(matches!(parse(&several.replace("2:8080", "2:8080/x")), Err(ConfigError::Format(_))));
    }

    #[test]
    fn a_provider_is_named_with_its_secret_and_reached_through_tls() {
        let with = |issuer: &str, more: &str| parse(&format!("{LOCAL}[oidc]\nissuer = \"{issuer}\"\n{more}"));
        let whole = "client_id = \"sunvote\"\nclient_secret_file = \"oidc.secret\"\n";
        assert_eq!(with("https://id.example", whole).expect("whole").oidc.claim, "sub");
        assert!(with("http://127.0.0.1:9000", whole).is_ok(), "on this machine");
        for issuer in ["http://id.example", "http://127.0.0.1.id.example", "id.example", "http://localhost@id.example"]
        {
            assert!(matches!(with(issuer, whole), Err(ConfigError::Oidc)), "{issuer}");
        }
        assert!(matches!(with("https://id.example", "client_id = \"sunvote\"\n"), Err(ConfigError::Oidc)));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_only() {
        for good in ["https://vote.example", "https://vote.example:8443", "http://127.0.0.1:8080", "http://[::1]:80800"]
        {
            assert_eq!(good.parse::<Origin>().is_ok(), !good.ends_with("80800"), "{good}");
        }
        for bad in
            ["vote.example", "https://vote.example/", "https://Vote.example", "https://vote.example:443", "ftp://x"]
        {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
        for bad in ["https://a@vote.example", "https://vote.example/x", "https://", "https://vote.example?x"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
        let origin: Origin = "http://[::1]:8080".parse().expect("valid");
        assert_eq!((origin.authority(), origin.is_loopback()), ("[::1]:8080", true));
    }

    #[test]
    fn the_public_origin_is_settled_at_the_first_start() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config::local(([127, 0, 0, 1], 8080).into(), folder.path().join("data"));
        config.settle_origin().expect("first start");
        config.settle_origin().expect("second start");
        let moved = Config { public_origin: "https://other.example".parse().expect("valid"), ..config };
        assert!(matches!(moved.settle_origin(), Err(ConfigError::OriginChanged { .. })));
    }
}
