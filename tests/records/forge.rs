//! A scribe whose hand can be forced: what the judge refuses is written all the same, signed, chained and under a good
//! checkpoint, as a server could that holds the log's key. What a verifier must find is noted as it is written.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use ed25519_dalek::SigningKey;
use sunvote::core::act::Act;
use sunvote::core::clock::{DAY_MS, MINUTE_MS, Time};
use sunvote::core::ids::{PersonId, PublicKey};
use sunvote::core::model::Role;
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::state::Position;
use sunvote::core::statement::{Header, Statement};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{self, Entry};
use sunvote::log::ledger::Appended;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::tree::Frontier;

use crate::vector::{FIRST, Record};

/// Two of the district's roots.
pub const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

/// What is to be found: an entry, or the whole record, and a rule.
pub type Finding = (Option<u64>, String);

/// A scribe whose hand can be forced.
#[derive(Debug, Clone)]
pub struct Forge {
    scribe: Scribe,
    findings: BTreeSet<Finding>,
}

/// A vector about to be written: its whole record, and what must be found in it.
#[derive(Debug, Clone)]
pub struct Made {
    pub name: String,
    pub about: String,
    pub record: Record,
    pub key: String,
    pub log_key: SigningKey,
    pub roots: Option<Vec<PublicKey>>,
    pub known: Vec<Checkpoint>,
    pub findings: BTreeSet<Finding>,
    /// The verdict, where it is not what the findings amount to.
    pub verdict: Option<&'static str>,
}

impl Deref for Forge {
    type Target = Scribe;
    fn deref(&self) -> &Scribe {
        &self.scribe
    }
}

impl DerefMut for Forge {
    fn deref_mut(&mut self) -> &mut Scribe {
        &mut self.scribe
    }
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// A new key from a number.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

impl Forge {
    /// Goes on from where a scribe stands.
    pub fn from(scribe: &Scribe) -> Self {
        Self { scribe: scribe.clone(), findings: BTreeSet::new() }
    }

    /// The number of the next entry.
    pub fn next(&self) -> u64 {
        self.scribe.entries.len() as u64
    }

    /// Sets the time.
    pub fn at(&mut self, time: Time) -> &mut Self {
        self.scribe.at(time);
        self
    }

    /// Lets days pass.
    pub fn wait_days(&mut self, days: i64) -> &mut Self {
        self.wait_ms(days * DAY_MS)
    }

    /// Lets minutes pass.
    pub fn wait_minutes(&mut self, minutes: i64) -> &mut Self {
        self.wait_ms(minutes * MINUTE_MS)
    }

    /// Lets milliseconds pass.
    pub fn wait_ms(&mut self, ms: i64) -> &mut Self {
        self.scribe.wait_ms(ms);
        self
    }

    /// Notes what must be found.
    pub fn finding(&mut self, seq: impl Into<Option<u64>>, rule: &str) -> &mut Self {
        self.findings.insert((seq.into(), rule.to_owned()));
        self
    }

    /// Something that the judge refuses under this rule, written all the same.
    #[track_caller]
    pub fn refused<T>(&mut self, rule: Rule, write: impl FnOnce(&mut Scribe) -> Result<T, Rejection>) -> &mut Self {
        self.scribe.refused = None;
        match write(&mut self.scribe) {
            Err(rejection) => assert_eq!(rejection.rule, rule, "{rejection}"),
            Ok(_) => panic!("not refused under {rule}"),
        }
        let signed = self.scribe.refused.take().expect("a signed statement that was refused");
        self.force(rule, &signed.envelope)
    }

    /// An act that the judge refuses under this rule, written all the same.
    #[track_caller]
    pub fn unlawful(&mut self, rule: Rule, by: &[Hand], header: Header, act: Act) -> &mut Self {
        self.refused(rule, |scribe| scribe.act(by, header, act))
    }

    /// A statement signed by these hands without being read back, and refused under this rule.
    #[track_caller]
    pub fn submit_raw(&mut self, rule: Rule, by: &[Hand], payload: impl Into<Vec<u8>>) -> &mut Self {
        let envelope = self.sign_raw(by, payload);
        self.force(rule, &envelope)
    }

    /// Any payload, signed by these hands.
    pub fn sign_raw(&self, by: &[Hand], payload: impl Into<Vec<u8>>) -> Envelope {
        let keys: Vec<&SigningKey> = by.iter().map(|hand| self.key_of(*hand).unwrap()).collect();
        Envelope::sign(STATEMENT_TYPE, payload.into(), &keys)
    }

    /// The payload of what an act would be, as text to be altered.
    pub fn payload(&self, by: &[Hand], header: Header, act: Act) -> String {
        String::from_utf8(self.draft(by, header, act).unwrap().to_payload().unwrap()).unwrap()
    }

    /// Appends an envelope without asking the judge; it must be refused under this rule.
    pub fn force(&mut self, rule: Rule, envelope: &Envelope) -> &mut Self {
        let time = self.now().max(self.state().last.time);
        self.force_at(rule, envelope, time)
    }

    /// As [`Self::force`], at another time than that of the scribe.
    pub fn force_at(&mut self, rule: Rule, envelope: &Envelope, time: Time) -> &mut Self {
        self.finding(self.next(), rule.code()).push(envelope, time)
    }

    /// Appends an envelope without asking the judge and without expecting anything.
    pub fn push(&mut self, envelope: &Envelope, time: Time) -> &mut Self {
        let last = self.state().last;
        let entry = Entry { seq: last.seq + 1, prev: last.leaf, time, statement: envelope.clone() };
        let bytes = entry.encode().unwrap();
        let at = Position { seq: entry.seq, time, leaf: entry::leaf_hash(&bytes) };
        let ledger = self.scribe.ledger_mut();
        // What was refused changes nothing: the last lawful entry's time is still the one that none may precede.
        ledger.state.last = Position { time: last.time, ..at };
        ledger.frontier.append(at.leaf);
        self.scribe.entries.push(Appended { at, bytes, id: envelope.id(), remarks: Vec::new() });
        self
    }

    /// Something lawful, written.
    #[track_caller]
    pub fn then<T>(&mut self, write: impl FnOnce(&mut Scribe) -> Result<T, Rejection>) -> &mut Self {
        write(&mut self.scribe).unwrap();
        self
    }

    /// The vector, under the roots of the record.
    pub fn done(self, name: &str, about: &str) -> Made {
        let scribe = &self.scribe;
        let lines = scribe.entries.iter().map(|entry| entry.bytes.clone()).collect();
        let end = format!("\n{}", scribe.checkpoint()).into_bytes();
        Made {
            name: name.to_owned(),
            about: about.to_owned(),
            record: Record { first: FIRST.to_owned(), lines, end },
            key: VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key)
                .unwrap()
                .to_string(),
            log_key: scribe.log_key().clone(),
            roots: Some(founding_roots(scribe)),
            known: Vec::new(),
            findings: self.findings,
            verdict: None,
        }
    }
}

/// The roots that the founding names.
fn founding_roots(scribe: &Scribe) -> Vec<PublicKey> {
    let founding = Entry::parse(&scribe.entries[0].bytes).unwrap().statement;
    let statement = Statement::parse(&founding.payload).unwrap();
    let Act::VillageFounded(act) = statement.act else { panic!("entry 0 is the founding") };
    act.roots
}

impl Made {
    /// Changes the record's pieces.
    pub fn with(mut self, change: impl FnOnce(&mut Record)) -> Self {
        change(&mut self.record);
        self
    }

    /// Adds what must be found.
    pub fn finding(mut self, seq: impl Into<Option<u64>>, rule: &str) -> Self {
        self.findings.insert((seq.into(), rule.to_owned()));
        self
    }

    /// The checkpoint over the lines as they are now, signed by the log.
    pub fn checkpointed(mut self) -> Self {
        let mut tree = Frontier::default();
        for line in &self.record.lines {
            tree.append(entry::leaf_hash(line));
        }
        let origin = VerifierKey::parse(&self.key).unwrap().name().to_owned();
        let note = Checkpoint::new(&origin, tree.size(), tree.root()).sign(&self.log_key);
        self.record.end = format!("\n{note}").into_bytes();
        self
    }
}

/// The vectors of a file, as they are made.
#[derive(Debug, Default)]
pub struct Set(pub Vec<Made>);

impl Set {
    /// A record that leaves from a stage, a minute after its last entry, and goes on as `write` says.
    pub fn bad(&mut self, stage: &Scribe, name: &str, about: &str, write: impl FnOnce(&mut Forge)) {
        let mut forge = Forge::from(stage);
        write(forge.wait_minutes(1));
        self.0.push(forge.done(name, about));
    }
}

/// A person signs in a role.
pub fn hand(person: PersonId, role: Role) -> Hand {
    Hand::Person(person, role)
}
