//! Samples of the door and of a member's number.

use crate::http::i18n::Lang;
use crate::http::pages::door::{DoorPage, DoorRow, NumberPage};
use crate::http::pages::samples::record::DISTRICT_KEY;
use crate::http::pages::samples::{chrome_by_card, chrome_of_clerk, pick, place, session_id, time};

/// A QR code's place.
const QR: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h3v3H0z\"/></svg>";

impl DoorPage {
    /// Somebody in every state, before a script runs.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let row = |no: u32, zh: &str, en: &str, state: &'static str| DoorRow {
            no,
            name: pick(lang, zh, en),
            state,
            cards: String::new(),
        };
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-11-28", 19, 30),
            eligible: 45,
            present: 29,
            quorum: Some(30),
            rows: vec![
                DoorRow { cards: "3f".repeat(16), ..row(1, "雷建明", "Lei Jianming", "hall") },
                row(2, "钟丽华", "Zhong Lihua", "online"),
                row(3, "吴根土", "Wu Gentu", "away"),
                row(4, "蓝秀英", "Lan Xiuying", "left"),
            ],
            live: SAMPLE_LIVE.to_owned(),
            signing: "{}".to_owned(),
            server_signs: None,
            log_key: DISTRICT_KEY.to_owned(),
            sets_link: true,
            link: "https://meeting.example/j/481".to_owned(),
            remote: true,
            form: Some("/v/331102206201/do/attendance.recorded?session=1".to_owned()),
        }
    }

    /// Before the roster is fixed.
    #[must_use]
    pub fn sample_early(lang: Lang) -> Self {
        Self { rows: Vec::new(), sets_link: false, ..Self::sample(lang) }
    }
}

/// What changes on the sample's page.
const SAMPLE_LIVE: &str = r#"{"size":214,"now":"2026-11-28T11:20:00.000Z","open":true,"opens":"2026-11-28T09:30:00.000Z","eligible":45,"present":29,"quorum":30,"there":[{"no":1,"online":false,"since":200},{"no":2,"online":true,"since":201}],"left":[4],"recused":[],"votes":[],"waiting":[],"notes":[]}"#;

impl NumberPage {
    /// A representative's.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_by_card(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-11-28", 19, 30),
            no: 23,
            name: pick(lang, "吴根土", "Wu Gentu"),
            qr_svg: QR.to_owned(),
            there: true,
            meeting: Some("https://meeting.example/j/481".to_owned()),
        }
    }
}
