//! A statement as the law reads it: header and act (PROTOCOL 1). The signed bytes are kept elsewhere, as they came.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::de::value::MapDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::core::act::{Act, Kind};
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::{Doc, QuestionCode, Role};
use crate::core::reject::{Rejection, Rule};
use crate::core::table::{self, Field};

/// Who signs, as what, with which key. Roots and the log have no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The person; absent for roots and the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The capacity.
    pub role: Role,
    /// The key.
    pub key: PublicKey,
}

/// A part of something that doesn't fit in one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub part: u16,
    /// How many.
    pub of: u16,
}

/// The most parts one thing may come in: 65 × 200 rows hold the largest village.
pub const MAX_PARTS: u16 = 65;

/// What a statement says besides its act. `Header::default()` has none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The matter.
    pub matter: Option<MatterId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The question.
    pub question: Option<QuestionCode>,
    /// Leaf hash of the entry it depends on.
    pub basis: Option<Digest>,
    /// Date of an act off line.
    pub held_on: Option<Date>,
    /// Which part it is.
    pub part: Option<Part>,
}

impl Header {
    /// Of a matter.
    #[must_use]
    pub fn of(matter: MatterId) -> Self {
        Self { matter: Some(matter), ..Self::default() }
    }

    /// Of a session.
    #[must_use]
    pub fn at(session: SessionId) -> Self {
        Self { session: Some(session), ..Self::default() }
    }

    /// Resting on an entry.
    #[must_use]
    pub fn on(self, basis: Digest) -> Self {
        Self { basis: Some(basis), ..self }
    }

    /// Of an act held off line.
    #[must_use]
    pub fn held(self, on: Date) -> Self {
        Self { held_on: Some(on), ..self }
    }
}

/// A statement, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The village whose record it is for.
    pub village: VillageCode,
    /// Who signs, in order of the signatures.
    pub by: Vec<Signer>,
    /// The signer's time.
    pub at: Time,
    /// The matter it belongs to.
    pub matter: Option<MatterId>,
    /// The session it belongs to.
    pub session: Option<SessionId>,
    /// The question it belongs to.
    pub question: Option<QuestionCode>,
    /// Leaf hash of the entry it depends on.
    pub basis: Option<Digest>,
    /// Date of an act off line.
    pub held_on: Option<Date>,
    /// Which part it is, where it comes in parts.
    pub part: Option<Part>,
    /// What it says.
    pub act: Act,
    /// Every document it names.
    pub documents: Vec<Doc>,
}

impl Statement {
    /// Reads a payload. The bytes must have passed the strict I-JSON check: this function can't see duplicate keys.
    ///
    /// # Errors
    /// `statement.kind` for a kind it doesn't know, `statement.fields` for a field that is missing, unknown or ill-formed.
    pub fn parse(payload: &[u8]) -> Result<Self, Rejection> {
        let mut members: Members<'_> = serde_json::from_slice(payload).map_err(|error| fields(&error))?;
        let documents = documents_in(payload)?;
        let map = &mut members.0;
        let code: String = take(map, "kind", Field::Required)?.unwrap_or_default();
        let kind: Kind = code.parse().map_err(|_| Rejection::new(Rule::StatementKind, "a known kind", &code))?;
        let scope = &table::row(kind).scope;
        let (village, by, at) = (require(map, "village")?, require(map, "by")?, require(map, "at")?);
        let part = match (take(map, "part", scope.part)?, take(map, "of", scope.part)?) {
            (Some(part), Some(of)) if 1 <= part && part <= of && of <= MAX_PARTS => Some(Part { part, of }),
            (None, None) => None,
            _ => return Err(Rejection::new(Rule::StatementFields, "1 ≤ part ≤ of ≤ 65", "another part")),
        };
        let statement = Self {
            village,
            by,
            at,
            matter: take(map, "matter", scope.matter)?,
            session: take(map, "session", scope.session)?,
            question: take(map, "question", scope.question)?,
            basis: take(map, "basis", scope.basis)?,
            held_on: take(map, "held_on", scope.held_on)?,
            part,
            act: kind.act(MapDeserializer::new(members.0.into_iter())).map_err(|error| fields(&error))?,
            documents,
        };
        statement.check_objects(payload)?;
        Ok(statement)
    }

    /// Refuses a list where an object belongs. Serde would read a struct's fields from a list in their order, which the
    /// protocol knows nothing of: another verifier refuses it, and documents named so would go unseen.
    fn check_objects(&self, payload: &[u8]) -> Result<(), Rejection> {
        if only_lists_of_objects(payload) {
            return Ok(());
        }
        let (objects, plain_lists) = shape(payload);
        // Every object inside a statement begins with a plain value, and so would its list: most statements have none.
        if plain_lists {
            let own = self.act.fields().map_err(|error| fields(&error))?;
            // The payload itself and the signers stand beside the act's own.
            let meant = self.by.len() + count_objects(&own);
            if objects != meant {
                return Err(Rejection::new(Rule::StatementFields, "objects where objects belong", "a list"));
            }
        }
        Ok(())
    }

    /// A statement about to be signed. Its documents are gathered when it is read back.
    #[must_use]
    pub fn new(village: VillageCode, by: Vec<Signer>, at: Time, header: Header, act: Act) -> Self {
        let Header { matter, session, question, basis, held_on, part } = header;
        Self { village, by, at, matter, session, question, basis, held_on, part, act, documents: Vec::new() }
    }

    /// The payload bytes of a statement that is to be signed. Keys are in alphabetical order.
    ///
    /// # Errors
    /// When a value can't be written as JSON, which no statement built from its types does.
    pub fn to_payload(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Value::Object(mut map) = self.act.fields()? else { return Ok(Vec::new()) };
        map.insert("kind".into(), self.kind().code().into());
        map.insert("village".into(), serde_json::to_value(self.village)?);
        map.insert("by".into(), serde_json::to_value(&self.by)?);
        map.insert("at".into(), serde_json::to_value(self.at)?);
        put(&mut map, "matter", self.matter.as_ref())?;
        put(&mut map, "session", self.session.as_ref())?;
        put(&mut map, "question", self.question.as_ref())?;
        put(&mut map, "basis", self.basis.as_ref())?;
        put(&mut map, "held_on", self.held_on.as_ref())?;
        put(&mut map, "part", self.part.map(|p| p.part).as_ref())?;
        put(&mut map, "of", self.part.map(|p| p.of).as_ref())?;
        serde_json::to_vec(&map)
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.act.kind()
    }
}

fn put<T: Serialize>(map: &mut Map<String, Value>, name: &str, value: Option<&T>) -> Result<(), serde_json::Error> {
    if let Some(value) = value {
        map.insert(name.into(), serde_json::to_value(value)?);
    }
    Ok(())
}

fn fields(error: &serde_json::Error) -> Rejection {
    Rejection::new(Rule::StatementFields, "the kind's fields", error)
}

fn missing(name: &str) -> Rejection {
    Rejection::new(Rule::StatementFields, name, "nothing")
}

/// The members of a JSON object as they stand, in order: what is read from each is read once, into its type.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A member's name, copied only if escapes are in it.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

fn take<T: for<'de> Deserialize<'de>>(
    map: &mut Vec<(Cow<'_, str>, &RawValue)>,
    name: &str,
    field: Field,
) -> Result<Option<T>, Rejection> {
    // A field that the kind doesn't have stays in the map and is refused as unknown with the kind's own fields.
    if field == Field::Absent {
        return Ok(None);
    }
    let place = map.iter().position(|(member, _)| member == name);
    let value = place.map(|place| serde_json::from_str(map.swap_remove(place).1.get()).map_err(|error| fields(&error)));
    if value.is_none() && field == Field::Required {
        return Err(missing(name));
    }
    value.transpose()
}

fn require<T: for<'de> Deserialize<'de>>(map: &mut Vec<(Cow<'_, str>, &RawValue)>, name: &str) -> Result<T, Rejection> {
    take(map, name, Field::Required)?.ok_or_else(|| missing(name))
}

static NULL: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("null"));
static SHA256: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("sha256"));

/// Every document that a payload names, and that it holds no null. Ballots, which are most of a record, name none: then
/// nothing is read.
fn documents_in(payload: &[u8]) -> Result<Vec<Doc>, Rejection> {
    let mut documents = Vec::new();
    // With an escape in it, a name can be spelt in other ways.
    let escaped = memchr::memchr(b'\\', payload).is_some();
    if escaped || NULL.find(payload).is_some() || SHA256.find(payload).is_some() {
        let value: Value = serde_json::from_slice(payload).map_err(|error| fields(&error))?;
        if has_null(&value) {
            return Err(Rejection::new(Rule::StatementFields, "no null", "null"));
        }
        collect_documents(&value, &mut documents);
    }
    Ok(documents)
}

/// Whether every opening bracket of a JSON text, those in its strings included, is followed by an object or closed at once:
/// then none of its lists begins with a plain value. Quick to see, and true of most statements.
fn only_lists_of_objects(text: &[u8]) -> bool {
    let begins =
        |bracket: usize| text[bracket + 1..].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).copied();
    memchr::memchr_iter(b'[', text).all(|bracket| matches!(begins(bracket), Some(b'{' | b']')))
}

/// How many objects a JSON text holds, and whether a list in it begins with anything but an object.
fn shape(text: &[u8]) -> (usize, bool) {
    let (mut objects, mut plain_lists, mut in_string, mut after_bracket) = (0, false, false, false);
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_string => {
                bytes.next();
            }
            b'"' => {
                plain_lists |= after_bracket;
                in_string = !in_string;
            }
            _ if in_string => {}
            b'{' => objects += 1,
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b']' => {}
            _ => plain_lists |= after_bracket,
        }
        after_bracket = *byte == b'[' && !in_string;
    }
    (objects, plain_lists)
}

fn count_objects(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(count_objects).sum::<usize>(),
        Value::Array(items) => items.iter().map(count_objects).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(map) => map.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn collect_documents(value: &Value, found: &mut Vec<Doc>) {
    match value {
        Value::Object(map) if map.contains_key("sha256") => found.extend(Doc::deserialize(value).ok()),
        Value::Object(map) => map.values().for_each(|item| collect_documents(item, found)),
        Value::Array(items) => items.iter().for_each(|item| collect_documents(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;
    use crate::core::reject::Rule;

    #[test]
    fn a_list_is_no_object() {
        let person = "05KP702VMB7V6YEJQ458E4P2SD";
        let hex = "00".repeat(32);
        let parse = |by: &str, text: &str| {
            let head = r#""at":"2026-03-02T01:00:00.000Z","kind":"concern.raised","village":"331102001206""#;
            let payload = format!(r#"{{{head},"by":[{by}],"matter":"01KJP0Y9M0KH9SXAGZ44GWEFW0","text":{text}}}"#);
            Statement::parse(payload.as_bytes()).map(|_| ()).map_err(|refused| refused.rule)
        };
        let signer = format!(r#"{{"key":"{hex}","person":"{person}","role":"supervision_committee"}}"#);
        let doc = format!(r#"{{"level":"public","media":"text/plain","sha256":"{hex}","size":3}}"#);
        assert_eq!(parse(&signer, &doc), Ok(()));
        let listed = format!(r#" [ "{hex}",3,"text/plain","public"]"#);
        assert_eq!(parse(&signer, &listed), Err(Rule::StatementFields));
        let listed = format!(r#"["{person}","supervision_committee","{hex}"]"#);
        assert_eq!(parse(&listed, &doc), Err(Rule::StatementFields));
    }
}
