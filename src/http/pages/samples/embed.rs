//! The window that other sites embed: everything, a village, a matter, and nothing to show.

use crate::http::i18n::Lang;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::embed::{EmbedPage, Figures, StepLine, Theme};
use crate::http::pages::parts::Place;
use crate::http::pages::samples::{chrome, ended_matters, matter_id, matters, pick, place, time};
use crate::http::pages::village::VillagePage;

impl EmbedPage {
    fn blank(lang: Lang) -> Self {
        Self {
            c: Chrome { csrf: String::new(), ..chrome(lang) },
            theme: Theme::Auto,
            heading: String::new(),
            lead: String::new(),
            href: "/".to_owned(),
            refused: false,
            figures: None,
            matter: None,
            counts: Vec::new(),
            notices: Vec::new(),
            matters: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// All villages.
    #[must_use]
    pub fn sample(lang: Lang) -> Self {
        let Place { name, .. } = place(lang);
        let mut steps = steps(lang);
        for step in &mut steps {
            step.village = Some(name.clone());
        }
        Self {
            heading: pick(lang, "莲都区", "Liandu"),
            lead: lang.t("embed-title").to_string(),
            figures: Some(Figures { villages: 211, underway: 386, decided: 1_024 }),
            steps,
            ..Self::blank(lang)
        }
    }

    /// A village.
    #[must_use]
    pub fn sample_village(lang: Lang) -> Self {
        let Place { name, township_name, .. } = place(lang);
        let notices = VillagePage::sample(lang).notices;
        Self {
            heading: name,
            lead: township_name,
            notices,
            matters: matters(lang),
            steps: steps(lang),
            ..Self::blank(lang)
        }
    }

    /// A matter that was decided.
    #[must_use]
    pub fn sample_matter(lang: Lang) -> Self {
        let Place { name, township_name, .. } = place(lang);
        let matter = ended_matters(lang).into_iter().next();
        let heading = matter.as_ref().map(|matter| matter.title.clone()).unwrap_or_default();
        let mut steps = steps(lang);
        for step in &mut steps {
            step.title = None;
        }
        let counts = [("for", 38), ("against", 4), ("abstain", 3)].map(|(option, votes)| (option.to_owned(), votes));
        Self {
            heading,
            lead: format!("{township_name} {name}"),
            matter,
            counts: counts.into(),
            steps,
            ..Self::blank(lang)
        }
    }

    /// Nothing under that address.
    #[must_use]
    pub fn sample_refused(lang: Lang) -> Self {
        let words = |part: &str| lang.t(format!("problem-not-found-{part}")).to_string();
        Self { heading: words("title"), lead: words("advice"), refused: true, ..Self::blank(lang) }
    }
}

fn steps(lang: Lang) -> Vec<StepLine> {
    let title = pick(lang, "村口到老樟树加装太阳能路灯", "Solar street lights to the old camphor tree");
    let step = |kind, day| StepLine {
        at: time(day, 9, 30),
        village: None,
        kind,
        title: Some(title.clone()),
        href: format!("/v/{}/m/{}", place(lang).code, matter_id(1)),
    };
    vec![
        step("resolution.posted", "2026-11-21"),
        step("result.announced", "2026-11-20"),
        step("session.convened", "2026-11-12"),
        step("plan.posted", "2026-11-02"),
    ]
}
