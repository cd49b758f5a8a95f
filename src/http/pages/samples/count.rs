//! Samples of papers counted by two.

use crate::core::ids::PersonId;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, SignedIn};
use crate::http::pages::count::{Agreed, Change, CountPage, CountRow, NamedRow, Sort, Stage};
use crate::http::pages::parts::Who;
use crate::http::pages::samples::{chrome, matter_id, pick, place, session_id, time};

/// What the counter found, then the scrutineer: the box, three options, four reasons.
const COUNTER: [u32; 8] = [29, 18, 8, 1, 1, 1, 0, 0];
const SCRUTINEER: [u32; 8] = [29, 17, 9, 1, 1, 1, 0, 0];

fn who(lang: Lang, counter: bool) -> Who {
    let (zh, en, role) =
        if counter { ("雷建华", "Lei Jianhua", "counter") } else { ("蓝秀英", "Lan Xiuying", "scrutineer") };
    Who { name: Some(pick(lang, zh, en)), role: role.to_owned() }
}

fn change(lang: Lang, counter: bool, minute: i64, numbers: [u32; 8]) -> Change {
    Change { who: who(lang, counter), at: time("2026-11-28", 20, minute), numbers: numbers.to_vec() }
}

fn rows(own: Option<[u32; 8]>, others: Option<[u32; 8]>) -> Vec<CountRow> {
    let names = [
        (Sort::Box, "in_box"),
        (Sort::Option, "for"),
        (Sort::Option, "against"),
        (Sort::Option, "abstain"),
        (Sort::Invalid, "blank"),
        (Sort::Invalid, "several"),
        (Sort::Invalid, "illegible"),
        (Sort::Invalid, "recognisable"),
    ];
    let row = |(nth, (sort, code)): (usize, (Sort, &str))| CountRow {
        sort,
        code: code.to_owned(),
        label: None,
        own: own.map(|numbers| numbers[nth]),
        others: others.map(|numbers| numbers[nth]),
    };
    names.into_iter().enumerate().map(row).collect()
}

/// What is counted where papers are named.
fn named_numbers(both: Option<[u32; 8]>) -> Vec<CountRow> {
    let mut rows = rows(both, both);
    "unnamed".clone_into(&mut rows[7].code);
    rows
}

fn papers(lang: Lang, compared: bool) -> Vec<NamedRow> {
    let names = [
        (3, "雷建华", "Lei Jianhua"),
        (12, "蓝秀英", "Lan Xiuying"),
        (13, "钟丽华", "Zhong Lihua"),
        (30, "陈大山", "Chen Dashan"),
    ];
    let read = [("for", "for"), ("against", "for"), ("for", "against"), ("", "")];
    let code = |code: &str| (compared && !code.is_empty()).then(|| code.to_owned());
    let row = |((voter, zh, en), (own, others)): ((u32, &str, &str), (&str, &str))| NamedRow {
        voter,
        name: Some(pick(lang, zh, en)),
        own: code(own),
        others: code(others),
        compared,
    };
    names.into_iter().zip(read).map(row).collect()
}

impl CountPage {
    /// Before anything is entered.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let name = pick(lang, "雷建华", "Lei Jianhua");
        let village = pick(lang, "黄泥墩村", "Huangnidun");
        let person = SignedIn { name, role: "representative".to_owned(), place: village, tasks: 1, by_card: false };
        Self {
            c: Chrome { person: Some(person), ..chrome(lang) },
            place: place(lang),
            session: session_id(1),
            matter: matter_id(1),
            title: pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031"),
            question: pick(
                lang,
                "是否同意村庄建设规划（2027—2031）？",
                "Do you approve the village construction plan 2027–2031?",
            ),
            role: "counter".to_owned(),
            other: who(lang, false),
            issued: 30,
            visited: 2,
            missed: 1,
            again: false,
            most: 5_000,
            action: "/v/331102206201/s/1/count/1/q1".to_owned(),
            errors: Vec::new(),
            rows: rows(None, None),
            named: None,
            layouts: Some("[]".to_owned()),
            options: ["for", "against", "abstain"].map(|code| (code.to_owned(), None)).to_vec(),
            stage: Stage::Enter,
        }
    }

    /// Named papers of four voters.
    #[must_use]
    pub fn sample_named(lang: Lang) -> Self {
        Self {
            rows: named_numbers(None),
            named: Some(papers(lang, false)),
            layouts: None,
            issued: 4,
            ..Self::sample(lang)
        }
    }

    /// What stands on two named papers is read differently.
    #[must_use]
    pub fn sample_named_differing(lang: Lang) -> Self {
        let changes = vec![
            Change { numbers: vec![4, 2, 1, 0, 0, 0, 0, 1], ..change(lang, true, 41, COUNTER) },
            Change { numbers: vec![4, 2, 1, 0, 0, 0, 0, 1], ..change(lang, false, 43, SCRUTINEER) },
        ];
        let (rows, named) = (named_numbers(Some([4, 2, 1, 0, 0, 0, 0, 1])), Some(papers(lang, true)));
        Self { rows, named, layouts: None, issued: 4, stage: Stage::Differ(changes), ..Self::sample(lang) }
    }

    /// What was sent does not add up.
    #[must_use]
    pub fn sample_wrong(lang: Lang) -> Self {
        let wrong = [29, 18, 8, 0, 1, 1, 0, 0];
        Self { errors: vec!["count-does-not-add-up"], rows: rows(Some(wrong), None), ..Self::sample(lang) }
    }

    /// The other has not counted yet.
    #[must_use]
    pub fn sample_sent(lang: Lang) -> Self {
        let stage = Stage::Sent(time("2026-11-28", 20, 41));
        Self { rows: rows(Some(COUNTER), None), stage, ..Self::sample(lang) }
    }

    /// The two differ.
    #[must_use]
    pub fn sample_differing(lang: Lang) -> Self {
        let changes = vec![change(lang, true, 41, COUNTER), change(lang, false, 43, SCRUTINEER)];
        Self { rows: rows(Some(COUNTER), Some(SCRUTINEER)), stage: Stage::Differ(changes), ..Self::sample(lang) }
    }

    /// They agree; the papers were counted again, and a third signs.
    #[must_use]
    pub fn sample_agreed(lang: Lang) -> Self {
        let agreed = Agreed {
            draft: "/v/331102206201/s/1/count/1/q1/draft".to_owned(),
            waiting: None,
            thirds: vec![(PersonId::from_bytes([9; 16]), pick(lang, "钟丽华", "Zhong Lihua"))],
            excess: false,
            changes: vec![
                change(lang, true, 41, COUNTER),
                change(lang, false, 43, SCRUTINEER),
                change(lang, false, 52, COUNTER),
            ],
        };
        let stage = Stage::Agree(Box::new(agreed));
        Self { rows: rows(Some(COUNTER), Some(COUNTER)), stage, again: true, ..Self::sample(lang) }
    }

    /// They agree that there are too many, and the other has signed.
    #[must_use]
    pub fn sample_excess(lang: Lang) -> Self {
        let agreed = Agreed {
            draft: "/v/331102206201/s/1/count/1/q1/draft".to_owned(),
            waiting: Some(("/v/331102206201/pending/1".to_owned(), true)),
            thirds: Vec::new(),
            excess: true,
            changes: vec![change(lang, true, 41, COUNTER), change(lang, false, 43, COUNTER)],
        };
        let stage = Stage::Agree(Box::new(agreed));
        Self { rows: rows(Some(COUNTER), Some(COUNTER)), stage, issued: 28, ..Self::sample(lang) }
    }

    /// There is nothing to count.
    #[must_use]
    pub fn sample_shut(lang: Lang) -> Self {
        Self { stage: Stage::Shut("deliveries"), ..Self::sample(lang) }
    }
}
