//! Samples of the calendar.

use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::calendar::{CalendarPage, Day, Item};
use crate::http::pages::parts::Pager;
use crate::http::pages::samples::{chrome, date, matter_id, pick, place, session_id, time};

fn item(what: String, about: String, href: String) -> Item {
    Item {
        at: None,
        what,
        about: vec![about],
        href,
        hall: None,
        phase: None,
        waits: Vec::new(),
        times: 1,
        late: false,
        done: false,
    }
}

impl CalendarPage {
    /// A month with a session, ends of notices, answers that are due and a milestone.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let lamps =
            || pick(lang, "村口到老樟树安装太阳能路灯", "Solar lights from the entrance to the old camphor tree");
        let road = || pick(lang, "硬化村西机耕路", "Pave the western track");
        let matter = |n| format!("/v/{}/m/{}", place.code, matter_id(n));
        let session = Item {
            at: Some(time("2026-11-21", 19, 30)),
            hall: Some(lang.t("where-both").to_string()),
            phase: Some(Phase::Called),
            ..item(
                lang.named("body", "representative_assembly").to_string(),
                lamps(),
                format!("/v/{}/s/{}", place.code, session_id(1)),
            )
        };
        let roles = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let due = |kind: &str| lang.t("calendar-answer").with("what", lang.named("do", kind)).to_string();
        let late = Item {
            waits: roles(&["township_drafter"]),
            late: true,
            ..item(lang.t("calendar-review").to_string(), road(), matter(2))
        };
        let answers = Item {
            waits: roles(&["clerk", "chair", "branch_secretary"]),
            times: 3,
            ..item(due("objection.answered"), road(), matter(2))
        };
        let notice = item(lang.t("calendar-plan").to_string(), road(), matter(2));
        let reached = Item {
            done: true,
            ..item(lang.t("calendar-milestone").to_string(), pick(lang, "路基完工", "Foundation finished"), matter(1))
        };
        let month = |text: &str| format!("/v/{}/calendar?month={text}", place.code);
        let day = |day: &str, today, items| Day { day: date(day), today, items };
        Self {
            c: chrome(lang),
            month: pick(lang, "2026年11月", "November 2026"),
            days: vec![
                day("2026-11-05", false, vec![late, reached]),
                day("2026-11-18", true, vec![notice]),
                day("2026-11-21", false, vec![session, answers]),
            ],
            pager: Pager::default(),
            earlier: Some((month("2026-10"), pick(lang, "2026年10月", "October 2026"))),
            later: Some((month("2027-01"), pick(lang, "2027年1月", "January 2027"))),
            now: None,
            ics: format!("/v/{}/calendar.ics", place.code),
            place,
        }
    }

    /// A month without anything.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        let sample = Self::sample(lang);
        let now = Some(format!("/v/{}/calendar", sample.place.code));
        Self { days: Vec::new(), later: None, now, ..sample }
    }
}
