//! Samples of the matter page.

use crate::app::households::Sums;
use crate::http::i18n::Lang;
use crate::http::pages::matter::{
    Action, Ballot, Channels, Choice, Contract, Count, MatterPage, Milestone, NoticeWindow, Progress, Question,
    QuestionState, Ratings, Rule, Share, Step,
};
use crate::http::pages::parts::{ActLine, Answer, Emblem, Exchange, Level, Mark, Next, Outcome, PaperState, Who};
use crate::http::pages::samples::{
    act, chrome, chrome_of_clerk, correction, date, digest, matter_id, opinion, paper, pick, place, session_id, time,
    who,
};

/// The rule of the representatives' assembly, with its shipped figures.
#[must_use]
pub fn rule(lang: Lang) -> Rule {
    Rule {
        profile: "representative-assembly".to_owned(),
        confirmed: false,
        source: pick(
            lang,
            "《村民委员会组织法》（2018年）第二十五、二十六条",
            "Organic Law of Villagers’ Committees (2018), arts. 25–26",
        ),
        quorum: Share { num: 2, den: 3, more_than: false },
        quorum_needed: 30,
        threshold: Share { num: 1, den: 2, more_than: true },
        base: "present".to_owned(),
        abstentions_count: true,
    }
}

/// A question with its result.
#[must_use]
pub fn question(lang: Lang, votes: [u64; 4], passed: bool) -> Question {
    let codes = ["for", "against", "abstain", "invalid"];
    let base = votes.iter().sum::<u64>() + 1;
    let choice = |voter, zh: &str, en: &str, option: &str, channel: &str| Choice {
        voter,
        name: Some(pick(lang, zh, en)),
        helped: voter == 2,
        option: option.to_owned(),
        label: None,
        channel: channel.to_owned(),
    };
    Question {
        number: 1,
        title: pick(
            lang,
            "是否同意按公示方案安装太阳能路灯42盏，总价126,000元？",
            "Do you agree to set up 42 solar lights for ¥126,000, as posted?",
        ),
        state: QuestionState::Decided(passed),
        counts: codes
            .iter()
            .zip(votes)
            .map(|(code, votes)| Count { option: (*code).to_owned(), label: None, votes })
            .collect(),
        base,
        needed: base / 2 + 1,
        not_voted: 1,
        channels: Some(Channels { online: 17, kiosk: 6, paper: 20, visited: 2, missed: 1 }),
        choices: vec![
            choice(1, "雷建明", "Lei Jianming", "for", "paper"),
            choice(2, "钟丽华", "Zhong Lihua", "against", "online"),
            choice(3, "吴根土", "Wu Gentu", "abstain", "kiosk"),
        ],
    }
}

/// A ballot that passed.
#[must_use]
pub fn ballot(lang: Lang) -> Ballot {
    Ballot {
        session: session_id(1),
        body: "representative_assembly".to_owned(),
        at: time("2026-10-24", 19, 30),
        mode: "named".to_owned(),
        rule: rule(lang),
        eligible: 45,
        present: Some(44),
        recused: 1,
        questions: vec![question(lang, [38, 3, 1, 1], true)],
    }
}

fn suggestion(lang: Lang) -> Step {
    let heard = ActLine {
        text: Some(pick(
            lang,
            "村口到老樟树一段没有路灯，晚上老人小孩走路不安全，建议装几盏。",
            "There is no light between the gate and the old camphor tree. Old people and children are not safe at night. Please put up some lights.",
        )),
        held_on: Some(date("2026-09-01")),
        late: true,
        ..act("suggestion.entered", time("2026-09-22", 15, 12), 102, vec![who(lang, "grid_worker", "季伟", "Ji Wei")])
    };
    Step {
        began: Some(time("2026-09-22", 15, 12)),
        ended: Some(time("2026-09-25", 9, 0)),
        acts: vec![heard],
        ..Step::new(1, Mark::Done)
    }
}

fn proposal(lang: Lang) -> Step {
    let secretary = vec![who(lang, "branch_secretary", "雷建明", "Lei Jianming")];
    let mut made = act("matter.proposed", time("2026-09-25", 9, 0), 110, secretary);
    made.papers = vec![paper(pick(lang, "路灯安装初步方案", "Street lights: draft plan"), "application/pdf", 1)];
    made.corrections = vec![correction(lang)];
    let mut meeting = act(
        "enlarged_meeting.recorded",
        time("2026-09-28", 20, 40),
        113,
        vec![who(lang, "clerk", "毛小满", "Mao Xiaoman")],
    );
    meeting.held_on = Some(date("2026-09-28"));
    let mut withdrawn = paper(pick(lang, "列席人员名单", "List of those attending"), "image/jpeg", 3);
    withdrawn.state = PaperState::Withdrawn {
        at: time("2026-09-30", 8, 0),
        reason: pick(lang, "照片里有电话号码", "the photo showed phone numbers"),
        replacement: Some(digest(4)),
    };
    let mut shut = paper(pick(lang, "扩大会议录像", "Video of the meeting"), "video/mp4", 5);
    shut.level = Level::Village;
    shut.state = PaperState::Closed;
    meeting.papers = vec![
        paper(pick(lang, "扩大会议记录", "Minutes of the enlarged meeting"), "application/pdf", 2),
        withdrawn,
        shut,
    ];
    Step {
        began: Some(time("2026-09-25", 9, 0)),
        ended: Some(time("2026-09-28", 20, 40)),
        acts: vec![made, meeting],
        ..Step::new(2, Mark::Done)
    }
}

fn consultation(lang: Lang) -> Step {
    let clerk = || vec![who(lang, "clerk", "毛小满", "Mao Xiaoman")];
    let mut settled = act("plan.settled", time("2026-10-12", 20, 10), 140, clerk());
    settled.papers =
        vec![paper(pick(lang, "路灯安装方案（定稿）", "Street lights: settled plan"), "application/pdf", 7)];
    let concern = Exchange {
        kind: "concern".to_owned(),
        text: pick(lang, "询价单只有两家，应再问一家。", "Only two quotes were asked for; please ask a third."),
        who: Some(who(lang, "supervision_committee", "蓝秀英", "Lan Xiuying")),
        source: "online".to_owned(),
        at: time("2026-10-15", 10, 0),
        answer: Some(Answer {
            text: pick(lang, "已补第三家询价单，最低价不变。", "A third quote was added; the lowest stays the lowest."),
            who: clerk(),
            at: time("2026-10-16", 15, 30),
        }),
        due: None,
        seq: 145,
    };
    Step {
        began: Some(time("2026-10-08", 19, 0)),
        ended: Some(time("2026-10-17", 24, 0)),
        acts: vec![act("joint_meeting.recorded", time("2026-10-08", 21, 5), 128, clerk()), settled],
        opinions: vec![opinion(lang)],
        objections: vec![concern],
        notices: vec![NoticeWindow {
            what: "plan".to_owned(),
            posted: time("2026-10-12", 20, 30),
            until: date("2026-10-17"),
            moved_from: Some(date("2026-10-17")),
            days: 5,
            working_days: false,
            open: false,
            papers: vec![paper(pick(lang, "公示栏照片", "Photo of the board"), "image/jpeg", 8)],
        }],
        ..Step::new(3, Mark::Done)
    }
}

fn filing(lang: Lang) -> Step {
    let by = vec![
        who(lang, "township_drafter", "陈晓", "Chen Xiao"),
        who(lang, "township_approver", "叶志平", "Ye Zhiping"),
    ];
    let mut filed = act("filing.filed", time("2026-10-19", 16, 45), 151, by);
    filed.text = Some(pick(
        lang,
        "程序完整，资金来源清楚，准予备案。",
        "The procedure is complete and the source of the money is clear. Filed.",
    ));
    Step {
        began: Some(time("2026-10-18", 8, 30)),
        ended: Some(time("2026-10-19", 16, 45)),
        acts: vec![filed],
        ..Step::new(4, Mark::Done)
    }
}

fn voted(lang: Lang) -> Step {
    let chair = vec![
        who(lang, "chair", "雷建明", "Lei Jianming"),
        who(lang, "supervision_committee", "钟国强", "Zhong Guoqiang"),
    ];
    let mut minutes = act("minutes.signed", time("2026-10-24", 21, 40), 211, chair);
    minutes.papers = vec![paper(pick(lang, "会议记录", "Minutes"), "application/pdf", 9)];
    Step {
        began: Some(time("2026-10-20", 9, 0)),
        ended: Some(time("2026-10-24", 21, 40)),
        acts: vec![minutes],
        ballots: vec![ballot(lang)],
        ..Step::new(5, Mark::Done)
    }
}

/// A rating with words, answered.
fn rated(lang: Lang) -> Exchange {
    let said = pick(lang, "2分 不满意\n村口那盏灯不亮。", "2, not content\nThe light at the gate is dark.");
    let answer = Answer {
        text: pick(lang, "配件已到，周五换好。", "The part has come; it is changed on Friday."),
        who: vec![who(lang, "clerk", "叶小芳", "Ye Xiaofang")],
        at: time("2026-11-20", 10, 0),
    };
    Exchange {
        kind: "rating".to_owned(),
        text: said,
        who: Some(Who { name: None, role: "villager".to_owned() }),
        source: "online".to_owned(),
        at: time("2026-11-19", 20, 0),
        answer: Some(answer),
        due: None,
        seq: 243,
    }
}

/// A contract of which one milestone was late and one is ahead.
fn contract(lang: Lang) -> Contract {
    let milestone = |title, due, reached: Option<&str>, late| Milestone {
        title,
        due: date(due),
        amount: Some(3_000_000),
        reached: reached.map(date),
        late,
    };
    Contract {
        title: pick(lang, "太阳能路灯供货与安装合同", "Supply and installation of solar lights"),
        party: pick(lang, "丽水某照明工程公司", "A lighting firm in Lishui"),
        amount: 6_000_000,
        paid: 6_300_000,
        milestones: vec![
            milestone(pick(lang, "立杆30盏", "30 posts up"), "2026-11-10", Some("2026-11-15"), true),
            milestone(pick(lang, "全部亮灯", "All lights on"), "2026-12-31", None, false),
        ],
        at: time("2026-10-28", 9, 0),
        by: vec![
            who(lang, "clerk", "叶小芳", "Ye Xiaofang"),
            who(lang, "supervision_committee", "吴彩云", "Wu Caiyun"),
        ],
        papers: vec![paper(pick(lang, "合同", "Contract"), "application/pdf", 14)],
        seq: 224,
    }
}

fn watched(lang: Lang) -> Step {
    let objection = Exchange {
        kind: "objection".to_owned(),
        text: pick(lang, "第17盏灯的位置占了我家晒谷的地方。", "Light no. 17 stands where we dry our rice."),
        who: Some(Who { name: None, role: "villager".to_owned() }),
        source: "paper_box".to_owned(),
        at: time("2026-10-27", 9, 0),
        answer: None,
        due: Some(date("2026-11-01")),
        seq: 220,
    };
    let progress = Progress {
        at: time("2026-11-18", 17, 20),
        text: pick(
            lang,
            "已立杆30盏，亮灯28盏。两盏等配件。",
            "30 posts are up and 28 lights are on. Two wait for parts.",
        ),
        percent: Some(70),
        paid: Some(6_300_000),
        over: Some(300_000),
        witnesses: vec![who(lang, "representative", "蓝根土", "Lan Gentu")],
        by: vec![who(lang, "grid_worker", "季伟", "Ji Wei"), who(lang, "supervision_committee", "吴彩云", "Wu Caiyun")],
        papers: vec![
            paper(pick(lang, "老樟树下新装的路灯", "A new light under the old camphor tree"), "image/jpeg", 11),
            paper(pick(lang, "施工现场", "At work"), "image/jpeg", 12),
            paper(pick(lang, "第一期付款发票", "Invoice of the first payment"), "application/pdf", 13),
        ],
        seq: 240,
    };
    Step {
        began: Some(time("2026-10-25", 8, 0)),
        due: Some(date("2026-12-31")),
        objections: vec![objection, rated(lang)],
        contracts: vec![contract(lang)],
        progress: vec![progress],
        ratings: Ratings::of([1, 0, 2, 9, 6]),
        notices: vec![NoticeWindow {
            what: "resolution".to_owned(),
            posted: time("2026-10-25", 8, 0),
            until: date("2026-10-30"),
            moved_from: None,
            days: 5,
            working_days: true,
            open: true,
            papers: Vec::new(),
        }],
        ..Step::new(6, Mark::Now)
    }
}

impl MatterPage {
    /// Street lights, voted through and being set up, with all that a matter can carry.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        Self {
            c: chrome(lang),
            id: matter_id(1),
            title: pick(
                lang,
                "村口到老樟树加装太阳能路灯",
                "Solar street lights from the gate to the old camphor tree",
            ),
            title_corrections: Vec::new(),
            category: "M02".to_owned(),
            amount: Some(12_600_000),
            brief: Some(pick(
                lang,
                "装太阳能路灯42盏，每盏3,000元，由村集体经济收益列支。两年质保，坏了48小时内修好。",
                "42 solar lights at ¥3,000 each, paid from the collective’s income. Two years’ warranty, repaired within 48 hours.",
            )),
            plan: Some(paper(pick(lang, "路灯安装方案（定稿）", "Street lights: settled plan"), "application/pdf", 7)),
            emergency: false,
            emblem: Emblem { stage: 6, outcome: Outcome::Passed },
            next: Next::DueBy(date("2026-12-31")),
            households: Some(Sums { homes: 60, asked: 41, told: 38 }),
            reason: None,
            steps: vec![suggestion(lang), proposal(lang), consultation(lang), filing(lang), voted(lang), watched(lang)],
            entries: 37,
            posts: 2,
            packages: vec![("print-package", "/v/331102206201/m/1/package/file".to_owned())],
            print_href: Some(format!("/v/{}/m/{}/notice/resolution", place.code, matter_id(1))),
            actions: Vec::new(),
            more: Vec::new(),
            place,
        }
    }

    /// A matter sent back by the township, after an emergency.
    #[must_use]
    pub fn sample_returned(lang: Lang) -> Self {
        let mut filing = Step::new(4, Mark::Now);
        filing.due = Some(date("2026-11-10"));
        filing.overdue = true;
        let steps = vec![
            suggestion(lang),
            proposal(lang),
            consultation(lang),
            filing,
            Step::new(5, Mark::Ahead),
            Step::new(6, Mark::Ahead),
        ];
        Self {
            c: chrome_of_clerk(lang),
            title: pick(lang, "台风冲毁的溪堤抢修", "Urgent repair of the stream wall after the typhoon"),
            title_corrections: vec![correction(lang)],
            emergency: true,
            emblem: Emblem { stage: 4, outcome: Outcome::Returned },
            next: Next::Overdue(date("2026-11-10")),
            reason: Some(pick(
                lang,
                "请补充施工合同和三方验收单。",
                "Please add the contract and the acceptance signed by three parties.",
            )),
            steps,
            more: vec![Action {
                kind: "concern.raised".to_owned(),
                href: "/v/331102206201/do/concern.raised".to_owned(),
                about: None,
            }],
            actions: vec![Action {
                kind: "matter.proposed".to_owned(),
                href: "/v/331102206201/do/matter.proposed".to_owned(),
                about: None,
            }],
            ..Self::sample(lang)
        }
    }

    /// A matter on the day of its vote: one question open, one without quorum before.
    #[must_use]
    pub fn sample_voting(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        let mut earlier = ballot(lang);
        earlier.present = Some(29);
        earlier.questions[0].state = QuestionState::NoQuorum;
        earlier.questions[0].counts.clear();
        earlier.questions[0].choices.clear();
        let mut open = ballot(lang);
        open.questions[0].state = QuestionState::Open(time("2026-11-28", 20, 30));
        open.questions[0].counts.clear();
        open.questions[0].choices.clear();
        let mut closed = ballot(lang);
        closed.questions[0].state = QuestionState::Closed(time("2026-11-28", 20, 5));
        closed.questions[0].counts.clear();
        closed.questions[0].choices.clear();
        page.steps[4] = Step { ballots: vec![earlier, closed, open], ..Step::new(5, Mark::Now) };
        page.steps[5] = Step::new(6, Mark::Ahead);
        page.emblem = Emblem { stage: 5, outcome: Outcome::Underway };
        page.next = Next::VotingUntil(time("2026-11-28", 20, 30));
        page
    }

    /// A matter voted down.
    #[must_use]
    pub fn sample_rejected(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.steps[4].ballots[0].questions[0] = question(lang, [15, 15, 3, 0], false);
        page.steps[4].mark = Mark::Stopped;
        page.steps[5] = Step::new(6, Mark::Ahead);
        page.emblem = Emblem { stage: 5, outcome: Outcome::Rejected };
        page.next = Next::EndedOn(date("2026-10-24"));
        page
    }
}
