//! What goes to a vote in a village, read off the rules on its record.

use axum::extract::State;
use axum::response::Response;

use crate::core::clock::{Date, Time};
use crate::core::ids::VillageCode;
use crate::core::model::Category;
use crate::core::state::State as Village;
use crate::core::tasks::{Disclosing, disclosures};
use crate::http::pages::catalogue::{CataloguePage, CategoryLine, DisclosureLine, Source};
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::state::AppState;

/// `GET /v/{code}/catalogue`.
///
/// # Errors
/// There is no such village; the store's.
pub async fn show(State(state): State<AppState>, visit: Visit, At(code): At<VillageCode>) -> Result<Response, Problem> {
    let now = state.app().now();
    let view = View::of(state.app(), &visit, code).await?;
    let (village, today) = (view.state(), now.date());
    let adopted = village.law.catalogue(today);
    let next = disclosures(village).into_iter();
    page(&CataloguePage {
        c: visit.c.clone(),
        place: view.place.clone(),
        source: adopted.map(|(at, catalogue)| Source {
            citation: catalogue.citation.clone(),
            version: catalogue.version,
            effective: catalogue.effective,
            seq: at.seq,
        }),
        disclosures: next.filter_map(|next| line(village, &next, now)).collect(),
        categories: Category::ALL.iter().map(|category| category_line(village, *category, today)).collect(),
    })
}

fn line(village: &Village, next: &Disclosing, now: Time) -> Option<DisclosureLine> {
    let due = next.task.due?;
    Some(DisclosureLine {
        subject: next.subject.code(),
        months: next.rhythm.months(next.subject),
        within: next.rhythm.within_days,
        last: village.law.disclosed.get(&next.subject).map(|(at, until)| (*until, at.seq)),
        until: next.until,
        due: due.last_day(),
        late: due <= now,
    })
}

fn category_line(village: &Village, category: Category, today: Date) -> CategoryLine {
    let entry = village.law.catalogue(today).and_then(|(_, catalogue)| catalogue.entry(category));
    let mut bodies: Vec<String> = Vec::new();
    for profile in village.law.in_force(today).filter(|profile| profile.categories.contains(&category)) {
        let body = profile.body.code().to_owned();
        if !bodies.contains(&body) {
            bodies.push(body);
        }
    }
    CategoryLine {
        code: category.code().to_lowercase(),
        bodies,
        below: entry.and_then(|entry| entry.disclose_below_fen),
        papers: entry.map_or_else(Vec::new, |entry| entry.papers.iter().map(|paper| paper.title.clone()).collect()),
        topics: entry.map_or_else(Vec::new, |entry| entry.topics.clone()),
    }
}
