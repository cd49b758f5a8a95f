//! By which ways a server tells people things, as the settings say.

use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::app::App;
use crate::app::fetch::Client;
use crate::app::reach::Reach;
use crate::app::reach::mail::{Mailer, Server};
use crate::app::reach::push::Pusher;
use crate::app::reach::sms::Gateway;
use crate::app::webhooks::endpoint::Endpoint;
use crate::cli::Failure;
use crate::config::{Config, Mail, Sms};
use crate::http::letters::WORDS;

/// Longest wait for a push service or gateway.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names them to the application.
pub(in crate::cli) fn name_reach(app: &App, config: &Config) -> Result<(), Failure> {
    let here = config.public_origin.is_loopback();
    // Where the server is there to be tried out, so may a push service be.
    let client = if here { Client::new(PATIENCE) } else { Client::to_public(PATIENCE) };
    let push = config.push.contact.clone().map(|contact| Pusher { contact, client, here });
    if let Some(Pusher { contact, .. }) = &push
        && !["mailto:", "https://"].iter().any(|scheme| contact.starts_with(scheme))
    {
        return Err("push.contact must begin with mailto: or https://".into());
    }
    let (mail, sms) = (mailer(&config.mail)?, gateway(&config.sms)?);
    app.name_reach(Reach { mail, push, sms, origin: config.public_origin.to_string(), words: WORDS });
    Ok(())
}

fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    text.map_err(|error| format!("{}: {error}", path.display()))
}

fn mailer(mail: &Mail) -> Result<Option<Mailer>, Failure> {
    let Some(url) = &mail.server else { return Ok(None) };
    let from = mail.from.as_deref().ok_or("mail.server needs mail.from")?;
    let login = match (&mail.user, &mail.password_file) {
        (Some(user), Some(path)) => Some((user.as_str(), Zeroizing::new(read(path)?.trim_end().to_owned()))),
        (None, None) => None,
        _ => return Err("mail.user and mail.password_file go together".into()),
    };
    let authority = mail.authority.as_deref().map(read).transpose()?;
    let authority = authority.as_ref().map(|pem| pem.as_bytes());
    Ok(Some(Mailer::new(Server { url, from, login, authority })?))
}

fn gateway(sms: &Sms) -> Result<Option<Gateway>, Failure> {
    let Some(url) = &sms.url else { return Ok(None) };
    let path = sms.secret_file.as_deref().ok_or("sms.url needs sms.secret_file")?;
    let endpoint = Endpoint::only("sms", url, path, read).map_err(|error| format!("sms: {error}"))?;
    Ok(Some(Gateway { endpoint, client: Client::new(PATIENCE) }))
}
