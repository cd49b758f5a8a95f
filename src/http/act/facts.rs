//! A statement in plain words: what a person reads before signing. Everything that a payload says is shown, and each fact
//! names the place in the payload that it shows: the device compares them and signs nothing that was not shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::app::App;
use crate::app::accesses::Action;
use crate::app::error::AppError;
use crate::app::names::SaltedNames;
use crate::core::act::inquiry::Addressee;
use crate::core::act::{Act, Kind};
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::model::{self, Body, Channel, Doc, Media, Mode, Role};
use crate::core::state::State;
use crate::core::statement::Statement;
use crate::http::act::labels::{called, label};
use crate::http::act::order::place;
use crate::http::act::prefill;
use crate::http::act::refers::{self, REFERENCES};
use crate::http::i18n::Lang;
use crate::http::pages::act::{DraftText, Fact};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Level, Paper, PaperState};
use crate::http::problem::Problem;
use crate::http::read::frame::Visit;
use crate::store::documents::{Content, Document};

/// What is shown of a statement.
#[derive(Debug, Default)]
pub struct Shown {
    /// Facts, in order.
    pub facts: Vec<Fact>,
    /// Texts, with what ties them to the payload.
    pub texts: Vec<DraftText>,
    /// Other documents.
    pub papers: Vec<Paper>,
}

/// Hex digits by which a document or ballot is named to people.
pub(in crate::http::act) const SHORT_HEX: usize = 8;
/// Header fields without a fact: the page itself says village and signers; the time is now; basis and parts are for the judge.
/// `web/src/shown.ts` has the same list.
const SILENT: &[&str] = &["village", "by", "at", "basis", "part"];

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
    let c = &visit.c;
    let names = app.salted_names(statement.village).await?;
    let mut words = refers::words(app, visit, state, &map).await?;
    if let Some(matter) = statement.matter.and_then(|id| state.matter(id)) {
        for question in matter.settled.iter().flat_map(|plan| &plan.ballots).flat_map(|ballot| &ballot.questions) {
            let title = prefill::text(app, statement.village, question.title.sha256).await?;
            words.extend(title.map(|title| (question.code.to_string(), title)));
        }
    }
    // What is named with its digits needs no second line as what the whole rests on.
    let twice = statement.basis.is_some_and(|leaf| words.contains_key(&leaf.to_string()));
    let today = app.now().date();
    let mut writer = Writer { c, state, statement, names: &names, words, today, facts: Vec::new(), docs: Vec::new() };
    for (path, value) in &map {
        // `of` counts the parts of a list, which is silent too; a correction's `of` is the kind that is put right.
        let parts = path == "of" && value.is_number();
        if !parts && !SILENT.contains(&path.as_str()) {
            writer.write(path, path, value);
        }
    }
    let Writer { facts, docs, .. } = writer;
    let mut all = Shown { facts, ..Shown::default() };
    let of_this_name = |named: &Named| docs.iter().filter(|other| other.name() == named.name()).count();
    let alone: Vec<bool> = docs.iter().map(|named| of_this_name(named) == 1).collect();
    let mut told = BTreeMap::new();
    for (named, alone) in docs.into_iter().zip(alone) {
        let nth: &mut usize = told.entry(named.name().to_owned()).or_default();
        *nth += 1;
        let no = Some(*nth).filter(|_| !alone);
        named.show(app, visit, statement.village, no, &mut all).await?;
    }
    all.facts.extend(secret_papers(c, statement));
    all.facts.extend(refers::basis(app, visit, state, statement).await?.filter(|_| !twice));
    all.facts.sort_by_key(|fact| place(if fact.field.is_empty() { fact.label } else { &fact.field }));
    all.texts.sort_by_key(|text| place(&text.field));
    Ok(all)
}

/// Secret papers in a vote by name: the payload says so by not saying `named_papers`, and people must read it. Where the payload has
/// it, the device refuses a page that shows this instead: it signs no field that isn't shown.
fn secret_papers(c: &Chrome, statement: &Statement) -> Option<Fact> {
    let Act::VotingOpened(opened) = &statement.act else { return None };
    let by_name = opened.mode == Mode::Named && opened.channels.contains(&Channel::Paper);
    let words = c.named("choice", "papers_secret").to_string();
    (by_name && !opened.named_papers).then(|| Fact { label: "named_papers", words, ..Fact::default() })
}

/// A document named in a payload.
struct Named {
    /// Where its commitment stands.
    field: String,
    /// The commitment.
    digest: Digest,
    /// The payload's whole word on it; `None` where there is only the commitment.
    doc: Option<Doc>,
    /// Where that stands.
    path: String,
}

impl Named {
    /// Under which name it stands in the payload; the wording of a question under that of the ballots.
    fn name(&self) -> &str {
        let last = self.path.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        match self.path.split('.').next() {
            Some(list @ ("ballots" | "milestones")) if last == "title" => list,
            _ => last,
        }
    }

    /// A text is shown with the salt, so that the device can tell that it is the text committed to; other papers by name.
    /// `no` counts, from 1, those that stand under the same name.
    async fn show(
        self,
        app: &App,
        visit: &Visit,
        village: VillageCode,
        no: Option<usize>,
        all: &mut Shown,
    ) -> Result<(), Problem> {
        let c = &visit.c;
        // What a form says of opinions is how to write them down.
        let prefix = if self.name() == "opinions" { "fact" } else { "field" };
        let heading = c.named(prefix, self.name()).to_string();
        let heading = no.map_or(heading.clone(), |no| format!("{heading} {no}"));
        let Self { field, digest: name, doc, path } = self;
        let top = path.split('.').next().unwrap_or_default();
        let level = doc.as_ref().map(|doc| (format!("{path}.level"), doc.level.code().to_owned()));
        let kept = kept(app, visit, village, name).await?;
        let open = kept.is_some();
        if let Some((text, salt)) = kept.and_then(text_of) {
            all.texts.push(DraftText { heading, text, field, value: name.to_string(), salt: hex::encode(salt), level });
            return Ok(());
        }
        let words = name.to_string().chars().take(SHORT_HEX).collect();
        let fact = |label, words, field, value| Fact { label, words, field, value, ..Fact::default() };
        all.facts.push(fact(if doc.is_some() { "document" } else { label(top) }, words, field, name.to_string()));
        if let (Some(doc), Some((field, code))) = (doc, level) {
            all.facts.push(fact("level", c.named("level", &code).to_string(), field, code));
            all.papers.push(paper(heading, &doc, open));
        }
        Ok(())
    }
}

/// The text of a document, where the reader may open it.
///
/// # Errors
/// The store's.
pub async fn text_for(app: &App, visit: &Visit, village: VillageCode, name: Digest) -> Result<Option<String>, Problem> {
    let kept = kept(app, visit, village, name).await?;
    Ok(kept.and_then(text_of).map(|(text, _)| text))
}

/// A document that the reader may open: whoever signs sees what is named, but not what is kept from that person. One that is not
/// public, and on record, is read here as on its own page, and leaves a line there as well.
async fn kept(
    app: &App,
    visit: &Visit,
    village: VillageCode,
    name: Digest,
) -> Result<Option<(Document, Content)>, Problem> {
    let (document, content) = match app.document(village, name).await {
        Ok((document, Some(content))) => (document, content),
        Ok(_) | Err(AppError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !app.may_open(&document, &visit.reader(village)).await? {
        return Ok(None);
    }
    let is_closed = document.level.parse::<model::Level>().is_ok_and(model::Level::is_closed);
    if is_closed && app.named(village, name).await?.is_some() {
        app.note_access(village, visit.known(), Action::Document, &format!("d/{name}")).await?;
    }
    Ok(Some((document, content)))
}

fn text_of((document, content): (Document, Content)) -> Option<(String, [u8; 32])> {
    let text = Some(content.bytes).filter(|_| document.media == Media::Text.code())?;
    String::from_utf8(text).ok().map(|text| (text, content.salt))
}

struct Writer<'a> {
    c: &'a Chrome,
    state: &'a State,
    statement: &'a Statement,
    names: &'a SaltedNames,
    /// What matters, questions and other entries are called, by id, code and leaf hash.
    words: BTreeMap<String, String>,
    today: Date,
    facts: Vec<Fact>,
    docs: Vec<Named>,
}

impl Writer<'_> {
    /// A fact for each plain value; lists are gone through, documents set aside.
    fn write(&mut self, name: &str, path: &str, value: &Value) {
        match value {
            Value::Object(map) => self.object(path, value, map),
            Value::Array(items) if items.is_empty() => self.push(name, self.c.t("fact-none").to_string(), path, value),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let words = items.iter().filter_map(Value::as_str).map(|item| self.words(name, item));
                self.push(name, self.joined(words), path, value);
            }
            Value::Array(items) if items.iter().all(Value::is_u64) => {
                let words = items.iter().filter_map(Value::as_u64).map(|no| self.member(name, no));
                self.push(name, self.joined(words), path, value);
            }
            Value::Array(items) => {
                for (nth, item) in items.iter().enumerate() {
                    self.write(name, &format!("{path}.{nth}"), item);
                }
            }
            Value::String(text) => self.text(name, path, text, value),
            Value::Number(number) => self.number(name, path, number.as_u64().unwrap_or_default(), value),
            Value::Bool(yes) if name == "passed" => {
                let word = self.c.named("question", if *yes { "passed" } else { "rejected" }).to_string();
                self.push(name, word, path, value);
            }
            Value::Bool(true) if name == "named_papers" => {
                self.push(name, self.c.named("choice", "papers_named").to_string(), path, value);
            }
            Value::Bool(yes) => {
                let word = self.c.t(if *yes { "yes" } else { "no" }).to_string();
                self.push(name, word, path, value);
            }
            Value::Null => {}
        }
    }

    fn object(&mut self, path: &str, value: &Value, map: &Map<String, Value>) {
        if let Ok(doc) = serde_json::from_value::<Doc>(value.clone()) {
            let (field, digest) = (format!("{path}.sha256"), doc.sha256);
            return self.docs.push(Named { field, digest, doc: Some(doc), path: path.to_owned() });
        }
        // The votes for one option, as one line.
        if let (2, Some(Value::String(option)), Some(count)) = (map.len(), map.get("option"), map.get("count")) {
            let words =
                format!("{} {}", self.option(option), self.counted("votes", count.as_u64().unwrap_or_default()));
            return self.push("count", words, path, value);
        }
        // A named paper, as one line.
        if let (2, Some(voter), Some(Value::String(choice))) = (map.len(), map.get("voter"), map.get("choice")) {
            let member = self.member("voter", voter.as_u64().unwrap_or_default());
            return self.push("named_paper", format!("{member} {}", self.option(choice)), path, value);
        }
        for (inner, value) in map {
            let path = format!("{path}.{inner}");
            if let (true, "person", Some(id)) = (map.contains_key("name"), inner.as_str(), value.as_str()) {
                self.push(inner, tail(id).to_owned(), &path, value);
                continue;
            }
            let person = map.get("person").filter(|_| inner == "name").and_then(Value::as_str);
            match person.and_then(|id| id.parse::<PersonId>().ok()).and_then(|id| self.names.get(&id)) {
                Some(salted) => {
                    self.push(inner, salted.name.clone(), &path, value);
                    if let Some(fact) = self.facts.last_mut() {
                        fact.salt = Some(salted.salt.clone());
                    }
                }
                None => self.write(inner, &path, value),
            }
        }
    }

    fn joined(&self, words: impl Iterator<Item = String>) -> String {
        words.collect::<Vec<_>>().join(&self.c.t("list-comma").to_string())
    }

    fn text(&mut self, name: &str, path: &str, text: &str, value: &Value) {
        let lang: Lang = self.c.lang;
        if let (true, Ok(digest)) = (["title", "plan", "old", "document"].contains(&name), text.parse::<Digest>()) {
            return self.docs.push(Named { field: path.to_owned(), digest, doc: None, path: path.to_owned() });
        }
        let words = match (text.parse::<Date>(), text.parse::<Time>()) {
            (Ok(date), _) => lang.date(date),
            (_, Ok(time)) => lang.time(time),
            _ => self.words(name, text),
        };
        self.push(name, words, path, value);
    }

    fn number(&mut self, name: &str, path: &str, number: u64, value: &Value) {
        let lang: Lang = self.c.lang;
        let words = match name {
            _ if name.ends_with("fen") => lang.money(number),
            "voter" => self.member(name, number),
            // People count from 1 what the payload counts from 0.
            "ballot" => lang.count(number + 1),
            "percent" => self.counted("percent", number),
            "grace_minutes" => self.counted("minutes", number),
            "households" | "satisfied" => self.counted("households", number),
            "eligible" | "present" | "recused" | "voted" | "base" | "nonvoting" => self.counted("people", number),
            "needed" | "invalid" | "in_box" => self.counted("votes", number),
            _ => lang.count(number),
        };
        self.push(name, words, path, value);
    }

    fn counted(&self, unit: &str, number: u64) -> String {
        self.c.named("unit", unit).with("n", self.c.lang.count(number)).to_string()
    }

    /// A roster number with the name of who has it.
    fn member(&self, name: &str, no: u64) -> String {
        let session = self.statement.session.and_then(|id| self.state.session(id));
        let of_roster = ["voter", "voters", "present", "left"].contains(&name);
        let member = session.filter(|_| of_roster).and_then(|session| session.roster.get(&u32::try_from(no).ok()?));
        match member.and_then(|person| self.names.get(person)) {
            Some(salted) => format!("{no} {}", salted.name),
            None => no.to_string(),
        }
    }

    /// A code, a person or an id in words.
    fn words(&self, name: &str, text: &str) -> String {
        let c = self.c;
        if let Some(words) = text.parse::<PersonId>().ok().and_then(|person| self.person(person)) {
            return words;
        }
        match name {
            "kind" | "of" => c.named("kind", text).to_string(),
            "categories" | "category" => c.named("category", text).to_string(),
            "body" => c.named("body", text).to_string(),
            "mode" => c.named("mode", text).to_string(),
            "role" | "roles" => c.named("role", text).to_string(),
            "from" | "to" if text.parse::<Body>().is_ok() => c.named("body", text).to_string(),
            "to" if text.parse::<Addressee>().is_ok() => c.named("addressee", text).to_string(),
            "to" => c.named("stage", text).to_string(),
            "matter" | "session" => self.about(name, text),
            "question" | "code" => self.words.get(text).cloned().unwrap_or_else(|| self.numbered(text)),
            "key_kind" => c.named("key-kind", text).to_string(),
            "options" | "option" | "winner" => self.option(text),
            "key" => self.key(text),
            "labels" | "statement" => text.chars().take(SHORT_HEX).collect(),
            _ if REFERENCES.contains(&name) => text.chars().take(SHORT_HEX).collect(),
            "profile" => self.profile(text),
            "papers" => self.paper(text),
            _ if c.lang.has(&format!("choice-{}", text.replace(['.', '_'], "-"))) => {
                c.named("choice", text).to_string()
            }
            _ => text.to_owned(),
        }
    }

    /// The number of a question, from its code.
    fn numbered(&self, code: &str) -> String {
        let number = code.strip_prefix('q').and_then(|digits| digits.parse().ok());
        number.map_or_else(|| code.to_uppercase(), |number| self.counted("question", number))
    }

    /// A name; where keys are enrolled or a roster is fixed, with the roles held.
    fn person(&self, person: PersonId) -> Option<String> {
        let name = self.names.get(&person)?.name.clone();
        if !matches!(self.statement.kind(), Kind::KeysEnrolled | Kind::RosterFixed) {
            return Some(name);
        }
        let held = Role::ALL.iter().filter(|role| self.state.people.holds_own(person, **role, self.today));
        let roles = self.joined(held.map(|role| self.c.named("role", role.code()).to_string()));
        Some(format!("{name} · {roles}"))
    }

    /// The first eight bytes of a key in groups, as devices show them, after the name of who has it.
    fn key(&self, text: &str) -> String {
        let groups: Vec<&str> =
            text.as_bytes().chunks(4).take(4).filter_map(|four| str::from_utf8(four).ok()).collect();
        let owner = text.parse::<PublicKey>().ok().and_then(|key| self.state.people.keys.get(&key));
        match owner.and_then(|key| self.names.get(&key.person)) {
            Some(salted) => format!("{} · {}", salted.name, groups.join(" ")),
            None => groups.join(" "),
        }
    }

    fn profile(&self, text: &str) -> String {
        let adopted = text.parse().ok().and_then(|adoption| self.state.law.profile(adoption));
        adopted.map_or_else(|| text.to_owned(), |profile| self.c.named("profile", profile.code.as_str()).to_string())
    }

    /// What the catalogue calls a paper that a filing needs.
    fn paper(&self, code: &str) -> String {
        let matter = self.statement.matter.and_then(|id| self.state.matter(id));
        let category = matter.and_then(|matter| matter.proposal.as_ref()).map(|proposal| proposal.category);
        let needed = category.map_or(&[][..], |category| self.state.law.papers_needed(category, self.today));
        let named = needed.iter().find(|paper| paper.code.as_str() == code);
        named.map_or_else(|| code.to_owned(), |paper| paper.title.clone())
    }

    fn option(&self, code: &str) -> String {
        let key = format!("option-{}", code.replace('_', "-"));
        if self.c.lang.has(&key) { self.c.t(key).to_string() } else { code.to_owned() }
    }

    /// A matter is known to people by its title, a session by its time.
    fn about(&self, name: &str, id: &str) -> String {
        let session = || id.parse().ok().and_then(|id| self.state.session(id));
        let matter = || id.parse().ok().and_then(|id| self.state.matter(id));
        let words = match name {
            "session" => session().map(|session| self.c.lang.time(session.starts_at)),
            _ => self.words.get(id).cloned().or_else(|| Some(self.c.lang.date(matter()?.opened.time.date()))),
        };
        words.unwrap_or_else(|| self.c.t("fact-unseen").to_string())
    }

    /// Titles of the entries that a value names by their digits, in its order.
    fn titles(&self, name: &str, value: &Value) -> Vec<String> {
        let named =
            value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().filter_map(Value::as_str);
        named.filter(|_| REFERENCES.contains(&name)).filter_map(|leaf| self.words.get(leaf).cloned()).collect()
    }

    /// The last letters of a matter's id: they tell two of the same title apart.
    fn tail_of(&self, name: &str, value: &Value) -> Option<String> {
        let id = value.as_str().filter(|_| name == "matter")?;
        self.state.matter(id.parse().ok()?).map(|_| tail(id).to_owned())
    }

    fn push(&mut self, name: &str, words: String, path: &str, value: &Value) {
        let spelled = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // A line of the agenda begins with the matter, which the filing is of.
        let titles = if path.starts_with("agenda.") { Vec::new() } else { self.titles(name, value) };
        let called = called(self.statement.kind(), name);
        let (label, field, tail) = (label(called), path.to_owned(), self.tail_of(name, value));
        self.facts.push(Fact { label, words, field, value: spelled, salt: None, titles, tail });
    }
}

/// The last letters of an id tell two apart.
fn tail(id: &str) -> &str {
    id.get(id.len().saturating_sub(6)..).unwrap_or(id)
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
        crate::core::model::Level::Discipline => Level::Discipline,
    }
}
