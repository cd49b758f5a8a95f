//! Addresses of sites: scheme, host and port.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Scheme, host and, where it isn't the usual one, port: `https://vote.example`. Lower case, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    authority_at: usize,
}

impl Origin {
    /// `vote.example` or `127.0.0.1:8080`: what a village log's origin begins with.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.text[self.authority_at..]
    }

    /// The whole text, as a browser sends it in the `Origin` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Of a server that is tried out at an address of this machine.
    pub(in crate::config) fn of(listen: SocketAddr) -> Self {
        Self { authority_at: "http://".len(), text: format!("http://{listen}") }
    }

    /// Whether it begins with `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether the host is this machine itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let authority = self.authority();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no origin; write https://host or https://host:port, in lower case");
        let uri: axum::http::Uri = text.parse().map_err(|_| wrong())?;
        let (scheme, authority) = (uri.scheme_str().ok_or_else(wrong)?, uri.authority().ok_or_else(wrong)?);
        let usual_port = matches!((scheme, authority.port_u16()), ("https", Some(443)) | ("http", Some(80)));
        let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let plain = format!("{scheme}://{}{port}", authority.host());
        // No pattern, and nothing that means something where origins are listed.
        let host = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        let spelled = text == plain && text == text.to_ascii_lowercase() && authority.host().chars().all(host);
        if !spelled || usual_port || !["http", "https"].contains(&scheme) || authority.host().is_empty() {
            return Err(wrong());
        }
        Ok(Self { authority_at: scheme.len() + 3, text: plain })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Origins in one text, divided by spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<Origin>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_whitespace().map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<&str> = self.0.iter().map(Origin::as_str).collect();
        f.write_str(&all.join(" "))
    }
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
