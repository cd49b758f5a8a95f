//! Entries: one line each of a village's log, in exactly one spelling.
//!
//! `{"seq":n,"prev":"<hex>","time":"<UTC, ms>","statement":{"payloadType":"…","payload":"…","signatures":[{"keyid":"…","sig":"…"}]}}`
//!
//! The line is valid JSON, but is read by this template alone: what differs in a single byte is not an entry.

use std::io::Write as _;

use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::log::dsse::{self, Envelope, Signature};
use crate::log::text::{MAX_SAFE_INTEGER, array_from_base64, decimal, from_base64, push_hex, sha256};
use crate::log::tree;

/// Longest entry, bytes: its length must fit the 16 bits of an entry bundle (C2SP tlog-tiles).
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// One entry of a village's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its index, from 0.
    pub seq: u64,
    /// Leaf hash of the entry before it; for entry 0 the SHA-256 of the log's origin. The hash chain.
    pub prev: Digest,
    /// When the server took it in. Never earlier than the entry before.
    pub time: Time,
    /// What was signed.
    pub statement: Envelope,
}

/// Where a line departs from the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than [`MAX_ENTRY_BYTES`].
    #[error("longer than 65,535 bytes")]
    TooLong,
    /// The fixed text before or after the named part is not there.
    #[error("not the entry template at {0}")]
    Template(&'static str),
    /// A value is not in its canonical spelling.
    #[error("{0} is not in its canonical spelling")]
    Value(&'static str),
}

/// RFC 6962 leaf hash of an entry's bytes: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    tree::leaf_hash(entry)
}

/// The `prev` of entry 0: SHA-256 of the log's origin, so that an entry can't move to another village's log.
#[must_use]
pub fn genesis(origin: &str) -> Digest {
    sha256(&[origin.as_bytes()])
}

impl Entry {
    /// The entry's bytes, without a line end.
    ///
    /// # Errors
    /// Too long, or a value that the template can't carry.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        if self.seq > MAX_SAFE_INTEGER {
            return Err(EntryError::Value("seq"));
        }
        if !dsse::is_payload_type(self.statement.payload_type.as_bytes()) {
            return Err(EntryError::Value("payloadType"));
        }
        if self.statement.signatures.is_empty() {
            return Err(EntryError::Value("signatures"));
        }
        let mut line =
            Vec::with_capacity(self.statement.payload.len() * 4 / 3 + 256 * (self.statement.signatures.len() + 1));
        // Writing to a Vec cannot fail.
        let _ = write!(line, "{{\"seq\":{},\"prev\":\"", self.seq);
        push_hex(&mut line, &self.prev.0);
        let _ = write!(line, "\",\"time\":\"{}\",\"statement\":", self.time);
        self.statement.write_json(&mut line);
        line.push(b'}');
        if line.len() > MAX_ENTRY_BYTES { Err(EntryError::TooLong) } else { Ok(line) }
    }

    /// Reads an entry's bytes by the template, then writes them again and compares.
    ///
    /// # Errors
    /// Where the line first departs from the template.
    pub fn parse(line: &[u8]) -> Result<Self, EntryError> {
        if line.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLong);
        }
        let entry = Reader { rest: line }.entry()?;
        // The reader takes canonical values only, so this can't differ; it holds even if one of its parts grows lax.
        if entry.encode()? == line { Ok(entry) } else { Err(EntryError::Template("entry")) }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn entry(&mut self) -> Result<Entry, EntryError> {
        self.fixed(b"{\"seq\":", "seq")?;
        let digits = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let seq = decimal(digits, MAX_SAFE_INTEGER).ok_or(EntryError::Value("seq"))?;
        self.fixed(b",\"prev\":\"", "prev")?;
        let prev = self.digest("prev")?;
        self.fixed(b",\"time\":\"", "time")?;
        let time = self.text("time")?;
        let time = std::str::from_utf8(time).ok().and_then(|t| t.parse().ok()).ok_or(EntryError::Value("time"))?;
        self.fixed(b",\"statement\":", "statement")?;
        let statement = self.envelope()?;
        self.fixed(b"}", "end")?;
        if self.rest.is_empty() { Ok(Entry { seq, prev, time, statement }) } else { Err(EntryError::Template("end")) }
    }

    fn envelope(&mut self) -> Result<Envelope, EntryError> {
        self.fixed(b"{\"payloadType\":\"", "payloadType")?;
        let payload_type = self.text("payloadType")?;
        let known =
            dsse::is_payload_type(payload_type).then(|| String::from_utf8(payload_type.to_vec()).ok()).flatten();
        let payload_type = known.ok_or(EntryError::Value("payloadType"))?;
        self.fixed(b",\"payload\":\"", "payload")?;
        let payload = from_base64(self.text("payload")?).ok_or(EntryError::Value("payload"))?;
        self.fixed(b",\"signatures\":[", "signatures")?;
        let mut signatures = Vec::with_capacity(2);
        loop {
            self.fixed(b"{\"keyid\":\"", "keyid")?;
            let keyid = self.digest("keyid")?;
            self.fixed(b",\"sig\":\"", "sig")?;
            let sig = array_from_base64(self.text("sig")?).ok_or(EntryError::Value("sig"))?;
            signatures.push(Signature { keyid, sig });
            self.fixed(b"}", "signatures")?;
            if self.rest.first() != Some(&b',') {
                break;
            }
            self.fixed(b",", "signatures")?;
        }
        self.fixed(b"]}", "signatures")?;
        Ok(Envelope { payload_type, payload, signatures })
    }

    fn fixed(&mut self, text: &[u8], part: &'static str) -> Result<(), EntryError> {
        self.rest = self.rest.strip_prefix(text).ok_or(EntryError::Template(part))?;
        Ok(())
    }

    /// The bytes up to the next quote, which is consumed. No value of an entry ever holds an escaped quote.
    fn text(&mut self, part: &'static str) -> Result<&'a [u8], EntryError> {
        let end = memchr::memchr(b'"', self.rest).ok_or(EntryError::Template(part))?;
        let text = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok(text)
    }

    fn digest(&mut self, part: &'static str) -> Result<Digest, EntryError> {
        Digest::from_hex(self.text(part)?).ok_or(EntryError::Value(part))
    }
}
