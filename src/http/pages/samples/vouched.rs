//! Samples of how an inspector vouches for ballots: the form with a witness's list, and what is signed.

use crate::http::i18n::Lang;
use crate::http::pages::act::{ActPage, DraftPage, Fact, Field, Input, Label, Signer};
use crate::http::pages::samples::{digest, pick, time, who};

/// Roster number and name of those who were refused.
const VOTERS: [(u8, &str, &str); 2] = [(12, "钟丽华", "Zhong Lihua"), (31, "吴根土", "Wu Gentu")];

impl ActPage {
    /// The form as the witness's link fills it.
    #[must_use]
    pub fn sample_vouched(lang: Lang) -> Self {
        let line = |(no, ..): &(u8, &str, &str)| format!("{} {no} 1 2026-11-20T11:{no}:00.000Z", digest(*no));
        let words = |(no, zh, en): &(u8, &str, &str)| {
            let text = lang.t("vouched-row").with("voter", format!("{no} {}", pick(lang, zh, en)));
            let when = lang.time(time("2026-11-20", 19, i64::from(*no)));
            text.with("revision", 1_u64).with("when", when).with("ballot", &digest(*no).to_string()[..8]).to_string()
        };
        let value = VOTERS.iter().map(line).collect::<Vec<_>>().join("\n");
        let field = Field {
            name: "ballots".to_owned(),
            label: Label::Code("vouched"),
            hint: Some("vouched"),
            required: true,
            error: None,
            input: Input::Rows { value, rows: VOTERS.iter().map(words).collect() },
            phrases: Vec::new(),
        };
        let (kind, role) = ("ballot.vouched".to_owned(), "discipline_inspector".to_owned());
        let action = format!("/v/331102206201/do/{kind}");
        let (errors, copies) = (Vec::new(), Vec::new());
        Self {
            kind,
            role,
            action,
            fields: vec![field],
            errors,
            copies,
            makes: None,
            earliest: None,
            ..Self::sample(lang)
        }
    }
}

impl DraftPage {
    /// What the inspector signs, with an own key.
    #[must_use]
    pub fn sample_vouched(lang: Lang) -> Self {
        let mut facts = Vec::new();
        for (at, (no, zh, en)) in VOTERS.iter().enumerate() {
            let mut fact = |label, name: &str, words: String, value: String| {
                facts.push(Fact { label, words, field: format!("ballots.{at}.{name}"), value, ..Fact::default() });
            };
            let received = time("2026-11-20", 19, i64::from(*no));
            fact("received_at", "received_at", lang.time(received), received.to_string());
            fact("revision", "revision", "1".to_owned(), "1".to_owned());
            fact("statement", "statement", digest(*no).to_string()[..8].to_owned(), digest(*no).to_string());
            fact("voter", "voter", format!("{no} {}", pick(lang, zh, en)), no.to_string());
        }
        let me = who(lang, "discipline_inspector", "郑明", "Zheng Ming");
        let signers = vec![Signer { who: me, person: None, signed: None, me: true }];
        let second = Self::sample_second(lang);
        let (kind, role) = ("ballot.vouched".to_owned(), "discipline_inspector".to_owned());
        let (texts, papers, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, role, facts, texts, papers, signers, warnings, ..second }
    }
}
