//! The district's front page, a township and search.

use askama::Template;

use crate::core::ids::TownshipCode;
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Emblem, MatterRow, Next, Outcome, Pager, Place, SessionRow};

/// The front page: find your village; what is being voted on now; the townships.
#[derive(Template, Debug, Clone)]
#[template(path = "district.html")]
pub struct DistrictPage {
    /// Frame.
    pub c: Chrome,
    /// Number of villages.
    pub villages: u64,
    /// Number of matters decided since the record began.
    pub decided: u64,
    /// Number of matters under way.
    pub underway: u64,
    /// Sessions voting now, then the next ones.
    pub sessions: Vec<SessionRow>,
    /// The newest results.
    pub results: Vec<MatterRow>,
    /// The townships.
    pub townships: Vec<TownshipRow>,
}

/// A township in a list.
#[derive(Debug, Clone)]
pub struct TownshipRow {
    /// Code.
    pub code: TownshipCode,
    /// Shown name.
    pub name: String,
    /// Number of villages.
    pub villages: u64,
    /// Number of matters under way.
    pub underway: u64,
}

/// A township and its villages.
#[derive(Template, Debug, Clone)]
#[template(path = "township.html")]
pub struct TownshipPage {
    /// Frame.
    pub c: Chrome,
    /// Code.
    pub code: TownshipCode,
    /// Shown name.
    pub name: String,
    /// Its villages.
    pub villages: Vec<VillageRow>,
}

/// A village in a list.
#[derive(Debug, Clone)]
pub struct VillageRow {
    /// The village.
    pub place: Place,
    /// Matters under way.
    pub underway: u64,
    /// Whether a vote is open at this moment.
    pub voting: bool,
}

/// Villages whose name holds the words searched for.
#[derive(Template, Debug, Clone)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// Frame.
    pub c: Chrome,
    /// The words as typed.
    pub query: String,
    /// Villages found.
    pub villages: Vec<VillageRow>,
    /// Matters found.
    pub matters: Vec<MatterRow>,
    /// Other pages of the answer.
    pub pager: Pager,
}
