//! What a run amounts to, in words and as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::bench::drive::{Driven, Outcome};
use crate::cli::bench::machine::processors;

/// Milliseconds within which shares of the requests were answered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(in crate::cli::bench) struct Latency {
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

/// Processor time of a run: of the server where this program started it, of this program, of the whole machine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::cli::bench) struct Processor {
    /// The server's.
    pub server: Option<Duration>,
    /// This program's.
    pub client: Option<Duration>,
    /// Everybody's.
    pub machine: Option<Duration>,
}

impl Processor {
    /// What was taken since `before`.
    pub(in crate::cli::bench) fn since(self, before: Self) -> Self {
        let less = |now: Option<Duration>, before: Option<Duration>| Some(now?.saturating_sub(before?));
        Self {
            server: less(self.server, before.server),
            client: less(self.client, before.client),
            machine: less(self.machine, before.machine),
        }
    }
}

/// A run's figures.
#[derive(Debug)]
pub(in crate::cli::bench) struct Figures {
    /// Requests that were sent.
    pub sent: usize,
    /// Those answered as they should be.
    pub good: usize,
    /// The others, by kind.
    pub errors: BTreeMap<String, usize>,
    /// From the first that was due to the last answer.
    pub took: Duration,
    /// Of good answers.
    pub latency: Option<Latency>,
    /// The longest time without a good answer between the first and the last of them.
    pub pause: Option<Duration>,
    /// Processor time.
    pub processor: Processor,
    /// The server's memory, bytes: at the beginning, at most, at the end.
    pub memory: Option<[u64; 3]>,
}

/// The value that `share` of the sorted times don't exceed, in milliseconds (nearest rank).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts below 2^52"
)]
fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len()) - 1).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
}

impl Latency {
    fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        let last = all.last()?.as_secs_f64() * 1_000.0;
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| quantile(&all, share));
        Some(Self { p50, p95, p99, max: last })
    }
}

/// The kind of an outcome that is not what it should be.
fn kind(outcome: &Outcome) -> String {
    match &outcome.answer {
        Ok(answer) if answer.retry_after => format!("{} with retry-after", answer.status),
        Ok(answer) => answer.status.to_string(),
        Err(fault) => fault.code().to_owned(),
    }
}

impl Figures {
    /// Of a run in which `status` is what a good answer has.
    pub(in crate::cli::bench) fn of(driven: &Driven, status: u16, processor: Processor) -> Self {
        let is_good = |outcome: &&Outcome| outcome.answer.as_ref().is_ok_and(|answer| answer.status == status);
        let good: Vec<Duration> = driven.outcomes.iter().filter(is_good).map(|outcome| outcome.took).collect();
        let moments: Vec<Duration> = driven.outcomes.iter().filter(is_good).map(|outcome| outcome.at).collect();
        let mut errors = BTreeMap::new();
        for outcome in driven.outcomes.iter().filter(|outcome| !is_good(outcome)) {
            *errors.entry(kind(outcome)).or_default() += 1;
        }
        let memory = &driven.memory;
        let ends = memory.first().zip(memory.last()).zip(memory.iter().max());
        Self {
            sent: driven.outcomes.len(),
            good: good.len(),
            errors,
            took: driven.took,
            latency: Latency::of(good),
            pause: moments.windows(2).map(|two| two[1].saturating_sub(two[0])).max(),
            processor,
            memory: ends.map(|((first, last), most)| [*first, *most, *last]),
        }
    }

    /// Good answers a second.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    pub(in crate::cli::bench) fn rate(&self) -> f64 {
        self.good as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// Lines for people; `what` is counted.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    pub(in crate::cli::bench) fn as_text(&self, what: &str) -> String {
        let mut text = format!(
            "answered    {} of {} {what} in {:.2} s: {:.0} a second\n",
            self.good,
            self.sent,
            self.took.as_secs_f64(),
            self.rate()
        );
        if let Some(Latency { p50, p95, p99, max }) = self.latency {
            text.push_str(&format!(
                "latency     half within {p50:.1} ms, 95 % within {p95:.1} ms, 99 % within {p99:.1} ms, all within {max:.1} ms\n"
            ));
        }
        if let Some(pause) = self.pause {
            text.push_str(&format!(
                "pause       at most {:.1} s from one good answer to the next\n",
                pause.as_secs_f64()
            ));
        }
        for (kind, count) in &self.errors {
            text.push_str(&format!("errors      {count} × {kind}\n"));
        }
        for (whose, share, time) in self.shares() {
            let each = time.as_secs_f64() * 1_000_000.0 / (self.good.max(1) as f64);
            text.push_str(&format!("processors  {whose}: {:.0} % of the machine, {each:.0} µs each\n", share * 100.0));
        }
        if let Some([first, most, last]) = self.memory {
            let [first, most, last] = [first, most, last].map(|bytes| bytes / 1_000_000);
            text.push_str(&format!(
                "memory      {first} MB at the beginning, {most} MB at most, {last} MB at the end\n"
            ));
        }
        text
    }

    /// Whose processor time, its share of all processors' time, and the time.
    fn shares(&self) -> Vec<(&'static str, f64, Duration)> {
        #[expect(clippy::cast_precision_loss, reason = "a machine has few processors")]
        let all = self.took.as_secs_f64().max(f64::MIN_POSITIVE) * processors() as f64;
        let Processor { server, client, machine } = self.processor;
        let each = [("server", server), ("client", client), ("machine", machine)];
        each.into_iter().filter_map(|(whose, time)| Some((whose, time?.as_secs_f64() / all, time?))).collect()
    }

    /// The same for programs.
    pub(in crate::cli::bench) fn as_json(&self) -> Value {
        let processor: BTreeMap<_, _> = self
            .shares()
            .into_iter()
            .map(|(whose, share, time)| (whose, json!({ "share": share, "seconds": time.as_secs_f64() })))
            .collect();
        json!({
            "sent": self.sent,
            "good": self.good,
            "errors": self.errors,
            "seconds": self.took.as_secs_f64(),
            "per_second": self.rate(),
            "latency_ms": self.latency,
            "longest_pause_seconds": self.pause.map(|pause| pause.as_secs_f64()),
            "processor": processor,
            "memory_bytes": self.memory.map(|[first, most, last]| json!({ "first": first, "most": most, "last": last })),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Figures, Latency, Processor};
    use crate::cli::bench::drive::{Driven, Outcome};
    use crate::cli::bench::wire::{Answer, Fault};

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let latency = Latency::of((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(latency, Some(Latency { p50: 100.0, p95: 190.0, p99: 198.0, max: 200.0 }));
        assert_eq!(Latency::of(vec![]), None);
        let one = Latency::of(vec![Duration::from_millis(7)]);
        assert_eq!(one, Some(Latency { p50: 7.0, p95: 7.0, p99: 7.0, max: 7.0 }));
    }

    #[test]
    fn errors_are_counted_by_kind_and_not_among_latencies() {
        let outcome = |answer| Outcome { index: 0, took: Duration::from_secs(9), at: Duration::from_secs(5), answer };
        let answer = |status, retry_after| Ok(Answer { status, retry_after, body: Box::default() });
        let good = |at| Outcome {
            index: 0,
            took: Duration::from_millis(2),
            at: Duration::from_secs(at),
            answer: answer(201, false),
        };
        let bad = [outcome(answer(503, true)), outcome(answer(422, false)), outcome(Err(Fault::Cut))];
        let outcomes = [good(1), good(2)].into_iter().chain(bad).chain([good(7), good(8)]).collect();
        let driven = Driven { outcomes, took: Duration::from_secs(1), memory: vec![5, 9, 7] };
        let figures = Figures::of(&driven, 201, Processor::default());
        let errors: Vec<_> = figures.errors.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        assert_eq!(errors, [("422", 1), ("503 with retry-after", 1), ("cut", 1)]);
        assert_eq!((figures.sent, figures.good, figures.memory), (7, 4, Some([5, 9, 7])));
        assert_eq!(figures.pause, Some(Duration::from_secs(5)));
        assert_eq!(figures.latency.map(|latency| latency.max), Some(2.0));
    }
}
