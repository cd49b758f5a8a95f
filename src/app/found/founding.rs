//! Prepares foundings: entry 0 of each village with the law and the officials that follow at once.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::found::{Draft, FoundError, NewPerson, Register};
use crate::app::import::officers::{OfficerRow, Place as Where};
use crate::app::import::{Fault, Reason, VillageRow};
use crate::app::live::LOG_KEY;
use crate::app::names::{NAME, TOWNSHIP_NAME};
use crate::app::projection::VILLAGE_NAME;
use crate::core::act::Act;
use crate::core::act::village::{CalendarAdopted, CatalogueAdopted, Founded, OfficialsEnrolled, ProfileAdopted};
use crate::core::catalogue::Catalogue;
use crate::core::defaults::Year;
use crate::core::ids::{PublicKey, VillageCode};
use crate::core::judge::founding::RULES;
use crate::core::model::Role;
use crate::core::rules::Profile;
use crate::log::ceremony::{Item, Named};
use crate::store::record::VaultRow;
use crate::store::vault::Place;

/// Kind of vault row that holds the id of the founding that was prepared last, in hex.
pub const FOUNDING: &str = "founding";

/// What all villages founded together share.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Host, and port where it isn't the usual one: what each log's origin begins with.
    pub host: String,
    /// The district's root keys, 2 to 9; the first two sign.
    pub roots: Vec<PublicKey>,
    /// What is adopted at once.
    pub law: Adoption,
}

/// What a district's roots adopt for its villages.
#[derive(Debug, Clone, Default)]
pub struct Adoption {
    /// Rule profiles.
    pub profiles: Vec<Profile>,
    /// Calendars.
    pub calendars: Vec<Year>,
    /// The catalogue.
    pub catalogue: Option<Catalogue>,
}

/// A village about to be founded.
struct Beginning {
    items: Vec<Item>,
    village: VillageCode,
    vault: Vec<VaultRow>,
}

impl App {
    /// Prepares the founding of villages. The keys of their logs, names and salts go to the vault, all of them or none;
    /// what was prepared for one of them before is void. Nothing is on record until the roots have signed.
    ///
    /// # Errors
    /// `Faults` with the lines of villages.csv (officers are missing, or founded already); `Refused`; the store's.
    pub async fn prepare_founding(
        &self,
        villages: &[VillageRow],
        officers: &[OfficerRow],
        plan: &Plan,
    ) -> Result<Vec<Item>, FoundError> {
        let by = signers(&plan.roots)?;
        let faults = self.founding_faults(villages, officers).await?;
        if !faults.is_empty() {
            return Err(FoundError::Faults(faults));
        }
        let (mut register, mut all) = (Register::default(), Vec::with_capacity(villages.len()));
        for village in villages {
            all.push(self.begin(village, officers, plan, &by, &mut register)?);
        }
        let (vault, all_ref) = (self.vault(), &all);
        self.db()
            .write("prepare_founding", |tx| {
                Box::pin(async move {
                    for beginning in all_ref {
                        // Without a record, every name is of an earlier preparation.
                        for (name, _) in tx.secrets(vault, NAME, beginning.village, "").await? {
                            let place = Place { kind: NAME, village: beginning.village, name: &name };
                            tx.destroy_secret(&place).await?;
                        }
                        tx.insert_vault(&beginning.vault.iter().collect::<Vec<_>>()).await?;
                    }
                    Ok::<(), AppError>(())
                })
            })
            .await?;
        Ok(all.into_iter().flat_map(|beginning| beginning.items).collect())
    }

    async fn founding_faults(
        &self,
        villages: &[VillageRow],
        officers: &[OfficerRow],
    ) -> Result<Vec<Fault>, FoundError> {
        let mut faults = Vec::new();
        for village in villages {
            let code = village.code;
            let head = self.db().read("head", |tx| Box::pin(tx.head(code))).await?;
            let mut add = |reason| faults.push(Fault { line: village.line, column: Some("code"), reason });
            if head.is_some() {
                add(Reason::Founded);
                continue;
            }
            let own: Vec<&OfficerRow> = officers.iter().filter(|row| row.place == Where::Village(code)).collect();
            for role in [Role::Clerk, Role::SupervisionCommittee] {
                if !own.iter().any(|row| row.role == role) {
                    add(Reason::NoOfficer(role));
                }
            }
            let keys =
                |role| own.iter().filter(move |row| row.role == role).map(|row| row.key).collect::<BTreeSet<_>>();
            if !keys(Role::Clerk).is_disjoint(&keys(Role::SupervisionCommittee)) {
                add(Reason::OnePerson);
            }
        }
        Ok(faults)
    }

    fn begin(
        &self,
        row: &VillageRow,
        officers: &[OfficerRow],
        plan: &Plan,
        by: &[PublicKey; 2],
        register: &mut Register,
    ) -> Result<Beginning, FoundError> {
        let (village, seed) = (row.code, zeroize::Zeroizing::new(self.random::<32>()));
        let log_key = PublicKey(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes());
        let here: Vec<(&OfficerRow, NewPerson)> = officers
            .iter()
            .filter(|officer| officer.place.covers(village))
            .map(|officer| (officer, register.person(self, officer.key, &officer.name)))
            .collect();
        let mut draft = Draft {
            village,
            place: format!("{} ({})", row.name, row.township_name),
            by,
            at: self.now(),
            state: None,
            items: Vec::new(),
        };
        let (first, officials): (Vec<_>, Vec<_>) = here.iter().partition(|(officer, _)| officer.role.is_village());
        let founders = |rows: &[&(&OfficerRow, NewPerson)]| {
            rows.iter().map(|(officer, person)| person.founder(officer.role, officer.key)).collect::<Vec<_>>()
        };
        draft.add(
            Act::VillageFounded(Founded {
                origin: format!("{}/log/v/{village}", plan.host),
                district: village.district(),
                rules: RULES,
                log_key,
                roots: plan.roots.clone(),
                people: founders(&first),
            }),
            shown(&first),
        )?;
        adopt(&mut draft, &plan.law)?;
        if !officials.is_empty() {
            let act = OfficialsEnrolled { officials: founders(&officials) };
            draft.add(Act::OfficialsEnrolled(act), shown(&officials))?;
        }
        let id = draft.items.first().map(|item| item.id().to_string()).unwrap_or_default();
        let mut vault = Vec::new();
        let mut keep = |kind, secret: &[u8]| {
            vault.push(self.vault().row(&Place { kind, village, name: "current" }, secret, &mut self.rng())?);
            Ok::<(), FoundError>(())
        };
        keep(LOG_KEY, &*seed)?;
        keep(FOUNDING, id.as_bytes())?;
        keep(VILLAGE_NAME, row.name.as_bytes())?;
        keep(TOWNSHIP_NAME, row.township_name.as_bytes())?;
        for (_, person) in &here {
            vault.push(person.row(self, village)?);
        }
        Ok(Beginning { items: draft.items, village, vault })
    }

    /// Prepares the adoption of profiles, calendars and a catalogue in villages that are founded.
    ///
    /// # Errors
    /// `Refused`, for a version that is not higher than the one in force; `NotFound` for a village without a record.
    pub async fn prepare_law(
        &self,
        villages: &[VillageCode],
        roots: &[PublicKey],
        law: &Adoption,
    ) -> Result<Vec<Item>, FoundError> {
        let mut items = Vec::new();
        for village in villages {
            let (by, mut draft) = (self.signers_of(*village, roots).await?, Vec::new());
            let mut one = self.draft_for(*village, &by).await?;
            adopt(&mut one, law)?;
            draft.append(&mut one.items);
            items.append(&mut draft);
        }
        Ok(items)
    }

    /// The two roots that sign for a village: those asked for, or the first two on its record.
    pub(in crate::app::found) async fn signers_of(
        &self,
        village: VillageCode,
        asked: &[PublicKey],
    ) -> Result<[PublicKey; 2], FoundError> {
        let live = self.lives().live(village).await?;
        signers(if asked.is_empty() { &live.state().roots } else { asked })
    }

    pub(in crate::app::found) async fn draft_for<'a>(
        &self,
        village: VillageCode,
        by: &'a [PublicKey; 2],
    ) -> Result<Draft<'a>, FoundError> {
        let live = self.lives().live(village).await?;
        let place = self.village_name(village).await?;
        let at = self.now().max(live.state().last.time);
        Ok(Draft { village, place, by, at, state: Some(live.state().clone()), items: Vec::new() })
    }
}

fn signers(roots: &[PublicKey]) -> Result<[PublicKey; 2], FoundError> {
    match roots {
        [first, second, ..] if first != second => Ok([*first, *second]),
        _ => Err(FoundError::Roots),
    }
}

fn shown(rows: &[&(&OfficerRow, NewPerson)]) -> Vec<Named> {
    let mut people: Vec<Named> = rows.iter().map(|(_, person)| person.shown()).collect();
    people.sort_by_key(|named| named.person);
    people.dedup_by_key(|named| named.person);
    people
}

fn adopt(draft: &mut Draft<'_>, law: &Adoption) -> Result<(), FoundError> {
    for Year { year, holidays, workdays, .. } in law.calendars.iter().cloned() {
        draft.add(Act::CalendarAdopted(CalendarAdopted { year, holidays, workdays }), Vec::new())?;
    }
    for profile in law.profiles.iter().cloned() {
        draft.add(Act::ProfileAdopted(ProfileAdopted { profile }), Vec::new())?;
    }
    if let Some(catalogue) = law.catalogue.clone() {
        draft.add(Act::CatalogueAdopted(CatalogueAdopted { catalogue }), Vec::new())?;
    }
    Ok(())
}
