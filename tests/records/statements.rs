//! Statements that can't be read, aren't signed, are late or come twice: what PROTOCOL section 1 asks of every kind.

use sunvote::core::act::Act;
use sunvote::core::act::matter::Text;
use sunvote::core::act::village::{KinDeclared, Renamed};
use sunvote::core::model::Role;
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::log::entry::Entry;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::Scribe;

use crate::forge::{Forge, Made, ROOTS, Set};
use crate::stages::Stages;
use crate::{foundings, raw, signed, times};

/// A declaration of kinship between two representatives, as clerk and supervision committee would sign it.
pub fn kinship(f: &Forge) -> String {
    let mut persons = vec![f.representative(0), f.representative(1)];
    persons.sort_unstable();
    f.payload(&f.two(), Header::default(), Act::KinDeclared(KinDeclared { persons }))
}

/// A change of the village's name, as two roots would sign it.
pub fn renaming(f: &mut Forge) -> String {
    let name = f.text("新村名");
    f.payload(ROOTS, Header::default(), Act::VillageRenamed(Renamed { name }))
}

/// A concern about the stages' matter.
fn concern(f: &mut Forge, stages: &Stages) -> String {
    let text = f.text("请说明");
    let by = [f.hand(Role::SupervisionCommittee)];
    f.payload(&by, Header::of(stages.matter), Act::ConcernRaised(Text { text }))
}

/// The same, declared.
pub fn declare_kin(scribe: &mut Scribe) -> Result<Appended, Rejection> {
    let mut persons = vec![scribe.representative(0), scribe.representative(1)];
    persons.sort_unstable();
    scribe.act(&scribe.two(), Header::default(), Act::KinDeclared(KinDeclared { persons }))
}

pub fn replaced(payload: &str, from: &str, to: &str) -> String {
    assert!(payload.contains(from), "{from} is not in {payload}");
    payload.replacen(from, to, 1)
}

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    forms(&mut set, stages);
    fields(&mut set, stages);
    header(&mut set, stages);
    documents(&mut set, stages);
    signed::add(&mut set, stages);
    times::add(&mut set, stages);
    foundings::add(&mut set, stages);
    ("Statements that can't be read, aren't signed as they say, come too late or twice; foundings; versions.", set.0)
}

/// A kinship whose payload is twisted, then something lawful.
fn kin(set: &mut Set, stages: &Stages, name: &str, about: &str, rule: Rule, twist: impl FnOnce(String) -> Vec<u8>) {
    set.bad(&stages.village, name, about, |f| {
        let (by, payload) = (f.two(), kinship(f));
        f.submit_raw(rule, &by, twist(payload)).then(|s| s.wait_minutes(1).suggest("建议修路"));
    });
}

fn forms(set: &mut Set, stages: &Stages) {
    let rule = Rule::StatementForm;
    let mut form =
        |name: &str, about: &str, twist: &dyn Fn(String) -> Vec<u8>| kin(set, stages, name, about, rule, twist);
    form("form-duplicate-member", "A member twice.", &|p| replaced(&p, "{", "{\"kind\":\"kin.declared\",").into());
    form("form-duplicate-escaped", "A member twice, once with an escape in its name.", &|p| {
        replaced(&p, "{", "{\"k\\u0069nd\":\"kin.declared\",").into()
    });
    form("form-nested-duplicate", "A member twice in an object inside.", &|p| {
        replaced(&p, "{\"key\":", "{\"role\":\"clerk\",\"key\":").into()
    });
    form("form-fraction", "A number with a fraction.", &|p| replaced(&p, "{", "{\"x\":1.0,").into());
    form("form-exponent", "A number with an exponent.", &|p| replaced(&p, "{", "{\"x\":1e3,").into());
    form("form-minus-zero", "Minus zero.", &|p| replaced(&p, "{", "{\"x\":-0,").into());
    form("form-2-53", "A number of 2^53.", &|p| replaced(&p, "{", "{\"x\":9007199254740992,").into());
    form("form-leading-zero", "A leading zero.", &|p| replaced(&p, "{", "{\"x\":01,").into());
    form("form-deep", "Nine deep.", &|p| replaced(&p, "{", "{\"x\":[[[[[[[[1]]]]]]]],").into());
    form("form-bom", "A byte order mark.", &|p| format!("\u{FEFF}{p}").into());
    form("form-control", "A line end inside a string.", &|p| replaced(&p, "\"kin.", "\"kin.\n").into());
    form("form-lone-surrogate", "Half of a surrogate pair.", &|p| replaced(&p, "{", "{\"x\":\"\\ud800\",").into());
    form("form-noncharacter", "A noncharacter.", &|p| replaced(&p, "{", "{\"x\":\"\u{FFFE}\",").into());
    form("form-noncharacter-escaped", "A noncharacter as a surrogate pair.", &|p| {
        replaced(&p, "{", "{\"x\":\"\\ud83f\\udffe\",").into()
    });
    form("form-trailing", "A value more after the object.", &|p| format!("{p}1").into());
    form("form-comma", "A comma before the end.", &|p| format!("{},}}", &p[..p.len() - 1]).into());
    form("form-empty", "Nothing.", &|_| Vec::new());
    form("form-not-utf-8", "Bytes that are no UTF-8.", &|p| [p.as_bytes(), &[0xC0, 0x80]].concat());
    form("form-single-quote", "Quotes of another kind.", &|p| p.replace('"', "'").into());
}

fn fields(set: &mut Set, stages: &Stages) {
    let text = |twist: &'static dyn Fn(&str) -> String| move |payload: String| twist(&payload).into_bytes();
    kin(
        set,
        stages,
        "kind-unknown",
        "A kind that nobody knows.",
        Rule::StatementKind,
        text(&|p| replaced(p, "kin.declared", "kin.guessed")),
    );
    kin(
        set,
        stages,
        "kind-upper",
        "A kind in upper case.",
        Rule::StatementKind,
        text(&|p| replaced(p, "kin.declared", "Kin.declared")),
    );
    let rule = Rule::StatementFields;
    let mut bad = |name: &str, about: &str, twist: &'static dyn Fn(&str) -> String| {
        kin(set, stages, name, about, rule, text(twist));
    };
    bad("kind-missing", "No kind.", &|p| replaced(p, "\"kind\":\"kin.declared\",", ""));
    bad("kind-number", "A kind that is a number.", &|p| replaced(p, "\"kin.declared\"", "1"));
    bad("payload-list", "A list in place of the object.", &|p| format!("[{p}]"));
    bad("payload-text", "A text in place of the object.", &|_| "\"kin.declared\"".to_owned());
    bad("field-unknown", "A field that the kind doesn't have.", &|p| replaced(p, "{", "{\"note\":1,"));
    bad("field-unknown-inside", "A field more inside a signer.", &|p| replaced(p, "{\"key\":", "{\"note\":1,\"key\":"));
    bad("field-missing", "The kind's own field is missing.", &|p| {
        let at = p.find("\"persons\":").unwrap();
        let end = at + p[at..].find(']').unwrap();
        format!("{}{}", &p[..at], &p[end + 2..])
    });
    bad("field-null", "A null in place of an optional field.", &|p| replaced(p, "{", "{\"held_on\":null,"));
    bad("field-null-inside", "A signer's person is null.", &|p| {
        let at = p.find("\"person\":").unwrap() + 9;
        format!("{}null{}", &p[..at], &p[at + 28..])
    });
    bad("by-missing", "Nobody signs.", &|p| replaced(p, "\"by\":", "\"bye\":"));
    bad("by-object", "An object in place of the list of signers.", &|p| {
        let at = p.find("\"by\":[").unwrap() + 5;
        let end = at + p[at..].find(']').unwrap();
        format!("{}{{}}{}", &p[..at], &p[end + 1..])
    });
    bad("at-seconds", "The signer's time without milliseconds.", &|p| replaced(p, ".000Z\"", "Z\""));
    bad("at-number", "The signer's time as a number.", &|p| {
        let at = p.find("\"at\":").unwrap() + 5;
        format!("{}1{}", &p[..at], &p[at + 26..])
    });
    bad("village-number", "The village as a number.", &|p| replaced(p, "\"331102001206\"", "331102001206"));
    bad("village-short", "A village of eleven digits.", &|p| replaced(p, "\"331102001206\"", "\"33110200120\""));
    bad("role-unknown", "A role that nobody knows.", &|p| replaced(p, "\"clerk\"", "\"mayor\""));
    bad("person-lower", "A person's id in lower case.", &|p| {
        let at = p.find("\"persons\":[\"").unwrap() + 12;
        format!("{}{}{}", &p[..at], p[at..at + 26].to_lowercase(), &p[at + 26..])
    });
    bad("person-look-alike", "A person's id with the letter O, which other readers take for 0.", &|p| {
        let at = p.find("\"persons\":[\"").unwrap() + 12;
        format!("{}0O{}", &p[..at], &p[at + 2..])
    });
    bad("person-too-large", "A person's id above 128 bits.", &|p| {
        let at = p.find("\"persons\":[\"").unwrap() + 12;
        format!("{}8{}", &p[..at], &p[at + 1..])
    });
    bad("key-upper", "A key in upper-case hex.", &|p| {
        let at = p.find("\"key\":\"").unwrap() + 7;
        format!("{}{}{}", &p[..at], p[at..at + 64].to_uppercase(), &p[at + 64..])
    });
    bad("key-short", "A key of 31 bytes.", &|p| {
        let at = p.find("\"key\":\"").unwrap() + 7;
        format!("{}{}", &p[..at], &p[at + 2..])
    });
}

fn header(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, twist: &dyn Fn(&str) -> String| {
        set.bad(&stages.suggested, name, about, |f| {
            let by = [f.hand(Role::SupervisionCommittee)];
            let payload = twist(&concern(f, stages));
            f.submit_raw(Rule::StatementFields, &by, payload).then(|s| s.suggest_to(stages.matter, "再提一条"));
        });
    };
    bad("header-matter-missing", "No matter where the table asks for one.", &|p| {
        let at = p.find("\"matter\":").unwrap();
        format!("{}{}", &p[..at], &p[at + 38..])
    });
    bad("header-basis-more", "A basis where the table has none.", &|p| {
        replaced(p, "{", &format!("{{\"basis\":\"{}\",", "00".repeat(32)))
    });
    bad("header-session-more", "A session where the table has none.", &|p| {
        replaced(p, "{", "{\"session\":\"01KNPBZGW0TKTYWY5R4WW208E1\",")
    });
    bad("header-question-more", "A question where the table has none.", &|p| replaced(p, "{", "{\"question\":\"q1\","));
    bad("header-held-on-more", "A day of the act where the table has none.", &|p| {
        replaced(p, "{", "{\"held_on\":\"2026-03-02\",")
    });
    bad("header-part-more", "A part where the table has none.", &|p| replaced(p, "{", "{\"part\":1,\"of\":1,"));
    bad("document-size-text", "A document's size as a text.", &|p| {
        let at = p.find("\"size\":").unwrap() + 7;
        format!("{}\"9\"{}", &p[..at], &p[at + p[at..].find('}').unwrap()..])
    });
    bad("document-size-negative", "A document of less than nothing.", &|p| replaced(p, "\"size\":", "\"size\":-"));
    bad("document-media", "A kind of file that is none of the seven.", &|p| replaced(p, "text/plain", "text/html"));
    bad("document-level", "A level that is none of the three.", &|p| replaced(p, "\"public\"", "\"secret\""));
    bad("document-member-more", "A document with a title.", &|p| {
        replaced(p, "\"level\":", "\"title\":\"x\",\"level\":")
    });
    let mut parts = |name: &str, about: &str, from: &str, to: &str| {
        set.bad(&stages.convened, name, about, |f| {
            let (by, mut later) = (f.two(), f.clone());
            later.fix_roster(stages.session).unwrap();
            let line = Entry::parse(&later.entries.last().unwrap().bytes).unwrap();
            let payload = String::from_utf8(line.statement.payload).unwrap();
            f.submit_raw(Rule::StatementFields, &by, replaced(&payload, from, to));
            f.then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    parts("part-zero", "Part 0.", "\"part\":1", "\"part\":0");
    parts("part-above-of", "Part 2 of 1.", "\"part\":1", "\"part\":2");
    parts("part-66", "Part 1 of 66.", "\"of\":1", "\"of\":66");
    parts("part-without-of", "A part without how many.", "\"of\":1,", "");
    parts("of-without-part", "How many, without which.", "\"part\":1,", "");
    parts("part-missing", "Neither part nor how many.", "\"of\":1,\"part\":1,", "");
    parts("number-text", "A roster number as a text.", "\"no\":1,", "\"no\":\"1\",");
    parts("number-32-bits", "A roster number beyond 32 bits.", "\"no\":1,", "\"no\":4294967297,");
    parts("number-negative", "A negative roster number.", "\"no\":1,", "\"no\":-1,");
}

/// What the types refuse and what they let pass to the law.
fn documents(set: &mut Set, stages: &Stages) {
    set.bad(
        &stages.founded,
        "payload-spaces",
        "Spaces and an escape in a payload: the bytes are signed as they are.",
        |f| {
            let payload = renaming(f).replace(',', " , ").replace("village.renamed", "village.ren\\u0061med");
            let envelope = f.sign_raw(ROOTS, payload);
            let time = f.now();
            f.push(&envelope, time);
        },
    );
    for (name, about, more, rule) in [
        ("entry-of-65535-bytes", "An entry as long as one may be.", 0, None),
        ("entry-of-65536-bytes", "An entry one byte too long: nothing after it is read.", 1, Some("entry.format")),
    ] {
        set.bad(&stages.founded, name, about, |f| {
            let payload = renaming(f);
            filled(f, &payload, more);
            if let Some(rule) = rule {
                f.finding(1, rule);
            }
        });
    }
}

/// A lawful entry filled with spaces up to the limit, or one byte beyond by a longer payload type.
fn filled(f: &mut Forge, payload: &str, more: usize) {
    let time = f.now();
    let length = |f: &Forge, payload: &str| {
        let entry = Entry { seq: 1, prev: f.state().last.leaf, time, statement: f.sign_raw(ROOTS, payload) };
        entry.encode().unwrap().len()
    };
    // Three spaces in a payload are four characters of a line.
    let without = length(f, payload);
    let spaces = (65_535 - without) / 4 * 3;
    let payload = format!("{}{payload}", " ".repeat(spaces));
    let missing = 65_535 - length(f, &payload);
    let envelope = f.sign_raw(ROOTS, payload);
    let last = f.state().last;
    let line = Entry { seq: 1, prev: last.leaf, time, statement: envelope }.encode().unwrap();
    raw::push_line(f, [line, vec![b' '; if more > 0 { missing + more } else { 0 }]].concat());
}
