//! People, the roles they hold, and their keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::core::act::village::{SubstituteCause, TermOpened};
use crate::core::clock::{DAY_MS, Date, Time};
use crate::core::ids::{Digest, PersonId, PublicKey};
use crate::core::model::{KeyKind, Role};
use crate::core::state::Position;

/// A role held from a first to a last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The role.
    pub role: Role,
    /// First day.
    pub from: Date,
    /// Last day; none while it is open.
    pub until: Option<Date>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Commitment to the name.
    pub name: Digest,
    /// Villager group.
    pub group: Option<u16>,
    /// Roles, past and present.
    pub roles: Vec<Held>,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its only holder, for ever.
    pub person: PersonId,
    /// What holds it.
    pub kind: KeyKind,
    /// Index of the entry that enrolled it.
    pub enrolled: u64,
    /// Leaf hash of that entry.
    pub entry: Digest,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A role covered by another person for set dates (代办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Whose role.
    pub holder: PersonId,
    /// Which role.
    pub role: Role,
    /// Who stands in.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// Everyone on the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// By id.
    pub persons: BTreeMap<PersonId, Person>,
    /// By key.
    #[serde(with = "crate::core::state::people::pairs")]
    pub keys: BTreeMap<PublicKey, Key>,
    /// Pairs of near kin, each sorted, with the entry that declared them.
    #[serde(with = "crate::core::state::people::pairs")]
    pub kin: BTreeMap<(PersonId, PersonId), Position>,
    /// Roles covered.
    pub covers: Vec<Cover>,
    /// Number of the term.
    pub term: u32,
    /// The substitute asked for in the supervision committee's place.
    pub substitute: Option<Substitute>,
}

/// A substitute that is asked for in the supervision committee's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// Why.
    pub cause: SubstituteCause,
    /// Since when.
    pub asked: Time,
    /// Members who have signed since, all of them with near kin on record: not absent, but kept from signing beside their kin.
    pub back: BTreeSet<PersonId>,
}

/// A substitute may sign two days after one was asked for, and for thirty days.
const SUBSTITUTE_FROM_MS: i64 = 2 * DAY_MS;
const SUBSTITUTE_UNTIL_MS: i64 = 32 * DAY_MS;

impl People {
    /// Whether the person holds the role on `date`, in the own name.
    #[must_use]
    pub fn holds_own(&self, person: PersonId, role: Role, date: Date) -> bool {
        let current =
            |held: &Held| held.role == role && held.from <= date && held.until.is_none_or(|last| date <= last);
        self.persons.get(&person).is_some_and(|person| person.roles.iter().any(current))
    }

    /// Whether the person holds the role on `date`, in the own name or as cover.
    #[must_use]
    pub fn holds(&self, person: PersonId, role: Role, date: Date) -> bool {
        let covers = |cover: &Cover| {
            cover.person == person
                && cover.role == role
                && cover.from <= date
                && date <= cover.until
                && self.holds_own(cover.holder, role, date)
        };
        self.holds_own(person, role, date) || self.covers.iter().any(covers)
    }

    /// Whether the person ever held an office that the district's roots grant. Their keys are the roots' business for good.
    #[must_use]
    pub fn is_official(&self, person: PersonId) -> bool {
        self.persons.get(&person).is_some_and(|person| person.roles.iter().any(|held| held.role.is_official()))
    }

    /// Whether the person is of the village: on its record, and no official. An office of the village that ended changes nothing.
    #[must_use]
    pub fn is_villager(&self, person: PersonId) -> bool {
        self.persons.contains_key(&person) && !self.is_official(person)
    }

    /// Everyone who holds the role on `date` in the own name.
    pub fn holders(&self, role: Role, date: Date) -> impl Iterator<Item = PersonId> {
        self.persons.keys().copied().filter(move |person| self.holds_own(*person, role, date))
    }

    /// Whether two people are declared near kin.
    #[must_use]
    pub fn are_kin(&self, a: PersonId, b: PersonId) -> bool {
        self.kin.contains_key(&(a.min(b), a.max(b)))
    }

    /// Whether two people had been declared near kin before entry `seq`.
    #[must_use]
    pub fn were_kin(&self, a: PersonId, b: PersonId, seq: u64) -> bool {
        self.kin.get(&(a.min(b), a.max(b))).is_some_and(|declared| declared.seq < seq)
    }

    /// Whether the township's discipline officer may sign for the supervision committee at `time`.
    #[must_use]
    pub fn substitute_may_sign(&self, time: Time) -> bool {
        let Some(substitute) = &self.substitute else { return false };
        let since = time.ms() - substitute.asked.ms();
        match substitute.cause {
            SubstituteCause::Vacant => self.holders(Role::SupervisionCommittee, time.date()).next().is_none(),
            SubstituteCause::Absent | SubstituteCause::NearKin => {
                (SUBSTITUTE_FROM_MS..=SUBSTITUTE_UNTIL_MS).contains(&since)
            }
        }
    }

    /// Takes in that these members of the supervision committee signed. It ends an absence, unless all have near kin: beside
    /// these the others are as absent as before.
    pub fn end_absence(&mut self, members: &[PersonId]) {
        let has_kin = |member: &PersonId| self.kin.keys().any(|(a, b)| a == member || b == member);
        let all = members.iter().all(has_kin);
        match &mut self.substitute {
            Some(substitute) if all => substitute.back.extend(members),
            substitute => *substitute = None,
        }
    }

    /// Who may sign at `time` where one of `roles` is asked for: these, then the substitute for the supervision committee.
    pub fn serving(&self, roles: &[Role], time: Time) -> impl Iterator<Item = Role> {
        let substituted = roles.contains(&Role::SupervisionCommittee) && self.substitute_may_sign(time);
        roles.iter().copied().chain(substituted.then_some(Role::TownshipDisciplineOfficer))
    }

    /// Grants a role unless the person holds it already.
    pub fn grant(&mut self, person: PersonId, role: Role, from: Date, until: Option<Date>) {
        if let Some(person) = self.persons.get_mut(&person) {
            person.roles.push(Held { role, from, until });
        }
    }

    /// Ends a role the day before `date`. One that began on the very day is held on no day and stays on the list: who held an
    /// office of the roots is theirs for good.
    pub fn end(&mut self, person: PersonId, role: Role, date: Date) {
        if let Some(person) = self.persons.get_mut(&person) {
            for held in person.roles.iter_mut().filter(|held| held.role == role) {
                held.until = Some(held.until.map_or(date.plus_days(-1), |until| until.min(date.plus_days(-1))));
            }
        }
    }

    /// Ends every village role before the term and grants the term's.
    pub fn open_term(&mut self, term: &TermOpened, date: Date) {
        let begins = term.from.max(date);
        for id in self.persons.keys().copied().collect::<Vec<_>>() {
            for role in Role::ALL.iter().copied().filter(|role| role.is_village()) {
                self.end(id, role, begins);
            }
        }
        for row in &term.people {
            let person = self.persons.entry(row.person);
            let person = person.or_insert_with(|| Person { name: row.name, group: None, roles: Vec::new() });
            (person.name, person.group) = (row.name, row.group.or(person.group));
            for role in &row.roles {
                self.grant(row.person, *role, begins, Some(term.until));
            }
        }
        self.term = term.term;
        self.substitute = None;
        self.covers.clear();
    }
}

/// Serde for maps whose keys are written as texts inside lists (JSON object keys must be strings).
pub mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the map as a list of pairs.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    /// Reads a list of pairs.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
