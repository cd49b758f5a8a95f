//! Who read what is not public: a reading of each sort, and none yet.

use crate::app::accesses::Action;
use crate::http::i18n::Lang;
use crate::http::pages::accesses::{AccessRow, AccessesPage};
use crate::http::pages::chrome::{Chrome, SignedIn};
use crate::http::pages::parts::Who;
use crate::http::pages::samples::{chrome, pick, place, time};

impl AccessesPage {
    /// A reading of each sort.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let name = pick(lang, "潘晓明", "Pan Xiaoming");
        let role = "discipline_inspector".to_owned();
        let inspector = Who { name: Some(name.clone()), role: role.clone() };
        let clerk = Who { name: Some(pick(lang, "林小红", "Lin Xiaohong")), role: "clerk".to_owned() };
        let place = place(lang);
        let row = |action: Action, who: Option<&Who>, minute| AccessRow {
            at: time("2026-11-20", 9, minute),
            who: who.cloned(),
            action: action.code().to_owned(),
            href: format!("/v/{}", place.code),
        };
        let rows = vec![
            row(Action::Accesses, Some(&inspector), 41),
            row(Action::Evidence, Some(&inspector), 40),
            row(Action::Document, Some(&inspector), 32),
            row(Action::Minutes, Some(&clerk), 20),
            row(Action::List, Some(&clerk), 12),
            row(Action::Package, Some(&clerk), 3),
            row(Action::Document, None, 1),
        ];
        let district = pick(lang, "莲都区", "Liandu");
        let person = SignedIn { name, role, place: district, tasks: 0, by_card: false };
        let next = Some(format!("/v/{}/accesses?before=1", place.code));
        Self { c: Chrome { person: Some(person), ..chrome(lang) }, place, rows, next }
    }

    /// Nobody read anything yet.
    #[must_use]
    pub fn sample_empty(lang: Lang) -> Self {
        Self { rows: Vec::new(), next: None, ..Self::sample(lang) }
    }
}
