//! An official's desk with warnings of each grade, and an empty one.

use crate::core::ids::Digest;
use crate::core::warnings::{Rule, Standing};
use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, SignedIn};
use crate::http::pages::desk::{AgainLine, DeskPage, NoteLine, WarningLine, WatchLine};
use crate::http::pages::samples::{chrome, matter_id, pick, place, time, who};

impl DeskPage {
    /// One warning of each rule.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let place = place(lang);
        let line = |rule: &Rule| WarningLine {
            rule: *rule,
            grade: rule.weight().grade,
            standing: Standing::of(rule.weight(), time("2026-10-02", 0, 0), None, time("2026-10-20", 9, 0)),
            name: format!("{rule}///"),
            note: (*rule == Rule::Stalled).then(|| NoteLine {
                at: time("2026-11-10", 9, 0),
                who: who(lang, "township_approver", "叶向东", "Ye Xiangdong"),
                words: pick(lang, "已约谈，月底前开工。", "Talked to the village: work begins this month."),
            }),
            days: rule.weight().days,
            place: place.clone(),
            title: Some(pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights to the old camphor tree")),
            href: format!("/v/{}/m/{}", place.code, matter_id(1)),
            again: (*rule == Rule::PictureAgain).then(|| AgainLine {
                place: place.clone(),
                title: Some(pick(lang, "硬化下村机耕路", "Concrete for the field road")),
                href: format!("/v/{}/m/{}", place.code, matter_id(2)),
                seq: 512,
                pictures: [3_u8, 4].map(|n| format!("/v/{}/d/{}", place.code, Digest([n; 32]))).to_vec(),
            }),
            since: time("2026-10-02", 0, 0),
            entries: vec![590, 604],
            number: if rule.weight().money { lang.money(12_600_000) } else { lang.count(3_u64) },
            whole: if rule.weight().money { lang.money(9_800_000) } else { lang.count(45_u64) },
        };
        let name = pick(lang, "潘晓明", "Pan Xiaoming");
        let district = pick(lang, "莲都区", "Liandu");
        let person =
            SignedIn { name, role: "discipline_inspector".to_owned(), place: district, tasks: 0, by_card: false };
        Self {
            c: Chrome { person: Some(person), ..chrome(lang) },
            known: 604,
            watch: vec![WatchLine {
                title: pick(lang, "见证方 liandu-jiwei 没有回应", "Witness liandu-jiwei is silent"),
                say: pick(
                    lang,
                    "2026年10月18日以后公布的记录，它还没有见证。上一次见证是2026年10月18日。",
                    "It has not confirmed what was published since 18 October 2026. It confirmed last on 18 October 2026.",
                ),
                href: "https://witness.example".to_owned(),
                go: pick(lang, "打开它的网址", "Open its address"),
            }],
            counted: Rule::ALL.iter().map(|rule| (*rule, 1)).collect(),
            rule: None,
            warnings: Rule::ALL.iter().map(line).collect(),
            next: Some("/desk?after=2~1".to_owned()),
        }
    }

    /// Nothing to look at.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { watch: Vec::new(), counted: Vec::new(), warnings: Vec::new(), next: None, ..Self::sample(lang) }
    }
}
