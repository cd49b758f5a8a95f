//! Figures of a district, of a village of which nothing can be counted, and the list behind a figure.

use crate::http::i18n::Lang;
use crate::http::pages::figures::{
    Bar, Choice, Choosing, DaysRow, FiguresListPage, FiguresPage, Files, ListLine, Num, Row,
};
use crate::http::pages::samples::{chrome, matter_id, pick, place, time};

const LIST: &str = "/figures/list?place=331102&measure=opened";

fn num(words: impl Into<String>) -> Num {
    Num { words: words.into(), href: Some(LIST.to_owned()) }
}

fn bar(label: String, words: impl Into<String>, share: u64) -> Bar {
    Bar { label, num: num(words), share }
}

fn none(label: String) -> Bar {
    Bar { label, num: Num { words: "0".to_owned(), href: None }, share: 0 }
}

fn files() -> Files {
    Files {
        csv: "/figures/csv/file?place=331102".to_owned(),
        xlsx: "/figures/xlsx/file?place=331102".to_owned(),
        report: Some("/figures/report/file?place=331102&from=2026-10&to=2026-10".to_owned()),
    }
}

fn choosing(lang: Lang) -> Choosing {
    let choice = |value: &str, label: String, chosen| Choice { value: value.to_owned(), label, chosen };
    let any = || choice("", lang.t("figures-any").to_string(), true);
    let year = lang.t("figures-year").with("year", "2026").to_string();
    Choosing {
        place: "331102".to_owned(),
        chosen: true,
        periods: vec![
            choice("", lang.t("figures-all-times").to_string(), false),
            choice("2026", year, true),
            choice("2026-q4", lang.t("figures-quarter").with("year", "2026").with("n", 4).to_string(), false),
        ],
        from: String::new(),
        to: String::new(),
        categories: vec![any(), choice("M02", lang.t("category-short-m02").to_string(), false)],
        bodies: vec![
            any(),
            choice("representative_assembly", lang.t("body-representative-assembly").to_string(), false),
        ],
    }
}

fn part(lang: Lang, (code, zh, en): (&str, &str, &str), opened: u64) -> Row {
    let money = |fen| num(lang.money(fen));
    let nums = vec![
        num(lang.count(opened)),
        num(lang.count(opened / 3)),
        num(lang.count(opened - opened / 3)),
        Num { words: "0".to_owned(), href: None },
        money(opened * 1_250_000),
        money(opened * 700_050),
        num("86.7%"),
    ];
    let href = Some(format!("/figures?place={code}"));
    Row { label: pick(lang, zh, en), href, nums, share: opened * 100 / 430, level: (opened * 4).div_ceil(430) }
}

fn categories(lang: Lang) -> Vec<Row> {
    let row = |code: &str, opened: u64| Row {
        label: lang.named("category-short", code).to_string(),
        href: Some(format!("/figures?place=331102&category={}", code.to_uppercase())),
        nums: vec![
            num(lang.count(opened)),
            num(lang.count(opened / 2)),
            num(lang.count(opened / 9)),
            num(lang.money(opened * 1_250_000)),
            num(lang.money(opened * 700_050)),
        ],
        share: opened * 100 / 412,
        level: 0,
    };
    [("m02", 412), ("m04", 260), ("m06", 188), ("m08", 27), ("none", 9)].map(|(code, n)| row(code, n)).to_vec()
}

impl FiguresPage {
    /// A district's year.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let t = |key: &'static str| lang.t(key).to_string();
        let stage = |n: u8| lang.named("stage", &n.to_string()).to_string();
        let at = |n: u8| lang.t("figure-opened-at").with("stage", stage(n)).to_string();
        let days = |n: u64| lang.t("figures-days-n").with("n", n).to_string();
        let of = |part: &str, share: &str| pick(lang, &format!("{part}（{share}）"), &format!("{part} ({share})"));
        let day = |n: u8, left: u64, median: u64, slowest: u64| DaysRow {
            stage: stage(n),
            left: num(lang.count(left)),
            median: days(median),
            slowest: Num { words: days(slowest), href: Some(format!("/v/331102206201/m/{}", matter_id(n))) },
        };
        let named = |code: &'static str, words: String, share| bar(t(code), words, share);
        let outcome_heads =
            ["figure-opened", "outcome-completed", "outcome-rejected", "figure-decided", "figure-paid"].map(t).to_vec();
        let part_heads = [
            "figure-opened",
            "figure-opened-underway",
            "figure-opened-ended",
            "figure-returned",
            "figure-decided",
            "figure-paid",
            "figures-turnout",
        ];
        let places = [
            (("331102001", "紫金街道", "Zijin Street"), 112),
            (("331102002", "岩泉街道", "Yanquan Street"), 90),
            (("331102100", "碧湖镇", "Bihu Town"), 430),
            (("331102103", "老竹畲族镇", "Laozhu She Town"), 121),
            (("331102204", "丽新畲族乡", "Lixin She Township"), 0),
            (("331102206", "黄村乡", "Huangcun Township"), 109),
        ];
        Self {
            c: chrome(lang),
            name: pick(lang, "莲都区", "Liandu"),
            around: Vec::new(),
            own: "/p/331102".to_owned(),
            link: "/figures?place=331102&from=2026-01&to=2026-12".to_owned(),
            period: lang.t("figures-year").with("year", "2026").to_string(),
            choosing: choosing(lang),
            first: vec![
                named("figure-opened", lang.count(1_410_u64), 0),
                named("figure-opened-underway", lang.count(386_u64), 0),
                named("figure-opened-ended", lang.count(1_024_u64), 0),
            ],
            funnel: (1..=6)
                .zip([41_u64, 62, 120, 33, 58, 72])
                .map(|(n, many)| bar(at(n), lang.count(many), many * 100 / 1_024))
                .chain([named("figure-opened-ended", lang.count(1_024_u64), 100)])
                .collect(),
            days: vec![day(1, 1_290, 4, 61), day(2, 1_240, 9, 88), day(3, 1_190, 21, 130), day(4, 1_150, 6, 47)],
            votes: vec![
                named("figure-vote-passed", lang.count(880_u64), 96),
                named("figure-vote-failed", lang.count(34_u64), 4),
                named("figure-vote-due", lang.count(41_130_u64), 100),
                named("figure-vote-present", of("35,660", "86.7%"), 87),
                named("figure-vote-voted", of("34,992", "98.1%"), 98),
            ],
            ways: vec![
                named("figure-vote-online", of("21,004", "60.0%"), 60),
                named("figure-vote-kiosk", of("3,108", "8.9%"), 9),
                named("figure-vote-paper", of("10,880", "31.1%"), 31),
                none(t("figure-vote-box")),
            ],
            outcome_heads,
            categories: categories(lang),
            money: vec![
                named("figure-decided", lang.money(1_762_500_000_u64), 100),
                named("figure-paid", lang.money(987_070_500_u64), 56),
                named("figure-returned", lang.count(77_u64), 5),
                none(t("outcome-withdrawn")),
            ],
            step: "townships",
            part_heads: part_heads.map(t).to_vec(),
            parts: places.map(|(place, opened)| part(lang, place, opened)).to_vec(),
            files: files(),
        }
    }

    /// A village in which nothing happened yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        let first = |key: &'static str| none(lang.t(key).to_string());
        Self {
            name: pick(lang, "黄泥墩村", "Huangnidun"),
            around: vec![("/figures?place=331102206".to_owned(), pick(lang, "黄村乡", "Huangcun Township"))],
            first: ["figure-opened", "figure-opened-underway", "figure-opened-ended"].map(first).to_vec(),
            days: Vec::new(),
            votes: Vec::new(),
            categories: Vec::new(),
            step: "village",
            ..Self::sample(lang)
        }
    }
}

impl FiguresListPage {
    /// Matters that left the township's review.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let line = |n: u8, title: Option<String>| ListLine {
            village: place.name.clone(),
            title,
            href: format!("/v/{}/m/{}", place.code, matter_id(n)),
            category: "M02".to_owned(),
            at: time("2026-10-02", 9, 0),
            entry: format!("/v/{}/record?from=59{n}#e59{n}", place.code),
            seq: 590 + u64::from(n),
            value: lang.t("figures-days-n").with("n", u64::from(n)).to_string(),
        };
        let stage = lang.named("stage", "4").to_string();
        let lights = pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights to the old camphor tree");
        Self {
            c: chrome(lang),
            title: lang.t("figure-left-at").with("stage", stage).to_string(),
            name: pick(lang, "莲都区", "Liandu"),
            period: lang.t("figures-year").with("year", "2026").to_string(),
            chosen: vec![lang.t("category-short-m02").to_string()],
            back: "/figures?place=331102".to_owned(),
            lines: vec![line(4, Some(lights)), line(1, None)],
            next: Some(format!("{LIST}&after=331102206201~590~{}", matter_id(4))),
            files: Files { report: None, ..files() },
        }
    }

    /// Nothing is behind it.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { lines: Vec::new(), next: None, chosen: Vec::new(), ..Self::sample(lang) }
    }
}
