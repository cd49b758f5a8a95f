//! The ways by which people are told things.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// E-mail to people: none is sent where `server` is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtps://host:port` or `smtp://host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Who sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Name by which the server knows this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// File of the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// PEM file of an own certificate authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<PathBuf>,
}

/// Messages to people's browsers: none are sent where `contact` is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// Whom a push service asks: `mailto:…` or `https://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// Text messages to people: none are sent where `url` is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// The gateway's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// File of the secrets that sign what it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
}
