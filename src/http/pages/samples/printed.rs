//! Sample papers to print.

use crate::app::counting::Invalid;
use crate::app::print::ballot::{Ballot, Stub, Words};
use crate::http::i18n::Lang;
use crate::http::pages::printed::{BallotsPage, PaperQuestion, SpokenIn, SpokenPage};
use crate::http::pages::samples::{chrome, chrome_of_clerk, digest, pick, place, session_id, time};
use crate::http::pages::session::{RosterLine, SessionPage};
use crate::http::pages::village::NoticePage;
use crate::http::print::minutes::{ItemFacts, Minutes, Standing};
use crate::http::print::notice::announcement;
use crate::http::read::ballots::NamesOnPapers;
use crate::http::read::ballots::{BoxCount, OnPaper};
use crate::http::read::door::NotedInMinutes;

impl SpokenPage {
    /// A plan, announced.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let said = |lang: Lang| SpokenIn { lang, sentences: announcement(&NoticePage::sample(lang)) };
        let notice = NoticePage::sample(lang);
        Self {
            c: chrome(lang),
            place: notice.place,
            title: notice.title,
            seq: notice.seq,
            texts: vec![said(lang), said(lang.other())],
        }
    }
}

impl BallotsPage {
    /// Two questions on paper.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let question = |zh: &str, en: &str, n: u8| PaperQuestion {
            title: pick(lang, zh, en),
            names: if n == 1 { NamesOnPapers::ToBeSaid } else { NamesOnPapers::Yes },
            action: format!("/v/331102206201/s/1/ballots/1/q{n}/file"),
        };
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            session: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-11-28", 19, 30),
            questions: vec![
                question(
                    "是否同意村庄建设规划（2027—2031）？",
                    "Do you approve the village construction plan 2027–2031?",
                    1,
                ),
                question("先修哪一段路？", "Which road comes first?", 2),
            ],
            count: 54,
            most: 2_000,
        }
    }
}

/// A box with papers for, against and abstaining.
fn found(in_box: u64, counts: [u64; 3], invalid: u64) -> BoxCount {
    let rows = ["for", "against", "abstain"].into_iter().zip(counts);
    BoxCount { in_box, counts: rows.map(|(code, n)| (code.to_owned(), None, n)).collect(), invalid }
}

impl Minutes {
    /// A session that is over, its minutes to be signed.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let mut page = SessionPage::sample(lang);
        let line = |no: u32| RosterLine {
            no,
            name: Some(format!("{}{no}", pick(lang, "代表", "Member "))),
            there: (!no.is_multiple_of(7)).then(|| ["hall", "online"][usize::from(no.is_multiple_of(3))].to_owned()),
            recused: no == 3,
        };
        page.roster.extend((4..46).map(line));
        let plan = NoticePage::sample(lang).plan.map(|plan| plan.text).unwrap_or_default();
        Self {
            items: vec![
                ItemFacts {
                    plan,
                    amount: Some(12_600_000),
                    recused: vec![3],
                    on_paper: vec![None],
                    spoiled: vec![None],
                    reasons: vec![Vec::new()],
                },
                ItemFacts {
                    on_paper: vec![Some(OnPaper {
                        issued: 34,
                        count: found(33, [20, 10, 1], 2),
                        first: Some(found(33, [20, 9, 1], 3)),
                    })],
                    spoiled: vec![Some(2)],
                    reasons: vec![vec![(Invalid::Blank, 1), (Invalid::Several, 1)]],
                    ..ItemFacts::default()
                },
            ],
            standing: Standing::Ready,
            named: false,
            filed: None,
            noted: NotedInMinutes {
                seen: vec![6, 9, 12],
                unseen: vec![15],
                scribes: vec![8],
                observers: vec![pick(lang, "驻村干部 潘小青", "Pan Xiaoqing, liaison official")],
                ..NotedInMinutes::default()
            },
            link: "https://vote.example/check?village=331102206201".to_owned(),
            checkpoint: ("vote.example/log/v/331102206201".to_owned(), 214, digest(0xa7).to_string()),
            as_of: time("2026-10-24", 21, 30),
            page,
        }
    }
}

impl Ballot {
    /// The ballot of a question with the common options.
    #[must_use]
    pub fn sample(second: bool) -> Self {
        let both = |zh: &str, en: &str| Words(zh.to_owned(), second.then(|| en.to_owned()));
        let say = |key: &'static str| both(&Lang::ZhCn.t(key).to_string(), &Lang::En.t(key).to_string());
        Self {
            title: say("ballot-title"),
            occasion: both(
                "黄村乡黄泥墩村 村民代表会议 2026年11月28日",
                "Huangnidun, Village representatives, 28 November 2026",
            ),
            question: Words("是否同意村庄建设规划（2027—2031年）？".to_owned(), None),
            options: ["for", "against", "abstain"]
                .map(|code| {
                    both(&Lang::ZhCn.named("option", code).to_string(), &Lang::En.named("option", code).to_string())
                })
                .to_vec(),
            voter: None,
            rules: vec![say("ballot-how"), say("ballot-invalid")],
            scribe: say("ballot-scribe"),
            seal: say("ballot-seal"),
            batch: both("批次 A", "Batch A"),
        }
    }

    /// The same, with a line for the voter's name.
    #[must_use]
    pub fn sample_named(second: bool) -> Self {
        let both =
            |key: &'static str| Words(Lang::ZhCn.t(key).to_string(), second.then(|| Lang::En.t(key).to_string()));
        Self {
            title: both("ballot-title-named"),
            voter: Some(both("ballot-voter")),
            rules: vec![both("ballot-how"), both("ballot-invalid-named"), both("ballot-named-say")],
            ..Self::sample(second)
        }
    }
}

impl Stub {
    /// The stub of that ballot.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            occasion: "黄泥墩村 2026年11月28日 是否同意村庄建设规划（2027—2031年）？".to_owned(),
            note: Lang::ZhCn.t("ballot-stub").to_string(),
            number: "A 编号".to_owned(),
        }
    }
}
