//! Samples of a witness's page.

use crate::core::ids::VillageCode;
use crate::http::i18n::Lang;
use crate::http::pages::samples::{chrome, digest, time};
use crate::http::pages::witness::{AlarmLine, WaitingBallot, WaitingList, WaitingVote, WatchedVillage, WitnessPage};

/// Every kind of alarm; a test of the witness holds them equal to its own.
pub const KINDS: [&str; 10] =
    ["fork", "rollback", "stale", "withheld", "directory", "unlawful", "clock", "vouched", "silence", "client"];

impl WitnessPage {
    /// A witness that found nothing wrong.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let village = |code: &str, listed, lawful| WatchedVillage {
            code: code.parse::<VillageCode>().expect("a code"),
            listed,
            lawful,
            stopped: false,
        };
        Self {
            c: chrome(lang),
            name: "inspector.liandu.example".to_owned(),
            log: "vote.liandu.example/log/d/331102".to_owned(),
            looked: Some(time("2026-11-20", 9, 5)),
            leaves: 1_204,
            lawful: 1,
            entries: 2_311,
            waiting: Vec::new(),
            villages: vec![village("331102206201", 1_120, 1_120), village("331102206202", 1_193, 1_191)],
            alarms: Vec::new(),
            keys: [
                "inspector.liandu.example/consistency+20324abe+BCms…".into(),
                "inspector.liandu.example/lawful+…".into(),
            ],
        }
    }

    /// A witness to which refused voters handed their ballots: of one vote that is open, and of one whose deliveries ended.
    #[must_use]
    pub fn sample_waiting(lang: Lang) -> Self {
        let form = "https://vote.liandu.example/v/331102206201/do/ballot.vouched?role=discipline_inspector&question=q1";
        let list = |count: u8, filled| WaitingList {
            ballots: (0..count)
                .map(|nth| WaitingBallot {
                    voter: 12 + u32::from(nth),
                    revision: 1,
                    received_at: time("2026-11-20", 19, 20 + i64::from(nth)),
                    ballot: digest(nth).to_string().chars().take(8).collect(),
                })
                .collect(),
            text: (0..count)
                .map(|nth| format!("{} {} 1 2026-11-20T11:20:00.000Z", digest(nth), 12 + nth))
                .collect::<Vec<_>>()
                .join("\n"),
            form: form.to_owned(),
            filled,
        };
        let vote = |village: &str, lists, coming, late| WaitingVote {
            village: village.parse().expect("a code"),
            starts_at: time("2026-11-20", 19, 0),
            matter: "5762GV".to_owned(),
            question: "1".to_owned(),
            until: time("2026-11-20", 19, 35),
            lists,
            coming,
            late,
        };
        let open = vote("331102206201", vec![list(3, true), list(2, false)], 1, 0);
        Self { waiting: vec![open, vote("331102206202", Vec::new(), 0, 2)], ..Self::sample(lang) }
    }

    /// A witness that raised alarms.
    #[must_use]
    pub fn sample_alarmed(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.villages[1].stopped = true;
        page.alarms = KINDS
            .iter()
            .map(|kind| AlarmLine {
                id: digest(7),
                kind: (*kind).to_owned(),
                at: time("2026-11-20", 9, 6),
                origin: "vote.liandu.example/log/v/331102206202".to_owned(),
                entry: (*kind == "unlawful").then_some(1_191),
                expected: "45".to_owned(),
                found: "46".to_owned(),
                evidence: *kind != "silence",
            })
            .collect();
        page
    }
}
