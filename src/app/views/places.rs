//! Names of places.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::names::{NAME, SaltedName, TOWNSHIP_NAME};
use crate::core::ids::{PersonId, TownshipCode, VillageCode};
use crate::store::vault::Place;

/// A village with its township, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VillagePlace {
    /// The village.
    pub code: VillageCode,
    /// Its name; its code where none is kept.
    pub name: String,
    /// Its township or street.
    pub township: TownshipCode,
    /// The township's name; its code where none is kept.
    pub township_name: String,
}

impl App {
    /// A village's name and its township's.
    ///
    /// # Errors
    /// The store's.
    pub async fn village_place(&self, code: VillageCode) -> Result<VillagePlace, AppError> {
        let (name, township_name) = (self.village_name(code).await?, self.township_name(code).await?);
        Ok(VillagePlace { code, name, township: code.township(), township_name })
    }

    /// The name of the township that a village lies in.
    ///
    /// # Errors
    /// The store's.
    pub async fn township_name(&self, village: VillageCode) -> Result<String, AppError> {
        let place = Place { kind: TOWNSHIP_NAME, village, name: "current" };
        let vault = self.vault();
        let secret =
            self.db().read("township_name", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let name = secret.map(|secret| String::from_utf8_lossy(secret.expose()).into_owned());
        Ok(name.unwrap_or_else(|| village.township().to_string()))
    }

    /// The name of one person.
    ///
    /// # Errors
    /// The store's.
    pub async fn person_name(&self, village: VillageCode, person: PersonId) -> Result<Option<String>, AppError> {
        let (vault, id) = (self.vault(), person.to_string());
        let place = Place { kind: NAME, village, name: &id };
        let secret = self.db().read("name", |tx| Box::pin(async move { tx.secret(vault, &place).await })).await?;
        let salted = secret.and_then(|secret| serde_json::from_slice::<SaltedName>(secret.expose()).ok());
        Ok(salted.map(|salted| salted.name))
    }
}
