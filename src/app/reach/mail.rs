//! E-mail by SMTP (RFC 5321): with TLS, or plainly on this machine alone. Letters are text; each can be stopped by one click (RFC 8058).

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use zeroize::Zeroizing;

use crate::app::reach::{Text, Tried};
use crate::core::clock::Time;

/// Longest wait for a mail server.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest address (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;
/// How a try ended where there was no answer.
const UNREACHED: &str = "unreached";

/// Where mail is handed in.
pub struct Server<'a> {
    /// `smtps://host:port` (TLS from the start), or `smtp://host:port` (STARTTLS, which is asked for; plain where the host is this machine).
    pub url: &'a str,
    /// Who sends: an address, or `name <address>`.
    pub from: &'a str,
    /// Name and password, where the server wants them.
    pub login: Option<(&'a str, Zeroizing<String>)>,
    /// A certificate authority of the own besides those that browsers trust, PEM.
    pub authority: Option<&'a [u8]>,
}

/// Sends e-mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer(…)")
    }
}

/// A header that lettre has no type for.
macro_rules! header {
    ($name:ident, $text:literal) => {
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($text)
            }
            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}
header!(ListUnsubscribe, "List-Unsubscribe");
header!(ListUnsubscribePost, "List-Unsubscribe-Post");
header!(AutoSubmitted, "Auto-Submitted");

/// Host and port of an address, and whether TLS comes first.
fn parts(url: &str) -> Option<(String, u16, bool)> {
    let uri: axum::http::Uri = url.parse().ok()?;
    let first = match uri.scheme_str()? {
        "smtps" => true,
        "smtp" => false,
        _ => return None,
    };
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let plain = ["", "/"].contains(&uri.path()) && uri.query().is_none();
    (plain && !host.is_empty()).then(|| (host, authority.port_u16().unwrap_or(if first { 465 } else { 587 }), first))
}

impl Mailer {
    /// A way to send mail.
    ///
    /// # Errors
    /// What stands against it.
    pub fn new(server: Server<'_>) -> Result<Self, String> {
        let wrong = || "mail.server must read smtps://host:port or smtp://host:port".to_owned();
        let (host, port, first) = parts(server.url).ok_or_else(wrong)?;
        let from = server.from.parse().map_err(|error| format!("mail.from: {error}"))?;
        let here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let mut parameters = TlsParameters::builder(host.clone());
        if let Some(pem) = server.authority {
            let authority = Certificate::from_pem(pem).map_err(|error| format!("mail.authority: {error}"))?;
            parameters = parameters.add_root_certificate(authority);
        }
        let parameters = parameters.build_rustls().map_err(|error| format!("mail.server: {error}"))?;
        let tls = match (first, here) {
            (true, _) => Tls::Wrapper(parameters),
            // A password never goes in the clear but on this machine.
            (false, false) => Tls::Required(parameters),
            (false, true) if server.authority.is_some() => Tls::Required(parameters),
            (false, true) => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(port).tls(tls);
        builder = builder.timeout(Some(PATIENCE));
        if let Some((name, password)) = server.login {
            builder = builder.credentials(Credentials::new(name.to_owned(), password.to_string()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Hands a letter in. `id`: the same at each try.
    pub async fn send(&self, to: &str, id: &str, text: &Text, stop: Option<&str>, now: Time) -> Tried {
        let Some(message) = self.message(to, id, text, stop, now) else { return Tried::Never("unfit".to_owned()) };
        match self.transport.send(message).await {
            Ok(response) => Tried::Taken(response.code().to_string()),
            Err(error) => {
                let words = error.status().map_or_else(|| UNREACHED.to_owned(), |code| code.to_string());
                if error.is_permanent() { Tried::Never(words) } else { Tried::Later(words) }
            }
        }
    }

    fn message(&self, to: &str, id: &str, text: &Text, stop: Option<&str>, now: Time) -> Option<Message> {
        let seconds = u64::try_from(now.ms().div_euclid(1_000)).ok()?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(to)?))
            .subject(text.subject.clone())
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(AutoSubmitted("auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN);
        if let Some(stop) = stop {
            message = message.header(ListUnsubscribe(format!("<{stop}>")));
            message = message.header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        message.body(text.body.clone()).ok()
    }
}

/// An e-mail address as somebody typed it in, if it is one that mail can be sent to everywhere.
#[must_use]
pub fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    let address: Address = text.parse().ok()?;
    let named = address.domain().contains('.') && !address.domain().starts_with('[');
    (text.is_ascii() && text.len() <= LONGEST && named).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::{address, parts};

    #[test]
    fn a_server_is_named_by_scheme_host_and_port() {
        assert_eq!(parts("smtps://mail.example"), Some(("mail.example".to_owned(), 465, true)));
        assert_eq!(parts("smtp://127.0.0.1:2525"), Some(("127.0.0.1".to_owned(), 2525, false)));
        for bad in
            ["mail.example", "http://mail.example", "smtp://", "smtp://user:word@mail.example", "smtp://mail.example/x"]
        {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert_eq!(address(" wang@mail.example ").map(|found| found.to_string()).as_deref(), Some("wang@mail.example"));
        let long = format!("{}@mail.example", "a".repeat(300));
        for bad in [
            "wang",
            "wang@",
            "@mail.example",
            "wang@localhost",
            "wang@[127.0.0.1]",
            "a@b.example\r\nBcc: c@d.example",
            "王@村.example",
            &long,
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
