//! The log of what was sent to other programs.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::App;
use crate::app::reach::{Channel, Reason};
use crate::app::webhooks::endpoint::Endpoint;
use crate::app::webhooks::signing::Secret;
use crate::app::webhooks::{CHANNEL, UNREACHED, Webhooks};
use crate::core::clock::Time;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::core::model::Role;
use crate::http::access::Scope;
use crate::http::address::query_value;
use crate::http::i18n::Lang;
use crate::http::pages::deliveries::{DeliveriesPage, DeliveryLine, EndpointLine, Sent};
use crate::http::problem::Problem;
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::store::outbox::{Last, Outgoing, Which};

/// Messages on a page.
const SHOWN: usize = 25;

/// Which page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Where the page before ended; anything else is the beginning.
    #[serde(default)]
    after: String,
}

/// `GET /deliveries`: what was sent about villages of the reader's districts.
///
/// # Errors
/// The store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let last = last(&asked.after);
    let mut found: Vec<Outgoing> = Vec::new();
    for district in districts(&identity) {
        found.extend(app.deliveries(district, last.as_ref(), SHOWN as u64 + 1).await?);
    }
    found.sort_by(|one, other| place_of(other).cmp(&place_of(one)));
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let next = found.last().filter(|_| more).map(address);
    let mut messages = Vec::with_capacity(found.len());
    for message in found {
        messages.push(line(app, visit.c.lang, message).await?);
    }
    let endpoints = app.webhooks().iter().flat_map(|webhooks| &webhooks.endpoints).map(endpoint).collect();
    page(&DeliveriesPage { c: visit.c, endpoints, messages, next })
}

/// Districts whose administrator asks. The role is on the records of villages, enrolled there by the district's roots.
fn districts(identity: &Identity) -> BTreeSet<DistrictCode> {
    let grants = identity.grants.iter().filter(|grant| grant.role == Role::DistrictAdmin);
    let district = |scope| match scope {
        Scope::District(code) => Some(code),
        Scope::Village(code) => Some(code.district()),
        Scope::Township(_) => None,
    };
    grants.filter_map(|grant| district(grant.scope)).collect()
}

fn endpoint(endpoint: &Endpoint) -> EndpointLine {
    EndpointLine {
        name: endpoint.name.clone(),
        host: endpoint.host(),
        kinds: endpoint.kinds.clone(),
        place: endpoint.place.clone(),
        keys: endpoint.secrets.iter().filter_map(Secret::public).collect(),
    }
}

async fn line(app: &App, lang: Lang, message: Outgoing) -> Result<DeliveryLine, Problem> {
    let named = |webhooks: &Webhooks| webhooks.endpoints.iter().any(|endpoint| endpoint.name == message.destination);
    let sent = match (message.done, message.next_at) {
        (Some(at), None) => Sent::Taken(at),
        (_, Some(at)) => Sent::Waits(at),
        (None, None) => Sent::GivenUp,
    };
    let again = message.channel == CHANNEL && message.next_at.is_none() && app.webhooks().is_some_and(named);
    let unreached = message.outcome.as_deref() == Some(UNREACHED);
    let (reason, kind) = Reason::read(&message.kind);
    // Which person it is stays between that person and the server.
    let endpoint = match Channel::parse(&message.channel) {
        Some(channel) => lang.named("deliveries-channel", channel.code()).to_string(),
        None => message.destination,
    };
    Ok(DeliveryLine {
        again,
        endpoint,
        to_do: matches!(reason, Reason::Task | Reason::Near),
        place: app.village_place(message.village).await?.into(),
        seq: message.seq,
        kind: kind.to_owned(),
        made: message.made,
        sent,
        attempts: message.attempts,
        status: message.outcome.filter(|_| !unreached),
        unreached,
    })
}

/// What is to be sent again.
#[derive(Debug, Deserialize)]
pub struct Again {
    endpoint: String,
    entry: u64,
    /// The page to go back to, as far as it is one of the log's.
    #[serde(default)]
    back: String,
}

/// `POST /v/{code}/deliveries`: sends something again that was taken or given up.
///
/// # Errors
/// `NotFound` where it isn't there, is under way, or goes to nobody any more; the store's.
pub async fn again(
    State(state): State<AppState>,
    At(code): At<VillageCode>,
    Form(again): Form<Again>,
) -> Result<Response, Problem> {
    let which = Which { channel: CHANNEL, destination: &again.endpoint, village: code, seq: again.entry };
    state.app().send_again(which).await?;
    let back = if again.back.starts_with("/deliveries?") { again.back } else { "/deliveries".to_owned() };
    Ok(Redirect::to(&back).into_response())
}

/// What messages are ordered by.
fn place_of(message: &Outgoing) -> (Time, VillageCode, u64, &str, &str) {
    (message.made, message.village, message.seq, &message.channel, &message.destination)
}

fn address(last: &Outgoing) -> String {
    let (made, village, seq, channel, destination) = place_of(last);
    format!("/deliveries?after={}", query_value(&format!("{}~{village}~{seq}~{channel}~{destination}", made.ms())))
}

/// Reads `1763697600000~331102001206~45~webhook~commission`: where a page ended.
fn last(text: &str) -> Option<Last> {
    let mut parts = text.splitn(5, '~');
    let made = Time::from_ms(parts.next()?.parse().ok()?)?;
    let (village, seq) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (channel, destination) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Last { made, village, seq, channel, destination })
}

#[cfg(test)]
mod tests {
    use super::last;

    #[test]
    fn where_a_page_ended_is_read_back() {
        let read = last("1763697600000~331102001206~45~webhook~commission").expect("a place");
        assert_eq!((read.seq, read.channel.as_str(), read.destination.as_str()), (45, "webhook", "commission"));
        for bad in ["", "1", "x~331102001206~1~a~b", "1~331102001206~1~a"] {
            assert_eq!(last(bad), None, "{bad}");
        }
    }
}
