//! The front page, the page of a place that is divided into others, a township, and search.

use askama::Template;

use crate::core::ids::{DistrictCode, TownshipCode};
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Emblem, MatterRow, Next, Outcome, Place, SessionRow};

/// The front page, or that of a province, prefecture or district: find your village; what is being voted on now; what the
/// place is divided into.
#[derive(Template, Debug, Clone)]
#[template(path = "district.html")]
pub struct DistrictPage {
    /// Frame.
    pub c: Chrome,
    /// Name of the place; `None` on the front page.
    pub name: Option<String>,
    /// Larger places, the largest first: address and name.
    pub around: Vec<(String, String)>,
    /// Number of villages.
    pub villages: u64,
    /// Number of matters decided since the record began.
    pub decided: u64,
    /// Number of matters under way.
    pub underway: u64,
    /// Whether sessions and results are shown: on the front page and in districts.
    pub shows_sessions: bool,
    /// Sessions voting now, then the next ones.
    pub sessions: Vec<SessionRow>,
    /// The newest results.
    pub results: Vec<MatterRow>,
    /// What it is divided into: `provinces`, `prefectures`, `districts` or `townships`.
    pub step: &'static str,
    /// These, in order of code.
    pub places: Vec<PlaceRow>,
    /// The district that a search stays in.
    pub search_in: Option<DistrictCode>,
    /// Address of the place's figures.
    pub figures: String,
}

/// A province, prefecture, district or township in a list.
#[derive(Debug, Clone)]
pub struct PlaceRow {
    /// Address of its page.
    pub href: String,
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
    /// Larger places, the largest first: address and name.
    pub around: Vec<(String, String)>,
    /// Its villages.
    pub villages: Vec<VillageRow>,
}

/// A village in a list.
#[derive(Debug, Clone)]
pub struct VillageRow {
    /// The village.
    pub place: Place,
    /// Names of the larger places that it lies in, put together; empty where all villages lie in the same.
    pub around: String,
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
    /// The district that the search stays in.
    pub search_in: Option<DistrictCode>,
    /// Address of the next page of the answer.
    pub next: Option<String>,
}
