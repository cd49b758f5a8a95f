//! What entries show in order: places, times, hash chain, tree, the law, and the checkpoint over them all.

use std::fmt::Display;

use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey};
use crate::core::state::Position;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::entry;
use crate::log::note::{Algorithm, Note, VerifierKey};
use crate::log::record::RecordError;
use crate::log::tree::Frontier;
use crate::log::verify::prepare::{Head, Prepared, Read};
use crate::log::verify::{Class, Finding, Judge, Options, Refusal, Report};

/// A link of the hash chain that doesn't hold: entry `later` does not follow the one before it.
struct Broken {
    later: u64,
    expected: Digest,
    found: Digest,
}

/// The entries so far.
pub struct Chain<'a, J: Judge> {
    judge: &'a mut J,
    options: &'a Options,
    report: Report,
    tree: Frontier,
    /// Leaf hash of the entry before.
    last_leaf: Option<Digest>,
    last_time: Option<Time>,
    next_seq: u64,
    /// What the first entry says it follows.
    first_prev: Option<Digest>,
    broken: Option<Broken>,
    /// The law can't be checked from some entry on: under unknown rules, or without a founding to judge by.
    blind: bool,
}

impl<'a, J: Judge> Chain<'a, J> {
    pub fn new(judge: &'a mut J, options: &'a Options, report: Report) -> Self {
        Self {
            judge,
            options,
            report,
            tree: Frontier::default(),
            last_leaf: None,
            last_time: None,
            next_seq: 0,
            first_prev: None,
            broken: None,
            blind: false,
        }
    }

    fn add(&mut self, seq: Option<u64>, rule: &'static str, class: Class, expected: String, found: String) {
        self.report.add(Finding { seq, rule, expected, found, class }, self.options.most_findings);
    }

    fn altered(&mut self, seq: Option<u64>, rule: &'static str, expected: &dyn Display, found: &dyn Display) {
        self.add(seq, rule, Class::Altered, expected.to_string(), found.to_string());
    }

    fn refuse(&mut self, seq: u64, refusal: Refusal) {
        self.blind |= refusal.class == Class::Unknown;
        self.add(Some(seq), refusal.rule, refusal.class, refusal.expected, refusal.found);
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: Prepared<J::Act>) {
        let seq = entry.seq;
        self.report.entries += 1;
        self.report.signatures += entry.signatures as u64;
        for refusal in entry.refusals {
            self.refuse(seq, refusal);
        }
        self.link(seq, entry.head.as_ref());
        self.last_leaf = Some(entry.leaf);
        self.tree.append(entry.leaf);
        match (entry.head, entry.statement) {
            // What can't be judged is no finding.
            _ if self.blind => {}
            (Some(head), Some(Ok(statement))) => {
                self.consult(Position { seq, time: head.time, leaf: entry.leaf }, &statement);
            }
            (_, Some(Err(refusal))) => self.refuse(seq, refusal),
            (None, _) | (_, None) => {}
        }
        // One finding says what is wrong with the founding; one more for each entry after it would bury that.
        self.blind |= self.judge.log().is_none();
        self.compare_known();
    }

    /// Place, time and link of an entry.
    fn link(&mut self, seq: u64, head: Option<&Head>) {
        let Some(head) = head else {
            self.next_seq += 1;
            return self.settle(None);
        };
        let expected = self.next_seq;
        if head.seq != expected {
            self.altered(Some(seq), "entry.seq", &expected, &head.seq);
        }
        // Counting goes on from what is found, so that one missing entry is one finding.
        self.next_seq = head.seq.saturating_add(1);
        if let Some(last) = self.last_time.filter(|last| head.time < *last) {
            self.altered(Some(seq), "entry.time", &format_args!("not before {last}"), &head.time);
        }
        self.last_time = self.last_time.max(Some(head.time));
        match self.last_leaf {
            None => self.first_prev = Some(head.prev),
            Some(leaf) if leaf == head.prev => self.settle(None),
            Some(leaf) => self.settle(Some(Broken { later: seq, expected: leaf, found: head.prev })),
        }
    }

    /// Names the entry to which a broken link is due, once the next link is known: an entry whose own `prev` was changed
    /// breaks the links on both sides, any other change breaks only the link after it.
    fn settle(&mut self, next: Option<Broken>) {
        match (self.broken.take(), next) {
            (None, next) => self.broken = next,
            (Some(first), None) => self.report_link(&first, first.later - 1),
            (Some(first), Some(_)) => self.report_link(&first, first.later),
        }
    }

    fn report_link(&mut self, link: &Broken, seq: u64) {
        let expected = format!("{}, the leaf of entry {}", link.expected, link.later - 1);
        let found = format!("{}, the prev of entry {}", link.found, link.later);
        self.altered(Some(seq), "entry.prev", &expected, &found);
    }

    fn consult(&mut self, at: Position, statement: &Read<J::Act>) {
        match self.judge.judge(at, statement.id, &statement.act) {
            Ok(remarks) => {
                for rule in remarks {
                    self.add(Some(at.seq), rule, Class::Remark, String::new(), String::new());
                }
            }
            Err(refusal) => self.refuse(at.seq, refusal),
        }
    }

    fn compare_known(&mut self) {
        let (options, size) = (self.options, self.tree.size());
        for known in options.known.iter().filter(|known| known.size == size) {
            let root = self.tree.root();
            if root != known.root {
                self.altered(Some(size - 1), "checkpoint.known", &known.root, &root);
            }
        }
    }

    /// Ends with the checkpoint, or with why it could not be read.
    pub fn finish(mut self, note: Result<Vec<u8>, RecordError>) -> Report {
        if let Some(link) = self.broken.take() {
            self.report_link(&link, link.later);
        }
        match note {
            Ok(note) => self.check_checkpoint(&note),
            Err(RecordError::LongLine { seq }) => {
                self.altered(Some(seq), "entry.format", &"at most 65,535 bytes", &"a longer line");
            }
            Err(RecordError::Truncated { seq }) => {
                self.altered(Some(seq), "record.end", &"an empty line and a checkpoint", &"the end of the file");
            }
            Err(RecordError::LongCheckpoint) => {
                self.altered(
                    Some(self.tree.size()),
                    "record.end",
                    &"a checkpoint after the last entry",
                    &"more than that",
                );
            }
            Err(error) => self.report.unreadable = Some(error.to_string()),
        }
        self.report.judged = !self.blind;
        let size = self.tree.size();
        let options = self.options;
        for known in options.known.iter().filter(|known| known.size > size) {
            self.altered(None, "checkpoint.known", &format_args!("at least {} entries", known.size), &size);
        }
        self.report
    }

    fn check_checkpoint(&mut self, bytes: &[u8]) {
        let opened = Note::parse(bytes).map_err(CheckpointError::from);
        let opened = opened.and_then(|note| Ok((Checkpoint::parse(&note.text)?, note)));
        let (checkpoint, note) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                // An entry that was emptied ends the entries early; what follows then shows where.
                let early = matches!(bytes.first(), Some(b'{' | b'\n')).then(|| self.tree.size());
                return self.altered(early, "checkpoint.format", &"a signed checkpoint", &error);
            }
        };
        let log = self.judge.log().map(|(origin, key)| (origin.to_owned(), key));
        let origin = log.as_ref().map_or(checkpoint.origin.as_str(), |(origin, _)| origin).to_owned();
        let genesis = entry::genesis(&origin);
        if let Some(prev) = self.first_prev.filter(|prev| *prev != genesis) {
            self.altered(Some(0), "entry.prev", &format_args!("{genesis}, of {origin}"), &prev);
        }
        match log {
            // Without a founding there is no key to trust; its finding says why.
            None if self.blind => {}
            None => self.add(None, "checkpoint.key", Class::Unknown, "a founded log".into(), "none".into()),
            Some((origin, key)) => self.check_signature(&origin, &key, &note),
        }
        if checkpoint.size != self.tree.size() {
            self.altered(None, "checkpoint.size", &checkpoint.size, &self.tree.size());
        } else if checkpoint.root != self.tree.root() {
            // The chain binds every entry but the last, so with an unbroken chain the last is where to look.
            let unbroken = !self.report.findings.iter().any(|finding| finding.class == Class::Altered);
            let last = self.tree.size().checked_sub(1).filter(|_| unbroken);
            self.altered(last, "checkpoint.root", &checkpoint.root, &self.tree.root());
        }
        self.report.checkpoint = Some(checkpoint);
    }

    fn check_signature(&mut self, origin: &str, key: &PublicKey, note: &Note) {
        let log = match VerifierKey::new(origin, Algorithm::Ed25519, key) {
            Ok(log) => log,
            Err(error) => return self.altered(None, "checkpoint.key", &"the log's key", &error),
        };
        if let Err(error) = Checkpoint::open(note, &log) {
            let rule =
                if matches!(error, CheckpointError::Origin(_)) { "checkpoint.origin" } else { "checkpoint.signature" };
            self.altered(None, rule, &log, &error);
        }
    }
}
