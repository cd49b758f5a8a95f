//! `docs/PROTOCOL.md` names every kind of statement, with an example that this program reads, and every field of it.

use std::collections::BTreeMap;

use sunvote::core::act::Kind;
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Statement;
use sunvote::log::entry::MAX_ENTRY_BYTES;
use sunvote::log::ijson;
use sunvote::log::verify::{Class, Refusal};

const PAGE: &str = include_str!("../../docs/PROTOCOL.md");

/// Text of each kind's section.
fn sections() -> BTreeMap<&'static str, &'static str> {
    let parts = PAGE.split("\n#### `").skip(1);
    parts.filter_map(|part| part.split_once("`\n")).collect()
}

#[test]
fn every_kind_has_a_section_with_an_example_that_is_read() {
    let sections = sections();
    assert_eq!(sections.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let section = sections.get(kind.code()).unwrap_or_else(|| panic!("no section on {kind}"));
        let example =
            section.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{kind}: no example"));
        ijson::check(example.as_bytes(), MAX_ENTRY_BYTES).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let statement = Statement::parse(example.as_bytes()).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(statement.kind(), *kind);
        assert_eq!(statement.to_payload().expect("JSON"), example.as_bytes(), "{kind}: not as a server writes it");
        let serde_json::Value::Object(fields) = statement.act.fields().expect("JSON") else { panic!("{kind}") };
        for field in fields.keys() {
            assert!(section.contains(&format!("\n| `{field}` |")), "{kind}: nothing about {field}");
        }
    }
}

#[test]
fn every_rule_is_listed_with_the_mark_of_its_weight() {
    for rule in Rule::ALL {
        let mark = match Refusal::from(Rejection::new(*rule, "", "")).class {
            Class::Altered => " †",
            Class::Unknown => " ‡",
            Class::OtherRoots => " ⁂",
            Class::Procedure | Class::Remark => "",
        };
        assert!(PAGE.contains(&format!("\n| `{rule}`{mark} |")), "section 12 lacks {rule} with mark “{mark}”");
    }
}
