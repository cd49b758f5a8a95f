//! Villages by a part of their name: in one district, or among all, page by page.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::store::places::Found;
use crate::store::projection::VillageSummary;

/// Most villages of a district, more than any has.
const MOST_OF_DISTRICT: u64 = 2_000;

/// A page of an answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Villages, in order of code.
    pub villages: Vec<VillageSummary>,
    /// Where the next page begins, if there is one.
    pub next: Option<Found>,
}

impl App {
    /// Villages whose name holds `part`, at most `limit`, on from `after`. Reads no more than it answers.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(&self, part: &str, after: Option<Found>, limit: usize) -> Result<Answer, AppError> {
        let after = after.as_ref();
        let read = self.db().read("search", |tx| Box::pin(tx.search(part, after, limit as u64 + 1)));
        let mut found = read.await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(found, _)| found.clone());
        // A name that holds the part twice was found twice.
        let villages: BTreeMap<VillageCode, VillageSummary> =
            found.into_iter().map(|(found, summary)| (found.village, summary)).collect();
        Ok(Answer { villages: villages.into_values().collect(), next })
    }

    /// Villages of one district whose name holds `part`, in order of code, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub async fn search_in(
        &self,
        district: DistrictCode,
        part: &str,
        limit: usize,
    ) -> Result<Vec<VillageSummary>, AppError> {
        let read = self.db().read("search_in", |tx| Box::pin(tx.summaries_of(district, MOST_OF_DISTRICT)));
        let mut villages = read.await?;
        villages.retain(|village| !part.is_empty() && village.name.contains(part));
        villages.truncate(limit);
        Ok(villages)
    }

    /// Names of the provinces, prefectures and districts of these villages, put together for each district. Without what has
    /// no name; nothing at all where every village of this server lies in one district.
    ///
    /// # Errors
    /// The store's.
    pub async fn district_names(
        &self,
        villages: impl IntoIterator<Item = VillageCode>,
    ) -> Result<BTreeMap<DistrictCode, String>, AppError> {
        let districts: BTreeSet<DistrictCode> = villages.into_iter().map(VillageCode::district).collect();
        let codes: BTreeSet<String> = districts
            .iter()
            .map(ToString::to_string)
            .flat_map(|code| [2, 4, 6].map(|digits| code[..digits].to_owned()))
            .collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let codes = &codes;
        let names = self.db().read("place_names", |tx| Box::pin(tx.place_names(codes))).await?;
        let whole = |district: &DistrictCode| {
            let code = district.to_string();
            [2, 4, 6].iter().filter_map(|digits| names.get(&code[..*digits]).cloned()).collect::<String>()
        };
        Ok(districts.iter().map(|district| (*district, whole(district))).filter(|(_, name)| !name.is_empty()).collect())
    }
}
