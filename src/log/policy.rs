//! Policy files (c2sp.org/tlog-policy): which logs a reader knows, which witnesses, and how many of them are enough.
//!
//! A policy is pinned by whoever reads, never taken from the server it judges. Names and addresses in it are octets:
//! nothing here depends on a version of Unicode.

use std::collections::HashMap;
use std::fmt;

use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::{Algorithm, Note, NoteError, VerifierKey, VerifierKeyError};
use crate::log::text::decimal;

/// Longest policy file taken in, bytes.
pub const MAX_POLICY_BYTES: usize = 1 << 18;
/// Most logs, most witnesses and most groups of a policy. The format asks for at least 32 of each.
pub const MAX_EACH: usize = 256;

/// Why a file is not a policy, and on which of its lines, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {fault}")]
pub struct PolicyError {
    /// Which line; the one after the last if something is missing.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is longer than [`MAX_POLICY_BYTES`].
    #[error("the file is too long")]
    TooLong,
    /// A control character other than tab and newline.
    #[error("a control character")]
    Control,
    /// The last line does not end with a newline: the file may have been cut off.
    #[error("no newline at the end: the file may have been cut off")]
    Unended,
    /// A first word other than log, witness, group and quorum.
    #[error("a line begins with log, witness, group, quorum or #")]
    Keyword,
    /// Too few or too many words.
    #[error("expected: {0}")]
    Words(&'static str),
    /// Not a verifier key.
    #[error(transparent)]
    Key(#[from] VerifierKeyError),
    /// A witness whose key does not make cosignatures.
    #[error("a witness needs a cosignature key (0x04)")]
    NotACosigner,
    /// The same public key on an earlier line of the same kind.
    #[error("the same public key stands on an earlier line")]
    DuplicateKey,
    /// A name that has been given before, or `none`.
    #[error("the name {0} is taken")]
    DuplicateName(String),
    /// A name that no earlier line defines.
    #[error("no earlier line defines {0}")]
    UnknownName(String),
    /// A member that is in this or another group already.
    #[error("{0} is in a group already")]
    DuplicateMember(String),
    /// Neither `all`, `any` nor a number from 1 to the number of members.
    #[error("a group needs all, any or a number from 1 to the number of its members")]
    Threshold,
    /// More than [`MAX_EACH`] lines of one kind.
    #[error("more than {MAX_EACH} lines of one kind")]
    TooMany,
    /// A second quorum line.
    #[error("a second quorum line")]
    SecondQuorum,
    /// No quorum line at all.
    #[error("no quorum line")]
    NoQuorum,
}

/// A log or witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// A witness's name within the policy; a log's is its origin. Not necessarily UTF-8 in the file; shown with `�` then.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it answers, if the line says so: a witness's submission prefix, a log's prefix.
    pub url: Option<String>,
}

/// Who must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// Nobody.
    Nobody,
    /// The witness of this number.
    Witness(usize),
    /// So many of these.
    Group { needed: usize, members: Vec<Rule> },
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    quorum: Rule,
}

/// A witness's part in a checkpoint that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance<'p> {
    /// The witness.
    pub witness: &'p Party,
    /// When it cosigned, in seconds since 1970 UTC; `None` if it did not.
    pub time: Option<u64>,
}

/// What a policy finds about a checkpoint that its log signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged<'p> {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Every witness of the policy, in its order.
    pub witnesses: Vec<Attendance<'p>>,
    /// Whether those who cosigned are enough.
    pub met: bool,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first fault and its line.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(PolicyError { line: 1, fault: Fault::TooLong });
        }
        let mut reader = Reader::default();
        let mut count = 0;
        for (line, text) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            reader.line(text).map_err(|fault| PolicyError { line, fault })?;
            count = line;
        }
        let quorum = reader.quorum.ok_or(PolicyError { line: count + 1, fault: Fault::NoQuorum })?;
        Ok(Self { logs: reader.logs, witnesses: reader.witnesses, quorum })
    }

    /// The logs; empty where the reader knows them otherwise.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses, in the file's order.
    #[must_use]
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether no cosignature at all is enough (`quorum none`).
    #[must_use]
    pub fn asks_nobody(&self) -> bool {
        self.quorum == Rule::Nobody
    }

    /// Whether those witnesses, by their number in [`witnesses`](Self::witnesses), are enough.
    #[must_use]
    pub fn is_met(&self, cosigned: &dyn Fn(usize) -> bool) -> bool {
        self.quorum.is_met(cosigned)
    }

    /// Judges a checkpoint of one of the policy's own logs.
    ///
    /// # Errors
    /// No listed log has the checkpoint's origin, or as [`judge_of`](Self::judge_of).
    pub fn judge(&self, note: &Note) -> Result<Judged<'_>, CheckpointError> {
        let origin = Checkpoint::parse(&note.text)?.origin;
        // A log that changes its key has two lines of one name.
        let keys: Vec<VerifierKey> =
            self.logs.iter().map(|log| &log.key).filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() { Err(CheckpointError::Origin(origin)) } else { self.judge_by(note, &keys) }
    }

    /// Judges a checkpoint of a log that is known otherwise.
    ///
    /// # Errors
    /// Not a checkpoint of that log, its signature is missing, or the log's or a known witness's signature doesn't fit.
    pub fn judge_of(&self, note: &Note, log: &VerifierKey) -> Result<Judged<'_>, CheckpointError> {
        let checkpoint = Checkpoint::parse(&note.text)?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin(checkpoint.origin));
        }
        self.judge_by(note, std::slice::from_ref(log))
    }

    fn judge_by(&self, note: &Note, logs: &[VerifierKey]) -> Result<Judged<'_>, CheckpointError> {
        let checkpoint = Checkpoint::parse(&note.text)?;
        note.verify(logs)?;
        let keys: Vec<VerifierKey> = self.witnesses.iter().map(|witness| witness.key.clone()).collect();
        let verified = match note.verify(&keys) {
            Err(NoteError::Unsigned) => Vec::new(),
            verified => verified?,
        };
        let time = |key: &VerifierKey| verified.iter().find(|one| one.key == key).and_then(|one| one.time);
        let witnesses: Vec<Attendance<'_>> =
            self.witnesses.iter().map(|witness| Attendance { witness, time: time(&witness.key) }).collect();
        let met = self.is_met(&|witness| witnesses[witness].time.is_some());
        Ok(Judged { checkpoint, witnesses, met })
    }
}

impl Rule {
    fn is_met(&self, cosigned: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Self::Nobody => true,
            Self::Witness(number) => cosigned(*number),
            Self::Group { needed, members } => {
                members.iter().filter(|member| member.is_met(cosigned)).count() >= *needed
            }
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What the lines so far define.
#[derive(Default)]
struct Reader<'a> {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    /// Witnesses and groups share their names; what was taken into a group stays known but can't be taken again.
    names: HashMap<&'a [u8], Named>,
    groups: usize,
    quorum: Option<Rule>,
}

struct Named {
    rule: Rule,
    member: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), Fault> {
        let line = line.strip_suffix(b"\n").ok_or(Fault::Unended)?;
        if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7F) {
            return Err(Fault::Control);
        }
        let words: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", rest @ ..] => self.log(rest),
            [b"witness", rest @ ..] => self.witness(rest),
            [b"group", rest @ ..] => self.group(rest),
            [b"quorum", rest @ ..] => self.quorum(rest),
            _ => Err(Fault::Keyword),
        }
    }

    fn log(&mut self, words: &[&[u8]]) -> Result<(), Fault> {
        let (key, url) = match words {
            [key] => (key, None),
            [key, url] => (key, Some(*url)),
            _ => return Err(Fault::Words("log <vkey> [<url>]")),
        };
        let key = verifier_key(key)?;
        let name = key.name().to_owned();
        add(&mut self.logs, Party { name, key, url: url.map(shown) })
    }

    fn witness(&mut self, words: &[&'a [u8]]) -> Result<(), Fault> {
        let (name, key, url) = match words {
            [name, key] => (*name, key, None),
            [name, key, url] => (*name, key, Some(*url)),
            _ => return Err(Fault::Words("witness <name> <vkey> [<url>]")),
        };
        let key = verifier_key(key)?;
        if key.algorithm() != Algorithm::Cosignature {
            return Err(Fault::NotACosigner);
        }
        let rule = Rule::Witness(self.witnesses.len());
        self.name(name, rule)?;
        add(&mut self.witnesses, Party { name: shown(name), key, url: url.map(shown) })
    }

    fn group(&mut self, words: &[&'a [u8]]) -> Result<(), Fault> {
        let [name, threshold, members @ ..] = words else {
            return Err(Fault::Words("group <name> all|any|<k> <name>…"));
        };
        let needed = match *threshold {
            b"all" => members.len(),
            b"any" => 1,
            number => decimal(number, MAX_EACH as u64 * 2)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or(Fault::Threshold)?,
        };
        if needed == 0 || needed > members.len() {
            return Err(Fault::Threshold);
        }
        if self.groups == MAX_EACH {
            return Err(Fault::TooMany);
        }
        self.groups += 1;
        let members = members.iter().map(|member| self.member(member)).collect::<Result<_, _>>()?;
        self.name(name, Rule::Group { needed, members })
    }

    /// A group's member: what it is, moved into no second group. `none` is never defined, so it can't be one.
    fn member(&mut self, name: &[u8]) -> Result<Rule, Fault> {
        let named = self.names.get_mut(name).ok_or_else(|| Fault::UnknownName(shown(name)))?;
        if std::mem::replace(&mut named.member, true) {
            return Err(Fault::DuplicateMember(shown(name)));
        }
        Ok(named.rule.clone())
    }

    fn quorum(&mut self, words: &[&[u8]]) -> Result<(), Fault> {
        let [name] = words else { return Err(Fault::Words("quorum <name>")) };
        if self.quorum.is_some() {
            return Err(Fault::SecondQuorum);
        }
        self.quorum = Some(match self.names.get(name) {
            _ if *name == b"none" => Rule::Nobody,
            Some(named) => named.rule.clone(),
            None => return Err(Fault::UnknownName(shown(name))),
        });
        Ok(())
    }

    fn name(&mut self, name: &'a [u8], rule: Rule) -> Result<(), Fault> {
        if name == b"none" || self.names.contains_key(name) {
            return Err(Fault::DuplicateName(shown(name)));
        }
        self.names.insert(name, Named { rule, member: false });
        Ok(())
    }
}

fn add(list: &mut Vec<Party>, party: Party) -> Result<(), Fault> {
    if list.iter().any(|earlier| earlier.key.public() == party.key.public()) {
        return Err(Fault::DuplicateKey);
    }
    if list.len() == MAX_EACH {
        return Err(Fault::TooMany);
    }
    list.push(party);
    Ok(())
}

fn verifier_key(word: &[u8]) -> Result<VerifierKey, Fault> {
    let text = std::str::from_utf8(word).map_err(|_| VerifierKeyError::Malformed)?;
    Ok(VerifierKey::parse(text)?)
}

fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
