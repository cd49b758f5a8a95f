//! Witnesses from whom nothing came: they have not cosigned for longer than they should, while the district's log has grown.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::Time;
use crate::core::ids::DistrictCode;
use crate::store::error::StoreError;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// What is waited for, and how long: data, the same for every district.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    /// How long a witness may lack what was published before it counts as silent.
    witness_silent_hours: i64,
}

static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
    let watch = serde_json::from_str(include_str!("../../core/watch.json")).expect("watch.json is well-formed");
    watch
});

/// A witness that has not cosigned what was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Since when the first checkpoint that it has not cosigned was there.
    pub since: Time,
    /// When it cosigned last, if ever.
    pub last: Option<Time>,
}

impl App {
    /// The witnesses with an address that are silent about a district's log now; none where nothing was published that they lack.
    ///
    /// # Errors
    /// The store's.
    pub async fn silent_witnesses(&self, district: DistrictCode) -> Result<Vec<Silent>, AppError> {
        let Some(asked) = self.witnesses().asked() else { return Ok(Vec::new()) };
        let before = self.now().plus_ms(-WATCH.witness_silent_hours * HOUR_MS);
        let mut silent = Vec::new();
        for party in asked.policy.witnesses() {
            let Some(url) = party.url.clone() else { continue };
            let key = party.key.to_string();
            let key = &key;
            let read = self.db().read("silent_witness", |tx| {
                Box::pin(async move {
                    let Some(head) = tx.district(district).await? else { return Ok(None) };
                    let last = tx.newest_cosignature(&head.origin, key).await?;
                    let size = last.as_ref().map_or(0, |row| row.size);
                    let next = tx.district_checkpoint_after(district, size).await?;
                    Ok::<_, StoreError>(next.map(|next| (next.time, last.map(|row| row.time))))
                })
            });
            if let Some((since, last)) = read.await?.filter(|(since, _)| *since <= before) {
                silent.push(Silent { name: party.name.clone(), url, since, last });
            }
        }
        Ok(silent)
    }
}

#[cfg(test)]
mod tests {
    use super::WATCH;

    #[test]
    fn witnesses_have_longer_than_the_hour_in_which_they_are_asked_anew() {
        assert!(WATCH.witness_silent_hours > 1);
    }
}
