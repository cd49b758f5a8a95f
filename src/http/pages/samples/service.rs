//! Samples of what is done before a session.

use ulid::Ulid;

use crate::app::service::Readiness;
use crate::core::ids::PersonId;
use crate::core::model::KeyKind;
use crate::http::i18n::Lang;
use crate::http::pages::printed::Printable;
use crate::http::pages::samples::{chrome, chrome_by_card, chrome_of_clerk, pick, place, session_id, time, who};
use crate::http::pages::service::{
    Batch, MemberGroup, MemberRow, NoteLine, Noted, Prepared, ReadyPage, ServicePage, Show, Tester, Unready,
};

fn member(lang: Lang, no: u8, zh: &str, en: &str, notes: Vec<NoteLine>, readiness: Readiness) -> MemberRow {
    MemberRow { no: no.into(), person: PersonId::from_bytes([no; 16]), name: pick(lang, zh, en), notes, readiness }
}

fn note(lang: Lang, how: &str, confirmed: bool) -> NoteLine {
    let by = (how != "own").then(|| pick(lang, "毛小满", "Mao Xiaoman"));
    NoteLine { how: how.to_owned(), told: time("2026-11-25", 10, 2), by, confirmed }
}

impl ServicePage {
    /// A clerk three days before.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let ready = Readiness::Ready(time("2026-11-25", 12, 0), KeyKind::Device);
        let one = |no, zh, en, notes, state| member(lang, no, zh, en, notes, state);
        let first = vec![
            one(1, "雷建明", "Lei Jianming", vec![note(lang, "phone", false), note(lang, "own", false)], ready),
            one(2, "钟丽华", "Zhong Lihua", vec![note(lang, "message", false)], Readiness::Untested),
            one(3, "吴根土", "Wu Gentu", Vec::new(), Readiness::NoKey),
        ];
        let second = vec![
            one(4, "蓝秀英", "Lan Xiuying", vec![note(lang, "visit", true)], Readiness::Waiting),
            one(5, "毛阿根", "Mao Agen", Vec::new(), Readiness::Locked),
        ];
        let noted = |no: u8, zh: &str, en: &str, undone: bool| Noted {
            person: PersonId::from_bytes([no; 16]),
            name: pick(lang, zh, en),
            undone: undone.then(|| (time("2026-11-25", 10, 30), pick(lang, "毛小满", "Mao Xiaoman"))),
        };
        let batch = Batch {
            batch: Ulid(7),
            how: "phone".to_owned(),
            told: time("2026-11-25", 10, 2),
            confirmed: false,
            by: pick(lang, "毛小满", "Mao Xiaoman"),
            noted: time("2026-11-25", 10, 5),
            people: vec![noted(1, "雷建明", "Lei Jianming", false), noted(3, "吴根土", "Wu Gentu", true)],
        };
        let unready = [
            (Readiness::NoKey, 3, "吴根土", "Wu Gentu"),
            (Readiness::Waiting, 4, "蓝秀英", "Lan Xiuying"),
            (Readiness::Locked, 5, "毛阿根", "Mao Agen"),
            (Readiness::Untested, 2, "钟丽华", "Zhong Lihua"),
        ];
        let unready = unready.map(|(state, no, zh, en)| Unready { state, members: vec![(no, pick(lang, zh, en))] });
        let prints = ["calls", "slips", "agenda"].into_iter();
        let words = ["service-print-calls", "service-print-slips", "service-print-agenda"];
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-11-28", 19, 30),
            prepared: Prepared { members: 5, told: 3, confirmed: 2, ready: 1, soon: true },
            writes: true,
            show: Show::All,
            groups: vec![MemberGroup { group: Some(1), members: first }, MemberGroup { group: None, members: second }],
            unready: unready.to_vec(),
            just: Some(Ulid(7)),
            batches: vec![batch],
            now: "2026-11-25T10:30".to_owned(),
            message: pick(
                lang,
                "黄泥墩村：2026年11月28日 19:30 开村民代表会议。",
                "Huangnidun: villagers’ representatives on 28 November 2026, 19:30.",
            ),
            tellers: vec![who(lang, "caller", "钟丽华", "Zhong Lihua")],
            duties: vec![
                ("door".to_owned(), pick(lang, "雷小燕", "Lei Xiaoyan")),
                ("terminals".to_owned(), String::new()),
            ],
            prints: words
                .into_iter()
                .zip(prints)
                .map(|(what, list)| Printable { what, href: format!("/v/331102206201/s/1/lists/{list}/file") })
                .collect(),
        }
    }

    /// As the supervision committee reads it, when everybody is told.
    #[must_use]
    pub fn sample_read(lang: Lang) -> Self {
        let mut page = Self::sample(lang);
        page.writes = false;
        page.show = Show::Unreached;
        page.groups.clear();
        page.unready.clear();
        page.just = None;
        page.prepared = Prepared { members: 5, told: 5, confirmed: 5, ready: 5, soon: false };
        page
    }
}

impl ReadyPage {
    /// Somebody who came by the notice's code and isn't logged in.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        Self {
            home: true,
            c: chrome(lang),
            place: place(lang),
            id: session_id(1),
            body: "representative_assembly".to_owned(),
            at: time("2026-11-28", 19, 30),
            hall: pick(lang, "村文化礼堂", "culture hall"),
            agenda: vec![pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031")],
            online: true,
            ahead: true,
            tester: Tester::LogsIn,
        }
    }

    fn of(lang: Lang, readiness: Readiness, confirmed: bool) -> Self {
        let tester = Tester::Member { no: 3, name: pick(lang, "吴根土", "Wu Gentu"), confirmed, readiness };
        Self { c: chrome_by_card(lang), tester, ..Self::sample(lang) }
    }

    /// A member whose card works.
    #[must_use]
    pub fn sample_member(lang: Lang) -> Self {
        Self::of(lang, Readiness::Ready(time("2026-11-25", 12, 0), KeyKind::Card), false)
    }

    /// A member whose phone works, and who has said so.
    #[must_use]
    pub fn sample_phone(lang: Lang) -> Self {
        let page = Self::of(lang, Readiness::Ready(time("2026-11-25", 12, 0), KeyKind::Device), true);
        Self { c: chrome_of_clerk(lang), ..page }
    }

    /// Somebody else.
    #[must_use]
    pub fn sample_other(lang: Lang) -> Self {
        Self { c: chrome_of_clerk(lang), tester: Tester::Other, ..Self::sample(lang) }
    }
}
