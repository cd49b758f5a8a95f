//! Whole-record verification, on records under a law of one rule: each payload counts one further.

use std::io::{BufReader, Read};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use sunvote::core::clock::Time;
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::core::state::Position;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{self, Entry};
use sunvote::log::note::Note;
use sunvote::log::record::RecordWriter;
use sunvote::log::tree::Frontier;
use sunvote::log::verify::{Class, Judge, Options, Refusal, Report, Verdict, verify};

use crate::support::key;

pub const ORIGIN: &str = "localhost/log/v/331102001206";
const LOG: u8 = 200;

/// A payload of the test law.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    n: u64,
    by: Vec<PublicKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<u32>,
}

/// Expects 0, 1, 2 …; 13 is lawful but worth a remark.
#[derive(Default)]
pub struct Counting {
    next: u64,
    founded: bool,
}

fn refusal(rule: &'static str, found: &dyn std::fmt::Display, class: Class) -> Refusal {
    Refusal { rule, expected: "the next number".into(), found: found.to_string(), class }
}

impl Judge for Counting {
    type Act = Count;

    fn read(payload: &[u8]) -> Result<Count, Refusal> {
        serde_json::from_slice(payload).map_err(|error| refusal("count.fields", &error, Class::Procedure))
    }

    fn keys(act: &Count) -> Vec<PublicKey> {
        act.by.clone()
    }

    fn judge(&mut self, at: Position, _id: Digest, act: &Count) -> Result<Vec<&'static str>, Refusal> {
        if act.rules.is_some() {
            return Err(refusal("rules.unknown", &"2", Class::Unknown));
        }
        if act.n != self.next || (!self.founded && at.seq != 0) {
            return Err(refusal("count.next", &act.n, Class::Procedure));
        }
        (self.founded, self.next) = (true, self.next + 1);
        Ok(if act.n == 13 { vec!["thirteen"] } else { Vec::new() })
    }

    fn log(&self) -> Option<(&str, PublicKey)> {
        self.founded.then(|| (ORIGIN, public(&key(LOG))))
    }
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// A record in the making, honest unless told otherwise.
pub struct Record {
    pub lines: Vec<Vec<u8>>,
    prev: Digest,
    tree: Frontier,
}

/// The statement that counts `n`, signed by one or two.
pub fn statement(n: u64) -> Envelope {
    let signers: Vec<SigningKey> = if n.is_multiple_of(3) { vec![key(1), key(2)] } else { vec![key(3)] };
    let count = Count { n, by: signers.iter().map(public).collect(), rules: None };
    let signers: Vec<&SigningKey> = signers.iter().collect();
    Envelope::sign(STATEMENT_TYPE, serde_json::to_vec(&count).unwrap(), &signers)
}

impl Record {
    pub fn new() -> Self {
        Self { lines: Vec::new(), prev: entry::genesis(ORIGIN), tree: Frontier::default() }
    }

    /// A lawful record of so many entries, by one or two signers each.
    pub fn counting(entries: u64) -> Self {
        let mut record = Self::new();
        for n in 0..entries {
            record.push(statement(n));
        }
        record
    }

    pub fn push(&mut self, statement: Envelope) {
        let seq = self.lines.len() as u64;
        let time = Time::from_ms(1_795_000_000_000 + i64::try_from(seq).unwrap() * 1_500).unwrap();
        self.push_entry(&Entry { seq, prev: self.prev, time, statement });
    }

    pub fn push_entry(&mut self, entry: &Entry) {
        let line = entry.encode().unwrap();
        self.prev = entry::leaf_hash(&line);
        self.tree.append(self.prev);
        self.lines.push(line);
    }

    pub fn checkpoint(&self) -> Note {
        Checkpoint::new(ORIGIN, self.lines.len() as u64, self.tree.root()).sign(&key(LOG))
    }

    pub fn file(&self) -> Vec<u8> {
        let mut writer = RecordWriter::new(Vec::new()).unwrap();
        self.lines.iter().for_each(|line| writer.entry(line).unwrap());
        writer.finish(&self.checkpoint()).unwrap()
    }
}

pub fn judge(file: &[u8]) -> Report {
    verify(file, &mut Counting::default(), &Options::default(), |_| {})
}

/// Entries and rules of the findings.
fn found(report: &Report) -> Vec<(Option<u64>, &'static str)> {
    report.findings.iter().map(|finding| (finding.seq, finding.rule)).collect()
}

#[test]
fn an_honest_record_is_lawful() {
    let record = Record::counting(40);
    let mut steps = Vec::new();
    let report =
        verify(record.file().as_slice(), &mut Counting::default(), &Options::default(), |step| steps.push(step));
    assert_eq!(report.verdict(), Verdict::Lawful, "{:?}", report.findings);
    assert_eq!((report.entries, report.signatures, report.omitted), (40, 54, 0));
    assert_eq!(report.checkpoint.unwrap().size, 40);
    assert_eq!(
        report.remarks.iter().map(|remark| (remark.seq, remark.rule)).collect::<Vec<_>>(),
        [(Some(13), "thirteen")]
    );
    assert_eq!(steps.last().unwrap().entries, 40);
}

#[test]
fn more_entries_than_are_prepared_at_a_time() {
    let mut record = Record::new();
    for n in 0..17_001 {
        let mut statement = statement(n);
        statement.signatures[0].sig[32] ^= u8::from([4_000, 16_500].contains(&n));
        record.push(statement);
    }
    let mut steps = 0;
    let report = verify(record.file().as_slice(), &mut Counting::default(), &Options::default(), |_| steps += 1);
    assert_eq!(found(&report), [(Some(4_000), "statement.signature"), (Some(16_500), "statement.signature")]);
    assert_eq!((report.entries, report.signatures, steps), (17_001, 17_001 + 5_667, 9));
}

#[test]
fn an_unlawful_entry_does_not_hide_a_later_one() {
    let mut record = Record::counting(5);
    record.push(statement(77));
    record.push(statement(5));
    record.push(Envelope::sign(STATEMENT_TYPE, b"{\"n\":6}".to_vec(), &[&key(1)]));
    record.push(statement(6));
    let report = judge(&record.file());
    assert_eq!(found(&report), [(Some(5), "count.next"), (Some(7), "count.fields")]);
    assert_eq!(report.verdict(), Verdict::Procedure);
}

#[test]
fn bad_signatures_are_named_one_by_one() {
    let mut record = Record::counting(3);
    let mut bad = statement(3);
    bad.signatures[1].sig[3] ^= 1;
    record.push(bad);
    let mut swapped = statement(4);
    swapped.signatures[0] = statement(1).signatures[0].clone();
    record.push(swapped);
    let mut missing = statement(5);
    missing.signatures.push(missing.signatures[0].clone());
    record.push(missing);
    let mut hint = statement(6);
    hint.signatures[0].keyid = Digest([0; 32]);
    record.push(hint);
    record.push(statement(7));
    let report = judge(&record.file());
    let rules =
        [(3, "statement.signature"), (4, "statement.signature"), (5, "signer.count"), (6, "statement.signature")];
    assert_eq!(found(&report), rules.map(|(seq, rule)| (Some(seq), rule)));
    assert_eq!(report.verdict(), Verdict::Altered);
}

#[test]
fn a_key_outside_the_signature_set_never_signs() {
    let mut record = Record::counting(3);
    // The neutral point: R = S = 0·B fits any message under plain RFC 8032 arithmetic.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let count = Count { n: 3, by: vec![PublicKey(neutral)], rules: None };
    let mut forged = Envelope::sign(STATEMENT_TYPE, serde_json::to_vec(&count).unwrap(), &[&key(1)]);
    forged.signatures[0].keyid = sunvote::log::dsse::keyid(&PublicKey(neutral));
    forged.signatures[0].sig = [0; 64];
    forged.signatures[0].sig[0] = 1;
    record.push(forged);
    assert_eq!(found(&judge(&record.file())), [(Some(3), "statement.signature")]);
}

#[test]
fn loose_json_and_other_payload_types_are_altered() {
    let mut record = Record::counting(3);
    record.push(Envelope::sign(STATEMENT_TYPE, b"{\"n\":3,\"n\":3,\"by\":[]}".to_vec(), &[&key(1)]));
    record.push(Envelope::sign("application/json", b"{\"n\":3,\"by\":[]}".to_vec(), &[&key(1)]));
    let report = judge(&record.file());
    assert_eq!(found(&report), [(Some(3), "statement.form"), (Some(4), "statement.form")]);
    assert_eq!(report.verdict(), Verdict::Altered);
}

#[test]
fn newer_rules_are_not_called_unlawful() {
    let later = "application/vnd.sunvote.statement.v2+json";
    let mut record = Record::counting(0);
    record.push(Envelope::sign(later, b"{\"n\":0}".to_vec(), &[&key(1)]));
    record.push(statement(77));
    let report = judge(&record.file());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(0), "statement.form")], Verdict::CouldNotCheck));

    // In the midst of what this program knows it is a line that somebody put there, and what follows is judged on.
    let mut record = Record::counting(3);
    record.push(Envelope::sign(later, b"{\"n\":3}".to_vec(), &[&key(1)]));
    record.push(statement(77));
    let report = judge(&record.file());
    assert_eq!((found(&report)[0], report.verdict()), ((Some(3), "statement.form"), Verdict::Altered));
    assert!(found(&report).len() > 1);

    let mut record = Record::counting(3);
    let count = Count { n: 3, by: vec![public(&key(1))], rules: Some(2) };
    record.push(Envelope::sign(STATEMENT_TYPE, serde_json::to_vec(&count).unwrap(), &[&key(1)]));
    record.push(statement(77));
    record.push(Envelope::sign(STATEMENT_TYPE, b"{\"fields\":\"of new rules\"}".to_vec(), &[&key(1)]));
    let report = judge(&record.file());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(3), "rules.unknown")], Verdict::CouldNotCheck));
    // What can be seen without the rules is still seen.
    let mut file = record.file();
    let at = file.len() - 10;
    file[at] ^= 1;
    assert_eq!(judge(&file).verdict(), Verdict::Altered);
}

/// A disk that fails.
struct Broken;
impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("disk"))
    }
}

#[test]
fn what_is_not_a_record_could_not_be_checked() {
    for bytes in [b"".as_slice(), b"%PDF-1.7", b"sunvote/record/v2\n"] {
        let report = judge(bytes);
        assert_eq!((report.verdict(), report.unreadable.is_some()), (Verdict::CouldNotCheck, true));
    }
    let file = Record::counting(9).file();
    let input = BufReader::new(file[..2_000].chain(Broken));
    let report = verify(input, &mut Counting::default(), &Options::default(), |_| {});
    assert_eq!((report.verdict(), report.unreadable.as_deref()), (Verdict::CouldNotCheck, Some("disk")));
}

#[test]
fn a_log_that_goes_back_in_time_is_altered() {
    let mut record = Record::counting(3);
    let time = Time::from_ms(1_795_000_000_000).unwrap();
    record.push_entry(&Entry { seq: 3, prev: record.prev, time, statement: statement(3) });
    record.push(statement(4));
    assert_eq!(found(&judge(&record.file())), [(Some(3), "entry.time")]);
}

#[test]
fn another_villages_log_is_not_this_one() {
    let mut record = Record::new();
    record.prev = entry::genesis("localhost/log/v/331102001207");
    for n in 0..3 {
        record.push(statement(n));
    }
    assert_eq!(found(&judge(&record.file())), [(Some(0), "entry.prev")]);
    let record = Record::counting(3);
    let moved = Checkpoint::new("localhost/log/v/331102001207", 3, record.tree.root()).sign(&key(LOG));
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    record.lines.iter().for_each(|line| writer.entry(line).unwrap());
    assert_eq!(found(&judge(&writer.finish(&moved).unwrap())), [(None, "checkpoint.origin")]);
}

#[test]
fn a_record_must_extend_the_checkpoints_its_reader_holds() {
    let earlier = Record::counting(4);
    let known = Checkpoint::parse(&earlier.checkpoint().text).unwrap();
    let options = Options { known: vec![known], ..Options::default() };
    let run = |record: &Record| found(&verify(record.file().as_slice(), &mut Counting::default(), &options, |_| {}));
    assert!(run(&Record::counting(9)).is_empty());
    assert!(run(&Record::counting(4)).is_empty());
    // An old backup: lawful by itself, shorter than what was seen.
    assert_eq!(run(&Record::counting(3)), [(None, "checkpoint.known")]);
    // A second history, lawful by itself.
    let mut fork = Record::counting(3);
    let count = Count { n: 3, by: vec![public(&key(4))], rules: None };
    fork.push(Envelope::sign(STATEMENT_TYPE, serde_json::to_vec(&count).unwrap(), &[&key(4)]));
    fork.push(statement(4));
    assert_eq!(judge(&fork.file()).verdict(), Verdict::Lawful);
    assert_eq!(run(&fork), [(Some(3), "checkpoint.known")]);
}

#[test]
fn a_checkpoint_of_another_size_is_found_even_if_root_and_signature_are_right() {
    let record = Record::counting(3);
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    record.lines.iter().for_each(|line| writer.entry(line).unwrap());
    let checkpoint = Checkpoint::new(ORIGIN, 4, record.tree.root()).sign(&key(LOG));
    assert_eq!(found(&judge(&writer.finish(&checkpoint).unwrap())), [(None, "checkpoint.size")]);
}

#[test]
fn an_empty_record_has_no_log_to_trust() {
    let report = judge(&Record::new().file());
    assert_eq!((found(&report), report.verdict()), (vec![(None, "checkpoint.key")], Verdict::CouldNotCheck));
}

#[test]
fn findings_beyond_the_cap_are_counted() {
    let mut record = Record::counting(1);
    for _ in 0..50 {
        record.push(statement(77));
    }
    let options = Options { most_findings: 10, ..Options::default() };
    let report = verify(record.file().as_slice(), &mut Counting::default(), &options, |_| {});
    assert_eq!((report.findings.len(), report.omitted, report.verdict()), (10, 40, Verdict::Procedure));
}
