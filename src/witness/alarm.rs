//! Alarms: what a witness found, kept with its evidence, written to the log, and sent to a webhook until that takes it.

use serde::{Deserialize, Serialize};

use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::log::evidence::Evidence;
use crate::log::note::{Note, VerifierKey};
use crate::log::text::sha256;
use crate::store::error::StoreError;
use crate::store::witness::AlarmRow;
use crate::witness::Witness;

/// Longest wait before the webhook is tried again, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// First wait, in milliseconds; doubles with each try.
const FIRST_PAUSE_MS: i64 = 5_000;

/// Longest text of an alarm, in characters: what was found is the server's own words.
const MAX_TEXT: usize = 400;

/// What kind of thing is wrong. The code is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A log signed two histories; the evidence proves it to anyone.
    Fork,
    /// A log goes back to less than it had shown.
    Rollback,
    /// A village's record is shown shorter than the directory says.
    Stale,
    /// What was signed is not served, or other bytes are.
    Withheld,
    /// A leaf of the district's log that does not belong there, such as a key that two roots did not sign.
    Directory,
    /// An entry that was altered or that the law refuses.
    Unlawful,
    /// Entries with times that were not the present when they appeared.
    Clock,
    /// A result without a ballot that this witness vouched for.
    Vouched,
    /// The server has given no good answer for too long.
    Silence,
    /// The served client is not the released one.
    Client,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Fork,
        Self::Rollback,
        Self::Stale,
        Self::Withheld,
        Self::Directory,
        Self::Unlawful,
        Self::Clock,
        Self::Vouched,
        Self::Silence,
        Self::Client,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Rollback => "rollback",
            Self::Stale => "stale",
            Self::Withheld => "withheld",
            Self::Directory => "directory",
            Self::Unlawful => "unlawful",
            Self::Clock => "clock",
            Self::Vouched => "vouched",
            Self::Silence => "silence",
            Self::Client => "client",
        }
    }

    /// The kind of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What happened, as the log line, the webhook and the status page have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What kind.
    pub kind: Kind,
    /// The log that it concerns.
    pub origin: String,
    /// The entry, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The rule, where one is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// What is sent to the webhook.
#[derive(Debug, Serialize)]
struct Told<'a> {
    alarm: Digest,
    witness: &'a str,
    time: Time,
    #[serde(flatten)]
    body: &'a Alarm,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

impl Alarm {
    /// An alarm about a whole log.
    #[must_use]
    pub fn new(kind: Kind, origin: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (plain(&expected.into()), plain(&found.into()));
        Self { kind, origin: origin.to_owned(), entry: None, rule: None, expected, found }
    }

    /// Reads what is kept.
    #[must_use]
    pub fn of(row: &AlarmRow) -> Option<Self> {
        serde_json::from_str(&row.body).ok()
    }

    /// Names it: the same alarm is raised once.
    #[must_use]
    pub fn id(&self) -> Digest {
        let entry = self.entry.map(|entry| entry.to_string()).unwrap_or_default();
        sha256(&[
            format!("sunvote/alarm/v1\n{}\n{}\n{entry}\n{}\n", self.kind.code(), self.origin, self.found).as_bytes()
        ])
    }

    /// As the store keeps it.
    #[must_use]
    pub fn row(&self, now: Time, evidence: Option<Vec<u8>>) -> AlarmRow {
        AlarmRow {
            alarm: self.id(),
            kind: self.kind.code().to_owned(),
            origin: self.origin.clone(),
            time: now,
            // Texts and numbers only: serialising can't fail.
            body: serde_json::to_string(self).unwrap_or_default(),
            evidence,
            tries: 0,
            next: now,
            told: None,
        }
    }
}

/// A text that nobody's terminal or page is upset by.
fn plain(text: &str) -> String {
    let letter = |letter: char| if letter.is_control() { '\u{FFFD}' } else { letter };
    text.chars().take(MAX_TEXT).map(letter).collect()
}

/// Proof that a log signed two histories, if these notes and hashes (see [`crate::log::tree::prove_prefix`]) are one.
#[must_use]
pub fn fork(one: &Note, other: &Note, hashes: Vec<Digest>, log: &VerifierKey) -> Option<Vec<u8>> {
    let evidence = Evidence::new(one.clone(), other.clone(), hashes).ok()?;
    evidence.judge(log).ok()?;
    Some(evidence.to_string().into_bytes())
}

impl Witness {
    /// Raises an alarm, unless the same was raised before.
    ///
    /// # Errors
    /// The store's; then it is raised again when the same is found again.
    pub async fn alarm(&self, alarm: &Alarm, evidence: Option<Vec<u8>>) -> Result<Digest, StoreError> {
        let row = alarm.row(self.now(), evidence);
        let kept = &row;
        let new: bool = self.db().write("alarm", |tx| Box::pin(tx.raise_alarm(kept))).await?;
        if new {
            log_line(alarm, row.alarm);
        }
        Ok(row.alarm)
    }

    /// Sends what the webhook has not taken yet. Whatever fails is tried again later, also by the next run of the program.
    ///
    /// # Errors
    /// The store's.
    pub async fn tell(&self) -> Result<usize, StoreError> {
        let Some(webhook) = &self.settings().webhook else { return Ok(0) };
        let now = self.now();
        let untold = self.db().read("untold", |tx| Box::pin(tx.untold(now))).await?;
        let mut told = 0;
        for row in untold {
            let taken = match self.client().post(webhook.clone(), "application/json", self.told(&row)).await {
                Ok(answer) if (200..300).contains(&answer.status) => true,
                Ok(answer) => {
                    tracing::warn!(status = answer.status, "the webhook did not take an alarm");
                    false
                }
                Err(error) => {
                    tracing::warn!(%error, "the webhook can't be reached");
                    false
                }
            };
            let now = self.now();
            let pause = FIRST_PAUSE_MS.saturating_mul(1 << row.tries.min(20)).min(LONGEST_PAUSE_MS);
            let (alarm, next, when) = (row.alarm, now.plus_ms(pause), taken.then_some(now));
            self.db().write("tried", |tx| Box::pin(tx.tried(alarm, next, when))).await?;
            told += usize::from(taken);
        }
        Ok(told)
    }

    fn told(&self, row: &AlarmRow) -> Vec<u8> {
        let evidence = row.evidence.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let Some(body) = Alarm::of(row) else { return Vec::new() };
        let told = Told { alarm: row.alarm, witness: &self.settings().name, time: row.time, body: &body, evidence };
        serde_json::to_vec(&told).unwrap_or_default()
    }
}

/// The one line that a collector of logs can act on.
pub fn log_line(alarm: &Alarm, id: Digest) {
    let Alarm { kind, origin, entry, rule, expected, found } = alarm;
    let (kind, rule) = (kind.code(), rule.as_deref().unwrap_or_default());
    tracing::error!(alarm = %id, kind, origin, ?entry, rule, expected, found, "ALARM");
}

#[cfg(test)]
mod tests {
    use super::{Alarm, Kind};
    use crate::core::clock::Time;
    use crate::http::pages::samples::witness::KINDS;

    #[test]
    fn an_alarm_comes_back_from_its_row_and_the_same_has_one_name() {
        for kind in Kind::ALL {
            let alarm = Alarm { entry: Some(3), ..Alarm::new(kind, "vote.example/log/d/331102", "a", "b") };
            let row = alarm.row(Time::from_ms(5).unwrap(), None);
            assert_eq!(Alarm::of(&row).as_ref(), Some(&alarm));
            assert_eq!(Kind::parse(&row.kind), Some(kind));
            assert_eq!(alarm.row(Time::from_ms(9).unwrap(), Some(vec![1])).alarm, row.alarm);
            assert_ne!(Alarm { entry: None, ..alarm.clone() }.id(), row.alarm);
        }
        assert_eq!(Kind::ALL.map(Kind::code), KINDS, "the page shows every kind");
    }

    #[test]
    fn an_alarm_repeats_a_servers_words_in_bounds_and_without_control_characters() {
        let alarm = Alarm::new(Kind::Withheld, "vote.example/log/d/331102", "a\u{9b}2J\u{1b}[31m", "长".repeat(70_000));
        assert_eq!(alarm.expected, "a\u{FFFD}2J\u{FFFD}[31m");
        assert_eq!(alarm.found.chars().count(), 400);
    }
}
