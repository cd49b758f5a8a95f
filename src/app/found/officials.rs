//! Officials of townships and the district, who act in many villages with one key: listed, enrolled, ended.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::found::{FoundError, NewPerson, Register};
use crate::app::import::officers::{OfficerRow, Place as Where};
use crate::app::names::{NAME, SaltedName};
use crate::core::act::Act;
use crate::core::act::village::{EndReason, OfficialsEnrolled, RoleRow, RolesEnded};
use crate::core::ids::{PersonId, PublicKey, VillageCode};
use crate::core::model::Role;
use crate::log::ceremony::{Item, Named};
use crate::store::record::VaultRow;
use crate::store::vault::Place;

/// An official as the records have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Official {
    /// The id, the same in every village.
    pub person: PersonId,
    /// The name; empty where it was erased.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Villages in whose records the role is held today.
    pub villages: Vec<VillageCode>,
}

impl App {
    /// Every village with a record, in order of code.
    ///
    /// # Errors
    /// The store's.
    pub async fn villages(&self) -> Result<Vec<VillageCode>, AppError> {
        let mut found: Vec<VillageCode> = Vec::new();
        loop {
            let after = found.last().copied();
            let page = self.db().read("heads", |tx| Box::pin(tx.heads(after, 500))).await?;
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page.iter().map(|head| head.village));
        }
    }

    /// Officials who hold a role today, by role and name.
    ///
    /// # Errors
    /// The store's.
    pub async fn officials(&self) -> Result<Vec<Official>, AppError> {
        let mut found: BTreeMap<(Role, PersonId), Official> = BTreeMap::new();
        let date = self.now().date();
        for village in self.villages().await? {
            let live = self.lives().live(village).await?;
            let people = &live.state().people;
            for role in Role::ALL.iter().copied().filter(|role| role.is_official()) {
                for person in people.holders(role, date) {
                    let fresh = || Official { person, name: String::new(), role, villages: Vec::new() };
                    found.entry((role, person)).or_insert_with(fresh).villages.push(village);
                }
            }
        }
        for official in found.values_mut() {
            let known = match official.villages.first() {
                Some(village) => self.known(*village, official.person).await?,
                None => None,
            };
            official.name = known.map(|person| person.name).unwrap_or_default();
        }
        let mut all: Vec<Official> = found.into_values().collect();
        all.sort_by(|a, b| (a.role, &a.name, a.person).cmp(&(b.role, &b.name, b.person)));
        Ok(all)
    }

    /// A person whose name is in a village's vault.
    async fn known(&self, village: VillageCode, id: PersonId) -> Result<Option<NewPerson>, AppError> {
        let (vault, name) = (self.vault(), id.to_string());
        let place = Place { kind: NAME, village, name: &name };
        let secret = self.db().read("name", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let salted = secret.and_then(|secret| serde_json::from_slice::<SaltedName>(secret.expose()).ok());
        let read = |salted: SaltedName| {
            let mut salt = [0; 32];
            hex::decode_to_slice(&salted.salt, &mut salt).ok()?;
            Some(NewPerson { id, name: salted.name, salt })
        };
        Ok(salted.and_then(read))
    }

    /// Prepares the enrolment of officials in every village of their places. Who has the key of a person on record is that
    /// person. Names go to the vault, all or none.
    ///
    /// # Errors
    /// `Refused`, for a role that a village grants or a key that somebody else has; the store's.
    pub async fn prepare_officials(&self, rows: &[OfficerRow], roots: &[PublicKey]) -> Result<Vec<Item>, FoundError> {
        let mut register = Register::default();
        let (mut items, mut names): (Vec<Item>, Vec<VaultRow>) = (Vec::new(), Vec::new());
        let villages = self.villages().await?;
        for row in rows {
            let holder = self.db().read("keys_of", |tx| Box::pin(tx.keys_of(row.key, 1))).await?;
            if let Some(holder) = holder.first() {
                let person = self.known(holder.village, holder.person).await?;
                register.0.extend(person.map(|person| (row.key, person)));
            }
        }
        for village in villages {
            let here: Vec<&OfficerRow> = rows.iter().filter(|row| row.place.covers(village)).collect();
            if here.is_empty() {
                continue;
            }
            let (mut officials, mut people) = (Vec::new(), Vec::<Named>::new());
            for row in here {
                let person = register.person(self, row.key, &row.name);
                officials.push(person.founder(row.role, row.key));
                names.push(person.row(self, village)?);
                if !people.iter().any(|named| named.person == person.id) {
                    people.push(person.shown());
                }
            }
            let by = self.signers_of(village, roots).await?;
            let mut draft = self.draft_for(village, &by).await?;
            draft.add(Act::OfficialsEnrolled(OfficialsEnrolled { officials }), people)?;
            items.append(&mut draft.items);
        }
        let names = &names;
        self.db()
            .write("prepare_officials", |tx| {
                Box::pin(async move { tx.insert_vault(&names.iter().collect::<Vec<_>>()).await })
            })
            .await?;
        Ok(items)
    }

    /// Prepares the end of an official's role, in every village or in those of one place.
    ///
    /// # Errors
    /// `NoSuchOfficial`; `Refused`; the store's.
    pub async fn prepare_end(
        &self,
        person: PersonId,
        role: Role,
        place: Option<Where>,
        reason: EndReason,
        roots: &[PublicKey],
    ) -> Result<Vec<Item>, FoundError> {
        let officials = self.officials().await?;
        let official = officials.iter().find(|official| official.person == person && official.role == role);
        let official = official.ok_or(FoundError::NoSuchOfficial)?;
        let mut items = Vec::new();
        for village in official.villages.iter().copied().filter(|v| place.is_none_or(|place| place.covers(*v))) {
            let by = self.signers_of(village, roots).await?;
            let mut draft = self.draft_for(village, &by).await?;
            let named = self.known(village, person).await?.map(|person| person.shown());
            let act = RolesEnded { rows: vec![RoleRow { person, role }], reason, text: None };
            draft.add(Act::OfficialsEnded(act), named.into_iter().collect())?;
            items.append(&mut draft.items);
        }
        if items.is_empty() { Err(FoundError::NoSuchOfficial) } else { Ok(items) }
    }
}
