//! Reads `villages.csv` and `people.csv` for a district's start: everything or nothing, and each fault with its line,
//! column and reason. UTF-8, with or without the mark that spreadsheets put in front.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::core::ids::{TownshipCode, VillageCode};
use crate::core::model::Role;
use crate::core::privacy::{self, Private, TextFault};

/// Most faults that are listed; who has more has another file in hand.
pub const MOST_FAULTS: usize = 100;
/// Largest file, bytes.
pub const MOST_BYTES: usize = 64 << 20;
/// Most villager groups in a village.
const MOST_GROUPS: u16 = 200;

/// One village of a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VillageRow {
    /// Its code.
    pub code: VillageCode,
    /// Its name as it is shown: 黄泥墩村.
    pub name: String,
    /// Its township's code.
    pub township: TownshipCode,
    /// Its township's name.
    pub township_name: String,
}

/// One person with roles in a village.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The village.
    pub village: VillageCode,
    /// The name.
    pub name: String,
    /// Roles, sorted, at least one.
    pub roles: Vec<Role>,
    /// Villager group.
    pub group: Option<u16>,
}

/// Why a file can't be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Larger than 64 MiB.
    #[error("the file is larger than 64 MiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("the file is not UTF-8; save it as “CSV UTF-8”")]
    Encoding,
    /// Quotes or rows that don't fit.
    #[error("not a row of a CSV file: {0}")]
    Form(String),
    /// The first line isn't the header.
    #[error("the first line must be {0}")]
    Header(&'static str),
    /// Another number of values than the header has.
    #[error("{found} values where the header has {expected}")]
    Width {
        /// Columns of the header.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// No rows.
    #[error("the file has no rows")]
    Empty,
    /// A value that isn't the code it should be.
    #[error("“{found}” is not {expected}")]
    Code {
        /// What is expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A village or person twice.
    #[error("the same as line {0}")]
    Duplicate(u64),
    /// Two values that don't fit together.
    #[error("doesn't fit line {line}: {what}")]
    Mismatch {
        /// The other line.
        line: u64,
        /// What doesn't fit.
        what: &'static str,
    },
    /// The village's code doesn't begin with its township's.
    #[error("the village's code doesn't begin with the township's")]
    Township,
    /// A name that can't be one.
    #[error("{0}")]
    Name(TextFault),
    /// A number that must not stand in this file.
    #[error("a {} number must not stand here; remove it", .0.code().replace('_', " "))]
    Private(Private),
    /// A role that isn't granted by a village.
    #[error("“{0}” is not a role of a village")]
    Role(String),
}

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {reason}", .column.map(|name| format!(", column {name}")).unwrap_or_default())]
pub struct Fault {
    /// Line, from 1.
    pub line: u64,
    /// The column's name, where it is one value's fault.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub reason: Reason,
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, line: u64, column: Option<&'static str>, reason: Reason) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault { line, column, reason });
        }
    }
}

/// The name as it is shown: national statistics add 委会 to every village's.
#[must_use]
pub fn shown_name(name: &str) -> String {
    name.strip_suffix("村委会").map_or_else(|| name.to_owned(), |stem| format!("{stem}村"))
}

/// Reads `code,name,township_code,township`.
///
/// # Errors
/// Every fault, at most [`MOST_FAULTS`], in order of lines.
pub fn villages(bytes: &[u8]) -> Result<Vec<VillageRow>, Vec<Fault>> {
    const COLUMNS: [&str; 4] = ["code", "name", "township_code", "township"];
    let (mut seen, mut townships) = (BTreeMap::new(), BTreeMap::<TownshipCode, (String, u64)>::new());
    rows(bytes, COLUMNS, "code,name,township_code,township", |line, row, faults| {
        let code = parse::<VillageCode>(line, COLUMNS[0], row[0], "a village code of 12 digits", faults);
        let township = parse::<TownshipCode>(line, COLUMNS[2], row[2], "a township code of 9 digits", faults);
        let named = name(line, COLUMNS[1], row[1], faults) & name(line, COLUMNS[3], row[3], faults);
        let (code, township) = (code?, township?);
        if let Some(first) = seen.insert(code, line) {
            faults.add(line, Some(COLUMNS[0]), Reason::Duplicate(first));
        }
        if code.township() != township {
            faults.add(line, Some(COLUMNS[2]), Reason::Township);
        }
        let known = townships.entry(township).or_insert_with(|| (row[3].to_owned(), line));
        if known.0 != row[3] {
            let what = "one township with two names";
            faults.add(line, Some(COLUMNS[3]), Reason::Mismatch { line: known.1, what });
        }
        let (name, township_name) = (shown_name(row[1]), row[3].to_owned());
        named.then_some(VillageRow { code, name, township, township_name })
    })
}

/// Reads `village,name,roles,group`: roles are codes with `;` between, the group may be empty.
///
/// # Errors
/// Every fault, at most [`MOST_FAULTS`], in order of lines.
pub fn people(bytes: &[u8], known: &BTreeSet<VillageCode>) -> Result<Vec<PersonRow>, Vec<Fault>> {
    const COLUMNS: [&str; 4] = ["village", "name", "roles", "group"];
    let mut seen = BTreeMap::new();
    rows(bytes, COLUMNS, "village,name,roles,group", |line, row, faults| {
        let village = parse::<VillageCode>(line, COLUMNS[0], row[0], "a village code of 12 digits", faults);
        if village.is_some_and(|village| !known.contains(&village)) {
            let expected = "a village of this district";
            faults.add(line, Some(COLUMNS[0]), Reason::Code { expected, found: row[0].to_owned() });
        }
        let named = name(line, COLUMNS[1], row[1], faults);
        let roles = roles(line, COLUMNS[2], row[2], faults);
        let group = group(line, COLUMNS[3], row[3], faults);
        let village = village?;
        // Two people of one name in one group can't be told apart in a list.
        if let Some(first) = seen.insert((village, row[1].to_owned(), group.flatten()), line) {
            faults.add(line, Some(COLUMNS[1]), Reason::Duplicate(first));
        }
        named.then_some(PersonRow { village, name: row[1].to_owned(), roles: roles?, group: group? })
    })
}

fn rows<T>(
    bytes: &[u8],
    columns: [&'static str; 4],
    header: &'static str,
    mut read: impl FnMut(u64, [&str; 4], &mut Faults) -> Option<T>,
) -> Result<Vec<T>, Vec<Fault>> {
    let one = |reason| Err(vec![Fault { line: 1, column: None, reason }]);
    if bytes.len() > MOST_BYTES {
        return one(Reason::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return one(Reason::Encoding) };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::None).from_reader(text.as_bytes());
    let (mut faults, mut found, mut first) = (Faults(Vec::new()), Vec::new(), true);
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                faults.add(line, None, Reason::Form(error.to_string()));
                break;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if first {
            first = false;
            if !record.iter().eq(columns) {
                return one(Reason::Header(header));
            }
            continue;
        }
        let values: Vec<&str> = record.iter().collect();
        match <[&str; 4]>::try_from(values) {
            Ok(values) => {
                check_private(line, columns, values, &mut faults);
                found.extend(read(line, values, &mut faults));
            }
            Err(values) => faults.add(line, None, Reason::Width { expected: columns.len(), found: values.len() }),
        }
    }
    if first {
        return one(Reason::Header(header));
    }
    if found.is_empty() && faults.0.is_empty() {
        return one(Reason::Empty);
    }
    if faults.0.is_empty() { Ok(found) } else { Err(faults.0) }
}

fn check_private(line: u64, columns: [&'static str; 4], values: [&str; 4], faults: &mut Faults) {
    for (column, value) in columns.into_iter().zip(values) {
        if let Some(found) = privacy::find_private(value).first() {
            faults.add(line, Some(column), Reason::Private(found.kind));
        }
    }
}

fn parse<T: std::str::FromStr>(
    line: u64,
    column: &'static str,
    value: &str,
    expected: &'static str,
    faults: &mut Faults,
) -> Option<T> {
    let parsed = value.parse().ok();
    if parsed.is_none() {
        let found = value.chars().filter(|c| !c.is_control()).take(40).collect();
        faults.add(line, Some(column), Reason::Code { expected, found });
    }
    parsed
}

fn name(line: u64, column: &'static str, value: &str, faults: &mut Faults) -> bool {
    let checked = privacy::check_name(value);
    if let Err(fault) = checked {
        faults.add(line, Some(column), Reason::Name(fault));
    }
    checked.is_ok()
}

fn roles(line: u64, column: &'static str, value: &str, faults: &mut Faults) -> Option<Vec<Role>> {
    let mut roles = BTreeSet::new();
    for code in value.split(';').map(str::trim) {
        match code.parse::<Role>() {
            Ok(role) if role.is_village() => {
                roles.insert(role);
            }
            _ => {
                faults.add(
                    line,
                    Some(column),
                    Reason::Role(code.chars().filter(|c| !c.is_control()).take(40).collect()),
                );
                return None;
            }
        }
    }
    Some(roles.into_iter().collect())
}

#[expect(clippy::option_option, reason = "no group is fine, a wrong one is not")]
fn group(line: u64, column: &'static str, value: &str, faults: &mut Faults) -> Option<Option<u16>> {
    if value.is_empty() {
        return Some(None);
    }
    let group: Option<u16> = parse(line, column, value, "a group number from 1 to 200", faults);
    let fits = group.is_some_and(|group| (1..=MOST_GROUPS).contains(&group));
    if group.is_some() && !fits {
        let found = value.to_owned();
        faults.add(line, Some(column), Reason::Code { expected: "a group number from 1 to 200", found });
    }
    fits.then_some(group)
}

#[cfg(test)]
mod tests {
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
        let rows = villages(include_bytes!("../../demo/liandu_villages.csv")).unwrap();
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
        assert_eq!(faults[4].to_string(), "line 7, column name: the same as line 6");
    }
}
