//! Reads `villages.csv`, `officers.csv` and `people.csv` for a district's start: everything or nothing, and each fault with
//! its line, column and reason. UTF-8, with or without the mark that spreadsheets put in front.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::core::ids::{TownshipCode, VillageCode};
use crate::core::judge::people::SUPERVISORS;
use crate::core::model::Role;
use crate::core::privacy::{self, Private, TextFault};
use crate::core::reject::Rejection;

pub mod officers;
pub mod places;
pub mod term;

/// Header of villages.csv.
pub const VILLAGES: &str = "code,name,township_code,township";
/// Header of people.csv.
pub const PEOPLE: &str = "village,name,roles,group";
/// Most faults that are listed; who has more has another file in hand.
pub const MOST_FAULTS: usize = 100;
/// Largest file, bytes.
pub const MOST_BYTES: usize = 64 << 20;
/// Most villager groups in a village.
const MOST_GROUPS: u16 = 200;

/// One village of a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VillageRow {
    /// Its line in the file, from 1.
    pub line: u64,
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
    /// The line in the file, from 1.
    pub line: u64,
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
    #[error("the file is larger than 64 MiB; split it by villages")]
    TooLarge,
    /// Not UTF-8.
    #[error("the file is not UTF-8; save it as “CSV UTF-8”")]
    Encoding,
    /// Quotes or rows that don't fit.
    #[error("not a row of a CSV file: {0}; save it anew from a spreadsheet as “CSV UTF-8”")]
    Form(String),
    /// The first line isn't the header.
    #[error("the first line must be {0}")]
    Header(&'static str),
    /// Another number of values than the header has.
    #[error(
        "{found} values where the header has {expected}; an empty value needs its comma, a comma in a value needs quotes around the value"
    )]
    Width {
        /// Columns of the header.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// No rows.
    #[error("the file has no rows; write one a line below the header")]
    Empty,
    /// A value that isn't the code it should be.
    #[error("“{found}” is not {expected}; put it right")]
    Code {
        /// What is expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A village or person twice.
    #[error("the same as line {0}; take one of them out")]
    Duplicate(u64),
    /// Two values that don't fit together.
    #[error("doesn't fit line {line}: {what}; put one of them right")]
    Mismatch {
        /// The other line.
        line: u64,
        /// What doesn't fit.
        what: &'static str,
    },
    /// The village's code doesn't begin with its township's.
    #[error("the village's code doesn't begin with the township's; compare both with the statistical codes")]
    Township,
    /// A name that can't be one.
    #[error("{0}; write the name alone")]
    Name(TextFault),
    /// A number that must not stand in this file.
    #[error("a {} number must not stand here; remove it", .0.code().replace('_', " "))]
    Private(Private),
    /// A role of another kind of place.
    #[error("{0} is not a role of this kind of place; see `sunvote admin import --help`")]
    Place(Role),
    /// A key that can't be enrolled.
    #[error("not a sound Ed25519 key; ask the officer to read it out again")]
    Unfit,
    /// A village without one of its first officers.
    #[error("this village has no {0} in officers.csv; add a line there")]
    NoOfficer(Role),
    /// Clerk and supervision committee must be different people.
    #[error("clerk and supervision committee must be two people; name another one in officers.csv")]
    OnePerson,
    /// Names alone don't tell who is who.
    #[error("several people here have this name: give each the number of the group that the record has")]
    Namesakes,
    /// The village has no record yet.
    #[error("this village is not founded yet; found it first, from villages.csv")]
    NotFounded,
    /// The village has a record.
    #[error("this village was founded already; take the line out")]
    Founded,
    /// A village with too few or too many on its supervision committee.
    #[error("{village}: {found} with the role supervision_committee, and {} to {} are needed; give it to that many people of this village", SUPERVISORS.start(), SUPERVISORS.end())]
    Supervisors {
        /// Its name and code.
        village: String,
        /// How many have the role.
        found: usize,
    },
    /// A village without a clerk.
    #[error("{0}: nobody has the role clerk; give it to somebody of this village")]
    NoClerk(String),
    /// Who watches the village committee is not on it.
    #[error(
        "supervision_committee goes neither with chair nor with committee_member; give one of them to another person"
    )]
    BothCommittees,
    /// The law refuses what follows for a village.
    #[error("{village}: the law refuses this term: found {}, expected {} ({})", rejection.found, rejection.expected, rejection.rule.code())]
    Law {
        /// Its name and code.
        village: String,
        /// Why.
        rejection: Rejection,
    },
    /// A role that isn't granted by a village.
    #[error("“{0}” is not a role of a village; put “;” between several")]
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

/// What a file is, told from its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// villages.csv
    Villages,
    /// people.csv
    People,
    /// officers.csv
    Officers,
    /// places.csv
    Places,
}

impl FileKind {
    /// Tells the kind from the first line; `None` for any other file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = bytes.split(|b| matches!(b, b'\r' | b'\n')).next()?;
        let kinds = [
            (VILLAGES, Self::Villages),
            (PEOPLE, Self::People),
            (officers::HEADER, Self::Officers),
            (places::HEADER, Self::Places),
        ];
        kinds.into_iter().find(|(header, _)| header.as_bytes() == first).map(|(_, kind)| kind)
    }
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
    rows(bytes, COLUMNS, VILLAGES, |line, row, faults| {
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
        named.then_some(VillageRow { line, code, name, township, township_name })
    })
}

/// Reads `village,name,roles,group`: roles are codes with `;` between, the group may be empty.
///
/// # Errors
/// Every fault, at most [`MOST_FAULTS`], in order of lines.
pub fn people(bytes: &[u8], known: &BTreeSet<VillageCode>) -> Result<Vec<PersonRow>, Vec<Fault>> {
    const COLUMNS: [&str; 4] = ["village", "name", "roles", "group"];
    let mut seen = BTreeMap::new();
    rows(bytes, COLUMNS, PEOPLE, |line, row, faults| {
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
        named.then_some(PersonRow { line, village, name: row[1].to_owned(), roles: roles?, group: group? })
    })
}

fn rows<T, const N: usize>(
    bytes: &[u8],
    columns: [&'static str; N],
    header: &'static str,
    mut read: impl FnMut(u64, [&str; N], &mut Faults) -> Option<T>,
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
        match <[&str; N]>::try_from(values) {
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

fn check_private<const N: usize>(line: u64, columns: [&'static str; N], values: [&str; N], faults: &mut Faults) {
    // A key is random digits, some of which may look like anything.
    for (column, value) in columns.into_iter().zip(values).filter(|(column, _)| *column != "key") {
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
mod tests;
