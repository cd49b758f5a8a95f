//! What spans villages: a place with what lies in it, sessions that come and results that came. Each is kept for a few
//! seconds, so that no visit of a front page costs more with more villages.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::projection::{VOTING, status_code};
use crate::core::clock::{DAY_MS, Time};
use crate::core::ids::{DistrictCode, IdError, TownshipCode, VillageCode};
use crate::core::state::session::{OPENS_WITHIN_DAYS, SessionStatus, opens_until};
use crate::store::board::SessionRow;
use crate::store::error::StoreError;
use crate::store::places::{PlaceSums, Sums};
use crate::store::projection::VillageSummary;
use crate::store::tx::Tx;

/// How long a place is kept.
const KEPT_MS: i64 = 5_000;
/// Most places kept.
const KEPT: usize = 64;
/// Sessions that come, as far as the front page looks.
const AHEAD_MS: i64 = 30 * DAY_MS;
/// How far back a session may have begun in which a vote may still open.
const UNDERWAY_MS: i64 = OPENS_WITHIN_DAYS as i64 * DAY_MS;
/// Most sessions looked at.
const SESSIONS: u64 = 40;
/// Most votes that are open in a district at once, more than any has.
const VOTES: u64 = 500;
/// Most townships of a district, more than any has.
const TOWNSHIPS: u64 = 500;

/// A place larger than a township by the digits that its villages' codes begin with: none for everything that this server
/// has, 2 a province, 4 a prefecture, 6 a district.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Area(String);

impl FromStr for Area {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(IdError { what: "Area" }) }
    }
}

impl<'de> serde::Deserialize<'de> for Area {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<DistrictCode> for Area {
    fn from(district: DistrictCode) -> Self {
        Self(district.to_string())
    }
}

impl Area {
    /// The district, where it is one.
    #[must_use]
    pub fn district(&self) -> Option<DistrictCode> {
        self.0.parse().ok()
    }

    /// The larger places around it, the largest first, without the one that is everything.
    pub fn around(&self) -> impl Iterator<Item = Self> + '_ {
        (2..self.0.len()).step_by(2).map(|digits| Self(self.0[..digits].to_owned()))
    }

    /// What lies in it.
    #[must_use]
    pub fn step(&self) -> Step {
        match self.0.len() {
            0 => Step::Provinces,
            2 => Step::Prefectures,
            4 => Step::Districts,
            _ => Step::Townships,
        }
    }

    fn lies_in(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) && self != other
    }
}

/// What a place is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The nation.
    Provinces,
    /// A province.
    Prefectures,
    /// A prefecture.
    Districts,
    /// A district.
    Townships,
}

/// A place as its page shows it.
#[derive(Debug, Clone)]
pub struct Region {
    /// The place; where it consists of one smaller place alone, that one.
    pub area: Area,
    /// Its name, if one is kept.
    pub name: Option<String>,
    /// Larger places around it that this server has more of, the largest first, each with its name or code.
    pub around: Vec<(Area, String)>,
    /// Sums over its villages.
    pub sums: Sums,
    /// What it is divided into, in order of code.
    pub within: Vec<PlaceSums>,
    /// Whether sessions are looked for: in districts, and in all that this server has.
    pub shows_sessions: bool,
    /// Sessions with an open vote, then others under way, then those to come, soonest first.
    pub coming: Vec<SessionRow>,
    /// Sessions that ended, latest first.
    pub ended: Vec<SessionRow>,
}

/// Places as they were a few seconds ago; `None` is everything that this server has.
#[derive(Debug, Default)]
pub struct KeptRegion(Mutex<HashMap<Option<Area>, Made>>);

/// A place, and when it was read.
type Made = (Time, Arc<Region>);

impl KeptRegion {
    fn fresh(&self, area: Option<&Area>, now: Time) -> Option<Arc<Region>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, region) = kept.get(&area.cloned())?;
        (0..KEPT_MS).contains(&(now.ms() - made.ms())).then(|| Arc::clone(region))
    }

    fn keep(&self, area: Option<Area>, now: Time, region: &Arc<Region>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.retain(|_, (made, _)| (0..KEPT_MS).contains(&(now.ms() - made.ms())));
        }
        if kept.len() < KEPT {
            kept.insert(area, (now, Arc::clone(region)));
        }
    }
}

impl App {
    /// A place, or everything that this server has, at most a few seconds old.
    ///
    /// # Errors
    /// `NotFound` for a place without villages on record; the store's.
    pub async fn region(&self, area: Option<Area>) -> Result<Arc<Region>, AppError> {
        let now = self.now();
        if let Some(region) = self.kept_region().fresh(area.as_ref(), now) {
            return Ok(region);
        }
        let region = Arc::new(self.read_region(area.clone(), now).await?);
        self.kept_region().keep(area, now, &region);
        Ok(region)
    }

    async fn read_region(&self, wanted: Option<Area>, now: Time) -> Result<Region, AppError> {
        let whole = wanted.is_none();
        let outermost = match &wanted {
            Some(_) => Some(Box::pin(self.region(None)).await?.area.clone()),
            None => None,
        };
        let read = self.db().read("region", |tx| {
            Box::pin(async move {
                let (area, within) = divided(tx, wanted.unwrap_or_default()).await?;
                if within.is_empty() && !whole {
                    return Err(AppError::not_found("place"));
                }
                let shows_sessions = whole || area.step() == Step::Townships;
                let district = area.district().filter(|_| !whole);
                let (coming, ended) = if shows_sessions {
                    (coming(tx, district, now).await?, ended(tx, district, now).await?)
                } else {
                    (Vec::new(), Vec::new())
                };
                let larger: Vec<Area> = area
                    .around()
                    .filter(|larger| outermost.as_ref().is_some_and(|most| larger.lies_in(most)))
                    .collect();
                let codes: Vec<String> = larger.iter().chain([&area]).map(ToString::to_string).collect();
                let mut names = tx.place_names(&codes).await?;
                let name = names.remove(&area.0);
                let around = larger.into_iter().map(|larger| {
                    let name = names.remove(&larger.0).unwrap_or_else(|| larger.to_string());
                    (larger, name)
                });
                let around = around.collect();
                let sums = within.iter().map(|place| place.sums).sum();
                Ok(Region { area, name, around, sums, within, shows_sessions, coming, ended })
            })
        });
        read.await
    }

    /// A township's villages, in order of code, and its name.
    ///
    /// # Errors
    /// `NotFound` for a township without villages on record; the store's.
    pub async fn township(&self, township: TownshipCode) -> Result<(String, Vec<VillageSummary>), AppError> {
        let villages = self.db().read("township", |tx| Box::pin(tx.summaries(township))).await?;
        let first = villages.first().ok_or(AppError::NotFound { what: "township" })?;
        Ok((first.township_name.clone(), villages))
    }

    /// The villages of a district in which people vote at this moment.
    ///
    /// # Errors
    /// The store's.
    pub async fn voting_in(&self, district: DistrictCode) -> Result<Vec<VillageCode>, AppError> {
        let now = self.now();
        let read = self
            .db()
            .read("voting_in", |tx| Box::pin(tx.sessions_before(Some(district), VOTING, now.plus_ms(1), VOTES)));
        Ok(read.await?.into_iter().map(|session| session.village).collect())
    }
}

/// The place itself with what it is divided into; one that consists of one smaller place alone is that one.
async fn divided(tx: &mut Tx<'_>, mut area: Area) -> Result<(Area, Vec<PlaceSums>), StoreError> {
    loop {
        if area.step() == Step::Townships {
            let townships = tx.townships(&area.0, None, TOWNSHIPS).await?;
            return Ok((area, townships));
        }
        let mut within = tx.places_in(&area.0).await?;
        match (within.pop(), within.is_empty()) {
            (Some(only), true) => area = Area(only.code),
            (last, _) => {
                within.extend(last);
                return Ok((area, within));
            }
        }
    }
}

async fn coming(tx: &mut Tx<'_>, district: Option<DistrictCode>, now: Time) -> Result<Vec<SessionRow>, StoreError> {
    let mut voting = tx.sessions_before(district, VOTING, now.plus_ms(AHEAD_MS), SESSIONS).await?;
    let [ready, called] = [SessionStatus::RosterFixed, SessionStatus::Convened].map(status_code);
    let mut coming = Vec::new();
    // Asked for by status: in a nation those that ended would crowd out those that come.
    for status in [ready, called] {
        let window = (now.plus_ms(-UNDERWAY_MS), now.plus_ms(AHEAD_MS));
        coming.extend(tx.sessions_between(district, status, window, SESSIONS).await?);
    }
    // One that was called, and in which no vote may open any more, is not coming.
    coming.retain(|session| now < opens_until(session.starts_at));
    coming.sort_by_key(|session| (session.status != ready || session.starts_at > now, session.starts_at));
    voting.extend(coming);
    Ok(voting)
}

async fn ended(tx: &mut Tx<'_>, district: Option<DistrictCode>, now: Time) -> Result<Vec<SessionRow>, StoreError> {
    tx.sessions_before(district, status_code(SessionStatus::Ended), now, SESSIONS).await
}

#[cfg(test)]
mod tests {
    use super::{Area, Step};

    #[test]
    fn a_place_is_told_by_its_digits() {
        let area = |text: &str| text.parse::<Area>();
        for wrong in ["", "3", "331", "3311020", "33110a", "３３"] {
            assert!(area(wrong).is_err(), "{wrong}");
        }
        let district = area("331102").unwrap();
        let around: Vec<String> = district.around().map(|area| area.to_string()).collect();
        assert_eq!(around, ["33", "3311"]);
        assert_eq!((district.step(), area("33").unwrap().step()), (Step::Townships, Step::Prefectures));
        assert_eq!((district.district().is_some(), area("3311").unwrap().district()), (true, None));
    }
}
