//! What the people of one village must be for a term, told before the law would refuse it: with the line and what to do.

use crate::app::import::{Fault, PersonRow, Reason};
use crate::core::judge::people::SUPERVISORS;
use crate::core::model::Role;

/// Every fault of a village's rows. `village` is its name and code, as the reader is told.
#[must_use]
pub fn faults(village: &str, rows: &[&PersonRow]) -> Vec<Fault> {
    let with = |role: Role| rows.iter().filter(move |row| row.roles.contains(&role));
    let first = rows.first().map_or(1, |row| row.line);
    let mut faults = Vec::new();
    let mut add = |line, reason| faults.push(Fault { line, column: Some("roles"), reason });
    let supervisors = with(Role::SupervisionCommittee).count();
    if !SUPERVISORS.contains(&supervisors) {
        add(first, Reason::Supervisors { village: village.to_owned(), found: supervisors });
    }
    if with(Role::Clerk).next().is_none() {
        add(first, Reason::NoClerk(village.to_owned()));
    }
    let governs = |row: &PersonRow| row.roles.iter().any(|role| matches!(role, Role::Chair | Role::CommitteeMember));
    for row in with(Role::SupervisionCommittee).filter(|row| governs(row)) {
        add(row.line, Reason::BothCommittees);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::app::import::{PersonRow, Reason};
    use crate::core::model::Role;

    fn row(line: u64, roles: &[Role]) -> PersonRow {
        let village = "331102206201".parse().unwrap();
        PersonRow { line, village, name: format!("吴{line}"), roles: roles.to_vec(), group: None }
    }

    fn told(rows: &[PersonRow]) -> Vec<(u64, String)> {
        let rows: Vec<_> = rows.iter().collect();
        let found = faults("黄泥墩村 (331102206201)", &rows);
        found.into_iter().map(|fault| (fault.line, fault.to_string())).collect()
    }

    #[test]
    fn two_or_six_on_the_supervision_committee_are_told_and_three_to_five_are_not() {
        for (count, fits) in [(0, false), (2, false), (3, true), (5, true), (6, false)] {
            let mut rows = vec![row(7, &[Role::Clerk])];
            rows.extend((0..count).map(|n| row(8 + n, &[Role::SupervisionCommittee])));
            let told = told(&rows);
            assert_eq!(told.is_empty(), fits, "{told:?}");
            if !fits {
                let reason = format!(
                    "line 7, column roles: 黄泥墩村 (331102206201): {count} with the role supervision_committee"
                );
                assert!(told[0].1.starts_with(&reason) && told[0].1.contains("3 to 5 are needed"), "{told:?}");
            }
        }
    }

    #[test]
    fn a_village_without_a_clerk_and_a_person_on_both_committees_are_told_with_their_lines() {
        let both = [Role::CommitteeMember, Role::SupervisionCommittee];
        let rows = [row(2, &[Role::SupervisionCommittee]), row(3, &[Role::SupervisionCommittee]), row(4, &both)];
        let told = told(&rows);
        assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        assert!(told[0].1.contains("黄泥墩村 (331102206201): nobody has the role clerk"), "{told:?}");
        assert_eq!(told[1].1, format!("line 4, column roles: {}", Reason::BothCommittees));
    }
}
