//! Samples of log-in, enrolment, tasks, settings, help, demo and errors.

use crate::core::ids::PersonId;
use crate::http::i18n::Lang;
use crate::http::pages::account::{
    AccountPage, Ahead, CameBack, DemoPage, DemoPerson, DisputePage, DraftRow, Due, EnrolPage, ErrorPage, HelpPage,
    HomesDue, LetInPage, LoginPage, MyBallotsPage, ProviderPage, SettingsPage, SignSeveralPage, SlipsPage, Task,
    TaskGroup, TasksPage, Vouching,
};
use crate::http::pages::matter::Action;
use crate::http::pages::samples::record::watch;
use crate::http::pages::samples::{chrome, chrome_of_clerk, date, pick, place, time};
use crate::http::pages::service::Prepared;

fn key_roles() -> Vec<String> {
    ["representative", "clerk", "chair", "supervision_committee", "grid_worker"].map(str::to_owned).to_vec()
}

impl LoginPage {
    /// On the way to the tasks.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let href = "/login/provider?next=%2Ftasks".to_owned();
        Self { c: chrome(lang), next: "/tasks".to_owned(), provider: Some((provider(lang), href)) }
    }
}

fn provider(lang: Lang) -> String {
    pick(lang, "浙政钉", "Zhezhengding")
}

impl ProviderPage {
    fn came(lang: Lang, came: CameBack, href: &str) -> Self {
        Self { c: chrome(lang), came, provider: provider(lang), href: href.to_owned() }
    }

    /// The account is linked to nobody's key.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self::came(lang, CameBack::NotLinked, "/login")
    }

    /// Logged in: on the way to the tasks.
    #[must_use]
    pub fn sample_onward(lang: Lang) -> Self {
        Self::came(lang, CameBack::Onward, "/tasks")
    }

    /// Broken off at the provider.
    #[must_use]
    pub fn sample_cancelled(lang: Lang) -> Self {
        Self::came(lang, CameBack::Cancelled, "/login")
    }

    /// Said who holds a key that is to be enrolled.
    #[must_use]
    pub fn sample_checked(lang: Lang) -> Self {
        Self::came(lang, CameBack::Checked, "")
    }

    /// The provider knows its holder by another name than the village.
    #[must_use]
    pub fn sample_another_name(lang: Lang) -> Self {
        Self::came(lang, CameBack::AnotherName, "")
    }

    /// Nobody asked in this browser.
    #[must_use]
    pub fn sample_stale(lang: Lang) -> Self {
        Self::came(lang, CameBack::Stale, "/login")
    }

    /// What came back doesn't count.
    #[must_use]
    pub fn sample_refused(lang: Lang) -> Self {
        Self::came(lang, CameBack::Refused, "/login")
    }

    /// The provider doesn't answer.
    #[must_use]
    pub fn sample_away(lang: Lang) -> Self {
        Self::came(lang, CameBack::Away, "/login")
    }

    /// Logged out here.
    #[must_use]
    pub fn sample_out(lang: Lang) -> Self {
        Self::came(lang, CameBack::Out, "https://id.zj.example/session/end")
    }
}

impl AccountPage {
    /// None is linked; one has just come back.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let offered = Some(pick(lang, "潘晓明", "Pan Xiaoming"));
        Self { c: chrome_of_clerk(lang), provider: provider(lang), linked: None, offered, by_key: true }
    }

    /// One is linked.
    #[must_use]
    pub fn sample_linked(lang: Lang) -> Self {
        Self { linked: Some(time("2026-11-20", 9, 30)), offered: None, ..Self::sample(lang) }
    }

    /// The same read by whoever logged in by it.
    #[must_use]
    pub fn sample_by_account(lang: Lang) -> Self {
        Self { by_key: false, ..Self::sample_linked(lang) }
    }
}

impl LetInPage {
    /// An empty form.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang) }
    }
}

impl SignSeveralPage {
    /// Two statements.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let tasks = TasksPage::sample(lang);
        Self { c: tasks.c.clone(), waiting: tasks.tasks().take(2).cloned().collect() }
    }

    /// Nothing waits.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { waiting: Vec::new(), ..Self::sample(lang) }
    }
}

impl EnrolPage {
    /// An empty form.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), roles: key_roles(), checked_by: Some(provider(lang)) }
    }
}

impl SlipsPage {
    /// Two people to choose from.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            people: vec![
                (PersonId::from_bytes([7; 16]), pick(lang, "钟丽华", "Zhong Lihua")),
                (PersonId::from_bytes([8; 16]), pick(lang, "吴根土", "Wu Gentu")),
            ],
            roles: key_roles(),
            action: "/v/331102206201/do/keys.enrolled".to_owned(),
            checking: "required",
        }
    }
}

fn task(lang: Lang, kind: &str, role: &str, zh: &str, en: &str, due: Due) -> Task {
    Task {
        kind: kind.to_owned(),
        signs: false,
        title: pick(lang, zh, en),
        question: None,
        place: pick(lang, "黄泥墩村", "Huangnidun"),
        meeting: None,
        role: role.to_owned(),
        due,
        href: format!("/v/331102206201/do/{kind}"),
    }
}

/// Tasks about what the first of them is about.
fn group(tasks: Vec<Task>) -> TaskGroup {
    let (title, place) = (tasks[0].title.clone(), tasks[0].place.clone());
    TaskGroup { title, href: Some("/v/331102206201/m/1".to_owned()), place, tasks }
}

fn ahead(lang: Lang) -> Ahead {
    Ahead {
        at: time("2026-11-28", 19, 30),
        place: place(lang).name,
        prepared: Prepared { members: 45, told: 37, confirmed: 30, ready: 38, soon: true },
        unready: vec![("no-key".to_owned(), 2), ("untested".to_owned(), 5)],
        href: "/v/331102206201/s/1/service".to_owned(),
    }
}

fn on_a_question(lang: Lang) -> Task {
    let question = Some(pick(lang, "先修哪一间", "Which room is repaired first"));
    let named = task(lang, "result.announced", "clerk", "修缮文化礼堂", "Repair of the village hall", Due::Open);
    Task { question, ..named }
}

fn begin(kind: &str) -> Action {
    Action { kind: kind.to_owned(), href: format!("/v/331102206201/do/{kind}"), about: None }
}

fn homes(lang: Lang, what: &'static str, left: usize, due: Due) -> HomesDue {
    let title = pick(lang, "茶厂房屋出租", "Letting the old tea factory");
    HomesDue { what, left, title, place: place(lang).name, due, href: "/v/331102206201/households".to_owned() }
}

impl TasksPage {
    /// A clerk's evening.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            desk: true,
            files: true,
            reach: true,
            boxes: vec![(time("2026-11-28", 9, 0), pick(lang, "黄泥墩村", "Huangnidun"), "/v/331102001207".to_owned())],
            groups: vec![
                group(vec![
                    task(
                        lang,
                        "concern.answered",
                        "clerk",
                        "茶厂房屋出租",
                        "Letting the old tea factory",
                        Due::Overdue(date("2026-11-20").start()),
                    ),
                    task(lang, "visits.recorded", "clerk", "", "", Due::Until(date("2026-11-27").start())),
                ]),
                group(vec![Task {
                    meeting: Some(pick(
                        lang,
                        "会议：2026年11月28日 19:30 · 村民代表会议",
                        "session on 28 November 2026, 19:30 · Assembly of villagers’ representatives",
                    )),
                    ..task(
                        lang,
                        "roster.fixed",
                        "clerk",
                        "村庄建设规划、2027年误工补贴",
                        "Village plan, Lost-work allowance 2027",
                        Due::Until(time("2026-11-28", 19, 30)),
                    )
                }]),
                group(vec![on_a_question(lang)]),
                group(vec![task(
                    lang,
                    "progress.recorded",
                    "clerk",
                    "溪边步道修复",
                    "Repair of the path along the stream",
                    Due::Open,
                )]),
            ],
            to_sign: 2,
            homes: vec![
                homes(lang, "asked", 7, Due::Open),
                homes(lang, "told", 3, Due::Until(date("2026-11-27").start())),
            ],
            papers: vec![(place(lang).name, "/v/331102206201/paper".to_owned())],
            lists: vec![(place(lang).name, "/v/331102206201/households".to_owned())],
            ahead: vec![ahead(lang)],
            waiting: vec![task(
                lang,
                "keys.enrolled",
                "supervision_committee",
                "钟丽华的手机",
                "Zhong Lihua’s phone",
                Due::Open,
            )],
            drafts: vec![DraftRow {
                kind: "plan.settled".to_owned(),
                title: pick(lang, "2027年误工补贴人员和标准", "Lost-work allowance 2027"),
                place: pick(lang, "黄泥墩村", "黄泥墩村"),
                saved: time("2026-11-20", 22, 4),
                href: "/draft/1".to_owned(),
                drop: "/draft/1/drop".to_owned(),
            }],
            vouching: vec![Vouching {
                title: pick(lang, "溪边步道修复", "Repair of the path along the stream"),
                place: place(lang).name,
                until: time("2026-11-20", 19, 35),
                href: "/v/331102206201/do/ballot.vouched?role=discipline_inspector".to_owned(),
            }],
            witnesses: vec!["https://inspector.example/".to_owned()],
            begin: vec![begin("suggestion.entered"), begin("disclosure.posted")],
            villages: vec![(place(lang).code, place(lang).name)],
            provider: Some(provider(lang)),
        }
    }

    /// Nothing waits.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self {
            reach: false,
            c: chrome_of_clerk(lang),
            desk: false,
            files: false,
            boxes: Vec::new(),
            groups: Vec::new(),
            to_sign: 0,
            homes: Vec::new(),
            papers: Vec::new(),
            lists: Vec::new(),
            ahead: Vec::new(),
            waiting: Vec::new(),
            drafts: Vec::new(),
            vouching: Vec::new(),
            witnesses: Vec::new(),
            begin: Vec::new(),
            villages: Vec::new(),
            provider: None,
        }
    }
}

impl SettingsPage {
    /// As everybody sees it.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang) }
    }
}

impl HelpPage {
    /// As everybody sees it.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang) }
    }
}

impl DisputePage {
    /// With one witness.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), vouching: vec!["https://inspector.example/witness/vouch".to_owned()] }
    }
}

impl MyBallotsPage {
    /// As it comes, before the script.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self { c: chrome(lang), watch: watch() }
    }
}

impl DemoPage {
    /// The people of Huangnidun and two officials.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let person = |id: &str, zh: &str, en: &str, roles: &[&str], place: (&str, &str), current| DemoPerson {
            id: id.to_owned(),
            name: pick(lang, zh, en),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            place: pick(lang, place.0, place.1),
            current,
        };
        let village = ("黄泥墩村", "Huangnidun");
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            village: vec![
                person("1", "雷建明", "Lei Jianming", &["branch_secretary", "chair"], village, false),
                person("2", "毛小满", "Mao Xiaoman", &["clerk"], village, true),
                person("3", "蓝秀英", "Lan Xiuying", &["supervision_committee"], village, false),
                person("4", "钟丽华", "Zhong Lihua", &["representative"], village, false),
                person("5", "季伟", "Ji Wei", &["grid_worker"], village, false),
            ],
            officials: vec![
                person("6", "陈晓", "Chen Xiao", &["township_drafter"], ("黄村乡", "Huangcun Township"), false),
                person("7", "叶志平", "Ye Zhiping", &["township_approver"], ("黄村乡", "Huangcun Township"), false),
                person("8", "郑敏", "Zheng Min", &["discipline_inspector"], ("莲都区", "Liandu"), false),
            ],
            next: "/tasks".to_owned(),
            today: time("2026-11-21", 9, 30),
            query: String::new(),
            more: 39,
            leads: true,
        }
    }
}

impl ErrorPage {
    /// A page that isn't there.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            status: 404,
            title: pick(lang, "没有找到这一页", "There is no such page"),
            advice: pick(
                lang,
                "请检查网址，或从首页按乡镇、村名查找。",
                "Check the address, or start from the front page and look for the village.",
            ),
            detail: None,
            request: None,
        }
    }

    /// A text with a phone number in it.
    #[must_use]
    pub fn sample_refused(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            status: 422,
            title: pick(lang, "不符合规定，未提交", "Refused by a rule; nothing was submitted"),
            advice: pick(lang, "请按提示修改后再提交。", "Change what is named and submit again."),
            detail: Some(pick(
                lang,
                "文字里有手机号码，公开前请遮去。",
                "The text holds a phone number. Take it out before it is made public.",
            )),
            request: Some("01JB9D00R8".to_owned()),
        }
    }
}
