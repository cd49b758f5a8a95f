//! Names of people and places: in the vault, never in the record, which holds only commitments to them.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::projection::VILLAGE_NAME;
use crate::core::ids::{PersonId, VillageCode};
use crate::store::vault::Place;

/// Kind of vault row that holds a person's name and its salt, as JSON `{"name":…,"salt":…}`; named by the person's id.
pub const NAME: &str = "name";

/// Kind of vault row that holds the name of a village's township or street.
pub const TOWNSHIP_NAME: &str = "township-name";

/// A person's name with the salt of its commitment.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct SaltedName {
    /// The name.
    pub name: String,
    /// 32 random bytes, hex.
    pub salt: String,
}

/// Names with their salts, by person.
pub type SaltedNames = BTreeMap<PersonId, SaltedName>;

impl App {
    /// The names of a village's people, those that were erased left out.
    ///
    /// # Errors
    /// The store's.
    pub async fn names(&self, village: VillageCode) -> Result<BTreeMap<PersonId, String>, AppError> {
        let salted = self.salted_names(village).await?;
        Ok(salted.into_iter().map(|(person, salted)| (person, salted.name)).collect())
    }

    /// The names of a village's people with their salts, those that were erased left out.
    ///
    /// # Errors
    /// The store's.
    pub async fn salted_names(&self, village: VillageCode) -> Result<SaltedNames, AppError> {
        let vault = self.vault();
        let read = self.db().read("names", |tx| Box::pin(async move { tx.secrets(vault, NAME, village, "").await }));
        let mut names = BTreeMap::new();
        for (person, secret) in read.await? {
            let salted: Option<SaltedName> = serde_json::from_slice(secret.expose()).ok();
            if let (Ok(person), Some(salted)) = (person.parse(), salted) {
                names.insert(person, salted);
            }
        }
        Ok(names)
    }

    /// The name of a village as it is shown.
    ///
    /// # Errors
    /// The store's.
    pub async fn village_name(&self, village: VillageCode) -> Result<String, AppError> {
        let vault = self.vault();
        let place = Place { kind: VILLAGE_NAME, village, name: "current" };
        let secret =
            self.db().read("village_name", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let name = secret.map(|secret| String::from_utf8_lossy(secret.expose()).into_owned());
        Ok(name.unwrap_or_else(|| village.to_string()))
    }
}
