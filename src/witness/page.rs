//! Fills the witness's page.

use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Watch;
use crate::http::pages::witness::{AlarmLine, WatchedVillage, WitnessPage};
use crate::store::error::StoreError;
use crate::store::witness::AlarmRow;
use crate::witness::Witness;
use crate::witness::alarm::Alarm;

/// Most alarms shown.
const ALARMS: u64 = 50;

impl Witness {
    /// What a reader's device pins here, and whom it tells what it was shown: this witness.
    #[must_use]
    pub fn watch(&self) -> Watch {
        let url = format!("{}/witness", self.settings().serve.public_origin);
        let witnesses = vec![(self.keys().consistency().to_string(), url)];
        Watch { district_keys: vec![self.settings().log.to_string()], witnesses }
    }

    /// Where it stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn page(&self, c: Chrome) -> Result<WitnessPage, StoreError> {
        let code = self.district();
        let read = self.db().read("witness_page", |tx| {
            Box::pin(async move {
                let district = tx.followed_district(code).await?;
                let head = tx.district(code).await?;
                Ok::<_, StoreError>((district, head, tx.all_followed().await?, tx.alarms(ALARMS).await?))
            })
        });
        let (district, head, followed, alarms) = read.await?;
        let villages: Vec<WatchedVillage> = followed
            .iter()
            .map(|one| WatchedVillage {
                code: one.village,
                listed: one.listed,
                lawful: one.lawful,
                stopped: one.stopped.is_some(),
            })
            .collect();
        Ok(WitnessPage {
            c,
            name: self.settings().name.clone(),
            log: self.settings().log.name().to_owned(),
            looked: district.map(|row| row.fetched),
            leaves: head.map_or(0, |head| head.size),
            lawful: villages.iter().filter(|one| one.lawful == one.listed && !one.stopped).count() as u64,
            entries: villages.iter().map(|one| one.lawful).sum(),
            villages,
            alarms: alarms.iter().filter_map(line).collect(),
            keys: [self.keys().consistency().to_string(), self.keys().lawful().to_string()],
        })
    }
}

fn line(row: &AlarmRow) -> Option<AlarmLine> {
    let Alarm { origin, entry, expected, found, .. } = Alarm::of(row)?;
    let evidence = row.evidence.is_some();
    Some(AlarmLine { id: row.alarm, kind: row.kind.clone(), at: row.time, origin, entry, expected, found, evidence })
}
