//! Samples of the page of a village's people.

use crate::http::i18n::Lang;
use crate::http::pages::matter::Action;
use crate::http::pages::people::{CoverLine, DelegationLine, Member, PeoplePage};
use crate::http::pages::samples::{chrome, chrome_of_clerk, date, pick, place, who};
use crate::http::pages::village::{Office, VillagePage};

fn action(kind: &str) -> Action {
    Action { kind: kind.to_owned(), href: format!("/v/331102206201/do/{kind}"), about: None }
}

impl PeoplePage {
    /// Huangnidun as its clerk sees it, with a cover and a delegation.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let member = |no, role: &str, zh: &str, en: &str, key| Member {
            no,
            who: who(lang, role, zh, en),
            group: Some(3),
            key: Some(key),
            actions: vec![action("roles.ended"), action("key.revoked")],
        };
        let official = Office {
            role: "township_approver".to_owned(),
            holders: vec![who(lang, "township_approver", "沈立", "Shen Li")],
            cover_until: None,
        };
        let village = VillagePage::sample(lang);
        Self {
            c: chrome_of_clerk(lang),
            place: place(lang),
            term: village.term,
            offices: village.offices,
            officials: vec![official],
            members: vec![
                member(1, "chair", "雷建明", "Lei Jianming", true),
                member(2, "representative", "钟丽华", "Zhong Lihua", true),
                member(3, "representative", "吴根土", "Wu Gentu", false),
            ],
            named: true,
            households: true,
            covers: vec![CoverLine {
                role: "clerk".to_owned(),
                holder: who(lang, "clerk", "毛小满", "Mao Xiaoman"),
                person: who(lang, "clerk", "季伟", "Ji Wei"),
                from: date("2026-11-20"),
                until: date("2026-12-05"),
            }],
            kin: vec![(pick(lang, "蓝秀英", "Lan Xiuying"), pick(lang, "蓝小军", "Lan Xiaojun"))],
            delegations: vec![DelegationLine {
                to: "representative_assembly".to_owned(),
                categories: vec!["M02".to_owned(), "M03".to_owned()],
                until: date("2030-12-09"),
            }],
            actions: ["role.covered", "kin.declared", "roles.granted", "term.opened"].map(action).into(),
        }
    }

    /// The same as everybody sees it, in a village without covers.
    #[must_use]
    pub fn sample_public(lang: Lang) -> Self {
        let mut page = Self { c: chrome(lang), named: false, ..Self::sample(lang) };
        for member in &mut page.members {
            (member.key, member.who.name) = (None, None);
            member.actions.clear();
        }
        page.covers.clear();
        page.kin.clear();
        page.delegations.clear();
        page.actions.clear();
        page
    }
}
