//! Sending people what is due: one letter for all that is due to somebody, not at night, not one on the heels of another; tried until it is
//! taken or given up. It is put into words at each try, from what may be shown then; what is past is not sent.

use futures_util::future::join_all;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::reach::hear::TASKS;
use crate::app::reach::{Channel, Letter, News, Reach, Reason, Tried};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::ids::VillageCode;
use crate::store::error::StoreError;
use crate::store::outbox::Outgoing;
use crate::store::people::TaskRow;
use crate::store::reach::{Contact, Wishes};

/// Waits after each failed try, in milliseconds: seven tries in a little less than a day.
pub const WAITS_MS: [i64; 6] =
    [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS, 360 * MINUTE_MS, 720 * MINUTE_MS];
/// A wait is longer by up to this part of it, so that what failed at one time doesn't come back at one time.
const JITTER: i64 = 10;
/// Between two letters to one address: what comes meanwhile goes together.
pub const GAP_MS: i64 = 10 * MINUTE_MS;
/// How long a letter is one server's to try: longer than any answer is waited for.
const CLAIM_MS: i64 = 3 * MINUTE_MS;
/// Messages looked at in one round.
const ROUND: u64 = 200;
/// Letters under way at one time.
const AT_ONCE: usize = 4;
/// Things in one letter.
const MOST: u64 = 50;
/// Where a channel is not offered now, it is looked for again after this.
const OFF_MS: i64 = 60 * MINUTE_MS;
/// Minutes of a day.
const DAY: u64 = 24 * 60;
/// What a link by which somebody stops letters is sealed under.
pub(in crate::app::reach) const STOP: &str = "reach/stop";

/// What is known of somebody to whom something is due.
struct Due {
    contact: Contact,
    wishes: Option<Wishes>,
    messages: Vec<Outgoing>,
}

impl App {
    /// Sends what is due; how many letters were tried.
    pub(in crate::app::reach) async fn send_to_people(&self, reach: &Reach) -> Result<usize, AppError> {
        let now = self.now();
        let due = self.db().read("due_to_people", |tx| Box::pin(tx.due_to_people(now, ROUND))).await?;
        let mut tried = 0;
        for some in due.chunks(AT_ONCE) {
            for one in join_all(some.iter().map(|(channel, contact)| self.send_to_one(reach, channel, contact))).await {
                tried += usize::from(one?);
            }
        }
        Ok(tried)
    }

    /// Sends what is due to one address; whether it was tried.
    async fn send_to_one(&self, reach: &Reach, channel: &str, name: &str) -> Result<bool, AppError> {
        let now = self.now();
        let read = self.db().read("due_to_one", |tx| {
            Box::pin(async move {
                let Some(contact) = tx.contact(name).await? else { return Ok(None) };
                let wishes = tx.wishes(contact.public_key).await?;
                let messages = tx.outgoing(channel, name, now, MOST).await?;
                Ok::<_, StoreError>(Some(Due { contact, wishes, messages }))
            })
        });
        let known = Channel::parse(channel);
        let (Some(due), Some(known)) = (read.await?, known) else {
            self.db().write("take_all_back", |tx| Box::pin(tx.take_all_back(channel, name))).await?;
            return Ok(false);
        };
        let earliest = if reach.offers(known) { earliest(&due, now) } else { now.plus_ms(OFF_MS) };
        if earliest > now {
            self.db().write("put_off", |tx| Box::pin(tx.put_off((channel, name), now, earliest))).await?;
            return Ok(false);
        }
        let mut claimed = Vec::new();
        let until = now.plus_ms(CLAIM_MS);
        for (message, news) in self.news(reach, &due).await? {
            if self.db().write("claim", |tx| Box::pin(tx.claim(&message, until))).await? {
                claimed.push((message, news));
            }
        }
        if claimed.is_empty() {
            return Ok(false);
        }
        let (messages, news): (Vec<Outgoing>, Vec<News>) = claimed.into_iter().unzip();
        let outcome = self.try_letter(reach, known, &due.contact, &messages, &news).await?;
        self.note_letter(&due.contact, &messages, until, &outcome).await?;
        Ok(true)
    }

    /// What of the due is still so, with what is told of it. What is past is taken back; what is about a village whose tables are made
    /// anew waits.
    async fn news(&self, reach: &Reach, due: &Due) -> Result<Vec<(Outgoing, News)>, AppError> {
        let key = due.contact.public_key;
        let mut found = Vec::with_capacity(due.messages.len());
        for message in &due.messages {
            let village = message.village;
            let read = self.db().read("still_so", |tx| {
                Box::pin(async move {
                    let known = tx.projected(village).await? > message.seq;
                    let tasks = if known { tx.tasks(village, TASKS).await? } else { Vec::new() };
                    Ok::<_, StoreError>((known, tx.key_is_in(village, key).await?, tasks))
                })
            });
            let (known, belongs, tasks) = read.await?;
            if !known {
                continue;
            }
            let (reason, kind) = Reason::read(&message.kind);
            let awaited = match (reason, kind) {
                (Reason::Task | Reason::Near, kind) => Some(kind),
                // Nobody is called to a vote that is over.
                (Reason::Step, "voting.opened") => Some("ballot.cast"),
                (Reason::Step | Reason::Answer, _) => None,
            };
            let waits = |task: &TaskRow, kind: &str| task.since_seq == message.seq && task.kind == kind;
            let past = awaited.is_some_and(|kind| !tasks.iter().any(|task| waits(task, kind)));
            if !belongs || past {
                self.db().write("take_back", |tx| Box::pin(tx.take_back(message))).await?;
                continue;
            }
            found.push((message.clone(), self.one_news(reach, message, reason, kind).await?));
        }
        Ok(found)
    }

    async fn one_news(&self, reach: &Reach, message: &Outgoing, reason: Reason, kind: &str) -> Result<News, AppError> {
        let (village, seq) = (message.village, message.seq);
        let title = match message.matter {
            Some(matter) => self.called(village, matter).await?.title,
            None => None,
        };
        let origin = &reach.origin;
        let link = match (reason, message.matter) {
            (Reason::Task | Reason::Near, _) => format!("{origin}/tasks"),
            (_, Some(matter)) => format!("{origin}/v/{village}/m/{matter}"),
            (_, None) => self.session_page(origin, village, seq).await?,
        };
        let place = self.village_name(village).await?;
        Ok(News { reason, kind: kind.to_owned(), place, title, link })
    }

    /// The page of the session that a step names, or its entry in the record.
    async fn session_page(&self, origin: &str, village: VillageCode, seq: u64) -> Result<String, AppError> {
        let read = self.db().read("step", |tx| Box::pin(tx.steps_between(village, (seq, seq + 1), 1)));
        let session = read.await?.pop().and_then(|step| step.session);
        let record = || format!("{origin}/v/{village}/record?from={seq}#e{seq}");
        Ok(session.map_or_else(record, |session| format!("{origin}/v/{village}/s/{session}")))
    }

    async fn try_letter(
        &self,
        reach: &Reach,
        channel: Channel,
        contact: &Contact,
        messages: &[Outgoing],
        news: &[News],
    ) -> Result<Tried, AppError> {
        let Some(address) = self.address(contact).await? else { return Ok(Tried::Gone("gone".to_owned())) };
        let settings = format!("{}/reach", reach.origin);
        let stop = match channel {
            Channel::Email => Some(format!("{settings}/stop/{}", self.stop_token(&contact.contact)?)),
            Channel::Push | Channel::Sms => None,
        };
        let link = match news {
            [one] => one.link.as_str(),
            _ => &format!("{}/tasks", reach.origin),
        };
        let letter = Letter { lang: &contact.lang, channel, news, link, settings: &settings, stop: stop.as_deref() };
        let text = (reach.words.letter)(&letter);
        // One name for all tries of a letter: whoever gets it twice can tell.
        let first = &messages[0];
        let id = format!("{}-{}-{}-{}", contact.contact, first.village, first.seq, first.made.ms());
        self.tell(reach, channel, contact, &address, &id, (&text, link, stop.as_deref())).await
    }

    async fn note_letter(
        &self,
        contact: &Contact,
        messages: &[Outgoing],
        claimed: Time,
        outcome: &Tried,
    ) -> Result<(), AppError> {
        let (now, words) = (self.now(), outcome.words());
        let next = |message: &Outgoing| match outcome {
            Tried::Taken(_) => (Some(now), None),
            Tried::Never(_) | Tried::Gone(_) => (None, None),
            Tried::Later(_) => (None, self.next_letter(message.attempts, now)),
        };
        let all: Vec<(Outgoing, _)> = messages.iter().map(|message| (message.clone(), next(message))).collect();
        if let Some((message, _)) = all.iter().find(|(_, next)| *next == (None, None)) {
            let (channel, entry) = (&message.channel, message.seq);
            tracing::warn!(channel, village = %message.village, entry, outcome = words, "a letter is not tried again");
        }
        let gone = matches!(outcome, Tried::Gone(_));
        let taken = matches!(outcome, Tried::Taken(_));
        let write = self.db().write("note_letter", |tx| {
            let all = all.clone();
            Box::pin(async move {
                for (message, next) in all {
                    tx.settle(message.which(), claimed, next, words).await?;
                }
                if taken {
                    tx.told_contact(&contact.contact, now).await?;
                }
                if gone {
                    tx.remove_contact(contact).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        Ok(write.await?)
    }

    /// When a letter is tried again after it was tried `before` times and once more; never after the last wait.
    fn next_letter(&self, before: u64, now: Time) -> Option<Time> {
        let wait = *WAITS_MS.get(usize::try_from(before).ok()?)?;
        let [drawn] = self.random::<1>();
        Some(now.plus_ms(wait + wait / JITTER * i64::from(drawn) / i64::from(u8::MAX)))
    }
}

/// When what is due may be sent at the earliest.
fn earliest(due: &Due, now: Time) -> Time {
    let awake = due.wishes.as_ref().map_or(now, |wishes| quiet_until(now, wishes.quiet_from, wishes.quiet_until));
    let gap = due.contact.told.map_or(now, |told| told.plus_ms(GAP_MS));
    awake.max(gap)
}

/// The end of the quiet hours if it is quiet now, else now. `from` and `until` are minutes of the day; where they are the same it is
/// never quiet.
fn quiet_until(now: Time, from: u64, until: u64) -> Time {
    let minute = u64::try_from(now.minute_of_day()).unwrap_or_default();
    let into = (minute + DAY - from % DAY) % DAY;
    let long = (until % DAY + DAY - from % DAY) % DAY;
    if into >= long {
        return now;
    }
    let left = i64::try_from(long - into).unwrap_or_default();
    Time::from_ms(now.ms() - now.ms().rem_euclid(MINUTE_MS) + left * MINUTE_MS).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::quiet_until;
    use crate::core::clock::Time;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    #[test]
    fn what_falls_into_the_night_waits_until_morning() {
        // Shanghai is eight hours ahead.
        for (now, then) in [
            ("2026-11-20T12:59:59.000Z", "2026-11-20T12:59:59.000Z"),
            ("2026-11-20T13:00:00.000Z", "2026-11-20T23:00:00.000Z"),
            ("2026-11-20T16:30:12.000Z", "2026-11-20T23:00:00.000Z"),
            ("2026-11-20T22:59:59.999Z", "2026-11-20T23:00:00.000Z"),
            ("2026-11-20T23:00:00.000Z", "2026-11-20T23:00:00.000Z"),
        ] {
            assert_eq!(quiet_until(at(now), 21 * 60, 7 * 60), at(then), "{now}");
        }
        let noon = at("2026-11-20T04:30:00.000Z");
        assert_eq!(quiet_until(noon, 12 * 60, 14 * 60), at("2026-11-20T06:00:00.000Z"));
        assert_eq!(quiet_until(noon, 14 * 60, 12 * 60), noon);
        assert_eq!(quiet_until(noon, 0, 0), noon, "never quiet");
    }
}
