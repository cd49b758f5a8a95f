//! officers.csv: who signs first, with the public key of each one's device. `place` is a village for its clerk and
//! supervision committee, a township or the district for officials.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::app::import::{Fault, Faults, Reason, name, parse, rows};
use crate::core::ids::{DistrictCode, IdError, PublicKey, TownshipCode, VillageCode};
use crate::core::keys;
use crate::core::model::Role;

/// The header.
pub const HEADER: &str = "place,name,role,key";
const COLUMNS: [&str; 4] = ["place", "name", "role", "key"];

/// Where an officer acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In one village.
    Village(VillageCode),
    /// In every village of a township.
    Township(TownshipCode),
    /// In every village of the district.
    District(DistrictCode),
}

impl Place {
    /// Whether the officer acts in this village.
    #[must_use]
    pub fn covers(self, village: VillageCode) -> bool {
        match self {
            Self::Village(own) => own == village,
            Self::Township(own) => own == village.township(),
            Self::District(own) => own == village.district(),
        }
    }

    /// Whether a role belongs to a place of this kind.
    #[must_use]
    pub fn suits(self, role: Role) -> bool {
        match role {
            Role::Clerk | Role::SupervisionCommittee => matches!(self, Self::Village(_)),
            Role::TownshipDrafter | Role::TownshipApprover | Role::TownshipDisciplineOfficer => {
                matches!(self, Self::Township(_))
            }
            Role::DisciplineInspector | Role::DistrictAdmin => matches!(self, Self::District(_)),
            _ => false,
        }
    }
}

impl FromStr for Place {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.len() {
            12 => text.parse().map(Self::Village),
            9 => text.parse().map(Self::Township),
            _ => text.parse().map(Self::District),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Village(code) => code.fmt(f),
            Self::Township(code) => code.fmt(f),
            Self::District(code) => code.fmt(f),
        }
    }
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerRow {
    /// Its line, from 1.
    pub line: u64,
    /// Where the officer acts.
    pub place: Place,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The public key of the officer's device.
    pub key: PublicKey,
}

/// Reads `place,name,role,key`.
///
/// # Errors
/// Every fault, at most [`crate::app::import::MOST_FAULTS`], in order of lines.
pub fn officers(bytes: &[u8]) -> Result<Vec<OfficerRow>, Vec<Fault>> {
    let (mut seen, mut holders) = (BTreeMap::new(), BTreeMap::<PublicKey, (String, u64)>::new());
    rows(bytes, COLUMNS, HEADER, |line, row, faults| {
        let place = parse::<Place>(line, COLUMNS[0], row[0], "a village, township or district code", faults);
        let named = name(line, COLUMNS[1], row[1], faults);
        let role = role(line, place, row[2], faults);
        let key = key(line, row[3], faults);
        let (place, role, key) = (place?, role?, key?);
        if let Some(first) = seen.insert((place, role, key), line) {
            faults.add(line, Some(COLUMNS[3]), Reason::Duplicate(first));
        }
        // One key belongs to one person; the same person may act in several places.
        let holder = holders.entry(key).or_insert_with(|| (row[1].to_owned(), line));
        if holder.0 != row[1] {
            let what = "one key for two people";
            faults.add(line, Some(COLUMNS[3]), Reason::Mismatch { line: holder.1, what });
        }
        named.then(|| OfficerRow { line, place, name: row[1].to_owned(), role, key })
    })
}

fn role(line: u64, place: Option<Place>, text: &str, faults: &mut Faults) -> Option<Role> {
    let expected = "clerk or supervision_committee, or an official's role";
    let role = parse::<Role>(line, COLUMNS[2], text, expected, faults)?;
    if place.is_some_and(|place| !place.suits(role)) {
        faults.add(line, Some(COLUMNS[2]), Reason::Place(role));
        return None;
    }
    Some(role)
}

fn key(line: u64, text: &str, faults: &mut Faults) -> Option<PublicKey> {
    let key = parse::<PublicKey>(line, COLUMNS[3], text, "a public key of 64 hexadecimal digits", faults)?;
    if keys::is_fit(&key) {
        return Some(key);
    }
    faults.add(line, Some(COLUMNS[3]), Reason::Unfit);
    None
}

#[cfg(test)]
mod tests {
    use super::officers;
    use crate::app::import::Reason;

    /// Public keys of RFC 8032 section 7.1, tests 1 to 3.
    const KEYS: [&str; 3] = [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ];

    #[test]
    fn officers_of_villages_townships_and_the_district_are_read() {
        let [a, b, c] = KEYS;
        let text = format!(
            "place,name,role,key\n331102206201,吴桂香,clerk,{a}\n331102206,叶秀英,township_approver,{b}\n\
             331102206,叶秀英,township_drafter,{b}\n331102,周建国,discipline_inspector,{c}\n"
        );
        let rows = officers(text.as_bytes()).unwrap();
        let village = "331102206201".parse().unwrap();
        assert!(rows.iter().all(|row| row.place.covers(village)));
        assert_eq!(rows.last().map(|row| row.line), Some(5));
    }

    #[test]
    fn every_fault_of_an_officer_is_told_with_line_and_column() {
        let [a, b, _] = KEYS;
        let text = format!(
            "place,name,role,key\n331102206201,吴桂香,clerk,{a}\n331102206201,叶秀英,supervision_committee,{a}\n\
             331102206,吴桂香,clerk,{b}\n331102206201,蓝火根,clerk,12ab\n\
             331102206201,雷土旺,clerk,0100000000000000000000000000000000000000000000000000000000000000\n\
             3311,雷土旺,mayor,{b}\n"
        );
        let faults = officers(text.as_bytes()).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column.unwrap_or_default())).collect();
        assert_eq!(told, [(3, "key"), (4, "role"), (5, "key"), (6, "key"), (7, "place"), (7, "role")]);
        assert_eq!(faults[3].reason, Reason::Unfit);
        assert_eq!(
            faults[0].to_string(),
            "line 3, column key: doesn't fit line 2: one key for two people; put one of them right"
        );
    }
}
