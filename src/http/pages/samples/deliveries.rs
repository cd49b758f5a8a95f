//! The log of deliveries with a message of each sort, and an empty one.

use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, SignedIn};
use crate::http::pages::deliveries::{DeliveriesPage, DeliveryLine, EndpointLine, Sent};
use crate::http::pages::samples::{chrome, pick, place, time};

impl DeliveriesPage {
    /// A message taken, one that waits, one that was given up.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let name = pick(lang, "潘晓明", "Pan Xiaoming");
        let district = pick(lang, "莲都区", "Liandu");
        let person = SignedIn { name, role: "district_admin".to_owned(), place: district, tasks: 0, by_card: false };
        let line = |kind: &str, sent, attempts, status: Option<&str>| DeliveryLine {
            endpoint: "commission".to_owned(),
            place: place(lang),
            seq: 590,
            kind: kind.to_owned(),
            to_do: false,
            made: time("2026-11-20", 20, 41),
            sent,
            attempts,
            status: status.map(str::to_owned),
            unreached: status.is_none(),
            again: !matches!(sent, Sent::Waits(_)),
        };
        Self {
            c: Chrome { person: Some(person), ..chrome(lang) },
            endpoints: vec![
                EndpointLine {
                    name: "commission".to_owned(),
                    host: "https://app.jw.example".to_owned(),
                    kinds: Vec::new(),
                    place: String::new(),
                    keys: vec!["whpk_6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=".to_owned()],
                },
                EndpointLine {
                    name: "village-app".to_owned(),
                    host: "https://village.example:8443".to_owned(),
                    kinds: vec!["plan.posted".to_owned(), "result.announced".to_owned()],
                    place: "331102206".to_owned(),
                    keys: Vec::new(),
                },
            ],
            messages: vec![
                line("resolution.posted", Sent::Waits(time("2026-11-20", 20, 46)), 2, Some("503")),
                line("result.announced", Sent::Taken(time("2026-11-20", 20, 41)), 1, Some("204")),
                line("plan.posted", Sent::GivenUp, 10, None),
                DeliveryLine {
                    endpoint: lang.named("deliveries-channel", "sms").to_string(),
                    to_do: true,
                    again: false,
                    ..line("plan.posted", Sent::Taken(time("2026-11-20", 20, 42)), 1, Some("200"))
                },
            ],
            next: Some("/deliveries?after=1".to_owned()),
        }
    }

    /// Nobody is told anything.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { endpoints: Vec::new(), messages: Vec::new(), next: None, ..Self::sample(lang) }
    }
}
