//! How somebody is told things: who is logged in gives addresses and chooses; who follows a letter's link stops it without log-in.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::error::AppError;
use crate::app::reach::Channel;
use crate::app::reach::contacts::{Choice as Chosen, Shown};
use crate::core::clock::Time;
use crate::core::ids::PublicKey;
use crate::http::pages::reach::{Choice, Push, ReachPage, ReachStopPage, Way};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// What was done just now, told on the page that follows.
const DONE: [&str; 6] = ["sent", "counts", "device", "chosen", "removed", "off"];

/// What the page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    done: String,
}

/// What is to be changed. One form of the page fills what it needs.
#[derive(Debug, Deserialize)]
pub struct Change {
    act: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    subscription: String,
    #[serde(default)]
    contact: String,
    tasks: Option<String>,
    ballots: Option<String>,
    steps: Option<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

/// `GET /reach`.
///
/// # Errors
/// The store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = DONE.into_iter().find(|code| *code == asked.done).map(str::to_owned);
    shown(&state, visit, identity.key, done, None).await
}

async fn shown(
    state: &AppState,
    visit: Visit,
    key: PublicKey,
    done: Option<String>,
    wrong: Option<(String, String)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let (choice, contacts) = app.reached_by(key).await?;
    let offered = |channel: &Channel| app.reach().is_some_and(|reach| reach.offers(*channel));
    let ways = [Channel::Email, Channel::Sms].iter().filter(|channel| offered(channel));
    let own = visit.c.person.as_ref().is_some_and(|person| !person.by_card);
    let push = app.push_key_for(key).await?.map(|key| Push { key, devices: devices(&contacts), own });
    page(&ReachPage {
        c: visit.c,
        ways: ways.map(|channel| way(*channel, &contacts)).collect(),
        push,
        choice: Choice {
            tasks: choice.tasks,
            ballots: choice.ballots,
            steps: choice.steps,
            from: choice.quiet_from,
            until: choice.quiet_until,
        },
        on: !contacts.is_empty(),
        done,
        wrong,
    })
}

fn way(channel: Channel, contacts: &[Shown]) -> Way {
    let own = || contacts.iter().filter(|shown| shown.channel == channel);
    let counts = own().find(|shown| shown.waits_until.is_none());
    let waits = own().find_map(|shown| shown.waits_until.map(|until| (shown.address.clone(), until)));
    let counts = counts.map(|shown| (shown.contact.clone(), shown.address.clone()));
    Way { code: channel.code(), counts, waits }
}

fn devices(contacts: &[Shown]) -> Vec<(String, String, Time)> {
    let devices = contacts.iter().filter(|shown| shown.channel == Channel::Push);
    devices.map(|shown| (shown.contact.clone(), shown.address.clone(), shown.made)).collect()
}

/// `POST /reach`: takes one of the page's forms.
///
/// # Errors
/// `BadRequest` for what none of them sends; the store's.
pub async fn change(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    Form(change): Form<Change>,
) -> Result<Response, Problem> {
    // Who sits at a computer that was let in, or has an account alone, could else lead somebody's messages away, and hear in their place.
    if !identity.by_key {
        return Err(Problem::new(Code::KeyNeeded));
    }
    let (app, key, lang) = (state.app(), identity.key, visit.c.lang.code());
    let channel = || Channel::parse(&change.channel).ok_or_else(|| Problem::new(Code::BadRequest));
    let (done, form, outcome) = match change.act.as_str() {
        "address" => ("sent", change.channel.as_str(), app.give_address(key, channel()?, &change.address, lang).await),
        "code" => ("counts", change.channel.as_str(), app.type_code(key, channel()?, &change.code).await),
        "device" => ("device", "push", app.add_device(key, &change.subscription, lang).await),
        "choose" => ("chosen", "choice", app.choose(key, chosen(&change)).await),
        "remove" => ("removed", "", app.remove_contact(key, &change.contact).await),
        "off" => ("off", "", app.forget_reach(key).await),
        _ => return Err(Problem::new(Code::BadRequest)),
    };
    match outcome {
        Ok(()) => {
            let at = if ["sent", "counts"].contains(&done) { format!("#{form}") } else { String::new() };
            Ok(Redirect::to(&format!("/reach?done={done}{at}")).into_response())
        }
        Err(AppError::Invalid { reason, .. }) => {
            let why = visit.c.named("invalid", reason).to_string();
            let form = form.to_owned();
            shown(&state, visit, key, None, Some((form, why))).await
        }
        Err(error) => Err(error.into()),
    }
}

fn chosen(change: &Change) -> Chosen {
    Chosen {
        tasks: change.tasks.is_some(),
        ballots: change.ballots.is_some(),
        steps: change.steps.is_some(),
        quiet_from: minute(&change.from),
        quiet_until: minute(&change.until),
    }
}

/// `21:30` as a minute of the day; what is none comes out beyond any day.
fn minute(text: &str) -> u64 {
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((hour.parse::<u64>().ok()?, minute.parse().ok()?)));
    parts
        .filter(|(hour, minute)| *hour < 24 && *minute < 60)
        .map_or(u64::MAX, |(hour, minute): (u64, u64)| hour * 60 + minute)
}

/// `GET /reach/stop/{token}`: asks once more, since programs follow links of letters by themselves.
///
/// # Errors
/// `NotFound` for an address that is none of ours; the store's.
pub async fn stop(State(state): State<AppState>, visit: Visit, At(token): At<String>) -> Result<Response, Problem> {
    let on = state.app().is_reached(&token).await?;
    page(&ReachStopPage { c: visit.c, action: on.then(|| format!("/reach/stop/{token}")) })
}

/// `POST /reach/stop/{token}`: nothing more is sent there. One click in a mail program does the same (RFC 8058).
///
/// # Errors
/// As [`stop`].
pub async fn stop_now(State(state): State<AppState>, visit: Visit, At(token): At<String>) -> Result<Response, Problem> {
    state.app().stop_reaching(&token).await?;
    page(&ReachStopPage { c: visit.c, action: None })
}

#[cfg(test)]
mod tests {
    use super::minute;

    #[test]
    fn a_time_of_day_is_read_as_fields_send_it() {
        assert_eq!((minute("21:30"), minute("00:00"), minute("07:05")), (1_290, 0, 425));
        for bad in ["", "24:00", "12:60", "x:10", "1230", "-1:00"] {
            assert_eq!(minute(bad), u64::MAX, "{bad}");
        }
    }
}
