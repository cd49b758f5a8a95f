//! Samples of a village's hall between sessions.

use crate::http::i18n::Lang;
use crate::http::pages::matter::Action;
use crate::http::pages::samples::{chrome, matter_id, paper, pick, place, time, who};
use crate::http::pages::talk::{Post, TalkPage, Thread};

impl TalkPage {
    /// What is said about a matter: by a representative, with a picture by the clerk, and something that was taken down.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let title = pick(lang, "硬化村西机耕路", "Pave the western track");
        let said = Post {
            seq: 118,
            at: time("2026-10-12", 19, 4),
            who: vec![who(lang, "representative", "蓝秀英", "Lan Xiuying")],
            text: pick(
                lang,
                "路宽能不能做到3.5米？收割机才过得去。\n上次在三组量过，最窄的地方只有2.8米。",
                "Can it be 3.5 metres wide? A harvester needs that.\nWe measured at group 3: 2.8 metres at the narrowest.",
            ),
            papers: Vec::new(),
            taken_down: None,
            take_down: None,
        };
        let answered = Post {
            seq: 121,
            at: time("2026-10-13", 8, 30),
            who: vec![who(lang, "clerk", "季伟", "Ji Wei")],
            text: pick(lang, "方案改为3.5米，草图见附件。", "The plan now says 3.5 metres; see the sketch."),
            papers: vec![paper(pick(lang, "附件", "Attached"), "application/pdf", 7)],
            take_down: Some(format!("/v/{}/do/document.withdrawn", place.code)),
            ..said.clone()
        };
        let gone = Post {
            seq: 124,
            at: time("2026-10-13", 21, 10),
            who: vec![who(lang, "representative", "雷建华", "Lei Jianhua")],
            text: String::new(),
            taken_down: Some((time("2026-10-14", 9, 0), pick(lang, "违反议事规则", "against the rules of the hall"))),
            ..said.clone()
        };
        let path = format!("/v/{}/talk", place.code);
        let thread = |title: Option<String>, posts: u64, day: &str| Thread {
            href: path.clone(),
            title,
            posts,
            last: time(day, 18, 0),
        };
        Self {
            c: chrome(lang),
            about: Some((matter_id(1), title.clone())),
            posts: vec![said, answered, gone],
            size: 130,
            earlier: Some(format!("{path}?before=118")),
            newest: None,
            actions: vec![Action {
                kind: "hall.posted".to_owned(),
                href: format!("/v/{}/do/hall.posted", place.code),
                about: None,
            }],
            threads: vec![thread(Some(title), 14, "2026-10-13"), thread(None, 3, "2026-10-02")],
            more: true,
            place,
        }
    }

    /// Nobody has said anything, and the reader can't.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self {
            about: None,
            posts: Vec::new(),
            earlier: None,
            actions: Vec::new(),
            threads: Vec::new(),
            more: false,
            ..Self::sample(lang)
        }
    }
}
