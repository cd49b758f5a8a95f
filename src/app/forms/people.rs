//! People as a clerk lists them, one a line: name, villager group, roles. Whoever is on record keeps the id and keys; new
//! people get an id, and their names go to the vault, never into the record.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::{FieldError, Values};
use crate::app::names::{NAME, SaltedName};
use crate::core::act::village::TermRow;
use crate::core::commit;
use crate::core::ids::{PersonId, VillageCode};
use crate::core::judge::people::MAX_ROWS;
use crate::core::model::Role;
use crate::core::privacy;
use crate::core::state::State;
use crate::store::vault::Place;

/// Letters of an id that tell two people of one name apart.
const TAIL: usize = 6;
/// Longest name, in characters.
const LONGEST_NAME: usize = 40;
/// What stands between the parts of a line; tabs come from spreadsheets.
const BETWEEN: [char; 7] = ['\t', ',', '，', '、', ';', '；', '|'];

/// One line as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct Line {
    pub name: String,
    pub tail: Option<String>,
    pub group: Option<u16>,
    pub roles: Vec<Role>,
}

impl Line {
    /// Reads a line; the code of what is wrong with it otherwise.
    fn read(line: &str, words: &BTreeMap<String, Role>) -> Result<Self, &'static str> {
        let mut parts = line.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty());
        let named = parts.next().ok_or("people-line")?;
        let (name, tail) = named.split_once('#').map_or((named, None), |(name, tail)| (name.trim(), Some(tail)));
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err("people-name");
        }
        privacy::check_text(name).map_err(|_| "hidden-characters")?;
        if !privacy::find_private(line).is_empty() {
            return Err("private-number");
        }
        let mut read = Self { name: name.to_owned(), tail: tail.map(str::to_owned), group: None, roles: Vec::new() };
        for part in parts {
            let number = part.trim_end_matches("村民小组").trim_end_matches("小组").trim_end_matches('组');
            match (number.trim().trim_start_matches('第').parse::<u16>(), role(part, words)) {
                (Ok(group), _) if read.group.is_none() => read.group = Some(group),
                (_, Some(role)) => read.roles.push(role),
                _ => return Err("people-role"),
            }
        }
        read.roles.sort_unstable();
        read.roles.dedup();
        if read.roles.is_empty() { Err("people-no-role") } else { Ok(read) }
    }

    /// The person of the record that the line means; `None` for somebody new.
    fn person(&self, state: &State, names: &BTreeMap<PersonId, String>) -> Result<Option<PersonId>, &'static str> {
        let same = |id: &PersonId| {
            names.get(id) == Some(&self.name)
                && !state.people.is_official(*id)
                && self.tail.as_ref().is_none_or(|tail| id.to_string().ends_with(tail))
        };
        let found: Vec<PersonId> = state.people.persons.keys().copied().filter(same).collect();
        let group = |id: &PersonId| state.people.persons.get(id).and_then(|person| person.group);
        let of_group: Vec<PersonId> = found.iter().copied().filter(|id| group(id) == self.group).collect();
        match (found.as_slice(), of_group.as_slice(), &self.tail) {
            ([], _, Some(_)) => Err("people-unknown"),
            ([], _, None) => Ok(None),
            ([only], _, _) | (_, [only], _) => Ok(Some(*only)),
            _ => Err("people-same-name"),
        }
    }
}

fn role(word: &str, words: &BTreeMap<String, Role>) -> Option<Role> {
    let role = words.get(&word.to_lowercase()).copied().or_else(|| word.parse().ok());
    role.filter(|role| role.is_village())
}

impl App {
    /// The rows of a list of people. What is wrong is told with its line.
    pub(in crate::app) async fn people_rows(
        &self,
        state: &State,
        village: VillageCode,
        field: &str,
        values: &Values,
    ) -> Result<Result<Vec<TermRow>, Vec<FieldError>>, AppError> {
        let names = self.names(village).await?;
        let (mut rows, mut fresh, mut errors) = (BTreeMap::new(), Vec::new(), Vec::new());
        let lines = values.one(field).unwrap_or_default().lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty()) {
            let read = Line::read(line, &values.roles).and_then(|read| Ok((read.person(state, &names)?, read)));
            match read {
                Ok((known, read)) => {
                    let id = known.unwrap_or_else(|| PersonId::from_bytes(self.random()));
                    let name = if let Some(person) = known.and_then(|id| state.people.persons.get(&id)) {
                        person.name
                    } else {
                        let salt: [u8; 32] = self.random();
                        fresh.push((id, SaltedName { name: read.name.clone(), salt: hex::encode(salt) }));
                        commit::person(&salt, &read.name)
                    };
                    let row = TermRow { person: id, name, roles: read.roles, group: read.group };
                    if rows.insert(id, row).is_some() {
                        errors.push(FieldError::new(field, "people-twice").about(line));
                    }
                }
                Err(reason) => errors.push(FieldError::new(field, reason).about(line)),
            }
        }
        if rows.len() > MAX_ROWS {
            errors.push(FieldError::new(field, "people-many"));
        }
        if !errors.is_empty() || rows.is_empty() {
            let nobody = || vec![FieldError::new(field, "empty")];
            return Ok(Err(if errors.is_empty() { nobody() } else { errors }));
        }
        self.keep_names(village, &fresh).await?;
        Ok(Ok(rows.into_values().collect()))
    }

    async fn keep_names(&self, village: VillageCode, fresh: &[(PersonId, SaltedName)]) -> Result<(), AppError> {
        let mut rows = Vec::new();
        for (id, name) in fresh {
            let name_of = id.to_string();
            let secret = zeroize::Zeroizing::new(serde_json::json!(name).to_string());
            let place = Place { kind: NAME, village, name: &name_of };
            rows.push(self.vault().row(&place, secret.as_bytes(), &mut self.rng())?);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let write = self.db().write("put_names", |tx| {
            let rows = rows.clone();
            Box::pin(async move { tx.insert_vault(&rows.iter().collect::<Vec<_>>()).await })
        });
        Ok(write.await?)
    }
}

/// The list that a new term begins with: everyone who holds a role now, as lines that [`Line::read`] reads back.
#[must_use]
pub fn present(
    state: &State,
    names: &BTreeMap<PersonId, String>,
    date: crate::core::clock::Date,
    word: impl Fn(Role) -> String,
) -> String {
    let mut lines = Vec::new();
    let twice = |name: &String| names.values().filter(|other| *other == name).count() > 1;
    for (id, person) in &state.people.persons {
        let held = Role::ALL.iter().filter(|role| role.is_village() && state.people.holds_own(*id, **role, date));
        let roles: Vec<String> = held.map(|role| word(*role)).collect();
        let Some(name) = names.get(id).filter(|_| !roles.is_empty()) else { continue };
        let id = id.to_string();
        let tail = if twice(name) { format!("#{}", &id[id.len() - TAIL..]) } else { String::new() };
        let group = person.group.map(|group| format!("，{group}组")).unwrap_or_default();
        lines.push(format!("{name}{tail}{group}，{}", roles.join("，")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Line, Role};

    fn words() -> BTreeMap<String, Role> {
        [("村民代表", Role::Representative), ("village clerk", Role::Clerk)].map(|(w, r)| (w.to_owned(), r)).into()
    }

    #[test]
    fn a_line_is_read_as_people_write_it() {
        let read = |line| Line::read(line, &words());
        let line =
            |group, roles: &[Role]| Ok(Line { name: "雷建明".to_owned(), tail: None, group, roles: roles.to_vec() });
        assert_eq!(read("雷建明，3组，村民代表"), line(Some(3), &[Role::Representative]));
        assert_eq!(read("雷建明\t第3村民小组\t村民代表"), line(Some(3), &[Role::Representative]));
        assert_eq!(read("雷建明, village clerk; representative"), line(None, &[Role::Representative, Role::Clerk]));
        assert_eq!(read("雷建明 #7KQ2AB，村民代表").map(|line| line.tail), Ok(Some("7KQ2AB".to_owned())));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_named() {
        let fault = |line| Line::read(line, &words()).err();
        assert_eq!(fault("雷建明"), Some("people-no-role"));
        assert_eq!(fault("雷建明，村长"), Some("people-role"));
        assert_eq!(fault("雷建明，township_approver"), Some("people-role"));
        assert_eq!(fault("雷建明，村民代表，13812345678"), Some("private-number"));
    }
}
