//! From a form to a statement: which fields each kind asks for, what the record itself supplies, and the exact payload
//! that a person is then shown and signs.

pub mod build;
pub mod compute;
pub mod draft;
mod milestones;
pub mod people;
pub mod questions;
pub mod settle;
pub mod spec;
pub mod vouched;

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
    /// The document that is put right or withdrawn.
    pub document: Option<Digest>,
    /// The person it is about, where the form was opened from that person's line.
    pub person: Option<PersonId>,
    /// Who fills it in: what is written is that person's alone until an entry names it.
    pub by: Option<PersonId>,
}

impl About {
    /// A form of a village that is about nothing in particular.
    #[must_use]
    pub fn new(village: VillageCode, kind: Kind) -> Self {
        let (matter, session, question, basis) = (None, None, None, None);
        Self { village, kind, matter, session, question, basis, document: None, person: None, by: None }
    }
}

/// What was sent with a form.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Fields with their values, in order.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Documents uploaded, by field.
    pub papers: BTreeMap<String, Vec<Doc>>,
    /// The words for roles that lists of people may use, in lower case; codes are always understood.
    pub roles: BTreeMap<String, Role>,
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
    /// The part of a longer field that is meant.
    pub about: Option<String>,
}

impl FieldError {
    /// `reason` is wrong with `field`.
    #[must_use]
    pub fn new(field: &str, reason: &'static str) -> Self {
        Self { field: field.to_owned(), reason, about: None }
    }

    /// The same, about a part of the field.
    #[must_use]
    pub fn about(self, part: &str) -> Self {
        Self { about: Some(part.to_owned()), ..self }
    }
}
