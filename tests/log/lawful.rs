//! Whole records under the law: what the scribe writes is lawful, and whose roots they are matters.

use ed25519_dalek::SigningKey;
use sunvote::core::act::Act;
use sunvote::core::act::matter::Reason;
use sunvote::core::act::village::Renamed;
use sunvote::core::ids::PublicKey;
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::dsse::Envelope;
use sunvote::log::entry::{self, Entry};
use sunvote::log::record::RecordWriter;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::log::tree::Frontier;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Report, Verdict, verify};

/// A small village in which one matter went all the way.
pub fn village() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let founding = Founding::invented("331102001206".parse().unwrap(), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).unwrap();
    let term = Term { representatives: 6, member_representatives: 2, members: 0, households: 0, ..Term::default() };
    scribe.settle(&term).unwrap();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let present =
        u32::try_from(scribe.state().body_members(Body::RepresentativeAssembly, None, scribe.now().date()).len());
    scribe.decide(Body::RepresentativeAssembly, matter, present.unwrap(), &[("for", 7), ("against", 1)]).unwrap();
    scribe.carry_out(matter, draft.amount_fen).unwrap();
    scribe
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// Judges a file with roots that the reader holds.
pub fn judge_with(file: &[u8], roots: &[SigningKey]) -> (Report, Law) {
    let mut law = Law::new(Some(roots.iter().map(public).collect()));
    let report = verify(file, &mut law, &Options::default(), |_| {});
    (report, law)
}

fn found(report: &Report) -> Vec<(Option<u64>, &'static str)> {
    report.findings.iter().map(|finding| (finding.seq, finding.rule)).collect()
}

#[test]
fn a_record_of_a_whole_matter_is_lawful() {
    let scribe = village();
    let (report, law) = judge_with(&scribe.export().unwrap(), scribe.roots());
    assert_eq!((found(&report), report.verdict()), (Vec::new(), Verdict::Lawful));
    assert_eq!(report.entries, scribe.entries.len() as u64);
    assert_eq!(law.state(), Some(scribe.state()));
}

#[test]
fn a_record_under_other_roots_is_told_apart_from_an_altered_one_and_nothing_more_is_said_of_it() {
    let scribe = village();
    let file = scribe.export().unwrap();
    let [first, second] = [scribe.roots()[0].clone(), scribe.roots()[1].clone()];
    let stranger = SigningKey::from_bytes(&[1; 32]);
    for named in [vec![first.clone()], vec![second.clone(), stranger.clone()], vec![stranger]] {
        let (report, law) = judge_with(&file, &named);
        assert_eq!(found(&report), [(Some(0), "founding.other_roots")]);
        assert_eq!((report.verdict(), report.omitted), (Verdict::OtherRoots, 0));
        assert_eq!(law.strangers(), [public(&first), public(&second)]);
    }
    // In any order, and beside others that the district has.
    let (report, law) = judge_with(&file, &[SigningKey::from_bytes(&[2; 32]), second, first]);
    assert_eq!((report.verdict(), law.strangers()), (Verdict::Lawful, [].as_slice()));
}

#[test]
fn bytes_changed_under_other_roots_are_an_alteration() {
    let scribe = village();
    let mut file = scribe.export().unwrap();
    let at = file.windows(9).position(|window| window == b"{\"seq\":2,").unwrap() + 20;
    file[at] = if file[at] == b'0' { b'1' } else { b'0' };
    let (report, _) = judge_with(&file, &[SigningKey::from_bytes(&[1; 32])]);
    assert_eq!(report.verdict(), Verdict::Altered);
    assert_eq!(found(&report)[0], (Some(0), "founding.other_roots"));
    assert!(found(&report)[1..].iter().all(|(_, rule)| rule.starts_with("entry.") || rule.starts_with("checkpoint.")));
}

#[test]
fn a_founding_that_is_refused_is_one_finding() {
    let scribe = village();
    let (report, law) = judge_with(&delayed(&scribe, 31), scribe.roots());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(0), "statement.time")], Verdict::Procedure));
    assert_eq!(law.state(), None);
}

/// The whole record taken in so many days later, well chained and under a good checkpoint.
fn delayed(scribe: &Scribe, days: i64) -> Vec<u8> {
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    let (mut tree, mut prev) = (Frontier::default(), entry::genesis(&scribe.state().origin));
    for line in scribe.entries.iter().map(|entry| Entry::parse(&entry.bytes).unwrap()) {
        let time = line.time.plus_ms(days * 86_400_000);
        let line = Entry { time, prev, ..line }.encode().unwrap();
        prev = entry::leaf_hash(&line);
        tree.append(prev);
        writer.entry(&line).unwrap();
    }
    let checkpoint = Checkpoint::new(&scribe.state().origin, tree.size(), tree.root());
    writer.finish(&checkpoint.sign(scribe.log_key())).unwrap()
}

/// What a server could do that holds the log's key: append what the judge refuses, well chained and under a good
/// checkpoint.
fn appended_by_force(scribe: &Scribe, statement: &Envelope) -> Vec<u8> {
    let mut writer = RecordWriter::new(Vec::new()).unwrap();
    let mut tree = Frontier::default();
    let last = scribe.entries.last().unwrap();
    let (seq, prev) = (last.at.seq + 1, last.at.leaf);
    let forced = Entry { seq, prev, time: scribe.now(), statement: statement.clone() }.encode().unwrap();
    for line in scribe.entries.iter().map(|entry| entry.bytes.as_slice()).chain([forced.as_slice()]) {
        tree.append(entry::leaf_hash(line));
        writer.entry(line).unwrap();
    }
    let checkpoint = Checkpoint::new(&scribe.state().origin, tree.size(), tree.root());
    writer.finish(&checkpoint.sign(scribe.log_key())).unwrap()
}

#[test]
fn what_the_judge_refuses_is_named_when_the_server_appends_it_all_the_same() {
    let mut scribe = village();
    let seq = scribe.entries.len() as u64;
    let ended = *scribe.state().matters.keys().next().unwrap();
    let secretary = [Hand::Person(scribe.secretary(), Role::BranchSecretary)];
    let act = Act::MatterWithdrawn(Reason { reason: scribe.text("重新研究") });
    let withdrawal = scribe.draft(&secretary, Header::of(ended), act).unwrap();
    let withdrawal = scribe.sign(&secretary, &withdrawal).unwrap();
    let (report, _) = judge_with(&appended_by_force(&scribe, &withdrawal.envelope), scribe.roots());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(seq), "matter.ended")], Verdict::Procedure));

    // A statement of the record once more, months later.
    let replayed = Entry::parse(&scribe.entries[3].bytes).unwrap().statement;
    let (report, _) = judge_with(&appended_by_force(&scribe, &replayed), scribe.roots());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(seq), "statement.time")], Verdict::Procedure));
}

/// A statement signed for one village, in the record of another with the same people.
#[test]
fn a_statement_of_another_village_is_named() {
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let found_at = |code: &str| {
        let founding = Founding::invented(code.parse().unwrap(), "liandu.example", time, 7);
        Scribe::found(founding).unwrap()
    };
    let (mut here, there) = (found_at("331102001206"), found_at("331102001207"));
    let roots = [Hand::Root(0), Hand::Root(1)];
    let act = Act::VillageRenamed(Renamed { name: here.text("黄泥墩村") });
    let renamed = here.draft(&roots, Header::default(), act).unwrap();
    let renamed = here.sign(&roots, &renamed).unwrap();
    assert_eq!(judge_with(&appended_by_force(&here, &renamed.envelope), here.roots()).0.verdict(), Verdict::Lawful);
    let (report, _) = judge_with(&appended_by_force(&there, &renamed.envelope), there.roots());
    assert_eq!((found(&report), report.verdict()), (vec![(Some(1), "statement.village")], Verdict::Altered));
}
