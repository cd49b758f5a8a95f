//! A statement in plain words: what a person reads before signing. Each fact names the place in the payload that it shows,
//! so that the device can compare them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::reading::Reader;
use crate::core::clock::{Date, Time};
use crate::core::ids::PersonId;
use crate::core::model::{Body, Doc, Media};
use crate::core::state::State;
use crate::core::statement::Statement;
use crate::http::act::prefill;
use crate::http::i18n::Lang;
use crate::http::pages::act::Fact;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Level, Paper, PaperState};
use crate::http::problem::Problem;
use crate::http::read::frame::Visit;
use crate::store::documents::Document;

/// What is shown of a statement.
#[derive(Debug, Default)]
pub struct Shown {
    /// Facts, in order.
    pub facts: Vec<Fact>,
    /// Texts: heading and words.
    pub texts: Vec<(String, String)>,
    /// Other documents.
    pub papers: Vec<Paper>,
}

/// Hex digits by which a document is named to people.
const SHORT_HEX: usize = 8;
/// Header fields that need no line of their own: they are said by the page itself, or mean nothing to people.
const SILENT: &[&str] = &["village", "by", "at", "basis", "part", "profile"];

/// Puts a statement in words.
///
/// # Errors
/// The store's.
pub async fn shown(
    app: &App,
    visit: &Visit,
    state: &State,
    statement: &Statement,
    payload: &[u8],
) -> Result<Shown, Problem> {
    let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(payload) else { return Ok(Shown::default()) };
    let (mut all, c) = (Shown::default(), &visit.c);
    let reader = visit.reader(statement.village);
    let names = app.names(statement.village).await?;
    let mut words = BTreeMap::new();
    if let Some((id, matter)) = statement.matter.and_then(|id| Some((id, state.matter(id)?))) {
        words.insert(id.to_string(), prefill::title(app, statement.village, matter).await?);
        for question in matter.settled.iter().flat_map(|plan| &plan.ballots).flat_map(|ballot| &ballot.questions) {
            let title = prefill::text(app, statement.village, question.title.sha256).await?;
            words.extend(title.map(|title| (question.code.to_string(), title)));
        }
    }
    let writer = Writer { c, state, names: &names, words };
    for (path, value) in &map {
        // `of` counts the parts of a list, which is silent too; a correction's `of` is the kind that is put right.
        let parts = path == "of" && value.is_number();
        if !parts && !SILENT.contains(&path.as_str()) {
            writer.write(path, path, value, &mut all.facts);
        }
    }
    all.facts.sort_by_key(|fact| order(&fact.field));
    for doc in &statement.documents {
        let heading = heading(c, &map, doc);
        let kept = kept(app, statement, doc, &reader).await?;
        let open = kept.is_some();
        match kept.filter(|kept| kept.media == Media::Text.code()) {
            Some(_) => all.texts.push((heading, text_of(app, statement, doc).await?)),
            None => all.papers.push(paper(heading, doc, open)),
        }
    }
    Ok(all)
}

fn order(field: &str) -> u8 {
    let first = ["kind", "matter", "session", "question", "category", "amount_fen"];
    first.iter().position(|name| *name == field).and_then(|at| u8::try_from(at).ok()).unwrap_or(99)
}

struct Writer<'a> {
    c: &'a Chrome,
    state: &'a State,
    names: &'a BTreeMap<PersonId, String>,
    /// What the statement's matter and its questions are called, by id and code.
    words: BTreeMap<String, String>,
}

impl Writer<'_> {
    /// A fact for each plain value; documents are shown as texts, and lists are gone through.
    fn write(&self, name: &str, path: &str, value: &Value, facts: &mut Vec<Fact>) {
        match value {
            Value::Object(map) if map.contains_key("sha256") => {}
            Value::Object(map) => {
                for (inner, value) in map {
                    if inner != "profile" && inner != "name" {
                        self.write(inner, &format!("{path}.{inner}"), value, facts);
                    }
                }
            }
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let words: Vec<String> =
                    items.iter().filter_map(Value::as_str).map(|item| self.words(name, item)).collect();
                if !words.is_empty() {
                    let comma = self.c.t("list-comma").to_string();
                    facts.push(self.fact(name, words.join(&comma), path, value, None));
                }
            }
            Value::Array(items) => {
                let counts = items.iter().enumerate().filter_map(|(nth, item)| self.count(path, nth, item));
                let counts: Vec<Fact> = counts.collect();
                if counts.len() == items.len() {
                    facts.extend(counts);
                    return;
                }
                for (nth, item) in items.iter().enumerate() {
                    self.write(name, &format!("{path}.{nth}"), item, facts);
                }
            }
            Value::String(text) => self.text(name, path, text, value, facts),
            Value::Number(number) => self.number(name, path, number.as_u64().unwrap_or_default(), value, facts),
            Value::Bool(yes) if name == "passed" => {
                let word = self.c.named("question", if *yes { "passed" } else { "rejected" }).to_string();
                facts.push(self.fact(name, word, path, value, None));
            }
            Value::Bool(yes) => {
                let word = self.c.t(if *yes { "yes" } else { "no" }).to_string();
                facts.push(self.fact(name, word, path, value, None));
            }
            Value::Null => {}
        }
    }

    /// The votes for one option, as one line.
    fn count(&self, path: &str, nth: usize, item: &Value) -> Option<Fact> {
        let (option, count) = (item.get("option")?.as_str()?, item.get("count")?);
        let words = format!("{} {}", self.option(option), self.c.lang.count(count.as_u64()?));
        Some(self.fact("count", words, &format!("{path}.{nth}.count"), count, None))
    }

    fn text(&self, name: &str, path: &str, text: &str, value: &Value, facts: &mut Vec<Fact>) {
        let lang: Lang = self.c.lang;
        let (words, format) = match (text.parse::<Date>(), text.parse::<Time>()) {
            (Ok(date), _) => (lang.date(date), Some("date")),
            (_, Ok(time)) => (lang.time(time), Some("time")),
            _ => (self.words(name, text), None),
        };
        facts.push(self.fact(name, words, path, value, format));
    }

    fn number(&self, name: &str, path: &str, number: u64, value: &Value, facts: &mut Vec<Fact>) {
        let lang: Lang = self.c.lang;
        let (words, format) =
            if name.ends_with("fen") { (lang.money(number), "fen") } else { (lang.count(number), "number") };
        facts.push(self.fact(name, words, path, value, Some(format)));
    }

    /// A code, a person or an id in words.
    fn words(&self, name: &str, text: &str) -> String {
        let c = self.c;
        if let Ok(person) = text.parse::<PersonId>()
            && let Some(name) = self.names.get(&person)
        {
            return name.clone();
        }
        match name {
            "kind" | "of" => c.named("kind", text).to_string(),
            "categories" | "category" => c.named("category", text).to_string(),
            "body" => c.named("body", text).to_string(),
            "role" | "roles" => c.named("role", text).to_string(),
            "to" if text.parse::<Body>().is_ok() => c.named("body", text).to_string(),
            "to" => c.named("stage", text).to_string(),
            "document" | "old" | "labels" => text.chars().take(SHORT_HEX).collect(),
            "matter" | "session" => self.about(name, text),
            "question" | "code" => self.words.get(text).cloned().unwrap_or_else(|| text.to_uppercase()),
            "options" | "option" | "winner" => self.option(text),
            _ if c.lang.has(&format!("choice-{}", text.replace(['.', '_'], "-"))) => {
                c.named("choice", text).to_string()
            }
            _ => text.to_owned(),
        }
    }

    fn option(&self, code: &str) -> String {
        let key = format!("option-{}", code.replace('_', "-"));
        if self.c.lang.has(&key) { self.c.t(key).to_string() } else { code.to_owned() }
    }

    /// A matter is known to people by its title, a session by its time; the id's last letters tell two apart.
    fn about(&self, name: &str, id: &str) -> String {
        let tail = id.get(id.len().saturating_sub(6)..).unwrap_or(id);
        let session = || id.parse().ok().and_then(|id| self.state.session(id));
        let matter = || id.parse().ok().and_then(|id| self.state.matter(id));
        let words = match name {
            "session" => session().map(|session| self.c.lang.time(session.starts_at)),
            _ => self.words.get(id).cloned().or_else(|| Some(self.c.lang.date(matter()?.opened.time.date()))),
        };
        format!("{} · {tail}", words.unwrap_or_else(|| self.c.t("fact-unseen").to_string()))
    }

    fn fact(&self, name: &str, words: String, path: &str, value: &Value, format: Option<&'static str>) -> Fact {
        let spelled = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Fact { label: label(name), words, field: path.to_owned(), value: spelled, format }
    }
}

/// Names of fields that have a word of their own. The list is closed because text keys are known when the program is built.
const LABELS: &[&str] = &[
    "advice",
    "agenda",
    "amount_fen",
    "answers",
    "attendees",
    "authority",
    "ballot",
    "ballots",
    "base",
    "body",
    "budget",
    "caller",
    "categories",
    "category",
    "cause",
    "channel",
    "channels",
    "closes_at",
    "code",
    "commitment",
    "count",
    "counter",
    "document",
    "due",
    "eligible",
    "entry",
    "filing",
    "from",
    "grace_minutes",
    "group",
    "held_on",
    "helper",
    "holder",
    "households",
    "in_box",
    "invalid",
    "key",
    "key_kind",
    "kind",
    "labels",
    "left",
    "matter",
    "mode",
    "name",
    "needed",
    "no",
    "nonvoting",
    "of",
    "old",
    "option",
    "options",
    "paid_fen",
    "passed",
    "percent",
    "person",
    "persons",
    "places",
    "plan",
    "present",
    "question",
    "reason",
    "recused",
    "required",
    "revision",
    "role",
    "roles",
    "scrutineer",
    "session",
    "source",
    "starts_at",
    "term",
    "title",
    "to",
    "until",
    "voted",
    "voter",
    "voters",
    "what",
    "winner",
];

/// Text key of a field's name.
fn label(name: &str) -> &'static str {
    LABELS.iter().find(|label| **label == name).copied().unwrap_or("other")
}

/// The heading over a document: the name of the field that holds it.
fn heading(c: &Chrome, map: &serde_json::Map<String, Value>, doc: &Doc) -> String {
    let wanted = doc.sha256.to_string();
    let field = map.iter().find(|(_, value)| value.to_string().contains(&wanted)).map_or("text", |(name, _)| name);
    c.named("field", field).to_string()
}

/// A document that the reader may open: whoever signs sees what is named, but not what is kept from that person.
async fn kept(app: &App, statement: &Statement, doc: &Doc, reader: &Reader) -> Result<Option<Document>, Problem> {
    let (village, name) = (statement.village, doc.sha256);
    let kept = app.db().read("document", |tx| Box::pin(tx.document(village, name))).await.map_err(AppError::Store)?;
    match kept {
        Some(kept) if app.may_open(&kept, reader).await? => Ok(Some(kept)),
        _ => Ok(None),
    }
}

async fn text_of(app: &App, statement: &Statement, doc: &Doc) -> Result<String, Problem> {
    let (_, content) = app.document(statement.village, doc.sha256).await?;
    Ok(content.map(|content| String::from_utf8_lossy(&content.bytes).into_owned()).unwrap_or_default())
}

fn paper(title: String, doc: &Doc, open: bool) -> Paper {
    Paper {
        commitment: doc.sha256,
        title,
        media: doc.media.code().to_owned(),
        size: doc.size,
        level: level(doc.level),
        state: if open { PaperState::Open } else { PaperState::Closed },
    }
}

/// A document's level as pages name it.
#[must_use]
pub fn level(level: crate::core::model::Level) -> Level {
    match level {
        crate::core::model::Level::Public => Level::Public,
        crate::core::model::Level::Village => Level::Village,
        crate::core::model::Level::Officials => Level::Officials,
    }
}
