//! Settings of log-in by an account elsewhere: OpenID Connect.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Log-in by an account elsewhere; there is none where `issuer` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oidc {
    /// The provider's address as it names itself; `/.well-known/openid-configuration` lies below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What the provider calls this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// File with the secret that the provider gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// What people call the provider.
    pub name: String,
    /// The claim that tells accounts apart.
    pub claim: String,
    /// Whether people who enrol a key say there who they are.
    pub enrolment: Checking,
}

/// Whether people who enrol a key from a slip say at the provider who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checking {
    /// It isn't asked.
    #[default]
    Off,
    /// They may, and the clerk sees who did.
    Optional,
    /// No slip's key is put to the two who sign without it.
    Required,
}

impl Checking {
    /// Its word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: None,
            client_secret_file: None,
            name: "浙政钉".to_owned(),
            claim: "sub".to_owned(),
            enrolment: Checking::Off,
        }
    }
}

impl Oidc {
    /// Whether a provider is named with all that it takes, or none is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let given = [self.client_id.is_some(), self.client_secret_file.is_some()];
        match &self.issuer {
            Some(issuer) => given == [true, true] && is_safe(issuer) && !self.name.trim().is_empty(),
            None => given == [false, false] && self.enrolment == Checking::Off,
        }
    }
}

/// Whether what is asked there goes through TLS or doesn't leave this machine.
fn is_safe(issuer: &str) -> bool {
    let here = |port: &str| {
        !port.is_empty() && port.split('/').next().is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
    };
    issuer.starts_with("https://") || issuer.strip_prefix("http://127.0.0.1:").is_some_and(here)
}
