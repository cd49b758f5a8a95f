//! Signed refusals (PROTOCOL 6): that a server was handed a statement at a time and did not take it, and why it said so.
//! The voter keeps it, and nobody can later say that the statement never came.

use ed25519_dalek::SigningKey;

use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::log::note::{Note, NoteError, NoteSignature, VerifierKey};

/// First line of the text.
const HEAD: &str = "sunvote/refusal/v1";
/// Longest reason, bytes.
const MAX_WHY: usize = 64;

/// What a refusal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Origin of the village's log.
    pub origin: String,
    /// Id of the statement.
    pub statement: Digest,
    /// When it was refused.
    pub time: Time,
    /// Code of the rule, or of what else stands against it: `a-z`, `0-9`, `.`, `_` and `-`.
    pub why: String,
}

fn is_code(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    (1..=MAX_WHY).contains(&text.len()) && text.bytes().all(sign)
}

impl Refusal {
    /// Reads a note's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (head, origin) = (lines.next()?, lines.next()?);
        let (statement, time, why) = (lines.next()?, lines.next()?, lines.next()?);
        let whole = head == HEAD && !origin.is_empty() && is_code(why) && lines.next().is_none();
        let read = Self {
            origin: origin.to_owned(),
            statement: statement.parse().ok()?,
            time: time.parse().ok()?,
            why: why.to_owned(),
        };
        whole.then_some(read)
    }

    /// The note, signed by the log's key.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Note {
        let Self { origin, statement, time, why } = self;
        let text = format!("{HEAD}\n{origin}\n{statement}\n{time}\n{why}\n");
        let signature = NoteSignature::sign(&text, origin, key);
        Note { text, signatures: vec![signature] }
    }

    /// Reads a note that must be a refusal by the log whose key this is.
    ///
    /// # Errors
    /// Not a refusal of that log, or not signed by it.
    pub fn open(note: &Note, log: &VerifierKey) -> Result<Self, NoteError> {
        let read = Self::parse(&note.text).filter(|read| read.origin == log.name());
        let read = read.ok_or(NoteError::Malformed("not a refusal of this log"))?;
        note.verify(std::slice::from_ref(log))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::Refusal;
    use crate::core::ids::{Digest, PublicKey};
    use crate::log::checkpoint::Checkpoint;
    use crate::log::note::{Algorithm, Note, VerifierKey};

    const ORIGIN: &str = "vote.example/log/v/331102206201";

    fn signed() -> (Refusal, Note, VerifierKey) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
        let refusal =
            Refusal { origin: ORIGIN.to_owned(), statement: Digest([5; 32]), time, why: "ballot.late".to_owned() };
        let log = VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key.verifying_key().to_bytes())).unwrap();
        (refusal.clone(), refusal.sign(&key), log)
    }

    #[test]
    fn a_refusal_is_read_back_as_it_was_signed() {
        let (refusal, note, log) = signed();
        let sent = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(Refusal::open(&sent, &log).unwrap(), refusal);
        assert!(sent.text.starts_with("sunvote/refusal/v1\nvote.example/log/v/331102206201\n0505"), "{}", sent.text);
        assert!(Checkpoint::parse(&sent.text).is_err(), "it can't pass for a checkpoint");
        // The vector of PROTOCOL 6, which the browser's code checks too.
        let line = "wzwCidZTqEGTn2eEsRtCKIP28BydA77hkmy2oeYY9aH+M1pyhc/w464DnFwFQUpDLQa7lY19AjvxARSDJ8En3lFgKAY=";
        assert_eq!(sent.signatures[0].to_string(), format!("— {ORIGIN} {line}"));
    }

    #[test]
    fn a_refusal_that_was_changed_or_is_another_logs_is_none() {
        let (_, note, log) = signed();
        for (from, to) in
            [("late", "paper"), ("0505", "0605"), ("01:00", "01:01"), ("/v1\n", "/v2\n"), ("late\n", "late\nx\n")]
        {
            let changed = Note { text: note.text.replacen(from, to, 1), ..note.clone() };
            assert_ne!(changed.text, note.text);
            assert!(Refusal::open(&changed, &log).is_err(), "{from} → {to}");
        }
        let other = VerifierKey::new("vote.example/log/v/331102206202", Algorithm::Ed25519, log.public()).unwrap();
        assert!(Refusal::open(&note, &other).is_err());
        assert_eq!(Refusal::parse(&note.text.replace("ballot.late", "Nur so")), None);
    }
}
