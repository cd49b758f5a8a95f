//! A village's money, and payments taken in from a spreadsheet: good rows, bad ones, a file that can't be read.

use crate::core::ids::MatterId;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, SignedIn};
use crate::http::pages::figures::Files;
use crate::http::pages::funds::{Fault, FundLine, FundsPage, ImportPage, ImportRow, Paying, PaymentLine, Sums};
use crate::http::pages::parts::Pager;
use crate::http::pages::samples::{chrome, pick, place, time};

impl FundsPage {
    /// Two matters, one of them paid beyond what was approved.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let road = pick(lang, "硬化村西机耕路", "Pave the western track");
        let lamps = pick(lang, "修复村口路灯", "Repair the lamps at the entrance");
        let place = place(lang);
        let line = |title: &str, approved, agreed, paid| FundLine {
            title: title.to_owned(),
            href: format!("/v/{}", place.code),
            sums: Sums { approved, agreed, paid },
        };
        let matters = vec![line(&road, 12_600_000, 12_000_000, 4_500_000), line(&lamps, 600_000, 0, 650_050)];
        let paid =
            |title: &str, seq, fen| PaymentLine { at: time("2026-11-12", 9, 5), seq, title: title.to_owned(), fen };
        let file = |form: &str| format!("/v/{}/funds/{form}/file", place.code);
        let files = Files { csv: file("csv"), xlsx: file("xlsx"), report: None };
        Self {
            c: chrome(lang),
            sums: Sums { approved: 13_200_000, agreed: 12_000_000, paid: 5_150_050 },
            payments: vec![paid(&road, 612, 4_500_000), paid(&lamps, 590, 650_050)],
            pager: Pager::at(1, 3, |page| format!("/v/{}/funds?page={page}", place.code)),
            place,
            matters,
            files,
            import: true,
        }
    }

    /// Nothing was decided yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        let none = Self { matters: Vec::new(), payments: Vec::new(), pager: Pager::default(), ..Self::sample(lang) };
        Self { sums: Sums::default(), import: false, ..none }
    }
}

impl ImportPage {
    /// Rows of a file: good, there already, and each fault.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let road = pick(lang, "硬化村西机耕路", "Pave the western track");
        let name = pick(lang, "林小红", "Lin Xiaohong");
        let village = place(lang);
        let person = SignedIn { name, role: "clerk".to_owned(), place: village.name.clone(), tasks: 1, by_card: false };
        let paying = |again| Paying {
            matter: MatterId::from_bytes([7; 16]),
            title: road.clone(),
            date: "2026-10-12".parse().unwrap_or_else(|_| time("2026-10-12", 9, 0).date()),
            fen: 120_050,
            words: pick(lang, "记12 首付", "12 first instalment"),
            again,
        };
        let fault = |code, found: &str| Err(Fault { code, found: found.to_owned() });
        let rows = vec![
            Ok(paying(false)),
            Ok(paying(true)),
            fault("date", "10-12"),
            fault("future", "2027-01-01"),
            fault("matter", "修桥"),
            fault("matters", "修路"),
            fault("amount", "1.234"),
            fault("words", "33110219560101001X"),
        ];
        let rows = rows.into_iter().zip(2..).map(|(payment, line)| ImportRow { line, payment }).collect();
        Self {
            c: Chrome { person: Some(person), ..chrome(lang) },
            place: village,
            fault: None,
            rows,
            refused: Vec::new(),
            kept: 0,
            matters: vec![road],
        }
    }

    /// Two rows were kept, one could not be.
    #[must_use]
    pub fn sample_kept(lang: Lang) -> Self {
        let why = lang.named("rule", "value.range").to_string();
        Self { rows: Vec::new(), refused: vec![(4, why)], kept: 2, ..Self::sample(lang) }
    }

    /// A file that can't be read.
    #[must_use]
    pub fn sample_unreadable(lang: Lang) -> Self {
        Self { rows: Vec::new(), fault: Some("unreadable"), matters: Vec::new(), ..Self::sample(lang) }
    }
}
