//! Endpoints as the operator's file names them: one `[[endpoint]]` each.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::steps::is_step;
use crate::app::webhooks::signing::Secret;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::VillageCode;

/// Most secrets that sign for one endpoint: the one in use, and others while they are exchanged.
const MOST_SECRETS: usize = 3;
/// Longest name of an endpoint.
const LONGEST_NAME: usize = 40;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    endpoint: Vec<Written>,
}

/// One endpoint as it is written there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    url: String,
    secret_file: PathBuf,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    place: String,
}

/// Where steps are sent.
#[derive(Debug)]
pub struct Endpoint {
    /// What it is called in the log of deliveries: messages belong to the name, so it stays.
    pub name: String,
    /// Its address. It may hold a secret of the receiver's.
    pub url: String,
    /// What is signed with: all of them, so that one can be exchanged for another.
    pub secrets: Vec<Secret>,
    /// Codes of the kinds that it wants; none: all.
    pub kinds: Vec<String>,
    /// What codes of its villages begin with.
    pub place: String,
}

impl Endpoint {
    /// Reads the file; `read` reads the file of an endpoint's secrets, one a line.
    ///
    /// # Errors
    /// What stands against it, with the endpoint's name.
    pub fn parse(text: &str, read: impl Fn(&Path) -> Result<Zeroizing<String>, String>) -> Result<Vec<Self>, String> {
        let listed: Listed = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut endpoints: Vec<Self> = Vec::with_capacity(listed.endpoint.len());
        for written in listed.endpoint {
            let name = written.name.clone();
            let endpoint = Self::of(written, &read).map_err(|error| format!("endpoint '{name}': {error}"))?;
            if endpoints.iter().any(|other| other.name == endpoint.name) {
                return Err(format!("endpoint '{name}' is named twice"));
            }
            endpoints.push(endpoint);
        }
        Ok(endpoints)
    }

    /// One endpoint without a file of its own: its name, address, and the file of its secrets.
    ///
    /// # Errors
    /// What stands against it.
    pub fn only(
        name: &str,
        url: &str,
        secret_file: &Path,
        read: impl Fn(&Path) -> Result<Zeroizing<String>, String>,
    ) -> Result<Self, String> {
        let (name, url, secret_file) = (name.to_owned(), url.to_owned(), secret_file.to_owned());
        Self::of(Written { name, url, secret_file, kinds: Vec::new(), place: String::new() }, &read)
    }

    fn of(written: Written, read: impl Fn(&Path) -> Result<Zeroizing<String>, String>) -> Result<Self, String> {
        let Written { name, url, secret_file, kinds, place } = written;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(format!("a name has 1 to {LONGEST_NAME} of a-z, 0-9 and -"));
        }
        let address: axum::http::Uri = url.parse().map_err(|_| "url is no address".to_owned())?;
        let known = address.scheme_str().is_some_and(|scheme| ["http", "https"].contains(&scheme));
        if !known || address.host().is_none_or(str::is_empty) {
            return Err("url must begin with https:// or http:// and name a host".to_owned());
        }
        let is_told = |kind: &String| kind.parse::<Kind>().is_ok_and(is_step);
        if let Some(kind) = kinds.iter().find(|kind| !is_told(kind)) {
            return Err(format!("'{kind}' is no step that is told"));
        }
        if place.len() > 12 || !place.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("place has up to 12 digits".to_owned());
        }
        let secrets = read(&secret_file)?;
        let lines = secrets.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets: Result<Vec<Secret>, String> = lines
            .map(|line| line.parse().map_err(|why| format!("a secret in {} {why}", secret_file.display())))
            .collect();
        let secrets = secrets?;
        if secrets.is_empty() || secrets.len() > MOST_SECRETS {
            return Err(format!("{} must hold 1 to {MOST_SECRETS} secrets, one a line", secret_file.display()));
        }
        Ok(Self { name, url, secrets, kinds, place })
    }

    /// Whether it is told of a step of this kind in this village.
    #[must_use]
    pub fn wants(&self, kind: &str, village: VillageCode) -> bool {
        let told = self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind);
        told && village.to_string().starts_with(&self.place)
    }

    /// The headers of a try (Standard Webhooks 1.0, "Webhook headers").
    #[must_use]
    pub fn headers(&self, id: &str, now: Time, body: &[u8]) -> Vec<(&'static str, String)> {
        let seconds = now.ms().div_euclid(1_000);
        let signatures: Vec<String> = self.secrets.iter().map(|secret| secret.sign(id, seconds, body)).collect();
        vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ]
    }

    /// Scheme, host and port of its address: as much of it as is shown.
    #[must_use]
    pub fn host(&self) -> String {
        let uri = self.url.parse::<axum::http::Uri>().ok();
        let parts = uri.and_then(|uri| {
            let (scheme, authority) = (uri.scheme_str()?.to_owned(), uri.authority()?.clone());
            let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
            Some(format!("{scheme}://{}{port}", authority.host()))
        });
        parts.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn parse(more: &str) -> Result<Vec<Endpoint>, String> {
        let text = format!("[[endpoint]]\nname = \"commission\"\nsecret_file = \"s\"\n{more}");
        Endpoint::parse(&text, |_| Ok(format!("{SECRET}\n\n{SECRET}\n").into()))
    }

    #[test]
    fn an_endpoint_is_told_of_the_kinds_and_the_place_it_names() {
        let url = "url = \"https://user:word@app.example:8443/take?key=1\"\n";
        let all = parse(url).expect("an endpoint").remove(0);
        let (near, far) = ("331102001206".parse().expect("a code"), "330106001200".parse().expect("a code"));
        assert!(all.wants("plan.posted", near) && all.wants("result.announced", far));
        assert_eq!((all.secrets.len(), all.host().as_str()), (2, "https://app.example:8443"));
        let some =
            parse(&format!("{url}kinds = [\"plan.posted\"]\nplace = \"3311\"\n")).expect("an endpoint").remove(0);
        assert!(some.wants("plan.posted", near));
        assert!(!some.wants("plan.posted", far) && !some.wants("result.announced", near));
    }

    #[test]
    fn what_can_not_work_is_refused_with_its_name() {
        for (more, why) in [
            ("url = \"ftp://app.example\"", "url must begin"),
            ("url = \"/take\"", "url must begin"),
            ("url = \"https://app.example\"\nkinds = [\"ballot.cast\"]", "'ballot.cast' is no step"),
            ("url = \"https://app.example\"\nplace = \"33110x\"", "place has"),
            ("url = \"https://app.example\"\nsecret = \"x\"", "unknown field"),
            (
                "url = \"https://app.example\"\n[[endpoint]]\nname = \"commission\"\nsecret_file = \"s\"\nurl = \"https://b.example\"",
                "twice",
            ),
            (
                "url = \"https://app.example\"\n[[endpoint]]\nname = \"A b\"\nsecret_file = \"s\"\nurl = \"https://b.example\"",
                "a name has",
            ),
        ] {
            let error = parse(more).expect_err(more);
            assert!(error.contains(why), "{error}");
        }
        let text = "[[endpoint]]\nname = \"a\"\nsecret_file = \"s\"\nurl = \"https://app.example\"\n";
        for (secrets, why) in
            [("", "1 to 3 secrets"), ("word", "must begin with whsec_"), (&[SECRET; 4].join("\n"), "1 to 3")]
        {
            let error = Endpoint::parse(text, |_| Ok(secrets.to_owned().into())).expect_err(secrets);
            assert!(error.contains(why) && !error.contains("MfKQ"), "{error}");
        }
        assert!(Endpoint::parse(text, |_| Err("no such file".to_owned())).is_err());
        assert!(Endpoint::parse("", |_| Ok(String::new().into())).expect("none").is_empty());
    }
}
