//! A record as it grows, read by someone who holds what came before: the entries after it are judged as a whole record's
//! are, without reading the beginning again. What a replaying witness runs.

use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey};
use crate::core::state::{Position, State};
use crate::core::statement::Statement;
use crate::log::entry;
use crate::log::tree::Frontier;
use crate::log::verify::law::Law;
use crate::log::verify::prepare::{Prepared, Preparer};
use crate::log::verify::{Class, Finding, Judge as _};

/// The end of what was read: where the next entry must fit.
#[derive(Debug)]
pub struct Follow {
    law: Law,
    frontier: Frontier,
    last: (Digest, Option<Time>),
}

/// Between which times new entries must lie, by the reader's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// No earlier; `None` where the reader has seen nothing of the record before.
    pub from: Option<Time>,
    /// No later.
    pub to: Time,
}

/// An entry that was judged lawful.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Where it stands.
    pub at: Position,
    /// Id of its statement.
    pub id: Digest,
    /// What it says.
    pub statement: Statement,
}

/// Keys that were checked before, for many readings. Holds at most what one village's entries name.
#[derive(Default)]
pub struct Keys(Preparer);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Follow {
    /// The beginning of the record of this origin, whose founding these roots must have signed.
    #[must_use]
    pub fn beginning(origin: &str, roots: Vec<PublicKey>) -> Self {
        let last = (entry::genesis(origin), None);
        Self { law: Law::new(Some(roots)), frontier: Frontier::default(), last }
    }

    /// After what this state and right edge of the tree amount to; both must be of entries judged before.
    #[must_use]
    pub fn after(state: State, frontier: Frontier) -> Self {
        let last = (state.last.leaf, Some(state.last.time));
        Self { law: Law::after(state), frontier, last }
    }

    /// The state so far; `None` before the founding.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.law.state()
    }

    /// The right edge of the tree so far.
    #[must_use]
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// What each of the next entries shows by itself; signatures in batches, on all cores.
    #[must_use]
    pub fn prepare(&self, entries: &[&[u8]], keys: &Keys) -> Vec<Ready> {
        let lines: Vec<(u64, &[u8])> = (self.frontier.size()..).zip(entries.iter().copied()).collect();
        keys.0.prepare::<Law>(&lines).into_iter().flatten().map(Ready).collect()
    }

    /// Judges the next entry and takes it in.
    ///
    /// # Errors
    /// The first thing that is wrong with it; then nothing is changed.
    pub fn take(&mut self, ready: Ready, window: &Window) -> Result<Taken, Box<Finding>> {
        let Ready(prepared) = ready;
        let (seq, leaf) = (self.frontier.size(), prepared.leaf);
        let finding = |rule: &'static str, class, expected: String, found: String| {
            Box::new(Finding { seq: Some(seq), rule, expected, found, class })
        };
        if let Some(refusal) = prepared.refusals.into_iter().next() {
            return Err(finding(refusal.rule, refusal.class, refusal.expected, refusal.found));
        }
        let altered = |rule, expected: &dyn ToString, found: &dyn ToString| {
            finding(rule, Class::Altered, expected.to_string(), found.to_string())
        };
        let Some(head) = prepared.head else { return Err(altered("entry.format", &"an entry", &"none")) };
        let (prev, before) = self.last;
        if head.seq != seq {
            return Err(altered("entry.seq", &seq, &head.seq));
        }
        if head.prev != prev {
            return Err(altered("entry.prev", &prev, &head.prev));
        }
        if let Some(before) = before.filter(|before| head.time < *before) {
            return Err(altered("entry.time", &format!("not before {before}"), &head.time));
        }
        if let Some(from) = window.from.filter(|from| head.time < *from) {
            return Err(altered("entry.clock", &format!("not before {from}, when less was on record"), &head.time));
        }
        if head.time > window.to {
            return Err(altered("entry.clock", &format!("not after {}", window.to), &head.time));
        }
        let read = match prepared.statement {
            Some(Ok(read)) => read,
            Some(Err(refusal)) => return Err(finding(refusal.rule, refusal.class, refusal.expected, refusal.found)),
            None => return Err(altered("entry.format", &"a statement", &"none")),
        };
        let at = Position { seq, time: head.time, leaf };
        let judged = self.law.judge(at, read.id, &read.act);
        judged.map_err(|refusal| finding(refusal.rule, refusal.class, refusal.expected, refusal.found))?;
        self.frontier.append(leaf);
        self.last = (leaf, Some(head.time));
        Ok(Taken { at, id: read.id, statement: read.act })
    }
}

/// An entry with all that it shows by itself.
pub struct Ready(Prepared<Statement>);

impl Ready {
    /// What it says, if that can be read.
    #[must_use]
    pub fn statement(&self) -> Option<&Statement> {
        self.0.statement.as_ref()?.as_ref().ok().map(|read| &read.act)
    }

    /// Its leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.0.leaf
    }
}
