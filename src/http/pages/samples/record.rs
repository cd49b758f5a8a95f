//! Samples of session, record, document and check.

use crate::core::clock::Time;
use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::matter::{Action, QuestionState};
use crate::http::pages::parts::{Level, Pager, PaperState, Watch, Who};
use crate::http::pages::printed::Printable;
use crate::http::pages::record::{
    CheckPage, Content, Counted, DocumentPage, EntryLine, Finding, RecordPage, Report, Verdict, Witness,
};
use crate::http::pages::samples::matter::{question, rule};
use crate::http::pages::samples::{
    act, chrome, chrome_of_clerk, date, digest, matter_id, paper, pick, place, session_id, time, who,
};
use crate::http::pages::service::Prepared;
use crate::http::pages::session::{Again, AgendaItem, AtTheDoor, Change, RosterLine, SessionPage};

/// A verifier key, of the form that signed notes have.
pub const LOG_KEY: &str = "127.0.0.1/log/v/331102206201+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

/// The verifier key of the district's log above it.
pub const DISTRICT_KEY: &str = "127.0.0.1/log/d/331102+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

/// One district and one witness.
pub fn watch() -> Watch {
    let key = "inspector.example/consistency+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
    let witnesses = vec![(key.to_owned(), "https://inspector.example/witness".to_owned())];
    Watch { district_keys: vec![DISTRICT_KEY.to_owned()], witnesses }
}

impl SessionPage {
    /// A session that is over.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let line = |no, zh: &str, en: &str, there: Option<&str>| RosterLine {
            no,
            name: Some(pick(lang, zh, en)),
            there: there.map(str::to_owned),
            recused: no == 3,
        };
        Self {
            c: chrome(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-10-24", 19, 30),
            hall: pick(lang, "村文化礼堂", "Culture hall"),
            state: Phase::Over,
            channels: vec!["online".to_owned(), "kiosk".to_owned(), "paper".to_owned()],
            rule: Some(rule(lang)),
            eligible: Some(45),
            present: Some(44),
            agenda: vec![
                AgendaItem {
                    matter: matter_id(1),
                    title: pick(
                        lang,
                        "村口到老樟树加装太阳能路灯",
                        "Solar street lights from the gate to the old camphor tree",
                    ),
                    mode: "named".to_owned(),
                    few_paper: false,
                    questions: vec![question(lang, [38, 3, 1, 1], true)],
                },
                AgendaItem {
                    matter: matter_id(5),
                    title: pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031"),
                    mode: "paper_secret".to_owned(),
                    few_paper: true,
                    questions: vec![question(lang, [15, 15, 3, 0], false)],
                },
            ],
            tellers: vec![
                who(lang, "caller", "钟丽华", "Zhong Lihua"),
                who(lang, "counter", "吴根土", "Wu Gentu"),
                who(lang, "scrutineer", "蓝秀英", "Lan Xiuying"),
            ],
            roster: vec![
                line(1, "雷建明", "Lei Jianming", Some("hall")),
                line(2, "钟丽华", "Zhong Lihua", Some("online")),
                line(3, "吴根土", "Wu Gentu", None),
            ],
            papers: vec![paper(pick(lang, "会议记录", "Minutes"), "application/pdf", 9)],
            acts: vec![act(
                "minutes.signed",
                time("2026-10-24", 21, 40),
                211,
                vec![who(lang, "chair", "雷建明", "Lei Jianming")],
            )],
            actions: Vec::new(),
            more: Vec::new(),
            terminal: true,
            prints: vec![
                Printable { what: "print-ballots", href: "/v/331102206201/s/1/ballots".to_owned() },
                Printable { what: "print-minutes", href: "/v/331102206201/s/1/minutes/file".to_owned() },
                Printable {
                    what: "print-minutes-named",
                    href: "/v/331102206201/s/1/minutes/file?named=true".to_owned(),
                },
            ],
            door: AtTheDoor::default(),
            again: None,
            prepared: None,
            rehearses: false,
            tries_key: false,
            changes: Vec::new(),
        }
    }

    /// A session that was only called.
    #[must_use]
    pub fn sample_called(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.state = Phase::Called;
        (page.eligible, page.present) = (None, None);
        for item in &mut page.agenda {
            for question in &mut item.questions {
                question.state = QuestionState::Waiting;
                question.counts.clear();
                question.choices.clear();
            }
        }
        page.roster.clear();
        page.tellers.clear();
        page.papers.clear();
        page.acts.clear();
        page.prints.clear();
        let meeting = Some("https://meeting.example/j/481".to_owned());
        page.door = AtTheDoor { keeps: true, member: true, home: true, meeting };
        page.again = Some(again());
        page.prepared = Some(Prepared { members: 45, told: 37, confirmed: 30, ready: 22, soon: true });
        (page.tries_key, page.rehearses) = (true, true);
        page.changes = vec![Change {
            title: pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031"),
            slip: Some("/v/331102206201/do/clerical.corrected".to_owned()),
            back: Some("/v/331102206201/do/change.requested".to_owned()),
        }];
        page.actions =
            vec![Action { kind: "ballot.cast".to_owned(), href: "/v/331102206201/vote/1".to_owned(), about: None }];
        page
    }

    /// A session in which members vote on one question while the next is still to be opened, as the chair sees it.
    #[must_use]
    pub fn sample_voting(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        (page.state, page.terminal) = (Phase::Voting, true);
        for question in page.agenda.iter_mut().flat_map(|item| &mut item.questions) {
            question.state = QuestionState::Open(time("2026-10-24", 20, 30));
            question.counts.clear();
            question.choices.clear();
        }
        let about =
            Some(pick(lang, "是否同意2027年误工补贴名单", "Is the list of lost-work allowances for 2027 agreed to?"));
        let step = |kind: &str, about: &Option<String>| Action {
            kind: kind.to_owned(),
            href: format!("/v/331102206201/do/{kind}"),
            about: about.clone(),
        };
        page.actions = vec![step("voting.opened", &about), step("minutes.signed", &None)];
        page.more = vec![step("voting.voided", &about)];
        page
    }
}

/// A session without quorum, a week before.
#[must_use]
pub fn again() -> Again {
    Again { id: session_id(7), at: time("2026-10-17", 19, 30), eligible: 45, present: 29 }
}

fn entry(lang: Lang, seq: u64, kind: &str, by: Vec<Who>) -> EntryLine {
    EntryLine {
        seq,
        at: time("2026-10-24", 20, 30),
        kind: kind.to_owned(),
        by,
        about: Some((
            pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights from the gate to the old camphor tree"),
            format!("/v/331102206201/m/{}", matter_id(1)),
        )),
        leaf: digest(0x3f),
    }
}

impl RecordPage {
    /// Three entries of 214.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let signed = vec![
            who(lang, "clerk", "毛小满", "Mao Xiaoman"),
            who(lang, "supervision_committee", "蓝秀英", "Lan Xiuying"),
        ];
        Self {
            c: chrome(lang),
            place: place(lang),
            origin: "127.0.0.1/log/v/331102206201".to_owned(),
            log_key: LOG_KEY.to_owned(),
            district_key: Some(DISTRICT_KEY.to_owned()),
            size: 1_214,
            root: digest(0xa7),
            at: Some(time("2026-11-18", 17, 20)),
            witnesses: vec![
                witness("inspector.example/watch", false, Some(time("2026-11-18", 17, 22)), true),
                witness("inspector.example/lawful", true, Some(time("2026-11-18", 17, 24)), true),
                witness("college.example/watch", false, Some(time("2026-11-17", 9, 5)), false),
                witness("press.example/watch", false, None, false),
            ],
            file_href: "/v/331102206201/record/file".to_owned(),
            file_size: Some(1_340_000),
            runs: Self::in_runs(vec![
                entry(lang, 1_213, "minutes.signed", signed.clone()),
                entry(lang, 1_212, "voting.closed", Vec::new()),
                entry(lang, 1_211, "ballot.cast", vec![who(lang, "voter", "钟丽华", "Zhong Lihua")]),
                entry(lang, 1_210, "ballot.cast", vec![who(lang, "voter", "吴根土", "Wu Gentu")]),
                entry(lang, 1_209, "roster.fixed", signed),
            ]),
            pager: Pager { earlier: None, later: Some("?page=2".to_owned()), page: 1, pages: 25 },
        }
    }
}

impl DocumentPage {
    /// A plan as text.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            place: place(lang),
            paper: paper(pick(lang, "路灯安装方案（定稿）", "Street lights: settled plan"), "text/plain", 7),
            content: Content::Text(pick(
                lang,
                "一、装太阳能路灯42盏。\n二、每盏3,000元，共126,000元。\n三、两年质保。",
                "1. 42 solar lights are set up.\n2. ¥3,000 each, ¥126,000 together.\n3. Two years’ warranty.",
            )),
            entry: Some(entry(lang, 140, "plan.settled", vec![who(lang, "clerk", "毛小满", "Mao Xiaoman")])),
            download: Some("/v/331102206201/d/07/file".to_owned()),
            actions: vec![Action {
                kind: "document.withdrawn".to_owned(),
                href: "/v/331102206201/do/document.withdrawn?document=07".to_owned(),
                about: None,
            }],
        }
    }

    /// One that was withdrawn.
    #[must_use]
    pub fn sample_withdrawn(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.paper.state = PaperState::Withdrawn {
            at: time("2026-09-30", 8, 0),
            reason: pick(lang, "照片里有电话号码", "the photo showed phone numbers"),
            replacement: Some(digest(4)),
        };
        page.content = Content::Nothing;
        page.download = None;
        page
    }

    /// One that is not for this reader.
    #[must_use]
    pub fn sample_closed(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.paper.state = PaperState::Closed;
        page.paper.level = Level::Village;
        page.content = Content::Nothing;
        page.download = None;
        page.entry = None;
        page
    }
}

impl CheckPage {
    /// A record that is complete and lawful.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome(lang),
            place: Some(place(lang)),
            report: Some(Report {
                verdict: Verdict::Complete,
                at: time("2026-11-21", 9, 12),
                entries: 1_214,
                signatures: 1_540,
                ballots: Counted { device: 390, paper: 12 },
                documents: 96,
                withdrawn: 1,
                witnesses: vec![witness("inspector.example/lawful", true, Some(time("2026-11-18", 17, 22)), true)],
                findings: Vec::new(),
                remarks: vec![("profile_unconfirmed".to_owned(), 18), ("late_entry".to_owned(), 1)],
            }),
            log_key: Some(LOG_KEY.to_owned()),
            watch: watch(),
            at_witness: false,
        }
    }

    /// No village chosen yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        let c = chrome_of_clerk(lang);
        Self { c, place: None, report: None, log_key: None, watch: watch(), at_witness: false }
    }

    /// The same on a witness's own page.
    #[must_use]
    pub fn sample_at_witness(lang: Lang) -> Self {
        Self { c: chrome(lang), report: None, log_key: None, at_witness: true, ..Self::sample(lang) }
    }

    /// There, with no village chosen yet.
    #[must_use]
    pub fn sample_at_witness_empty(lang: Lang) -> Self {
        Self { place: None, ..Self::sample_at_witness(lang) }
    }

    /// A record in which an entry was altered and a notice came late.
    #[must_use]
    pub fn sample_altered(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        let finding = |seq, rule: &str, expected: &str, found: &str| Finding {
            seq: Some(seq),
            rule: rule.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        if let Some(report) = &mut page.report {
            report.verdict = Verdict::Altered;
            report.witnesses.clear();
            report.findings = vec![
                finding(140, "statement.signature", "a signature of the key", "none that fits"),
                finding(152, "notice.early", &date("2026-10-18").to_string(), &date("2026-10-16").to_string()),
            ];
        }
        page
    }

    /// A record in which a step is missing.
    #[must_use]
    pub fn sample_lacking(lang: Lang) -> Self {
        let mut page = Self::sample_altered(lang);
        if let Some(report) = &mut page.report {
            report.verdict = Verdict::Lacking;
            report.findings.remove(0);
        }
        page
    }
}

fn witness(name: &str, lawful: bool, at: Option<Time>, current: bool) -> Witness {
    Witness { name: name.to_owned(), lawful, at, current }
}
