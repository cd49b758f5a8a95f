//! What is carried to the district's root keys, which are kept off line, and back: statements in a file of lines.
//!
//! Line 1 is `{"format":"sunvote/roots/v1","items":<number>}`. Each further line is one statement:
//! `{"envelope":{…},"place":"…","people":[{"person":"…","name":"…","salt":"…"}]}`. `envelope` is the DSSE envelope with the
//! signatures so far and the exact bytes to be signed. `place` and `people` are for whoever signs to read: the record holds
//! only commitments to names. A name of a person who is enrolled must open the commitment beside it. Beside a founding there
//! is `"directory":["— …"]`: who founds a log also enters its key in the district's directory, and these are the signature
//! lines of that leaf, whose text follows from the founding (PROTOCOL 4).

#[cfg(feature = "root")]
pub mod key;
pub mod words;

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read as _, Write};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::core::act::Act;
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, PublicKey};
use crate::core::model::Role;
use crate::core::privacy::{self, TextFault};
use crate::core::reject::Rejection;
use crate::core::statement::Statement;
use crate::log::district;
use crate::log::dsse::{self, DsseError, Envelope, MAX_ENVELOPE_BYTES, Signature};
use crate::log::note::{self, Algorithm, Note, NoteError, NoteSignature, VerifierKey};
use crate::log::signed::{check_signature, statement_of};
use crate::log::sigset::Keyring;

/// What the first line says the file is.
const FORMAT: &str = "sunvote/roots/v1";
/// Longest line, bytes: an envelope and the names of 200 people.
const MAX_LINE: u64 = 2 * MAX_ENVELOPE_BYTES as u64;
/// Most statements in a file: 50 for each village of the largest districts.
const MAX_ITEMS: usize = 50_000;

/// A name that opens a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Whose name.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The commitment's salt.
    pub salt: Digest,
}

/// A statement on its way to its roots' signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Payload and the signatures so far.
    pub envelope: Envelope,
    /// What the payload says.
    pub statement: Statement,
    /// The village's name and its township's, as the server knows them; empty if it doesn't.
    pub place: String,
    /// Names of people in the statement.
    pub people: Vec<Named>,
    /// Beside a founding: the signatures so far under the leaf that enters the log's key in the directory.
    pub directory: Vec<NoteSignature>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The first line is another one.
    #[error("line 1: not a file of statements for roots")]
    Format,
    /// Cut off, or lines added.
    #[error("the file says {said} statements and holds {found}: copy it again")]
    Count {
        /// By the first line.
        said: usize,
        /// In the lines after it.
        found: usize,
    },
    /// One line's fault.
    #[error("line {line}: {fault}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        fault: Fault,
    },
}

/// What is wrong with one statement.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Longer than any statement is.
    #[error("longer than 192 KiB")]
    Long,
    /// Not the JSON of an item.
    #[error("not a statement for roots: {0}")]
    Shape(String),
    /// Not an envelope.
    #[error(transparent)]
    Envelope(#[from] DsseError),
    /// Not a statement, or a signature that is not good.
    #[error("{} of {}: {}, expected {}", .0.rule.code(), .1, .0.found, .0.expected)]
    Statement(Rejection, &'static str),
    /// Someone else's business.
    #[error("a statement that roots don't sign")]
    NotForRoots,
    /// The same statement twice.
    #[error("the same statement as in an earlier line")]
    Twice,
    /// A place or name with characters that make it read otherwise than it is.
    #[error("a place or name: {0}")]
    Text(TextFault),
    /// A name that is not the one the record commits to.
    #[error("“{0}” is not the name that the statement commits to")]
    Name(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    format: String,
    items: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    envelope: Box<RawValue>,
    #[serde(default)]
    place: String,
    #[serde(default)]
    people: Vec<Named>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    directory: Vec<String>,
}

impl Item {
    /// A statement that nobody has signed yet.
    ///
    /// # Errors
    /// When the payload can't be read back, which no statement built from its types does.
    pub fn unsigned(payload: Vec<u8>, place: String, people: Vec<Named>) -> Result<Self, Rejection> {
        let envelope = Envelope { payload_type: dsse::STATEMENT_TYPE.to_owned(), payload, signatures: Vec::new() };
        let statement = statement_of(&envelope)?;
        Ok(Self { envelope, statement, place, people, directory: Vec::new() })
    }

    /// The statement's id.
    #[must_use]
    pub fn id(&self) -> Digest {
        self.envelope.id()
    }

    /// Keys that have not signed all of it yet.
    pub fn missing(&self) -> impl Iterator<Item = PublicKey> {
        self.statement
            .by
            .iter()
            .map(|signer| signer.key)
            .filter(move |key| !self.is_signed(key) || !self.is_listed(key))
    }

    fn is_signed(&self, key: &PublicKey) -> bool {
        self.envelope.signatures.iter().any(|signature| signature.keyid == dsse::keyid(key))
    }

    fn is_listed(&self, key: &PublicKey) -> bool {
        let Some((district, _)) = self.listing() else { return true };
        let id = note::key_id(&district::root_name(&district), Algorithm::Ed25519, key);
        self.directory.iter().any(|line| line.id == id)
    }

    /// Beside a founding: origin of the district's log, and the text of the leaf that enters the log's key there.
    fn listing(&self) -> Option<(String, String)> {
        let Act::VillageFounded(act) = &self.statement.act else { return None };
        let (host, village) = district::village_of(&act.origin)?;
        let log = VerifierKey::new(&act.origin, Algorithm::Ed25519, &act.log_key).ok()?;
        Some((district::origin(host, village.district()), district::key_text(&log)))
    }

    /// The leaf that enters the log's key in the district's directory; `None` beside anything but a founding.
    #[must_use]
    pub fn key_leaf(&self) -> Option<Vec<u8>> {
        let (_, text) = self.listing()?;
        Some(Note { text, signatures: self.directory.clone() }.to_string().into_bytes())
    }

    /// Signs what this key has not signed yet; the signatures of earlier signers come first, as the statement lists them.
    pub fn sign(&mut self, key: &SigningKey) {
        let public = PublicKey(key.verifying_key().to_bytes());
        if !self.is_signed(&public) {
            let signature = Signature::sign(&self.envelope.pae(), key);
            self.add(signature);
        }
        if let Some((district, text)) = self.listing().filter(|_| !self.is_listed(&public)) {
            self.directory.push(district::sign_key(&district, &text, key));
        }
    }

    fn add(&mut self, signature: Signature) {
        self.envelope.signatures.push(signature);
        let place = |keyid| self.statement.by.iter().position(|signer| dsse::keyid(&signer.key) == keyid);
        self.envelope.signatures.sort_by_key(|signature| place(signature.keyid));
    }

    /// Reads one line: a statement that roots sign, whose signatures so far are good and whose names are true.
    fn read(line: &[u8], keys: &mut Keyring) -> Result<Self, Fault> {
        let line: Line = serde_json::from_slice(line).map_err(|error| Fault::Shape(error.to_string()))?;
        let envelope = Envelope::from_json(line.envelope.get().as_bytes())?;
        let statement = statement_of(&envelope).map_err(|rejection| Fault::Statement(rejection, "this statement"))?;
        let roots = statement.by.iter().all(|signer| signer.role == Role::Root && signer.person.is_none());
        if !roots || statement.by.is_empty() {
            return Err(Fault::NotForRoots);
        }
        let directory = line.directory.iter().map(|line| NoteSignature::parse(line)).collect::<Result<_, _>>();
        let directory = directory.map_err(|error: NoteError| Fault::Shape(error.to_string()))?;
        let item = Self { envelope, statement, place: line.place, people: line.people, directory };
        item.check_signatures(keys)?;
        item.check_directory()?;
        item.check_names()?;
        Ok(item)
    }

    fn check_signatures(&self, keys: &mut Keyring) -> Result<(), Fault> {
        let (pae, mut signed) = (self.envelope.pae(), BTreeSet::new());
        let kind = self.statement.kind().code();
        for signature in &self.envelope.signatures {
            let own = self.statement.by.iter().find(|signer| dsse::keyid(&signer.key) == signature.keyid);
            let own = own.filter(|signer| signed.insert(signer.key)).ok_or_else(|| {
                Fault::Shape("a signature of a key that the statement does not name, or one twice".to_owned())
            })?;
            check_signature(keys, &own.key, &pae, signature).map_err(|rejection| Fault::Statement(rejection, kind))?;
        }
        Ok(())
    }

    /// Each line is the good signature of one of the two signers.
    fn check_directory(&self) -> Result<(), Fault> {
        if self.directory.is_empty() {
            return Ok(());
        }
        let shape = |text: &str| Fault::Shape(text.to_owned());
        let (district, text) = self.listing().ok_or_else(|| shape("a directory's leaf beside what is no founding"))?;
        let roots = self.statement.by.iter().map(|signer| district::root_key(&district, &signer.key));
        let roots = roots.collect::<Result<Vec<_>, _>>().map_err(|error| Fault::Shape(error.to_string()))?;
        let leaf = Note { text, signatures: self.directory.clone() };
        let good = leaf.verify(&roots).map_err(|error| Fault::Shape(format!("the directory's leaf: {error}")))?;
        if good.len() == self.directory.len() {
            Ok(())
        } else {
            Err(shape("a signature under the directory's leaf of another key, or one twice"))
        }
    }

    fn check_names(&self) -> Result<(), Fault> {
        // Shown on a terminal: a name must read as it is.
        privacy::check_text(&self.place).map_err(Fault::Text)?;
        let stated = words::people(&self.statement.act);
        for named in &self.people {
            privacy::check_name(&named.name).map_err(Fault::Text)?;
            let commitment = commit::person(&named.salt.0, &named.name);
            let opens = stated.iter().any(|row| row.person == named.person && row.name == commitment);
            if !opens && !words::ends(&self.statement.act, named.person) {
                return Err(Fault::Name(named.name.clone()));
            }
        }
        Ok(())
    }

    fn write(&self, mut out: impl Write) -> io::Result<()> {
        let envelope = String::from_utf8(self.envelope.to_json()).map_err(io::Error::other)?;
        let envelope = RawValue::from_string(envelope)?;
        let directory = self.directory.iter().map(ToString::to_string).collect();
        let line = Line { envelope, place: self.place.clone(), people: self.people.clone(), directory };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")
    }
}

/// Reads a whole file. Every signature in it is good and every name true, or none of it is taken.
///
/// # Errors
/// The first fault, with its line.
pub fn read(mut input: impl BufRead) -> Result<Vec<Item>, CeremonyError> {
    let (mut keys, mut ids) = (Keyring::default(), BTreeSet::new());
    let first = line(&mut input, 1)?;
    let first: First = serde_json::from_slice(&first).map_err(|_| CeremonyError::Format)?;
    if first.format != FORMAT || first.items > MAX_ITEMS {
        return Err(CeremonyError::Format);
    }
    let mut items = Vec::new();
    loop {
        let number = items.len() + 2;
        let bytes = line(&mut input, number)?;
        if bytes.is_empty() {
            break;
        }
        if items.len() == first.items {
            return Err(CeremonyError::Count { said: first.items, found: items.len() + 1 });
        }
        let at = |fault| CeremonyError::Line { line: number, fault };
        let item = Item::read(&bytes, &mut keys).map_err(at)?;
        if !ids.insert((item.statement.village, item.id())) {
            return Err(at(Fault::Twice));
        }
        items.push(item);
    }
    if items.len() != first.items {
        return Err(CeremonyError::Count { said: first.items, found: items.len() });
    }
    Ok(items)
}

fn line(input: &mut impl BufRead, line: usize) -> Result<Vec<u8>, CeremonyError> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_LINE + 1).read_until(b'\n', &mut bytes)?;
    if read as u64 > MAX_LINE {
        return Err(CeremonyError::Line { line, fault: Fault::Long });
    }
    Ok(bytes)
}

/// Writes a file.
///
/// # Errors
/// From writing.
pub fn write(items: &[Item], mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut out, &First { format: FORMAT.to_owned(), items: items.len() })?;
    out.write_all(b"\n")?;
    items.iter().try_for_each(|item| item.write(&mut out))?;
    out.flush()
}

#[cfg(test)]
mod tests;
