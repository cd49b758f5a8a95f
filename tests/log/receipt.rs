//! Receipts alone and in pairs: what proves, and every way of passing something else off. The cases are the vectors of
//! every other implementation.

use serde_json::{Value, json};
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::dsse::{self, Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{Entry, genesis, leaf_hash};
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::proof::ProofFile;
use sunvote::log::receipt::{Fault, Known};
use sunvote::log::text::to_base64;
use sunvote::log::tree::{self, prove_inclusion, root};

use crate::support::{assert_vector_file, digest, key};

const VILLAGE: &str = "localhost/log/v/331102001206";
const DISTRICT: &str = "localhost/log/d/331102";
const TIME: u64 = 1_795_000_000;
const ABOUT: &str = "Receipts (PROTOCOL section 7): first is the entry's proof file, second (if there) that of its village's \
    checkpoint; village, district and policy are what the reader knows, payload (base64) the statement that the receipt \
    must be for. verdict: good, or the first fault.";
const LATER_TYPE: &str = "application/vnd.sunvote.statement.v2+json";

/// One case: two files, what the reader knows, and the verdict.
#[derive(Clone)]
struct Case {
    name: &'static str,
    first: String,
    second: Option<String>,
    village: VerifierKey,
    district: Option<VerifierKey>,
    policy: Option<String>,
    payload: Option<Vec<u8>>,
    verdict: &'static str,
}

fn vkey(name: &str, number: u8, algorithm: Algorithm) -> VerifierKey {
    VerifierKey::new(name, algorithm, &PublicKey(key(number).verifying_key().to_bytes())).unwrap()
}

/// Entry `seq` as the villager of key 3 signed it.
fn payload(seq: u64) -> Vec<u8> {
    let by = json!([{"person": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "role": "voter", "key": hex::encode(key(3).verifying_key().to_bytes())}]);
    json!({"kind": "ballot.cast", "by": by, "number": seq}).to_string().into_bytes()
}

fn line(seq: u64, prev: Digest, statement: Envelope) -> Vec<u8> {
    let time = "2026-11-21T10:00:00.000Z".parse().unwrap();
    Entry { seq, prev, time, statement }.encode().unwrap()
}

/// A village's log of five entries; `spoil` changes the statement of entry 2.
fn entries(spoil: &dyn Fn(Envelope) -> Envelope) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for seq in 0..5 {
        let statement = Envelope::sign(STATEMENT_TYPE, payload(seq), &[&key(3)]);
        let statement = if seq == 2 { spoil(statement) } else { statement };
        let prev = lines.last().map_or_else(|| genesis(VILLAGE), |line| leaf_hash(line));
        lines.push(line(seq, prev, statement));
    }
    lines
}

struct World {
    lines: Vec<Vec<u8>>,
    /// The village's checkpoint.
    village: Note,
    /// Leaves of the district's log; the village's checkpoint is number 2.
    leaves: Vec<Digest>,
    /// The district's checkpoint, cosigned by the first two witnesses.
    district: Note,
}

impl World {
    fn new(spoil: &dyn Fn(Envelope) -> Envelope) -> Self {
        let lines = entries(spoil);
        let hashes: Vec<Digest> = lines.iter().map(|line| leaf_hash(line)).collect();
        let village = Checkpoint::new(VILLAGE, 5, root(&hashes)).sign(&key(1));
        let leaf = tree::leaf_hash(village.to_string().as_bytes());
        let leaves = vec![digest(1), digest(2), leaf, digest(4), digest(5), digest(6)];
        let mut district = Checkpoint::new(DISTRICT, 6, root(&leaves)).sign(&key(2));
        for witness in [4, 5] {
            let line =
                NoteSignature::cosign(&district.text, &format!("witness.example/w{witness}"), &key(witness), TIME);
            district.signatures.push(line);
        }
        Self { lines, village, leaves, district }
    }

    fn first(&self, index: u64) -> ProofFile {
        let hashes: Vec<Digest> = self.lines.iter().map(|line| leaf_hash(line)).collect();
        let path = prove_inclusion(&mut hashes.as_slice(), index, 5).unwrap();
        ProofFile::receipt(self.lines[usize::try_from(index).unwrap()].clone(), index, path, self.village.clone())
    }

    fn second(&self) -> ProofFile {
        let path = prove_inclusion(&mut self.leaves.as_slice(), 2, 6).unwrap();
        ProofFile { extra: None, index: 2, path, checkpoint: self.district.clone() }
    }

    fn case(&self, name: &'static str, verdict: &'static str) -> Case {
        Case {
            name,
            first: self.first(2).to_string(),
            second: Some(self.second().to_string()),
            village: vkey(VILLAGE, 1, Algorithm::Ed25519),
            district: Some(vkey(DISTRICT, 2, Algorithm::Ed25519)),
            policy: Some(policy("group two 2 a b c\nquorum two\n")),
            payload: Some(payload(2)),
            verdict,
        }
    }
}

fn policy(end: &str) -> String {
    let witness = |name: &str, number| {
        format!("witness {name} {}\n", vkey(&format!("witness.example/w{number}"), number, Algorithm::Cosignature))
    };
    format!(
        "log {}\n{}{}{}{end}",
        vkey(DISTRICT, 2, Algorithm::Ed25519),
        witness("a", 4),
        witness("b", 5),
        witness("c", 6)
    )
}

fn cases() -> Vec<Case> {
    let honest = World::new(&|statement| statement);
    let mut cases = good(&honest);
    cases.extend(alone(&honest));
    cases.extend(statements(&honest));
    cases.extend(pairs(&honest));
    cases
}

fn good(world: &World) -> Vec<Case> {
    let case = |name| world.case(name, "good");
    let mut cosigned = world.village.clone();
    cosigned.signatures.insert(0, NoteSignature::cosign(&cosigned.text, "witness.example/lawful", &key(9), TIME));
    let cosigned = ProofFile { checkpoint: cosigned, ..world.first(2) };
    vec![
        case("a pair with two of three witnesses"),
        Case { second: None, ..case("the first file alone") },
        Case { payload: None, ..case("anybody's receipt") },
        Case { policy: None, ..case("no witness asked for") },
        Case { district: None, ..case("the district's key taken from the policy") },
        Case { policy: Some(policy("quorum none\n")), ..case("a policy that asks nobody") },
        Case { policy: Some(policy("quorum a\n")), ..case("a policy that asks for the first witness") },
        Case { first: cosigned.to_string(), ..case("the village's checkpoint cosigned in the first file") },
        Case { first: world.first(0).to_string(), payload: Some(payload(0)), ..case("the first entry") },
        Case { first: world.first(4).to_string(), payload: Some(payload(4)), ..case("the last entry") },
    ]
}

/// Faults of the first file.
fn alone(world: &World) -> Vec<Case> {
    let case = |name, verdict| Case { second: None, ..world.case(name, verdict) };
    let file = world.first(2);
    let other_entry = ProofFile { extra: world.first(3).extra, ..file.clone() };
    let mut elsewhere = file.path.clone();
    elsewhere[0] = digest(9);
    let unsigned = Note {
        text: world.village.text.clone(),
        signatures: vec![NoteSignature::cosign(&world.village.text, "witness.example/w4", &key(4), TIME)],
    };
    let mut forged = world.village.clone();
    forged.signatures[0].bytes[7] ^= 1;
    let mut grown = world.village.clone();
    grown.text = grown.text.replacen("\n5\n", "\n6\n", 1);
    vec![
        Case { first: world.first(3).to_string(), ..case("another's receipt passed off as mine", "not-mine") },
        Case {
            village: vkey("localhost/log/v/331102001207", 1, Algorithm::Ed25519),
            ..case("of another village", "other-log")
        },
        Case { village: vkey(VILLAGE, 2, Algorithm::Ed25519), ..case("under another key of the log", "not-signed") },
        Case {
            first: ProofFile { checkpoint: unsigned, ..file.clone() }.to_string(),
            ..case("cosigned, but not by the log", "not-signed")
        },
        Case {
            first: ProofFile { checkpoint: forged, ..file.clone() }.to_string(),
            ..case("a spoilt signature of the log", "bad-signature")
        },
        Case {
            first: ProofFile { checkpoint: grown, ..file.clone() }.to_string(),
            ..case("another size than was signed", "bad-signature")
        },
        Case { first: other_entry.to_string(), ..case("another entry with this path", "not-in-tree") },
        Case { first: ProofFile { index: 3, ..file.clone() }.to_string(), ..case("a wrong index", "not-in-tree") },
        Case {
            first: ProofFile { index: 5, ..file.clone() }.to_string(),
            ..case("an index beyond the tree", "not-in-tree")
        },
        Case {
            first: ProofFile { path: elsewhere, ..file.clone() }.to_string(),
            ..case("another hash in the path", "not-in-tree")
        },
        Case {
            first: ProofFile { path: file.path[1..].to_vec(), ..file.clone() }.to_string(),
            ..case("a hash too few", "not-in-tree")
        },
        Case {
            first: ProofFile { path: [&file.path[..], &[digest(9)]].concat(), ..file.clone() }.to_string(),
            ..case("a hash too many", "not-in-tree")
        },
        Case { first: ProofFile { extra: None, ..file.clone() }.to_string(), ..case("no entry in it", "malformed") },
        Case {
            first: ProofFile { extra: Some(b"not an entry".to_vec()), ..file }.to_string(),
            ..case("no entry, but something", "malformed")
        },
        Case { first: world.first(2).to_string().replacen("index", "Index", 1), ..case("no proof file", "malformed") },
    ]
}

/// Entries whose statement is not what it seems, on a log that took them in.
fn statements(world: &World) -> Vec<Case> {
    let case = |name, verdict, spoil: &dyn Fn(Envelope) -> Envelope| {
        let spoilt = World::new(spoil);
        Case {
            first: spoilt.first(2).to_string(),
            second: Some(spoilt.second().to_string()),
            ..world.case(name, verdict)
        }
    };
    let later = |statement: Envelope| Envelope::sign(LATER_TYPE, statement.payload, &[&key(3)]);
    let mut cases = vec![
        case("signed by somebody else", "bad-statement", &|statement| {
            Envelope::sign(STATEMENT_TYPE, statement.payload, &[&key(8)])
        }),
        case("one signature too many", "bad-statement", &|statement| {
            Envelope::sign(STATEMENT_TYPE, statement.payload, &[&key(3), &key(8)])
        }),
        case("the signature of another statement", "bad-statement", &|mut statement| {
            statement.payload = payload(3);
            statement
        }),
        case("a statement that names nobody", "bad-statement", &|_| {
            Envelope::sign(STATEMENT_TYPE, br#"{"by":[],"kind":"ballot.cast"}"#.to_vec(), &[&key(3)])
        }),
        case("a statement that is no object", "bad-statement", &|_| {
            Envelope::sign(STATEMENT_TYPE, b"[]".to_vec(), &[&key(3)])
        }),
        case("a name twice in a statement", "bad-statement", &|statement| {
            let text = String::from_utf8(statement.payload).unwrap().replacen('{', "{\"number\":1,", 1);
            Envelope::sign(STATEMENT_TYPE, text.into_bytes(), &[&key(3)])
        }),
        case("another kind of payload", "bad-statement", &|statement| {
            Envelope::sign("text/plain", statement.payload, &[&key(3)])
        }),
        case("a statement of a newer version", "newer", &later),
    ];
    cases
        .push(Case { payload: Some(payload(3)), ..case("another's statement of a newer version", "not-mine", &later) });
    cases
}

/// Faults of the second file.
fn pairs(world: &World) -> Vec<Case> {
    let case = |name, verdict, file: ProofFile| Case { second: Some(file.to_string()), ..world.case(name, verdict) };
    let file = world.second();
    let with = |change: &dyn Fn(&mut Note)| {
        let mut note = world.district.clone();
        change(&mut note);
        ProofFile { checkpoint: note, ..file.clone() }
    };
    let later = World::new(&|_| Envelope::sign(STATEMENT_TYPE, payload(9), &[&key(3)]));
    let mut path = file.path.clone();
    path[1] = digest(9);
    let mut cases = vec![
        case("a second file that leads to another village checkpoint", "not-in-district", later.second()),
        case("a wrong index in the second file", "not-in-district", ProofFile { index: 3, ..file.clone() }),
        case("another hash in the second file", "not-in-district", ProofFile { path, ..file.clone() }),
        case(
            "a hash too few in the second file",
            "not-in-district",
            ProofFile { path: file.path[1..].to_vec(), ..file.clone() },
        ),
        case("only one witness of two", "not-witnessed", with(&|note| note.signatures.truncate(2))),
        case("no witness at all", "not-witnessed", with(&|note| note.signatures.truncate(1))),
        case("one witness twice", "not-witnessed", with(&|note| note.signatures[2] = note.signatures[1].clone())),
        case("a spoilt cosignature", "district-bad-signature", with(&|note| note.signatures[1].bytes[20] ^= 1)),
        case("a cosignature at another time", "district-bad-signature", with(&|note| note.signatures[1].bytes[7] ^= 1)),
        case(
            "a cosignature without its time",
            "district-bad-signature",
            with(&|note| drop(note.signatures[2].bytes.drain(..8))),
        ),
        case(
            "a spoilt signature of the district's log",
            "district-bad-signature",
            with(&|note| note.signatures[0].bytes[20] ^= 1),
        ),
        case(
            "cosigned, but not signed by the district's log",
            "district-not-signed",
            with(&|note| drop(note.signatures.remove(0))),
        ),
        case(
            "a district checkpoint of another size",
            "district-bad-signature",
            with(&|note| note.text = note.text.replacen("\n6\n", "\n7\n", 1)),
        ),
        case("an entry in the second file", "malformed", ProofFile { extra: Some(b"x".to_vec()), ..file.clone() }),
    ];
    let other = World {
        district: Checkpoint::new("localhost/log/d/331103", 6, root(&world.leaves)).sign(&key(2)),
        ..World::new(&|s| s)
    };
    cases.push(case("of another district", "other-district", other.second()));
    cases.push(Case {
        district: Some(vkey(DISTRICT, 7, Algorithm::Ed25519)),
        ..case("under another key of the district's log", "district-not-signed", file.clone())
    });
    cases.push(Case { second: Some(world.first(2).to_string()), ..world.case("the first file twice", "malformed") });
    cases.push(Case {
        first: world.second().to_string(),
        second: Some(world.first(2).to_string()),
        ..world.case("the files exchanged", "malformed")
    });
    cases.push(Case {
        second: Some(world.second().to_string().replacen("@v1", "@v3", 1)),
        ..world.case("no proof file as the second", "malformed")
    });
    cases.push(Case {
        first: world.first(3).to_string(),
        ..world.case("another's receipt with the right second file", "not-mine")
    });
    cases.push(Case {
        policy: Some(policy("group all-three all a b c\nquorum all-three\n")),
        ..world.case("a policy that asks for all three", "not-witnessed")
    });
    cases.push(Case { district: None, policy: None, ..world.case("no key of the district known", "other-district") });
    cases
}

impl Case {
    fn known(&self) -> Known {
        let policy = self.policy.clone().unwrap_or_else(|| "quorum none\n".to_owned());
        Known {
            village: self.village.clone(),
            district: self.district.clone(),
            policy: Policy::parse(policy.as_bytes()).unwrap(),
            statement: self.payload.as_ref().map(|payload| dsse::statement_id(&dsse::pae(STATEMENT_TYPE, payload))),
        }
    }

    fn json(&self) -> Value {
        let mut case = json!({"name": self.name, "first": self.first, "village": self.village.to_string(), "verdict": self.verdict});
        let optional = [
            ("second", self.second.clone()),
            ("district", self.district.as_ref().map(ToString::to_string)),
            ("policy", self.policy.clone()),
            ("payload", self.payload.as_deref().map(to_base64)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                case[name] = value.into();
            }
        }
        case
    }
}

#[test]
fn receipts_are_judged_as_the_vectors_say() {
    for case in cases() {
        let known = case.known();
        let judged = known.judge(case.first.as_bytes(), case.second.as_deref().map(str::as_bytes));
        let verdict = judged.as_ref().map_or_else(|fault| fault.code(), |_| "good");
        assert_eq!(verdict, case.verdict, "{}", case.name);
    }
}

#[test]
fn the_vector_file_is_what_the_cases_make() {
    let bad = cases().iter().filter(|case| case.verdict != "good").count();
    assert!(bad >= 40, "{bad} bad ones");
    let cases: Vec<Value> = cases().iter().map(Case::json).collect();
    assert_vector_file("receipts.json", &json!({"about": ABOUT, "cases": cases}));
}

#[test]
fn a_pair_that_holds_names_places_and_witnesses() {
    let world = World::new(&|statement| statement);
    let case = world.case("", "good");
    let known = case.known();
    let receipt = known.judge(case.first.as_bytes(), case.second.as_deref().map(str::as_bytes)).unwrap();
    let above = receipt.above.unwrap();
    assert_eq!((receipt.entry.seq, receipt.checkpoint.size, above.index, above.checkpoint.size), (2, 5, 2, 6));
    let times: Vec<Option<u64>> = above.witnesses.iter().map(|one| one.time).collect();
    assert_eq!(times, [Some(TIME), Some(TIME), None]);
}

#[test]
fn only_what_could_not_be_read_is_unreadable() {
    for fault in [Fault::Malformed, Fault::Newer] {
        assert!(fault.is_unreadable());
    }
    for fault in [Fault::NotMine, Fault::OtherLog, Fault::NotInDistrict, Fault::NotWitnessed, Fault::BadStatement] {
        assert!(!fault.is_unreadable());
    }
}
