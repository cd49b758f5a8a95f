//! A statement as the law reads it: header and act (PROTOCOL 1). The signed bytes are kept elsewhere, as they came.

use serde::{Deserialize, Serialize};
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
        let value: Value = serde_json::from_slice(payload).map_err(|error| fields(&error))?;
        if has_null(&value) {
            return Err(Rejection::new(Rule::StatementFields, "no null", "null"));
        }
        let mut documents = Vec::new();
        collect_documents(&value, &mut documents);
        let Value::Object(mut map) = value else {
            return Err(Rejection::new(Rule::StatementFields, "an object", "another value"));
        };
        let code: String = take(&mut map, "kind", Field::Required)?.unwrap_or_default();
        let kind: Kind = code.parse().map_err(|_| Rejection::new(Rule::StatementKind, "a known kind", &code))?;
        let scope = &table::row(kind).scope;
        let required = |name: &str, map: &mut Map<String, Value>| map.remove(name).ok_or_else(|| missing(name));
        let village = from(required("village", &mut map)?)?;
        let by = from(required("by", &mut map)?)?;
        let at = from(required("at", &mut map)?)?;
        let part = match (take(&mut map, "part", scope.part)?, take(&mut map, "of", scope.part)?) {
            (Some(part), Some(of)) if 1 <= part && part <= of && of <= MAX_PARTS => Some(Part { part, of }),
            (None, None) => None,
            _ => return Err(Rejection::new(Rule::StatementFields, "1 ≤ part ≤ of ≤ 65", "another part")),
        };
        Ok(Self {
            village,
            by,
            at,
            matter: take(&mut map, "matter", scope.matter)?,
            session: take(&mut map, "session", scope.session)?,
            question: take(&mut map, "question", scope.question)?,
            basis: take(&mut map, "basis", scope.basis)?,
            held_on: take(&mut map, "held_on", scope.held_on)?,
            part,
            act: kind.act(Value::Object(map)).map_err(|error| fields(&error))?,
            documents,
        })
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

fn from<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, Rejection> {
    T::deserialize(value).map_err(|error| fields(&error))
}

fn take<T: for<'de> Deserialize<'de>>(
    map: &mut Map<String, Value>,
    name: &str,
    field: Field,
) -> Result<Option<T>, Rejection> {
    // A field that the kind doesn't have stays in the map and is refused as unknown with the kind's own fields.
    match field {
        Field::Absent => Ok(None),
        Field::Optional => map.remove(name).map(from).transpose(),
        Field::Required => map.remove(name).map(from).transpose()?.ok_or_else(|| missing(name)).map(Some),
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
