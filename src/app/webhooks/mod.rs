//! What is sent out: each step that everyone may follow, to the endpoints of the settings, signed as Standard Webhooks 1.0
//! (<https://www.standardwebhooks.com>), tried until it is taken or given up.
//!
//! Steps are put into the outbox from a mark of each village on, so that none is left out and none is there twice, whatever ends when.
//! What is sent is made at each try from what can be shown at that moment: a title that was withdrawn since is not sent.

pub mod endpoint;
pub mod signing;

use std::sync::OnceLock;

use futures_util::future::join_all;
use serde::Serialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::fetch::Client;
use crate::app::steps::Called;
use crate::app::webhooks::endpoint::Endpoint;
use crate::app::webhooks::signing::message_id;
use crate::core::clock::{DAY_MS, MINUTE_MS, Time};
use crate::core::ids::{DistrictCode, MatterId, VillageCode};
use crate::store::outbox::{Last, Mark, Outgoing, Which};
use crate::store::steps::StepRow;

/// The outbox's channel of webhooks.
pub const CHANNEL: &str = "webhook";
/// Waits after each failed try, in milliseconds, as the specification suggests: ten tries in a little more than three days.
pub const WAITS_MS: [i64; 9] = [
    5_000,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    120 * MINUTE_MS,
    300 * MINUTE_MS,
    600 * MINUTE_MS,
    840 * MINUTE_MS,
    1_200 * MINUTE_MS,
    1_440 * MINUTE_MS,
];
/// A wait is longer by up to this part of it, so that what failed at one time doesn't come back at one time.
const JITTER: i64 = 10;
/// How long a message is one server's to try: longer than any answer is waited for.
const CLAIM_MS: i64 = 2 * MINUTE_MS;
/// Messages to an endpoint in one round.
const ROUND: u64 = 20;
/// Villages whose steps are queued in one round.
const VILLAGES: u64 = 200;
/// Steps that are queued in one transaction.
const STEPS: u64 = 500;
/// How long it is kept what was sent.
const KEPT_MS: i64 = 90 * DAY_MS;

/// How a try ended where there was no answer.
pub const UNREACHED: &str = "unreached";

/// Where steps are sent.
#[derive(Debug)]
pub struct Webhooks {
    /// The endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Asks them.
    pub client: Client,
    /// What addresses of pages begin with.
    pub origin: String,
}

/// The webhooks of a server, named once at its start.
#[derive(Debug, Default)]
pub(in crate::app) struct Named(OnceLock<Webhooks>);

/// What is sent (Standard Webhooks 1.0, "Payload structure"): kinds, titles, numbers and links; nobody's name.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: Time,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    village: VillageCode,
    village_name: String,
    /// Index in the village's record.
    entry: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    matter: Option<MatterId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_fen: Option<u64>,
    /// The page for people.
    page: String,
    /// The entry in the record.
    record: String,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tried {
    Taken(u16),
    /// Nothing more is wanted there.
    Gone(u16),
    Refused(u16),
    Unreached,
}

impl Tried {
    fn of(status: u16) -> Self {
        match status {
            200..300 => Self::Taken(status),
            410 => Self::Gone(status),
            _ => Self::Refused(status),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Taken(status) | Self::Gone(status) | Self::Refused(status) => status.to_string(),
            Self::Unreached => UNREACHED.to_owned(),
        }
    }
}

impl App {
    /// Says where steps are sent, once, before any is.
    pub fn name_webhooks(&self, webhooks: Webhooks) {
        // A second name would be a fault of the program's start; the first holds.
        let _ = self.webhooks_named().0.set(webhooks);
    }

    /// Where steps are sent, if anywhere.
    #[must_use]
    pub fn webhooks(&self) -> Option<&Webhooks> {
        self.webhooks_named().0.get().filter(|webhooks| !webhooks.endpoints.is_empty())
    }

    /// Puts steps that are new on record into the outbox, and sends what is due. Called once a second; how many were tried. Several
    /// servers may do it at the same time.
    ///
    /// # Errors
    /// The store's; what is left is done in the next round.
    pub async fn run_webhooks(&self) -> Result<usize, AppError> {
        self.queue_steps().await?;
        let Some(webhooks) = self.webhooks() else { return Ok(0) };
        let rounds = webhooks.endpoints.iter().map(|endpoint| self.send_to(webhooks, endpoint));
        let mut tried = 0;
        for round in join_all(rounds).await {
            tried += round?;
        }
        Ok(tried)
    }

    /// Puts steps that are new on record into the outbox; how many messages that made. Where nothing is to be sent, marks move on all
    /// the same: an endpoint hears of what comes on record from the time it is named.
    ///
    /// # Errors
    /// The store's.
    pub async fn queue_steps(&self) -> Result<u64, AppError> {
        let (mut made, mut after) = (0, None);
        loop {
            let behind = self.db().read("marks_behind", |tx| Box::pin(tx.marks_behind(after, VILLAGES))).await?;
            let Some(last) = behind.last() else { return Ok(made) };
            after = Some(last.village);
            let Some(webhooks) = self.webhooks() else {
                self.db().write("pass_marks", |tx| Box::pin(tx.pass_marks())).await?;
                return Ok(0);
            };
            for mark in behind {
                made += self.queue_of(webhooks, mark).await?;
            }
        }
    }

    /// One village's steps after its mark, as far as its tables go: while they are made anew they are behind it.
    async fn queue_of(&self, webhooks: &Webhooks, mark: Mark) -> Result<u64, AppError> {
        let (village, now) = (mark.village, self.now());
        let write = self.db().write("queue_steps", |tx| {
            let mark = mark.clone();
            Box::pin(async move {
                let upto = mark.known.min(tx.projected(village).await?);
                if upto <= mark.queued {
                    return Ok(0);
                }
                let steps = tx.steps_between(village, (mark.queued, upto), STEPS).await?;
                let to = match steps.last() {
                    Some(last) if steps.len() as u64 == STEPS => last.seq + 1,
                    _ => upto,
                };
                if !tx.move_mark(village, mark.queued, to).await? {
                    return Ok(0);
                }
                let messages: Vec<Outgoing> = steps.iter().flat_map(|step| messages(webhooks, step, now)).collect();
                tx.queue(&messages).await
            })
        });
        Ok(write.await?)
    }

    /// Tries what is due at one endpoint, one after the other. After one that failed the others wait for the next round: whoever
    /// doesn't answer isn't asked again at once.
    async fn send_to(&self, webhooks: &Webhooks, endpoint: &Endpoint) -> Result<usize, AppError> {
        let (now, name) = (self.now(), endpoint.name.as_str());
        let due = self.db().read("outgoing", |tx| Box::pin(tx.outgoing(CHANNEL, name, now, ROUND))).await?;
        let mut tried = 0;
        for message in &due {
            // While tables are made anew nothing can be said about it: it stays due.
            let Some(body) = self.payload(&webhooks.origin, message).await? else { continue };
            let until = self.now().plus_ms(CLAIM_MS);
            if !self.db().write("claim", |tx| Box::pin(tx.claim(message, until))).await? {
                continue;
            }
            let outcome = self.try_once(webhooks, endpoint, message, body).await;
            self.note_try(message, until, &outcome).await?;
            tried += 1;
            if !matches!(outcome, Tried::Taken(_)) {
                break;
            }
        }
        Ok(tried)
    }

    async fn try_once(&self, webhooks: &Webhooks, endpoint: &Endpoint, message: &Outgoing, body: Vec<u8>) -> Tried {
        let headers = endpoint.headers(&message_id(message.village, message.seq), self.now(), &body);
        match webhooks.client.tell(endpoint.url.clone(), headers, body).await {
            Ok(status) => Tried::of(status),
            Err(error) => {
                // The address may hold a secret of the receiver's: it is not written down.
                tracing::debug!(endpoint = endpoint.name, kind = ?std::mem::discriminant(&error), "an endpoint can't be reached");
                Tried::Unreached
            }
        }
    }

    async fn note_try(&self, message: &Outgoing, claimed: Time, outcome: &Tried) -> Result<(), AppError> {
        let now = self.now();
        let next = match outcome {
            Tried::Taken(_) => (Some(now), None),
            Tried::Gone(_) => (None, None),
            Tried::Refused(_) | Tried::Unreached => (None, self.next_try(message.attempts, now)),
        };
        let words = outcome.words();
        if next == (None, None) {
            let (endpoint, village, entry) = (&message.destination, message.village, message.seq);
            tracing::warn!(endpoint, %village, entry, outcome = words, "an endpoint did not take a step; it is not tried again");
        }
        let words = words.as_str();
        self.db().write("settle", |tx| Box::pin(tx.settle(message.which(), claimed, next, words))).await?;
        Ok(())
    }

    /// When it is tried again after it was tried `before` times and once more; never after the last wait.
    fn next_try(&self, before: u64, now: Time) -> Option<Time> {
        let wait = *WAITS_MS.get(usize::try_from(before).ok()?)?;
        let [drawn] = self.random::<1>();
        Some(now.plus_ms(wait + wait / JITTER * i64::from(drawn) / i64::from(u8::MAX)))
    }

    /// What is sent about an entry; nothing while it isn't among the steps.
    async fn payload(&self, origin: &str, message: &Outgoing) -> Result<Option<Vec<u8>>, AppError> {
        let (village, entry) = (message.village, message.seq);
        let read = self.db().read("step", |tx| Box::pin(tx.steps_between(village, (entry, entry + 1), 1)));
        let Some(step) = read.await?.pop() else { return Ok(None) };
        let (called, amount_fen) = match step.matter {
            Some(matter) => (
                self.called(village, matter).await?,
                self.matter_row(village, matter).await?.and_then(|row| row.amount),
            ),
            None => (Called::default(), None),
        };
        let record = format!("{origin}/v/{village}/record?from={entry}#e{entry}");
        let page = match (step.matter, step.session) {
            (Some(matter), _) => format!("{origin}/v/{village}/m/{matter}"),
            (None, Some(session)) => format!("{origin}/v/{village}/s/{session}"),
            (None, None) => record.clone(),
        };
        let payload = Payload {
            r#type: &step.kind,
            timestamp: step.time,
            data: Data {
                village,
                village_name: self.village_name(village).await?,
                entry,
                matter: step.matter,
                title: called.title.as_deref(),
                category: called.category.as_deref(),
                amount_fen,
                page,
                record,
            },
        };
        // Texts and numbers only: serialising can't fail.
        Ok(Some(serde_json::to_vec(&payload).unwrap_or_default()))
    }

    /// What was sent, or is to be, about a district's villages, the newest first, at most `limit` after `last`.
    ///
    /// # Errors
    /// The store's.
    pub async fn deliveries(
        &self,
        district: DistrictCode,
        last: Option<&Last>,
        limit: u64,
    ) -> Result<Vec<Outgoing>, AppError> {
        let read = self.db().read("deliveries", |tx| Box::pin(tx.messages(district, last, limit)));
        Ok(read.await?)
    }

    /// Sends again what was taken or given up, to an endpoint that is still named.
    ///
    /// # Errors
    /// `NotFound` where it isn't there, is under way, or goes to nobody any more; the store's.
    pub async fn send_again(&self, which: Which<'_>) -> Result<(), AppError> {
        let named = |webhooks: &Webhooks| webhooks.endpoints.iter().any(|endpoint| endpoint.name == which.destination);
        if which.channel != CHANNEL || !self.webhooks().is_some_and(named) {
            return Err(AppError::NotFound { what: "endpoint" });
        }
        let now = self.now();
        let again = self.db().write("send_again", |tx| Box::pin(tx.send_again(which, now))).await?;
        if again { Ok(()) } else { Err(AppError::NotFound { what: "message" }) }
    }

    /// Forgets what was sent long ago; how many messages.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_outbox(&self) -> Result<u64, AppError> {
        let before = self.now().plus_ms(-KEPT_MS);
        Ok(self.db().write("sweep_outbox", |tx| Box::pin(tx.sweep_outbox(before))).await?)
    }
}

/// A step's messages: one for each endpoint that wants it.
fn messages(webhooks: &Webhooks, step: &StepRow, now: Time) -> Vec<Outgoing> {
    let wanting = webhooks.endpoints.iter().filter(|endpoint| endpoint.wants(&step.kind, step.village));
    let message = |endpoint: &Endpoint| Outgoing {
        channel: CHANNEL.to_owned(),
        destination: endpoint.name.clone(),
        village: step.village,
        seq: step.seq,
        kind: step.kind.clone(),
        matter: step.matter,
        made: now,
        next_at: Some(now),
        attempts: 0,
        done: None,
        outcome: None,
    };
    wanting.map(message).collect()
}
