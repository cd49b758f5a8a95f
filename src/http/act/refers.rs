//! What a statement refers to by digits, in words: the suggestion that is answered, the filing a session rests on, the
//! entry that the whole of it rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::app::App;
use crate::app::views::told::About;
use crate::core::act::Act;
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::state::State;
use crate::core::state::matter::Matter;
use crate::core::statement::Statement;
use crate::http::act::facts::text_for;
use crate::http::act::prefill;
use crate::http::pages::act::Fact;
use crate::http::problem::Problem;
use crate::http::read::acts;
use crate::http::read::frame::Visit;

/// Names of fields that hold leaf hashes of other entries.
pub const REFERENCES: &[&str] = &["answers", "budget", "contract", "entry", "filing"];
/// Longest text shown of what is referred to, in characters.
const LONGEST: usize = 400;

/// Words for entries by leaf hash and for matters by id, both as they stand in the payload.
pub type Words = BTreeMap<String, String>;

/// Words for everything that a payload names by the digits of an entry or a matter's id.
///
/// # Errors
/// The store's.
pub async fn words(app: &App, visit: &Visit, state: &State, map: &Map<String, Value>) -> Result<Words, Problem> {
    let mut named = BTreeSet::new();
    for (name, value) in map {
        gather(name, value, &mut named);
    }
    let mut words = Words::new();
    for text in named {
        let found = match (text.parse::<MatterId>(), text.parse::<Digest>()) {
            (Ok(id), _) => match state.matter(id) {
                Some(matter) => Some(prefill::title(app, state.village, matter).await?),
                None => None,
            },
            (_, Ok(leaf)) => of_entry(app, visit, state, leaf).await?,
            _ => None,
        };
        words.extend(found.map(|found| (text, found)));
    }
    Ok(words)
}

/// The matters and entries that a value names, at any depth.
fn gather(name: &str, value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if name == "matter" || REFERENCES.contains(&name) => {
            named.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, named)),
        Value::Object(map) => map.iter().for_each(|(inner, value)| gather(inner, value, named)),
        _ => {}
    }
}

/// The text of a suggestion; of any other entry the title of its matter.
async fn of_entry(app: &App, visit: &Visit, state: &State, leaf: Digest) -> Result<Option<String>, Problem> {
    let mut suggestions = state.matters.values().flat_map(|matter| &matter.suggestions);
    if let Some(suggestion) = suggestions.find(|suggestion| suggestion.at.leaf == leaf) {
        return text_for(app, visit, state.village, suggestion.text.sha256).await;
    }
    let mut contracts = state.matters.values().flat_map(|matter| &matter.contracts);
    if let Some(contract) = contracts.find(|contract| contract.at.leaf == leaf) {
        return text_for(app, visit, state.village, contract.title).await;
    }
    match owner(state, leaf) {
        Some((_, matter)) => prefill::title(app, state.village, matter).await.map(Some),
        None => Ok(None),
    }
}

/// The matter among whose papers or open points an entry is.
fn owner(state: &State, leaf: Digest) -> Option<(MatterId, &Matter)> {
    let has = |matter: &Matter| {
        matter.waiting(leaf).is_some() || matter.papers.iter().any(|(_, paper)| paper.at.leaf == leaf)
    };
    state.matters.iter().find(|(_, matter)| has(matter)).map(|(id, matter)| (*id, matter.as_ref()))
}

/// The entry that a statement rests on, as a fact in words: what it is, when, and what it says.
///
/// # Errors
/// The store's.
pub async fn basis(app: &App, visit: &Visit, state: &State, statement: &Statement) -> Result<Option<Fact>, Problem> {
    let village: VillageCode = state.village;
    let Some((leaf, id)) = statement.basis.zip(statement.matter) else { return Ok(None) };
    let told = app.told(village, About::Matter(id)).await?;
    let Some(told) = told.iter().find(|told| told.at.leaf == leaf) else { return Ok(None) };
    let shown = acts::shown(&told.statement.act);
    let mut titles = Vec::new();
    if let Act::FilingReviewed(act) = &told.statement.act {
        titles.push(visit.c.named("advice", act.advice.code()).to_string());
    }
    for doc in shown.said.into_iter().chain(shown.papers.into_iter().map(|(_, doc)| doc)) {
        titles.extend(text_for(app, visit, village, doc.sha256).await?.map(|text| shortened(&text)));
    }
    let kind = visit.c.named("kind", told.statement.kind().code());
    let words = format!("{kind} · {}", visit.c.lang.date(told.at.time.date()));
    Ok(Some(Fact { label: "basis", words, titles, ..Fact::default() }))
}

fn shortened(text: &str) -> String {
    let mut cut: String = text.trim().chars().take(LONGEST).collect();
    if cut.len() < text.trim().len() {
        cut.push('…');
    }
    cut
}
