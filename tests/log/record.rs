//! The export file: what is written is read, and nothing else is.

use std::io::{BufReader, Read};

use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::entry::MAX_ENTRY_BYTES;
use sunvote::log::note::Note;
use sunvote::log::record::{RecordError, RecordReader, RecordWriter};

use crate::support::{digest, key};

fn note() -> Note {
    Checkpoint::new("localhost/log/v/331102001206", 3, digest(1)).sign(&key(1))
}

fn file() -> Vec<u8> {
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    for entry in ["first", "{second}", "3"] {
        writer.entry(entry.as_bytes()).unwrap();
    }
    writer.finish(&note()).unwrap()
}

type Read3 = (Vec<Vec<u8>>, Vec<u8>);

fn read(bytes: &[u8]) -> Result<Read3, RecordError> {
    // A small buffer, so that lines cross it.
    let mut reader = RecordReader::new(BufReader::with_capacity(7, bytes))?;
    let mut entries = Vec::new();
    let mut line = Vec::new();
    while reader.entry(&mut line)?.is_some() {
        entries.push(std::mem::take(&mut line));
    }
    assert_eq!(reader.entries(), entries.len() as u64);
    Ok((entries, reader.checkpoint()?))
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let (entries, checkpoint) = read(&file()).unwrap();
    assert_eq!(entries, [b"first".to_vec(), b"{second}".to_vec(), b"3".to_vec()]);
    assert_eq!(checkpoint, note().to_string().into_bytes());
    assert!(String::from_utf8(file()).unwrap().starts_with("sunvote/record/v1\nfirst\n{second}\n3\n\nlocalhost/"));
}

#[test]
fn another_kind_of_file_and_a_later_version_are_told_apart() {
    assert!(matches!(read(b""), Err(RecordError::FirstLine)));
    assert!(matches!(read(b"PK\x03\x04"), Err(RecordError::FirstLine)));
    assert!(matches!(read(b"sunvote/record/v1"), Err(RecordError::FirstLine)));
    assert!(matches!(read(b"sunvote/record/v01\n"), Err(RecordError::FirstLine)));
    assert!(matches!(read(b"sunvote/record/v2\n"), Err(RecordError::Version)));
    assert!(matches!(read(b"sunvote/record/v17\nx"), Err(RecordError::Version)));
}

#[test]
fn a_cut_file_names_the_entry() {
    let file = file();
    let entries_end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    for cut in 18..=entries_end + 1 {
        let whole = file[18..cut].split(|&b| b == b'\n').count() as u64 - 1;
        let error = read(&file[..cut]).unwrap_err();
        assert!(matches!(error, RecordError::Truncated { seq } if seq == whole), "{cut}: {error}");
    }
    assert!(matches!(read(&file[..entries_end + 2]), Err(RecordError::Truncated { seq: 3 })));
}

#[test]
fn a_line_without_end_costs_no_more_memory_than_an_entry() {
    let endless = std::io::repeat(b'x').take(1 << 40);
    let input = b"sunvote/record/v1\nfirst\n".chain(endless);
    let mut reader = RecordReader::new(BufReader::new(input)).unwrap();
    let mut line = Vec::new();
    reader.entry(&mut line).unwrap();
    line.clear();
    assert!(matches!(reader.entry(&mut line), Err(RecordError::LongLine { seq: 1 })));
    assert!(line.is_empty() && line.capacity() <= 4 * MAX_ENTRY_BYTES);
}

#[test]
fn the_longest_entry_fits() {
    let longest = vec![b'x'; MAX_ENTRY_BYTES];
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    writer.entry(&longest).unwrap();
    let mut file = writer.finish(&note()).unwrap();
    assert_eq!(read(&file).unwrap().0, [longest]);
    file.insert(18, b'x');
    assert!(matches!(read(&file), Err(RecordError::LongLine { seq: 0 })));
}

#[test]
fn an_endless_checkpoint_is_refused() {
    let file = b"sunvote/record/v1\n\n".chain(std::io::repeat(b'x').take(1 << 40));
    let mut reader = RecordReader::new(BufReader::new(file)).unwrap();
    assert_eq!(reader.entry(&mut Vec::new()).unwrap(), None);
    assert!(matches!(reader.checkpoint(), Err(RecordError::LongCheckpoint)));
}
