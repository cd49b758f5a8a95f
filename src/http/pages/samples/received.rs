//! Samples of what people without a key write.

use crate::http::i18n::Lang;
use crate::http::pages::act::Item;
use crate::http::pages::parts::{Answer, Who};
use crate::http::pages::received::{ReceivedPage, WritePage};
use crate::http::pages::samples::public::QR_SAMPLE;
use crate::http::pages::samples::{chrome, date, matter_id, pick, place, time};

fn about(lang: Lang) -> (String, String) {
    let title = pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights from the gate to the old camphor tree");
    (title, format!("/v/331102206201/m/{}", matter_id(1)))
}

impl WritePage {
    /// A suggestion, not yet written.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            place: place(lang),
            kind: "suggestion.received".to_owned(),
            about: None,
            until: None,
            action: "/v/331102206201/suggest".to_owned(),
            choices: Vec::new(),
            text: String::new(),
            error: None,
            link: "https://vote.example/v/331102206201/suggest".to_owned(),
            qr_svg: QR_SAMPLE.to_owned(),
        }
    }

    /// An objection that holds a telephone number.
    #[must_use]
    pub fn sample_refused(lang: Lang) -> Self {
        Self {
            kind: "objection.received".to_owned(),
            about: Some(about(lang)),
            until: Some(date("2026-11-27")),
            action: format!("/v/331102206201/m/{}/object", matter_id(1)),
            text: pick(lang, "灯杆正对我家窗户，请打电话给我。", "A post is in front of my window; please call me."),
            error: Some(pick(
                lang,
                "里面有身份证、手机或银行卡号，不能公开。请删去后再交。",
                "It holds an ID, phone or bank number, which must not be public. Take it out and send it again.",
            )),
            ..Self::sample(lang)
        }
    }
}

fn item(lang: Lang, value: &str, zh: &str, en: &str) -> Item {
    Item { value: value.to_owned(), label: pick(lang, zh, en), chosen: false }
}

impl WritePage {
    /// An interpellation or complaint, not yet written.
    #[must_use]
    pub fn sample_ask(lang: Lang) -> Self {
        let choices = vec![
            item(lang, "interpellation", "质询：请村里说明", "Interpellation: the village is to explain itself"),
            item(lang, "complaint_township", "向乡镇（街道）投诉", "Complain to the township"),
        ];
        Self {
            kind: "inquiry.received".to_owned(),
            about: Some(about(lang)),
            action: format!("/v/331102206201/m/{}/ask", matter_id(1)),
            choices,
            ..Self::sample(lang)
        }
    }

    /// A rating, not yet given.
    #[must_use]
    pub fn sample_rate(lang: Lang) -> Self {
        let choices = vec![
            item(lang, "score_5", "5分 很满意", "5, very content"),
            item(lang, "score_1", "1分 很不满意", "1, not content at all"),
        ];
        Self {
            kind: "rating.received".to_owned(),
            about: Some(about(lang)),
            action: format!("/v/331102206201/m/{}/rate", matter_id(1)),
            choices,
            ..Self::sample(lang)
        }
    }
}

impl ReceivedPage {
    /// A complaint that was answered, as its writer sees it.
    #[must_use]
    pub fn sample_answered(lang: Lang) -> Self {
        let answer = Answer {
            text: pick(lang, "已到现场核实，责成十日内整改。", "We were there; it is to be put right within ten days."),
            who: vec![Who { name: None, role: "township_drafter".to_owned() }],
            at: time("2026-11-24", 16, 0),
        };
        Self { kind: "inquiry.received".to_owned(), answer: Some(answer), ..Self::sample(lang) }
    }

    /// An objection on record, as its writer sees it.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            place: place(lang),
            kind: "objection.received".to_owned(),
            at: time("2026-11-21", 9, 12),
            seq: 214,
            words: pick(
                lang,
                "灯杆正对我家窗户，请往东移两米。",
                "A post is in front of my window; move it two metres.",
            ),
            answer: None,
            about: Some(about(lang)),
            code: Some("7KQ2-AB4M-0XRT-9PWE".to_owned()),
            link: "https://vote.example/v/331102206201/received/214?receipt=7KQ2-AB4M-0XRT-9PWE".to_owned(),
            qr_svg: QR_SAMPLE.to_owned(),
        }
    }
}
