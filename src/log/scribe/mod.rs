//! A scribe that writes lawful records in memory, with real keys and invented people: for the demo, for tests and for
//! benchmarks. Every entry goes the way of the server's: statement, signatures, [`Ledger::append`]. What the judge refuses,
//! the scribe can't write either.

pub mod matter;
pub mod people;
pub mod session;
pub mod terminal;
pub mod voting;
pub mod witness;
pub mod works;

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::core::act::Act;
use crate::core::act::village::{Founded, Founder};
use crate::core::act::voting::Opening;
use crate::core::clock::{DAY_MS, Time};
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::{Doc, KeyKind, Level, Media, Role};
use crate::core::reject::{Rejection, Rule};
use crate::core::state::State;
use crate::core::statement::{Header, Signer, Statement};
use crate::log::dsse::{Envelope, STATEMENT_TYPE};
use crate::log::ledger::{Appended, Ledger};
use crate::log::note::Note;
use crate::log::record::RecordWriter;
use crate::log::scribe::people::Someone;
use crate::log::signed::Signed;

/// Whose hand signs, and in which capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// A person in a role.
    Person(PersonId, Role),
    /// A district root key, by its index.
    Root(usize),
    /// The log's own key.
    Log,
    /// A terminal, by its number: its key is drawn from the scribe's seed.
    Terminal(u16),
}

/// A document that the scribe invented, with what opens its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What the record says of it.
    pub doc: Doc,
    /// The salt.
    pub salt: [u8; 32],
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Where and when a village is founded.
#[derive(Debug)]
pub struct Founding {
    /// The village.
    pub village: VillageCode,
    /// Host and path before `/log/v/…`, without scheme.
    pub host: String,
    /// When.
    pub time: Time,
    /// Fixes every key, id, salt and nonce.
    pub seed: u64,
    /// The district's root keys, 2 to 9; all villages of a district share them.
    pub roots: Vec<SigningKey>,
    /// First clerk.
    pub clerk: Someone,
    /// First member of the supervision committee.
    pub supervisor: Someone,
}

impl Founding {
    /// A founding with invented officers and roots, all fixed by `seed`.
    #[must_use]
    pub fn invented(village: VillageCode, host: &str, time: Time, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        // A stream of its own: the scribe's own draws begin anew from the same seed.
        rng.set_stream(1);
        let roots = (0..3).map(|_| SigningKey::from_bytes(&bytes(&mut rng))).collect();
        let clerk = Someone::invent(&mut rng);
        let supervisor = Someone::invent(&mut rng);
        Self { village, host: host.to_owned(), time, seed, roots, clerk, supervisor }
    }
}

/// Writes one village's record. A copy goes its own way from where it was made.
#[derive(Debug, Clone)]
pub struct Scribe {
    ledger: Ledger,
    time: Time,
    rng: ChaCha20Rng,
    roots: Vec<SigningKey>,
    log_key: SigningKey,
    people: BTreeMap<PersonId, Someone>,
    /// Persons in order of their first grant of each role.
    roles: BTreeMap<Role, Vec<PersonId>>,
    /// Keys of terminals in the hall, by number.
    pub(in crate::log::scribe) terminals: BTreeMap<u16, SigningKey>,
    /// Every entry so far.
    pub entries: Vec<Appended>,
    /// Every document invented so far.
    pub documents: Vec<Document>,
    /// Opening of every ballot cast, by the ballot's commitment.
    pub openings: BTreeMap<Digest, Opening>,
    /// What the judge refused last, signed: what a server that holds the log's key could append all the same.
    pub refused: Option<Signed>,
}

fn bytes<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

fn unwritable(error: impl std::fmt::Display) -> Rejection {
    Rejection::new(Rule::StatementForm, "a statement that can be written", error)
}

impl Scribe {
    /// Founds a village under two root keys.
    ///
    /// # Errors
    /// What the judge refuses: fewer than two roots, a host that is no log origin.
    pub fn found(founding: Founding) -> Result<Self, Rejection> {
        let Founding { village, host, time, seed, roots, clerk, supervisor } = founding;
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let log_key = SigningKey::from_bytes(&bytes(&mut rng));
        let origin = format!("{host}/log/v/{village}");
        let founder = |someone: &Someone, role| Founder {
            person: someone.id,
            name: someone.commitment(),
            role,
            key: public(&someone.key),
            key_kind: KeyKind::Device,
        };
        let act = Act::VillageFounded(Founded {
            origin: origin.clone(),
            district: village.district(),
            rules: crate::core::judge::founding::RULES,
            log_key: public(&log_key),
            roots: roots.iter().map(public).collect(),
            people: vec![founder(&clerk, Role::Clerk), founder(&supervisor, Role::SupervisionCommittee)],
        });
        let by = roots.iter().take(2).map(|key| Signer { person: None, role: Role::Root, key: public(key) });
        let statement = Statement::new(village, by.collect(), time, Header::default(), act);
        let keys: Vec<&SigningKey> = roots.iter().take(2).collect();
        let signed = sign(&statement, &keys)?;
        let (ledger, first) = Ledger::found(&signed, &origin, time)?;
        let roles = BTreeMap::from([(Role::Clerk, vec![clerk.id]), (Role::SupervisionCommittee, vec![supervisor.id])]);
        let people = BTreeMap::from([(clerk.id, clerk), (supervisor.id, supervisor)]);
        let (entries, documents, openings, refused) = (vec![first], Vec::new(), BTreeMap::new(), None);
        let terminals = BTreeMap::new();
        Ok(Self { ledger, time, rng, roots, log_key, people, roles, terminals, entries, documents, openings, refused })
    }

    /// What the record amounts to.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.ledger.state
    }

    /// State and right edge of the tree.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The same, to be changed without asking the judge: for records in which a verifier must find something.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// The time of the next entry. It moves only when told.
    #[must_use]
    pub fn now(&self) -> Time {
        self.time
    }

    /// Sets the time. Entries never go back in time, whatever is set here.
    pub fn at(&mut self, time: Time) -> &mut Self {
        self.time = time;
        self
    }

    /// Lets days pass.
    pub fn wait_days(&mut self, days: i64) -> &mut Self {
        self.wait_ms(days * DAY_MS)
    }

    /// Lets minutes pass.
    pub fn wait_minutes(&mut self, minutes: i64) -> &mut Self {
        self.wait_ms(minutes * crate::core::clock::MINUTE_MS)
    }

    /// Lets milliseconds pass.
    pub fn wait_ms(&mut self, ms: i64) -> &mut Self {
        self.time = self.time.plus_ms(ms);
        self
    }

    /// The log's own key.
    #[must_use]
    pub fn log_key(&self) -> &SigningKey {
        &self.log_key
    }

    /// The district's root keys.
    #[must_use]
    pub fn roots(&self) -> &[SigningKey] {
        &self.roots
    }

    /// The log signs with this key from here on; the record must have been told by `log_key.rotated`.
    pub fn use_log_key(&mut self, key: SigningKey) {
        self.log_key = key;
    }

    /// The district's root keys from here on; the record must have been told by `roots.changed`.
    pub fn use_roots(&mut self, roots: Vec<SigningKey>) {
        self.roots = roots;
    }

    /// The checkpoint over all entries so far.
    #[must_use]
    pub fn checkpoint(&self) -> Note {
        self.ledger.checkpoint(&self.log_key)
    }

    /// The record as an export file.
    ///
    /// # Errors
    /// From writing to memory, which does not fail.
    pub fn export(&self) -> std::io::Result<Vec<u8>> {
        let mut writer = RecordWriter::new(Vec::new())?;
        for entry in &self.entries {
            writer.entry(&entry.bytes)?;
        }
        writer.finish(&self.checkpoint())
    }

    /// Signs and appends an act at the time that is set.
    ///
    /// # Errors
    /// The first rule that it breaks; nothing is appended then.
    pub fn act(&mut self, by: &[Hand], header: Header, act: Act) -> Result<Appended, Rejection> {
        let statement = self.draft(by, header, act)?;
        self.submit(by, &statement)
    }

    /// The statement that `act` would sign, to be looked at or altered first.
    ///
    /// # Errors
    /// When a hand is nobody's whom the scribe knows.
    pub fn draft(&self, by: &[Hand], header: Header, act: Act) -> Result<Statement, Rejection> {
        let signer = |hand: &Hand| {
            let key = public(self.key_of(*hand)?);
            Ok(match hand {
                Hand::Person(person, role) => Signer { person: Some(*person), role: *role, key },
                Hand::Root(_) => Signer { person: None, role: Role::Root, key },
                Hand::Log => Signer { person: None, role: Role::Log, key },
                Hand::Terminal(_) => Signer { person: None, role: Role::Terminal, key },
            })
        };
        let by = by.iter().map(signer).collect::<Result<_, Rejection>>()?;
        Ok(Statement::new(self.state().village, by, self.time, header, act))
    }

    /// Signs a statement with the keys of these hands and appends it.
    ///
    /// # Errors
    /// The first rule that it breaks; nothing is appended then.
    pub fn submit(&mut self, by: &[Hand], statement: &Statement) -> Result<Appended, Rejection> {
        let signed = self.sign(by, statement)?;
        self.append(&signed)
    }

    /// Signs a statement with the keys of these hands.
    ///
    /// # Errors
    /// When a hand is nobody's whom the scribe knows, or the statement does not fit its kind.
    pub fn sign(&self, by: &[Hand], statement: &Statement) -> Result<Signed, Rejection> {
        let keys = by.iter().map(|hand| self.key_of(*hand)).collect::<Result<Vec<_>, _>>()?;
        sign(statement, &keys)
    }

    /// Appends what is signed already.
    ///
    /// # Errors
    /// The first rule that it breaks; nothing is appended then.
    pub fn append(&mut self, signed: &Signed) -> Result<Appended, Rejection> {
        let judged = self.ledger.append(signed, self.time);
        self.refused = judged.is_err().then(|| signed.clone());
        let (appended, _) = judged?;
        self.entries.push(appended.clone());
        Ok(appended)
    }

    /// The key of a hand.
    ///
    /// # Errors
    /// `person.unknown` for nobody whom the scribe knows.
    pub fn key_of(&self, hand: Hand) -> Result<&SigningKey, Rejection> {
        let key = match hand {
            Hand::Person(person, _) => self.people.get(&person).map(|someone| &someone.key),
            Hand::Root(index) => self.roots.get(index),
            Hand::Log => Some(&self.log_key),
            Hand::Terminal(no) => self.terminals.get(&no),
        };
        key.ok_or_else(|| Rejection::new(Rule::PersonUnknown, "a hand that the scribe knows", format!("{hand:?}")))
    }

    /// A public text, salted and committed to.
    pub fn text(&mut self, text: &str) -> Doc {
        self.document(Level::Public, Media::Text, text.as_bytes().to_vec())
    }

    /// A document, salted and committed to.
    pub fn document(&mut self, level: Level, media: Media, bytes: Vec<u8>) -> Doc {
        let salt = self.draw();
        let doc = Doc { sha256: commit::document(&salt, &bytes), size: bytes.len() as u64, media, level };
        self.documents.push(Document { doc: doc.clone(), salt, bytes });
        doc
    }

    /// Random bytes of the scribe's own seed.
    pub fn draw<const N: usize>(&mut self) -> [u8; N] {
        bytes(&mut self.rng)
    }

    /// A new matter's id, dated like a ULID.
    pub fn new_matter(&mut self) -> MatterId {
        MatterId::from_bytes(self.dated_id())
    }

    /// A new session's id, dated like a ULID.
    pub fn new_session(&mut self) -> SessionId {
        SessionId::from_bytes(self.dated_id())
    }

    fn dated_id(&mut self) -> [u8; 16] {
        let mut id: [u8; 16] = self.draw();
        id[..6].copy_from_slice(&self.time.ms().to_be_bytes()[2..]);
        id
    }
}

fn sign(statement: &Statement, keys: &[&SigningKey]) -> Result<Signed, Rejection> {
    let payload = statement.to_payload().map_err(unwritable)?;
    // Read back like anything that comes from outside, so that the record holds nothing a reader would refuse.
    Signed::read(Envelope::sign(STATEMENT_TYPE, payload, keys))
}
