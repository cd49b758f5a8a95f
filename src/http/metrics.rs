//! Counters and durations for Prometheus. Labels are route templates and status codes, never addresses or people.

use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::store;
use crate::store::db::Db;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// One answer: by what method, at which route template, with which status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answer {
    /// The method; one that the table doesn't know is `other`.
    pub method: &'static str,
    /// The route template, or `unknown`.
    pub route: String,
    /// The status code.
    pub status: u16,
}

/// The route alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    running: Gauge,
    listening: Gauge,
    refused: Counter,
    published: Counter,
    lag: Gauge,
}

impl Metrics {
    /// The HTTP counters and those of the database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Transactions(db)));
        let answers = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let durations = Family::new_with_constructor(histogram);
        let (running, listening, refused) = (Gauge::default(), Gauge::default(), Counter::default());
        registry.register("sunvote_http_requests", "Requests answered", Family::clone(&answers));
        let about = "Time from request to the head of the answer";
        registry.register_with_unit("sunvote_http_duration", about, Unit::Seconds, Family::clone(&durations));
        registry.register("sunvote_http_running", "Requests under way", running.clone());
        let about = "Connections on which pages are told what happens";
        registry.register("sunvote_http_listening", about, listening.clone());
        registry.register("sunvote_http_rate_limited", "Requests refused for too many attempts", refused.clone());
        let (published, lag) = (Counter::default(), Gauge::default());
        registry.register("sunvote_published", "Checkpoints of villages published", published.clone());
        let about =
            "How long the newest entry of a village waited for its publication in the last round, in milliseconds";
        registry.register("sunvote_publication_lag_milliseconds", about, lag.clone());
        Self { registry, answers, durations, running, listening, refused, published, lag }
    }

    /// Counts an answer.
    pub fn answered(&self, answer: &Answer, took: Duration) {
        self.durations.get_or_create(&Route { route: answer.route.clone() }).observe(took.as_secs_f64());
        self.answers.get_or_create(answer).inc();
    }

    /// Counts a request for too many attempts.
    pub fn rate_limited(&self) {
        self.refused.inc();
    }

    /// Counts a round of publication: how many villages, and how long the newest entry of the slowest waited.
    pub fn published(&self, villages: usize, waited_ms: i64) {
        self.published.inc_by(villages as u64);
        self.lag.set(waited_ms);
    }

    /// A request is under way until the returned value is dropped, however it ends.
    #[must_use]
    pub fn running(&self) -> Running {
        self.running.inc();
        Running(self.running.clone())
    }

    /// Somebody listens until the returned value is dropped.
    #[must_use]
    pub fn listening(&self) -> Running {
        self.listening.inc();
        Running(self.listening.clone())
    }

    /// Everything counted, in the OpenMetrics text format.
    ///
    /// # Errors
    /// Never in practice: writing to a string can't fail.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The database's own counts, one series a named transaction.
#[derive(Debug)]
struct Transactions(Db);

/// One number of a transaction's counters.
type Reading = fn(&store::db::Counter) -> u64;

impl Collector for Transactions {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let counters = self.0.counters();
        let readings: [(&str, &str, Reading); 4] = [
            ("sunvote_store_transactions", "Transactions, however they ended", |c| c.count),
            ("sunvote_store_failures", "Transactions that ended in an error", |c| c.failures),
            ("sunvote_store_retries", "Further tries of transactions", |c| c.retries),
            ("sunvote_store_microseconds", "Time spent in transactions, in microseconds", |c| c.micros),
        ];
        for (name, about, reading) in readings {
            let mut metric = encoder.encode_descriptor(name, about, None, MetricType::Counter)?;
            for (transaction, counter) in &counters {
                let labels = [("name", *transaction)];
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&reading(counter), None)?;
            }
        }
        Ok(())
    }
}

/// Counts one request as under way, or one who listens.
#[derive(Debug)]
pub struct Running(Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Answer, Metrics};
    use crate::store::db::{Db, Options};

    #[tokio::test]
    async fn what_is_answered_and_stored_is_counted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let db = Db::open_file(&folder.path().join("x.sqlite"), Options::default()).await.expect("a database");
        db.ping().await.expect("an answer");
        let metrics = Metrics::new(db);
        let answer = Answer { method: "GET", route: "/v/{code}".to_owned(), status: 200 };
        metrics.answered(&answer, Duration::from_millis(3));
        metrics.answered(&answer, Duration::from_millis(3));
        let running = metrics.running();
        let text = metrics.text().expect("text");
        assert!(
            text.contains(r#"sunvote_http_requests_total{method="GET",route="/v/{code}",status="200"} 2"#),
            "{text}"
        );
        assert!(text.contains(r#"sunvote_http_duration_seconds_count{route="/v/{code}"} 2"#), "{text}");
        assert!(text.contains("sunvote_http_running 1"), "{text}");
        assert!(text.contains(r#"sunvote_store_transactions_total{name="ping"} 1"#), "{text}");
        drop(running);
        assert!(metrics.text().expect("text").contains("sunvote_http_running 0"));
    }
}
