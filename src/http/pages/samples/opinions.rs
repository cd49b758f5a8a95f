//! Samples of the register of opinions.

use crate::http::i18n::Lang;
use crate::http::pages::figures::Files;
use crate::http::pages::opinions::{Opinion, OpinionsPage, Outcome};
use crate::http::pages::parts::{Exchange, Pager};
use crate::http::pages::samples::{chrome, date, matter_id, opinion, pick, place, who};

impl OpinionsPage {
    /// One that led to a plan, one that was only heard, one that waits.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let (place, id) = (place(lang), matter_id(1));
        let file = |form: &str| format!("/v/{}/m/{id}/opinions/{form}/file", place.code);
        let visited = Opinion {
            number: 1,
            said: opinion(lang),
            taken: vec![who(lang, "grid_worker", "季伟", "Ji Wei")],
            held_on: Some(date("2026-10-08")),
            outcome: Outcome::Settled(date("2026-10-14"), 140),
        };
        let heard = Exchange {
            kind: "attending".to_owned(),
            text: pick(lang, "列席党员建议先装主路。", "A member who attended: begin with the main road."),
            who: None,
            source: "meeting".to_owned(),
            answer: None,
            ..opinion(lang)
        };
        let heard = Opinion { number: 2, said: heard, taken: Vec::new(), held_on: None, outcome: Outcome::Noted };
        let objected =
            Exchange { kind: "objection".to_owned(), answer: None, due: Some(date("2026-11-20")), ..opinion(lang) };
        let objected = Opinion {
            number: 3,
            said: objected,
            taken: Vec::new(),
            held_on: None,
            outcome: Outcome::Waiting(Some(date("2026-11-20"))),
        };
        Self {
            c: chrome(lang),
            id,
            title: pick(lang, "村口到老樟树安装太阳能路灯", "Solar lights from the entrance to the old camphor tree"),
            all: 3,
            waiting: 1,
            opinions: vec![visited, heard, objected],
            pager: Pager::default(),
            files: Files { csv: file("csv"), xlsx: file("xlsx"), report: None },
            place,
        }
    }

    /// Nobody has said anything yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { all: 0, waiting: 0, opinions: Vec::new(), ..Self::sample(lang) }
    }
}
