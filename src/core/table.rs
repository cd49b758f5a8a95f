//! The table of kinds, `law.json`: header fields, who signs, how long a signature may travel, at which stages, on which
//! papers and basis. Every verifier reads the same table and interprets it on its own; arithmetic is not in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::core::act::Kind;
use crate::core::clock::MINUTE_MS;
use crate::core::model::{Role, Stage};

/// The table's text, for whoever interprets it elsewhere.
pub const TEXT: &str = include_str!("law.json");

/// Whether a header field is absent, allowed or required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field {
    /// Must not be there.
    #[default]
    Absent,
    /// May be there.
    Optional,
    /// Must be there.
    Required,
}

/// Which header fields a kind has.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Scope {
    /// The matter it belongs to.
    pub matter: Field,
    /// The session it belongs to.
    pub session: Field,
    /// The question it belongs to.
    pub question: Field,
    /// The entry it depends on.
    pub basis: Field,
    /// The date of an act off line.
    pub held_on: Field,
    /// One of several parts.
    pub part: Field,
}

impl TryFrom<Vec<String>> for Scope {
    type Error = String;
    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut scope = Self::default();
        for name in names {
            let (name, field) = match name.strip_suffix('?') {
                Some(name) => (name.to_owned(), Field::Optional),
                None => (name, Field::Required),
            };
            let slot = match name.as_str() {
                "matter" => &mut scope.matter,
                "session" => &mut scope.session,
                "question" => &mut scope.question,
                "basis" => &mut scope.basis,
                "held_on" => &mut scope.held_on,
                "part" => &mut scope.part,
                _ => return Err(format!("no header field {name}")),
            };
            *slot = field;
        }
        Ok(scope)
    }
}

/// How long a signature may be under way before the entry is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Signed and sent: minutes.
    Instant,
    /// A second signer is needed, who may be two days away.
    Signing,
    /// Signed off line by roots and carried over.
    Offline,
}

/// Minutes for each window.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    instant: i64,
    signing: i64,
    offline: i64,
}

/// Where a basis is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisIn {
    /// The matter's papers in force.
    Matter,
    /// The session's papers.
    Session,
    /// The question's papers.
    Question,
    /// What waits for an answer.
    Open,
}

/// The basis a kind must name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Where it is looked up.
    #[serde(rename = "in")]
    pub place: BasisIn,
    /// The kinds that serve.
    pub kinds: Vec<Kind>,
}

/// What the table says of one kind.
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the table")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Header fields.
    pub scope: Scope,
    /// Alternatives; each a list of signers, in order; each a list of roles that serve.
    pub signers: Vec<Vec<Vec<Role>>>,
    /// How long a signature may be under way.
    pub window: Window,
    /// The matter's stages at which it is lawful; empty where the kind has no stage.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// The stage that it opens.
    #[serde(default)]
    pub moves: Option<Stage>,
    /// The stage its paper belongs to: a return to that stage or an earlier one takes it out of force.
    #[serde(default)]
    belongs: Option<Stage>,
    /// Whether it may name a matter or session that doesn't exist yet.
    #[serde(default)]
    pub opens: bool,
    /// Whether every concern, objection and other open point must have been answered.
    #[serde(default)]
    clear: bool,
    /// Whether it is lawful for a matter that has ended.
    #[serde(default)]
    pub ended: bool,
    /// Whether it is lawful for a matter that was rejected.
    #[serde(default)]
    pub rejected: bool,
    /// Papers that must be in force.
    #[serde(default)]
    pub papers: Vec<Kind>,
    /// The mandatory basis.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Names of its own members, at any depth, whose documents must be open to everyone: what is decided about, and how
    /// people are told, can't be hidden from them.
    #[serde(default)]
    pub public: Vec<String>,
}

impl Row {
    /// The stage its paper belongs to.
    #[must_use]
    pub fn belongs(&self) -> Option<Stage> {
        self.belongs.or(self.moves).or(self.stages.last().copied())
    }

    /// Whether open points must have been answered: said, or because the matter moves on.
    #[must_use]
    pub fn needs_clear(&self, stage: Option<Stage>) -> bool {
        self.clear || (self.moves.is_some() && self.moves != stage)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by whoever interprets the table; here the program is the version")]
    version: u32,
    windows: Windows,
    kinds: BTreeMap<Kind, Row>,
}

#[expect(clippy::expect_used, reason = "the table is part of the program and a test reads it")]
static TABLE: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(TEXT).expect("law.json is well-formed"));

/// What the table says of `kind`.
///
/// # Panics
/// Never: a test shows that every kind has a row.
#[must_use]
pub fn row(kind: Kind) -> &'static Row {
    &TABLE.kinds[&kind]
}

/// How long, in milliseconds, a signature of this window may be under way.
#[must_use]
pub fn travel_ms(window: Window) -> i64 {
    let minutes = match window {
        Window::Instant => TABLE.windows.instant,
        Window::Signing => TABLE.windows.signing,
        Window::Offline => TABLE.windows.offline,
    };
    minutes * MINUTE_MS
}

#[cfg(test)]
mod tests {
    use super::{Field, TABLE, row};
    use crate::core::act::Kind;

    #[test]
    fn every_kind_has_a_row_and_every_row_a_kind() {
        assert_eq!(TABLE.kinds.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(!row(*kind).signers.is_empty(), "{kind}");
        }
    }

    #[test]
    fn a_mandatory_basis_goes_with_a_required_header_field() {
        for kind in Kind::ALL {
            let row = row(*kind);
            if row.basis.is_some() {
                assert_eq!(row.scope.basis, Field::Required, "{kind}");
            }
            assert!(row.stages.is_empty() || row.scope.matter == Field::Required, "{kind}");
        }
    }
}
