//! From a form to a statement: which fields each kind asks for, what the record itself supplies, and the exact payload
//! that a person is then shown and signs.

pub mod build;
pub mod compute;
pub mod draft;
pub mod spec;

use std::collections::BTreeMap;

use crate::core::act::Kind;
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::{Doc, QuestionCode, Role};

/// Who acts, in which capacity, with which key, on what.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// The capacity.
    pub role: Role,
    /// The key of this log-in.
    pub key: PublicKey,
}

/// What a form is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The village.
    pub village: VillageCode,
    /// The kind of statement.
    pub kind: Kind,
    /// The matter; a new one is drawn where the kind opens one.
    pub matter: Option<MatterId>,
    /// The session; a new one is drawn where the kind opens one.
    pub session: Option<SessionId>,
    /// The question.
    pub question: Option<QuestionCode>,
    /// The entry that is answered, where it must be a certain one.
    pub basis: Option<Digest>,
}

/// What was sent with a form.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Fields with their values, in order.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Documents uploaded, by field.
    pub papers: BTreeMap<String, Vec<Doc>>,
}

impl Values {
    /// The first value of a field, trimmed; nothing where it is empty.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.first().map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Every value of a field that isn't empty.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let values = self.fields.get(name).map_or(&[][..], Vec::as_slice);
        values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect()
    }
}

/// What is wrong with one field; `reason` is explained in the interface texts as `invalid-<reason>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Its name.
    pub field: String,
    /// A stable code.
    pub reason: &'static str,
}

impl FieldError {
    pub(in crate::app) fn new(field: &str, reason: &'static str) -> Self {
        Self { field: field.to_owned(), reason }
    }
}
