//! Faults that the file shows by itself: lines, places, times, links, the tree and the checkpoint.

use sunvote::core::ids::Digest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::entry::{self, Entry};
use sunvote::log::note::{Note, NoteSignature};
use sunvote::log::scribe::Scribe;
use sunvote::log::text::{from_base64, to_base64};

use crate::forge::{Forge, Made, key};
use crate::stages::Stages;
use crate::vector::Record;

/// An entry in the middle of the village's record.
const AT: usize = 6;

struct Bytes<'a> {
    scribe: &'a Scribe,
    made: Vec<Made>,
}

impl Bytes<'_> {
    fn base(&self, name: &str, about: &str) -> Made {
        Forge::from(self.scribe).done(name, about)
    }

    /// The village's record with its pieces changed; the checkpoint stays.
    fn change(
        &mut self,
        name: &str,
        about: &str,
        findings: &[(Option<usize>, &str)],
        change: impl FnOnce(&mut Record),
    ) {
        let made = self.base(name, about).with(change);
        self.made.push(findings.iter().fold(made, |made, (seq, rule)| made.finding(seq.map(|seq| seq as u64), rule)));
    }

    /// One entry's line rewritten as text; the chain breaks after it.
    fn line(&mut self, name: &str, about: &str, more: &[(Option<usize>, &str)], twist: impl FnOnce(String) -> String) {
        let findings = [&[(Some(AT), "entry.prev"), (None, "checkpoint.root")], more].concat();
        self.change(name, about, &findings, |record| {
            let line = String::from_utf8(record.lines[AT].clone()).unwrap();
            let twisted = twist(line.clone());
            assert_ne!(line, twisted, "nothing is changed");
            record.lines[AT] = twisted.into_bytes();
        });
    }

    /// The checkpoint's text changed.
    fn note(&mut self, name: &str, about: &str, rules: &[&str], twist: impl FnOnce(&str) -> String) {
        let findings: Vec<_> = rules.iter().map(|rule| (None, *rule)).collect();
        self.change(name, about, &findings, |record| {
            let note = String::from_utf8(record.end[1..].to_vec()).unwrap();
            let twisted = twist(&note);
            assert_ne!(note, twisted, "nothing is changed");
            record.end = format!("\n{twisted}").into_bytes();
        });
    }
}

fn edit(line: &[u8], change: impl FnOnce(&mut Entry)) -> Vec<u8> {
    let mut entry = Entry::parse(line).unwrap();
    change(&mut entry);
    entry.encode().unwrap()
}

/// Makes every `prev` fit from this entry on.
pub fn chain(record: &mut Record, from: usize) {
    for at in from.max(1)..record.lines.len() {
        let prev = entry::leaf_hash(&record.lines[at - 1]);
        record.lines[at] = edit(&record.lines[at], |entry| entry.prev = prev);
    }
}

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut bytes = Bytes { scribe: &stages.village, made: Vec::new() };
    spellings(&mut bytes);
    order(&mut bytes);
    frame(&mut bytes);
    checkpoints(&mut bytes);
    ("Faults of lines, places, times, links, tree and checkpoint, in the record of a settled village.", bytes.made)
}

fn spellings(bytes: &mut Bytes<'_>) {
    let format: &[_] = &[(Some(AT), "entry.format")];
    bytes.line("entry-space", "A space in the template.", format, |l| l.replacen("\"seq\":", "\"seq\": ", 1));
    bytes.line("entry-seq-zero", "A leading zero in seq.", format, |l| l.replacen("\"seq\":", "\"seq\":0", 1));
    bytes.line("entry-seq-sign", "A sign before seq.", format, |l| l.replacen("\"seq\":", "\"seq\":+", 1));
    bytes.line("entry-seq-fraction", "seq with a fraction.", format, |l| l.replacen("\"seq\":6", "\"seq\":6.0", 1));
    bytes.line("entry-seq-2-53", "seq of 2^53.", format, |l| l.replacen("\"seq\":6", "\"seq\":9007199254740992", 1));
    bytes.line("entry-prev-upper", "prev in upper-case hex.", format, |line| {
        let upper = line[17..81].to_uppercase();
        format!("{}{upper}{}", &line[..17], &line[81..])
    });
    bytes.line("entry-time-seconds", "A time without milliseconds.", format, |l| l.replacen(".000Z", "Z", 1));
    bytes.line("entry-time-offset", "A time with an offset.", format, |l| l.replacen(".000Z", ".000+00:00", 1));
    bytes.line("entry-time-leap", "A leap second.", format, |l| l.replacen(":00.000Z", ":60.000Z", 1));
    bytes.line("entry-time-february-30", "A day that no calendar has.", format, |l| {
        l.replacen("\"time\":\"2026-03-02", "\"time\":\"2026-02-30", 1)
    });
    bytes.line("entry-order", "Members in another order.", format, |line| {
        let (prev, time) = (&line[10..82], &line[83..117]);
        line.replacen(&format!("{prev},{time}"), &format!("{time},{prev}"), 1)
    });
    bytes.line("entry-payload-unpadded", "Base64 without its padding.", format, |line| unpadded(&line));
    bytes.line("entry-payload-bits", "Base64 with unused bits set.", format, |line| unused_bits(&line));
    bytes.line("entry-payload-url", "Base64 in the URL alphabet.", format, |line| {
        let at = line.find("\"sig\":").unwrap();
        let (head, rest) = line.split_at(at);
        format!("{head}{}", rest.replace('+', "-").replace('/', "_"))
    });
    bytes.line("entry-keyid-upper", "A keyid in upper case.", format, |line| {
        let at = line.find("\"keyid\":\"").unwrap() + 9;
        format!("{}{}{}", &line[..at], line[at..at + 64].to_uppercase(), &line[at + 64..])
    });
    bytes.line("entry-sig-short", "A signature of 63 bytes.", format, |line| {
        let at = line.find("\"sig\":\"").unwrap() + 7;
        let end = at + line[at..].find('"').unwrap();
        let sig = from_base64(&line.as_bytes()[at..end]).unwrap();
        format!("{}{}{}", &line[..at], to_base64(&sig[..63]), &line[end..])
    });
    bytes.line("entry-no-signature", "An empty list of signatures.", format, |line| {
        let at = line.find("\"signatures\":[").unwrap() + 14;
        format!("{}]}}}}", &line[..at])
    });
    bytes
        .line("entry-member-more", "A member more at the end.", format, |l| format!("{},\"x\":1}}", &l[..l.len() - 1]));
    bytes.line("entry-carriage-return", "A carriage return before the line's end.", format, |l| format!("{l}\r"));
    bytes.line("entry-escape", "An escape in place of a letter.", format, |l| l.replacen("seq", "s\\u0065q", 1));
    bytes.line("entry-other-json", "Valid JSON that is no entry.", format, |_| "{\"seq\":6}".to_owned());
    bytes.line("entry-not-json", "Not JSON.", format, |_| "x".to_owned());
    bytes.change(
        "entry-not-utf-8",
        "Bytes that are no UTF-8.",
        &[(Some(AT), "entry.format"), (Some(AT), "entry.prev"), (None, "checkpoint.root")],
        |record| record.lines[AT] = vec![0xFF, 0xFE, 0x00, 0x80],
    );
    bytes.change(
        "entry-type-quote",
        "A payload type with a backslash.",
        &[(Some(AT), "entry.format"), (Some(AT), "entry.prev"), (None, "checkpoint.root")],
        |record| {
            let line = String::from_utf8(record.lines[AT].clone()).unwrap();
            record.lines[AT] = line.replacen("vnd.sunvote", "vnd\\/sunvote", 1).into_bytes();
        },
    );
}

fn payload_span(line: &str) -> (usize, usize) {
    let at = line.find("\"payload\":\"").unwrap() + 11;
    (at, at + line[at..].find('"').unwrap())
}

/// The payload one to three bytes longer, so that its base64 has padding, and the padding left out.
fn padded(line: &str) -> (usize, usize, String) {
    let (at, end) = payload_span(line);
    let mut payload = from_base64(&line.as_bytes()[at..end]).unwrap();
    payload.push(b' ');
    while payload.len() % 3 != 1 {
        payload.push(b' ');
    }
    (at, end, to_base64(&payload))
}

fn unpadded(line: &str) -> String {
    let (at, end, payload) = padded(line);
    format!("{}{}{}", &line[..at], payload.trim_end_matches('='), &line[end..])
}

fn unused_bits(line: &str) -> String {
    let (at, end, mut payload) = padded(line);
    assert!(payload.ends_with("A=="), "a space's low bits are zero: {payload}");
    payload.replace_range(payload.len() - 3..payload.len() - 2, "B");
    format!("{}{payload}{}", &line[..at], &line[end..])
}

fn order(bytes: &mut Bytes<'_>) {
    let root = (None, "checkpoint.root");
    let size = (None, "checkpoint.size");
    bytes.change(
        "entry-removed",
        "An entry is missing.",
        &[(Some(AT), "entry.seq"), (Some(AT - 1), "entry.prev"), size],
        |record| {
            record.lines.remove(AT);
        },
    );
    bytes.change(
        "entry-doubled",
        "An entry stands there twice.",
        &[(Some(AT + 1), "entry.seq"), (Some(AT), "entry.prev"), (Some(AT + 1), "statement.replayed"), size],
        |record| {
            let line = record.lines[AT].clone();
            record.lines.insert(AT, line);
        },
    );
    let last = bytes.scribe.entries.len() - 1;
    bytes.change(
        "last-entry-removed",
        "The record is cut short by one entry; its checkpoint tells.",
        &[size],
        |record| {
            record.lines.pop();
        },
    );
    bytes.change(
        "last-entry-changed",
        "The last entry's time is a minute later: no link binds it, the tree does.",
        &[(Some(last), "checkpoint.root")],
        |record| record.lines[last] = edit(&record.lines[last], |entry| entry.time = entry.time.plus_ms(60_000)),
    );
    bytes.change(
        "entry-seq-wrong",
        "An entry says another place.",
        &[(Some(AT), "entry.seq"), (Some(AT + 1), "entry.seq"), (Some(AT), "entry.prev"), root],
        |record| record.lines[AT] = edit(&record.lines[AT], |entry| entry.seq += 100),
    );
    bytes.change(
        "entry-prev-wrong",
        "An entry says that it follows another.",
        &[(Some(AT), "entry.prev"), root],
        |record| record.lines[AT] = edit(&record.lines[AT], |entry| entry.prev = Digest([7; 32])),
    );
    bytes.change(
        "first-prev-wrong",
        "Entry 0 doesn't follow the log's origin.",
        &[(Some(0), "entry.prev"), root],
        |record| record.lines[0] = edit(&record.lines[0], |entry| entry.prev = Digest([7; 32])),
    );
    let back = |record: &mut Record| {
        record.lines[AT] = edit(&record.lines[AT], |entry| entry.time = entry.time.plus_ms(-1));
    };
    bytes.change(
        "entry-time-back",
        "An entry is a millisecond earlier than the one before; its signers' time is not.",
        &[(Some(AT), "entry.time"), (Some(AT), "statement.time"), (Some(AT), "entry.prev"), root],
        back,
    );
    let made = bytes.base("entry-time-back-chained", "The same, chained anew and under a new checkpoint.");
    let made = made.with(back).with(|record| chain(record, AT)).checkpointed();
    bytes.made.push(made.finding(AT as u64, "entry.time").finding(AT as u64, "statement.time"));
    let made = bytes.base("entry-seq-chained", "Two places left out, chained anew and under a new checkpoint.");
    let made = made.with(|record| {
        for at in AT..record.lines.len() {
            record.lines[at] = edit(&record.lines[at], |entry| entry.seq += 2);
        }
        chain(record, AT);
    });
    bytes.made.push(made.checkpointed().finding(AT as u64, "entry.seq"));
}

fn frame(bytes: &mut Bytes<'_>) {
    let count = bytes.scribe.entries.len();
    bytes.change("no-end", "The file ends after the last entry.", &[(Some(count), "record.end")], |r| r.end.clear());
    bytes.change("no-checkpoint", "The file ends after the empty line.", &[(Some(count), "record.end")], |record| {
        record.end.truncate(1);
    });
    bytes.change("cut-in-an-entry", "The file ends within an entry.", &[(Some(count - 1), "record.end")], |record| {
        let line = record.lines.pop().unwrap();
        record.end = line[..line.len() / 2].to_vec();
    });
    bytes.change(
        "no-empty-line",
        "The checkpoint follows without an empty line: its lines are read as entries.",
        &[
            (Some(count), "entry.format"),
            (Some(count + 1), "entry.format"),
            (Some(count + 2), "entry.format"),
            (None, "checkpoint.format"),
        ],
        |record| {
            record.end.remove(0);
        },
    );
    bytes.change(
        "empty-line-early",
        "An empty line in place of an entry's: what follows is no checkpoint.",
        &[(Some(AT), "checkpoint.format")],
        |record| {
            let rest: Vec<u8> =
                record.lines.split_off(AT + 1).into_iter().flat_map(|l| [l, vec![b'\n']].concat()).collect();
            record.lines.truncate(AT);
            record.end = [b"\n", rest.as_slice(), record.end.as_slice()].concat();
        },
    );
    for (name, first) in [
        ("later-version", "sunvote/record/v2"),
        ("version-10", "sunvote/record/v10"),
        ("version-0", "sunvote/record/v0"),
        ("version-01", "sunvote/record/v01"),
        ("other-file", "Sunvote/record/v1"),
        ("first-line-space", "sunvote/record/v1 "),
    ] {
        let mut made = bytes.base(name, "Another first line: the file can't be read.");
        first.clone_into(&mut made.record.first);
        made.verdict = Some("could_not_check");
        bytes.made.push(made);
    }
}

fn checkpoints(bytes: &mut Bytes<'_>) {
    let scribe = bytes.scribe;
    let (origin, size, root) =
        (scribe.state().origin.clone(), scribe.ledger().frontier.size(), scribe.ledger().frontier.root());
    let sign =
        |origin: &str, size: u64, root: Digest| Checkpoint::new(origin, size, root).sign(scribe.log_key()).to_string();
    bytes.note(
        "checkpoint-size-up",
        "It says one entry more than there are.",
        &["checkpoint.signature", "checkpoint.size"],
        |note| note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1),
    );
    bytes.note(
        "checkpoint-size-up-signed",
        "The same, signed by the log: the record was cut short.",
        &["checkpoint.size"],
        |_| sign(&origin, size + 1, root),
    );
    bytes.note("checkpoint-size-zero", "A leading zero in its size.", &["checkpoint.format"], |note| {
        note.replacen(&format!("\n{size}\n"), &format!("\n0{size}\n"), 1)
    });
    bytes.note("checkpoint-origin", "It is of another log, under that log's name.", &["checkpoint.origin"], |_| {
        sign("liandu.example/log/v/331102001207", size, root)
    });
    bytes.note(
        "checkpoint-signer-name",
        "The signature's line has another name: none is of the log.",
        &["checkpoint.signature"],
        |note| note.replacen(&format!("— {origin}"), &format!("— {origin}x"), 1),
    );
    bytes.note(
        "checkpoint-other-key",
        "Signed by another key under the log's name.",
        &["checkpoint.signature"],
        |_| Checkpoint::new(&origin, size, root).sign(&key(9)).to_string(),
    );
    bytes.note("checkpoint-unsigned", "No signature.", &["checkpoint.format"], |note| {
        note[..=note.find("\n\n").unwrap()].to_owned()
    });
    bytes.note("checkpoint-hyphen", "A hyphen in place of the dash.", &["checkpoint.format"], |n| {
        n.replacen("— ", "- ", 1)
    });
    bytes.note("checkpoint-no-newline", "No line end at the end.", &["checkpoint.format"], |n| n.trim_end().to_owned());
    bytes.note("checkpoint-line-more", "A line more at the end.", &["checkpoint.format"], |note| format!("{note}x\n"));
    bytes.note(
        "checkpoint-extension",
        "An extension line that the signature doesn't cover.",
        &["checkpoint.signature"],
        |note| note.replacen("\n\n", "\nmore\n\n", 1),
    );
    bytes.note("checkpoint-root-unsigned", "Another root.", &["checkpoint.root", "checkpoint.signature"], |note| {
        note.replacen(&to_base64(&root.0), &to_base64(&[7; 32]), 1)
    });
    bytes.note(
        "checkpoint-extended-by-the-log",
        "An extension line under the log's signature: tolerated.",
        &[],
        |_| {
            let text = format!("{origin}\n{size}\n{}\nmore\n", to_base64(&root.0));
            let signatures = vec![NoteSignature::sign(&text, &origin, scribe.log_key())];
            Note { text, signatures }.to_string()
        },
    );
}
