//! The rule profiles and calendars that a district starts from (DOMAIN "Law and practice to build in"). They are data in
//! `profiles.json` and `calendars.json`; a district adopts them as they are or in its own version, and confirms them.
//!
//! The numbers are those of the 2018 Organic Law and the 2025 collective law. The Organic Law as amended in 2025 must be
//! checked by each district, so every profile says `confirmed: false`. Land contracting, homesteads and land compensation
//! (M05, M07, M08) can't be delegated (collective law art. 26), so only the members' assembly has them.

use serde::Deserialize;

use crate::core::clock::Date;
use crate::core::rules::Profile;

/// One year's holidays and exchanged working days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The year.
    pub year: u16,
    /// Whether the State Council has announced it. Before, only the statutory days are known.
    pub announced: bool,
    /// Where the days come from.
    pub source: String,
    /// Days off, sorted.
    pub holidays: Vec<Date>,
    /// Weekend days worked, sorted.
    pub workdays: Vec<Date>,
}

/// The profiles shipped.
///
/// # Panics
/// Never: the file is part of the program and a test reads it.
#[must_use]
#[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
pub fn profiles() -> Vec<Profile> {
    serde_json::from_str(include_str!("profiles.json")).expect("profiles.json is well-formed")
}

/// The calendars shipped: 2026 as announced, 2027 with its statutory days only.
///
/// # Panics
/// Never: the file is part of the program and a test reads it.
#[must_use]
#[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
pub fn calendars() -> Vec<Year> {
    serde_json::from_str(include_str!("calendars.json")).expect("calendars.json is well-formed")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{calendars, profiles};
    use crate::core::model::{Body, Category};

    #[test]
    fn every_profile_is_sane_cited_and_unconfirmed() {
        let codes: BTreeSet<_> = profiles().into_iter().map(|profile| profile.code).collect();
        assert_eq!(codes.len(), profiles().len());
        for profile in profiles() {
            assert!(profile.is_sane(), "{}", profile.code);
            assert!(profile.citation.contains("art"), "{}", profile.code);
            assert!(!profile.confirmed && !profile.recusal.allowed, "{}", profile.code);
            assert!(profile.categories.is_sorted(), "{}", profile.code);
        }
    }

    #[test]
    fn every_category_has_a_body_and_what_cannot_be_delegated_has_the_members_assembly_alone() {
        for category in Category::ALL {
            let all = profiles();
            let bodies: Vec<Body> = all.iter().filter(|p| p.covers(*category, 1)).map(|p| p.body).collect();
            let alone = matches!(category, Category::M05 | Category::M07 | Category::M08);
            assert_eq!(bodies == [Body::MembersAssembly], alone, "{category}");
            assert!(!bodies.is_empty(), "{category}");
        }
    }

    #[test]
    fn calendars_are_sorted_lie_in_their_year_and_workdays_are_weekend_days() {
        for year in calendars() {
            let all = || year.holidays.iter().chain(&year.workdays);
            assert!(all().all(|day| u16::try_from(day.parts().0) == Ok(year.year)));
            assert!(year.holidays.is_sorted() && year.workdays.is_sorted());
            assert!(year.workdays.iter().all(|day| day.is_weekend()));
            assert_eq!(year.announced, !year.workdays.is_empty());
        }
    }
}
