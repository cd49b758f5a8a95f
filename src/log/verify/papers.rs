//! The documents that a record names, gathered while another judge judges it: so a folder of documents can be held
//! against its record.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::act::Act;
use crate::core::ids::{Digest, PublicKey};
use crate::core::model::{Doc, Level};
use crate::core::state::Position;
use crate::core::statement::Statement;
use crate::log::verify::{Judge, Refusal};

/// A judge that also remembers every document named. Memory grows with their number, about 100 bytes each.
#[derive(Debug)]
pub struct Papers<J> {
    judge: J,
    named: BTreeMap<Digest, Doc>,
    withdrawn: BTreeSet<Digest>,
}

impl<J> Papers<J> {
    /// Beside `judge`.
    #[must_use]
    pub fn beside(judge: J) -> Self {
        Self { judge, named: BTreeMap::new(), withdrawn: BTreeSet::new() }
    }

    /// The judge beside which documents are gathered.
    #[must_use]
    pub fn inner(&self) -> &J {
        &self.judge
    }

    /// What the record says of a document; `None` if it doesn't name it.
    #[must_use]
    pub fn named(&self, commitment: &Digest) -> Option<&Doc> {
        self.named.get(commitment)
    }

    /// The public documents that anyone should be able to read: named and never withdrawn.
    pub fn public(&self) -> impl Iterator<Item = Digest> {
        let shown = |(name, doc): &(&Digest, &Doc)| doc.level == Level::Public && !self.withdrawn.contains(*name);
        self.named.iter().filter(shown).map(|(name, _)| *name)
    }
}

impl<J: Judge<Act = Statement>> Judge for Papers<J> {
    type Act = Statement;

    fn read(payload: &[u8]) -> Result<Statement, Refusal> {
        J::read(payload)
    }

    fn keys(statement: &Statement) -> Vec<PublicKey> {
        J::keys(statement)
    }

    fn judge(&mut self, at: Position, id: Digest, statement: &Statement) -> Result<Vec<&'static str>, Refusal> {
        self.named.extend(statement.documents.iter().map(|doc| (doc.sha256, doc.clone())));
        if let Act::DocumentWithdrawn(act) = &statement.act {
            self.withdrawn.insert(act.document);
        }
        self.judge.judge(at, id, statement)
    }

    fn log(&self) -> Option<(&str, PublicKey)> {
        self.judge.log()
    }
}
