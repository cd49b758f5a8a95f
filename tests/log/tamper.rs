//! Every entry and every kind of byte of an exported record, changed: each change is found, and the entry is named.

use sunvote::core::clock::Time;
use sunvote::log::entry::Entry;
use sunvote::log::text::{from_base64, to_base64};
use sunvote::log::verify::{Report, Verdict};

use crate::lawful;
use crate::verify::{Record, judge};

/// A record taken apart, so that it can be put together wrongly.
#[derive(Clone)]
struct File {
    first: String,
    lines: Vec<Vec<u8>>,
    note: String,
}

/// One change and where the findings must point.
struct Change {
    what: String,
    file: Vec<u8>,
    named: Named,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Named {
    /// This entry, by a finding on it.
    Entry(u64),
    /// The record as a whole.
    Whole,
    /// The file can't be taken for a record of this version.
    Unreadable,
}

impl File {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let mut lines: Vec<Vec<u8>> = bytes[..end].split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
        let first = String::from_utf8(lines.remove(0)).unwrap();
        Self { first, lines, note: String::from_utf8(bytes[end + 2..].to_vec()).unwrap() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}\n", self.first).into_bytes();
        for line in &self.lines {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(self.note.as_bytes());
        bytes
    }

    fn with_line(&self, at: usize, line: Vec<u8>) -> Vec<u8> {
        let mut file = self.clone();
        file.lines[at] = line;
        file.bytes()
    }

    fn with_note(&self, note: String) -> Vec<u8> {
        Self { note, ..self.clone() }.bytes()
    }
}

/// An entry with its meaning changed, spelt well.
fn other_meanings(entry: &Entry) -> Vec<(&'static str, Entry)> {
    let mut changes = Vec::new();
    let mut change = |what, edit: &dyn Fn(&mut Entry)| {
        let mut other = entry.clone();
        edit(&mut other);
        changes.push((what, other));
    };
    change("seq one up", &|entry| entry.seq += 1);
    change("prev", &|entry| entry.prev.0[7] ^= 1);
    change("time a millisecond later", &|entry| entry.time = entry.time.plus_ms(1));
    change("time a day earlier", &|entry| entry.time = Time::from_ms(entry.time.ms() - 86_400_000).unwrap());
    change("payload type", &|entry| entry.statement.payload_type.replace_range(0..1, "A"));
    change("first payload byte", &|entry| entry.statement.payload[0] ^= 1);
    change("a payload byte in the middle", &|entry| {
        let middle = entry.statement.payload.len() / 2;
        entry.statement.payload[middle] ^= 1;
    });
    change("a space at the end of the payload", &|entry| entry.statement.payload.push(b' '));
    change("a signature more", &|entry| {
        let first = entry.statement.signatures[0].clone();
        entry.statement.signatures.push(first);
    });
    for i in 0..entry.statement.signatures.len() {
        change("keyid", &|entry| entry.statement.signatures[i].keyid.0[31] ^= 0x80);
        change("R", &|entry| entry.statement.signatures[i].sig[0] ^= 1);
        change("S", &|entry| entry.statement.signatures[i].sig[40] ^= 1);
        change("S above the group order", &|entry| entry.statement.signatures[i].sig[63] |= 0xF0);
    }
    if entry.statement.signatures.len() > 1 {
        change("signatures in another order", &|entry| entry.statement.signatures.reverse());
        change("a signature less", &|entry| entry.statement.signatures.truncate(1));
    }
    changes
}

/// The same meaning in another spelling.
fn other_spellings(line: &str) -> Vec<(&'static str, String)> {
    let seq_end = line.find(',').unwrap();
    let prev_end = seq_end + 1 + line[seq_end + 1..].find(',').unwrap();
    let (seq, prev) = (&line[1..seq_end], &line[seq_end + 1..prev_end]);
    let sig = line.rfind("==\"").unwrap();
    // 64 bytes end in a digit of which four bits are unused.
    let last = char::from(line.as_bytes()[sig - 1] + 1);
    vec![
        ("members in another order", format!("{{{prev},{seq}{}", &line[prev_end..])),
        ("space after a colon", line.replacen("\"seq\":", "\"seq\": ", 1)),
        ("space at the end", format!("{line} ")),
        ("carriage return", format!("{line}\r")),
        ("leading zero", line.replacen("\"seq\":", "\"seq\":0", 1)),
        ("capitals in a digest", line.replacen(prev, &prev.to_uppercase().replace("PREV", "prev"), 1)),
        ("escaped letter in a name", line.replacen("\"time\"", "\"\\u0074ime\"", 1)),
        ("time without milliseconds", line.replacen("Z\"", "0Z\"", 1)),
        ("unused bits of base64", format!("{}{last}{}", &line[..sig - 1], &line[sig..])),
        ("no padding", line.replacen("==\"", "\"", 1)),
        ("a member more", line.replacen('{', "{\"note\":1,", 1)),
    ]
}

fn entry_changes(file: &File, at: usize) -> Vec<Change> {
    let line = std::str::from_utf8(&file.lines[at]).unwrap();
    let meanings = other_meanings(&Entry::parse(line.as_bytes()).unwrap());
    let meanings = meanings.into_iter().map(|(what, entry)| (what, entry.encode().unwrap()));
    let spellings = other_spellings(line).into_iter().map(|(what, text)| (what, text.into_bytes()));
    meanings
        .chain(spellings)
        .map(|(what, other)| {
            assert_ne!(other, file.lines[at], "{what} changes nothing");
            let what = format!("entry {at}: {what}");
            Change { what, file: file.with_line(at, other), named: Named::Entry(at as u64) }
        })
        .collect()
}

/// Lines removed, repeated, moved, slipped in; the file cut.
fn order_changes(file: &File, at: usize) -> Vec<Change> {
    let count = file.lines.len();
    let mut changes = Vec::new();
    let mut change = |what: &str, named, edit: &dyn Fn(&mut File)| {
        let mut other = file.clone();
        edit(&mut other);
        changes.push(Change { what: format!("entry {at}: {what}"), file: other.bytes(), named });
    };
    let here = Named::Entry(at as u64);
    // Nothing follows the last entry, so its absence shows in the size alone.
    change("removed", if at + 1 == count { Named::Whole } else { here }, &|file| drop(file.lines.remove(at)));
    change("repeated", Named::Entry(at as u64 + 1), &|file| file.lines.insert(at, file.lines[at].clone()));
    change("emptied, with what follows", here, &|file| file.lines[at].clear());
    if at + 1 < count {
        change("swapped with the next", here, &|file| file.lines.swap(at, at + 1));
        change("removed, with all after it", Named::Whole, &|file| file.lines.truncate(at));
        change("another statement slipped in before", here, &|file| {
            let mut forged = Entry::parse(&file.lines[at]).unwrap();
            forged.statement = Entry::parse(&file.lines[at + 1]).unwrap().statement;
            file.lines.insert(at, forged.encode().unwrap());
        });
    }
    let start = file.first.len() + 1 + file.lines[..at].iter().map(|line| line.len() + 1).sum::<usize>();
    for (what, cut) in [("cut in the middle", start + file.lines[at].len() / 2), ("cut before", start)] {
        let bytes = file.bytes()[..cut].to_vec();
        changes.push(Change { what: format!("entry {at}: file {what}"), file: bytes, named: here });
    }
    changes
}

/// A statement changed and every `prev` after it made to fit, as one who holds the database would. Without the log's key
/// the checkpoint stays, and the changed statement's signature shows where.
fn rechained(file: &File, at: usize) -> Change {
    let mut other = file.clone();
    let mut prev = None;
    for (i, line) in other.lines.iter_mut().enumerate().skip(at) {
        let mut entry = Entry::parse(line).unwrap();
        entry.prev = prev.unwrap_or(entry.prev);
        if i == at {
            let last = entry.statement.payload.len() - 1;
            entry.statement.payload.insert(last, b' ');
        }
        *line = entry.encode().unwrap();
        prev = Some(sunvote::log::entry::leaf_hash(line));
    }
    Change {
        what: format!("entry {at}: changed and chained anew"),
        file: other.bytes(),
        named: Named::Entry(at as u64),
    }
}

/// The checkpoint and the lines around it.
fn frame_changes(file: &File) -> Vec<Change> {
    let note = &file.note;
    let mut parts = note.split('\n');
    let (origin, size, root) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let line = note.lines().last().unwrap();
    let signature = line.rsplit(' ').next().unwrap();
    let flipped = |at: usize| {
        let mut bytes = from_base64(signature.as_bytes()).unwrap();
        bytes[at] ^= 1;
        note.replace(signature, &to_base64(&bytes))
    };
    let other_root = if root.starts_with('A') { root.replacen('A', "B", 1) } else { format!("A{}", &root[1..]) };
    let unused = char::from(root.as_bytes()[42] + 1);
    let size: u64 = size.parse().unwrap();
    let resized = |other: u64| note.replacen(&format!("\n{size}\n"), &format!("\n{other}\n"), 1);
    let notes = [
        ("size one up", resized(size + 1)),
        ("size one down", resized(size - 1)),
        ("size with a leading zero", note.replacen(&format!("\n{size}\n"), &format!("\n0{size}\n"), 1)),
        ("root", note.replacen(root, &other_root, 1)),
        ("unused bits of the root", note.replacen(root, &format!("{}{unused}=", &root[..42]), 1)),
        ("origin", note.replacen(origin, &origin.replacen("/v/3", "/v/4", 1), 1)),
        ("signer's name", note.replacen(&format!("— {origin}"), &format!("— {origin}x"), 1)),
        ("key id", flipped(0)),
        ("R", flipped(4)),
        ("S", flipped(40)),
        ("an extension line", note.replacen("\n\n", "\nmore\n\n", 1)),
        ("no signature", note[..=note.find("\n\n").unwrap()].to_owned()),
        ("signature of another text", note.replacen(signature, &to_base64(&[7; 68]), 1)),
        ("hyphen for a dash", note.replacen("— ", "- ", 1)),
        ("no newline at the end", note.trim_end().to_owned()),
        ("a line more at the end", format!("{note}x\n")),
        ("an empty line more at the end", format!("{note}\n")),
        ("no note", String::new()),
    ];
    let mut changes: Vec<Change> = notes
        .into_iter()
        .map(|(what, other)| {
            assert_ne!(&other, note, "{what} changes nothing");
            Change { what: format!("checkpoint: {what}"), file: file.with_note(other), named: Named::Whole }
        })
        .collect();
    for first in ["sunvote/record/v2", "sunvote/record/v1 ", "Sunvote/record/v1", ""] {
        let other = File { first: first.into(), ..file.clone() };
        changes.push(Change { what: format!("first line {first:?}"), file: other.bytes(), named: Named::Unreadable });
    }
    let text = file.bytes();
    let end = text.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let joined = [&text[..=end], &text[end + 2..]].concat();
    let named = Named::Entry(file.lines.len() as u64);
    changes.push(Change { what: "no empty line before the checkpoint".into(), file: joined, named });
    let parted = [&text[..end], b"\n", &text[end..]].concat();
    changes.push(Change { what: "two empty lines before the checkpoint".into(), file: parted, named: Named::Whole });
    changes
}

/// Applies the changes to the record, of those to entries one in `one_in` in turn, and returns how many there were.
fn tamper(bytes: &[u8], one_in: usize, judge: impl Fn(&[u8]) -> Report) -> usize {
    let honest = judge(bytes);
    assert_eq!(honest.verdict(), Verdict::Lawful, "{:?}", honest.findings);
    let file = File::parse(bytes);
    assert_eq!(file.bytes(), bytes);
    let mut tried = 0;
    let per_entry = (0..file.lines.len()).flat_map(|at| {
        let all = entry_changes(&file, at).into_iter().chain(order_changes(&file, at)).chain([rechained(&file, at)]);
        // Another start for each entry, so that every kind of change meets many entries.
        all.skip(at % one_in).step_by(one_in)
    });
    for Change { what, file, named } in per_entry.chain(frame_changes(&file)) {
        let report = judge(&file);
        let verdict = if named == Named::Unreadable { Verdict::CouldNotCheck } else { Verdict::Altered };
        assert_eq!(report.verdict(), verdict, "{what}: {:?}", report.findings);
        if let Named::Entry(at) = named {
            let on_it = report.findings.iter().any(|finding| finding.seq == Some(at));
            // A link broken at the very end can't tell which of its two entries was changed: the finding names both.
            let mention = format!("the leaf of entry {at}");
            let named = on_it || report.findings.iter().any(|finding| finding.expected.ends_with(&mention));
            assert!(named, "{what}: not named in {:?}", report.findings);
        }
        tried += 1;
    }
    tried
}

#[test]
fn every_kind_of_change_is_found_and_named() {
    let tried = tamper(&Record::counting(12).file(), 1, judge);
    println!("changes found: {tried}");
    assert!(tried > 400, "{tried}");
}

#[test]
fn every_kind_of_change_to_a_lawful_record_is_found_and_named() {
    let scribe = lawful::village();
    let tried = tamper(&scribe.export().unwrap(), 4, |file| lawful::judge_with(file, scribe.roots()).0);
    println!("changes found: {tried}, in {} entries", scribe.entries.len());
    assert!(tried > 8 * scribe.entries.len(), "{tried}");
}

/// One bit of every byte, in a middle entry and in everything after the entries.
#[test]
fn every_flipped_byte_is_found() {
    let file = Record::counting(4).file();
    let parsed = File::parse(&file);
    let second = parsed.first.len() + 1 + parsed.lines[0].len() + 1;
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    for at in (second..=second + parsed.lines[1].len()).chain(end..file.len()) {
        let mut other = file.clone();
        other[at] ^= 1;
        let report = judge(&other);
        assert_eq!(report.verdict(), Verdict::Altered, "byte {at}: {:?}", report.findings);
    }
}
