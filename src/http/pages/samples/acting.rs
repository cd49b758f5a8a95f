//! Samples of forms, drafts and the voter's path.

use crate::http::i18n::Lang;
use crate::http::pages::act::{
    AboutLine, ActPage, DonePage, DraftPage, DraftText, Fact, Field, Input, Item, Label, QuestionField, Signer, Signing,
};
use crate::http::pages::parts::{Level, Who};
use crate::http::pages::samples::public::QR_SAMPLE;
use crate::http::pages::samples::record::LOG_KEY;
use crate::http::pages::samples::{
    chrome_of_clerk, date, digest, matter_id, paper, pick, place, session_id, time, who,
};
use crate::http::pages::vote::{
    ReceiptPage, Unpublished, VoteChoicePage, VoteConfirmPage, VoteOption, VotePlanPage, VoteRow, VoteState,
    VoteWhichPage,
};

fn about(lang: Lang) -> AboutLine {
    let title = pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights from the gate to the old camphor tree");
    AboutLine { title, href: format!("/v/331102206201/m/{}", matter_id(1)), question: None }
}

fn field(name: &str, label: &'static str, input: Input) -> Field {
    Field {
        name: name.to_owned(),
        label: Label::Code(label),
        hint: None,
        required: true,
        error: None,
        input,
        phrases: Vec::new(),
    }
}

fn items(lang: Lang, list: &[(&str, &str, &str)]) -> Vec<Item> {
    let item = |(index, (value, zh, en)): (usize, &(&str, &str, &str))| Item {
        value: (*value).to_owned(),
        label: pick(lang, zh, en),
        chosen: index == 0,
    };
    list.iter().enumerate().map(item).collect()
}

fn question_field(lang: Lang) -> QuestionField {
    let bodies = [
        ("representative_assembly", "村民代表会议", "Villagers’ representative assembly"),
        ("group_meeting", "村民小组会议", "Villager group meeting"),
    ];
    QuestionField {
        title: pick(lang, "是否同意按公示方案安装太阳能路灯？", "Do you agree to the street lights as posted?"),
        options: String::new(),
        required: true,
        bodies: items(lang, &bodies),
        group: Some(String::new()),
    }
}

impl ActPage {
    /// The form that settles a plan, with every sort of field.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let categories =
            items(lang, &[("M02", "公益事业", "Public works"), ("M03", "误工补贴", "Lost-work allowance")]);
        let people = items(
            lang,
            &[("1", "雷建明", "Lei Jianming"), ("2", "钟丽华", "Zhong Lihua"), ("3", "吴根土", "Wu Gentu")],
        );
        let mut amount = field("amount", "amount", Input::Yuan("12.6万".to_owned()));
        amount.error = Some(pick(
            lang,
            "请只写数字，例如 126000 或 126000.50。",
            "Please write digits only, such as 126000 or 126000.50.",
        ));
        amount.hint = Some("amount");
        let mut papers = field(
            "papers",
            "papers",
            Input::Papers {
                there: vec![paper(pick(lang, "询价单.jpg", "quote.jpg"), "image/jpeg", 3)],
                camera: true,
                level: Level::Public,
            },
        );
        papers.required = false;
        papers.hint = Some("papers");
        let reply = Field {
            name: "answers.0".to_owned(),
            label: Label::Words(pick(lang, "答复：灯杆别正对着人家窗户。", "Answer to: no post in front of windows.")),
            hint: None,
            required: false,
            error: None,
            input: Input::Long { value: String::new(), max: 2_000 },
            phrases: vec![pick(lang, "按规定办理。", "Done as the rules say.")],
        };
        let questions = vec![question_field(lang)];
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            kind: "plan.settled".to_owned(),
            role: "clerk".to_owned(),
            about: Some(about(lang)),
            action: "/v/331102206201/do/plan.settled".to_owned(),
            hidden: vec![("matter".to_owned(), matter_id(1).to_string())],
            fields: vec![
                field("title", "title", Input::Text { value: pick(lang, "太阳能路灯", "Street lights"), max: 80 }),
                field(
                    "plan",
                    "plan",
                    Input::Long {
                        value: pick(lang, "装太阳能路灯42盏……", "42 solar lights …"), max: 20_000
                    },
                ),
                amount,
                field("category", "category", Input::Choice(categories)),
                field(
                    "households",
                    "households",
                    Input::Number { value: "37".to_owned(), min: 0, max: 9_999, unit: None },
                ),
                field(
                    "held_on",
                    "held-on",
                    Input::Date { value: "2026-11-12".to_owned(), min: None, max: Some(date("2026-11-21")) },
                ),
                field("starts_at", "starts-at", Input::DateTime("2026-11-28T19:30".to_owned())),
                field("attendees", "attendees", Input::Several(people)),
                papers,
                reply,
                field("questions", "questions", Input::Questions(questions)),
            ],
            errors: vec![pick(lang, "金额写得不对。", "The amount is not right.")],
            copies: vec![(pick(lang, "溪边步道修复", "Repair of the path along the stream"), "?copy=4".to_owned())],
            makes: Some("minutes"),
            earliest: Some(pick(
                lang,
                "最早可在2026年11月25日开会（通知满3天）。",
                "The session can be held from 25 November 2026 (three days’ notice).",
            )),
            saved: Some(time("2026-11-20", 22, 4)),
        }
    }
}

fn signing(server_signs: bool) -> Signing {
    Signing {
        api: "/api/v1/villages/331102206201/statements".to_owned(),
        pending: false,
        done: "/draft/1/done".to_owned(),
        log_key: LOG_KEY.to_owned(),
        payload: "e30=".to_owned(),
        exact: "{\"kind\":\"plan.settled\",\"village\":\"331102206201\",\"amount_fen\":12600000}".to_owned(),
        server_signs: server_signs.then(|| "/draft/1/sign".to_owned()),
    }
}

fn facts(lang: Lang, kind: &str) -> Vec<Fact> {
    let fact = |label, words: String, field: &str, value: String| Fact {
        label,
        words,
        field: field.to_owned(),
        value,
        ..Fact::default()
    };
    let title = about(lang).title;
    vec![
        fact("kind", lang.t(format!("kind-{}", kind.replace(['.', '_'], "-"))).to_string(), "kind", kind.to_owned()),
        fact("matter", title, "matter", matter_id(1).to_string()),
        fact("amount", lang.money(12_600_000), "amount_fen", "12600000".to_owned()),
        Fact {
            titles: vec![pick(
                lang,
                "村口晚上太黑，建议装几盏路灯",
                "It is dark at the gate; please put up some lamps",
            )],
            ..fact("answers", "3f3f3f3f".to_owned(), "answers", format!("[\"{}\"]", digest(0x3f)))
        },
        fact("name", pick(lang, "钟丽华", "Zhong Lihua"), "people.0.name", digest(4).to_string()),
        fact("person", "3FFQK7".to_owned(), "people.0.person", "01J0000000000000000003FFQK7".to_owned()),
        fact("roles", pick(lang, "村民代表", "Representative"), "people.0.roles", "[\"representative\"]".to_owned()),
    ]
}

impl DraftPage {
    /// A demo clerk signs a plan; the server holds the key.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            kind: "plan.settled".to_owned(),
            role: "clerk".to_owned(),
            about: Some(about(lang)),
            facts: facts(lang, "plan.settled"),
            texts: vec![DraftText {
                heading: pick(lang, "方案", "Plan"),
                text: pick(lang, "装太阳能路灯42盏，每盏3,000元。", "42 solar lights at ¥3,000 each."),
                field: "plan.sha256".to_owned(),
                value: digest(7).to_string(),
                salt: digest(8).to_string(),
                level: Some(("plan.level".to_owned(), "public".to_owned())),
            }],
            papers: vec![paper(
                pick(lang, "路灯安装方案（定稿）", "Street lights: settled plan"),
                "application/pdf",
                7,
            )],
            signers: vec![Signer {
                who: who(lang, "clerk", "毛小满", "Mao Xiaoman"),
                person: None,
                signed: None,
                me: true,
            }],
            warnings: Vec::new(),
            signing: signing(true),
            hand_over: Some("/api/v1/villages/331102206201/pending".to_owned()),
            take_back: None,
            edit: Some("/v/331102206201/do/plan.settled?draft=1".to_owned()),
        }
    }

    /// The second signature under a result, with the signer's own key.
    #[must_use]
    pub fn sample_second(lang: Lang) -> Self {
        let chair = Signer {
            who: who(lang, "chair", "雷建明", "Lei Jianming"),
            person: None,
            signed: Some(time("2026-11-28", 20, 40)),
            me: false,
        };
        let me = Signer {
            who: Who { name: None, role: "supervision_committee".to_owned() },
            person: None,
            signed: None,
            me: true,
        };
        let warning = pick(lang, "签字后当场宣布，结果就定了。", "Once signed, the result is announced and final.");
        let mut page = Self {
            kind: "result.announced".to_owned(),
            facts: facts(lang, "result.announced"),
            signers: vec![chair, me],
            ..Self::sample(lang)
        };
        page.warnings = vec![warning];
        page.signing = Signing { pending: true, ..signing(false) };
        page.edit = None;
        page
    }
}

impl DonePage {
    /// On record.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            kind: "plan.settled".to_owned(),
            about: Some(about(lang)),
            entry: Some((140, digest(0x3f))),
            missing: Vec::new(),
            until: None,
            next: vec![(
                pick(lang, "接着：张榜公示方案", "Next: post the plan"),
                "/v/331102206201/do/plan.posted".to_owned(),
            )],
        }
    }

    /// Half signed.
    #[must_use]
    pub fn sample_half(lang: Lang) -> Self {
        let missing = vec![Who { name: None, role: "supervision_committee".to_owned() }];
        let until = Some(time("2026-11-28", 20, 30));
        Self { entry: None, missing, until, next: Vec::new(), ..Self::sample(lang) }
    }
}

impl VoteWhichPage {
    /// Two questions, one voted; not checked in.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let until = time("2026-11-28", 20, 30);
        let row = |zh: &str, en: &str, state| VoteRow {
            matter: pick(lang, zh, en),
            question: pick(lang, "是否同意公示的方案？", "Do you agree to the plan as posted?"),
            state,
            href: "?q=1".to_owned(),
        };
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            session: session_id(1),
            questions: vec![
                row("村口到老樟树加装太阳能路灯", "Solar street lights", VoteState::Open(until)),
                row("溪边步道修复", "Path along the stream", VoteState::Voted(until)),
                row("村庄建设规划", "Construction plan", VoteState::Waiting),
            ],
            check_in: Some("/v/331102206201/do/attendance.checked_in".to_owned()),
            door: None,
            meeting: Some("https://meeting.example/j/481".to_owned()),
            unpublished: Vec::new(),
        }
    }

    /// Nothing to vote on.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        let door = Some(time("2026-11-28", 17, 30));
        Self { questions: Vec::new(), check_in: None, door, ..Self::sample(lang) }
    }

    /// A ballot of the reader's was not opened.
    #[must_use]
    pub fn sample_unpublished(lang: Lang) -> Self {
        let question = pick(lang, "是否同意公示的方案？", "Do you agree to the plan as posted?");
        let facts = DraftPage::sample(lang).facts;
        Self { unpublished: vec![Unpublished { question, facts, signing: signing(false) }], ..Self::sample(lang) }
    }
}

impl VotePlanPage {
    /// The street lights in brief.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let AboutLine { title: matter, href: matter_href, .. } = about(lang);
        Self {
            c: chrome_of_clerk(lang),
            matter,
            matter_href,
            place: place(lang),
            brief: pick(
                lang,
                "装太阳能路灯42盏，每盏3,000元，由村集体经济收益列支。两年质保，坏了48小时内修好。",
                "42 solar lights at ¥3,000 each, paid from the collective’s income. Two years’ warranty, repaired within 48 hours.",
            ),
            amount: Some(12_600_000),
            plan: Some(paper(pick(lang, "路灯安装方案（定稿）", "Street lights: settled plan"), "application/pdf", 7)),
            closes: time("2026-11-28", 20, 30),
            grace: 5,
            mode: "named".to_owned(),
            papers: Some("named"),
            meeting: None,
            next: "?q=1&step=3".to_owned(),
            back: "?".to_owned(),
        }
    }
}

fn options() -> Vec<VoteOption> {
    ["for", "against", "abstain"].map(|code| VoteOption { code: code.to_owned(), label: None }).to_vec()
}

impl VoteChoicePage {
    /// For, against, abstain.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            matter: about(lang).title,
            question: pick(
                lang,
                "是否同意按公示方案安装太阳能路灯42盏，总价126,000元？",
                "Do you agree to set up 42 solar lights for ¥126,000, as posted?",
            ),
            options: options(),
            action: "/v/331102206201/vote/1".to_owned(),
            hidden: vec![("q".to_owned(), "1".to_owned())],
            helpers: Vec::new(),
            help: "?help=1".to_owned(),
            back: "?q=1".to_owned(),
        }
    }

    /// Somebody helps.
    #[must_use]
    pub fn sample_helped(lang: Lang) -> Self {
        let helpers = items(lang, &[("1", "钟小燕", "Zhong Xiaoyan"), ("2", "蓝小军", "Lan Xiaojun")]);
        Self { helpers, help: "?q=1".to_owned(), ..Self::sample(lang) }
    }
}

impl VoteConfirmPage {
    /// A vote in favour, with the voter's own key.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let mut facts = facts(lang, "ballot.cast");
        facts.truncate(2);
        let choices = VoteChoicePage::sample(lang);
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            matter: choices.matter,
            question: choices.question,
            opened: "e30=".to_owned(),
            question_salt: Some(digest(9).to_string()),
            label_salt: None,
            choice: VoteOption { code: "for".to_owned(), label: None },
            helper: Some(("1".to_owned(), pick(lang, "钟小燕", "Zhong Xiaoyan"))),
            facts,
            signing: signing(false),
            vouching: "https://inspector.example/witness/vouch".to_owned(),
            now: time("2026-11-28", 19, 50),
            back: "?q=1&step=3".to_owned(),
        }
    }
}

impl ReceiptPage {
    /// A ballot's receipt.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            seq: 198,
            leaf: digest(0x5c),
            kind: "ballot.cast".to_owned(),
            at: time("2026-11-28", 19, 51),
            qr_svg: QR_SAMPLE.to_owned(),
            link: "127.0.0.1:8080/r/331102206201/198/5c5c5c5c".to_owned(),
            file: "/api/v1/villages/331102206201/receipts/198".to_owned(),
            district_file: Some("/receipt/331102206201/198/district".to_owned()),
            log_key: LOG_KEY.to_owned(),
            about: Some((about(lang).title, about(lang).href)),
            next: Some("/v/331102206201/vote/1?q=2".to_owned()),
        }
    }
}
