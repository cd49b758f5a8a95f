//! Villages by their name.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::views::search::Answer;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::http::address::query_value;
use crate::http::pages::district::SearchPage;
use crate::http::problem::Problem;
use crate::http::read::district::village_row;
use crate::http::read::frame::{Visit, page};
use crate::http::state::AppState;
use crate::store::places::Found;
use crate::store::projection::VillageSummary;

/// Most villages on a page.
const FOUND: usize = 60;
/// Longest name searched for, in characters.
const LONGEST_QUERY: usize = 40;

/// What is searched for.
#[derive(Debug, Deserialize)]
pub struct Search {
    /// Part of a village's name.
    #[serde(default)]
    q: String,
    /// The district to stay in; anything else is everywhere.
    #[serde(default, rename = "in")]
    within: String,
    /// Where the page before ended; anything else is the beginning.
    #[serde(default)]
    after: String,
}

/// `GET /search?q=`.
///
/// # Errors
/// The store can't be read now.
pub async fn search(
    State(state): State<AppState>,
    visit: Visit,
    Query(search): Query<Search>,
) -> Result<Response, Problem> {
    let app = state.app();
    let query: String = search.q.trim().chars().take(LONGEST_QUERY).collect();
    let search_in: Option<DistrictCode> = search.within.parse().ok();
    let answer = match search_in {
        Some(district) => Answer { villages: app.search_in(district, &query, FOUND).await?, next: None },
        None => app.search(&query, after(&search.after, &query), FOUND).await?,
    };
    let names = app.district_names(answer.villages.iter().map(|village| village.village)).await?;
    let row = |summary: VillageSummary| {
        let around = names.get(&summary.village.district()).cloned().unwrap_or_default();
        village_row(summary, around, false)
    };
    let villages = answer.villages.into_iter().map(row).collect();
    let next = answer.next.map(|found| address(&query, &found));
    page(&SearchPage { c: visit.c, query, villages, matters: Vec::new(), search_in, next })
}

/// Reads `331102206203-黄村`: where a page ended.
fn after(text: &str, query: &str) -> Option<Found> {
    let (village, ending) = text.split_once('-')?;
    let village: VillageCode = village.parse().ok()?;
    let fits = ending.starts_with(query) && ending.chars().count() <= 2 * LONGEST_QUERY;
    fits.then(|| Found { ending: ending.to_owned(), village })
}

fn address(query: &str, found: &Found) -> String {
    let after = format!("{}-{}", found.village, found.ending);
    format!("/search?q={}&after={}", query_value(query), query_value(&after))
}

#[cfg(test)]
mod tests {
    use super::{address, after};

    #[test]
    fn where_a_page_ended_is_where_the_next_begins() {
        let found = after("331102206203-黄村", "黄").unwrap();
        assert_eq!(address("黄", &found), "/search?q=%E9%BB%84&after=331102206203-%E9%BB%84%E6%9D%91");
        for wrong in ["", "331102206203", "33-黄村", "331102206203-白村"] {
            assert_eq!(after(wrong, "黄"), None, "{wrong}");
        }
    }
}
