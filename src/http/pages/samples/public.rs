//! Samples of the public pages.

use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::district::{DistrictPage, PlaceRow, SearchPage, TownshipPage, VillageRow};
use crate::http::pages::matter::Action;
use crate::http::pages::parts::{Pager, Who};
use crate::http::pages::samples::matter::rule;
use crate::http::pages::samples::record::again;
use crate::http::pages::samples::{
    chrome, chrome_of_clerk, date, digest, ended_matters, matter_id, matters, paper, pick, place, session_row, time,
    who,
};
use crate::http::pages::village::{
    Asked, Call, Decision, NoticePage, NoticeRow, NoticesPage, Office, PlanSheet, VillagePage,
};

impl DistrictPage {
    /// Liandu on an evening with a vote open.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let township = |code: &str, zh: &str, en: &str, villages, underway| PlaceRow {
            href: format!("/t/{code}"),
            name: pick(lang, zh, en),
            villages,
            underway,
        };
        let mut results = ended_matters(lang);
        results.truncate(2);
        for row in &mut results {
            row.place = Some(place(lang));
        }
        Self {
            c: chrome(lang),
            name: None,
            around: Vec::new(),
            villages: 211,
            decided: 1_024,
            underway: 386,
            shows_sessions: true,
            sessions: [Phase::Voting, Phase::Called, Phase::Voted].map(|phase| session_row(lang, phase)).to_vec(),
            results,
            step: "townships",
            search_in: None,
            figures: "/figures".to_owned(),
            places: vec![
                township("331102001", "紫金街道", "Zijin Street", 11, 23),
                township("331102002", "岩泉街道", "Yanquan Street", 9, 14),
                township("331102100", "碧湖镇", "Bihu Town", 43, 80),
                township("331102103", "老竹畲族镇", "Laozhu She Town", 12, 20),
                township("331102204", "丽新畲族乡", "Lixin She Township", 9, 0),
                township("331102206", "黄村乡", "Huangcun Township", 11, 19),
            ],
        }
    }
}

impl DistrictPage {
    /// A province of a nation.
    #[must_use]
    pub fn sample_province(lang: Lang) -> Self {
        let prefecture = |code: &str, zh: &str, en: &str, villages, underway| PlaceRow {
            href: format!("/p/{code}"),
            name: pick(lang, zh, en),
            villages,
            underway,
        };
        Self {
            name: Some(pick(lang, "浙江省", "Zhejiang")),
            villages: 19_708,
            shows_sessions: false,
            sessions: Vec::new(),
            results: Vec::new(),
            step: "prefectures",
            places: vec![
                prefecture("3301", "杭州市", "Hangzhou", 1_913, 3_240),
                prefecture("3311", "丽水市", "Lishui", 1_891, 2_916),
            ],
            ..Self::sample(lang)
        }
    }
}

fn villages(lang: Lang) -> Vec<VillageRow> {
    let village = |n: u32, zh: &str, en: &str, underway, voting| {
        let mut place = place(lang);
        place.code = format!("331102206{n}").parse().expect("a village code");
        place.name = pick(lang, zh, en);
        VillageRow { place, around: String::new(), underway, voting }
    };
    vec![
        village(201, "黄泥墩村", "Huangnidun", 5, true),
        village(202, "黄村村", "Huangcun", 2, false),
        village(203, "上黄村", "Shanghuang", 0, false),
    ]
}

impl TownshipPage {
    /// Huangcun with three villages.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        Self {
            c: chrome(lang),
            code: place.township,
            name: place.township_name,
            around: Vec::new(),
            villages: villages(lang),
        }
    }
}

impl SearchPage {
    /// Three villages and a matter found.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let mut found = matters(lang);
        found.truncate(1);
        found[0].place = Some(place(lang));
        Self {
            c: chrome(lang),
            query: "黄".to_owned(),
            villages: villages(lang),
            matters: found,
            search_in: "331102".parse().ok(),
            next: Some("/search?q=黄&after=331102206203-黄村".to_owned()),
        }
    }

    /// Nothing found.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self {
            query: "<白云>".to_owned(),
            villages: Vec::new(),
            matters: Vec::new(),
            search_in: None,
            next: None,
            ..Self::sample(lang)
        }
    }
}

fn notice_rows(lang: Lang) -> Vec<NoticeRow> {
    let place = place(lang);
    vec![
        NoticeRow {
            what: "plan".to_owned(),
            title: pick(lang, "2027年误工补贴人员和标准", "Lost-work allowance 2027: who and how much"),
            href: format!("/v/{}/m/{}", place.code, matter_id(2)),
            posted: time("2026-11-21", 8, 30),
            until: Some(date("2026-11-26")),
            open: true,
        },
        NoticeRow {
            what: "session".to_owned(),
            title: pick(lang, "11月28日村民代表会议", "Session of the representatives on 28 November"),
            href: format!("/v/{}/m/{}", place.code, matter_id(1)),
            posted: time("2026-11-20", 9, 0),
            until: None,
            open: false,
        },
    ]
}

impl VillagePage {
    /// Huangnidun as its clerk sees it.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let office = |role: &str, zh: &[&str], en: &[&str]| Office {
            role: role.to_owned(),
            holders: zh.iter().zip(en).map(|(zh, en)| who(lang, role, zh, en)).collect(),
            cover_until: None,
        };
        let mut clerk = office("clerk", &["毛小满"], &["Mao Xiaoman"]);
        clerk.cover_until = Some(date("2026-12-05"));
        Self {
            c: chrome_of_clerk(lang),
            stage: None,
            at_stage: [2, 0, 1, 1, 2, 1],
            sessions: vec![session_row(lang, Phase::Called), session_row(lang, Phase::Missed)],
            underway: matters(lang),
            underway_pager: Pager::default(),
            ended: ended_matters(lang),
            ended_pager: Pager::default(),
            more_ended: Some(format!("/v/{}?ended=1", place.code)),
            notices: notice_rows(lang),
            offices: vec![
                office("branch_secretary", &["雷建明"], &["Lei Jianming"]),
                office("chair", &["雷建明"], &["Lei Jianming"]),
                clerk,
                office(
                    "supervision_committee",
                    &["蓝秀英", "钟国强", "吴彩云"],
                    &["Lan Xiuying", "Zhong Guoqiang", "Wu Caiyun"],
                ),
                office("grid_worker", &["季伟"], &["Ji Wei"]),
            ],
            term: Some((date("2025-12-10"), date("2030-12-09"))),
            representatives: Some(45),
            inspects: true,
            actions: vec![
                Action {
                    kind: "suggestion.entered".to_owned(),
                    href: format!("/v/{}/do/suggestion.entered", place.code),
                    about: None,
                },
                Action {
                    kind: "session.convened".to_owned(),
                    href: format!("/v/{}/do/session.convened", place.code),
                    about: None,
                },
            ],
            place,
        }
    }

    /// A village in which nothing has happened yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            at_stage: [0; 6],
            sessions: Vec::new(),
            underway: Vec::new(),
            ended: Vec::new(),
            more_ended: None,
            notices: Vec::new(),
            offices: Vec::new(),
            term: None,
            representatives: None,
            actions: Vec::new(),
            stage: Some(3),
            ..Self::sample(lang)
        }
    }
}

impl NoticesPage {
    /// Two notices, one open.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let mut past = notice_rows(lang);
        let open = past.drain(..1).collect();
        Self { c: chrome(lang), place: place(lang), open, past, pager: Pager::default() }
    }
}

fn plan_sheet(lang: Lang) -> PlanSheet {
    let question =
        pick(lang, "同意按方案加装太阳能路灯吗？", "Do you agree to the street lights as the plan has them?");
    PlanSheet {
        amount: Some(12_600_000),
        text: vec![pick(
            lang,
            "路灯装在道路东侧，每盏质保三年。",
            "The lights stand east of the road, under warranty for three years.",
        )],
        decisions: vec![Decision {
            body: "representative_assembly".to_owned(),
            group: None,
            rule: Some(rule(lang)),
            questions: vec![Asked { title: question, options: Vec::new() }],
        }],
    }
}

impl NoticePage {
    /// A settled plan, to be pinned up.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let link = "http://127.0.0.1:8080/v/331102206201/m/01JB9D00R8".to_owned();
        Self {
            c: chrome(lang),
            place: place(lang),
            seq: 211,
            what: "plan".to_owned(),
            matter: Some(matter_id(1)),
            title: pick(
                lang,
                "村口到老樟树加装太阳能路灯",
                "Solar street lights from the gate to the old camphor tree",
            ),
            body: vec![
                pick(
                    lang,
                    "为方便夜间出行，拟在村口至老樟树路段安装太阳能路灯42盏，总价126,000元，由村集体经济收益列支，施工单位通过镇招投标中心确定。",
                    "To make the way safe at night, 42 solar lights are to be set up between the gate and the old camphor tree for ¥126,000 from the collective’s income. The contractor is chosen through the township’s tender office.",
                ),
                pick(
                    lang,
                    "方案经村务联席会议于2026年11月12日商定，入户听取意见37条，均已答复。",
                    "The joint meeting settled the plan on 12 November 2026. Household visits brought 37 opinions; each was answered.",
                ),
            ],
            plan: Some(plan_sheet(lang)),
            call: None,
            questions: Vec::new(),
            papers: vec![paper(pick(lang, "路灯安装方案", "Street lights: the plan"), "application/pdf", 7)],
            posted: time("2026-11-14", 8, 0),
            until: Some(date("2026-11-19")),
            by: vec![
                Who { name: None, role: "clerk".to_owned() },
                Who { name: None, role: "supervision_committee".to_owned() },
            ],
            loudspeaker: pick(
                lang,
                "各位村民请注意：村口到老樟树装路灯的方案已经张榜，花多少钱、装在哪里都写在公示栏上。有意见的，请在11月19日前告诉监督委员会蓝秀英。",
                "Attention please: the plan for the street lights is on the board, with the cost and the places. Tell Lan Xiuying of the supervision committee by 19 November if you object.",
            ),
            qr_svg: QR_SAMPLE.to_owned(),
            link,
            checkpoint: Some(("127.0.0.1/log/v/331102206201".to_owned(), 214, digest(0xa7).to_string())),
        }
    }
}

impl NoticePage {
    /// A session that is called again.
    #[must_use]
    pub fn sample_call(lang: Lang) -> Self {
        let call = Call {
            at: time("2026-11-28", 19, 30),
            hall: pick(lang, "村文化礼堂", "culture hall"),
            agenda: vec![pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031")],
            ready: "https://vote.example/v/331102206201/s/01JB9D00R8/ready".to_owned(),
            again: Some(again()),
        };
        let body = pick(lang, "现召集村民代表会议。", "The villagers’ representatives are called.");
        Self {
            what: "session".to_owned(),
            matter: None,
            title: pick(
                lang,
                "村民代表会议 2026年11月28日 19:30",
                "Villagers’ representatives, 28 November 2026, 19:30",
            ),
            body: vec![body],
            plan: None,
            papers: Vec::new(),
            until: None,
            call: Some(call),
            ..Self::sample(lang)
        }
    }
}

/// A drawing in the place of a QR code.
pub const QR_SAMPLE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 21 21\" role=\"img\" aria-label=\"QR\"><path d=\"M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 1h2v3H9zM9 9h3v3H9zM14 10h5v2h-5zM10 15h4v4h-4zM17 16h3v3h-3z\"/></svg>";
