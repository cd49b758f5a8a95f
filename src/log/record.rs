//! The export file of a village: its whole record in one file, read and written in bounded memory.
//!
//! Line 1 is `sunvote/record/v1`; then the entries, one a line, in their exact bytes; then one empty line; then the
//! checkpoint note to the end of the file.

use std::io::{self, BufRead, Read as _, Write};

use crate::log::entry::MAX_ENTRY_BYTES;
use crate::log::note::{MAX_NOTE_BYTES, Note};

/// The first line, with its version.
pub const FIRST_LINE: &[u8] = b"sunvote/record/v1\n";
/// What every version's first line begins with.
const ANY_VERSION: &[u8] = b"sunvote/record/v";

/// Why a file can't be read as a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The first line is not that of a record.
    #[error("not a record file")]
    FirstLine,
    /// A record of a later version than this reader knows.
    #[error("a record of a version that this program does not know")]
    Version,
    /// A line of more bytes than an entry may have.
    #[error("entry {seq} is longer than 65,535 bytes")]
    LongLine {
        /// Its number, from 0.
        seq: u64,
    },
    /// The file ends within or after this entry, without a checkpoint.
    #[error("the file ends at entry {seq}, without a checkpoint")]
    Truncated {
        /// Number of the entry that should have followed or was cut.
        seq: u64,
    },
    /// The checkpoint note is too long.
    #[error("the checkpoint is too long")]
    LongCheckpoint,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a record as it comes.
#[derive(Debug)]
pub struct RecordWriter<W: Write> {
    out: W,
}

impl<W: Write> RecordWriter<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// From writing.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(FIRST_LINE)?;
        Ok(Self { out })
    }

    /// Adds an entry's exact bytes.
    ///
    /// # Errors
    /// From writing.
    pub fn entry(&mut self, entry: &[u8]) -> io::Result<()> {
        self.out.write_all(entry)?;
        self.out.write_all(b"\n")
    }

    /// Ends the file with the checkpoint over the entries written, and hands back what it was written to.
    ///
    /// # Errors
    /// From writing.
    pub fn finish(mut self, checkpoint: &Note) -> io::Result<W> {
        write!(self.out, "\n{checkpoint}")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads a record line by line.
#[derive(Debug)]
pub struct RecordReader<R: BufRead> {
    input: R,
    seq: u64,
    bytes: u64,
}

impl<R: BufRead> RecordReader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// `FirstLine`, `Version`, or from reading.
    pub fn new(mut input: R) -> Result<Self, RecordError> {
        let mut first = Vec::with_capacity(32);
        let limit = FIRST_LINE.len() as u64 + 8;
        (&mut input).take(limit).read_until(b'\n', &mut first)?;
        if first == FIRST_LINE {
            return Ok(Self { input, seq: 0, bytes: first.len() as u64 });
        }
        let version = first.strip_prefix(ANY_VERSION).and_then(|rest| rest.strip_suffix(b"\n"));
        let later = version.is_some_and(|v| !v.is_empty() && v[0] != b'0' && v.iter().all(u8::is_ascii_digit));
        Err(if later { RecordError::Version } else { RecordError::FirstLine })
    }

    /// Number of entries read so far.
    pub fn entries(&self) -> u64 {
        self.seq
    }

    /// Number of bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads the next entry's bytes to the end of `into`, without the newline, and returns their number; `None` at the
    /// empty line that ends the entries. At most one entry's length is read before a line is found too long.
    ///
    /// # Errors
    /// `LongLine`, `Truncated`, or from reading.
    pub fn entry(&mut self, into: &mut Vec<u8>) -> Result<Option<usize>, RecordError> {
        let limit = MAX_ENTRY_BYTES as u64 + 1;
        let read = (&mut self.input).take(limit).read_until(b'\n', into)?;
        self.bytes += read as u64;
        if into.last() != Some(&b'\n') || read == 0 {
            let long = read as u64 == limit;
            into.truncate(into.len() - read);
            let seq = self.seq;
            return Err(if long { RecordError::LongLine { seq } } else { RecordError::Truncated { seq } });
        }
        into.pop();
        if read == 1 {
            return Ok(None);
        }
        self.seq += 1;
        Ok(Some(read - 1))
    }

    /// Reads the checkpoint note's bytes, to the end of the file. Call it after [`entry`](Self::entry) gave `None`.
    ///
    /// # Errors
    /// `LongCheckpoint`, `Truncated` if nothing is there, or from reading.
    pub fn checkpoint(mut self) -> Result<Vec<u8>, RecordError> {
        let mut note = Vec::new();
        (&mut self.input).take(MAX_NOTE_BYTES as u64 + 1).read_to_end(&mut note)?;
        match note.len() {
            0 => Err(RecordError::Truncated { seq: self.seq }),
            length if length > MAX_NOTE_BYTES => Err(RecordError::LongCheckpoint),
            _ => Ok(note),
        }
    }
}
