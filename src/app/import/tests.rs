use super::{Reason, people, shown_name, villages};
use crate::core::model::Role;
use crate::core::privacy::{Private, TextFault};

const HEAD: &str = "code,name,township_code,township\n";

fn faults_of(rows: &str) -> Vec<(u64, Option<&'static str>, Reason)> {
    let faults = villages(format!("{HEAD}{rows}").as_bytes()).unwrap_err();
    faults.into_iter().map(|fault| (fault.line, fault.column, fault.reason)).collect()
}

#[test]
fn the_district_of_the_demo_is_read_whole() {
    let rows = villages(include_bytes!("../../../demo/liandu_villages.csv")).unwrap();
    assert_eq!(rows.len(), 211);
    let townships: std::collections::BTreeSet<_> = rows.iter().map(|row| row.township).collect();
    assert_eq!(townships.len(), 14);
    assert!(rows.iter().any(|row| row.name == "黄泥墩村" && row.township_name == "黄村乡"));
    assert_eq!(shown_name("某街道社区"), "某街道社区");
}

#[test]
fn a_mark_in_front_is_fine_and_another_encoding_is_not() {
    let rows = "331102206201,黄泥墩村委会,331102206,黄村乡\n";
    assert_eq!(villages(format!("\u{FEFF}{HEAD}{rows}").as_bytes()).unwrap().len(), 1);
    let utf16 = [0xFF, 0xFE, b'c', 0];
    assert_eq!(villages(&utf16).unwrap_err()[0].reason, Reason::Encoding);
}

#[test]
fn the_header_must_be_there_and_rows_too() {
    let header = Reason::Header("code,name,township_code,township");
    assert_eq!(villages(b"").unwrap_err()[0].reason, header);
    assert_eq!(villages(b"code,name,township,township_code\n").unwrap_err()[0].reason, header);
    assert_eq!(villages(HEAD.as_bytes()).unwrap_err()[0].reason, Reason::Empty);
}

#[test]
fn every_fault_is_told_with_line_and_column() {
    let rows = "331102206201,黄泥墩村委会,331102206,黄村乡\n\
                33110220620,短码村委会,331102206,黄村乡\n\
                331102206201,又一村委会,331102206,黄村乡\n\
                331102206203,换乡村委会,331102207,黄村乡\n\
                331102206204,改名村委会,331102206,黄村镇\n\
                331102206205,反\u{202E}向村委会,331102206,黄村乡\n\
                331102206206,少一列,331102206\n";
    let code = |found: &str| Reason::Code { expected: "a village code of 12 digits", found: found.to_owned() };
    let invisible = TextFault::Invisible { found: '\u{202E}', at: 2 };
    assert_eq!(
        faults_of(rows),
        [
            (3, Some("code"), code("33110220620")),
            (4, Some("code"), Reason::Duplicate(2)),
            (5, Some("township_code"), Reason::Township),
            (6, Some("township"), Reason::Mismatch { line: 2, what: "one township with two names" }),
            (7, Some("name"), Reason::Name(invisible)),
            (8, None, Reason::Width { expected: 4, found: 3 }),
        ]
    );
}

#[test]
fn people_are_read_with_roles_and_group_and_without_numbers_of_their_own() {
    let known = std::collections::BTreeSet::from(["331102206201".parse().unwrap()]);
    let head = "village,name,roles,group\n";
    let good = format!("{head}331102206201,季永福,representative;group_leader,3\n331102206201,吴桂香,clerk,\n");
    let rows = people(good.as_bytes(), &known).unwrap();
    assert_eq!(rows[0].roles, [Role::Representative, Role::GroupLeader]);
    assert_eq!((rows[0].group, rows[1].group), (Some(3), None));
    let bad = format!(
        "{head}331102206201,季永福 13900000000,representative,3\n331102206201,叶秀英,township_approver,\n\
         331102206299,周建国,clerk,\n331102206201,蓝火根,representative,0\n331102206201,雷土旺,representative,1\n\
         331102206201,雷土旺,clerk,1\n"
    );
    let faults = people(bad.as_bytes(), &known).unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column)).collect();
    let at = |line, column| (line, Some(column));
    assert_eq!(told, [at(2, "name"), at(3, "roles"), at(4, "village"), at(5, "group"), at(7, "name")]);
    assert_eq!(faults[0].reason, Reason::Private(Private::Mobile));
    assert_eq!(faults[4].to_string(), "line 7, column name: the same as line 6; take one of them out");
}
