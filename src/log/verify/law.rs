//! The law as the judge of a record: what the server refused by, a verifier judges by.

use crate::core::ids::{Digest, PublicKey};
use crate::core::judge::Remark;
use crate::core::reject::{Rejection, Rule};
use crate::core::state::{Position, State};
use crate::core::statement::Statement;
use crate::log::ledger;
use crate::log::verify::{Class, Judge, Refusal};

/// Judges a record by the law, from its founding on.
#[derive(Debug, Default)]
pub struct Law {
    state: Option<State>,
    roots: Option<Vec<PublicKey>>,
    /// Who founded the record, if those are not the roots that the reader named.
    strangers: Vec<PublicKey>,
}

impl Law {
    /// A judge who has read nothing yet. `roots` are the district's root keys that the reader has got out of band; without
    /// them the record's own are taken, and the verdict holds only for whom those belong to.
    #[must_use]
    pub fn new(roots: Option<Vec<PublicKey>>) -> Self {
        Self { state: None, roots, strangers: Vec::new() }
    }

    /// A judge of what follows after this state.
    #[must_use]
    pub fn after(state: State) -> Self {
        Self { state: Some(state), roots: None, strangers: Vec::new() }
    }

    /// The keys that signed the founding, if the reader did not name them both; empty otherwise.
    #[must_use]
    pub fn strangers(&self) -> &[PublicKey] {
        &self.strangers
    }

    /// What the record's lawful statements amount to; `None` if it was not founded.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }
}

impl Judge for Law {
    type Act = Statement;

    fn read(payload: &[u8]) -> Result<Statement, Refusal> {
        Statement::parse(payload).map_err(Refusal::from)
    }

    fn keys(statement: &Statement) -> Vec<PublicKey> {
        statement.by.iter().map(|signer| signer.key).collect()
    }

    fn judge(&mut self, at: Position, id: Digest, statement: &Statement) -> Result<Vec<&'static str>, Refusal> {
        let judged = ledger::replay(&mut self.state, statement, id, at, self.roots.as_deref());
        if judged.as_ref().is_err_and(|refused| refused.rule == Rule::FoundingOtherRoots) {
            self.strangers = Self::keys(statement);
        }
        Ok(judged?.0.into_iter().map(Remark::code).collect())
    }

    fn log(&self) -> Option<(&str, PublicKey)> {
        self.state.as_ref().map(|state| (state.origin.as_str(), state.log_key))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let Rejection { rule, expected, found } = rejection;
        Self { rule: rule.code(), expected, found, class: class(rule) }
    }
}

/// A statement that is not of this record, or not by whom it says, was put there by somebody else: the record was altered.
/// Any other refusal is a step that is missing, late or not lawful.
fn class(rule: Rule) -> Class {
    match rule {
        Rule::RulesUnknown => Class::Unknown,
        Rule::FoundingOtherRoots => Class::OtherRoots,
        Rule::StatementForm
        | Rule::StatementKind
        | Rule::StatementFields
        | Rule::StatementSignature
        | Rule::StatementVillage
        | Rule::StatementReplayed
        | Rule::FoundingPlace
        | Rule::FoundingRoots
        | Rule::SignerCount
        | Rule::SignerKey => Class::Altered,
        _ => Class::Procedure,
    }
}
