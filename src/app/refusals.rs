//! What a person holds in hand whose statement was not taken: the server's signed refusal, and where an inspector's witness
//! takes the ballot instead (PROTOCOL 6).

use crate::app::App;
use crate::app::error::AppError;
use crate::core::ids::{Digest, VillageCode};
use crate::log::note::Note;
use crate::log::refusal::Refusal;

impl App {
    /// Signs, with the key of the village's log, that a statement was refused now, and why.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; the store's.
    pub async fn sign_refusal(&self, village: VillageCode, statement: Digest, why: &str) -> Result<Note, AppError> {
        let live = self.lives().live(village).await?;
        let origin = live.state().origin.clone();
        Ok(Refusal { origin, statement, time: self.now(), why: why.to_owned() }.sign(&live.key))
    }

    /// Addresses at which witnesses who replay villages' records take ballots that were refused here.
    #[must_use]
    pub fn vouching(&self) -> Vec<String> {
        self.replaying().map(|url| format!("{url}/vouch")).collect()
    }

    /// Pages on which these witnesses list the ballots that they received and that are not on record.
    #[must_use]
    pub fn witness_pages(&self) -> Vec<String> {
        self.replaying().map(|url| format!("{}/", url.strip_suffix("/witness").unwrap_or(url))).collect()
    }

    /// Where witnesses who replay villages' records answer.
    fn replaying(&self) -> impl Iterator<Item = &str> {
        let parties = self.witnesses().lawful().map_or(&[][..], |policy| policy.witnesses());
        parties.iter().filter_map(|party| party.url.as_deref()).map(|url| url.trim_end_matches('/'))
    }
}
