//! The hall's screen in each of its states.

use crate::core::clock::Time;
use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::matter::QuestionState;
use crate::http::pages::samples::matter::rule;
use crate::http::pages::samples::public::QR_SAMPLE;
use crate::http::pages::samples::record::again;
use crate::http::pages::samples::{chrome, matter_id, pick, place, session_id, time};
use crate::http::pages::screen::{Awaited, Choosable, Item, Put, Scene, ScreenPage, Tally, TallyRow, There};

const DAY: &str = "2026-11-28";

fn lights(lang: Lang) -> String {
    pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights from the gate to the old camphor tree")
}

fn put(lang: Lang) -> Put {
    let common = |option: &str| Choosable { option: option.to_owned(), label: None };
    Put {
        matter: matter_id(1),
        title: lights(lang),
        category: "M02".to_owned(),
        amount: Some(12_600_000),
        number: 1,
        question: pick(lang, "同意按方案加装太阳能路灯吗？", "Do you agree to the street lights as the plan has them?"),
        mode: "named".to_owned(),
        plan: vec![
            pick(
                lang,
                "装太阳能路灯42盏，每盏3,000元，由村集体经济收益列支。",
                "42 solar lights at ¥3,000 each, paid from the collective’s income.",
            ),
            pick(
                lang,
                "灯装在道路东侧，避开窗前；两年质保，坏了48小时内修好。",
                "They stand east of the road, away from windows, under warranty for two years; repaired within 48 hours.",
            ),
        ],
        options: ["for", "against", "abstain"].map(common).into(),
        channels: vec!["online".to_owned(), "paper".to_owned()],
    }
}

fn agenda(lang: Lang, first: QuestionState) -> Vec<Item> {
    vec![
        Item { matter: matter_id(1), title: lights(lang), questions: vec![first] },
        Item {
            matter: matter_id(2),
            title: pick(lang, "2027年误工补贴人员和标准", "Lost-work allowance 2027: who and how much"),
            questions: vec![QuestionState::Waiting, QuestionState::Waiting],
        },
    ]
}

fn tally(lang: Lang, columns: &[&str], rows: &[(&str, &[u64])], (needed, base): (u64, u64), passed: bool) -> Tally {
    let row = |(option, cells): &(&str, &[u64])| TallyRow {
        option: (*option).to_owned(),
        label: None,
        cells: cells.to_vec(),
        votes: cells.iter().sum(),
    };
    Tally {
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        rows: rows.iter().map(row).collect(),
        needed,
        base,
        not_voted: 1,
        visited: 2,
        rule: Some(rule(lang)),
        passed,
        winner: None,
        qr_svg: QR_SAMPLE.to_owned(),
        link: "http://127.0.0.1:8080/v/331102206201/s/01JB9D00R8".to_owned(),
    }
}

impl ScreenPage {
    fn at(lang: Lang, phase: Phase, now: Time, scene: Scene, first: QuestionState) -> Self {
        Self {
            c: chrome(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time(DAY, 19, 30),
            hall: pick(lang, "村文化礼堂", "culture hall"),
            phase,
            size: 214,
            now,
            next: None,
            there: There { eligible: Some(45), present: Some(34), quorum: Some(30) },
            again: None,
            scene,
            agenda: agenda(lang, first),
        }
    }

    /// People vote.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let until = time(DAY, 20, 30);
        let scene = Scene::Voting(Box::new(put(lang)), until);
        Self {
            next: Some(until),
            ..Self::at(lang, Phase::Voting, time(DAY, 20, 12), scene, QuestionState::Open(until))
        }
    }

    /// People vote on a plan that is long, with options of its own.
    #[must_use]
    pub fn sample_long(lang: Lang) -> Self {
        let until = time(DAY, 20, 30);
        let own =
            |option: &str, zh: &str, en: &str| Choosable { option: option.to_owned(), label: Some(pick(lang, zh, en)) };
        let options = vec![
            own("a", "方案一：全部由集体收益列支", "Plan one: all from the collective’s income"),
            own("b", "方案二：集体出一半，乡贤捐一半", "Plan two: half from the collective, half from donors"),
            Choosable { option: "abstain".to_owned(), label: None },
        ];
        let paragraph = pick(
            lang,
            "村口到老樟树全长一千二百米，原有路灯十一盏，亮的只有四盏。入户听取意见三十七条，多数要求先装老樟树下和桥头两段，灯杆不要正对窗户；施工单位由镇招投标中心公开确定，监督委员会全程到场，付款分三次：进场付三成，装好验收付五成，满一年没有问题再付两成。",
            "The road from the gate to the old camphor tree is 1,200 metres long. Of its eleven lamps four are lit. Of 37 opinions from households most ask that the stretch under the tree and the one at the bridge come first, and that no post stands before a window. The contractor is chosen in the open by the township’s tender office, the supervision committee is there throughout, and payment comes in three parts: three tenths at the start, five when all is set up and accepted, two after a year without fault.",
        );
        let plan = vec![paragraph; 7];
        let scene = Scene::Voting(Box::new(Put { plan, options, ..put(lang) }), until);
        Self {
            next: Some(until),
            ..Self::at(lang, Phase::Voting, time(DAY, 20, 12), scene, QuestionState::Open(until))
        }
    }

    /// Called, to come.
    #[must_use]
    pub fn sample_called(lang: Lang) -> Self {
        let there = There { eligible: Some(45), present: Some(0), quorum: Some(30) };
        Self {
            there,
            again: Some(again()),
            ..Self::at(lang, Phase::Called, time(DAY, 9, 0), Scene::Ahead, QuestionState::Waiting)
        }
    }

    /// Members check in; too few are there yet.
    #[must_use]
    pub fn sample_checking_in(lang: Lang) -> Self {
        let there = There { eligible: Some(45), present: Some(23), quorum: Some(30) };
        Self {
            there,
            ..Self::at(lang, Phase::CheckingIn, time(DAY, 19, 10), Scene::CheckingIn, QuestionState::Waiting)
        }
    }

    /// Enough are there: the plan is read.
    #[must_use]
    pub fn sample_reading(lang: Lang) -> Self {
        let scene = Scene::Reading(Box::new(Put { plan: Vec::new(), ..put(lang) }));
        Self::at(lang, Phase::CheckingIn, time(DAY, 19, 40), scene, QuestionState::Waiting)
    }

    /// Closed; ballots on their way are waited for.
    #[must_use]
    pub fn sample_waiting(lang: Lang) -> Self {
        let until = time(DAY, 20, 35);
        let scene = Scene::Waiting(Box::new(put(lang)), Awaited::Deliveries(until));
        Self::at(lang, Phase::Sitting, time(DAY, 20, 31), scene, QuestionState::Closed(until))
    }

    /// Closed; the box is being counted.
    #[must_use]
    pub fn sample_counting(lang: Lang) -> Self {
        let scene = Scene::Waiting(Box::new(put(lang)), Awaited::PaperCount);
        Self::at(lang, Phase::Sitting, time(DAY, 20, 36), scene, QuestionState::Counting)
    }

    /// Passed, on paper and by phone.
    #[must_use]
    pub fn sample_passed(lang: Lang) -> Self {
        let rows: [(&str, &[u64]); 4] =
            [("for", &[14, 9]), ("against", &[3, 4]), ("abstain", &[1, 1]), ("invalid", &[1, 0])];
        let tally = tally(lang, &["paper", "online"], &rows, (18, 34), true);
        let scene = Scene::Announced(Box::new(put(lang)), Box::new(tally));
        Self::at(lang, Phase::Sitting, time(DAY, 20, 40), scene, QuestionState::Decided(true))
    }

    /// Not passed, all by phone.
    #[must_use]
    pub fn sample_rejected(lang: Lang) -> Self {
        let rows: [(&str, &[u64]); 3] = [("for", &[17]), ("against", &[13]), ("abstain", &[3])];
        let tally = tally(lang, &["online"], &rows, (18, 34), false);
        let scene = Scene::Announced(Box::new(put(lang)), Box::new(tally));
        Self::at(lang, Phase::Sitting, time(DAY, 20, 40), scene, QuestionState::Decided(false))
    }

    /// An assembly of a thousand.
    #[must_use]
    pub fn sample_assembly(lang: Lang) -> Self {
        let rows: [(&str, &[u64]); 3] =
            [("for", &[487, 120, 83]), ("against", &[120, 20, 11]), ("abstain", &[52, 4, 2])];
        let tally = tally(lang, &["paper", "kiosk", "online"], &rows, (451, 900), true);
        let scene = Scene::Announced(Box::new(put(lang)), Box::new(tally));
        let there = There { eligible: Some(1_000), present: Some(900), quorum: Some(501) };
        Self { there, ..Self::at(lang, Phase::Sitting, time(DAY, 20, 40), scene, QuestionState::Decided(true)) }
    }

    /// Declared void.
    #[must_use]
    pub fn sample_void(lang: Lang) -> Self {
        Self::at(lang, Phase::Sitting, time(DAY, 20, 40), Scene::Void(Box::new(put(lang))), QuestionState::Void)
    }

    /// Too few came.
    #[must_use]
    pub fn sample_failed(lang: Lang) -> Self {
        let there = There { eligible: Some(45), present: Some(29), quorum: Some(30) };
        let failed = Self::at(lang, Phase::Failed, time(DAY, 20, 40), Scene::Nothing, QuestionState::NoQuorum);
        Self { there, ..failed }
    }
}
