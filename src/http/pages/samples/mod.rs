//! Invented data that fills every page once, for the render tests and for looking at the pages. Village names are real,
//! people are not.

pub mod accesses;
pub mod account;
pub mod acting;
pub mod all;
pub mod calendar;
pub mod cards;
pub mod catalogue;
pub mod count;
pub mod deliveries;
pub mod desk;
pub mod door;
pub mod embed;
pub mod figures;
pub mod filings;
pub mod filled;
pub mod find;
pub mod funds;
pub mod households;
pub mod matter;
pub mod opinions;
pub mod people;
pub mod printed;
pub mod public;
pub mod reach;
pub mod received;
pub mod record;
pub mod rehearsal;
pub mod screen;
pub mod service;
pub mod share;
pub mod talk;
pub mod terminal;
pub mod vouched;
pub mod witness;

use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, Elder, Play, SignedIn};
use crate::http::pages::parts::{
    ActLine, Answer, Correction, Emblem, Exchange, Level, MatterRow, Next, Outcome, Paper, PaperState, Place,
    SessionRow, Who,
};

/// A frame for a visitor who is not logged in.
#[must_use]
pub fn chrome(lang: Lang) -> Chrome {
    Chrome {
        lang,
        elder: Elder::Off,
        play: Some(Play::Demo),
        csrf: "c2FtcGxl".to_owned(),
        here: "/".to_owned(),
        person: None,
        district: pick(lang, "莲都区", "Liandu"),
        phone: "0578-000 0000".to_owned(),
    }
}

/// A frame for a clerk with three tasks.
#[must_use]
pub fn chrome_of_clerk(lang: Lang) -> Chrome {
    let name = pick(lang, "毛小满", "Mao Xiaoman");
    let place = pick(lang, "黄泥墩村", "Huangnidun");
    Chrome {
        person: Some(SignedIn { name, role: "clerk".to_owned(), place, tasks: 3, by_card: false }),
        ..chrome(lang)
    }
}

/// A frame for a representative who logged in with a card.
#[must_use]
pub fn chrome_by_card(lang: Lang) -> Chrome {
    let name = pick(lang, "吴根土", "Wu Gentu");
    let place = pick(lang, "黄泥墩村", "Huangnidun");
    let person = SignedIn { name, role: "representative".to_owned(), place, tasks: 1, by_card: true };
    Chrome { person: Some(person), ..chrome(lang) }
}

/// One of two texts, by language: sample content is written in the language of the sample page.
#[must_use]
pub fn pick(lang: Lang, zh: &str, en: &str) -> String {
    match lang {
        Lang::ZhCn => zh.to_owned(),
        Lang::En => en.to_owned(),
    }
}

/// A date from its text form.
///
/// # Panics
/// On a slip in a sample.
#[must_use]
pub fn date(text: &str) -> Date {
    text.parse().expect("a sample date")
}

/// A time in Asia/Shanghai, from date and hours and minutes.
#[must_use]
pub fn time(day: &str, hour: i64, minute: i64) -> Time {
    date(day).start().plus_ms((hour * 60 + minute) * 60_000)
}

/// A matter id that ends in `n`.
#[must_use]
pub fn matter_id(n: u8) -> MatterId {
    MatterId::from_bytes([1, 146, 211, 64, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, n])
}

/// A session id that ends in `n`.
#[must_use]
pub fn session_id(n: u8) -> SessionId {
    SessionId::from_bytes([1, 147, 3, 64, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, n])
}

/// A commitment.
#[must_use]
pub fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

/// Huangnidun, where the process began.
///
/// # Panics
/// Never: the codes are well-formed.
#[must_use]
pub fn place(lang: Lang) -> Place {
    Place {
        code: "331102206201".parse().expect("a village code"),
        name: pick(lang, "黄泥墩村", "Huangnidun"),
        township: "331102206".parse().expect("a township code"),
        township_name: pick(lang, "黄村乡", "Huangcun Township"),
    }
}

/// A person in a role.
#[must_use]
pub fn who(lang: Lang, role: &str, zh: &str, en: &str) -> Who {
    Who { name: Some(pick(lang, zh, en)), role: role.to_owned() }
}

/// A public paper.
#[must_use]
pub fn paper(title: String, media: &str, n: u8) -> Paper {
    Paper {
        commitment: digest(n),
        title,
        media: media.to_owned(),
        size: 48_000 + u64::from(n) * 1_300,
        level: Level::Public,
        state: PaperState::Open,
    }
}

/// A signed act.
#[must_use]
pub fn act(kind: &str, at: Time, seq: u64, by: Vec<Who>) -> ActLine {
    ActLine {
        kind: kind.to_owned(),
        at,
        held_on: None,
        late: false,
        by,
        seq,
        text: None,
        papers: Vec::new(),
        corrections: Vec::new(),
        annulled: None,
    }
}

/// An opinion from a household visit, answered.
#[must_use]
pub fn opinion(lang: Lang) -> Exchange {
    Exchange {
        kind: "opinion".to_owned(),
        text: pick(
            lang,
            "灯杆别正对着人家窗户，晚上照得睡不着。村口老樟树下那段最黑，先装那里。",
            "Don't put a post right in front of people's windows. It is darkest under the old camphor tree: start there.",
        ),
        who: Some(Who { name: None, role: "villager".to_owned() }),
        source: "household_visit".to_owned(),
        at: time("2026-10-09", 10, 20),
        answer: Some(Answer {
            text: pick(
                lang,
                "灯位已移开窗前，老樟树下排在第一批。",
                "The posts were moved away from windows; the camphor tree comes first.",
            ),
            who: vec![who(lang, "clerk", "毛小满", "Mao Xiaoman")],
            at: time("2026-10-12", 16, 5),
        }),
        due: None,
        seq: 131,
    }
}

/// A correction of a misspelt word.
#[must_use]
pub fn correction(lang: Lang) -> Correction {
    Correction {
        old: pick(lang, "太阳能路登", "solar street lihgts"),
        new: pick(lang, "太阳能路灯", "solar street lights"),
        at: time("2026-10-14", 9, 2),
        by: vec![
            who(lang, "clerk", "毛小满", "Mao Xiaoman"),
            who(lang, "supervision_committee", "蓝秀英", "Lan Xiuying"),
        ],
    }
}

/// Matters of several kinds and states.
#[must_use]
pub fn matters(lang: Lang) -> Vec<MatterRow> {
    let place = place(lang);
    let row = |n, zh: &str, en: &str, category: &str, amount, stage, outcome, next| MatterRow {
        place: None,
        village: place.code,
        id: matter_id(n),
        title: pick(lang, zh, en),
        category: category.to_owned(),
        amount,
        emblem: Emblem { stage, outcome },
        next,
    };
    vec![
        row(
            1,
            "村口到老樟树加装太阳能路灯",
            "Solar street lights from the gate to the old camphor tree",
            "M02",
            Some(12_600_000),
            5,
            Outcome::Underway,
            Next::Session(time("2026-11-28", 19, 30)),
        ),
        row(
            2,
            "2027年误工补贴人员和标准",
            "Lost-work allowance 2027: who and how much",
            "M03",
            Some(4_800_000),
            3,
            Outcome::Underway,
            Next::NoticeUntil(date("2026-11-26")),
        ),
        row(
            3,
            "茶厂房屋出租",
            "Letting the old tea factory",
            "M09",
            Some(3_000_000),
            4,
            Outcome::Returned,
            Next::DueBy(date("2026-11-30")),
        ),
        row(
            4,
            "溪边步道修复",
            "Repair of the path along the stream",
            "M02",
            Some(8_340_050),
            6,
            Outcome::Passed,
            Next::None,
        ),
        row(
            5,
            "村庄建设规划（2027—2031）",
            "Village construction plan 2027–2031",
            "M01",
            None,
            5,
            Outcome::NoQuorum,
            Next::None,
        ),
    ]
}

/// Matters that ended.
#[must_use]
pub fn ended_matters(lang: Lang) -> Vec<MatterRow> {
    let place = place(lang);
    let row = |n, zh: &str, en: &str, category: &str, stage, outcome, day| MatterRow {
        place: None,
        village: place.code,
        id: matter_id(n),
        title: pick(lang, zh, en),
        category: category.to_owned(),
        amount: None,
        emblem: Emblem { stage, outcome },
        next: Next::EndedOn(date(day)),
    };
    vec![
        row(11, "文化礼堂屋顶翻修", "New roof for the culture hall", "M02", 6, Outcome::Completed, "2026-09-30"),
        row(
            12,
            "集体山林续包方案",
            "Renewing the collective forest contract",
            "M06",
            5,
            Outcome::Rejected,
            "2026-08-14",
        ),
        row(13, "停车场收费", "Parking fees", "M10", 2, Outcome::Withdrawn, "2026-06-02"),
    ]
}

/// The next session.
#[must_use]
pub fn session_row(lang: Lang, phase: Phase) -> SessionRow {
    let place = place(lang);
    SessionRow {
        village: place.code,
        place: Some(place),
        id: session_id(1),
        body: "representative_assembly".to_owned(),
        at: time("2026-11-28", 19, 30),
        hall: pick(lang, "村文化礼堂", "culture hall"),
        agenda: vec![
            pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights from the gate to the old camphor tree"),
            pick(lang, "村庄建设规划（2027—2031）", "Village construction plan 2027–2031"),
        ],
        phase,
    }
}
