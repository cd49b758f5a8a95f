//! What the demo's papers say: matters of all ten categories in plain words, read once from `demo/`, with slots for
//! village, hamlet, amount and the like. Everyone and everything in it is invented but the villages' names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::core::clock::{Date, Time};
use crate::core::model::Category;

/// Something said and what was replied.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// What was said.
    pub said: String,
    /// The reply.
    pub reply: String,
}

/// One matter's papers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its title.
    pub title: String,
    /// Which scene its photographs show.
    pub picture: Scene,
    /// Smallest amount, largest, and step, in yuan; zeros for no money.
    pub amount: [u64; 3],
    /// What people suggested.
    pub suggestions: Vec<String>,
    /// The draft plan.
    pub draft: String,
    /// Opinions of those who attended the branch meeting without a vote.
    pub attending: String,
    /// What households said, and the replies.
    pub opinions: Vec<Said>,
    /// What the joint meeting settled.
    pub meeting: String,
    /// The settled plan.
    pub plan: String,
    /// The questions to vote on.
    pub questions: Vec<String>,
    /// Options of the first question, code and words; none for for, against, abstain.
    #[serde(default)]
    pub options: Vec<(String, String)>,
    /// An objection and the answer.
    pub objection: Said,
    /// A concern of the supervision committee and the answer.
    pub concern: Said,
    /// Why the township returns it.
    pub returned: String,
    /// Why it must be voted on again.
    pub change: String,
    /// Why some are against.
    pub against: String,
    /// Reports of progress, from the first to the last.
    pub progress: Vec<String>,
    /// What the supervision committee found in the end.
    pub signoff: String,
    /// Its category; stands in the file's name.
    #[serde(skip, default = "any")]
    pub category: Category,
}

fn any() -> Category {
    Category::M10
}

/// What a photograph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the thing it names")]
pub enum Scene {
    Road,
    Lamp,
    Bridge,
    Village,
    Hall,
    River,
    Canteen,
    Field,
    Factory,
    House,
    Tower,
    Works,
    Clinic,
}

/// A small matter that needs disclosure only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Small {
    /// Its category.
    pub category: Category,
    /// Its title.
    pub title: String,
    /// Its cost, in yuan.
    pub amount: u64,
    /// What is disclosed.
    pub text: String,
}

/// A suggestion that is not taken up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    /// The suggestion.
    pub text: String,
    /// Why it is not taken up.
    pub reason: String,
}

/// What the two committees and the township decide in an emergency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// What the emergency is.
    pub reason: String,
    /// Titles to choose from.
    pub titles: Vec<String>,
    /// What is done.
    pub plan: String,
    /// What is to be ratified.
    pub questions: Vec<String>,
}

/// Papers that all matters share, and lists to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// Papers of a matter's steps, by name.
    pub step: BTreeMap<String, String>,
    /// Papers of sessions, by name.
    pub session: BTreeMap<String, String>,
    /// Emergencies.
    pub emergency: Emergency,
    /// Small matters.
    pub small: Vec<Small>,
    /// Suggestions not taken up.
    pub declined: Vec<Declined>,
    /// Suggestions that wait or are answered in another matter.
    pub waiting: Vec<String>,
    /// Names of hamlets.
    pub hamlets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    matter: Vec<Subject>,
}

/// Everything in `demo/`.
#[derive(Debug)]
pub struct Content {
    /// Matters, by category.
    pub subjects: Vec<Subject>,
    /// The rest.
    pub common: Common,
}

static CONTENT: LazyLock<Content> = LazyLock::new(|| Content { subjects: read_subjects(), common: read_common() });

/// The content.
#[must_use]
pub fn content() -> &'static Content {
    &CONTENT
}

/// The matters, a file for each category.
const FILES: [&str; 10] = [
    include_str!("../../../demo/m01.toml"),
    include_str!("../../../demo/m02.toml"),
    include_str!("../../../demo/m03.toml"),
    include_str!("../../../demo/m04.toml"),
    include_str!("../../../demo/m05.toml"),
    include_str!("../../../demo/m06.toml"),
    include_str!("../../../demo/m07.toml"),
    include_str!("../../../demo/m08.toml"),
    include_str!("../../../demo/m09.toml"),
    include_str!("../../../demo/m10.toml"),
];

/// What all matters share.
const COMMON: &str = include_str!("../../../demo/common.toml");

#[expect(clippy::expect_used, reason = "the files are part of the program and a test reads them")]
fn read_subjects() -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (category, file) in Category::ALL.iter().zip(FILES) {
        let file: File = toml::from_str(file).expect("a file of demo is well-formed");
        subjects.extend(file.matter.into_iter().map(|subject| Subject { category: *category, ..subject }));
    }
    subjects
}

#[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
fn read_common() -> Common {
    toml::from_str(COMMON).expect("demo/common.toml is well-formed")
}

impl Common {
    /// A shared paper of a matter's step.
    ///
    /// # Panics
    /// For a name that the file doesn't have, which a test would find.
    #[must_use]
    pub fn step(&self, name: &str) -> &str {
        &self.step[name]
    }

    /// A shared paper of a session.
    ///
    /// # Panics
    /// As [`Common::step`].
    #[must_use]
    pub fn session(&self, name: &str) -> &str {
        &self.session[name]
    }
}

impl Content {
    /// The matters of a category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &Subject> {
        self.subjects.iter().filter(move |subject| subject.category == category)
    }
}

/// Values for the slots of a text.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// By name.
    values: BTreeMap<&'static str, String>,
    /// Money involved, in yuan.
    pub yuan: u64,
}

impl Slots {
    /// These slots with one more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// These slots for another amount.
    #[must_use]
    pub fn costing(self, yuan: u64) -> Self {
        Self { yuan, ..self }
    }

    /// The text with every slot filled: `{name}`, `{amount}`, or `{60%}` for a share of the amount. A slot without a value
    /// stays as it is.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            match self.value(name) {
                Some(value) => filled.push_str(&value),
                None => {
                    let _ = write!(filled, "{{{name}}}");
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        if name == "amount" {
            return Some(money(self.yuan));
        }
        if let Some(percent) = name.strip_suffix('%').and_then(|percent| percent.parse::<u64>().ok()) {
            return Some(money(self.yuan * percent / 100));
        }
        self.values.get(name).cloned()
    }
}

/// An amount as people write it: 36.8万元, 8600元.
#[must_use]
pub fn money(yuan: u64) -> String {
    if yuan < 10_000 {
        return format!("{yuan}元");
    }
    // Four places: 万 is ten thousand, and amounts are whole yuan.
    let places = format!("{}.{:04}", yuan / 10_000, yuan % 10_000);
    format!("{}万元", places.trim_end_matches('0').trim_end_matches('.'))
}

/// A date as people write it: 2026年11月21日.
#[must_use]
pub fn day(date: Date) -> String {
    let (year, month, day) = date.parts();
    format!("{year}年{month}月{day}日")
}

/// A date with the hour: 2026年11月21日19时30分.
#[must_use]
pub fn hour(time: Time) -> String {
    let minute = time.minute_of_day();
    let minutes = if minute % 60 == 0 { "整".to_owned() } else { format!("{:02}分", minute % 60) };
    format!("{}{}时{minutes}", day(time.date()), minute / 60)
}

#[cfg(test)]
mod tests {
    use super::{COMMON, FILES, Slots, content, money};
    use crate::core::model::Category;
    use crate::core::privacy::{check_text, find_private};

    const KNOWN: &[&str] = &[
        "village",
        "township",
        "place",
        "year",
        "date",
        "title",
        "chair",
        "secretary",
        "clerk",
        "meeting",
        "returned",
        "percent",
        "report",
        "paid",
        "signoff",
        "starts",
        "body",
        "agenda",
        "eligible",
        "present",
        "results",
        "question",
        "for",
        "against",
        "abstain",
        "verdict",
        "counts",
        "term",
        "reason",
    ];

    fn slots() -> Slots {
        KNOWN.iter().fold(Slots::default().costing(368_000), |slots, name| slots.with(name, "某"))
    }

    fn strings(value: &toml::Value, into: &mut Vec<String>) {
        match value {
            toml::Value::String(text) => into.push(text.clone()),
            toml::Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
            toml::Value::Table(table) => table.values().for_each(|item| strings(item, into)),
            _ => {}
        }
    }

    fn every_text() -> Vec<String> {
        let mut texts = Vec::new();
        for file in FILES.into_iter().chain([COMMON]) {
            strings(&toml::Value::Table(file.parse().unwrap()), &mut texts);
        }
        texts
    }

    #[test]
    fn every_slot_has_a_value_and_no_text_is_private() {
        for text in every_text() {
            let filled = slots().fill(&text);
            assert!(!filled.contains(['{', '}']), "{filled}");
            assert_eq!(find_private(&filled), [], "{filled}");
            assert_eq!(check_text(&filled), Ok(()), "{filled}");
        }
    }

    #[test]
    fn texts_are_punctuated_as_chinese_is() {
        let wide = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || "“”《》、。，；：？！（）".contains(c);
        for text in every_text() {
            let letters: Vec<char> = slots().fill(&text).chars().collect();
            for pair in letters.windows(2) {
                let before = wide(pair[0]) && ",;:?!()".contains(pair[1]);
                let after = ",;:?!()".contains(pair[0]) && wide(pair[1]);
                assert!(!before && !after, "half-width mark in: {text}");
            }
        }
    }

    #[test]
    fn every_category_has_two_or_more_matters_with_all_their_papers() {
        for category in Category::ALL {
            assert!(content().of(*category).count() >= 2, "{category}");
        }
        for subject in &content().subjects {
            assert_eq!(subject.progress.len(), 3, "{}", subject.title);
            assert!(subject.opinions.len() >= 2 && !subject.questions.is_empty(), "{}", subject.title);
            assert!(subject.amount[0] <= subject.amount[1] && subject.amount[2] > 0, "{}", subject.title);
        }
    }

    #[test]
    fn amounts_are_written_as_people_write_them() {
        assert_eq!(money(368_000), "36.8万元");
        assert_eq!(money(8_600), "8600元");
        assert_eq!(money(120_000), "12万元");
        assert_eq!(money(1_234_567), "123.4567万元");
        assert_eq!(Slots::default().costing(100_000).fill("{amount}的{60%},{?"), "10万元的6万元,{?");
    }
}
