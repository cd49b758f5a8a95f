//! Foundings, the roots that a reader names, and versions.

use ed25519_dalek::SigningKey;
use sunvote::core::act::Act;
use sunvote::core::act::village::RulesAdopted;
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{self, Entry};
use sunvote::log::signed::Signed;

use crate::bytes::chain;
use crate::forge::{Forge, Made, ROOTS, Set, key, public};
use crate::stages::Stages;
use crate::statements::{kinship, replaced};

pub fn add(set: &mut Set, stages: &Stages) {
    founding(set, stages);
    later_founding(set, stages);
    roots(set, stages);
    versions(set, stages);
}

fn founding(set: &mut Set, stages: &Stages) {
    let founding = Entry::parse(&stages.founded.entries[0].bytes).unwrap();
    set.bad(&stages.founded, "founded-twice", "A second founding.", |f| {
        let act = Signed::read(founding.statement.clone()).unwrap().statement.act;
        f.wait_minutes(1);
        f.unlawful(Rule::FoundingPlace, ROOTS, Header::default(), act).then(|s| s.suggest("建议"));
    });
    let mut village = |name: &str, about: &str, rule: Rule, twist: &dyn Fn(&str) -> String| {
        let mut made = Forge::from(&stages.village).done(name, about);
        let payload = String::from_utf8(founding.statement.payload.clone()).unwrap();
        let twisted = twist(&payload);
        assert_ne!(payload, twisted, "{name} changes nothing");
        let keys: Vec<&SigningKey> = stages.founded.roots().iter().take(2).collect();
        let statement = Envelope::sign(STATEMENT_TYPE, twisted.into_bytes(), &keys);
        made.record.lines[0] = Entry { statement, ..founding.clone() }.encode().unwrap();
        made.record.lines.truncate(4);
        chain(&mut made.record, 1);
        set.0.push(made.checkpointed().finding(0, rule.code()));
    };
    let root = |n: usize| public(&stages.founded.roots()[n]).to_string();
    let (first, second, third) = (root(0), root(1), root(2));
    let log = stages.founded.state().log_key.to_string();
    let clerk = stages.founded.someone(stages.founded.clerk()).unwrap().public().to_string();
    let other = public(&key(9)).to_string();
    village("founding-root-not-named", "Signed by a root that the founding doesn't list.", Rule::FoundingRoots, &|p| {
        let at = p.find("\"roots\":").unwrap();
        format!("{}{}", &p[..at], replaced(&p[at..], &first, &other))
    });
    village("founding-one-root", "One root in the list.", Rule::ListForm, &|p| {
        replaced(p, &format!("\"roots\":[\"{first}\",\"{second}\",\"{third}\"]"), &format!("\"roots\":[\"{first}\"]"))
    });
    village("founding-root-twice", "A root twice in the list.", Rule::KeyUnfit, &|p| {
        replaced(p, &format!(",\"{third}\"]"), &format!(",\"{second}\"]"))
    });
    village("founding-root-small-order", "A root of small order in the list.", Rule::KeyUnfit, &|p| {
        replaced(p, &third, &format!("01{}", "00".repeat(31)))
    });
    village("founding-log-is-root", "The log's key is a root's.", Rule::KeyUnfit, &|p| p.replace(&log, &third));
    village("founding-clerk-is-root", "The clerk's key is a root's.", Rule::KeyUnfit, &|p| p.replace(&clerk, &third));
    village("founding-clerk-is-log", "The clerk's key is the log's.", Rule::KeyUnfit, &|p| p.replace(&clerk, &log));
    village("founding-other-district", "A district that the village is not in.", Rule::ValueRange, &|p| {
        replaced(p, "\"district\":\"331102\"", "\"district\":\"331103\"")
    });
    village("founding-no-supervision", "Two clerks, and nobody to supervise.", Rule::RoleConflict, &|p| {
        replaced(p, "\"supervision_committee\"", "\"clerk\"")
    });
    village("founding-chair", "A chair among the founders.", Rule::RoleConflict, &|p| {
        replaced(p, "\"supervision_committee\"", "\"chair\"")
    });
    village("founding-field-unknown", "A field that a founding doesn't have.", Rule::StatementFields, &|p| {
        replaced(p, "{", "{\"note\":1,")
    });
    village("founding-rules-2", "Founded under rules that nobody knows yet.", Rule::RulesUnknown, &|p| {
        replaced(p, "\"rules\":1", "\"rules\":2")
    });
    village("founding-rules-0", "Founded under rules 0.", Rule::RulesUnknown, &|p| {
        replaced(p, "\"rules\":1", "\"rules\":0")
    });
}

fn later_founding(set: &mut Set, stages: &Stages) {
    let mut made = Forge::from(&stages.village).done("not-founded", "The record begins with its second entry.");
    made.record.lines.remove(0);
    made.record.lines.truncate(3);
    for (seq, line) in (0..).zip(&mut made.record.lines) {
        let mut entry = Entry::parse(line).unwrap();
        entry.seq = seq;
        if seq == 0 {
            entry.prev = entry::genesis(&stages.village.state().origin);
        }
        *line = entry.encode().unwrap();
    }
    chain(&mut made.record, 1);
    set.0.push(made.checkpointed().finding(0, "founding.place"));
    let mut made =
        Forge::from(&stages.village).done("founded-31-days-late", "Every entry 31 days later than it was signed.");
    made.record.lines.truncate(4);
    for line in &mut made.record.lines {
        let mut entry = Entry::parse(line).unwrap();
        entry.time = entry.time.plus_ms(31 * 86_400_000);
        *line = entry.encode().unwrap();
    }
    chain(&mut made.record, 1);
    set.0.push(made.checkpointed().finding(0, "statement.time"));
    let mut made =
        Forge::from(&stages.founded).done("no-entries", "A checkpoint over nothing: there is no key to check it by.");
    made.record.lines.clear();
    set.0.push(made.checkpointed().finding(None, "checkpoint.key"));
}

fn roots(set: &mut Set, stages: &Stages) {
    let root = |n: usize| public(&stages.founded.roots()[n]);
    let stranger = public(&key(9));
    for (name, about, named, rule) in [
        (
            "roots-two-named",
            "The reader names the two that founded the village, and others.",
            vec![stranger, root(1), root(0)],
            None,
        ),
        ("roots-one-named", "The reader names one of the two.", vec![root(0), root(2)], Some("founding.other_roots")),
        ("roots-none-of-them", "The reader names others.", vec![stranger], Some("founding.other_roots")),
        ("roots-empty", "The reader names roots, and there are none.", Vec::new(), Some("founding.other_roots")),
    ] {
        let mut made = Forge::from(&stages.village).done(name, about);
        made.roots = Some(named);
        set.0.push(rule.into_iter().fold(made, |made, rule| made.finding(0, rule)));
    }
    let mut made = Forge::from(&stages.village)
        .done("roots-not-named", "The reader names no roots: whose record it is was not checked.");
    made.roots = None;
    set.0.push(made);
    let at = 4_usize;
    let mut made =
        Forge::from(&stages.village).done("roots-other-and-altered", "Founded by others, and altered besides.");
    made.roots = Some(vec![stranger]);
    made.record.lines.truncate(6);
    let mut entry = Entry::parse(&made.record.lines[at]).unwrap();
    entry.statement.signatures[0].sig[0] ^= 1;
    made.record.lines[at] = entry.encode().unwrap();
    chain(&mut made.record, at + 1);
    set.0.push(made.checkpointed().finding(0, "founding.other_roots").finding(at as u64, "statement.signature"));
}

fn versions(set: &mut Set, stages: &Stages) {
    let later = "application/vnd.sunvote.statement.v2+json";
    set.bad(&stages.village, "rules-adopted", "Rules of a later version: from there on the law is not judged.", |f| {
        f.unlawful(Rule::RulesUnknown, ROOTS, Header::default(), Act::RulesAdopted(RulesAdopted { rules: 2 }));
        let envelope = Envelope::sign(later, b"{\"kind\":\"later\"}".to_vec(), &[&key(9)]);
        let time = f.now();
        f.push(&envelope, time);
        let envelope = f.sign_raw(&f.two(), kinship(f).replace("kin.declared", "kin.guessed"));
        f.push(&envelope, time);
    });
    set.bad(&stages.village, "rules-adopted-and-altered", "The same, and a signature after it that isn't good.", |f| {
        f.unlawful(Rule::RulesUnknown, ROOTS, Header::default(), Act::RulesAdopted(RulesAdopted { rules: 2 }));
        let mut envelope = f.sign_raw(&f.two(), kinship(f));
        envelope.signatures[0].sig[0] ^= 1;
        let time = f.now();
        f.finding(f.next(), "statement.signature").push(&envelope, time);
    });
    for (name, rules) in [("rules-same", 1), ("rules-lower", 0)] {
        set.bad(&stages.village, name, "Rules that are no higher.", |f| {
            f.unlawful(Rule::RulesUnknown, ROOTS, Header::default(), Act::RulesAdopted(RulesAdopted { rules }));
        });
    }
    set.bad(
        &stages.village,
        "later-type",
        "A payload type of a later version without later rules is an alteration.",
        |f| {
            let envelope = Envelope::sign(later, kinship(f).into_bytes(), &[&key(9)]);
            f.force(Rule::StatementForm, &envelope).then(|s| s.suggest("建议"));
        },
    );
    set.bad(&stages.village, "other-type", "A payload type of somebody else.", |f| {
        let envelope = Envelope::sign("application/json", kinship(f).into_bytes(), &[&key(9)]);
        f.force(Rule::StatementForm, &envelope).then(|s| s.suggest("建议"));
    });
    let mut made =
        Forge::from(&stages.founded).done("later-type-first", "Entry 0 of a later version: it could not be checked.");
    let mut founding = Entry::parse(&made.record.lines[0]).unwrap();
    later.clone_into(&mut founding.statement.payload_type);
    made.record.lines[0] = founding.encode().unwrap();
    let made = made.checkpointed();
    set.0.push(Made { verdict: Some("could_not_check"), ..made.finding(0, "statement.form") });
}
