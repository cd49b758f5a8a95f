//! `docs/PERMISSIONS.md` is the code's own tables: who may open what, who may sign what, who may read which document.
//! `SUNVOTE_WRITE_DOCS=1` writes it anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use sunvote::app::reading::Reader;
use sunvote::core::act::Kind;
use sunvote::core::model::{Level, Role};
use sunvote::core::table;
use sunvote::http::access::{Area, Endpoint, Rule, Who};

const HEAD: &str = "# Who may do what

Made from the code's own tables (`src/http/access.rs`, `src/core/law.json`, `src/app/reading.rs`); a test compares this page with them.

A role holds in a **scope**: a village's roles in that village, a township's in all its villages, a district's in all of the district. It opens an
address about a village only where its scope covers that village, and a form or paper only where the person's key is enrolled there.
What somebody may open says nothing of what they may sign: each statement is judged by the law from the record, wherever it came from.

Reading what is not public leaves a line (who, what, when; the same within an hour once) that the two discipline roles see at
`/v/{code}/accesses`: documents that are not public, words on pages that are closed to the village, minutes and lists with names, packages with names,
evidence, and that list itself.
";

fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n## Documents by level\n\nWho signed the entry that first named a document may read it as long as they hold a role there.\n\n");
    text.push_str("| role | public | village | officials | discipline |\n|---|---|---|---|---|\n");
    let held = Role::ALL.iter().filter(|role| role.is_official() || (role.is_village() && **role != Role::Terminal));
    for role in held {
        let reader = Reader { person: None, roles: vec![*role] };
        let reads = |level| if reader.may_read(level, &[]) { "yes" } else { "–" };
        let [public, village, officials, discipline] =
            [Level::Public, Level::Village, Level::Officials, Level::Discipline].map(reads);
        writeln!(text, "| `{role}` | {public} | {village} | {officials} | {discipline} |").expect("a text");
    }
    text.push_str("\n## Addresses\n\n| method | address | who |\n|---|---|---|\n");
    for endpoint in Endpoint::ALL {
        let rule = endpoint.rule();
        writeln!(text, "| {} | `{}` | {} |", rule.method, rule.path, who(&rule)).expect("a text");
    }
    text.push_str("\n## Statements\n\nA comma is “or”, a plus sign two people who both sign, a semicolon another way to sign.\n\n");
    text.push_str("| statement | signed by |\n|---|---|\n");
    for kind in Kind::ALL {
        let ways = table::row(*kind).signers.iter().map(|way| {
            let places = way.iter().map(|roles| roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", "));
            places.collect::<Vec<_>>().join(" + ")
        });
        writeln!(text, "| `{kind}` | {} |", ways.collect::<Vec<_>>().join("; ")).expect("a text");
    }
    text
}

fn who(rule: &Rule) -> String {
    match rule.who {
        Who::Anyone if rule.area == Area::Machine => "everyone".to_owned(),
        Who::Anyone => "everyone, the same for all".to_owned(),
        Who::Public => "everyone; who is logged in may see more".to_owned(),
        Who::SignedIn => "whoever is logged in".to_owned(),
        Who::Roles(roles) => roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", "),
        Who::ThisMachine => "programs on this machine".to_owned(),
        Who::Program(what) => format!("programs with a token for `{what}`"),
        Who::Servers => "other servers of the district".to_owned(),
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for whoever writes the page anew, not a setting")]
fn the_page_of_permissions_is_what_the_tables_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/PERMISSIONS.md");
    let page = page();
    if std::env::var_os("SUNVOTE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/PERMISSIONS.md is out of date: run this test with SUNVOTE_WRITE_DOCS=1");
}
